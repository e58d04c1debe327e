"""Lawyers, their files and days in court, through the doors of the legal desk and of the lawyers themselves."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from icalendar import Calendar

from accounts.choices import Role
from accounts.models import AccessRecord, User
from accounts.services.users import user_update
from common import clock
from common.exceptions import Refused
from legal.models import CalendarFeed, CourtDate, FileAssignment, LawFirm, Lawyer, LawyerConflict, LegalFile, Paper
from legal.services.authorisations import authorisation_revoke
from legal.services.court_dates import court_date_add, court_date_done
from legal.services.escalations import escalation_sign
from legal.services.files import file_assign, file_close, file_open
from legal.services.lawyers import conflict_record, lawyer_save
from legal.tests.worlds import Court, a_claim, a_court, a_court_date, a_file_paper, a_lawyer, an_instrument
from tests.doors import LANGUAGES, enter, words
from tests.world import ACTOR, a_pdf, an_escalation, make_client, make_user, signed_in

pytestmark = pytest.mark.django_db


def in_days(days: int) -> str:
    return (clock.today() + dt.timedelta(days=days)).isoformat()


class TestRegister:
    @pytest.mark.requirement("PL-23")
    def test_a_firm_its_lawyer_and_a_conflict_are_entered(self) -> None:
        court, other = a_court(), make_client("BBB")
        desk = enter(court.officer)
        told = {"name_ar": "مكتب العدل", "name_en": "Justice", "licence": "F-77", "is_active": "on"}
        assert desk.post(reverse("firm_new"), told).status_code == 302
        firm = LawFirm.objects.get(licence="F-77")
        again = desk.post(reverse("firm_new"), told)
        assert again.status_code == 422
        assert again.context["form"].errors["licence"]
        lawyer = {"name_ar": "سامي", "name_en": "Sami", "licence": "L-77", "is_active": "on"}
        assert desk.post(reverse("lawyer_new", args=[firm.pk]), lawyer).status_code == 302
        conflict = {"client": other.pk, "reason": "وكيل الخصم في دعوى قائمة"}
        assert desk.post(reverse("conflict_new", args=[firm.pk]), conflict).status_code == 302
        assert LawyerConflict.objects.get().client == other
        holder = {"client": court.client.pk, "debtor_ref": "AAA-1", "reason": "يمثّله"}
        assert desk.post(reverse("conflict_new", args=[firm.pk]), holder).status_code == 302
        assert LawyerConflict.objects.latest("pk").party == court.case.debtor.party
        page = words(desk.get(reverse("firm", args=[firm.pk])))
        assert court.case.debtor.name in page
        unknown = desk.post(reverse("conflict_new", args=[firm.pk]), {**holder, "debtor_ref": "NOBODY"})
        assert unknown.context["conflict_form"].errors["debtor_ref"]

    def test_who_is_not_of_the_desk_keeps_nothing(self) -> None:
        court = a_court()
        with pytest.raises(Refused):
            lawyer_save(user=court.collector, firm=court.lawyer.firm, name_ar="س", name_en="S", licence="X")
        with pytest.raises(Refused):
            conflict_record(user=court.collector, firm=court.lawyer.firm, client=court.client, reason="x")


class TestConflicts:
    @pytest.mark.requirement("PL-23")
    @pytest.mark.parametrize("against", ["client", "party"])
    @pytest.mark.parametrize("whole_firm", [True, False])
    def test_who_may_not_act_is_given_no_file(self, against: str, whole_firm: bool) -> None:
        court = a_court()
        other = a_lawyer(by=court.officer, n=2)
        colleague = lawyer_save(user=court.officer, firm=other.firm, name_ar="زميل", name_en="C", licence="L-3")
        whom: Any = {"client": court.client} if against == "client" else {"party": court.case.debtor.party}
        conflict_record(
            user=court.officer, firm=other.firm, lawyer=None if whole_firm else other, reason="تعارض", **whom
        )
        desk = enter(court.officer)
        for lawyer, refused in ((other, True), (colleague, whole_firm)):
            sent = desk.post(
                reverse("legal_file_assign", args=[court.file.pk]), {"lawyer": lawyer.pk, "reason": "تغيير"}
            )
            assert (sent.status_code == 422) is refused
            if not refused:
                continue
            # Nor by SQL, as the file's lawyer or into its history.
            files = LegalFile.objects.filter(pk=court.file.pk)
            with pytest.raises(IntegrityError, match="may not act"), transaction.atomic():
                files.update(lawyer=lawyer)
            with pytest.raises(IntegrityError, match="may not act"), transaction.atomic():
                FileAssignment.objects.create(
                    client_id=court.client.pk, file=court.file, lawyer=lawyer, from_at=clock.now(),
                    until_at=clock.now(), assigned_by=court.officer,
                )  # fmt: skip

    @pytest.mark.requirement("PL-23")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_conflict_recorded_afterwards_raises_the_alarm(self, language: str) -> None:
        court = a_court()
        conflict = conflict_record(user=court.officer, firm=court.lawyer.firm, client=court.client, reason="ظهر لاحقًا")
        desk = enter(court.officer, language)
        alarm = "تعارض" if language == "ar" else "conflict"
        for name, args in (("legal_desk", []), ("legal_file", [court.file.pk]), ("legal_files", [])):
            assert alarm in words(desk.get(reverse(name, args=args)))
        sent = desk.post(reverse("conflict_end", args=[conflict.pk]), {"reason": "تنازل مكتوب"})
        assert sent.status_code == 302
        assert "ظهر لاحقًا" not in words(desk.get(reverse("legal_file", args=[court.file.pk])))


@pytest.mark.requirement("PL-23")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["file", "conflict"])
def test_in_both_orders_of_the_race_no_file_slips_past_a_conflict(first: str) -> None:
    """One holds its transaction open; the other waits for the firm's row and then sees what came to be."""
    court = a_court()
    other = a_lawyer(by=court.officer, n=2)
    began, finish, failed = threading.Event(), threading.Event(), []

    def give() -> None:
        file_assign(user=court.officer, file=court.file, lawyer=other, reason="تغيير")

    def conflict() -> None:
        conflict_record(user=court.officer, firm=other.firm, client=court.client, reason="تعارض")

    acts = {"file": give, "conflict": conflict}
    second = next(act for name, act in acts.items() if name != first)

    def holds() -> None:
        try:
            with transaction.atomic():
                acts[first]()
                began.set()
                finish.wait(20)
        finally:
            connections.close_all()

    def follows() -> None:
        try:
            second()
        except Refused as refusal:
            failed.append(refusal.code)
        finally:
            connections.close_all()

    one, two = threading.Thread(target=holds), threading.Thread(target=follows)
    one.start()
    assert began.wait(20)
    two.start()
    two.join(0.5)
    assert two.is_alive()
    finish.set()
    one.join(20)
    two.join(20)
    court.file.refresh_from_db()
    if first == "conflict":
        assert failed == ["lawyer_conflict"]
        assert court.file.lawyer == court.lawyer
    else:
        assert failed == []
        assert court.file.lawyer == other
        assert LawyerConflict.objects.count() == 1
    connection.close()


