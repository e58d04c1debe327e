"""The components as tags: one source for pages and fragments. See docs/face.md."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock, slots
from common.clock import RIYADH
from common.components import format as fmt
from common.components.charts import age_segments, window_ruler
from common.components.icons import icon_svg

register = template.Library()
# Characters that fit beside a label on a phone.
SHORT_CODE = 24


def _language() -> str:
    return fmt.short(translation.get_language() or "ar")


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A line icon."""
    return icon_svg(name, size)


@register.simple_tag
def money(amount: Decimal | None, currency: str = "", dash: bool = True, whole: bool = False) -> SafeString:
    """An amount; with a currency, its unit after it."""
    return fmt.money_html(amount=amount, currency=currency, language=_language(), dash=dash, whole=whole)


@register.filter
def num(value: Any) -> SafeString:
    """A figure or code in its own direction."""
    if isinstance(value, int) and not isinstance(value, bool):
        return fmt.bdi(f"{value:,}")
    return fmt.bdi(value)


@register.filter
def percent_text(value: Any) -> SafeString:
    """A share in per cent, its sign in the figure's own direction."""
    return fmt.bdi(f"{value}%")


@register.filter
def thousands_text(value: Decimal) -> str:
    """An amount in thousands with one decimal, as a bar's label."""
    return f"{value / 1000:,.1f}"


@register.filter
def add_to(value: float, more: float) -> float:
    """A coordinate moved by so much."""
    return round(value + more, 1)


@register.filter
def unit(currency: str) -> str:
    """A currency as it is printed."""
    return fmt.unit(currency=currency, language=_language())


@register.filter
def isolated(value: Any) -> Any:
    """Words as they are; a range of figures in its own direction."""
    text = str(value)
    return fmt.bdi(text) if text[:1].isdigit() else text


@register.filter
def code(value: Any) -> SafeString:
    """A reference, isolated from its neighbours' direction; on one line, unless it would fill a phone's."""
    shape = mark_safe(' class="nowrap"') if len(str(value)) <= SHORT_CODE else ""
    return format_html("<bdi{}>{}</bdi>", shape, value)


@register.filter
def text_dir(value: str) -> str:
    """The direction of what a person typed."""
    return fmt.text_dir(value)


@register.filter
def own_direction(value: str) -> str:
    """What a person typed, in its own direction inside a line of a PDF."""
    return fmt.in_own_direction(value)


@register.simple_tag
def gdate(on: dt.date | dt.datetime | None, hijri: bool = False, year: bool = False, long: bool = False) -> SafeString:
    """A Gregorian date, Hijri after it when asked."""
    if on is None:
        return mark_safe(fmt.NOTHING)  # noqa: S308
    if isinstance(on, dt.datetime):
        on = on.astimezone(RIYADH).date()
    language = _language()
    text = fmt.day_text(on=on, language=language, today=clock.today(), year=year, long=long)
    beside = format_html(' <span class="hijri">· {}</span>', fmt.hijri(on=on, language=language)) if hijri else ""
    return format_html('<time datetime="{}" class="nowrap">{}{}</time>', on.isoformat(), text, beside)


@register.simple_tag
def hijri_date(on: dt.date) -> str:
    """The Umm al-Qura date with its year."""
    return fmt.hijri(on=on, language=_language(), year=True)


@register.simple_tag
def weekday(on: dt.date) -> str:
    return fmt.weekday(on=on, language=_language())


@register.simple_tag
def when(at: dt.datetime | dt.date | None, time: bool = True) -> SafeString:
    """Today 14:06, yesterday, three days ago, then the date; the exact instant in the title."""
    if at is None:
        return mark_safe(fmt.NOTHING)  # noqa: S308
    language = _language()
    if not isinstance(at, dt.datetime):
        return format_html(
            '<time datetime="{}" class="nowrap">{}</time>',
            at.isoformat(),
            fmt.relative_text(on=at, today=clock.today(), language=language),
        )
    local = at.astimezone(RIYADH)
    words = fmt.relative_text(on=local.date(), today=clock.today(), language=language)
    near = abs((local.date() - clock.today()).days) <= 1
    clock_text = fmt.bdi(f"{local:%H:%M}") if time and near else ""
    return format_html(
        '<time datetime="{}" title="{}" class="nowrap">{} {}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M}",
        words,
        clock_text,
    )


@register.simple_tag
def clock_time(at: dt.datetime | dt.time | None) -> SafeString:
    """Hours and minutes."""
    if at is None:
        return mark_safe("")
    return fmt.bdi(f"{(at.astimezone(RIYADH) if isinstance(at, dt.datetime) else at):%H:%M}")


@register.simple_tag
def deadline(at: dt.datetime, now: dt.datetime) -> SafeString:
    """A deadline chip: the day and hour; amber today and tomorrow, and only a lapse of ours is red."""
    local, today = at.astimezone(RIYADH), now.astimezone(RIYADH).date()
    words = fmt.relative_text(on=local.date(), today=today, language=_language())
    ahead = (local.date() - today).days
    look = " late" if at < now else " attn" if ahead <= 1 else ""
    return format_html(
        '<time datetime="{}" title="{}" class="chip{}">{}{} {}</time>',
        local.isoformat(timespec="minutes"),
        f"{local:%Y-%m-%d %H:%M}",
        look,
        icon_svg("clock", 14),
        words,
        fmt.bdi(f"{local:%H:%M}"),
    )


@register.simple_tag
def days(count: int) -> SafeString:
    """A number of days in words."""
    return format_html('<span class="nowrap">{}</span>', fmt.days_text(days=count, language=_language()))


