"""KPIs of small worlds counted by hand, through the command; and the pure rule of durations by tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from accounts.choices import Role
from clients.models import Client
from collections_app.models import Case
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from common import clock
from complaints.choices import MatterKind, Stage
from complaints.models import Rating
from complaints.services.ratings import rating_ask, rating_give
from complaints.tests.handling_worlds import a_desk, a_matter_at, one_step
from complaints.tests.worlds import a_matter
from credit.selectors.portfolio import portfolio_sums
from credit.tests.order_worlds import a_buyer
from reporting.rules.survival import Duration, mean_days, median_days
from reporting.tests.test_kpis import kpis
from tests.world import ACTOR, make_client, make_user, place

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 3, 1)  # a Sunday
DAY = dt.timedelta(days=1)


def at(day: int, hour: int = 12) -> dt.datetime:
    return clock.at_riyadh(on=FIRST + day * DAY, time=dt.time(hour))


def a_book(**amounts: str) -> Client:
    """One account a name, placed on the first day with one receivable due ten days before."""
    client = make_client()
    with clock.at(at(0)):
        rows = [
            {
                "debtor_ref": ref, "receivable_ref": f"{ref}-1", "amount": amount, "issued_on": FIRST - 40 * DAY,
                "due_on": FIRST - 10 * DAY,
            }
            for ref, amount in amounts.items()
        ]  # fmt: skip
        place(client, rows, placed_on=FIRST)
    return client


def case_of(ref: str) -> Case:
    return Case.objects.select_related("client", "debtor").get(debtor__debtor_ref=ref)


def paid(ref: str, amount: str, *, day: int, value: int | None = None) -> Any:
    with clock.at(at(day)):
        return payment_post(
            actor=ACTOR, case=case_of(ref), amount=Decimal(amount), currency="SAR",
            value_on=FIRST + (day if value is None else value) * DAY, reference=f"P-{ref}-{day}-{value}",
        )  # fmt: skip


def promised(ref: str, amount: str, *, day: int, due: int) -> None:
    with clock.at(at(day, 14)):
        contact_record(
            actor=ACTOR, user=None, case=case_of(ref), channel="PHONE", reached="HOLDER", outcome="PROMISE",
            promise_amount=Decimal(amount), promise_on=FIRST + due * DAY, breach_reason="اتصل هو",
        )  # fmt: skip


def told(client: Client, first: int, last: int, *codes: str, **options: Any) -> dict[str, dict[str, Any]]:
    return kpis(client, str(FIRST + first * DAY), str(FIRST + last * DAY), *codes, **options)


@pytest.mark.requirement("PL-31")
def test_promises_are_kept_in_full_by_their_date_by_money_that_answers_them() -> None:
    client = a_book(A="100.00", B="100.00", C="400.00", D="100.00", E="100.00")
    paid("B", "50.00", day=2)  # told before the promise of that day: no answer to it
    for ref, amount, due in (("A", "100.00", 5), ("B", "50.00", 5), ("C", "400.00", 6), ("D", "100.00", 30)):
        promised(ref, amount, day=2, due=due)
    paid("A", "100.00", day=5)
    back = paid("C", "400.00", day=6)
    codes = ("PROMISE_KEPT_COUNT", "PROMISE_KEPT_AMOUNT")
    with clock.at(at(7)):
        by_number, by_amount = told(client, 0, 30, *codes).values()
        assert (by_number["numerator"], by_number["denominator"]) == (2, 3)  # D's day is not over
        assert (by_amount["numerator"], by_amount["denominator"]) == ("500.00", "550.00")
        nightly_run(date=FIRST + 7 * DAY)
        stored = client.cases.filter(promises__status="KEPT").count()
        assert stored == by_number["numerator"]  # as the night judged
    with clock.at(at(20)):
        payment_reverse(actor=ACTOR, payment=back, on=FIRST + 20 * DAY, reason="شيك مرتجع")
        paid("B", "50.00", day=20, value=4)
        assert told(client, 0, 30, *codes)["PROMISE_KEPT_AMOUNT"]["numerator"] == "150.00"
        # As it was known before these were told.
        then = told(client, 0, 30, *codes, known_at=at(8).isoformat())
        assert then["PROMISE_KEPT_AMOUNT"]["numerator"] == "500.00"


@pytest.mark.requirement("PL-30")
def test_a_conversation_told_late_does_not_count_before() -> None:
    client = a_book(A="100.00")
    for day, when, reached, outcome in (
        (2, at(2), "HOLDER", "INFORMED"), (3, at(3), "NO_ONE", "NO_ANSWER"), (9, at(4), "OTHER", "WRONG_PERSON"),
    ):  # fmt: skip
        with clock.at(at(day)):
            contact_record(
                actor=ACTOR, user=None, case=case_of("A"), channel="PHONE", reached=reached, outcome=outcome, at=when,
                breach_reason="سُجّل متأخرًا",
            )  # fmt: skip
    with clock.at(at(20)):
        now = told(client, 0, 10)
        then = told(client, 0, 10, known_at=at(5).isoformat())
    assert [now["RIGHT_PARTY_OF_ATTEMPTS"][side] for side in ("numerator", "denominator")] == [1, 3]
    assert [now["RIGHT_PARTY_OF_REACHED"][side] for side in ("numerator", "denominator")] == [1, 2]
    assert [then["RIGHT_PARTY_OF_REACHED"][side] for side in ("numerator", "denominator")] == [1, 1]
    assert (now["ATTEMPTS_PER_ACCOUNT"]["value"], now["FIRST_CONTACT_DAYS"]["value"]) == (3.0, 2.0)


@pytest.mark.requirement("PL-39")
def test_the_stairs_of_each_month_of_placement() -> None:
    client = a_book(A="100.00", B="300.00")
    with clock.at(at(40)):
        row = {"receivable_ref": "C-1", "issued_on": FIRST, "due_on": FIRST + 40 * DAY, "amount": "200.00"}
        place(client, [{"debtor_ref": "C", **row}], placed_on=FIRST + 40 * DAY)
    paid("A", "100.00", day=5)
    paid("B", "100.00", day=35)
    paid("C", "50.00", day=45)
    with clock.at(at(62)):
        found = told(client, 0, 61, "STAIR_STEP", "RECOVERY_RATE")
    steps = [(row["cohort"], row["month"], row["numerator"], row["value"]) for row in found["STAIR_STEP"]["rows"]]
    assert steps == [
        ("2026-03", 0, "100.00", 0.25),
        ("2026-03", 1, "200.00", 0.5),
        ("2026-03", 2, "200.00", 0.5),
        ("2026-04", 0, "50.00", 0.25),
        ("2026-04", 1, "50.00", 0.25),
    ]
    assert (found["RECOVERY_RATE"]["numerator"], found["RECOVERY_RATE"]["denominator"]) == ("250.00", "600.00")
    assert [(row["bucket"], row["denominator"]) for row in found["RECOVERY_RATE"]["rows"]] == [
        ("not_due", "200.00"), ("1-30", "400.00"),
    ]  # fmt: skip


def test_currencies_are_never_added() -> None:
    client = a_book(A="100.00")
    with clock.at(at(1)):
        row = {"debtor_ref": "B", "receivable_ref": "B-1", "issued_on": FIRST, "due_on": FIRST, "amount": "70.00"}
        place(client, [{**row, "currency": "USD"}], placed_on=FIRST + DAY)
        found = told(client, 0, 1)
    assert found["AGING"]["value"] is None
    assert [(row["currency"], row["amount"]) for row in found["AGING"]["rows"]] == [("SAR", "100.00"), ("USD", "70.00")]
    rate = found["RECOVERY_RATE"]
    assert (rate["value"], rate["numerator"], rate["denominator"]) == (None, None, None)
    assert {row["currency"] for row in rate["rows"]} == {"SAR", "USD"}


@pytest.mark.requirement("CX-20")
def test_what_people_told_us_in_time_answered_solved_and_rated() -> None:
    client = a_book(A="100.00", B="100.00")
    desk = a_desk()
    case = case_of("A")
    with clock.at(at(1)):
        closed = a_matter_at(Stage.CLOSED, desk=desk, at=at(1), case=case)
        # Admitted and never answered: its eleven working days run out.
        a_matter_at(Stage.ACKNOWLEDGED, desk=desk, at=at(1), case=case_of("B"), words="لم يصلني رد على طلبي السابق")
        enquiry = a_matter(kind=MatterKind.ENQUIRY, at=at(1), case=case, words="كم بقي عليّ؟", phone="0559999999")
        for step in (Stage.ACKNOWLEDGED, Stage.ASSESSED, Stage.INVESTIGATED):
            enquiry = one_step(enquiry, to=step, by=desk.officer, at=at(1))
    with clock.at(at(3)):
        one_step(enquiry, to=Stage.RESPONDED, by=desk.officer, at=at(3))
        young = told(client, 0, 9)["COMPLAINTS_IN_TIME"]
        assert (young["numerator"], young["denominator"]) == (1, 1)  # the other is still within its time
    rating_ask(actor=ACTOR, matter=closed, at=at(4))
    rating = Rating.objects.filter(matter=closed).first()
    assert rating is not None
    rating_give(rating=rating, score=4, is_solved=True, words="", at=at(5))
    with clock.at(at(60)):
        found = told(client, 0, 9)
    sides = {code: (figure["numerator"], figure["denominator"]) for code, figure in found.items()}
    assert sides["COMPLAINTS_IN_TIME"] == (1, 2)
    assert sides["ENQUIRIES_24H"] == (0, 1)  # answered after two days
    assert sides["RESPONSE_RATE"] == (2, 3)
    assert found["RESPONSE_DAYS"]["value"] == 1.0  # at once, and after two days
    assert sides["RESOLUTION_RATE"] == (1, 3)
    assert sides["SATISFACTION"] == (1, 1)
    assert (sides["COMPLAINTS_PER_1000"], found["COMPLAINTS_PER_1000"]["value"]) == ((2, 2), 1000.0)


@pytest.mark.requirement("CM-24")
def test_the_collection_period_is_that_of_the_credit_desk() -> None:
    client, officer = make_client("AAA"), make_user(Role.CREDIT_OFFICER)
    a_buyer(client, by=officer, ref="C-1", limit=Decimal(10_000))
    today = clock.today()
    for ref, age, amount in (("I-1", 10, "2000.00"), ("I-2", 364, "500.00"), ("I-3", 365, "50.00")):
        issued = today - age * DAY
        row = {"debtor_ref": "C-1", "receivable_ref": ref, "issued_on": issued, "due_on": issued, "amount": amount}
        place(client, [row])
    figure = kpis(client, str(today), str(today), "COLLECTION_PERIOD")["COLLECTION_PERIOD"]
    sums = portfolio_sums(on=today, currency="SAR", client=client.pk)
    assert (
        (figure["numerator"], figure["denominator"]) == (f"{sums.invoices}", f"{sums.sales}") == ("2550.00", "2500.00")
    )
    assert int(figure["value"]) == sums.collection_days == 372


@pytest.mark.parametrize(
    ("told_of", "mean", "median"),
    [
        ([], None, None),
        ([(5, 0, 3)], None, None),
        ([(4, 1, 0)], Fraction(4), 4),
        ([(2, 1, 0), (6, 1, 0)], Fraction(4), 2),
        # One of three cured on day 2; of the two left one was watched no longer than day 2, the other until day 10.
        ([(2, 1, 1), (10, 0, 1)], Fraction(2) + Fraction(2, 3) * 8, None),
        # What is censored on a day was still there on it.
        ([(3, 1, 1), (5, 1, 0)], Fraction(3) + Fraction(2, 3) * 2, 5),
    ],
)
def test_durations_of_what_is_not_over(told_of: Any, mean: Fraction | None, median: int | None) -> None:
    durations = [Duration(days=days, ended=ended, censored=censored) for days, ended, censored in told_of]
    assert mean_days(durations) == mean
    assert median_days(durations) == median
