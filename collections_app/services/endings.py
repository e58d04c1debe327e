"""What the closing of a case ends and its reopening restores: the only writer of ``CaseEnd`` for computed ends.

Told which cases crossed the border (``services.cases.cases_refresh``); set-based, one statement for each kind of thing.
A promise whose money has come is kept at once; one that nothing is owed for any more is neither kept nor missed.
"""

from __future__ import annotations

from collections.abc import Sequence

from collections_app.services.promises import PAID_ON_PROMISE
from common import clock
from common.db import execute, rows

_DAY = "coalesce((SELECT k.book_date FROM clients_client k WHERE k.id = {of}.client_id), %(today)s)"
_STANDING = "{of}.case_id = ANY(%(case_ids)s) AND {of}.reopened_at IS NULL"

_END = """
INSERT INTO collections_app_caseend (client_id, case_id, status, "on", decided, reason, recorded_at, event_id)
SELECT c.client_id, c.id, c.status, coalesce(c.closed_on, %(today)s), false, '', %(now)s, 0
FROM collections_app_case c WHERE c.id = ANY(%(case_ids)s)
ON CONFLICT (case_id) WHERE reopened_at IS NULL DO NOTHING
"""

_PROMISES = f"""
UPDATE collections_app_promise p
SET status = CASE WHEN s.paid >= p.amount THEN 'KEPT' ELSE 'CANCELLED' END,
    paid_amount = CASE WHEN s.paid >= p.amount THEN p.amount ELSE 0 END,
    judged_on = {_DAY.format(of="p")}, end_id = e.id
FROM ({PAID_ON_PROMISE} WHERE q.case_id = ANY(%(case_ids)s) AND q.status = 'OPEN') s, collections_app_caseend e
WHERE p.id = s.id AND e.case_id = p.case_id AND e.reopened_at IS NULL
"""

_HOLDS = f"""
UPDATE collections_app_hold h SET until_on = greatest(h.from_on, {_DAY.format(of="h")}), end_id = e.id
FROM collections_app_caseend e
WHERE {_STANDING.format(of="e")} AND h.case_id = e.case_id AND h.until_on IS NULL
"""

_TASKS = f"""
UPDATE collections_app_task t SET status = 'CANCELLED', done_at = %(now)s, end_id = e.id
FROM collections_app_caseend e
WHERE {_STANDING.format(of="e")} AND t.case_id = e.case_id AND t.status = 'OPEN'
"""

_ENDED = """
SELECT e.case_id, e.decided AND e.status <> 'DECEASED' AND EXISTS (
    SELECT 1 FROM collections_app_receivable r WHERE r.case_id = e.case_id AND r.status = 'OPEN'
) AS placed_again
FROM collections_app_caseend e WHERE e.case_id = ANY(%(case_ids)s) AND e.reopened_at IS NULL
"""

# How a case that stays closed came to its end may change: a discount makes room for a payment told of late.
_END_AGAIN = """
UPDATE collections_app_caseend e SET status = c.status, "on" = coalesce(c.closed_on, e."on")
FROM collections_app_case c
WHERE c.id = ANY(%(case_ids)s) AND e.case_id = c.id AND e.reopened_at IS NULL AND NOT e.decided
  AND (e.status, e."on") IS DISTINCT FROM (c.status, coalesce(c.closed_on, e."on"))
"""

# Promises whose day is over when the case opens again stay as they were ended: nobody could have asked for the money.
_PROMISES_AGAIN = f"""
UPDATE collections_app_promise p
SET status = 'OPEN', paid_amount = 0, judged_on = NULL, end_id = NULL
FROM collections_app_caseend e
WHERE {_STANDING.format(of="e")} AND p.end_id = e.id AND p.case_id = e.case_id AND p.due_on >= {_DAY.format(of="p")}
  AND NOT EXISTS (SELECT 1 FROM collections_app_promise o WHERE o.case_id = p.case_id AND o.status = 'OPEN')
"""
_HOLDS_AGAIN = f"""
UPDATE collections_app_hold h SET until_on = NULL, end_id = NULL
FROM collections_app_caseend e WHERE {_STANDING.format(of="e")} AND h.end_id = e.id AND h.case_id = e.case_id
"""
# A stage's action is owed again when its stage stands again (``stage_actions.stage_tasks_reopen``), which is not known yet.
_TASKS_AGAIN = f"""
UPDATE collections_app_task t SET status = 'OPEN', done_at = NULL, end_id = NULL
FROM collections_app_caseend e
WHERE {_STANDING.format(of="e")} AND t.end_id = e.id AND t.case_id = e.case_id AND t.kind <> 'STAGE'
"""
_REOPEN = f"""
UPDATE collections_app_caseend e SET reopened_on = greatest(e."on", {_DAY.format(of="e")}), reopened_at = %(now)s
WHERE {_STANDING.format(of="e")}
"""


def cases_closed(*, case_ids: Sequence[int]) -> None:
    """End what these closed cases have open: promises, holds, tasks; each names the end, which says how it came."""
    _run(case_ids, _END, _END_AGAIN, _PROMISES, _HOLDS, _TASKS)


def cases_reopened(*, case_ids: Sequence[int]) -> None:
    """Take the ends of these cases back and restore what they ended: promises whose day is not over, holds, tasks."""
    _run(case_ids, _PROMISES_AGAIN, _HOLDS_AGAIN, _TASKS_AGAIN, _REOPEN)


def cases_placed_again(*, case_ids: Sequence[int]) -> list[int]:
    """New business came on these cases: of those that had ended, a decided end is over, save where the account holder
    has died. The ended ones, which the caller refreshes before it ages them."""
    ended = rows(_ENDED, {"case_ids": list(case_ids)})
    cases_reopened(case_ids=[row["case_id"] for row in ended if row["placed_again"]])
    return [row["case_id"] for row in ended]


def _run(case_ids: Sequence[int], *statements: str) -> None:
    if case_ids:
        told = {"case_ids": list(case_ids), "now": clock.now(), "today": clock.today()}
        for sql in statements:
            execute(sql, told)
