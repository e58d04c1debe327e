"""Clocks as they run: what starts, stops, meets and lapses them, and what the database refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clients.models import Client
from collections_app.models import Case
from common import events
from common.audit import Actor
from common.choices import ClockState
from common.clock import at_riyadh
from common.clocks import (
    ClockBreached,
    ClockWarned,
    clock_cancel,
    clock_event,
    clock_meet,
    clock_pause,
    clock_reopen,
    clock_resume,
    clock_start,
    clocks_of,
    clocks_tick,
    earliest_of,
    step_of,
)
from common.exceptions import Conflict, Refused
from common.models import AuditEvent, Clock, ClockEvent, ClockStep
from common.tests.holidays_sa import holidays_write

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
# Matters are named, never read: a row of any table will do.
MATTER = Client(pk=7)


def at(day: int, month: int = 9, hour: int = 12, minute: int = 0) -> dt.datetime:
    """A moment of 2026; 13 September is a Sunday, the 23rd a holiday."""
    return at_riyadh(on=dt.date(2026, month, day), time=dt.time(hour, minute))


def happen(event: str, when: dt.datetime, kind: str = "DISPUTE", subject: Any = MATTER, **more: Any) -> list[Clock]:
    return clock_event(subject=subject, kind=kind, event=event, at=when, actor=ACTOR, **more)


def stands(subject: Any = MATTER) -> dict[str, tuple[str, str]]:
    return {
        clock.code: (clock.state, f"{clock.due_on:%d %b}" if clock.due_on else "")
        for clock in clocks_of(subject=subject)
    }


def moves(clock: Clock) -> list[str]:
    return [event.move for event in ClockEvent.objects.filter(clock=clock).order_by("number")]


@contextmanager
def listening(**handlers: Any) -> Iterator[list[Any]]:
    """Hear what the engine publishes; a handler in place of the list's own."""
    heard: list[Any] = []
    before = dict(events._handlers)
    events.wire(
        {
            **before,
            ClockBreached: (handlers.get("breached", heard.append),),
            ClockWarned: (handlers.get("warned", heard.append),),
        }
    )
    try:
        yield heard
    finally:
        events.wire(before)


@pytest.fixture(autouse=True)
def _holidays() -> None:
    holidays_write()


@pytest.mark.requirement("CB-31", "CB-32", "CB-33", "CB-34", "CB-36", "CB-37")
def test_a_dispute_goes_from_event_to_event() -> None:
    happen("FILED", at(13))
    assert stands() == {
        "NOTIFY_MEMBER": ("RUNNING", "20 Sep"),
        "PROGRESS_NOTICE": ("RUNNING", "28 Sep"),
        "OVERALL": ("RUNNING", "13 Oct"),
    }
    happen("MEMBER_NOTIFIED", at(15))
    happen("MEMBER_REPLIED", at(20))
    happen("PROGRESS_TOLD", at(21))
    assert stands()["DECISION"] == ("RUNNING", "30 Sep")
    happen("DECIDED", at(22))
    happen("UPHELD", at(22))
    assert {code: state for code, (state, _due) in stands().items()} == {
        "NOTIFY_MEMBER": "MET",
        "MEMBER_REPLY": "MET",
        "DECISION": "MET",
        "OVERALL": "MET",
        "PROGRESS_NOTICE": "MET",
        "RESULT": "RUNNING",
        "CORRECTION": "RUNNING",
    }
    assert (stands()["CORRECTION"][1], stands()["RESULT"][1]) == ("27 Sep", "30 Sep")
    assert not any(clock.is_late for clock in clocks_of(subject=MATTER))


def test_an_event_that_is_told_twice_does_nothing_the_second_time() -> None:
    assert len(happen("FILED", at(13))) == 3
    assert happen("FILED", at(13)) == []
    assert len(happen("MEMBER_NOTIFIED", at(14))) == 2
    assert happen("MEMBER_NOTIFIED", at(14)) == []


