"""The only writer of book dates, stages, transitions, defaults and stage tasks: set-based, one statement a step.

Every step is told the day. It touches only open receivables whose ``next_change_on`` has come, so that a night costs
what changed, not the size of the book.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clients.models import Client
from collections_app.services.cases import cases_refresh, cases_refresh_of_client
from common import clock
from common.db import execute, rows

_OPEN_FIRST = """
UPDATE collections_app_receivable r
SET balance = d.balance,
    status = CASE WHEN r.status NOT IN ('OPEN', 'PAID') THEN r.status
                  WHEN d.charged AND d.balance = 0 THEN 'PAID' ELSE 'OPEN' END,
    closed_on = CASE WHEN r.status NOT IN ('OPEN', 'PAID') THEN r.closed_on
                     WHEN d.charged AND d.balance = 0 THEN d.latest END,
    next_change_on = r.issued_on
FROM (
    SELECT e.receivable_id,
           coalesce(sum(e.amount) FILTER (WHERE e.effective_on <= %(day)s), 0) AS balance,
           bool_or(e.effective_on <= %(day)s) AS charged,
           max(e.effective_on) FILTER (WHERE e.effective_on <= %(day)s) AS latest
    FROM collections_app_ledgerentry e WHERE e.client_id = %(client_id)s GROUP BY e.receivable_id
) d
WHERE r.id = d.receivable_id AND r.client_id = %(client_id)s
"""

# Locks are taken in one order everywhere: the client, its cases by id, their receivables.
_CASES_DUE = """
SELECT id FROM collections_app_case
WHERE id IN (
    SELECT r.case_id FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id
    WHERE e.client_id = %(client_id)s AND e.effective_on > %(before)s AND e.effective_on <= %(day)s
) ORDER BY id FOR NO KEY UPDATE
"""
_CASES_TO_AGE = """
SELECT id FROM collections_app_case
WHERE id IN (
    SELECT case_id FROM collections_app_receivable
    WHERE client_id = %(client_id)s AND status = 'OPEN' AND issued_on <= %(day)s AND next_change_on <= %(day)s
) ORDER BY id FOR NO KEY UPDATE
"""

_APPLY_DUE = """
WITH due AS (
    SELECT receivable_id, sum(amount) AS total
    FROM collections_app_ledgerentry
    WHERE client_id = %(client_id)s AND effective_on > %(before)s AND effective_on <= %(day)s
    GROUP BY receivable_id
), moved AS (
    UPDATE collections_app_receivable r
    SET balance = r.balance + d.total,
        status = CASE WHEN r.balance + d.total = 0 AND r.status = 'OPEN' THEN 'PAID'
                      WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN 'OPEN' ELSE r.status END,
        closed_on = CASE WHEN r.balance + d.total = 0 AND r.status = 'OPEN' THEN (
                             SELECT max(e.effective_on) FROM collections_app_ledgerentry e
                             WHERE e.receivable_id = r.id AND e.effective_on <= %(day)s)
                         WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN NULL ELSE r.closed_on END,
        next_change_on = CASE WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN r.issued_on
                              ELSE r.next_change_on END
    FROM due d WHERE r.id = d.receivable_id
    RETURNING r.case_id
)
SELECT DISTINCT case_id FROM moved
"""

# A held receivable keeps the stage it had when the hold began, also when the hold is told of later.
# ``age``: what is held, how old, which stage; ``moved`` writes it; the insert keeps every true move.
_AGE = """
WITH policy AS (
    SELECT p.id, p.basis, p.default_after_days
    FROM clients_client c JOIN clients_stagepolicy p ON p.id = c.stage_policy_id WHERE c.id = %(client_id)s
), due AS (
    SELECT r.id, r.case_id, r.stage_position AS was, r.held AS was_held,
           CASE WHEN p.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END AS since,
           p.id AS policy_id, p.default_after_days,
           (
               -- The first day of the unbroken chain of holds that reaches the day; empty when none does.
               SELECT max(chain.from_on) FILTER (WHERE chain.reach IS NULL OR chain.reach < chain.from_on - 1)
               FROM (
                   SELECT h.from_on, coalesce(h.until_on, 'infinity') AS until_on,
                          max(coalesce(h.until_on, 'infinity')) OVER (
                              ORDER BY h.from_on, h.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                          ) AS reach
                   FROM collections_app_hold h
                   WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
                     AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.from_on <= %(day)s
               ) chain
               HAVING max(chain.until_on) >= %(day)s
           ) AS held_from,
           (
               SELECT min(edge) FROM (
                   SELECT h.from_on AS edge FROM collections_app_hold h
                   WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
                     AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.from_on > %(day)s
                   UNION ALL
                   SELECT h.until_on + 1 FROM collections_app_hold h
                   WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
                     AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.until_on >= %(day)s
               ) edges
           ) AS hold_edge
    FROM collections_app_receivable r CROSS JOIN policy p
    WHERE r.client_id = %(client_id)s AND r.status = 'OPEN' AND r.issued_on <= %(day)s
      AND r.next_change_on <= %(day)s AND r.case_id = ANY(%(cases)s)
), staged AS (
    SELECT d.*, %(day)s - d.since AS days, d.held_from IS NOT NULL AS held,
           (SELECT max(w.position) FROM clients_stagepolicyrow w WHERE w.policy_id = d.policy_id
              AND (w.from_day IS NULL OR w.from_day <= d.held_from - d.since)) AS held_position,
           (SELECT max(w.position) FROM clients_stagepolicyrow w WHERE w.policy_id = d.policy_id
              AND (w.from_day IS NULL OR w.from_day <= %(day)s - d.since)) AS true_position,
           (SELECT min(w.from_day) FROM clients_stagepolicyrow w WHERE w.policy_id = d.policy_id
              AND w.from_day > %(day)s - d.since) AS next_from_day
    FROM due d
), aged AS (
    SELECT s.*, CASE WHEN s.held THEN least(s.was, s.held_position) ELSE s.true_position END AS position,
           NOT s.held AND s.days > s.default_after_days AS in_default
    FROM staged s
), moved AS (
    UPDATE collections_app_receivable r
    SET held = a.held,
        stage_position = a.position,
        stage_since = CASE WHEN a.was IS DISTINCT FROM a.position THEN %(day)s ELSE r.stage_since END,
        in_default = a.in_default,
        next_change_on = least(
            a.since + a.next_from_day,
            CASE WHEN NOT a.in_default AND a.days <= a.default_after_days
                 THEN a.since + a.default_after_days + 1 END,
            a.hold_edge
        )
    FROM aged a WHERE r.id = a.id
    RETURNING r.id, r.case_id, a.was, a.position, a.days, a.was_held, r.held
), written AS (
    INSERT INTO collections_app_stagetransition
        (client_id, receivable_id, case_id, from_position, to_position, "on", days, recorded_at)
    SELECT %(client_id)s, id, case_id, was, position, %(day)s, days, %(now)s
    FROM moved WHERE was IS DISTINCT FROM position
    RETURNING case_id
)
SELECT (SELECT count(*) FROM moved) AS looked_at,
       (SELECT count(*) FROM written) AS transitions,
       array(SELECT DISTINCT case_id FROM moved
             WHERE was IS DISTINCT FROM position OR was_held IS DISTINCT FROM held) AS cases
