"""The inbox of every kind, who stands in for whom, and the authority matrix: through their pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services.approvals import authority_add, authority_change
from collections_app.models import EscalationRequest
from common import clock
from common.approvals import approval_of, matrix_ship
from common.choices import APPROVAL_MOVES, ApprovalStatus
from common.exceptions import NotAllowed, Refused
from common.models import Approval, AuditEvent, AuthorityLimit, Delegation
from legal.services.escalations import escalation_decide
from tests.world import (
    a_case,
    a_delegation,
    a_stage_change,
    a_stage_draft,
    an_escalation,
    make_client,
    make_user,
    signed_in,
)

pytestmark = pytest.mark.django_db


class World:
    def __init__(self) -> None:
        self.client = make_client("AAA")
        self.collector, self.manager = make_user(Role.COLLECTOR), make_user(Role.COLLECTIONS_MANAGER)
        self.general, self.finance = make_user(Role.GENERAL_MANAGER), make_user(Role.FINANCE_MANAGER)
        self.leader = make_user(Role.TEAM_LEADER)
        self.case = a_case(self.client, owner=self.collector)

    def request(self) -> EscalationRequest:
        return an_escalation(self.case, by=self.collector)


def listed(user: User, **query: str) -> list[Any]:
    return list(signed_in(user, proven=True).get(reverse("inbox"), query).context["rows"])


def page(browser: Any, address: str, **query: str) -> str:
    return browser.get(address, query).content.decode()


@pytest.mark.requirement("DC-06")
class TestInbox:
    def test_every_kind_stands_in_one_list_the_nearest_answer_first(self) -> None:
        world = World()
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        tomorrow = clock.today() + dt.timedelta(days=1)
        change = a_stage_change(
            a_stage_draft(world.client, by=other), client=world.client, by=other, starts_on=tomorrow
        )
        request = world.request()
        rows = listed(world.manager)
        assert [row.facts.subject for row in rows] == [change, request]
        assert rows[0].approval.answer_by == clock.at_riyadh(on=tomorrow, time=dt.time())
        assert [row.facts.subject for row in listed(world.general)] == [change], "what their role takes, and no more"
        assert listed(world.finance) == []
        assert [row.facts.subject for row in listed(other)] == [request], "not what they prepared"

    def test_the_chosen_one_is_decided_beside_the_list_by_its_keys(self) -> None:
        world = World()
        request = world.request()
        browser = signed_in(world.manager, proven=True)
        text = page(browser, reverse("inbox"))
        assert 'data-key="A"' in text
        assert 'data-key="R"' in text
        assert request.grounds in text
        door = reverse("approval_decide", args=[approval_of(subject=request).pk])
        assert door in text
        answer = {"decision": "RETURNED", "digest": request.digest, "reason": " "}
        refused = browser.post(door, answer)
        assert refused.status_code == 422
        assert refused.context["error"] in refused.content.decode()
        assert browser.post(door, {**answer, "reason": "أرفق العقد"}).url == reverse("inbox")
        request.refresh_from_db()
        assert (request.status, request.decided_by, request.decision_reason) == (
            "RETURNED",
            world.manager,
            "أرفق العقد",
        )
        assert [row.approval.status for row in listed(world.manager, view="decided")] == ["RETURNED"]
        again = browser.post(door, {**answer, "reason": "مرة أخرى"})
        assert again.status_code == 422

    def test_a_binding_act_asks_for_a_fresh_proof(self) -> None:
        world = World()
        request = world.request()
        door = reverse("approval_decide", args=[approval_of(subject=request).pk])
        response = signed_in(world.manager).post(door, {"decision": "APPROVED", "digest": request.digest})
        assert response.url.startswith(reverse("account_reauthenticate"))
        request.refresh_from_db()
        assert request.status == "PROPOSED"

    def test_a_stage_policy_is_decided_by_the_same_door(self) -> None:
        world = World()
        change = a_stage_change(a_stage_draft(world.client, by=world.manager), client=world.client, by=world.manager)
        door = reverse("approval_decide", args=[approval_of(subject=change).pk])
        answer = {"decision": "APPROVED", "digest": change.digest, "reason": ""}
        assert signed_in(world.manager, proven=True).post(door, answer).status_code == 422
        assert signed_in(world.finance, proven=True).post(door, answer).status_code == 404
        returned = signed_in(world.general, proven=True).post(door, {**answer, "decision": "RETURNED", "reason": "س"})
        assert returned.status_code == 422, "it is approved or rejected"
        assert signed_in(world.general, proven=True).post(door, answer).url == reverse("inbox")
        change.refresh_from_db()
        assert (change.status, change.decided_by) == ("APPROVED", world.general)
        assert Approval.objects.get().applied_at is not None

    def test_the_count_stands_in_the_navigation_of_who_has_something_to_decide(self) -> None:
        world = World()
        world.request()

        def counted(user: User) -> int | None:
            groups = signed_in(user).get(reverse("profile")).context["NAVIGATION"]
            found = [item for group in groups for item in group.items if item.url == reverse("inbox")]
            return found[0].count if found else None

        assert (counted(world.manager), counted(world.general), counted(world.finance)) == (1, 0, 0)
        assert counted(world.leader) is None
        a_delegation(world.manager, world.leader)
        assert counted(world.leader) == 1
        assert counted(world.collector) is None


@pytest.mark.requirement("DC-06")
class TestDelegation:
    def test_given_on_its_page_shown_in_the_inbox_and_told_in_the_trail(self) -> None:
        world = World()
        request = world.request()
        today = clock.today()
        told = {
            "to": world.leader.pk, "starts_on": today.isoformat(),
            "ends_on": (today + dt.timedelta(days=5)).isoformat(), "reason": "إجازة",
            "kinds_given": ["ESCALATION"],
        }  # fmt: skip
        assert signed_in(world.leader).get(reverse("inbox")).status_code == 404
        browser = signed_in(world.manager, proven=True)
        assert browser.post(reverse("delegations"), told).url == reverse("delegations")
        row = listed(world.leader)[0]
        assert (row.facts.subject, row.given.from_person) == (request, world.manager)
        stand_in = signed_in(world.leader, proven=True)
        assert world.manager.name_ar in page(stand_in, reverse("inbox"))
        asked = stand_in.get(reverse("escalation", args=[request.pk]))
        assert asked.context["may_decide"]
        assert world.manager.name_ar in asked.content.decode(), "in whose place"
        door = reverse("approval_decide", args=[approval_of(subject=request).pk])
        assert stand_in.post(door, {"decision": "APPROVED", "digest": request.digest}).status_code == 302
        decision = approval_of(subject=request).decisions.get()
        assert (decision.person, decision.on_behalf_of, decision.role) == (
            world.leader, world.manager, Role.COLLECTIONS_MANAGER,
        )  # fmt: skip
        event = AuditEvent.objects.get(action="escalation.approved")
        assert (event.actor_id, event.body["in_place_of"]) == (world.leader.pk, world.manager.pk)
        told_page = page(signed_in(world.manager), reverse("escalation", args=[request.pk]))
        assert world.leader.name_ar in told_page

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"starts_on": -1}, "starts_on"),
            ({"ends_on": -1}, "ends_on"),
            ({"ends_on": 181}, "ends_on"),
            ({"reason": ""}, "reason"),
            ({"up_to": "-5"}, "up_to"),
        ],
    )
    def test_with_a_fault_says_which(self, change: dict[str, Any], field: str) -> None:
        world = World()
        days = {"starts_on": 0, "ends_on": 5, **{k: v for k, v in change.items() if isinstance(v, int)}}
        told = {name: (clock.today() + dt.timedelta(days=ahead)).isoformat() for name, ahead in days.items()}
        told |= {"to": world.leader.pk, "reason": "إجازة"} | {k: v for k, v in change.items() if isinstance(v, str)}
        response = signed_in(world.manager, proven=True).post(reverse("delegations"), told)
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert not Delegation.objects.exists()

    def test_nobody_gives_what_they_have_not_nor_to_whom_never_decides(self) -> None:
        world = World()
        with pytest.raises(NotAllowed):
            a_delegation(world.leader, world.manager)
        for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.CLIENT_SIGNATORY, Role.COLLECTOR):
            with pytest.raises(Refused) as refused:
                a_delegation(world.manager, make_user(role, name=f"x{role.lower()}"))
            assert "to" in refused.value.fields
        with pytest.raises(Refused):
            a_delegation(world.manager, world.manager)

    def test_taken_back_it_ends_at_once(self) -> None:
        world = World()
        world.request()
        given = a_delegation(world.manager, world.leader)
        assert len(listed(world.leader)) == 1
        door = reverse("delegation_end", args=[given.pk])
        assert signed_in(world.finance).post(door).status_code == 404
        assert signed_in(world.manager).post(door).status_code == 302
        given.refresh_from_db()
        assert given.ended_by == world.manager
        assert signed_in(world.leader).get(reverse("inbox")).status_code == 404
        signed_in(world.manager).post(door)
        assert AuditEvent.objects.filter(action="delegation.ended").count() == 1


@pytest.mark.requirement("DC-06")
class TestAuthority:
    def test_a_limit_keeps_what_is_above_it_from_the_role(self) -> None:
        world = World()
        (everybody,) = (row for row in matrix_ship("ESCALATION") if row.position == 1)
        browser = signed_in(world.general, proven=True)
        row = {"step": "ESCALATION:1", "role": Role.COLLECTIONS_MANAGER, "up_to": "999.99"}
        assert browser.post(reverse("authority"), row).status_code == 302
        above = {"step": "ESCALATION:1", "role": Role.GENERAL_MANAGER, "up_to": ""}
        assert browser.post(reverse("authority"), above).status_code == 302
        assert browser.post(reverse("authority"), above).status_code == 422, "there already"
        assert browser.post(reverse("authority_row", args=[everybody.pk]), {}).status_code == 302, "switched off"
        request = world.request()
        assert request.ceiling == Decimal("1000.00")
        assert listed(world.manager) == []
        with pytest.raises(NotAllowed):
            escalation_decide(user=world.manager, request=request, decision="APPROVED", digest=request.digest)
        assert [line.facts.subject for line in listed(world.general)] == [request]
        limited = AuthorityLimit.objects.get(currency="SAR")
        assert browser.post(
            reverse("authority_row", args=[limited.pk]), {"up_to": "1000.00", "is_active": "on"}
        ).status_code == 302  # fmt: skip
        assert listed(world.manager) == [], "what was asked before keeps its steps"
        second = an_escalation(a_case(world.client, ref="D-2", owner=world.collector), by=world.collector)
        assert [line.facts.subject for line in listed(world.manager)] == [second]
        history = list(AuthorityLimit.history.filter(id=limited.pk).order_by("history_id"))
        assert [(line.up_to, line.history_user) for line in history] == [
            (Decimal("999.99"), world.general), (Decimal("1000.00"), world.general),
        ]  # fmt: skip
        assert world.general.name_ar in page(signed_in(world.manager), reverse("authority"))

    def test_beyond_everybodys_limit_nothing_is_asked(self) -> None:
        world = World()
        (everybody,) = (row for row in matrix_ship("ESCALATION") if row.position == 1)
        authority_add(
            user=world.general, kind="ESCALATION", position=1, role=Role.GENERAL_MANAGER, currency="SAR",
            up_to=Decimal("999.99"),
        )  # fmt: skip
        authority_change(user=world.general, row=everybody, up_to=None, is_active=False)
        with pytest.raises(Refused) as refused:
            world.request()
        assert refused.value.code == "approval_beyond"
        assert not EscalationRequest.objects.exists()

    def test_a_step_is_never_left_to_nobody_and_the_clients_stands(self) -> None:
        world = World()
        house, clients = matrix_ship("ESCALATION")
        for row, code in ((house, "authority_nobody"), (clients, "authority_portal")):
            with pytest.raises(Refused) as refused:
                authority_change(user=world.general, row=row, up_to=None, is_active=False)
            assert refused.value.code == code
        for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.CLIENT_SIGNATORY):
            with pytest.raises(Refused):
                authority_add(user=world.general, kind="ESCALATION", position=1, role=role)
        for user in (world.manager, world.finance, make_user(Role.ADMINISTRATOR)):
            with pytest.raises(NotAllowed):
                authority_add(user=user, kind="ESCALATION", position=1, role=Role.TEAM_LEADER)


def test_every_end_of_an_approval_is_an_end() -> None:
    ends = {status for status, moves in APPROVAL_MOVES.items() if not moves}
    assert ends == set(ApprovalStatus) - {ApprovalStatus.OPEN, ApprovalStatus.APPROVED}
