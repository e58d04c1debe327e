"""How figures, dates and ages are written, in both languages. Pure: the language is an argument.

Latin digits everywhere; figures stand in ``<bdi dir="ltr">`` so that signs and separators keep their places.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from hijridate import Gregorian

MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"],
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
}
LONG_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
}
HIJRI_MONTHS = {
    "en": ["Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II", "Rajab", "Shaban", "Ramadan", "Shawwal",
           "Dhu al-Qadah", "Dhu al-Hijjah"],
    "ar": ["محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان", "رمضان", "شوال",
           "ذو القعدة", "ذو الحجة"],
}  # fmt: skip
UNITS = {"SAR": {"ar": "ر.س", "en": "SAR"}}
MINUS = "\u2212"
NOTHING = "–"


def short(language: str) -> str:
    """``ar`` or ``en``."""
    return "en" if language.startswith("en") else "ar"


def grouped(*, amount: Decimal | int | float, places: int = 2) -> str:
    """A figure with thousands commas and a true minus sign."""
    text = f"{abs(amount):,.{places}f}"
    return (MINUS if amount < 0 else "") + text


def unit(*, currency: str, language: str) -> str:
    """The currency as it is printed; the riyal in letters, since its new sign is in no font here."""
    return UNITS.get(currency, {}).get(short(language), currency)


def money_html(
    *, amount: Decimal | None, currency: str = "", language: str = "ar", dash: bool = True, whole: bool = False
) -> SafeString:
    """An amount with quieter decimals, its unit after it when a currency is given; nothing or zero is a dash."""
    if amount is None or (amount == 0 and dash):
        return format_html('<span class="num">{}</span>', NOTHING)
    if whole:
        text, _point, decimals = grouped(amount=amount, places=0), "", ""
    else:
        text, _point, decimals = grouped(amount=amount).partition(".")
    tail = format_html('<span class="dec">.{}</span>', decimals) if decimals else ""
    figure = format_html('<bdi dir="ltr" class="num">{}{}</bdi>', text, tail)
    if not currency:
        return figure
    return format_html('{}\u00a0<span class="unit">{}</span>', figure, unit(currency=currency, language=language))


def money_text(*, amount: Decimal, currency: str, language: str) -> str:
    """An amount with its unit in a sentence, isolated from the direction of its neighbours."""
    return f"\u2068{grouped(amount=amount)}\u2069 {unit(currency=currency, language=language)}"


def hijri(*, on: dt.date, language: str, year: bool = False) -> str:
    """A date in the Umm al-Qura calendar: day, month and, when asked, year."""
    try:
        there = Gregorian.fromdate(on).to_hijri()
    except (OverflowError, ValueError):
        return ""
    lang = short(language)
    text = f"{there.day} {HIJRI_MONTHS[lang][there.month - 1]}"
    return f"{text} {there.year} {'AH' if lang == 'en' else 'هـ'}" if year else text


def day_text(
    *, on: dt.date, language: str, today: dt.date | None = None, long: bool = False, year: bool = False
) -> str:
    """A Gregorian date; the year is dropped within the year of ``today`` unless asked for."""
    lang = short(language)
    month = LONG_MONTHS_EN[on.month - 1] if long and lang == "en" else MONTHS[lang][on.month - 1]
    text = f"{on.day} {month}"
    return text if not year and today is not None and on.year == today.year else f"{text} {on.year}"


def weekday(*, on: dt.date, language: str) -> str:
    """The day's name."""
    return DAYS[short(language)][on.weekday()]


def _plural_ar(count: int, one: str, two: str, few: str, many: str, other: str) -> str:
    """Arabic's forms: one, two, 3–10, 11–99, hundreds."""
    if count == 1:
        return one
    if count == 2:
        return two
    if 3 <= count % 100 <= 10:
        return f"{count} {few}"
    if count % 100 >= 11:
        return f"{count} {many}"
    return f"{count} {other}"


def days_text(*, days: int, language: str) -> str:
    """A number of days in words: يوم، يومان، 3 أيام، 11 يومًا، 100 يوم."""
    if short(language) == "en":
        return "1 day" if days == 1 else f"{days} days"
    if days == 0:
        return "لا أيام"
    return _plural_ar(days, "يوم", "يومان", "أيام", "يومًا", "يوم")


def relative_text(*, on: dt.date, today: dt.date, language: str) -> str:
    """Today, yesterday, up to a week in days, then the date."""
    ahead = (on - today).days
    en = short(language) == "en"
    if ahead == 0:
        return "Today" if en else "اليوم"
    if ahead == -1:
        return "Yesterday" if en else "أمس"
    if ahead == 1:
        return "Tomorrow" if en else "غدًا"
    if -7 <= ahead < 0:
        ago = -ahead
        return f"{ago} days ago" if en else "قبل " + _plural_ar(ago, "يوم", "يومين", "أيام", "يومًا", "يوم")
    if 0 < ahead < 7:
        return weekday(on=on, language=language)
    return day_text(on=on, language=language, today=today)


def bdi(text: object) -> SafeString:
    """A code, range or figure that keeps its own direction and never breaks."""
    return format_html('<bdi dir="ltr" class="num">{}</bdi>', text)


def text_dir(text: str) -> str:
    """The direction of what a person typed: that of its first letter, left to right where there is none."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next(("ltr" if kind == "L" else "rtl" for kind in strong if kind in {"L", "R", "AL"}), "ltr")


def in_own_direction(text: str) -> str:
    """What a person typed between marks of its direction, so that a full stop stays at its end in a PDF too, whose
    maker knows no isolates."""
    mark = "\u200f" if text_dir(text) == "rtl" else "\u200e"
    return f"{mark}{text}{mark}"


def gauge_svg(*, depth: int, held: bool = False) -> SafeString:
    """The depth gauge: 8×18, filled from the top by stage; the first stage shows one seventh."""
    level = min(max(depth, 0), 6)
    height = round(16 * (level + 1) / 7, 1)
    return mark_safe(  # noqa: S308 - only numbers of our own
        f'<svg class="gauge" width="8" height="18" viewBox="0 0 8 18" aria-hidden="true" focusable="false">'
        f'<rect x=".5" y=".5" width="7" height="17" rx="2" class="gauge-box"/>'
        f'<rect x="1" y="1" width="6" height="{height}" rx="1.5" class="depth-{level}"/></svg>'
    )
