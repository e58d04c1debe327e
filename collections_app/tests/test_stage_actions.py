"""What stages ask for: once a receivable and stage entry, whatever is worked out again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.choices import Role
from clients.models import Client, StagePolicy, StagePolicyRow
from collections_app.models import ActionFired, Case, Receivable, StageRequest, StageTransition, Task
from collections_app.selectors.contact import contact_guard
from collections_app.services.cases import cases_assign
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from collections_app.services.restaging import restage_run
from collections_app.services.stage_actions import proposal_answer, stage_actions_fire, stage_requests_settle
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from legal.services.escalations import escalation_propose
from tests.doors import enter, words
from tests.world import ACTOR, a_stage_change, a_stage_draft, make_client, make_team, make_user, place

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 4)
SMS = "MESSAGE:REMINDER:SMS:HOLDER"
LADDER = (
    ("S0", None, ()),
    ("S1", 31, ("REMIND", SMS)),
    ("S2", 61, ("FOLLOW_UP", "STOP:CREDIT")),
    ("S3", 91, ("STOP:CREDIT", "STOP:CONTACT", "PROPOSE:LEGAL", "PROPOSE:RECALL")),
)


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def at(days: int) -> Any:
    return clock.at(clock.at_riyadh(on=on(days)))


def a_client(code: str = "AAA") -> Client:
    """One whose stages ask for everything that a stage can ask for; days count from the invoice."""
    policy = StagePolicy.objects.create(
        code=f"ASKS_{code}", name_ar="سلم", name_en="Ladder", basis="INVOICE", default_rules=["TRADE_90"]
    )
    for position, (name, first, actions) in enumerate(LADDER):
        StagePolicyRow.objects.create(
            policy=policy, position=position, code=name, from_day=first, depth=position, name_ar=f"م{position}",
            name_en=f"Stage {position}", actions=list(actions),
        )  # fmt: skip
    StagePolicy.objects.filter(pk=policy.pk).update(state="APPROVED")
    return make_client(code, stage_policy=policy)


def a_case_of(*issued: int, client: Client | None = None, debtor: str = "D", product: str = "") -> Case:
    client = client or a_client()
    with at(min(issued)):
        place(
            client,
            [
                {
                    "debtor_ref": debtor, "debt_ref": f"{debtor}-{product}", "receivable_ref": f"{debtor}{n}{product}",
                    "issued_on": on(day), "due_on": on(day + 30), "amount": "100.00", "product": product,
                }
                for n, day in enumerate(issued)
            ],
        )  # fmt: skip
    return Case.objects.get(client=client, debtor__debtor_ref=debtor)


def night(case: Case, day: int) -> None:
    with at(day):
        nightly_run(date=on(day), client_ids=[case.client_id])


def asked(case: Case) -> list[tuple[str, int, str, str]]:
    """(action, day, status, why it ended), in the order of asking."""
    return [
        (r.action, (r.asked_on - FIRST).days, r.status, r.ended_for)
        for r in StageRequest.objects.filter(case=case).order_by("asked_on", "action")
    ]


def tasks(case: Case) -> list[tuple[str, int, str]]:
    return [(t.action, (t.due_on - FIRST).days, t.status) for t in case.tasks.order_by("due_on", "action")]


@pytest.mark.requirement("CM-40")
def test_each_kind_of_action_is_asked_for_on_the_day_its_stage_is_entered_and_once() -> None:
    case = a_case_of(0)
    night(case, 30)
    assert (asked(case), tasks(case)) == ([], [])
    night(case, 31)
    assert asked(case) == [(SMS, 31, "PENDING", "")]
    assert tasks(case) == [("REMIND", 31, "OPEN")]
    message = StageRequest.objects.get()
    assert (message.what, message.channel, message.recipient, message.stage.code) == ("REMINDER", "SMS", "HOLDER", "S1")
    for again in (31, 32, 40):
        night(case, again)
    assert len(asked(case)) == len(tasks(case)) == 1
    night(case, 61)
    # Nobody sent the reminder while it was true.
    assert asked(case) == [(SMS, 31, "ENDED", "LEFT"), ("STOP:CREDIT", 61, "PENDING", "")]
    night(case, 91)
    assert asked(case)[2:] == [
        (action, 91, "PENDING", "") for action in ("PROPOSE:LEGAL", "PROPOSE:RECALL", "STOP:CONTACT")
    ]
    # The stop of credit is the one from before: the next stage asks for the same.
    assert StageRequest.objects.filter(action="STOP:CREDIT").count() == 1
    assert ActionFired.objects.filter(action="STOP:CREDIT").count() == 2


@pytest.mark.requirement("CM-40")
def test_many_receivables_of_one_case_ask_once_and_each_entry_is_kept() -> None:
    case = a_case_of(0, 0, 2)
    night(case, 31)
    assert ActionFired.objects.filter(action=SMS).count() == 2
    assert (len(asked(case)), len(tasks(case))) == (1, 1)
    night(case, 33)
    assert ActionFired.objects.filter(action=SMS).count() == 3
    assert asked(case) == [(SMS, 31, "PENDING", "")]


@pytest.mark.requirement("CM-40")
def test_missed_nights_ask_for_what_stands_at_their_end_alone() -> None:
    case = a_case_of(0)
    night(case, 10)
    night(case, 75)
    assert asked(case) == [("STOP:CREDIT", 75, "PENDING", "")]
    assert tasks(case) == [("FOLLOW_UP", 75, "OPEN")]
    # The entry is of its true day, whatever night saw it.
    assert {f.entered_on for f in ActionFired.objects.all()} == {on(61)}


@pytest.mark.requirement("CM-40")
def test_a_payment_that_never_came_gives_back_what_its_closing_ended_and_asks_nothing_twice() -> None:
    case = a_case_of(0)
    night(case, 31)
    with at(32):
        payment = payment_post(
            actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(31), reference="P"
        )
    assert asked(case) == [(SMS, 31, "ENDED", "CLOSED")]
    night(case, 33)
    assert tasks(case) == [("REMIND", 31, "CANCELLED")]
    with at(34):
        payment_reverse(actor=ACTOR, payment=payment, on=on(34), reason="شيك مرتجع")
    night(case, 35)
    assert asked(case) == [(SMS, 31, "PENDING", "")]
    assert tasks(case) == [("REMIND", 31, "OPEN")]


@pytest.mark.requirement("CM-40", "CM-41")
@pytest.mark.parametrize("way", ["rejected", "of hardship"])
def test_an_entry_that_never_was_is_asked_for_again_on_its_day_and_one_worked_out_again_is_not(way: str) -> None:
    case = a_case_of(0)
    night(case, 31)
    assert len(asked(case)) == 1
    with at(33):
        # Told late, for days before the entry: back to the stage before.
        kind = "OBJECTION" if way == "rejected" else "HARDSHIP"
        hold = hold_place(actor=ACTOR, case=case, kind=kind, from_on=on(25), reason="يعترض")
    assert asked(case) == [(SMS, 31, "ENDED", "LEFT")]
    assert Receivable.objects.get().stage.code == "S0"
    night(case, 35)
    with at(35):
        if way == "rejected":
            objection_decide(actor=ACTOR, hold=hold, decision="REJECTED", reason="المبلغ صحيح")
        else:
            hold_release(actor=ACTOR, hold=hold, until_on=on(34), reason="عاد إلى عمله")
    night(case, 50)
    entries = sorted((f.entered_on - FIRST).days for f in ActionFired.objects.filter(action=SMS))
    if way == "rejected":
        # It is as if it had never been held: the entry of day 31, which asked already.
        assert entries == [31]
        assert asked(case) == [(SMS, 31, "PENDING", "")]
    else:
        # Ten days do not count: the true entry is day 41, later than the one that asked.
        assert entries == [31, 41]
        assert asked(case) == [(SMS, 31, "ENDED", "LEFT"), (SMS, 50, "PENDING", "")]


@pytest.mark.requirement("CM-40", "CM-41")
def test_a_hold_takes_back_a_message_that_waits_and_its_end_lets_it_wait_again() -> None:
    case = a_case_of(0)
    night(case, 31)
    with at(40):
        hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=on(32), until_on=on(45), reason="طلب الجهة")
    night(case, 40)
    assert asked(case) == [(SMS, 31, "ENDED", "HELD")]
    # The hold ends by its own date: the night sees it.
    night(case, 46)
    assert asked(case) == [(SMS, 31, "PENDING", "")]
    assert ActionFired.objects.filter(action=SMS).count() == 1


@pytest.mark.requirement("CM-40", "CM-41")
def test_a_stop_stays_in_force_under_a_hold_and_ends_when_the_debt_is_cured() -> None:
    case = a_case_of(0, 5)
    night(case, 66)
    with at(66):
        hold_place(
            actor=ACTOR, case=case, kind="OBJECTION", from_on=on(66), reason="يعترض",
            receivable=Receivable.objects.get(receivable_ref="D0"),
        )  # fmt: skip
    night(case, 67)
    assert asked(case) == [("STOP:CREDIT", 66, "PENDING", "")]
    with at(67):
        for ref in ("D0", "D1"):
            assert asked(case) == [("STOP:CREDIT", 66, "PENDING", "")]
            payment_post(
                actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(67), reference=ref,
                receivable=Receivable.objects.get(receivable_ref=ref),
            )  # fmt: skip
    assert asked(case) == [("STOP:CREDIT", 66, "ENDED", "CLOSED")]


@pytest.mark.requirement("CM-40")
def test_a_stop_of_contact_closes_every_channel_until_it_ends() -> None:
    case = a_case_of(0)
    night(case, 91)
    with at(91):
        case.refresh_from_db()
        refused = {r.rule for d in contact_guard(case=case, at=clock.now()).decisions.values() for r in d.refusals}
        assert "CONTACT-STOP" in refused
        payment_post(actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(91), reference="P")
        case.refresh_from_db()
        refused = {r.rule for d in contact_guard(case=case, at=clock.now()).decisions.values() for r in d.refusals}
        assert "CONTACT-STOP" not in refused


@pytest.mark.requirement("CM-40", "DC-09")
@pytest.mark.parametrize("prepared", [True, False], ids=["by a worker", "by the night"])
def test_an_inserted_rung_moves_and_asks_only_whom_it_takes_up(prepared: bool) -> None:
    client = a_client()
    cases = [a_case_of(-days, client=client, debtor=name) for name, days in (("A", 35), ("B", 50), ("C", 70))]
    with at(0):
        nightly_run(date=on(0), client_ids=[client.pk])
        before = StageTransition.objects.count()
        fired = ActionFired.objects.count()
        one, other = (make_user(Role.COLLECTIONS_MANAGER, name=f"m{n}") for n in range(2))
        draft = a_stage_draft(client, by=one, code="WITH", days={"MIDDLE": 46}, actions={"MIDDLE": ("OFFER_OPTIONS",)})
        change = a_stage_change(draft, client=client, by=one, starts_on=on(1), approved_by=other)
        if prepared:
            restage_run(place_id=change.places.get().pk)
    night(cases[0], 1)
    # B stands in the new rung; A in the same stage as before, C too, though its position is another one.
    stages = {r.receivable_ref: (r.stage.code, r.stage_position) for r in Receivable.objects.select_related("stage")}
    assert stages == {"A0": ("S1", 1), "B0": ("MIDDLE", 2), "C0": ("S2", 3)}
    moved = StageTransition.objects.order_by("pk")[before:]
    assert [(m.receivable.receivable_ref, m.from_stage.code, m.to_stage.code) for m in moved] == [
        ("B0", "S1", "MIDDLE")
    ]
    assert ActionFired.objects.count() == fired + 1
    assert tasks(cases[1])[-1] == ("OFFER_OPTIONS", 1, "OPEN")
    for case, code in zip(cases, ("S1", "MIDDLE", "S2"), strict=True):
        case.refresh_from_db()
        assert (case.stage.code, case.stage.policy_id) == (code, draft.pk)
    # Days later C leaves its stage on its true date, and B comes to it.
    night(cases[0], 21)
    last = StageTransition.objects.order_by("pk").last()
    assert last is not None
    assert (last.receivable.receivable_ref, last.from_stage.code, last.to_stage.code, last.on) == (
        "C0",
        "S2",
        "S3",
        on(21),
    )


@pytest.mark.requirement("CM-40")
def test_the_case_tells_the_history_by_the_names_of_then() -> None:
    client = a_client()
    collector = make_user(Role.COLLECTOR, team=make_team())
    case = a_case_of(-50, client=client)
    cases_assign(actor=ACTOR, case_ids=[case.pk], owner=collector, on=on(0))
    night(case, 0)
    with at(0):
        one, other = (make_user(Role.COLLECTIONS_MANAGER, name=f"m{n}") for n in range(2))
        draft = a_stage_draft(client, by=one, code="WITH", days={"MIDDLE": 46})
        a_stage_change(draft, client=client, by=one, starts_on=on(1), approved_by=other)
    night(case, 1)
    with at(1):
        shown = words(enter(collector, "en").get(reverse("case", args=[case.pk])))
    assert "Moved to stage Stage 1" in shown
    assert "Moved to stage From 46" in shown


@pytest.mark.requirement("DC-09", "CM-40")
def test_a_product_with_a_ladder_of_its_own_is_told_by_it_everywhere() -> None:
    client = a_client()
    leader, team = None, make_team()
    leader = make_user(Role.TEAM_LEADER, team=team)
    with at(0):
        one, other = (make_user(Role.COLLECTIONS_MANAGER, name=f"m{n}") for n in range(2))
        draft = a_stage_draft(
            client, by=one, code="CARDS", basis="DUE", name_en="Cards ladder", name_ar="سلم البطاقات", days={"S2": 40},
        )  # fmt: skip
        a_stage_change(draft, client=client, by=one, product="Cards", starts_on=on(0), approved_by=other)
    # 45 days late, 75 from the invoice: S2 by either, but by days late on its own ladder.
    card = a_case_of(-75, client=client, debtor="CARD", product="Cards")
    plain = a_case_of(-75, client=client, debtor="PLAIN")
    night(card, 0)
    card.refresh_from_db()
    plain.refresh_from_db()
    assert (card.stage.policy_id, card.stage.code) == (draft.pk, "S2")
    assert (plain.stage.policy_id, plain.stage.code) == (client.stage_policy_id, "S2")
    with at(0):
        desk = enter(leader, "en")
        page = desk.get(reverse("case", args=[card.pk]))
        assert (page.context["days"], page.context["next_stage"]) == (45, 46)
        assert [p.pk for p in page.context["policies"]] == [draft.pk]
        assert [row["days"] for row in page.context["rows"]] == [45]
        assert "Cards ladder" in words(page)
        other_page = desk.get(reverse("case", args=[plain.pk]))
        assert (other_page.context["days"], other_page.context["next_stage"]) == (75, 16)
        shown = words(enter(one, "en").get(reverse("client", args=[client.pk])))
    assert "Cards ladder" in shown


@pytest.mark.requirement("CM-40")
@pytest.mark.parametrize(
    ("language", "queued", "proposed"), [("en", "queued", "proposed"), ("ar", "في الانتظار", "مقترح")]
)
def test_the_case_shows_what_waits_and_a_leader_answers_a_proposal(language: str, queued: str, proposed: str) -> None:
    leader = make_user(Role.TEAM_LEADER, team=make_team())
    case = a_case_of(0)
    night(case, 31)
    with at(31):
        desk = enter(leader, language)
        assert queued in words(desk.get(reverse("case", args=[case.pk])))
    night(case, 91)
    proposal = StageRequest.objects.get(action="PROPOSE:RECALL")
    with at(91):
        assert proposed in words(desk.get(reverse("case", args=[case.pk])))
        door = reverse("case_answer", args=[case.pk, proposal.pk])
        assert desk.post(door, {"status": "TAKEN", "reason": " "}).status_code == 422
        assert desk.post(door, {"status": "TAKEN", "reason": "أعيد إلى الجهة"}).status_code == 302
        assert "أعيد إلى الجهة" in words(desk.get(reverse("case", args=[case.pk])))
        manager = make_user(Role.COLLECTIONS_MANAGER)
        waiting = words(enter(manager, language).get(reverse("inbox")))
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("TAKEN", leader)
    assert case.debtor.name in waiting
    night(case, 95)
    # Answered is answered: the same entry proposes nothing again.
    assert StageRequest.objects.filter(action="PROPOSE:RECALL").count() == 1


def test_who_does_not_lead_answers_nothing_and_an_answer_stands() -> None:
    collector = make_user(Role.COLLECTOR, team=make_team())
    manager = make_user(Role.COLLECTIONS_MANAGER)
    case = a_case_of(0)
    cases_assign(actor=ACTOR, case_ids=[case.pk], owner=collector, on=on(0))
    night(case, 91)
    legal, recall = (StageRequest.objects.get(action=f"PROPOSE:{what}") for what in ("LEGAL", "RECALL"))
    told = {"status": "DECLINED", "reason": "لا حاجة", "on": on(91)}
    with pytest.raises(NotAllowed):
        proposal_answer(user=collector, request=recall, **told)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        proposal_answer(user=manager, request=StageRequest.objects.get(action="STOP:CREDIT"), **told)  # type: ignore[arg-type]
    proposal_answer(user=manager, request=recall, **told)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        proposal_answer(user=manager, request=recall, **told)  # type: ignore[arg-type]
    # Whoever asks for legal escalation takes that proposal up.
    case.refresh_from_db()
    with at(91):
        request = escalation_propose(user=collector, case=case, grounds="لم ينفع شيء آخر معه", steps=["CLAIM"])
    legal.refresh_from_db()
    assert (legal.status, legal.decided_by, legal.decision_reason) == ("TAKEN", collector, request.number)


def test_the_database_keeps_an_entry_and_a_request_once() -> None:
    case = a_case_of(0)
    night(case, 31)
    fired, message = ActionFired.objects.filter(action=SMS).get(), StageRequest.objects.get()
    for row in (fired, message):
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)
    for wrong in ({"status": "TAKEN"}, {"status": "ENDED"}, {"recipient": ""}, {"status": "SENT"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StageRequest.objects.filter(action=SMS).update(**wrong)
    # Asked again by hand, for all days: nothing.
    assert stage_actions_fire(client_id=case.client_id, since=on(-9), day=on(31)) == 0
    assert stage_requests_settle(client_id=case.client_id, day=on(31)) == 0
    assert Task.objects.count() == 1
