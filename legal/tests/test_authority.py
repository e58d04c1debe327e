"""No act, claim or cost without a live authorisation that covers it: by the services, and by SQL past them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError, ProgrammingError

from accounts.choices import Role
from collections_app.models import Debt
from collections_app.services.ledger import note_post
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from legal.choices import CLAIM_MOVES, STEP_OF, ActKind, AuthorisationState, ClaimState, LegalTaskState
from legal.models import Claim, Instrument, LegalAct, LegalCost, LegalTask
from legal.rules.authority import REFUSALS
from legal.selectors.authorisations import (
    authorisation_live_of,
    authorisation_state,
    ceiling_left,
    costs_left,
)
from legal.services.authorisations import authorisation_revoke, step_authorisations
from legal.services.claims import claim_amend, claim_end
from legal.services.costs import cost_reverse
from legal.tests.authority_world import ACT_BY_SQL, CLAIM_BY_SQL, COST_BY_SQL, Desk, by_sql, sql
from tests.world import ACTOR, an_escalation, make_user, signed_for

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def refused(code: str, act: Callable[[], Any]) -> None:
    """The act is refused with this code and nothing is written."""
    before = (LegalAct.objects.count(), Claim.objects.count(), LegalCost.objects.count(), AuditEvent.objects.count())
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    assert caught.value.code == code
    after = (LegalAct.objects.count(), Claim.objects.count(), LegalCost.objects.count(), AuditEvent.objects.count())
    assert after == before


def refused_by_sql(code: str, statement: str, **told: Any) -> None:
    with pytest.raises(IntegrityError) as caught:
        by_sql(statement, **told)
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.diag.constraint_name == code  # type: ignore[attr-defined]


@pytest.mark.requirement("PL-21")
class TestActs:
    def test_an_act_within_its_authorisation_is_recorded_and_told(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        act = desk.act(authorisation, reference="N-1", note="أُرسل")
        assert (act.kind, act.case_id, act.recorded_by) == ("FINAL_NOTICE", desk.case.pk, desk.officer)
        event = AuditEvent.objects.get(pk=act.event_id)
        assert (event.action, event.subject_id, event.body["kind"]) == (
            "legal.act_recorded", authorisation.pk, "FINAL_NOTICE",
        )  # fmt: skip

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEGAL_OFFICER, Role.COLLECTIONS_MANAGER}))
    def test_the_legal_desk_alone_records(self, role: str) -> None:
        desk = Desk()
        authorisation = desk.signed()
        with pytest.raises(NotAllowed):
            desk.act(authorisation, user=make_user(role, name="other"))

    @pytest.mark.parametrize("kind", sorted(STEP_OF))
    def test_each_act_needs_its_own_step(self, kind: str) -> None:
        """Of every kind: with any step that it stands on it is taken, with all others it is refused, both ways."""
        desk = Desk()
        all_steps = {"FINAL_NOTICE", "CLAIM", "MEDIATION", "NOTE_ENFORCEMENT"}
        others = tuple(sorted(all_steps - STEP_OF[kind]))
        authorisation = desk.signed(steps=others)
        if kind in {"FILING", "ENFORCEMENT_REQUEST"}:
            refused("authorisation_step", lambda: desk.claim(authorisation, kind=kind))
            refused_by_sql(
                "authorisation_step", CLAIM_BY_SQL, authorisation=authorisation.pk, kind=kind, amount=1,
                file=desk.file(authorisation).pk,
            )  # fmt: skip
        else:
            refused("authorisation_step", lambda: desk.act(authorisation, kind))
            refused_by_sql("authorisation_step", ACT_BY_SQL, authorisation=authorisation.pk, kind=kind)
        authorisation_revoke(user=desk.manager, authorisation=authorisation, reason="خطأ في الخطوات")
        desk.now()
        for step in sorted(STEP_OF[kind]):
            granted = desk.signed(steps=(step,))
            if kind in {"FILING", "ENFORCEMENT_REQUEST"}:
                assert desk.claim(granted, "10.00", kind=kind).state == "FILED"
            else:
                assert desk.act(granted, kind).kind == kind
            claim = Claim.objects.filter(case=desk.case).first()
            if claim is not None:
                claim_end(user=desk.officer, claim=claim, state="WITHDRAWN", on=clock.today(), note="سحب")
            authorisation_revoke(user=desk.manager, authorisation=granted, reason="التالي")
            desk.now()

    def test_both_ends_of_its_validity(self) -> None:
        desk = Desk()
        today = clock.today()
        authorisation = desk.signed(days=10)
        last = today + 10 * DAY
        refused("authorisation_not_begun", lambda: desk.act(authorisation, on=today - DAY))
        refused_by_sql("authorisation_not_begun", ACT_BY_SQL, authorisation=authorisation.pk, on=today - DAY)
        refused("act_ahead", lambda: desk.act(authorisation, on=today + DAY))
        refused_by_sql("act_ahead", ACT_BY_SQL, authorisation=authorisation.pk, on=today + DAY)
        with clock.at(clock.at_riyadh(on=last, time=dt.time(23, 59))):
            assert desk.act(authorisation, on=last).on == last
            assert desk.cost(authorisation, on=last).on == last
        with clock.at(clock.at_riyadh(on=last + DAY, time=dt.time(0, 1))):
            for day in (last, last + DAY):
                refused("authorisation_expired", lambda day=day: desk.act(authorisation, on=day))
                refused_by_sql("authorisation_expired", ACT_BY_SQL, authorisation=authorisation.pk, on=day)
                refused("authorisation_expired", lambda day=day: desk.cost(authorisation, on=day))
                refused_by_sql(
                    "authorisation_expired", COST_BY_SQL, authorisation=authorisation.pk, on=day, amount=1,
                    kind="OTHER",
                )  # fmt: skip
                refused("authorisation_expired", lambda day=day: desk.claim(authorisation, filed_on=day))

    def test_of_another_case_or_currency_it_covers_nothing(self) -> None:
        desk, other = Desk("AAA"), Desk("BBB")
        authorisation, foreign = desk.signed(), other.signed()
        with pytest.raises(IntegrityError):
            sql(
                'INSERT INTO legal_legalact (client_id, case_id, authorisation_id, kind, "on", amount, currency,'
                " reference, note, recorded_at, event_id) VALUES (%s, %s, %s, 'FINAL_NOTICE', %s, 0, 'SAR', '', '',"
                " now(), 0)", other.client.pk, other.case.pk, authorisation.pk, clock.today(),
            )  # fmt: skip
        refused_by_sql("authorisation_currency", ACT_BY_SQL, authorisation=foreign.pk, currency="USD")
        refused_by_sql(
            "authorisation_currency", COST_BY_SQL, authorisation=foreign.pk, currency="USD", amount=1, kind="OTHER"
        )
        refused_by_sql(
            "authorisation_currency", CLAIM_BY_SQL, authorisation=foreign.pk, currency="USD", amount=1, kind="FILING",
            file=other.file(foreign).pk,
        )  # fmt: skip

    def test_what_only_steps_back_needs_no_live_authorisation(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        claim = desk.claim(authorisation)
        authorisation_revoke(user=desk.signatory, authorisation=authorisation, reason="تسوية مباشرة")
        assert desk.now().track == "LEGAL"  # a claim stands still
        today = clock.today()
        refused("authorisation_revoked", lambda: desk.act(authorisation))
        refused(
            "authorisation_revoked",
            lambda: claim_amend(user=desk.officer, claim=claim, amount=Decimal(700), on=today, reason="زيادة"),
        )
        refused(
            "authorisation_revoked",
            lambda: claim_end(user=desk.officer, claim=claim, state="SETTLED", on=today, note="صلح"),
        )
        desk.act(authorisation, ActKind.HEARING, claim=claim)
        claim = claim_amend(user=desk.officer, claim=claim, amount=Decimal(500), on=today, reason="دفعة")
        assert claim.amount == Decimal(500)
        claim = claim_end(user=desk.officer, claim=claim, state="JUDGED", on=today, note="حكم")
        claim = claim_end(user=desk.officer, claim=claim, state="WITHDRAWN", on=today, note="سحب")
        assert (claim.state, claim.ended_on) == ("WITHDRAWN", today)
        desk.act(authorisation, ActKind.NOTE_RETURNED)
        assert (desk.now().track, desk.case.authorisation) == ("AMICABLE", None)

    def test_when_nothing_is_owed_and_nothing_stands_it_is_used_up(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        desk.pays("1000.00")
        assert authorisation_state(authorisation=authorisation, on=clock.today()) == AuthorisationState.USED_UP
        refused("authorisation_used_up", lambda: desk.act(authorisation))
        refused_by_sql("authorisation_used_up", ACT_BY_SQL, authorisation=authorisation.pk)
        # The lawyer's bill comes after the money.
        assert desk.cost(authorisation).amount == Decimal(40)


@pytest.mark.django_db(transaction=True)
def test_in_production_nothing_is_recorded_elsewhen() -> None:
    """Where the clock may not be set, the database takes its own: a forged moment does not help by SQL either."""
    desk = Desk()
    authorisation = desk.signed()
    earlier = clock.now() - dt.timedelta(hours=2)
    told = {"authorisation": authorisation.pk, "kind": "NOTE_RETURNED", "at": earlier}
    told["on"] = earlier.astimezone(clock.RIYADH).date()
    by_sql(ACT_BY_SQL, **told)
    said = "CREATE OR REPLACE FUNCTION house_clock_may_be_set() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT {}'"
    with connections["owner"].cursor() as owner:
        owner.execute(said.format("false"))
        try:
            refused_by_sql("act_recorded_elsewhen", ACT_BY_SQL, **told)
            desk.act(authorisation)
        finally:
            owner.execute(said.format("true"))


@pytest.mark.requirement("PL-21")
class TestClaims:
    def test_claims_stay_within_ceiling_and_what_is_owed(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        file = desk.file(authorisation)
        refused("authorisation_ceiling", lambda: desk.claim(authorisation, "1000.01"))
        claim = desk.claim(authorisation, "600.00")
        assert ceiling_left(authorisation=authorisation) == Decimal("400.00")
        told = {"authorisation": authorisation.pk, "kind": "FILING", "file": file.pk}
        refused_by_sql("authorisation_ceiling", CLAIM_BY_SQL, amount="400.01", **told)
        desk.pays("300.00")  # 700 are owed, of which 600 are claimed
        assert ceiling_left(authorisation=authorisation) == Decimal("100.00")
        refused("authorisation_cover", lambda: desk.claim(authorisation, "100.01"))
        refused_by_sql("authorisation_cover", CLAIM_BY_SQL, amount="100.01", **told)
        desk.claim(authorisation, "100.00")
        assert ceiling_left(authorisation=authorisation) == Decimal(0)
        today = clock.today()
        refused(
            "authorisation_cover",
            lambda: claim_amend(user=desk.officer, claim=claim, amount=Decimal("600.01"), on=today, reason="خطأ"),
        )
        claim_end(user=desk.officer, claim=claim, state="WITHDRAWN", on=today, note="سحب")
        assert ceiling_left(authorisation=authorisation) == Decimal("600.00")

    def test_notes_and_what_is_taken_back_move_what_may_be_claimed(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        for kind, amount in (("CREDIT_NOTE", 100), ("WRITE_OFF", 200)):
            note_post(
                actor=ACTOR, receivable=desk.case.receivables.get(), kind=kind, amount=Decimal(amount),
                value_on=clock.today(), reason="س",
            )  # fmt: skip
        assert ceiling_left(authorisation=authorisation) == Decimal("700.00")
        # More is owed afterwards than was signed for: the ceiling holds.
        note_post(
            actor=ACTOR, receivable=desk.case.receivables.get(), kind="DEBIT_NOTE", amount=Decimal(900),
            value_on=clock.today(), reason="س",
        )  # fmt: skip
        assert ceiling_left(authorisation=authorisation) == Decimal("1000.00")

    def test_a_debtor_answers_for_their_share_alone(self) -> None:
        """JOINT-LIABILITY: of a debt signed for at 40 %, no more than that is claimed."""
        desk = Desk()
        authorisation = desk.signed(debts={Debt.objects.get(case=desk.case).pk: Decimal(40)})
        assert ceiling_left(authorisation=authorisation) == Decimal("400.00")
        refused("authorisation_ceiling", lambda: desk.claim(authorisation, "400.01"))
        desk.pays("100.00")
        assert ceiling_left(authorisation=authorisation) == Decimal("360.00")
        refused("authorisation_cover", lambda: desk.claim(authorisation, "360.01"))
        assert desk.claim(authorisation, "360.00").amount == Decimal(360)

    def test_its_debts_are_told_once_and_no_other_is_covered(self) -> None:
        desk, other = Desk("AAA"), Desk("BBB")
        authorisation = desk.signed()
        debt = Debt.objects.create(client=desk.client, case=desk.case, debt_ref="LATER", currency="SAR")
        told = "INSERT INTO legal_authoriseddebt (client_id, authorisation_id, debt_id, share_percent)"
        with pytest.raises(IntegrityError, match="authorised_debts_once"):
            sql(f"{told} VALUES (%s, %s, %s, 100)", desk.client.pk, authorisation.pk, debt.pk)
        for verb in ("UPDATE legal_authoriseddebt SET share_percent = 1", "DELETE FROM legal_authoriseddebt"):
            with pytest.raises(ProgrammingError):
                sql(verb)
        note = Instrument.objects.create(
            client=desk.client, debt=debt, kind="PROMISSORY_NOTE", amount=10, currency="SAR",
            recorded_by=desk.officer, recorded_at=clock.now(),
        )  # fmt: skip
        refused("authorisation_debt", lambda: desk.claim(authorisation, "10.00", instrument=note))
        with pytest.raises(IntegrityError):  # a debt of another client
            sql(
                f"{told} VALUES (%s, %s, %s, 100)",
                desk.client.pk,
                authorisation.pk,
                Debt.objects.get(case=other.case).pk,
            )

    def test_a_claim_is_what_its_acts_say(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        claim = desk.claim(authorisation)
        for change in ("amount = 1", "state = 'WITHDRAWN'", "ended_on = now()", "authorisation_id = 1"):
            with pytest.raises(ProgrammingError):
                sql(f"UPDATE legal_claim SET {change}")
        told = {"authorisation": authorisation.pk, "kind": "FILING", "file": claim.file_id, "amount": 10}
        with pytest.raises(IntegrityError, match="claim_of_its_act"), transaction.atomic():
            by_sql(CLAIM_BY_SQL, **told)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # An act that files says what its claim says, once.
        for wrong in ({"amount": 599}, {"amount": 600}, {"kind": "ENFORCEMENT_REQUEST", "amount": 600}):
            told = {"authorisation": authorisation.pk, "claim": claim.pk, "kind": "FILING", **wrong}
            refused_by_sql("claim_of_its_act", ACT_BY_SQL, **told)

    @pytest.mark.parametrize("state", [s for s in ClaimState if s != ClaimState.FILED])
    def test_claims_move_as_declared(self, state: str) -> None:
        desk = Desk()
        claim, today = desk.claim(desk.signed()), clock.today()
        claim = claim_end(user=desk.officer, claim=claim, state=state, on=today, note="قرار")
        assert (claim.state, claim.ended_on) == (state, None if state == ClaimState.JUDGED else today)
        for to in ClaimState:
            if to not in CLAIM_MOVES[state]:
                refused(
                    "claim_move",
                    lambda to=to: claim_end(user=desk.officer, claim=claim, state=to, on=today, note="قرار"),
                )
        if state != ClaimState.JUDGED:
            refused("claim_over", lambda: desk.act(claim.authorisation, ActKind.HEARING, claim=claim))


@pytest.mark.requirement("PL-21", "PL-23")
class TestCosts:
    def test_costs_stay_within_their_ceiling_and_come_back_whole(self) -> None:
        desk = Desk()
        authorisation = desk.signed(costs="100.00")
        cost = desk.cost(authorisation, "60.00")
        refused("authorisation_costs", lambda: desk.cost(authorisation, "40.01"))
        told = {"authorisation": authorisation.pk, "kind": "COURT_FEE"}
        refused_by_sql("authorisation_costs", COST_BY_SQL, amount="40.01", **told)
        desk.cost(authorisation, "40.00")
        assert costs_left(authorisation=authorisation) == Decimal(0)
        refused_by_sql("cost_taken_back_whole", COST_BY_SQL, amount=-59, reverses=cost.pk, **told)
        back = cost_reverse(user=desk.officer, cost=cost, reason="مكررة")
        assert (back.amount, costs_left(authorisation=authorisation)) == (Decimal(-60), Decimal(60))
        for again in (cost, back):
            refused(
                "cost_taken_back_whole", lambda again=again: cost_reverse(user=desk.officer, cost=again, reason="س")
            )


@pytest.mark.requirement("PL-21")
class TestEnds:
    def test_the_client_revokes_and_the_case_is_amicable_again(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        assert authorisation_live_of(case=desk.case, on=clock.today()) == authorisation
        stranger = Desk("BBB").signatory
        for who in (desk.officer, desk.collector, stranger):
            with pytest.raises(NotAllowed):
                authorisation_revoke(user=who, authorisation=authorisation, reason="س")
        refused(
            "revoke_reason", lambda: authorisation_revoke(user=desk.signatory, authorisation=authorisation, reason=" ")
        )
        found = authorisation_revoke(user=desk.signatory, authorisation=authorisation, reason="تسوية مباشرة")
        assert (found.revoked_by, found.revoked_reason) == (desk.signatory, "تسوية مباشرة")
        assert (desk.now().track, desk.case.authorisation) == ("AMICABLE", None)
        assert authorisation_live_of(case=desk.case, on=clock.today()) is None
        with pytest.raises(Conflict):
            authorisation_revoke(user=desk.manager, authorisation=authorisation, reason="س")
        for code, statement, told in (
            ("authorisation_revoked", ACT_BY_SQL, {}),
            ("authorisation_revoked", COST_BY_SQL, {"kind": "OTHER", "amount": 1}),
        ):
            refused_by_sql(code, statement, authorisation=authorisation.pk, **told)

    def test_a_renewal_stands_in_its_place_and_bears_its_claims(self) -> None:
        desk = Desk()
        first = desk.signed(days=40)
        claim = desk.claim(first, "600.00")
        refused("case_legal", lambda: desk.signed())  # it does not end soon
        with clock.at(clock.at_riyadh(on=clock.today() + 12 * DAY)):
            second = desk.signed(days=90)
            first.refresh_from_db()
            assert (first.replaced_by, desk.now().authorisation) == (second, second)
            assert authorisation_state(authorisation=first, on=clock.today()) == AuthorisationState.REPLACED
            assert (claim.authorisation, ceiling_left(authorisation=second)) == (first, Decimal(400))
            refused("authorisation_replaced", lambda: desk.act(first))
            refused_by_sql("authorisation_replaced", ACT_BY_SQL, authorisation=first.pk)
            refused("authorisation_ceiling", lambda: desk.claim(second, "400.01"))
            amended = claim_amend(
                user=desk.officer, claim=claim, amount=Decimal(900), on=clock.today(), reason="مصاريف"
            )
            assert amended.amount == Decimal(900)
            assert amended.acts.latest("pk").authorisation == second

    def test_what_is_before_the_court_fits_under_the_next_one(self) -> None:
        desk = Desk()
        desk.claim(desk.signed(days=20), "900.00")
        desk.pays("200.00")
        with pytest.raises(Refused) as caught:
            desk.signed()
        assert caught.value.code == "authorisation_below_claims"

    def test_one_stands_a_case_by_the_database_as_well(self) -> None:
        desk = Desk()
        first = desk.signed(steps=("CLAIM",), days=20)
        request = an_escalation(desk.now(), by=desk.collector, approved_by=desk.manager)
        signed_for(request, by=desk.signatory)
        names = "client_id, case_id, steps, ceiling, cost_ceiling, currency, signatory_id, valid_until"
        with pytest.raises(IntegrityError, match="authorisation_one_stands"):
            sql(
                f"INSERT INTO collections_app_authorisation ({names}, request_id, number, signed_at, document_hash)"
                f" SELECT {names}, %s, 'X', signed_at, %s FROM collections_app_authorisation WHERE id = %s",
                request.pk, request.digest, first.pk,
            )  # fmt: skip

    def test_a_revoked_one_is_not_replaced_nor_replaced_by_an_earlier(self) -> None:
        desk = Desk()
        first = desk.signed(days=20)
        second = desk.signed()
        with pytest.raises(IntegrityError, match="stands as signed"):
            sql("UPDATE collections_app_authorisation SET revoked_at = clock_timestamp(), revoked_by_id = signatory_id,"
                " revoked_reason = 'x' WHERE id = %s", first.pk)  # fmt: skip
        with pytest.raises(IntegrityError, match="a later one of its case"):
            sql("UPDATE collections_app_authorisation SET replaced_by_id = %s WHERE id = %s", first.pk, second.pk)

    def test_warned_of_on_the_four_days_each_once(self) -> None:
        desk = Desk()
        authorisation = desk.signed(days=40)
        told = []
        for left in (40, 31, 30, 29, 14, 13, 7, 2, 1, 1, 0):
            day = authorisation.valid_until - left * DAY
            step_authorisations(client_id=desk.client.pk, day=day, since=day, last=True)
            task = LegalTask.objects.filter(authorisation=authorisation).first()
            told.append(None if task is None else [warned["days"] for warned in task.evidence])
        assert told == [
            None, None, [30], [30], [30, 14], [30, 14], [30, 14, 7], [30, 14, 7], *[[30, 14, 7, 1]] * 3,
        ]  # fmt: skip
        after = authorisation.valid_until + DAY
        assert step_authorisations(client_id=desk.client.pk, day=after, since=after, last=True) == 1
        assert (desk.now().track, desk.case.authorisation) == ("AMICABLE", None)
        assert step_authorisations(client_id=desk.client.pk, day=after, since=after, last=True) == 0

    def test_a_renewal_answers_the_warning_and_a_paid_case_needs_none(self) -> None:
        desk, paid = Desk("AAA"), Desk("BBB")
        first, today = desk.signed(days=20), clock.today()
        other = paid.signed(days=20)
        for each in (desk, paid):
            step_authorisations(client_id=each.client.pk, day=today, since=today, last=True)
        desk.signed()
        assert LegalTask.objects.get(authorisation=first).state == LegalTaskState.DONE
        paid.pays("1000.00")
        step_authorisations(client_id=paid.client.pk, day=today, since=today, last=True)
        assert LegalTask.objects.get(authorisation=other).state == LegalTaskState.MOOT


def test_every_refusal_of_the_database_has_its_words() -> None:
    """What a trigger may say is known to the rules, so that a person reads a sentence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE prosrc LIKE '%legal_refuse(%' AND proname <> 'legal_refuse'")
        said = {code for (source,) in cursor.fetchall() for code in re.findall(r"legal_refuse\('(\w+)'\)", source)}
    assert said and said <= set(REFUSALS)
