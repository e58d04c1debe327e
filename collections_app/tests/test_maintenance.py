"""Files beside new debts: contact data and balances, by row, once, and as the ledger allows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from collections_app.models import ContactPoint, ImportFile, ImportLayout, LedgerEntry, Receivable
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.imports import Imported
from collections_app.services.ledger import payment_post
from collections_app.services.maintenance import balances, maintenance_import
from collections_app.services.nightly import nightly_run
from collections_app.services.uploads import upload_run
from common import clock, crypto
from common.db import execute
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, make_client, make_team, make_user, place, written

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def client_() -> Client:
    return make_client()


@pytest.fixture
def leader() -> User:
    return make_user("TEAM_LEADER", team=make_team())


def debt(**given: object) -> dict[str, object]:
    return {
        "debtor_ref": "D-1", "debtor_name": "سارة", "mobile": "", "debt_ref": "", "receivable_ref": "R-1",
        "issued_on": "2026-01-01", "due_on": "2026-03-02", "amount": "100.00", **given,
    }  # fmt: skip


def text(rows: list[dict[str, str]]) -> tuple[bytes, dict[str, Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    page = io.StringIO(newline="")
    csv.DictWriter(page, names).writeheader()
    csv.DictWriter(page, names).writerows(rows)
    return page.getvalue().encode(), {"columns": {name: name for name in names}}


def told(client: Client, kind: str, rows: list[dict[str, str]], **options: Any) -> Imported:
    content, layout = text(rows)
    return maintenance_import(
        actor=ACTOR, client=client, kind=kind, content=content, name="rows.csv", layout=layout, placed_on=clock.today(),
        **options,
    )  # fmt: skip


def refused(done: Imported) -> list[tuple[int, str, str]]:
    return [(r["line"], r["column"], r["code"]) for r in done.result["refusals"]]


def points() -> set[tuple[str, str, str, bool]]:
    return {(point.kind, point.hint, point.state, point.replaced_at is None) for point in ContactPoint.objects.all()}


@pytest.mark.requirement("PL-16")
def test_contact_data_is_added_and_what_is_wrong_is_marked(client_: Client) -> None:
    place(client_, [debt(mobile="0551234567"), debt(debtor_ref="D-2")])
    rows = [
        {"debtor_ref": "D-1", "mobile": "0551234568", "wrong_mobile": "+966 55 123 4567", "email": "", "address": ""},
        {"debtor_ref": "D-2", "mobile": "", "wrong_mobile": "0551234569", "email": "B@Example.com",
         "address": "شارع العليا  12 الرياض"},
    ]  # fmt: skip
    done = told(client_, "CONTACTS", rows)
    assert (done.status, done.result["contacts"], done.result["ended"], done.result["accepted"]) == ("DONE", 3, 1, 2)
    assert [(w["code"], w["first"]) for w in done.result["warnings"]] == [("point_unknown", 3)]
    assert points() == {
        ("MOBILE", "567", "INVALID", False),
        ("MOBILE", "568", "UNKNOWN", True),
        ("EMAIL", "b•••@example.com", "UNKNOWN", True),
        ("ADDRESS", "•••الرياض", "UNKNOWN", True),
    }
    found = ContactPoint.objects.get(kind="ADDRESS")
    key = crypto.unwrap(wrapped=bytes(found.debtor.party.wrapped_key or b""))
    assert crypto.decrypt(key=key, sealed=bytes(found.value_sealed), column="contact_point") == "شارع العليا 12 الرياض"
    again = told(client_, "CONTACTS", rows)
    assert (again.result["unchanged"], again.result["accepted"], again.result["contacts"]) == (2, 0, 0)
    assert ContactPoint.objects.count() == 4
    assert [e.action for e in AuditEvent.objects.filter(action__startswith="import.").order_by("pk")][1:] == [
        "import.maintained", "import.unchanged",
    ]  # fmt: skip
    # The number that had ended comes back as a version of its own.
    told(client_, "CONTACTS", [{"debtor_ref": "D-1", "mobile": "0551234567"}])
    assert ContactPoint.objects.filter(hint="567").count() == 2


def test_contact_rows_are_refused_with_their_reason(client_: Client) -> None:
    place(client_, [debt(debtor_ref="0077", mobile="0551234567")])
    rows = [
        {"debtor_ref": "0077", "mobile": "0551234568", "wrong_mobile": "", "email": ""},
        {"debtor_ref": "77", "mobile": "0551234568", "wrong_mobile": "", "email": ""},
        {"debtor_ref": "X", "mobile": "0551234568", "wrong_mobile": "", "email": ""},
        {"debtor_ref": "0077", "mobile": "12", "wrong_mobile": "", "email": "nonsense"},
        {"debtor_ref": "0077", "mobile": "0551234560", "wrong_mobile": "0551234560", "email": ""},
        {"debtor_ref": "0077", "mobile": "", "wrong_mobile": "", "email": ""},
    ]
    expected = [
        (3, "debtor_ref", "debtor_zeros"),
        (4, "debtor_ref", "debtor_unknown"),
        (5, "mobile", "phone"),
        (5, "email", "email"),
        (6, "debtor_ref", "contact_both"),
        (7, "debtor_ref", "nothing_told"),
    ]
    done = told(client_, "CONTACTS", rows)
    assert (done.status, refused(done), ContactPoint.objects.count()) == ("REFUSED", expected, 1)
    assert "0551234560" not in json.dumps(done.result)
    good = told(client_, "CONTACTS", rows, accept_good_rows=True)
    assert (good.status, good.result["accepted"], refused(good)) == ("DONE", 1, expected)
    assert ContactPoint.objects.count() == 2


@pytest.fixture
def book(client_: Client) -> Client:
    place(
        client_,
        [
            debt(),
            debt(receivable_ref="R-2"),
            debt(debtor_ref="D-2", debt_ref="L-1"),
            debt(debtor_ref="D-2", debt_ref="L-2"),
            debt(debtor_ref="D-3"),
        ],
    )
    nightly_run(date=clock.today())
    client_.refresh_from_db()
    return client_


def owed(ref: str, receivable_ref: str = "R-1") -> Decimal:
    return Receivable.objects.get(case__debtor__debtor_ref=ref, receivable_ref=receivable_ref).balance


def correction(ref: str, balance: str, **given: str) -> dict[str, str]:
    return {
        "debtor_ref": ref, "receivable_ref": "R-1", "debt_ref": "", "balance": balance, "value_date": "2026-03-02",
        "note_ref": "", **given,
    }  # fmt: skip


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("one_by_one", [False, True])
def test_the_difference_becomes_a_note_of_its_day(
    book: Client, one_by_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written together or one by one, the book is the same; and the same file again changes nothing."""
    if one_by_one:
        check = balances.Balances.check

        def all_alone(self: Any, **options: Any) -> None:
            check(self, **options)
            execute("UPDATE staged_told SET alone = true")

        monkeypatch.setattr(balances.Balances, "check", all_alone)
    case = Receivable.objects.get(case__debtor__debtor_ref="D-3").case
    payment_post(actor=ACTOR, case=case, amount=Decimal(80), currency="SAR", value_on=dt.date(2026, 3, 20))
    rows = [
        correction("D-1", "40.00", note_ref="CN-1"),
        correction("D-1", "100.00", receivable_ref="R-2"),
        correction("D-2", "130.00", debt_ref="L-1"),
        correction("D-2", "0.00", debt_ref="L-2"),
        correction("D-3", "50.00"),
    ]
    done = told(book, "BALANCES", rows)
    assert done.status == "DONE"
    names = ("rows", "accepted", "unchanged", "credited", "debited")
    assert [done.result[name] for name in names] == [5, 4, 1, 3, 1]
    notes = LedgerEntry.objects.filter(kind__in=["CREDIT_NOTE", "DEBIT_NOTE"])
    assert {(n.amount, n.effective_on, n.reference) for n in notes} == {
        (Decimal(-60), DAY, "CN-1"), (Decimal(30), DAY, ""), (Decimal(-100), DAY, ""), (Decimal(-50), DAY, ""),
    }  # fmt: skip
    assert (owed("D-1"), owed("D-1", "R-2"), owed("D-3")) == (Decimal(40), Decimal(100), Decimal(0))
    assert set(Receivable.objects.filter(case__debtor__debtor_ref="D-2").values_list("status", "balance")) == {
        ("OPEN", Decimal(130)), ("PAID", Decimal(0)),
    }  # fmt: skip
    case.refresh_from_db()
    assert (case.status, case.payments.get().suspense) == ("PAID", Decimal(30)), "what paid too much waits"
    assert not ledger_faults()
    before = LedgerEntry.objects.count()
    again = told(book, "BALANCES", rows)
    assert (again.result["unchanged"], again.result["accepted"], LedgerEntry.objects.count()) == (5, 0, before)


