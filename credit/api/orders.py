"""Orders from a client's own system: asked, placed, invoiced, cancelled, read; and where a customer stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.views import Acts, Answers, Reads, account_of
from clients.choices import PortalView, Scope
from clients.models import ServiceAccount
from collections_app.api.reads import Listed
from collections_app.api.schema import KEPT, KEY, PROBLEMS, REFUSALS, listed
from common import clock
from common.access import portal_scope
from common.api.errors import checked
from common.audit import Actor
from common.exceptions import Refused
from credit.api import serializers as told
from credit.choices import CustomerKind, OrderChannel
from credit.models import Agent, Customer, Order
from credit.selectors.orders import ask_of, order_answer
from credit.selectors.told import answer_told, orders_told, standing_told
from credit.services.orders import order_cancel, order_invoice, order_place

# Each answer, also to an order, says how an account stands.
CASES = {"GET": PortalView.CASES, "POST": PortalView.CASES}


def _customer_named(account: ServiceAccount, *, debtor_ref: str) -> Customer:
    """The client's own customer. Raises Refused at the field: in a body it is a value, not an address."""
    with portal_scope(client_id=account.client_id):
        found = Customer.objects.filter(client_id=account.client_id, debtor__debtor_ref=debtor_ref)
        customer = found.select_related("debtor").first()
    if customer is None:
        raise Refused("customer_unknown", _("There is no customer of this reference."), field="debtor_ref")
    return customer


def _agent_named(customer: Customer, *, number: int | None) -> Agent | None:
    """Who signed. Signatories are no rows of the portal: they are asked for by the customer that was found there."""
    if number is None:
        return None
    agent = Agent.objects.filter(customer=customer, client_id=customer.client_id, pk=number).first()
    if agent is None:
        raise Refused("signatory_unknown", _("The customer has no signatory of this number."), field="signatory")
    return agent


def _asked(account: ServiceAccount, body: dict[str, Any]) -> tuple[Customer, Agent | None, dict[str, Any]]:
    customer = _customer_named(account, debtor_ref=body["debtor_ref"])
    asked = {
        "kind": body.get("kind", CustomerKind.CREDIT),
        "amount": body["amount"],
        "ordered_on": body.get("ordered_on"),
        "channel": body.get("channel", OrderChannel.SYSTEM),
        "address": body.get("address", ""),
    }
    return customer, _agent_named(customer, number=body.get("signatory")), asked


class Check(Answers):
    scopes = {"POST": Scope.CREDIT}
    least = CASES

    def answer(self, request: Request, account: ServiceAccount, **names: Any) -> dict[str, Any]:
        """What would be answered now. Nothing is reserved: by the time it is placed it may be another."""
        customer, agent, asked = _asked(account, checked(told.CheckBody, request.data))
        if asked["amount"] <= 0:
            raise Refused("order_amount", _("The amount is more than zero, with two decimals at most."), field="amount")
        ask = ask_of(customer=customer, **asked | {"ordered_on": asked["ordered_on"] or clock.today()})
        return answer_told(order_answer(customer=customer, ask=ask, on=clock.today(), agent=agent), ask=ask)

    @extend_schema(
        operation_id="credit_order_check",
        summary="Ask whether an order would be accepted",
        description="Needs the right CREDIT. Nothing is written, and no key is needed.",
        request=told.CheckBody,
        responses={200: told.CheckTold, **{status: said for status, said in REFUSALS.items() if status != 409}},
    )
    def post(self, request: Request, **names: Any) -> Response:
        return super().post(request, **names)


