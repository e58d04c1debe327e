"""Files of clients, through the command and the service: accepted, refused, known again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import threading
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from openpyxl import Workbook

from clients.models import Client
from collections_app.models import Case, ContactPoint, Debt, Hold, LedgerEntry, Payment, Receivable, StagedRow
from collections_app.rules.importing import currency_of, in_both, layout_read
from collections_app.selectors.aging import aging_as_of
from collections_app.services import workbooks
from collections_app.services.file_reading import file_read
from collections_app.services.holds import hold_release
from collections_app.services.imports import portfolio_import
from collections_app.services.ledger import payment_post
from collections_app.services.workbooks import cells_bounded
from common import clock, money
from common.exceptions import Refused
from common.models import AuditEvent
from common.spreadsheets import inert
from tests.world import ACTOR, IBM, IBM_LAYOUT, UNPAID_LAYOUT, ibm_truth, make_client, place, written

pytestmark = pytest.mark.django_db
BASES = {"due": "days_past_due", "invoice": "days_since_invoice"}
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "encoding-samples"


def imported(*arguments: str) -> dict[str, object]:
    out = io.StringIO()
    try:
        call_command("portfolio_import", *arguments, "--json", stdout=out)
    except SystemExit as ended:
        assert ended.code == 1
    return json.loads(out.getvalue())


def aged(client: str, as_of: str, basis: str, *more: str) -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("aging", "--client", client, "--as-of", as_of, "--basis", basis, "--json", *more, stdout=out)
    return json.loads(out.getvalue())["rows"]


@pytest.mark.requirement("PL-04", "DC-09")
def test_the_whole_sample_is_imported_and_ages_like_the_truth(tmp_path: Path) -> None:
    make_client("IBM")
    layout = str(written(tmp_path / "layout.json", IBM_LAYOUT))
    first = imported(str(IBM / "invoices.csv"), "--client", "IBM", "--layout", layout)
    assert {k: first[k] for k in ("rows", "accepted", "refused", "cases", "debts", "receivables", "payments")} == {
        "rows": 2466, "accepted": 2466, "refused": 0, "cases": 100, "debts": 100, "receivables": 2466, "payments": 2466,
    }  # fmt: skip
    for basis, measure in BASES.items():
        for as_of, buckets in ibm_truth(view="actual", measure=measure).items():
            found = {r["bucket"]: (r["count"], Decimal(str(r["amount"]))) for r in aged("IBM", as_of, basis)}
            assert found == buckets
    assert Receivable.objects.filter(receivable_ref="0000611365").exists()
    again = imported(str(IBM / "invoices.csv"), "--client", "IBM", "--layout", layout)
    assert (again["accepted"], again["unchanged"], again["written"]) == (0, 2466, False)
    assert Receivable.objects.count() == 2466
    assert StagedRow.objects.count() == 0


@pytest.mark.requirement("PL-04")
def test_nothing_paid_reaches_the_deep_buckets_by_debtor_too(tmp_path: Path) -> None:
    client = make_client("IBM")
    layout = str(written(tmp_path / "layout.json", UNPAID_LAYOUT))
    imported(str(IBM / "invoices.csv"), "--client", "IBM", "--layout", layout)
    for basis, measure in BASES.items():
        for as_of, buckets in ibm_truth(view="nothing_paid", measure=measure).items():
            found = {r["bucket"]: (r["count"], Decimal(str(r["amount"]))) for r in aged("IBM", as_of, basis)}
            assert found == buckets
            assert buckets["151+"][0] > 0
    with (IBM / "aging_by_customer.csv").open(encoding="utf-8") as lines:
        truth = [row for row in csv.DictReader(lines) if row["view"] == "nothing_paid"]
    for as_of in {row["as_of"] for row in truth}:
        totals: dict[str, dict[str, Decimal]] = {}
        for row in aged("IBM", as_of, "due", "--by-debtor"):
            totals.setdefault(str(row["debtor_ref"]), {})[str(row["bucket"])] = Decimal(str(row["amount"]))
        wanted = {
            row["customer"]: {
                b: Decimal(row[f"amt_{b}"])
                for b in ("not_due", "1-30", "31-60", "61-90", "91-120", "121-150", "151+")
                if Decimal(row[f"amt_{b}"])
            }
            for row in truth
            if row["as_of"] == as_of
        }
        assert totals == wanted
    assert client.code == "IBM"


def row(**given: object) -> dict[str, object]:
    return {
        "debtor_ref": "D-1", "receivable_ref": "R-1", "issued_on": "2026-01-01", "due_on": "2026-03-02",
        "amount": "100.00", **given,
    }  # fmt: skip


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize(
    ("wrong", "column", "code"),
    [
        ({"amount": "12.5O"}, "amount", "amount"),
        ({"amount": "12.345"}, "amount", "amount"),
        ({"amount": "0"}, "amount", "amount_positive"),
        ({"amount": "NaN"}, "amount", "amount"),
        ({"amount": "1000000000000.00"}, "amount", "amount_large"),
        ({"amount": "9999999999999999.99"}, "amount", "amount_large"),
        ({"open_amount": "1000000000000.00"}, "open_amount", "amount_large"),
        ({"due_on": "02/03/2026"}, "due_on", "date"),
        ({"due_on": "2025-12-31"}, "due_on", "due_before_issue"),
        ({"debtor_ref": ""}, "debtor_ref", "missing"),
        ({"national_id": "1000000009"}, "national_id", "national_id"),
        ({"open_amount": "100.01"}, "open_amount", "open_amount"),
        ({"paid_on": "2025-12-01"}, "paid_on", "paid_before_issue"),
        ({"currency": "KWD"}, "currency", "currency_decimals"),
        ({"disputed": "maybe"}, "disputed", "truth"),
    ],
)
def test_a_refusal_names_line_column_value_and_reason_and_nothing_is_written(
    wrong: dict[str, object], column: str, code: str
) -> None:
    client = make_client()
    result = place(client, [row(receivable_ref="R-0"), row(**wrong)]).result
    assert (result["refused"], result["accepted"]) == (1, 0)
    refusal = result["refusals"][0]
    assert (refusal["line"], refusal["column"], refusal["code"]) == (3, column, code)
    assert refusal["reason_ar"] and refusal["reason_en"] and refusal["reason_ar"] != refusal["reason_en"]
    assert not Receivable.objects.exists() and not Case.objects.exists() and not LedgerEntry.objects.exists()
    assert not StagedRow.objects.exists()


def test_good_rows_alone_are_accepted_when_asked_for() -> None:
    client = make_client()
    result = place(client, [row(receivable_ref="R-0"), row(amount="x")], accept_good_rows=True).result
    assert (result["accepted"], result["refused"]) == (1, 1)
    assert list(Receivable.objects.values_list("receivable_ref", flat=True)) == ["R-0"]


def test_a_dry_run_says_all_and_writes_nothing() -> None:
    client = make_client()
    result = place(client, [row()], dry_run=True).result
    assert result["accepted"] == 1
    assert not Receivable.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="import").exists()


def test_default_debts_by_currency_and_one_reference_in_two_currencies() -> None:
    client = make_client()
    place(client, [row(currency="SAR"), row(currency="USD", receivable_ref="R-2")])
    assert sorted(Debt.objects.values_list("debt_ref", "currency")) == [("D-1", "SAR"), ("D-1-USD", "USD")]
    result = place(
        client, [row(debt_ref="L-1", currency="SAR"), row(debt_ref="L-1", currency="USD", receivable_ref="R-3")]
    ).result
    assert [r["code"] for r in result["refusals"]] == ["debt_currency"]


def test_open_amount_books_a_prior_payment_on_the_placement_date() -> None:
    client = make_client()
    place(client, [row(open_amount="40.00")])
    receivable = Receivable.objects.get()
    assert receivable.balance == Decimal("40.00")
    assert [(e.kind, e.amount) for e in LedgerEntry.objects.order_by("pk")] == [
        ("CHARGE", Decimal("100.00")), ("PRIOR_PAYMENT", Decimal("-60.00")),
    ]  # fmt: skip


def test_a_known_receivable_that_comes_paid_gets_its_payment_and_another_amount_is_a_suspect() -> None:
    client = make_client()
    place(client, [row()])
    paid = place(client, [row(paid_on="2026-04-01")]).result
    assert (paid["accepted"], paid["payments"], paid["receivables"]) == (1, 1, 0)
    payment = Payment.objects.get()
    assert (payment.amount, payment.value_on.isoformat()) == (Decimal("100.00"), "2026-04-01")
    assert payment.entries.get().allocation == "PINNED"
    assert Receivable.objects.get().status == "PAID"
    suspect = place(client, [row(amount="101.00")]).result
    assert (suspect["suspects"], suspect["accepted"], suspect["suspect_lines"]) == (1, 0, [2])
    assert Receivable.objects.get().amount == Decimal("100.00")


def test_disputed_makes_an_objection_open_ended_when_unpaid() -> None:
    client = make_client()
    place(client, [row(disputed="نعم"), row(receivable_ref="R-2", disputed="yes", paid_on="2026-04-01")])
    holds = {
        h.receivable.receivable_ref: (h.kind, h.from_on.isoformat(), h.until_on)
        for h in Hold.objects.select_related("receivable")
    }
    assert holds["R-1"] == ("OBJECTION", "2026-01-01", None)
    assert str(holds["R-2"][2]) == "2026-04-01"


def test_eastern_digits_a_missing_issue_date_and_a_bad_phone() -> None:
    client = make_client(terms_days=30)
    result = place(
        client,
        [{"debtor_ref": "٠١", "receivable_ref": "R", "due_on": "2026-03-02", "amount": "١٬٢٣٤٫٥٠", "mobile": "12"}],
    ).result
    receivable = Receivable.objects.get()
    assert receivable.amount == Decimal("1234.50")
    assert receivable.issued_on.isoformat() == "2026-01-31"
    assert {w["code"] for w in result["warnings"]} == {"issued_on", "mobile"}
    assert not ContactPoint.objects.exists()


def test_a_workbook_reads_like_its_csv() -> None:

    client = make_client()
    book = Workbook()
    book.active.append(["ref", "inv", "due", "amt"])
    book.active.append(["007", "0001", "2026-03-02", 1234.5])
    content = io.BytesIO()
    book.save(content)
    layout = {"columns": {"debtor_ref": "ref", "receivable_ref": "inv", "due_on": "due", "amount": "amt"}}
    result = portfolio_import(
        actor=ACTOR, client=client, content=content.getvalue(), name="a.xlsx", layout=layout, placed_on=clock.today()
    ).result
    assert result["accepted"] == 1
    receivable = Receivable.objects.select_related("case__debtor").get()
    assert (receivable.receivable_ref, receivable.case.debtor.debtor_ref) == ("0001", "007")
    assert receivable.amount == Decimal("1234.50")


def test_a_layout_that_is_wrong_is_refused_by_name() -> None:
    client = make_client()
    with pytest.raises(Refused) as refused:
        place(client, [row()], layout={"encoding": "klingon"})
    assert refused.value.code == "layout_encoding"
    with pytest.raises(Refused) as refused:
        place(client, [row()], layout={"columns": {"debtor_ref": "debtor_ref"}})
    assert refused.value.code == "layout_required"


def test_structure_faults_name_their_lines() -> None:

    layout = layout_read(
        definition={"columns": {"debtor_ref": "d", "receivable_ref": "r", "due_on": "on", "amount": "a"}}
    )
    text = (
        'd,r,on,a\nA,1,2026-01-01,1\nA,2,2026-01-01,1,x\n"A,3,2026-01-01,1\nA,4,2026-01-01\n\n'
        "A,5,2026-01-01,1\nA\x00,6,2026-01-01,1\n\u202eA,7,2026-01-01,1\n"
    )
    reading = file_read(content=text.encode(), name="x.csv", layout=layout, terms_days=60, today=clock.today())
    assert [(r.line, r.code) for r in reading.refusals] == [
        (3, "field_count"), (4, "open_quote"), (5, "field_count"), (8, "control"), (9, "bidi"),
    ]  # fmt: skip
    assert [r.receivable_ref for r in reading.rows] == ["1", "5"]
    assert reading.warnings["blank"] == [6]
    broken = b"d,r,on,a\nA,1,2026-01-01,1\n" + b"\xd8"
    reading = file_read(content=broken, name="x.csv", layout=layout, terms_days=60, today=clock.today())
    assert [(r.line, r.code) for r in reading.refusals] == [(3, "undecodable")]


def test_encodings_agree() -> None:

    text = "الاسم;رقم;تاريخ;مبلغ\r\nعماد آل سلطان;1;2026-01-01;4141.02\r\n"
    seen = set()
    for encoding in ("utf-8", "utf-8-sig", "windows-1256", "iso-8859-6", "utf-16-le", "utf-16"):
        layout = layout_read(
            definition={
                "encoding": encoding,
                "delimiter": ";",
                "columns": {"debtor_ref": "الاسم", "receivable_ref": "رقم", "due_on": "تاريخ", "amount": "مبلغ"},
            }
        )
        reading = file_read(
            content=text.encode(encoding), name="x.csv", layout=layout, terms_days=60, today=clock.today()
        )
        assert not reading.refusals, encoding
        seen.add((reading.rows[0].debtor_ref, reading.rows[0].amount))
    assert seen == {("عماد آل سلطان", Decimal("4141.02"))}
    double = "د,r,on,a\nعماد آل سلطان,1,2026-01-01,1\n".encode().decode("latin-1").encode()
    layout = layout_read(
        definition={
            "columns": {
                "debtor_ref": "د".encode().decode("latin-1"),
                "receivable_ref": "r",
                "due_on": "on",
                "amount": "a",
            }
        }
    )
    reading = file_read(content=double, name="x.csv", layout=layout, terms_days=60, today=clock.today())
    assert reading.warnings["mojibake"] == [2]


@pytest.mark.skipif(not SHARED.exists(), reason="the encoding samples are not beside this checkout")
def test_the_encoding_samples_behave_as_their_truth_says() -> None:
    expected = {
        "bad_mixed_utf8_and_cp1256.csv": [(101, "undecodable")],
        "bad_structure.csv": [
            (11, "field_count"), (21, "field_count"), (31, "open_quote"), (46, "repeats"), (51, "field_count"),
        ],
        "bad_nul_and_bidi.csv": [(6, "bidi"), (9, "control")],
        "bad_truncated_multibyte.csv": [(33, "undecodable")],
    }  # fmt: skip

    with (SHARED / "truth_encoding.csv").open(encoding="utf-8") as lines:
        truth = list(csv.DictReader(lines))
    for n, sample in enumerate(truth):
        client = make_client(f"E{n}")
        encoding = sample["encoding"] if sample["encoding"] not in {"mixed", "utf-8 twice"} else "utf-8"
        layout = {
            "encoding": encoding,
            "delimiter": sample["delimiter"],
            "columns": {
                "debtor_ref": "customer_name",
                "receivable_ref": "invoice_no",
                "due_on": "due_date",
                "amount": "amount",
            },
        }
        result = portfolio_import(
            actor=ACTOR, client=client, content=(SHARED / sample["file"]).read_bytes(), name=sample["file"],
            layout=layout, placed_on=clock.today(),
        ).result  # fmt: skip
        refusals = [(r["line"], r["code"]) for r in result["refusals"]]
        assert refusals == expected.get(sample["file"], []), sample["file"]
        count = Receivable.objects.filter(client=client).count()
        assert count == (0 if refusals else int(sample["data_rows"])), sample["file"]
        assert Case.objects.filter(client=client).exists() is not bool(refusals)
        warned = {w["code"] for w in result["warnings"]}
        assert ("mojibake" in warned) is (sample["file"] == "bad_double_encoded.csv")
    formulas = list(Case.objects.filter(client__code=f"E{len(truth) - 1}").values_list("debtor__name", flat=True))
    assert any(name.startswith("=HYPERLINK") for name in formulas)


@pytest.mark.parametrize("text", ["=1+1", "+966500000000", "-2+3", "@SUM(1)", "\t=1", " =1"])
def test_exports_neutralise_formulas(text: str) -> None:
    assert inert(text) == "'" + text
    assert inert(5) == 5
    assert inert("عماد") == "عماد"


def test_aging_is_exact_whatever_the_order_of_rows() -> None:
    client = make_client()
    rows = [row(receivable_ref=f"R-{n}", amount=f"{n}.{n % 100:02d}") for n in range(1, 60)]
    random.Random(7).shuffle(rows)
    place(client, rows)

    total = sum(Decimal(str(r["amount"])) for r in rows)
    assert sum(r["amount"] for r in aging_as_of(client_id=client.pk, as_of=clock.today(), basis="DUE")) == total


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_of(xml: str, **more: str) -> bytes:
    """A workbook whose only sheet is this XML; ``more`` are parts by name."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as old, zipfile.ZipFile(content, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
        for name, text in more.items():
            new.writestr(name, text)
    return content.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
