"""Nobody has a written result that never left: it is told anew, and counts from then on (CB-37)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict
from common.sending import outbox_run
from common.tests.holidays_sa import holidays_write, nth_after
from common.tests.outbox_world import mail_server
from complaints.choices import PaperKind
from complaints.models import Dispute
from complaints.services.dispute_decisions import dispute_decide
from complaints.services.dispute_letters import Way, result_tell
from complaints.tests.dispute_worlds import a_dispute, an_officer, notified, replied
from tests.doors import enter, words
from tests.world import a_case, make_client

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 1, 10, 0, tzinfo=RIYADH)
LATER = dt.datetime.combine(nth_after("BANK", AT.date(), 7), dt.time(11), tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    holidays_write()
    with clock.at(AT):
        yield


@pytest.fixture
def dispute() -> Dispute:
    """Rejected, and the result on its way by e-mail."""
    found = replied(
        notified(a_dispute(a_case(make_client("DSP"), email="latifa@example.com"))), stand="CORRECT", papers=1
    )
    found = dispute_decide(user=an_officer(), dispute=found, outcome="REJECTED", reason="العقد والكشف", at=AT)
    point = found.case.debtor.contact_points.get(kind="EMAIL")
    result_tell(user=an_officer(), dispute=found, way=Way(point=point), at=AT)
    return Dispute.objects.get(pk=found.pk)


def sent(answer: str) -> None:
    with mail_server() as inbox:
        inbox.rcpt = answer
        assert outbox_run().count == 1


@pytest.mark.requirement("CB-37")
def test_a_result_that_the_server_refused_is_told_another_way_and_is_late(dispute: Dispute) -> None:
    sent("550 no such mailbox")
    browser, address = enter(an_officer(), "en"), reverse("dispute", args=[dispute.pk])
    assert "The written result has not left" in words(browser.get(address))
    assert browser.post(reverse("dispute_act", args=[dispute.pk, "close"])).status_code == 422
    with clock.at(LATER):
        answer = browser.post(reverse("dispute_act", args=[dispute.pk, "result"]), {"how": "باليد"})
        assert answer.status_code == 302, words(answer)
        assert "The written result has not left" not in words(browser.get(address))
        assert browser.post(reverse("dispute_act", args=[dispute.pk, "close"])).status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.told_result_at.date()) == ("CLOSED", LATER.date())  # type: ignore[union-attr]
    assert dispute.papers.filter(kind=PaperKind.RESULT).count() == 2
    # Five working days were over by then, and that is known for ever.
    due = clocks_of(subject=dispute).get(code="RESULT")
    assert due.state == "MET"
    assert due.lapsed_at is not None


@pytest.mark.requirement("CB-37")
def test_one_that_left_is_told_once_and_its_day_stands(dispute: Dispute) -> None:
    sent("250 OK")
    with pytest.raises(Conflict):
        result_tell(user=an_officer(), dispute=dispute, way=Way(how="باليد"), at=LATER)
    browser = enter(an_officer(), "en")
    assert "The written result has not left" not in words(browser.get(reverse("dispute", args=[dispute.pk])))
    assert browser.post(reverse("dispute_act", args=[dispute.pk, "close"])).status_code == 302
    with pytest.raises(DatabaseError), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(told_result_at=LATER)
