"""What fees were charged on a contract, and what more it may bear (rule FEE-CAP)."""

from __future__ import annotations

import datetime as dt

from clients.choices import SUPERVISED
from clients.models import Client
from collections_app.choices import Component
from collections_app.models import Case, Receivable
from collections_app.rules.fees import FeeRoom, Instalment, fee_room, instalments_allowed
from collections_app.selectors.money import Facts
from common.db import rows
from common.money import ZERO
from parties.choices import PartyKind

# The receivables of a contract that should ever have come, with the fees of each: whatever is called a fee, whatever
# part it stands on, and whatever raised the part of fees; less what took it back, not what forgave it.
_OF_THE_CONTRACT = """
SELECT r.id, r.due_on, r.amount, coalesce((
    SELECT sum(e.amount)
    FROM collections_app_ledgerentry e LEFT JOIN collections_app_ledgerentry o ON o.id = e.reverses_id
    WHERE e.receivable_id = r.id AND e.payment_id IS NULL
      AND coalesce(o.kind, e.kind) IN ('CHARGE', 'DEBIT_NOTE', 'FEE', 'CREDIT_NOTE')
      AND (coalesce(o.kind, e.kind) = 'FEE' OR e.component = 'FEE')
), 0) AS fees
FROM collections_app_receivable r
WHERE r.debt_id = %(debt_id)s AND NOT EXISTS (
    SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id AND w.whole
)
"""


def fee_room_of(*, client: Client, case: Case, receivable: Receivable, facts: Facts, on: dt.date) -> FeeRoom | None:
    """What fees the receivable's contract may bear, by what was due on ``on``; None where nothing caps them.

    ``facts`` are those of the case, which the caller holds: of two fees at once the second counts the first.
    """
    allowed = instalments_allowed(
        supervised=client.kind in SUPERVISED,
        person=case.debtor.kind == PartyKind.PERSON,
        own=client.fee_cap_instalments,
    )
    if allowed is None:
        return None
    found = rows(_OF_THE_CONTRACT, {"debt_id": receivable.debt_id})
    return fee_room(
        on=on,
        allowed=allowed,
        instalments=[
            Instalment(
                due_on=row["due_on"],
                amount=row["amount"],
                open=sum(
                    (
                        facts.open_of(receivable_id=row["id"], component=component, on=on)
                        for component in (Component.PRINCIPAL, Component.PROFIT)
                    ),
                    ZERO,
                ),
            )
            for row in found
        ],
        charged=sum((row["fees"] for row in found), ZERO),
    )
