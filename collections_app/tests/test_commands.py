"""The commands as an operator types them: what they print, how they exit, and that a slip writes nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clients.models import Agreement, Client, ContactPolicy
from collections_app.models import Case, ImportFile, Receivable
from common import clock
from common.models import AuditEvent, JobRun
from tests.world import a_case, make_client, rows_csv, written

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def fault(name: str, *arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(name, *arguments)
    return str(caught.value)


NEW = ("--code", "nak", "--name-en", "Nakheel", "--name-ar", "النخيل", "--kind", "TRADE")


@pytest.mark.requirement("PL-01")
def test_a_client_is_made_ready_for_import(tmp_path: Path) -> None:
    assert run("client_create", *NEW) == "NAK TRADE_CREDIT v1\n"
    client = Client.objects.get(code="NAK")
    assert (client.name_ar, client.name_en, client.terms_days, client.status) == ("النخيل", "Nakheel", 60, "ACTIVE")
    assert Agreement.objects.filter(client=client).exists() and ContactPolicy.objects.filter(client=client).exists()
    assert AuditEvent.objects.get(action="client.created").actor_name == "client_create"
    content, layout = rows_csv(
        [{"debtor_ref": "D", "receivable_ref": "R", "due_on": "2026-01-01", "amount": "1.00"}]
    )  # fmt: skip
    (tmp_path / "rows.csv").write_bytes(content)
    run(
        "portfolio_import", str(tmp_path / "rows.csv"), "--client", "nak", "--layout",
        str(written(tmp_path / "layout.json", layout)),
    )  # fmt: skip
    assert Receivable.objects.get().client == client


def test_the_same_client_again_is_refused_in_both_languages() -> None:
    run("client_create", *NEW)
    said = fault("client_create", *NEW)
    assert "There is a client with this code already." in said
    assert "توجد جهة بهذا الرمز" in said or "الرمز" in said
    assert Client.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--code", "1A"), "capital Latin letters"),
        (("--code", "A B"), "capital Latin letters"),
        (("--code", ""), "capital Latin letters"),
        (("--code", "A" * 21), "capital Latin letters"),
        (("--name-ar", "  "), "name in both languages"),
        (("--name-en", "x" * 161), "too long"),
        (("--terms-days", "-1"), "between 0 and 365"),
        (("--terms-days", "366"), "between 0 and 365"),
        (("--terms-days", "many"), "invalid int"),
        (("--kind", "SHOP"), "invalid choice"),
    ],
)
def test_a_client_that_cannot_be_is_refused_in_words(wrong: tuple[str, ...], says: str) -> None:
    assert says in fault("client_create", *NEW, *wrong)
    assert not Client.objects.exists() and not AuditEvent.objects.exists()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    content, layout = rows_csv(
        [
            {"debtor_ref": "D", "receivable_ref": "R1", "due_on": "2026-01-01", "amount": "1.00"},
            {"debtor_ref": "D", "receivable_ref": "R2", "due_on": "2026-01-01", "amount": "1.00x"},
        ]
    )
    (tmp_path / "rows.csv").write_bytes(content)
    (tmp_path / "broken.json").write_text("{'columns'", encoding="utf-8")
    (tmp_path / "arabic.json").write_bytes(b"{}" + "ملف".encode("cp1256"))
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    written(tmp_path / "layout.json", layout)
    return {p.name: str(p) for p in tmp_path.iterdir()} | {"missing": str(tmp_path / "missing")}


@pytest.mark.requirement("PL-04")
def test_an_import_exits_by_what_became_of_the_file(files: dict[str, str]) -> None:
    make_client()
    arguments = (files["rows.csv"], "--client", "AAA", "--layout", files["layout.json"])
    with pytest.raises(SystemExit) as ended:
        run("portfolio_import", *arguments)
    assert ended.value.code == 1
    assert not Receivable.objects.exists()
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("portfolio_import", *arguments, stdout=out)
    assert "line 3 amount '1.00x'" in out.getvalue()
    dry = json.loads(run("portfolio_import", *arguments, "--accept-good-rows", "--dry-run", "--json"))
    assert (dry["accepted"], dry["dry_run"]) == (1, True)
    assert not Receivable.objects.exists()
    assert "accepted              1" in run("portfolio_import", *arguments, "--accept-good-rows")
    assert "Nothing new in this file." in run("portfolio_import", *arguments, "--accept-good-rows")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"client": "NOBODY"}, "There is no client NOBODY."),
        ({"file": "missing"}, "missing cannot be read: No such file or directory."),
        ({"file": "folder"}, "folder cannot be read: Is a directory."),
        ({"layout": "missing"}, "missing cannot be read"),
        ({"layout": "broken.json"}, "broken.json is not JSON"),
        ({"layout": "arabic.json"}, "arabic.json is not written in UTF-8."),
        ({"layout": "list.json"}, "A layout is a JSON object. / "),
        ({"placed_on": "03/10/2026"}, "'03/10/2026' is not a date (YYYY-MM-DD)."),
    ],
)
def test_an_import_with_a_slip_says_which_and_writes_nothing(
    files: dict[str, str], change: dict[str, str], says: str
) -> None:
    make_client()
    given = {"file": "rows.csv", "client": "AAA", "layout": "layout.json", "placed_on": "2026-03-10", **change}
    said = fault(
        "portfolio_import", files[given["file"]], "--client", given["client"], "--layout", files[given["layout"]],
        "--placed-on", given["placed_on"], "--accept-good-rows",
    )  # fmt: skip
    assert says in said
    assert not ImportFile.objects.exists() and not Case.objects.exists()


def test_aging_by_debtor_in_words_and_in_json() -> None:
    client = make_client()
    a_case(client, ref="D-1", days_late=40, amount="10.00")
    a_case(client, ref="D-2", days_late=40, amount="5.50")
    arguments = ("--client", "aaa", "--as-of", clock.today().isoformat(), "--basis", "due")
    answer = json.loads(run("aging", *arguments, "--by-debtor", "--json"))
    assert (answer["as_of"], answer["basis"]) == (clock.today().isoformat(), "due")
    assert answer["rows"] == [
        {"currency": "SAR", "bucket": "31-60", "debtor_ref": ref, "count": 1, "amount": amount}
        for ref, amount in (("D-1", "10.00"), ("D-2", "5.50"))
    ]
    assert "15.50" in run("aging", *arguments)
    assert "D-2" in run("aging", *arguments, "--by-debtor")
    before = (clock.today() - dt.timedelta(days=200)).isoformat()
    nothing = json.loads(run("aging", "--client", "AAA", "--as-of", before, "--basis", "invoice", "--json"))
    assert sum(r["count"] for r in nothing["rows"]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--client", "NOBODY", "--as-of", "2026-01-01", "--basis", "due"), "There is no client NOBODY."),
        (("--client", "AAA", "--as-of", "yesterday", "--basis", "due"), "'yesterday' is not a date (YYYY-MM-DD)."),
        (("--client", "AAA", "--as-of", "2026-02-30", "--basis", "due"), "'2026-02-30' is not a date"),
        (("--client", "AAA", "--as-of", "2026-01-01", "--basis", "age"), "invalid choice"),
        (("--client", "AAA", "--basis", "due"), "--as-of"),
    ],
)
def test_aging_with_a_slip_says_which(arguments: tuple[str, ...], says: str) -> None:
    make_client()
    assert says in fault("aging", *arguments)


@pytest.mark.requirement("DC-04")
def test_the_night_tells_what_it_did() -> None:
    client = make_client()
    make_client("BBB")
    a_case(client)
    today = clock.today().isoformat()
    answer = json.loads(run("nightly", "--date", today, "--client", "aaa", "--json"))
    assert (answer["date"], answer["changed"], answer["clients"], answer["days"]) == (today, True, 1, 1)
    assert answer["rows"]["age"] == 1
    assert Client.objects.get(code="BBB").book_date is None
    assert f"{today}: 1 book, 1 day" in run("nightly", "--date", today)
    assert "nothing changed" in run("nightly", "--date", today)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--date", "tomorrow"), "'tomorrow' is not a date (YYYY-MM-DD)."),
        (("--date", "2026-13-01"), "is not a date"),
        (("--date", "2026-01-01", "--client", "AAA", "--client", "ZZZ"), "There is no client ZZZ."),
        ((), "--date"),
    ],
)
def test_a_night_with_a_slip_says_which_and_moves_no_book(arguments: tuple[str, ...], says: str) -> None:
    make_client()
    assert says in fault("nightly", *arguments)
    assert not JobRun.objects.exists()
    assert Client.objects.get().book_date is None
