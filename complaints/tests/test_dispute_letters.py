"""Letters and the member's answer: made, frozen, sent with proof, and readable page by page."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from accounts.choices import Role
from collections_app.models import ContactPoint
from common import clock
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Message
from common.outbox import message_opened, messages_of
from common.tests.holidays_sa import holidays_write, nth_after
from complaints.choices import PaperKind
from complaints.models import Dispute, DisputePack, MatterPaper
from complaints.selectors.answer_packs import pack_lines
from complaints.selectors.dispute_told import matter_paper_enclosed
from complaints.selectors.matters import paper_content
from complaints.services.answer_packs import pack_make, pack_review, pack_send
from complaints.services.dispute_decisions import dispute_correct, dispute_decide
from complaints.services.dispute_letters import (
    Way,
    member_notify,
    order_send,
    progress_tell,
    recipient_tell,
    result_tell,
)
from complaints.services.dispute_rights import statement_add
from complaints.services.disputes import document_add
from complaints.tests.dispute_worlds import (
    a_dispute,
    a_document,
    a_recipient,
    an_officer,
    notified,
    replied,
)
from tests.world import a_case, a_paper, make_client, make_user

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 1, 10, 0, tzinfo=RIYADH)
POST = Way(how="بالبريد المسجل RR1")


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    holidays_write()
    with clock.at(NOW):
        yield


def text(paper: MatterPaper) -> str:
    """What a letter says, without what the layout breaks."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_content(paper=paper))).pages)


def english(**given: Any) -> Dispute:
    return a_dispute(language="en", item="Balance of 4,120.00 on M-201", words="I paid it on 12 September.", **given)


@pytest.mark.requirement("CB-31", "CB-48")
def test_the_member_gets_all_that_was_submitted_and_the_negative_information_that_touches_it() -> None:
    dispute = english(documents=2)
    to = Way(email="credit@member.example")
    paper = member_notify(user=an_officer(), dispute=dispute, way=to, at=NOW, language="en")
    said = text(paper)
    last = nth_after("BANK", NOW.date(), 10)
    for words in (
        "Notice of an objection", "Balance of 4,120.00 on M-201", "I paid it on 12 September.", "Not true", "D-57-1",
        "1,000.00", f"{last:%-d} November 2026", "presumed right",
    ):  # fmt: skip
        assert words in said, words
    message = messages_of(subject=dispute).get()
    opened = message_opened(message=message)
    assert (opened["address"], dispute.reference in opened["subject"]) == ("credit@member.example", True)
    carried = [MatterPaper.objects.get(pk=one.paper_id) for one in message.attachments.order_by("pk")]
    assert [one.kind for one in carried] == ["MEMBER_NOTICE", "FROM_COMPLAINANT", "FROM_COMPLAINANT"]
    assert matter_paper_enclosed(paper_id=paper.pk).content == paper_content(paper=paper)
    dispute.refresh_from_db()
    assert dispute.state == "WITH_MEMBER"
    with pytest.raises(Conflict):
        member_notify(user=an_officer(), dispute=dispute, way=to, at=NOW)
    assert dispute.papers.filter(kind=PaperKind.MEMBER_NOTICE).count() == 1


def test_a_letter_without_a_way_is_not_made() -> None:
    dispute = a_dispute()
    with pytest.raises(Refused, match="letter_way"):
        member_notify(user=an_officer(), dispute=dispute, way=Way(), at=NOW)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.papers.filter(origin="MADE").count()) == ("FILED", 0)


@pytest.mark.requirement("CB-36")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_objector_is_told_the_steps_taken_and_what_is_to_come(language: str) -> None:
    case = a_case(make_client("DSP"), ref="D-57", email="latifa@example.com")
    dispute = notified(a_dispute(case, language=language, documents=0))
    point = ContactPoint.objects.get(debtor=case.debtor, kind="EMAIL")
    paper = progress_tell(user=an_officer(), dispute=dispute, way=Way(point=point), at=NOW)
    said = text(paper)
    if language == "en":
        for words in ("Member notified in writing", "The member's reply", "official documents"):
            assert words in said, words
    assert paper.language == language
    message = messages_of(subject=dispute).get()
    assert (message.language, message.party_id) == (language, case.debtor.party_id)
    assert message_opened(message=message)["address"] == "latifa@example.com"
    with pytest.raises(Conflict):
        progress_tell(user=an_officer(), dispute=dispute, way=POST, at=NOW)


def test_a_letter_goes_to_no_address_of_somebody_else() -> None:
    client = make_client("DSP")
    other = a_case(client, ref="D-58", email="other@example.com")
    dispute = a_dispute(a_case(client, ref="D-57"))
    point = ContactPoint.objects.get(debtor=other.debtor, kind="EMAIL")
    with pytest.raises(Refused, match="letter_way"):
        progress_tell(user=an_officer(), dispute=dispute, way=Way(point=point), at=NOW)


