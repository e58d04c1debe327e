"""Estimates: the rule by itself, how often its interval held in a real book, and when one is given at all."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from collections_app.models import Case, LedgerEntry, Receivable
from collections_app.rules.aging import bucket_for
from collections_app.services.ledger import payment_post
from common import clock
from reporting.rules.forecast import LEAST_WEEKS, PastWeek, estimate
from reporting.rules.periods import Assessment, Month
from reporting.selectors.forecasts import WEEKS_BEHIND, forecasts_of
from reporting.services.reports import report_issue
from reporting.tests.weekly_world import paper
from tests.world import ACTOR, make_client, place

D = dt.date
INVOICES = Path(settings.BASE_DIR) / "tests" / "data" / "ar_ibm" / "invoices.csv"


def week(n: int, **ages: tuple[int, int]) -> PastWeek:
    """A past week of (open, paid) by age."""
    return PastWeek(
        on=D(2026, 1, 3) + dt.timedelta(weeks=n),
        open={age: Decimal(open_) for age, (open_, _paid) in ages.items()},
        paid={age: Decimal(paid) for age, (_open, paid) in ages.items()},
    )


class TestRule:
    def test_nine_weeks_are_the_fewest_and_their_ends_the_bounds(self) -> None:
        past = [week(n, a=(100, 10 + n)) for n in range(9)]
        told = estimate(past=past, balances={"a": Decimal(1000)})
        assert told is not None
        assert (told.low, told.middle, told.high, told.weeks) == (Decimal(100), Decimal(140), Decimal(180), 9)
        assert estimate(past=past[1:], balances={"a": Decimal(1000)}) is None
        assert LEAST_WEEKS == 9

    def test_a_tenth_of_the_weeks_is_left_out_on_either_side(self) -> None:
        past = [week(n, a=(100, n)) for n in range(19)]
        told = estimate(past=past, balances={"a": Decimal(100)})
        assert told is not None
        assert (told.low, told.middle, told.high) == (Decimal(1), Decimal(9), Decimal(17))

    def test_ages_are_put_to_todays_balances_and_an_empty_one_takes_what_all_weeks_say(self) -> None:
        past = [week(n, a=(100, 50), b=(200, 20)) for n in range(8)] + [week(8, a=(100, 50))]
        told = estimate(past=past, balances={"a": Decimal(10), "b": Decimal(100)})
        assert told is not None
        assert (told.low, told.high) == (Decimal(15), Decimal(15))

    def test_nothing_open_and_weeks_without_anything_give_none(self) -> None:
        past = [week(n, a=(100, 50)) for n in range(12)]
        assert estimate(past=past, balances={}) is None
        assert estimate(past=past, balances={"a": Decimal(0)}) is None
        assert estimate(past=[week(n) for n in range(12)], balances={"a": Decimal(5)}) is None


@pytest.mark.requirement("PL-38")
def test_in_a_real_book_the_interval_held_about_as_often_as_it_says() -> None:
    """Every week of two years asked as if it were today, with what was known by then, of a company's real invoices."""

    def day(text: str) -> D:
        return dt.datetime.strptime(text, "%m/%d/%Y").date()

    with INVOICES.open(encoding="utf-8-sig") as lines:
        book = [
            (day(r["InvoiceDate"]), day(r["DueDate"]), Decimal(r["InvoiceAmount"]), day(r["SettledDate"]))
            for r in csv.DictReader(lines)
        ]
    first, last = min(row[0] for row in book), max(row[0] for row in book)
    ends = [first + dt.timedelta(days=6 + 7 * n) for n in range((last - first).days // 7)]
    weeks = []
    for on in ends:
        open_, paid = defaultdict(Decimal), defaultdict(Decimal)
        for issued, due, amount, settled in book:
            if issued <= on < settled:
                age = bucket_for(basis="DUE", days=(on - due).days).code
                open_[age] += amount
                paid[age] += amount if settled <= on + dt.timedelta(days=28) else 0
        weeks.append(PastWeek(on=on, open=open_, paid=paid))
    held, off = [], []
    for now in weeks:
        past = [one for one in weeks if one.on <= now.on - dt.timedelta(days=28)][-WEEKS_BEHIND:]
        told = estimate(past=past, balances=now.open)
        if told is not None:
            came = sum(now.paid.values(), Decimal(0))
            held.append(told.low <= came <= told.high)
            off.append(abs(told.middle - came) / came)
    assert len(held) > 80
    # It says four of five; neither much less, nor so wide that it says nothing.
    assert Decimal("0.7") <= Decimal(sum(held)) / len(held) <= Decimal("0.9")
    assert sorted(off)[len(off) // 2] < Decimal("0.06")


def _counted(client_id: int, on: D) -> list[PastWeek]:
    """The past weeks of a book, entry by entry in plain Python."""
    found = []
    for behind in range(WEEKS_BEHIND):
        end = on - dt.timedelta(weeks=4 + behind)
        open_, paid = defaultdict(Decimal), defaultdict(Decimal)
        for receivable in Receivable.objects.filter(client_id=client_id, case__placed_on__lte=end):
            entries = list(LedgerEntry.objects.filter(receivable=receivable))
            balance = sum((e.amount for e in entries if e.effective_on <= end), Decimal(0))
            if balance > 0:
                age = bucket_for(basis="DUE", days=(end - receivable.due_on).days).code
                open_[age] += balance
                until = end + dt.timedelta(weeks=4)
                paid[age] -= sum(
                    (e.amount for e in entries if e.payment_id and end < e.effective_on <= until), Decimal(0)
                )
        found.append(PastWeek(on=end, open=open_, paid=paid))
    return found


@pytest.mark.django_db
@pytest.mark.requirement("PL-38")
def test_an_estimate_is_given_after_the_assessment_alone_with_its_bounds_on_the_paper() -> None:
    placed, month = D(2026, 5, 2), Month(year=2026, number=9)
    with clock.at(clock.at_riyadh(on=placed, time=dt.time(9))):
        client = make_client("EST")
        place(
            client,
            [
                {"debtor_ref": f"E-{n}", "receivable_ref": f"R-{n}", "amount": f"{1000 + 37 * n}.00",
                 "issued_on": D(2026, 2, 1), "due_on": D(2026, 3, 1) + dt.timedelta(days=9 * n)}
                for n in range(12)
            ],
            placed_on=placed,
        )  # fmt: skip
    with clock.at(clock.at_riyadh(on=D(2026, 10, 1), time=dt.time(7))):
        for n, case in enumerate(Case.objects.filter(client=client).order_by("pk")):
            for m in range(10):
                payment_post(
                    actor=ACTOR, case=case, amount=Decimal(20 + 3 * n + 7 * (m % 3)), currency="SAR",
                    value_on=placed + dt.timedelta(days=9 + 13 * m + n), reference=f"P-{n}-{m}",
                )  # fmt: skip
        assert forecasts_of(client_id=client.pk, on=month.ends_on)["why"] == "assessment"
        text = paper(report_issue(actor=ACTOR, client=client, period=month, language="en"))
        assert "onlyafterthepreliminaryassessment" in text
        report_issue(actor=ACTOR, client=client, period=Assessment(on=placed), language="en")
        (told,) = forecasts_of(client_id=client.pk, on=month.ends_on)["lines"]
        balances = defaultdict(Decimal)
        for receivable in Receivable.objects.filter(client=client):
            entries = LedgerEntry.objects.filter(receivable=receivable, effective_on__lte=month.ends_on)
            age = bucket_for(basis="DUE", days=(month.ends_on - receivable.due_on).days).code
            balances[age] += sum((e.amount for e in entries), Decimal(0))
        expected = estimate(past=_counted(client.pk, month.ends_on), balances=balances)
        assert expected is not None
        assert (told["low"], told["middle"], told["high"]) == (expected.low, expected.middle, expected.high)
        assert told["low"] < told["middle"] < told["high"]
        assert told["weeks"] == expected.weeks >= LEAST_WEEKS
        for language, promised in (("en", "nopromise"), ("ar", "وليسوعد")):
            report = report_issue(
                actor=ACTOR, client=client, period=month, language=language, reissue="with an estimate"
            )
            text = paper(report)
            assert all(f"{told[name]:,.2f}" in text for name in ("low", "middle", "high")), language
            assert promised in text, language
        # Too few weeks behind it: said so, and no figure.
        early = forecasts_of(client_id=client.pk, on=D(2026, 6, 30))
        assert (early["why"], early["lines"]) == ("weeks", [])
