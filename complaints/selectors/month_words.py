"""The figures of a month's report in words: rows with their names, in one language, for its page and its paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.choices import (
    Department,
    Intake,
    MatterKind,
    Outcome,
    RecommendationState,
    ReportKind,
)
from complaints.models import ReportCourse
from complaints.rules.learning import Weak
from complaints.selectors.repeats import NOTHING

Row = dict[str, Any]
WEAK_WORDS: dict[str, str | Promise] = {
    Weak.LATE: _("%(name)s: %(part)s of %(whole)s closed after their deadline"),
    Weak.SLOWER: _("%(name)s: %(part)s working days to answer, after %(whole)s the month before"),
    Weak.OPEN_LATE: _("%(part)s of %(whole)s open matters are past a deadline"),
    Weak.UPHELD: _("%(part)s of %(whole)s complaints decided were justified, in whole or in part"),
    Weak.ROSE: _("%(name)s: %(part)s complaints, after %(whole)s the month before"),
    Weak.UNTRACED: _("%(part)s of %(whole)s justified complaints have no root cause yet"),
    Weak.SCORE: _("Satisfaction is %(part)s of 5, by %(whole)s answers"),
    Weak.NOT_DONE: _("%(part)s of %(whole)s recommendations were not carried out"),
}


def drawn(*, course: ReportCourse, language: str) -> Row:
    """What a report shows, ready for its templates: every code as a word of ``language``."""
    with translation.override(language):
        told = _repeats(course.figures, language) if course.kind == ReportKind.REPEATS else _performance(
            course.figures, language
        )  # fmt: skip
        return {
            "figures": course.figures,
            "recommendations": [_recommendation(row, language) for row in course.figures.get("recommendations", [])],
            **told,
        }


def _labelled(rows: list[Row], words: Any) -> list[Row]:
    return [{**row, "name": str(words(row["key"]).label) if row["key"] in words.values else row["key"]} for row in rows]


def _widths(rows: list[Row]) -> list[Row]:
    """With ``width``: its length beside the longest, of a hundred."""
    most = max((row["count"] for row in rows), default=0)
    return [{**row, "width": round(100 * row["count"] / most) if most else 0} for row in rows]


def _in(rows: list[Row], language: str, nothing: str) -> list[Row]:
    return [{**row, "name": row[language] or nothing} for row in rows]


def _performance(figures: Row, language: str) -> Row:
    return {
        "kinds": _labelled(figures["kinds"], MatterKind),
        "departments": _labelled(figures["departments"], Department),
        "channels": _widths(_labelled(figures["channels"], Intake)),
        "categories": _widths(_in(figures["categories"][:10], language, str(_("Not sorted yet")))),
        "outcomes": _labelled(figures["outcomes"], Outcome),
        "weak": [weak_said(point, language) for point in figures["weak"]],
    }


def weak_said(point: Row, language: str) -> str:
    """A weak point as a sentence with its figures."""
    name = point.get(language) or ""
    if point.get("key") in Department.values:
        name = str(Department(point["key"]).label)
    return str(WEAK_WORDS[point["code"]]) % {"name": name, "part": point["part"], "whole": point["whole"]}


def _repeats(figures: Row, language: str) -> Row:
    unsorted, untraced, none = str(_("Not sorted yet")), str(_("Not found yet")), str(_("None named"))
    return {
        "categories": _widths(_in(figures["categories"], language, unsorted)),
        "departments": _widths(_labelled(figures["departments"], Department)),
        "products": _widths(
            [{**row, "name": none if row["key"] == NOTHING else row["key"]} for row in figures["products"]]
        ),
        "channels": _widths(_labelled(figures["channels"], Intake)),
        "causes": _widths(_in(figures["causes"], language, untraced)),
    }


def _recommendation(row: Row, language: str) -> Row:
    return {
        **row,
        "department_name": str(Department(row["department"]).label),
        "state_name": str(RecommendationState(row["state"]).label),
        "owner": row[f"owner_{language}"],
        "due": dt.date.fromisoformat(row["due_on"]) if row["due_on"] else None,
    }
