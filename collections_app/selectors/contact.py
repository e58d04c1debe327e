"""The facts the contact guard judges by, for one case or for a whole list in a handful of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clients.choices import SUPERVISED, ActionKind, Channel, StopKind
from clients.models import ContactPolicy
from collections_app.choices import OPEN_CASE, Direction, HoldKind, ReceivableStatus, RequestStatus, Verdict
from collections_app.models import Case, ContactAttempt, Hold, Receivable, StageRequest
from collections_app.rules.contact import Decision, Facts, Refusal, decide
from common.clock import RIYADH
from common.models import Holiday
from parties.choices import PartyKind

LONGEST_WINDOW = 60
# A refusal may name a moment after the longest window and then after a run of closed days.
HOLIDAYS_AHEAD = 2 * LONGEST_WINDOW + 1


def contact_facts_of(*, cases: Sequence[Case], at: dt.datetime) -> dict[int, Facts]:
    """Everything the rules need about each case at one moment, by case id; the channel is phone.

    Expects ``client`` and ``debtor`` loaded.
    """
    on = at.astimezone(RIYADH).date()
    ids = [case.pk for case in cases]
    policies: dict[int, ContactPolicy] = {}
    for policy in ContactPolicy.objects.filter(client__in={case.client_id for case in cases}).order_by("version"):
        if policy.starts_on <= on or policy.client_id not in policies:
            policies[policy.client_id] = policy
    holidays: dict[str, set[dt.date]] = defaultdict(set)
    for calendar, day in Holiday.objects.filter(on__range=(on, on + dt.timedelta(days=HOLIDAYS_AHEAD))).values_list(
        "calendar", "on"
    ):
        holidays[calendar].add(day)
    attempts: dict[int, list[dt.datetime]] = defaultdict(list)
    for case_id, made_at in ContactAttempt.objects.filter(
        case__in=ids,
        channel=Channel.PHONE,
        direction=Direction.OUT,
        verdict__in=[Verdict.ALLOWED, Verdict.BREACH],
        at__gte=at - dt.timedelta(days=LONGEST_WINDOW),
        at__lte=at,
    ).values_list("case_id", "at"):
        attempts[case_id].append(made_at)
    objections = _objections(case_ids=ids, on=on)
    stopped = set(
        StageRequest.objects.filter(
            case__in=ids, kind=ActionKind.STOP, what=StopKind.CONTACT, status=RequestStatus.PENDING
        ).values_list("case_id", flat=True)
    )
    facts = {}
    for case in cases:
        policy = policies[case.client_id]
        bank = case.client.kind in SUPERVISED
        facts[case.pk] = Facts(
            channel=Channel.PHONE,
            channels=frozenset(policy.channels),
            opens_at=policy.opens_at,
            closes_at=policy.closes_at,
            weekdays=frozenset(policy.weekdays),
            holidays=frozenset(holidays[Holiday.Calendar.BANK if bank else Holiday.Calendar.PRIVATE]),
            max_attempts=policy.max_attempts,
            window_days=policy.window_days,
            attempts=tuple(attempts[case.pk]),
            objection_open=case.pk in objections,
            stopped=case.pk in stopped,
            natural_person=case.debtor.kind == PartyKind.PERSON,
            closed_on=None if case.status in OPEN_CASE else case.closed_on or dt.date.min,
        )
    return facts


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Channels that one rule closes together: why, and the next moment it would not."""

    channels: tuple[str, ...]
    refusal: Refusal
    next_allowed: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What a case's page says of contact now: what is open, what is closed and why, how many attempts are left."""

    decisions: dict[str, Decision]
    opens_at: dt.time
    closes_at: dt.time
    contact_day: bool
    used: int
    most: int
    window_days: int

    @property
    def phone(self) -> Decision:
        return self.decisions[str(Channel.PHONE)]

    @property
    def open(self) -> tuple[str, ...]:
        return tuple(name for name, decision in self.decisions.items() if decision.allowed)

    @property
    def closed(self) -> tuple[Closed, ...]:
        """One entry for each first refusal, so that one reason is read once."""
        groups: dict[tuple[str, dt.datetime | None], list[str]] = {}
        for name, decision in self.decisions.items():
            if not decision.allowed:
                groups.setdefault((decision.refusals[0].rule, decision.next_allowed), []).append(name)
        return tuple(
            Closed(channels=tuple(names), refusal=self.decisions[names[0]].refusals[0], next_allowed=moment)
            for (_rule, moment), names in groups.items()
        )


def contact_guard(*, case: Case, at: dt.datetime) -> Guard:
    """Everything the guard panel shows, from one reading of the facts."""
    facts = contact_facts_of(cases=[case], at=at)[case.pk]
    decisions = {str(channel): decide(facts=replace(facts, channel=str(channel)), at=at) for channel in Channel}
    on = at.astimezone(RIYADH).date()
    return Guard(
        decisions=decisions,
        opens_at=facts.opens_at,
        closes_at=facts.closes_at,
        contact_day=on.isoweekday() in facts.weekdays and on not in facts.holidays,
        used=facts.max_attempts - decisions[str(Channel.PHONE)].attempts_left,
        most=facts.max_attempts,
        window_days=facts.window_days,
    )


def _objections(*, case_ids: Sequence[int], on: dt.date) -> set[int]:
    """Cases of which nothing may be reminded of: objected to as a whole, or in everything that is still open.

    An objection to one receivable stops reminders of that one; the rest of the case goes on.
    """
    scopes: dict[int, list[tuple[int | None, int | None]]] = defaultdict(list)
    for case_id, debt_id, receivable_id in (
        Hold.objects.filter(case__in=case_ids, kind=HoldKind.OBJECTION, from_on__lte=on)
        .exclude(until_on__lt=on)
        .values_list("case_id", "debt_id", "receivable_id")
    ):
        scopes[case_id].append((debt_id, receivable_id))
    whole = {case_id for case_id, found in scopes.items() if (None, None) in found}
    still_open: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for case_id, debt_id, receivable_id in Receivable.objects.filter(
        case__in=[case_id for case_id in scopes if case_id not in whole],
        status=ReceivableStatus.OPEN,
        balance__gt=0,
    ).values_list("case_id", "debt_id", "pk"):
        still_open[case_id].append((debt_id, receivable_id))
    return whole | {
        case_id
        for case_id, items in still_open.items()
        if all(
            any(debt in (None, d) and receivable in (None, r) for debt, receivable in scopes[case_id]) for d, r in items
        )
    }


def contact_decisions(*, case: Case, at: dt.datetime) -> dict[str, Decision]:
    """What the guard says of every channel."""
    return contact_guard(case=case, at=at).decisions
