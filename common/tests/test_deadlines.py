"""Due dates day by day around Ramadan, the Eids, the national day and weekends, against another calculation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar import add_working_days, working_days_between
from common.choices import ClockUnit
from common.clock import RIYADH, at_riyadh
from common.clocks import kinds_of_steps, plan_of
from common.deadlines import CLOSES, OPENS, counts_from, due_of, kept_of, left_of, warnings_of, whole_of
from common.tests.holidays_sa import DAYS_OFF, WORKED, holidays_write, nth_after

D, DAY = dt.date, dt.timedelta(days=1)
# Ramadan 1447 with Eid al-Fitr, Eid al-Adha, the national day, and the founding day on a Sunday after a weekend.
WINDOWS = {
    "Ramadan and Eid al-Fitr": (D(2026, 2, 18), D(2026, 3, 31)),
    "Eid al-Adha": (D(2026, 5, 17), D(2026, 6, 4)),
    "national day": (D(2026, 9, 13), D(2026, 9, 30)),
    "founding day": (D(2026, 2, 8), D(2026, 2, 26)),
    "Eid on a weekend": (D(2025, 5, 28), D(2025, 6, 14)),
}
CALENDARS = ("PRIVATE", "BANK")


def days(window: tuple[D, D]) -> Iterator[D]:
    first, last = window
    return (first + n * DAY for n in range((last - first).days + 1))


@pytest.mark.requirement("CB-43")
@pytest.mark.parametrize("calendar", CALENDARS)
def test_working_days_are_those_of_a_list_of_all_working_days(calendar: str) -> None:
    off = frozenset(DAYS_OFF[calendar])
    for start in days((D(2024, 1, 1), D(2027, 9, 30))):
        for n in (1, 2, 5, 7, 10, 11, 22):
            due = nth_after(calendar, start, n)
            assert add_working_days(start=start, days=n, holidays=off) == due, (start, n)
            assert working_days_between(start=start, end=due, holidays=off) == n, (start, n)


def expected(kind: str, calendar: str, filed: D) -> dict[str, D]:
    """The due dates of a kind by the list of working days, written as the regulations say them."""

    def wd(day: D, n: int) -> D:
        return nth_after(calendar, day, n)

    worked = wd(filed, 0)  # what is filed on a day off counts as of the next working day
    if kind == "DISPUTE":
        notice = wd(worked, 5)
        reply = wd(notice, 10)
        decision = wd(reply, 7)
        return {
            "NOTIFY_MEMBER": notice,
            "MEMBER_REPLY": reply,
            "DECISION": decision,
            "CORRECTION": wd(decision, 2),
            "PROGRESS_NOTICE": wd(worked, 10),
            "RESULT": wd(decision, 5),
            "OVERALL": filed + dt.timedelta(days=30),
        }
    if kind == "COMPLAINT":
        return {
            "ROUTING": wd(filed + DAY, 0),
            "CLOSING": wd(filed, 11),
            "ANSWER_BANK": wd(filed, 5),
            "ANSWER_FINANCE": wd(filed, 10),
        }
    reason = wd(filed + 2 * DAY, 0)
    discussion = wd(reason + 3 * DAY, 0)
    return {
        "ENQUIRY": {"ANSWER": wd(filed + DAY, 0)},
        "CALL_BACK": {"CALL": wd(filed + DAY, 0)},
        "RECOMMENDATION": {"REASON": reason},
        "PERFORMANCE_REPORT": {
            "REASON": reason,
            "DISCUSSION": discussion,
            "ARCHIVE": wd(discussion + DAY, 0),
        },
    }[kind]


@pytest.mark.django_db
@pytest.mark.requirement(
    "CB-31", "CB-32", "CB-33", "CB-34", "CB-36", "CB-37", "CB-43", "CX-10", "CX-21", "CR-04", "CR-08", "CR-09", "CR-17"
)
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_clock_day_by_day(window: str, calendar: str) -> None:
    holidays_write()
    for filed in days(WINDOWS[window]):
        for kind in kinds_of_steps():
            planned = plan_of(kind=kind, at=at_riyadh(on=filed), calendar=calendar)
            told = {one.step.code: one.due.on for one in planned}
            assert told == expected(kind, calendar, filed), (kind, filed)


@pytest.mark.django_db
@pytest.mark.requirement("CB-43")
def test_the_stages_pass_the_thirty_days_when_eid_lies_between() -> None:
    """B9: an objection of 10 March 2026."""
    holidays_write()
    planned = {one.step.code: one for one in plan_of(kind="DISPUTE", at=at_riyadh(on=D(2026, 3, 10)))}
    assert planned["DECISION"].due.on == D(2026, 4, 15)
    assert planned["OVERALL"].due.on == D(2026, 4, 9)
    assert (planned["DECISION"].wins, planned["OVERALL"].wins) == (False, True)


@pytest.mark.requirement("CX-21")
@pytest.mark.parametrize("calendar", CALENDARS)
def test_twenty_four_hours_that_end_on_a_day_off_move_to_the_same_hour_of_the_next_working_day(calendar: str) -> None:
    off, worked = frozenset(DAYS_OFF[calendar]), set(WORKED[calendar])
    for day in days(WINDOWS["Ramadan and Eid al-Fitr"]):
        for hour in range(24):
            at = at_riyadh(on=day, time=dt.time(hour, 17))
            due = due_of(unit="H", left=whole_of(unit="H", amount=24), since=at, moves_on=True, holidays=off)
            answer = at + 24 * dt.timedelta(hours=1)
            while answer.date() not in worked:
                answer += DAY
            assert due.at == answer, at


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        # Thursday 10 September 2026, both ends of the office's hours.
        (dt.datetime(2026, 9, 10, 16, 30), D(2026, 9, 10)),
        (dt.datetime(2026, 9, 10, 16, 30, 1), D(2026, 9, 13)),
        (dt.datetime(2026, 9, 10, 8, 0), D(2026, 9, 10)),
        (dt.datetime(2026, 9, 10, 7, 59, 59), D(2026, 9, 10)),
        # A Friday, a Saturday night, the national day and the evening before.
        (dt.datetime(2026, 9, 11, 12, 0), D(2026, 9, 13)),
        (dt.datetime(2026, 9, 12, 23, 59), D(2026, 9, 13)),
        (dt.datetime(2026, 9, 23, 10, 0), D(2026, 9, 24)),
        (dt.datetime(2026, 9, 22, 17, 0), D(2026, 9, 24)),
        # The last day before Eid al-Fitr in the evening.
        (dt.datetime(2026, 3, 19, 20, 0), D(2026, 3, 26)),
    ],
)
@pytest.mark.requirement("CB-45")
def test_what_is_filed_outside_office_hours_counts_as_of_the_next_working_day(at: dt.datetime, counts: D) -> None:
    since = counts_from(at=at.replace(tzinfo=RIYADH), office_hours=True, holidays=frozenset(DAYS_OFF["PRIVATE"]))
    assert since.date() == counts
    assert counts_from(at=at.replace(tzinfo=RIYADH), office_hours=False, holidays=frozenset()).date() == at.date()


def marks(unit: str, amount: int, start: dt.datetime, alarms: tuple[int, ...] = ()) -> list[tuple[str, str]]:
    off = frozenset(DAYS_OFF["PRIVATE"])
    left = whole_of(unit=unit, amount=amount)
    since = start.replace(tzinfo=RIYADH)
    due = due_of(unit=unit, left=left, since=since, moves_on=True, holidays=off)
    found = warnings_of(unit=unit, amount=amount, left=left, since=since, due=due, holidays=off, alarms=alarms)
    return [(f"{alert.at:%d %b %H:%M}", alert.mark) for alert in found]


@pytest.mark.requirement("CB-43")
def test_warnings_come_at_sixty_and_eighty_percent_and_one_working_day_before() -> None:
    # Sunday 13 September 2026; the national day is Wednesday 23.
    start = dt.datetime(2026, 9, 13, 12, 0)
    assert marks("WD", 11, start) == [("22 Sep 08:00", "60"), ("27 Sep 08:00", "80"), ("28 Sep 08:00", "BEFORE")]
    assert marks("WD", 10, start, (5, 8, 9)) == [("20 Sep 08:00", "5"), ("24 Sep 08:00", "8"), ("27 Sep 08:00", "9")]
    # Of two in one moment the more urgent stands: day 4 of 5 is 80 % and the day before.
    assert marks("WD", 5, start) == [("16 Sep 08:00", "60"), ("17 Sep 08:00", "BEFORE")]
    assert marks("WD", 2, start) == [("14 Sep 08:00", "BEFORE"), ("15 Sep 08:00", "80")]
    # Calendar days wait for a working day: day 18 is Thursday, day 24 Wednesday.
    assert marks("D", 30, start) == [("01 Oct 08:00", "60"), ("07 Oct 08:00", "80"), ("12 Oct 08:00", "BEFORE")]
    # A day that ends on Friday, and so on Sunday.
    assert marks("D", 1, dt.datetime(2026, 9, 17, 9, 0)) == [("20 Sep 08:00", "80")]
    # 24 hours: 60 % is after midnight, so at the opening; 80 % too, and it is the one that is told.
    assert marks("H", 24, start) == [("14 Sep 08:00", "80")]
    assert marks("H", 24, dt.datetime(2026, 9, 13, 15, 0)) == [("14 Sep 08:00", "60"), ("14 Sep 10:12", "80")]


MOMENTS = st.datetimes(min_value=dt.datetime(2025, 1, 1), max_value=dt.datetime(2027, 6, 30)).map(
    lambda at: at.replace(tzinfo=RIYADH)
)


@pytest.mark.requirement("CB-43")
@given(
    unit=st.sampled_from(ClockUnit.values),
    amount=st.integers(1, 40),
    since=MOMENTS,
    gone=st.floats(0, 1),
    calendar=st.sampled_from(CALENDARS),
)
def test_warnings_are_in_working_time_between_start_and_lapse(
    unit: str, amount: int, since: dt.datetime, gone: float, calendar: str
) -> None:
    off, worked = frozenset(DAYS_OFF[calendar]), set(WORKED[calendar])
    whole = whole_of(unit=unit, amount=amount)
    left = whole - int(whole * gone)
    due = due_of(unit=unit, left=left, since=since, moves_on=True, holidays=off)
    found = warnings_of(unit=unit, amount=amount, left=left, since=since, due=due, holidays=off)
    assert [alert.at for alert in found] == sorted({alert.at for alert in found})
    for alert in found:
        assert since < alert.at < due.at
        assert alert.at.date() in worked and OPENS <= alert.at.time() <= CLOSES
    if left == whole and due.on > nth_after(calendar, since.date() + DAY, 0):
        assert found, "time enough, and no warning"


@given(
    unit=st.sampled_from(ClockUnit.values),
    amount=st.integers(1, 40),
    since=MOMENTS,
    pauses=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 400)), max_size=4),
    calendar=st.sampled_from(CALENDARS),
)
def test_a_pause_keeps_the_rest_in_its_own_unit(
    unit: str, amount: int, since: dt.datetime, pauses: list[tuple[int, int]], calendar: str
) -> None:
    """Whatever the pauses, what was used up between them and what is left make the whole."""
    off = frozenset(DAYS_OFF[calendar])
    whole = left = whole_of(unit=unit, amount=amount)
    at, used = since, 0
    for running, paused in pauses:
        stop = at + dt.timedelta(hours=running)
        before, left = left, left_of(unit=unit, left=left, since=at, at=stop, holidays=off)
        spent = {
            "WD": lambda first=at, last=stop: sum(1 for day in WORKED[calendar] if first.date() < day <= last.date()),
            "D": lambda first=at, last=stop: (last.date() - first.date()).days,
            "H": lambda hours=running: hours * 3600,
        }[unit]()
        assert left == max(0, before - spent)
        used += before - left
        # A pause of no length on the way moves nothing.
        if left > 0:
            one = due_of(unit=unit, left=before, since=at, moves_on=True, holidays=off)
            assert due_of(unit=unit, left=left, since=stop, moves_on=True, holidays=off) == one
        at = stop + dt.timedelta(hours=paused)
    assert used + left == whole


@pytest.mark.requirement("CX-21")
@pytest.mark.parametrize("calendar", CALENDARS)
def test_a_pause_on_days_off_leaves_the_hours_of_the_day_on_which_an_enquiry_is_due(calendar: str) -> None:
    """Received at any hour around Eid and paused at any hour before it is due: it keeps its hours, or its due day's."""
    off, hour = frozenset(DAYS_OFF[calendar]), dt.timedelta(hours=1)
    for day in days((D(2026, 3, 12), D(2026, 3, 29))):
        for begun in (0, 9, 17, 23):
            since = at_riyadh(on=day, time=dt.time(begun, 30))
            due = due_of(unit="H", left=24 * 3600, since=since, moves_on=True, holidays=off)
            at = since
            while at < due.at:
                kept = kept_of(unit="H", left=24 * 3600, since=since, at=at, due=due, holidays=off)
                of_its_day = (due.at - max(at, at_riyadh(on=due.on, time=dt.time.min))) // dt.timedelta(seconds=1)
                plain = max(0, 24 * 3600 - (at - since) // dt.timedelta(seconds=1))
                moved_on = due.at > since + 24 * hour
                assert kept == (max(plain, of_its_day) if moved_on else plain), (since, at)
                assert kept > 0, (since, at)
                at += hour
