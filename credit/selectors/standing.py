"""Where a customer stands on a day: agreement, limit, stops, and how much of the limit is used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from common.db import rows
from credit.models import CreditLimit, CreditStop, Customer, FacilityAgreement
from credit.rules.orders import free


def agreement_last(*, customer: Customer, on: dt.date) -> FacilityAgreement | None:
    """The last agreement signed by a day, also when it is over."""
    return customer.agreements.filter(signed_on__lte=on).order_by("-signed_on", "-pk").first()


def agreement_on(*, customer: Customer, on: dt.date) -> FacilityAgreement | None:
    """The agreement in force on a day: signed, and not ended before it."""
    found = agreement_last(customer=customer, on=on)
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
    # What the client's policy bounds beside the limit: the most that may be unpaid past its terms (None: whatever it
    # is), and the most that may be open and not past them (None: no bound), of which so much is.
    overdue_tolerated: Decimal | None
    not_due_most: Decimal | None
    not_due: Decimal | None

    @property
    def total(self) -> Decimal:
        return self.invoices + self.reserved

    @property
    def not_due_room(self) -> Decimal | None:
        """What may still be ordered by the bound of what is not due; None where there is none."""
        if self.not_due_most is None or self.not_due is None:
            return None
        return self.not_due_most - self.not_due - self.reserved

    def free(self, *, limit: Decimal) -> Decimal:
        """What may still be ordered; below zero where more is used than may be."""
        return free(limit=limit, used=self.total, not_due_room=self.not_due_room)


# Counted by the database's own functions, which prove it again when an order is taken (migrations ``credit.0040`` and
# ``credit.0060``).
_EXPOSURE = """
SELECT credit_owed(c.id) AS invoices, credit_reserved(c.id, %(on)s) AS reserved, b.overdue_tolerated, b.not_due_most,
       CASE WHEN b.not_due_most IS NOT NULL THEN credit_not_due(c.id, %(on)s) END AS not_due
FROM credit_customer c CROSS JOIN LATERAL credit_bounds(c.client_id, %(on)s) b
WHERE c.id = %(customer_id)s
"""


def exposure_of(*, customer_id: int, on: dt.date) -> Exposure:
    """Open invoices by the ledger, and accepted orders that are not invoiced yet (CM-23)."""
    return Exposure(**rows(_EXPOSURE, {"customer_id": customer_id, "on": on}, kept=True)[0])
