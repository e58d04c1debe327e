"""Facts of a customer as programs write them, read once for the command and for the API. Pure.

Amounts and months are numbers or text. Text may be in either script and group thousands by commas, as in files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import money
from credit.choices import LegalForm
from credit.rules.scorecard import ScoreFacts

# The first amount that no column of the house holds: eighteen digits, two of them decimals.
TOO_LARGE = Decimal(10) ** (money.MAX_DIGITS - 2)
MOST_MONTHS = 1200

REASONS: Mapping[str, str | Promise] = {
    "object": _("The facts are one object with a name for each."),
    "missing": _("This fact is missing."),
    "unknown": _("There is no such fact."),
    "number": _("This is not a number."),
    "ambiguous": _("This may be read in two ways: leave out the point that groups thousands."),
    "negative": _("This is less than zero."),
    "large": _("This is larger than any that is kept here."),
    "whole": _("This is not a whole number of months."),
    "truth": _("Say true or false."),
    "form": _("This is none of the legal forms: JOINT_STOCK, LLC, PARTNERSHIP, SOLE_PROPRIETOR."),
}

_TEXT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# In half the world, and in source 001 itself (1.123.000), this is a grouped whole number.
_POINTS_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_TRUTH = {"true": True, "false": False}


class FactsRefused(ValueError):
    """Facts that cannot be scored: each field with the code of its reason; the whole has no field's name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name or 'facts'}: {code}" for name, code in faults.items()))
        self.faults = dict(faults)


class _Refused(ValueError):
    """The code of what is wrong with one value."""


def facts_of(told: Any) -> ScoreFacts:
    """The facts in an object that a program sent. Raises FactsRefused with everything that is wrong with it."""
    if not isinstance(told, Mapping):
        raise FactsRefused({"": "object"})
    faults = {name: "missing" for name in _READERS if name not in told}
    faults |= {str(name): "unknown" for name in told if name not in _READERS and name not in _OPTIONAL}
    values: dict[str, Any] = {}
    for name, reader in {**_READERS, **_OPTIONAL}.items():
        if name in told:
            try:
                values[name] = reader(told[name])
            except _Refused as refusal:
                faults[name] = str(refusal)
    if faults:
        raise FactsRefused(faults)
    return ScoreFacts(**values)


def _number(value: Any) -> Decimal:
    """A number as it was written; never a truth value, which is a number to Python alone."""
    if isinstance(value, str):
        text = money.latin_digits(value.strip()).replace("\u2212", "-")
        if _POINTS_GROUP.fullmatch(text):
            raise _Refused("ambiguous")
        if not _TEXT.fullmatch(text):
            raise _Refused("number")
        value = Decimal(text.replace(",", ""))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _Refused("number")
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise _Refused("number")
    if number < 0:
        raise _Refused("negative")
    return number


def _amount(value: Any) -> Decimal:
    number = _number(value)
    if number >= TOO_LARGE:
        raise _Refused("large")
    return number


def _months(value: Any) -> int:
    number = _number(value)
    if number > MOST_MONTHS:
        raise _Refused("large")
    if number != int(number):
        raise _Refused("whole")
    return int(number)


def _truth(value: Any) -> bool:
    found = _TRUTH.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise _Refused("truth")
    return found


def _form(value: Any) -> str:
    if not isinstance(value, str) or value not in LegalForm.values:
        raise _Refused("form")
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "capital": _amount,
    "legal_form": _form,
    "resident": _truth,
    "average_bank_balance": _amount,
    "bank_months": _months,
    "annual_sales": _amount,
}
# Who is resident has his papers, unless it is told.
_OPTIONAL: Mapping[str, Callable[[Any], Any]] = {"has_official_papers": _truth}