"""

# The actions of the stage that stands at the end, once a case and stage entry; nothing for a closed or held one.
_TASKS = """
INSERT INTO collections_app_task
    (client_id, case_id, receivable_id, kind, action, stage_position, due_on, note, status, created_at)
SELECT DISTINCT ON (t.case_id, asked.action, t.to_position)
       t.client_id, t.case_id, t.receivable_id, 'STAGE', asked.action, t.to_position, %(day)s, '', 'OPEN', %(now)s
FROM collections_app_stagetransition t
JOIN collections_app_receivable r ON r.id = t.receivable_id
JOIN collections_app_case k ON k.id = t.case_id AND k.status IN ('PLACED', 'ACTIVE')
JOIN clients_client c ON c.id = t.client_id
JOIN clients_stagepolicyrow w ON w.policy_id = c.stage_policy_id AND w.position = t.to_position
CROSS JOIN LATERAL unnest(w.actions) AS asked (action)
WHERE t.client_id = %(client_id)s AND t."on" > %(since)s AND t."on" <= %(day)s
  AND r.status = 'OPEN' AND NOT r.held AND r.stage_position = t.to_position
  AND NOT EXISTS (
      SELECT 1 FROM collections_app_task o
      WHERE o.case_id = t.case_id AND o.kind = 'STAGE' AND o.action = asked.action AND o.stage_position = t.to_position
        AND (o.status = 'OPEN' OR o.created_at >= %(now)s)
  )
ORDER BY t.case_id, asked.action, t.to_position, t.id
ON CONFLICT DO NOTHING
"""

_TASKS_OF_CLOSED = """
UPDATE collections_app_task t SET status = 'CANCELLED', done_at = %(now)s
FROM collections_app_case c
WHERE c.id = t.case_id AND t.client_id = %(client_id)s AND t.status = 'OPEN'
  AND c.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD')
