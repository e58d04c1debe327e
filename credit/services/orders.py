"""The only writer of orders: each is answered once, and what is accepted reserves credit until it is invoiced."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock, money
from common.audit import Actor, record
from common.db import execute, rows
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import CustomerKind, OrderChannel, OrderState, PaperKind
from credit.models import Agent, CreditPaper, Customer, Order, OrderInvoice
from credit.policies import override_role
from credit.rules.orders import NEVER_SET_ASIDE, Ask, Facts, Reason
from credit.selectors.orders import Answer, ask_of, order_answer
from credit.selectors.policies import credit_policy_on

# An order is entered soon after it was signed; an older one is asked for again.
OLDEST_DAYS = 90
# What an override writes; what was ordered and first answered stands by rights of the database.
OVERRIDDEN = (
    "state", "reasons", "seen", "accepted_on", "reserved_until", "overridden", "override_reason", "overridden_by",
    "override_role",
)  # fmt: skip
LARGEST = Decimal(10) ** (money.MAX_DIGITS - 4)


def order_place(
    *,
    actor: Actor,
    user: User | None,
    customer: Customer,
    order_ref: str,
    kind: str,
    amount: Decimal,
    ordered_on: dt.date | None,
    channel: str,
    agent: Agent | None = None,
    address: str = "",
    original: CreditPaper | None = None,
    on: dt.date,
) -> Order:
    """Answer an order and keep the answer: accepted and reserved, or refused with every reason (CM-19, CM-23).

    ``order_ref`` is the client's own; asked again with the same order it is answered with the same row, whatever has
    happened to it since. Holds the customer, so that two orders at once are counted one after the other. ``agent``
    signed it on ``ordered_on``, today where nobody told; ``address`` and ``original`` belong to an order by fax or
    e-mail. Raises Refused for bad values, and for a reference that another order bears.
    """
    order_ref = order_ref.strip()
    asked: dict[str, Any] = {"kind": kind, "amount": amount, "channel": channel}
    asked |= {} if ordered_on is None else {"ordered_on": ordered_on}
    _checked(order_ref=order_ref, kind=kind, amount=amount, channel=channel)
    try:
        with transaction.atomic():
            held = _held(customer=customer)
            agent = _of_customer(customer=held, agent=agent, original=original)
            known = Order.objects.filter(client_id=held.client_id, order_ref=order_ref).first()
            if known is not None:
                return _the_same(known=known, customer=held, asked=asked)
            asked["ordered_on"] = _day_checked(ordered_on, on=on)
            ask = ask_of(customer=held, **asked, address=address, has_original=original is not None)
            answer = order_answer(customer=held, ask=ask, on=on, agent=agent)
            order = Order(
                client_id=held.client_id, customer=held, order_ref=order_ref, **asked, currency=held.currency,
                agent=agent, original=original, answered_at=clock.now(), answered_by=user,
                **_said(answer=answer, ask=ask),
            )  # fmt: skip
            if answer.accepted:
                _take(order=order, on=on)
            else:
                order.state = OrderState.REFUSED
            order.save(force_insert=True)
            record(
                actor=actor,
                action="order.accepted" if answer.accepted else "order.refused",
                subject=order,
                body={
                    "customer": held.pk, "kind": kind, "amount": amount, "channel": channel,
                    "reasons": [reason.code for reason in answer.reasons], "reserved_until": order.reserved_until,
                },
            )  # fmt: skip
    except IntegrityError as error:
        # The same reference for another customer of the client, at the same moment.
        if "order_ref_once" not in str(error):
            raise
        known = Order.objects.get(client_id=customer.client_id, order_ref=order_ref)
        return _the_same(known=known, customer=customer, asked=asked)
    return order


def _checked(*, order_ref: str, kind: str, amount: Decimal, channel: str) -> None:
    if not order_ref or len(order_ref) > 120:
        raise Refused("order_ref", _("Give the order's number, 120 characters at most."), field="order_ref")
    if kind not in CustomerKind.values:
        raise Refused("order_kind", _("Choose credit or cash."), field="kind")
    if channel not in OrderChannel.values:
        raise Refused("order_channel", _("Choose how the order came."), field="channel")
    _amount_checked(amount)


def _day_checked(ordered_on: dt.date | None, *, on: dt.date) -> dt.date:
    """The day it was signed. Raises Refused for one that has not come, or is too long ago."""
    if ordered_on is None:
        return on
    if ordered_on > on:
        raise Refused("order_ahead", _("The day of the order has not come."), field="ordered_on")
    if ordered_on < on - dt.timedelta(days=OLDEST_DAYS):
        raise Refused("order_old", _("The order is older than 90 days; have it signed again."), field="ordered_on")
    return ordered_on


def _amount_checked(amount: Decimal) -> None:
    if not amount.is_finite() or not 0 < amount < LARGEST or amount != amount.quantize(money.CENT):
        raise Refused("order_amount", _("The amount is more than zero, with two decimals at most."), field="amount")


def _held(*, customer: Customer) -> Customer:
    return Customer.objects.select_for_update(no_key=True, of=("self",)).select_related("debtor").get(pk=customer.pk)


def _of_customer(*, customer: Customer, agent: Agent | None, original: CreditPaper | None) -> Agent | None:
    """Who signed, as the power stands now. What was sent is this customer's, too: another's do not exist here.

    Raises Refused for those.
    """
    signed = None if agent is None else Agent.objects.filter(customer=customer, pk=agent.pk).first()
    if agent is not None and signed is None:
        raise Refused("order_agent", _("The customer has no such signatory."), field="agent")
    if original is not None and (original.customer_id != customer.pk or original.kind != PaperKind.ORDER):
        raise Refused("order_original", _("The customer has no such paper."), field="original")
    return signed


def _the_same(*, known: Order, customer: Customer, asked: dict[str, Any]) -> Order:
    """The order that bears a reference, when it is the one asked for. Raises Conflict for another."""
    if known.customer_id != customer.pk or any(getattr(known, name) != value for name, value in asked.items()):
        raise Conflict("order_ref_taken", _("Another order bears this number."), field="order_ref")
    return known


def _said(*, answer: Answer, ask: Ask) -> dict[str, Any]:
    """What is kept of an answer: every reason with its values, and what was seen."""
    facts = answer.facts
    return {
        "reasons": [{"code": reason.code, "values": reason.values} for reason in answer.reasons],
        "seen": {"on": facts.on.isoformat(), "from_registered": ask.from_registered, **_used(facts, ask)},
    }


def _used(facts: Facts, ask: Ask) -> dict[str, str]:
    if ask.kind != CustomerKind.CREDIT or facts.limit is None:
        return {}
    figures = {
        "limit": facts.limit, "invoices": facts.invoices, "reserved": facts.reserved, "room": facts.free,
        "not_due": facts.not_due, "not_due_most": facts.not_due_most,
    }  # fmt: skip
    return {name: f"{value:.2f}" for name, value in figures.items() if value is not None}


def _take(*, order: Order, on: dt.date) -> None:
    days = credit_policy_on(client=order.client, on=on).reservation_days
    order.state, order.accepted_on, order.reserved_until = OrderState.ACCEPTED, on, on + dt.timedelta(days=days)


def order_override(*, user: User, order: Order, reason: str, on: dt.date) -> Order:
    """Take a refused order in spite of the reasons that stand against it now, naming each (CM-15).

    By somebody else than who asked for it, in the role that the reasons and the authority matrix ask for. Raises
    NotAllowed for who may not, Refused without a reason, for what nobody sets aside (credit that was cancelled), for an
    order that is not refused, and where nothing stands against it any more: it is placed again then.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("override_reason", _("Say why the order is taken all the same."), field="reason")
    with transaction.atomic():
        held = _held(customer=order.customer)
        order = Order.objects.select_for_update(of=("self",)).select_related("client", "agent").get(pk=order.pk)
        if order.state != OrderState.REFUSED:
            raise Conflict("order_moved", _("The order was answered otherwise meanwhile."))
        if order.answered_by_id == user.pk:
            raise NotAllowed("override_own", _("Who entered the order does not override its answer."))
        ask = Ask(
            kind=order.kind, amount=order.amount, ordered_on=order.ordered_on, channel=order.channel,
            from_registered=bool(order.seen.get("from_registered")), has_original=order.original_id is not None,
        )  # fmt: skip
        answer = order_answer(customer=held, ask=ask, on=on, agent=order.agent)
        codes = [found.code for found in answer.reasons]
        role = _override_as(user=user, order=order, reasons=answer.reasons, on=on)
        for name, value in _said(answer=answer, ask=ask).items():
            setattr(order, name, value)
        order.overridden, order.override_reason = sorted(set(codes)), reason[:500]
        order.overridden_by, order.override_role = user, role
        _take(order=order, on=on)
        order.save(update_fields=OVERRIDDEN)
        record(
            actor=Actor.person(user), action="order.overridden", subject=order,
            body={"customer": held.pk, "amount": order.amount, "set_aside": order.overridden, "reason": reason[:500],
                  "role": role, "reserved_until": order.reserved_until},
        )  # fmt: skip
    return order


