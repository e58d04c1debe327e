"""A bank's statements: read with the figures that stand in them, or refused with the line and the reason."""

from __future__ import annotations

import csv
import datetime as dt
import logging
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collections_app.rules.statements.reading import statements_read
from collections_app.rules.statements.values import REASONS, WARNINGS, Statement, Unreadable

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "statements"
SHARED = Path(os.environ.get("SHARED") or ROOT.parent / "shared") / "data"
beside = pytest.mark.skipif(not (SHARED / "mt940").exists(), reason="the statements are not beside this checkout")

HEAD = ":20:START\n:25:SA0380000000608010167519\n:28C:1/1\n:60F:C260101SAR100,00\n"
TAIL = ":62F:C260102SAR150,00\n-\n"


def one(text: str) -> Statement:
    (statement,) = statements_read(content=text.encode()).statements
    return statement


def refused(content: bytes | str) -> tuple[str, int]:
    with pytest.raises(Unreadable) as caught:
        statements_read(content=content.encode() if isinstance(content, str) else content)
    assert caught.value.code in REASONS
    return caught.value.code, caught.value.line


def warned(statement: Statement) -> set[str]:
    codes = {warning.code for warning in statement.warnings}
    assert codes <= set(WARNINGS)
    return codes


# MT940


def test_a_statement_is_read_with_its_account_balances_and_entries() -> None:
    statement = one(
        HEAD
        + ":61:2601020102C50,00NTRFINV-7//B-1\nSADAD 22\n:86:166?00CREDIT?20SVWZ+INV-7 Jan?32AHMAD?33 SALEM\n"
        + TAIL
    )
    assert (statement.account, statement.currency) == ("SA0380000000608010167519", "SAR")
    assert (statement.opening, statement.sum, statement.closing) == (Decimal(100), Decimal(50), Decimal(150))
    assert statement.balanced is True and statement.warnings == ()
    (entry,) = statement.entries
    assert (entry.line, entry.value_on, entry.amount) == (5, dt.date(2026, 1, 2), Decimal("50.00"))
    assert (entry.reference, entry.name) == ("INV-7", "AHMAD SALEM")
    assert all(word in entry.text for word in ("CREDIT", "INV-7 Jan", "SADAD 22", "B-1"))


@pytest.mark.parametrize(
    ("mark", "amount", "reversal"),
    [
        ("C", "50.00", False),
        ("D", "-50.00", False),
        ("RC", "-50.00", True),
        ("RD", "50.00", True),
        ("CR", "50.00", False),
    ],
)
def test_each_mark_has_its_sign(mark: str, amount: str, reversal: bool) -> None:
    (entry,) = one(f"{HEAD}:61:2601020102{mark}50,00NTRFX\n{TAIL}").entries
    assert (entry.amount, entry.reversal) == (Decimal(amount), reversal)


