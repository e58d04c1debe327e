"""From assessing to closing: no stage skipped, nothing closed without its evidence, everybody told, nobody deciding
twice or on themselves.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import Role
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Message, MessageAttachment
from common.outbox import message_opened
from complaints.choices import Answer, Department, Level, MatterKind, Outcome, PaperKind, Remedy, Stage, TellWay
from complaints.models import Matter, MatterRound
from complaints.rules.handling import is_in, next_level, outcome_of
from complaints.selectors.handling import round_of, ways_of
from complaints.services.deciding import matter_answer, matter_close, matter_communicate, rights_show
from complaints.services.handling import (
    evidence_add,
    finding_add,
    matter_assess,
    matter_investigated,
    matter_look_again,
    question_add,
)
from complaints.services.levels import matter_disagree
from complaints.services.short_way import matter_answer_at_once
from complaints.tests.handling_worlds import (
    PLAN,
    QUESTIONS,
    REPLY,
    a_cause,
    a_desk,
    a_matter_at,
    answered,
    assessed,
    found_out,
    one_step,
)
from tests.world import ACTOR, a_case, a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)
LATER = AT + dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(LATER):
        yield


def clock_states(matter: Matter) -> dict[str, str]:
    return {c.code: c.state for c in clocks_of(subject=matter)}


class TestRules:
    @pytest.mark.requirement("CX-11")
    @pytest.mark.parametrize(
        ("answers", "outcome"),
        [
            (["YES", "YES"], Outcome.JUSTIFIED),
            (["YES", "NO"], Outcome.PARTLY),
            (["PARTLY"], Outcome.PARTLY),
            (["NO", "PARTLY"], Outcome.PARTLY),
            (["NO", "NO"], Outcome.UNJUSTIFIED),
        ],
    )
    def test_whether_it_is_justified_follows_from_what_was_found(self, answers: list[str], outcome: str) -> None:
        assert outcome_of(answers) == outcome

    @pytest.mark.parametrize(
        ("level", "department", "concerned", "then"),
        [
            (1, Department.OPERATIONS, Role.COLLECTOR, Level.HEAD),
            (2, Department.OPERATIONS, "", Level.GENERAL_MANAGER),
            (3, Department.OPERATIONS, "", Level.OUTSIDE),
            # Nobody decides on themselves, and a department without a head goes to the general manager.
            (1, Department.OPERATIONS, Role.COLLECTIONS_MANAGER, Level.GENERAL_MANAGER),
            (2, Department.LEGAL, Role.GENERAL_MANAGER, Level.OUTSIDE),
            (1, Department.TECHNOLOGY, "", Level.GENERAL_MANAGER),
        ],
    )
    def test_who_decides_next(self, level: int, department: str, concerned: str, then: int) -> None:
        assert next_level(level=level, department=department, concerned_role=concerned) == then

    def test_an_answer_is_known_by_its_letters(self) -> None:
        assert is_in(words="أوقفنا الاتصال، المرجع C-2026-01", language="ar")
        assert not is_in(words="We stopped", language="ar")
        assert is_in(words="We stopped the calls, سامي", language="en")
        assert not is_in(words="12345", language="en")


class TestTheOrder:
    @pytest.mark.requirement("CX-12")
    def test_every_stage_is_passed_with_its_move_its_clock_and_its_word(self) -> None:
        desk = a_desk()
        client = make_client("BNK", kind="BANK")
        matter = a_matter_at(Stage.TRACKED, desk=desk, at=AT, case=a_case(client))
        assert clock_states(matter) == {"ROUTING": "RUNNING", "ANSWER_BANK": "RUNNING"}
        matter = one_step(matter, to=Stage.ACKNOWLEDGED, by=desk.officer, at=AT)
        assert clock_states(matter)["CLOSING"] == "RUNNING"
        matter = one_step(matter, to=Stage.ASSESSED, by=desk.officer, at=LATER)
        assert clock_states(matter)["ROUTING"] == "MET"
        matter = one_step(matter, to=Stage.INVESTIGATED, by=desk.officer, at=LATER)
        matter = one_step(matter, to=Stage.RESPONDED, by=desk.officer, at=LATER)
        assert clock_states(matter) == {"ROUTING": "MET", "ANSWER_BANK": "MET", "CLOSING": "RUNNING"}
        assert (matter.outcome, matter.answered_at, matter.remedy_done) == (Outcome.JUSTIFIED, LATER, Remedy.APOLOGY)
        matter = one_step(matter, to=Stage.COMMUNICATED, by=desk.officer, at=LATER)
        matter = one_step(matter, to=Stage.CLOSED, by=desk.officer, at=LATER)
        assert set(clock_states(matter).values()) == {"MET"}
        assert [m.to_stage for m in matter.moves.all()] == [
            "RECEIVED", "TRACKED", "ACKNOWLEDGED", "ASSESSED", "INVESTIGATED", "RESPONDED", "COMMUNICATED", "CLOSED",
        ]  # fmt: skip

    @pytest.mark.requirement("CX-13")
    def test_the_complainant_hears_of_each_step_by_sms_and_mail(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.CLOSED, desk=desk, at=AT, case=a_case(make_client("BNK", kind="BANK")))
        found = Message.objects.filter(subject_type="complaints.Matter", subject_id=matter.pk).order_by("pk")
        assert [(m.template.code, m.channel) for m in found.select_related("template")] == [
            (code, channel)
            for code in (
                "MATTER_RECEIVED", "MATTER_STUDIED", "MATTER_PROGRESS", "MATTER_PROGRESS", "MATTER_RESULT",
                "MATTER_CLOSED",
            )
            for channel in ("SMS", "EMAIL")
        ]  # fmt: skip
        studied, result = found.get(template__code="MATTER_STUDIED", channel="EMAIL"), found.filter(
            template__code="MATTER_RESULT"
        )  # fmt: skip
        assert PLAN in message_opened(message=studied)["text"]
        by_mail, by_sms = result.get(channel="EMAIL"), result.get(channel="SMS")
        told = message_opened(message=by_mail)["text"]
        assert "مبررة" in told
        assert "البنك المركزي السعودي" in told
        # An SMS may be seen by others: neither result nor reasons.
        assert "مبررة" not in message_opened(message=by_sms)["text"]
        letter = matter.papers.get(kind=PaperKind.RESULT)
        assert MessageAttachment.objects.get(message=by_mail).paper_id == letter.pk

    @pytest.mark.parametrize("stage", [s for s in Stage if s not in {Stage.RECEIVED, Stage.TRACKED, Stage.CLOSED}])
    def test_no_step_is_taken_from_the_wrong_place(self, stage: str) -> None:
        desk = a_desk()
        matter = a_matter_at(stage, desk=desk)
        by, at = desk.officer, LATER
        steps: dict[str, Any] = {
            Stage.ACKNOWLEDGED: lambda: assessed(matter, by=by),
            Stage.ASSESSED: lambda: matter_investigated(user=by, matter=matter, at=at),
            Stage.INVESTIGATED: lambda: answered(matter, by=by),
            Stage.RESPONDED: lambda: matter_communicate(user=by, matter=matter, how=TellWay.MESSAGE, at=at),
            Stage.COMMUNICATED: lambda: matter_close(user=by, matter=matter, at=at),
        }
        for of, step in steps.items():
            if of != stage:
                with pytest.raises(Conflict):
                    step()
        matter.refresh_from_db()
        assert matter.stage == stage

    def test_the_database_knows_the_order_too(self) -> None:
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=a_desk())
        with pytest.raises(IntegrityError, match="does not go from"), transaction.atomic():
            Matter.objects.filter(pk=matter.pk).update(stage=Stage.COMMUNICATED)


class TestAssessing:
    def test_a_complaint_is_studied_by_its_questions_and_only_once_complete(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
        with pytest.raises(Refused) as caught:
            assessed(matter, by=desk.officer, questions=("", " "))
        assert list(caught.value.fields) == ["questions"]
        Matter.objects.filter(pk=matter.pk).update(complete_at=None)
        with pytest.raises(Refused) as caught:
            assessed(matter, by=desk.officer)
        assert caught.value.details == {"needs": ["COMPLETE"]}

    def test_what_will_be_done_is_said_in_the_complainants_language(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, language="en")
        with pytest.raises(Refused) as caught:
            assessed(matter, by=desk.officer)
        assert list(caught.value.fields) == ["plan"]
        assert assessed(matter, by=desk.officer, plan="We listen to the calls").stage == Stage.ASSESSED

    @pytest.mark.requirement("CX-14")
    def test_nobody_handles_what_is_said_of_themselves(self) -> None:
        desk = a_desk()
        concerned = make_user(Role.COMPLAINTS_OFFICER, name="concerned")
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, concerned=concerned)
        with pytest.raises(NotAllowed):
            assessed(matter, by=concerned)
        with pytest.raises(Refused) as caught:
            assessed(matter, by=desk.officer, handler=concerned)
        assert list(caught.value.fields) == ["handler"]
        matter = one_step(matter, to=Stage.ASSESSED, by=desk.officer, at=LATER)
        work = matter.rounds.get()
        with pytest.raises(IntegrityError, match="themselves"), transaction.atomic():
            MatterRound.objects.filter(pk=work.pk).update(
                decided_at=LATER, decided_by=concerned, outcome=Outcome.UNJUSTIFIED
            )


class TestInvestigating:
    def test_each_question_needs_its_finding_and_the_whole_its_evidence(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ASSESSED, desk=desk)
        with pytest.raises(Refused) as caught:
            matter_investigated(user=desk.officer, matter=matter, at=LATER)
        assert caught.value.details == {"needs": ["FINDINGS", "EVIDENCE"]}
        first, second = matter.rounds.get().questions.all()
        for question in (first, second):
            finding_add(
                user=desk.officer, matter=matter, question=question.pk, answer=Answer.NO, words="لم يقع", at=LATER
            )
        with pytest.raises(Refused) as caught:
            matter_investigated(user=desk.officer, matter=matter, at=LATER)
        assert caught.value.details == {"needs": ["EVIDENCE"]}
        evidence_add(user=desk.officer, matter=matter, words="كشف", name="s.pdf", content=a_pdf(), at=LATER)
        assert matter_investigated(user=desk.officer, matter=matter, at=LATER).stage == Stage.INVESTIGATED
        assert matter.papers.get(kind=PaperKind.EVIDENCE).title == "كشف"

    def test_a_later_finding_stands_and_a_question_may_be_added(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ASSESSED, desk=desk)
        found_out(matter, by=desk.officer)
        more = question_add(user=desk.officer, matter=matter, words="هل أُبلغ المشرف؟")
        assert more.position == len(QUESTIONS) + 1
        for answer in (Answer.YES, Answer.NO):
            finding_add(user=desk.officer, matter=matter, question=more.pk, answer=answer, words="سألناه", at=LATER)
        more.refresh_from_db()
        assert more.answer == Answer.NO
        matter = matter_investigated(user=desk.officer, matter=matter, at=LATER)
        assert answered(matter, by=desk.officer).outcome == Outcome.PARTLY

    def test_going_back_before_it_is_told_undoes_the_answer_and_lets_its_clock_run_on(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.RESPONDED, desk=desk, at=AT, case=a_case(make_client("BNK", kind="BANK")))
        due = clocks_of(subject=matter).get(code="ANSWER_BANK").due_at
        with pytest.raises(Refused):
            matter_look_again(user=desk.officer, matter=matter, at=LATER, reason=" ")
        matter = matter_look_again(user=desk.officer, matter=matter, at=LATER, reason="ورد تسجيل آخر")
        assert (matter.stage, matter.outcome, matter.answered_at) == (Stage.INVESTIGATED, "", None)
        again = clocks_of(subject=matter).get(code="ANSWER_BANK")
        assert (again.state, again.due_at) == ("RUNNING", due)
        matter = matter_look_again(user=desk.officer, matter=matter, at=LATER, reason="نسأل المشرف")
        assert matter.stage == Stage.ASSESSED


class TestDeciding:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"words": "We apologise"}, "words"),
            ({"words": ""}, "words"),
            ({"remedy": ""}, "remedy"),
            ({"remedy": Remedy.COMPENSATION}, "compensation"),
            ({"remedy": Remedy.APOLOGY, "compensation": Decimal("10.00")}, "remedy"),
            ({"remedy": Remedy.CORRECTION}, "correction"),
            ({"ending": Outcome.JUSTIFIED}, "ending"),
        ],
    )
    def test_an_answer_is_refused_at_its_field(self, given: dict[str, Any], field: str) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.INVESTIGATED, desk=desk)
        with pytest.raises(Refused) as caught:
            answered(matter, by=desk.officer, **given)
        assert list(caught.value.fields) == [field]
        matter.refresh_from_db()
        assert (matter.stage, matter.outcome) == (Stage.INVESTIGATED, "")

    def test_a_compensation_and_a_correction_are_recorded(self) -> None:
        desk = a_desk()
        matter = answered(a_matter_at(Stage.INVESTIGATED, desk=desk), by=desk.officer, remedy=Remedy.COMPENSATION,
                          compensation=Decimal("250.00"), correction="قُيّد لحسابه")  # fmt: skip
        assert (matter.remedy_done, matter.compensation, matter.currency) == ("COMPENSATION", Decimal("250.00"), "SAR")
        work = round_of(matter)
        assert work is not None
        assert (work.correction, work.decided_by) == ("قُيّد لحسابه", desk.officer)

    def test_the_level_decides_and_nobody_else(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.INVESTIGATED, desk=desk)
        for other in (desk.head, desk.general, make_user(Role.COLLECTOR)):
            with pytest.raises(NotAllowed):
                matter_answer(user=other, matter=matter, words=REPLY, remedy=Remedy.APOLOGY, at=LATER)

    def test_told_by_word_of_mouth_names_who_and_when_and_needs_the_further_way_before_closing(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.RESPONDED, desk=desk, at=AT, phone="", email="")
        with pytest.raises(Refused) as caught:
            matter_communicate(user=desk.officer, matter=matter, how=TellWay.MESSAGE, at=LATER)
        assert list(caught.value.fields) == ["how"]
        for told_at, note, field in (
            (AT - dt.timedelta(minutes=1), "سامي، في الفرع", "told_at"),
            (LATER + dt.timedelta(minutes=1), "سامي، في الفرع", "told_at"),
            (AT, " ", "note"),
        ):
            with pytest.raises(Refused) as caught:
                matter_communicate(user=desk.officer, matter=matter, how=TellWay.IN_PERSON, at=LATER, told_at=told_at,
                                   note=note)  # fmt: skip
            assert list(caught.value.fields) == [field]
        matter = matter_communicate(user=desk.officer, matter=matter, how=TellWay.IN_PERSON, at=LATER,
                                    told_at=AT + dt.timedelta(hours=1), note="سامي، في الفرع")  # fmt: skip
        with pytest.raises(Refused) as caught:
            matter_close(user=desk.officer, matter=matter, at=LATER)
        assert caught.value.details == {"needs": ["WAY", "CAUSE"]}
        with pytest.raises(IntegrityError, match="closed on evidence"), transaction.atomic():
            Matter.objects.filter(pk=matter.pk).update(stage=Stage.CLOSED, closed_at=LATER)
        with pytest.raises(Refused):
            rights_show(user=desk.officer, matter=matter, at=LATER)
        paper = rights_show(user=desk.officer, matter=matter, at=LATER, note="سُلّم إليه الملخص")
        assert paper.kind == PaperKind.RIGHTS
        assert matter_close(user=desk.officer, matter=matter, at=LATER, cause=a_cause()).stage == Stage.CLOSED

    def test_documents_of_the_evidence_go_with_the_result(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ASSESSED, desk=desk, at=AT, case=a_case(make_client("AAA")))
        paper = evidence_add(user=desk.officer, matter=matter, words="كشف", name="s.pdf", content=a_pdf(), at=LATER)
        found_out(matter, by=desk.officer)
        matter = answered(matter_investigated(user=desk.officer, matter=matter, at=LATER), by=desk.officer)
        elsewhere = a_matter_at(Stage.ASSESSED, desk=desk)
        other = evidence_add(user=desk.officer, matter=elsewhere, words="آخر", name="o.pdf", content=a_pdf(), at=LATER)
        with pytest.raises(Refused):
            matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=LATER, documents=[other])  # type: ignore[list-item]
        matter = matter_communicate(user=desk.officer, matter=matter, how="MESSAGE", at=LATER, documents=[paper])  # type: ignore[list-item]
        mail = Message.objects.get(template__code="MATTER_RESULT", channel="EMAIL", subject_id=matter.pk)
        assert MessageAttachment.objects.filter(message=mail).count() == 2


class TestLevels:
    @pytest.mark.requirement("CX-12")
    def test_each_disagreement_goes_one_level_up_and_then_outside(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.CLOSED, desk=desk, at=AT, case=a_case(make_client("BNK", kind="BANK")))
        assert ways_of(matter) == ["HEAD", "CENTRAL_BANK", "FINANCIAL_DISPUTES"]
        for level in (Level.HEAD, Level.GENERAL_MANAGER):
            matter = matter_disagree(actor=ACTOR, matter=matter, words="لم يُنظر في الثالثة", at=LATER)
            assert (matter.stage, matter.level, matter.handler, matter.outcome) == (Stage.ASSESSED, level, None, "")
            assert (matter.closed_at, matter.answered_at) == (None, None)
            assert clock_states(matter) == {"ROUTING": "MET", "ANSWER_BANK": "RUNNING", "CLOSING": "RUNNING"}
            due = clocks_of(subject=matter).get(code="ANSWER_BANK").due_at
            assert due is not None
            assert due > LATER + dt.timedelta(days=5)
            decider = desk.people[level]
            for stage in (Stage.INVESTIGATED, Stage.RESPONDED, Stage.COMMUNICATED, Stage.CLOSED):
                if stage == Stage.RESPONDED:
                    with pytest.raises(NotAllowed):
                        answered(matter, by=desk.officer)
                matter = one_step(matter, to=stage, by=decider, at=LATER)
        assert [r.decided_by for r in matter.rounds.all()] == [desk.officer, desk.head, desk.general]
        matter = matter_disagree(actor=ACTOR, matter=matter, words="لا أوافق", at=LATER)
        assert (matter.level, matter.stage) == (Level.OUTSIDE, Stage.CLOSED)
        told = Message.objects.get(template__code="MATTER_OUTSIDE", channel="EMAIL", subject_id=matter.pk)
        assert "البنك المركزي السعودي" in message_opened(message=told)["text"]
        with pytest.raises(Refused):
            matter_disagree(actor=ACTOR, matter=matter, words="مرة أخرى", at=LATER)

    def test_who_decided_a_level_does_not_decide_the_next(self) -> None:
        desk = a_desk()
        matter = matter_disagree(actor=ACTOR, matter=a_matter_at(Stage.CLOSED, desk=desk), words="لا أوافق", at=LATER)
        matter = one_step(matter, to=Stage.INVESTIGATED, by=desk.head, at=LATER)
        desk.officer.role = Role.COLLECTIONS_MANAGER
        desk.officer.save()
        with pytest.raises(NotAllowed):
            answered(matter, by=desk.officer)
        with pytest.raises(IntegrityError, match="round_another_decides"), transaction.atomic():
            matter.rounds.filter(level=2).update(decided_at=LATER, decided_by=desk.officer, outcome="UNJUSTIFIED")

    def test_a_disagreement_before_closing_keeps_the_time_that_runs(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.COMMUNICATED, desk=desk, at=AT, case=a_case(make_client("FIN", kind="FINANCE")))
        closing = clocks_of(subject=matter).get(code="CLOSING").due_at
        matter = matter_disagree(actor=ACTOR, matter=matter, words="لا أوافق", at=LATER)
        assert clocks_of(subject=matter).get(code="CLOSING").due_at == closing
        assert clock_states(matter)["ANSWER_FINANCE"] == "RUNNING"

    def test_there_is_no_disagreeing_without_a_result_or_with_no_complaint(self) -> None:
        desk = a_desk()
        with pytest.raises(Conflict):
            matter_disagree(actor=ACTOR, matter=a_matter_at(Stage.RESPONDED, desk=desk), words="لا", at=LATER)
        closed = a_matter_at(Stage.CLOSED, desk=desk, kind=MatterKind.ENQUIRY)
        with pytest.raises(Refused):
            matter_disagree(actor=ACTOR, matter=closed, words="لا", at=LATER)


class TestTheShortWay:
    @pytest.mark.requirement("CX-21")
    @pytest.mark.parametrize("kind", [MatterKind.ENQUIRY, MatterKind.SUGGESTION, MatterKind.APPRECIATION])
    def test_what_is_no_complaint_is_answered_in_one_act_through_every_stage(self, kind: str) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, at=AT, kind=kind)
        done = matter_answer_at_once(
            user=desk.officer, matter=matter, words="ساعات العمل من الثامنة", how="MESSAGE", at=AT
        )
        assert (done.stage, done.outcome) == (Stage.CLOSED, Outcome.ANSWERED)
        assert done.moves.count() == len(Stage)
        assert clock_states(done) == {"ANSWER": "MET"}
        codes = Message.objects.filter(subject_id=done.pk, channel="SMS").order_by("pk").values_list(
            "template__code", flat=True
        )  # fmt: skip
        assert list(codes) == ["MATTER_RECEIVED", "MATTER_ANSWERED", "MATTER_CLOSED"]

    def test_a_complaint_takes_the_long_way(self) -> None:
        desk = a_desk()
        matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
        with pytest.raises(Refused):
            matter_answer_at_once(user=desk.officer, matter=matter, words=REPLY, how="MESSAGE", at=LATER)


def test_assessing_is_for_who_handles(  # a person who may register may not handle
) -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ACKNOWLEDGED, desk=desk)
    with pytest.raises(NotAllowed):
        matter_assess(user=make_user(Role.TEAM_LEADER), matter=matter, questions=QUESTIONS, plan=PLAN,
                      department=Department.OPERATIONS, handler=desk.officer, at=LATER)  # fmt: skip
