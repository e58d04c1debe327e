"""The only writer of facility agreements and their repayment plans (CM-20, CM-22, CM-25, CM-28, CM-29, CM-17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock, money
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import (
    AgentScope,
    ApplicationState,
    CustomerKind,
    LimitGround,
    PeriodStart,
    Recommendation,
    StopCause,
    StopKind,
)
from credit.models import Agent, Application, CreditPaper, Customer, FacilityAgreement, Instalment
from credit.policies import can_set_limits, can_sign_agreements
from credit.rules.plans import Due
from credit.selectors.policies import credit_policy_on
from credit.selectors.standing import agreement_on
from credit.services.applications import application_move
from credit.services.limits import customer_held, limit_grant
from credit.services.stops import stops_follow

LONGEST_TERMS = 365
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What both sides agreed on: the credit period and its start, a cash discount, a repayment plan.

    Without ``days`` those of the policy (CM-10). ``discount_percent`` off when paid within ``discount_days``.
    """

    days: int | None = None
    period_start: str = PeriodStart.INVOICE
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    plan: Sequence[Due] = ()


def agreement_sign(
    *,
    user: User,
    application: Application,
    signed_by: Agent,
    signed_on: dt.date,
    terms: Terms | None = None,
    paper: CreditPaper | None = None,
) -> FacilityAgreement:
    """Record the agreement on an approved application; the account is active, with the limit that was decided.

    ``signed_by`` is a person whose power holds on that day for agreements, and for so much. An agreement that stands
    ends the day before: a contract replaces it. Of a customer whose credit was cancelled only an approved exception can
    be signed, and that ends the cancellation (CM-13, CM-15).

    Raises NotAllowed for who does not prepare files; Refused for a signatory without the power, a day ahead or before
    the agreement that stands, terms that cannot be, a paper of another customer, an application without a limit;
    Conflict where it is not approved, or is signed.
    """
    if not can_sign_agreements(user):
        raise NotAllowed("agreement_sign", _("Only the credit officer records this."))
    terms = terms or Terms()
    with transaction.atomic():
        held = customer_held(customer=application.customer)
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.state != ApplicationState.APPROVED:
            raise Conflict("agreement_state", _("This application is not approved, or is signed already."))
        amount = locked.recommended_limit
        if amount is None or amount <= 0:
            raise Refused("agreement_limit", _("No limit was decided on this application."))
        _day_checked(signed_on=signed_on)
        _power_checked(agent=signed_by, customer=held, on=signed_on, amount=amount)
        _not_cancelled(customer=held, application=locked)
        agreement = _written(
            user=user, customer=held, application=locked, signed_by=signed_by, signed_on=signed_on, terms=terms,
            paper=paper, ends_on=None, is_earlier=False,
        )  # fmt: skip
        actor = Actor.person(user)
        application_move(actor=actor, user=user, application=locked, to=ApplicationState.SIGNED)
        limit_grant(
            user=user, customer=held, application=locked, amount=amount,
            ground=locked.recommended_ground or LimitGround.POINTS, starts_on=signed_on,
        )  # fmt: skip
        application_move(actor=actor, user=user, application=locked, to=ApplicationState.ACTIVE)
        stops_follow(client_id=held.client_id, customer_ids=[held.pk], cause=StopCause.AGREEMENT)
    application.state = locked.state
    return agreement


