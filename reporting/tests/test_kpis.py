"""KPIs through the command, against the truth of real books and against worlds counted by hand."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clients.models import Client
from collections_app.services.imports import portfolio_import
from common import clock
from reporting.kpis import FAMILIES, FAMILY_OF, KPIS, Ask, kpi_figures
from reporting.kpis.reading import proof_rows
from tests.world import ACTOR, IBM, IBM_LAYOUT, make_client

pytestmark = pytest.mark.django_db


def kpis(client: Client, first: str, last: str, *codes: str, **options: Any) -> dict[str, dict[str, Any]]:
    """What ``manage.py kpi --json`` says, by code."""
    out = io.StringIO()
    args = ["--client", client.code, "--from", first, "--to", last, "--json"]
    for code in codes:
        args += ["--code", code]
    for name, value in options.items():
        args += [f"--{name.replace('_', '-')}", value]
    call_command("kpi", *args, stdout=out)
    return {told["code"]: told for told in json.loads(out.getvalue())}


@pytest.fixture
def ibm() -> Client:
    client = make_client("IBM")
    portfolio_import(
        actor=ACTOR, client=client, content=(IBM / "invoices.csv").read_bytes(), name="invoices.csv",
        layout=IBM_LAYOUT, placed_on=dt.date(2014, 2, 1),
    )  # fmt: skip
    return client


TRUTH = Path(__file__).parent / "data" / "ar_ibm_truth"


def truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.requirement("PL-34")
def test_the_rolls_of_a_real_book_are_those_of_its_truth(ibm: Client) -> None:
    expected = [
        {
            "currency": "SAR", "from_bucket": row["from_bucket"], "to_bucket": row["to_bucket"],
            "count": int(row["count"]), "amount": row["amount"],
        }
        for row in truth("roll_rates")
    ]  # fmt: skip
    first, last = truth("roll_rates")[0]["from"], truth("roll_rates")[0]["to"]
    told = kpis(ibm, first, last, "ROLL_RATES")["ROLL_RATES"]
    assert told["rows"] == expected
    assert (told["unit"], told["numerator"], told["denominator"], told["value"]) == ("RATIO", 13, 99, 0.131313)


@pytest.mark.requirement("PL-32", "I-24")
def test_the_cures_of_a_real_book_are_those_of_its_truth(ibm: Client) -> None:
    (row,) = truth("cures")
    told = kpis(ibm, row["from"], row["to"], "CURE_RATE", "ROLL_ACCOUNTS", "ROLL_RATES")
    assert told["CURE_RATE"]["numerator"] == int(row["customers_cured"])
    assert told["CURE_RATE"]["denominator"] == int(row["past_due_customers_at_from"])
    regular = {"new", "not_due"}
    late_then = [cell for cell in told["ROLL_ACCOUNTS"]["rows"] if cell["to_bucket"] not in {"not_due", "paid", "left"}]
    newly = sum(cell["count"] for cell in late_then if cell["from_bucket"] in regular)
    still = sum(cell["count"] for cell in late_then if cell["from_bucket"] not in regular)
    assert (still, newly) == (int(row["customers_still_past_due"]), int(row["customers_newly_past_due"]))
    late = [cell for cell in told["ROLL_RATES"]["rows"] if cell["from_bucket"] not in regular]
    assert sum(cell["count"] for cell in late) == int(row["past_due_invoices_at_from"])
    assert sum(Decimal(cell["amount"]) for cell in late) == Decimal(row["past_due_amount_at_from"])
    paid = [cell for cell in late if cell["to_bucket"] == "paid"]
    assert sum(cell["count"] for cell in paid) == int(row["cured_invoices_paid_by_to"])
    assert sum(Decimal(cell["amount"]) for cell in paid) == Decimal(row["cured_amount"])


@pytest.mark.requirement("I-24")
def test_the_settlement_averages_of_a_real_book_are_those_of_its_truth(ibm: Client) -> None:
    (row,) = truth("settlement")
    told = kpis(
        ibm, "2012-01-01", "2014-01-31", "AVERAGE_DAYS_LATE", "LATE_SHARE", "DAYS_TO_SETTLE", "DAYS_TO_SETTLE_WEIGHTED"
    )
    assert told["AVERAGE_DAYS_LATE"]["denominator"] == int(row["settled_count"])
    assert told["LATE_SHARE"]["numerator"] == int(row["late_count"])
    assert told["DAYS_TO_SETTLE_WEIGHTED"]["denominator"] == row["settled_amount"]
    assert round(told["DAYS_TO_SETTLE"]["value"], 4) == float(row["avg_days_to_settle"])
    assert round(told["DAYS_TO_SETTLE_WEIGHTED"]["value"], 4) == float(row["avg_days_to_settle_weighted_by_amount"])
    assert round(told["AVERAGE_DAYS_LATE"]["value"], 4) == float(row["avg_days_late"])
    assert round(told["LATE_SHARE"]["value"] * 100, 4) == float(row["late_pct"])


def test_a_kpi_over_nothing_is_nothing_and_never_naught(ibm: Client) -> None:
    told = kpis(ibm, "2011-01-01", "2011-01-31")
    assert set(told) == set(KPIS)
    assert {code for code, figure in told.items() if figure["value"] is not None} == set()
    assert all(figure["rows"] == [] for figure in told.values())


def test_what_the_command_cannot_be_asked(ibm: Client) -> None:
    for first, last, options in (
        ("2012-02-30", "2012-03-01", {}),
        ("2012-03-02", "2012-03-01", {}),
        ("2012-03-02", "9999-12-31", {}),
        ("2012-03-01", "2012-03-01", {"known_at": "2999-01-01T00:00"}),
        ("2012-03-01", "2012-03-01", {"code": "NOTHING"}),
    ):
        with pytest.raises(CommandError):
            kpis(ibm, first, last, **options)
    with pytest.raises(CommandError):
        call_command("kpi", "--client", "NOBODY", "--from", "2012-01-01", "--to", "2012-01-02")


def test_each_figure_is_what_its_rows_add_up_to(ibm: Client) -> None:
    ask = Ask(client_id=ibm.pk, first=dt.date(2012, 11, 30), last=dt.date(2012, 12, 31), now=clock.now())
    for figure in kpi_figures(ask=ask):
        found = proof_rows(family=FAMILY_OF[figure.kpi.code], kpi=figure.kpi, ask=ask, narrowed={}, limit=1_000_000)
        if figure.numerator is not None:
            assert sum(row["numerator"] for row in found) == figure.numerator, figure.kpi.code
        if figure.denominator is not None:
            assert sum(row["denominator"] for row in found) == figure.denominator, figure.kpi.code


def test_a_family_is_read_by_one_statement(ibm: Client, django_assert_num_queries: Any) -> None:
    ask = Ask(client_id=ibm.pk, first=dt.date(2012, 11, 30), last=dt.date(2012, 12, 31), now=clock.now())
    with django_assert_num_queries(len(FAMILIES)):
        kpi_figures(ask=ask)
    with django_assert_num_queries(1):
        kpi_figures(ask=ask, codes=["ROLL_RATES", "AGING"])
