"""What a client's system reads: cases, receivables, payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from clients.api.views import Reads
from clients.models import ServiceAccount
from collections_app.api import serializers as told
from collections_app.api.schema import PROBLEMS, listed
from collections_app.selectors.api import (
    cases_of,
    cases_told,
    receivables_of,
    receivables_told,
)
from common.api.errors import checked
from common.api.pages import Pages
from common.clock import RIYADH


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=RIYADH)


class Listed(Reads):
    """A list: filtered by what its address names, a page at a time."""

    query: type[BaseSerializer]
    # What each name of the address asks of a row.
    filters: Mapping[str, str] = {}

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        raise NotImplementedError

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        raise NotImplementedError

    def read(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        asked = checked(self.query, request.query_params.dict(), status_code=400)
        wanted = {self.filters[name]: value for name, value in asked.items() if name in self.filters}
        if "recorded_at__gte" in wanted:
            wanted["recorded_at__gte"] = _midnight(wanted["recorded_at__gte"])
        if "recorded_at__lt" in wanted:
            wanted["recorded_at__lt"] = _midnight(wanted["recorded_at__lt"] + dt.timedelta(days=1))
        pages = Pages()
        page = pages.paginate_queryset(self.rows(account).filter(**wanted), request, view=self)
        return pages.get_paginated_response(self.tell(page)).data


class Cases(Listed):
    query = told.CasesQuery
    filters = {"status": "status", "placed_from": "placed_on__gte", "placed_to": "placed_on__lte"}

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return cases_of(client=account.client)

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return cases_told(cases=rows)

    @extend_schema(
        operation_id="cases_list",
        summary="Cases, in the order they were placed",
        description="Needs the right READ. A page at a time, by cursor.",
        parameters=[told.CasesQuery],
        responses={200: listed("Cases", told.CaseTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)


class OneCase(Reads):
    @extend_schema(
        operation_id="case_read",
        summary="One case, by your reference of the account holder",
        description="Needs the right READ.",
        responses={200: told.CaseTold, **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)

    def read(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        found = cases_of(client=account.client).filter(debtor__debtor_ref=names["debtor_ref"])[:1]
        if not found:
            raise Http404
        return cases_told(cases=list(found))[0]


class Receivables(Listed):
    query = told.ReceivablesQuery
    filters = {
        "debtor_ref": "case__debtor__debtor_ref",
        "status": "status",
        "due_from": "due_on__gte",
        "due_to": "due_on__lte",
    }

    def rows(self, account: ServiceAccount) -> QuerySet[Any]:
        return receivables_of(client=account.client)

    def tell(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        return receivables_told(receivables=rows)

    @extend_schema(
        operation_id="receivables_list",
        summary="Receivables, in the order they were placed",
        description="Needs the right READ. A page at a time, by cursor.",
        parameters=[told.ReceivablesQuery],
        responses={200: listed("Receivables", told.ReceivableTold), **PROBLEMS},
    )
    def get(self, request: Request, **names: Any) -> Any:
        return super().get(request, **names)
