"""Files of clients, through the command and the service: accepted, refused, known again."""

from __future__ import annotations

import csv
import io
import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from collections_app.models import Case, ContactPoint, Debt, Hold, LedgerEntry, Payment, Receivable, StagedRow
from collections_app.rules.importing import layout_read
from collections_app.selectors.aging import aging_as_of
from collections_app.services.file_reading import file_read
from collections_app.services.imports import portfolio_import
from common import clock
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