def test_balance_rows_are_refused_with_their_reason(book: Client) -> None:
    rows = [
        correction("D-1", "40.00"),
        correction("D-1", "50.00"),
        correction("X", "1.00"),
        correction("D-1", "1.00", receivable_ref="R-9"),
        correction("D-2", "1.00"),
        correction("D-2", "1.00", debt_ref="L-1", value_date="2025-12-31"),
        correction("D-2", "-1.00", debt_ref="L-2"),
        correction("D-3", "1.234"),
        correction("D-3", "1.00", value_date="2099-01-01"),
        {**correction("D-1", "1.00", receivable_ref="R-2"), "currency": "USD"},
    ]
    done = told(book, "BALANCES", rows)
    assert done.status == "REFUSED"
    assert refused(done) == [
        (3, "receivable_ref", "balance_twice"),
        (4, "debtor_ref", "debtor_unknown"),
        (5, "receivable_ref", "receivable_unknown"),
        (6, "receivable_ref", "receivable_many"),
        (7, "value_date", "value_before_issue"),
        (8, "balance", "balance_negative"),
        (9, "balance", "amount"),
        (10, "value_date", "value_in_future"),
        (11, "currency", "balance_currency"),
    ]
    assert not LedgerEntry.objects.filter(kind="CREDIT_NOTE").exists()
    good = told(book, "BALANCES", rows, accept_good_rows=True)
    assert (good.result["accepted"], owed("D-1")) == (1, Decimal(40))
    assert not ledger_faults()


