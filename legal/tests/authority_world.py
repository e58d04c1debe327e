"""A signed case and its people, and the doors of acts in one word each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from accounts.choices import Role
from collections_app.models import Authorisation, Case
from collections_app.services.ledger import payment_post
from common import clock
from legal.choices import ActKind, CostKind
from legal.models import Claim, LegalAct, LegalCost, LegalFile
from legal.services.acts import act_record
from legal.services.claims import claim_file
from legal.services.costs import cost_record
from legal.services.escalations import escalation_decide, escalation_propose, escalation_sign
from tests.world import ACTOR, a_case, an_open_file, make_client, make_user

STEPS = ("FINAL_NOTICE", "CLAIM", "MEDIATION")


def sql(statement: str, *values: Any) -> None:
    """By SQL alone, in a transaction of its own whose deferred constraints are asked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Desk:
    """One client, its signatory, the agency's people, and a case that owes 1,000.00."""

    def __init__(self, code: str = "AAA", *, amount: str = "1000.00") -> None:
        low = code.lower()
        self.client = make_client(code)
        self.collector = make_user(Role.COLLECTOR, name=f"{low}.collector")
        self.manager = make_user(Role.COLLECTIONS_MANAGER, name=f"{low}.manager")
        self.officer = make_user(Role.LEGAL_OFFICER, name=f"{low}.officer")
        self.signatory = make_user(Role.CLIENT_SIGNATORY, client=self.client, name=f"{low}.signatory")
        self.case = a_case(self.client, ref=f"{code}-1", amount=amount, owner=self.collector)

    def signed(
        self, *, steps: tuple[str, ...] = STEPS, costs: str = "100.00", days: int = 90, **terms: Any
    ) -> Authorisation:
        request = escalation_propose(
            user=self.collector, case=self.case, grounds="وعود لم تُوفَ ولا رد منذ شهر.", steps=steps,
            cost_ceiling=Decimal(costs), valid_days=days, **terms,
        )  # fmt: skip
        request = escalation_decide(user=self.manager, request=request, decision="APPROVED", digest=request.digest)
        authorisation = escalation_sign(user=self.signatory, request=request, digest=request.digest)
        self.case.refresh_from_db()
        return authorisation

    def file(self, authorisation: Authorisation) -> LegalFile:
        return an_open_file(authorisation, by=self.officer)

    def claim(self, authorisation: Authorisation, amount: str = "600.00", **told: Any) -> Claim:
        told = {"filed_on": clock.today(), "kind": ActKind.FILING, **told}
        return claim_file(user=self.officer, file=self.file(authorisation), amount=Decimal(amount), **told)

    def act(self, authorisation: Authorisation, kind: str = ActKind.FINAL_NOTICE, **told: Any) -> LegalAct:
        told = {"on": clock.today(), "user": self.officer, **told}
        return act_record(authorisation=authorisation, kind=kind, **told)

    def cost(self, authorisation: Authorisation, amount: str = "40.00", **told: Any) -> LegalCost:
        told = {"on": clock.today(), "kind": CostKind.COURT_FEE, **told}
        return cost_record(user=self.officer, authorisation=authorisation, amount=Decimal(amount), **told)

    def pays(self, amount: str, *, on: dt.date | None = None) -> None:
        payment_post(actor=ACTOR, case=self.case, amount=Decimal(amount), currency="SAR", value_on=on or clock.today())

    def now(self) -> Case:
        self.case.refresh_from_db()
        return self.case


# An act, a cost and a claim as somebody would write them by hand, past every service.
ACT_BY_SQL = """
INSERT INTO legal_legalact (client_id, case_id, authorisation_id, claim_id, kind, "on", amount, currency, reference,
    note, recorded_at, event_id)
SELECT a.client_id, a.case_id, a.id, %(claim)s, %(kind)s, %(on)s, %(amount)s, %(currency)s, '', '', %(at)s, 0
FROM collections_app_authorisation a WHERE a.id = %(authorisation)s
"""
COST_BY_SQL = """
INSERT INTO legal_legalcost (client_id, case_id, authorisation_id, kind, "on", amount, currency, payee, note,
    recorded_by_id, recorded_at, event_id, reverses_id)
SELECT a.client_id, a.case_id, a.id, %(kind)s, %(on)s, %(amount)s, %(currency)s, '', '', a.signatory_id, %(at)s, 0,
    %(reverses)s
FROM collections_app_authorisation a WHERE a.id = %(authorisation)s
"""
CLAIM_BY_SQL = """
WITH filed AS (
    INSERT INTO legal_claim (client_id, case_id, authorisation_id, file_id, kind, reference, filed_on, amount, currency,
        state)
    SELECT a.client_id, a.case_id, a.id, %(file)s, %(kind)s, '', %(on)s, %(amount)s, %(currency)s, 'FILED'
    FROM collections_app_authorisation a WHERE a.id = %(authorisation)s RETURNING *
)
SELECT id FROM filed
"""


def by_sql(statement: str, **told: Any) -> int | None:
    """Run one of the statements above; the id that it gives, if any."""
    told = {
        "kind": "FINAL_NOTICE", "on": clock.today(), "amount": 0, "currency": "SAR", "at": clock.now(), "claim": None,
        "reverses": None, **told,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, told)
        return cursor.fetchone()[0] if cursor.description else None
