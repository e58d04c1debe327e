"""What is published in versions, through the doors: questions, the policy, procedures, outside bodies."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import escape

from accounts.choices import STAFF_ROLES, Role
from accounts.models import User
from common import clock
from common.clock import RIYADH
from common.clocks.tick import clocks_tick
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from complaints.choices import EditionState, Stage
from complaints.models import FaqEntry, OutwardBody, PolicyReading, PolicyText, Procedure, ProcedureStep
from complaints.selectors.bodies import bodies_named, bodies_of
from complaints.selectors.questions import questions_found, questions_published
from complaints.services.categories import categories_ship
from complaints.services.editions import edition_approve, edition_digest, edition_edit, edition_withdraw
from complaints.services.editions_shipped import editions_ship
from complaints.tests.handling_worlds import a_desk, a_matter_at, objects_to_amount
from complaints.tests.published_worlds import QUESTION, a_draft, approved, in_force, proven
from complaints.tests.worlds import WORDS, a_matter
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _shipped() -> Any:
    categories_ship()  # a test that commits ends with empty tables
    editions_ship()
    with clock.at(AT):
        yield


@pytest.fixture
def quality() -> User:
    return make_user(Role.QUALITY_OFFICER, name="quality")


@pytest.fixture
def general() -> User:
    return make_user(Role.GENERAL_MANAGER, name="general")


def visitor(language: str = "ar") -> Browser:
    browser = Browser()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser


class TestSearch:
    @pytest.mark.parametrize(
        ("asked", "first"),
        [
            ("متى أوقات التواصل", "HOURS"),
            ("اوقات", "HOURS"),
            ("كم تستغرق معالجه الشكوي", "HOW_LONG"),
            ("الشَّكْوَى تستغرق", "HOW_LONG"),
            ("سجلي الائتماني", "RECORD"),
            ("سدادي لم يحتسب", "PAID"),
            ("how long enquiry takes", "HOW_LONG"),
            ("credit records", "RECORD"),
        ],
    )
    def test_words_are_found_however_they_are_typed(self, asked: str, first: str) -> None:
        assert questions_found(words=asked)[0].code == first

    @pytest.mark.parametrize("asked", ["", "؟؟", "%", "زرافة بنفسجية", "x" * 100, "'; DROP", "a\\b"])
    def test_nothing_is_found_for_nothing(self, asked: str) -> None:
        assert not [one for one in questions_found(words=asked) if "زرافة" in one.question_ar]
        assert len(questions_found(words="زرافة بنفسجية")) == 0

    def test_drafts_and_withdrawn_ones_are_never_found(self, quality: User, general: User) -> None:
        draft = a_draft(by=quality)
        assert draft.code not in {one.code for one in questions_found(words="خارج المملكة")}
        published = approved(draft, by=general)
        assert published in questions_found(words="خارج المملكه")
        edition_withdraw(user=general, edition=published, reason="تغيّر الحال")
        assert published not in questions_found(words="خارج المملكة")


class TestPublicPages:
    @pytest.mark.requirement("CR-06")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_everybody_reads_and_searches_the_questions(self, language: str) -> None:
        browser = visitor(language)
        page = browser.get(reverse("help_questions"))
        assert page.status_code == 200
        assert in_language(page, language)
        assert words(page).count("<details") == questions_published().count() >= 8
        found = words(browser.get(reverse("help_questions"), {"q": "reminders" if language == "en" else "التذكير"}))
        assert 'id="REMINDERS"' in found
        assert 'id="PLAN"' not in found
        nothing = words(browser.get(reverse("help_questions"), {"q": "zebra"}))
        assert "<details" not in nothing
        assert reverse("help_tell") in nothing

    def test_the_page_may_be_kept_a_while_and_costs_one_statement(self) -> None:
        browser = visitor()
        page = browser.get(reverse("help_questions"))
        assert sorted(page.headers["Cache-Control"].split(", ")) == ["max-age=300", "private"]
        assert "Cookie" in page.headers["Vary"]
        assert queries(lambda: browser.get(reverse("help_questions"))) == 1
        assert queries(lambda: browser.get(reverse("help_questions"), {"q": "الشكوى"})) == 1

    @pytest.mark.requirement("CR-06")
    def test_the_form_suggests_answers_for_its_category_with_and_without_script(self) -> None:
        objects_to_amount()
        browser = visitor()
        form = words(browser.get(reverse("help_tell")))
        assert f'hx-get="{reverse("help_suggested")}"' in form
        assert reverse("help_questions") in form
        told = words(browser.get(reverse("help_suggested"), {"category": "AMOUNT"}))
        assert FaqEntry.objects.get(code="REMINDERS").question_ar in told
        assert FaqEntry.objects.get(code="HOURS").question_ar not in told
        # Without script the form comes back with its faults, and then with what may answer.
        again = words(browser.post(reverse("help_tell"), {"category": "AMOUNT"}))
        assert FaqEntry.objects.get(code="REMINDERS").question_ar in again
        assert "note-box" not in words(browser.get(reverse("help_suggested"), {"category": "NOTHING"}))

    @pytest.mark.requirement("CX-17")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_policy_is_public(self, language: str) -> None:
        page = words(visitor(language).get(reverse("help_policy")))
        policy = in_force(PolicyText, "COMPLAINTS")
        assert getattr(policy, f"title_{language}") in page
        assert reverse("help_policy") in words(visitor(language).get(reverse("help_tell")))


class TestTwoPeople:
    @pytest.mark.requirement("CR-06")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_written_by_one_published_by_another(self, language: str, quality: User, general: User) -> None:
        browser = proven(quality, language)
        told = {key: value for key, value in QUESTION.items() if value is not None}
        answer = browser.post(reverse("edition_new", args=["questions"]), told)
        draft = FaqEntry.objects.latest("pk")
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            reverse("edition", args=["questions", draft.pk]),
        )
        assert QUESTION["question_ar"] not in words(visitor().get(reverse("help_questions")))
        page = browser.get(answer.headers["Location"])
        assert reverse("edition_publish", args=["questions", draft.pk]) not in words(page)
        # Who wrote it may not publish it, whatever they send.
        refused = browser.post(
            reverse("edition_publish", args=["questions", draft.pk]), {"digest": edition_digest(draft)}
        )
        assert refused.status_code == 422
        other = proven(general, language)
        shown = words(other.get(reverse("edition", args=["questions", draft.pk])))
        assert edition_digest(draft) in shown
        other.post(reverse("edition_publish", args=["questions", draft.pk]), {"digest": edition_digest(draft)})
        draft.refresh_from_db()
        assert (draft.state, draft.approved_by) == (EditionState.APPROVED, general)
        assert QUESTION["question_ar"] in words(visitor().get(reverse("help_questions")))

    def test_the_next_version_replaces_the_one_before(self, quality: User, general: User) -> None:
        before = in_force(FaqEntry, "HOURS")
        browser = proven(quality)
        form = browser.get(reverse("edition_new", args=["questions"]), {"of": before.pk})
        assert before.question_ar in words(form)
        browser.post(
            f"{reverse('edition_new', args=['questions'])}?of={before.pk}",
            {**{k: v for k, v in QUESTION.items() if v is not None}, "question_ar": "متى تتصلون؟"},
        )
        draft = FaqEntry.objects.get(code="HOURS", state=EditionState.DRAFT)
        assert draft.version == 2
        with pytest.raises(Conflict):
            a_draft(by=quality, of=before)
        approved(draft, by=general)
        before.refresh_from_db()
        assert before.state == EditionState.REPLACED
        assert in_force(FaqEntry, "HOURS").question_ar == "متى تتصلون؟"

    def test_what_was_changed_since_it_was_read_is_not_approved(self, quality: User, general: User) -> None:
        draft = a_draft(by=quality)
        read = edition_digest(draft)
        edition_edit(user=quality, edition=draft, told={**QUESTION, "answer_ar": "لا"}, at=AT)
        with pytest.raises(Conflict):
            edition_approve(user=general, edition=draft, digest=read, at=AT)

    def test_nobody_else_prepares_edits_or_approves(self, quality: User, general: User) -> None:
        draft = a_draft(by=quality)
        with pytest.raises(NotAllowed):
            a_draft(by=general)
        with pytest.raises(NotAllowed):
            edition_edit(user=general, edition=draft, told=QUESTION, at=AT)
        for other in (quality, make_user(Role.COMPLAINTS_OFFICER, name="officer")):
            with pytest.raises(NotAllowed):
                approved(draft, by=other)
        assert approved(draft, by=make_user(Role.QUALITY_OFFICER, name="second")).state == EditionState.APPROVED

    def test_sent_back_with_a_reason(self, quality: User, general: User) -> None:
        draft = a_draft(by=quality)
        browser = proven(general)
        address = reverse("edition_end", args=["questions", draft.pk])
        assert browser.post(address, {"reason": ""}).status_code == 422
        assert browser.post(address, {"reason": "الجواب غير دقيق"}).status_code == 302
        draft.refresh_from_db()
        assert (draft.state, draft.reason) == (EditionState.WITHDRAWN, "الجواب غير دقيق")

    @pytest.mark.parametrize(
        "change",
        [
            {"answer_ar": "غير ذلك"},
            {"state": EditionState.DRAFT},
            {"version": 9},
            {"approved_by_id": None, "approved_at": None},
        ],
    )
    def test_the_database_keeps_what_was_approved(self, change: dict[str, Any], quality: User, general: User) -> None:
        entry = approved(a_draft(by=quality), by=general)
        with pytest.raises(IntegrityError), transaction.atomic():
            FaqEntry.objects.filter(pk=entry.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            FaqEntry.objects.filter(pk=entry.pk)._raw_delete(using="default")
        draft = a_draft(by=quality)
        with pytest.raises(IntegrityError), transaction.atomic():
            FaqEntry.objects.filter(pk=draft.pk).update(
                state=EditionState.APPROVED, approved_by=quality, approved_at=AT
            )

    @pytest.mark.requirement("CR-06")
    def test_a_matter_gives_the_occasion_and_nothing_of_it_is_carried_over(self, quality: User) -> None:
        matter = a_matter(category=objects_to_amount())
        browser = enter(quality)
        address = f"{reverse('edition_new', args=['questions'])}?matter={matter.pk}"
        assert address in words(browser.get(reverse("matter", args=[matter.pk])))
        form = words(browser.get(address))
        assert WORDS not in form
        for personal in ("سامي", "0551234567", "551234567", "sami@example.com"):
            assert personal not in form
        browser.post(address, {key: value for key, value in QUESTION.items() if value is not None})
        trail = AuditEvent.objects.filter(action="faqentry.drafted").latest("pk")
        assert trail.body["matter"] == matter.reference
        # What is said of oneself gives no occasion either.
        mine = a_matter(concerned=quality)
        assert browser.get(f"{reverse('edition_new', args=['questions'])}?matter={mine.pk}").status_code == 404


class TestPolicyIsRead:
    @pytest.mark.requirement("CX-18")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_quiet_line_until_it_is_read_and_again_with_the_next_version(
        self, language: str, quality: User, general: User
    ) -> None:
        officer = make_user(Role.COMPLAINTS_OFFICER, name="reads")
        browser, policy = enter(officer, language), in_force(PolicyText, "COMPLAINTS")
        landing, address = reverse("matter_board"), reverse("policy")
        assert address in words(browser.get(landing))
        assert address not in words(browser.get(reverse("matters")))
        assert getattr(policy, f"title_{language}") in words(browser.get(address))
        assert browser.post(address, {"policy": policy.pk}).status_code == 302
        assert browser.post(address, {"policy": policy.pk}).status_code == 302
        assert PolicyReading.objects.get(user=officer).policy == policy
        assert address not in words(browser.get(landing))
        told = {**policy.says(), "body_ar": "نص جديد"}
        approved(a_draft(by=quality, model=PolicyText, of=policy, **told), by=general)
        assert address in words(browser.get(landing))
        assert browser.post(address, {"policy": policy.pk}).status_code == 422

    @pytest.mark.requirement("CX-18")
    def test_who_has_not_read_it_is_listed_first(self, quality: User) -> None:
        people = [make_user(role, name=f"reads {role}") for role in sorted(STAFF_ROLES)]
        client = make_user(Role.LAWYER, name="outside lawyer")
        enter(people[0]).post(reverse("policy"), {"policy": in_force(PolicyText, "COMPLAINTS").pk})
        page = words(enter(quality, "en").get(reverse("policy_readers")))
        assert page.count("Not yet") == len(people)  # and the quality officer, without who read it
        assert client.name_en not in page
        assert page.index(people[1].name_en) < page.index(people[0].name_en)

    def test_it_is_never_without_a_version(self, general: User) -> None:
        with pytest.raises(Refused):
            edition_withdraw(user=general, edition=in_force(PolicyText, "COMPLAINTS"), reason="قديمة")
        assert in_force(PolicyText, "COMPLAINTS").state == EditionState.APPROVED

    def test_readings_stand(self, quality: User) -> None:
        enter(quality).post(reverse("policy"), {"policy": in_force(PolicyText, "COMPLAINTS").pk})
        with pytest.raises(ProgrammingError), transaction.atomic():
            PolicyReading.objects.update(read_at=AT)


class TestGuideToObjections:
    @pytest.mark.requirement("CB-46")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_everybody_reads_it_with_the_time_of_each_step(self, language: str) -> None:
        page, guide = words(visitor(language).get(reverse("help_disputes"))), in_force(PolicyText, "DISPUTES")
        assert getattr(guide, f"title_{language}") in page
        for line in ProcedureStep.objects.filter(procedure__code="DISPUTES"):
            assert escape(getattr(line, f"process_{language}")) in page
        for limit in {"ar": ("7 أيام عمل", "30 يومًا"), "en": ("7 working days", "30 calendar days")}[language]:
            assert limit in page
        assert reverse("help_disputes") in words(visitor(language).get(reverse("help_tell")))

    @pytest.mark.requirement("CB-46")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_who_works_on_objections_acknowledges_each_version(
        self, language: str, quality: User, general: User
    ) -> None:
        officer = make_user(Role.BUREAU_OFFICER, name="reads")
        browser, guide = enter(officer, language), in_force(PolicyText, "DISPUTES")
        board, address = reverse("disputes"), reverse("dispute_guide")
        assert address in words(browser.get(board))
        # The policy of complaints is another text, with a line and an acknowledgement of its own.
        assert browser.post(address, {"policy": in_force(PolicyText, "COMPLAINTS").pk}).status_code == 404
        assert browser.post(address, {"policy": guide.pk}).status_code == 302
        assert PolicyReading.objects.get(user=officer).policy == guide
        assert address not in words(browser.get(board))
        told = {**guide.says(), "body_ar": "نص جديد"}
        approved(a_draft(by=quality, model=PolicyText, of=guide, **told), by=general)
        assert address in words(browser.get(board))
        assert browser.post(address, {"policy": guide.pk}).status_code == 422

    @pytest.mark.requirement("CB-46")
    def test_who_has_not_read_it_is_listed_and_nobody_else_is_asked(self, quality: User) -> None:
        officer, reviewer = make_user(Role.BUREAU_OFFICER, name="bureau"), make_user(Role.COLLECTIONS_MANAGER, name="m")
        collector, guide = make_user(Role.COLLECTOR, name="collector"), in_force(PolicyText, "DISPUTES")
        enter(officer).post(reverse("dispute_guide"), {"policy": guide.pk})
        page = words(enter(quality, "en").get(reverse("dispute_guide_readers")))
        assert page.count("Not yet") == 1
        assert page.index(reviewer.name_en) < page.index(officer.name_en)
        assert collector.name_en not in page
        answer = enter(collector).post(reverse("dispute_guide"), {"policy": guide.pk})
        assert answer.status_code == 422
        assert not PolicyReading.objects.filter(user=collector).exists()


class TestProcedures:
    @pytest.mark.requirement("CX-09")
    @pytest.mark.requirement("CR-18")
    @pytest.mark.requirement("CR-09")
    @pytest.mark.parametrize("role", sorted(STAFF_ROLES))
    def test_everybody_of_the_house_reads_them(self, role: str) -> None:
        page = words(enter(make_user(Role(role), name=f"reads {role}"), "en").get(reverse("procedures")))
        for line in ProcedureStep.objects.filter(procedure__state=EditionState.APPROVED):
            assert line.process_en.replace("’", "’") in page
        assert "11 working days" in page  # the limit in force of the deadline it runs by
        assert "data-print" in page

    @pytest.mark.requirement("CR-18")
    def test_what_is_overdue_stands_at_its_step_for_who_may_see_it(self, quality: User) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk(), at=AT)
        with clock.at(AT + dt.timedelta(days=40)):
            clocks_tick(at=clock.now())
            officer = words(enter(quality).get(reverse("procedures")))
            collector = words(enter(make_user(Role.COLLECTOR, name="c")).get(reverse("procedures")))
        assert matter.reference in officer
        assert matter.reference not in collector

    def test_the_next_version_has_other_steps_and_an_approved_one_keeps_its_own(
        self, quality: User, general: User
    ) -> None:
        before = Procedure.objects.get(code="COMPLAINTS")
        browser = proven(quality)
        address = f"{reverse('edition_new', args=['procedures'])}?of={before.pk}"
        page = words(browser.get(address))
        assert before.steps.all()[0].process_ar in page
        step = {"number": "1", "process_ar": "خطوة", "process_en": "Step", "responsible_ar": "الجودة",
                "responsible_en": "Quality", "clock": "COMPLAINT:ROUTING", "limit_ar": "", "limit_en": "",
                "output_ar": "", "output_en": ""}  # fmt: skip
        data = {"title_ar": "عنوان", "title_en": "Title", "source": "", "position": "0",
                "step-TOTAL_FORMS": "1", "step-INITIAL_FORMS": "0"}  # fmt: skip
        wrong = data | {f"step-0-{name}": value for name, value in (step | {"clock": ""}).items()}
        assert browser.post(address, wrong).status_code == 422
        good = data | {f"step-0-{name}": value for name, value in step.items()}
        assert browser.post(address, good).status_code == 302
        draft = Procedure.objects.get(code="COMPLAINTS", state=EditionState.DRAFT)
        assert [(one.number, one.clock_kind, one.clock_code) for one in draft.steps.all()] == [
            ("1", "COMPLAINT", "ROUTING")
        ]
        approved(draft, by=general)
        for doing in (
            lambda: ProcedureStep.objects.filter(procedure=draft).update(number="9"),
            lambda: ProcedureStep.objects.filter(procedure=draft).delete(),
            lambda: ProcedureStep.objects.create(
                procedure=draft, place=9, number="9", process_ar="س", process_en="x", responsible_ar="س",
                responsible_en="x", limit_ar="س", limit_en="x",
            ),
        ):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                doing()


class TestBodies:
    def test_what_is_shipped_counts_before_the_table_knows_it(self) -> None:
        assert bodies_of("BANK") == ["CENTRAL_BANK", "FINANCIAL_DISPUTES"]
        assert bodies_of("TELECOM") == ["TELECOM_REGULATOR", "JUDICIARY"]
        assert bodies_of("") == bodies_of("TRADE") == ["COMMERCE", "JUDICIARY"]

    @pytest.mark.requirement("CX-17")
    def test_another_name_is_told_once_it_is_approved(self, quality: User, general: User) -> None:
        bank = in_force(OutwardBody, "CENTRAL_BANK")
        draft = a_draft(by=quality, model=OutwardBody, of=bank, **(bank.says() | {"name_en": "the Central Bank"}))
        assert bodies_named(codes=["CENTRAL_BANK"], language="en") == ["the Saudi Central Bank (SAMA Cares)"]
        approved(draft, by=general)
        assert bodies_named(codes=["CENTRAL_BANK"], language="en") == ["the Central Bank"]
        page = words(enter(general, "en").get(reverse("editions", args=["bodies"])))
        assert "the Central Bank" in page

    def test_the_customers_of_every_client_keep_somebody_to_turn_to(self, quality: User, general: User) -> None:
        edition_withdraw(user=general, edition=in_force(OutwardBody, "FINANCIAL_DISPUTES"), reason="تغيّر الاختصاص")
        assert bodies_of("BANK") == ["CENTRAL_BANK"]
        with pytest.raises(Refused):
            edition_withdraw(user=general, edition=in_force(OutwardBody, "CENTRAL_BANK"), reason="تغيّر الاختصاص")
        assert bodies_of("BANK") == ["CENTRAL_BANK"]
        # What was shown under a code that was withdrawn since is still called by its name.
        assert bodies_named(codes=["FINANCIAL_DISPUTES"], language="en")[0].startswith("the General Secretariat")