XLSX_LAYOUT = {"columns": {"debtor_ref": "ref", "receivable_ref": "inv", "due_on": "due", "amount": "amt"}}


@pytest.mark.parametrize(
    "rows",
    [
        '<dimension ref="A1"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c note="&gt;>" r="xfd1"><v>1</v></c></row>'
        '<row r="1048576"><c><v>1</v></c></row></sheetData>',
        "<sheetData><row r='9000000'/><row><c r = 'ZZ1'/><c/></row></sheetData>",
    ],
)
def test_a_workbook_that_spans_too_many_cells_is_refused_before_it_is_read(rows: str) -> None:
    content = sheet_of(SHEET.format(rows))
    with pytest.raises(Refused) as refused:
        cells_bounded(content=content)
    assert refused.value.code == "workbook_large"
    words = in_both(refused.value.message)
    assert words["ar"] != words["en"]
    with pytest.raises(Refused):
        portfolio_import(
            actor=ACTOR, client=make_client(), content=content, name="a.xlsx", layout=XLSX_LAYOUT,
            placed_on=clock.today(),
        )  # fmt: skip


def test_a_workbook_that_swells_is_refused_also_when_its_directory_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_BYTES", 100_000)
    swollen = sheet_of(SHEET.format("<sheetData/>"), **{"xl/other.xml": " " * 200_000})
    with pytest.raises(Refused) as refused:
        cells_bounded(content=swollen)
    assert refused.value.code == "workbook_large"
    lie = swollen.replace((200_000).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    assert lie != swollen
    with pytest.raises(Refused) as refused:
        cells_bounded(content=lie)
    assert refused.value.code in {"workbook_large", "workbook"}


def test_a_zip_that_is_no_workbook_is_refused_as_one_that_cannot_be_read() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "x")
    both = sheet_of(SHEET.format("<sheetData/>"), **{"content.xml": "<x/>"})
    doctype = sheet_of('<!DOCTYPE x [<!ENTITY a "b">]>' + SHEET.format("<sheetData/>"))
    for content in (b"PK\x03\x04nonsense", b"plain", other.getvalue(), both, doctype, sheet_of("<worksheet>")):
        with pytest.raises(Refused) as refused:
            cells_bounded(content=content)
        assert refused.value.code == "workbook"
    cells_bounded(content=workbook([["a", "b"], [1, 2]]))


