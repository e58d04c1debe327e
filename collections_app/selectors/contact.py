"""The facts the contact guard judges by, for one case or for a whole list in a handful of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from clients.choices import Channel, ClientKind
from clients.models import ContactPolicy
from collections_app.choices import Direction, HoldKind, Verdict
from collections_app.models import Case, ContactAttempt, Hold
from collections_app.rules.contact import Decision, Facts, decide
from common.clock import RIYADH
from common.models import Holiday
from parties.choices import PartyKind

LONGEST_WINDOW = 60


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
    for calendar, day in Holiday.objects.filter(on__range=(on, on + dt.timedelta(days=60))).values_list(
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
    objections = set(
        Hold.objects.filter(case__in=ids, kind=HoldKind.OBJECTION, from_on__lte=on)
        .exclude(until_on__lt=on)
        .values_list("case_id", flat=True)
    )
    facts = {}
    for case in cases:
        policy = policies[case.client_id]
        bank = case.client.kind in {ClientKind.BANK, ClientKind.FINANCE}
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
            natural_person=case.debtor.kind == PartyKind.PERSON,
        )
    return facts


def contact_decisions(*, case: Case, at: dt.datetime) -> dict[str, Decision]:
    """What the guard says of every channel, from one reading of the facts."""
    facts = contact_facts_of(cases=[case], at=at)[case.pk]
    return {str(channel): decide(facts=replace(facts, channel=str(channel)), at=at) for channel in Channel}
