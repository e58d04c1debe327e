"""Where a customer stands on a day: agreement, limit, stops, and how much of the limit is used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from common.db import rows
from credit.models import CreditLimit, CreditStop, Customer, FacilityAgreement


def agreement_on(*, customer: Customer, on: dt.date) -> FacilityAgreement | None:
    """The agreement in force on a day: signed, and not ended before it."""
    found = customer.agreements.filter(signed_on__lte=on).order_by("-signed_on", "-pk").first()
    return found if found is not None and (found.ends_on is None or on <= found.ends_on) else None


def limit_on(*, customer: Customer, on: dt.date) -> CreditLimit | None:
    """The limit that ruled on a day: the latest recorded of those that had begun, also when its year is over."""
    return customer.limits.filter(starts_on__lte=on).order_by("-starts_on", "-pk").first()


def stops_standing(*, customer: Customer) -> list[CreditStop]:
    """The stops that stand, the oldest first."""
    return list(customer.stops.filter(ended_on__isnull=True).order_by("began_on", "pk"))


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """What a limit is used by, in the customer's currency."""

    invoices: Decimal
    reserved: Decimal

    @property
    def total(self) -> Decimal:
        return self.invoices + self.reserved


# An accepted order reserves what has not become an invoice in the ledger, until its reservation runs out.
_EXPOSURE = """
SELECT
    coalesce((
        SELECT sum(r.balance) FROM collections_app_case k
        JOIN collections_app_receivable r ON r.case_id = k.id
        WHERE k.debtor_id = c.debtor_id AND r.status = 'OPEN' AND r.currency = c.currency
    ), 0) AS invoices,
    coalesce((
        SELECT sum(greatest(o.amount - coalesce((
            SELECT sum(i.amount) FROM credit_orderinvoice i WHERE i.order_id = o.id AND EXISTS (
                SELECT 1 FROM collections_app_receivable r JOIN collections_app_case k ON k.id = r.case_id
                WHERE r.client_id = i.client_id AND r.receivable_ref = i.receivable_ref
                  AND k.debtor_id = c.debtor_id AND NOT r.struck
            )
        ), 0), 0))
        FROM credit_order o
        WHERE o.customer_id = c.id AND o.kind = 'CREDIT' AND o.state = 'ACCEPTED' AND o.reserved_until >= %(on)s
    ), 0) AS reserved
FROM credit_customer c WHERE c.id = %(customer_id)s
"""


def exposure_of(*, customer_id: int, on: dt.date) -> Exposure:
    """Open invoices by the ledger, and accepted orders that are not invoiced yet (CM-23)."""
    found = rows(_EXPOSURE, {"customer_id": customer_id, "on": on})[0]
    return Exposure(invoices=found["invoices"], reserved=found["reserved"])
