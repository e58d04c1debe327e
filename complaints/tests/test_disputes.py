"""Disputes from filing to their end: each step, its refusal, its clocks, and what the database holds to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from collections_app.models import Hold
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of, clocks_tick
from common.exceptions import Conflict, Refused
from common.models import AuditEvent, Clock
from common.tests.holidays_sa import holidays_write, nth_after
from complaints.choices import CORRECTS, DisputeOutcome, PaperKind, ReplyStand
from complaints.models import Dispute
from complaints.rules.disputes import a_year_before, outcomes_open
from complaints.selectors.dispute_words import item_of, objection_of, reply_of, statement_of_objector
from complaints.services.dispute_decisions import (
    dispute_close,
    dispute_correct,
    dispute_decide,
    progress_told,
    result_told,
)
from complaints.services.dispute_rights import (
    committee_asked,
    committee_ruled,
    item_reinserted,
    recipient_told,
    statement_add,
)
from complaints.services.disputes import document_add, documents_asked
from complaints.tests.dispute_worlds import (
    ITEM,
    WORDS,
    a_dispute,
    a_document,
    a_letter,
    a_recipient,
    an_officer,
    notified,
    replied,
)
from tests.world import a_case, make_client

pytestmark = pytest.mark.django_db

# A Sunday without a holiday near.
FILED = dt.datetime(2026, 11, 1, 9, 30, tzinfo=RIYADH)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_the_day_of_filing() -> Any:
    holidays_write()
    with clock.at(FILED):
        yield


def running(dispute: Dispute) -> dict[str, str]:
    return {one.code: one.state for one in clocks_of(subject=dispute)}


def steps(dispute: Dispute) -> list[str]:
    return [move.what for move in dispute.moves.order_by("pk")]


@pytest.mark.requirement("CB-30", "CB-38", "CB-42")
def test_an_objection_is_kept_sealed_and_holds_what_it_is_about() -> None:
    case = a_case(make_client("DSP"), ref="D-57")
    receivable = case.debts.get().receivables.get()
    dispute = a_dispute(case, receivable=receivable, recipients=[a_recipient()])
    assert dispute.reference.startswith("D-2026-")
    assert (item_of(dispute=dispute), objection_of(dispute=dispute)) == (ITEM, WORDS)
    assert ITEM.encode() not in bytes(dispute.item_sealed)
    assert dispute.hold is not None
    assert (dispute.hold.kind, dispute.hold.receivable, dispute.hold.until_on) == ("OBJECTION", receivable, None)
    assert (dispute.is_flagged, dispute.has_documents, dispute.papers.count()) == (True, True, 1)
    assert running(dispute) == {"NOTIFY_MEMBER": "RUNNING", "PROGRESS_NOTICE": "RUNNING", "OVERALL": "RUNNING"}
    assert steps(dispute) == ["FILED"]
    assert AuditEvent.objects.filter(action="dispute.filed", subject_id=dispute.pk).count() == 1


@pytest.mark.requirement("CB-45")
@pytest.mark.parametrize(
    ("hour", "day", "counts"),
    [
        (dt.time(7, 59), 1, 1),
        (dt.time(16, 30), 1, 1),
        (dt.time(16, 31), 1, 2),
        (dt.time(10), 5, 5),
        (dt.time(17), 5, 8),
        (dt.time(10), 6, 8),
        (dt.time(10), 7, 8),
    ],
)
def test_what_is_filed_outside_office_hours_counts_as_of_the_next_working_day(
    hour: dt.time, day: int, counts: int
) -> None:
    dispute = a_dispute(at=dt.datetime.combine(dt.date(2026, 11, day), hour, tzinfo=RIYADH))
    assert dispute.counts_from == dt.date(2026, 11, counts)
    notify = Clock.objects.get(subject_id=dispute.pk, code="NOTIFY_MEMBER")
    assert notify.due_on == nth_after("BANK", dispute.counts_from, 5)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "OTHER"}, "ground"),
        ({"ground": ""}, "ground"),
        ({"item": "  "}, "item"),
        ({"words": "و" * 5001}, "words"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_an_objection_lacks_is_named_at_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        a_dispute(**given)
    assert field in refusal.value.fields
    assert not Dispute.objects.exists()
    assert not Hold.objects.exists()


@pytest.mark.requirement("CB-39", "CB-40")
@pytest.mark.parametrize(("days", "taken"), [(0, True), (365, True), (366, False), (-1, False)])
def test_recipients_are_those_of_the_year_before_the_filing(days: int, taken: bool) -> None:
    named = a_recipient(on=FILED.date() - days * DAY)
    if taken:
        assert a_dispute(recipients=[named]).recipients.count() == 1
    else:
        with pytest.raises(Refused):
            a_dispute(recipients=[named])


def test_the_year_before_a_leap_day_begins_on_the_twenty_eighth() -> None:
    assert a_year_before(dt.date(2028, 2, 29)) == dt.date(2027, 2, 28)


@pytest.mark.requirement("CB-31", "CB-32", "CB-33", "CB-34", "CB-36", "CB-37")
def test_a_dispute_goes_step_by_step_and_every_clock_with_it() -> None:
    by, dispute = an_officer(), a_dispute(recipients=[a_recipient()])
    dispute = notified(dispute, at=FILED + 2 * DAY)
    assert running(dispute)["MEMBER_REPLY"] == "RUNNING"
    dispute = progress_told(user=by, dispute=dispute, paper=a_letter(dispute), at=FILED + 3 * DAY)
    dispute = replied(dispute, stand="PARTLY_WRONG", papers=1, at=FILED + 8 * DAY)
    assert reply_of(dispute=dispute) == "راجعنا الحساب."
    decided = FILED + 10 * DAY
    dispute = dispute_decide(user=by, dispute=dispute, outcome="PARTLY", reason="سُدد جزء", at=decided)
    assert running(dispute) == {
        "NOTIFY_MEMBER": "MET", "MEMBER_REPLY": "MET", "DECISION": "MET", "OVERALL": "MET", "PROGRESS_NOTICE": "MET",
        "CORRECTION": "RUNNING", "RESULT": "RUNNING",
    }  # fmt: skip
    assert dispute.hold is not None
    dispute.hold.refresh_from_db()
    assert (dispute.hold.decision, dispute.hold.until_on) == ("ACCEPTED", None)
    with pytest.raises(Refused, match="dispute_uncorrected"):
        result_told(user=by, dispute=dispute, paper=a_letter(dispute), at=decided)
    with pytest.raises(Refused, match="dispute_correction"):
        dispute_correct(user=by, dispute=dispute, correction="DELETED", reason="x", at=decided)
    dispute = dispute_correct(
        user=by, dispute=dispute, correction="AMENDED", reason="في السجل المحدّث", at=decided + DAY,
        record=a_document("record.pdf"),
    )  # fmt: skip
    assert not dispute.is_flagged
    assert dispute.hold is not None
    dispute.hold.refresh_from_db()
    assert dispute.hold.until_on == (decided + DAY).date()
    result = a_letter(dispute, kind=PaperKind.RESULT)
    dispute = result_told(user=by, dispute=dispute, paper=result, at=decided + 2 * DAY)
    with pytest.raises(Refused, match="dispute_open"):
        dispute_close(user=by, dispute=dispute, at=decided + 2 * DAY)
    recipient_told(user=by, recipient=dispute.recipients.get(), paper=a_letter(dispute), at=decided + 2 * DAY)
    dispute = dispute_close(user=by, dispute=dispute, at=decided + 2 * DAY)
    assert dispute.state == "CLOSED"
    assert set(running(dispute).values()) == {"MET"}
    assert not any(one.is_late for one in clocks_of(subject=dispute))
    assert steps(dispute) == [
        "FILED", "NOTIFIED", "PROGRESS_TOLD", "REPLIED", "DECIDED", "CORRECTED", "RESULT_TOLD", "RECIPIENT_TOLD",
        "CLOSED",
    ]  # fmt: skip


@pytest.mark.requirement("CB-32")
def test_a_silent_member_loses_by_itself_at_the_end_of_the_tenth_working_day() -> None:
    dispute = notified(a_dispute(documents=0), at=FILED + DAY)
    last = Clock.objects.get(subject_id=dispute.pk, code="MEMBER_REPLY").due_at
    assert last is not None
    assert last.astimezone(RIYADH).date() == nth_after("BANK", (FILED + DAY).date(), 10)
    clocks_tick(at=last)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.silent) == ("WITH_MEMBER", False)
    clocks_tick(at=last + dt.timedelta(seconds=1))
    dispute.refresh_from_db()
    assert (dispute.state, dispute.silent, dispute.outcome, dispute.decided_at) == ("DECIDED", True, "UPHELD", last)
    assert dispute.is_flagged  # until the item is corrected
    now = running(dispute)
    assert (now["MEMBER_REPLY"], now["DECISION"], now["CORRECTION"], now["RESULT"]) == (
        "CANCELLED", "MET", "RUNNING", "RUNNING",
    )  # fmt: skip
    lapsed = Clock.objects.get(subject_id=dispute.pk, code="MEMBER_REPLY")
    assert lapsed.lapsed_at == last
    correction = Clock.objects.get(subject_id=dispute.pk, code="CORRECTION")
    assert correction.due_on == nth_after("BANK", last.astimezone(RIYADH).date(), 2)
    decided = AuditEvent.objects.get(action="dispute.decided", subject_id=dispute.pk)
    assert (decided.actor_kind, decided.body["silent"]) == ("SYSTEM", True)
    assert dispute.hold is not None
    assert Hold.objects.get(pk=dispute.hold.pk).decision == "ACCEPTED"
    clocks_tick(at=last + DAY)
    assert steps(dispute) == ["FILED", "NOTIFIED", "SILENT", "DECIDED"]
    with pytest.raises(Conflict, match="reply_late"):
        replied(dispute, at=last + DAY)


@pytest.mark.requirement("CB-32")
def test_a_reply_is_in_time_until_the_last_moment_and_not_after_though_no_tick_came_by() -> None:
    dispute = notified(a_dispute(), at=FILED)
    last = Clock.objects.get(subject_id=dispute.pk, code="MEMBER_REPLY").due_at
    assert last is not None
    with pytest.raises(Conflict, match="reply_late"):
        replied(dispute, at=last + dt.timedelta(seconds=1))
    dispute.refresh_from_db()
    assert dispute.state == "WITH_MEMBER"
    assert replied(dispute, at=last).state == "DECIDING"


def test_alarms_of_the_members_reply_come_on_the_fifth_eighth_and_ninth_day() -> None:
    dispute = notified(a_dispute(), at=FILED)
    reply = Clock.objects.get(subject_id=dispute.pk, code="MEMBER_REPLY")
    assert reply.warn_marks == ["5", "8", "9"]
    assert [at.astimezone(RIYADH).date() for at in reply.warn_at] == [
        nth_after("BANK", FILED.date(), n) for n in (5, 8, 9)
    ]


ALL = frozenset(DisputeOutcome)
CASES = [
    # silent, stand, documents, evidence, what may be decided
    (True, "", False, False, {"UPHELD"}),
    (True, "", True, False, {"UPHELD"}),
    (False, "WRONG", False, False, {"UPHELD", "PARTLY"}),
    (False, "PARTLY_WRONG", True, True, {"UPHELD", "PARTLY"}),
    (False, "CANNOT_TELL", False, False, {"UNVERIFIABLE"}),
    (False, "CANNOT_TELL", True, False, {"UNVERIFIABLE", "UPHELD", "PARTLY"}),
    (False, "CORRECT", False, True, {"REJECTED"}),
    (False, "CORRECT", False, False, {"UNVERIFIABLE", "REJECTED"}),
    (False, "CORRECT", True, True, set(ALL)),
    (False, "CORRECT", True, False, set(ALL)),
]


@pytest.mark.requirement("CB-35", "CB-44")
@pytest.mark.parametrize(("silent", "stand", "documents", "evidence", "may"), CASES)
def test_what_may_be_decided_follows_from_what_lies_there(
    silent: bool, stand: str, documents: bool, evidence: bool, may: set[str]
) -> None:
    assert outcomes_open(silent=silent, stand=stand, has_documents=documents, has_evidence=evidence) == may
    if silent:
        return
    by = an_officer()
    for outcome in DisputeOutcome.values:
        dispute = notified(a_dispute(a_case(make_client(f"D{outcome[:3]}")), documents=int(documents)))
        dispute = replied(dispute, stand=stand, papers=int(evidence))
        if outcome in may:
            done = dispute_decide(user=by, dispute=dispute, outcome=outcome, reason="لأسباب", at=clock.now())
            assert done.outcome == outcome
            assert done.is_flagged == (outcome in CORRECTS)
        else:
            with pytest.raises(Refused, match="dispute_not_carried"):
                dispute_decide(user=by, dispute=dispute, outcome=outcome, reason="لأسباب", at=clock.now())


def rejected(**given: Any) -> Dispute:
    dispute = replied(notified(a_dispute(**{"documents": 0, **given})), stand="CORRECT", papers=1)
    return dispute_decide(user=an_officer(), dispute=dispute, outcome="REJECTED", reason="أثبته العقد", at=clock.now())


@pytest.mark.requirement("CB-35")
def test_the_database_deletes_nothing_that_was_proven_right() -> None:
    dispute = rejected()
    now = clock.now()
    for change in (
        {"correction": "DELETED", "corrected_at": now},
        {"outcome": "UPHELD"},
        {"reinserted_at": now},
        {"state": "FILED"},
        {"decided_at": now - DAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.filter(pk=dispute.pk).update(**change)
    with pytest.raises(Conflict, match="dispute_nothing_to_correct"):
        dispute_correct(user=an_officer(), dispute=dispute, correction="DELETED", reason="مجاملة", at=now)


@pytest.mark.requirement("CB-35")
def test_the_database_upholds_nothing_against_a_proven_item_without_a_document() -> None:
    dispute = replied(notified(a_dispute(documents=0)), stand="CORRECT", papers=1)
    with pytest.raises(IntegrityError, match="dispute_right_stays"), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(
            state="DECIDED", outcome="UPHELD", decided_at=clock.now(), decision_reason="x"
        )


@pytest.mark.requirement("CB-39", "CB-48")
def test_a_rejected_objector_may_have_a_statement_stand_and_those_told_whose_record_held_the_item() -> None:
    by = an_officer()
    dispute = rejected(recipients=[a_recipient(), a_recipient(name="بنك النخيل", held_item=False)])
    assert not dispute.is_flagged
    held, other = dispute.recipients.order_by("pk")
    with pytest.raises(Conflict):
        recipient_told(user=by, recipient=held, paper=a_letter(dispute), at=clock.now())
    dispute = statement_add(user=by, dispute=dispute, words="سددت المبلغ", at=clock.now())
    assert (dispute.is_flagged, statement_of_objector(dispute=dispute)) == (True, "سددت المبلغ")
    told = recipient_told(user=by, recipient=held, paper=a_letter(dispute), at=clock.now())
    assert told.told_of == "DISPUTE"
    with pytest.raises(Conflict):
        recipient_told(user=by, recipient=other, paper=a_letter(dispute), at=clock.now())
    with pytest.raises(Conflict, match="dispute_settled"):
        statement_add(user=by, dispute=dispute, words="مرة أخرى", at=clock.now())


@pytest.mark.requirement("CB-41")
@pytest.mark.parametrize("for_objector", [True, False])
def test_the_committee_is_asked_after_a_rejection_and_its_decision_is_followed(for_objector: bool) -> None:
    by, dispute = an_officer(), rejected()
    dispute = result_told(user=by, dispute=dispute, paper=a_letter(dispute), at=clock.now())
    dispute = dispute_close(user=by, dispute=dispute, at=clock.now())
    first = dispute.hold
    dispute = committee_asked(user=by, dispute=dispute, reason="لم يقتنع", at=clock.now())
    assert (dispute.state, dispute.committee, dispute.is_flagged, dispute.closed_at) == ("DECIDED", "ASKED", True, None)
    assert dispute.hold != first
    with pytest.raises(Refused, match="dispute_open"):
        dispute_close(user=by, dispute=dispute, at=clock.now())
    dispute = committee_ruled(user=by, dispute=dispute, for_objector=for_objector, reason="قرار 12", at=clock.now())
    if for_objector:
        assert running(dispute)["CORRECTION"] == "RUNNING"
        dispute = dispute_correct(user=by, dispute=dispute, correction="DELETED", reason="حُذف", at=clock.now())
        assert running(dispute)["CORRECTION"] == "MET"
    assert not dispute.is_flagged
    assert dispute.hold is not None
    assert Hold.objects.get(pk=dispute.hold.pk).until_on is not None
    assert dispute_close(user=by, dispute=dispute, at=clock.now()).state == "CLOSED"


@pytest.mark.requirement("CB-41")
def test_a_corrected_item_is_put_back_by_the_committee_alone() -> None:
    by = an_officer()
    dispute = replied(notified(a_dispute()), stand="WRONG")
    dispute = dispute_decide(user=by, dispute=dispute, outcome="UPHELD", reason="ثبت السداد", at=clock.now())
    dispute = dispute_correct(user=by, dispute=dispute, correction="DELETED", reason="حُذف", at=clock.now())
    with pytest.raises(Refused, match="reinsertion_committee"):
        item_reinserted(user=by, dispute=dispute, reason="طلب العضو", at=clock.now())
    dispute = committee_asked(user=by, dispute=dispute, reason="اعترض العضو", at=clock.now())
    dispute = committee_ruled(user=by, dispute=dispute, for_objector=False, reason="قرار 13", at=clock.now())
    assert item_reinserted(user=by, dispute=dispute, reason="قرار 13", at=clock.now()).reinserted_at is not None


@pytest.mark.requirement("CB-44")
def test_missing_documents_are_asked_for_once_and_stop_no_clock() -> None:
    by, dispute = an_officer(), a_dispute(documents=0)
    dispute = documents_asked(user=by, dispute=dispute, at=clock.now())
    assert set(running(dispute).values()) == {"RUNNING"}
    document_add(user=by, dispute=dispute, document=a_document("contract.pdf"), kind="CONTRACT", at=clock.now())
    dispute.refresh_from_db()
    assert not dispute.has_documents  # the member's paper is none of the objector's
    document_add(user=by, dispute=dispute, document=a_document(), at=clock.now())
    dispute.refresh_from_db()
    assert dispute.has_documents
    with pytest.raises(Conflict):
        documents_asked(user=by, dispute=dispute, at=clock.now())
    decided = dispute_decide(
        user=by, dispute=replied(notified(dispute)), outcome="UPHELD", reason="ثبت", at=clock.now()
    )
    with pytest.raises(Conflict, match="dispute_decided"):
        document_add(user=by, dispute=decided, document=a_document(), at=clock.now())


def test_the_database_knows_the_same_moves() -> None:
    from complaints.choices import DISPUTE_MOVES

    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'dispute_moves'")
        source = " ".join(cursor.fetchone()[0].split())
    for state, to in DISPUTE_MOVES.items():
        assert f'"{state}": [' + ", ".join(f'"{one}"' for one in sorted(to)) + "]" in source


def test_a_dispute_is_never_deleted() -> None:
    dispute = a_dispute()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM complaints_dispute WHERE id = %s", [dispute.pk])


@pytest.mark.parametrize("stand", ["", "MAYBE"])
def test_a_reply_says_whether_the_item_is_right(stand: str) -> None:
    assert stand not in ReplyStand.values
    with pytest.raises(Refused, match="reply_stand"):
        replied(notified(a_dispute()), stand=stand)
