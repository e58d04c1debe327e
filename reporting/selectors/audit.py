"""What the auditor's desk lists: looks, approvals with their decisions, signatures; each as its page's address asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.choices import OUTSIDE_ROLES, PORTAL_ROLES, STAFF_ROLES, Side
from accounts.models import AccessRecord, User
from collections_app.models import Authorisation
from common import clock
from common.forms import key_of
from common.models import Approval

Row = TypeVar("Row", bound=Model)
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(9999, 1, 1)
SIDES = {Side.HOUSE: STAFF_ROLES, Side.PORTAL: PORTAL_ROLES, Side.OUTSIDE: OUTSIDE_ROLES}


def day_of(text: str) -> dt.date | None:
    """A day as an address names it; None for anything else, and for days at the calendar's edges."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The filters of an address, as far as they can be read; what cannot is not asked."""

    given: Mapping[str, str]

    def text(self, name: str) -> str:
        # PostgreSQL holds no NUL in a text.
        return self.given.get(name, "").replace("\x00", "").strip()[:200]

    def key(self, name: str) -> int | None:
        return key_of(self.given.get(name, ""))

    @property
    def since(self) -> dt.datetime | None:
        day = day_of(self.text("from"))
        return clock.at_riyadh(on=day, time=dt.time(0)) if day else None

    @property
    def until(self) -> dt.datetime | None:
        """The end of the last day, itself not included."""
        day = day_of(self.text("to"))
        return clock.at_riyadh(on=day + dt.timedelta(days=1), time=dt.time(0)) if day else None


def within(found: QuerySet[Row], asked: Asked, field: str) -> QuerySet[Row]:
    """Those whose moment lies on the days asked for."""
    if asked.since is not None:
        found = found.filter(**{f"{field}__gte": asked.since})
    if asked.until is not None:
        found = found.filter(**{f"{field}__lt": asked.until})
    return found


def people_found(text: str) -> QuerySet[User]:
    """People by a part of their name or address."""
    return User.objects.filter(Q(name_ar__icontains=text) | Q(name_en__icontains=text) | Q(email__icontains=text))


def looks_found(asked: Asked) -> QuerySet[AccessRecord]:
    """Who looked at what that is not everybody's, and what left as a file; the newest first."""
    found = within(AccessRecord.objects.select_related("user"), asked, "at").order_by("-pk")
    if person := asked.text("person"):
        found = found.filter(user__in=people_found(person))
    if asked.text("side") in SIDES:
        found = found.filter(user__role__in=SIDES[Side(asked.text("side"))])
    if what := asked.text("what"):
        found = found.filter(what__icontains=what)
    if (key := asked.key("subject")) is not None:
        found = found.filter(subject_id=key)
    return found


def approvals_found(asked: Asked) -> QuerySet[Approval]:
    """Every request of every kind with its steps and decisions; the newest first."""
    found = within(Approval.objects.select_related("prepared_by", "ended_by"), asked, "prepared_at")
    for name in ("kind", "status"):
        if asked.text(name):
            found = found.filter(**{name: asked.text(name)})
    if (client := asked.key("client")) is not None:
        found = found.filter(client_id=client)
    if person := asked.text("person"):
        people = people_found(person)
        decided = Q(decisions__person__in=people) | Q(decisions__on_behalf_of__in=people)
        found = found.filter(Q(prepared_by__in=people) | decided).distinct()
    if asked.text("delegated"):
        found = found.filter(decisions__delegation__isnull=False).distinct()
    return found.prefetch_related("steps", "decisions__person", "decisions__on_behalf_of", "decisions__step").order_by(
        "-pk"
    )


def signatures_found(asked: Asked) -> QuerySet[Authorisation]:
    """Every authorisation that was signed: by whom, by what power, and the hash of what; the newest first."""
    found = Authorisation.objects.select_related("client", "case__debtor", "request", "signatory", "revoked_by")
    found = within(found, asked, "signed_at").order_by("-signed_at", "-pk")
    if (client := asked.key("client")) is not None:
        found = found.filter(client_id=client)
    if person := asked.text("person"):
        found = found.filter(signatory__in=people_found(person))
    if number := asked.text("q"):
        found = found.filter(
            Q(number__istartswith=number)
            | Q(document_hash__istartswith=number)
            | Q(request__digest__istartswith=number)
        )
    return found
