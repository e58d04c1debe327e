"""What an authorisation is worth on a day: its state, what may still be claimed and spent, and what it refuses.

The database decides by the same rules (migration ``legal.0021``) and has the last word; these say it in time, in words
and beside the field. A refusal is one of the codes of ``REFUSALS``, which are the database's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.money import ZERO
from legal.choices import CLAIMS, OF_A_CLAIM, STEP_OF, ActKind, AuthorisationState

# Days before the end on which the legal desk is warned; from the first of them on, it may be asked for again.
WARN_DAYS = (30, 14, 7, 1)
ENDING_DAYS = max(WARN_DAYS)

# Words for each refusal, and the field it belongs to.
REFUSALS: Mapping[str, tuple[str | Promise, str]] = {
    "authorisation_unknown": (_("This authorisation is not of this case."), ""),
    "authorisation_revoked": (_("The client has revoked this authorisation. Nothing more is done under it."), ""),
    "authorisation_replaced": (_("A later authorisation stands in place of this one. Record it there."), ""),
    "authorisation_not_begun": (_("The authorisation does not cover this day yet."), "on"),
    "authorisation_expired": (
        _("The authorisation has ended. An act lies within its validity and is recorded within it."),
        "on",
    ),
    "authorisation_used_up": (_("Nothing is owed and no claim stands: there is nothing left to do under it."), ""),
    "authorisation_step": (_("The client did not permit this step."), "kind"),
    "authorisation_currency": (_("The authorisation is for another currency."), ""),
    "authorisation_debt": (_("The authorisation does not cover this debt."), "instrument"),
    "authorisation_ceiling": (_("This is more than the authorisation still permits to claim."), "amount"),
    "authorisation_cover": (_("This is more than is still owed on the debts it covers."), "amount"),
    "authorisation_costs": (_("This is more than the authorisation still permits for costs."), "amount"),
    "authorisation_below_claims": (
        _("More is before the court than this would permit. Lower or withdraw a claim first."),
        "",
    ),
    "authorisation_one_stands": (_("Another authorisation of this case stands."), ""),
    "authorised_debts_once": (_("The debts of an authorisation are told when it is signed."), ""),
    "authorised_debts_as_asked": (_("It covers the debts that were asked for, by the shares that were asked for."), ""),
    "act_ahead": (_("The date cannot be in the future."), "on"),
    "act_recorded_elsewhen": (_("An act is recorded in the present."), ""),
    "claim_unknown": (_("This claim is not of this case."), "claim"),
    "claim_over": (_("This needs a claim that stands before the court."), "claim"),
    "claim_of_its_act": (_("A claim and the act that files it say the same, once."), "amount"),
    "claim_amount_same": (_("Say an amount above zero that differs from what is claimed now."), "amount"),
    "claim_amount": (_("This is more than is claimed."), "amount"),
    "cost_taken_back_whole": (_("A cost is taken back once, and whole."), ""),
    "notice_by_its_act": (_("A notice goes out by an act of its own."), ""),
}


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authorisation and what stands on it. Money is in its currency; dates are of Riyadh.

    ``cover`` is what the covered debts owe by the debtor's shares, ``standing`` what is before courts for the case,
    ``spent`` its costs less those taken back.
    """

    steps: Collection[str]
    begins_on: dt.date
    valid_until: dt.date
    ceiling: Decimal
    cost_ceiling: Decimal
    cover: Decimal
    standing: Decimal
    spent: Decimal
    revoked: bool = False
    replaced: bool = False


def state_of(*, authority: Authority, on: dt.date) -> AuthorisationState:
    """How it stands on a day. Used up: nothing may be claimed any more and nothing is before a court."""
    if authority.revoked:
        return AuthorisationState.REVOKED
    if authority.replaced:
        return AuthorisationState.REPLACED
    if on > authority.valid_until:
        return AuthorisationState.EXPIRED
    if on < authority.begins_on:
        return AuthorisationState.SIGNED
    if ceiling_left(authority=authority) == ZERO and authority.standing == ZERO:
        return AuthorisationState.USED_UP
    return AuthorisationState.LIVE


def ceiling_left(*, authority: Authority) -> Decimal:
    """What may still be claimed: the ceiling, capped by what is owed, less what is before courts; never below zero."""
    return max(min(authority.ceiling, authority.cover) - authority.standing, ZERO)


def costs_left(*, authority: Authority) -> Decimal:
    return max(authority.cost_ceiling - authority.spent, ZERO)


def days_left(*, valid_until: dt.date, on: dt.date) -> int:
    """Days after ``on`` on which it still holds; negative once it is over."""
    return (valid_until - on).days


def _validity_fault(*, authority: Authority, on: dt.date, today: dt.date) -> str:
    if authority.revoked:
        return "authorisation_revoked"
    if authority.replaced:
        return "authorisation_replaced"
    if on < authority.begins_on:
        return "authorisation_not_begun"
    if max(on, today) > authority.valid_until:
        return "authorisation_expired"
    return "act_ahead" if on > today else ""


def _amount_fault(*, authority: Authority, amount: Decimal, beside: Decimal) -> str:
    if amount + beside > authority.ceiling:
        return "authorisation_ceiling"
    return "authorisation_cover" if amount + beside > authority.cover else ""


def act_fault(
    *,
    authority: Authority,
    kind: str,
    on: dt.date,
    today: dt.date,
    amount: Decimal = ZERO,
    claimed: Decimal | None = None,
    claim_kind: str = "",
) -> str:
    """Why this act is refused; empty when it is covered.

    ``claimed`` is the amount of the standing claim it is about, None when it is about none; for a filing ``amount`` is
    the new claim's, which does not stand yet.
    """
    if kind in OF_A_CLAIM and claimed is None:
        return "claim_over"
    steps, others = STEP_OF.get(kind), authority.standing - (claimed or ZERO)
    fault = ""
    if kind in CLAIMS:
        fault = _amount_fault(authority=authority, amount=amount, beside=authority.standing)
    elif kind == ActKind.AMENDMENT and claimed is not None:
        if amount in (claimed, ZERO):
            return "claim_amount_same"
        if amount > claimed:
            steps = STEP_OF[claim_kind]
            fault = _amount_fault(authority=authority, amount=amount, beside=others)
    elif amount > ZERO and steps is not None:
        fault = _amount_fault(authority=authority, amount=amount, beside=ZERO)
    elif amount > (claimed or ZERO):
        return "claim_amount"
    if steps is None:
        return "act_ahead" if on > today else ""
    if invalid := _validity_fault(authority=authority, on=on, today=today):
        return invalid
    if not steps & set(authority.steps):
        return "authorisation_step"
    if not fault and authority.cover <= ZERO and authority.standing <= ZERO:
        return "authorisation_used_up"
    return fault


def cost_fault(*, authority: Authority, on: dt.date, today: dt.date, amount: Decimal) -> str:
    """Why this cost is refused; empty when it is covered. A bill may come after everything was paid."""
    if invalid := _validity_fault(authority=authority, on=on, today=today):
        return invalid
    return "authorisation_costs" if authority.spent + amount > authority.cost_ceiling else ""
