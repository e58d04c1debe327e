"""Until when a debt can be claimed: both sides of each boundary, and the list of those that end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import clock
from legal.models import LegalTask
from legal.rules.limitation import TERMS, begins_on, ends_on, state_of
from legal.selectors.limitation import limitation_of, limitation_passed, limitation_worklist
from legal.services.instruments import instrument_save
from legal.tests.worlds import a_claim, a_court, an_instrument
from tests.doors import enter, words
from tests.world import ACTOR, a_case

D = dt.date


@pytest.mark.requirement("PL-23")
@pytest.mark.parametrize(
    ("basis", "begins", "last"),
    [
        ("PROMISSORY_NOTE", D(2024, 3, 1), D(2027, 3, 1)),
        ("PROMISSORY_NOTE", D(2024, 2, 29), D(2027, 2, 28)),
        ("PROMISSORY_NOTE", D(2021, 2, 28), D(2024, 2, 28)),
        ("PROMISSORY_NOTE", D(2023, 12, 31), D(2026, 12, 31)),
        ("COMMERCIAL_ACCOUNT", D(2020, 2, 29), D(2025, 2, 28)),
        ("COMMERCIAL_ACCOUNT", D(2019, 7, 15), D(2024, 7, 15)),
        ("CONTRACT", D(2016, 2, 29), D(2026, 2, 28)),
        ("GENERAL", D(2014, 2, 28), D(2024, 2, 28)),
    ],
)
def test_the_day_before_the_day_and_the_day_after(basis: str, begins: dt.date, last: dt.date) -> None:
    ends, one = ends_on(basis=basis, begins=begins), dt.timedelta(days=1)
    assert ends == last

    def at(today: dt.date, *, claimed: bool = False) -> str:
        return state_of(ends=ends, today=today, claimed=claimed)

    assert [at(last - one), at(last), at(last + one)] == ["ENDS_SOON", "ENDS_SOON", "PASSED"]
    warned = last - dt.timedelta(days=180)
    assert [at(warned - one), at(warned)] == ["RUNS", "ENDS_SOON"]
    assert at(last + one, claimed=True) == "STANDS_STILL"


@pytest.mark.parametrize("basis", ["CHEQUE", "JUDGMENT"])
def test_of_a_term_that_nobody_researched_nothing_is_computed(basis: str) -> None:
    assert ends_on(basis=basis, begins=D(2000, 1, 1)) is None
    assert state_of(ends=None, today=D(2026, 1, 1), claimed=False) == "UNKNOWN"
    assert not TERMS[basis].certain


def test_an_acknowledgement_restarts_and_an_older_one_does_not() -> None:
    assert begins_on(due_on=D(2020, 1, 1), acknowledged_on=D(2022, 5, 5)) == D(2022, 5, 5)
    assert begins_on(due_on=D(2020, 1, 1), acknowledged_on=D(2019, 5, 5)) == D(2020, 1, 1)
    assert begins_on(due_on=D(2020, 1, 1), acknowledged_on=None) == D(2020, 1, 1)


def late(years: int, *, days: int = 0) -> int:
    """So many days late that a term of ``years`` from then ends in ``days`` days."""
    today = clock.today()
    last = today + dt.timedelta(days=days)
    return (today - (last.replace(year=last.year - years) if (last.month, last.day) != (2, 29) else last)).days


@pytest.mark.requirement("PL-23")
@pytest.mark.django_db
def test_the_database_says_what_the_rules_say() -> None:
    """The worklist is computed in SQL, a case's own lines in Python: the same days for every kind."""
    court, today = a_court(days_late=late(5, days=30)), clock.today()
    debt = court.case.debts.get()
    for kind, issued in (("PROMISSORY_NOTE", today - dt.timedelta(days=1000)), ("CONTRACT", None)):
        instrument_save(user=court.officer, debt=debt, kind=kind, number=kind, amount=1, issued_on=issued)
    lines = {line.basis: line for line in limitation_of(case=court.case, today=today)}
    listed = {row["basis"]: row for row in limitation_worklist(today=today)}
    assert lines["PROMISSORY_NOTE"].begins_on == today - dt.timedelta(days=1000)
    assert set(listed) == {basis for basis, line in lines.items() if line.state in {"ENDS_SOON", "PASSED"}}
    for basis, row in listed.items():
        assert row["ends_on"] == lines[basis].ends_on


