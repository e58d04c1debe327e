"""Disputes through their doors: the officer's pages, the member's portal, the member's system."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from accounts.models import AccessRecord
from clients.choices import Scope
from clients.models import ClientUser
from collections_app.models import Case, Hold
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_tick
from common.models import Message
from common.tests.holidays_sa import holidays_write
from complaints.models import Dispute, DisputePack
from complaints.selectors.dispute_timeline import timeline_of
from complaints.selectors.matters import paper_content
from complaints.tests.dispute_worlds import a_dispute, a_recipient, an_officer, notified, replied
from complaints.views.dispute_drawing import drawn
from tests.callers import Caller
from tests.doors import enter, in_language, queries, words
from tests.world import a_case, a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 1, 10, 0, tzinfo=RIYADH)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    holidays_write()
    with clock.at(NOW):
        yield


@pytest.fixture
def case() -> Case:
    return a_case(make_client("DSP"), ref="D-57", email="latifa@example.com")


def upload(name: str = "receipt.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_pdf(), content_type="application/pdf")


def act(browser: Any, dispute: Dispute, name: str, /, **data: Any) -> Any:
    return browser.post(reverse("dispute_act", args=[dispute.pk, name]), data)


@pytest.mark.requirement("CB-30", "CB-31", "CB-32", "CB-33", "CB-34", "CB-36", "CB-37", "CB-40", "CB-42")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_officer_takes_a_dispute_from_its_filing_to_its_end(case: Case, language: str) -> None:
    officer = make_user(Role.BUREAU_OFFICER)
    browser, reviewer = enter(officer, language), enter(make_user(Role.COLLECTIONS_MANAGER), language)
    page = browser.get(reverse("dispute_new", args=[case.pk]))
    assert in_language(page, language)
    told = {
        "kind": "ITEM", "ground": "FALSE", "about": "case", "item": "رصيد قائم", "words": "سددته", "language": language,
        "documents": upload(),
    }  # fmt: skip
    assert browser.post(reverse("dispute_new", args=[case.pk]), told).status_code == 302
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.has_documents) == ("FILED", True)
    page = browser.get(reverse("dispute", args=[dispute.pk]))
    assert in_language(page, language)
    assert "رصيد قائم" in words(page)
    assert words(browser.get(reverse("case", args=[case.pk]))).count(dispute.reference) == 2  # panel, line of time

    added = {"name": "بنك الواحة", "address": "الرياض", "received_on": "2026-06-01", "email": "w@example.com"}
    assert act(browser, dispute, "recipient", **added, held_item="on").status_code == 302
    assert act(browser, dispute, "notify", email="m@example.com", language=language).status_code == 302
    point = case.debtor.contact_points.get(kind="EMAIL")
    assert act(browser, dispute, "progress", point=point.pk).status_code == 302
    made = act(browser, dispute, "pack", stand="PARTLY_WRONG", words="سُدد جزء", language=language)
    assert made.status_code == 302
    pack = DisputePack.objects.get()
    browser.post(reverse("dispute_pack_review", args=[pack.pk]))
    pack.refresh_from_db()
    assert pack.reviewed_at is None  # nobody reviews the own pack
    sent = browser.post(reverse("dispute_pack_send", args=[pack.pk]), {"email": "b@example.com"})
    assert sent.status_code == 422
    reviewer.post(reverse("dispute_pack_review", args=[pack.pk]))
    sent = browser.post(reverse("dispute_pack_send", args=[pack.pk]), {"email": "b@example.com"})
    assert sent.status_code == 302

    assert act(browser, dispute, "decide", outcome="REJECTED", reason="لا").status_code == 422
    assert act(browser, dispute, "decide", outcome="PARTLY", reason="سُدد جزء").status_code == 302
    assert act(browser, dispute, "order", how="باليد", language=language).status_code == 302
    assert act(browser, dispute, "result", how="باليد").status_code == 422
    done = act(browser, dispute, "correct", correction="AMENDED", reason="مرفق", record=upload("record.pdf"))
    assert done.status_code == 302
    assert act(browser, dispute, "close").status_code == 422
    assert act(browser, dispute, "result", point=point.pk).status_code == 302
    row = dispute.recipients.get()
    assert browser.post(reverse("dispute_recipient", args=[row.pk]), {"language": language}).status_code == 422
    told_it = browser.post(reverse("dispute_recipient", args=[row.pk]), {"language": language, "email": row.email})
    assert told_it.status_code == 302
    assert act(browser, dispute, "close").status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.correction) == ("CLOSED", "PARTLY", "AMENDED")
    assert Message.objects.filter(subject_type="complaints.Dispute", subject_id=dispute.pk).count() == 5
    page = browser.get(reverse("dispute", args=[dispute.pk]))
    for paper in dispute.papers.all():
        answer = browser.get(reverse("dispute_paper", args=[paper.pk]))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
    assert AccessRecord.objects.filter(what="dispute.paper").count() == dispute.papers.count()


@pytest.mark.requirement("CB-47")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_item_from_a_public_record_carries_its_source_and_date(case: Case, language: str) -> None:
    browser, address = enter(make_user(Role.BUREAU_OFFICER), language), reverse("dispute_new", args=[case.pk])
    told = {
        "kind": "ITEM",
        "ground": "STALE",
        "about": "case",
        "item": "حكم قضائي",
        "words": "نُفّذ",
        "language": language,
    }
    source, day = "المحكمة العامة بالرياض", "2024-05-12"
    for faulty in (
        {"record": "COURT"},
        {"record": "COURT", "record_source": source},
        {"record": "COURT", "record_on": day},
        {"record_source": source, "record_on": day},
        {"record": "COURT", "record_source": source, "record_on": "2026-11-02"},
        {"record": "COURT", "record_source": source, "record_on": day, "kind": "DECISION"},
    ):
        assert browser.post(address, {**told, **faulty}).status_code == 422, faulty
    assert not Dispute.objects.exists()
    whole = {"record": "COURT", "record_source": source, "record_on": day}
    assert browser.post(address, {**told, **whole}).status_code == 302
    dispute = Dispute.objects.get()
    assert source in words(browser.get(reverse("dispute", args=[dispute.pk])))
    assert act(browser, dispute, "notify", email="m@example.com", language=language).status_code == 302
    letter = dispute.papers.get(kind="MEMBER_NOTICE")
    read = PdfReader(io.BytesIO(paper_content(paper=letter))).pages[0].extract_text()
    assert "2024" in read
    assert {"ar": "محكمة", "en": "Court"}[language] in read
    assert source in words(enter(the_member(dispute), language).get(reverse("portal_dispute", args=[dispute.pk])))
    told_it = Caller.of(case.client, scopes=[Scope.DISPUTES]).get(f"disputes/{dispute.reference}").json()
    assert (told_it["public_record"], told_it["record_source"], told_it["record_on"]) == ("COURT", source, day)
    for change in ({"record_on": None}, {"record_source": ""}, {"record_source": "أخرى"}, {"ground": "FALSE"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Dispute.objects.update(**change)


@pytest.mark.requirement("CB-38", "CB-39", "CB-41")
def test_a_rejection_leads_to_statement_and_committee(case: Case) -> None:
    browser = enter(an_officer())
    dispute = replied(notified(a_dispute(case, documents=0)), stand="CORRECT", papers=1)
    assert act(browser, dispute, "decide", outcome="REJECTED", reason="العقد يثبته").status_code == 302
    assert act(browser, dispute, "statement", words="سددت المبلغ").status_code == 302
    assert act(browser, dispute, "committee", reason="لم يقتنع").status_code == 302
    assert act(browser, dispute, "committee", reason="مرة أخرى").status_code == 422
    assert act(browser, dispute, "reinsert", reason="x").status_code == 422
    assert act(browser, dispute, "ruling", ruled="OBJECTOR", reason="قرار 12").status_code == 302
    assert act(browser, dispute, "correct", correction="DELETED", reason="حُذف").status_code == 302
    dispute.refresh_from_db()
    assert (dispute.committee, dispute.correction) == ("FOR_OBJECTOR", "DELETED")
    assert act(browser, dispute, "no-such-act").status_code == 404


@pytest.mark.requirement("CB-43")
def test_the_board_stands_by_the_nearest_deadline_and_says_what_is_late() -> None:
    client = make_client("DSP")
    late = a_dispute(a_case(client, ref="D-1"), at=NOW - 14 * DAY)
    soon = notified(a_dispute(a_case(client, ref="D-2"), at=NOW - 7 * DAY), at=NOW - 7 * DAY)
    fresh = a_dispute(a_case(client, ref="D-3"))
    clocks_tick(at=NOW)
    page = words(enter(an_officer()).get(reverse("disputes")))
    assert page.index(late.reference) < page.index(soon.reference)
    assert "المتأخر" in page
    assert page.index("المتأخر") < page.index(late.reference)
    with clock.at(NOW + 40 * DAY):
        clocks_tick(at=clock.now())
        soon.refresh_from_db()
        assert (soon.silent, soon.outcome) == (True, "UPHELD")
    browser = enter(an_officer())
    closed = words(browser.get(reverse("disputes"), {"view": "closed"}))
    assert fresh.reference not in closed
    assert fresh.reference in words(browser.get(reverse("disputes"), {"view": "open"}))


def test_pages_cost_no_more_the_more_disputes_there_are() -> None:
    client = make_client("DSP")
    first = notified(a_dispute(a_case(client, ref="D-1"), recipients=[a_recipient()]))
    browser = enter(an_officer())
    board, one = reverse("disputes"), reverse("dispute", args=[first.pk])
    before = queries(lambda: browser.get(board)), queries(lambda: browser.get(one))
    for n in range(2, 6):
        notified(a_dispute(a_case(client, ref=f"D-{n}")))
    assert (queries(lambda: browser.get(board)), queries(lambda: browser.get(one))) == before
    assert before[0] <= 30
    assert before[1] <= 60


@pytest.mark.requirement("CB-43")
def test_a_dispute_is_drawn_in_ten_steps_on_working_days_mirrored_in_arabic() -> None:
    dispute = notified(a_dispute(at=NOW), at=NOW + 2 * DAY)
    line = timeline_of(dispute=dispute, now=NOW + 4 * DAY)
    assert len(line.steps) == 10
    states = [step.state for step in line.steps]
    assert states == ["done", "done", "now", "now", "ahead", "ahead", "ahead", "maybe", "maybe", "maybe"]
    assert (line.today, line.steps[1].reached, line.steps[1].spare, line.steps[2].due) == (4, 2, 3, 12)
    assert line.steps[2].marks == (7, 10, 11)
    left, right = drawn(timeline=line, rtl=False), drawn(timeline=line, rtl=True)
    for ltr, rtl in zip(left.rows, right.rows, strict=True):
        for one, other in zip(ltr.bars, rtl.bars, strict=True):
            begins, width, mirrored = (float(v.rstrip("%")) for v in (one.x, one.width, other.x))
            assert abs(100 - begins - width - mirrored) < 0.02
            assert 0 <= begins <= begins + width <= 100


def test_the_thirty_days_are_shown_where_they_come_first() -> None:
    at = dt.datetime(2026, 3, 10, 10, 0, tzinfo=RIYADH)
    line = timeline_of(dispute=a_dispute(at=at), now=at)
    assert line.steps[4].on == line.limit_on == dt.date(2026, 4, 9)


def the_member(dispute: Dispute) -> Any:
    """Somebody of the member's own people."""
    user = ClientUser.objects.filter(client=dispute.client).first()
    return user.user if user else make_user(Role.CLIENT_USER, client=dispute.client)


