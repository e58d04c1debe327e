"""Approving what one prepared oneself, by six tricks: each refused at the user's door, and by the database."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from clients.services.clients import client_user_add
from collections_app.models import Authorisation, EscalationRequest
from common import clock
from common.approvals import approval_apply, approval_of, locked_approval
from common.exceptions import Conflict, NotAllowed
from common.models import Approval, ApprovalDecision, ApprovalStep
from legal.services.escalations import escalation_amend, escalation_decide, escalation_sign
from legal.services.papers import paper_add
from tests.world import (
    ACTOR,
    a_case,
    a_delegation,
    a_keeper,
    a_pdf,
    a_system,
    an_escalation,
    debts_ticked,
    enrol,
    make_client,
    make_user,
    signed_in,
)

GROUNDS = "محاولات تواصل ناجحة ووعود لم تُوفَ."


class World:
    def __init__(self, *, by: str = Role.COLLECTOR) -> None:
        self.client = make_client("AAA")
        self.collector = make_user(Role.COLLECTOR)
        self.manager = make_user(Role.COLLECTIONS_MANAGER)
        self.signatory = make_user(Role.CLIENT_SIGNATORY, client=self.client)
        enrol(self.signatory)
        self.case = a_case(self.client, owner=self.collector)
        self.request = an_escalation(self.case, by=self.collector if by == Role.COLLECTOR else self.manager)

    @property
    def approval(self) -> Approval:
        found = approval_of(subject=self.request)
        assert found is not None
        return found

    def approved(self) -> World:
        self.request = escalation_decide(
            user=self.manager, request=self.request, decision="APPROVED", digest=self.request.digest
        )
        return self

    def amended(self, by: User) -> EscalationRequest:
        return escalation_amend(
            user=by, request=self.request, digest=self.request.digest, grounds=GROUNDS, steps=["CLAIM"],
            cost_ceiling=0, valid_days=30,
        )  # fmt: skip

    def unapproved(self) -> None:
        """Whatever was tried: nobody's answer stands, and nothing is legal."""
        self.request.refresh_from_db()
        self.case.refresh_from_db()
        assert self.request.status in {"PROPOSED", "APPROVED"}
        assert self.case.track == "AMICABLE"
        assert not Authorisation.objects.exists()
        assert not Approval.objects.filter(status="APPROVED").exists()


def becomes(user: User, role: str, **more: Any) -> User:
    """The person is given another role, past every page."""
    User.objects.filter(pk=user.pk).update(role=role, **more)
    user.refresh_from_db()
    return user


def decide_by_sql(approval: Approval, person: User, *, digest: str = "", position: int = 0, **named: Any) -> None:
    """A decision as the application's role may write it, past every service; the request is moved with it, since the
    database lets neither stand without the other."""
    step = approval.steps.get(position=position or approval.step_now)
    moved = {"status": "SIGNED"} if step.portal else {"status": "APPROVED", "decided_by": person}
    with transaction.atomic():
        ApprovalDecision.objects.create(
            approval=approval, step=step, person=person, role=person.role, decision="APPROVED",
            digest=digest or approval.digest, at=clock.now(), **named,
        )  # fmt: skip
        EscalationRequest.objects.filter(pk=approval.subject_id).update(decided_at=clock.now(), **moved)


def decide_at_the_doors(world: World, person: User) -> list[int]:
    """What both doors of the house answer."""
    browser = signed_in(person, proven=True)
    answer = {"decision": "APPROVED", "digest": world.request.digest, "reason": ""}
    return [
        browser.post(reverse("escalation_decide", args=[world.request.pk]), answer).status_code,
        browser.post(reverse("approval_decide", args=[world.approval.pk]), answer).status_code,
    ]


def sign_at_the_door(world: World, person: User) -> int:
    if person.role == Role.CLIENT_SIGNATORY and not person.has_second_factor:
        enrol(person)
    browser = signed_in(person, proven=True)
    signature = {"digest": world.request.digest, "power": "مفوّض"}
    return browser.post(reverse("portal_sign", args=[world.request.pk]), signature).status_code