def test_an_entry_without_a_type_is_not_put_under_the_next() -> None:
    # The library alone keeps the second of these two.
    statement = one(f"{HEAD}:61:260102C20,00\n:61:260102C30,00\n{TAIL}")
    assert [entry.amount for entry in statement.entries] == [Decimal(20), Decimal(30)]
    assert statement.balanced is True


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":61:260102C30.55NTRFX", "amount"),  # a point: the library alone reads 30
        (":61:260102C1234567890123,45NTRFX", "amount"),  # sixteen digits: it cuts the last
        (":61:260102C1,2,3NTRFX", "field"),
        (":61:260102C1,234NTRFX", "amount"),
        (":61:260102CNTRFX", "field"),
        (":61:260102X10,00NTRFX", "field"),
        (":61:260431C10,00NTRFX", "date"),
        (":61:261301C10,00NTRFX", "date"),
        (":61:", "field"),
        (":60F:C2601,5", "field"),
        (":62F:X260102SAR1,00", "field"),
        (":62F:C260102SAR1.00", "field"),
        (":62F:C260231SAR1,00", "date"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_by_its_line(line: str, code: str) -> None:
    assert refused(f"{HEAD}:61:260102C50,00NTRFX\n{line}\n") == (code, 6)


def test_what_a_statement_lacks_is_a_warning() -> None:
    statement = one(":61:260102C50,00NTRFX\n")
    assert warned(statement) == {"no_account", "no_opening", "no_closing", "no_currency"}
    assert (statement.opening, statement.closing, statement.balanced) == (None, None, None)
    wrong = one(f"{HEAD}:61:260102C49,99NTRFX\n{TAIL}")
    assert (wrong.balanced, warned(wrong)) == (False, {"not_balanced"})


def test_a_day_that_february_does_not_have_is_its_last_and_said() -> None:
    statement = one((DATA / "self-provided__february_30.sta").read_text())
    assert statement.entries[0].value_on == dt.date(2016, 2, 29)
    assert {(w.code, w.line) for w in statement.warnings} == {("february", 6)}


def test_a_balance_without_its_currency_is_not_read_as_a_small_one() -> None:
    # «105000,00» without a currency is no «000,00 of 105»: the library alone says zero.
    first, *_rest = statements_read(content=(DATA / "self-provided__raphaelm.sta").read_bytes()).statements
    assert (first.opening, first.closing, first.sum) == (Decimal(0), None, Decimal(105000))
    assert "balance_unread" in warned(first)


def test_text_that_is_not_utf8_is_shown_marked_and_the_figures_stand() -> None:
    told = statements_read(content=(DATA / "self-provided__raiffeisen-cmi.sta").read_bytes())
    assert [(w.code, w.line) for w in told.warnings] == [("bytes", 7)]
    assert told.statements[0].sum == Decimal("-1012213.50")
    assert "\ufffd" in told.statements[0].entries[0].text


def test_invisible_characters_never_reach_a_page() -> None:
    told = statements_read(content=f"{HEAD}:61:260102C50,00NTRFX\n:86:IN\x00V\u202e-7\n{TAIL}".encode())
    assert told.statements[0].entries[0].text.startswith("INV-7")
    assert [(w.code, w.line) for w in told.warnings] == [("control", 6)]


def test_a_second_account_inside_a_statement_is_refused() -> None:
    assert refused((DATA / "betterplace__sepa_snippet_broken.sta").read_bytes()) == ("account_again", 6)


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(content: bytes) -> None:
    assert refused(content) == ("empty", 1)


def test_a_file_that_is_no_statement_is_told() -> None:
    assert refused((DATA / "self-provided__invalid_statement.sta").read_bytes()) == ("unknown_form", 1)
    assert refused(":20:ONLY A REFERENCE\n") == ("nothing", 1)
    assert refused("a;b;c\n1;2;3\n") == ("unknown_form", 1)
    assert refused(b"PK\x03\x04\x00\x00\xff") == ("unknown_form", 1)


def test_what_a_bank_writes_of_people_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        refused(f"{HEAD}:61:260102Zz AHMAD SALEM SA44\n")
        one(f"{HEAD}:61:2601020102C50,00NTRFSA4420000001234567891234\nAHMAD SALEM\n{TAIL}")
    assert "AHMAD" not in caplog.text
    with pytest.raises(Unreadable) as caught:
        statements_read(content=f"{HEAD}:61:260102Zz AHMAD\n".encode())
    assert caught.value.__cause__ is None and "AHMAD" not in str(caught.value)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_stumble(content: bytes) -> None:
    for given_ in (content, HEAD.encode() + content, b":61:" + content, b"<" + content):
        try:
            statements_read(content=given_)
        except Unreadable as error:
            assert error.line >= 1


# camt


def camt(entries: str, *, balances: str = "", version: str = "camt.053.001.08", currency: str = "SAR") -> bytes:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><BkToCstmrStmt><GrpHdr/><Stmt>\n'
        f"<Acct><Id><IBAN>SA0380000000608010167519</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
        f"{balances}\n{entries}\n</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def ntry(amount: str = "50.00", mark: str = "CRDT", **more: str) -> str:
    rest = more.get("rest", "")
    return (
        f'<Ntry><Amt Ccy="{more.get("currency", "SAR")}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Sts>{more.get('status', 'BOOK')}</Sts><ValDt><Dt>{more.get('day', '2026-01-02')}</Dt></ValDt>{rest}</Ntry>"
    )


def bal(code: str, amount: str, mark: str = "CRDT", currency: str = "SAR") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd></Bal>'
    )