@pytest.mark.requirement("CB-31", "CB-32")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_member_replies_in_its_portal(case: Case, language: str) -> None:
    dispute = a_dispute(case)
    browser = enter(the_member(dispute), language)
    assert browser.get(reverse("portal_dispute", args=[dispute.pk])).status_code == 404  # nobody notified it yet
    notified(dispute)
    page = browser.get(reverse("portal_disputes"))
    assert in_language(page, language)
    assert dispute.reference in words(page)
    page = words(browser.get(reverse("portal_dispute", args=[dispute.pk])))
    assert "سُدد الرصيد كاملًا" in page
    paper = dispute.papers.get(kind="FROM_COMPLAINANT")
    assert browser.get(reverse("portal_dispute_paper", args=[paper.pk])).status_code == 200
    address = reverse("portal_dispute_reply", args=[dispute.pk])
    assert browser.post(address, {"stand": "CORRECT"}).status_code == 422
    given = {"stand": "CORRECT", "words": "العقد يثبته", "documents": upload("contract.pdf")}
    assert browser.post(address, given).status_code == 302
    dispute.refresh_from_db()
    assert (dispute.state, dispute.stand, dispute.has_evidence) == ("DECIDING", "CORRECT", True)
    given["documents"] = upload()
    assert browser.post(address, given).status_code == 422


