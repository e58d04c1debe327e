"""Money that the client received: read, reported, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from clients.api.views import Acts
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api import serializers as told
from collections_app.api.loading import case_named, only, receivable_named
from collections_app.api.reads import Listed
from collections_app.api.schema import KEPT, KEY, PROBLEMS, REFUSALS, listed
from collections_app.choices import PaymentMethod, ReceivedBy
from collections_app.models import Payment
from collections_app.selectors.api import payments_of, payments_told
from collections_app.services.ledger import payment_post, payment_reverse
from common import clock
from common.access import portal_scope
from common.api.errors import checked
from common.audit import Actor
from common.exceptions import Refused


def _as_told(account: ServiceAccount, payment: Payment) -> dict[str, Any]:
    """The payment as its client reads it, read as its client reads; without where it went, where it sees no account."""
    with portal_scope(client_id=account.client_id):
        row = payments_told(payments=list(payments_of(client=account.client).filter(pk=payment.pk)))[0]
    if not account.client.shows_cases:
        del row["allocations"], row["unallocated"]
    return row


class Payments(Acts, Listed):
    scopes = {"GET": Scope.READ, "POST": Scope.PAYMENTS}
    query = told.PaymentsQuery
    filters = {
        "debtor_ref": "case__debtor__debtor_ref",
        "value_from": "value_on__gte",
        "value_to": "value_on__lte",
        "recorded_from": "recorded_at__gte",
        "recorded_to": "recorded_at__lt",
    }

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return payments_of(client=account.client)

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return payments_told(payments=rows)

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Post money the client received, under the client's own reference of it."""
        body = checked(told.PaymentBody, request.data)
        with portal_scope(client_id=account.client_id):
            case = case_named(account, debtor_ref=body["debtor_ref"])
            receivable = receivable_named(case, body=body) if "receivable_ref" in body else None
        payment = payment_post(
            actor=Actor.service(account),
            case=case,
            amount=body["amount"],
            currency=body["currency"].upper(),
            value_on=body["value_on"],
            method=PaymentMethod.FILE,
            received_by=ReceivedBy.CLIENT,
            reference=body["reference"],
            receivable=receivable,
        )
        return 201, _as_told(account, payment)

    @extend_schema(
        operation_id="payments_list",
        summary="Payments, in the order they were recorded",
        description="Needs the right READ. A page at a time, by cursor; by recording, not by value date.",
        parameters=[told.PaymentsQuery],
        responses={200: listed("Payments", told.PaymentTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)

    @extend_schema(
        operation_id="payment_post",
        summary="Report money you received",
        description="Needs the right PAYMENTS. Spread by the method agreed with you, unless it names its receivable.",
        parameters=[KEY, KEPT],
        request=told.PaymentBody,
        responses={201: told.PaymentTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


class Reversal(Acts):
    scopes = {"POST": Scope.PAYMENTS}

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Take back money the client reported. Money that came to the agency is not the client's to take back."""
        body = checked(told.ReversalBody, request.data)
        with portal_scope(client_id=account.client_id):
            payment = _payment_named(account, reference=names["reference"], body=body)
        if payment.received_by != ReceivedBy.CLIENT:
            raise Refused("payment_of_agency", _("This money came to the agency. Ask the agency to take it back."))
        done = payment_reverse(
            actor=Actor.service(account),
            payment=payment,
            on=body.get("reversed_on", clock.today()),
            reason=body["reason"],
            amount=body.get("amount"),
        )
        return 201, _as_told(account, done)

    @extend_schema(
        operation_id="payment_reverse",
        summary="Take back money you reported",
        description="Needs the right PAYMENTS. From its value date on it counts as if that money had never come.",
        parameters=[KEY, KEPT],
        request=told.ReversalBody,
        responses={201: told.PaymentTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


def _payment_named(account: ServiceAccount, *, reference: str, body: dict[str, Any]) -> Payment:
    """The one payment of this reference. Raises Http404 for none, Refused for one of several cases."""
    found = payments_of(client=account.client).filter(reference=reference)
    if not account.client.shows_cases:
        found = found.filter(received_by=ReceivedBy.CLIENT)
    if "debtor_ref" in body:
        found = found.filter(case__debtor__debtor_ref=body["debtor_ref"])
    return only(
        found, code="payment_of_which", words=_("Several cases have a payment of this reference."), field="debtor_ref"
    )
