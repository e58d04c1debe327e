"""A reply that came in time and was written down after its silence had been decided: nobody was silent after all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.choices import Role
from collections_app.choices import HoldDecision
from collections_app.models import Case, Hold
from common import clock
from common.audit import Actor
from common.clock import RIYADH
from common.clocks import clocks_of, clocks_tick
from common.exceptions import Conflict
from common.tests.holidays_sa import holidays_write, nth_after
from complaints.models import Dispute
from complaints.services import dispute_decisions, dispute_rights, disputes
from complaints.tests.dispute_worlds import a_dispute, an_officer, notified
from tests.doors import enter, words
from tests.world import a_case, make_client, make_user

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 1, 10, 0, tzinfo=RIYADH)
LAST = nth_after("BANK", START.date(), 10)
DAY = dt.timedelta(days=1)
# The reply came on its last day; two days later it is written down.
CAME = dt.datetime.combine(LAST, dt.time(13, 0), tzinfo=RIYADH)
WRITTEN = CAME + 2 * DAY


@pytest.fixture
def case() -> Case:
    holidays_write()
    with clock.at(START):
        return a_case(make_client("DSP"), ref="D-57", email="latifa@example.com")


@pytest.fixture
def dispute(case: Case) -> Dispute:
    """Decided by silence."""
    with clock.at(START):
        made = notified(a_dispute(case, at=START, documents=0), at=START)
    with clock.at(CAME + DAY):
        clocks_tick(at=CAME + DAY)
    made.refresh_from_db()
    assert (made.silent, made.outcome) == (True, "UPHELD")
    return made


def late(dispute: Dispute, *, at: dt.datetime = CAME, stand: str = "CORRECT", **given: Any) -> Dispute:
    by = an_officer()
    with clock.at(WRITTEN):
        return disputes.dispute_reply(
            actor=Actor.person(by), user=by, dispute=dispute, stand=stand, words="العقد يثبته", at=at,
            with_evidence=True, recorded_at=WRITTEN, **given,
        )  # fmt: skip


@pytest.mark.requirement("CB-32", "CB-35", "CB-42")
def test_an_officer_writes_it_down_on_the_page_and_the_dispute_is_decided_anew(case: Case, dispute: Dispute) -> None:
    browser = enter(an_officer(), "en")
    with clock.at(WRITTEN):
        page = words(browser.get(reverse("dispute", args=[dispute.pk])))
        assert reverse("dispute_act", args=[dispute.pk, "late-reply"]) in page
        told = {"stand": "CORRECT", "words": "العقد يثبته", "at": f"{CAME:%Y-%m-%dT%H:%M}"}
        answer = browser.post(reverse("dispute_act", args=[dispute.pk, "late-reply"]), told)
        assert answer.status_code == 302, words(answer)
        dispute.refresh_from_db()
        assert (dispute.state, dispute.silent, dispute.outcome, dispute.replied_at) == ("DECIDING", False, "", CAME)
        assert dispute.is_flagged
        answer = browser.post(
            reverse("dispute_act", args=[dispute.pk, "decide"]), {"outcome": "REJECTED", "reason": "العقد يثبته"}
        )
        assert answer.status_code == 302, words(answer)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome) == ("DECIDED", "REJECTED")
    course = list(dispute.moves.order_by("pk").values_list("what", flat=True))
    assert course[-5:] == ["SILENT", "DECIDED", "TAKEN_BACK", "REPLIED", "DECIDED"]


def test_the_deadlines_go_on_as_they_were_and_those_of_the_decision_begin_with_the_next(dispute: Dispute) -> None:
    before = {one.code: one for one in clocks_of(subject=dispute)}
    late(dispute)
    clocks = {one.code: one for one in clocks_of(subject=dispute)}
    assert (clocks["MEMBER_REPLY"].state, clocks["MEMBER_REPLY"].ended_at) == ("MET", CAME)
    assert not clocks["MEMBER_REPLY"].is_late
    assert (clocks["OVERALL"].state, clocks["OVERALL"].due_on) == ("RUNNING", before["OVERALL"].due_on)
    # The decision is due from the day of the reply, as if it had been written down then.
    assert (clocks["DECISION"].state, clocks["DECISION"].due_on) == ("RUNNING", nth_after("BANK", LAST, 7))
    assert {clocks[code].state for code in ("CORRECTION", "RESULT")} == {"CANCELLED"}
    by, at = an_officer(), WRITTEN + DAY
    with clock.at(at):
        dispute_decisions.dispute_decide(user=by, dispute=dispute, outcome="REJECTED", reason="يثبته العقد", at=at)
    clocks = {one.code: one for one in clocks_of(subject=dispute)}
    assert {clocks[code].state for code in ("DECISION", "OVERALL")} == {"MET"}
    assert (clocks["RESULT"].state, clocks["RESULT"].due_on) == ("RUNNING", nth_after("BANK", at.date(), 5))
    assert clocks["CORRECTION"].state == "CANCELLED"


def test_the_objection_holds_again_and_the_days_until_then_stay_uncounted(case: Case, dispute: Dispute) -> None:
    late(dispute)
    first, again = Hold.objects.filter(case=case).order_by("pk")
    assert (first.decision, first.frozen, first.until_on) == (HoldDecision.ACCEPTED, True, WRITTEN.date())
    assert (again.from_on, again.until_on, again.decision) == (WRITTEN.date(), None, "")
    dispute.refresh_from_db()
    assert dispute.hold_id == again.pk


@pytest.mark.parametrize("came", [CAME.replace(hour=23, minute=59, second=59), CAME + DAY])
def test_both_sides_of_its_last_moment(dispute: Dispute, came: dt.datetime) -> None:
    if came.date() == LAST:
        assert late(dispute, at=came).state == "DECIDING"
        return
    with pytest.raises(Conflict) as refused:
        late(dispute, at=came)
    assert refused.value.code == "reply_late"


def test_what_was_carried_out_is_undone_by_the_committee_alone(dispute: Dispute) -> None:
    by = an_officer()
    with clock.at(WRITTEN):
        with transaction.atomic():
            dispute_rights.committee_asked(user=by, dispute=dispute, reason="اعترض العضو", at=WRITTEN)
            with pytest.raises(Conflict) as refused:
                late(dispute)
            assert refused.value.code == "silence_stands"
            transaction.set_rollback(True)
        dispute_decisions.dispute_correct(
            user=by, dispute=dispute, correction="DELETED", reason="حُذف البند", at=WRITTEN
        )
        with pytest.raises(Conflict) as refused:
            late(dispute)
        assert refused.value.code == "silence_stands"
        page = words(enter(by, "en").get(reverse("dispute", args=[dispute.pk])))
        assert "late-reply" not in page


def test_the_member_itself_comes_too_late_in_its_portal(case: Case, dispute: Dispute) -> None:
    member = enter(make_user(Role.CLIENT_USER, client=case.client))
    with clock.at(WRITTEN):
        told = {"stand": "CORRECT", "words": "العقد يثبته", "at": f"{CAME:%Y-%m-%dT%H:%M}"}
        assert member.post(reverse("portal_dispute_reply", args=[dispute.pk]), told).status_code == 422
    dispute.refresh_from_db()
    assert dispute.silent


@pytest.mark.parametrize(
    "written",
    [
        "silent = false, outcome = '', decided_at = NULL, decision_reason = '', state = 'DECIDING'",
        "state = 'DECIDING', outcome = '', decided_at = NULL, decision_reason = ''",
        "silent = false, replied_at = decided_at + interval '1 hour', outcome = '', decided_at = NULL,"
        " decision_reason = '', state = 'DECIDING'",
        "silent = false, replied_at = decided_at",
    ],
)
def test_the_database_takes_nothing_back_without_a_reply_in_time(dispute: Dispute, written: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE complaints_dispute SET {written} WHERE id = %s", [dispute.pk])
