"""Complaints and enquiries from a client's own system: told, listed, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from clients.api.views import Acts, Reads
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api.loading import case_named
from collections_app.api.reads import Listed
from collections_app.api.schema import KEPT, KEY, PROBLEMS, REFUSALS, listed
from common import clock
from common.access import portal_scope
from common.api.errors import checked
from common.audit import Actor
from common.clock import RIYADH
from common.exceptions import Refused
from complaints.api import serializers as told
from complaints.choices import Complainant, Intake
from complaints.models import Category
from complaints.selectors.matters import answer_due
from complaints.selectors.outside import matters_as_told, matters_of_client
from complaints.services.intake import matter_take
from complaints.services.matters import Told

# As they stand in the body and in what is told.
SAME = ("kind", "words", "name", "phone", "email", "language", "product", "remedy_sought")


def _category(code: str) -> Category | None:
    if not code:
        return None
    found = Category.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise Refused("category_unknown", _("There is no category of this code."), field="category")
    return found


class Matters(Acts, Listed):
    scopes = {"GET": Scope.MATTERS, "POST": Scope.MATTERS}
    least = {}  # Narrowed row by row (``matters_of_client``).
    query = told.MattersQuery
    filters = {"kind": "kind", "stage": "stage", "debtor_ref": "account_ref"}

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return matters_of_client(client=account.client)

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return matters_as_told(matters=rows)

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Take in what a client's system tells us. The account is found under the portal's role."""
        body, case = checked(told.MatterBody, request.data), None
        if "debtor_ref" in body:
            with portal_scope(client_id=account.client_id):
                case = case_named(account, debtor_ref=body["debtor_ref"])
        matter = matter_take(
            actor=Actor.service(account),
            told=Told(
                intake=Intake.SYSTEM, complainant=body.get("complainant", Complainant.CLIENT), client=account.client,
                case=case, category=_category(body.get("category", "")),
                **{name: body[name] for name in SAME if name in body},
            ),
            at=clock.now(),
        )  # fmt: skip
        due = answer_due(matter=matter, at=matter.received_at).astimezone(RIYADH).date()
        return 201, {**matters_as_told(matters=[matter])[0], "answer_by": due}

    @extend_schema(
        operation_id="matters_list",
        summary="What you told us, in the order it was told",
        description="Needs the right MATTERS. A page at a time, by cursor. What account holders told us is not among "
        "it.",
        parameters=[told.MattersQuery],
        responses={200: listed("Matters", told.MatterTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)

    @extend_schema(
        operation_id="matter_tell",
        summary="Tell us a complaint, an enquiry, a suggestion or appreciation",
        description="Needs the right MATTERS. It has its reference at once; who is named with a number or address is "
        "told of it with the time frame.",
        parameters=[KEY, KEPT],
        request=told.MatterBody,
        responses={201: told.MatterTakenTold, **REFUSALS},
    )
    def post(self, request: Request, **names: Any) -> HttpResponse:
        return super().post(request, **names)


class OneMatter(Reads):
    scopes = {"GET": Scope.MATTERS}
    least = {}

    def read(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        found = get_object_or_404(matters_of_client(client=account.client), reference=names["reference"])
        return matters_as_told(matters=[found])[0]

    @extend_schema(
        operation_id="matter_read",
        summary="Where one of them stands",
        description="Needs the right MATTERS.",
        responses={200: told.MatterTold, **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)
