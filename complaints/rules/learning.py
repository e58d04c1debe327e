"""What complaints are looked at by, and what of a month is weak (CR-05, CR-07, CR-17). No database, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.clock import at_riyadh

# The same person with the same category within so many days is a repetition; CR-05 names no span.
REPEAT_DAYS = 90
SPANS = (30, 90, 180, 365)
# A department is weak where more than this share of what it closed was late: nobody's figure but ours.
LATE_SHARE = Decimal("0.10")
# Upheld, or the score of who was asked, beyond which a month is looked at.
UPHELD_SHARE, LEAST_SCORE, LEAST_COUNT = Decimal("0.50"), Decimal("3.5"), 3


class By(StrEnum):
    """What complaints are counted by."""

    CATEGORY = "category"
    DEPARTMENT = "department"
    PRODUCT = "product"
    COLLECTOR = "collector"
    STAGE = "stage"
    CAUSE = "cause"
    CLIENT = "client"
    INTAKE = "intake"


BY_WORDS: Mapping[str, str | Promise] = {
    By.CATEGORY: _("Category"),
    By.DEPARTMENT: _("Department"),
    By.PRODUCT: _("Product"),
    By.COLLECTOR: _("Employee concerned"),
    By.STAGE: _("Stage of the account"),
    By.CAUSE: _("Root cause"),
    By.CLIENT: _("Client"),
    By.INTAKE: _("Channel"),
}


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How often one value was complained of; ``share`` of all in per cent, and with all that stand above it."""

    key: str
    count: int
    repeated: int
    upheld: int
    share: Decimal
    cumulative: Decimal


def pareto(rows: Iterable[tuple[str, int, int, int]]) -> list[Counted]:
    """Rows of key, count, repeated and upheld, the most frequent first, with their shares; they end at exactly 100."""
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    whole, so_far, found = sum(row[1] for row in ordered), 0, list[Counted]()
    for key, count, repeated, upheld in ordered:
        so_far += count
        found.append(
            Counted(key=key, count=count, repeated=repeated, upheld=upheld, share=percent(count, whole),
                    cumulative=percent(so_far, whole))
        )  # fmt: skip
    return found


def percent(part: int, whole: int) -> Decimal:
    """A share in per cent with one place; nothing of nothing is nothing."""
    return (Decimal(100) * part / whole).quantize(Decimal("0.1")) if whole else Decimal("0.0")


def month_of(day: dt.date) -> dt.date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def month_before(month: dt.date) -> dt.date:
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def span_of_month(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Its first moment in Riyadh, and that of the next month."""
    return at_riyadh(on=month_of(month), time=dt.time.min), at_riyadh(on=month_after(month), time=dt.time.min)


class Weak(StrEnum):
    """A weak point of a month (CR-17)."""

    LATE = "LATE"
    SLOWER = "SLOWER"
    OPEN_LATE = "OPEN_LATE"
    UPHELD = "UPHELD"
    ROSE = "ROSE"
    UNTRACED = "UNTRACED"
    SCORE = "SCORE"
    NOT_DONE = "NOT_DONE"


def weak_points(*, now: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of a month's figures is weak, each with its figures; ``before``: those of the month before."""
    found: list[dict[str, Any]] = []
    slow_before = {row["key"]: row["days"] for row in before["departments"]}
    for row in now["departments"]:
        if row["closed"] and Decimal(row["late"]) / row["closed"] > LATE_SHARE:
            found.append({"code": Weak.LATE.value, "key": row["key"], "part": row["late"], "whole": row["closed"]})
        then = slow_before.get(row["key"])
        if row["days"] is not None and then is not None and row["days"] - then >= 1:
            found.append({"code": Weak.SLOWER.value, "key": row["key"], "part": row["days"], "whole": then})
    if now["open_late"]:
        found.append({"code": Weak.OPEN_LATE.value, "part": now["open_late"], "whole": now["open"]})
    decided = now["decided"]
    if decided >= LEAST_COUNT and Decimal(now["upheld"]) / decided >= UPHELD_SHARE:
        found.append({"code": Weak.UPHELD.value, "part": now["upheld"], "whole": decided})
    found += _rose(now["categories"], before["categories"])
    if now["untraced"]:
        found.append({"code": Weak.UNTRACED.value, "part": now["untraced"], "whole": now["upheld"]})
    if now["score"] is not None and Decimal(str(now["score"])) < LEAST_SCORE:
        found.append({"code": Weak.SCORE.value, "part": now["score"], "whole": now["rated"]})
    not_done = sum(row["state"] == "NOT_DONE" for row in now["recommendations"])
    if not_done:
        found.append({"code": Weak.NOT_DONE.value, "part": not_done, "whole": len(now["recommendations"])})
    return found


def _rose(now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Categories with half as many again as the month before, and at least three."""
    then = {row["key"]: row["count"] for row in before}
    return [
        {"code": Weak.ROSE.value, "key": row["key"], "ar": row["ar"], "en": row["en"], "part": row["count"],
         "whole": then.get(row["key"], 0)}
        for row in now
        if row["key"] and row["count"] >= LEAST_COUNT and 2 * row["count"] >= 3 * then.get(row["key"], 0)
    ]  # fmt: skip