class TestFiles:
    @pytest.mark.requirement("PL-23")
    def test_a_file_is_opened_under_a_live_authorisation_alone(self) -> None:
        court = a_court()
        again = enter(court.officer).post(
            reverse("legal_file_new", args=[court.authorisation.pk]),
            {"lawyer": court.lawyer.pk, "on": clock.today().isoformat()},
        )
        assert again.status_code == 422
        file_close(user=court.officer, file=court.file, outcome="COLLECTED", on=clock.today())
        sent = enter(court.officer).post(
            reverse("legal_file_new", args=[court.authorisation.pk]),
            {"lawyer": court.lawyer.pk, "on": clock.today().isoformat()},
        )
        assert sent.status_code == 302
        file = LegalFile.objects.latest("pk")
        assert file.number.endswith("-2")
        file_close(user=court.officer, file=file, outcome="WITHDRAWN", on=clock.today())
        authorisation_revoke(user=court.signatory, authorisation=court.authorisation, reason="سُوّي الأمر")
        with pytest.raises(Refused) as refused:
            file_open(user=court.officer, authorisation=court.authorisation, lawyer=court.lawyer, on=clock.today())
        assert refused.value.code == "file_authorisation"

    @pytest.mark.requirement("PL-23")
    def test_references_assignments_and_costs_stand_on_one_screen(self) -> None:
        court = a_court(pack=True)
        desk, file = enter(court.officer, "en"), reverse("legal_file", args=[court.file.pk])
        told = {"court": "المحكمة التجارية", "city": "الرياض", "circuit": "الخامسة", "court_reference": "4570001",
                "najiz_reference": "NJZ-9", "nafith_reference": "NF-3"}  # fmt: skip
        assert desk.post(reverse("legal_file_references", args=[court.file.pk]), told).status_code == 302
        cost = {"kind": "COURT_FEE", "amount": "120.00", "on": in_days(0), "payee": "المحكمة"}
        assert desk.post(reverse("file_cost", args=[court.file.pk]), cost).status_code == 302
        over = desk.post(reverse("file_cost", args=[court.file.pk]), {**cost, "amount": "380.01"})
        assert over.status_code == 422
        advance = {**cost, "kind": "ADVANCE", "amount": "380.00"}
        assert desk.post(reverse("file_cost", args=[court.file.pk]), advance).status_code == 302
        claim = {"kind": "FILING", "amount": "1000.00", "filed_on": in_days(0), "reference": "457"}
        assert desk.post(reverse("file_claim", args=[court.file.pk]), claim).status_code == 302
        other = a_lawyer(by=court.officer, n=2)
        given = desk.post(reverse("legal_file_assign", args=[court.file.pk]), {"lawyer": other.pk, "reason": "سفر"})
        assert given.status_code == 302
        answer = desk.get(file)
        assert sorted(cost.amount for cost in answer.context["costs"]) == [120, 380]
        assert [(row.claim.amount, row.owed) for row in answer.context["claims"]] == [(1000, 1000)]
        page = words(answer)
        for said in ("المحكمة التجارية", "4570001", "NJZ-9", "NF-3", other.name_en, court.lawyer.name_en, "سفر"):
            assert said in page, said
        back = court.file.costs.get(kind="COURT_FEE")
        assert desk.post(reverse("file_cost_back", args=[back.pk]), {"reason": "قيد مكرر"}).status_code == 302
        assert sum(c.amount for c in court.file.costs.all()) == 380
        assert FileAssignment.objects.filter(file=court.file).count() == 2
        found = desk.get(reverse("legal_files"), {"q": "4570001"})
        assert [f.pk for f in found.context["page"]] == [court.file.pk]
        assert not desk.get(reverse("legal_files"), {"lawyer": court.lawyer.pk}).context["page"].object_list

    @pytest.mark.requirement("PL-21", "PL-23")
    def test_a_file_goes_on_under_the_authorisation_that_replaced_its_own(self) -> None:
        court = a_court(pack=True)
        with clock.at(clock.now() + dt.timedelta(days=70)):
            again = an_escalation(court.case, by=court.collector, approved_by=court.manager)
            renewed = escalation_sign(user=court.signatory, request=again, digest=again.digest)
            desk, today = enter(court.officer), clock.today().isoformat()
            page = desk.get(reverse("legal_file", args=[court.file.pk]))
            assert page.context["authorisation"] == renewed
            key = page.context["form_key"]
            cost = {"kind": "COURT_FEE", "amount": "120.00", "on": today, "form_key": key}
            claim = {"kind": "FILING", "amount": "1000.00", "filed_on": today, "form_key": key}
            for name, told in (("file_cost", cost), ("file_cost", cost), ("file_claim", claim), ("file_claim", claim)):
                assert desk.post(reverse(name, args=[court.file.pk]), told).status_code == 302
            assert court.file.costs.get().authorisation == renewed, "sent twice, written once"
            assert court.file.claims.get().authorisation == renewed
            amend = {"amount": "1000.01", "on": today, "reason": "س"}
            answer = desk.post(reverse("file_claim_amend", args=[court.file.claims.get().pk]), amend)
            assert list(answer.context["amends"][court.file.claims.get().pk].errors) == ["amount"]

    @pytest.mark.requirement("PL-23")
    def test_nothing_is_filed_without_its_papers_nor_on_an_unregistered_note(self) -> None:
        bare, court = a_court(), a_court("BBB", pack=True)
        claim = {"kind": "FILING", "amount": "1000.00", "filed_on": in_days(0)}
        refused = enter(bare.officer, "en").post(reverse("file_claim", args=[bare.file.pk]), claim)
        assert refused.status_code == 422
        assert "The evidence pack is not complete" in words(refused)
        note = an_instrument(court, issued_on=clock.today())
        on_note = {**claim, "instrument": note.pk}
        paper = enter(court.officer).post(reverse("file_claim", args=[court.file.pk]), on_note)
        assert paper.context["claim_form"].errors["instrument"]
        faults = enter(court.officer, "en").get(reverse("instrument", args=[note.pk]))
        assert "It bears no signature of its maker." in words(faults)

    @pytest.mark.requirement("PL-23")
    def test_a_file_is_not_closed_over_a_claim_that_stands(self) -> None:
        court = a_court()
        a_claim(court)
        a_court_date(court)
        desk = enter(court.officer)
        told = {"outcome": "JUDGED_FOR", "on": in_days(0), "note": "حكم نهائي"}
        refused = desk.post(reverse("legal_file_close", args=[court.file.pk]), told)
        assert refused.status_code == 422
        claim = court.file.claims.get()
        end = {"state": "ENDED", "on": in_days(0), "note": "شطب"}
        assert desk.post(reverse("file_claim_end", args=[claim.pk]), end).status_code == 302
        assert desk.post(reverse("legal_file_close", args=[court.file.pk]), told).status_code == 302
        court.file.refresh_from_db()
        assert (court.file.state, court.file.outcome) == ("CLOSED", "JUDGED_FOR")
        assert CourtDate.objects.get().state == "CANCELLED"