@pytest.mark.requirement("PL-23")
@pytest.mark.django_db
def test_a_trader_without_an_instrument_has_five_years_and_a_claim_stops_the_term() -> None:
    court, today = a_court(days_late=late(5, days=100)), clock.today()
    line = limitation_of(case=court.case, today=today)[0]
    assert (line.basis, line.state) == ("COMMERCIAL_ACCOUNT", "ENDS_SOON")
    desk = enter(court.officer, "en")
    assert court.case.debtor.name in words(desk.get(reverse("limitations")))
    a_claim(court)
    assert limitation_of(case=court.case, today=today)[0].state == "STANDS_STILL"
    assert limitation_worklist(today=today) == []


@pytest.mark.requirement("PL-23")
@pytest.mark.django_db
def test_a_term_from_a_leap_day_is_found_on_its_first_day_of_warning() -> None:
    """It ends on 28 February of a year without a 29th: what looks for old cases must not ask a day too late."""
    due, first = D(2020, 2, 29), D(2025, 2, 28) - dt.timedelta(days=180)
    court = a_court(days_late=(clock.today() - due).days)
    listed = limitation_worklist(today=first)
    assert [(row["case_id"], row["due_on"], row["ends_on"]) for row in listed] == [(court.case.pk, due, D(2025, 2, 28))]
    assert limitation_worklist(today=first - dt.timedelta(days=1)) == []


@pytest.mark.django_db
def test_a_debt_with_one_way_left_has_not_passed() -> None:
    court, today = a_court(days_late=late(5, days=-1)), clock.today()
    assert limitation_passed(case=court.case, today=today)
    note = an_instrument(court, kind="CONTRACT")
    assert not limitation_passed(case=court.case, today=today)
    assert note.kind == "CONTRACT"


@pytest.mark.requirement("PL-23")
@pytest.mark.django_db
def test_the_night_asks_once_and_takes_it_back_once_it_is_acknowledged() -> None:
    court, today = a_court(days_late=late(5, days=90)), clock.today()
    a_case(court.client, ref="YOUNG", days_late=100)

    def nights(count: int) -> list[tuple[str, str]]:
        for n in range(count):
            nightly_run(date=today + dt.timedelta(days=n))
        return list(LegalTask.objects.order_by("pk").values_list("kind", "state"))

    assert nights(3) == [("LIMITATION", "OPEN")]
    task = LegalTask.objects.get()
    assert (task.case, task.due_on) == (court.case, today + dt.timedelta(days=90))
    desk = enter(court.officer)
    answered = desk.post(reverse("legal_task", args=[task.pk]), {"answer": "رُفعت إلى المحامي"})
    assert answered.status_code == 302
    assert nights(5) == [("LIMITATION", "DONE")]
    # By the door: the debtor acknowledged in writing, and the term counts anew.
    debt = court.case.debts.get()
    sent = desk.post(
        reverse("instrument_new", args=[court.case.pk, debt.pk]),
        {"kind": "COMMERCIAL_ACCOUNT", "amount": "1000", "acknowledged_on": today.isoformat()},
    )
    assert sent.status_code == 302
    assert limitation_of(case=court.case, today=today)[0].state == "RUNS"


@pytest.mark.django_db
def test_what_is_paid_ends_no_more() -> None:
    court, today = a_court(days_late=late(5, days=90)), clock.today()
    nightly_run(date=today)
    payment_post(actor=ACTOR, case=court.case, amount=court.case.balance, currency="SAR", value_on=today)
    nightly_run(date=today + dt.timedelta(days=1))
    assert LegalTask.objects.get(kind="LIMITATION").state == "MOOT"
