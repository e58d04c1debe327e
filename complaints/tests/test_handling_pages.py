"""The pages of handling: the next step with what it needs, the board, letters, and what others may not see."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict, Refused
from common.models import Message
from common.outbox import message_opened
from complaints.choices import Answer, PaperKind, Stage
from complaints.models import Matter
from complaints.selectors.bands import banded
from complaints.selectors.board import lines_open
from complaints.selectors.following import followed
from complaints.selectors.handling import answer_by
from complaints.selectors.matters import paper_content
from complaints.services.deciding import matter_communicate
from complaints.services.handling import matter_investigated
from complaints.services.intake import matter_admit
from complaints.services.letters import letter_make
from complaints.tests.handling_worlds import (
    PLAN,
    QUESTIONS,
    REPLY,
    a_cause,
    a_desk,
    a_matter_at,
    answered,
    found_out,
)
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        yield


@pytest.mark.requirement("CX-12")
def test_a_complaint_is_taken_through_every_step_on_its_page() -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, case=a_case(make_client("BNK", kind="BANK")))
    browser = enter(desk.officer)

    def post(name: str, pk: int = matter.pk, **data: Any) -> None:
        answer = browser.post(reverse(name, args=[pk]), data)
        assert answer.status_code == 302, words(answer)
        assert answer.headers["Location"].endswith("#step")

    page = words(browser.get(reverse("matter", args=[matter.pk])))
    assert reverse("matter_assess", args=[matter.pk]) in page
    post("matter_assess", questions="\n".join(QUESTIONS), plan=PLAN, severity="HIGH", department="OPERATIONS",
         handler=desk.officer.pk)  # fmt: skip
    refused = browser.post(reverse("matter_investigated", args=[matter.pk]))
    assert refused.status_code == 422
    work = matter.rounds.get()
    for question in work.questions.all():
        post("matter_finding", pk=question.pk, answer=Answer.YES, words="سُمع في التسجيل")
    post("matter_evidence", words="تسجيل المكالمة")
    post("matter_investigated")
    post("matter_answer", words=REPLY, remedy="APOLOGY")
    post("matter_again", reason="أكمل الأسباب")
    post("matter_answer", words=REPLY, remedy="APOLOGY")
    post("matter_communicate", how="MESSAGE")
    # Justified: why it went wrong is named before it is closed (CR-05).
    assert browser.post(reverse("matter_close", args=[matter.pk])).status_code == 422
    post("matter_close", cause=a_cause().pk)
    assert Matter.objects.get(pk=matter.pk).root_cause == a_cause().code
    matter.refresh_from_db()
    assert matter.stage == Stage.CLOSED
    post("matter_disagree", words="اتصل صاحبها ولا يوافق")
    matter.refresh_from_db()
    assert (matter.stage, matter.level) == (Stage.ASSESSED, 2)


def test_an_enquiry_is_answered_on_its_page_in_one_act() -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, kind="ENQUIRY")
    answer = enter(desk.officer).post(
        reverse("matter_at_once", args=[matter.pk]), {"words": "نعمل من الثامنة صباحًا", "how": "MESSAGE"}
    )
    assert answer.status_code == 302
    matter.refresh_from_db()
    assert matter.stage == Stage.CLOSED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", [Stage.ASSESSED, Stage.INVESTIGATED, Stage.RESPONDED, Stage.COMMUNICATED])
def test_the_page_says_what_is_still_needed_in_both_languages(stage: str, language: str) -> None:
    desk = a_desk()
    matter = a_matter_at(stage, desk=desk)
    page = enter(desk.officer, language).get(reverse("matter", args=[matter.pk]))
    assert in_language(page, language)
    assert 'id="step"' in words(page)


@pytest.mark.requirement("CX-22")
@pytest.mark.parametrize("kind", ["COMPLAINT", "ENQUIRY"])
def test_whoever_waits_for_an_investigation_is_told_what_will_be_done_and_until_when(kind: str) -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, kind=kind, case=a_case(make_client("BNK", kind="BANK")))
    browser, address = enter(desk.officer), reverse("matter_assess", args=[matter.pk])
    asked = {"severity": "HIGH", "department": "OPERATIONS", "handler": desk.officer.pk,
             **({"questions": "\n".join(QUESTIONS)} if kind == "COMPLAINT" else {})}  # fmt: skip
    assert browser.post(address, {**asked, "plan": " "}).status_code == 422
    assert browser.post(address, {**asked, "plan": PLAN}).status_code == 302
    sent = Message.objects.filter(subject_id=matter.pk, template__code="MATTER_STUDIED")
    assert {message.channel for message in sent} == {"SMS", "EMAIL"}
    until = f"{answer_by(matter=matter, at=AT).astimezone(RIYADH):%Y-%m-%d}"
    assert all(until in message_opened(message=message)["text"] for message in sent)
    assert PLAN in message_opened(message=sent.get(channel="EMAIL"))["text"]
    assert followed(matter=matter, now=AT).plan == PLAN  # what the link in the SMS opens


@pytest.mark.requirement("CX-14")
def test_who_is_complained_of_finds_nothing_and_can_do_nothing() -> None:
    desk = a_desk()
    concerned = make_user(Role.COMPLAINTS_OFFICER, name="concerned")
    matter = a_matter_at(Stage.ASSESSED, desk=desk, concerned=concerned)
    browser = enter(concerned)
    assert matter.reference not in words(browser.get(reverse("matter_board")))
    assert browser.get(f"{reverse('matter_board')}?matter={matter.pk}").status_code == 404
    assert browser.post(reverse("matter_investigated", args=[matter.pk])).status_code == 404


class TestBoard:
    def test_lines_stand_in_bands_by_their_nearest_deadline(self) -> None:
        desk = a_desk()
        bank = make_client("BNK", kind="BANK")
        late = a_matter(at=AT - dt.timedelta(days=20), case=a_case(bank, ref="D-1"))
        today = a_matter(at=AT - dt.timedelta(days=1), case=a_case(bank, ref="D-2"))
        soon = a_matter(at=AT, case=a_case(bank, ref="D-3"))
        still = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
        matter_admit(user=desk.officer, matter=still, missing=["DOCUMENTS"], at=AT)
        bands = banded(lines_open(user=desk.officer, now=AT), today=AT.date())
        found = {band.tone or str(i): [line.reference for line in band.lines] for i, band in enumerate(bands)}
        assert found["late"] == [late.reference]
        assert found["attn"] == [today.reference]
        assert soon.reference in found["2"]
        assert found[str(len(bands) - 1)] == [still.reference]

    @pytest.mark.requirement("CB-43")
    def test_of_more_than_it_shows_the_nearest_stand_there_and_all_are_counted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("complaints.selectors.bands.MOST", 2)
        monkeypatch.setattr("complaints.selectors.board.MOST", 2)
        desk, bank = a_desk(), make_client("BNK", kind="BANK")
        days = (3, 20, 1, 10)  # ago, as they came into the register
        told = [
            a_matter(at=AT - dt.timedelta(days=ago), case=a_case(bank, ref=f"D-{ago}"), kind="COMPLAINT")
            for ago in days
        ]
        lines = lines_open(user=desk.officer, now=AT)
        assert [line.reference for line in lines] == [told[1].reference, told[3].reference]
        page = enter(desk.officer, "en").get(reverse("matter_board"))
        assert (page.context["shown"], page.context["of_all"]) == (2, 4)
        assert told[2].reference not in words(page)
        assert "The whole list" in words(page)
        assert "The whole list" not in words(enter(desk.officer, "en").get(f"{reverse('matter_board')}?tab=enquiries"))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_board_is_the_officers_first_page_and_shows_one_beside_it(self, language: str) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ASSESSED, desk=desk, case=a_case(make_client("BNK", kind="BANK")))
        browser = enter(desk.officer, language)
        assert browser.get(reverse("index")).headers["Location"] == reverse("matter_board")
        page = browser.get(reverse("matter_board"))
        assert in_language(page, language)
        assert words(page).count(matter.reference) >= 2
        assert 'class="clockwork"' in words(page)
        other = browser.get(f"{reverse('matter_board')}?tab=enquiries")
        assert matter.reference not in words(other)

    def test_confidential_words_are_not_on_the_board(self) -> None:
        desk = a_desk()
        matter = a_matter(at=AT, is_confidential=True, words="كلام سري جدًا")
        page = words(enter(desk.officer).get(f"{reverse('matter_board')}?matter={matter.pk}"))
        assert matter.reference in page
        assert "كلام سري جدًا" not in page


class TestLetters:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        ("kind", "stage"),
        [
            (PaperKind.ACKNOWLEDGEMENT, Stage.ACKNOWLEDGED),
            (PaperKind.MISSING_DATA, Stage.ACKNOWLEDGED),
            (PaperKind.PROGRESS, Stage.ASSESSED),
            (PaperKind.RESULT, Stage.RESPONDED),
            (PaperKind.RIGHTS, Stage.COMMUNICATED),
        ],
    )
    def test_each_letter_in_each_language_names_its_number_and_how_to_follow(
        self, kind: str, stage: str, language: str
    ) -> None:
        desk = a_desk()
        matter = a_matter_at(stage, desk=desk, case=a_case(make_client("BNK", kind="BANK")))
        if kind == PaperKind.MISSING_DATA:
            matter = matter_admit(user=desk.officer, matter=matter, missing=["DOCUMENTS", "FACTS"], at=AT)
        paper = letter_make(actor=ACTOR, matter=matter, kind=kind, at=AT, language=language)
        assert (paper.language, paper.origin, paper.pages) == (language, "MADE", 1)
        assert paper.number.startswith(f"{matter.reference}-0")
        text = PdfReader(io.BytesIO(paper_content(paper=paper))).pages[0].extract_text()
        assert paper.number in text
        assert "/help/follow/" in text
        if kind in {PaperKind.RESULT, PaperKind.RIGHTS} and language == "en":
            assert "the Saudi Central Bank" in text
            assert "the head of the department" in text

    def test_a_letter_promises_the_answer_and_not_a_step_of_the_house(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk(), case=a_case(make_client("BNK", kind="BANK")))
        routing = clocks_of(subject=matter).get(code="ROUTING").due_at
        promised = answer_by(matter=matter, at=AT)
        assert promised == clocks_of(subject=matter).get(code="ANSWER_BANK").due_at
        assert routing is not None
        assert routing < promised
        paper = letter_make(actor=ACTOR, matter=matter, kind=PaperKind.ACKNOWLEDGEMENT, at=AT, language="en")
        assert "8 March 2026" in PdfReader(io.BytesIO(paper_content(paper=paper))).pages[0].extract_text()

    def test_letters_that_there_are_none_of_are_refused(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        with pytest.raises(Conflict):
            letter_make(actor=ACTOR, matter=matter, kind=PaperKind.RESULT, at=AT)
        with pytest.raises(Conflict):
            letter_make(actor=ACTOR, matter=matter, kind=PaperKind.MISSING_DATA, at=AT)
        with pytest.raises(Refused):
            letter_make(actor=ACTOR, matter=matter, kind=PaperKind.REPLY, at=AT)
        with pytest.raises(Refused):
            letter_make(actor=ACTOR, matter=matter, kind=PaperKind.RIGHTS, at=AT, language="fr")

    def test_each_making_is_a_paper_of_its_own_number(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
        browser = enter(desk.officer)
        for language in LANGUAGES:
            data = {"kind": "ACKNOWLEDGEMENT", "language": language}
            assert browser.post(reverse("matter_letter", args=[matter.pk]), data).status_code == 302
        numbers = list(matter.papers.order_by("pk").values_list("number", flat=True))
        assert numbers == [f"{matter.reference}-01", f"{matter.reference}-02"]


@pytest.mark.requirement("CX-15")
def test_a_paper_of_evidence_that_is_confidential_is_read_by_those_who_handle_it_alone() -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ASSESSED, desk=desk)
    browser, address = enter(desk.officer, "en"), reverse("matter", args=[matter.pk])
    told = {"words": "شهادة زميله", "confidential": "on", "file": SimpleUploadedFile("w.pdf", a_pdf())}
    assert browser.post(reverse("matter_evidence", args=[matter.pk]), told).status_code == 302
    paper = matter.papers.get(kind=PaperKind.EVIDENCE)
    link = reverse("matter_paper", args=[paper.pk])
    for reader in (make_user(Role.AUDITOR), make_user(Role.QUALITY_OFFICER), desk.general):
        other = enter(reader, "en")
        page = words(other.get(address))
        assert "شهادة زميله" not in page
        assert link not in page
        assert other.get(link).status_code == 404
    assert "شهادة زميله" not in words(browser.get(address))
    browser.post(reverse("matter_reveal", args=[matter.pk]))
    page = words(browser.get(address))
    assert "شهادة زميله" in page
    assert link in page
    assert browser.get(link).status_code == 200
    # It does not go out with the result either.
    found_out(matter, by=desk.officer)
    matter = answered(matter_investigated(user=desk.officer, matter=matter, at=AT), by=desk.officer)
    with pytest.raises(Refused, match="matter_documents"):
        matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=AT, documents=[paper])
    browser.post(reverse("matter_communicate", args=[matter.pk]), {"how": "MESSAGE", "documents": paper.pk})
    assert matter.rounds.get().told_at is not None
    assert not matter.rounds.get().documents.exists()
