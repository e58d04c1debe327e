"""Legal escalation: proposed, decided by another, signed by the client; the database has the last word."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import ESCALATION_MOVES, EscalationStatus
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.services.ledger import payment_post
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from legal.services.authorisations import authorisation_begin
from legal.services.escalations import (
    escalation_decide,
    escalation_decline,
    escalation_propose,
    escalation_sign,
    escalation_withdraw,
)
from tests.world import (
    ACTOR,
    a_case,
    an_escalation,
    debts_ticked,
    make_client,
    make_user,
    reasons,
    signed_for,
    signed_in,
)

pytestmark = pytest.mark.django_db
GROUNDS = "محاولات تواصل ناجحة ووعود لم تُوفَ."


class World:
    def __init__(self) -> None:
        self.client = make_client("AAA")
        self.collector = make_user(Role.COLLECTOR)
        self.manager = make_user(Role.COLLECTIONS_MANAGER)
        self.signatory = make_user(Role.CLIENT_SIGNATORY, client=self.client)
        self.case = a_case(self.client, owner=self.collector)

    def proposed(self) -> EscalationRequest:
        return an_escalation(self.case, by=self.collector)

    def approved(self) -> EscalationRequest:
        return an_escalation(self.case, by=self.collector, approved_by=self.manager)

    def stands(self, status: str) -> EscalationRequest:
        """A request that came to stand there by its doors."""
        if status in {"PROPOSED", "RETURNED", "REJECTED", "WITHDRAWN"}:
            request = self.proposed()
            if status == "WITHDRAWN":
                return escalation_withdraw(user=self.collector, request=request, reason="وعد")
            return request if status == "PROPOSED" else decide(self.manager, request, status, reason="أضف الإثبات")
        request = self.approved()
        if status == "SIGNED":
            escalation_sign(user=self.signatory, request=request, digest=request.digest)
        if status == "DECLINED":
            escalation_decline(user=self.signatory, request=request, reason="نتفاوض معه")
        return request

    def paid(self) -> None:
        payment_post(actor=ACTOR, case=self.case, amount=self.case.balance, currency="SAR", value_on=clock.today())

    def written(self) -> tuple[int, str, str]:
        """What a refusal must leave as it was."""
        self.case.refresh_from_db()
        request = EscalationRequest.objects.order_by("-pk").first()
        return AuditEvent.objects.count(), self.case.track, request.status if request else ""


def decide(user: User, request: EscalationRequest, decision: str = "APPROVED", **given: Any) -> EscalationRequest:
    return escalation_decide(user=user, request=request, decision=decision, **{"digest": request.digest, **given})


def waiting(browser: Any, **query: str) -> list[Any]:
    """The requests that the inbox lists, in its order."""
    return [row.facts.subject for row in browser.get(reverse("inbox"), query).context["rows"]]


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.requirement("DC-06", "PL-21")
def test_from_proposal_to_a_signed_authorisation() -> None:
    world = World()
    request = world.proposed()
    assert (request.status, request.ceiling, request.prepared_by) == ("PROPOSED", Decimal("1000.00"), world.collector)
    assert request.answer_by - request.prepared_at == dt.timedelta(days=3)
    request = decide(world.manager, request)
    assert (request.status, request.decided_by) == ("APPROVED", world.manager)
    authorisation = escalation_sign(user=world.signatory, request=request, digest=request.digest)
    assert (authorisation.ceiling, authorisation.steps) == (request.ceiling, request.steps)
    assert (authorisation.signatory, authorisation.document_hash) == (world.signatory, request.digest)
    assert authorisation.valid_until == clock.today() + dt.timedelta(days=90)
    world.case.refresh_from_db()
    assert (world.case.track, world.case.authorisation) == ("LEGAL", authorisation)
    actions = AuditEvent.objects.filter(action__startswith="escalation.").order_by("pk")
    assert [(event.action, event.actor_id) for event in actions] == [
        ("escalation.proposed", world.collector.pk),
        ("escalation.approved", world.manager.pk),
        ("escalation.signed", world.signatory.pk),
    ]
    assert {event.body.get("digest") for event in actions} == {request.digest}


class TestProposing:
    @pytest.mark.parametrize(
        ("change", "field"),
        [({"grounds": "قصير"}, "grounds"), ({"steps": []}, "steps"), ({"steps": ["RAID"]}, "steps")],
    )
    def test_needs_grounds_and_steps(self, change: dict[str, Any], field: str) -> None:
        world = World()
        with pytest.raises(Refused) as refused:
            escalation_propose(
                user=world.collector, case=world.case, **{"grounds": GROUNDS, "steps": ["CLAIM"], **change}
            )
        assert list(refused.value.fields) == [field]
        assert not EscalationRequest.objects.exists()

    def test_one_request_at_a_time_by_the_database_as_well(self) -> None:
        world = World()
        request = world.proposed()
        with pytest.raises(Refused) as refused:
            world.proposed()
        assert refused.value.code == "escalation_open"
        with pytest.raises(IntegrityError, match="escalation_one_open"), transaction.atomic():
            EscalationRequest.objects.create(
                client=world.client, case=world.case, number="X", grounds=GROUNDS, steps=["CLAIM"], ceiling=1,
                currency="SAR", digest="x", prepared_by=world.collector, prepared_at=clock.now(),
                answer_by=clock.now(),
            )  # fmt: skip
        decide(world.manager, request, "RETURNED", reason="أضف الإثبات")
        assert world.proposed().number.endswith("-2")

    def test_a_case_that_owes_nothing_or_is_legal_already_is_refused(self) -> None:
        world = World()
        request = world.approved()
        escalation_sign(user=world.signatory, request=request, digest=request.digest)
        with pytest.raises(Refused) as refused:
            world.proposed()
        assert refused.value.code == "case_legal"
        world.paid()
        with pytest.raises(Refused) as refused:
            world.proposed()
        assert refused.value.code == "case_closed"

    def test_only_who_works_the_case_proposes(self) -> None:
        world = World()
        for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.LEGAL_OFFICER):
            with pytest.raises(NotAllowed):
                an_escalation(world.case, by=make_user(role))
        with pytest.raises(NotAllowed):
            an_escalation(world.case, by=make_user(Role.COLLECTOR, name="other"))


class TestDeciding:
    @pytest.mark.parametrize("decision", ["APPROVED", "RETURNED", "REJECTED"])
    def test_nobody_decides_what_they_prepared(self, decision: str) -> None:
        world = World()
        request = an_escalation(world.case, by=world.manager)
        before = world.written()
        with pytest.raises(NotAllowed):
            decide(world.manager, request, decision, reason="س")
        assert world.written() == before
        with pytest.raises(IntegrityError, match="not_decided_by_preparer"):
            sql("UPDATE collections_app_escalationrequest SET status = %s, decided_by_id = prepared_by_id,"
                " decided_at = now()", decision)  # fmt: skip

    def test_only_managers_decide_and_a_decision_is_named(self) -> None:
        world = World()
        request = world.proposed()
        for role in set(Role) - {Role.COLLECTIONS_MANAGER, Role.COLLECTOR, Role.CLIENT_SIGNATORY}:
            with pytest.raises(NotAllowed):
                decide(make_user(role, name=f"x{role.lower()}"), request)
        with pytest.raises(IntegrityError, match="escalation_decision_named"):
            sql("UPDATE collections_app_escalationrequest SET status = 'APPROVED'")

    def test_decided_twice_is_a_conflict(self) -> None:
        world = World()
        request, second = world.approved(), make_user(Role.COLLECTIONS_MANAGER, name="second")
        before = world.written()
        with pytest.raises(Conflict):
            decide(second, request, "REJECTED", reason="لا")
        assert world.written() == before
        with pytest.raises(IntegrityError, match="who decided stands"):
            sql("UPDATE collections_app_escalationrequest SET decided_by_id = %s",
                make_user(Role.COLLECTIONS_MANAGER, name="third").pk)  # fmt: skip

    @pytest.mark.parametrize("decision", ["RETURNED", "REJECTED"])
    def test_saying_no_needs_a_word(self, decision: str) -> None:
        world = World()
        with pytest.raises(Refused) as refused:
            decide(world.manager, world.proposed(), decision, reason="  ")
        assert "reason" in refused.value.fields

    @pytest.mark.parametrize("decision", ["SIGNED", "DECLINED", "WITHDRAWN", "PROPOSED", ""])
    def test_only_three_answers_are_a_managers(self, decision: str) -> None:
        world = World()
        with pytest.raises(Refused):
            decide(world.manager, world.proposed(), decision, reason="س")

    @pytest.mark.parametrize(
        "change",
        ["ceiling = 999999", "steps = '{CLAIM,MEDIATION}'", "grounds = 'x'", "valid_days = 365", "digest = 'x'"],
    )
    def test_what_changed_since_it_was_read_is_not_decided(self, change: str) -> None:
        world = World()
        request = world.proposed()
        sql(f"UPDATE collections_app_escalationrequest SET {change}")
        with pytest.raises(Conflict):
            decide(world.manager, request)
        assert world.written()[1:] == ("AMICABLE", "PROPOSED")

    @pytest.mark.parametrize("change", ["ceiling = 999999", "steps = '{CLAIM,MEDIATION}'", "digest = 'x'"])
    def test_what_was_decided_does_not_change(self, change: str) -> None:
        world = World()
        world.approved()
        with pytest.raises(IntegrityError, match="does not change once it is answered"):
            sql(f"UPDATE collections_app_escalationrequest SET {change}")

    def test_late_is_shown_and_still_decided(self) -> None:
        world = World()
        with clock.at(clock.now() - dt.timedelta(days=5)):
            request = world.proposed()
        assert request.answer_by < clock.now()
        browser = signed_in(world.manager, proven=True)
        assert request in waiting(browser)
        assert decide(world.manager, request).status == "APPROVED"


class TestSigning:
    def test_only_a_signatory_of_this_very_client(self) -> None:
        world = World()
        request = world.approved()
        other = make_user(Role.CLIENT_SIGNATORY, client=make_client("BBB"), name="other")
        reader = make_user(Role.CLIENT_USER, client=world.client)
        lost = make_user(Role.CLIENT_SIGNATORY, name="lost")
        before = world.written()
        for user in (other, reader, lost, world.manager, world.collector):
            with pytest.raises(NotAllowed):
                escalation_sign(user=user, request=request, digest=request.digest)
            with pytest.raises(NotAllowed):
                escalation_decline(user=user, request=request, reason="لا")
        assert world.written() == before

    def test_nothing_is_signed_that_was_not_approved_or_was_answered(self) -> None:
        world = World()
        request = world.proposed()
        with pytest.raises(Conflict):
            escalation_sign(user=world.signatory, request=request, digest=request.digest)
        decide(world.manager, request)
        escalation_decline(user=world.signatory, request=request, reason="نتفاوض معه")
        with pytest.raises(Conflict):
            escalation_sign(user=world.signatory, request=request, digest=request.digest)
        assert not Authorisation.objects.exists()

    def test_signed_twice_is_a_conflict_and_one_authorisation(self) -> None:
        world = World()
        request = world.approved()
        escalation_sign(user=world.signatory, request=request, digest=request.digest)
        with pytest.raises(Conflict):
            escalation_sign(user=world.signatory, request=request, digest=request.digest)
        assert Authorisation.objects.count() == 1

    @pytest.mark.parametrize("answer", ["approve", "sign"])
    def test_a_case_paid_while_the_request_waits_goes_no_further(self, answer: str) -> None:
        world = World()
        request = world.proposed() if answer == "approve" else world.approved()
        world.paid()
        before = world.written()
        with pytest.raises(Refused) as refused:
            if answer == "approve":
                decide(world.manager, request)
            else:
                escalation_sign(user=world.signatory, request=request, digest=request.digest)
        assert refused.value.code == "case_closed"
        assert world.written() == before
        if answer == "approve":
            assert decide(world.manager, request, "RETURNED", reason="سُدد").status == "RETURNED"
        else:
            assert escalation_decline(user=world.signatory, request=request, reason="سُدد").status == "DECLINED"


@pytest.mark.requirement("PL-21")
class TestTheDatabase:
    """As the application's role, past every service."""

    @pytest.mark.parametrize("before", EscalationStatus.values)
    def test_a_request_moves_as_declared_and_no_other_way(self, before: str) -> None:
        world = World()
        request = world.stands(before)
        move = "UPDATE collections_app_escalationrequest SET status = %s, decided_by_id = %s, decided_at = now()"
        for after in set(EscalationStatus.values) - {before}:
            declared = after in ESCALATION_MOVES[before]
            # Declared or not, it moves with its approval alone.
            words = "stands where its approval stands" if declared else "moves as declared"
            with pytest.raises(IntegrityError, match=words):
                sql(move, after, world.manager.pk)
        request.refresh_from_db()
        assert request.status == before

    @pytest.mark.parametrize("status", ["APPROVED", "RETURNED", "SIGNED", "WITHDRAWN"])
    def test_a_request_does_not_begin_answered(self, status: str) -> None:
        world, now = World(), clock.now()
        with pytest.raises(IntegrityError, match="stands where its approval stands"), transaction.atomic():
            EscalationRequest.objects.create(
                client=world.client, case=world.case, number="X", grounds=GROUNDS, steps=["CLAIM"], ceiling=1,
                currency="SAR", digest="x", prepared_by=world.collector, prepared_at=now, answer_by=now,
                decided_by=world.manager, decided_at=now, status=status,
            )  # fmt: skip
            sql("SELECT 1")

    @pytest.mark.parametrize("status", ["VOID", "WITHDRAWN"])
    def test_an_approval_does_not_end_behind_its_request(self, status: str) -> None:
        World().approved()
        with pytest.raises(IntegrityError, match="stands where its approval stands"):
            sql("UPDATE common_approval SET status = %s, ended_at = now()", status)

    @pytest.mark.parametrize("status", ["APPROVED", "RETURNED", "REJECTED", "WITHDRAWN"])
    def test_what_is_asked_does_not_change_with_its_answer(self, status: str) -> None:
        world = World()
        world.proposed()
        with pytest.raises(IntegrityError, match="does not change once it is answered"):
            sql("UPDATE collections_app_escalationrequest SET status = %s, ceiling = 999999, decided_by_id = %s,"
                " decided_at = now()", status, world.manager.pk)  # fmt: skip

    def test_what_was_answered_is_not_deleted(self) -> None:
        world = World()
        request = world.approved()
        with pytest.raises(IntegrityError, match="answered is not deleted"):
            sql("DELETE FROM collections_app_escalationrequest")
        escalation_withdraw(user=world.manager, request=request, reason="تسوية")
        with pytest.raises(IntegrityError, match="answered is not deleted"):
            sql("DELETE FROM collections_app_escalationrequest")
        assert EscalationRequest.objects.count() == 1

    def test_what_ended_keeps_its_answer(self) -> None:
        world = World()
        escalation_withdraw(user=world.collector, request=world.proposed(), reason="وعد")
        with pytest.raises(IntegrityError, match="ended stands"):
            sql("UPDATE collections_app_escalationrequest SET decision_reason = 'x'")

    @pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False), (25_000, False)])
    def test_an_authorisation_is_not_valid_beyond_what_was_asked(self, more: int, taken: bool) -> None:
        world = World()
        request, now = world.approved(), clock.now()
        last = clock.today() + dt.timedelta(days=request.valid_days)
        signed_for(request, world.signatory)

        def sign() -> None:
            with transaction.atomic():
                authorisation_begin(authorisation=Authorisation.objects.create(
                    client=world.client, case=world.case, request=request, number="A", steps=request.steps,
                    ceiling=request.ceiling, cost_ceiling=request.cost_ceiling, currency="SAR",
                    signatory=world.signatory, signed_at=now, valid_until=last + dt.timedelta(days=more),
                    document_hash=request.digest,
                ))  # fmt: skip

        if taken:
            sign()
        else:
            with pytest.raises(IntegrityError, match="beyond what was asked"):
                sign()
        assert Authorisation.objects.exists() is taken


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run acts in threads of their own; what each came to."""
    came: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            act()
            came.append("done")
        except Refused as refusal:
            came.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(came)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_managers_decide_and_one_is_heard(self) -> None:
        world = World()
        second, request = make_user(Role.COLLECTIONS_MANAGER, name="second"), world.proposed()
        came = at_once(lambda: decide(world.manager, request), lambda: decide(second, request, "REJECTED", reason="لا"))
        assert came == ["Conflict", "done"]
        assert AuditEvent.objects.filter(action__in=["escalation.approved", "escalation.rejected"]).count() == 1

    def test_signing_and_declining_at_once_ends_in_one_of_them(self) -> None:
        world = World()
        other = make_user(Role.CLIENT_SIGNATORY, client=world.client, name="other")
        request = world.approved()
        came = at_once(
            lambda: escalation_sign(user=world.signatory, request=request, digest=request.digest),
            lambda: escalation_decline(user=other, request=request, reason="لا"),
            lambda: escalation_withdraw(user=world.manager, request=request, reason="تسوية"),
        )
        assert came == ["Conflict", "Conflict", "done"]
        world.case.refresh_from_db()
        request.refresh_from_db()
        assert (world.case.track == "LEGAL") == (request.status == "SIGNED") == Authorisation.objects.exists()


class TestWithdrawing:
    def test_who_prepared_it_or_a_manager_takes_it_back(self) -> None:
        world = World()
        request = world.proposed()
        with pytest.raises(NotAllowed):
            escalation_withdraw(user=make_user(Role.AUDITOR), request=request, reason="س")
        with pytest.raises(Refused):
            escalation_withdraw(user=world.collector, request=request, reason=" ")
        assert escalation_withdraw(user=world.collector, request=request, reason="وعد بالسداد").status == "WITHDRAWN"
        second = world.approved()
        assert escalation_withdraw(user=world.manager, request=second, reason="تسوية").status == "WITHDRAWN"
        with pytest.raises(Conflict):
            escalation_sign(user=world.signatory, request=second, digest=second.digest)


@pytest.mark.requirement("PL-21")
class TestTheDatabaseHasTheLastWord:
    def test_no_case_is_legal_without_its_authorisation(self) -> None:
        world = World()
        with pytest.raises(IntegrityError, match="case_legal_needs_authorisation"):
            sql("UPDATE collections_app_case SET track = 'LEGAL'")
        request = world.approved()
        authorisation = escalation_sign(user=world.signatory, request=request, digest=request.digest)
        other = a_case(world.client, ref="D-2", owner=world.collector)
        with pytest.raises(IntegrityError):
            sql("UPDATE collections_app_case SET track = 'LEGAL', authorisation_id = %s WHERE id = %s",
                authorisation.pk, other.pk)  # fmt: skip
        with pytest.raises(IntegrityError, match="case_legal_needs_authorisation"):
            sql("UPDATE collections_app_case SET authorisation_id = NULL WHERE track = 'LEGAL'")

    def _sign_by_sql(self, world: World, request: EscalationRequest, **change: Any) -> None:
        values = {
            "client_id": world.client.pk, "case_id": request.case_id, "request_id": request.pk, "number": "AUTH-X",
            "steps": request.steps, "ceiling": request.ceiling, "cost_ceiling": request.cost_ceiling,
            "currency": "SAR", "signatory_id": world.signatory.pk, "signed_at": clock.now(),
            "valid_until": clock.today(), "document_hash": request.digest, **change,
        }  # fmt: skip
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        covers = """
            WITH signed AS (INSERT INTO collections_app_authorisation ({}) VALUES ({}) RETURNING id, client_id, case_id)
            INSERT INTO legal_authoriseddebt (client_id, authorisation_id, debt_id, share_percent)
            SELECT s.client_id, s.id, d.id, 100 FROM signed s JOIN collections_app_debt d ON d.case_id = s.case_id
        """
        sql(covers.format(names, marks), *values.values())

    def test_no_authorisation_comes_to_be_but_as_asked_approved_and_signed_by_another(self) -> None:
        world = World()
        request = world.proposed()
        with pytest.raises(IntegrityError, match="without an approved request"):
            self._sign_by_sql(world, request)
        decide(world.manager, request)
        other = make_user(Role.CLIENT_SIGNATORY, client=make_client("BBB"), name="other")
        reader = make_user(Role.CLIENT_USER, client=world.client)
        for change, words in (
            ({"signatory_id": world.manager.pk}, "prepared or decided"),
            ({"signatory_id": world.collector.pk}, "prepared or decided"),
            ({"signatory_id": other.pk}, "not signed by a signatory of its client"),
            ({"signatory_id": reader.pk}, "not signed by a signatory of its client"),
            ({"ceiling": request.ceiling + 1}, "beyond what was asked"),
            ({"cost_ceiling": request.cost_ceiling + 1}, "beyond what was asked"),
            ({"steps": ["CLAIM", "MEDIATION"]}, "beyond what was asked"),
            ({"currency": "USD"}, "beyond what was asked"),
            ({"document_hash": "0" * 64}, "beyond what was asked"),
            ({"court": "المحكمة التجارية"}, "beyond what was asked"),
            ({"region": "مكة المكرمة"}, "beyond what was asked"),
            ({"valid_from": clock.today() - dt.timedelta(days=1)}, "beyond what was asked"),
        ):
            with pytest.raises(IntegrityError, match=words):
                self._sign_by_sql(world, request, **change)
        with pytest.raises(IntegrityError, match="without its signatory's decision"):
            self._sign_by_sql(world, request)
        signed_for(request, world.signatory)
        self._sign_by_sql(world, request)

    def test_an_authorisation_stands_as_signed_and_is_revoked_once(self) -> None:
        world = World()
        request = world.approved()
        escalation_sign(user=world.signatory, request=request, digest=request.digest)
        for change in ("ceiling = ceiling + 1", "valid_until = valid_until + 1", "steps = '{CLAIM}'"):
            with pytest.raises(IntegrityError, match="stands as signed"):
                sql(f"UPDATE collections_app_authorisation SET {change}")
        with pytest.raises(IntegrityError):
            sql("DELETE FROM collections_app_authorisation")
        with pytest.raises(IntegrityError, match="who revoked, and why"):
            sql("UPDATE collections_app_authorisation SET revoked_at = now()")
        named = "revoked_at = clock_timestamp(), revoked_by_id = signatory_id, revoked_reason = 'x'"
        sql(f"UPDATE collections_app_authorisation SET {named}")
        with pytest.raises(IntegrityError, match="stands as signed"):
            sql("UPDATE collections_app_authorisation SET revoked_at = NULL")


def test_every_end_is_an_end() -> None:
    ends = {"SIGNED", "RETURNED", "REJECTED", "DECLINED", "WITHDRAWN"}
    assert {state for state, moves in ESCALATION_MOVES.items() if not moves} == ends


@pytest.mark.requirement("DC-06")
class TestPages:
    def test_the_collector_proposes_and_the_manager_finds_it(self) -> None:
        world = World()
        data = {
            "grounds": GROUNDS, "steps": ["MEDIATION"], "cost_ceiling": "500", "valid_days": "60",
            **debts_ticked(world.case), **reasons(world.case),
        }  # fmt: skip
        response = signed_in(world.collector).post(reverse("case_propose", args=[world.case.pk]), data)
        assert response.url == reverse("case", args=[world.case.pk])
        request = EscalationRequest.objects.get()
        browser = signed_in(world.manager, proven=True)
        assert waiting(browser) == [request]
        page = browser.get(reverse("escalation", args=[request.pk]))
        assert page.context["may_decide"]
        assert request.digest in page.content.decode()
        answer = {"decision": "APPROVED", "digest": request.digest, "reason": ""}
        assert browser.post(reverse("escalation_decide", args=[request.pk]), answer).url == reverse("inbox")
        assert waiting(browser, view="client") == [request]
        again = browser.post(reverse("escalation_decide", args=[request.pk]), answer)
        assert again.status_code == 422
        assert AuditEvent.objects.filter(action="escalation.approved").count() == 1

    def test_the_own_request_is_counted_and_not_offered(self) -> None:
        world = World()
        request = an_escalation(world.case, by=world.manager)
        browser = signed_in(world.manager, proven=True)
        inbox = browser.get(reverse("inbox"))
        assert (list(inbox.context["rows"]), inbox.context["own"]) == ([], 1)
        assert not browser.get(reverse("escalation", args=[request.pk])).context["may_decide"]
        answer = {"decision": "APPROVED", "digest": request.digest}
        assert browser.post(reverse("escalation_decide", args=[request.pk]), answer).status_code == 422
        assert Case.objects.get().track == "AMICABLE"

    def test_the_decided_are_listed_the_newest_first(self) -> None:
        world = World()
        decide(world.manager, world.proposed(), "REJECTED", reason="لا")
        escalation_withdraw(user=world.collector, request=world.proposed(), reason="وعد")
        rows = waiting(signed_in(world.manager), view="decided")
        assert [row.status for row in rows] == ["WITHDRAWN", "REJECTED"]
