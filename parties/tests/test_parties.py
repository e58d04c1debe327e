"""People and companies: identifiers as they are written, parties as they are recognised."""

from __future__ import annotations

import contextlib
import threading

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from common import crypto
from parties.choices import IdentifierKind, PartyKind
from parties.models import Identifier, Party
from parties.rules.identifiers import (
    email_hint,
    masked_identifier,
    normalise_email,
    normalise_identifier,
    normalise_mobile,
    phone_hint,
)
from parties.services.parties import PartyDraft, parties_ensure


@pytest.mark.parametrize(
    ("text", "kind", "holder"),
    [
        ("1000000008", IdentifierKind.NATIONAL_ID, PartyKind.PERSON),
        ("١٠٠٠٠٠٠٠٠٨", IdentifierKind.NATIONAL_ID, PartyKind.PERSON),
        (" 1000-000 008 ", IdentifierKind.NATIONAL_ID, PartyKind.PERSON),
        ("2000000006", IdentifierKind.NATIONAL_ID, PartyKind.PERSON),
        ("7000000000", IdentifierKind.UNIFIED_NUMBER, PartyKind.COMPANY),
        ("4030123456", IdentifierKind.COMMERCIAL_REGISTER, PartyKind.COMPANY),
    ],
)
def test_official_numbers(text: str, kind: str, holder: str) -> None:
    found = normalise_identifier(text)
    assert (found[0], found[1]) == (kind, holder)
    assert found[2].isascii() and len(found[2]) == 10


@pytest.mark.parametrize(
    ("text", "told", "kind", "holder"),
    [
        # Riyadh's and Dammam's registers begin as identity numbers do; one passes their check digit by chance.
        ("1010123456", "COMMERCIAL_REGISTER", "COMMERCIAL_REGISTER", "COMPANY"),
        ("1000000008", "COMMERCIAL_REGISTER", "COMMERCIAL_REGISTER", "COMPANY"),
        ("2050123456", "COMMERCIAL_REGISTER", "COMMERCIAL_REGISTER", "COMPANY"),
        ("5850123456", "COMMERCIAL_REGISTER", "COMMERCIAL_REGISTER", "COMPANY"),
        # A new register is the unified number, and found as it.
        ("7001234567", "COMMERCIAL_REGISTER", "UNIFIED_NUMBER", "COMPANY"),
        ("7001234567", "UNIFIED_NUMBER", "UNIFIED_NUMBER", "COMPANY"),
        ("1000000008", "NATIONAL_ID", "NATIONAL_ID", "PERSON"),
    ],
)
def test_official_numbers_as_what_they_are_given(text: str, told: str, kind: str, holder: str) -> None:
    assert normalise_identifier(text, kind=told) == (kind, holder, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1010123456", ""), ("1010123456", "NATIONAL_ID"), ("7001234567", "NATIONAL_ID"),
        ("4030123456", "NATIONAL_ID"), ("1010123456", "UNIFIED_NUMBER"), ("101012345", "COMMERCIAL_REGISTER"),
    ],
)  # fmt: skip
def test_numbers_that_are_not_what_they_are_given_as(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="digit"):
        normalise_identifier(text, kind=told)


@pytest.mark.parametrize("text", ["1000000009", "100000000", "10000000080", "", "abcdefghij", "1000000008x", "١٠٠"])
def test_numbers_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="digit"):
        normalise_identifier(text)


@pytest.mark.parametrize(
    "text", ["0551234567", "551234567", "+966 55 123 4567", "00966551234567", "966551234567", "٠٥٥١٢٣٤٥٦٧",
             "\u202a+966551234567\u202c"],
)  # fmt: skip
def test_one_mobile_however_it_is_written(text: str) -> None:
    assert normalise_mobile(text) == "+966551234567"


@pytest.mark.parametrize("text", ["", "12", "0551234", "+966000000000", "مجهول"])
def test_phones_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        normalise_mobile(text)


def test_addresses() -> None:
    assert normalise_email(" Sara@Example.COM ") == "sara@example.com"
    for wrong in ("", "sara", "sara@", "sara@example", "a b@example.com", "a@b.c", "x" * 250 + "@example.com"):
        with pytest.raises(ValueError, match="e-mail"):
            normalise_email(wrong)


@pytest.mark.requirement("PL-51")
def test_what_is_shown_without_a_reveal_does_not_tell() -> None:
    assert phone_hint("+966551234567") == "567"
    assert email_hint("sara@example.com") == "s•••@example.com"
    assert masked_identifier("1000000008") == "1•••••••08"


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for reader in (normalise_identifier, normalise_mobile, normalise_email):
        with contextlib.suppress(ValueError):
            reader(text)


def draft(identifier: str = "", kind: PartyKind = PartyKind.PERSON) -> PartyDraft:
    return PartyDraft(
        kind=kind, identifier_kind=IdentifierKind.NATIONAL_ID if identifier else None, identifier=identifier
    )


@pytest.mark.django_db
@pytest.mark.requirement("PL-51")
def test_a_party_is_recognised_by_its_identifier_and_by_nothing_else() -> None:
    first = parties_ensure(drafts=[draft("1000000008"), draft(), draft(), draft("1000000008")])
    assert first[0].id == first[3].id
    assert len({party.id for party in first}) == 3
    again = parties_ensure(drafts=[draft("1000000008"), draft()])
    assert again[0] == first[0]
    assert again[1].id not in {party.id for party in first}
    sealed = bytes(Identifier.objects.get().value_sealed)
    assert b"1000000008" not in sealed
    assert crypto.decrypt(key=first[0].key, sealed=sealed, column="identifier") == "1000000008"


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_person_at_once_make_one_party() -> None:
    found: list[int] = []
    ready = threading.Barrier(3)

    def work() -> None:
        try:
            ready.wait(10)
            with transaction.atomic():
                found.append(parties_ensure(drafts=[draft("1000000008")])[0].id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 3 and len(set(found)) == 1
    assert Party.objects.count() == 1
