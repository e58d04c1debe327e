"""Stage policies: what a ladder must be, who changes it, where it rules; the database has the last word."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from accounts.choices import Role
from clients.choices import StageAction
from clients.models import Client, StageAssignment, StageChange, StagePolicy, StagePolicyRow
from clients.rules.stages import CONSUMER_INSTALMENTS, TRADE_CREDIT, Place, Stage, ladder_differences, ladder_faults
from clients.selectors.stage_policies import (
    ladder_of,
    products_ruled,
    rules_of_house,
    stage_changes_waiting,
    stage_policies_compared,
    stage_policies_visible_to,
    stage_policy_on,
)
from clients.services.stage_policies import (
    stage_change_decide,
    stage_change_propose,
    stage_change_withdraw,
    stage_policy_discard,
    stage_policy_draft,
    stage_policy_edit,
    stage_policy_take_effect,
)
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from tests.world import a_stage_change, a_stage_draft, make_client, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
OPEN = Stage(code="OPEN", from_day=None, depth=0, name_ar="حالي", name_en="Current")
LATE = Stage(code="LATE", from_day=1, depth=1, name_ar="متأخر", name_en="Late", actions=(StageAction.REMIND,))
SMS, LETTER, EMAIL = (f"MESSAGE:REMINDER:{channel}:HOLDER" for channel in ("SMS", "LETTER", "EMAIL"))


@pytest.mark.parametrize(
    ("stages", "faults"),
    [
        (TRADE_CREDIT.stages, {}),
        (CONSUMER_INSTALMENTS.stages, {}),
        ((OPEN, LATE), {}),
        ((OPEN,), {}),
        ((), {0: {"from_day": "open"}}),
        ((LATE,), {0: {"from_day": "open"}}),
        ((OPEN, replace(OPEN, code="TWO")), {1: {"from_day": "missing"}}),
        ((OPEN, LATE, replace(LATE, code="TWO")), {2: {"from_day": "rising"}}),
        ((OPEN, LATE, replace(LATE, code="TWO", from_day=0)), {2: {"from_day": "rising"}}),
        ((OPEN, LATE, replace(LATE, code="TWO", from_day=2)), {}),
        ((OPEN, replace(LATE, from_day=3_650)), {}),
        ((OPEN, replace(LATE, from_day=3_651)), {1: {"from_day": "far"}}),
        ((OPEN, replace(LATE, depth=6)), {}),
        ((OPEN, replace(LATE, depth=7)), {1: {"depth": "depth"}}),
        ((OPEN, replace(LATE, depth=-1)), {1: {"depth": "depth"}}),
        ((OPEN, replace(LATE, name_ar=" ")), {1: {"name_ar": "name"}}),
        ((OPEN, replace(LATE, name_en="")), {1: {"name_en": "name"}}),
        ((OPEN, replace(LATE, code="OPEN")), {1: {"code": "code"}}),
        ((OPEN, replace(LATE, code="late")), {1: {"code": "code"}}),
        ((OPEN, replace(LATE, actions=("SHOUT",))), {1: {"actions": "action"}}),
        ((OPEN, replace(LATE, actions=("STOP:CREDIT", "PROPOSE:LEGAL", SMS, LETTER))), {}),
        ((OPEN, replace(LATE, actions=(SMS, SMS))), {1: {"actions": "action"}}),
        ((OPEN, replace(LATE, actions=(SMS, LETTER, EMAIL))), {1: {"actions": "messages"}}),
        *(
            ((OPEN, replace(LATE, actions=(word,))), {1: {"actions": "action"}})
            for word in (
                "STOP", "STOP:ALL", "PROPOSE:LEGAL:X", "MESSAGE:REMINDER:SMS", "MESSAGE:HELLO:SMS:HOLDER",
                "MESSAGE:REMINDER:PHONE:HOLDER", "MESSAGE:REMINDER:SMS:EVERYBODY", "TASK:REMIND", "",
            )
        ),
    ],
)  # fmt: skip
def test_a_ladder_rises_from_an_open_first_stage(stages: tuple[Stage, ...], faults: dict[int, Any]) -> None:
    assert ladder_faults(stages=stages) == faults


def test_the_differences_of_two_ladders_are_told_stage_by_stage() -> None:
    extra = replace(LATE, code="VERY_LATE", from_day=60)
    found = ladder_differences(before=(OPEN, LATE), after=(replace(OPEN, name_en="Fine"), extra))
    assert [(d.kind, d.code) for d in found] == [("CHANGED", "OPEN"), ("ADDED", "VERY_LATE"), ("REMOVED", "LATE")]
    (moved,) = ladder_differences(before=(OPEN, LATE), after=(OPEN, replace(LATE, from_day=31)))
    assert (moved.kind, moved.before and moved.before.from_day, moved.after and moved.after.from_day) == (
        "MOVED",
        1,
        31,
    )
    assert ladder_differences(before=(OPEN, LATE), after=(OPEN, LATE)) == []


def test_a_new_client_is_ruled_from_the_beginning_and_its_tests_of_default_are_named() -> None:
    trader, bank = make_client("TRD", kind="TRADE"), make_client("BNK", kind="BANK")
    assert stage_policy_on(client_id=trader.pk, product="", on=dt.date(1990, 1, 1)) == trader.stage_policy
    assert stage_policy_on(client_id=bank.pk, product="Cards", on=clock.today()) == bank.stage_policy
    assert trader.stage_policy.default_rules == ["TRADE_90"]
    assert bank.stage_policy.default_rules == ["MONTHLY_3_IN_A_ROW", "FIVE_LATE_7WD"]
    event = AuditEvent.objects.get(action="client.created", client_id=bank.pk)
    assert StageAssignment.objects.get(client=bank).event_id == event.pk


class TestDrafts:
    def test_a_draft_begins_as_the_version_it_was_drawn_from(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        draft = stage_policy_draft(user=manager, policy=client.stage_policy)
        assert (draft.code, draft.version, draft.state) == ("TRADE_CREDIT", 2, "DRAFT")
        assert ladder_of(draft) == ladder_of(client.stage_policy)
        assert stage_policies_compared(before=client.stage_policy, after=draft).same
        other = stage_policy_draft(user=manager, policy=client.stage_policy, code="trade_short")
        assert (other.code, other.version) == ("TRADE_SHORT", 1)

    @pytest.mark.parametrize(("code", "says"), [("TRADE_CREDIT", "stage_policy_taken"), ("1X", "stage_policy_code")])
    def test_a_policy_of_its_own_needs_a_code_of_its_own(self, code: str, says: str) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        with pytest.raises(Refused) as refused:
            stage_policy_draft(user=manager, policy=client.stage_policy, code=code)
        assert refused.value.code == says

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.GENERAL_MANAGER, Role.TEAM_LEADER, Role.AUDITOR])
    def test_nobody_but_a_collections_manager_prepares(self, role: str) -> None:
        client = make_client()
        with pytest.raises(NotAllowed):
            stage_policy_draft(user=make_user(role), policy=client.stage_policy)

    def test_a_wrong_ladder_is_refused_stage_by_stage_and_nothing_is_written(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        draft = stage_policy_draft(user=manager, policy=client.stage_policy)
        with pytest.raises(Refused) as refused:
            stage_policy_edit(
                user=manager, policy=draft, name_ar="", name_en="L", basis="WHEN", default_after_days=-1,
                default_rules=["TYPED"], stages=[OPEN, LATE, replace(LATE, code="TWO")],
            )  # fmt: skip
        assert set(refused.value.fields) == {"name_ar", "basis", "default_after_days", "default_rules"}
        assert set(refused.value.details["stages"]) == {2}
        assert ladder_of(StagePolicy.objects.get(pk=draft.pk)) == ladder_of(client.stage_policy)

    def test_only_who_began_a_draft_edits_or_discards_it(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        draft = stage_policy_draft(user=manager, policy=client.stage_policy)
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        with pytest.raises(NotAllowed):
            stage_policy_discard(user=other, policy=draft)
        stage_policy_discard(user=manager, policy=draft)
        assert not StagePolicy.objects.filter(pk=draft.pk).exists()

    def test_who_has_no_business_with_policies_sees_none(self) -> None:
        make_client()
        for role in (Role.COLLECTOR, Role.ADMINISTRATOR, Role.FINANCE_MANAGER):
            assert not stage_policies_visible_to(make_user(role)).exists()
        assert stage_policies_visible_to(make_user(Role.AUDITOR)).count() == 1


class TestRequests:
    def _world(self) -> tuple[Client, Any, Any, StagePolicy]:
        client = make_client("BNK", kind="BANK")
        manager, general = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.GENERAL_MANAGER)
        return client, manager, general, a_stage_draft(client, by=manager, days={"D31_60": 46})

    def _ask(self, client: Client, policy: StagePolicy, by: Any, **changes: Any) -> StageChange:
        today = clock.today()
        asked: dict[str, Any] = {
            "places": [Place(client_id=client.pk)], "starts_on": today + DAY, "today": today,
            "reason": "بطلب الجهة في اجتماع الربع.",
        }  # fmt: skip
        return stage_change_propose(user=by, policy=policy, **asked | changes)

    def test_an_approved_version_rules_from_its_first_day_and_not_before(self) -> None:
        client, manager, general, draft = self._world()
        before = client.stage_policy
        change = a_stage_change(draft, client=client, by=manager, approved_by=general)
        draft.refresh_from_db()
        assert (change.status, draft.state) == ("APPROVED", "APPROVED")
        first = change.starts_on
        assert stage_policy_on(client_id=client.pk, product="", on=first - DAY) == before
        assert stage_policy_on(client_id=client.pk, product="", on=first) == draft
        event = AuditEvent.objects.get(action="client.stage_policy_agreed")
        assert StageAssignment.objects.get(client=client, starts_on=first).event_id == event.pk
        assert not stage_policy_take_effect(client_id=client.pk, day=first - DAY)
        assert stage_policy_take_effect(client_id=client.pk, day=first)
        assert not stage_policy_take_effect(client_id=client.pk, day=first), "once"
        client.refresh_from_db()
        assert client.stage_policy == draft

    def test_a_product_has_its_own_and_the_others_follow_the_client(self) -> None:
        client, manager, general, draft = self._world()
        change = a_stage_change(draft, client=client, by=manager, product="Cards", approved_by=general)
        on = change.starts_on
        assert stage_policy_on(client_id=client.pk, product="Cards", on=on) == draft
        assert stage_policy_on(client_id=client.pk, product="Cars", on=on) == client.stage_policy
        assert products_ruled(client_id=client.pk, on=on) == ["Cards"]
        assert products_ruled(client_id=client.pk, on=on - DAY) == []
        assert not stage_policy_take_effect(client_id=client.pk, day=on), "the general one stays"
        rules = [(rule.product, rule.policy.version, rule.ahead) for rule in rules_of_house(today=clock.today())]
        assert rules == [("", 1, False), ("Cards", 2, True)]

    def test_of_two_for_one_day_the_one_agreed_last_rules(self) -> None:
        client, manager, general, draft = self._world()
        a_stage_change(draft, client=client, by=manager, approved_by=general)
        second = a_stage_draft(client, by=manager, days={"D31_60": 50})
        change = a_stage_change(second, client=client, by=manager, approved_by=general)
        assert stage_policy_on(client_id=client.pk, product="", on=change.starts_on) == second
        ahead = [rule.policy for rule in rules_of_house(today=clock.today()) if rule.ahead]
        assert ahead == [second]

    def test_nobody_decides_what_they_prepared(self) -> None:
        client, manager, general, draft = self._world()
        change = self._ask(client, draft, manager)
        assert list(stage_changes_waiting(user=manager)) == []
        assert list(stage_changes_waiting(user=general)) == [change]
        for person in (manager, make_user(Role.TEAM_LEADER), make_user(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                stage_change_decide(
                    user=person, change=change, decision="APPROVED", digest=change.digest, today=clock.today()
                )
        stage_change_decide(user=general, change=change, decision="APPROVED", digest=change.digest, today=clock.today())
        # Who drew a ladder does not decide where else it shall rule, whoever asked for that.
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        again = self._ask(make_client("TWO"), StagePolicy.objects.get(pk=draft.pk), other)
        with pytest.raises(NotAllowed):
            stage_change_decide(
                user=manager, change=again, decision="APPROVED", digest=again.digest, today=clock.today()
            )

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"reason": "لأن"}, {"reason"}),
            ({"reason": "ل" * 501}, {"reason"}),
            ({"places": []}, {"places"}),
            ({"places": [Place(client_id=0)]}, {"places"}),
            ({"starts_on": clock.today() - DAY}, {"starts_on"}),
        ],
    )
    def test_a_request_with_a_fault_says_which(self, changes: dict[str, Any], fields: set[str]) -> None:
        client, manager, _general, draft = self._world()
        with pytest.raises(Refused) as refused:
            self._ask(client, draft, manager, **changes)
        assert set(refused.value.fields) == fields
        draft.refresh_from_db()
        assert draft.state == "DRAFT"

    def test_nothing_begins_on_a_day_that_a_book_has_lived_through(self) -> None:
        client, manager, general, draft = self._world()
        today = clock.today()
        Client.objects.filter(pk=client.pk).update(book_date=today)
        with pytest.raises(Refused) as refused:
            self._ask(client, draft, manager, starts_on=today)
        assert set(refused.value.fields) == {"starts_on"}
        change = self._ask(client, draft, manager, starts_on=today + DAY)
        Client.objects.filter(pk=client.pk).update(book_date=today + DAY)
        with pytest.raises(Refused) as late:
            stage_change_decide(user=general, change=change, decision="APPROVED", digest=change.digest, today=today)
        assert late.value.code == "stage_change_late"
        stage_change_decide(
            user=general, change=change, decision="REJECTED", digest=change.digest, today=today, reason="فات يومها"
        )
        draft.refresh_from_db()
        assert draft.state == "REJECTED"

    def test_what_was_not_read_is_not_approved(self) -> None:
        client, manager, general, draft = self._world()
        change = self._ask(client, draft, manager)
        with pytest.raises(Conflict):
            stage_change_decide(user=general, change=change, decision="APPROVED", digest="0" * 64, today=clock.today())
        with pytest.raises(Refused) as refused:
            stage_change_decide(
                user=general, change=change, decision="REJECTED", digest=change.digest, today=clock.today()
            )
        assert refused.value.code == "decision_reason"

    def test_one_request_for_a_version_at_a_time_and_one_answer(self) -> None:
        client, manager, general, draft = self._world()
        change = self._ask(client, draft, manager)
        with pytest.raises(Conflict):
            self._ask(client, draft, manager)
        stage_change_decide(user=general, change=change, decision="APPROVED", digest=change.digest, today=clock.today())
        with pytest.raises(Conflict):
            stage_change_decide(
                user=general, change=change, decision="REJECTED", digest=change.digest, today=clock.today(), reason="لا"
            )

    def test_a_request_taken_back_leaves_a_draft(self) -> None:
        client, manager, general, draft = self._world()
        change = self._ask(client, draft, manager)
        with pytest.raises(NotAllowed):
            stage_change_withdraw(user=general, change=change)
        stage_change_withdraw(user=manager, change=change)
        draft.refresh_from_db()
        assert draft.state == "DRAFT"
        with pytest.raises(Conflict):
            stage_change_withdraw(user=manager, change=change)
        with pytest.raises(Conflict):
            stage_policy_discard(user=manager, policy=draft)


class TestTheDatabase:
    """What no code can do, whoever writes it."""

    def _refuses(self, sql: str, *params: Any) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)

    def test_a_published_version_is_never_edited(self) -> None:
        policy = make_client().stage_policy
        row = policy.rows.get(position=1)
        self._refuses("UPDATE clients_stagepolicyrow SET from_day = 62 WHERE id = %s", row.pk)
        self._refuses("DELETE FROM clients_stagepolicyrow WHERE id = %s", row.pk)
        self._refuses(
            "INSERT INTO clients_stagepolicyrow (policy_id, position, code, from_day, depth, name_ar, name_en, actions)"
            " VALUES (%s, 9, 'X', 300, 6, 'x', 'x', '{}')",
            policy.pk,
        )
        self._refuses("UPDATE clients_stagepolicy SET default_after_days = 1 WHERE id = %s", policy.pk)
        self._refuses("UPDATE clients_stagepolicy SET state = 'DRAFT' WHERE id = %s", policy.pk)
        self._refuses("DELETE FROM clients_stagepolicy WHERE id = %s", policy.pk)

    def test_a_draft_is_published_by_an_approved_request_alone(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        draft = a_stage_draft(client, by=manager)
        self._refuses("UPDATE clients_stagepolicy SET state = 'APPROVED' WHERE id = %s", draft.pk)
        StagePolicy.objects.filter(pk=draft.pk).update(state="PROPOSED")
        self._refuses("UPDATE clients_stagepolicy SET state = 'APPROVED' WHERE id = %s", draft.pk)
        assert StagePolicyRow.objects.filter(policy=draft).count() == 5

    def test_one_person_never_prepares_and_decides(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        change = a_stage_change(a_stage_draft(client, by=manager), client=client, by=manager)
        sql = "UPDATE clients_stagechange SET status = 'APPROVED', decided_by_id = %s, decided_at = now() WHERE id = %s"
        self._refuses(sql, manager.pk, change.pk)
        # The ladder's author, where somebody else asked for it.
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        approved = StageChange.objects.create(
            policy=client.stage_policy, starts_on=change.starts_on, reason="r", digest="", prepared_by=other,
            prepared_at=clock.now(),
        )  # fmt: skip
        author = a_stage_draft(client, by=manager)
        asked = StageChange.objects.create(
            policy=author, starts_on=change.starts_on, reason="r", digest="", prepared_by=other, prepared_at=clock.now()
        )
        self._refuses(sql, manager.pk, asked.pk)
        with connection.cursor() as cursor:
            cursor.execute(sql, [manager.pk, approved.pk])
        self._refuses("UPDATE clients_stagechange SET decision_reason = 'x' WHERE id = %s", approved.pk)
        self._refuses("UPDATE clients_stagechange SET starts_on = starts_on + 1 WHERE id = %s", asked.pk)
        self._refuses("DELETE FROM clients_stagechange WHERE id = %s", asked.pk)

    def test_nothing_rules_by_anything_but_an_approved_request(self) -> None:
        client, manager = make_client(), make_user(Role.COLLECTIONS_MANAGER)
        change = a_stage_change(a_stage_draft(client, by=manager), client=client, by=manager)
        sql = (
            "INSERT INTO clients_stageassignment (client_id, product, policy_id, starts_on, event_id, recorded_at) "
            "VALUES (%s, '', %s, %s, 1, now())"
        )
        self._refuses(sql, client.pk, client.stage_policy_id, change.starts_on)
        self._refuses(sql, client.pk, change.policy_id, change.starts_on)
        place = change.places.get()
        self._refuses("UPDATE clients_stagechangeplace SET product = 'Cards' WHERE id = %s", place.pk)
        self._refuses("DELETE FROM clients_stagechangeplace WHERE id = %s", place.pk)
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE clients_stageassignment SET starts_on = now()")
