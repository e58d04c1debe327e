"""What charts share in telling their cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.dates import WEEKDAYS as _WEEKDAYS
from django.utils.translation import gettext_lazy as _

from reporting.boards.base import Chart, Value
from reporting.kpis.base import Row, Words
from reporting.kpis.shown import COLUMN_WORDS, Cell, cell_of

_PLACES = Decimal("0.0001")


def by_currency(cells: Iterable[Row]) -> dict[str, list[Row]]:
    """Cells of each currency, that with the most in it first; currencies are never added."""
    found: dict[str, list[Row]] = {}
    for row in cells:
        found.setdefault(row["currency"], []).append(row)
    return dict(sorted(found.items(), key=lambda item: (-sum(row["count"] for row in item[1]), item[0])))


def share_of(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A share of 1, to a hundredth of a percent; None of nothing."""
    if not whole or part is None:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(_PLACES)


# The words of columns that figures do not have, or have in another sense.
COLUMNS: Mapping[str, Words] = {
    **COLUMN_WORDS,
    "age": _("Waits since"),
    "answer": _("Answer"),
    "answer_by": _("To be answered by"),
    "b0": _("Open at the start"),
    "b1": _("Open at the end"),
    "bucket": _("Days late"),
    "day": _("Day"),
    "due": _("Due"),
    "error": _("What stopped it"),
    "finished_at": _("Ended"),
    "from_bucket": _("Lay in"),
    "hour": _("Hour"),
    "job": _("Job"),
    "ordered_on": _("Ordered"),
    "overdue": _("Overdue"),
    "part": _("Counts"),
    "person": _("Collector"),
    "prepared_at": _("Asked at"),
    "reach": _("Ways to reach them"),
    "seconds": _("Seconds"),
    "started_at": _("Began"),
    "state": _("State"),
    "status": _("State"),
    "step": _("Step"),
    "to_bucket": _("Lies in"),
    "weekday": _("Day"),
    "what": _("What"),
    "whole": _("Of"),
    "written": _("Rows written"),
}


def cell_shown(chart: Chart, name: str, value: Any) -> Cell:
    """How a page shows a value of one of a chart's columns."""
    if name in chart.words and value is not None:
        return Cell(kind="words", value=chart.words[name]().get(value, value))
    if name == "weekday" and value is not None:
        return Cell(kind="words", value=weekday_words(int(value)))
    if name == "hour" and value is not None:
        return Cell(kind="code", value=f"{int(value):02d}:00")
    if isinstance(value, float):
        value = Decimal(str(round(value, 2)))
    return cell_of(name, value)


def weekday_words(number: int) -> str:
    """The name of an ISO weekday in the reader's language."""
    return str(_WEEKDAYS[number - 1])


def value_told(value: Value) -> Any:
    """A cell of a chart's table as a file holds it: amounts and numbers as such, a share in percent."""
    found = value.value
    if found is None:
        return ""
    if value.kind == "share":
        return (Decimal(found) * 100).quantize(Decimal("0.01"))
    if value.kind == "weekday":
        return weekday_words(found)
    if value.kind == "hour":
        return f"{found:02d}:00"
    return found if isinstance(found, (int, Decimal, dt.date)) else str(found)
