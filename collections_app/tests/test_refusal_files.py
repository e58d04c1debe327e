"""The refused rows in the client's own columns: corrected, sent back, read as they are."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from accounts.models import User
from clients.models import Client
from collections_app.models import ContactPoint, ImportFile, Receivable
from collections_app.services.imports import portfolio_import
from collections_app.services.uploads import upload_check, upload_keep, upload_run, upload_start, uploads_expire
from common import clock
from common.models import AuditEvent
from common.spreadsheets import guarded, unguarded
from tests.doors import enter
from tests.world import ACTOR, make_client, make_team, make_user

pytestmark = pytest.mark.django_db
HEADING = ["رقم العميل", " Invoice no", "الاستحقاق", "المبلغ", "ملاحظات", "الجوال"]
LAYOUT: dict[str, Any] = {
    "encoding": "windows-1256",
    "delimiter": ";",
    "date_format": "%d/%m/%Y",
    "columns": {
        "debtor_ref": "رقم العميل", "receivable_ref": "Invoice no", "due_on": "الاستحقاق", "amount": "المبلغ",
        "mobile": "الجوال",
    },
}  # fmt: skip
ROWS = [
    ["0007", "R-1", "01/02/2026", "100.00", "-", "+966551234567"],
    ["0007", "R-2", "31/02/2026", "50.00", "=HYPERLINK(1)", "+966551234568"],
    ["0008", "R-3", "01/02/2026", "12.345", "a;b", ""],
    ["0009", "=R-4", "", "10.00", "'=x", ""],
]


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


def text(rows: list[list[str]], *, encoding: str = "windows-1256", delimiter: str = ";") -> bytes:
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=delimiter).writerows([HEADING, *rows])
    return page.getvalue().encode(encoding)


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for cells in [HEADING, *rows]:
        book.active.append([])
        for place, cell in enumerate(cells, start=1):
            found = book.active.cell(row=book.active.max_row + (place == 1), column=place)
            found.value = cell
            if isinstance(cell, str):
                found.data_type = "s"
    book.save(out)
    return out.getvalue()


def checked(leader: User, client: Client, content: bytes, name: str, layout: dict[str, Any] = LAYOUT) -> ImportFile:
    kept = upload_keep(user=leader, client=client, content=content, name=name, placed_on=clock.today())
    return upload_check(user=leader, file=kept, layout=layout)


def taken(leader: User, file: ImportFile, language: str = "ar") -> Any:
    answer = enter(leader, language).get(reverse("import_refused", args=[file.pk]))
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


@given(st.text(alphabet="'=+-@\t\r\n a1", max_size=8))
def test_what_is_guarded_is_harmless_and_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.requirement("PL-04")
def test_refused_rows_come_in_the_clients_own_file_and_go_back_as_they_are(client_: Client, leader: User) -> None:
    file = checked(leader, client_, text(ROWS), "ملف.csv")
    answer, content = taken(leader, file)
    assert "refused" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(content.decode("windows-1256"), newline=""), delimiter=";"))
    assert lines[0] == [*HEADING, "سبب عدم القبول"]
    assert [line[:2] for line in lines[1:]] == [["0007", "R-2"], ["0008", "R-3"], ["0009", "'=R-4"]]
    assert lines[1][4:6] == ["'=HYPERLINK(1)", "'+966551234568"]
    assert lines[1][6] == "الاستحقاق: ليس تاريخًا بالصيغة المعلنة."
    assert lines[3][4] == "''=x"
    assert not Receivable.objects.exists()
    # Sent back as it is, it is refused for the same reasons, and what comes of that is the same file again.
    second = checked(leader, client_, content, "back.csv")
    assert (second.result["refused"], second.result["rows"]) == (3, 3)
    assert taken(leader, second)[1] == content
    # Corrected, it is in the book, cell for cell as the client wrote it.
    lines[1][2], lines[2][3], lines[3][2] = "28/02/2026", "12.34", "01/03/2026"
    page = io.StringIO(newline="")
    csv.writer(page, delimiter=";").writerows(lines)
    third = checked(leader, client_, page.getvalue().encode("windows-1256"), "corrected.csv")
    assert third.result["refused"] == 0
    upload_start(file=third, accept_good_rows=False)
    assert upload_run(file_id=third.pk) == "DONE"
    assert set(Receivable.objects.values_list("receivable_ref", flat=True)) == {"R-2", "R-3", "=R-4"}
    assert ContactPoint.objects.get().hint == "568"
    assert AuditEvent.objects.filter(action="import.refused_taken").count() == 2


@pytest.mark.requirement("PL-04")
def test_a_workbook_comes_back_as_a_workbook(client_: Client, leader: User) -> None:
    layout = {**LAYOUT, "encoding": "utf-8", "delimiter": ","}
    rows: list[list[Any]] = [
        ["0007", "R-1", dt.date(2026, 2, 1), 100, "-", None],
        ["0007", "R-2", dt.date(2026, 2, 3), 12.345, "=1+1", "+966551234568"],
        [1234567890123456, "R-3", dt.date(2026, 2, 1), 5, None, None],
    ]
    file = checked(leader, client_, workbook(rows), "ملف.xlsx", layout)
    answer, content = taken(leader, file, "en")
    assert answer.headers["Content-Disposition"].endswith("xlsx")
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == [*HEADING, "Why it was refused"]
    assert lines[1][:4] == ["0007", "R-2", "03/02/2026", "12.345"]
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert lines[2][0] == 1234567890123456, "a number that lost its digits does not become a text that has them"
    second = checked(leader, client_, content, "back.xlsx", layout)
    assert [(r["line"], r["code"]) for r in second.result["refusals"]] == [(2, "amount"), (3, "digits_lost")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-6"])
def test_the_encoding_is_the_clients(client_: Client, leader: User, encoding: str) -> None:
    rows = [ROWS[2]]
    layout = {**LAYOUT, "encoding": encoding}
    file = checked(leader, client_, text(rows, encoding=encoding), "rows.csv", layout)
    _answer, content = taken(leader, file)
    assert content.decode(encoding).removeprefix("\ufeff").startswith(";".join(HEADING))
    assert content.startswith(b"\xef\xbb\xbf") is (encoding == "utf-8"), "Arabic in UTF-8 says that it is"
    assert checked(leader, client_, content, "back.csv", layout).result["refused"] == 1


def test_a_line_of_another_width_is_refused_again(client_: Client, leader: User) -> None:
    short = text([ROWS[0]]) + "0007;R-2;01/02/2026;5\r\n".encode("windows-1256") + b'0007;"R-3;01/02/2026\r\n'
    file = checked(leader, client_, short, "rows.csv")
    _answer, content = taken(leader, file)
    again = checked(leader, client_, content, "back.csv")
    assert (again.result["rows"], again.result["refused"]) == (2, 2)


def test_refused_rows_are_sealed_and_do_not_stay(
    client_: Client, leader: User, _uploads: Path, django_capture_on_commit_callbacks: Any
) -> None:
    file = checked(leader, client_, text(ROWS), "rows.csv")
    (kept,) = _uploads.rglob("*.refused")
    assert b"HYPERLINK" not in kept.read_bytes()
    upload_start(file=file, accept_good_rows=True)
    with django_capture_on_commit_callbacks(execute=True):
        upload_run(file_id=file.pk)
    (later,) = _uploads.rglob("*.refused")
    assert later != kept, "what the preview kept is gone with it"
    assert taken(leader, ImportFile.objects.get(pk=file.pk))[1]
    uploads_expire(now=clock.now() + dt.timedelta(days=31))
    assert not list(_uploads.rglob("*.refused"))
    assert enter(leader).get(reverse("import_refused", args=[file.pk])).status_code == 404


def test_bytes_in_another_encoding_bring_no_rows(client_: Client, leader: User) -> None:
    file = checked(leader, client_, text(ROWS), "rows.csv", {**LAYOUT, "encoding": "utf-8"})
    assert (file.result["refused"], file.refused_path) == (1, "")


def test_the_command_line_keeps_them_too(client_: Client) -> None:
    done = portfolio_import(
        actor=ACTOR, client=client_, content=text(ROWS), name="rows.csv", layout=LAYOUT, placed_on=clock.today()
    )
    assert done.file is not None
    assert ImportFile.objects.get(pk=done.file.pk).refused_path
