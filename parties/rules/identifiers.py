"""Saudi identifiers, phones and e-mail addresses: normalised once, here, before anything is stored or searched."""

from __future__ import annotations

import re

import phonenumbers
from stdnum import luhn

from common.money import latin_digits
from parties.choices import IdentifierKind, PartyKind

_SEPARATORS = re.compile(r"[\s\-–().\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_EMAIL = re.compile(r"^[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}$")


# A Saudi mobile as nearly all are written; what is not of this shape takes the long way with the same answer. Whether
# such a number exists is asked of the same numbering plan.
_PLAIN_MOBILE = re.compile(r"(?:\+966|00966|966|0)?(5[0-9]{8})")
_PLAN = phonenumbers.PhoneMetadata.metadata_for_region("SA")
_MOBILE = re.compile((_PLAN and _PLAN.mobile and _PLAN.mobile.national_number_pattern) or "")


def _digits(text: str) -> str:
    return _SEPARATORS.sub("", latin_digits(text.strip()))


def normalise_identifier(text: str, *, kind: str = "") -> tuple[IdentifierKind, PartyKind, str]:
    """Kind, holder and plain digits of an official number.

    National ID and Iqama: ten digits, first 1 or 2, Luhn over the digits as written (regulations H1).
    Unified national number: ten digits, first 7 (H4); new commercial registers are that number too. Registers of
    before have ten digits of any beginning, also 1 and 2 (a city's code), and no check digit: nothing in the number
    tells them from a person's. So ``kind`` says what the number is given as; without it 1 and 2 are a person's.
    Raises ValueError for anything else.
    """
    value = _digits(text)
    if len(value) == 10 and value.isascii() and value.isdigit():
        if kind and not _begins_as(kind, value[0]):
            raise ValueError("first digit")
        if value[0] in "12" and kind != IdentifierKind.COMMERCIAL_REGISTER:
            if luhn.is_valid(value):
                return IdentifierKind.NATIONAL_ID, PartyKind.PERSON, value
            raise ValueError("check digit")
        if value[0] == "7":
            return IdentifierKind.UNIFIED_NUMBER, PartyKind.COMPANY, value
        return IdentifierKind.COMMERCIAL_REGISTER, PartyKind.COMPANY, value
    raise ValueError("ten digits")


def _begins_as(kind: str, first: str) -> bool:
    """Whether a number of this kind may begin so."""
    if kind == IdentifierKind.NATIONAL_ID:
        return first in "12"
    return kind == IdentifierKind.COMMERCIAL_REGISTER or first == "7"


def normalise_mobile(text: str) -> str:
    """A phone number in E.164 form, read as a Saudi one when no country is given.

    Raises ValueError when no such number can exist (regulations H3).
    """
    plain = _PLAIN_MOBILE.fullmatch(text)
    if plain and _MOBILE.fullmatch(plain[1]):
        return "+966" + plain[1]
    value = _digits(text)
    if value.startswith("00"):
        value = "+" + value[2:]
    elif value.startswith("966"):
        value = "+" + value
    try:
        number = phonenumbers.parse(value, "SA")
    except phonenumbers.NumberParseException as error:
        raise ValueError("phone") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(text: str) -> str:
    """An address in lower case. Raises ValueError when it has not the shape of one."""
    value = text.strip().lower()
    if not _EMAIL.match(value) or len(value) > 254:
        raise ValueError("e-mail")
    return value


def normalise_address(text: str) -> str:
    """A postal address with single spaces. Raises ValueError when nothing of it is a letter or digit."""
    value = " ".join(text.split())
    if not any(character.isalnum() for character in value) or len(value) > 400:
        raise ValueError("address")
    return value


def address_hint(value: str) -> str:
    """What may be shown of an address without a reveal: its last word, most often the city or its code."""
    return f"•••{value.split()[-1][-12:]}"


def phone_hint(value: str) -> str:
    """What may be shown of a number without a reveal: its last three digits."""
    return value[-3:]


def email_hint(value: str) -> str:
    """What may be shown of an address without a reveal: its first letter and its domain."""
    name, _, domain = value.partition("@")
    return f"{name[:1]}•••@{domain}"[:40]


def masked_identifier(value: str) -> str:
    """First digit and last two, the rest dotted."""
    return f"{value[:1]}{'•' * max(len(value) - 3, 0)}{value[-2:]}"