class Orders(Acts, Listed):
    scopes = {"GET": Scope.CREDIT, "POST": Scope.CREDIT}
    least = CASES
    query = told.OrdersQuery
    filters = {"debtor_ref": "customer__debtor__debtor_ref", "state": "state"}

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return _orders(account)

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return orders_told(orders=rows)

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Answer an order and keep the answer. A refusal is an answer, too, and bears the same status."""
        body = checked(told.OrderBody, request.data)
        customer, agent, asked = _asked(account, body)
        order = order_place(
            actor=Actor.service(account), user=None, customer=customer, order_ref=body["order_ref"], agent=agent,
            on=clock.today(), **asked,
        )  # fmt: skip
        return 201, _as_told(account, order)

    @extend_schema(
        operation_id="credit_orders_list",
        summary="Orders, in the order they were answered",
        description="Needs the right CREDIT. A page at a time, by cursor.",
        parameters=[told.OrdersQuery],
        responses={200: listed("Orders", told.OrderTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)

    @extend_schema(
        operation_id="credit_order_place",
        summary="Place an order: accepted and reserved, or refused with every reason",
        description="Needs the right CREDIT. A refused order is answered with 201, too: its state says so. The same "
        "order_ref is answered with the same order; of another order it is refused with 409.",
        parameters=[KEY, KEPT],
        request=told.OrderBody,
        responses={201: told.OrderTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


class OneOrder(Reads):
    scopes = {"GET": Scope.CREDIT}
    least = CASES

    def read(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        return orders_told(orders=[_order_named(account, order_ref=names["order_ref"])])[0]

    @extend_schema(
        operation_id="credit_order_read",
        summary="One order, by your number of it",
        description="Needs the right CREDIT.",
        responses={200: told.OrderTold, **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)


class Invoice(Acts):
    scopes = {"POST": Scope.CREDIT}
    least = CASES

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Tell the invoice that came of an order; its amount stays reserved until the invoice is placed."""
        body = checked(told.OrderInvoiceBody, request.data)
        with portal_scope(client_id=account.client_id):
            order = _order_named(account, order_ref=names["order_ref"])
        done = order_invoice(actor=Actor.service(account), user=None, order=order, on=clock.today(), **body)
        return 201, _as_told(account, done)

    @extend_schema(
        operation_id="credit_order_invoice",
        summary="Tell the invoice of an order",
        description="Needs the right CREDIT. The reservation ends when the invoice stands in the ledger.",
        parameters=[KEY, KEPT],
        request=told.OrderInvoiceBody,
        responses={201: told.OrderTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


class Cancel(Acts):
    scopes = {"POST": Scope.CREDIT}
    least = CASES

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        body = checked(told.OrderCancelBody, request.data)
        with portal_scope(client_id=account.client_id):
            order = _order_named(account, order_ref=names["order_ref"])
        done = order_cancel(actor=Actor.service(account), order=order, reason=body["reason"])
        return 201, _as_told(account, done)

    @extend_schema(
        operation_id="credit_order_cancel",
        summary="Take an accepted order back",
        description="Needs the right CREDIT. What it reserved is free at once.",
        parameters=[KEY, KEPT],
        request=told.OrderCancelBody,
        responses={201: told.OrderTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


class Standing(Reads):
    scopes = {"GET": Scope.CREDIT}
    least = CASES

    @extend_schema(
        operation_id="credit_customer_read",
        summary="Where a customer stands: limit, what uses it, stops, who may sign",
        description="Needs the right CREDIT.",
        responses={200: told.StandingTold, **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Response:
        """The customer is found under the portal's role; who may sign for it is read as ourselves."""
        account = account_of(request)
        try:
            customer = _customer_named(account, debtor_ref=names["debtor_ref"])
        except Refused as refusal:
            raise Http404 from refusal
        return Response(standing_told(customer=customer, on=clock.today()))


def _orders(account: ServiceAccount) -> QuerySet[Order]:
    return Order.objects.filter(client_id=account.client_id).select_related("customer__debtor").order_by("pk")


def _order_named(account: ServiceAccount, *, order_ref: str) -> Order:
    """The client's own order. Under the portal's role. Raises Http404 for none."""
    found = _orders(account).filter(order_ref=order_ref).first()
    if found is None:
        raise Http404
    return found


def _as_told(account: ServiceAccount, order: Order) -> dict[str, Any]:
    """The order as its client reads it, read as its client reads."""
    with portal_scope(client_id=account.client_id):
        return orders_told(orders=[_orders(account).get(pk=order.pk)])[0]
