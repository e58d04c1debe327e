"""A matter comes in by the house's doors: taken, found complete or not, sorted, given on, solved or called back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.choices import Role
from accounts.models import User
from collections_app.models import ContactAttempt
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent, Message
from common.outbox import message_opened
from complaints.choices import STAGES, Outcome, Severity, Stage
from complaints.models import CallBack, Category, Matter
from complaints.services.at_once import matter_duplicate, matter_solve
from complaints.services.call_backs import call_back_done, call_back_promise
from complaints.services.categories import categories_ship, category_save
from complaints.services.intake import matter_admit, matter_route, matter_sort, matter_take
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.worlds import WORDS, a_matter, told
from tests.doors import enter, queries, words
from tests.world import ACTOR, a_case, a_pdf, make_client, make_team, make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


def taken(**given: Any) -> Matter:
    return matter_take(actor=ACTOR, told=told(**given), at=given.pop("at", None) or clock.now())


def officer(name: str = "") -> User:
    return make_user(Role.COMPLAINTS_OFFICER, name=name)


def states(matter: Matter) -> dict[str, str]:
    return dict(clocks_of(subject=matter).values_list("code", "state"))


@pytest.mark.requirement("CR-01")
@pytest.mark.requirement("CX-03")
def test_what_is_told_by_phone_has_its_reference_at_once_and_stands_in_the_register() -> None:
    categories_ship()
    browser = enter(officer())
    page = browser.post(
        "/matters/new/",
        {
            "kind": "COMPLAINT", "intake": "PHONE", "complainant": "DEBTOR", "words": WORDS, "name": "سامي",
            "phone": "0551234567", "language": "ar", "account_ref": "", "severity": "", "remedy_sought": "EXPLANATION",
            "category": Category.objects.get(code="CONTACT_HOURS").pk, "promises_call": "on",
            "papers": SimpleUploadedFile("a.pdf", a_pdf(), "application/pdf"),
        },
        follow=True,
    )  # fmt: skip
    matter = Matter.objects.get()
    assert matter.reference in words(page)
    assert WORDS in words(page)
    assert matter.stage == Stage.ACKNOWLEDGED
    assert matter.department == "OPERATIONS"
    assert matter.papers.count() == 1
    assert matter.call_backs.count() == 1
    assert Message.objects.get().channel == "SMS"
    listed = words(browser.get("/matters/", {"q": "0551234567"}))
    assert matter.reference in listed
    assert matter.reference not in words(browser.get("/matters/", {"q": "0551234568"}))
    assert matter.reference in words(browser.get("/matters/", {"q": matter.reference[-4:], "view": "free"}))
    assert matter.reference not in words(browser.get("/matters/", {"view": "closed"}))


def test_a_form_with_faults_says_where_and_writes_nothing() -> None:
    browser = enter(officer(), "en")
    page = browser.post("/matters/new/", {"kind": "COMPLAINT", "intake": "PHONE", "complainant": "DEBTOR",
                                          "words": "Late call", "phone": "12", "language": "en"})  # fmt: skip
    assert page.status_code == 422
    assert "This is no phone number." in words(page)
    wrong = SimpleUploadedFile("a.exe", b"MZ\x90", "application/pdf")
    page = browser.post("/matters/new/", {"kind": "COMPLAINT", "intake": "PHONE", "complainant": "DEBTOR",
                                          "words": "Late call", "language": "en", "papers": wrong})  # fmt: skip
    assert "A paper is a PDF, PNG or JPEG file." in words(page)
    assert not Matter.objects.exists()


@pytest.mark.requirement("CR-01")
def test_a_collector_writes_down_what_was_said_during_a_contact() -> None:
    collector = make_user(Role.COLLECTOR, team=make_team())
    case = a_case(make_client("AAA"), owner=collector, mobile="0559876543")
    browser = enter(collector)
    attempt = ContactAttempt.objects.create(
        client=case.client, case=case, at=AT, by=collector, channel="PHONE", reached="HOLDER", outcome="REFUSED",
        verdict="ALLOWED", recorded_at=AT,
    )  # fmt: skip
    link = f"/matters/new/?case={case.pk}&amp;contact={attempt.pk}"
    assert link in words(browser.get(f"/cases/{case.pk}/"))
    answer = browser.post(link.replace("&amp;", "&"), {
        "kind": "COMPLAINT", "intake": "CONTACT", "complainant": "DEBTOR", "words": "المبلغ غير صحيح",
        "severity": "", "remedy_sought": "",
    })  # fmt: skip
    assert answer.url == f"/cases/{case.pk}/"
    matter = Matter.objects.get()
    assert (matter.case, matter.client, matter.attempt) == (case, case.client, attempt)
    assert message_opened(message=Message.objects.get())["address"] == "+966559876543"
    other = enter(make_user(Role.COLLECTOR, team=collector.team, name="other"))
    assert other.get(f"/matters/new/?case={case.pk}").status_code == 404


class TestAdmitting:
    @pytest.mark.requirement("CX-11")
    def test_what_is_missing_is_asked_for_and_the_houses_time_stands_still(self) -> None:
        user = officer()
        matter = taken(client=make_client("BNK", kind="BANK"))
        before = Message.objects.count()
        browser = enter(user)
        page = browser.post(f"/matters/{matter.pk}/admit/", {"missing": ["ACCOUNT", "FACTS"]}, follow=True)
        assert "بانتظار استكمال الناقص" in words(page)
        # The law's clock knows no pause.
        assert states(matter) == {"ROUTING": "PAUSED", "ANSWER_BANK": "RUNNING"}
        said = str(message_opened(message=Message.objects.filter(pk__gt=before).latest("pk")))
        assert "الحساب" in said
        browser.post(f"/matters/{matter.pk}/admit/", {})
        matter.refresh_from_db()
        assert matter.missing == []
        assert matter.complete_at is not None
        assert states(matter) == {"ROUTING": "RUNNING", "ANSWER_BANK": "RUNNING", "CLOSING": "RUNNING"}

    def test_closing_counts_from_completeness_and_both_dates_are_kept(self) -> None:
        user, matter = officer(), taken()
        later = clock.now() + dt.timedelta(days=3)
        matter_admit(user=user, matter=matter, missing=["FACTS"], at=clock.now())
        done = matter_admit(user=user, matter=matter, missing=[], at=later)
        assert (done.complete_at, done.received_at) == (later, matter.received_at)
        assert clocks_of(subject=done).get(code="CLOSING").started_at == later

    @pytest.mark.requirement("CX-11", "CX-21")
    def test_an_enquiry_that_waited_over_the_weekend_is_not_late_the_moment_it_goes_on(self) -> None:
        thursday, saturday, sunday = (AT + dt.timedelta(days=days, hours=2) for days in (4, 6, 7))
        user, browser = officer(), None
        with clock.at(thursday):
            matter, browser = taken(kind="ENQUIRY"), enter(user)
        found = clocks_of(subject=matter)
        assert found.get().due_at == sunday  # Friday noon is moved on to Sunday noon
        for moment, missing in ((saturday, ["FACTS"]), (sunday - dt.timedelta(hours=3), [])):
            with clock.at(moment):
                browser.post(f"/matters/{matter.pk}/admit/", {"missing": missing})
        # Sunday's own twelve hours are still there.
        assert (found.get().state, found.get().due_at) == ("RUNNING", sunday + dt.timedelta(hours=9))

    def test_complete_twice_is_refused_and_an_unknown_need_too(self) -> None:
        user, matter = officer(), taken()
        matter_admit(user=user, matter=matter, missing=[], at=clock.now())
        with pytest.raises(Conflict):
            matter_admit(user=user, matter=matter, missing=[], at=clock.now())
        with pytest.raises(Refused, match="matter_missing"):
            matter_admit(user=user, matter=matter, missing=["MONEY"], at=clock.now())


class TestRouting:
    @pytest.mark.requirement("CR-04")
    def test_it_is_given_to_its_department_and_its_first_clock_is_met(self) -> None:
        user, matter = officer(), taken()
        enter(user).post(f"/matters/{matter.pk}/route/", {"department": "LEGAL", "handler": user.pk})
        matter.refresh_from_db()
        assert (matter.department, matter.handler) == ("LEGAL", user)
        assert states(matter)["ROUTING"] == "MET"

    def test_what_a_client_tells_goes_to_client_relations(self) -> None:
        assert taken(complainant="CLIENT").department == "CLIENT_RELATIONS"

    @pytest.mark.requirement("CX-14")
    def test_nobody_handles_what_is_said_of_themselves(self) -> None:
        user, other = officer(), officer("other")
        matter = taken(concerned=other)
        page = enter(user, "en").post(f"/matters/{matter.pk}/route/", {"department": "LEGAL", "handler": other.pk})
        assert page.status_code == 422
        assert "Nobody handles what is said of themselves" in words(page)
        matter_route(user=user, matter=taken(), department="LEGAL", handler=other, at=clock.now())
        theirs = Matter.objects.get(handler=other)
        with pytest.raises(Refused, match="matter_concerned"):
            matter_sort(user=user, matter=theirs, at=clock.now(), concerned=other)
        with pytest.raises(NotAllowed):
            matter_route(user=other, matter=matter, department="LEGAL", handler=None, at=clock.now())

    @pytest.mark.requirement("CX-14")
    def test_who_decided_it_does_not_become_whom_it_is_about_by_the_page_or_by_the_database(self) -> None:
        categories_ship()
        desk = a_desk()
        matter = a_matter_at(Stage.RESPONDED, desk=desk)
        matter = matter_route(
            user=desk.officer, matter=matter, department="OPERATIONS", handler=desk.head, at=clock.now()
        )
        told = {"category": Category.objects.filter(parent__isnull=False)[0].pk, "severity": "LOW"}
        browser = enter(desk.head, "en")
        page = browser.post(f"/matters/{matter.pk}/sort/", {**told, "concerned": desk.officer.pk})
        assert page.status_code == 422
        assert "They decided it" in words(page)
        with pytest.raises(IntegrityError, match="matter_concerned_decided_nothing"), transaction.atomic():
            Matter.objects.filter(pk=matter.pk).update(concerned=desk.officer)
        # Looked into again there is no decision of theirs left, and it may be said.
        browser.post(f"/matters/{matter.pk}/again/", {"reason": "تبيّن أن الشكوى من الموظف نفسه"})
        assert browser.post(f"/matters/{matter.pk}/sort/", {**told, "concerned": desk.officer.pk}).status_code == 302
        matter.refresh_from_db()
        assert matter.concerned == desk.officer
        assert enter(desk.officer).get(f"/matters/{matter.pk}/").status_code == 404

    def test_a_collector_handles_none(self) -> None:
        collector = make_user(Role.COLLECTOR, team=make_team())
        with pytest.raises(Refused, match="matter_handler"):
            matter_route(user=officer(), matter=taken(), department="LEGAL", handler=collector, at=clock.now())


class TestSorting:
    def test_the_account_that_is_found_brings_its_clients_clocks_from_the_day_it_was_received(self) -> None:
        categories_ship()
        user, matter = officer(), taken()
        client = make_client("BNK", kind="BANK")
        case = a_case(client, ref="D-9")
        page = enter(user).post(f"/matters/{matter.pk}/sort/", {
            "category": Category.objects.get(code="AMOUNT_FEES").pk, "severity": Severity.HIGH, "remedy_sought": "",
            "client": client.pk, "account_ref": "D-9",
        })  # fmt: skip
        assert page.status_code == 302
        matter.refresh_from_db()
        assert (matter.case, matter.client, matter.party) == (case, client, case.debtor.party)
        assert clocks_of(subject=matter).get(code="ANSWER_BANK").started_at == matter.received_at
        with pytest.raises(Refused, match="matter_client"):
            matter_sort(user=user, matter=matter, at=clock.now(), case=a_case(make_client("BBB"), ref="D-9"))

    def test_the_same_person_under_the_same_branch_again_is_a_repeat(self) -> None:
        categories_ship()
        hours, often, fees = (Category.objects.get(code=c) for c in ("CONTACT_HOURS", "CONTACT_OFTEN", "AMOUNT_FEES"))
        first = taken(category=hours)
        assert taken(category=often, words="كل يوم").repeats == first
        assert taken(category=fees, words="رسوم").repeats is None
        assert taken(category=often, words="غيره", phone="0500000001", email="x@example.com").repeats is None

    def test_the_same_words_are_known_however_they_were_typed(self) -> None:
        first = taken(words="إتصلَ بي المُحصّل ليلًا!")
        assert taken(words="اتصل بي  المحصل ليلا").repeats == first


class TestAtOnce:
    @pytest.mark.requirement("CR-02")
    def test_solved_while_the_person_is_there_it_passes_every_stage(self) -> None:
        user, matter = officer(), taken()
        page = enter(user).post(f"/matters/{matter.pk}/solve/", {
            "outcome": "JUSTIFIED", "finding": "اتصال بعد الثامنة", "answer": "اعتذرنا وأوقفناه", "agreed": "on",
        })  # fmt: skip
        assert page.status_code == 302
        matter.refresh_from_db()
        assert (matter.stage, matter.outcome, matter.handler) == (Stage.CLOSED, Outcome.JUSTIFIED, user)
        assert list(matter.moves.values_list("to_stage", flat=True)) == list(STAGES)
        assert set(states(matter).values()) == {"MET"}
        assert {note.kind for note in matter.notes.all()} == {"FINDING", "ANSWER"}

    def test_not_without_the_persons_word_nor_for_an_objection_to_an_amount(self) -> None:
        categories_ship()
        user = officer()
        said = {"finding": "كذا", "answer": "كذا", "at": clock.now()}
        with pytest.raises(Refused, match="matter_agreed"):
            matter_solve(user=user, matter=taken(), agreed=False, **said)  # type: ignore[arg-type]
        amount = taken(category=Category.objects.get(code="AMOUNT_WRONG"))
        with pytest.raises(Refused, match="matter_holds"):
            matter_solve(user=user, matter=amount, agreed=True, **said)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="note_words"):
            matter_solve(user=user, matter=taken(), agreed=True, finding=" ", answer="x", at=clock.now())
        assert not Matter.objects.filter(stage=Stage.CLOSED).exists()

    def test_told_twice_it_is_closed_and_the_first_one_goes_on(self) -> None:
        user, first = officer(), taken()
        second = taken()
        page = words(enter(user, "en").get(f"/matters/{second.pk}/"))
        assert "The same words" in page
        enter(user).post(f"/matters/{second.pk}/duplicate/", {"of": first.pk})
        second.refresh_from_db()
        assert (second.stage, second.outcome, second.duplicate_of) == (Stage.CLOSED, Outcome.DUPLICATE, first)
        first.refresh_from_db()
        assert first.stage == Stage.ACKNOWLEDGED
        assert first.notes.count() == 1
        with pytest.raises(Refused):
            matter_duplicate(user=user, matter=first, of=first, at=clock.now())

    @pytest.mark.parametrize("of", ["", "x", "-1", "99999999999999999999"])
    def test_what_is_no_matter_was_not_told_before(self, of: str) -> None:
        user, matter = officer(), taken()
        assert enter(user).post(f"/matters/{matter.pk}/duplicate/", {"of": of}).status_code == 404

    @pytest.mark.requirement("CR-02")
    def test_a_promised_call_runs_until_it_is_made(self) -> None:
        user, matter = officer(), taken()
        browser = enter(user)
        browser.post(f"/matters/{matter.pk}/call/")
        call = CallBack.objects.get()
        assert clocks_of(subject=call).get().due_at == call.due_at
        with pytest.raises(Conflict):
            call_back_promise(user=user, matter=matter, at=clock.now())
        assert browser.post(f"/matters/calls/{call.pk}/", {"result": ""}).status_code == 422
        browser.post(f"/matters/calls/{call.pk}/", {"result": "أجبناه ورضي"})
        call.refresh_from_db()
        assert (call.result, call.done_by) == ("أجبناه ورضي", user)
        assert clocks_of(subject=call).get().state == "MET"
        with pytest.raises(Conflict):
            call_back_done(user=user, call_back=call, result="مرة أخرى", at=clock.now())


class TestCategories:
    def test_the_quality_officer_keeps_the_tree_and_nobody_else(self) -> None:
        categories_ship()
        assert categories_ship() == 0
        quality = make_user(Role.QUALITY_OFFICER)
        leaf = Category.objects.get(code="CONTACT_HOURS")
        browser = enter(quality)
        form = {"name_ar": "خارج الوقت", "name_en": "Out of hours", "department": "LEGAL", "severity": "HIGH",
                "position": "3", "is_active": "on", "parent": leaf.parent_id}  # fmt: skip
        assert browser.post(f"/matters/categories/{leaf.pk}/", form).status_code == 302
        leaf.refresh_from_db()
        assert (leaf.name_ar, leaf.severity, leaf.code) == ("خارج الوقت", "HIGH", "CONTACT_HOURS")
        assert AuditEvent.objects.filter(action="category.changed").count() == 1
        assert "خارج الوقت" in words(browser.get("/matters/categories/"))
        with pytest.raises(NotAllowed):
            category_save(user=officer(), category=leaf, department="LEGAL", severity="LOW")
        below = Category.objects.get(code="CONTACT_OFTEN")
        page = browser.post(f"/matters/categories/{below.pk}/", {**form, "parent": below.pk})
        assert page.status_code == 422


def test_the_list_costs_the_same_for_one_matter_and_for_many() -> None:
    user, client = officer(), make_client("AAA")
    browser = enter(user)
    a_matter(case=a_case(client, ref="R-0"))
    one = queries(lambda: browser.get("/matters/"))
    for number in range(1, 8):
        a_matter(case=a_case(client, ref=f"R-{number}"), phone=f"055123450{number}")
    assert queries(lambda: browser.get("/matters/")) == one
