"""The only writer of tasks about limitations that end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from collections_app.services.nightly import OnLastDay
from common import clock
from common.db import execute, rows
from legal.selectors.limitation import ENDING, ROWS, TERM_VALUES, terms_params

# All cases of a client, or some.
_CASES = "(%(case_ids)s::bigint[] IS NULL OR r.case_id = ANY(%(case_ids)s))"
# A way to claim that a task names already, open or answered, raises none again; one that ended as moot may.
_RAISE = (
    ROWS.format(scope=f"{ENDING.format(of='client_id = %(client_id)s')} AND {_CASES}", terms=TERM_VALUES)
    + """
INSERT INTO legal_legaltask (client_id, case_id, kind, due_on, evidence, state, raised_at, answer)
SELECT t.client_id, t.case_id, 'LIMITATION', min(t.ends_on), jsonb_agg(told.evidence ORDER BY t.ends_on, t.debt_id),
       'OPEN', %(now)s, ''
FROM termed t CROSS JOIN LATERAL (SELECT jsonb_build_object(
    'what', 'LIMITATION', 'debt', t.debt_id, 'instrument', t.instrument_id, 'basis', t.basis, 'ends', t.ends_on
) AS evidence) told
WHERE t.claimed_on IS NULL AND t.ends_on <= %(day)s::date + %(warn)s AND NOT EXISTS (
    SELECT 1 FROM legal_legaltask k WHERE k.case_id = t.case_id AND k.kind = 'LIMITATION'
      AND k.state IN ('OPEN', 'DONE') AND k.evidence @> jsonb_build_array(told.evidence))
GROUP BY t.client_id, t.case_id
ON CONFLICT (kind, case_id) WHERE state = 'OPEN' AND authorisation_id IS NULL AND claim_id IS NULL
    AND instrument_id IS NULL DO NOTHING
RETURNING id
"""
)
# Whatever asked for it: the cases that wait for an answer are looked at whole.
_WAITING = f"""{_CASES} AND r.case_id IN (
        SELECT k.case_id FROM legal_legaltask k
        WHERE k.client_id = %(client_id)s AND k.kind = 'LIMITATION' AND k.state = 'OPEN'
    )"""
_MOOT = (
    ROWS.format(scope=_WAITING, terms=TERM_VALUES)
    + """
UPDATE legal_legaltask k SET state = 'MOOT', done_at = %(now)s
WHERE k.client_id = %(client_id)s AND k.kind = 'LIMITATION' AND k.state = 'OPEN'
  AND (%(case_ids)s::bigint[] IS NULL OR k.case_id = ANY(%(case_ids)s)) AND NOT EXISTS (
    SELECT 1 FROM termed t
    WHERE t.case_id = k.case_id AND t.claimed_on IS NULL AND t.ends_on <= %(day)s::date + %(warn)s)
RETURNING k.id
"""
)


def _raised(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """A task for each case in which a term ends within 180 days, once; those that no longer do
    are moot (paid, claimed or acknowledged meanwhile)."""
    told = _told(client_id=client_id, day=day)
    return execute(_MOOT, told) + execute(_RAISE, told)


def limitations_follow(*, client_id: int, case_ids: Sequence[int], day: dt.date) -> tuple[list[int], list[int]]:
    """In the transaction that moved money of some cases: the tasks, by key, that came to be and that ended, since a
    debt whose term ends is owed again or is paid. The caller records them.
    """
    told = _told(client_id=client_id, day=day, case_ids=case_ids)
    moot, raised = (rows(sql, told) for sql in (_MOOT, _RAISE))
    return [row["id"] for row in raised], [row["id"] for row in moot]


def _told(*, client_id: int, day: dt.date, case_ids: Sequence[int] | None = None) -> dict[str, Any]:
    ids = None if case_ids is None else list(case_ids)
    return {"client_id": client_id, "case_ids": ids, "now": clock.now(), **terms_params(day=day)}


step_limitations = OnLastDay(work=_raised)
