"""The only writer of a case's summary, owner and status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Case, CaseAssignment
from collections_app.services import endings
from common import clock
from common.audit import Actor, record
from common.db import rows
from common.exceptions import Refused

# A case shows its worst open receivable that is not held; with nothing charged but held ones it is on hold; with
# nothing open it has ended as its receivables did. An end that a person decided (recalled, deceased, …) stands.
_REFRESH = """
WITH moved AS (
UPDATE collections_app_case c
SET currency = coalesce(s.currency, c.currency),
    currencies = coalesce(s.currencies, 1),
    balance = coalesce(s.balance, 0),
    oldest_due_on = s.oldest_due_on,
    oldest_issued_on = s.oldest_issued_on,
    stage_id = w.id,
    stage_depth = w.depth,
    status = CASE
        WHEN e.id IS NOT NULL THEN e.status
        WHEN s.open_count IS NULL THEN (
            SELECT CASE WHEN bool_or(r.status = 'WRITTEN_OFF') THEN 'UNCOLLECTIBLE'
                        WHEN bool_or(r.status = 'SETTLED') THEN 'SETTLED'
                        WHEN bool_and(r.status = 'WITHDRAWN') THEN 'WITHDRAWN' ELSE 'PAID' END
            FROM collections_app_receivable r WHERE r.case_id = c.id
        )
        WHEN s.charged_count > 0 AND s.free_count = 0 THEN 'ON_HOLD'
        WHEN c.owner_id IS NULL THEN 'PLACED'
        ELSE 'ACTIVE' END,
    closed_on = CASE
        WHEN e.id IS NOT NULL THEN e."on"
        WHEN s.open_count IS NULL THEN (
            SELECT max(r.closed_on) FROM collections_app_receivable r WHERE r.case_id = c.id
        ) END,
    last_payment_on = (
        SELECT max(p.value_on) FROM collections_app_payment p WHERE p.case_id = c.id AND p.reversed_on IS NULL
    )
FROM (SELECT id, client_id, status AS was FROM collections_app_case WHERE {scope}) wanted
LEFT JOIN collections_app_caseend e ON e.case_id = wanted.id AND e.reopened_at IS NULL AND e.decided
LEFT JOIN LATERAL (
    SELECT count(*) AS open_count,
           count(*) FILTER (WHERE r.balance > 0) AS charged_count,
           count(*) FILTER (WHERE r.balance > 0 AND NOT r.held) AS free_count,
           min(r.currency) FILTER (WHERE r.balance > 0) AS currency,
           count(DISTINCT r.currency) FILTER (WHERE r.balance > 0) AS currencies,
           sum(r.balance) FILTER (WHERE r.currency = first.currency) AS balance,
           min(r.due_on) FILTER (WHERE r.balance > 0) AS oldest_due_on,
           min(r.issued_on) FILTER (WHERE r.balance > 0) AS oldest_issued_on,
           (array_agg(r.stage_id ORDER BY r.stage_position DESC) FILTER (WHERE NOT r.held AND r.balance > 0))[1]
               AS stage_id
    FROM collections_app_receivable r,
         (SELECT min(currency) AS currency FROM collections_app_receivable
          WHERE case_id = wanted.id AND status = 'OPEN' AND balance > 0) first
    WHERE r.case_id = wanted.id AND r.status = 'OPEN'
    HAVING count(*) > 0
) s ON true
-- Where products stand on ladders of their own: the deepest of the stages that the case's receivables are in.
LEFT JOIN clients_stagepolicyrow w ON w.id = CASE WHEN EXISTS (
    SELECT 1 FROM clients_stageassignment a WHERE a.client_id = wanted.client_id AND a.product <> ''
) THEN (
    SELECT v.id FROM collections_app_receivable r JOIN clients_stagepolicyrow v ON v.id = r.stage_id
    WHERE r.case_id = wanted.id AND r.status = 'OPEN' AND NOT r.held AND r.balance > 0
    ORDER BY v.depth DESC, v.position DESC, v.id LIMIT 1
) ELSE s.stage_id END
WHERE c.id = wanted.id
RETURNING c.id, wanted.was IN {open} AS was_open, c.status IN {open} AS is_open
)
SELECT count(*) AS refreshed,
       array_agg(id) FILTER (WHERE NOT is_open) AS closed,
       array_agg(id) FILTER (WHERE is_open AND NOT was_open) AS reopened
FROM moved
"""
_OPEN = "('PLACED', 'ACTIVE', 'ON_HOLD')"


def cases_refresh(*, case_ids: Sequence[int]) -> int:
    """Bring the summaries of these cases up to the ledger, in one statement, with what their closing ends and their
    reopening restores; how many."""
    if not case_ids:
        return 0
    return _refresh(scope="id = ANY(%(ids)s)", params={"ids": list(case_ids)}, kept=len(case_ids) == 1)


def cases_refresh_of_client(*, client_id: int) -> int:
    """Bring every summary of one client's book up to the ledger."""
    return _refresh(scope="client_id = %(client_id)s", params={"client_id": client_id})


def _refresh(*, scope: str, params: Mapping[str, object], kept: bool = False) -> int:
    found = rows(_REFRESH.format(scope=scope, open=_OPEN), dict(params), kept=kept)[0]
    endings.cases_closed(case_ids=found["closed"] or ())
    endings.cases_reopened(case_ids=found["reopened"] or ())
    return int(found["refreshed"])


def cases_assign(*, actor: Actor, case_ids: Sequence[int], owner: User, on: dt.date) -> int:
    """Give cases to one collector (or leader); the number moved.

    Raises Refused when the owner does not work cases.
    """
    if owner.role not in {Role.COLLECTOR, Role.TEAM_LEADER} or not owner.is_active:
        raise Refused("owner_role", _("Cases are given to collectors and team leaders only."))
    with transaction.atomic():
        cases = list(Case.objects.select_for_update(no_key=True).filter(pk__in=case_ids).order_by("pk"))
        for case in cases:
            case.owner, case.team_id, case.assigned_on = owner, owner.team_id, on
        Case.objects.bulk_update(cases, ["owner", "team", "assigned_on"], batch_size=1_000)
        now = clock.now()
        CaseAssignment.objects.bulk_create(
            CaseAssignment(client_id=case.client_id, case=case, owner=owner, on=on, recorded_at=now) for case in cases
        )
        cases_refresh(case_ids=[case.pk for case in cases])
        by_client: dict[int, list[int]] = {}
        for case in cases:
            by_client.setdefault(case.client_id, []).append(case.pk)
        for client_id, ids in by_client.items():
            record(
                actor=actor,
                action="cases.assigned",
                subject_type="accounts.User",
                subject_id=owner.pk,
                client_id=client_id,
                body={"cases": ids, "on": on},
            )
    return len(cases)
