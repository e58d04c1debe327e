"""Complaints at real browsers, from what a visitor tells to the bodies outside, and enquiries."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from playwright.sync_api import Page, expect

from accounts.choices import Role
from clients.models import Client, ContactPolicy
from collections_app.choices import HoldDecision
from collections_app.models import Case, Hold
from collections_app.selectors.cases import RULE_WORDS
from collections_app.services.cases import cases_assign
from common import clock
from common.clocks import clocks_of
from common.messages import message_kind
from common.models import Message
from common.outbox import message_opened
from common.tests.holidays_sa import holidays_write, nth_after
from complaints.choices import Level, Missing, Outcome, PaperKind, Stage
from complaints.models import Category, Matter
from complaints.selectors.bodies import bodies_of
from complaints.selectors.handling import ways_named
from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.services.editions_shipped import editions_ship
from complaints.tests.handling_worlds import a_cause
from tests.browsing import PHONE, Surfer
from tests.doors import LANGUAGES
from tests.e2e.hands import PAPER, follow, form_at, paper_read, says, send, the_day
from tests.e2e.test_complaints_register import clean
from tests.world import ACTOR, a_case, make_client, make_team, make_user

# A Sunday, with Eid a fortnight ahead: no day off lies between.
DAY = dt.date(2026, 3, 1)
TOLD = {
    "ar": {
        "words": "اتصل بي المحصّل بعد العاشرة ليلًا ثلاث مرات في أسبوع.",
        "wrong": "المبلغ المطالب به غير صحيح: سددت قسط يناير ولم يُحتسب.",
        "plan": "نستمع إلى تسجيل المكالمات ونراجع سجل التواصل.",
        "questions": "هل اتصل المحصّل بعد العاشرة ليلًا؟\nهل تكرر الاتصال ثلاث مرات؟",
        "finding": "التسجيل يثبت الاتصال عند 22:14.",
        "evidence": "تسجيل المكالمة ليوم 26 فبراير",
        "answer": "راجعنا التسجيلات ووجدنا ما ذكرتم، ونعتذر إليكم، وأوقفنا الاتصال بعد التاسعة.",
        "more": "الحساب باسمي ورقمه D-9، وهذا كشف المكالمات.",
        "again": "لا أوافق: لم يُعتذر لي عن المكالمة الثالثة.",
        "asked": "متى يُخصم قسطي القادم؟",
        "reply": "يُخصم قسطكم في الخامس والعشرين من كل شهر.",
    },
    "en": {
        "words": "The collector called me after ten at night, three times in a week.",
        "wrong": "The amount is wrong: I paid the January instalment and it was not counted.",
        "plan": "We listen to the recordings and go through the record of contacts.",
        "questions": "Did the collector call after ten at night?\nDid it happen three times?",
        "finding": "The recording shows the call at 22:14.",
        "evidence": "Recording of the call of 26 February",
        "answer": "We went through the recordings and found what you say. We apologise; no calls are made after nine.",
        "more": "The account is in my name, its number is D-9, and here is the list of calls.",
        "again": "I do not agree: nobody apologised for the third call.",
        "asked": "When is my next instalment taken?",
        "reply": "Your instalment is taken on the 25th of each month.",
    },
}


@dataclass(kw_only=True)
class Desk:
    """A bank with one account, and everybody who has to do with what is told about it."""

    client: Client
    case: Case
    surfer: Surfer
    language: str
    then: pytest.MonkeyPatch
    told_in: str = ""

    def at(self, role: str) -> Page:
        """A window of who has this role, on the day it is."""
        return self.surfer.window(self.person(role), self.language)

    def person(self, role: str) -> Any:
        return self.people[role]

    def __post_init__(self) -> None:
        team = make_team()
        self.people = {
            role: make_user(role, team=team if role in {Role.COLLECTOR, Role.TEAM_LEADER} else None)
            for role in (Role.COLLECTOR, Role.TEAM_LEADER, Role.COMPLAINTS_OFFICER, Role.COLLECTIONS_MANAGER,
                         Role.GENERAL_MANAGER)
        }  # fmt: skip
        cases_assign(actor=ACTOR, case_ids=[self.case.pk], owner=self.people[Role.COLLECTOR], on=clock.today())

    def words(self, name: str) -> str:
        return TOLD[self.told_in or self.language][name]

    def on(self, day: dt.date, *, hour: int = 9) -> None:
        the_day(self.then, day, hour=hour)


@pytest.fixture
def desk(transactional_db: None, house: str, surfer: Surfer, language: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    cache.clear()
    the_day(monkeypatch, DAY)
    holidays_write()
    categories_ship()
    causes_ship()
    editions_ship()
    client = make_client("BNK", kind="BANK")
    case = a_case(client, ref="D-9", days_late=70)
    ContactPolicy.objects.update(
        opens_at=dt.time(0), closes_at=dt.time(23, 59, 59), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )  # fmt: skip
    return Desk(client=client, case=case, surfer=surfer, language=language, then=monkeypatch)


def told_by_visitor(desk: Desk, *, words: str, category: str, kind: str = "COMPLAINT") -> Matter:
    """Somebody tells it on a phone, without an account."""
    page = desk.surfer.window(None, desk.language, size=PHONE)
    page.goto("/help/")
    page.select_option("[name=kind]", kind)
    page.fill("[name=words]", desk.words(words))
    page.fill("[name=name]", "سامي العتيبي" if desk.language == "ar" else "Sami Alotaibi")
    page.fill("[name=phone]", "0551234567")
    page.fill("[name=email]", "sami@example.com")
    page.select_option("[name=category]", category)
    page.click("button.primary")
    page.wait_for_url("**/help/told/**")
    return Matter.objects.get()


def texts(matter: Matter, code: str) -> list[str]:
    """What went out to the complainant under this kind of message: one a channel."""
    found = Message.objects.filter(template__code=code, subject_id=matter.pk).order_by("pk")
    return [message_opened(message=message)["text"] for message in found]


def says_of_kind(page: Page, code: str, language: str) -> None:
    """The page of a matter names this kind of message among those that went out."""
    with translation.override(language):
        expect(page.locator("#messages")).to_contain_text(str(message_kind(code).words))


def followed(desk: Desk, matter: Matter) -> Page:
    """The complainant opens it on a phone: by its reference and the code that came."""
    page = desk.surfer.window(None, desk.language, size=PHONE)
    page.goto("/help/follow/")
    page.fill("[name=reference]", matter.reference.lower())
    page.click("button.primary")
    page.wait_for_url("**/help/follow/code/")
    clean(page)
    code = re.search(r"[0-9]{6}", texts(matter, "FOLLOW_CODE")[-1])
    assert code is not None
    page.fill("[name=code]", code.group())
    page.click("button.primary")
    page.wait_for_url("**/help/follow/matter/")
    clean(page)
    return page


def letter_read(page: Page, matter: Matter, kind: str) -> str:
    """Open a letter from the papers of a page: its words, page after page."""
    return paper_read(page, matter.papers.filter(kind=kind).latest("pk"))


def found_out(page: Page, matter: Matter, desk: Desk, *, answer: str = "YES") -> None:
    """Every question of the level gets its finding, and the evidence is put on file."""
    work = matter.rounds.latest("level")
    for question in work.questions.all():
        send(page, f"/questions/{question.pk}/finding/", answer=answer, words=desk.words("finding"))
    send(page, f"/matters/{matter.pk}/evidence/", words=desk.words("evidence"), file="paper")


def decided(page: Page, matter: Matter, desk: Desk, *, answer: str = "YES") -> None:
    """From the findings to the telling, at one level and on one page."""
    found_out(page, matter, desk, answer=answer)
    send(page, f"/matters/{matter.pk}/investigated/")
    remedy = {"remedy": "APOLOGY"} if answer != "NO" else {}
    send(page, f"/matters/{matter.pk}/answer/", words=desk.words("answer"), **remedy)
    send(page, f"/matters/{matter.pk}/communicate/", how="MESSAGE")


@pytest.mark.requirement("CX-11", "CX-12", "CX-13", "CX-17", "CX-19")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_goes_through_every_step_to_its_closing_and_is_rated(desk: Desk, language: str) -> None:
    matter = told_by_visitor(desk, words="words", category="CONTACT")
    assert len(texts(matter, "MATTER_RECEIVED")) == 2, "one by SMS, one by e-mail"
    officer = desk.at(Role.COMPLAINTS_OFFICER)
    officer.goto("/")
    clean(officer)
    follow(officer, f".board-list a:has-text('{matter.reference}')")
    clean(officer)
    follow(officer, "main a.btn.primary")
    clean(officer)

    # Something is missing: it goes back with a list, and the house's clock stands still.
    form = form_at(officer, f"/matters/{matter.pk}/admit/")
    form.locator(f"[name=missing][value={Missing.ACCOUNT}]").check()
    send(officer, f"/matters/{matter.pk}/admit/")
    says(officer, Missing.ACCOUNT.label, language)
    closing = clocks_of(subject=matter).get(code="CLOSING") if matter.complete_at else None
    assert closing is None
    page = followed(desk, matter)
    says(page, Missing.ACCOUNT.label, language)
    page.set_input_files("#add [name=papers]", [PAPER])
    send(page, "/help/follow/matter/add/", words=desk.words("more"))
    desk.on(DAY + dt.timedelta(days=1))
    officer.reload()
    says(officer, desk.words("more"), language)
    send(officer, f"/matters/{matter.pk}/sort/", category=str(Category.objects.get(code="CONTACT_HOURS").pk),
         client=str(desk.client.pk), account_ref="D-9")  # fmt: skip
    form = form_at(officer, f"/matters/{matter.pk}/admit/")
    form.locator(f"[name=missing][value={Missing.ACCOUNT}]").uncheck()
    send(officer, f"/matters/{matter.pk}/admit/")
    matter.refresh_from_db()
    assert (matter.missing, matter.case) == ([], desk.case)
    assert clocks_of(subject=matter).get(code="CLOSING").due_on == nth_after("PRIVATE", DAY + dt.timedelta(days=1), 11)

    # Studied and passed on; what cannot be done yet is refused in words.
    send(
        officer, f"/matters/{matter.pk}/assess/", questions=desk.words("questions"), plan=desk.words("plan"),
        handler=str(desk.person(Role.COMPLAINTS_OFFICER).pk),
    )  # fmt: skip
    send(officer, f"/matters/{matter.pk}/investigated/", status=422)
    expect(officer.locator("#step [role=alert], .messages, [role=alert]").first).to_be_visible()
    clean(officer)
    decided(officer, matter, desk)
    matter.refresh_from_db()
    assert (matter.stage, matter.outcome) == (Stage.COMMUNICATED, Outcome.JUSTIFIED)
    clean(officer)
    assert matter.reference in letter_read(officer, matter, PaperKind.RESULT)
    send(officer, f"/matters/{matter.pk}/close/", cause=str(a_cause().pk))
    clean(officer)

    # The outbox tells of every step; the officer finds it on the page, and from the list of messages comes back to it.
    for code in ("MATTER_MISSING", "MATTER_STUDIED", "MATTER_PROGRESS", "MATTER_RESULT", "MATTER_CLOSED"):
        assert texts(matter, code), code
        says_of_kind(officer, code, language)
    officer.goto("/messages/?view=waiting")
    clean(officer)
    officer.locator(f"main a[href='/matters/{matter.pk}/']").first.click()
    officer.wait_for_url(f"**/matters/{matter.pk}/")

    # The complainant reads the result and the letter, and says what they think of it, once.
    page = followed(desk, matter)
    says(page, desk.words("answer"), language)
    assert matter.reference in letter_read(page, matter, PaperKind.RESULT)
    link = re.search(r"/help/rate/\S+", texts(matter, "MATTER_CLOSED")[-1])
    assert link is not None
    page.goto(link.group())
    clean(page)
    page.check("[name=score][value='4']")
    page.check("[name=is_solved][value=yes]")
    page.click("button.primary")
    expect(page.locator("[name=score]")).to_have_count(0)
    clean(page)
    assert matter.rating.score == 4


@pytest.mark.requirement("CX-12", "CX-13", "CX-14")
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_disagrees_goes_up_each_level_until_the_bodies_outside_are_named(desk: Desk, language: str) -> None:
    matter = told_by_visitor(desk, words="words", category="CONTACT")
    officer = desk.at(Role.COMPLAINTS_OFFICER)
    officer.goto(f"/matters/{matter.pk}/")
    send(officer, f"/matters/{matter.pk}/sort/", category=str(Category.objects.get(code="CONTACT_HOURS").pk),
         client=str(desk.client.pk), account_ref="D-9")  # fmt: skip
    send(officer, f"/matters/{matter.pk}/admit/")
    send(officer, f"/matters/{matter.pk}/assess/", questions=desk.words("questions"), plan=desk.words("plan"))
    answers = (Role.COMPLAINTS_OFFICER, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER)
    for level, role in zip((Level.HANDLER, Level.HEAD, Level.GENERAL_MANAGER), answers, strict=True):
        desk.on(DAY + dt.timedelta(days=int(level)))
        decider = desk.at(role)
        decider.goto("/matters/board/")
        decider.locator(f".board-list a:has-text('{matter.reference}')").first.click()
        follow(decider, "main a.btn.primary")
        clean(decider)
        decided(decider, matter, desk, answer="PARTLY" if level < Level.GENERAL_MANAGER else "NO")
        # Named once: the level that follows finds it there, and the last one has nothing to name.
        named = {"cause": str(a_cause().pk)} if level == Level.HANDLER else {}
        send(decider, f"/matters/{matter.pk}/close/", **named)
        page = followed(desk, matter)
        says(page, level.label, language)
        send(page, "/help/follow/matter/disagree/", words=desk.words("again"))
        clean(page)
        matter.refresh_from_db()
        assert matter.level == level + 1
    assert matter.stage == Stage.CLOSED
    assert matter.rounds.filter(told_at__isnull=False).count() == 3
    # Nobody of the house is left: the bodies outside stand on every page, and went out by message.
    outside = ways_named(codes=[str(body) for body in bodies_of("BANK")], language=language)
    general = desk.at(Role.GENERAL_MANAGER)
    general.goto(f"/matters/{matter.pk}/")
    clean(general)
    for name in outside:
        says(general, name, language)
        says(page, name, language)
        assert all(name in text for text in texts(matter, "MATTER_OUTSIDE"))
    expect(page.locator("#disagree")).to_have_count(0)


@pytest.mark.requirement("CX-12")
@pytest.mark.parametrize(("language", "answer"), [("ar", "YES"), ("en", "NO")])
def test_an_objection_to_an_amount_stops_reminders_until_it_is_decided(desk: Desk, language: str, answer: str) -> None:
    collector, leader = desk.at(Role.COLLECTOR), desk.at(Role.TEAM_LEADER)
    collector.goto(f"/cases/{desk.case.pk}/")
    with translation.override(language):
        stopped = str(RULE_WORDS["DISPUTE-HOLD"])
    expect(collector.locator("main")).not_to_contain_text(stopped)
    follow(collector, "#matters a.btn")
    send(
        collector, collector.locator("form.entry"), words=desk.words("wrong"), phone="0551234567",
        category=str(Category.objects.get(code="AMOUNT_PAID").pk), papers="paper",
    )  # fmt: skip
    matter, hold = Matter.objects.get(), Hold.objects.get(case=desk.case)
    assert matter.hold == hold
    desk.told_in = matter.language  # the account holder's own
    expect(collector.locator("main")).to_contain_text(stopped)
    clean(collector)

    # Who leads sees why it is held, and that nobody at the case ends it before its result.
    leader.goto(f"/cases/{desk.case.pk}/?show=holds")
    expect(leader.locator("#history .note-box")).to_contain_text(matter.reference)
    expect(leader.locator(f"form[action*='/holds/{hold.pk}/']")).to_have_count(0)
    clean(leader)

    officer = desk.at(Role.COMPLAINTS_OFFICER)
    officer.goto(f"/matters/{matter.pk}/")
    send(officer, f"/matters/{matter.pk}/admit/")
    debt = desk.case.debts.get()
    send(officer, f"/matters/{matter.pk}/assess/", questions=desk.words("questions"), plan=desk.words("plan"),
         covers=f"debt:{debt.pk}")  # fmt: skip
    decided(officer, matter, desk, answer=answer)
    # The hold is decided as the complaint was, and the account goes on from the day after.
    last = Hold.objects.filter(case=desk.case).latest("pk")
    assert (last.debt, last.decision, last.until_on) == (
        debt, HoldDecision.ACCEPTED if answer == "YES" else HoldDecision.REJECTED, DAY
    )  # fmt: skip
    desk.on(DAY + dt.timedelta(days=1))
    collector = desk.at(Role.COLLECTOR)
    collector.goto(f"/cases/{desk.case.pk}/")
    expect(collector.locator("main")).not_to_contain_text(stopped)
    # The line of time knows the objection and how it went.
    matter.refresh_from_db()
    for stage in (Stage.RECEIVED, Stage.ASSESSED, Stage.COMMUNICATED):
        with translation.override(language):
            assert matter.category is not None
            line = f"{matter.category.name} · {stage.label}"
        expect(collector.locator("#history .timeline")).to_contain_text(line)
    clean(collector)


@pytest.mark.requirement("CX-21", "CR-02")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_enquiry_is_answered_at_once_and_a_promised_call_is_made(desk: Desk, language: str) -> None:
    matter = told_by_visitor(desk, words="asked", category="PLAN", kind="ENQUIRY")
    officer = desk.at(Role.COMPLAINTS_OFFICER)
    officer.goto(f"/matters/{matter.pk}/")
    clean(officer)
    send(officer, f"/matters/{matter.pk}/call/")
    desk.on(DAY, hour=11)
    officer.goto("/matters/board/")
    expect(officer.locator(".board-list")).to_contain_text(matter.reference)
    officer.goto(f"/matters/{matter.pk}/")
    send(officer, officer.locator("#calls form").first, result=desk.words("reply"))
    call = matter.call_backs.get()
    assert call.done_at is not None
    assert call.done_at < call.due_at
    send(officer, f"/matters/{matter.pk}/admit/")
    send(officer, f"/matters/{matter.pk}/at-once/", words=desk.words("reply"), how="MESSAGE")
    clean(officer)
    matter.refresh_from_db()
    assert (matter.stage, matter.outcome) == (Stage.CLOSED, Outcome.ANSWERED)
    assert clocks_of(subject=matter).get(code="ANSWER").state == "MET"
    assert matter.reference in letter_read(officer, matter, PaperKind.RESULT)
    page = followed(desk, matter)
    says(page, desk.words("reply"), language)
    assert len(texts(matter, "MATTER_ANSWERED")) == 2
