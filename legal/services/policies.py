"""The only writer of escalation policies: versions, each standing once it is written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from legal.models import EscalationPolicy
from legal.policies import can_keep_escalation_policy
from legal.selectors.criteria import escalation_policy_on

TERMS = (
    "least_days",
    "least_balance",
    "least_attempts",
    "least_reached",
    "least_missed_promises",
    "notice_needed",
    "offer_by_day",
    "longest_validity",
)
LONGEST_DAYS = 3650
LONGEST_VALIDITY = 365


def escalation_policy_replace(
    *,
    user: User,
    client: Client,
    starts_on: dt.date,
    least_days: int,
    least_balance: Decimal,
    least_attempts: int,
    least_reached: int,
    least_missed_promises: int,
    notice_needed: bool,
    offer_by_day: int,
    longest_validity: int,
) -> EscalationPolicy:
    """The next version of a client's conditions; the one before stays for the days it ruled.

    Raises NotAllowed for anybody but a collections manager; Refused for a start in the past, an offer that is due
    after the case may go to court, more personal contacts than contacts, or figures that cannot be.
    """
    if not can_keep_escalation_policy(user):
        raise NotAllowed("escalation_policy", _("Only a collections manager changes the conditions."))
    fields: dict[str, str | Promise] = {}
    if starts_on < clock.today():
        fields["starts_on"] = _("A policy begins today or later.")
    if not 0 <= least_days <= LONGEST_DAYS:
        fields["least_days"] = _("Between 0 and 3650 days.")
    if least_balance < 0:
        fields["least_balance"] = _("An amount is not below zero.")
    if least_reached > least_attempts:
        fields["least_reached"] = _("No more contacts in person than contacts altogether.")
    if not 0 <= offer_by_day <= max(least_days, 0):
        fields["offer_by_day"] = _("An option is offered before the case may go to court, not after.")
    if not 7 <= longest_validity <= LONGEST_VALIDITY:
        fields["longest_validity"] = _("Between 7 and 365 days.")
    if fields:
        raise Refused("escalation_policy", _("The policy needs a correction."), fields=fields)
    with transaction.atomic():
        Client.objects.select_for_update().get(pk=client.pk)
        before = escalation_policy_on(client_id=client.pk, on=dt.date.max)
        policy = EscalationPolicy(
            client=client,
            version=before.version + 1,
            starts_on=starts_on,
            least_days=least_days,
            least_balance=least_balance,
            least_attempts=least_attempts,
            least_reached=least_reached,
            least_missed_promises=least_missed_promises,
            notice_needed=notice_needed,
            offer_by_day=offer_by_day,
            longest_validity=longest_validity,
        )
        policy.save(force_insert=True)
        record(
            actor=Actor.person(user),
            action="escalation_policy.replaced",
            subject=policy,
            client_id=client.pk,
            body={
                "version": policy.version,
                "starts_on": starts_on,
                "changed": {
                    name: [str(getattr(before, name)), str(getattr(policy, name))]
                    for name in TERMS
                    if getattr(before, name) != getattr(policy, name)
                },
            },
        )
    return policy
