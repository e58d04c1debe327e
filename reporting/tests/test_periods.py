"""What a report is about, by tables; what is due on which morning; segments and targets, by tables too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from clients.choices import Channel
from common import clock
from common.models import Holiday
from reporting.rules.periods import Assessment, Brief, Month, Quarter, period_of
from reporting.rules.segments import SEGMENTS, channels_of, segment_of, target_from
from reporting.services.runs import run_begin, runs_due
from tests.world import ACTOR

D = dt.date


@pytest.mark.parametrize(
    ("kind", "label", "first", "last", "made_from"),
    [
        ("WEEKLY", "2026-W40", D(2026, 9, 27), D(2026, 10, 3), D(2026, 10, 4)),
        ("MONTHLY", "2026-09", D(2026, 9, 1), D(2026, 9, 30), D(2026, 10, 1)),
        ("MONTHLY", "2028-02", D(2028, 2, 1), D(2028, 2, 29), D(2028, 3, 1)),
        ("MONTHLY", "2026-12", D(2026, 12, 1), D(2026, 12, 31), D(2027, 1, 1)),
        ("QUARTERLY", "2026-Q1", D(2026, 1, 1), D(2026, 3, 31), D(2026, 4, 1)),
        ("QUARTERLY", "2026-Q4", D(2026, 10, 1), D(2026, 12, 31), D(2027, 1, 1)),
        # Day 1 is that of placement: the brief tells of days 1 to 10.
        ("BRIEF", "2026-09-19", D(2026, 9, 19), D(2026, 9, 28), D(2026, 9, 29)),
        ("ASSESSMENT", "2026-09-19", D(2026, 9, 19), D(2026, 9, 19), D(2026, 9, 19)),
    ],
)
def test_a_label_names_its_days(kind: str, label: str, first: D, last: D, made_from: D) -> None:
    period = period_of(kind=kind, label=label)
    assert (period.kind, period.label) == (kind, label)
    assert (period.starts_on, period.ends_on, period.made_from) == (first, last, made_from)


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("MONTHLY", "2026-13"), ("MONTHLY", "2026-00"), ("MONTHLY", "2026-9"), ("MONTHLY", "0001-01"),
        ("MONTHLY", "2026-09 "), ("QUARTERLY", "2026-Q5"), ("QUARTERLY", "2026Q1"), ("QUARTERLY", "9999-Q4"),
        ("BRIEF", "2026-02-30"), ("ASSESSMENT", "today"), ("ASSESSMENT", "0001-01-01"), ("YEARLY", "2026"),
    ],
)  # fmt: skip
def test_any_other_label_names_nothing(kind: str, label: str) -> None:
    with pytest.raises(ValueError, match=r"written|no such|such report|day|month|isoformat"):
        period_of(kind=kind, label=label)


def test_months_and_quarters_follow_one_another() -> None:
    assert Month(year=2026, number=1).before() == Month(year=2025, number=12)
    assert Quarter(year=2026, number=1).before() == Quarter(year=2025, number=4)
    assert Quarter(year=2025, number=4).after() == Quarter(year=2026, number=1)
    assert [m.number for m in Quarter(year=2026, number=3).months()] == [7, 8, 9]
    assert Quarter.of(on=D(2026, 3, 31)) == Quarter(year=2026, number=1)
    assert Quarter.of(on=D(2026, 4, 1)) == Quarter(year=2026, number=2)
    assert (Brief(on=D(2026, 9, 19)).day(14), Assessment(on=D(2026, 9, 19)).day(1)) == (D(2026, 10, 2), D(2026, 9, 19))


@pytest.mark.django_db
@pytest.mark.requirement("PL-35")
def test_months_are_due_from_their_first_working_day_and_quarters_with_the_fourth() -> None:
    # 1 May 2026 is a Friday, 3 May a Sunday.
    assert runs_due(on=D(2026, 5, 1)) == runs_due(on=D(2026, 5, 2)) == []
    assert runs_due(on=D(2026, 5, 3)) == [Month(year=2026, number=4)]
    Holiday.objects.create(calendar="PRIVATE", on=D(2026, 5, 3), name_ar="عطلة", name_en="Day off")
    assert runs_due(on=D(2026, 5, 3)) == []
    # A morning that was missed is made up for.
    assert runs_due(on=D(2026, 5, 6)) == [Month(year=2026, number=4)]
    due = runs_due(on=D(2026, 10, 1))
    assert due == [Month(year=2026, number=9), Quarter(year=2026, number=3)]
    with clock.at(clock.at_riyadh(on=D(2026, 10, 1), time=dt.time(6))):
        run_begin(actor=ACTOR, period=due[0])
    assert runs_due(on=D(2026, 10, 1)) == [Quarter(year=2026, number=3)]


@pytest.mark.parametrize(
    ("days", "large", "reachable", "code"),
    [
        (-5, True, True, "YOUNG_LARGE"),
        (30, False, True, "YOUNG_SMALL"),
        (31, True, True, "MIDDLE_LARGE"),
        (90, False, True, "MIDDLE_SMALL"),
        (91, True, True, "OLD_LARGE"),
        (400, False, True, "OLD_SMALL"),
        (31, True, False, "UNREACHABLE"),
    ],
)
def test_an_account_has_its_segment_at_both_sides_of_each_boundary(
    days: int, large: bool, reachable: bool, code: str
) -> None:
    assert segment_of(days_late=days, large=large, reachable=reachable) == code


def test_segments_have_one_priority_each_and_channels_that_the_policy_allows() -> None:
    assert [segment.priority for segment in SEGMENTS] == list(range(1, 8))
    allowed = {Channel.SMS, Channel.PHONE}
    assert channels_of(code="MIDDLE_SMALL", allowed=allowed) == [Channel.SMS, Channel.PHONE]
    assert channels_of(code="OLD_LARGE", allowed={Channel.EMAIL}) == []
    assert channels_of(code="UNREACHABLE", allowed=allowed) == []


@pytest.mark.parametrize(
    ("found", "target"),
    [("0", "5"), ("0.1", "5"), ("35.0", "35"), ("35.1", "40"), ("94.9", "95"), ("99.0", "95"), ("100", "95")],
)
def test_a_target_is_the_next_five_above_what_was_found(found: str, target: str) -> None:
    assert target_from(Decimal(found)) == Decimal(target)


def test_where_nothing_was_found_no_target_is_proposed() -> None:
    assert target_from(None) is None
