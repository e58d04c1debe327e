"""Rows that are known ones but for leading zeros: never added twice, never taken for granted."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from collections_app.models import ContactPoint, Debtor, ImportFile, ImportSuspect, LedgerEntry, Receivable
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.suspects import suspects_book, suspects_decide, suspects_undone
from common import crypto
from common.exceptions import Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_client, make_team, make_user, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_() -> Client:
    return make_client()


@pytest.fixture
def leader() -> User:
    return make_user("TEAM_LEADER", team=make_team())


def row(**given: object) -> dict[str, object]:
    return {
        "debtor_ref": "00123", "debtor_name": "سارة", "national_id": "", "mobile": "", "debt_ref": "",
        "receivable_ref": "R-1", "issued_on": "2026-01-01", "due_on": "2026-03-02", "amount": "100.00", **given,
    }  # fmt: skip


KNOWN: list[dict[str, Any]] = [
    row(),
    row(debtor_ref="A-7", debt_ref="0900", receivable_ref="0005"),
    row(debtor_ref="C-9", national_id="0012345678"),
]


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize(
    ("brought", "code", "value", "known"),
    [
        (row(debtor_ref="123"), "zeros_debtor", "123", "00123"),
        (row(debtor_ref="000123"), "zeros_debtor", "000123", "00123"),
        (row(debtor_ref="A-7", debt_ref="900", receivable_ref="0005"), "zeros_debt", "900", "0900"),
        (row(debtor_ref="A-7", debt_ref="900", receivable_ref="0006"), "zeros_debt", "900", "0900"),
        (row(debtor_ref="A-7", debt_ref="0900", receivable_ref="5"), "zeros_receivable", "5", "0005"),
        (row(debtor_ref="C-9", national_id="12345678"), "zeros_id", "•••", "C-9"),
        (row(debtor_ref="C-10", national_id="12345678"), "zeros_id", "•••", "C-9"),
    ],
)
def test_a_row_that_is_known_but_for_zeros_is_told_and_not_added(
    client_: Client, brought: dict[str, Any], code: str, value: str, known: str
) -> None:
    place(client_, KNOWN)
    before = (Debtor.objects.count(), Receivable.objects.count())
    done = place(client_, [brought, row(debtor_ref="B-1")])
    assert (done.result["suspects"], done.result["accepted"], done.result["refused"]) == (1, 1, 0)
    (told,) = done.result["suspect_rows"]
    assert (told["line"], told["code"], told["value"], told["known"]) == (2, code, value, known)
    assert (Debtor.objects.count(), Receivable.objects.count()) == (before[0] + 1, before[1] + 1)
    assert not ledger_faults()
    again = place(client_, KNOWN)
    assert (again.result["unchanged"], again.result["suspects"]) == (3, 0)


def test_what_only_looks_alike_is_not_asked(client_: Client) -> None:
    place(client_, KNOWN)
    other = make_client("BBB")
    assert place(other, [row(debtor_ref="123")]).result["suspects"] == 0, "another client's accounts are its own"
    done = place(
        client_,
        [
            row(debtor_ref="1230"),
            row(debtor_ref="B-1", debt_ref="900", receivable_ref="5"),
            row(debtor_ref="A-7", debt_ref="77", receivable_ref="5"),
            row(receivable_ref="R-01"),
        ],
    )
    assert (done.result["suspects"], done.result["accepted"]) == (0, 4)


def test_a_short_register_number_that_nobody_has_is_refused_as_before(client_: Client) -> None:
    place(client_, KNOWN)
    done = place(client_, [row(debtor_ref="X", national_id="123456789"), row(debtor_ref="Y", national_id="12")])
    assert done.status == "REFUSED"
    assert [(r["line"], r["column"], r["value"], r["code"]) for r in done.result["refusals"]] == [
        (2, "national_id", "•••", "national_id"),
        (3, "national_id", "•••", "national_id"),
    ]


@pytest.mark.requirement("PL-04")
def test_the_same_is_taken_for_the_known_one_and_another_is_booked(client_: Client, leader: User) -> None:
    place(client_, KNOWN)
    brought = [
        row(debtor_ref="123"),
        row(debtor_ref="123", receivable_ref="R-2", mobile="0551234567"),
        row(debtor_ref="0123", receivable_ref="R-1", mobile="0551234568"),
        row(debtor_ref="A-7", debt_ref="0900", receivable_ref="5", amount="70.00"),
    ]
    file = place(client_, brought).file
    assert file is not None
    assert ImportSuspect.objects.filter(decision="").count() == 4
    sealed = ImportSuspect.objects.get(line=3)
    assert "551234567" not in str(sealed.row)
    assert crypto.decrypt(
        key=crypto.unwrap(wrapped=bytes(sealed.debtor.party.wrapped_key or b"")),
        sealed=bytes(sealed.personal_sealed or b""),
        column="import_suspect",
    ).split("\x1f")[1] == "+966551234567"  # fmt: skip
    assert suspects_decide(user=leader, file=file, decision="SAME", lines=[2, 3, 5]) == 3
    assert suspects_decide(user=leader, file=file, decision="OTHER") == 1
    assert suspects_decide(user=leader, file=file, decision="OTHER") == 0, "what is decided stands"
    assert suspects_undone() == [file.pk]
    assert suspects_book(file_id=file.pk) == 4
    assert suspects_undone() == []
    assert dict(ImportSuspect.objects.values_list("line", "outcome")) == {
        2: "UNCHANGED", 3: "NEW", 4: "NEW", 5: "values",
    }  # fmt: skip
    refs = set(Receivable.objects.values_list("case__debtor__debtor_ref", "receivable_ref"))
    assert refs == {("00123", "R-1"), ("00123", "R-2"), ("0123", "R-1"), ("A-7", "0005"), ("C-9", "R-1")}
    assert Receivable.objects.get(receivable_ref="R-2").file_id == file.pk
    assert set(ContactPoint.objects.values_list("debtor__debtor_ref", "hint")) == {("00123", "567"), ("0123", "568")}
    assert not ImportSuspect.objects.exclude(row={}).exists(), "a row waits no longer than it must"
    told = AuditEvent.objects.filter(action="import.suspects_decided").order_by("pk")
    assert [e.body["lines"] for e in told] == [[2, 3, 5], [4]]
    entries = LedgerEntry.objects.count()
    assert suspects_book(file_id=file.pk) == 0
    assert LedgerEntry.objects.count() == entries
    assert not ledger_faults()


def test_two_rows_that_are_the_same_known_one_pay_it_once(client_: Client, leader: User) -> None:
    place(client_, KNOWN)
    paid = row(debtor_ref="123", paid_on="2026-03-01")
    file = place(client_, [paid, {**paid, "debtor_ref": "0123"}]).file
    assert file is not None
    suspects_decide(user=leader, file=file, decision="SAME")
    suspects_book(file_id=file.pk)
    assert dict(ImportSuspect.objects.values_list("line", "outcome")) == {2: "PAY", 3: "repeats"}
    assert LedgerEntry.objects.filter(kind="PAYMENT").count() == 1
    assert not ledger_faults()


def test_a_short_number_is_taken_with_its_zeros_or_left_out(client_: Client, leader: User) -> None:
    place(client_, KNOWN)
    brought = [row(debtor_ref="C-10", national_id="12345678"), row(debtor_ref="C-11", national_id="12345678")]
    file = place(client_, brought).file
    assert file is not None
    suspects_decide(user=leader, file=file, decision="SAME", lines=[2])
    suspects_decide(user=leader, file=file, decision="OTHER", lines=[3])
    suspects_book(file_id=file.pk)
    assert set(Debtor.objects.values_list("debtor_ref", flat=True)) == {"00123", "A-7", "C-9", "C-11"}
    assert dict(ImportSuspect.objects.values_list("line", "outcome")) == {2: "UNCHANGED", 3: "NEW"}
    assert Debtor.objects.get(debtor_ref="C-11").party_id != Debtor.objects.get(debtor_ref="C-9").party_id


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_are_decided_on_the_files_page(client_: Client, leader: User, language: str) -> None:
    place(client_, KNOWN)
    file = place(client_, [row(debtor_ref="123"), row(debtor_ref="123", receivable_ref="R-2")]).file
    assert file is not None
    browser = enter(leader, language)
    page = browser.get(reverse("import", args=[file.pk]))
    assert in_language(page, language)
    assert "00123" in words(page)
    address = reverse("import_suspects", args=[file.pk])
    page = browser.post(address, {"line": "3", "decision": "OTHER"}, follow=True)
    assert ImportSuspect.objects.get(line=3).decision == "OTHER"
    assert f'hx-get="{reverse("import", args=[file.pk])}"' in words(page), "the page asks until it is taken up"
    browser.post(address, {"all": "1", "decision": "SAME"}, follow=True)
    suspects_book(file_id=ImportFile.objects.get(pk=file.pk).pk)
    page = browser.get(reverse("import", args=[file.pk]))
    assert "hx-get" not in words(page)
    assert ImportSuspect.objects.get(line=2).outcome == "UNCHANGED"
    assert Debtor.objects.filter(debtor_ref="123").exists()
    assert browser.post(address, {"all": "1", "decision": "MAYBE"}, follow=True).status_code == 200


def test_a_decision_that_is_none_is_refused(client_: Client, leader: User) -> None:
    place(client_, KNOWN)
    file = place(client_, [row(debtor_ref="123")]).file
    assert file is not None
    with pytest.raises(Refused):
        suspects_decide(user=leader, file=file, decision="")