@pytest.mark.requirement("CB-34", "CB-37", "CB-40")
def test_the_result_of_an_upheld_objection_encloses_the_corrected_record() -> None:
    by = an_officer()
    dispute = replied(notified(english(recipients=[a_recipient(name="Waha Bank", held_item=False)])), stand="WRONG")
    dispute = dispute_decide(user=by, dispute=dispute, outcome="UPHELD", reason="The receipt proves it.", at=NOW)
    order = text(order_send(user=by, dispute=dispute, way=POST, at=NOW, language="en"))
    assert f"{nth_after('BANK', NOW.date(), 2):%-d} November 2026" in order
    with pytest.raises(Refused, match="dispute_uncorrected"):
        result_tell(user=by, dispute=dispute, way=POST, at=NOW)
    dispute_correct(
        user=by, dispute=dispute, correction="DELETED", reason="record", at=NOW, record=a_document("record.pdf")
    )
    said = text(result_tell(user=by, dispute=dispute, way=Way(email="latifa@example.com"), at=NOW))
    for words in ("Upheld", "The receipt proves it.", "Item deleted", "Waha Bank", "Committee alone"):
        assert words in said, words
    assert "Your rights" not in said
    message = messages_of(subject=dispute).get()
    kinds = [MatterPaper.objects.get(pk=one.paper_id).kind for one in message.attachments.order_by("pk")]
    assert kinds == ["RESULT", "CORRECTED_RECORD"]
    notice = text(recipient_tell(user=by, recipient=dispute.recipients.get(), way=POST, at=NOW, language="en"))
    assert "Correction of a credit report" in notice
    assert "Item deleted" in notice


@pytest.mark.requirement("CB-37", "CB-39", "CB-41")
def test_the_result_of_a_rejected_objection_tells_the_rights() -> None:
    by = an_officer()
    dispute = replied(notified(english(documents=0, recipients=[a_recipient()])), stand="CORRECT", papers=1)
    dispute = dispute_decide(user=by, dispute=dispute, outcome="REJECTED", reason="The contract proves it.", at=NOW)
    said = text(result_tell(user=by, dispute=dispute, way=POST, at=NOW))
    for words in ("Rejected", "The contract proves it.", "Your rights", "Committee for credit information"):
        assert words in said, words
    statement_add(user=by, dispute=dispute, words="I did pay it.", at=NOW)
    notice = text(recipient_tell(user=by, recipient=dispute.recipients.get(), way=POST, at=NOW, language="en"))
    assert "did not settle the objection" in notice
    assert "I did pay it." in notice


def test_what_has_left_is_frozen() -> None:
    dispute = english()
    paper = member_notify(user=an_officer(), dispute=dispute, way=POST, at=NOW, language="en")
    before = paper_content(paper=paper)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        MatterPaper.objects.filter(pk=paper.pk).update(title="x")
    assert paper_content(paper=MatterPaper.objects.get(pk=paper.pk)) == before


def a_pack(dispute: Dispute, **given: Any) -> DisputePack:
    told = {"stand": "CORRECT", "words": "The contract proves it.", "at": NOW, "language": "en", **given}
    return pack_make(user=an_officer(), dispute=dispute, **told)


@pytest.mark.requirement("CB-32")
def test_an_answer_pack_binds_contract_statement_contacts_and_consent_and_is_the_reply_once_sent() -> None:
    case = a_case(make_client("DSP"), ref="D-57")
    by, reviewer = an_officer(), make_user(Role.COLLECTIONS_MANAGER)
    a_paper(case, by=by, kind="CONTRACT")
    dispute = notified(a_dispute(case, language="en"))
    assert [(line.kind, line.ok) for line in pack_lines(dispute=dispute)] == [
        ("CONTRACT", True), ("STATEMENT", True), ("CONTACTS", True), ("CONSENT", False),
    ]  # fmt: skip
    first = a_pack(dispute)
    assert "Not enclosed" in text(first.paper)
    document_add(user=by, dispute=dispute, document=a_document("consent.pdf"), kind="CONSENT", at=NOW)
    pack = a_pack(dispute)
    said = text(pack.paper)
    for words in ("The item is right", "The contract proves it.", "Statement of account", "1,000.00", "Consent"):
        assert words in said, words
    assert "Not enclosed" not in said
    assert pack.paper.pages == len(PdfReader(io.BytesIO(paper_content(paper=pack.paper))).pages)
    with pytest.raises(Conflict, match="pack_not_reviewed"):
        pack_send(user=by, pack=pack, email="bureau@example.com", at=NOW)
    with pytest.raises(NotAllowed):
        pack_review(user=by, pack=pack, at=NOW)
    with pytest.raises(NotAllowed):
        pack_review(user=make_user(Role.COLLECTOR), pack=pack, at=NOW)
    pack_review(user=reviewer, pack=pack, at=NOW)
    with pytest.raises(Conflict):
        pack_review(user=reviewer, pack=pack, at=NOW)
    sent = pack_send(user=by, pack=pack, email="bureau@example.com", at=NOW)
    assert sent.message is not None
    assert [one.paper_id for one in sent.message.attachments.all()] == [pack.paper_id]
    dispute.refresh_from_db()
    assert (dispute.state, dispute.stand, dispute.has_evidence, dispute.replied_at) == (
        "DECIDING",
        "CORRECT",
        True,
        NOW,
    )
    with pytest.raises(Conflict):
        pack_send(user=by, pack=pack, email="bureau@example.com", at=NOW)
    assert Message.objects.filter(subject_type="complaints.Dispute").count() == 1
    with pytest.raises(Conflict, match="pack_not_awaited"):
        a_pack(dispute)


def test_the_database_lets_nobody_review_the_own_pack() -> None:
    pack = a_pack(notified(a_dispute()))
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        DisputePack.objects.filter(pk=pack.pk).update(reviewed_by=pack.made_by, reviewed_at=NOW)
    with pytest.raises(IntegrityError, match="sent_reviewed"), transaction.atomic():
        DisputePack.objects.filter(pk=pack.pk).update(sent_at=NOW)


def test_a_pack_after_the_last_day_is_no_reply() -> None:
    pack = a_pack(notified(a_dispute()))
    pack_review(user=make_user(Role.COLLECTIONS_MANAGER), pack=pack, at=NOW)
    with pytest.raises(Conflict, match="reply_late"):
        pack_send(user=an_officer(), pack=pack, email="bureau@example.com", at=NOW + dt.timedelta(days=30))
    assert not Message.objects.exists()