def test_long_whole_numbers_of_a_workbook_are_refused_in_references_alone() -> None:
    heading = ["ref", "inv", "due", "amt"]
    content = workbook([heading, ["A", 1234567890123456, "2026-03-02", 1], ["A", 123456789012345, "2026-03-02", 1]])
    result = portfolio_import(
        actor=ACTOR, client=make_client(), content=content, name="a.xlsx", layout=XLSX_LAYOUT, placed_on=clock.today()
    ).result
    assert [(r["line"], r["column"], r["code"]) for r in result["refusals"]] == [(2, "inv", "digits_lost")]


@pytest.mark.parametrize("text", ["1.000", "12.340", "1,000.000", "١٫٠٠٠", "0.000"])
def test_an_amount_written_with_three_decimals_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        money.parse_amount(text)


@pytest.mark.parametrize("text", ["1.00", "12.3", "1,000", "1,000.50", "5."])
def test_amounts_with_two_decimals_or_fewer_are_read(text: str) -> None:
    assert money.parse_amount(text) > 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"date_format": "%Y-%Y"}, "layout_date_format"),
        ({"date_format": "%Y\u0000"}, "layout_date_format"),
        ({"date_format": "%Y-%m-%d\u0000"}, "layout_date_format"),
        ({"date_format": "\ud800"}, "layout_date_format"),
        ({"date_format": "%Y"}, "layout_date_format"),
        ({"date_format": "%"}, "layout_date_format"),
        ({"date_format": 5}, "layout_date_format"),
        ({"encoding": ["utf-8"]}, "layout_encoding"),
        ({"encoding": 0}, "layout_encoding"),
        ({"encoding": "\ud800"}, "layout_encoding"),
        ({"delimiter": 5}, "layout_delimiter"),
        ({"delimiter": "\ud800"}, "layout_delimiter"),
        ({"delimiter": "\u0000"}, "layout_delimiter"),
        ({"currency": 1}, "layout_currency"),
        ({"currency": "USD\n"}, "layout_currency"),
        ({"currency": "ZZZ"}, "layout_currency"),
        ({"currency": "XAU"}, "layout_currency"),
        ({"\ud800": 1}, "layout_key"),
        ({"columns": {"\ud800": "a"}}, "layout_column"),
        ({"columns": {"debtor_ref": "a", "receivable_ref": "\ud800", "due_on": "c", "amount": "d"}}, "layout_columns"),
        ({"columns": {"debtor_ref": "a", "receivable_ref": "b\0", "due_on": "c", "amount": "d"}}, "layout_columns"),
    ],
)
def test_a_layout_key_that_holds_nonsense_is_refused_by_name(given: dict[str, object], code: str) -> None:
    columns = {"debtor_ref": "a", "receivable_ref": "b", "due_on": "c", "amount": "d"}
    with pytest.raises(Refused) as refused:
        layout_read(definition={"columns": columns, **given})
    assert refused.value.code == code
    for words in in_both(refused.value.message).values():
        words.encode()
    key = next(iter(given))
    if key != "columns" and key.isascii():
        assert key in in_both(refused.value.message)["en"]


