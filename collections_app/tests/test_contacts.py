"""Recording contacts: by effect, audit row, refusal; what happened is always recordable."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from collections_app.choices import Outcome
from collections_app.models import Case, ContactAttempt, Hold, Promise, Task
from collections_app.selectors.contact import contact_decisions
from collections_app.services.contacts import Recorded, contact_record, contact_refused_record
from common import clock
from common.clock import at_riyadh
from common.exceptions import Refused
from common.models import AuditEvent
from tests.world import ACTOR, a_case, make_client, make_user, place

pytestmark = pytest.mark.django_db

SUNDAY = dt.date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def case() -> Case:
    found = a_case(make_client(), owner=make_user("COLLECTOR"))
    Case.objects.filter(pk=found.pk).update(placed_on=SUNDAY - dt.timedelta(days=60))
    found.refresh_from_db()
    return found


def recorded(case: Case, **given: Any) -> Recorded:
    words = {"channel": "PHONE", "reached": "HOLDER", "outcome": "INFORMED", **given}
    return contact_record(actor=ACTOR, user=case.owner, case=case, **words)


def refusal(case: Case, **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        recorded(case, **given)
    assert not ContactAttempt.objects.exists()
    return caught.value


@pytest.mark.requirement("PL-13")
def test_an_allowed_contact_is_kept_with_everything_about_it(case: Case) -> None:
    point = case.debtor.contact_points.get()
    attempt = recorded(case, note="  سيراجع البنك  ", contact_point=point).attempt
    assert (attempt.verdict, attempt.rules, attempt.at, attempt.note) == ("ALLOWED", [], clock.now(), "سيراجع البنك")
    assert (attempt.by_id, attempt.contact_point_id, attempt.direction) == (case.owner_id, point.pk, "OUT")
    case.refresh_from_db()
    assert case.last_contact_at == attempt.at
    event = AuditEvent.objects.get(action="contact.recorded")
    assert (event.subject_id, event.client_id, event.body["verdict"]) == (attempt.pk, case.client_id, "ALLOWED")
    assert "note" not in event.body


@pytest.mark.requirement("PL-13")
def test_an_attempt_is_never_changed_afterwards(case: Case) -> None:
    attempt = recorded(case).attempt
    attempt.note = "other"
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt.save()


@pytest.mark.requirement("PL-13")
def test_a_refused_attempt_is_written_down_and_counts_nothing(case: Case) -> None:
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(17, 0))):
        attempt = contact_refused_record(actor=ACTOR, user=case.owner, case=case, channel="PHONE")
        assert attempt is not None
        assert (attempt.verdict, attempt.outcome) == ("REFUSED", "")
        assert attempt.rules == [{"rule": "CONTACT-HOURS", "source": "A7"}]
        assert contact_decisions(case=case, at=clock.now())["PHONE"].attempts_left == 10
    case.refresh_from_db()
    assert case.last_contact_at is None
    assert AuditEvent.objects.get(action="contact.refused").body["rules"] == attempt.rules


def test_what_is_allowed_by_now_is_not_written_down_as_refused(case: Case) -> None:
    assert contact_refused_record(actor=ACTOR, user=case.owner, case=case, channel="PHONE") is None
    assert not ContactAttempt.objects.exists()
    assert not AuditEvent.objects.filter(action="contact.refused").exists()


@pytest.mark.requirement("PL-13")
def test_what_happened_outside_the_policy_is_kept_as_a_breach_with_its_reason(case: Case) -> None:
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(20, 0))):
        refused = refusal(case)
        assert refused.code == "breach_reason"
        assert refused.details["rules"] == [{"rule": "CONTACT-HOURS", "source": "A7"}]
        assert refusal(case, breach_reason="   ").code == "breach_reason"
        attempt = recorded(case, breach_reason="عاود الاتصال بنا").attempt
    assert (attempt.verdict, attempt.breach_reason) == ("BREACH", "عاود الاتصال بنا")
    assert [rule["rule"] for rule in attempt.rules] == ["CONTACT-HOURS"]
    # A breach was made: it counts.
    assert contact_decisions(case=case, at=clock.now() + dt.timedelta(days=1))["PHONE"].attempts_left == 9


def test_a_reason_that_is_not_needed_is_not_kept(case: Case) -> None:
    attempt = recorded(case, breach_reason="just in case").attempt
    assert (attempt.verdict, attempt.breach_reason) == ("ALLOWED", "")


def test_the_account_holder_may_call_at_any_hour(case: Case) -> None:
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(22, 0))):
        attempt = recorded(case, direction="IN").attempt
    assert attempt.verdict == "ALLOWED"
    assert contact_decisions(case=case, at=clock.now() + dt.timedelta(days=1))["PHONE"].attempts_left == 10


def test_a_contact_is_judged_by_when_it_was_made_not_by_when_it_is_told(case: Case) -> None:
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(17, 5))):
        made = at_riyadh(on=SUNDAY, time=dt.time(16, 58))
        attempt = recorded(case, at=made).attempt
        assert (attempt.verdict, attempt.at, attempt.recorded_at) == ("ALLOWED", made, clock.now())
    in_utc = made.astimezone(dt.UTC)
    assert ContactAttempt.objects.get().at == in_utc


def test_the_future_is_refused(case: Case) -> None:
    assert refusal(case, at=clock.now() + dt.timedelta(seconds=1)).code == "contact_future"


@pytest.mark.requirement("PL-11")
def test_the_call_too_many_is_a_breach_even_when_it_is_told_of_late(case: Case) -> None:
    for minute in range(10):
        recorded(case, at=clock.now() - dt.timedelta(minutes=minute))
    assert refusal_after(case, at=clock.now()) == ["CONTACT-FREQUENCY"]
    thursday = clock.now() - dt.timedelta(days=3)  # before any of them
    assert refusal_after(case, at=thursday) == ["CONTACT-FREQUENCY"]
    long_ago = clock.now() - dt.timedelta(days=32)
    assert refusal_after(case, at=long_ago) == ["LATE-RECORD"]
    assert recorded(case, at=thursday, channel="SMS", reached="NO_ONE", outcome="SENT").attempt.verdict == "ALLOWED"


@pytest.mark.requirement("PL-11", "PL-13")
@pytest.mark.parametrize(("days", "rules"), [(3, []), (4, ["LATE-RECORD"]), (39, ["LATE-RECORD"])])
def test_a_contact_told_of_too_late_is_a_breach_and_still_recorded(case: Case, days: int, rules: list[str]) -> None:
    monday = SUNDAY + dt.timedelta(days=days)
    with clock.at(at_riyadh(on=monday)):
        made = at_riyadh(on=SUNDAY)
        if rules:
            assert refusal_after(case, at=made) == rules
        attempt = recorded(case, at=made, breach_reason="نُسي تسجيلها").attempt
    assert (attempt.verdict, attempt.rules) == (
        "BREACH" if rules else "ALLOWED",
        [{"rule": rule, "source": "PL-13"} for rule in rules],
    )


@pytest.mark.requirement("PL-11")
def test_a_contact_from_before_the_case_was_placed_is_a_breach(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(placed_on=SUNDAY)
    assert refusal_after(case, at=clock.now() - dt.timedelta(days=3)) == ["LATE-RECORD"]
    with clock.at(at_riyadh(on=SUNDAY + dt.timedelta(days=2))):
        assert recorded(case, at=at_riyadh(on=SUNDAY)).attempt.verdict == "ALLOWED"
    assert recorded(case, at=clock.now() - dt.timedelta(days=30), direction="IN").attempt.verdict == "ALLOWED"


def refusal_after(case: Case, **given: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        recorded(case, **given)
    assert caught.value.code == "breach_reason"
    return [rule["rule"] for rule in caught.value.details["rules"]]


@pytest.mark.parametrize(
    ("given_", "code", "field"),
    [
        ({"outcome": "PROMISE"}, "promise_incomplete", "promise_amount"),
        ({"outcome": "PROMISE", "promise_amount": Decimal(10)}, "promise_incomplete", "promise_amount"),
        ({"outcome": "PROMISE", "reached": "OTHER"}, "contact_reached", "reached"),
        ({"outcome": "OBJECTED", "reached": "NO_ONE"}, "contact_reached", "reached"),
        ({"outcome": "NO_ANSWER", "reached": "HOLDER"}, "contact_reached", "reached"),
        ({"outcome": "INFORMED", "reached": "NO_ONE"}, "contact_reached", "reached"),
        ({"outcome": "WRONG_PERSON", "reached": "HOLDER"}, "contact_reached", "reached"),
        ({"outcome": "SENT", "reached": "NO_ONE"}, "contact_reached", "reached"),
        ({"outcome": "CALL_BACK"}, "call_back_incomplete", "call_back_at"),
        ({"outcome": "CALL_BACK", "call_back_at": at_riyadh(on=SUNDAY)}, "call_back_past", "call_back_at"),
        ({"channel": "WHATSAPP"}, "contact_channel", "channel"),
        ({"outcome": "SHOUTED"}, "contact_outcome", None),
    ],
)
def test_what_cannot_have_been_is_refused_where_it_is_wrong(
    case: Case, given_: dict[str, Any], code: str, field: str | None
) -> None:
    caught = refusal(case, **given_)
    assert caught.code == code
    assert field is None or field in caught.fields
    assert not Promise.objects.exists() and not Task.objects.exists()
    assert not AuditEvent.objects.filter(action="contact.recorded").exists()


def test_the_address_is_of_this_case_and_of_this_channel(case: Case) -> None:
    other = a_case(case.client, ref="D-2").debtor.contact_points.get()
    assert refusal(case, contact_point=other).code == "contact_point"
    own = case.debtor.contact_points.get()
    assert refusal(case, contact_point=own, channel="EMAIL", reached="NO_ONE", outcome="SENT").code == "contact_point"


@pytest.mark.requirement("PL-17")
def test_a_promise_comes_with_its_contact_all_or_nothing(case: Case) -> None:
    found = recorded(case, outcome="PROMISE", promise_amount=Decimal("400.00"), promise_on=SUNDAY)
    assert found.promise is not None
    assert (found.promise.attempt_id, found.promise.made_on, found.promise.status) == (found.attempt.pk, SUNDAY, "OPEN")
    assert AuditEvent.objects.filter(action="promise.recorded", subject_id=found.promise.pk).exists()
    before = ContactAttempt.objects.count()
    with pytest.raises(Refused) as caught:
        recorded(case, outcome="PROMISE", promise_amount=Decimal("400.00"), promise_on=SUNDAY - dt.timedelta(days=1))
    assert "due_on" in caught.value.fields
    assert ContactAttempt.objects.count() == before
    assert Promise.objects.get().status == "OPEN"


def test_a_call_back_becomes_an_appointment_and_calling_keeps_it(case: Case) -> None:
    then = at_riyadh(on=SUNDAY + dt.timedelta(days=1), time=dt.time(10, 30))
    recorded(case, outcome="CALL_BACK", call_back_at=then, note="بعد الراتب")
    task = Task.objects.get(kind="CALL_BACK")
    assert (task.due_on, task.due_at, task.note, task.status) == (then.date(), then, "بعد الراتب", "OPEN")
    recorded(case)
    task.refresh_from_db()
    assert task.status == "OPEN", "another call today does not keep tomorrow's appointment"
    with clock.at(then):
        recorded(case, reached="NO_ONE", outcome="NO_ANSWER")
    task.refresh_from_db()
    assert (task.status, task.done_at) == ("DONE", then)


def test_a_stage_action_is_done_by_reaching_somebody_not_by_an_unanswered_call(case: Case) -> None:
    task = Task.objects.create(
        client_id=case.client_id, case=case, kind="STAGE", action="DEMAND", stage_code="GRACE", due_on=SUNDAY,
        created_at=clock.now(),
    )  # fmt: skip
    recorded(case, reached="NO_ONE", outcome="NO_ANSWER")
    recorded(case, reached="OTHER", outcome="WRONG_PERSON")
    task.refresh_from_db()
    assert task.status == "OPEN"
    recorded(case, channel="SMS", reached="NO_ONE", outcome="SENT")
    task.refresh_from_db()
    assert task.status == "DONE"


@pytest.mark.requirement("CM-41", "PL-15")
@pytest.mark.parametrize(("outcome", "kind"), [(Outcome.OBJECTED, "OBJECTION"), (Outcome.HARDSHIP, "HARDSHIP")])
def test_an_objection_and_a_hardship_pause_the_case_from_that_day(case: Case, outcome: str, kind: str) -> None:
    case.client.book_date = SUNDAY - dt.timedelta(days=1)
    case.client.save()
    recorded(case, outcome=outcome, note="فقد عمله", at=clock.now() - dt.timedelta(days=3))
    hold = Hold.objects.get()
    assert (hold.kind, hold.from_on, hold.until_on, hold.reason) == (
        kind,
        SUNDAY - dt.timedelta(days=3),
        None,
        "فقد عمله",
    )
    case.refresh_from_db()
    assert case.status == "ON_HOLD"
    assert AuditEvent.objects.filter(action="hold.placed", subject_id=hold.pk).exists()


def test_the_contact_of_one_case_is_not_counted_on_another(case: Case) -> None:
    other = a_case(case.client, ref="D-2")
    recorded(case)
    assert contact_decisions(case=other, at=clock.now())["PHONE"].attempts_left == 10


def test_a_closed_case_still_takes_what_happened(case: Case) -> None:
    place(
        case.client,
        [{"debtor_ref": "D-1", "debtor_name": "عبدالله D-1", "mobile": "0551234567", "receivable_ref": "D-1-1",
          "issued_on": SUNDAY - dt.timedelta(days=100), "due_on": SUNDAY - dt.timedelta(days=40), "amount": "1000.00",
          "paid_on": SUNDAY}],
    )  # fmt: skip
    case.refresh_from_db()
    assert case.status == "PAID"
    assert refusal_after(case) == ["CASE-CLOSED"]
    assert recorded(case, direction="IN").attempt.verdict == "ALLOWED"
    assert recorded(case, breach_reason="لم أره").attempt.verdict == "BREACH"
    before = recorded(case, at=clock.now() - dt.timedelta(days=3)).attempt
    assert before.verdict == "ALLOWED", "it was open then"
    with pytest.raises(Refused) as caught:
        recorded(case, outcome="PROMISE", promise_amount=Decimal(1), promise_on=SUNDAY, breach_reason="لم أره")
    assert caught.value.code in {"case_closed", "promise"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-11")
def test_of_several_who_call_at_once_only_the_tenth_is_within_the_cap() -> None:
    case = a_case(make_client(), owner=make_user("COLLECTOR"))
    case.client.contact_policies.update(
        opens_at=dt.time(0), closes_at=dt.time(23, 59, 59), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )  # fmt: skip
    real = dt.datetime.now(tz=dt.UTC)
    with clock.at(real):
        for minute in range(9):
            recorded(case, at=real - dt.timedelta(minutes=minute + 1))
    said: list[str] = []
    ready = threading.Barrier(4)

    def call() -> None:
        try:
            ready.wait(10)
            said.append(recorded(case).attempt.verdict)
        except Refused as refused:
            said.append(refused.code)
        finally:
            connections.close_all()

    # Each in a thread of its own, with the real clock.
    callers = [threading.Thread(target=call) for _n in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert sorted(said) == ["ALLOWED", "breach_reason", "breach_reason", "breach_reason"]
