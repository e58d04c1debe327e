"""What forms of every app share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common import clock, money
from common.clock import RIYADH
from common.exceptions import Refused

EARLIEST = dt.date(1990, 1, 1)


def _too_far(day: dt.date, ahead: int | None) -> forms.ValidationError | None:
    """What is wrong with a day that a person typed: before our time, or further ahead than the form reaches."""
    if day < EARLIEST:
        return forms.ValidationError(_("The date is before 1990."), code="early")
    if ahead is None or day <= clock.today() + dt.timedelta(days=ahead):
        return None
    if ahead == 0:
        return forms.ValidationError(_("The date cannot be in the future."), code="future")
    words = ngettext(
        "The date is at most %(days)d day ahead.",
        "The date is at most %(days)d days ahead.",
        ahead,
    )
    return forms.ValidationError(words % {"days": ahead}, code="ahead")


class DayField(forms.DateField):
    """A day from 1990 on; ``ahead`` is how many days of the future it takes, None for any."""

    def __init__(self, *, ahead: int | None = None, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}))
        super().__init__(**options)
        self.ahead = ahead

    def clean(self, value: Any) -> dt.date | None:
        day = super().clean(value)
        if day is not None and (error := _too_far(day, self.ahead)):
            raise error
        return day


class MomentField(forms.DateTimeField):
    """A moment in Riyadh, within the same bounds as a DayField."""

    def __init__(self, *, ahead: int | None = None, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**options)
        self.ahead = ahead

    def clean(self, value: Any) -> dt.datetime | None:
        moment = super().clean(value)
        if moment is not None:
            # At the calendar's edges a moment has no day in another zone.
            day = moment.date() if moment.year in (dt.MINYEAR, dt.MAXYEAR) else moment.astimezone(RIYADH).date()
            if error := _too_far(day, self.ahead):
                raise error
        return moment


class AmountField(forms.DecimalField):
    """An amount as people write it: digits of either script, thousands commas, two decimals; nothing cleverer."""

    def __init__(self, **options: Any) -> None:
        # A number input would not take the other script's digits.
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
        )
        options.setdefault("max_digits", money.MAX_DIGITS)
        options.setdefault("decimal_places", 2)
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, Decimal | int):
            return super().to_python(value)
        try:
            return money.parse_amount(str(value))
        except ValueError as error:
            raise forms.ValidationError(_("Write an amount with two decimals at most."), code="invalid") from error


def key_of(text: str) -> int | None:
    """A key as it stands in an address; None for anything that cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def blame(form: forms.Form, refusal: Refused) -> None:
    """Put a service's refusal where it belongs on the form: on its fields, else on top."""
    placed = False
    for name, words in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, str(words))
            placed = True
    if not placed:
        form.add_error(None, str(refusal.message))