def test_a_camt_statement_is_read() -> None:
    rest = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>INV-7</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>أحمد سالم</Nm></Pty>"
        "</Dbtr></RltdPties><RmtInf><Ustrd>D-1 January</Ustrd></RmtInf></TxDtls></NtryDtls>"
    )
    told = statements_read(content=camt(ntry(rest=rest), balances=bal("OPBD", "100.00") + bal("CLBD", "150.00")))
    assert told.form == "camt.053.001.08"
    (statement,) = told.statements
    assert (statement.opening, statement.closing, statement.balanced) == (Decimal(100), Decimal(150), True)
    (entry,) = statement.entries
    assert (entry.line, entry.reference, entry.name) == (4, "INV-7", "أحمد سالم")
    assert entry.text == "D-1 January INV-7"


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        (ntry(amount="NaN"), "amount"),
        (ntry(amount="1.005"), "amount"),
        (ntry(amount="-5"), "amount"),
        (ntry(amount=""), "amount"),
        (ntry(currency="sar"), "currency"),
        (ntry(mark="CREDIT"), "mark"),
        (ntry(day="2026-02-30"), "date"),
        ("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>", "amount_missing"),
        ('<Ntry><Amt Ccy="SAR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>', "date_missing"),
    ],
)
def test_what_camt_does_not_say_whole_is_refused_by_its_line(entries: str, code: str) -> None:
    assert refused(camt(entries)) == (code, 4)


def test_an_entry_that_is_not_booked_is_told_and_not_counted() -> None:
    (statement,) = statements_read(content=camt(ntry(status="PDNG") + ntry("1.00"))).statements
    assert [entry.booked for entry in statement.entries] == [False, True]
    assert statement.sum == Decimal(1) and "entry_pending" in warned(statement)


def test_a_third_decimal_that_is_zero_is_no_third_decimal() -> None:
    (statement,) = statements_read(content=camt(ntry("8.850"))).statements
    assert statement.sum == Decimal("8.85")


def test_balances_of_two_currencies_never_balance() -> None:
    (statement,) = statements_read(content=(DATA / "camt053.v2.minimal.xml").read_bytes()).statements
    assert (statement.opening, statement.closing) == (Decimal("18.15"), Decimal("-27.00"))
    assert statement.balanced is False and "balance_currency" in warned(statement)


def test_payments_that_a_bank_put_together_are_taken_apart_when_they_come_to_the_whole() -> None:
    def part(amount: str, name: str) -> str:
        return (
            f'<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="SAR">{amount}</Amt></TxAmt>'
            "</AmtDtls></TxDtls>"
        )

    whole = ntry("50.00", rest=f"<NtryDtls>{part('20.00', 'A')}{part('30.00', 'B')}</NtryDtls>")
    (statement,) = statements_read(content=camt(whole)).statements
    assert [(p.amount, p.reference) for p in statement.entries[0].parts] == [(Decimal(20), "A"), (Decimal(30), "B")]
    short = ntry("50.00", rest=f"<NtryDtls>{part('20.00', 'A')}{part('29.00', 'B')}</NtryDtls>")
    assert statements_read(content=camt(short)).statements[0].entries[0].parts == ()


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE d [<!ENTITY a "x">]><Document>&a;</Document>',
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document/>',
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
        b'<!DOCTYPE l [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;">]><Document>&m;</Document>',
    ],
)
def test_hostile_xml_is_refused_before_it_is_read(hostile: bytes) -> None:
    assert refused(b'<?xml version="1.0"?>\n' + hostile)[0] == "xml_hostile"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"<Document>\n<a>\n</Document>", "xml"),
        (b"<" * 50, "xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><Document/>', "xml"),
        (b"<a>" * 5_000, "xml"),
        (b"<html/>", "unknown_form"),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><BkToCstmrStmt/></Document>',
            "unknown_form",
        ),
    ],
)
def test_broken_xml_is_refused(broken: bytes, code: str) -> None:
    assert refused(broken)[0] == code


