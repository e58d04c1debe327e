"""New debts, from the client's own system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from clients.api.views import Acts
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api import serializers as told
from collections_app.api.schema import KEPT, KEY, REFUSALS
from collections_app.rules import importing
from collections_app.services.placements import placements_post
from common import clock
from common.api.errors import CORRECT, checked
from common.api.fields import Told
from common.api.words import in_both
from common.audit import Actor

_FAULTS: Mapping[str, Any] = {
    **importing.REASONS,
    "object": Told.default_error_messages["invalid"],
    "unknown": Told.default_error_messages["unknown"],
    "text": _("This must be text."),
}


def _said(words: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, **in_both(words[row["code"]])} for row in rows]


class Placements(Acts):
    scopes = {"POST": Scope.PLACEMENTS}

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """All rows or none. A refusal leaves its trace in the house's list of imports, and no key."""
        body = checked(told.PlacementsBody, request.data)
        placed = placements_post(
            actor=Actor.service(account),
            client=account.client,
            name=f"API · {account.name}",
            rows=body["rows"],
            placed_on=body.get("placed_on", clock.today()),
        )
        if placed.refusals:
            answer = {"code": "rows_refused", **in_both(CORRECT), "errors": _said(_FAULTS, placed.refusals)}
            return 422, answer
        result = placed.result
        result["suspects"] = _said(importing.SUSPECTS, result["suspects"])
        result["warnings"] = _said(importing.WARNINGS, result["warnings"])
        return 201 if result["accepted"] else 200, result

    @extend_schema(
        operation_id="placements_post",
        summary="Place debts",
        description="Needs the right PLACEMENTS. All rows or none. 200 when nothing of them was new.",
        parameters=[KEY, KEPT],
        request=told.PlacementsBody,
        responses={201: told.PlacementsTold, 200: told.PlacementsTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)