def test_a_heading_that_stands_twice_is_refused_by_name_when_the_layout_uses_it() -> None:
    layout = layout_read(definition=XLSX_LAYOUT)

    def read(text: str) -> int:
        return len(
            file_read(content=text.encode(), name="a.csv", layout=layout, terms_days=60, today=clock.today()).rows
        )

    assert read("ref,inv,due,amt,note,note\nA,1,2026-01-01,1,x,y\n") == 1
    with pytest.raises(Refused) as refused:
        read("ref,inv,due,amt,amt\nA,1,2026-01-01,1,2\n")
    assert refused.value.code == "header_twice"
    assert "amt" in str(refused.value.message)


@pytest.mark.parametrize("code", ["ZZZ", "XXX", "XAU", "XTS", "USD\u2028", "ABC"])
def test_codes_that_are_no_money_in_use_are_refused(code: str) -> None:
    result = place(make_client(), [row(currency=code)]).result
    assert result["refused"] == 1
    for good in ("SAR", "usd", "EUR", "AED", "EGP"):
        assert currency_of(raw=good) == good.upper()


def test_a_refusal_never_shows_a_cell_of_an_unmapped_or_personal_column() -> None:
    layout = layout_read(definition={"columns": {**XLSX_LAYOUT["columns"], "mobile": "tel", "city": "tel"}})
    text = "ref,inv,due,amt,tel,note\nA,1,2026-01-01,1,x\x01secret,\nA,2,2026-01-01,1,,y\x01secret\n"
    reading = file_read(content=text.encode(), name="a.csv", layout=layout, terms_days=60, today=clock.today())
    assert {(r.line, r.code) for r in reading.refusals} == {(2, "control"), (3, "control")}
    assert not any("secret" in r.value for r in reading.refusals)


