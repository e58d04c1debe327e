"""How a team stands today: each collector's load and day, and what a leader has to look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from accounts.models import User
from collections_app.choices import OPEN_CASE, PromiseStatus, Reached, Verdict
from collections_app.models import Case, ContactAttempt, Payment, Promise
from collections_app.policies import cases_visible_to
from common.clock import at_riyadh

LOOK_BACK_DAYS = 7
BREACHES_SHOWN = 8


@dataclass(kw_only=True)
class Standing:
    """One collector: open cases, and the day's contacts, promises and money. Currencies are never added."""

    person: User
    open_cases: int = 0
    contacts: int = 0
    right_party: int = 0
    due_today: int = 0
    missed: int = 0
    collected: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Team:
    """All of it, with the sums above the table."""

    people: list[Standing]
    contacts: int
    right_party: int
    due_today: int
    missed: int
    collected: list[tuple[str, Decimal]]


def _by_owner(rows: Iterable[Any], owner: str) -> dict[int, dict[str, Any]]:
    return {row[owner]: dict(row) for row in rows}


def team_standing(*, people: Sequence[User], today: dt.date) -> Team:
    """The standing of these collectors at the end of now; missed promises are those of the last seven days."""
    ids = [person.pk for person in people]
    starts = at_riyadh(on=today, time=dt.time(0))
    ends = at_riyadh(on=today + dt.timedelta(days=1), time=dt.time(0))
    cases = _by_owner(
        Case.objects.filter(owner__in=ids, status__in=OPEN_CASE).values("owner").annotate(n=Count("pk")), "owner"
    )
    contacts = _by_owner(
        ContactAttempt.objects.filter(by__in=ids, at__gte=starts, at__lt=ends)
        .exclude(verdict=Verdict.REFUSED)
        .values("by")
        .annotate(n=Count("pk"), right_party=Count("pk", filter=Q(reached=Reached.HOLDER))),
        "by",
    )
    promises = _by_owner(
        Promise.objects.filter(case__owner__in=ids, case__status__in=OPEN_CASE)
        .values("case__owner")
        .annotate(
            due=Count("pk", filter=Q(status=PromiseStatus.OPEN, due_on=today)),
            missed=Count(
                "pk",
                filter=Q(
                    status__in=[PromiseStatus.MISSED, PromiseStatus.PARTLY],
                    due_on__gte=today - dt.timedelta(days=LOOK_BACK_DAYS),
                ),
            ),
        ),
        "case__owner",
    )
    money: dict[int, list[tuple[str, Decimal]]] = {}
    totals: dict[str, Decimal] = {}
    for row in (
        Payment.objects.filter(case__owner__in=ids, value_on=today, reversed_on__isnull=True)
        .values("case__owner", "currency")
        .annotate(amount=Sum(F("amount") - F("reversed_amount")))
        .order_by("-amount")
    ):
        money.setdefault(row["case__owner"], []).append((row["currency"], row["amount"]))
        totals[row["currency"]] = totals.get(row["currency"], Decimal(0)) + row["amount"]
    standings = [
        Standing(
            person=person,
            open_cases=cases.get(person.pk, {}).get("n", 0),
            contacts=contacts.get(person.pk, {}).get("n", 0),
            right_party=contacts.get(person.pk, {}).get("right_party", 0),
            due_today=promises.get(person.pk, {}).get("due", 0),
            missed=promises.get(person.pk, {}).get("missed", 0),
            collected=money.get(person.pk, []),
        )
        for person in people
    ]
    return Team(
        people=standings,
        contacts=sum(s.contacts for s in standings),
        right_party=sum(s.right_party for s in standings),
        due_today=sum(s.due_today for s in standings),
        missed=sum(s.missed for s in standings),
        collected=sorted(totals.items(), key=lambda item: -item[1]),
    )


def breaches_recent(*, user: User, today: dt.date) -> list[ContactAttempt]:
    """Contacts outside the policy in the cases a leader sees, of the last seven days, the newest first."""
    since = at_riyadh(on=today - dt.timedelta(days=LOOK_BACK_DAYS), time=dt.time(0))
    return list(
        ContactAttempt.objects.filter(case__in=cases_visible_to(user), verdict=Verdict.BREACH, at__gte=since)
        .select_related("case__debtor", "by")
        .order_by("-at")[:BREACHES_SHOWN]
    )
