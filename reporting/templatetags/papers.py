"""Words and figures of printed reports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from hijridate import Gregorian

from collections_app.choices import EntryKind
from collections_app.selectors.cases import bucket_label
from common.components import format as fmt
from legal.choices import ActKind
from reporting.kpis.shown import place_words

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