class TestDays:
    @pytest.mark.requirement("PL-23")
    def test_a_hearing_is_planned_postponed_and_answered(self) -> None:
        court = a_court()
        desk = enter(court.officer)
        told = {"kind": "HEARING", "title": "جلسة أولى", "on": in_days(0), "at": "09:30", "place": "قاعة 4"}
        assert desk.post(reverse("court_date_new", args=[court.file.pk]), {**told, "at": ""}).status_code == 422
        assert desk.post(reverse("court_date_new", args=[court.file.pk]), told).status_code == 302
        first = CourtDate.objects.get()
        moved = {"became": "POSTPONED", "outcome": "لم يحضر الخصم", "on": in_days(14), "at": "11:00"}
        missing = desk.post(reverse("court_date_answer", args=[first.pk]), {**moved, "on": ""})
        assert missing.status_code == 422
        assert desk.post(reverse("court_date_answer", args=[first.pk]), moved).status_code == 302
        first.refresh_from_db()
        second = CourtDate.objects.get(moved_from=first)
        assert (first.state, second.state, second.place) == ("POSTPONED", "PLANNED", "قاعة 4")
        twice = desk.post(reverse("court_date_answer", args=[first.pk]), moved)
        assert twice.status_code == 422
        early = desk.post(reverse("court_date_answer", args=[second.pk]), {"became": "DONE", "outcome": "حكم"})
        assert early.status_code == 422
        with clock.at(clock.at_riyadh(on=second.on, time=dt.time(13, 0))):
            court_date_done(user=court.officer, court_date=second, outcome="حُكم للمدعية")
        second.refresh_from_db()
        assert second.state == "DONE"

    @pytest.mark.requirement("PL-23")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_month_stands_in_both_calendars(self, language: str) -> None:
        court = a_court()
        row = a_court_date(court, days=0)
        page = enter(court.officer, language).get(reverse("legal_calendar"))
        assert row.title in words(page)
        assert ("هـ" if language == "ar" else "AH") in page.context["hijri_span"]
        other = enter(court.officer).get(reverse("legal_calendar"), {"month": "2031-02"})
        assert row.title not in words(other)
        assert [day["on"].isoformat() for day in other.context["weeks"][0]][::6] == ["2031-01-26", "2031-02-01"]
        for strange in ("2031-13", "x", "0001-01", "9999-12"):
            assert enter(court.officer).get(reverse("legal_calendar"), {"month": strange}).status_code == 200


