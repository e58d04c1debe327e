"""Where a customer stands on a day: agreement, limit, stops, and how much of the limit is used."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from common.db import rows
from credit.models import CreditLimit, CreditStop, Customer, FacilityAgreement


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

    @property
    def total(self) -> Decimal:
        return self.invoices + self.reserved


# Counted by the database's own functions, which prove it again when an order is taken (migration ``credit.0040``).
_EXPOSURE = """
SELECT credit_owed(%(customer_id)s) AS invoices, credit_reserved(%(customer_id)s, %(on)s) AS reserved
"""


def exposure_of(*, customer_id: int, on: dt.date) -> Exposure:
    """Open invoices by the ledger, and accepted orders that are not invoiced yet (CM-23)."""
    found = rows(_EXPOSURE, {"customer_id": customer_id, "on": on}, kept=True)[0]
    return Exposure(invoices=found["invoices"], reserved=found["reserved"])
