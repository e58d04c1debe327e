"""Disputes for a member's own system: what was objected to, until when it replies, and its reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.views import Acts, Reads, account_of
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api.reads import Listed
from collections_app.api.schema import KEPT, KEY, PROBLEMS, REFUSALS, listed
from common import clock
from common.access import portal_scope
from common.api.errors import checked
from common.audit import Actor
from complaints.api import serializers_disputes as told
from complaints.models import Dispute
from complaints.selectors.dispute_member import (
    dispute_words_told,
    disputes_of_member,
    disputes_told_to_system,
    replies_due,
)
from complaints.services.dispute_papers import Document
from complaints.services.disputes import dispute_reply


def _named(account: ServiceAccount, *, reference: str) -> Dispute:
    """The member's own dispute, found under the portal's role, then read as ourselves. Raises Http404 for none."""
    with portal_scope(client_id=account.client_id):
        found = disputes_of_member(client=account.client).filter(reference=reference).first()
    if found is None:
        raise Http404
    return Dispute.objects.select_related("case__debtor__party", "client").get(pk=found.pk)


def _as_told(dispute: Dispute) -> dict[str, Any]:
    row = disputes_told_to_system(disputes=[dispute])[0]
    return {**row, "reply_by": replies_due(disputes=[dispute]).get(dispute.pk), **dispute_words_told(dispute=dispute)}


class Disputes(Listed):
    scopes = {"GET": Scope.DISPUTES}
    least = {}  # Narrowed row by row (``disputes_of_member``).
    query = told.DisputesQuery
    filters = {"debtor_ref": "case__debtor__debtor_ref", "state": "state"}

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return disputes_of_member(client=account.client).order_by("pk")

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return disputes_told_to_system(disputes=rows)

    @extend_schema(
        operation_id="disputes_list",
        summary="Disputes of what you supplied, in the order they were filed",
        description="Needs the right DISPUTES. Those you were notified of; a page at a time, by cursor.",
        parameters=[told.DisputesQuery],
        responses={200: listed("Disputes", told.DisputeTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)


class OneDispute(Reads):
    scopes = {"GET": Scope.DISPUTES}
    least = {}

    @extend_schema(
        operation_id="dispute_read",
        summary="One dispute, with what the objector says and the last day of your reply",
        description="Needs the right DISPUTES.",
        responses={200: told.OneDisputeTold, **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Response:
        """The dispute is found under the portal's role; its words are opened as ourselves."""
        return Response(_as_told(_named(account_of(request), reference=names["reference"])))


class Reply(Acts):
    scopes = {"POST": Scope.DISPUTES}

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """The member's reply. After its last day it is refused: silence has counted by then."""
        body = checked(told.ReplyBody, request.data)
        dispute = _named(account, reference=names["reference"])
        done = dispute_reply(
            actor=Actor.service(account), dispute=dispute, stand=body["stand"], words=body["words"], at=clock.now(),
            documents=[Document(name=one["name"], content=one["content"]) for one in body.get("papers", [])],
        )  # fmt: skip
        return 201, _as_told(done)

    @extend_schema(
        operation_id="dispute_reply",
        summary="Reply to a dispute, with your evidence",
        description="Needs the right DISPUTES. Once, within ten working days of the notice: 409 after that.",
        parameters=[KEY, KEPT],
        request=told.ReplyBody,
        responses={201: told.OneDisputeTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)
