"""Nobody is silent to a notice that they never got: the ten working days count from one that left (CB-31, CB-32)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of, clocks_tick
from common.exceptions import Conflict
from common.models import AuditEvent
from common.sending import outbox_run
from common.tests.holidays_sa import holidays_write, nth_after
from common.tests.outbox_world import mail_server
from complaints.choices import PaperKind
from complaints.models import Dispute
from complaints.services.dispute_letters import Way, member_notify
from complaints.tests.dispute_worlds import a_dispute, an_officer, replied
from tests.doors import enter, words

pytestmark = pytest.mark.django_db
# A Sunday before noon; the last day of ten, and some time after it.
AT = dt.datetime(2026, 11, 1, 10, 0, tzinfo=RIYADH)
LAST = nth_after("BANK", AT.date(), 10)
AFTER = dt.datetime.combine(LAST, dt.time(9), tzinfo=RIYADH) + dt.timedelta(days=1)
POST = Way(how="بالبريد المسجل RR1")


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    holidays_write()
    with clock.at(AT):
        yield


@pytest.fixture
def dispute() -> Dispute:
    """The member was written to; the mail waits in the outbox."""
    found = a_dispute()
    member_notify(user=an_officer(), dispute=found, way=Way(email="credit@member.example"), at=AT)
    return Dispute.objects.get(pk=found.pk)


def sent(at: dt.datetime, *, answer: str = "250 OK") -> None:
    """What the member's server answers to the notice ``at``."""
    with mail_server() as inbox, clock.at(at):
        inbox.rcpt = answer
        assert outbox_run().count == 1


def stands(dispute: Dispute) -> tuple[str, bool, str]:
    dispute.refresh_from_db()
    return dispute.state, dispute.silent, dispute.outcome


def clocks(dispute: Dispute) -> dict[str, Any]:
    return {one.code: one for one in clocks_of(subject=dispute)}


@pytest.mark.requirement("CB-31", "CB-32")
def test_a_notice_that_waits_in_the_outbox_makes_nobody_silent_and_the_member_is_notified_anew(
    dispute: Dispute,
) -> None:
    browser, address = enter(an_officer(), "en"), reverse("dispute", args=[dispute.pk])
    assert "has not left" not in words(browser.get(address))
    clocks_tick(at=AFTER)
    assert stands(dispute) == ("WITH_MEMBER", False, "")
    assert clocks(dispute)["MEMBER_REPLY"].state == "LATE"
    # No decision is due on a reply that nobody could give.
    assert clocks(dispute)["DECISION"].state == "CANCELLED"
    assert AuditEvent.objects.filter(action="dispute.silence_withheld").count() == 1
    with clock.at(AFTER):
        assert "has not left" in words(browser.get(address))
        told = {"how": "بالبريد المسجل RR1", "email": "", "language": "ar"}
        answer = browser.post(reverse("dispute_act", args=[dispute.pk, "notify"]), told)
        assert answer.status_code == 302, words(answer)
        assert "has not left" not in words(browser.get(address))
        with pytest.raises(Conflict):
            member_notify(user=an_officer(), dispute=dispute, way=POST, at=AFTER)
    due = nth_after("BANK", AFTER.date(), 10)
    reply = clocks(dispute)["MEMBER_REPLY"]
    assert (reply.state, reply.due_on, reply.warn_marks) == ("RUNNING", due, ["5", "8", "9"])
    dispute.refresh_from_db()
    assert dispute.notified_at == AFTER
    assert dispute.papers.filter(kind=PaperKind.MEMBER_NOTICE).count() == 2
    clocks_tick(at=dt.datetime.combine(due, dt.time(23, 59), tzinfo=RIYADH))
    assert stands(dispute) == ("WITH_MEMBER", False, "")
    clocks_tick(at=dt.datetime.combine(due, dt.time(), tzinfo=RIYADH) + dt.timedelta(days=1))
    assert stands(dispute) == ("DECIDED", True, "UPHELD")


def test_one_that_was_refused_for_good_is_sent_anew_at_once(dispute: Dispute) -> None:
    sent(AT, answer="550 no such mailbox")
    browser = enter(an_officer(), "en")
    assert "has not left" in words(browser.get(reverse("dispute", args=[dispute.pk])))
    member_notify(user=an_officer(), dispute=dispute, way=POST, at=AT + dt.timedelta(hours=3))
    reply = clocks(dispute)["MEMBER_REPLY"]
    assert (reply.state, reply.due_on) == ("RUNNING", LAST)


def test_one_that_left_days_later_is_waited_for_from_that_day(dispute: Dispute) -> None:
    left = AT + dt.timedelta(days=3)
    sent(left)
    due = nth_after("BANK", left.date(), 10)
    clocks_tick(at=AFTER)
    assert stands(dispute) == ("WITH_MEMBER", False, "")
    assert (clocks(dispute)["MEMBER_REPLY"].state, clocks(dispute)["MEMBER_REPLY"].due_on) == ("RUNNING", due)
    clocks_tick(at=dt.datetime.combine(due, dt.time(), tzinfo=RIYADH) + dt.timedelta(days=1))
    assert stands(dispute) == ("DECIDED", True, "UPHELD")


def test_one_that_left_the_same_day_is_waited_for_no_longer(dispute: Dispute) -> None:
    sent(AT + dt.timedelta(hours=4))
    clocks_tick(at=AFTER)
    assert stands(dispute) == ("DECIDED", True, "UPHELD")


def test_a_member_that_heard_of_it_otherwise_may_reply_all_the_same(dispute: Dispute) -> None:
    clocks_tick(at=AFTER)
    with clock.at(AFTER):
        found = replied(Dispute.objects.get(pk=dispute.pk), at=AFTER)
    assert stands(found) == ("DECIDING", False, "")
    assert (clocks(found)["MEMBER_REPLY"].state, clocks(found)["DECISION"].state) == ("MET", "RUNNING")
    assert clocks(found)["DECISION"].due_on == nth_after("BANK", AFTER.date(), 7)