class TestFeed:
    @pytest.mark.requirement("PL-23")
    def test_a_private_address_tells_no_names_and_ends_when_told(self) -> None:
        court = a_court()
        row = a_court_date(court, days=3)
        deadline = court_date_add(
            user=court.officer, file=court.file, kind="DEADLINE", title=f"مهلة {court.case.debtor.name}",
            on=clock.today() + dt.timedelta(days=4),
        )  # fmt: skip
        desk = enter(court.officer)
        address = desk.post(reverse("calendar_feed")).context["address"]
        token = address.rpartition("/")[2].removesuffix(".ics")
        assert token not in CalendarFeed.objects.get().token_hash
        visitor = signed_in(None)
        read = visitor.get(address)
        assert read["Content-Type"].startswith("text/calendar")
        assert court.case.debtor.name not in read.content.decode()
        events = {str(e["uid"]): e for e in Calendar.from_ical(read.content).walk("VEVENT")}
        hearing = events[f"court-date-{row.pk}@mithaq"]
        assert hearing.decoded("dtstart").astimezone(clock.RIYADH).time() == dt.time(9, 30)
        assert court.file.number in hearing["summary"]
        assert events[f"court-date-{deadline.pk}@mithaq"].decoded("dtstart") == deadline.on
        file = desk.get(reverse("legal_calendar_file"))
        assert file["Content-Disposition"].endswith('"court-dates.ics"')
        # A new one ends the old; ended, and for who left, it is nowhere.
        fresh = desk.post(reverse("calendar_feed")).context["address"]
        assert (visitor.get(address).status_code, visitor.get(fresh).status_code) == (404, 200)
        officer = court.officer
        off = {"name_ar": officer.name_ar, "name_en": officer.name_en, "role": officer.role, "team": None}
        user_update(actor=ACTOR, user=officer, is_active=False, **off)
        assert visitor.get(fresh).status_code == 404
        user_update(actor=ACTOR, user=officer, is_active=True, **off)
        # Sessions ended with the switching off.
        enter(officer).post(reverse("calendar_feed"), {"end": "yes"})
        assert visitor.get(fresh).status_code == 404