@register.simple_tag
def stage(depth: int | str | None, late_days: int | None = None, label: str = "") -> SafeString:
    """The depth gauge and, beside it, the days late (or a label)."""
    if not isinstance(depth, int):  # a template gives "" for the stage of a case that has none yet
        return mark_safe(f'<span class="muted">{fmt.NOTHING}</span>')  # noqa: S308
    if label:
        words: str | SafeString = fmt.bdi(label) if label[:1].isdigit() else label
    elif late_days is None or late_days <= 0:
        words = "Not late" if _language() == "en" else "لم يتأخر"
        return format_html('<span class="stage quiet">{}{}</span>', fmt.gauge_svg(depth=0), words)
    else:
        words = fmt.days_text(days=late_days, language=_language())
    return format_html('<span class="stage">{}<span>{}</span></span>', fmt.gauge_svg(depth=depth), words)


@register.simple_tag
def attempts(used: int, most: int) -> SafeString:
    """Ten ticks and the count: ink up to the last fifth, then amber."""
    near = " near" if used >= most * 0.8 else ""
    ticks = "".join(f'<i class="{"on" if n < used else ""}"></i>' for n in range(most))
    return format_html(
        '<span class="attempts{}"><span class="ticks" aria-hidden="true">{}</span>{}</span>',
        near,
        mark_safe(ticks),  # noqa: S308 - our own markup
        fmt.bdi(f"{used}/{most}"),
    )


@register.simple_tag
def change(value: Decimal | int | None, unit: str = "", up_is_good: bool = True) -> SafeString:
    """A change against last time: the arrow shows its direction, the colour whether that is good."""
    if value is None:
        return mark_safe("")
    if value == 0:
        return format_html('<span class="muted small">{}</span>', _("no change"))
    look = "good" if (value > 0) == up_is_good else "attn"
    figure = fmt.bdi(f"{'+' if value > 0 else fmt.MINUS}{abs(value):,}{unit if unit == '%' else ''}")
    word = "" if unit in {"", "%"} else unit
    arrow = icon_svg("arrow-up" if value > 0 else "arrow-down", 14)
    return format_html('<span class="{} small nowrap">{} {} {}</span>', look, arrow, figure, word)


@register.simple_tag
def key(name: str) -> SafeString:
    """A key cap."""
    return format_html('<kbd class="cap" aria-hidden="true">{}</kbd>', name)


@register.simple_tag
def person(user: Any) -> SafeString:
    """A colleague: initials in a circle and the name."""
    if user is None:
        return mark_safe('<span class="muted">–</span>')
    return format_html(
        '<span class="person"><span class="initials" aria-hidden="true">{}</span>{}</span>', user.initials, user.name
    )


@register.inclusion_tag("components/field.html")
def field(bound: Any, hint: str = "", unit: str = "", wide: bool = False, needed: bool = False) -> dict[str, Any]:
    """A form row: label above, field, hint or error beneath."""
    widget = type(bound.field.widget).__name__
    return {
        "field": bound,
        "hint": hint or bound.help_text,
        "unit": unit,
        "wide": wide,
        "optional": not (bound.field.required or needed),
        "group": widget in {"RadioSelect", "CheckboxSelectMultiple"},
        "check": widget == "CheckboxInput",
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The summary on top of a form, which takes focus; nothing on a page whose form asks for nothing."""
    count = sum(len(errors) for errors in form.errors.values()) if form else 0
    return {"form": form, "count": count}


@register.inclusion_tag("components/age_bar.html")
def age_bar(rows: Any, total: Decimal, currency: str = "") -> dict[str, Any]:
    """The balance by age as one stacked bar, youngest at the start edge, with printed labels."""
    language = _language()
    return {
        "segments": age_segments(rows=rows, rtl=language == "ar"),
        "total": total,
        "currency": currency,
        "LANG": language,
    }


@register.inclusion_tag("components/ruler.html")
def ruler(
    allowed: bool, opens_at: dt.time, closes_at: dt.time, now: dt.datetime, contact_day: bool = True
) -> dict[str, Any]:
    """The contact window of today: open or closed in words, its hours, and where now stands in it."""
    drawn = window_ruler(
        opens_at=opens_at, closes_at=closes_at, now=now.astimezone(RIYADH).time(), rtl=_language() == "ar"
    )
    return {"allowed": allowed, "opens_at": opens_at, "closes_at": closes_at, "ruler": drawn if contact_day else None}


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The page's address with some parameters changed; None takes one away."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = str(value)
    return "?" + params.urlencode() if params else "?"


@register.inclusion_tag("components/history_link.html", takes_context=True)
def history_link(context: Context, subject: Any) -> dict[str, str]:
    """From a record's page to its history, for who may read that."""
    urls = [url_of(context["request"].user, subject) for url_of in slots.filled("history_url")]
    return {"url": next(filter(None, urls), "")}


@register.filter
def record_slug(label: str) -> str:
    """A model's label as addresses of records name it."""
    return label.lower().replace(".", "-")


@register.filter
def get(mapping: Any, name: Any) -> Any:
    """A mapping's value by a key that is a variable."""
    return mapping.get(name) if mapping else None


@register.filter
def matter_kind(code: str) -> Any:
    """The kind of a matter with deadlines in words, as its app says it."""
    return dict(slots.filled("clock_kinds")).get(code, code)


@register.simple_tag
def time_limit(amount: int, unit: str) -> str:
    """The time of a deadline in words: working days, calendar days or hours."""
    words = {
        "WD": ngettext("%(count)d working day", "%(count)d working days", amount),
        "D": ngettext("%(count)d calendar day", "%(count)d calendar days", amount),
        "H": ngettext("%(count)d hour", "%(count)d hours", amount),
    }[unit]
    return words % {"count": amount}
