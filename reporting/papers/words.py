"""What the papers of a week, a month and a quarter say differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reporting.choices import ReportKind
from reporting.kpis.base import Words


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Sentences and headings of one kind. ``{by}`` is a move; the others stand as they are."""

    title: Words
    began: Words
    rose: Words
    fell: Words
    stayed: Words
    last: Words
    tick: Words
    ago: Words
    moved: Words
    by_part: Words
    part: Words
    no_contact: Words
    no_promise: Words
    restated: Words
    in_term: Words
    kept_term: Words
    aging_term: Words
    movement_term: Words


WORDINGS: Mapping[str, Wording] = {
    ReportKind.WEEKLY: Wording(
        title=_("Weekly collection report"),
        began=_("Collection began this week."),
        rose=_("Collection rose by {by} on the week before."),
        fell=_("Collection fell by {by} on the week before."),
        stayed=_("Collection stayed as it was the week before."),
        last=_("last week"),
        tick=_("the upright line is last week"),
        ago=_("A week ago"),
        moved=_("of the items in each age a week ago"),
        by_part=_("The week day by day"),
        part=_("Day"),
        no_contact=_("No contact this week."),
        no_promise=_("No promise this week."),
        restated=_("Figure of the week before"),
        in_term=_("Payments by their value date within the week, in each currency; those reversed since are left out."),
        kept_term=_("Promises paid in full by their date, of all promises whose date fell in the week."),
        aging_term=_("What was open at the end of the last day of the week, by the days since each item fell due."),
        movement_term=_(
            "Of the items in each age at the end of the week before, the share that lay in each age at the end of this "
            "week, or was paid; new ones by where they lay at its end."
        ),
    ),
    ReportKind.MONTHLY: Wording(
        title=_("Monthly collection report"),
        began=_("Collection began this month."),
        rose=_("Collection rose by {by} on the month before."),
        fell=_("Collection fell by {by} on the month before."),
        stayed=_("Collection stayed as it was the month before."),
        last=_("last month"),
        tick=_("the upright line is the end of the month before"),
        ago=_("A month ago"),
        moved=_("of the items in each age at the end of the month before"),
        by_part=_("The month week by week"),
        part=_("Week"),
        no_contact=_("No contact this month."),
        no_promise=_("No promise this month."),
        restated=_("Figure of the month before"),
        in_term=_(
            "Payments by their value date within the month, in each currency; those reversed since are left out."
        ),
        kept_term=_("Promises paid in full by their date, of all promises whose date fell in the month."),
        aging_term=_("What was open at the end of the last day of the month, by the days since each item fell due."),
        movement_term=_(
            "Of the items in each age at the end of the month before, the share that lay in each age at the end of "
            "this month, or was paid; new ones by where they lay at its end."
        ),
    ),
    ReportKind.QUARTERLY: Wording(
        title=_("Quarterly collection report"),
        began=_("Collection began this quarter."),
        rose=_("Collection rose by {by} on the quarter before."),
        fell=_("Collection fell by {by} on the quarter before."),
        stayed=_("Collection stayed as it was the quarter before."),
        last=_("last quarter"),
        tick=_("the upright line is the end of the quarter before"),
        ago=_("A quarter ago"),
        moved=_("of the items in each age at the end of the quarter before"),
        by_part=_("The quarter month by month"),
        part=_("Month"),
        no_contact=_("No contact this quarter."),
        no_promise=_("No promise this quarter."),
        restated=_("Figure of the quarter before"),
        in_term=_(
            "Payments by their value date within the quarter, in each currency; those reversed since are left out."
        ),
        kept_term=_("Promises paid in full by their date, of all promises whose date fell in the quarter."),
        aging_term=_("What was open at the end of the last day of the quarter, by the days since each item fell due."),
        movement_term=_(
            "Of the items in each age at the end of the quarter before, the share that lay in each age at the end of "
            "this quarter, or was paid; new ones by where they lay at its end."
        ),
    ),
}