@pytest.mark.requirement("CB-32", "CB-33")
def test_the_members_silence_lapses_and_starts_the_decision_by_itself() -> None:
    happen("FILED", at(13))
    happen("MEMBER_NOTIFIED", at(14))
    happen("PROGRESS_TOLD", at(15))
    # Days pass without a tick: the decision runs from the lapse, not from when it was seen.
    with listening() as heard:
        ticked = clocks_tick(at=at(4, month=10, hour=9))
    assert ticked.failed == []
    silent = [event for event in heard if isinstance(event, ClockBreached)]
    assert [(event.clock.code, f"{event.at:%d %b}") for event in silent] == [("MEMBER_REPLY", "29 Sep")]
    assert stands()["MEMBER_REPLY"] == ("LATE", "29 Sep")
    assert stands()["DECISION"] == ("RUNNING", "08 Oct")
    # A reply after all does not begin the decision again.
    happen("MEMBER_REPLIED", at(4, month=10))
    assert stands()["DECISION"] == ("RUNNING", "08 Oct")
    reply = Clock.objects.get(code="MEMBER_REPLY")
    assert (reply.state, reply.is_late, moves(reply)[-2:]) == ("MET", True, ["LAPSED", "MET"])


@pytest.mark.requirement("CB-33")
def test_a_reply_that_had_come_before_the_lapse_moves_the_decision_forward() -> None:
    """Whichever comes first (I-12), also when it is written down late."""
    happen("FILED", at(13))
    happen("MEMBER_NOTIFIED", at(14))
    clocks_tick(at=at(4, month=10, hour=9))
    happen("MEMBER_REPLIED", at(28))
    assert stands()["DECISION"] == ("RUNNING", "07 Oct")
    reply = Clock.objects.get(code="MEMBER_REPLY")
    assert (reply.state, reply.is_late) == ("MET", False)


@pytest.mark.requirement("CB-43")
def test_warnings_and_lapses_come_once_and_warnings_in_working_time() -> None:
    happen("FILED", at(13))
    happen("MEMBER_NOTIFIED", at(14))
    given: list[tuple[str, str, str]] = []
    moment = at(14, hour=12)
    with listening() as heard:
        while moment < at(18, month=10):
            clocks_tick(at=moment)
            for event in heard:
                given.append((event.clock.code, getattr(event, "mark", "LAPSED"), f"{moment:%d %b %H:%M}"))
            heard.clear()
            moment += dt.timedelta(minutes=30)
    # From 14 September: the alarms of the fifth, eighth and ninth working day, and the lapse at its midnight.
    assert [(mark, when) for code, mark, when in given if code == "MEMBER_REPLY"] == [
        ("5", "21 Sep 08:00"),
        ("8", "27 Sep 08:00"),
        ("9", "28 Sep 08:00"),
        ("LAPSED", "30 Sep 00:00"),
    ]
    assert [(mark, when) for code, mark, when in given if code == "OVERALL"] == [
        ("60", "01 Oct 08:00"),
        ("80", "07 Oct 08:00"),
        ("BEFORE", "12 Oct 08:00"),
        ("LAPSED", "14 Oct 00:00"),
    ]
    assert len(given) == len({(code, mark) for code, mark, _when in given})


@pytest.mark.requirement("CB-43")
def test_a_warning_that_nobody_gave_waits_for_the_morning_and_only_the_last_is_given() -> None:
    happen("FILED", at(13))
    # Days 3 and 4 of the member's notice passed without a tick; it is night.
    with listening() as heard:
        assert clocks_tick(at=at(17, hour=23)).warned == 0
        clocks_tick(at=at(20, hour=8))
    told = [(event.clock.code, event.mark) for event in heard]
    assert ("NOTIFY_MEMBER", "BEFORE") in told
    assert ("NOTIFY_MEMBER", "60") not in told
    clock = Clock.objects.get(code="NOTIFY_MEMBER")
    assert clock.warned == ["60", "BEFORE"]
    assert ClockEvent.objects.get(clock=clock, move="WARNED").mark == "60 BEFORE"


def test_an_idle_tick_asks_little_and_writes_nothing(django_assert_max_num_queries: Any) -> None:
    happen("FILED", at(13))
    before = AuditEvent.objects.count()
    # The day's holidays, and the clocks whose moment has come, in a savepoint.
    with django_assert_max_num_queries(4):
        ticked = clocks_tick(at=at(13, hour=13))
    assert (ticked.warned, ticked.lapsed) == (0, 0)
    assert AuditEvent.objects.count() == before