def test_a_cell_beyond_the_limit_is_too_long_and_no_open_quote() -> None:
    layout = layout_read(definition=XLSX_LAYOUT)
    long = "x" * 140_000
    text = (
        f"ref,inv,due,amt\n{long},1,2026-01-01,1\nA,2,2026-01-01,1\n"
        f'"{long}\n{long}",3,2026-01-01,1\nA,4,2026-01-01,1\n"{long},5,2026-01-01,1\nA,6,2026-01-01,1\n'
    )
    reading = file_read(content=text.encode(), name="a.csv", layout=layout, terms_days=60, today=clock.today())
    assert [(r.line, r.code) for r in reading.refusals] == [(2, "too_long"), (4, "too_long"), (7, "open_quote")]
    assert [r.receivable_ref for r in reading.rows] == ["2", "4", "6"]
    assert reading.total == 6


def test_tests_keep_their_uploads_out_of_the_checkout(settings: Any) -> None:
    assert not Path(settings.MEDIA_ROOT).is_relative_to(settings.BASE_DIR)


def r1(**given: object) -> dict[str, object]:
    return {
        "debtor_ref": "D-1", "receivable_ref": "R-1", "issued_on": "2026-01-01", "due_on": "2026-03-01",
        "amount": "1000.00", **given,
    }  # fmt: skip