def invited(court: Court, *, lawyer: Lawyer | None = None, email: str = "sami@firm.example") -> User:
    lawyer = lawyer or court.lawyer
    sent = enter(court.officer).post(reverse("lawyer_invite", args=[lawyer.pk]), {"email": email})
    assert sent.status_code == 302
    user = User.objects.get(email=email)
    User.objects.filter(pk=user.pk).update(is_demo=True)
    user.refresh_from_db()
    return user


class TestOutside:
    @pytest.mark.requirement("PL-23")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_lawyer_sees_the_files_they_hold_and_nothing_else(self, language: str) -> None:
        court, other = a_court(), a_court("BBB")
        user = invited(court)
        assert user.role == Role.LAWYER
        paper, foreign = a_file_paper(court), a_file_paper(other)
        row = a_court_date(court, days=0)
        browser = enter(user, language)
        page = words(browser.get(reverse("lawyer_files")))
        assert court.file.number in page
        assert other.file.number not in page
        file = browser.get(reverse("lawyer_file", args=[court.file.pk]))
        assert row.title in words(file)
        assert paper.title in words(file)
        assert browser.get(reverse("lawyer_file", args=[other.file.pk])).status_code == 404
        assert browser.get(reverse("lawyer_paper", args=[foreign.pk])).status_code == 404
        assert browser.get(reverse("lawyer_paper", args=[paper.pk])).content == a_pdf()
        looks = AccessRecord.objects.filter(user=user).values_list("what", flat=True)
        assert sorted(looks) == ["file.read", "paper.read"]
        for name, args in (
            ("cases", []), ("case", [court.case.pk]), ("legal_file", [court.file.pk]), ("legal_desk", []),
            ("paper", [paper.pk]), ("portal", []), ("users", []), ("legal_calendar", []),
        ):  # fmt: skip
            assert browser.get(reverse(name, args=args)).status_code == 404, name

    @pytest.mark.requirement("PL-23")
    def test_a_lawyer_records_the_day_and_hands_in_a_paper(self) -> None:
        court = a_court()
        browser, row = enter(invited(court)), a_court_date(court, days=0)
        cancel = browser.post(reverse("lawyer_date", args=[row.pk]), {"became": "CANCELLED", "outcome": "لا"})
        assert cancel.status_code == 422
        sent = browser.post(
            reverse("lawyer_date", args=[row.pk]),
            {"became": "POSTPONED", "outcome": "طلب الخصم مهلة", "on": in_days(20), "at": "10:00"},
        )
        assert sent.status_code == 302
        assert CourtDate.objects.get(moved_from=row).state == "PLANNED"
        handed = browser.post(
            reverse("lawyer_paper_new", args=[court.file.pk]),
            {"kind": "JUDGMENT", "title": "فاتورة أتعاب", "file": SimpleUploadedFile("i.pdf", a_pdf())},
        )
        assert handed.status_code == 302
        assert Paper.objects.get(title="فاتورة أتعاب").file == court.file
        wrong = browser.post(
            reverse("lawyer_paper_new", args=[court.file.pk]),
            {"kind": "OTHER", "title": "x", "file": SimpleUploadedFile("i.pdf", b"text")},
        )
        assert wrong.status_code == 422

    @pytest.mark.requirement("PL-23")
    def test_a_file_given_to_another_disappears_at_once(self) -> None:
        court = a_court()
        user, paper = invited(court), a_file_paper(court)
        row, browser = a_court_date(court, days=0), enter(user)
        doors = [
            ("lawyer_file", court.file.pk, "get"), ("lawyer_paper", paper.pk, "get"), ("lawyer_date", row.pk, "post"),
            ("lawyer_paper_new", court.file.pk, "post"),
        ]  # fmt: skip
        feed = browser.post(reverse("lawyer_feed")).context["address"]
        assert court.file.number in browser.get(feed).content.decode()
        file_assign(user=court.officer, file=court.file, lawyer=a_lawyer(by=court.officer, n=2), reason="تغيير")
        for name, pk, method in doors:
            assert getattr(browser, method)(reverse(name, args=[pk])).status_code == 404, name
        assert court.file.number not in words(browser.get(reverse("lawyer_files")))
        assert court.file.number not in browser.get(feed).content.decode()

    def test_who_left_the_firm_signs_in_no_more(self) -> None:
        court = a_court()
        user, lawyer = invited(court), court.lawyer
        lawyer_save(
            user=court.officer, firm=lawyer.firm, lawyer=lawyer, name_ar=lawyer.name_ar, name_en=lawyer.name_en,
            licence=lawyer.licence, is_active=False,
        )  # fmt: skip
        user.refresh_from_db()
        assert not user.is_active

    def test_a_lawyer_never_becomes_staff(self) -> None:
        court = a_court()
        user = invited(court)
        for role in (Role.LEGAL_OFFICER, Role.CLIENT_USER):
            with pytest.raises(Refused) as refused:
                user_update(actor=ACTOR, user=user, name_ar="س", name_en="S", role=role, team=None, is_active=True)
            assert refused.value.code == "user_wall"
        page = signed_in(make_user(Role.ADMINISTRATOR)).get(reverse("user", args=[user.pk]))
        assert [value for value, _label in page.context["form"].fields["role"].choices] == ["LAWYER"]