"""


def book_open(*, client_id: int, day: dt.date) -> int:
    """Bring a book to ``day``: later-valued entries whose day has come are applied. How many cases they touched.

    The first time, the whole book is valued as of that day. A book never goes back: at or before its date it does
    nothing.
    """
    # Not FOR UPDATE: rows that refer to the client, a contact say, are written meanwhile.
    client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
    if client.book_date is not None and day <= client.book_date:
        return 0
    before = client.book_date
    client.book_date = day
    client.save(update_fields=["book_date"])
    if before is None:
        rows(
            "SELECT id FROM collections_app_case WHERE client_id = %(client_id)s ORDER BY id FOR NO KEY UPDATE",
            {"client_id": client_id},
        )
        execute(_OPEN_FIRST, {"client_id": client_id, "day": day})
        return cases_refresh_of_client(client_id=client_id)
    rows(_CASES_DUE, {"client_id": client_id, "before": before, "day": day})
    moved = rows(_APPLY_DUE, {"client_id": client_id, "before": before, "day": day})
    return cases_refresh(case_ids=[row["case_id"] for row in moved])


def receivables_age(*, client_id: int, day: dt.date, case_ids: Sequence[int] | None = None) -> int:
    """Age every open receivable whose next change has come; the number of stage transitions written.

    With ``case_ids`` only theirs: the caller holds these cases and takes no others, so that nobody waits in a ring.
    """
    params = {"client_id": client_id, "day": day}
    if case_ids is None:
        case_ids = [row["id"] for row in rows(_CASES_TO_AGE, params)]
    if not case_ids:
        return 0
    found = rows(_AGE, {**params, "now": clock.now(), "cases": list(case_ids)})[0]
    cases_refresh(case_ids=found["cases"])
    return int(found["transitions"])


def stage_tasks_fire(*, client_id: int, since: dt.date, day: dt.date) -> int:
    """Open the tasks of the stages entered after ``since`` that still stand on ``day``; how many."""
    return execute(_TASKS, {"client_id": client_id, "since": since, "day": day, "now": clock.now()})


def tasks_of_closed_cancel(*, client_id: int) -> int:
    """End the open tasks of cases that have ended; how many."""
    return execute(_TASKS_OF_CLOSED, {"client_id": client_id, "now": clock.now()})


def stage_tasks_reopen(*, case_id: int) -> int:
    """After money was taken back: the action of the stage that stands again is owed again; how many."""
    return execute(
        """
        UPDATE collections_app_task t SET status = 'OPEN', done_at = NULL
        WHERE t.case_id = %(case_id)s AND t.kind = 'STAGE' AND t.status = 'CANCELLED' AND EXISTS (
            SELECT 1 FROM collections_app_receivable r
            WHERE r.case_id = t.case_id AND r.status = 'OPEN' AND NOT r.held AND r.stage_position = t.stage_position
        )
        """,
        {"case_id": case_id},
    )


def receivables_look_again(*, case_id: int, day: dt.date) -> None:
    """After a hold or policy changed: let the next aging look at this case's open receivables on ``day``."""
    execute(
        "UPDATE collections_app_receivable SET next_change_on = least(next_change_on, %(day)s) "
        "WHERE case_id = %(case_id)s AND status = 'OPEN' AND issued_on <= %(day)s",
        {"case_id": case_id, "day": day},
    )


def receivables_look_again_of_client(
    *, client_id: int, day: dt.date, product: str = "", case_ids: Sequence[int] | None = None
) -> int:
    """When a policy begins on ``day``: let that day's aging look at the open receivables it rules; how many it had not.

    '' is every product without a version of its own by then. With ``case_ids`` only theirs, which the caller holds.
    """
    marked = """
        r.client_id = %(client_id)s AND r.status = 'OPEN' AND r.issued_on <= %(day)s
        AND (r.next_change_on > %(day)s OR r.next_change_on IS NULL)
        AND (%(cases)s::bigint[] IS NULL OR r.case_id = ANY(%(cases)s::bigint[]))
        AND EXISTS (
            SELECT 1 FROM collections_app_debt d WHERE d.id = r.debt_id AND (
                d.product = %(product)s OR %(product)s = '' AND d.product NOT IN (
                    SELECT a.product FROM clients_stageassignment a
                    WHERE a.client_id = %(client_id)s AND a.product <> '' AND a.starts_on <= %(day)s
                )
            )
        )
    """
    params = {
        "client_id": client_id,
        "day": day,
        "product": product,
        "cases": None if case_ids is None else list(case_ids),
    }
    if case_ids is None:
        rows(
            "SELECT id FROM collections_app_case WHERE id IN (SELECT r.case_id FROM collections_app_receivable r "
            f"WHERE {marked}) ORDER BY id FOR NO KEY UPDATE",
            params,
        )
    return execute(f"UPDATE collections_app_receivable r SET next_change_on = %(day)s WHERE {marked}", params)
