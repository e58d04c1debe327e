"""Following a matter without an account: by reference and one-time code, through the public pages; rating it once."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import secrets
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from common import clock
from common.clock import RIYADH
from common.models import AuditEvent, Message
from common.outbox import message_opened
from complaints.choices import Level, MatterKind, NoteKind, PaperKind, Stage
from complaints.models import FollowCode, Matter, Rating
from complaints.selectors.matters import note_words
from complaints.services.following import LIVES, MOST_CODES, MOST_TRIES, follow_code_send, follow_open
from complaints.services.handling import evidence_add
from complaints.tests.handling_worlds import REPLY, a_desk, a_matter_at
from tests.doors import enter, words
from tests.world import a_case, a_pdf, make_client

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        yield


def visitor() -> Browser:
    """Somebody at an address of their own: how often one address knocks is counted."""
    return Browser(REMOTE_ADDR=str(ipaddress.IPv4Address(secrets.randbelow(2**24) + 0x0A00_0000)))


def sent_code(matter: Matter) -> str:
    """The code as it went out last."""
    message = Message.objects.filter(template__code="FOLLOW_CODE", subject_id=matter.pk).latest("pk")
    found = re.search(r"[0-9]{6}", message_opened(message=message)["text"])
    assert found is not None
    return found.group()


def opened(matter: Matter) -> Browser:
    """A visitor who followed the whole way in."""
    browser = visitor()
    browser.post(reverse("follow"), {"reference": matter.reference.lower()})
    answer = browser.post(reverse("follow_code"), {"code": sent_code(matter)})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("follow_matter"))
    return browser


class TestCodes:
    @pytest.mark.requirement("CX-17")
    def test_a_code_opens_once_within_ten_minutes_and_is_kept_as_a_hash(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        assert follow_code_send(reference=matter.reference, at=AT)
        code = sent_code(matter)
        assert Message.objects.filter(template__code="FOLLOW_CODE").count() == 2  # SMS and e-mail
        assert code not in FollowCode.objects.get().code_hash
        assert follow_open(reference=matter.reference, code=code, at=AT + LIVES) is None
        assert follow_open(reference=matter.reference, code=code, at=AT + LIVES - dt.timedelta(seconds=1)) == matter
        assert follow_open(reference=matter.reference, code=code, at=AT) is None

    def test_five_wrong_tries_end_it_and_a_new_code_ends_the_one_before(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        follow_code_send(reference=matter.reference, at=AT)
        first = sent_code(matter)
        follow_code_send(reference=matter.reference, at=AT + dt.timedelta(minutes=1))
        second = sent_code(matter)
        if first != second:
            assert follow_open(reference=matter.reference, code=first, at=AT + dt.timedelta(minutes=2)) is None
        for _try in range(MOST_TRIES):
            follow_open(reference=matter.reference, code="x", at=AT + dt.timedelta(minutes=2))
        assert follow_open(reference=matter.reference, code=second, at=AT + dt.timedelta(minutes=3)) is None
        assert AuditEvent.objects.filter(action="follow_code.exhausted").count() == 1

    def test_no_more_than_three_go_out_in_half_an_hour(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        sent = [follow_code_send(reference=matter.reference, at=AT) for _n in range(MOST_CODES + 1)]
        assert sent == [True] * MOST_CODES + [False]
        assert follow_code_send(reference=matter.reference, at=AT + dt.timedelta(minutes=31))

    def test_a_code_is_good_for_its_own_matter_alone(self) -> None:
        desk = a_desk()
        mine, other = a_matter_at(Stage.ACKNOWLEDGED, desk=desk), a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
        follow_code_send(reference=mine.reference, at=AT)
        follow_code_send(reference=other.reference, at=AT)
        if (code := sent_code(mine)) != sent_code(other):
            assert follow_open(reference=other.reference, code=code, at=AT) is None


class TestPages:
    def test_nothing_is_told_to_who_has_no_code(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        answers = []
        for reference in (matter.reference, "C-2026-999999"):
            browser = visitor()
            first = browser.post(reverse("follow"), {"reference": reference})
            second = browser.get(reverse("follow_code"))
            third = browser.post(reverse("follow_code"), {"code": "x" * 6})
            wrong = browser.post(reverse("follow_code"), {"code": "000000"})
            texts = [
                re.sub(r"csrf\S+ value=\S+|X-CSRFToken[^>]+|nonce\S+", "", words(a)) for a in (second, third, wrong)
            ]
            answers.append((first.status_code, first.headers["Location"], wrong.status_code,
                            [text.replace(reference, "") for text in texts]))  # fmt: skip
            assert browser.get(reverse("follow_matter")).status_code == 404
        assert answers[0] == answers[1]

    def test_the_state_the_answer_and_the_letter_are_read_and_no_more(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.CLOSED, desk=desk, case=a_case(make_client("BNK", kind="BANK")))
        browser = opened(matter)
        page = words(browser.get(reverse("follow_matter")))
        assert matter.reference in page
        assert REPLY.split("،")[0] in page
        assert "البنك المركزي السعودي" in page
        assert "سُمع في التسجيل" not in page  # findings are the house's own
        assert desk.officer.name not in page
        letter = matter.papers.get(kind=PaperKind.RESULT)
        answer = browser.get(reverse("follow_paper", args=[letter.pk]))
        assert answer.content.startswith(b"%PDF")

    def test_an_answer_that_was_not_told_yet_is_not_shown(self) -> None:
        matter = a_matter_at(Stage.RESPONDED, desk=a_desk())
        assert REPLY.split("،")[0] not in words(opened(matter).get(reverse("follow_matter")))

    def test_evidence_and_papers_of_others_are_not_there(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ASSESSED, desk=desk)
        paper = evidence_add(user=desk.officer, matter=matter, words="كشف", name="s.pdf", content=a_pdf(), at=AT)
        assert opened(matter).get(reverse("follow_paper", args=[paper.pk])).status_code == 404

    def test_words_and_papers_are_added(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        browser = opened(matter)
        assert browser.post(reverse("follow_add"), {"words": " "}).status_code == 422
        file = SimpleUploadedFile("s.pdf", a_pdf(), content_type="application/pdf")
        done = browser.post(reverse("follow_add"), {"words": "هذا كشف الحساب", "papers": [file]})
        assert done.status_code == 302
        note = matter.notes.get(kind=NoteKind.FROM_COMPLAINANT)
        assert note_words(note=note) == "هذا كشف الحساب"
        paper = matter.papers.get(kind=PaperKind.FROM_COMPLAINANT)
        assert browser.get(reverse("follow_paper", args=[paper.pk])).status_code == 200

    @pytest.mark.requirement("CX-23")
    def test_a_disagreement_goes_to_the_next_level(self) -> None:
        matter = a_matter_at(Stage.CLOSED, desk=a_desk())
        done = opened(matter).post(reverse("follow_disagree"), {"words": "لم يُحل الأمر"})
        assert done.status_code == 302
        matter.refresh_from_db()
        assert (matter.level, matter.stage) == (Level.HEAD, Stage.ASSESSED)

    def test_the_visit_ends_after_half_an_hour(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        browser = opened(matter)
        with clock.at(AT + dt.timedelta(minutes=31)):
            assert browser.get(reverse("follow_matter")).status_code == 404


class TestRating:
    def link(self, matter: Matter) -> str:
        message = Message.objects.get(template__code="MATTER_CLOSED", channel="EMAIL", subject_id=matter.pk)
        found = re.search(r"https?://[^/]+(/help/rate/[^/]+/)", message_opened(message=message)["text"])
        assert found is not None
        return found.group(1)

    @pytest.mark.requirement("CX-19")
    def test_how_satisfied_somebody_is_is_asked_once_and_answered_once(self) -> None:
        matter = a_matter_at(Stage.CLOSED, desk=a_desk(), kind=MatterKind.COMPLAINT)
        browser, link = visitor(), self.link(matter)
        assert browser.get(link).status_code == 200
        assert browser.post(link, {"score": "6", "is_solved": "yes"}).status_code == 422
        assert browser.post(link, {"score": "4", "is_solved": "no", "words": "تأخر الرد"}).status_code == 302
        rating = Rating.objects.get(matter=matter)
        assert (rating.score, rating.is_solved, rating.rated_at) == (4, False, AT)
        assert "تأخر الرد".encode() not in bytes(rating.words_sealed or b"")
        browser.post(link, {"score": "1", "is_solved": "yes"})
        rating.refresh_from_db()
        assert rating.score == 4
        assert browser.get("/help/rate/nobody/").status_code == 404


@pytest.mark.requirement("CX-12")
def test_nothing_is_added_to_what_is_closed_where_nobody_would_read_it() -> None:
    matter = a_matter_at(Stage.CLOSED, desk=a_desk())
    browser = opened(matter)
    page = words(browser.get(reverse("follow_matter")))
    assert reverse("follow_add") not in page
    assert f'href="{reverse("help_tell")}"' in page
    assert browser.post(reverse("follow_add"), {"words": "شيء آخر"}).status_code == 422
    assert not matter.notes.filter(kind="FROM_COMPLAINANT").exists()


@pytest.mark.requirement("CX-23")
@pytest.mark.parametrize("added", [{"words": "وجدت إيصالًا"}, {"papers": "paper"}])
def test_what_a_complainant_adds_waits_where_the_desk_looks_until_it_is_seen_to(added: dict[str, str]) -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
    officer, listed = enter(desk.officer), f"{reverse('matters')}?view=wrote"
    assert matter.reference not in words(officer.get(listed))
    with clock.at(AT + dt.timedelta(hours=1)):
        files = {name: SimpleUploadedFile("r.pdf", a_pdf(), "application/pdf") for name in added if name == "papers"}
        assert opened(matter).post(reverse("follow_add"), {**added, **files}).status_code == 302
        assert matter.reference in words(officer.get(listed))
        for page in (reverse("matters"), reverse("matter_board")):
            assert "كتب من جديد" in words(officer.get(page)).partition("</nav>")[2]
    with clock.at(AT + dt.timedelta(hours=2)):
        seen = {"kind": NoteKind.NOTE, "words": "اطلعت عليه"}
        assert officer.post(reverse("matter_note", args=[matter.pk]), seen).status_code == 302
        assert matter.reference not in words(officer.get(listed))