def _override_as(*, user: User, order: Order, reasons: list[Reason], on: dt.date) -> str:
    if not reasons:
        raise Refused("override_idle", _("Nothing stands against this order any more: place it under a new number."))
    never = [found for found in reasons if found.code in NEVER_SET_ASIDE]
    if never:
        raise Refused("override_never", _("This is not set aside at an order; it takes an exception or an agreement."))
    role = override_role(
        user, codes=[found.code for found in reasons], amount=order.amount, currency=order.currency, on=on
    )
    if role is None:
        raise NotAllowed("override_role", _("These reasons or this amount are beyond your authority."))
    return role


def order_cancel(*, actor: Actor, order: Order, reason: str) -> Order:
    """Take an accepted order back; what it reserved is free. Raises Refused without a reason or where it is over."""
    reason = reason.strip()
    if not reason:
        raise Refused("order_reason", _("Say why the order is cancelled."), field="reason")
    with transaction.atomic():
        order = _accepted(order=order)
        told, standing = _told(order=order)
        if told > standing:
            raise Refused("order_invoices_come", _("An invoice of it was told and is not in the ledger yet."))
        _end(order=order, state=OrderState.CANCELLED, reason=reason)
        record(actor=actor, action="order.cancelled", subject=order, body={"reason": reason[:300], "invoiced": told})
    return order


