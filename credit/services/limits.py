"""The only writer of limits: each a version from its date, the old ones stay (CM-09, CM-14, CM-17, CM-26)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock, money
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from credit.choices import ApplicationState, LimitGround, StopCause
from credit.models import Application, CreditLimit, Customer, FacilityAgreement
from credit.policies import can_set_limits
from credit.rules.months import months_after
from credit.selectors.guarantees import guarantee_on
from credit.selectors.increases import increase_of
from credit.selectors.policies import credit_policy_on
from credit.selectors.standing import agreement_on, limit_on
from credit.services.stops import stops_follow

ONE_DAY = dt.timedelta(days=1)
# What an approved application stands behind.
DECIDED = frozenset({ApplicationState.APPROVED, ApplicationState.SIGNED, ApplicationState.ACTIVE})
BY_APPLICATION = frozenset(
    {
        LimitGround.POINTS,
        LimitGround.GUARANTEE,
        LimitGround.EXCEPTION,
        LimitGround.INCREASE,
        LimitGround.RENEWAL,
    }
)
# They change a limit within its year.
WITHIN_YEAR = frozenset({LimitGround.INCREASE, LimitGround.DECREASE})


def customer_held(*, customer: Customer) -> Customer:
    """The client, then the customer, until the transaction ends: in the order in which everybody takes them."""
    Client.held(client_id=customer.client_id)
    return Customer.objects.select_for_update(no_key=True, of=("self",)).select_related("client").get(pk=customer.pk)


def limit_grant(
    *,
    user: User,
    customer: Customer,
    application: Application | None = None,
    amount: Decimal,
    ground: str,
    starts_on: dt.date,
    reason: str = "",
) -> CreditLimit:
    """Write a version of a customer's limit, from a day on, under the agreement of that day.

    Part of the act that decided: with an approved ``application`` no more than it decided, except for a decrease and a
    contract of before. By a guarantee at most its amount, and no longer than it (I-09). It lasts the policy's months,
    an increase and a decrease as long as the limit they change, and none beyond its agreement. Stops for what is above
    the limit follow at once.

    Raises Refused for a wrong amount, without an agreement, an application that does not stand behind it or gave its
    limit already, without a guarantee, an increase that may not be (I-10), and a decrease that is none.
    """
    if not amount.is_finite() or amount < 0 or amount != money.rounded(amount):
        raise Refused("limit_amount", _("A limit is an amount with two decimals, not below zero."), field="amount")
    if ground not in LimitGround.values:
        raise Refused("limit_ground", _("Choose why the limit is what it is."), field="ground")
    with transaction.atomic():
        held = customer_held(customer=customer)
        agreement = agreement_on(customer=held, on=starts_on)
        if agreement is None:
            raise Refused("limit_agreement", _("No agreement is in force on this day."), field="starts_on")
        current = limit_on(customer=held, on=starts_on)
        _behind(ground=ground, application=application, customer=held, amount=amount)
        _fits(ground=ground, customer=held, amount=amount, current=current, starts_on=starts_on)
        amount, ends_on = _bounds(
            ground=ground, customer=held, amount=amount, current=current, agreement=agreement, starts_on=starts_on
        )
        limit = CreditLimit.objects.create(
            client_id=held.client_id, customer=held, agreement=agreement, application=application, amount=amount,
            currency=held.currency, ground=ground, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:500],
            granted_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.person(user), action="credit_limit.granted", subject=limit,
            body={"customer": held.pk, "amount": amount, "currency": held.currency, "ground": ground,
                  "starts_on": starts_on, "ends_on": ends_on, "before": current.amount if current else None,
                  "application": application.pk if application is not None else None, "reason": limit.reason},
        )  # fmt: skip
        stops_follow(client_id=held.client_id, customer_ids=[held.pk], cause=StopCause.LIMIT)
    return limit


def limit_decrease(*, user: User, customer: Customer, amount: Decimal, starts_on: dt.date, reason: str) -> CreditLimit:
    """Lower a limit, with the reason; down to nothing where a guarantee or a contract no longer carries it.

    Raises NotAllowed for who does not decide limits, Refused without a reason, and for what is no decrease.
    """
    if not can_set_limits(user):
        raise NotAllowed("limit_set", _("Only the finance manager and the general manager do this."))
    if not reason.strip():
        raise Refused("limit_reason", _("Say why."), field="reason")
    return limit_grant(
        user=user, customer=customer, amount=amount, ground=LimitGround.DECREASE, starts_on=starts_on, reason=reason
    )


def limit_follow_guarantee(*, user: User, customer: Customer, on: dt.date) -> CreditLimit | None:
    """After a guarantee was given back: the limit it carried goes down to what still carries it, perhaps to nothing
    (I-09). Part of that act. None where no limit stood on it.
    """
    current = limit_on(customer=customer, on=on)
    if current is None or not _by_guarantee(current):
        return None
    guarantee = guarantee_on(customer=customer, on=on)
    amount = guarantee.amount if guarantee is not None else money.ZERO
    if amount >= current.amount:
        return None
    return limit_grant(
        user=user, customer=customer, amount=amount, ground=LimitGround.DECREASE, starts_on=on,
        reason=str(_("The guarantee that carried it is gone")),
    )  # fmt: skip


def _behind(*, ground: str, application: Application | None, customer: Customer, amount: Decimal) -> None:
    """What an application decided stands behind the limit, once."""
    if ground not in BY_APPLICATION:
        return
    if application is None or application.customer_id != customer.pk or application.state not in DECIDED:
        raise Refused("limit_application", _("This limit needs an approved application of this customer."))
    if application.recommended_limit is None or amount > application.recommended_limit:
        raise Refused("limit_above_decision", _("This is more than what was decided."), field="amount")
    if application.limits.exists():
        raise Refused("limit_granted", _("The limit of this application was granted already."))


def _fits(*, ground: str, customer: Customer, amount: Decimal, current: CreditLimit | None, starts_on: dt.date) -> None:
    if ground == LimitGround.INCREASE:
        answer = increase_of(customer=customer, on=starts_on, asked=amount)
        if not answer.eligible:
            raise Refused(
                "limit_increase",
                _("The conditions of an increase are not met."),
                details={"reasons": [reason.code for reason in answer.reasons]},
            )
    if ground == LimitGround.DECREASE and (current is None or amount >= current.amount):
        raise Refused("limit_decrease", _("A decrease is less than the limit in force."), field="amount")


def _bounds(
    *,
    ground: str,
    customer: Customer,
    amount: Decimal,
    current: CreditLimit | None,
    agreement: FacilityAgreement,
    starts_on: dt.date,
) -> tuple[Decimal, dt.date]:
    """The amount and the last day, as the guarantee, the agreement and the limit that is changed bound them."""
    months = credit_policy_on(client=customer.client, on=starts_on).limit_months
    last = months_after(starts_on, months) - ONE_DAY
    if ground in WITHIN_YEAR and current is not None:
        last = max(current.ends_on, starts_on)
    if ground == LimitGround.GUARANTEE or (ground in WITHIN_YEAR and _by_guarantee(current)):
        guarantee = guarantee_on(customer=customer, on=starts_on)
        if guarantee is not None:
            amount, last = min(amount, guarantee.amount), min(last, guarantee.valid_until or last)
        elif ground != LimitGround.DECREASE:
            raise Refused("limit_guarantee", _("No bank guarantee of this customer stands on this day."))
    if ground == LimitGround.EARLIER_CONTRACT and agreement.ends_on is not None:
        last = agreement.ends_on
    return amount, min(last, agreement.ends_on or last)


def _by_guarantee(limit: CreditLimit | None) -> bool:
    """Whether a limit, through what was changed within its year, is carried by a guarantee."""
    while limit is not None and limit.ground in WITHIN_YEAR:
        limit = (
            CreditLimit.objects.filter(customer_id=limit.customer_id, pk__lt=limit.pk, starts_on__lte=limit.starts_on)
            .order_by("-starts_on", "-pk")
            .first()
        )
    return limit is not None and limit.ground == LimitGround.GUARANTEE
