"""Large files: the quick way reads what the long way reads, the database tells what a person would, memory stays."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import tracemalloc
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from collections_app.models import Case, ContactPoint, Debt, Debtor, LedgerEntry, Receivable
from collections_app.rules.importing import Layout, layout_read
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services import plain_rows
from collections_app.services.file_reading import Reading, Row, Source, file_read, quiet, rows_read
from collections_app.services.imports import portfolio_import
from collections_app.services.plain_rows import Lines
from collections_app.services.staging import Staging, refusals_told
from common import clock, crypto
from common.db import rows as query
from parties.models import Identifier, Party
from parties.rules.identifiers import normalise_mobile
from tests.world import ACTOR, make_client, place, rows_csv

TODAY = dt.date(2026, 6, 1)
CELLS = {
    "debtor_ref": ["D-1", "D-2", " D-3 ", "", "د-١", "x" * 201, "a\\b", "٠٠٧"],
    "debtor_name": ["سارة", "Sara Ali", "", "Ø¹Ù…Ø§Ø¯", "a\tb", "a\u200fb", "n" * 201, "a\u00a0b", "=1+1"],
    "national_id": ["1000000008", "", "1000000009", "7000000000", "١٠٠٠٠٠٠٠٠٨", "4030123456"],
    "mobile": ["0551234567", "", "12", "+966 55 123 4567", "0520000000", "00966551234567"],
    "email": ["a@example.com", "", "nonsense", " B@Example.com"],
    "city": ["الرياض", "", "c" * 81],
    "product": ["", "Cards", "p" * 81],
    "debt_ref": ["", "L-1", " L-2", "l\x01"],
    "receivable_ref": ["R-1", "R-2", "", "r" * 300],
    "issued_on": ["2026-01-01", "", "2026-03-09", "01/02/2026", "1989-12-31", "٢٠٢٦-٠١-٠١"],
    "due_on": ["2026-03-02", " 2026-03-02", "", "2026-02-30", "2100-01-01"],
    "amount": ["100.00", "5", "5.5", "0", "0.00", "1,000.50", "-5", "1.234", "NaN", "٥٫٥", "999999999999.99", "1e5"],
    "open_amount": ["", "5.00", "0", "100.00", "100.01", "7.", "x"],
    "paid_on": ["", "2026-04-01", "2025-01-01", "2026-06-02", "nonsense"],
    "disputed": ["", "yes", "لا", "maybe", " نعم "],
    "currency": ["", "SAR", "usd", "KWD", "ZZZ"],
}  # fmt: skip
row_cells = st.fixed_dictionaries(
    {name: st.one_of(st.just(cells[0]), st.just(cells[0]), st.sampled_from(cells)) for name, cells in CELLS.items()}
)


def told(line: str, passing: crypto.Passing) -> dict[str, Any]:
    """A line for COPY as what the database will hold."""
    cells: list[Any] = line.removesuffix("\n").split("\t")
    found = dict(zip(plain_rows.COLUMNS, cells, strict=True))
    for name in ("amount", "open_amount"):
        found[name] = None if found[name] == plain_rows.NULL else Decimal(found[name])
    sealed = found["personal"]
    found["personal"] = None if sealed == plain_rows.NULL else passing.open(bytes.fromhex(sealed[3:]))
    return found


@given(
    rows=st.lists(row_cells, min_size=1, max_size=6),
    names=st.sets(st.sampled_from(sorted(set(CELLS) - {"debtor_ref", "receivable_ref", "due_on", "amount"}))),
    currency=st.sampled_from(["SAR", "SAR", "KWD"]),
)
def test_the_quick_way_reads_what_the_long_way_reads(
    rows: list[dict[str, str]], names: set[str], currency: str
) -> None:
    header = ["debtor_ref", "receivable_ref", "due_on", "amount", *sorted(names)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*header, "note"])
    writer.writerows([*(row[name] for name in header), row["product"]] for row in rows)
    content = out.getvalue().encode()
    layout = Layout(columns={name: name for name in header}, currency=currency)
    long = file_read(content=content, name="a.csv", layout=layout, terms_days=60, today=TODAY)
    passing, reading, quick = crypto.Passing(), Reading(), 0
    lines = Lines(layout=layout, terms_days=60, today=TODAY, reading=reading, passing=passing)
    found = []
    for row in rows_read(
        source=Source(content=content, name="a.csv"), layout=layout, terms_days=60, today=TODAY, reading=reading,
        progress=quiet, plainly=lines.plainly,
    ):  # fmt: skip
        quick += isinstance(row, str)
        found.append(told(lines.of_row(row) if isinstance(row, Row) else row, passing))
    assert found == [told(lines.of_row(row), passing) for row in long.rows]
    assert (reading.refusals, reading.warnings, reading.total) == (long.refusals, long.warnings, long.total)


def test_ordinary_rows_do_take_the_quick_way() -> None:
    rows = [{name: cells[0] for name, cells in CELLS.items()} | {"receivable_ref": f"R-{n}"} for n in range(50)]
    content, definition = rows_csv(rows)
    passing, reading = crypto.Passing(), Reading()
    layout = layout_read(definition=definition)
    lines = Lines(layout=layout, terms_days=60, today=TODAY, reading=reading, passing=passing)
    found = list(
        rows_read(
            source=Source(content=content, name="a.csv"), layout=layout, terms_days=60, today=TODAY, reading=reading,
            plainly=lines.plainly,
        )
    )  # fmt: skip
    assert len(found) == 50
    assert all(isinstance(row, str) for row in found)
    assert not any("1000000008" in str(row) or "551234567" in str(row) for row in found), "sealed before it is staged"


def test_a_saudi_mobile_is_judged_by_the_library_whichever_way_it_is_read() -> None:
    for number in range(500, 600):
        for rest in ("000000", "123456", "999999"):
            text = f"0{number}{rest}"
            parsed = phonenumbers.parse(text, "SA")
            if phonenumbers.is_valid_number(parsed):
                assert normalise_mobile(text) == f"+966{number}{rest}"
            else:
                with pytest.raises(ValueError, match="phone"):
                    normalise_mobile(text)


def by_hand(
    rows: list[dict[str, str]], known: dict[str, tuple[str, str]]
) -> tuple[dict[int, str], list[Any], set[int]]:
    """What becomes of the rows, one after the other: the debt of each, what is refused, which tell one twice."""
    known, seen = dict(known), {}
    debts: dict[int, str] = {}
    refused: list[Any] = []
    told_as: dict[Any, set[bool]] = {}
    twins: set[int] = set()
    for line, row in enumerate(rows, start=2):
        debtor, currency = row["debtor_ref"], row["currency"]
        plain = known.get(debtor)
        own = debtor if plain in (None, (currency, debtor)) else f"{debtor}-{currency}"
        debt = row["debt_ref"] or own
        held = known.get(debt)
        if held is not None and held[1] != debtor:
            refused.append((line, "debt_of_other", debt))
            continue
        if held is not None and held[0] != currency:
            refused.append((line, "debt_currency", debt))
            continue
        known.setdefault(debt, (currency, debtor))
        key = (debt, row["receivable_ref"])
        if key in seen:
            first, earlier = seen[key]
            refused.append((line, "repeats" if earlier == row else "ref_twice", f"{row['receivable_ref']} → {first}"))
            continue
        seen[key] = (line, row)
        debts[line] = debt
        alike = told_as.setdefault((debtor, row["receivable_ref"], row["amount"], currency), set())
        if (not row["debt_ref"]) in alike:
            twins.add(line)
        alike.add(bool(row["debt_ref"]))
    return debts, refused, twins


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_the_database_holds_rows_against_each_other_as_one_would_by_hand(seed: int) -> None:
    rng = random.Random(seed)
    client = make_client()
    for _file in range(8):
        rows = [
            {
                "debtor_ref": rng.choice(["A", "A", "B", "A-USD", "A-USD-SAR"]),
                "debt_ref": rng.choice(["", "", "A", "A-USD", "L", "B-SAR"]),
                "currency": rng.choice(["SAR", "USD", "EUR"]),
                "receivable_ref": rng.choice(["1", "2", "3"]),
                "amount": rng.choice(["10.00", "20.00"]),
                "issued_on": "2026-01-01",
                "due_on": "2026-02-01",
            }
            for _n in range(rng.randrange(1, 14))
        ]
        known = {
            debt: (currency, debtor)
            for debt, currency, debtor in Debt.objects.values_list("debt_ref", "currency", "case__debtor__debtor_ref")
        }
        debts, refused, twins = by_hand(rows, known)
        content, definition = rows_csv(rows)
        with transaction.atomic():
            staging = Staging(client=client)
            staging.read(
                source=Source(content=content, name="a.csv"), layout=layout_read(definition=definition), terms_days=60,
                today=clock.today(), progress=quiet,
            )  # fmt: skip
            staging.check(tells_disputed=False)
            assert {row["line"]: row["debt_ref"] for row in query("SELECT line, debt_ref FROM staged_row")} == debts
            assert [(r["line"], r["code"], r["value"]) for r in refusals_told(most=99)] == refused
            assert staging.refused == len(refused)
            if not known:
                found = query("SELECT line FROM staged_known WHERE what = 'twin'")
                assert {row["line"] for row in found} == twins
            transaction.set_rollback(True)
        if rng.random() < 0.5:
            place(client, rows, accept_good_rows=True)
    assert ledger_faults(client_id=client.pk) == []


@pytest.mark.django_db
@pytest.mark.requirement("PL-51")
def test_many_people_of_one_file_are_found_again_and_their_values_can_be_read() -> None:
    client = make_client()
    rows = [
        {
            "debtor_ref": f"D-{n % 400}", "debtor_name": f"Name {n % 400}",
            "national_id": "1000000008" if n % 400 < 2 else "",
            "mobile": f"0551{n % 400:06d}", "email": f"p{n % 400}@example.com" if n % 2 else "",
            "receivable_ref": f"R-{n}", "issued_on": "2026-01-01", "due_on": "2026-02-01", "amount": "10.00",
        }
        for n in range(1200)
    ]  # fmt: skip
    result = place(client, rows).result
    assert (result["cases"], result["receivables"], result["contacts"]) == (400, 1200, 600)
    assert Party.objects.count() == 399, "one identifier is one party"
    key = crypto.unwrap(wrapped=bytes(Identifier.objects.get().party.wrapped_key))
    assert (
        crypto.decrypt(key=key, sealed=bytes(Identifier.objects.get().value_sealed), column="identifier")
        == "1000000008"
    )
    for point in ContactPoint.objects.select_related("debtor__party")[:50]:
        key = crypto.unwrap(wrapped=bytes(point.debtor.party.wrapped_key))
        number = point.debtor.debtor_ref.removeprefix("D-")
        value = crypto.decrypt(key=key, sealed=bytes(point.value_sealed), column="contact_point")
        assert value == (f"+966551{int(number):06d}" if point.kind == "MOBILE" else f"p{number}@example.com")
    assert Debtor.objects.get(debtor_ref="D-7").name == "Name 7"
    assert {case.balance for case in Case.objects.all()} == {Decimal("30.00")}
    again = place(client, rows).result
    assert (again["accepted"], again["unchanged"], again["written"]) == (0, 1200, False)


@pytest.mark.django_db
def test_each_receivable_is_written_once_with_its_final_balance() -> None:
    client = make_client()
    row = {"debtor_ref": "D", "issued_on": "2026-01-01", "due_on": "2026-02-01", "amount": "10.00"}

    def written() -> Counter[str]:
        return Counter(
            query(
                "SELECT n_tup_ins AS inserted, n_tup_upd AS updated FROM pg_stat_xact_user_tables "
                "WHERE relname = 'collections_app_receivable'"
            )[0]
        )

    before = written()
    place(
        client,
        [
            {**row, "receivable_ref": "open"},
            {**row, "receivable_ref": "partly", "open_amount": "4.00"},
            {**row, "receivable_ref": "paid", "paid_on": "2026-03-01"},
            {**row, "receivable_ref": "both", "open_amount": "4.00", "paid_on": "2026-03-01"},
        ],
        placed_on=dt.date(2026, 4, 1),
    )
    found = {r.receivable_ref: (r.balance, r.status, r.closed_on) for r in Receivable.objects.all()}
    assert found == {
        "open": (Decimal("10.00"), "OPEN", None),
        "partly": (Decimal("4.00"), "OPEN", None),
        "paid": (Decimal("0.00"), "PAID", dt.date(2026, 3, 1)),
        "both": (Decimal("0.00"), "PAID", dt.date(2026, 4, 1)),
    }
    assert (written() - before) == Counter(inserted=4)
    assert LedgerEntry.objects.count() == 8


@pytest.mark.django_db
def test_what_an_import_holds_does_not_grow_with_the_file(tmp_path: Path) -> None:
    client = make_client()

    def peak(count: int) -> float:
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="utf-8") as out:
            out.write("d,r,due,amt,tel\n")
            out.writelines(f"D-{n % 40},R-{n},2026-01-01,{n + 1}.00,055{n % 40:07d}\n" for n in range(count))
        columns = {"debtor_ref": "d", "receivable_ref": "r", "due_on": "due", "amount": "amt", "mobile": "tel"}
        tracemalloc.start()
        result = portfolio_import(
            actor=ACTOR, client=client, content=path, name="a.csv", layout={"columns": columns}, dry_run=True,
            placed_on=clock.today(),
        ).result  # fmt: skip
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert result["accepted"] == count
        return most / 1024**2

    peak(100)
    small, large = peak(12_000), peak(48_000)
    assert large < small + 2, (small, large)
