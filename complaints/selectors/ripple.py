"""Others who were treated as an upheld complaint says (redress): cases alike by employee, channel, hour, stage or text.

Nothing of what was told is read for it: only the contact it was about, and what the case's own trail holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import Direction, Verdict
from collections_app.models import Case, ContactAttempt
from collections_app.policies import cases_visible_to
from common.clock import RIYADH
from common.models import Message
from complaints.choices import UPHELD
from complaints.models import Matter

CASE = "collections_app.Case"
SPANS = (7, 30, 90)
MOST_CASES = 200


class Trait(StrEnum):
    """What two cases have in common."""

    COLLECTOR = "COLLECTOR"
    CHANNEL = "CHANNEL"
    HOUR = "HOUR"
    STAGE = "STAGE"
    TEMPLATE = "TEMPLATE"


TRAIT_WORDS: Mapping[str, str | Promise] = {
    Trait.COLLECTOR: _("Same employee"),
    Trait.CHANNEL: _("Same channel"),
    Trait.HOUR: _("Same hour of the day"),
    Trait.STAGE: _("Same stage"),
    Trait.TEMPLATE: _("Same text of a message"),
}


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A case that was treated alike within the span: how often, and when last."""

    case: Case
    times: int
    last_at: dt.datetime


def is_upheld(matter: Matter) -> bool:
    """Decided, and found justified at least in part."""
    return matter.outcome in UPHELD and matter.answered_at is not None


def traits_of(*, matter: Matter) -> dict[str, Any]:
    """How the complainant was treated, by trait: an employee, a channel, an hour in Riyadh, a stage, a text's code."""
    attempt, found = matter.attempt, dict[str, Any]()
    who = matter.concerned_id or (attempt.by_id if attempt is not None else None)
    if who is not None:
        found[Trait.COLLECTOR] = who
    if attempt is not None:
        found[Trait.CHANNEL] = attempt.channel
        found[Trait.HOUR] = attempt.at.astimezone(RIYADH).hour
    if matter.case is not None and matter.case.stage is not None:
        found[Trait.STAGE] = matter.case.stage.code
    if template := _last_text(matter):
        found[Trait.TEMPLATE] = template
    return found


def _last_text(matter: Matter) -> str:
    """The text of the last message about the case before it was complained of."""
    if matter.case_id is None:
        return ""
    last = Message.objects.filter(subject_type=CASE, subject_id=matter.case_id, queued_at__lte=matter.received_at)
    return last.order_by("-queued_at").values_list("template__code", flat=True).first() or ""


def moment_of(matter: Matter) -> dt.datetime:
    """When it happened: the contact it is about, else when it was told."""
    return matter.attempt.at if matter.attempt is not None else matter.received_at


def attempts_alike(*, matter: Matter, user: User, traits: Mapping[str, Any], days: int) -> QuerySet[ContactAttempt]:
    """Contacts that had all of these traits within ``days`` before or after, on other cases this person may see."""
    moment, span = moment_of(matter), dt.timedelta(days=days)
    found = ContactAttempt.objects.filter(
        case__in=cases_visible_to(user), at__gte=moment - span, at__lte=moment + span, direction=Direction.OUT
    ).exclude(verdict=Verdict.REFUSED)
    if matter.case_id is not None:
        found = found.exclude(case_id=matter.case_id)
    asked = {
        Trait.COLLECTOR: lambda value: Q(by_id=value),
        Trait.CHANNEL: lambda value: Q(channel=value),
        # The database reckons in Riyadh's hours, as the whole house does.
        Trait.HOUR: lambda value: Q(at__hour=value),
        Trait.STAGE: lambda value: Q(case__stage__code=value),
        Trait.TEMPLATE: lambda value: Q(case_id__in=_texted(code=value, since=moment - span, until=moment + span)),
    }
    for trait, value in traits.items():
        found = found.filter(asked[Trait(trait)](value))
    return found


def _texted(*, code: str, since: dt.datetime, until: dt.datetime) -> QuerySet[Message, int]:
    found = Message.objects.filter(subject_type=CASE, template__code=code, queued_at__gte=since, queued_at__lte=until)
    return found.values_list("subject_id", flat=True)


def cases_alike(*, matter: Matter, user: User, traits: Mapping[str, Any], days: int) -> list[Alike]:
    """The cases of such contacts, the most often treated so first; none without a trait, for all would be alike.

    What is looked into for this matter already is left out.
    """
    if not traits:
        return []
    rows = list(
        attempts_alike(matter=matter, user=user, traits=traits, days=days)
        .exclude(case__in=matter.redress.values("case_id"))
        .order_by()
        .values("case_id")
        .annotate(times=Count("pk"), last_at=Max("at"))
        .order_by("-times", "-last_at", "case_id")[:MOST_CASES]
    )
    cases = Case.objects.select_related("debtor", "client", "stage", "owner").in_bulk([row["case_id"] for row in rows])
    return [Alike(case=cases[row["case_id"]], times=row["times"], last_at=row["last_at"]) for row in rows]


def counts_alike(*, matter: Matter, user: User, days: int) -> dict[str, int]:
    """Of each trait of its own: how many other cases had it within the span."""
    return {
        trait: attempts_alike(matter=matter, user=user, traits={trait: value}, days=days)
        .order_by().values("case_id").distinct().count()
        for trait, value in traits_of(matter=matter).items()
    }  # fmt: skip
