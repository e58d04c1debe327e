"""Whatever happens in whatever order: a dispute skips no step, loses no clock, and changes nothing that is right."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collections_app.models import Hold
from collections_app.services.holds import hold_release
from common import clock
from common.audit import Actor
from common.choices import LIVE_CLOCK
from common.clock import RIYADH
from common.clocks import clocks_tick
from common.exceptions import Conflict, Refused
from common.models import AuditEvent, Clock
from common.tests.holidays_sa import holidays_write, nth_after
from complaints.choices import CORRECTS, DISPUTE_MOVES, DisputeStep
from complaints.models import Dispute, DisputeMove
from complaints.selectors.dispute_timeline import timeline_of
from complaints.services import dispute_decisions as decisions
from complaints.services import dispute_rights as rights
from complaints.services import disputes
from complaints.tests.dispute_worlds import a_dispute, a_document, a_letter, a_recipient, an_officer, told
from tests.world import a_case, make_client

EXAMPLES = int(os.environ.get("COMPLAINTS_EXAMPLES", "20"))
START = dt.datetime(2026, 3, 10, 10, 0, tzinfo=RIYADH)
REACHED: Counter[str] = Counter()


class World:
    """One dispute around Eid, and what may happen to it."""

    def __init__(self, *, documents: int) -> None:
        holidays_write()
        self.now, self.by = START, an_officer()
        self.dispute = a_dispute(documents=documents, at=START, recipients=[a_recipient(on=START.date())])
        self.ticked = START

    def do(self, act: tuple[str, int, Any]) -> None:
        what, hours, given = act
        self.now += dt.timedelta(hours=hours)
        try:
            with clock.at(self.now), transaction.atomic():
                ACTS[what](self, given)
            REACHED[what] += 1
        except Refused:
            pass
        self.dispute = Dispute.objects.get(pk=self.dispute.pk)
        self.check()

    def clocks(self) -> dict[str, Clock]:
        found = list(Clock.objects.filter(subject_type="complaints.Dispute", subject_id=self.dispute.pk))
        assert len({one.code for one in found}) == len(found)
        return {one.code: one for one in found}

    def check(self) -> None:
        d, clocks = self.dispute, self.clocks()
        off = {code for code, one in clocks.items() if one.state == "CANCELLED"}
        if d.silent:
            assert off >= {"MEMBER_REPLY"}
            off -= {"MEMBER_REPLY"}
        # Nothing is called off but by a silence, or with the decision of one that was taken back.
        assert not off or (self.taken_back() and off <= {"CORRECTION", "RESULT"})
        clocks = {code: one for code, one in clocks.items() if code not in off}
        upheld = d.outcome in CORRECTS or (d.committee == "FOR_OBJECTOR")
        begun = {
            "NOTIFY_MEMBER": True, "PROGRESS_NOTICE": True, "OVERALL": True, "MEMBER_REPLY": d.notified_at is not None,
            "DECISION": d.replied_at is not None or d.silent, "RESULT": bool(d.outcome), "CORRECTION": upheld,
        }  # fmt: skip
        # A lapse that no act has met yet starts the decision, and in the same moment the silence decides.
        assert set(clocks) == {code for code, is_there in begun.items() if is_there}
        ends = {
            "NOTIFY_MEMBER": d.notified_at, "PROGRESS_NOTICE": d.told_progress_at, "OVERALL": d.decided_at,
            "DECISION": d.decided_at, "RESULT": d.told_result_at, "CORRECTION": d.corrected_at,
            "MEMBER_REPLY": d.replied_at,
        }  # fmt: skip
        for code, one in clocks.items():
            if code == "MEMBER_REPLY" and d.silent:
                assert (one.state, one.lapsed_at) == ("CANCELLED", one.due_at)
            else:
                assert (one.state in LIVE_CLOCK, one.state == "MET") == (ends[code] is None, ends[code] is not None)
                assert one.ended_at == ends[code]
            assert one.paused_at is None
        self.check_dispute(clocks)
        self.check_course()

    def taken_back(self) -> bool:
        """Whether nobody had been silent after all: the reply stands, from before its last moment."""
        if not DisputeMove.objects.filter(dispute=self.dispute, what=DisputeStep.TAKEN_BACK).exists():
            return False
        due = self.clocks()["MEMBER_REPLY"].due_at
        assert not self.dispute.silent
        assert self.dispute.replied_at is not None
        assert due is not None
        assert self.dispute.replied_at <= due
        return True

    def check_dispute(self, clocks: dict[str, Clock]) -> None:
        d = self.dispute
        reply = clocks.get("MEMBER_REPLY")
        if d.silent:
            assert reply is not None
            assert (d.outcome, d.decided_at) == ("UPHELD", reply.due_at)
        if reply is not None and reply.due_at is not None and reply.due_at < self.ticked:
            assert d.state not in {"FILED", "WITH_MEMBER"}
        if not d.outcome:
            assert d.is_flagged
            assert Hold.objects.get(pk=d.hold_id).until_on is None
        if d.outcome == "REJECTED" and d.committee != "FOR_OBJECTOR":
            assert not d.correction
        if d.reinserted_at is not None:
            assert d.committee == "FOR_MEMBER"
        if d.state == "CLOSED":
            assert not any(one.state in LIVE_CLOCK for one in clocks.values())
        assert len(timeline_of(dispute=d, now=self.now).steps) == 10

    def check_course(self) -> None:
        moves = list(DisputeMove.objects.filter(dispute=self.dispute).order_by("pk"))
        assert moves[0].what == DisputeStep.FILED
        for before, after in pairwise(moves):
            assert after.from_state == before.to_state
        for move in moves:
            assert move.to_state == move.from_state or move.to_state in DISPUTE_MOVES[move.from_state]
        recorded = AuditEvent.objects.filter(action__startswith="dispute.", subject_id=self.dispute.pk)
        assert Counter(f"dispute.{move.what.lower()}" for move in moves) == Counter(
            recorded.values_list("action", flat=True)
        )


def _tick(w: World, given: Any) -> None:
    clocks_tick(at=w.now)
    w.ticked = w.now


def _reply(w: World, given: tuple[str, int]) -> None:
    stand, papers = given
    disputes.dispute_reply(
        actor=Actor.person(w.by), user=w.by, dispute=w.dispute, stand=stand, words="راجعنا", at=w.now,
        documents=[a_document() for _n in range(papers)],
    )  # fmt: skip


def _late_reply(w: World, stand: str) -> None:
    """A reply that came an hour after the notice, and is written down now."""
    disputes.dispute_reply(
        actor=Actor.person(w.by), user=w.by, dispute=w.dispute, stand=stand, words="راجعنا", recorded_at=w.now,
        at=min((w.dispute.notified_at or w.now) + dt.timedelta(hours=1), w.now), with_evidence=True,
    )  # fmt: skip


def _leader_ends(w: World, given: Any) -> None:
    """Who leads at the case would end the hold."""
    hold = Hold.objects.get(pk=w.dispute.hold_id)
    hold_release(actor=Actor.system("leader"), hold=hold, until_on=max(w.now.date(), hold.from_on), reason="طُلب ذلك")


def _letter(w: World) -> Any:
    return a_letter(w.dispute, at=w.now)


ACTS: dict[str, Callable[[World, Any], Any]] = {
    "tick": _tick,
    "notify": lambda w, _: disputes.member_notified(user=w.by, dispute=w.dispute, at=w.now, paper=_letter(w)),
    "reply": _reply,
    "late": _late_reply,
    "leader": _leader_ends,
    "document": lambda w, _: disputes.document_add(
        user=w.by, dispute=w.dispute, document=a_document(), at=w.now
    ),
    "decide": lambda w, outcome: decisions.dispute_decide(
        user=w.by, dispute=w.dispute, outcome=outcome, reason="لأسباب", at=w.now
    ),
    "correct": lambda w, correction: decisions.dispute_correct(
        user=w.by, dispute=w.dispute, correction=correction, reason="صُحح", at=w.now
    ),
    "progress": lambda w, _: decisions.progress_told(user=w.by, dispute=w.dispute, paper=_letter(w), at=w.now),
    "result": lambda w, _: decisions.result_told(user=w.by, dispute=w.dispute, paper=_letter(w), at=w.now),
    "statement": lambda w, _: rights.statement_add(user=w.by, dispute=w.dispute, words="سددت", at=w.now),
    "recipient": lambda w, _: rights.recipient_told(
        user=w.by, recipient=w.dispute.recipients.get(), paper=_letter(w), at=w.now
    ),
    "committee": lambda w, _: rights.committee_asked(user=w.by, dispute=w.dispute, reason="اعترض", at=w.now),
    "rule": lambda w, objector: rights.committee_ruled(
        user=w.by, dispute=w.dispute, for_objector=objector, reason="قرار", at=w.now
    ),
    "reinsert": lambda w, _: rights.item_reinserted(user=w.by, dispute=w.dispute, reason="قرار", at=w.now),
    "close": lambda w, _: decisions.dispute_close(user=w.by, dispute=w.dispute, at=w.now),
}  # fmt: skip

hours = st.sampled_from([0, 1, 7, 24, 60, 170, 400])
stands = st.sampled_from(["CORRECT", "WRONG", "PARTLY_WRONG", "CANNOT_TELL"])
one = st.one_of(
    st.tuples(
        st.sampled_from(
            ["tick", "notify", "document", "progress", "result", "statement", "recipient", "committee", "reinsert",
             "close"]
        ),
        hours,
        st.none(),
    ),
    st.tuples(st.just("notify"), hours, st.none()),
    st.tuples(st.just("reply"), hours, st.tuples(stands, st.integers(0, 1))),
    st.tuples(st.just("late"), hours, stands),
    st.tuples(st.just("leader"), hours, st.none()),
    st.tuples(st.just("decide"), hours, st.sampled_from(["UPHELD", "PARTLY", "UNVERIFIABLE", "REJECTED"])),
    st.tuples(st.just("correct"), hours, st.sampled_from(["DELETED", "AMENDED"])),
    st.tuples(st.just("rule"), hours, st.booleans()),
)  # fmt: skip

REJECTED_THEN_COMMITTEE = [
    ("notify", 24, None), ("progress", 24, None), ("reply", 60, ("CORRECT", 1)), ("decide", 24, "REJECTED"),
    ("statement", 1, None), ("recipient", 1, None), ("result", 1, None), ("close", 1, None), ("committee", 24, None),
    ("rule", 60, True), ("correct", 1, "DELETED"), ("recipient", 1, None), ("close", 1, None),
]  # fmt: skip
SILENT_THEN_PUT_BACK = [
    ("document", 1, None), ("notify", 170, None), ("tick", 400, None), ("tick", 400, None), ("correct", 24, "AMENDED"),
    ("recipient", 1, None), ("result", 1, None), ("committee", 1, None), ("rule", 1, False), ("reinsert", 1, None),
    ("close", 1, None),
]  # fmt: skip
SILENT_BUT_REPLIED = [
    ("notify", 24, None), ("tick", 400, None), ("leader", 1, None), ("late", 1, "CORRECT"), ("leader", 1, None),
    ("decide", 24, "REJECTED"), ("result", 1, None), ("close", 1, None), ("committee", 24, None), ("rule", 24, True),
    ("correct", 1, "DELETED"), ("recipient", 1, None), ("leader", 1, None), ("late", 1, "CORRECT"), ("close", 1, None),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.requirement("CB-32", "CB-35", "CB-42", "CB-43")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(documents=st.integers(0, 1), acts=st.lists(one, min_size=4, max_size=14))
@example(documents=0, acts=REJECTED_THEN_COMMITTEE)
@example(documents=0, acts=SILENT_THEN_PUT_BACK)
@example(documents=0, acts=SILENT_BUT_REPLIED)
def test_no_order_of_events_loses_a_clock_or_skips_a_step(documents: int, acts: list[tuple[str, int, Any]]) -> None:
    with transaction.atomic(), clock.at(START):
        world = World(documents=documents)
        world.check()
        for act in acts:
            world.do(act)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_every_act_was_reached() -> None:
    """The orders above come to each act, whatever chance brings."""
    for acts in (REJECTED_THEN_COMMITTEE, SILENT_THEN_PUT_BACK, SILENT_BUT_REPLIED):
        with transaction.atomic(), clock.at(START):
            world = World(documents=0)
            for act in acts:
                world.do(act)
            assert world.dispute.state == "CLOSED"
            transaction.set_rollback(True)
    # Who leads at the case never gets through: the hold ends with the dispute.
    assert set(REACHED) == set(ACTS) - {"leader"}


# Ramadan and Eid al-Fitr, Eid al-Adha, the national day, and a plain week with its weekend.
WINDOWS = {
    "Ramadan and Eid al-Fitr": (dt.date(2026, 2, 17), 36),
    "Eid al-Adha": (dt.date(2026, 5, 14), 22),
    "National day": (dt.date(2026, 9, 13), 14),
    "weekend": (dt.date(2026, 11, 1), 8),
}


@pytest.mark.django_db
@pytest.mark.requirement("CB-31", "CB-32", "CB-33", "CB-34", "CB-36", "CB-37", "CB-43", "CB-45")
@pytest.mark.parametrize("window", WINDOWS)
def test_what_a_silent_dispute_comes_to_day_by_day(window: str) -> None:
    """Each day of the window an objection after hours; nobody acts in time but who notifies on the last day.

    What the acts store is compared with dates counted in a list of all working days.
    """
    holidays_write()
    first, days = WINDOWS[window]
    case, by = a_case(make_client("DSP"), ref="D-57"), an_officer()
    for n in range(days):
        filed = first + dt.timedelta(days=n)
        at = dt.datetime.combine(filed, dt.time(17), tzinfo=RIYADH)
        with transaction.atomic(), clock.at(at):
            dispute = disputes.dispute_file(user=by, case=case, told=told(documents=0), at=at)
            counts = nth_after("BANK", filed, 1)
            notify = nth_after("BANK", counts, 5)
            when = dt.datetime.combine(notify, dt.time(23, 59), tzinfo=RIYADH)
            disputes.member_notified(user=by, dispute=dispute, at=when, paper=a_letter(dispute, at=when))
            silent = nth_after("BANK", notify, 10)
            clocks_tick(at=dt.datetime.combine(silent, dt.time(23, 59, 59), tzinfo=RIYADH))
            assert Dispute.objects.get(pk=dispute.pk).outcome == ""
            clocks_tick(at=dt.datetime.combine(silent + dt.timedelta(days=1), dt.time(0, 1), tzinfo=RIYADH))
            dispute.refresh_from_db()
            assert (dispute.counts_from, dispute.outcome, dispute.silent) == (counts, "UPHELD", True), filed
            due = dict(Clock.objects.filter(subject_id=dispute.pk).values_list("code", "due_on"))
            assert due == {
                "NOTIFY_MEMBER": notify,
                "MEMBER_REPLY": silent,
                "DECISION": nth_after("BANK", silent, 7),
                "CORRECTION": nth_after("BANK", silent, 2),
                "RESULT": nth_after("BANK", silent, 5),
                "PROGRESS_NOTICE": nth_after("BANK", counts, 10),
                "OVERALL": counts_overall(filed),
            }, filed
            late = dict(Clock.objects.filter(subject_id=dispute.pk).values_list("code", "state"))
            assert late["MEMBER_REPLY"] == "CANCELLED"
            transaction.set_rollback(True)


def counts_overall(filed: dt.date) -> dt.date:
    """Thirty days from the filing itself: the outer limit knows no office hours (B1)."""
    return filed + dt.timedelta(days=30)


def side_by_side(*acts: Callable[[], Any]) -> None:
    """Each act by a thread of its own, begun at once."""
    barrier = threading.Barrier(len(acts))

    def begun(act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=begun, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _replied(dispute: Dispute, at: dt.datetime, said: list[str]) -> None:
    try:
        disputes.dispute_reply(actor=Actor.system("test"), dispute=dispute, stand="WRONG", words="نعم", at=at)
        said.append("REPLIED")
    except Conflict:
        said.append("SILENT")


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("CB-32")
def test_a_reply_in_the_last_moment_and_the_tick_end_as_one_or_the_other() -> None:
    """Side by side: the reply counts, or the silence; never both, and nothing in between."""
    holidays_write()
    for n in range(4):
        with clock.at(START):
            dispute = a_dispute(a_case(make_client(f"R{n}"), ref="D-1"), documents=0, at=START)
            disputes.member_notified(user=an_officer(), dispute=dispute, at=START, paper=a_letter(dispute, at=START))
        due = Clock.objects.get(subject_id=dispute.pk, code="MEMBER_REPLY").due_at
        assert due is not None
        said = list[str]()
        side_by_side(partial(_replied, dispute, due, said), partial(clocks_tick, at=due + dt.timedelta(seconds=1)))
        clocks_tick(at=due + dt.timedelta(minutes=1))
        dispute.refresh_from_db()
        assert (dispute.silent, dispute.replied_at is None) in {(True, True), (False, False)}
        assert said == ["SILENT" if dispute.silent else "REPLIED"]
        assert dispute.state == ("DECIDED" if dispute.silent else "DECIDING")