def test_another_member_sees_nothing_of_it(case: Case) -> None:
    dispute = notified(a_dispute(case))
    other = make_client("OTH")
    browser = enter(make_user(Role.CLIENT_USER, client=other))
    paper = dispute.papers.get(kind="FROM_COMPLAINANT")
    for name, pk in (("portal_dispute", dispute.pk), ("portal_dispute_paper", paper.pk)):
        assert browser.get(reverse(name, args=[pk])).status_code == 404
    given = {"stand": "WRONG", "words": "x"}
    assert browser.post(reverse("portal_dispute_reply", args=[dispute.pk]), given).status_code == 404
    assert dispute.reference not in words(browser.get(reverse("portal_disputes")))
    caller = Caller.of(other, scopes=[Scope.DISPUTES])
    assert caller.get("disputes").json()["results"] == []
    assert caller.get(f"disputes/{dispute.reference}").status_code == 404
    assert caller.post(f"disputes/{dispute.reference}/reply", given).status_code == 404


def test_the_members_letters_to_the_objector_are_not_the_members_to_read(case: Case) -> None:
    dispute = notified(a_dispute(case))
    browser = enter(an_officer())
    assert act(browser, dispute, "progress", how="باليد").status_code == 302
    letter = dispute.papers.get(kind="PROGRESS")
    member = enter(the_member(dispute))
    assert member.get(reverse("portal_dispute_paper", args=[letter.pk])).status_code == 404


