"""Mails that were set aside: a person makes a matter of one, or dismisses it; nothing is kept longer than it waits."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AccessRecord, User
from common import clock, crypto
from common.exceptions import Conflict, NotAllowed
from complaints.choices import AsideState, MailResult, Stage
from complaints.models import AsideMail, Matter
from complaints.selectors.matters import note_words, person_of, words_of
from complaints.services import aside_mails
from complaints.services.aside_decisions import aside_dismiss, aside_take
from complaints.services.aside_mails import aside_shown
from complaints.services.mails import mail_take
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.imap_world import a_mail
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import a_case, a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(Role.COMPLAINTS_OFFICER)


def aside(**given: Any) -> AsideMail:
    mail = mail_take(raw=a_mail(**({"Auto_Submitted": "auto-replied"} | given)), at=clock.now())
    assert mail.result == MailResult.ASIDE
    return mail.aside


class TestDoors:
    @pytest.mark.requirement("CX-03")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_an_officer_opens_one_and_makes_a_matter_of_it(self, language: str, officer: User) -> None:
        case = a_case(make_client("AAA"), ref="D-1", email="sami@example.com")
        waits, browser = aside(files=[("k.pdf", a_pdf()), ("tool.exe", b"MZ")]), enter(officer, language)
        listed = browser.get(reverse("aside_mails"))
        assert in_language(listed, language)
        assert reverse("aside_mail", args=[waits.pk]) in words(listed)
        assert "اتصل بي المحصّل" not in words(listed)
        page = words(browser.get(reverse("aside_mail", args=[waits.pk])))
        assert "اتصل بي المحصّل ليلًا" in page
        assert "k.pdf" in page
        assert AccessRecord.objects.filter(user=officer, what="aside_mail.open", subject_id=waits.pk).count() == 1
        answer = browser.post(reverse("aside_mail_take", args=[waits.pk]), {"kind": "ENQUIRY", "words": "سأل بالهاتف"})
        matter = Matter.objects.get()
        assert answer.headers["Location"] == reverse("matter", args=[matter.pk])
        assert (matter.kind, matter.intake, matter.case, matter.stage) == ("ENQUIRY", "EMAIL", case, Stage.ACKNOWLEDGED)
        assert person_of(matter=matter).email == "sami@example.com"
        assert "سأل بالهاتف" in words_of(matter=matter)
        assert "tool.exe" in words_of(matter=matter)
        assert [paper.name for paper in matter.papers.all()] == ["k.pdf"]
        decided = words(browser.get(reverse("aside_mails"), {"view": "decided"}))
        assert matter.reference in decided

    def test_several_are_dismissed_with_one_reason_all_or_none(self, officer: User) -> None:
        first, second = aside(Message_ID="<1@x>"), aside(Message_ID="<2@x>")
        browser: Browser = enter(officer)
        address = reverse("aside_mails_dismiss")
        assert browser.post(address, {"mails": [first.pk], "reason": " "}).status_code == 422
        assert browser.post(address, {"mails": [], "reason": "آلية"}).status_code == 422
        assert browser.post(address, {"mails": [first.pk, second.pk], "reason": "ردود آلية"}).status_code == 302
        assert set(AsideMail.objects.values_list("state", "reason")) == {(AsideState.DISMISSED, "ردود آلية")}
        # Sent again it finds that they were decided.
        assert browser.post(address, {"mails": [first.pk, second.pk], "reason": "غيره"}).status_code == 422

    def test_nobody_else_reads_what_they_say(self) -> None:
        waits = aside()
        for role in (Role.QUALITY_OFFICER, Role.GENERAL_MANAGER, Role.COLLECTOR, Role.AUDITOR):
            browser = enter(make_user(role))
            assert browser.get(reverse("aside_mail", args=[waits.pk])).status_code == 404
            assert browser.post(reverse("aside_mail_take", args=[waits.pk]), {"kind": "ENQUIRY"}).status_code == 404


class TestWhatBecomesOfIt:
    def test_nothing_readable_is_left_once_it_is_decided(self, officer: User) -> None:
        waits = aside()
        assert aside_shown(waits).sender == "sami@example.com"
        sealed = bytes(waits.raw_sealed or b"") + bytes(waits.shown_sealed)
        assert b"sami" not in sealed
        aside_dismiss(user=officer, aside=waits, reason="آلية", at=clock.now())
        waits.refresh_from_db()
        assert (waits.wrapped_key, waits.raw_sealed) == (None, None)
        with pytest.raises(crypto.Unreadable):
            aside_shown(waits)

    def test_decided_once_and_by_the_officer_alone(self, officer: User) -> None:
        waits = aside()
        with pytest.raises(NotAllowed):
            aside_dismiss(user=make_user(Role.QUALITY_OFFICER), aside=waits, reason="آلية", at=clock.now())
        aside_take(user=officer, aside=waits, kind="COMPLAINT", at=clock.now())
        with pytest.raises(Conflict):
            aside_dismiss(user=officer, aside=waits, reason="آلية", at=clock.now())
        assert Matter.objects.count() == 1

    def test_one_that_names_an_open_matter_is_noted_on_it(self, officer: User) -> None:
        matter = a_matter()
        waits = aside(subject=f"Re: {matter.reference}")
        assert aside_take(user=officer, aside=waits, kind="COMPLAINT", at=clock.now()) == matter
        assert "ليلًا" in note_words(note=matter.notes.get())

    @pytest.mark.requirement("CX-23")
    def test_one_that_answers_a_closed_matter_is_a_matter_linked_to_it(self, officer: User) -> None:
        closed = a_matter_at(Stage.CLOSED, desk=a_desk())
        waits = aside(subject=closed.reference)
        again = aside_take(user=officer, aside=waits, kind="COMPLAINT", at=clock.now())
        assert (again.repeats, again.stage) == (closed, Stage.ACKNOWLEDGED)
        page = words(enter(officer).get(reverse("matter", args=[again.pk])))
        assert closed.reference in page

    def test_without_a_word_or_a_sender_the_officer_says_what_it_is(self, officer: User) -> None:
        waits = mail_take(raw=a_mail("", subject="", sender="nobody"), at=clock.now()).aside
        browser = enter(officer)
        address = reverse("aside_mail_take", args=[waits.pk])
        assert browser.post(address, {"kind": "ENQUIRY", "words": ""}).status_code == 422
        assert browser.post(address, {"kind": "ENQUIRY", "words": "صورة كشف بلا كلام"}).status_code == 302
        assert words_of(matter=Matter.objects.get()) == "صورة كشف بلا كلام"

    def test_one_too_large_to_keep_twice_is_taken_by_its_words(
        self, officer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(aside_mails, "LARGEST_KEPT", 100)
        waits = aside(files=[("k.pdf", a_pdf())])
        assert waits.raw_sealed is None
        matter = aside_take(user=officer, aside=waits, kind="COMPLAINT", at=clock.now())
        assert "ليلًا" in words_of(matter=matter)
        assert person_of(matter=matter).email == "sami@example.com"
        assert matter.papers.count() == 0