def test_a_tick_leaves_one_row_in_the_trail() -> None:
    happen("FILED", at(13))
    clocks_tick(at=at(20, month=10, hour=9))
    event = AuditEvent.objects.get(action="clocks.ticked")
    assert event.body["lapsed"] == 3


def test_a_clock_that_cannot_be_followed_does_not_stop_the_others() -> None:
    happen("FILED", at(13))

    def refuses(event: ClockBreached) -> None:
        if event.clock.code == "OVERALL":
            raise RuntimeError("cannot follow")

    late = at(20, month=10, hour=9)
    with listening(breached=refuses):
        ticked = clocks_tick(at=late)
    stuck = Clock.objects.get(code="OVERALL")
    assert (ticked.lapsed, ticked.failed) == (2, [stuck.pk])
    assert (stuck.state, moves(stuck)) == ("RUNNING", ["STARTED"])
    assert clocks_tick(at=late).lapsed == 1


@pytest.mark.requirement("CX-10", "CX-11")
def test_a_pause_keeps_the_working_days_that_are_left() -> None:
    happen("COMPLETE", at(13), kind="COMPLAINT")
    clock = Clock.objects.get(code="CLOSING")
    assert clock.due_on == dt.date(2026, 9, 29)
    # Used up: 14, 15, 16. Left: eight, whatever the calendar brings meanwhile.
    clock = clock_pause(clock=clock, at=at(16), actor=ACTOR, reason="تنقص صورة العقد")
    assert (clock.state, clock.left, clock.due_on, clock.due_at) == ("PAUSED", 8, None, None)
    assert clocks_tick(at=at(1, month=12, hour=9)).lapsed == 0
    clock = clock_resume(clock=clock, at=at(20), actor=ACTOR)
    assert (clock.state, clock.due_on) == ("RUNNING", dt.date(2026, 10, 1))
    # 60 % is day 7 of the eleven, three of which were used up.
    assert (f"{clock.warn_at[0]:%d %b}", clock.warn_marks[0]) == ("27 Sep", "60")
    assert moves(clock) == ["STARTED", "PAUSED", "RESUMED"]


@pytest.mark.requirement("CX-21")
def test_a_pause_of_hours_keeps_seconds() -> None:
    happen("RECEIVED", at(13, hour=10), kind="ENQUIRY")
    clock = Clock.objects.get(kind="ENQUIRY")
    clock = clock_pause(clock=clock, at=at(13, hour=13, minute=30), actor=ACTOR, reason="سؤال غير واضح")
    assert clock.left == 20 * 3600 + 1800
    clock = clock_resume(clock=clock, at=at(15, hour=9), actor=ACTOR)
    assert clock.due_at == at(16, hour=5, minute=30)


def test_a_legal_clock_that_counts_from_receipt_is_never_paused() -> None:
    happen("RECEIVED", at(13), kind="COMPLAINT", profiles=["BANK"])
    clock = Clock.objects.get(code="ANSWER_BANK")
    with pytest.raises(Refused) as refusal:
        clock_pause(clock=clock, at=at(14), actor=ACTOR, reason="ينقص شيء")
    assert refusal.value.code == "clock_no_pause"


@pytest.mark.requirement("CX-10")
def test_the_earliest_clock_of_a_matter_is_shown_and_profiles_choose_the_legal_ones() -> None:
    bank, trade, nothing = Client(pk=1), Client(pk=2), Client(pk=3)
    for subject, profiles in ((bank, ["BANK"]), (trade, [])):
        happen("RECEIVED", at(13), kind="COMPLAINT", subject=subject, profiles=profiles)
        happen("ROUTED", at(13, hour=14), kind="COMPLAINT", subject=subject)
        happen("COMPLETE", at(13), kind="COMPLAINT", subject=subject)
    shown = earliest_of(subject_type="clients.Client", subject_ids=[1, 2, 3])
    assert {pk: (clock.code, clock.due_on.day) for pk, clock in shown.items()} == {  # type: ignore[union-attr]
        1: ("ANSWER_BANK", 20),
        2: ("CLOSING", 29),
    }
    assert nothing.pk not in shown
    # A paused one is shown only where nothing runs.
    clock_pause(clock=shown[2], at=at(14), actor=ACTOR, reason="ينقص شيء")
    assert earliest_of(subject_type="clients.Client", subject_ids=[2])[2].state == "PAUSED"


