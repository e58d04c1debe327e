"""A claim beside the ledger: what was asked of a court, and what is owed now on the debts it covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from common.db import rows
from common.money import ZERO
from legal.choices import RETURNED_WHEN_SPENT, STANDING_CLAIM
from legal.models import Claim
from legal.rules.authority import ENDING_DAYS
from legal.rules.overclaim import Standing, is_over

# The debts of its authorisation, each by the part this debtor answers for; an authorisation that names none covers the
# case. A claim on a note covers the note's own debt.
_OWED = """
SELECT c.id, sum(round(d.balance * coalesce(a.share_percent, 100) / 100, 2)) AS owed
FROM legal_claim c
LEFT JOIN legal_instrument i ON i.id = c.instrument_id
CROSS JOIN LATERAL (
    SELECT r.debt_id, sum(r.balance) AS balance FROM collections_app_receivable r
    WHERE r.case_id = c.case_id AND r.currency = c.currency GROUP BY r.debt_id
) d
LEFT JOIN legal_authoriseddebt a ON a.authorisation_id = c.authorisation_id AND a.debt_id = d.debt_id
WHERE c.id = ANY(%(ids)s) AND (i.debt_id IS NULL OR i.debt_id = d.debt_id)
  AND (a.id IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM legal_authoriseddebt o WHERE o.authorisation_id = c.authorisation_id))
GROUP BY c.id
"""
# Four look-ups by index; without a claim, a note to give back, and an authorisation or a term that ends, nothing more
# is asked for a payment.
_CONCERNED = """
SELECT case_id FROM legal_claim WHERE case_id = ANY(%(ids)s) AND state = ANY(%(standing)s)
UNION
SELECT d.case_id FROM collections_app_debt d JOIN legal_instrument i ON i.debt_id = d.id
WHERE d.case_id = ANY(%(ids)s) AND i.kind = ANY(%(kinds)s) AND i.returned_on IS NULL
UNION
SELECT case_id FROM collections_app_authorisation
WHERE case_id = ANY(%(ids)s) AND revoked_at IS NULL AND replaced_by_id IS NULL AND valid_until <= %(by)s
UNION
SELECT case_id FROM legal_legaltask
WHERE case_id = ANY(%(ids)s) AND kind = 'LIMITATION' AND state IN ('OPEN', 'MOOT')
ORDER BY case_id
"""
_SPENT = """
SELECT i.id, d.case_id, coalesce(sum(r.balance), 0) AS owed
FROM collections_app_debt d JOIN legal_instrument i ON i.debt_id = d.id
LEFT JOIN collections_app_receivable r ON r.debt_id = d.id AND r.case_id = d.case_id
WHERE d.case_id = ANY(%(ids)s) AND i.kind = ANY(%(kinds)s) AND i.returned_on IS NULL
GROUP BY i.id, d.case_id ORDER BY i.id
"""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One claim beside the ledger, as pages show it."""

    claim: Claim
    owed: Decimal

    @property
    def over(self) -> Decimal:
        """By how much the claim is above what is owed; zero when it is not, or stands no more."""
        standing = Standing(filed=self.claim.amount, owed=self.owed, stands=self.claim.state in STANDING_CLAIM)
        return self.claim.amount - self.owed if is_over(claim=standing) else ZERO


def owed_on(*, claim_ids: Iterable[int]) -> dict[int, Decimal]:
    """What is owed now on the debts each claim covers, by the claim's id."""
    found = {row["id"]: row["owed"] for row in rows(_OWED, {"ids": list(claim_ids)})}
    return {claim_id: found.get(claim_id, ZERO) for claim_id in claim_ids}


def cases_concerned(*, case_ids: Sequence[int], on: dt.date) -> list[int]:
    """Of these cases those of which something stands that follows what is owed: a claim, a note that goes back once it
    is paid, an authorisation that ends soon after ``on``, a limitation that was warned of."""
    told = {
        "ids": list(case_ids),
        "by": on + dt.timedelta(days=ENDING_DAYS),
        "standing": sorted(STANDING_CLAIM),
        "kinds": sorted(RETURNED_WHEN_SPENT),
    }
    return [row["case_id"] for row in rows(_CONCERNED, told)]


def owed_on_notes(*, case_ids: Sequence[int]) -> list[tuple[int, int, Decimal]]:
    """The notes of these cases that are not handed back: id, case, and what is owed on the debt of each."""
    found = rows(_SPENT, {"ids": list(case_ids), "kinds": sorted(RETURNED_WHEN_SPENT)})
    return [(row["id"], row["case_id"], row["owed"]) for row in found]


def claims_compared(*, claims: QuerySet[Claim]) -> list[Compared]:
    """These claims, each beside what is owed on it now."""
    found = list(claims)
    owed = owed_on(claim_ids=[claim.pk for claim in found])
    return [Compared(claim=claim, owed=owed[claim.pk]) for claim in found]


def claims_above(*, claims: QuerySet[Claim]) -> list[Compared]:
    """The alarm: of these claims those that ask for more than is owed."""
    return [row for row in claims_compared(claims=claims.filter(state__in=STANDING_CLAIM)) if row.over > ZERO]
