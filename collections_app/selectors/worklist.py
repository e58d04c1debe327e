"""A collector's day: own cases that have a reason to be worked now, the heaviest first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from accounts.models import User
from collections_app.choices import (
    OPEN_CASE,
    PromiseStatus,
    TaskKind,
    TaskStatus,
    Verdict,
)
from collections_app.models import Case, ContactAttempt, Payment, Promise, Task
from collections_app.policies import cases_visible_to
from collections_app.rules import priority
from collections_app.rules.contact import Decision, Facts, decide
from collections_app.selectors.cases import policies_ready
from collections_app.selectors.contact import contact_facts_of
from common.clock import RIYADH, at_riyadh

MISSED_FOR_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One row of the day."""

    case: Case
    standing: priority.Standing
    reason: tuple[str, str, str, Any] | None
    detail: Any
    points: list[priority.Point]
    total: int
    facts: Facts
    decision: Decision
    used: int
    due: Promise | None = None
    missed: Promise | None = None
    call: Task | None = None

    @property
    def most(self) -> int:
        return self.used + self.decision.attempts_left


def _promises_that_call(*, case_ids: list[int], today: dt.date) -> tuple[dict[int, Promise], dict[int, Promise]]:
    """By case, the promise that falls due today, and the last one missed of late."""
    due: dict[int, Promise] = {}
    missed: dict[int, Promise] = {}
    for promise in (
        Promise.objects.filter(case__in=case_ids)
        .filter(
            Q(status=PromiseStatus.OPEN, due_on=today)
            | Q(
                status__in=[PromiseStatus.MISSED, PromiseStatus.PARTLY],
                due_on__gte=today - dt.timedelta(days=MISSED_FOR_DAYS),
            )
        )
        .order_by("due_on")
    ):
        (due if promise.status == PromiseStatus.OPEN else missed)[promise.case_id] = promise
    return due, missed


def _promises_judged(*, case_ids: list[int]) -> dict[int, dict[str, Any]]:
    """By case, how many promises were judged, and kept."""
    return {
        row["case"]: dict(row)
        for row in Promise.objects.filter(case__in=case_ids)
        .exclude(status__in=[PromiseStatus.OPEN, PromiseStatus.CANCELLED])
        .values("case")
        .annotate(kept=Count("pk", filter=Q(status=PromiseStatus.KEPT)), judged=Count("pk"))
    }


def work_items(*, user: User, at: dt.datetime) -> list[WorkItem]:
    """Every own open case with a reason, in order of priority.

    A case that was worked today has left the list; a call back agreed for a later hour brings it back at its hour.
    """
    today = at.astimezone(RIYADH).date()
    cases = list(
        cases_visible_to(user)
        .filter(owner=user, status__in=OPEN_CASE)
        .select_related("client__stage_policy", "debtor", "stage__policy")
    )
    policies_ready(cases=cases)
    ids = [case.pk for case in cases]
    due, missed = _promises_that_call(case_ids=ids, today=today)
    tasks: dict[int, list[Task]] = defaultdict(list)
    for task in Task.objects.filter(case__in=ids, status=TaskStatus.OPEN, due_on__lte=today).order_by("due_at"):
        tasks[task.case_id].append(task)
    judged = _promises_judged(case_ids=ids)
    facts = contact_facts_of(cases=cases, at=at)
    items = []
    for case in cases:
        mine = tasks.get(case.pk, [])
        worked = case.last_contact_at is not None and case.last_contact_at.astimezone(RIYADH).date() == today
        if worked and not any(t.kind == TaskKind.CALL_BACK and t.due_at and t.due_at <= at for t in mine):
            continue
        call = next((task for task in mine if task.kind == TaskKind.CALL_BACK), None)
        stage_task = next((task for task in mine if task.kind == TaskKind.STAGE), None)
        record = judged.get(case.pk, {})
        standing = priority.Standing(
            promise_today=case.pk in due,
            promise_missed=case.pk in missed and case.pk not in due,
            call_back=call is not None,
            stage_task=stage_task is not None,
            objection=facts[case.pk].objection_open,
            never_contacted=case.last_contact_at is None,
            kept=record.get("kept", 0),
            judged=record.get("judged", 0),
            stage_depth=case.stage.depth if case.stage else 0,
            balance=case.balance,
        )
        reason = next((entry for entry in priority.REASONS if getattr(standing, entry[0])), None)
        if reason is None:
            continue
        points = priority.points_of(standing)
        decision = decide(facts=facts[case.pk], at=at)
        detail: Any = {
            "promise_today": due.get(case.pk),
            "promise_missed": missed.get(case.pk),
            "call_back": call,
            "stage_task": stage_task,
        }.get(reason[0])
        items.append(
            WorkItem(
                case=case,
                standing=standing,
                reason=reason,
                detail=detail,
                points=points,
                total=0 if standing.objection else priority.total(points),
                facts=facts[case.pk],
                decision=decision,
                used=facts[case.pk].max_attempts - decision.attempts_left,
                due=due.get(case.pk),
                missed=missed.get(case.pk) if case.pk not in due else None,
                call=call,
            )
        )
    return sorted(items, key=lambda item: (-item.total, -item.case.balance, item.case.pk))


def day_counters(*, user: User, items: Sequence[WorkItem], at: dt.datetime) -> dict[str, Any]:
    """The strip above the list: done, promises, call backs, collected. Money by currency, never added."""
    today = at.astimezone(RIYADH).date()
    starts, ends = at_riyadh(on=today, time=dt.time(0)), at_riyadh(on=today + dt.timedelta(days=1), time=dt.time(0))
    done = (
        ContactAttempt.objects.filter(by=user, at__gte=starts, at__lt=ends)
        .exclude(verdict=Verdict.REFUSED)
        .values("case")
        .distinct()
        .count()
    )
    due = [item.due for item in items if item.due is not None]
    missed = [item.missed for item in items if item.missed is not None]
    calls = [item.call for item in items if item.call is not None]
    paid = list(
        Payment.objects.filter(case__owner=user, value_on=today, reversed_on__isnull=True)
        .values("currency")
        .annotate(amount=Sum(F("amount") - F("reversed_amount")), count=Count("pk"))
        .order_by("-amount", "currency")
    )
    due_amounts, missed_amounts = _by_currency(due), _by_currency(missed)
    return {
        "done": done,
        "planned": done + len(items),
        "due": len(due),
        "due_amounts": due_amounts,
        "missed": len(missed),
        "missed_amounts": missed_amounts,
        "calls": len(calls),
        "next_call": min((c.due_at for c in calls if c.due_at and c.due_at >= at), default=None),
        "collected_all": paid,
    }


def _by_currency(promises: Sequence[Promise]) -> dict[str, Decimal]:
    """Amounts by currency, never added across."""
    sums: dict[str, Decimal] = {}
    for promise in promises:
        sums[promise.currency] = sums.get(promise.currency, Decimal(0)) + promise.amount
    return dict(sorted(sums.items()))


def appointments(*, user: User, today: dt.date) -> list[Task]:
    """Today's agreed call backs, by the clock."""
    return list(
        Task.objects.filter(case__owner=user, status=TaskStatus.OPEN, kind=TaskKind.CALL_BACK, due_on=today)
        .select_related("case__debtor")
        .order_by(F("due_at").asc(nulls_last=True))[:6]
    )