def order_invoice(
    *,
    actor: Actor,
    user: User | None,
    order: Order,
    receivable_ref: str,
    amount: Decimal,
    is_last: bool = False,
    on: dt.date,
) -> Order:
    """Tell the invoice that came of an order. Its amount stays reserved until it stands in the ledger.

    With ``is_last`` nothing more is delivered: what remains is free at once. The same invoice told again changes
    nothing. Raises Refused for an order that is over, for an invoice of another order, and for more than was ordered.
    """
    receivable_ref = receivable_ref.strip()
    if not receivable_ref or len(receivable_ref) > 200:
        raise Refused("order_invoice_ref", _("Give the invoice's number."), field="receivable_ref")
    _amount_checked(amount)
    with transaction.atomic():
        known = OrderInvoice.objects.filter(order=order, receivable_ref=receivable_ref).first()
        if known is not None and known.amount == amount and not is_last:
            return Order.objects.get(pk=order.pk)
        order = _accepted(order=order)
        told, _standing = _told(order=order)
        if known is None:
            _invoice_fits(order=order, receivable_ref=receivable_ref, amount=amount, told=told)
            OrderInvoice.objects.create(
                client_id=order.client_id, order=order, receivable_ref=receivable_ref, amount=amount,
                recorded_at=clock.now(), recorded_by=user,
            )  # fmt: skip
        elif known.amount != amount:
            raise Conflict("order_invoice_other", _("This invoice was told with another amount."), field="amount")
        told, standing = _told(order=order)
        if is_last:
            order.reserved_until = min(order.reserved_until or on, on - dt.timedelta(days=1))
            order.save(update_fields=["reserved_until"])
        if standing >= (told if is_last else order.amount):
            _end(order=order, state=OrderState.INVOICED, reason="")
        record(
            actor=actor, action="order.invoiced", subject=order,
            body={"receivable_ref": receivable_ref, "amount": amount, "is_last": is_last, "standing": standing},
        )  # fmt: skip
    return order


def _invoice_fits(*, order: Order, receivable_ref: str, amount: Decimal, told: Decimal) -> None:
    if told + amount > order.amount:
        words = _("More would be invoiced than was ordered; what is above needs an order of its own.")
        raise Refused("order_invoice_more", words, field="amount")
    others = OrderInvoice.objects.filter(order__customer_id=order.customer_id, receivable_ref=receivable_ref)
    if others.exclude(order=order).exists():
        raise Refused("order_invoice_taken", _("Another order bears this invoice."), field="receivable_ref")


def _accepted(*, order: Order) -> Order:
    """The order, held with its customer. Raises Refused for one that is not accepted (any more)."""
    _held(customer=order.customer)
    found = Order.objects.select_for_update().get(pk=order.pk)
    if found.state != OrderState.ACCEPTED:
        words = _("The order is %(state)s.") % {"state": found.get_state_display()}
        raise Conflict("order_not_accepted", words)
    return found


def _told(*, order: Order) -> tuple[Decimal, Decimal]:
    found = rows("SELECT told, standing FROM credit_order_told(%(order)s)", {"order": order.pk})[0]
    return found["told"], found["standing"]


def _end(*, order: Order, state: str, reason: str) -> None:
    order.state, order.ended_at, order.end_reason = state, clock.now(), reason[:300]
    order.save(update_fields=["state", "ended_at", "end_reason"])


# Invoiced once all of it stands, or once what was told of it does and the rest has run out; run out with no invoice.
_NIGHT = """
UPDATE credit_order o SET state = CASE WHEN t.told > 0 THEN 'INVOICED' ELSE 'EXPIRED' END, ended_at = %(now)s
FROM (
    SELECT a.id, a.amount, a.reserved_until < %(day)s AS over, t.told, t.standing
    FROM credit_order a CROSS JOIN LATERAL credit_order_told(a.id) t
    WHERE a.client_id = %(client_id)s AND a.state = 'ACCEPTED' AND (
        a.reserved_until < %(day)s OR EXISTS (SELECT 1 FROM credit_orderinvoice i WHERE i.order_id = a.id)
    )
) t
WHERE o.id = t.id AND o.state = 'ACCEPTED' AND (t.standing >= t.amount OR (t.over AND t.standing >= t.told))
"""


def step_orders(*, client_id: int, day: dt.date, since: dt.date | None, last: bool) -> int:
    """Nightly: orders whose invoices stand in the ledger, and reservations that ran out. Set-based, safe to repeat."""
    return execute(_NIGHT, {"client_id": client_id, "day": day, "now": clock.now()})
