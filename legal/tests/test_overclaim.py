"""The over-claim guard: a court is never asked for more than the ledger says is owed, without somebody being told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from collections_app.services.ledger import payment_post, payment_reverse
from common import clock
from common.audit import Actor
from legal.models import LegalTask
from legal.tests.worlds import a_claim, a_court

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")


@pytest.mark.requirement("PL-23")
def test_money_after_filing_asks_to_amend_and_its_reversal_makes_it_moot() -> None:
    court = a_court()
    claim = a_claim(court)
    today = clock.today()
    payment = payment_post(actor=ACTOR, case=court.case, amount=Decimal("300.00"), currency="SAR", value_on=today)
    task = LegalTask.objects.get(claim=claim)
    assert (task.kind, task.state) == ("AMEND_CLAIM", "OPEN")
    assert task.evidence[0] | {"at": ""} == {
        "what": "PAYMENT", "id": payment.pk, "amount": "300.00", "on": today.isoformat(), "owed": "700.00",
        "filed": "1000.00", "at": "",
    }  # fmt: skip
    payment_post(actor=ACTOR, case=court.case, amount=Decimal("200.00"), currency="SAR", value_on=today)
    task.refresh_from_db()
    assert [e["owed"] for e in task.evidence] == ["700.00", "500.00"]
    payment_reverse(actor=ACTOR, payment=payment, on=today, reason="ارتد")
    task.refresh_from_db()
    assert task.state == "OPEN"