@pytest.mark.requirement("CB-32")
def test_the_members_system_reads_and_replies_once(case: Case) -> None:
    dispute = a_dispute(case)
    caller = Caller.of(case.client, scopes=[Scope.DISPUTES])
    assert caller.get("disputes").json()["results"] == []
    notified(dispute)
    listed = caller.get("disputes", state="WITH_MEMBER").json()["results"]
    assert [row["reference"] for row in listed] == [dispute.reference]
    one = caller.get(f"disputes/{dispute.reference}").json()
    assert (one["reply_by"], one["marked"]) == ("2026-11-15", True)
    assert "M-201" in one["item"]
    address = f"disputes/{dispute.reference}/reply"
    content = base64.b64encode(a_pdf()).decode()
    body = {"stand": "WRONG", "words": "سُدد", "papers": [{"name": "receipt.pdf", "content": content}]}
    wrong = caller.post(address, {**body, "papers": [{"name": "x.pdf", "content": "no base64"}]})
    assert wrong.status_code == 422
    first = caller.post(address, body, key="one")
    assert (first.status_code, first.json()["stand"]) == (201, "WRONG")
    again = caller.post(address, body, key="one")
    assert again.content == first.content
    assert caller.post(address, body).status_code == 409
    dispute.refresh_from_db()
    assert (dispute.state, dispute.papers.filter(kind="REPLY").count()) == ("DECIDING", 1)
    without = Caller.of(case.client, scopes=[Scope.READ])
    assert without.get("disputes").status_code == 403


@pytest.mark.requirement("CB-32")
def test_a_system_that_replies_too_late_is_refused(case: Case) -> None:
    dispute = notified(a_dispute(case))
    caller = Caller.of(case.client, scopes=[Scope.DISPUTES])
    with clock.at(NOW + 20 * DAY):
        late = caller.post(f"disputes/{dispute.reference}/reply", {"stand": "CORRECT", "words": "x"})
    assert (late.status_code, late.json()["code"]) == (409, "reply_late")


@pytest.mark.requirement("CB-43")
def test_of_more_disputes_than_the_board_shows_the_nearest_stand_there(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.selectors.bands.MOST", 1)
    first = a_dispute(case, at=NOW - 3 * DAY)
    later = a_dispute(a_case(make_client("DS2"), ref="D-2"), at=NOW)
    page = enter(an_officer(), "en").get(reverse("disputes"))
    assert first.reference in words(page)
    assert later.reference not in words(page)
    assert (page.context["shown"], page.context["of_all"]) == (1, 2)
    assert "The nearest" in words(page)


@pytest.mark.requirement("CB-30")
def test_an_objection_that_is_sent_twice_is_filed_once_and_holds_once(case: Case) -> None:
    browser = enter(an_officer())
    page = browser.get(reverse("dispute_new", args=[case.pk]))
    key = re.search(r'name="form_key" value="([^"]+)"', words(page))
    assert key is not None
    told = {"kind": "ITEM", "ground": "FALSE", "about": "case", "item": "رصيد قائم", "words": "سددته", "language": "ar"}
    answers = [browser.post(reverse("dispute_new", args=[case.pk]), {**told, "form_key": key[1]}) for _n in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {reverse("dispute", args=[Dispute.objects.get().pk])}
    assert Hold.objects.filter(case=case).count() == 1
