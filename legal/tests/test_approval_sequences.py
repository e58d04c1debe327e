"""Whatever people try, in whatever order: nothing is approved but by distinct people, in its roles, as it stands."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from accounts.services.approvals import delegation_end, delegation_give
from collections_app.models import Authorisation, EscalationRequest
from common import clock
from common.approvals import approval_of, approval_void
from common.exceptions import Refused
from common.models import Approval, ApprovalDecision, Delegation
from legal.services.escalations import (
    escalation_amend,
    escalation_decide,
    escalation_decline,
    escalation_propose,
    escalation_sign,
    escalation_withdraw,
)
from tests.world import a_case, a_paper, make_client, make_user

GROUNDS = "محاولات تواصل ناجحة ووعود لم تُوفَ."
ROLES = (Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.CLIENT_SIGNATORY, Role.TEAM_LEADER, Role.AUDITOR)
PEOPLE = 6
REACHED: Counter[str] = Counter()

person = st.integers(0, PEOPLE - 1)
answers = st.sampled_from(["APPROVED", "APPROVED", "APPROVED", "RETURNED"])
forgeries = st.sampled_from(["status = 'APPROVED'", "step_now = step_now + 1", "digest = 'forged'"])
# At the step that waits (0), or at another.
by_sql = st.tuples(
    st.just("by_sql"), person, st.sampled_from([None, None, None, 0, 1, 3, 5]), st.sampled_from([0, 0, 0, 1, 2])
)
acts = st.one_of(
    st.tuples(st.just("prepare"), person),
    st.tuples(st.just("amend"), person, st.integers(1, 4)),
    st.tuples(st.just("decide"), person, answers, st.booleans()),
    st.tuples(st.just("sign"), person, st.booleans()),
    st.tuples(st.just("decline"), person),
    by_sql,
    by_sql,
    by_sql,
    st.tuples(st.just("force"), forgeries),
    st.tuples(st.just("delegate"), person, person, st.sampled_from([[], ["ESCALATION"], ["STAGE_CHANGE"]])),
    st.tuples(st.just("end"), person),
    st.tuples(st.just("paper"), person),
    st.tuples(st.just("withdraw"), person),
    st.tuples(st.just("void"), person),
    st.tuples(st.just("role"), person, st.sampled_from(ROLES)),
    st.tuples(st.just("days"), st.integers(1, 5)),
)  # fmt: skip


# What somebody might well try: the own request, the next step too, out of turn, in another role, in another's place.
TRICKS = (
    [("by_sql", 0, None, 0)],
    [("by_sql", 1, None, 0)],
    [("by_sql", 5, None, 2)],
    [("by_sql", 3, None, 0)],
    [("delegate", 2, 3, ["STAGE_CHANGE"]), ("by_sql", 3, 2, 0)],
    [("delegate", 0, 3, []), ("by_sql", 3, 0, 0)],
)


class World:
    """A case and six people: two who collect, two managers, the general manager, a signatory."""

    def __init__(self) -> None:
        self.client = make_client("AAA")
        self.people = [
            make_user(Role.COLLECTIONS_MANAGER, name="m0"),
            make_user(Role.COLLECTIONS_MANAGER, name="m1"),
            make_user(Role.COLLECTIONS_MANAGER, name="m2"),
            make_user(Role.GENERAL_MANAGER, name="g"),
            make_user(Role.CLIENT_SIGNATORY, name="s0", client=self.client),
            make_user(Role.CLIENT_SIGNATORY, name="s1", client=self.client),
        ]
        self.case = a_case(self.client)
        self.at = clock.now()
        # Every digest that stood once, the newest last; and who had a hand in asking, by request.
        self.digests: list[str] = []
        self.asked_by: dict[int, set[int]] = {}
        # What the test itself saw of each decision: in which roles the person stood just then.
        self.stood: dict[int, tuple[str, set[str]]] = {}

    @property
    def request(self) -> EscalationRequest | None:
        return EscalationRequest.objects.order_by("-pk").first()

    def user(self, number: int) -> User:
        return User.objects.get(pk=self.people[number].pk)

    def roles_of(self, user: User) -> set[str]:
        """The own role, and those of whom this person stands in for today, counted without the code under test."""
        today = clock.today()
        given = [
            row for row in Delegation.objects.filter(to_person=user)
            if row.ended_at is None and row.starts_on <= today <= row.ends_on
            and (not row.kinds or "ESCALATION" in row.kinds)
        ]  # fmt: skip
        return {user.role} | {User.objects.get(pk=row.from_person_id).role for row in given}

    def noted(self, user: User) -> None:
        for row in ApprovalDecision.objects.exclude(pk__in=self.stood):
            self.stood[row.pk] = (row.role, self.roles_of(user))

    def digest(self, stale: bool) -> str:
        request = self.request
        return self.digests[0] if stale and self.digests else request.digest if request else ""

    def try_to(self, act: tuple[Any, ...]) -> None:
        name, *given = act
        if name == "days":
            self.at += dt.timedelta(days=given[0])
            return
        with clock.at(self.at):
            try:
                with transaction.atomic():
                    getattr(self, f"do_{name}")(*given)
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                REACHED[name] += 1
            except IntegrityError as error:
                REACHED["refused by the database: " + str(error).partition("\n")[0]] += 1
            except Refused:
                return

    def do_prepare(self, who: int) -> None:
        request = escalation_propose(user=self.user(who), case=self.case, grounds=GROUNDS, steps=["CLAIM"])
        self.digests.append(request.digest)
        self.asked_by.setdefault(request.pk, set()).add(self.people[who].pk)

    def do_amend(self, who: int, cost: int) -> None:
        request = self.request
        if request is None:
            return
        escalation_amend(
            user=self.user(who), request=request, digest=request.digest, grounds=GROUNDS, steps=["CLAIM"],
            cost_ceiling=Decimal(cost), valid_days=30,
        )  # fmt: skip
        request.refresh_from_db()
        self.digests.append(request.digest)
        self.asked_by[request.pk].add(self.people[who].pk)

    def do_decide(self, who: int, decision: str, stale: bool) -> None:
        if (request := self.request) is not None:
            user = self.user(who)
            escalation_decide(
                user=user, request=request, decision=decision, digest=self.digest(stale), reason="سبب مفهوم"
            )
            self.noted(user)

    def do_sign(self, who: int, stale: bool) -> None:
        if (request := self.request) is not None:
            user = self.user(who)
            escalation_sign(user=user, request=request, digest=self.digest(stale))
            self.noted(user)

    def do_decline(self, who: int) -> None:
        if (request := self.request) is not None:
            user = self.user(who)
            escalation_decline(user=user, request=request, reason="نتفاوض معه")
            self.noted(user)

    def do_by_sql(self, who: int, for_whom: int | None, position: int) -> None:
        """A decision past every service, with the best that can be told of it."""
        request = self.request
        approval = approval_of(subject=request) if request else None
        if approval is None:
            return
        user = self.user(who)
        behalf = None if for_whom is None else self.user(for_whom)
        delegation = Delegation.objects.filter(from_person=behalf, to_person=user).last() if behalf else None
        step = approval.steps.get(position=position or approval.step_now)
        ApprovalDecision.objects.create(
            approval=approval, step=step, person=user, role=(behalf or user).role,
            on_behalf_of=behalf, delegation=delegation, decision="APPROVED", digest=approval.digest, at=clock.now(),
        )  # fmt: skip
        self.noted(user)

    def do_force(self, change: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE common_approval SET {change} WHERE status = 'OPEN'")
            # A digest may follow its request before anybody decides; a forged one is decided by nobody who reads.
            if cursor.rowcount and "forged" in change:
                raise IntegrityError

    def do_delegate(self, one: int, other: int, kinds: list[str]) -> None:
        today = clock.today()
        delegation_give(
            user=self.user(one), to=self.user(other), kinds_given=kinds, starts_on=today,
            ends_on=today + dt.timedelta(days=3), reason="إجازة",
        )  # fmt: skip

    def do_end(self, who: int) -> None:
        given = Delegation.objects.filter(from_person=self.people[who], ended_at__isnull=True).first()
        if given is not None:
            delegation_end(user=self.user(who), delegation=given)

    def do_paper(self, who: int) -> None:
        if (request := self.request) is not None:
            a_paper(self.case, by=self.user(who), request=request)
            request.refresh_from_db()
            if request.digest not in self.digests:
                self.digests.append(request.digest)
                standing = approval_of(subject=request)
                if standing is not None:
                    self.asked_by[request.pk].add(standing.prepared_by_id)

    def do_withdraw(self, who: int) -> None:
        if (request := self.request) is not None:
            escalation_withdraw(user=self.user(who), request=request, reason="تسوية")

    def do_void(self, who: int) -> None:
        """Past the request's own services: its approval is void, and nothing can be signed on it."""
        request = self.request
        approval = approval_of(subject=request) if request else None
        if approval is not None:
            approval_void(user=self.user(who), approval=approval)

    def do_role(self, who: int, role: str) -> None:
        User.objects.filter(pk=self.people[who].pk).update(role=role)

    def holds(self) -> None:
        """What is approved was approved as DC-06 wants it, told from the rows alone."""
        for approval in Approval.objects.prefetch_related("steps", "decisions__step"):
            decisions = list(approval.decisions.all())
            people = [row.person_id for row in decisions] + [
                row.on_behalf_of_id for row in decisions if row.on_behalf_of_id
            ]
            assert len(people) == len(set(people)), "one hand, twice"
            # Who decided a form that is void may ask for another.
            if approval.status != "VOID":
                assert not set(people) & self.asked_by[approval.subject_id], "decided by who prepared it"
            for row in decisions:
                assert row.digest == approval.digest, "decided on something else"
                assert row.role in row.step.roles, "in no role of its step"
                role, stood = self.stood[row.pk]
                assert role in stood, "in a role that they did not stand in"
            if approval.status == "APPROVED":
                REACHED["approved"] += 1
                assert {row.step.position for row in decisions if row.decision == "APPROVED"} == {1, 2}
        for authorisation in Authorisation.objects.select_related("request"):
            approval = Approval.objects.get(subject_id=authorisation.request_id, status="APPROVED")
            assert approval.digest == authorisation.request.digest
            assert approval.applied_at is not None


