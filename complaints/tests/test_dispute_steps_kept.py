"""What ends a dispute comes step by step, whoever writes it: the database refuses what the services never do."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from common import clock
from common.clock import RIYADH
from common.clocks import clocks_tick
from complaints.choices import CommitteeState
from complaints.models import Dispute
from complaints.services.dispute_decisions import dispute_correct, dispute_decide
from complaints.services.dispute_rights import committee_asked, committee_ruled, item_reinserted
from complaints.tests.dispute_worlds import a_dispute, an_officer, notified, replied

pytestmark = pytest.mark.django_db
# A Sunday before noon.
AT = dt.datetime(2026, 9, 13, 10, 0, tzinfo=RIYADH)


def corrected() -> Dispute:
    by = an_officer()
    dispute = replied(notified(a_dispute()), stand="WRONG")
    dispute = dispute_decide(user=by, dispute=dispute, outcome="UPHELD", reason="ثبت السداد", at=clock.now())
    return dispute_correct(user=by, dispute=dispute, correction="DELETED", reason="حُذف", at=clock.now())


def _write(dispute: Dispute, sql: str) -> None:
    """By SQL, past every service, and as far as a commit would come."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE complaints_dispute SET {sql} WHERE id = %s", [dispute.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.requirement("CB-41")
@pytest.mark.parametrize(
    "sql",
    [
        "committee = 'FOR_MEMBER', reinserted_at = now()",
        "committee = 'FOR_MEMBER'",
        "committee = 'ASKED', reinserted_at = now()",
        "reinserted_at = now()",
        # Asked without a step of it among the rows.
        "committee = 'ASKED', committee_at = now()",
    ],
)
def test_nothing_is_put_back_but_by_a_decision_that_the_committee_was_asked_for(sql: str) -> None:
    dispute = corrected()
    with pytest.raises(IntegrityError):
        _write(dispute, sql)
    dispute.refresh_from_db()
    assert (dispute.committee, dispute.reinserted_at) == (CommitteeState.NONE, None)


def test_an_item_is_put_back_with_the_row_that_says_so() -> None:
    by, dispute = an_officer(), corrected()
    dispute = committee_asked(user=by, dispute=dispute, reason="اعترض العضو", at=clock.now())
    with pytest.raises(IntegrityError, match="lacks a step"):
        _write(dispute, "committee = 'FOR_MEMBER', reinserted_at = now()")
    with pytest.raises(IntegrityError, match="without its step: COMMITTEE_RULED"):
        _write(dispute, "committee = 'FOR_MEMBER'")
    dispute = committee_ruled(user=by, dispute=dispute, for_objector=False, reason="قرار 13", at=clock.now())
    with pytest.raises(IntegrityError, match="without its step: REINSERTED"):
        _write(dispute, "reinserted_at = now()")
    with pytest.raises(IntegrityError, match="lacks a step"):
        _write(dispute, "committee = 'FOR_OBJECTOR'")
    item_reinserted(user=by, dispute=dispute, reason="قرار 13", at=clock.now())
    _write(dispute, "is_flagged = is_flagged")


@pytest.mark.requirement("CB-35")
@pytest.mark.parametrize(
    "sql",
    [
        # A document that nobody handed in, so that what is proven right could be deleted.
        "has_documents = true",
        "correction = 'DELETED', corrected_at = now()",
        "committee = 'FOR_OBJECTOR', correction = 'DELETED', corrected_at = now()",
    ],
)
def test_what_was_proven_right_is_not_deleted_past_its_rejection(sql: str) -> None:
    dispute = replied(notified(a_dispute(documents=0)), stand="CORRECT", papers=1)
    dispute = dispute_decide(user=an_officer(), dispute=dispute, outcome="REJECTED", reason="العقد", at=clock.now())
    with pytest.raises(IntegrityError):
        _write(dispute, sql)


@pytest.mark.requirement("CB-32")
def test_a_member_is_silent_only_once_its_ten_working_days_are_over() -> None:
    with clock.at(AT):
        dispute = notified(a_dispute())
    with pytest.raises(IntegrityError, match="silent"):
        _write(dispute, "silent = true, state = 'DECIDING'")
    clocks_tick(at=AT + dt.timedelta(days=30))
    dispute.refresh_from_db()
    assert (dispute.silent, dispute.outcome) == (True, "UPHELD")
    _write(dispute, "is_flagged = is_flagged")


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": "UPHELD", "decided_at": AT, "decision_reason": "x", "correction": "DELETED", "corrected_at": AT},
        {"silent": True},
        {"committee": "ASKED"},
        {"notified_at": AT},
    ],
)
def test_a_dispute_is_not_born_decided(given: dict[str, object]) -> None:
    dispute = a_dispute()
    for name, value in {**given, "pk": None, "reference": "D-2026-999999", "hold": None}.items():
        setattr(dispute, name, value)
    with pytest.raises(IntegrityError, match="begins as filed"), transaction.atomic():
        dispute.save(force_insert=True)