@pytest.mark.django_db
@pytest.mark.requirement("DC-06", "PL-21")
class TestTricks:
    def test_first_directly(self) -> None:
        world = World(by=Role.COLLECTIONS_MANAGER)
        assert decide_at_the_doors(world, world.manager) == [422, 422]
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, world.manager)
        with (
            pytest.raises(IntegrityError, match="without the decision of every step"),
            transaction.atomic(),
        ):
            Approval.objects.filter(pk=world.approval.pk).update(status="APPROVED")
        with pytest.raises(IntegrityError, match="a step is passed by its own decision"), transaction.atomic():
            Approval.objects.filter(pk=world.approval.pk).update(step_now=2)
        world.unapproved()

    def test_second_by_another_role(self) -> None:
        world = World()
        turned = becomes(world.collector, Role.COLLECTIONS_MANAGER)
        assert decide_at_the_doors(world, turned) == [422, 422]
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, turned)
        # Who decided becomes the client's signatory.
        world.approved()
        client_user_add(actor=ACTOR, client=world.client, user=becomes(world.manager, Role.CLIENT_USER))
        becomes(world.manager, Role.CLIENT_SIGNATORY)
        assert sign_at_the_door(world, world.manager) == 422
        with pytest.raises(IntegrityError, match="nobody acts twice"):
            decide_by_sql(world.approval, world.manager)
        # And who prepared it.
        client_user_add(actor=ACTOR, client=world.client, user=becomes(world.collector, Role.CLIENT_USER))
        becomes(world.collector, Role.CLIENT_SIGNATORY)
        assert sign_at_the_door(world, world.collector) == 422
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, world.collector)
        world.unapproved()

    def test_third_as_superuser(self) -> None:
        world = World(by=Role.COLLECTIONS_MANAGER)
        becomes(world.manager, Role.COLLECTIONS_MANAGER, is_superuser=True, is_staff=True)
        assert decide_at_the_doors(world, world.manager) == [422, 422]
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, world.manager)
        # Nor does being one make up for the role.
        keeper = becomes(make_user(Role.ADMINISTRATOR), Role.ADMINISTRATOR, is_superuser=True, is_staff=True)
        assert decide_at_the_doors(world, keeper) == [404, 404]
        with pytest.raises(IntegrityError, match="decided in its own role"):
            decide_by_sql(world.approval, keeper)
        with pytest.raises(IntegrityError, match="decided in its own role"):
            decide_by_sql(world.approval, becomes(keeper, Role.ADMINISTRATOR))
        world.unapproved()

    def test_fourth_by_an_edit_after_the_approval(self) -> None:
        world = World().approved()
        before = world.approval
        browser = signed_in(world.collector)
        address = reverse("escalation_amend", args=[world.request.pk])
        page = browser.get(address)
        told = {"steps": ["CLAIM"], "cost_ceiling": "900000", "valid_days": "300", "grounds": GROUNDS,
                "digest": world.request.digest, "court": "المحكمة التجارية بالرياض",
                **debts_ticked(world.case)}  # fmt: skip
        assert page.status_code == 200
        assert browser.post(address, told).status_code == 302
        before.refresh_from_db()
        assert (before.status, before.ended_by) == ("VOID", world.collector)
        old = world.request.digest
        world.request.refresh_from_db()
        assert (world.request.status, world.request.decided_by) == ("PROPOSED", None)
        assert world.request.digest != old
        assert sign_at_the_door(world, world.signatory) == 404, "it is with the manager again"
        browser = signed_in(world.signatory, proven=True)
        # Approved anew, what the signatory had read before is not what they would sign.
        world.approved()
        stale = {"digest": old, "power": "مفوّض"}
        assert browser.post(reverse("portal_sign", args=[world.request.pk]), stale).status_code == 422
        for change in ("digest = 'x'", "amount = 1", "also_prepared_by = '{}', subject_id = 0"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE common_approval SET {change} WHERE status = 'OPEN'")
        with pytest.raises(IntegrityError, match="on what stands, not on another digest"):
            decide_by_sql(world.approval, world.signatory, digest=old)
        # The rows behind the digest, past every service.
        with pytest.raises(IntegrityError, match="does not change once it is answered"), transaction.atomic():
            EscalationRequest.objects.filter(pk=world.request.pk).update(cost_ceiling=1)
        world.unapproved()
        assert before.decisions.get().person == world.manager, "what was decided stays told"

    def test_fourth_by_who_amends_and_then_decides(self) -> None:
        world = World()
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        world.request = world.amended(by=world.manager)
        assert decide_at_the_doors(world, world.manager) == [422, 422]
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, world.manager)
        # Who prepared the first form has prepared it still.
        with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
            decide_by_sql(world.approval, becomes(world.collector, Role.COLLECTIONS_MANAGER))
        world.unapproved()
        assert decide_at_the_doors(world, other)[0] == 302

    def test_fourth_by_a_paper_that_comes_later(self) -> None:
        world = World().approved()
        before = world.approval
        paper_add(
            user=world.collector, case=world.case, kind="CONTRACT", title="عقد آخر", name="c.pdf", content=a_pdf(),
            request=world.request,
        )  # fmt: skip
        before.refresh_from_db()
        assert before.status == "VOID"
        world.request.refresh_from_db()
        assert world.request.status == "PROPOSED"
        assert sign_at_the_door(world, world.signatory) == 404
        world.unapproved()

    def test_fifth_one_person_at_two_steps_and_in_two_places(self) -> None:
        """Two approvals at once by one hand: as oneself, and in the place of somebody else."""
        world = World(by=Role.COLLECTIONS_MANAGER)
        other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        general = make_user(Role.GENERAL_MANAGER)
        # A delegate never decides what the delegator prepared, nor their own.
        own, back = a_delegation(world.manager, general), a_delegation(other, world.manager)
        assert decide_at_the_doors(world, general) == [422, 422]
        assert decide_at_the_doors(world, world.manager) == [422, 422]
        for person, given in ((general, own), (world.manager, back)):
            with pytest.raises(IntegrityError, match="nobody decides what they prepared"):
                step = world.approval.steps.get(position=1)
                with transaction.atomic():
                    ApprovalDecision.objects.create(
                        approval=world.approval, step=step, person=person, role=Role.COLLECTIONS_MANAGER,
                        on_behalf_of=given.from_person, delegation=given, decision="APPROVED",
                        digest=world.approval.digest, at=clock.now(),
                    )  # fmt: skip
        world.unapproved()
        escalation_decide(user=other, request=world.request, decision="APPROVED", digest=world.request.digest)
        with pytest.raises(IntegrityError):
            decide_by_sql(world.approval, other, position=2)
        world.unapproved()

    def test_sixth_by_the_api_and_by_the_portals_door(self) -> None:
        world = World()
        keeper = a_keeper(world.client)
        _account, _token, text = a_system(world.client, keeper=keeper)
        signature = {"digest": world.request.digest, "power": "مفوّض", "decision": "APPROVED"}
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
        doors = [
            reverse("escalation_decide", args=[world.request.pk]),
            reverse("approval_decide", args=[world.approval.pk]),
            reverse("portal_sign", args=[world.request.pk]),
            reverse("portal_letter", args=[world.request.pk]),
        ]
        for door in doors:
            response = signed_in().post(door, signature, **bearer)
            assert response.status_code == 302
            assert response.url.startswith(reverse("account_login")), "a token is nobody at a door for people"
        for door in doors:
            at_api = f"/api/v1{door}"
            assert signed_in().post(at_api, signature, **bearer).status_code == 404, "the API knows no approval"
        world.approved()
        for person in (world.collector, world.manager, make_user(Role.GENERAL_MANAGER)):
            assert sign_at_the_door(world, person) == 404
            with pytest.raises(IntegrityError):
                decide_by_sql(world.approval, person)
        # A signatory of another client, and one whose company is none.
        for stranger in (
            make_user(Role.CLIENT_SIGNATORY, client=make_client("BBB"), name="stranger"),
            make_user(Role.CLIENT_SIGNATORY, name="nobodys"),
        ):
            assert sign_at_the_door(world, stranger) == 404
            with pytest.raises(IntegrityError, match="decided by its own people"):
                decide_by_sql(world.approval, stranger)
        world.unapproved()


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Each act in a connection of its own, begun together; what became of them."""
    ready, came = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait(timeout=10)
            act()
            came.append("done")
        except Exception as error:
            came.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(came)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-06", "PL-21")
class TestAtOnce:
    def test_two_managers_at_one_step(self) -> None:
        world = World()
        second = make_user(Role.COLLECTIONS_MANAGER, name="second")
        came = at_once(
            lambda: escalation_decide(
                user=world.manager, request=world.request, decision="APPROVED", digest=world.request.digest
            ),
            lambda: escalation_decide(
                user=second, request=world.request, decision="APPROVED", digest=world.request.digest
            ),
        )
        assert came == ["Conflict", "done"]
        assert world.approval.decisions.count() == 1
        assert world.approval.step_now == 2, "one approval is one step"

    def test_two_managers_at_one_step_by_sql(self) -> None:
        world = World()
        second = make_user(Role.COLLECTIONS_MANAGER, name="second")
        approval = world.approval
        came = at_once(lambda: decide_by_sql(approval, world.manager), lambda: decide_by_sql(approval, second))
        assert came == ["IntegrityError", "done"]
        assert world.approval.step_now == 2

    def test_one_manager_twice(self) -> None:
        world = World()
        approval = world.approval
        came = at_once(*(lambda: decide_by_sql(approval, world.manager) for _time in range(3)))
        assert came == ["IntegrityError", "IntegrityError", "done"]

    def test_an_edit_against_a_signature(self) -> None:
        world = World().approved()
        came = at_once(
            lambda: escalation_sign(user=world.signatory, request=world.request, digest=world.request.digest),
            lambda: world.amended(by=world.collector),
        )
        assert came == ["Conflict", "done"]
        world.request.refresh_from_db()
        authorisation = Authorisation.objects.first()
        assert (authorisation is not None) == (world.request.status == "SIGNED")
        if authorisation is not None:
            assert authorisation.cost_ceiling == world.request.cost_ceiling
            assert authorisation.document_hash == world.request.digest

    def test_a_role_taken_away_against_its_decision(self) -> None:
        """Whichever comes first: no decision is by somebody who was no manager any more when it was written."""
        world = World()
        approval = world.approval
        at_once(
            lambda: decide_by_sql(approval, world.manager),
            lambda: User.objects.filter(pk=world.manager.pk).update(role=Role.AUDITOR),
        )
        decision = ApprovalDecision.objects.first()
        assert decision is None or decision.role == Role.COLLECTIONS_MANAGER


@pytest.mark.django_db
@pytest.mark.requirement("DC-06")
class TestTheDatabase:
    def test_an_approval_has_the_steps_of_the_matrix_and_no_weaker_ones(self) -> None:
        world = World()
        other = a_case(world.client, ref="D-2", owner=world.collector)
        request = an_escalation(other, by=world.collector)
        request_two = EscalationRequest.objects.get(pk=request.pk)

        def asked(*steps: tuple[int, list[str], bool]) -> None:
            with transaction.atomic():
                Approval.objects.filter(subject_id=request_two.pk, status="OPEN").update(status="VOID")
                approval = Approval.objects.create(
                    kind="ESCALATION", subject_type="collections_app.EscalationRequest", subject_id=request_two.pk,
                    client_id=world.client.pk, digest=request_two.digest, amount=1, currency="SAR",
                    prepared_by=world.collector, prepared_at=clock.now(), answer_by=clock.now(),
                )  # fmt: skip
                for position, roles, portal in steps:
                    ApprovalStep.objects.create(approval=approval, position=position, roles=roles, portal=portal)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)

        manager, signatory = (1, ["COLLECTIONS_MANAGER"], False), (2, ["CLIENT_SIGNATORY"], True)
        with pytest.raises(IntegrityError, match="the steps of the authority matrix"):
            asked()
        with pytest.raises(IntegrityError, match="the steps of the authority matrix"):
            asked(manager)
        with pytest.raises(IntegrityError, match="names roles of the authority matrix"):
            asked((1, ["COLLECTOR"], False), signatory)
        with pytest.raises(IntegrityError, match="names roles of the authority matrix"):
            asked(manager, (2, ["COLLECTIONS_MANAGER"], False))
        asked(manager, signatory)
        with pytest.raises(IntegrityError, match="steps of an approval stand"):
            world.approved()
            ApprovalStep.objects.create(approval=world.approval, position=3, roles=["COLLECTOR"])

    def test_what_ended_stands_and_nothing_is_deleted(self) -> None:
        world = World().approved()
        escalation_sign(user=world.signatory, request=world.request, digest=world.request.digest)
        approval = Approval.objects.get()
        assert (approval.status, approval.applied_at is not None) == ("APPROVED", True)
        for change in ({"status": "VOID"}, {"status": "OPEN"}, {"applied_at": None}, {"digest": "x"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Approval.objects.filter(pk=approval.pk).update(**change)
        with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM common_approval")
        with pytest.raises(Conflict):
            locked_approval(subject=world.request)
        with pytest.raises(Conflict):
            approval_apply(approval=approval, digest=approval.digest)

    def test_a_delegation_holds_on_its_days_its_kinds_and_its_limit(self) -> None:
        world = World()
        general = make_user(Role.GENERAL_MANAGER)

        def tried() -> bool:
            try:
                with transaction.atomic():
                    escalation_decide(
                        user=general, request=world.request, decision="APPROVED", digest=world.request.digest
                    )
                    transaction.set_rollback(True)
            except NotAllowed:
                return False
            return True

        later = a_delegation(world.manager, general, ahead=1)
        assert not tried(), "not yet"
        with clock.at(clock.now() + dt.timedelta(days=1)):
            assert tried()
        with clock.at(clock.now() + dt.timedelta(days=8)):
            assert tried(), "the last day counts"
        with clock.at(clock.now() + dt.timedelta(days=9)):
            assert not tried(), "over"
        other_kind = a_delegation(world.manager, general, kinds_given=["STAGE_CHANGE"])
        too_little = a_delegation(world.manager, general, up_to=world.request.ceiling - 1, currency="SAR")
        assert not tried()
        for given in (later, other_kind, too_little):
            with pytest.raises(IntegrityError, match="no delegation covers this"), transaction.atomic():
                ApprovalDecision.objects.create(
                    approval=world.approval, step=world.approval.steps.get(position=1), person=general,
                    role=Role.COLLECTIONS_MANAGER, on_behalf_of=world.manager, delegation=given, decision="APPROVED",
                    digest=world.approval.digest, at=clock.now(),
                )  # fmt: skip
        a_delegation(world.manager, general, up_to=world.request.ceiling, currency="SAR")
        assert tried()
        becomes(world.manager, Role.AUDITOR)
        assert not tried(), "who has no authority has none to give"
