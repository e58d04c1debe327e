"""What waits and what runs, on boards: approvals, deadlines, the credit policy, jobs, each counted again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock, jobs
from common.approvals import approvals_waiting_count
from common.models import Clock, Holiday
from complaints.services.categories import categories_ship
from complaints.tests.worlds import a_matter
from credit.models import Order
from credit.services.orders import order_override
from credit.tests.order_worlds import a_buyer, ordered
from tests.doors import enter
from tests.world import a_case, an_escalation, make_client, make_user

pytestmark = pytest.mark.django_db

# A Tuesday.
TODAY = dt.date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(clock.at_riyadh(on=TODAY)):
        yield


def chart_of(user: User, code: str) -> Any:
    page = enter(user, "en").get(reverse("board", args=["desk"]), {"from": "2026-06-01", "to": "2026-06-30"})
    (item,) = [item for item in page.context["charts"] if item["chart"].code == code]
    return item


def told(item: Any) -> dict[str, int]:
    """What the bars of a chart say, by their code."""
    return {line["code"]: line["count"] for line in item["drawn"]["lines"] if line["count"]}


def test_approvals_are_those_of_the_inbox_by_how_long_they_wait() -> None:
    client, collector = make_client(), make_user(Role.COLLECTOR)
    manager, leader = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.TEAM_LEADER)
    ages = (0, 0, 1, 3, 4, 7, 8, 30)
    for n, age in enumerate(ages):
        with clock.at(clock.at_riyadh(on=TODAY - dt.timedelta(days=age))):
            an_escalation(a_case(client, ref=f"D-{n}", owner=collector), by=collector)
    item = chart_of(manager, "approvals")
    assert told(item) == {"day": 2, "days": 2, "week": 2, "more": 2}
    assert item["drawn"]["total"] == approvals_waiting_count(user=manager, on=TODAY) == len(ages)
    # Each row leads to its place in the inbox.
    rows = enter(manager, "en").get(reverse("board_rows", args=["approvals"]), {"age": "more"})
    assert rows.context["count"] == 2
    for url, _cells in rows.context["lines"]:
        assert enter(manager).get(url).context["chosen"].approval.pk == int(url.rpartition("=")[2])
    assert enter(leader).get(reverse("board", args=["desk"])).status_code == 404


def band(running: Clock, off: set[dt.date]) -> str:
    """When a deadline is due, counted by hand."""
    if running.state == "PAUSED":
        return "paused"
    assert running.due_at is not None
    if running.state == "LATE" or running.due_at < clock.now():
        return "late"
    due = running.due_at.astimezone(clock.RIYADH).date()
    ahead, day = 0, TODAY
    while day < due:
        day += dt.timedelta(days=1)
        ahead += day.isoweekday() not in {5, 6} and day not in off
    if due == TODAY:
        return "today"
    if ahead <= 2:
        return "soon"
    # The Saturday after the next: 30 June 2026 is a Tuesday.
    return "week" if due <= dt.date(2026, 7, 11) else "later"


@pytest.mark.requirement("PL-35")
def test_deadlines_stand_in_the_band_in_which_they_are_due() -> None:
    categories_ship()
    client, officer = make_client(), make_user(Role.COMPLAINTS_OFFICER)
    for n in range(12):
        day = TODAY - dt.timedelta(days=3 * n)
        kind = "COMPLAINT" if n % 2 else "ENQUIRY"
        a_matter(at=clock.at_riyadh(on=day, time=dt.time(10)), client=client if n % 3 else None, kind=kind)
    off = set(Holiday.objects.values_list("on", flat=True))
    expected = Counter(band(running, off) for running in Clock.objects.filter(state__in=["RUNNING", "LATE", "PAUSED"]))
    item = chart_of(officer, "deadlines")
    assert told(item) == dict(expected)
    assert len(expected) > 1
    rows = enter(officer, "en").get(reverse("board_rows", args=["deadlines"]), {"due": "late"})
    assert rows.context["count"] == expected["late"] > 0
    for url, _cells in rows.context["lines"][:3]:
        assert enter(officer).get(url).status_code == 200
    # Of one client alone.
    mine = Clock.objects.filter(state__in=["RUNNING", "LATE", "PAUSED"], client_id=client.pk).count()
    page = enter(officer, "en").get(reverse("board", args=["desk"]), {"client": client.pk})
    assert page.context["charts"][0]["drawn"]["total"] == mine


@pytest.mark.requirement("CM-43")
def test_orders_are_told_by_what_the_policy_said_of_them() -> None:
    client, officer, manager = make_client(), make_user(Role.CREDIT_OFFICER), make_user(Role.GENERAL_MANAGER)
    buyer = a_buyer(client, by=officer)
    for n, amount in enumerate(("1000.00", "2000.00", "900000.00", "950000.00")):
        ordered(buyer, ref=f"O-{n}", amount=amount)
    order_override(user=manager, order=Order.objects.get(order_ref="O-2"), reason="ضمان إضافي", on=TODAY)
    (sheet,) = chart_of(officer, "credit")["drawn"]["sheets"]
    assert {line["code"]: (line["count"], line["amount"]) for line in sheet["lines"]} == {
        "within": (2, Decimal("3000.00")),
        "refused": (1, Decimal("950000.00")),
        "override": (1, Decimal("900000.00")),
    }
    assert sheet["held"] == Decimal("0.7500")
    rows = enter(officer, "en").get(reverse("board_rows", args=["credit"]), {"answer": "override"})
    (row,) = rows.context["lines"]
    assert enter(officer).get(row[0]).status_code == 200


@pytest.mark.requirement("PL-35")
def test_jobs_say_what_ran_how_long_and_what_stopped() -> None:
    administrator = make_user(Role.ADMINISTRATOR)
    make_client()
    for n in range(5):
        run = jobs.begin(job="nightly", business_date=TODAY - dt.timedelta(days=2 * n))
        if n == 1:
            jobs.fail(run=run, error="AAA: OperationalError")
        elif n < 4:
            jobs.finish(run=run, row_count=10, seconds=2.5)
    item = chart_of(administrator, "jobs")
    drawn = item["drawn"]
    assert {state["code"]: state["count"] for state in drawn["states"]} == {"DONE": 3, "RUNNING": 1, "FAILED": 1}
    assert drawn["longest"] == Decimal("2.5")
    assert TODAY - dt.timedelta(days=1) in drawn["missed"]
    assert TODAY not in drawn["missed"]
    rows = enter(administrator, "en").get(reverse("board_rows", args=["jobs"]), {"status": "FAILED"})
    (row,) = rows.context["lines"]
    assert enter(administrator).get(row[0]).status_code == 200
    # No case data: its board has no filter and no chart of money.
    assert [one.name for one in enter(administrator).get(reverse("board", args=["desk"])).context["filters"]] == []
