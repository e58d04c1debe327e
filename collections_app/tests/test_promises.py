"""Promises: what may be promised, and what the night says of them when their day is over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from clients.models import Client
from collections_app.models import Case, Payment, Promise
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_cancel, promise_record, promises_judge
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from reporting.selectors.days import flows
from tests.world import ACTOR, a_case, make_client, make_user, place

pytestmark = pytest.mark.django_db
TEN = dt.timedelta(days=10)


@pytest.fixture
def case() -> Case:
    return a_case(make_client(), owner=make_user("COLLECTOR"))


def promised(case: Case, **given: Any) -> Promise:
    today = clock.today()
    words = {
        "amount": Decimal("400.00"), "currency": "SAR", "made_on": today - TEN, "due_on": today - dt.timedelta(days=1),
        **given,
    }  # fmt: skip
    return promise_record(actor=ACTOR, case=case, **words)


def paid(case: Case, amount: str, ago: int, **given: Any) -> Payment:
    return payment_post(
        actor=ACTOR, case=case, amount=Decimal(amount), currency=given.pop("currency", "SAR"),
        value_on=clock.today() - dt.timedelta(days=ago), **given,
    )  # fmt: skip


def judged(promise: Promise, *, after: int = 0) -> tuple[str, Decimal]:
    promises_judge(client_id=promise.client_id, day=clock.today() + dt.timedelta(days=after))
    promise.refresh_from_db()
    return promise.status, promise.paid_amount


@pytest.mark.requirement("PL-17")
def test_a_promise_is_judged_when_its_day_is_over_and_not_on_it(case: Case) -> None:
    promise = promised(case, due_on=clock.today())
    paid(case, "400.00", 0)
    assert judged(promise) == ("OPEN", Decimal(0))
    assert judged(promise, after=1) == ("KEPT", Decimal("400.00"))
    assert promise.judged_on == clock.today() + dt.timedelta(days=1)


@pytest.mark.requirement("PL-17")
@pytest.mark.parametrize(
    ("payments", "status", "counted"),
    [
        ([], "MISSED", "0.00"),
        ([("400.00", 1)], "KEPT", "400.00"),
        ([("399.99", 1)], "PARTLY", "399.99"),
        ([("0.01", 5)], "PARTLY", "0.01"),
        ([("200.00", 3), ("200.00", 2)], "KEPT", "400.00"),
        ([("900.00", 2)], "KEPT", "400.00"),
        ([("400.00", 10)], "KEPT", "400.00"),
        ([("400.00", 11)], "MISSED", "0.00"),
        ([("400.00", 0)], "MISSED", "0.00"),
    ],
)
def test_kept_partly_and_missed_at_both_sides_of_each_boundary(
    case: Case, payments: list[tuple[str, int]], status: str, counted: str
) -> None:
    promise = promised(case)
    for n, (amount, ago) in enumerate(payments):
        paid(case, amount, ago, reference=f"T{n}")
    assert judged(promise) == (status, Decimal(counted))


@pytest.mark.requirement("PL-17")
@pytest.mark.parametrize("through", ["a contact", "itself"])
def test_money_that_came_before_the_promise_does_not_keep_it(case: Case, through: str) -> None:
    now = clock.now()
    with clock.at(now - dt.timedelta(minutes=5)):
        paid(case, "400.00", 0, reference="BEFORE")
    with clock.at(now):
        today = clock.today()
        if through == "itself":
            promise = promised(case, amount=Decimal("300.00"), made_on=today, due_on=today)
        else:
            found = contact_record(
                actor=ACTOR, user=case.owner, case=case, channel="PHONE", reached="HOLDER", outcome="PROMISE",
                promise_amount=Decimal("300.00"), promise_on=today, breach_reason="x",
            ).promise  # fmt: skip
            assert found is not None
            promise = found
    with clock.at(now + dt.timedelta(days=1)):
        assert judged(promise) == ("MISSED", Decimal(0))
        paid(case, "100.00", 1, reference="TOLD LATER")
        promise.refresh_from_db()
        assert (promise.status, promise.paid_amount) == ("PARTLY", Decimal("100.00"))
        paid(case, "200.00", 0, reference="TOO LATE")
        promise.refresh_from_db()
        assert promise.status == "PARTLY"
        paid(case, "200.00", 1, reference="TOLD LATER TOO")
        promise.refresh_from_db()
        assert (promise.status, promise.paid_amount) == ("KEPT", Decimal("300.00"))


@pytest.mark.requirement("PL-17")
def test_a_promise_whose_day_is_over_is_not_made_any_more(case: Case) -> None:
    today = clock.today()
    with pytest.raises(Refused) as caught:
        contact_record(
            actor=ACTOR, user=case.owner, case=case, channel="PHONE", reached="HOLDER", outcome="PROMISE",
            at=clock.now() - 2 * TEN, promise_amount=Decimal("300.00"), promise_on=today - TEN, breach_reason="x",
        )  # fmt: skip
    assert "due_on" in caught.value.fields
    assert not Promise.objects.exists()
    contact_record(
        actor=ACTOR, user=case.owner, case=case, channel="PHONE", reached="HOLDER", outcome="PROMISE",
        at=clock.now() - 2 * TEN, promise_amount=Decimal("300.00"), promise_on=today, breach_reason="x",
    )  # fmt: skip
    assert Promise.objects.get().made_on == today - 2 * TEN


def test_money_in_another_currency_keeps_no_promise(case: Case) -> None:
    due = clock.today() - dt.timedelta(days=40)
    place(
        case.client,
        [{"debtor_ref": "D-1", "receivable_ref": "usd", "due_on": due, "amount": "500.00", "currency": "USD"}],
    )
    promise = promised(case)
    paid(case, "400.00", 2, currency="USD")
    assert judged(promise) == ("MISSED", Decimal("0.00"))


def test_the_night_judges_and_a_second_night_changes_nothing(case: Case) -> None:
    promise = promised(case)
    paid(case, "100.00", 2)
    nightly_run(date=clock.today())
    promise.refresh_from_db()
    assert (promise.status, promise.judged_on) == ("PARTLY", clock.today())
    assert promises_judge(client_id=case.client_id, day=clock.today() + TEN) == 0


@pytest.mark.requirement("PL-17")
def test_money_that_is_told_of_late_with_its_value_date_still_keeps_the_promise(case: Case) -> None:
    promise = promised(case)
    assert judged(promise) == ("MISSED", Decimal("0.00"))
    first = paid(case, "150.00", 1, reference="A")
    promise.refresh_from_db()
    assert (promise.status, promise.paid_amount) == ("PARTLY", Decimal("150.00"))
    paid(case, "250.00", 3, reference="B")
    promise.refresh_from_db()
    assert (promise.status, promise.judged_on) == ("KEPT", clock.today())
    payment_reverse(actor=ACTOR, payment=first, on=clock.today(), reason="شيك مرتجع")
    promise.refresh_from_db()
    assert (promise.status, promise.paid_amount) == ("PARTLY", Decimal("250.00"))


def test_money_of_today_does_not_mend_a_promise_of_yesterday(case: Case) -> None:
    promise = promised(case)
    judged(promise)
    paid(case, "400.00", 0)
    promise.refresh_from_db()
    assert promise.status == "MISSED"


def test_a_payment_reported_by_the_clients_file_judges_again_too(case: Case) -> None:
    promise = promised(case, amount=Decimal("1000.00"))
    assert judged(promise)[0] == "MISSED"
    receivable = case.receivables.get()
    place(
        case.client,
        [{"debtor_ref": "D-1", "debtor_name": "عبدالله D-1", "receivable_ref": receivable.receivable_ref,
          "issued_on": receivable.issued_on, "due_on": receivable.due_on, "amount": "1000.00",
          "paid_on": clock.today() - dt.timedelta(days=2)}],
    )  # fmt: skip
    promise.refresh_from_db()
    assert promise.status == "KEPT"


def test_a_reversed_payment_keeps_nothing(case: Case) -> None:
    promise = promised(case)
    payment_reverse(actor=ACTOR, payment=paid(case, "400.00", 2), on=clock.today(), reason="مرتجع")
    assert judged(promise) == ("MISSED", Decimal("0.00"))


def test_a_new_promise_takes_the_place_of_the_open_one(case: Case) -> None:
    first = promised(case, due_on=clock.today() + TEN)
    second = promised(case, due_on=clock.today() + TEN, made_on=clock.today())
    first.refresh_from_db()
    assert (first.status, second.status) == ("CANCELLED", "OPEN")
    assert judged(first, after=20)[0] == "CANCELLED"


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-5.00")}, "amount"),
        ({"amount": Decimal("10.005")}, "amount"),
        ({"amount": Decimal("249.99")}, "amount"),
        ({"amount": Decimal("1000.01")}, "amount"),
        ({"due_on": -11}, "due_on"),
        ({"due_on": 51}, "due_on"),
    ],
)
def test_what_may_not_be_promised_is_refused_where_it_is_wrong(case: Case, given_: dict[str, Any], field: str) -> None:
    case.client.contact_policies.update(least_promise=Decimal("250.00"))
    if "due_on" in given_:
        given_ = {"due_on": clock.today() + dt.timedelta(days=given_["due_on"])}
    with pytest.raises(Refused) as caught:
        promised(case, **given_)
    assert list(caught.value.fields) == [field]
    assert not Promise.objects.exists()
    assert not AuditEvent.objects.filter(action="promise.recorded").exists()


@pytest.mark.parametrize("given_", [{"amount": Decimal("250.00")}, {"amount": Decimal("1000.00")}, {"ahead": 50}])
def test_the_nearest_that_may_be_promised_is_taken(case: Case, given_: dict[str, Any]) -> None:
    case.client.contact_policies.update(least_promise=Decimal("250.00"))
    if ahead := given_.pop("ahead", None):
        given_["due_on"] = clock.today() + dt.timedelta(days=ahead)
    assert promised(case, **given_).status == "OPEN"


def test_the_least_promise_is_said_in_the_readers_language(case: Case) -> None:
    case.client.contact_policies.update(least_promise=Decimal("250.00"))
    with pytest.raises(Refused) as caught:
        promised(case, amount=Decimal("100.00"))
    assert str(caught.value.fields["amount"]) == "أقل وعد لدى هذه الجهة 250.00."


def test_a_promise_is_taken_off_once(case: Case) -> None:
    promise = promised(case, due_on=clock.today() + TEN)
    promise_cancel(actor=ACTOR, promise=promise, reason="تسوية")
    assert AuditEvent.objects.get(action="promise.cancelled").body["reason"] == "تسوية"
    with pytest.raises(Refused) as caught:
        promise_cancel(actor=ACTOR, promise=promise, reason="again")
    assert caught.value.code == "promise_judged"


@pytest.mark.requirement("PL-31")
def test_a_promise_that_was_kept_counts_in_the_figures_of_its_day(case: Case) -> None:
    today = clock.today()
    nightly_run(date=today)
    promised(case, made_on=today, due_on=today)
    paid(case, "400.00", 0)
    nightly_run(date=today + dt.timedelta(days=1))
    names = ("promises_made", "promises_due", "promises_kept")
    mine = Client.objects.filter(pk=case.client_id)
    figures = flows(clients=mine, first=today, last=today, names=names)
    assert {row["name"]: (row["count"], row["amount"]) for row in figures} == dict.fromkeys(names, (1, Decimal(400)))


@pytest.mark.django_db
@pytest.mark.requirement("PL-17")
def test_what_was_taken_back_of_a_payment_keeps_no_promise() -> None:
    client = make_client()
    case = a_case(client)
    today = clock.today()
    with clock.at(clock.at_riyadh(on=today, time=dt.time(9))):
        promise = promise_record(
            actor=ACTOR, case=case, amount=Decimal("50.00"), currency="SAR", due_on=today, made_on=today
        )
    with clock.at(clock.at_riyadh(on=today, time=dt.time(10))):
        payment = payment_post(actor=ACTOR, case=case, amount=Decimal("50.00"), currency="SAR", value_on=today)
    tomorrow = today + dt.timedelta(days=1)
    with clock.at(clock.at_riyadh(on=tomorrow)):
        nightly_run(date=tomorrow)
        promise.refresh_from_db()
        assert (promise.status, promise.paid_amount) == ("KEPT", Decimal("50.00"))
        payment_reverse(actor=ACTOR, payment=payment, on=tomorrow, reason="رُد جزء", amount=Decimal("20.00"))
    promise.refresh_from_db()
    assert (promise.status, promise.paid_amount) == ("PARTLY", Decimal("30.00"))
