"""Review meetings: recorded, agreed, printed in the quarter's paper, and followed up in the next (PL-37)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from clients.models import Client
from common import clock
from common.models import AuditEvent
from reporting.models import Report
from reporting.rules.periods import Quarter
from reporting.services.reports import report_issue
from reporting.tests.weekly_world import lived, paper
from tests.doors import enter
from tests.world import ACTOR, make_user

pytestmark = pytest.mark.django_db
D = dt.date
PLACED, QUARTER = D(2026, 9, 19), Quarter(year=2026, number=3)


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    """The day after the two weeks were lived, in the morning."""
    with clock.at(clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6, 15))):
        yield


def issued(client: Client, quarter: Quarter, language: str) -> Report:
    return report_issue(actor=ACTOR, client=client, period=quarter, language=language)


@pytest.mark.requirement("PL-37")
def test_decisions_of_a_review_are_printed_and_followed_up_in_the_next_quarter() -> None:
    client = lived()
    manager = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    first = issued(client, QUARTER, "en")
    assert "Thereviewmeetingonthisquarterwasnotheld" in paper(first)
    reviews = f"{reverse('reviews')}?client={client.pk}"
    head = {"quarter": "2026-Q3", "held_on": "2026-10-04", "attended": "Tariq (agency), Layla (client)"}
    for wrong in ({"quarter": "2026-Q9"}, {"held_on": "2026-06-30"}, {"held_on": "2026-10-05"}, {"attended": ""}):
        assert manager.post(reviews, {**head, **wrong}).status_code == 422
    page = manager.post(reviews, head)
    assert page.status_code == 302
    address = page["Location"]
    assert manager.post(reviews, head).status_code == 422, "the same meeting twice"
    points = (
        {"kind": "DECISION", "text": "Visits are given up"},
        {"kind": "RECOMMENDATION", "text": "Send new numbers", "owner": "Layla", "due_on": "2026-11-01"},
        {"kind": "RECOMMENDATION", "text": "Call in the evening", "owner": "Tariq", "due_on": "2026-12-01"},
    )
    for point in points:
        assert manager.post(address, point).status_code == 302
    assert manager.post(address, {"kind": "RECOMMENDATION", "text": "Nobody's"}).status_code == 422
    # Before the client agreed nothing of it is printed.
    pk = int(address.rstrip("/").rsplit("/", 1)[1])
    manager.post(reverse("review_print", args=[pk]))
    assert Report.objects.count() == 1
    agree = reverse("review_agree", args=[pk])
    assert manager.post(agree, {"agreed_by": "Layla", "agreed_on": "2026-10-03"}).status_code == 422
    assert manager.post(agree, {"agreed_by": "Layla", "agreed_on": "2026-10-04"}).status_code == 302
    assert manager.post(address, points[0]).status_code == 422, "agreed minutes stand"
    # The quarter's paper was issued before: the decisions are its next issue, and the first stays.
    kept = bytes(first.pdf)
    assert manager.post(reverse("review_print", args=[pk])).status_code == 302
    second = Report.objects.get(kind="QUARTERLY", language="en", issue=2)
    text = paper(second)
    for told in ("Visitsaregivenup", "Sendnewnumbers", "Layla", "Callintheevening", "Decisionsofthereviewmeetingof"):
        assert told in text
    first.refresh_from_db()
    assert bytes(first.pdf) == kept
    assert Report.objects.get(kind="QUARTERLY", language="ar").issue == 1
    # Asked again, there is nothing new to say.
    manager.post(reverse("review_print", args=[pk]))
    assert Report.objects.filter(kind="QUARTERLY").count() == 3
    # What came of each is told in the next quarter.
    numbers, evening = _points(manager, address)
    outcome = manager.post(reverse("review_outcome", args=[numbers.pk]), {"done": "1"})
    assert outcome.status_code == 302
    manager.post(reverse("review_outcome", args=[evening.pk]), {"done": "0"})
    assert not evening.outcomes.exists(), "what was not done has its reason"
    manager.post(reverse("review_outcome", args=[evening.pk]), {"done": "0", "reason": "The client forbids it"})
    with clock.at(clock.at_riyadh(on=D(2027, 1, 3), time=dt.time(7))):
        following = issued(client, QUARTER.after(), "en")
    assert [(p["text"], p["state"], p["reason"]) for p in following.context["followed"]] == [
        ("Visits are given up", "open", ""),
        ("Send new numbers", "done", ""),
        ("Call in the evening", "not_done", "The client forbids it"),
    ]
    assert "Theclientforbidsit" in paper(following)
    acts = ("review.recorded", "review.point_added", "review.agreed", "review.outcome")
    counts = [AuditEvent.objects.filter(action=action).count() for action in acts]
    assert counts == [1, 3, 1, 2]


def _points(manager: Any, address: str) -> list[Any]:
    return [point for point in manager.get(address).context["review"].points.all() if point.kind == "RECOMMENDATION"]


@pytest.mark.requirement("PL-37")
def test_reviews_and_portfolios_are_nobodys_elses_pages() -> None:
    client = lived()
    day = PLACED.isoformat()
    for role in (Role.COLLECTOR, Role.AUDITOR, Role.ADMINISTRATOR):
        browser = enter(make_user(role, name=f"x.{role.lower()}"))
        for address in (
            reverse("reviews"), reverse("portfolios"), reverse("portfolio", args=[client.pk, day]),
        ):  # fmt: skip
            assert browser.get(address).status_code in {403, 404}, (role, address)
    reader = enter(make_user(Role.CLIENT_USER, client=client, name="reader"))
    assert reader.get(reverse("portfolio", args=[client.pk, day])).status_code == 404