def agreement_take_over(
    *,
    user: User,
    customer: Customer,
    signed_on: dt.date,
    ends_on: dt.date,
    limit: Decimal,
    terms: Terms,
    paper: CreditPaper | None,
    reason: str,
) -> FacilityAgreement:
    """Record a contract of before the policy: its terms and its limit hold until it ends, then the policy (CM-17).

    Raises NotAllowed for who does not decide limits; Refused without the contract's paper, its terms or a reason, where
    an agreement is in force already, and where it is over.
    """
    if not can_set_limits(user):
        raise NotAllowed("agreement_take_over", _("Only the finance manager and the general manager do this."))
    if paper is None:
        raise Refused("agreement_paper", _("Add the contract to the customer's papers first."), field="paper")
    if not reason.strip():
        raise Refused("agreement_reason", _("Say why."), field="reason")
    if ends_on < clock.today():
        raise Refused("agreement_over", _("This contract is over."), field="ends_on")
    _day_checked(signed_on=signed_on)
    with transaction.atomic():
        held = customer_held(customer=customer)
        if agreement_on(customer=held, on=clock.today()) is not None:
            raise Refused("agreement_stands", _("An agreement of this customer is in force."))
        agreement = _written(
            user=user, customer=held, application=None, signed_by=None, signed_on=signed_on, terms=terms, paper=paper,
            ends_on=ends_on, is_earlier=True,
        )  # fmt: skip
        limit_grant(
            user=user, customer=held, amount=limit, ground=LimitGround.EARLIER_CONTRACT, starts_on=signed_on,
            reason=reason,
        )  # fmt: skip
        stops_follow(client_id=held.client_id, customer_ids=[held.pk], cause=StopCause.AGREEMENT)
    return agreement


def agreement_end(*, user: User, agreement: FacilityAgreement, ends_on: dt.date, reason: str) -> FacilityAgreement:
    """End an agreement after a day from today on, with the reason. What was sold under it keeps its terms.

    Raises NotAllowed for who does not decide limits, Refused without a reason or for a day before today, Conflict where
    it ends already.
    """
    if not can_set_limits(user):
        raise NotAllowed("agreement_end", _("Only the finance manager and the general manager do this."))
    if not reason.strip():
        raise Refused("agreement_reason", _("Say why."), field="reason")
    if ends_on < clock.today():
        raise Refused("agreement_past", _("An agreement ends today or later."), field="ends_on")
    with transaction.atomic():
        held = customer_held(customer=agreement.customer)
        locked = FacilityAgreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
        if locked.ends_on is not None and not (locked.is_earlier and ends_on < locked.ends_on):
            raise Conflict("agreement_ended", _("This agreement ends already."))
        _ended(user=user, agreement=locked, ends_on=ends_on, reason=reason.strip())
        stops_follow(client_id=held.client_id, customer_ids=[held.pk], cause=StopCause.AGREEMENT)
    return locked


def _ended(*, user: User, agreement: FacilityAgreement, ends_on: dt.date, reason: str) -> None:
    agreement.ends_on, agreement.ended_for = ends_on, reason[:300]
    agreement.save(update_fields=["ends_on", "ended_for"])
    record(
        actor=Actor.person(user), action="agreement.ended", subject=agreement,
        body={"customer": agreement.customer_id, "ends_on": ends_on, "reason": agreement.ended_for},
    )  # fmt: skip


def _written(
    *,
    user: User,
    customer: Customer,
    application: Application | None,
    signed_by: Agent | None,
    signed_on: dt.date,
    terms: Terms,
    paper: CreditPaper | None,
    ends_on: dt.date | None,
    is_earlier: bool,
) -> FacilityAgreement:
    if customer.kind != CustomerKind.CREDIT:
        raise Refused("agreement_cash", _("A cash customer signs no facility agreement."))
    if paper is not None and paper.customer_id != customer.pk:
        raise Refused("agreement_paper", _("This paper is of another customer."), field="paper")
    days = _terms_checked(terms=terms, customer=customer, signed_on=signed_on)
    standing = agreement_on(customer=customer, on=signed_on)
    if standing is not None:
        if standing.signed_on >= signed_on:
            raise Refused("agreement_order", _("An agreement was signed on this day or later."), field="signed_on")
        _ended(user=user, agreement=standing, ends_on=signed_on - ONE_DAY, reason=str(_("Replaced by a new agreement")))
    number = f"FA-{signed_on.year}-{customer.pk:06d}-{customer.agreements.count() + 1}"
    agreement = FacilityAgreement.objects.create(
        client_id=customer.client_id, customer=customer, application=application, number=number, signed_on=signed_on,
        signed_by=signed_by, is_earlier=is_earlier, ends_on=ends_on, terms_days=days, period_start=terms.period_start,
        discount_percent=terms.discount_percent, discount_days=terms.discount_days, paper=paper, recorded_by=user,
        recorded_at=clock.now(),
    )  # fmt: skip
    Instalment.objects.bulk_create(
        Instalment(client_id=customer.client_id, agreement=agreement, due_on=due.on, amount=due.amount)
        for due in terms.plan
    )
    record(
        actor=Actor.person(user), action="agreement.signed", subject=agreement,
        body={"customer": customer.pk, "application": application.pk if application is not None else None,
              "signed_on": signed_on, "signed_by": signed_by.pk if signed_by is not None else None,
              "terms_days": days, "period_start": terms.period_start, "discount_percent": terms.discount_percent,
              "discount_days": terms.discount_days, "earlier": is_earlier, "ends_on": ends_on,
              "plan": [[due.on, due.amount] for due in terms.plan]},
    )  # fmt: skip
    return agreement


