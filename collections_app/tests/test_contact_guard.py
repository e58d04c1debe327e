"""May this contact be made now? Each rule at both sides of its boundary, then all of them together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clients.choices import Channel
from clients.services.clients import contact_policy_replace
from collections_app.choices import OPEN_CASE, CaseStatus, HoldKind, Outcome, Reached
from collections_app.rules.contact import Facts, answers, decide, next_open
from collections_app.selectors.contact import HOLIDAYS_AHEAD, contact_decisions, contact_guard
from collections_app.services.contacts import contact_record
from collections_app.services.holds import hold_place, hold_release
from common import clock
from common.clock import RIYADH, at_riyadh
from common.models import Holiday
from tests.world import ACTOR, a_case, make_client, make_user, place

SUNDAY = dt.date(2026, 3, 1)
THURSDAY, FRIDAY, SATURDAY = dt.date(2026, 3, 5), dt.date(2026, 3, 6), dt.date(2026, 3, 7)


def facts(**given_: Any) -> Facts:
    return Facts(
        **{
            "channel": "PHONE",
            "channels": {"PHONE", "SMS", "EMAIL", "LETTER"},
            "opens_at": dt.time(9, 0),
            "closes_at": dt.time(17, 0),
            "weekdays": {7, 1, 2, 3, 4},
            "holidays": set(),
            "max_attempts": 10,
            "window_days": 30,
            **given_,
        }
    )


def at(on: dt.date, hour: int = 12, minute: int = 0, second: int = 0) -> dt.datetime:
    return at_riyadh(on=on, time=dt.time(hour, minute, second))


def refused(found: Facts, moment: dt.datetime) -> list[str]:
    return [refusal.rule for refusal in decide(facts=found, at=moment).refusals]


@pytest.mark.requirement("PL-11")
@pytest.mark.parametrize(
    ("hour", "minute", "second", "rules", "opens"),
    [
        (8, 59, 59, ["CONTACT-HOURS"], at(SUNDAY, 9)),
        (9, 0, 0, [], None),
        (16, 59, 59, [], None),
        (17, 0, 0, ["CONTACT-HOURS"], at(SUNDAY + dt.timedelta(days=1), 9)),
        (23, 59, 59, ["CONTACT-HOURS"], at(SUNDAY + dt.timedelta(days=1), 9)),
        (0, 0, 0, ["CONTACT-HOURS"], at(SUNDAY, 9)),
    ],
)
def test_the_opening_and_the_closing_minute(
    hour: int, minute: int, second: int, rules: list[str], opens: dt.datetime | None
) -> None:
    moment = at(SUNDAY, hour, minute, second)
    assert refused(facts(), moment) == rules
    assert decide(facts=facts(), at=moment).next_allowed == opens


@pytest.mark.django_db
@pytest.mark.requirement("PL-11")
@pytest.mark.parametrize("status", CaseStatus.values)
def test_a_closed_case_is_not_contacted(status: str) -> None:
    with clock.at(at(SUNDAY)):
        case = a_case(make_client())
        case.status = status
        refusals = contact_decisions(case=case, at=clock.now())["PHONE"].refusals
        assert [refusal.rule for refusal in refusals] == ([] if status in OPEN_CASE else ["CASE-CLOSED"])
        assert [refusal.source for refusal in refusals] == ([] if status in OPEN_CASE else ["I-25"])
        assert not any(refusal.next_allowed for refusal in refusals)
        for language, said in (("ar", "الملف مغلق"), ("en", "The case is closed")):
            with translation.override(language):
                assert all(said in str(refusal.words) for refusal in refusals)


def test_hours_are_those_of_riyadh_whatever_zone_the_moment_is_told_in() -> None:
    morning = dt.datetime(2026, 3, 1, 6, 0, tzinfo=dt.UTC)  # 09:00 in Riyadh
    assert refused(facts(), morning) == []
    assert refused(facts(), morning - dt.timedelta(minutes=1)) == ["CONTACT-HOURS"]
    late_on_saturday = dt.datetime(2026, 3, 7, 21, 30, tzinfo=dt.UTC)  # Sunday 00:30 in Riyadh
    assert refused(facts(), late_on_saturday) == ["CONTACT-HOURS"]


@pytest.mark.requirement("PL-11")
@pytest.mark.parametrize(
    ("on", "rules"),
    [
        (THURSDAY, []),
        (FRIDAY, ["CONTACT-DAY"]),
        (SATURDAY, ["CONTACT-DAY"]),
        (SATURDAY + dt.timedelta(days=1), []),
    ],
)
def test_the_weekend(on: dt.date, rules: list[str]) -> None:
    assert refused(facts(), at(on)) == rules
    if rules:
        assert decide(facts=facts(), at=at(on)).next_allowed == at(SATURDAY + dt.timedelta(days=1), 9)


def test_thursday_evening_waits_until_sunday_and_past_a_holiday() -> None:
    evening = at(THURSDAY, 17)
    assert decide(facts=facts(), at=evening).next_allowed == at(SATURDAY + dt.timedelta(days=1), 9)
    closed = facts(holidays={SATURDAY + dt.timedelta(days=n) for n in (1, 2)})
    assert decide(facts=closed, at=evening).next_allowed == at(SATURDAY + dt.timedelta(days=3), 9)
    assert next_open(facts=facts(weekdays=set()), after=evening) is None
    assert decide(facts=facts(weekdays=set()), at=evening).next_allowed is None


def calls(count: int, *, last: dt.date, each: int = 0) -> tuple[dt.datetime, ...]:
    return tuple(at(last - dt.timedelta(days=each * n), 10, n) for n in range(count))


@pytest.mark.requirement("PL-11")
def test_the_tenth_attempt_is_allowed_and_the_eleventh_is_not() -> None:
    nine, ten = facts(attempts=calls(9, last=SUNDAY)), facts(attempts=calls(10, last=SUNDAY))
    assert refused(nine, at(SUNDAY)) == []
    assert decide(facts=nine, at=at(SUNDAY)).attempts_left == 1
    assert refused(ten, at(SUNDAY)) == ["CONTACT-FREQUENCY"]
    assert decide(facts=ten, at=at(SUNDAY)).attempts_left == 0
    assert refused(facts(attempts=calls(10, last=SUNDAY), channel="SMS"), at(SUNDAY)) == []


def test_an_attempt_returns_on_the_thirtieth_day_and_not_on_the_twenty_ninth() -> None:
    ten = facts(attempts=calls(10, last=SUNDAY), weekdays={1, 2, 3, 4, 5, 6, 7})
    decision = decide(facts=ten, at=at(SUNDAY))
    assert decision.one_returns_on == SUNDAY + dt.timedelta(days=30)
    assert refused(ten, at(SUNDAY + dt.timedelta(days=29))) == ["CONTACT-FREQUENCY"]
    assert refused(ten, at(SUNDAY + dt.timedelta(days=30))) == []
    assert decide(facts=ten, at=at(SUNDAY + dt.timedelta(days=30))).attempts_left == 10
    # One a day: each day gives one back.
    daily = facts(attempts=calls(10, last=SUNDAY, each=1), weekdays={1, 2, 3, 4, 5, 6, 7})
    assert decide(facts=daily, at=at(SUNDAY)).next_allowed == at(
        SUNDAY - dt.timedelta(days=9) + dt.timedelta(days=30), 9
    )


def test_more_than_the_cap_waits_until_enough_have_returned() -> None:
    # Twelve were made (two of them breaches): three must leave the window before one more may be made.
    twelve = facts(attempts=calls(12, last=SUNDAY, each=1), weekdays={1, 2, 3, 4, 5, 6, 7})
    third = SUNDAY - dt.timedelta(days=9)
    assert decide(facts=twelve, at=at(SUNDAY)).next_allowed == at(third + dt.timedelta(days=30), 9)


@pytest.mark.requirement("PL-10")
@pytest.mark.parametrize(
    ("given_", "rule", "source"),
    [
        ({"channel": "SMS", "channels": {"PHONE"}}, "CONTACT-CHANNEL", "PL-10"),
        ({"channel": "VISIT", "channels": {"VISIT"}, "natural_person": True}, "VISIT-PROHIBITED", "A13"),
        ({"objection_open": True}, "DISPUTE-HOLD", "A18"),
    ],
)
def test_what_waiting_does_not_help(given_: dict[str, Any], rule: str, source: str) -> None:
    decision = decide(facts=facts(**given_), at=at(SUNDAY))
    assert [(r.rule, r.source, r.next_allowed) for r in decision.refusals] == [(rule, source, None)]
    assert not decision.allowed
    assert decision.next_allowed is None


def test_a_company_may_be_visited_and_a_letter_may_answer_an_objection() -> None:
    assert refused(facts(channel="VISIT", channels={"VISIT"}, natural_person=False), at(SUNDAY)) == []
    assert refused(facts(channel="LETTER", objection_open=True), at(SUNDAY)) == []


def test_every_rule_that_refuses_says_so_and_the_latest_moment_counts() -> None:
    everything = facts(channel="VISIT", channels=set(), objection_open=True, holidays={SATURDAY + dt.timedelta(days=1)})
    assert refused(everything, at(FRIDAY, 20)) == [
        "CONTACT-CHANNEL", "VISIT-PROHIBITED", "DISPUTE-HOLD", "CONTACT-DAY", "CONTACT-HOURS",
    ]  # fmt: skip
    waiting = facts(attempts=calls(10, last=THURSDAY))
    decision = decide(facts=waiting, at=at(FRIDAY, 20))
    assert [r.rule for r in decision.refusals] == ["CONTACT-DAY", "CONTACT-HOURS", "CONTACT-FREQUENCY"]
    # Thirty days after Thursday the 5th is Saturday the 4th of April: contact opens on the Sunday.
    assert decision.next_allowed == at(dt.date(2026, 4, 5), 9)


days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
moments = st.builds(
    lambda on, minute: at_riyadh(on=on, time=dt.time(minute // 60, minute % 60)), days, st.integers(0, 24 * 60 - 1)
)


@given(
    moment=moments,
    hours=st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda pair: pair[0] < pair[1]),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    off=st.sets(st.integers(0, 60), max_size=20),
    ago=st.lists(st.integers(0, 45 * 24 * 60), max_size=16),
    most=st.integers(1, 10),
    window=st.integers(30, 60),
    channel=st.sampled_from(sorted(Channel)),
    objection=st.booleans(),
)
def test_the_next_allowed_moment_is_allowed(
    moment: dt.datetime,
    hours: tuple[int, int],
    weekdays: set[int],
    off: set[int],
    ago: list[int],
    most: int,
    window: int,
    channel: str,
    objection: bool,
) -> None:
    found = facts(
        channel=channel,
        channels={"PHONE", "SMS", "LETTER"},
        opens_at=dt.time(hours[0]),
        closes_at=dt.time(hours[1]),
        weekdays=weekdays,
        holidays={moment.date() + dt.timedelta(days=n) for n in off},
        attempts=[moment - dt.timedelta(minutes=n) for n in ago],
        max_attempts=most,
        window_days=window,
        objection_open=objection,
        natural_person=True,
    )
    decision = decide(facts=found, at=moment)
    if decision.allowed:
        return
    then = decision.next_allowed
    without_waiting = {"CONTACT-CHANNEL", "VISIT-PROHIBITED", "DISPUTE-HOLD"}
    if then is None:
        assert {r.rule for r in decision.refusals} & without_waiting
        return
    assert then > moment
    assert decide(facts=found, at=then).allowed
    assert not decide(facts=found, at=then - dt.timedelta(minutes=1)).allowed


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_an_answer_and_only_its_own(outcome: str) -> None:
    fitting = {r for r in Reached if answers.fits(channel="SMS", reached=r, outcome=outcome)}
    assert fitting == answers.ANSWERS[outcome]
    assert not answers.fits(channel="PHONE", reached=Reached.NO_ONE, outcome=Outcome.SENT)
    assert answers.fits(channel="PHONE", reached=Reached.NO_ONE, outcome=Outcome.NO_ANSWER)


# From here on the facts come from the book.


def holiday(calendar: str, on: dt.date) -> None:
    Holiday.objects.update_or_create(calendar=calendar, on=on, defaults={"name_ar": "عيد", "name_en": "Eid"})


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "calendar"), [("BANK", "BANK"), ("FINANCE", "BANK"), ("TELECOM", "PRIVATE")])
def test_a_bank_has_its_own_holidays(kind: str, calendar: str) -> None:
    case = a_case(make_client(kind=kind))
    other = {"BANK": "PRIVATE", "PRIVATE": "BANK"}[calendar]
    on = dt.date(2027, 3, 7)
    assert on.isoweekday() == 7
    holiday(other, on)
    assert contact_decisions(case=case, at=at(on))["PHONE"].allowed
    holiday(calendar, on)
    decision = contact_decisions(case=case, at=at(on))["PHONE"]
    assert [r.rule for r in decision.refusals] == ["CONTACT-DAY"]
    assert decision.next_allowed == at(on + dt.timedelta(days=1), 9)


@pytest.mark.django_db
def test_a_holiday_after_the_window_is_known_when_the_next_moment_is_named() -> None:
    client = make_client()
    client.contact_policies.update(window_days=60, max_attempts=1)
    case = a_case(client)
    user = make_user("COLLECTOR")
    today = clock.today()
    noon = at(today)
    contact_record(
        actor=ACTOR, user=user, case=case, channel="PHONE", reached="NO_ONE", outcome="NO_ANSWER",
        at=min(noon, clock.now()), breach_reason="x",
    )  # fmt: skip
    frees = today + dt.timedelta(days=60)
    for n in range(5):
        holiday("PRIVATE", frees + dt.timedelta(days=n))
    decision = contact_guard(case=case, at=at(today, 23, 59)).phone
    assert decision.next_allowed is not None
    assert decision.next_allowed.astimezone(RIYADH).date() >= frees + dt.timedelta(days=5)
    assert HOLIDAYS_AHEAD > 60 + 60


@pytest.mark.django_db
def test_an_objection_to_the_case_stops_reminders_until_it_is_decided() -> None:
    case = a_case(make_client())
    today = clock.today()
    sunday = at(today + dt.timedelta(days=(7 - today.isoweekday()) % 7))
    hold = hold_place(actor=ACTOR, case=case, kind=HoldKind.OBJECTION, from_on=today, reason="المبلغ")
    decisions = contact_decisions(case=case, at=sunday)
    assert "DISPUTE-HOLD" in {r.rule for r in decisions["PHONE"].refusals}
    assert "DISPUTE-HOLD" not in {r.rule for r in decisions["LETTER"].refusals}
    before = contact_decisions(case=case, at=at(today - dt.timedelta(days=1)))
    assert "DISPUTE-HOLD" not in {r.rule for r in before["PHONE"].refusals}
    hold_release(actor=ACTOR, hold=hold, until_on=sunday.date(), reason="رُفض")
    assert "DISPUTE-HOLD" in {r.rule for r in contact_decisions(case=case, at=sunday)["PHONE"].refusals}
    after = contact_decisions(case=case, at=sunday + dt.timedelta(days=1))
    assert "DISPUTE-HOLD" not in {r.rule for r in after["PHONE"].refusals}


@pytest.mark.django_db
def test_an_objection_to_one_receivable_lets_the_rest_of_the_case_go_on() -> None:
    client = make_client()
    case = a_case(client)
    due = clock.today() - dt.timedelta(days=10)
    place(client, [{"debtor_ref": "D-1", "receivable_ref": "second", "due_on": due, "amount": "50.00"}])
    first, second = case.receivables.order_by("due_on")
    noon = at(clock.today())

    def stopped() -> bool:
        return any(r.rule == "DISPUTE-HOLD" for r in contact_decisions(case=case, at=noon)["PHONE"].refusals)

    hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="كمية", receivable=first)
    assert not stopped()
    hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=clock.today(), reason="ظرف", receivable=second)
    assert not stopped()
    hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="سعر", receivable=second)
    assert stopped()


@pytest.mark.django_db
def test_the_policy_of_the_day_is_the_one_that_judges() -> None:
    client = make_client()
    case = a_case(client)
    today = clock.today()
    sunday = today + dt.timedelta(days=(7 - today.isoweekday()) % 7 or 7)
    client.contact_policies.update(starts_on=today - dt.timedelta(days=100))
    contact_policy_replace(
        actor=ACTOR, client=client, starts_on=sunday, channels=["PHONE"], opens_at=dt.time(10), closes_at=dt.time(16),
        weekdays=[7, 1], max_attempts=5, window_days=30, least_promise=0,
    )  # fmt: skip
    last_week = contact_guard(case=case, at=at(sunday - dt.timedelta(days=7), 9, 30))
    assert (last_week.phone.allowed, last_week.most) == (True, 10)
    guard = contact_guard(case=case, at=at(sunday, 9, 30))
    assert [r.rule for r in guard.phone.refusals] == ["CONTACT-HOURS"]
    assert guard.most == 5
    assert [r.rule for r in contact_guard(case=case, at=at(sunday)).decisions["SMS"].refusals] == ["CONTACT-CHANNEL"]
