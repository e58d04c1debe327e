"""No act, claim or cost without a live authorisation that covers it: by the services, and by SQL past them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import IntegrityError

from accounts.choices import Role
from common import clock
from common.exceptions import NotAllowed, Refused
from common.models import AuditEvent
from legal.choices import STEP_OF, ActKind, AuthorisationState
from legal.models import Claim, LegalAct, LegalCost
from legal.selectors.authorisations import (
    authorisation_state,
)
from legal.services.authorisations import authorisation_revoke
from legal.services.claims import claim_amend, claim_end
from legal.tests.authority_world import ACT_BY_SQL, CLAIM_BY_SQL, COST_BY_SQL, Desk, by_sql, sql
from tests.world import make_user

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