def suspects(result: dict[str, Any]) -> list[tuple[int, str]]:
    assert result["suspects"] == len(result["suspect_rows"]) == len(result["suspect_lines"])
    for told in result["suspect_rows"]:
        assert told["reason_ar"] and told["reason_en"] and told["reason_ar"] != told["reason_en"]
    return [(told["line"], told["code"]) for told in result["suspect_rows"]]


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        ({"open_amount": "400"}, {"open_amount": "1000", "paid_on": "2026-05-01"}, "open_amount"),
        ({"open_amount": "0"}, {"paid_on": "2026-05-01"}, "paid_closed"),
        ({"open_amount": "0"}, {"paid_on": "2026-05-01", "open_amount": "1000"}, "open_amount"),
        ({}, {"open_amount": "400"}, "open_amount"),
        ({"open_amount": "400"}, {"open_amount": "300"}, "open_amount"),
        ({}, {"disputed": "yes"}, "disputed"),
        ({}, {"disputed": "yes", "paid_on": "2026-05-01"}, "disputed"),
        ({"disputed": "yes"}, {"disputed": "no"}, "undisputed"),
        ({}, {"due_on": "2026-03-02"}, "values"),
        ({"paid_on": "2026-05-01"}, {"paid_on": "2026-05-02"}, "moved"),
        ({}, {"debt_ref": "CONTRACT-9"}, "twin"),
        ({"debt_ref": "CONTRACT-9"}, {}, "twin"),
    ],
)
def test_what_a_file_newly_tells_of_a_known_receivable_is_shown_with_its_reason(
    first: dict[str, object], then: dict[str, object], code: str
) -> None:
    client = make_client()
    place(client, [r1(**first)])
    before = (LedgerEntry.objects.count(), Receivable.objects.get().balance)
    result = place(client, [r1(**then)]).result
    assert suspects(result) == [(2, code)]
    assert (result["accepted"], result["unchanged"], result["written"]) == (0, 0, False)
    assert (LedgerEntry.objects.count(), Receivable.objects.get().balance) == before
    again = place(client, [r1(**first)]).result
    assert (again["unchanged"], again["suspects"]) == (1, 0) or code == "twin"


