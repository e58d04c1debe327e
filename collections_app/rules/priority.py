"""Why a case stands where it stands in the day's list: points with their reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LARGE = Decimal("10000")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the day knows of one case."""

    promise_today: bool = False
    promise_missed: bool = False
    call_back: bool = False
    stage_task: bool = False
    objection: bool = False
    never_contacted: bool = False
    kept: int = 0
    judged: int = 0
    stage_depth: int = 0
    balance: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Point:
    words: str | Promise
    points: int


def points_of(standing: Standing) -> list[Point]:
    """Every reason that lifts a case, with its points, the heaviest first."""
    found: list[Point] = []
    if standing.promise_today:
        found.append(Point(words=_("Promise due today"), points=40))
    if standing.call_back:
        found.append(Point(words=_("Call back agreed for today"), points=35))
    if standing.promise_missed:
        found.append(Point(words=_("Promise missed"), points=30))
    if standing.stage_task:
        found.append(Point(words=_("Action of the stage"), points=20))
    if standing.never_contacted:
        found.append(Point(words=_("Not contacted yet"), points=12))
    if standing.judged and standing.kept * 2 > standing.judged:
        found.append(Point(words=_("Mostly keeps promises"), points=15))
    if standing.balance >= LARGE:
        found.append(Point(words=_("Large amount"), points=9))
    if standing.stage_depth:
        found.append(Point(words=_("Age of the oldest item"), points=2 * standing.stage_depth))
    return sorted(found, key=lambda point: -point.points)


def total(found: Sequence[Point]) -> int:
    return sum(point.points for point in found)


# The strongest reason is the one chip of a row: code, icon, look, words.
REASONS: tuple[tuple[str, str, str, Promise], ...] = (
    ("objection", "pause", "hold", _("Open objection")),
    ("promise_today", "handshake", "attn", _("Promise due today")),
    ("promise_missed", "calendar-x-2", "firm", _("Promise missed")),
    ("call_back", "phone-call", "brand", _("Call back")),
    ("stage_task", "layers", "", _("Stage action")),
    ("never_contacted", "sparkle", "", _("New case")),
)
