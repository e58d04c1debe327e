"""What letters say, in versions: shipped, changed by two people, seen as a letter, and named by each letter made."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from accounts.models import User
from complaints.choices import PaperKind, Stage
from complaints.models import LetterText, MatterPaper
from complaints.rules.shipped_letters import LAYOUTS, SHIPPED
from complaints.selectors.matters import paper_content
from complaints.services.editions import edition_digest
from complaints.services.letter_texts import letter_text
from complaints.services.letters import letter_issue
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.published_worlds import in_force, proven
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def quality() -> User:
    return make_user(Role.QUALITY_OFFICER, name="writer")


@pytest.fixture
def general() -> User:
    return make_user(Role.GENERAL_MANAGER, name="approver")


def text_of(content: bytes) -> str:
    """The letter's words, each space once."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def asked(text: LetterText, **told: Any) -> dict[str, Any]:
    return {**text.says(), **told}


@pytest.mark.requirement("CX-13")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(LAYOUTS))
def test_each_text_is_seen_as_the_letter_it_makes(code: str, language: str, quality: User) -> None:
    text = letter_text(code=code)
    answer = enter(quality, language).get(reverse("letter_preview", args=[text.pk, language]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    if language == "en":  # Arabic comes out of a PDF as it is drawn, letter by letter
        said = text.words("en")
        read = text_of(answer.content)
        for part in (said["title"], said["opening"], *said["points"], said["closing"]):
            assert " ".join(part.split())[:60] in read


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_version_is_written_approved_by_somebody_else_and_used_from_then_on(
    language: str, quality: User, general: User
) -> None:
    before, desk = letter_text(code="RIGHTS"), a_desk()
    matter = a_matter_at(Stage.ASSESSED, desk=desk)
    first = letter_issue(user=desk.officer, matter=matter, kind=PaperKind.RIGHTS, language="en", at=matter.received_at)
    writer, approver = proven(quality), proven(general)
    listed = enter(quality, language).get(reverse("editions", args=["letters"]))
    assert in_language(listed, language)
    assert before.title_en in words(enter(quality, "en").get(reverse("editions", args=["letters"])))
    address = f"{reverse('edition_new', args=['letters'])}?of={before.pk}"
    wanted = asked(before, opening_ar="هذه حقوقكم كاملة.", opening_en="These are all your rights.")
    assert writer.post(address, wanted).status_code == 302
    draft = LetterText.objects.get(code="RIGHTS", state="DRAFT")
    publish = reverse("edition_publish", args=["letters", draft.pk])
    assert writer.post(publish, {"digest": edition_digest(draft)}).status_code == 422  # nobody approves their own
    assert "all your rights" in text_of(
        enter(general, language).get(reverse("letter_preview", args=[draft.pk, "en"])).content
    )
    assert approver.post(publish, {"digest": edition_digest(draft)}).status_code == 302
    second = letter_issue(user=desk.officer, matter=matter, kind=PaperKind.RIGHTS, language="en", at=matter.received_at)
    assert [paper.text for paper in (first, second)] == [before, in_force(LetterText, "RIGHTS")]
    assert "all your rights" in text_of(paper_content(paper=second))
    # What was made stands as it was made.
    assert "all your rights" not in text_of(paper_content(paper=MatterPaper.objects.get(pk=first.pk)))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opening_en": ""}, "opening_en"),
        ({"closing_ar": "والسلام"}, "closing_en"),
        ({"points_en": "One alone"}, "points_en"),
        ({"opening_ar": "ادفعوا وإلا فالسجن."}, "opening_ar"),
        ({"opening_en": "Pay, or we go to court."}, "opening_en"),
        ({"title_en": ""}, "title_en"),
    ],
)
def test_what_no_letter_may_say_comes_back_with_its_place(change: dict[str, str], field: str, quality: User) -> None:
    before = letter_text(code="RIGHTS")
    answer = proven(quality).post(f"{reverse('edition_new', args=['letters'])}?of={before.pk}", asked(before, **change))
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert not LetterText.objects.filter(state="DRAFT").exists()


def test_no_letter_is_added_or_left_without_a_text(quality: User, general: User) -> None:
    assert proven(quality).get(reverse("edition_new", args=["letters"])).status_code == 404
    text = letter_text(code="RESULT")
    answer = proven(general).post(reverse("edition_end", args=["letters", text.pk]), {"reason": "قديم"})
    assert answer.status_code == 422
    assert in_force(LetterText, "RESULT") == text
    with pytest.raises(DatabaseError), transaction.atomic():
        LetterText.objects.filter(pk=text.pk).update(title_ar="آخر")
    assert {one.code for one in SHIPPED} == set(LetterText.objects.values_list("code", flat=True))


def test_every_letter_of_a_matter_names_the_text_it_was_made_from() -> None:
    matter = a_matter_at(Stage.CLOSED, desk=a_desk())
    made = matter.papers.filter(origin="MADE").select_related("text")
    assert made
    assert {(paper.kind, paper.text.code) for paper in made if paper.text} == {
        (paper.kind, paper.kind) for paper in made
    }
