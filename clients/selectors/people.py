"""A client's own people, as its keeper reads them under the portal's rights, and what was asked for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation

from accounts.choices import Role
from clients.models import SignatoryRequest
from common.approvals import Facts
from common.db import rows
from common.models import Approval


@dataclass(frozen=True, kw_only=True)
class Person:
    """One of the client's people. The database answers for the client of the portal's scope alone."""

    id: int
    user_id: int
    name_ar: str
    name_en: str
    email: str
    title: str
    role: str
    is_active: bool
    keeps_people: bool
    keeps_systems: bool
    last_login: dt.datetime | None
    has_factor: bool

    @property
    def name(self) -> str:
        return self.name_en if (translation.get_language() or "ar").startswith("en") else self.name_ar

    @property
    def signs(self) -> bool:
        return self.role == Role.CLIENT_SIGNATORY


def portal_people() -> list[Person]:
    """The people of the client in whose ``portal_scope`` we are."""
    return [Person(**row) for row in rows("SELECT * FROM portal_people()")]


def signatory_facts(url_of: object, approvals: Sequence[Approval]) -> dict[int, Facts]:
    """What a list says of requests that somebody may sign; ``url_of`` gives the page of a client by its key."""
    requests = SignatoryRequest.objects.select_related("client", "membership__user", "prepared_by")
    found = requests.in_bulk([approval.subject_id for approval in approvals])
    return {
        approval.pk: Facts(
            subject=(request := found[approval.subject_id]),
            number=request.client.code,
            about=request.membership.user.name,
            under=(request.client.name, request.power),
            url=url_of(request.client_id),  # type: ignore[operator]
        )
        for approval in approvals
    }