def test_the_earliest_of_a_list_is_one_statement(django_assert_num_queries: Any) -> None:
    for pk in range(20, 40):
        happen("FILED", at(13), subject=Client(pk=pk))
    with django_assert_num_queries(1):
        shown = earliest_of(subject_type="clients.Client", subject_ids=list(range(20, 40)))
        assert {clock.step.code for clock in shown.values()} == {"NOTIFY_MEMBER"}
    assert len(shown) == 20


def test_what_was_met_is_opened_again_for_another_round_or_as_it_was() -> None:
    happen("RECEIVED", at(13), kind="COMPLAINT", profiles=["BANK"])
    clock = clock_meet(clock=Clock.objects.get(code="ANSWER_BANK"), at=at(15), actor=ACTOR)
    as_it_was = clock_reopen(clock=clock, at=at(16), actor=ACTOR, reason="سُجّل خطأ", afresh=False)
    assert (as_it_was.state, as_it_was.due_on) == ("RUNNING", dt.date(2026, 9, 20))
    clock = clock_meet(clock=as_it_was, at=at(16), actor=ACTOR)
    again = clock_reopen(clock=clock, at=at(17), actor=ACTOR, reason="لم يرضَ صاحب الشكوى", afresh=True)
    # A whole new time: 20, 21, 22, 24 (the 23rd is a holiday), 27.
    assert (again.state, again.due_on, again.warned) == ("RUNNING", dt.date(2026, 9, 27), [])
    assert moves(again) == ["STARTED", "MET", "REOPENED", "MET", "REOPENED"]


def test_what_is_opened_again_after_its_time_lapses_at_once_and_tells_once() -> None:
    happen("RECEIVED", at(13), kind="COMPLAINT", profiles=["BANK"])
    clock = clock_meet(clock=Clock.objects.get(code="ANSWER_BANK"), at=at(15), actor=ACTOR)
    with listening() as heard:
        clock = clock_reopen(clock=clock, at=at(24), actor=ACTOR, reason="سُجّل خطأ", afresh=False)
        assert (clock.state, len(heard)) == ("LATE", 1)
        clock = clock_meet(clock=clock, at=at(24), actor=ACTOR)
        clock = clock_reopen(clock=clock, at=at(27), actor=ACTOR, reason="سُجّل خطأ", afresh=False)
        assert (clock.state, len(heard)) == ("LATE", 1)


def test_what_is_met_late_without_a_tick_lapsed_first() -> None:
    happen("RECEIVED", at(13), kind="COMPLAINT", profiles=["BANK"])
    with listening() as heard:
        clock = clock_meet(clock=Clock.objects.get(code="ANSWER_BANK"), at=at(24), actor=ACTOR)
    assert (clock.state, clock.is_late, moves(clock)) == ("MET", True, ["STARTED", "LAPSED", "MET"])
    assert [type(event) for event in heard] == [ClockBreached]


def test_the_last_moment_of_the_due_day_is_in_time() -> None:
    happen("RECEIVED", at(13), kind="COMPLAINT", profiles=["BANK"])
    happen("ROUTED", at(13), kind="COMPLAINT")
    clock = Clock.objects.get(code="ANSWER_BANK")
    assert clock.due_at is not None
    assert clocks_tick(at=clock.due_at).lapsed == 0
    assert not clock_meet(clock=clock, at=clock.due_at, actor=ACTOR).is_late