@pytest.mark.django_db
@pytest.mark.requirement("DC-06")
def test_no_sequence_reaches_an_approval_but_by_distinct_people_in_its_roles_on_what_stands() -> None:
    REACHED.clear()
    # As people mostly go about it, with whatever else before, between and after.
    usual = [("prepare", 0), ("decide", 1, "APPROVED", False), ("sign", 4, False)]
    few = st.lists(acts, max_size=6)
    mixed = st.tuples(few, few, st.sampled_from(TRICKS), few, st.sampled_from(TRICKS), few).map(
        lambda p: [*p[0], usual[0], *p[1], *p[2], usual[1], *p[3], *p[4], usual[2], *p[5]]
    )

    @settings(
        max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    @given(sequence=mixed)
    def run(sequence: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            world = World()
            for act in sequence:
                world.try_to(act)
                world.holds()
            transaction.set_rollback(True)

    run()
    # The sequences come to where they could go wrong.
    for what in ("approved", "decide", "sign", "amend", "by_sql", "delegate", "role", "withdraw", "paper", "void"):
        assert REACHED[what], f"no sequence ever came to: {what}"
    for words in ("nobody decides what they prepared", "a step is decided in its own role", "nobody acts twice",
                  "a decision is of the step that waits", "no delegation covers this"):  # fmt: skip
        assert any(words in what for what in REACHED), f"no sequence ever tried: {words}"
