"""An objection to an amount: what it is about is held, nobody is called about it, the result lets it go on (A18)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from collections_app.choices import HoldDecision, HoldKind
from collections_app.models import Case, Hold
from collections_app.selectors.contact import contact_guard
from collections_app.services.holds import hold_place, hold_release
from common import clock
from common.clock import RIYADH
from common.exceptions import Refused
from complaints.choices import Answer, Complainant, Stage
from complaints.models import Category, Matter
from complaints.services.at_once import matter_duplicate, matter_solve
from complaints.services.deciding import matter_communicate
from complaints.services.handling import matter_assess, matter_investigated
from complaints.services.intake import matter_sort
from complaints.services.levels import matter_disagree
from complaints.tests.handling_worlds import (
    PLAN,
    QUESTIONS,
    a_desk,
    a_matter_at,
    an_objection,
    answered,
    found_out,
    objects_to_amount,
)
from tests.world import ACTOR, a_case, make_client, place

pytestmark = pytest.mark.django_db
# A Sunday before noon.
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        yield


def rules(case: Case, *, at: dt.datetime = AT) -> set[str]:
    """Why nobody may be called now."""
    return {refusal.rule for refusal in contact_guard(case=case, at=at).phone.refusals}


@pytest.mark.requirement("CX-12")
@pytest.mark.parametrize("who", [Complainant.DEBTOR, Complainant.GUARANTOR])
def test_calls_about_the_account_stop_the_moment_it_is_objected_to_whoever_objects(who: str) -> None:
    desk, case = a_desk(), a_case(make_client("BBB", kind="BANK"), ref="D-9")
    assert "DISPUTE-HOLD" not in rules(case)
    matter = an_objection(desk=desk, stage=Stage.TRACKED, case=case, complainant=who)
    assert matter.hold is not None
    assert (matter.hold.kind, matter.hold.from_on, matter.hold.until_on) == (HoldKind.OBJECTION, AT.date(), None)
    assert "DISPUTE-HOLD" in rules(case)


def test_a_complaint_about_something_else_holds_nothing() -> None:
    case = a_case(make_client("BBB"))
    a_matter_at(Stage.ASSESSED, desk=a_desk(), case=case)
    assert not Hold.objects.filter(case=case).exists()


def test_sorting_it_later_holds_it_then_and_once() -> None:
    desk, case = a_desk(), a_case(make_client("BBB"))
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, case=case)
    for _again in range(2):
        matter = matter_sort(user=desk.officer, matter=matter, at=AT, category=objects_to_amount())
    assert Hold.objects.filter(case=case).count() == 1


def test_the_hold_that_the_call_placed_is_taken_over() -> None:
    case = a_case(make_client("BBB"))
    placed = hold_place(actor=ACTOR, case=case, kind=HoldKind.OBJECTION, from_on=AT.date(), reason="اعترض في المكالمة")
    assert an_objection(desk=a_desk(), case=case).hold == placed
    assert Hold.objects.filter(case=case).count() == 1


def test_it_moves_to_the_one_invoice_it_is_about() -> None:
    desk, client = a_desk(), make_client("BBB")
    case = a_case(client, ref="D-9")
    dates = {"issued_on": AT.date() - dt.timedelta(days=90), "due_on": AT.date() - dt.timedelta(days=30)}
    row = {"debtor_ref": "D-9", "debtor_name": "عبدالله", "receivable_ref": "D-9-2", "amount": "50.00", **dates}
    place(client, [row])
    matter = an_objection(desk=desk, case=case)
    first = matter.hold
    about = case.receivables.get(receivable_ref="D-9-2")
    matter = matter_assess(
        user=desk.officer, matter=matter, questions=QUESTIONS, plan=PLAN, department="FINANCE", handler=desk.officer,
        receivable=about, at=AT,
    )  # fmt: skip
    assert first is not None
    first.refresh_from_db()
    matter = Matter.objects.get(pk=matter.pk)
    assert first.until_on == AT.date()
    assert matter.hold is not None
    assert matter.hold.receivable == about
    # Tomorrow the other invoice is spoken of again.
    assert "DISPUTE-HOLD" not in rules(case, at=AT + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("answers", "decision", "frozen"),
    [
        ((Answer.YES, Answer.NO), HoldDecision.ACCEPTED, True),
        ((Answer.NO, Answer.NO), HoldDecision.REJECTED, False),
    ],
)
def test_the_result_decides_it_and_calls_go_on(answers: tuple[str, ...], decision: str, frozen: bool) -> None:
    desk = a_desk()
    matter = an_objection(desk=desk, stage=Stage.ASSESSED)
    found_out(matter, by=desk.officer, answers=answers)
    matter = answered(
        matter_investigated(user=desk.officer, matter=matter, at=AT), by=desk.officer,
        **({} if decision == HoldDecision.ACCEPTED else {"remedy": ""}),
    )  # fmt: skip
    assert matter.case is not None
    assert "DISPUTE-HOLD" in rules(matter.case)  # decided, but nobody was told yet
    matter = matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=AT)
    hold = Hold.objects.get(case=matter.case)
    assert (hold.decision, hold.frozen, hold.until_on) == (decision, frozen, AT.date())
    assert matter.case is not None
    assert "DISPUTE-HOLD" not in rules(matter.case, at=AT + dt.timedelta(days=1))


def test_a_disagreement_holds_it_again_from_that_day() -> None:
    desk = a_desk()
    matter = an_objection(desk=desk, stage=Stage.CLOSED)
    later = AT + dt.timedelta(days=3)
    with clock.at(later):
        matter = matter_disagree(actor=ACTOR, matter=matter, words="المبلغ غير صحيح", at=later)
    again = Matter.objects.get(pk=matter.pk).hold
    assert again is not None
    assert (again.from_on, again.until_on) == (later.date(), None)
    assert Hold.objects.filter(case=matter.case).count() == 2
    assert matter.case is not None
    assert "DISPUTE-HOLD" in rules(matter.case, at=later)


def test_a_hold_that_was_ended_before_is_decided_all_the_same() -> None:
    desk = a_desk()
    matter = an_objection(desk=desk, stage=Stage.RESPONDED)
    assert matter.hold is not None
    hold_release(actor=ACTOR, hold=matter.hold, until_on=AT.date(), reason="طلب العميل", by_keeper=True)
    matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=AT)
    hold = Hold.objects.get(case=matter.case)
    assert (hold.decision, hold.until_on) == (HoldDecision.ACCEPTED, AT.date())


@pytest.mark.requirement("CX-12")
def test_told_twice_leaves_one_hold_that_ends_with_the_result_of_the_first() -> None:
    desk, case = a_desk(), a_case(make_client("BBB"), ref="D-9")
    first, again = an_objection(desk=desk, case=case), an_objection(desk=desk, case=case)
    matter_duplicate(user=desk.officer, matter=again, of=first, at=AT)
    assert again.hold is not None
    again.hold.refresh_from_db()
    assert (again.hold.decision, again.hold.until_on) == (HoldDecision.REJECTED, AT.date())
    assert list(Hold.objects.filter(case=case, until_on=None)) == [first.hold]


def test_an_objection_is_not_closed_as_told_before_where_nothing_else_holds_the_account() -> None:
    """Else it would hold for ever, or nobody would look into it."""
    desk, client = a_desk(), make_client("BBB")
    case = a_case(client, ref="D-9")
    other = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, case=case)
    elsewhere = an_objection(desk=desk, case=a_case(client, ref="D-8"))
    decided = an_objection(desk=desk, case=case, stage=Stage.CLOSED)
    again = an_objection(desk=desk, case=case)
    for of in (other, elsewhere, decided):
        with pytest.raises(Refused, match="matter_holds"):
            matter_duplicate(user=desk.officer, matter=again, of=of, at=AT)
    again.refresh_from_db()
    assert (again.stage, again.duplicate_of) == (Stage.ACKNOWLEDGED, None)


def test_what_turned_out_to_be_no_objection_and_is_solved_at_once_lets_the_account_go_on() -> None:
    desk = a_desk()
    matter = an_objection(desk=desk)
    matter = matter_sort(
        user=desk.officer, matter=matter, at=AT, category=Category.objects.filter(holds=False, parent=None)[0]
    )
    matter_solve(user=desk.officer, matter=matter, finding="سوء فهم", answer="أوضحنا", agreed=True, at=AT)
    assert Hold.objects.get(case=matter.case).until_on == AT.date()


def test_sorted_to_the_right_account_it_holds_that_and_the_wrong_one_goes_on() -> None:
    desk, client = a_desk(), make_client("BBB")
    wrong, right = a_case(client, ref="D-1"), a_case(client, ref="D-2")
    matter = an_objection(desk=desk, case=wrong)
    matter = matter_sort(user=desk.officer, matter=matter, at=AT, case=right)
    assert matter.hold is not None
    assert (matter.hold.case, matter.hold.until_on) == (right, None)
    left = Hold.objects.get(case=wrong)
    # As if it had never held: it was not about this account.
    assert (left.decision, left.until_on) == (HoldDecision.REJECTED, AT.date())
    assert "DISPUTE-HOLD" in rules(right)
    assert "DISPUTE-HOLD" not in rules(wrong, at=AT + dt.timedelta(days=1))
