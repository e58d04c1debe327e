"""Words and figures of printed reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from hijridate import Gregorian

from collections_app.choices import EntryKind
from collections_app.selectors.cases import bucket_label
from common.components import format as fmt
from legal.choices import ActKind
from reporting.choices import PointKind, ReportKind
from reporting.kpis import KPIS
from reporting.kpis.base import Unit
from reporting.kpis.shown import place_words, value_text
from reporting.models import Report, ReportRun
from reporting.rules.periods import Month, Quarter
from reporting.rules.weeks import Week

register = template.Library()


def _language() -> str:
    return fmt.short(get_language() or "ar")


@register.simple_tag
def moved(by: Decimal, sign: str = "") -> SafeString:
    """A move with its sign always there: +6.2%, −2.4."""
    return fmt.bdi(f"{'+' if by > 0 else ''}{fmt.grouped(amount=by, places=1)}{sign}")


@register.simple_tag
def unit(currency: str) -> str:
    """A currency as it is printed."""
    return fmt.unit(currency=currency, language=_language())


@register.filter
def figure_place(code: str) -> SafeString | str:
    """A bucket, or where something came from or went; a range of figures keeps its own direction."""
    words = place_words(code)
    return fmt.bdi(words) if words[:1].isdigit() else words


@register.filter
def bucket_days(code: str) -> str:
    """A bucket in words, with its days: 1–30 days, over 150 days."""
    if code == "not_due":
        return bucket_label(code)
    if code.endswith("+"):
        return format_html(_("Over {days} days"), days=fmt.bdi(int(code.rstrip("+")) - 1))
    return format_html(_("{range} days"), range=fmt.bdi(bucket_label(code)))


@register.filter
def dash_zero(count: int) -> SafeString:
    """A count; none is a dash."""
    return fmt.bdi(f"{count:,}" if count else fmt.NOTHING)


@register.simple_tag
def span(first: dt.date, last: dt.date) -> SafeString:
    """From one day to another, the month and year said once where they are the same."""
    language = _language()
    months = fmt.LONG_MONTHS_EN if language == "en" else fmt.MONTHS["ar"]
    ends = [(day.day, months[day.month - 1], str(day.year)) for day in (first, last)]
    return _span(ends[0], ends[1])


@register.simple_tag
def hijri_span(first: dt.date, last: dt.date) -> SafeString:
    """The same in the Umm al-Qura calendar."""
    language = _language()
    era = " AH" if language == "en" else " هـ"
    ends = [
        (day.day, fmt.HIJRI_MONTHS[language][day.month - 1], f"{day.year}{era}")
        for day in (Gregorian.fromdate(on).to_hijri() for on in (first, last))
    ]
    return _span(ends[0], ends[1])


def _span(first: tuple[int, str, str], last: tuple[int, str, str]) -> SafeString:
    """Two days as day, month, year; what they share stands once, at the end."""
    shared = 2 if first[1:] == last[1:] else 1 if first[2] == last[2] else 0
    begins = " ".join(str(part) for part in first[: 3 - shared])
    return format_html(_("{first} to {last}"), first=begins, last=" ".join(str(part) for part in last))


@register.filter
def act_label(kind: str) -> str:
    """A legal act in words."""
    return str(ActKind(kind).label)


@register.filter
def entry_label(kind: str) -> str:
    """An entry of the ledger in words."""
    return str(EntryKind(kind).label)


@register.filter
def signed(by: int | Decimal) -> SafeString:
    """A difference with its sign always there; of money with its two decimals."""
    places = 2 if isinstance(by, Decimal) else 0
    return fmt.bdi(f"{'+' if by > 0 else ''}{fmt.grouped(amount=by, places=places)}")


@register.filter
def target_percent(value: Decimal) -> str:
    """A percentage without decimals it does not need: 55, 62.5."""
    return f"{value.normalize():f}"


@register.simple_tag
def month_name(on: dt.date) -> str:
    """A month in words, without its year."""
    months = fmt.LONG_MONTHS_EN if _language() == "en" else fmt.MONTHS["ar"]
    return months[on.month - 1]


@register.filter
def percent_or_dash(value: Decimal | None) -> SafeString:
    """A percentage as it was rounded; over nothing a dash."""
    return fmt.bdi(fmt.NOTHING if value is None else f"{value:f}%")


@register.simple_tag
def share_of(part: Decimal | int, whole: Decimal | int) -> SafeString:
    """A part of a whole in percent, with one decimal; of nothing a dash."""
    return percent_or_dash((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1")) if whole else None)


@register.simple_tag
def share_text(value: Decimal | None) -> SafeString:
    """The same as ``percent_or_dash``, to be put into a sentence."""
    return percent_or_dash(value)


@register.filter
def kpi_name(code: str) -> str:
    """A KPI in words."""
    return str(KPIS[code].name)


@register.filter
def kpi_value(told: dict[str, Any]) -> SafeString:
    """A KPI's value in its unit, one line for each currency where there are several; a dash over nothing."""
    unit = told["unit"]
    if told["value"] is not None or not told["currencies"]:
        value = fmt.bdi(value_text(told["value"], unit))
        if unit == Unit.DAYS and told["value"] is not None:
            return format_html('{} <span class="unit">{}</span>', value, _("days"))
        return value
    several = ((fmt.bdi(value_text(row["value"], unit)), row["currency"]) for row in told["currencies"])
    language = _language()
    shown = ((value, fmt.unit(currency=currency, language=language)) for value, currency in several)
    return format_html_join(mark_safe("<br>"), '{} <span class="unit">{}</span>', shown)


@register.filter
def kpi_parts(told: dict[str, Any]) -> SafeString:
    """What a share was taken of: so many of so many; nothing for what is no share of numbers."""
    part, whole = told.get("numerator"), told.get("denominator")
    if told["unit"] != Unit.RATIO or not isinstance(whole, int) or not whole:
        return fmt.bdi(fmt.NOTHING)
    return format_html("{} {} {}", fmt.bdi(f"{part:,}"), pgettext("part", "of"), fmt.bdi(f"{whole:,}"))


@register.filter
def count_to(number: int) -> range:
    """0, 1, … as many as said."""
    return range(number)


@register.filter
def step_at(steps: Sequence[Decimal | None], number: int) -> SafeString | str:
    """A step of a stair in percent; nothing where it is still ahead."""
    return percent_or_dash(steps[number]) if number < len(steps) else ""


@register.filter
def point_label(kind: str) -> str:
    """A decision or a recommendation, in words."""
    return str(PointKind(kind).label)


@register.simple_tag
def report_name(of: Report | ReportRun) -> str:
    """What a report, or a run of them, is about: Week 40, 2026; September 2026; Early brief, placed on 19 Sep 2026."""
    period = of.covers
    if isinstance(period, Week):
        return format_html(_("Week {number}, {year}"), number=fmt.bdi(period.number), year=fmt.bdi(period.year))
    if isinstance(period, Month):
        return format_html("{} {}", month_name(period.starts_on), fmt.bdi(period.year))
    if isinstance(period, Quarter):
        return format_html(_("Quarter {number}, {year}"), number=fmt.bdi(period.number), year=fmt.bdi(period.year))
    day = fmt.day_text(on=period.on, language=_language(), year=True)
    return format_html(_("{kind}, placed on {day}"), kind=ReportKind(period.kind).label, day=day)
