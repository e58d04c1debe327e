"""A collector's day: which cases stand in the list, why, in which order, and what the strip above it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, Promise, Task
from collections_app.rules.priority import Standing, points_of, total
from collections_app.selectors.worklist import WorkItem, appointments, day_counters, work_items
from collections_app.services.contacts import contact_record
from collections_app.services.holds import hold_place
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import clock
from common.clock import at_riyadh
from tests.world import ACTOR, a_case, make_client, make_user, place

SUNDAY = dt.date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def collector() -> User:
    return make_user("COLLECTOR")


@pytest.fixture
def client_() -> Client:
    return make_client()


def touched(case: Case, *, days_ago: int = 3) -> Case:
    Case.objects.filter(pk=case.pk).update(last_contact_at=clock.now() - dt.timedelta(days=days_ago))
    case.refresh_from_db()
    return case


def promise(case: Case, *, due: int, status: str = "OPEN", amount: str = "100.00", currency: str = "SAR") -> Promise:
    day = SUNDAY + dt.timedelta(days=due)
    return Promise.objects.create(
        client_id=case.client_id, case=case, amount=Decimal(amount), currency=currency, status=status,
        made_on=min(day, SUNDAY) - dt.timedelta(days=5), due_on=day,
    )  # fmt: skip


def task(case: Case, kind: str = "STAGE", *, hour: int | None = None, due: int = 0) -> Task:
    day = SUNDAY + dt.timedelta(days=due)
    return Task.objects.create(
        client_id=case.client_id, case=case, kind=kind, action="DEMAND" if kind == "STAGE" else "", due_on=day,
        due_at=at_riyadh(on=day, time=dt.time(hour)) if hour is not None else None, created_at=clock.now(),
    )  # fmt: skip


def listed(user: User) -> list[WorkItem]:
    return work_items(user=user, at=clock.now())


@pytest.mark.parametrize(
    ("standing", "points"),
    [
        (Standing(), []),
        (Standing(promise_today=True), [40]),
        (Standing(promise_today=True, call_back=True, promise_missed=True, stage_task=True), [40, 35, 30, 20]),
        (Standing(never_contacted=True), [12]),
        (Standing(kept=1, judged=2), []),
        (Standing(kept=2, judged=3), [15]),
        (Standing(balance=Decimal("9999.99")), []),
        (Standing(balance=Decimal("10000.00")), [9]),
        (Standing(stage_depth=6), [12]),
    ],
)
def test_points_are_said_one_by_one_the_heaviest_first(standing: Standing, points: list[int]) -> None:
    found = points_of(standing)
    assert [p.points for p in found] == points
    assert total(found) == sum(points)
    assert all(str(p.words) for p in found)


@pytest.mark.django_db
@pytest.mark.requirement("CM-42")
def test_each_reason_and_the_order_of_them(collector: User, client_: Client) -> None:
    cases = {
        name: touched(a_case(client_, ref=name, owner=collector))
        for name in ("due", "call", "missed", "stage", "quiet")
    }
    new = a_case(client_, ref="new", owner=collector)
    promise(cases["due"], due=0)
    task(cases["call"], "CALL_BACK", hour=11)
    promise(cases["missed"], due=-1, status="MISSED")
    task(cases["stage"])
    found = listed(collector)
    assert [(item.case.debtor.debtor_ref, item.reason[0]) for item in found if item.reason] == [
        ("due", "promise_today"), ("call", "call_back"), ("missed", "promise_missed"), ("stage", "stage_task"),
        ("new", "never_contacted"),
    ]  # fmt: skip
    assert [item.total for item in found] == sorted((item.total for item in found), reverse=True)
    assert found[-1].case == new
    assert cases["quiet"] not in [item.case for item in found]


@pytest.mark.django_db
@pytest.mark.parametrize(("ago", "stands"), [(1, True), (7, True), (8, False)])
def test_a_missed_promise_stands_in_the_list_for_a_week(
    collector: User, client_: Client, ago: int, stands: bool
) -> None:
    case = touched(a_case(client_, owner=collector))
    promise(case, due=-ago, status="MISSED")
    assert bool(listed(collector)) is stands


@pytest.mark.django_db
def test_of_several_reasons_the_strongest_is_the_chip_and_all_of_them_count(collector: User, client_: Client) -> None:
    case = touched(a_case(client_, owner=collector, amount="20000.00"))
    promise(case, due=-2, status="MISSED")
    promise(case, due=0)
    task(case, "CALL_BACK", hour=11)
    item = listed(collector)[0]
    assert item.reason is not None and item.reason[0] == "promise_today"
    assert {p.points for p in item.points} >= {40, 35, 9}
    counters = day_counters(user=collector, items=[item], at=at_riyadh(on=SUNDAY))
    assert (counters["due"], counters["calls"], counters["missed"]) == (1, 1, 0)


@pytest.mark.django_db
def test_an_objection_stands_last_and_asks_for_nothing(collector: User, client_: Client) -> None:
    held = touched(a_case(client_, ref="held", owner=collector, amount="90000.00"))
    promise(held, due=0)
    hold_place(actor=ACTOR, case=held, kind="OBJECTION", from_on=SUNDAY, reason="المبلغ")
    a_case(client_, ref="new", owner=collector)
    found = listed(collector)
    assert [item.case.debtor.debtor_ref for item in found] == ["new", "held"]
    assert (found[1].total, found[1].reason and found[1].reason[0]) == (0, "objection")
    counters = day_counters(user=collector, items=found, at=at_riyadh(on=SUNDAY))
    assert counters["due"] == 1, "the promise is due all the same"


@pytest.mark.django_db
@pytest.mark.requirement("PL-50")
def test_a_collector_sees_own_open_cases_only(collector: User, client_: Client) -> None:
    mine = a_case(client_, ref="mine", owner=collector)
    a_case(client_, ref="hers", owner=make_user("COLLECTOR", name="other"))
    a_case(client_, ref="nobodys")
    closed = a_case(client_, ref="closed", owner=collector)
    payment_post(actor=ACTOR, case=closed, amount=Decimal("1000.00"), currency="SAR", value_on=SUNDAY)
    assert [item.case for item in listed(collector)] == [mine]


@pytest.mark.django_db
@pytest.mark.requirement("CM-42")
def test_a_case_that_was_worked_today_leaves_the_list_until_its_call_back(collector: User, client_: Client) -> None:
    case = a_case(client_, owner=collector)
    other = a_case(client_, ref="D-2", owner=collector)
    promise(case, due=0)
    assert [item.case for item in listed(collector)] == [case, other]
    contact_record(
        actor=ACTOR, user=collector, case=case, channel="PHONE", reached="HOLDER", outcome="CALL_BACK",
        call_back_at=at_riyadh(on=SUNDAY, time=dt.time(15)),
    )  # fmt: skip
    assert [item.case for item in listed(collector)] == [other]
    counters = day_counters(user=collector, items=listed(collector), at=at_riyadh(on=SUNDAY))
    assert (counters["done"], counters["planned"]) == (1, 2)
    assert [t.case_id for t in appointments(user=collector, today=SUNDAY)] == [case.pk]
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(15))):
        assert [item.case for item in listed(collector)] == [case, other]
    with clock.at(at_riyadh(on=SUNDAY + dt.timedelta(days=1))):
        assert {item.case for item in listed(collector)} == {case, other}


@pytest.mark.django_db
def test_a_call_back_of_days_ago_still_waits(collector: User, client_: Client) -> None:
    case = touched(a_case(client_, owner=collector))
    task(case, "CALL_BACK", hour=11, due=-4)
    task(case, "CALL_BACK", hour=11, due=4)
    assert [item.reason[0] for item in listed(collector) if item.reason] == ["call_back"]


@pytest.mark.django_db
def test_money_is_counted_by_currency_and_never_added(collector: User, client_: Client) -> None:
    rows = [
        {"debtor_ref": f"D-{n}", "receivable_ref": f"R{n}-{cur}", "due_on": SUNDAY - dt.timedelta(days=40),
         "amount": "500.00", "currency": cur}
        for n in (1, 2) for cur in ("SAR", "USD")
    ]  # fmt: skip
    place(client_, rows)
    Case.objects.update(owner=collector)
    first, second = Case.objects.order_by("pk")
    promise(first, due=0, amount="100.00")
    promise(second, due=0, amount="70.00", currency="USD")
    payment_post(actor=ACTOR, case=first, amount=Decimal("30.00"), currency="SAR", value_on=SUNDAY, reference="a")
    payment_post(actor=ACTOR, case=first, amount=Decimal("45.00"), currency="USD", value_on=SUNDAY, reference="b")
    payment_post(actor=ACTOR, case=second, amount=Decimal("5.00"), currency="SAR", value_on=SUNDAY, reference="c")
    counters = day_counters(user=collector, items=listed(collector), at=at_riyadh(on=SUNDAY))
    assert counters["due"] == 2
    assert counters["due_amounts"] == {"SAR": Decimal("100.00"), "USD": Decimal("70.00")}
    assert [(row["currency"], row["amount"], row["count"]) for row in counters["collected_all"]] == [
        ("USD", Decimal("45.00"), 1), ("SAR", Decimal("35.00"), 2),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_night_puts_the_stage_action_into_the_list(collector: User) -> None:
    case = touched(a_case(make_client("BBB"), days_late=0, owner=collector))
    nightly_run(date=SUNDAY)
    assert listed(collector) == []
    nightly_run(date=SUNDAY + dt.timedelta(days=1))
    with clock.at(at_riyadh(on=SUNDAY + dt.timedelta(days=1))):
        assert [(item.case, item.reason and item.reason[0]) for item in listed(collector)] == [(case, "stage_task")]
