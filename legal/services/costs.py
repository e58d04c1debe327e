"""The only writer of legal costs: recorded under an authorisation, taken back whole."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Authorisation
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused
from common.money import ZERO
from legal.choices import CostKind
from legal.models import LegalCost, LegalFile, Paper
from legal.rules.authority import cost_fault
from legal.selectors.authorisations import authority_of
from legal.services.acts import amount_checked, authorisation_held, in_words, refusal


def cost_record(
    *,
    user: User,
    authorisation: Authorisation,
    kind: str,
    on: dt.date,
    amount: Decimal,
    payee: str = "",
    note: str = "",
    file: LegalFile | None = None,
    paper: Paper | None = None,
) -> LegalCost:
    """Record what a step cost, or an advance, in the authorisation's currency.

    Raises NotAllowed for who may not, and Refused when the authorisation is not live on that day and today, or when its
    costs would be passed.
    """
    amount_checked(amount)
    if kind not in CostKind.values:
        raise Refused("cost_kind", _("Choose what it was for."), field="kind")
    if amount == ZERO:
        raise Refused("cost_zero", _("A cost is more than zero."), field="amount")
    with in_words():
        held = authorisation_held(user=user, authorisation=authorisation)
        authority = authority_of(authorisation=held)
        if fault := cost_fault(authority=authority, on=on, today=clock.today(), amount=amount):
            raise refusal(fault)
        return _written(
            user=user,
            action="legal.cost_recorded",
            cost=LegalCost(
                authorisation=held, kind=kind, on=on, amount=amount, payee=payee.strip()[:160],
                note=note.strip()[:300], file=file, paper=paper,
            ),
        )  # fmt: skip


def cost_reverse(*, user: User, cost: LegalCost, reason: str) -> LegalCost:
    """Take a cost back, whole; what it used is free again. Raises Refused without a reason, or when it was already."""
    if not reason.strip():
        raise Refused("cost_reason", _("Say why."), field="reason")
    with in_words():
        held = authorisation_held(user=user, authorisation=cost.authorisation)
        if cost.reverses_id is not None or LegalCost.objects.filter(reverses=cost).exists():
            raise refusal("cost_taken_back_whole")
        return _written(
            user=user,
            action="legal.cost_reversed",
            cost=LegalCost(
                authorisation=held, kind=cost.kind, on=clock.today(), amount=-cost.amount, payee=cost.payee,
                note=reason.strip()[:300], file=cost.file, reverses=cost,
            ),
        )  # fmt: skip


def _written(*, user: User, action: str, cost: LegalCost) -> LegalCost:
    cost.client_id, cost.case_id = cost.authorisation.client_id, cost.authorisation.case_id
    cost.currency, cost.recorded_by, cost.recorded_at = cost.authorisation.currency, user, clock.now()
    event = record(
        actor=Actor.person(user),
        action=action,
        subject=cost.authorisation,
        body={"case": cost.case_id, "kind": cost.kind, "on": cost.on, "amount": cost.amount,
              "currency": cost.currency, "payee": cost.payee, "reverses": cost.reverses_id},
    )  # fmt: skip
    cost.event_id = event.pk
    cost.save(force_insert=True)
    return cost
