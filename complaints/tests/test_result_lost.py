"""A result that did not leave was told to nobody: no complaint is closed on it (COMPLAINT-CLOSE-EVIDENCE, CX-12)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import clock
from common.exceptions import Refused
from common.models import AuditEvent, Message
from common.sending import outbox_run
from common.tests.outbox_world import mail_server
from complaints.choices import Stage
from complaints.models import Matter
from complaints.services.deciding import matter_close, matter_communicate
from complaints.tests.handling_worlds import Desk, a_cause, a_desk, a_matter_at, one_step
from tests.doors import enter, words

pytestmark = pytest.mark.django_db


def told_by_mail(desk: Desk, *, answer: str, **given: str) -> Matter:
    """A complaint whose result went out by e-mail alone, and what the server said to it."""
    matter = a_matter_at(Stage.RESPONDED, desk=desk, phone="", **given)
    Message.objects.update(state="CANCELLED", ended_at=clock.now())
    matter = matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=clock.now())
    with mail_server() as inbox:
        inbox.rcpt = answer
        assert outbox_run().count == 1
    return matter


@pytest.mark.requirement("CX-12")
def test_a_result_that_the_server_refused_is_told_another_way_before_it_is_closed() -> None:
    desk = a_desk()
    matter = told_by_mail(desk, answer="550 no such mailbox")
    browser, page = enter(desk.officer, "en"), reverse("matter", args=[matter.pk])
    assert "did not leave" in words(browser.get(page))
    refused = browser.post(reverse("matter_close", args=[matter.pk]))
    assert refused.status_code == 422
    assert "The complainant was told the result" in words(refused)
    door = reverse("matter_communicate", args=[matter.pk])
    # Not by the same message again, and not without a word of who was told.
    assert browser.post(door, {"how": "MESSAGE"}).status_code == 422
    with pytest.raises(Refused, match="matter_how"):
        matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=clock.now())
    assert browser.post(door, {"how": "PHONE"}).status_code == 422
    told = {"how": "PHONE", "note": "هو نفسه، على رقم آخر", "way_shown": "on"}
    answer = browser.post(door, told)
    assert answer.status_code == 302, words(answer)
    assert "did not leave" not in words(browser.get(page))
    work = matter.rounds.get()
    assert (work.told_how, work.told_by, bool(work.ways)) == ("PHONE", desk.officer, True)
    assert AuditEvent.objects.filter(action="matter.told_otherwise", subject_id=matter.pk).count() == 1
    closing = {"cause": a_cause().pk}
    assert browser.post(reverse("matter_close", args=[matter.pk]), closing).status_code == 302
    matter.refresh_from_db()
    assert matter.stage == Stage.CLOSED


def test_told_another_way_without_the_further_way_it_is_shown_first() -> None:
    desk = a_desk()
    matter = told_by_mail(desk, answer="550 no such mailbox")
    matter_communicate(user=desk.officer, matter=matter, how="IN_PERSON", note="هو نفسه", at=clock.now())
    with pytest.raises(Refused, match="matter_needs"):
        matter_close(user=desk.officer, matter=matter, at=clock.now())


def test_one_that_left_or_waits_to_is_closed_as_ever_and_told_no_second_time() -> None:
    desk = a_desk()
    for matter in (told_by_mail(desk, answer="250 OK"), a_matter_at(Stage.COMMUNICATED, desk=desk)):
        page = enter(desk.officer, "en").get(reverse("matter", args=[matter.pk]))
        assert "did not leave" not in words(page)
        with pytest.raises(Refused, match="matter_moved"):
            matter_communicate(user=desk.officer, matter=matter, how="PHONE", note="x", at=clock.now())
        assert one_step(matter, to=Stage.CLOSED, by=desk.officer, at=clock.now()).stage == Stage.CLOSED
