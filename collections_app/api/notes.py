"""Credit and debit notes on a receivable, from the client's own system."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from clients.api.views import Acts
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api import serializers as told
from collections_app.api.loading import case_named, receivable_named
from collections_app.api.schema import KEPT, KEY, REFUSALS
from collections_app.selectors.api import receivables_of, receivables_told
from collections_app.services.ledger import note_post
from common.access import portal_scope
from common.api.errors import checked
from common.audit import Actor


class Notes(Acts):
    scopes = {"POST": Scope.NOTES}

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Raise or lower what a receivable owes. Forgiving a debtor is the house's to agree, not a system's."""
        body = checked(told.NoteBody, request.data)
        with portal_scope(client_id=account.client_id):
            receivable = receivable_named(case_named(account, debtor_ref=body["debtor_ref"]), body=body)
        note_post(
            actor=Actor.service(account),
            receivable=receivable,
            kind=body["kind"],
            amount=body["amount"],
            value_on=body["value_on"],
            reference=body["reference"],
            reason=body["reason"],
        )
        note = {name: body[name] for name in ("reference", "kind", "amount", "value_on")}
        if not account.client.shows_cases:
            return 201, note
        with portal_scope(client_id=account.client_id):
            after = receivables_of(client=account.client).filter(pk=receivable.pk)
            stands = receivables_told(receivables=list(after))[0]
        return 201, {**note, "receivable": stands}

    @extend_schema(
        operation_id="note_post",
        summary="Send a credit or debit note",
        description="Needs the right NOTES. A credit note lowers what is owed, a debit note raises it.",
        parameters=[KEY, KEPT],
        request=told.NoteBody,
        responses={201: told.NoteTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)
