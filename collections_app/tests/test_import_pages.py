"""A client's file in the browser: upload, preview, start, watch, read the result. And two at once."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, Debt, ImportFile, ImportLayout, LedgerEntry, Receivable, StagedRow
from collections_app.rules.importing import layout_read
from collections_app.services import stages
from collections_app.services.imports import portfolio_import
from collections_app.services.uploads import upload_run, upload_start, uploads_expire
from collections_app.tasks import import_sweep_task
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from parties.models import Party
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, IBM, IBM_LAYOUT, make_client, make_team, make_user, place, rows_csv

pytestmark = pytest.mark.django_db


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


def row(**given: object) -> dict[str, object]:
    return {
        "debtor_ref": "D-1", "receivable_ref": "R-1", "issued_on": "2026-01-01", "due_on": "2026-03-02",
        "amount": "100.00", **given,
    }  # fmt: skip


def upload(browser: Browser, client: Client, content: bytes, layout: Any, name: str = "rows.csv", **given: Any) -> Any:
    form = {
        "client": client.pk,
        "file": SimpleUploadedFile(name, content),
        "layout": layout if isinstance(layout, str) else json.dumps(layout),
        "placed_on": "2026-03-10",
        **given,
    }
    return browser.post(reverse("import_new"), form, follow=True)


def book() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Party, Case, Debt, Receivable, LedgerEntry, StagedRow))


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_looked_at_first_and_written_when_it_is_confirmed(
    client_: Client, leader: User, language: str, _uploads: Path
) -> None:
    browser = enter(leader, language)
    content, layout = rows_csv([row(), row(receivable_ref="R-2", amount="50.50")])
    page = upload(browser, client_, content, layout)
    assert page.status_code == 200
    assert in_language(page, language)
    file = ImportFile.objects.get()
    assert (file.status, file.result["rows"], file.result["accepted"]) == ("CHECKED", 2, 2)
    assert book() == (0,) * 6, "a preview writes nothing"
    assert not AuditEvent.objects.filter(action__startswith="import.").exists()
    started = browser.post(reverse("import_start", args=[file.pk]), follow=True)
    assert ImportFile.objects.get().status == "RUNNING"
    assert f'hx-get="{reverse("import", args=[file.pk])}"' in words(started)
    assert upload_run(file_id=file.pk) == "DONE"
    fragment = browser.get(reverse("import", args=[file.pk]), headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in words(fragment)
    assert "hx-get" not in words(fragment), "a page that is done asks no more"
    assert (Case.objects.count(), Receivable.objects.count()) == (1, 2)
    client_.refresh_from_db()
    assert client_.book_date == clock.today(), "a new book is opened with its first file"
    assert AuditEvent.objects.get(action="import.written").actor_id == leader.pk
    assert not list(_uploads.rglob("*.bin")), "what was read is not kept on the disk"


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_sample_through_the_browser(client_: Client, leader: User, language: str) -> None:
    browser = enter(leader, language)
    upload(browser, client_, (IBM / "invoices.csv").read_bytes(), IBM_LAYOUT, name="invoices.csv")
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))
    upload_run(file_id=file.pk)
    page = browser.get(reverse("import", args=[file.pk]))
    result = page.context["result"]
    assert {k: result[k] for k in ("rows", "accepted", "refused", "cases", "receivables", "payments")} == {
        "rows": 2466, "accepted": 2466, "refused": 0, "cases": 100, "receivables": 2466, "payments": 2466,
    }  # fmt: skip
    assert "2,466" in words(page)
    assert ("كُتب" if language == "ar" else "Written") in words(page)
    again = upload(browser, client_, (IBM / "invoices.csv").read_bytes(), IBM_LAYOUT, name="invoices.csv")
    assert ("سبق استيراد هذا الملف نفسه" if language == "ar" else "This very file was imported before") in words(again)
    second = ImportFile.objects.latest("pk")
    assert (second.result["unchanged"], second.result["accepted"]) == (2466, 0)
    browser.post(reverse("import_start", args=[second.pk]))
    upload_run(file_id=second.pk)
    page = browser.get(reverse("import", args=[second.pk]))
    assert page.context["result"]["written"] is False
    assert ("لا جديد في هذا الملف" if language == "ar" else "Nothing new in this file") in words(page)
    assert Receivable.objects.count() == 2466


@pytest.mark.requirement("PL-04")
def test_a_refused_row_keeps_the_whole_file_out_unless_the_good_rows_alone_are_wanted(
    client_: Client, leader: User
) -> None:
    browser = enter(leader, "en")
    content, layout = rows_csv([row(), row(receivable_ref="R-2", amount="12.345"), row(receivable_ref="=1+1")])
    page = upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    assert (file.result["refused"], file.result["accepted"], file.result["would"]) == (1, 0, 2)
    assert "12.345" in words(page)
    assert "at most two decimals" in words(page)
    # Started without the leave to take the good rows alone: the worker refuses the file as a whole.
    browser.post(reverse("import_start", args=[file.pk]))
    assert upload_run(file_id=file.pk) == "REFUSED"
    assert book() == (0,) * 6
    assert AuditEvent.objects.get(action="import.refused").body["refused"] == 1
    upload(browser, client_, content, layout)
    file = ImportFile.objects.latest("pk")
    browser.post(reverse("import_start", args=[file.pk]), {"accept_good_rows": "1"})
    assert upload_run(file_id=file.pk) == "DONE"
    assert sorted(Receivable.objects.values_list("receivable_ref", flat=True)) == ["=1+1", "R-1"]
    answer = browser.get(reverse("import_refusals", args=[file.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="refused-{file.pk}.csv"'
    lines = list(csv.reader(io.StringIO(words(answer).removeprefix("\ufeff"))))
    assert lines[1][:3] == ["3", "amount", "12.345"]
    assert any("\u0600" <= letter <= "\u06ff" for letter in lines[1][3])


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("content", "layout", "says"),
    [
        (b"a,b\n1,2\n", None, {"ar": "ليس في الملف عمود «debtor_ref»", "en": "The file has no column"}),
        (b"", None, {"ar": "فارغ", "en": "empty"}),
        (b"\n\n", None, {"ar": "الملف فارغ", "en": "The file is empty"}),
        (b"PK\x03\x04nonsense", None, {"ar": "المصنف", "en": "The workbook cannot be read"}),
        (b"x", "{", {"ar": "JSON", "en": "This is not JSON"}),
        (b"x", "[]", {"ar": "JSON", "en": "A layout is a JSON object"}),
        (b"x", "NaN", {"ar": "JSON", "en": "A layout is a JSON object"}),
        (b"x", {"columns": {"debtor_ref": "a"}}, {"ar": "receivable_ref", "en": "lacks a required field"}),
        (b"x", {"columns": {"shoe_size": "a"}}, {"ar": "shoe_size", "en": "unknown field: shoe_size"}),
        (b"x", {"columns": 5}, {"ar": "عمود", "en": "which column holds what"}),
        (b"x", {"colums": {}}, {"ar": "colums", "en": "unknown key: colums"}),
    ],
)
def test_a_file_or_layout_that_is_wrong_as_a_whole_is_refused_in_the_readers_words(
    client_: Client, leader: User, language: str, content: bytes, layout: Any, says: dict[str, str], _uploads: Path
) -> None:
    if layout is None:
        _content, layout = rows_csv([row()])
    page = upload(enter(leader, language), client_, content, layout)
    assert page.status_code == 422
    assert in_language(page, language)
    assert says[language] in words(page)
    assert not ImportFile.objects.exists()
    assert not ImportLayout.objects.exists()
    assert book() == (0,) * 6
    assert not list(_uploads.rglob("*.bin"))


@pytest.mark.parametrize(
    "encoding",
    [
        "base64",
        "rot13",
        "zlib",
        "undefined",
        "idna",
        "punycode",
        "unicode_escape",
        "klingon",
        "utf-8\x00",
        "utf-7",
        "hex",
    ],
)
def test_what_is_no_encoding_of_text_is_refused_by_name(encoding: str) -> None:
    columns = {"debtor_ref": "a", "receivable_ref": "b", "due_on": "c", "amount": "d"}
    with pytest.raises(Refused) as refused:
        layout_read(definition={"columns": columns, "encoding": encoding})
    assert refused.value.code == "layout_encoding"
    for good in ("utf-8", "UTF8", "windows-1256", "cp1256", "iso-8859-6", "utf-16", "mac_arabic"):
        assert layout_read(definition={"columns": columns, "encoding": good}).encoding == good
    for delimiter in ('"', "\n", "\r", ",,"):
        with pytest.raises(Refused):
            layout_read(definition={"columns": columns, "delimiter": delimiter})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_too_large_is_refused_in_words(
    client_: Client, leader: User, language: str, settings: Any
) -> None:
    settings.IMPORT_MAX_BYTES = 10
    content, layout = rows_csv([row()])
    page = upload(enter(leader, language), client_, content, layout)
    assert page.status_code == 422
    assert ("الملف أكبر" if language == "ar" else "The file is too large") in words(page)
    assert not ImportFile.objects.exists()


def test_the_layout_of_the_last_file_is_offered_for_the_next(client_: Client, leader: User) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, {**layout, "delimiter": ",", "currency": "SAR"})
    page = named_later(browser, client_, content)
    offered = page.context["form"].initial
    assert {f"column_{name}": column for name, column in layout["columns"].items()}.items() <= offered.items()
    for strange in ("²", "9" * 30, "x", "-1"):
        assert browser.get(reverse("import_new"), {"client": strange}).status_code == 200


def named_later(browser: Browser, client: Client, content: bytes, name: str = "rows.csv") -> Any:
    """Upload without a layout: the page on which the columns are named."""
    file = SimpleUploadedFile(name, content)
    page = browser.post(reverse("import_new"), {"client": client.pk, "file": file, "placed_on": "2026-05-01"})
    assert page.status_code == 302, page.content.decode()[:2000]
    return browser.get(page["Location"])


IBM_LINES = """countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate
391,0379,4/6/2013,0007,1/2/2013,2/1/2013,55.94,No,
391,0380,4/6/2013,0008,1/26/2013,2/25/2013,61.74,Yes,
"""


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_are_proposed_by_their_headings_confirmed_and_the_file_is_written(
    client_: Client, leader: User, language: str
) -> None:
    browser = enter(leader, language)
    page = named_later(browser, client_, IBM_LINES.encode())
    offered = {name: value for name, value in page.context["form"].initial.items() if value}
    assert offered == {
        "encoding": "utf-8", "delimiter": ",", "date_format": "%m/%d/%Y", "currency": "SAR",
        "column_debtor_ref": "customerID", "column_receivable_ref": "invoiceNumber", "column_issued_on": "InvoiceDate",
        "column_due_on": "DueDate", "column_amount": "InvoiceAmount", "column_disputed": "Disputed",
        "column_paid_on": "SettledDate",
    }  # fmt: skip
    assert "0007" in words(page)
    file = ImportFile.objects.get()
    assert (file.status, ImportFile.objects.count()) == ("UPLOADED", 1)
    assert browser.get(reverse("import", args=[file.pk]))["Location"] == reverse("import_columns", args=[file.pk])
    preview = browser.post(reverse("import_columns", args=[file.pk]), offered, follow=True)
    file.refresh_from_db()
    assert (file.status, file.result["accepted"], file.result["refused"]) == ("CHECKED", 2, 0)
    assert file.result["ages"] == [{"currency": "SAR", "bucket": "151+", "count": 2, "amount": "117.68"}]
    assert "117.68" in re.sub(r"<[^>]+>", "", preview.content.decode())
    assert not Receivable.objects.exists()
    upload_start(file=file, accept_good_rows=False)
    assert upload_run(file_id=file.pk) == "DONE"
    assert sorted(Receivable.objects.values_list("receivable_ref", flat=True)) == ["0007", "0008"]
    assert browser.get(reverse("import_columns", args=[file.pk])).status_code == 404


def test_one_slip_does_not_hide_the_form_of_the_dates(client_: Client, leader: User) -> None:
    page = named_later(
        enter(leader), client_, (IBM_LINES + "391,0381,4/6/2013,0009,1/2/2013,later,5.00,No,\n").encode()
    )
    assert page.context["form"].initial["date_format"] == "%m/%d/%Y"


def test_a_file_in_another_encoding_is_shown_as_it_is_read_and_read_again(client_: Client, leader: User) -> None:
    browser = enter(leader)
    text = "رقم العميل;رقم الفاتورة;تاريخ الاستحقاق;المبلغ\r\n١;عماد;01/02/2026;10.00\r\n"
    page = named_later(browser, client_, text.encode("windows-1256", errors="replace").replace(b"?;", b"7;", 1))
    offered = page.context["form"].initial
    assert (offered["encoding"], offered["delimiter"], offered["date_format"]) == ("windows-1256", ";", "%d/%m/%Y")
    assert offered["column_due_on"] == "تاريخ الاستحقاق"
    assert "عماد" in words(page)
    address = reverse("import_columns", args=[ImportFile.objects.get().pk])
    again = browser.get(address, {"encoding": "utf-8", "delimiter": ";"})
    assert again.context["sample"] == []
    missing = browser.post(address, {**offered, "column_amount": ""})
    assert missing.status_code == 422
    assert "column_amount" in missing.context["form"].errors


def test_an_upload_that_is_gone_is_asked_for_again(client_: Client, leader: User, _uploads: Path) -> None:
    browser = enter(leader)
    named_later(browser, client_, b"a,b\n1,2\n")
    for kept in _uploads.rglob("*.bin"):
        kept.unlink()
    page = browser.get(reverse("import_columns", args=[ImportFile.objects.get().pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("import_new")


def test_a_client_that_is_closed_takes_no_file(client_: Client, leader: User) -> None:
    Client.objects.filter(pk=client_.pk).update(status="CLOSED")
    content, layout = rows_csv([row()])
    page = upload(enter(leader), client_, content, layout)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["client"]


def test_pressing_start_twice_starts_once(client_: Client, leader: User) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    for _twice in range(2):
        assert browser.post(reverse("import_start", args=[file.pk])).status_code == 302
    assert upload_run(file_id=file.pk) == "DONE"
    before = ImportFile.objects.get().result
    browser.post(reverse("import_start", args=[file.pk]))
    assert upload_run(file_id=file.pk) == "DONE"
    assert ImportFile.objects.get().result == before
    assert browser.get(reverse("import_start", args=[file.pk])).status_code == 405


def test_a_worker_that_comes_second_finds_the_file_done_and_leaves_its_result(client_: Client, leader: User) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))
    stale = ImportFile.objects.get(pk=file.pk)  # as a second worker read it, before the first one was done
    upload_run(file_id=file.pk)
    done = ImportFile.objects.get()
    again = portfolio_import(
        actor=ACTOR, client=client_, content=content, name="rows.csv", layout=layout, placed_on=stale.placed_on,
        file=stale,
    )  # fmt: skip
    assert again.result == done.result
    assert ImportFile.objects.get().result["written"] is True
    assert AuditEvent.objects.filter(action__startswith="import.").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_gone_is_said_in_words_and_not_tried_for_ever(
    client_: Client, leader: User, language: str, _uploads: Path
) -> None:
    browser = enter(leader, language)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))
    for stored in _uploads.rglob("*.bin"):
        stored.unlink()
    assert upload_run(file_id=file.pk) == "FAILED"
    page = browser.get(reverse("import", args=[file.pk]))
    assert ("لم يعد الملف المرفوع موجودًا" if language == "ar" else "no longer here") in words(page)
    assert import_sweep_task() == 0


@pytest.mark.requirement("PL-53")
def test_the_sweep_takes_up_what_a_dead_worker_left(client_: Client, leader: User) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    assert import_sweep_task() == 0
    browser.post(reverse("import_start", args=[file.pk]))
    assert import_sweep_task() == 1


@pytest.mark.requirement("PL-53")
def test_a_file_that_stopped_its_workers_again_and_again_is_given_up_in_words(
    client_: Client, leader: User, _uploads: Path
) -> None:
    browser = enter(leader, "en")
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))
    cache.set(f"import-attempts-{file.pk}", 5)
    assert upload_run(file_id=file.pk) == "FAILED"
    assert "The fault is ours; nothing was written." in words(browser.get(reverse("import", args=[file.pk])))
    assert book() == (0,) * 6
    assert not list(_uploads.rglob("*.bin"))


@pytest.mark.requirement("PL-51")
def test_an_upload_that_nobody_starts_is_let_go_after_a_week(client_: Client, leader: User, _uploads: Path) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    upload(browser, client_, content, layout)
    _kept, started = ImportFile.objects.order_by("pk")
    browser.post(reverse("import_start", args=[started.pk]))
    assert uploads_expire(now=clock.now() + dt.timedelta(days=6, hours=23)) == 0
    assert uploads_expire(now=clock.now() + dt.timedelta(days=7, minutes=1)) == 1
    assert list(ImportFile.objects.all()) == [started]
    assert [path.name for path in _uploads.rglob("*.bin")] == [started.stored_path]
    assert upload_run(file_id=started.pk) == "DONE"
    assert uploads_expire(now=clock.now() + dt.timedelta(days=99)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_file_in_other_hands_is_left_to_them(client_: Client, leader: User) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))
    params = connection.get_connection_params()
    wanted = {"dbname", "user", "host", "port", "password"}
    with psycopg.connect(**{k: v for k, v in params.items() if k in wanted and v}) as other:
        # The other worker still reads, for longer than the sweep's five turns: nothing counts that as its death.
        other.execute("SELECT pg_advisory_lock((%s::bigint << 32) + %s)", [0x5550_4C44, file.pk])
        for _turn in range(7):
            assert upload_run(file_id=file.pk) == "RUNNING"
        assert book() == (0,) * 6
    assert upload_run(file_id=file.pk) == "DONE"


@pytest.mark.parametrize("role", ["COLLECTOR", "AUDITOR", "ADMINISTRATOR", "CLIENT_USER", "GENERAL_MANAGER"])
def test_who_imports_nothing_finds_no_door(client_: Client, leader: User, role: str) -> None:
    content, layout = rows_csv([row()])
    upload(enter(leader), client_, content, layout)
    file = ImportFile.objects.get()
    browser = enter(make_user(role, client=client_ if role == "CLIENT_USER" else None))
    for name in ("imports", "import_new"):
        assert browser.get(reverse(name)).status_code == 404
    for name in ("import", "import_refusals"):
        assert browser.get(reverse(name, args=[file.pk])).status_code == 404
    assert browser.post(reverse("import_start", args=[file.pk])).status_code == 404
    assert ImportFile.objects.get().status == "CHECKED"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_files_costs_the_same_for_few_and_for_many(client_: Client, leader: User, language: str) -> None:
    browser = enter(leader, language)
    assert browser.get(reverse("imports")).status_code == 200
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    few = queries(lambda: browser.get(reverse("imports")))
    for _more in range(5):
        upload(browser, client_, content, layout)
    assert queries(lambda: browser.get(reverse("imports"))) == few
    assert few <= 9


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-04")
def test_two_files_of_one_client_at_once_make_every_row_once() -> None:
    client = make_client()
    shared = [row(debtor_ref=f"D-{n % 7}", receivable_ref=f"R-{n}", national_id="1000000008" if n % 7 == 0 else "")
              for n in range(60)]  # fmt: skip
    first = [*shared[:40], row(debtor_ref="A", receivable_ref="only-first")]
    second = [*shared[20:], row(debtor_ref="A", receivable_ref="only-second")]
    results: list[dict[str, Any]] = []
    faults: list[BaseException] = []
    ready = threading.Barrier(4)

    def work(rows: list[dict[str, object]]) -> None:
        content, layout = rows_csv(rows)
        try:
            ready.wait(10)
            imported = portfolio_import(
                actor=ACTOR, client=Client.objects.get(pk=client.pk), content=content, name="rows.csv",
                layout=layout, placed_on=dt.date(2026, 3, 10),
            )  # fmt: skip
            results.append(imported.result)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(rows,)) for rows in (first, second, first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert Receivable.objects.count() == 62
    assert Case.objects.count() == Debt.objects.count() == 8
    assert LedgerEntry.objects.count() == 62
    assert sum(result["accepted"] for result in results) == 62
    assert sum(result["unchanged"] for result in results) == 2 * 41 + 2 * 41 - 62
    assert not StagedRow.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_to_look_at_are_shown_with_their_reasons(client_: Client, leader: User, language: str) -> None:
    browser = enter(leader, language)
    place(client_, [row()])
    content, layout = rows_csv([row(amount="101.00")])
    page = upload(browser, client_, content, layout)
    assert in_language(page, language)
    assert page.context["result"]["suspects"] == 1
    told = page.context["result"]["suspect_rows"][0]
    assert told[f"reason_{language}"] in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_placement_date_ahead_is_refused_on_the_form(client_: Client, leader: User, language: str) -> None:
    content, layout = rows_csv([row()])
    ahead = (clock.today() + dt.timedelta(days=1)).isoformat()
    page = upload(enter(leader, language), client_, content, layout, placed_on=ahead)
    assert page.status_code == 422
    assert ("لا يكون تاريخ الإسناد" if language == "ar" else "placement date cannot be in the future") in words(page)
    assert not ImportFile.objects.exists()


def test_a_new_book_is_opened_with_its_file_or_not_at_all(
    client_: Client, leader: User, monkeypatch: pytest.MonkeyPatch, _uploads: Path
) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    upload(browser, client_, content, layout)
    file = ImportFile.objects.get()
    browser.post(reverse("import_start", args=[file.pk]))

    def killed(**_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(stages, "book_open", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            upload_run(file_id=file.pk)
    client_.refresh_from_db()
    assert (ImportFile.objects.get().status, client_.book_date, book()) == ("RUNNING", None, (0,) * 6)
    assert list(_uploads.rglob("*.bin"))
    assert upload_run(file_id=file.pk) == "DONE"
    client_.refresh_from_db()
    assert client_.book_date == clock.today()
    opened = AuditEvent.objects.get(action="book.opened")
    assert (opened.actor_id, opened.client_id) == (leader.pk, client_.pk)
    assert not list(_uploads.rglob("*.bin"))


def test_an_upload_whose_worker_died_after_the_import_is_let_go(client_: Client, leader: User, _uploads: Path) -> None:
    browser = enter(leader)
    content, layout = rows_csv([row()])
    for _twice in range(2):
        upload(browser, client_, content, layout)
    first, second = ImportFile.objects.order_by("pk")
    for file in (first, second):
        browser.post(reverse("import_start", args=[file.pk]))
        upload_run(file_id=file.pk)
        (_uploads / "imports" / file.stored_path).write_bytes(content)
    assert upload_run(file_id=first.pk) == "DONE"
    assert [path.name for path in _uploads.rglob("*.bin")] == [second.stored_path]
    uploads_expire(now=clock.now())
    assert not list(_uploads.rglob("*.bin"))
    assert ImportFile.objects.count() == 2