def test_a_difference_that_cannot_be_posted_is_refused_by_row_and_nothing_is_left(book: Client) -> None:
    case = Receivable.objects.get(case__debtor__debtor_ref="D-3").case
    payment_post(actor=ACTOR, case=case, amount=Decimal(80), currency="SAR", value_on=dt.date(2026, 1, 10))
    told(book, "BALANCES", [correction("D-3", "20.00", note_ref="CN-1"), correction("D-1", "90.00", note_ref="CN-1")])
    rows = [
        correction("D-1", "80.00", note_ref="CN-1"),
        correction("D-1", "10.00", receivable_ref="R-2"),
        # Of the 100 that were ever claimed 20 are open and no more can be credited than that and what was paid.
        correction("D-3", "0.00", value_date="2026-01-05"),
    ]
    before = LedgerEntry.objects.count()
    done = told(book, "BALANCES", rows)
    assert (done.status, LedgerEntry.objects.count()) == ("REFUSED", before)
    assert refused(done) == [(2, "note_ref", "note_twice")]
    good = told(book, "BALANCES", rows, accept_good_rows=True)
    assert good.result["accepted"] == 2
    assert not ledger_faults()


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_maintenance_file_through_the_browser(book: Client, leader: User, language: str) -> None:
    browser = enter(leader, language)
    page = browser.get(reverse("import_new"))
    assert in_language(page, language)
    content = "رقم العميل;رقم الفاتورة;الرصيد;التاريخ\r\nD-1;R-1;40.00;02/03/2026\r\nD-3;R-1;x;02/03/2026\r\n"
    form = {"kind": "BALANCES", "client": book.pk, "placed_on": str(clock.today()), "layout": ""}
    upload = SimpleUploadedFile("balances.csv", content.encode("windows-1256"))
    page = browser.post(reverse("import_new"), {**form, "file": upload}, follow=True)
    file = ImportFile.objects.latest("pk")
    chosen = page.context["form"].initial
    assert (chosen["encoding"], chosen["delimiter"], chosen["date_format"]) == ("windows-1256", ";", "%d/%m/%Y")
    assert chosen["column_balance"] == "الرصيد"
    page = browser.post(reverse("import_columns", args=[file.pk]), chosen, follow=True)
    assert ImportLayout.objects.filter(client=book, name="last balances").exists()
    assert "مبلغ" in words(page) or "amount" in words(page)
    file.refresh_from_db()
    assert (file.status, file.result["would"], file.result["refused"]) == ("CHECKED", 1, 1)
    assert not LedgerEntry.objects.filter(kind="CREDIT_NOTE").exists()
    browser.post(reverse("import_start", args=[file.pk]), {"accept_good_rows": "1"})
    assert upload_run(file_id=file.pk) == "DONE"
    assert owed("D-1") == Decimal(40)
    page = browser.get(reverse("import", args=[file.pk]))
    assert ("إشعارات دائنة" if language == "ar" else "Credit notes") in words(page)
    back = b"".join(browser.get(reverse("import_refused", args=[file.pk])).streaming_content)
    assert back.decode("windows-1256").splitlines()[1].startswith("D-3;R-1;x;02/03/2026;")


def test_a_maintenance_file_on_the_command_line(book: Client, tmp_path: Path, capsys: Any) -> None:
    content, layout = text([correction("D-1", "40.00"), correction("X", "1.00")])
    path, plan, out = tmp_path / "rows.csv", tmp_path / "layout.json", tmp_path / "refused.csv"
    path.write_bytes(content)
    written(plan, layout)
    options: dict[str, Any] = {"client": book.code, "layout": plan, "kind": "balances", "refused": out}
    with pytest.raises(SystemExit):
        call_command("portfolio_import", path, json=True, dry_run=True, **options)
    assert json.loads(capsys.readouterr().out)["refused"] == 1
    assert "X,R-1" in out.read_text(encoding="utf-8-sig").splitlines()[1]
    assert not list((tmp_path / "imports").glob("*.refused"))
    call_command("portfolio_import", path, accept_good_rows=True, **options)
    assert "credited" in capsys.readouterr().out
    assert owed("D-1") == Decimal(40)
