"""Closed periods of an account stay as issued; what is told later falls into the next with its value date kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from collections_app.models import Case, LedgerEntry, StatementLine, StatementPeriod
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.selectors.statement_periods import period_lines
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from collections_app.services.statement_periods import period_close
from common import clock
from common.clock import at_riyadh
from common.exceptions import Refused
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_user

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = dt.date(2026, 10, 31), dt.date(2026, 11, 30)
ZERO = "0.00"


@pytest.fixture(autouse=True)
def _early_november() -> Iterator[None]:
    with clock.at(at_riyadh(on=dt.date(2026, 11, 2))):
        yield


@pytest.fixture
def case() -> Case:
    """1,000.00 issued in summer, 300.00 of it paid in October."""
    with clock.at(at_riyadh(on=dt.date(2026, 10, 1))):
        found = a_case(make_client(), days_late=40)
    pay(found, "300.00", dt.date(2026, 10, 20), "A")
    nightly_run(date=dt.date(2026, 11, 2))
    return found


def pay(case: Case, amount: str, value_on: dt.date, reference: str) -> None:
    payment_post(actor=ACTOR, case=case, amount=Decimal(amount), currency="SAR", value_on=value_on, reference=reference)


def close(case: Case, to_on: dt.date = OCTOBER) -> StatementPeriod:
    return period_close(actor=ACTOR, client=case.client, to_on=to_on)


def told(period: StatementPeriod) -> list[tuple[str, dt.date, Decimal, bool]]:
    return [(r["kind"], r["effective_on"], r["amount"], r["late"]) for r in period_lines(period=period)]


@pytest.mark.requirement("DC-04")
def test_what_is_told_after_the_closing_falls_into_the_next_period_with_its_value_date(case: Case) -> None:
    october = close(case)
    assert october.sums == {
        "SAR": {"opening": ZERO, "charged": "1000.00", "paid": "-300.00", "adjusted": ZERO, "withdrawn": ZERO,
                "closing": "700.00"}
    }  # fmt: skip
    issued = told(october)
    # October's payment bounces, and another one of October is told: both in November.
    payment_reverse(actor=ACTOR, payment=case.payments.get(reference="A"), on=dt.date(2026, 11, 2), reason="مرتجع")
    pay(case, "50.00", dt.date(2026, 10, 25), "B")
    with clock.at(at_riyadh(on=dt.date(2026, 12, 1))):
        note_post(
            actor=ACTOR, receivable=case.receivables.get(), kind="FEE", amount=Decimal("10.00"),
            value_on=dt.date(2026, 11, 15), reason="رسم",
        )  # fmt: skip
        nightly_run(date=dt.date(2026, 12, 1))
        november = close(case, NOVEMBER)
    october.refresh_from_db()
    assert (told(october), october.sums["SAR"]["closing"]) == (issued, "700.00")
    assert (november.number, november.from_on, november.corrections) == (2, dt.date(2026, 11, 1), 2)
    assert told(november) == [
        ("REVERSAL", dt.date(2026, 10, 20), Decimal("300.00"), True),
        ("PAYMENT", dt.date(2026, 10, 25), Decimal("-50.00"), True),
        ("FEE", dt.date(2026, 11, 15), Decimal("10.00"), False),
    ]
    assert november.sums["SAR"] == {
        "opening": "700.00", "charged": ZERO, "paid": "250.00", "adjusted": "10.00", "withdrawn": ZERO,
        "closing": "960.00",
    }  # fmt: skip
    assert case.receivables.get().balance == Decimal("960.00")
    assert ledger_faults() == []


def test_what_is_valued_later_waits_for_its_period(case: Case) -> None:
    pay(case, "70.00", dt.date(2026, 11, 2), "N")
    october = close(case)
    assert october.sums["SAR"]["closing"] == "700.00"
    assert StatementLine.objects.count() == LedgerEntry.objects.count() - 1


def test_a_period_ends_before_the_book_date_and_after_the_last_one(case: Case) -> None:
    with pytest.raises(Refused) as ahead:
        close(case, dt.date(2026, 11, 2))
    close(case)
    with pytest.raises(Refused) as again:
        close(case)
    assert (ahead.value.code, again.value.code) == ("period_ahead", "period_closed")
    assert StatementPeriod.objects.count() == 1


def test_the_database_writes_an_issued_period_never_again(case: Case) -> None:
    period = close(case)
    for act in (
        lambda: StatementPeriod.objects.filter(pk=period.pk).update(lines=0),
        lambda: StatementLine.objects.filter(period=period).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_manager_closes_a_period_and_its_client_reads_it(case: Case, language: str) -> None:
    browser = enter(make_user("FINANCE_MANAGER"), language)
    page = reverse("statement_periods")
    assert in_language(browser.get(page), language)
    door = reverse("statement_period_close")
    wrong = browser.post(door, {"client": case.client_id, "to_on": "2026-11-02"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["to_on"])
    done = browser.post(door, {"client": case.client_id, "to_on": "2026-10-31"})
    period = StatementPeriod.objects.get()
    assert done["Location"] == reverse("statement_period", args=[period.pk])
    shown = browser.get(done["Location"])
    assert shown.status_code == 200 and "700" in words(shown)
    theirs = enter(make_user("CLIENT_USER", client=case.client), language)
    assert str(reverse("portal_statement", args=[period.pk])) in words(theirs.get(reverse("portal_statements")))
    assert in_language(theirs.get(reverse("portal_statement", args=[period.pk])), language)
    file = theirs.get(reverse("portal_statement_csv", args=[period.pk]))
    lines = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert sorted((line["kind"], line["amount"]) for line in lines) == [("CHARGE", "1000.00"), ("PAYMENT", "-300.00")]
    other = enter(make_user("CLIENT_USER", client=make_client("BBB"), name="other"), language)
    assert other.get(reverse("portal_statement", args=[period.pk])).status_code == 404
    assert other.get(reverse("portal_statement_csv", args=[period.pk])).status_code == 404


def test_a_manager_sees_periods_that_a_collector_does_not(case: Case) -> None:
    assert enter(make_user("COLLECTOR")).get(reverse("statement_periods")).status_code in {403, 404}
    reads = enter(make_user("AUDITOR"))
    assert reads.get(reverse("statement_periods")).status_code == 200
    reads.post(reverse("statement_period_close"), {"client": case.client_id, "to_on": "2026-10-31"})
    assert not StatementPeriod.objects.exists()
