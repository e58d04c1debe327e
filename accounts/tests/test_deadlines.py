"""The working calendar and the table of deadlines through their doors: asked by one, confirmed by another, and no
running deadline moved but by an answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services.deadlines import clock_change_decide, due_dates_answer, holidays_propose, step_propose
from clients.models import Client
from common import clock
from common.audit import Actor
from common.clock import at_riyadh
from common.clocks import clock_event, clock_meet, clocks_tick, step_of
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Clock, ClockChange, ClockEvent, ClockProposal, ClockStep, Holiday
from common.tests.holidays_sa import holidays_write
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_user, prove

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
MATTER = Client(pk=7)
# Tuesday, 15 September 2026; the national day is Wednesday 23.
TODAY = dt.date(2026, 9, 15)
THURSDAY = dt.date(2026, 9, 24)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    holidays_write()
    with clock.at(at_riyadh(on=TODAY)):
        yield


def person(role: str) -> User:
    return make_user(role)


def started(kind: str = "COMPLAINT", event: str = "COMPLETE", on: dt.date = TODAY) -> Clock:
    with transaction.atomic():
        return clock_event(subject=MATTER, kind=kind, event=event, at=at_riyadh(on=on), actor=ACTOR)[0]


def browser(user: User, language: str = "ar") -> Any:
    found = enter(user, language)
    prove(found, method="password")
    return found


def asked(by: User, **more: Any) -> ClockChange:
    told = {
        "do": "SET", "calendars": ["PRIVATE"], "first": THURSDAY, "last": THURSDAY, "name_ar": "اليوم الوطني",
        "name_en": "National day", "reason": "أُعلنت عطلة إضافية",
    }  # fmt: skip
    return holidays_propose(user=by, **{**told, **more})


def confirmed(by: User, change: ClockChange) -> list[ClockProposal]:
    return clock_change_decide(user=by, change=change, decision="APPROVED", digest=change.digest)


@pytest.mark.requirement("CB-43")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_holiday_goes_from_its_request_to_an_answered_due_date(language: str) -> None:
    running = started()
    assert running.due_on == dt.date(2026, 10, 1)
    admin, quality, general = person(Role.ADMINISTRATOR), person(Role.QUALITY_OFFICER), person(Role.GENERAL_MANAGER)
    answer = browser(admin, language).post(
        reverse("working_calendar"),
        {
            "do": "SET", "calendars": ["PRIVATE", "BANK"], "first": "2026-09-24", "name_ar": "عطلة إضافية",
            "name_en": "Further day off", "reason": "أُعلنت في الصحف", "estimated": "on",
        },
    )  # fmt: skip
    change = ClockChange.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("clock_change", args=[change.pk]))
    assert not Holiday.objects.filter(on=THURSDAY).exists(), "asked for is not written"

    # The second person sees which deadline it would touch, and confirms.
    second = browser(quality, language)
    page = second.get(reverse("clock_change", args=[change.pk]))
    assert in_language(page, language) and step_words(running, language) in words(page)
    second.post(reverse("clock_change_decide", args=[change.pk]), {"decision": "APPROVED", "digest": change.digest})
    assert Holiday.objects.filter(on=THURSDAY, estimated=True).count() == 2
    running.refresh_from_db()
    assert running.due_on == dt.date(2026, 10, 1), "nothing moves by itself"

    # Its new date waits, and is accepted.
    proposal = ClockProposal.objects.get()
    assert f"{proposal.new_due_at.astimezone(clock.RIYADH):%d %b}" == "04 Oct"
    third = browser(general, language)
    third.post(reverse("due_dates_answer", args=[change.pk]), {"answer": "ACCEPTED", "chosen": [proposal.pk]})
    running.refresh_from_db()
    assert running.due_on == dt.date(2026, 10, 4)
    event = ClockEvent.objects.get(clock=running, move="RECALCULATED")
    assert (event.actor_id, event.reason) == (general.pk, "أُعلنت في الصحف")
    assert third.get(reverse("clock_change", args=[change.pk])).status_code == 200


def step_words(row: Clock, language: str) -> str:
    return row.step.words_ar if language == "ar" else row.step.words_en


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_tell_the_calendar_the_procedures_and_what_is_late(language: str) -> None:
    started(on=dt.date(2026, 8, 2))
    clocks_tick(at=clock.now())
    officer = browser(person(Role.COMPLAINTS_OFFICER), language)
    calendar = officer.get(reverse("working_calendar"), {"year": "2026"})
    assert in_language(calendar, language)
    # 1 Shawwal 1447, and an estimated day.
    assert ("1 شوال 1447" if language == "ar" else "1 Shawwal 1447") in words(calendar)
    assert ("تقديري" if language == "ar" else "Estimated") in words(calendar)
    page = officer.get(reverse("deadlines"))
    row = Clock.objects.get()
    assert row.state == "LATE"
    told = words(page)
    assert step_words(row, language) in told and ("خطوات متأخرة" if language == "ar" else "Overdue steps") in told
    # The manual's columns (CR-18).
    for column in ("المسؤول", "المدة الزمنية", "المخرج") if language == "ar" else ("Responsible", "Output"):
        assert column in told
    assert ("غير متحقق منها" if language == "ar" else "Unverified") in told


@pytest.mark.requirement("CR-18")
def test_overdue_steps_are_listed_with_who_is_responsible() -> None:
    started(kind="RECOMMENDATION", event="APPROVED_NOT_DONE", on=dt.date(2026, 9, 1))
    clocks_tick(at=clock.now())
    told = words(browser(person(Role.GENERAL_MANAGER), "en").get(reverse("deadlines")))
    overdue = told[told.index("Overdue steps") : told.index("Complaint<")]
    assert "Find why it was not done" in overdue and "Quality officer" in overdue


def test_who_asks_neither_confirms_nor_answers() -> None:
    started()
    admin, quality = person(Role.ADMINISTRATOR), person(Role.QUALITY_OFFICER)
    change = asked(admin)
    with pytest.raises(NotAllowed):
        confirmed(admin, change)
    with pytest.raises(NotAllowed):
        asked(quality)
    proposals = confirmed(quality, change)
    with pytest.raises(NotAllowed):
        due_dates_answer(user=admin, change=change, chosen=[proposals[0].pk], accept=True)
    # Had the administrator become a quality officer, the database would still know.
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        ClockProposal.objects.update(state="ACCEPTED", answered_by=admin, answered_at=clock.now())


def test_a_due_date_is_proposed_by_an_approved_change_alone() -> None:
    running, change = started(), asked(person(Role.ADMINISTRATOR))
    with pytest.raises(IntegrityError, match="approved change"), transaction.atomic():
        ClockProposal.objects.create(
            change=change, clock=running, step=running.step, old_due_at=running.due_at, new_due_at=clock.now(),
            prepared_by=change.prepared_by, made_at=clock.now(),
        )  # fmt: skip


def test_declining_needs_a_word_and_leaves_the_date() -> None:
    running = started()
    general = person(Role.GENERAL_MANAGER)
    change = asked(person(Role.ADMINISTRATOR))
    (proposal,) = confirmed(person(Role.QUALITY_OFFICER), change)
    with pytest.raises(Refused) as refusal:
        due_dates_answer(user=general, change=change, chosen=[proposal.pk], accept=False)
    assert refusal.value.code == "decision_reason"
    assert due_dates_answer(
        user=general, change=change, chosen=[proposal.pk], accept=False, reason="وُعد العميل بهذا الموعد"
    ) == {"DECLINED": 1}
    running.refresh_from_db()
    assert running.due_on == dt.date(2026, 10, 1)
    with pytest.raises(Conflict):
        due_dates_answer(user=general, change=change, chosen=[proposal.pk], accept=True)
    # Another change that does not touch it does not ask again: Friday is no working day anyhow.
    friday = dt.date(2026, 9, 25)
    assert confirmed(general, asked(change.prepared_by, first=friday, last=friday)) == []


def test_a_deadline_that_moved_meanwhile_overtakes_its_proposal() -> None:
    running = started()
    change = asked(person(Role.ADMINISTRATOR))
    (proposal,) = confirmed(person(Role.QUALITY_OFFICER), change)
    clock_meet(clock=running, at=clock.now(), actor=ACTOR)
    counts = due_dates_answer(user=person(Role.GENERAL_MANAGER), change=change, chosen=[proposal.pk], accept=True)
    assert counts == {"STALE": 1}
    running.refresh_from_db()
    assert (running.state, running.due_on) == ("MET", dt.date(2026, 10, 1))


def test_a_later_change_overtakes_the_waiting_date_of_an_earlier_one() -> None:
    started()
    admin, quality = person(Role.ADMINISTRATOR), person(Role.QUALITY_OFFICER)
    confirmed(quality, asked(admin))
    second = asked(admin, first=dt.date(2026, 9, 27), last=dt.date(2026, 9, 27))
    confirmed(quality, second)
    told = {row.change_id: (row.state, row.new_due_at.astimezone(clock.RIYADH).day) for row in
            ClockProposal.objects.all()}  # fmt: skip
    assert told == {second.pk - 1: ("STALE", 4), second.pk: ("WAITING", 5)}


def test_a_day_off_that_was_announced_late_takes_a_lapse_back() -> None:
    """Due on the 22nd, which is late on the 24th; the 22nd turns out to have been a day off."""
    running = started(on=dt.date(2026, 9, 7))
    assert running.due_on == dt.date(2026, 9, 22)
    with clock.at(at_riyadh(on=THURSDAY, time=dt.time(9))):
        clocks_tick(at=clock.now())
        day = dt.date(2026, 9, 22)
        change = asked(person(Role.ADMINISTRATOR), first=day, last=day)
        (proposal,) = confirmed(person(Role.QUALITY_OFFICER), change)
        due_dates_answer(user=person(Role.GENERAL_MANAGER), change=change, chosen=[proposal.pk], accept=True)
    running.refresh_from_db()
    assert (running.state, running.due_on) == ("RUNNING", THURSDAY)
    moves = ClockEvent.objects.filter(clock=running).order_by("number").values_list("move", flat=True)
    assert list(moves) == ["STARTED", "LAPSED", "RECALCULATED"]


def test_taking_a_day_off_away_proposes_an_earlier_date() -> None:
    running = started()
    day = dt.date(2026, 9, 23)
    change = asked(person(Role.ADMINISTRATOR), do="REMOVE", first=day, last=day, name_ar="", name_en="")
    (proposal,) = confirmed(person(Role.QUALITY_OFFICER), change)
    assert not Holiday.objects.filter(calendar="PRIVATE", on=day).exists()
    assert Holiday.objects.filter(calendar="BANK", on=day).exists()
    assert (running.due_on, proposal.new_due_at.astimezone(clock.RIYADH).date()) == (
        dt.date(2026, 10, 1),
        dt.date(2026, 9, 30),
    )


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"calendars": []}, "calendars"),
        ({"last": THURSDAY - dt.timedelta(days=1)}, "last"),
        ({"last": THURSDAY + dt.timedelta(days=15)}, "last"),
        ({"name_en": ""}, "name_en"),
        ({"first": dt.date(2026, 9, 22), "last": dt.date(2026, 9, 22), "do": "REMOVE"}, "first"),
    ],
)
def test_what_is_wrong_with_a_request_stands_at_its_field(told: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        asked(person(Role.ADMINISTRATOR), **told)
    assert field in refusal.value.fields


@pytest.mark.requirement("CX-10")
def test_a_new_version_of_a_deadline_rules_new_matters_and_proposes_for_running_ones() -> None:
    running = started()
    admin, quality, general = person(Role.ADMINISTRATOR), person(Role.QUALITY_OFFICER), person(Role.GENERAL_MANAGER)
    browser(admin).post(
        reverse("deadline", args=[running.step_id]),
        {
            "amount": "9", "unit": "WD", "calendar": "PRIVATE", "source": "سياسة الشكاوى 2027", "verified": "on",
            "may_pause": "on", "starts_on": "2026-09-15", "reason": "نريد ردًا أسرع",
        },
    )  # fmt: skip
    change = ClockChange.objects.get()
    browser(general).post(
        reverse("clock_change_decide", args=[change.pk]), {"decision": "APPROVED", "digest": change.digest}
    )
    assert step_of(kind="COMPLAINT", code="CLOSING", on=TODAY).amount == 9
    assert step_of(kind="COMPLAINT", code="CLOSING", on=TODAY - dt.timedelta(days=1)).amount == 11
    running.refresh_from_db()
    assert running.due_on == dt.date(2026, 10, 1)
    proposal = ClockProposal.objects.get()
    due_dates_answer(user=quality, change=change, chosen=[proposal.pk], accept=True)
    running.refresh_from_db()
    assert (running.due_on, running.step.version, running.left) == (dt.date(2026, 9, 29), 2, 9)


def test_a_clients_own_deadline_rules_it_alone() -> None:
    step = step_of(kind="COMPLAINT", code="CLOSING", on=TODAY)
    change = step_propose(
        user=person(Role.ADMINISTRATOR), step=step, starts_on=TODAY, reason="اتفاق مع العميل", client_id=9, amount=6
    )
    confirmed(person(Role.GENERAL_MANAGER), change)
    own = ClockStep.objects.get(client_id=9)
    assert (own.amount, own.version, own.code) == (6, 1, "CLOSING")
    assert step_of(kind="COMPLAINT", code="CLOSING", on=TODAY).amount == 11
    assert step_of(kind="COMPLAINT", code="CLOSING", on=TODAY, client_id=9).amount == 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_general_manager_finds_it_in_the_inbox(language: str) -> None:
    started()
    change = asked(person(Role.ADMINISTRATOR))
    inbox = browser(person(Role.GENERAL_MANAGER), language)
    page = inbox.get(reverse("inbox"))
    assert page.status_code == 200 and "أُعلنت عطلة إضافية" in words(page)
    approval = page.context["chosen"].approval
    inbox.post(reverse("approval_decide", args=[approval.pk]), {"decision": "REJECTED", "digest": change.digest,
                                                                "reason": "لم تُعلن بعد"})  # fmt: skip
    assert not Holiday.objects.filter(on=THURSDAY).exists()
    done = inbox.get(reverse("clock_change", args=[change.pk]))
    assert "لم تُعلن بعد" in words(done)


def test_a_request_is_taken_back_by_who_asked() -> None:
    admin = person(Role.ADMINISTRATOR)
    change = asked(admin)
    browser(admin).post(reverse("clock_change_withdraw", args=[change.pk]))
    with pytest.raises(Conflict):
        confirmed(person(Role.QUALITY_OFFICER), change)


def test_an_auditor_reads_the_table_before_anything_was_written_of_it() -> None:
    assert not ClockStep.objects.exists()
    page = browser(person(Role.AUDITOR), "en").get(reverse("deadlines"))
    assert page.status_code == 200 and "Close a complete complaint" in words(page)
    assert not ClockStep.objects.exists()
