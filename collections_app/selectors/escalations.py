"""Requests to go legal on which nothing is left to claim."""

from __future__ import annotations

from collections.abc import Iterable

from collections_app.choices import OPEN_CASE
from collections_app.models import EscalationRequest
from common.db import rows

# Of the debts a request names, by the debtor's share of each; one that names none is about all that is open.
_MOOT = """
SELECT e.id FROM collections_app_escalationrequest e JOIN collections_app_case c ON c.id = e.case_id
WHERE e.id = ANY(%(ids)s) AND (
    c.status <> ALL(%(open)s) OR c.balance <= 0
    OR (e.debts <> '[]' AND NOT EXISTS (
        SELECT 1 FROM jsonb_to_recordset(e.debts) AS named(debt bigint, share numeric)
        CROSS JOIN LATERAL (
            SELECT sum(r.balance) AS balance FROM collections_app_receivable r
            WHERE r.client_id = e.client_id AND r.debt_id = named.debt
        ) owed
        WHERE round(owed.balance * named.share / 100, 2) > 0)))
"""


def escalations_moot(*, requests: Iterable[EscalationRequest]) -> frozenset[int]:
    """Of these requests, by key, those whose case has ended, or of whose debts nothing is owed any more: they may be
    turned down or taken back, not approved or signed. Money that goes back takes them out of it.
    """
    ids = [request.pk for request in requests]
    found = rows(_MOOT, {"ids": ids, "open": sorted(OPEN_CASE)}) if ids else []
    return frozenset(row["id"] for row in found)


def escalation_moot(*, request: EscalationRequest) -> bool:
    return bool(escalations_moot(requests=[request]))