def test_a_file_without_a_statement_is_refused() -> None:
    assert refused((DATA / "camt053.v2.wrong.xml").read_bytes()) == ("nothing", 3)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.sta")))
def test_each_sample_is_read_or_refused(name: str) -> None:
    try:
        told = statements_read(content=(DATA / name).read_bytes())
    except Unreadable as error:
        assert error.line >= 1
    else:
        assert told.statements


# All that lies beside the checkout, against its truth.

# Refused with a reason: nothing of a statement in them, a second account inside one, or an entry without any date.
REFUSED = {
    "betterplace__empty_86.sta": ("nothing", 1),
    "betterplace__empty_line.sta": ("nothing", 2),
    "betterplace__sepa_snippet_broken.sta": ("account_again", 6),
    "cmxl__available_balance.sta": ("nothing", 1),
    "cmxl__reference.sta": ("nothing", 1),
    "cmxl__statement_number.sta": ("nothing", 1),
    "self-provided__empty_non_swift.sta": ("nothing", 1),
    "self-provided__invalid_statement.sta": ("unknown_form", 1),
    "camt052.v2.with-account-name.xml": ("date_missing", 17),
    "camt053.v2.wrong.xml": ("nothing", 3),
    "camt054.v2.with-account-name.xml": ("date_missing", 17),
}
BALANCED = {"yes": True, "no": False, "": None}


def truth(kind: str, name: str) -> list[dict[str, str]]:
    with (SHARED / kind / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def figure(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@beside
@pytest.mark.parametrize("kind", ["mt940", "camt"])
def test_every_statement_has_the_figures_of_its_truth_or_is_refused_by_its_line(kind: str) -> None:
    by_file: dict[str, list[dict[str, str]]] = {}
    for row in truth(kind, "truth_statements.csv"):
        by_file.setdefault(row["file"], []).append(row)
    assert set(by_file) == {path.name for path in (SHARED / kind / "statements").iterdir()}
    read = 0
    for name, rows in by_file.items():
        content = (SHARED / kind / "statements" / name).read_bytes()
        if name in REFUSED:
            assert refused(content) == REFUSED[name], name
            continue
        told = statements_read(content=content)
        assert len(told.statements) == len(rows), name
        for statement, row in zip(told.statements, rows, strict=True):
            read += 1
            account = row.get("account") or row.get("iban_or_problem")
            assert not account or statement.account == account, name
            assert (statement.opening, statement.closing) == (figure(row["opening"]), figure(row["closing"])), name
            assert len(statement.entries) == int(row.get("transactions") or row.get("entries") or 0), name
            if kind == "mt940":
                assert statement.sum == Decimal(row["sum_of_transactions"]), name
                assert statement.balanced is BALANCED[row["opening_plus_sum_equals_closing"]], name
            else:
                amounts = [entry.amount for entry in statement.entries]
                assert sum(a for a in amounts if a > 0) == Decimal(row["credits"]), name
                assert -sum(a for a in amounts if a < 0) == Decimal(row["debits"]), name
                assert statement.balanced is BALANCED[row["opening_plus_net_equals_closing"]], name
    assert read == {"mt940": 124, "camt": 12}[kind]


@beside
def test_every_entry_has_the_day_and_amount_of_its_truth() -> None:
    cache = {}
    checked = 0
    for row in truth("mt940", "truth_transactions.csv"):
        name = row["file"]
        if name in REFUSED:
            continue
        if name not in cache:
            cache[name] = statements_read(content=(SHARED / "mt940" / "statements" / name).read_bytes())
        entry = cache[name].statements[int(row["statement_index"])].entries[int(row["n"]) - 1]
        assert entry.amount == Decimal(row["signed_amount"]), row
        assert f"{entry.value_on:%y%m%d}" == row["value_date_yymmdd"].replace("160230", "160229"), row
        checked += 1
    assert checked == 179
