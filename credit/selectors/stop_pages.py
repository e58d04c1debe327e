"""What the pages say of a customer's stops: why, since when, and which invoice comes next."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

from common.db import rows
from credit.choices import CLAIMS_ALL, PeriodStart, StopKind
from credit.models import Customer, FacilityAgreement, StopFollowUp
from credit.rules.stops import Days, claimed, days_counted, first_day_past, period_begins
from credit.selectors.policies import credit_policy_on
from credit.selectors.stops import stops_found

_OPEN = """
SELECT r.id, r.receivable_ref, r.issued_on, r.due_on, r.balance, r.currency, r.case_id, r.in_default, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(h.from_on, h.until_on)), '[]') FROM collections_app_hold h
    WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
      AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.kind = 'OBJECTION' AND h.decision = 'ACCEPTED'
) AS suspended
FROM collections_app_case k JOIN collections_app_receivable r ON r.case_id = k.id
WHERE k.debtor_id = %(debtor_id)s AND r.status = 'OPEN' AND r.balance > 0
ORDER BY r.issued_on, r.id
"""


@dataclass(frozen=True, kw_only=True)
class OpenInvoice:
    """An open invoice beside its terms."""

    ref: str
    issued_on: dt.date
    balance: Decimal
    currency: str
    case_id: int
    terms_days: int
    # Days that count by today, and the first day past its terms; None while an objection suspends it.
    days: int
    past_on: dt.date | None
    suspended: bool
    in_default: bool

    def is_past(self, today: dt.date) -> bool:
        return self.past_on is not None and self.past_on <= today and not self.suspended


def open_invoices(*, customer: Customer, today: dt.date) -> list[OpenInvoice]:
    """The open invoices of a customer, the oldest first, each with the day on which it stops credit."""
    contracts = list(customer.agreements.order_by("-signed_on", "-pk"))
    found = []
    for row in rows(_OPEN, {"debtor_id": customer.debtor_id}):
        days, start = _terms(customer=customer, contracts=contracts, issued_on=row["issued_on"])
        since = period_begins(start=start, issued_on=row["issued_on"], due_on=row["due_on"], terms_days=days)
        held = _spans(row["suspended"])
        found.append(
            OpenInvoice(
                ref=row["receivable_ref"], issued_on=row["issued_on"], balance=row["balance"], currency=row["currency"],
                case_id=row["case_id"], terms_days=days, in_default=row["in_default"],
                days=days_counted(since=since, on=today, suspended=held),
                past_on=first_day_past(since=since, days=days, suspended=held),
                suspended=any(span.holds(today) for span in held),
            )
        )  # fmt: skip
    return found


def claims_now(*, follow_up: StopFollowUp, today: dt.date) -> Decimal:
    """What a follow-up asks for today: part of it may have been paid since it was opened."""
    (sums,) = stops_found(customer_ids=[follow_up.customer_id], day=today)
    return claimed(kind=follow_up.stop.kind, overdue=sums.overdue, owed=sums.owed, limit=sums.limit)


def invoices_claimed(*, follow_up: StopFollowUp, today: dt.date) -> list[OpenInvoice]:
    """The invoices that a follow-up speaks of: those past their terms, or, above the limit and where everything is
    claimed, all that are open.
    """
    found = open_invoices(customer=follow_up.customer, today=today)
    if follow_up.stop.kind in CLAIMS_ALL or follow_up.stop.kind == StopKind.OVER_LIMIT:
        return found
    return [invoice for invoice in found if invoice.is_past(today)]


def _terms(*, customer: Customer, contracts: list[FacilityAgreement], issued_on: dt.date) -> tuple[int, str]:
    """The days of the period and its start, as the agreement in force on the day of the invoice has them."""
    for contract in contracts:
        if contract.signed_on <= issued_on and (contract.ends_on is None or issued_on <= contract.ends_on):
            return contract.terms_days, contract.period_start
    return credit_policy_on(client=customer.client, on=issued_on).terms_days, PeriodStart.INVOICE


def _spans(told: object) -> list[Days]:
    pairs: list[tuple[str, str | None]] = json.loads(told) if isinstance(told, str) else told  # type: ignore[assignment]
    return [
        Days(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last) if last else None)
        for first, last in pairs
    ]
