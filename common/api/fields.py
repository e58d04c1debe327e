"""Fields of what programs send: refused in the house's words, and nothing taken that nobody asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common import money
from common.clock import date_of
from common.forms import EARLIEST

REQUIRED = _("A value is required here.")
EVERY = {"required": REQUIRED, "null": REQUIRED}


class Told(serializers.Serializer):
    """A body or an address: a name it does not know is refused, since a slip would otherwise be silence."""

    default_error_messages = {"unknown": _("There is no such field."), "invalid": _("This must be an object.")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                words = self.error_messages["unknown"]
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail(words, code="unknown")] for name in unknown}
                )
        found: dict[str, Any] = super().to_internal_value(data)
        return found


class Text(serializers.CharField):
    """Text, never a number: a number has lost its leading zeros before we could see them."""

    default_error_messages = {
        **EVERY,
        "blank": REQUIRED,
        "invalid": _("This must be text."),
        "max_length": _("The value is too long."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        found: str = super().to_internal_value(data)
        return found


class Amount(serializers.DecimalField):
    """An amount with two decimals at most, as text or as a number; answered as text."""

    default_error_messages = {
        **EVERY,
        "invalid": _("This is not an amount with at most two decimals."),
        "max_decimal_places": _("This is not an amount with at most two decimals."),
        "max_digits": _("The amount is larger than any that is kept here."),
        "max_whole_digits": _("The amount is larger than any that is kept here."),
        "max_string_length": _("This is not an amount with at most two decimals."),
    }

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", money.MAX_DIGITS)
        options.setdefault("decimal_places", 2)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        found: Decimal = super().to_internal_value(data)
        return found


@extend_schema_field({"type": "string", "format": "date"})
class Day(serializers.DateField):
    """A day from 1990 on, written YYYY-MM-DD."""

    default_error_messages = {
        **EVERY,
        "invalid": _("A date is written YYYY-MM-DD."),
        "early": _("The date is before 1990."),
    }

    def to_internal_value(self, value: Any) -> dt.date:
        try:
            day = date_of(value)
        except (TypeError, ValueError):
            self.fail("invalid")
        if day < EARLIEST:
            self.fail("early")
        return day


class Choice(serializers.ChoiceField):
    """One of a list."""

    default_error_messages = {**EVERY, "invalid_choice": _("This is not one of the values that stand here.")}