def _day_checked(*, signed_on: dt.date) -> None:
    if signed_on > clock.today():
        raise Refused("agreement_future", _("The day lies ahead."), field="signed_on")


def _power_checked(*, agent: Agent, customer: Customer, on: dt.date, amount: Decimal) -> None:
    """Who signs may sign agreements, on that day, for so much (CM-22)."""
    if agent.customer_id != customer.pk:
        raise Refused("agreement_agent", _("This person does not sign for this customer."), field="signed_by")
    if AgentScope.AGREEMENTS not in agent.scopes:
        raise Refused("agreement_scope", _("This person's power does not cover agreements."), field="signed_by")
    if not agent.stands_on(on):
        raise Refused("agreement_power", _("This person's power does not hold on that day."), field="signed_by")
    if agent.up_to is not None and amount > agent.up_to:
        raise Refused("agreement_up_to", _("This person's power does not reach so far."), field="signed_by")


def _not_cancelled(*, customer: Customer, application: Application) -> None:
    cancelled = customer.stops.filter(kind=StopKind.CANCELLED, ended_on__isnull=True).exists()
    if cancelled and application.recommendation != Recommendation.EXCEPTION:
        raise Refused(
            "agreement_cancelled",
            _("Credit was cancelled after repeated default: only an exception of the general manager opens it again."),
        )


def _terms_checked(*, terms: Terms, customer: Customer, signed_on: dt.date) -> int:
    """The days of the credit period. Raises Refused for terms that cannot be, each at its field."""
    days = terms.days if terms.days is not None else (
        credit_policy_on(client=customer.client, on=signed_on).terms_days
    )  # fmt: skip
    if not 1 <= days <= LONGEST_TERMS:
        raise Refused("terms_days", _("A credit period has 1 to 365 days."), field="terms_days")
    if terms.period_start not in PeriodStart.values:
        raise Refused("terms_start", _("Choose from when the period counts."), field="period_start")
    if (terms.discount_percent is None) is not (terms.discount_days is None):
        raise Refused("terms_discount", _("A discount has its percent and its days."), field="discount_days")
    if terms.discount_percent is not None and terms.discount_days is not None:
        if not 0 < terms.discount_percent < 100:
            raise Refused("terms_discount", _("A discount is more than 0 and less than 100 percent."),
                          field="discount_percent")  # fmt: skip
        if not 0 <= terms.discount_days < days:
            raise Refused("terms_discount", _("The discount's days end before the credit period does."),
                          field="discount_days")  # fmt: skip
    dates = [due.on for due in terms.plan]
    if len(set(dates)) < len(dates) or any(on < signed_on for on in dates):
        raise Refused("plan_dates", _("Each payment of the plan has a day of its own, not before the signing."),
                      field="plan")  # fmt: skip
    if any(due.amount <= 0 or due.amount != money.rounded(due.amount) for due in terms.plan):
        raise Refused("plan_amounts", _("Each payment of the plan is more than nothing, with two decimals."),
                      field="plan")  # fmt: skip
    return days
