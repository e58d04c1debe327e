"""What pages of orders in the house and in the portal share: the form, its answer at once, one order as it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.htmx import is_fragment
from credit.choices import CustomerKind, OrderState, PaperKind
from credit.forms.orders import OrderForm
from credit.models import Customer, Order
from credit.rules.order_words import reasons_shown
from credit.selectors.orders import Answer, ask_of, order_answer, orders_invoiced
from credit.selectors.standing import agreement_on, exposure_of, limit_on, stops_standing
from credit.services.orders import order_place
from credit.services.papers import credit_paper_add

LOOKS = {
    OrderState.ACCEPTED: "good", OrderState.REFUSED: "firm", OrderState.INVOICED: "brand",
    OrderState.CANCELLED: "dashed", OrderState.EXPIRED: "dashed",
}  # fmt: skip


def standing_of(*, customer: Customer, on: dt.date) -> dict[str, Any]:
    """Limit, what uses it, what is free, and the stops of a customer."""
    limit, exposure = limit_on(customer=customer, on=on), exposure_of(customer_id=customer.pk, on=on)
    room = None if limit is None else exposure.free(limit=limit.amount)
    return {
        "agreement": agreement_on(customer=customer, on=on),
        "limit": limit,
        "limit_over": limit is not None and limit.ends_on < on,
        "exposure": exposure,
        "room": room,
        "used_percent": None if limit is None or not limit.amount else int(exposure.total * 100 / limit.amount),
        "stops": stops_standing(customer=customer),
    }


def order_shown(*, order: Order) -> dict[str, Any]:
    """One order with its reasons, its invoices, and what of them stands in the ledger."""
    return {
        "order": order,
        "look": LOOKS[OrderState(order.state)],
        "reasons": reasons_shown(order.reasons, overridden=order.overridden),
        "seen": {name: Decimal(order.seen[name]) for name in ("room", "limit")} if "limit" in order.seen else None,
        "invoices": list(order.invoices.order_by("pk")),
        "told": orders_invoiced(orders=[order]).get(order.pk),
    }


@dataclass(kw_only=True)
class Entered:
    """What came of an order form: the order that was placed, or the form with its faults, or its answer alone."""

    form: OrderForm
    order: Order | None = None
    answer: Answer | None = None
    # Whether this order was asked for before, and is answered as it was then.
    known: bool = False


def order_entered(request: HttpRequest, *, user: User, customer: Customer) -> Entered:
    """Ask or place the order that the form tells. «Ask» writes nothing."""
    on = clock.today()
    told = request.POST if request.method == "POST" else None
    form = OrderForm(told, request.FILES or None, customer=customer, on=on)
    entered = Entered(form=form)
    if told is None or not form.is_valid():
        return entered
    if told.get("act") == "place":
        try:
            entered.order = _placed(user=user, customer=customer, form=form, on=on)
        except Refused as refusal:
            blame(form, refusal)
    else:
        entered.answer = _asked(customer=customer, form=form, on=on)
    return entered


def _asked(*, customer: Customer, form: OrderForm, on: dt.date) -> Answer:
    data = form.cleaned_data
    ask = ask_of(
        customer=customer, kind=data["kind"], amount=data["amount"], ordered_on=data["ordered_on"],
        channel=data["channel"], address=data["address"], has_original=bool(data["original"]),
    )  # fmt: skip
    return order_answer(customer=customer, ask=ask, on=on, agent=form.signed_by)


def _placed(*, user: User, customer: Customer, form: OrderForm, on: dt.date) -> Order:
    data = form.cleaned_data
    with transaction.atomic():
        original = None
        if data["original"]:
            original = credit_paper_add(
                user=user, customer=customer, kind=PaperKind.ORDER, title=data["order_ref"],
                name=data["original"].name, content=data["original"].read(),
            )  # fmt: skip
        return order_place(
            actor=Actor.person(user), user=user, customer=customer, order_ref=data["order_ref"], kind=data["kind"],
            amount=data["amount"], ordered_on=data["ordered_on"], channel=data["channel"], agent=form.signed_by,
            address=data["address"], original=original, on=on,
        )  # fmt: skip


def order_page(
    request: HttpRequest, *, template: str, entered: Entered, customer: Customer, **more: Any
) -> HttpResponse:
    """The form with where the account stands; or, asked by htmx, the answer alone."""
    form, answer = entered.form, entered.answer
    context: dict[str, Any] = {"form": form, "customer": customer, "answer": answer, **more}
    if answer is not None:
        reasons = [{"code": reason.code, "values": reason.values} for reason in answer.reasons]
        context |= {"reasons": reasons_shown(reasons), "on_credit": form.cleaned_data["kind"] == CustomerKind.CREDIT}
        context["after"] = answer.facts.free - form.cleaned_data["amount"]
    if is_fragment(request):
        return render(request, "credit/orders/answer.html", context, status=422 if form.errors else 200)
    context |= standing_of(customer=customer, on=clock.today())
    return render(request, template, context, status=422 if form.errors else 200)
