"""What the checklist asks of each customer and purpose, and at which door it stops."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from credit.choices import NEEDED_PAPERS, Criterion, CustomerKind, PaperKind, Purpose, ReferenceKind
from credit.rules.checklist import Asked, Bank, Facts, Gate, Line, PaperState, checklist, papers_asked

ON = dt.date(2026, 11, 29)
MONTHS = frozenset({dt.date(2026, 8, 1), dt.date(2026, 9, 1), dt.date(2026, 10, 1)})
A_BANK = Bank(
    name="بنك", months=12, until_month=dt.date(2026, 10, 1), has_statement=True, has_certificate=True, entered=MONTHS
)
WHOLE = Facts(
    kind=CustomerKind.CREDIT,
    purpose=Purpose.NEW,
    applied_on=ON,
    papers=dict.fromkeys(NEEDED_PAPERS[CustomerKind.CREDIT], PaperState.VALID),
    capital=Decimal(50_000),
    legal_form="LLC",
    annual_sales=Decimal(90_000),
    sales_year=2025,
    banks=[A_BANK],
    statements={2025: Decimal(90_000), 2024: Decimal(80_000), 2023: Decimal(70_000)},
    references=[Asked(kind=kind, asked=True, answered=True) for kind in ReferenceKind.values],
    signatories=1,
    judged=Criterion.values,
)
CASH = Facts(
    kind=CustomerKind.CASH,
    purpose=Purpose.NEW,
    applied_on=ON,
    papers=dict.fromkeys(NEEDED_PAPERS[CustomerKind.CASH], PaperState.VALID),
)


def unmet(facts: Facts) -> dict[str, Line]:
    return {line.code: line for line in checklist(facts) if not line.ok}


def test_a_whole_file_lacks_nothing() -> None:
    assert unmet(WHOLE) == {}
    assert unmet(CASH) == {}


@pytest.mark.requirement("CM-20")
@pytest.mark.parametrize("kind", NEEDED_PAPERS[CustomerKind.CREDIT])
@pytest.mark.parametrize("state", [None, PaperState.RUN_OUT, PaperState.NOT_YET])
def test_each_paper_stops_the_submission_missing_run_out_or_not_begun(kind: str, state: PaperState | None) -> None:
    papers = {k: v for k, v in WHOLE.papers.items() if k != kind} | ({kind: state} if state else {})
    found = unmet(replace(WHOLE, papers=papers))
    assert list(found) == [f"PAPER_{kind}"]
    assert found[f"PAPER_{kind}"].stops
    assert found[f"PAPER_{kind}"].gate == Gate.SUBMIT


@pytest.mark.parametrize(
    ("change", "code", "gate", "stops"),
    [
        ({"capital": None}, "CAPITAL", Gate.SUBMIT, True),
        ({"legal_form": ""}, "LEGAL_FORM", Gate.SUBMIT, True),
        ({"annual_sales": None}, "SALES", Gate.SUBMIT, True),
        ({"sales_year": None}, "SALES", Gate.SUBMIT, True),
        ({"signatories": 0}, "SIGNATORY", Gate.SUBMIT, True),
        ({"annual_sales": Decimal("90000.01")}, "SALES_AGREE", Gate.SUBMIT, True),
        ({"banks": [replace(A_BANK, has_certificate=False)]}, "BANK_PAPERS", Gate.SUBMIT, True),
        ({"banks": [replace(A_BANK, has_statement=False)]}, "BANK_PAPERS", Gate.SUBMIT, True),
        # Under twelve months costs the points of the balance, and stops nothing (CM-04).
        ({"banks": [replace(A_BANK, months=11)]}, "BANK_MONTHS", Gate.SUBMIT, False),
        ({"banks": [replace(A_BANK, entered=MONTHS - {dt.date(2026, 8, 1)})]}, "BANK_MOVEMENTS", Gate.ANALYSE, True),
        ({"statements": {2025: Decimal(90_000), 2024: Decimal(1)}}, "STATEMENT_YEARS", Gate.ANALYSE, False),
        ({"judged": Criterion.values[1:]}, "CRITERIA", Gate.ANALYSE, True),
        (
            {"references": [Asked(kind=k, asked=True, answered=k == "BANK") for k in ReferenceKind.values]},
            "REFERENCE_TRADE_ANSWERED", Gate.ANALYSE, True,
        ),
    ],
)  # fmt: skip
@pytest.mark.requirement("CM-01")
def test_one_thing_missing_is_the_one_line_unmet(change: dict, code: str, gate: Gate, stops: bool) -> None:
    found = unmet(replace(WHOLE, **change))
    assert list(found) == [code]
    assert (found[code].gate, found[code].stops) == (gate, stops)


def test_without_any_bank_or_statement_only_what_is_asked_first_is_said() -> None:
    assert {"BANK", "BANK_MOVEMENTS"} == set(unmet(replace(WHOLE, banks=[])))
    assert {"STATEMENTS", "STATEMENT_YEARS"} == set(unmet(replace(WHOLE, statements={})))


def test_movements_over_the_turn_of_a_year() -> None:
    months = frozenset({dt.date(2025, 11, 1), dt.date(2025, 12, 1), dt.date(2026, 1, 1)})
    bank = replace(A_BANK, until_month=dt.date(2026, 1, 1), entered=months)
    assert unmet(replace(WHOLE, banks=[bank])) == {}
    assert "BANK_MOVEMENTS" in unmet(replace(WHOLE, banks=[replace(bank, until_month=dt.date(2026, 2, 1))]))


@pytest.mark.requirement("CM-18")
@pytest.mark.parametrize(
    ("owed", "defaults", "stops"),
    [("0.00", 0, False), ("0.01", 0, True), ("0.00", 1, True)],
)
def test_a_cash_account_needs_no_criteria_but_no_earlier_debt(owed: str, defaults: int, stops: bool) -> None:
    found = unmet(replace(CASH, owed=Decimal(owed), defaults=defaults))
    assert list(found) == (["EARLIER_DEBT"] if stops else [])
    assert len(checklist(CASH)) == len(NEEDED_PAPERS[CustomerKind.CASH]) + 1


def test_an_increase_and_a_renewal_ask_again_only_for_what_changes() -> None:
    increase = replace(WHOLE, purpose=Purpose.INCREASE, grounds="توسع", asked_limit=Decimal(1), judged=(), banks=())
    assert unmet(increase) == {}
    assert set(unmet(replace(increase, grounds=" ", asked_limit=None))) == {"GROUNDS", "ASKED"}
    assert PaperKind.APPLICATION_FORM not in papers_asked(kind=CustomerKind.CREDIT, purpose=Purpose.RENEWAL)
    assert unmet(replace(WHOLE, purpose=Purpose.RENEWAL, references=(), signatories=0)) == {}
