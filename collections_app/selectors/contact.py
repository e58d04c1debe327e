"""The facts the contact guard judges by."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from clients.choices import Channel, ClientKind
from clients.selectors.clients import contact_policy_on
from collections_app.choices import Direction, HoldKind, Verdict
from collections_app.models import Case, ContactAttempt, Hold
from collections_app.rules.contact import Decision, Facts, decide
from common.clock import RIYADH
from common.models import Holiday
from parties.choices import PartyKind


def contact_facts(*, case: Case, at: dt.datetime) -> Facts:
    """Everything the rules need about one case at one moment, the channel left as phone."""
    on = at.astimezone(RIYADH).date()
    policy = contact_policy_on(client_id=case.client_id, on=on)
    kind = Holiday.Calendar.BANK if case.client.kind in {ClientKind.BANK, ClientKind.FINANCE} else (
        Holiday.Calendar.PRIVATE
    )
    holidays = set(
        Holiday.objects.filter(calendar=kind, on__range=(on, on + dt.timedelta(days=60))).values_list("on", flat=True)
    )
    since = at - dt.timedelta(days=policy.window_days)
    attempts = ContactAttempt.objects.filter(
        case=case,
        channel=Channel.PHONE,
        direction=Direction.OUT,
        verdict__in=[Verdict.ALLOWED, Verdict.BREACH],
        at__gte=since,
        at__lte=at,
    ).values_list("at", flat=True)
    objection = Hold.objects.filter(case=case, kind=HoldKind.OBJECTION, from_on__lte=on).exclude(until_on__lt=on)
    return Facts(
        channel=Channel.PHONE,
        channels=frozenset(policy.channels),
        opens_at=policy.opens_at,
        closes_at=policy.closes_at,
        weekdays=frozenset(policy.weekdays),
        holidays=frozenset(holidays),
        max_attempts=policy.max_attempts,
        window_days=policy.window_days,
        attempts=tuple(attempts),
        objection_open=objection.exists(),
        natural_person=case.debtor.kind == PartyKind.PERSON,
    )


def contact_decisions(*, case: Case, at: dt.datetime) -> dict[str, Decision]:
    """What the guard says of every channel, from one reading of the facts."""
    facts = contact_facts(case=case, at=at)
    return {str(channel): decide(facts=replace(facts, channel=str(channel)), at=at) for channel in Channel}