def test_moves_that_a_clock_cannot_make_are_refused() -> None:
    happen("COMPLETE", at(13), kind="COMPLAINT")
    clock = Clock.objects.get(code="CLOSING")
    with pytest.raises(Conflict):
        clock_resume(clock=clock, at=at(14), actor=ACTOR)
    with pytest.raises(Conflict):
        clock_reopen(clock=clock, at=at(14), actor=ACTOR, reason="خطأ", afresh=True)
    with pytest.raises(Refused) as early:
        clock_pause(clock=clock, at=at(12), actor=ACTOR, reason="ينقص شيء")
    assert early.value.code == "clock_early"
    with pytest.raises(Refused) as silent:
        clock_cancel(clock=clock, at=at(14), actor=ACTOR, reason="  ")
    assert silent.value.code == "clock_reason"
    with pytest.raises(Conflict):
        clock_start(subject=MATTER, kind="COMPLAINT", code="CLOSING", at=at(14), actor=ACTOR)
    clock_cancel(clock=clock, at=at(14), actor=ACTOR, reason="سُحبت الشكوى")
    with pytest.raises(Conflict):
        clock_meet(clock=clock, at=at(15), actor=ACTOR)
    assert clock_start(subject=MATTER, kind="COMPLAINT", code="CLOSING", at=at(15), actor=ACTOR).state == "RUNNING"


def test_a_client_may_have_a_deadline_of_its_own_and_new_versions_rule_from_their_day() -> None:
    step_of(kind="COMPLAINT", code="CLOSING", on=dt.date(2026, 9, 1))
    house = ClockStep.objects.get(kind="COMPLAINT", code="CLOSING")
    copied = {f.name: getattr(house, f.name) for f in ClockStep._meta.concrete_fields if f.name != "id"}
    ClockStep.objects.create(**{**copied, "client_id": 9, "amount": 6})
    ClockStep.objects.create(**{**copied, "version": 2, "starts_on": dt.date(2026, 9, 20), "amount": 8})

    def amount(day: int, client_id: int | None = None) -> int:
        return step_of(kind="COMPLAINT", code="CLOSING", on=dt.date(2026, 9, day), client_id=client_id).amount

    assert (amount(19), amount(20), amount(20, client_id=9), amount(19, client_id=8)) == (11, 8, 6, 11)
    clock = clock_start(subject=Case(pk=1, client_id=9), kind="COMPLAINT", code="CLOSING", at=at(20), actor=ACTOR)
    assert (clock.client_id, clock.due_on) == (9, dt.date(2026, 9, 29))
    assert ClockEvent.objects.get(clock=clock).client_id == 9


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM common_clock", "never deleted"),
        ("UPDATE common_clock SET next_at = now()", "one event at a time"),
        ("UPDATE common_clock SET moves = moves + 1, left = 3", "told by its event"),
        (
            "UPDATE common_clock SET moves = moves + 1, state = 'MET', ended_at = now(), next_at = NULL",
            "told by its event",
        ),
    ],
)
def test_the_database_loses_no_clock_and_hides_no_move(sql: str, words: str) -> None:
    happen("RECEIVED", at(13), kind="ENQUIRY")
    with pytest.raises(IntegrityError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.replace("left =", '"left" ='))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_knows_the_same_moves() -> None:
    """Each pair of states: what the table of moves allows, the trigger takes, and nothing else."""
    from common.choices import CLOCK_MOVES

    happen("COMPLETE", at(13), kind="COMPLAINT")
    fields = {
        "RUNNING": "due_on = '2026-09-29', due_at = '2026-09-29', next_at = '2026-09-29'",
        "LATE": "due_at = '2026-09-29', lapsed_at = '2026-09-29', next_at = NULL",
        "PAUSED": "due_at = NULL, paused_at = '2026-09-14', next_at = NULL",
        "MET": "ended_at = '2026-09-14', next_at = NULL",
        "CANCELLED": "ended_at = '2026-09-14', next_at = NULL",
    }
    ways = {"RUNNING": [], "PAUSED": ["PAUSED"], "LATE": ["LATE"], "MET": ["MET"], "CANCELLED": ["CANCELLED"]}
    for start, way in ways.items():
        for to in ClockState.values:
            if to == start:
                continue
            taken = True
            with transaction.atomic():
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        for state in [*way, to]:
                            cursor.execute(
                                f"UPDATE common_clock SET moves = moves + 1, state = %s, {fields[state]}", [state]
                            )
                except IntegrityError as error:
                    assert f"from {start} to {to}" in str(error)
                    taken = False
                transaction.set_rollback(True)
            assert taken == (to in CLOCK_MOVES[start]), (start, to)