def test_what_was_told_and_what_is_open_now_are_no_news() -> None:
    client = make_client()
    place(client, [r1(open_amount="400", disputed="yes")])
    case = Case.objects.get()
    payment_post(
        actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=clock.today(), reference="A"
    )
    for open_amount in ("400", "300"):
        assert place(client, [r1(open_amount=open_amount, disputed="yes")]).result["unchanged"] == 1
    assert place(client, [r1()]).result["unchanged"] == 1, "a file without the columns tells nothing of them"
    assert suspects(place(client, [r1(open_amount="350")]).result) == [(2, "open_amount")]
    assert suspects(place(client, [r1(disputed="no")]).result) == [(2, "undisputed")]
    hold_release(actor=ACTOR, hold=Hold.objects.get(), until_on=clock.today(), reason="ended")
    assert place(client, [r1(disputed="no")]).result["unchanged"] == 1
    assert place(client, [r1(disputed="yes")]).result["unchanged"] == 1


def test_a_payment_of_a_file_takes_what_is_open_and_its_own_reference() -> None:
    client = make_client()
    place(client, [r1(open_amount="400"), r1(receivable_ref="R-2", due_on="2026-02-01", amount="50.00")])
    receivable = Receivable.objects.get(receivable_ref="R-1")
    Payment.objects.create(
        client=client, case=receivable.case, reference=f"FILE-{receivable.pk}", value_on=clock.today(),
        amount=Decimal("5.00"), currency="SAR", suspense=Decimal("5.00"), method="TRANSFER", received_by="CLIENT",
        recorded_at=clock.now(),
    )  # fmt: skip
    result = place(client, [r1(paid_on="2026-05-01", open_amount="400")]).result
    assert (result["accepted"], result["payments"]) == (1, 1)
    receivable.refresh_from_db()
    assert (receivable.balance, receivable.status) == (Decimal("0.00"), "PAID")
    booked = Payment.objects.get(file__isnull=False)
    assert (booked.amount, booked.entries.get().receivable_id) == (Decimal("400.00"), receivable.pk)
    again = place(client, [r1(paid_on="2026-05-01")]).result
    assert (again["unchanged"], again["written"]) == (1, False)


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_commits_while_a_file_is_checked_is_seen() -> None:
    client = make_client()
    place(client, [r1()])
    results: list[dict[str, Any]] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            results.append(place(Client.objects.get(pk=client.pk), [r1(paid_on="2026-05-01")]).result)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    with transaction.atomic():
        payment_post(
            actor=ACTOR, case=Case.objects.get(), amount=Decimal("1000.00"), currency="SAR", value_on=clock.today(),
            reference="A",
        )  # fmt: skip
        thread.start()
        thread.join(1)
    thread.join(30)
    assert not faults
    assert suspects(results[0]) == [(2, "moved")]
    assert Payment.objects.count() == 1


