"""How charts of boards say their figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from common.components import format as fmt
from common.components.format import DAYS
from reporting.boards.shown import weekday_words

register = template.Library()


@register.filter
def share(value: Decimal | None) -> SafeString | str:
    """A share of 1 in percent with one place; nothing of nothing."""
    return fmt.NOTHING if value is None else fmt.bdi(f"{fmt.grouped(amount=value * 100, places=1)}%")


@register.filter
def share_short(value: Decimal | None) -> SafeString | str:
    """The same in a cell whose heading says percent."""
    return fmt.NOTHING if value is None else fmt.bdi(fmt.grouped(amount=value * 100, places=1))


@register.filter
def hour(value: int) -> SafeString:
    return fmt.bdi(f"{value:02d}")


@register.filter
def weekday_name(number: int) -> str:
    return weekday_words(number)


@register.filter
def weekday_initial(on: dt.date) -> str:
    """A day's name in a column that is too narrow for it: in Arabic without its article."""
    name = DAYS[fmt.short(get_language() or "ar")][on.weekday()]
    return name.removeprefix("ال")[:3] if name.startswith("ال") else name[:2]


@register.filter
def signed_money(value: Decimal, look: str) -> SafeString:
    """An amount; of what comes or goes with its sign."""
    if not value:
        return fmt.bdi(fmt.NOTHING)
    text, _point, decimals = fmt.grouped(amount=value).partition(".")
    sign = "+" if look == "more" else ""
    return format_html('<bdi dir="ltr" class="num">{}{}<span class="dec">.{}</span></bdi>', sign, text, decimals)


@register.filter
def fields(told: Mapping[str, str]) -> str:
    """Fields of an address."""
    return urlencode({name: value for name, value in told.items() if value})