def test_new_addresses_of_a_known_debtor_are_kept_and_nothing_is_lost() -> None:
    client = make_client()
    place(client, [r1(mobile="0551234567")])
    result = place(client, [r1(mobile="0557654321", email="a@example.com")]).result
    assert (result["accepted"], result["unchanged"], result["contacts"], result["written"]) == (1, 0, 2, True)
    assert sorted(ContactPoint.objects.values_list("kind", flat=True)) == ["EMAIL", "MOBILE", "MOBILE"]
    assert not ContactPoint.objects.filter(replaced_at__isnull=False).exists()
    for mobile in ("0557654321", "0551234567"):
        again = place(client, [r1(mobile=mobile, email="a@example.com")]).result
        assert (again["accepted"], again["unchanged"], again["written"]) == (0, 1, False)
    paid = place(client, [r1(mobile="0550000001", paid_on="2026-05-01")]).result
    assert (paid["accepted"], paid["payments"], paid["contacts"]) == (1, 1, 1)
    ContactPoint.objects.update(replaced_at=clock.now())
    assert place(client, [r1(mobile="0551234567")]).result["unchanged"] == 1, "what was replaced does not come back"
    refused = place(client, [r1(mobile="0550000002"), r1(receivable_ref="R-2", amount="x")]).result
    assert (refused["accepted"], refused["would"], ContactPoint.objects.count()) == (0, 1, 4)


def test_one_receivable_with_and_without_its_contract_in_one_file_is_booked_once() -> None:
    client = make_client()
    rows = [r1(debt_ref=""), r1(debt_ref="CONTRACT-9"), r1(debt_ref="CONTRACT-9", receivable_ref="R-2")]
    result = place(client, rows).result
    assert suspects(result) == [(3, "twin")]
    assert sorted(Receivable.objects.values_list("receivable_ref", flat=True)) == ["R-1", "R-2"]
    assert place(client, rows).result["unchanged"] == 2
    two = place(client, [r1(debtor_ref="D-2", debt_ref="A"), r1(debtor_ref="D-2", debt_ref="B")]).result
    assert (two["accepted"], two["suspects"]) == (2, 0), "two contracts named as two are two"
    usd = place(client, [r1(debt_ref="US", currency="USD")]).result
    assert usd["accepted"] == 1


def test_a_placement_date_ahead_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        place(make_client(), [r1()], placed_on=clock.today() + dt.timedelta(days=1))
    assert refused.value.code == "placed_ahead"
    assert refused.value.fields.keys() == {"placed_on"}
    words = in_both(refused.value.message)
    assert words["ar"] != words["en"]
