"""The only writer of tasks about limitations that end."""

from __future__ import annotations

import datetime as dt

from collections_app.services.nightly import OnLastDay
from common import clock
from common.db import execute
from legal.selectors.limitation import ENDING, ROWS, TERM_VALUES, terms_params

# A way to claim that a task names already, open or answered, raises none again; one that ended as moot may.
_RAISE = (
    ROWS.format(scope=ENDING.format(of="client_id = %(client_id)s"), terms=TERM_VALUES)
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
"""
)
# Whatever asked for it: the cases that wait for an answer are looked at whole.
_WAITING = """r.case_id IN (
        SELECT k.case_id FROM legal_legaltask k
        WHERE k.client_id = %(client_id)s AND k.kind = 'LIMITATION' AND k.state = 'OPEN'
    )"""
_MOOT = (
    ROWS.format(scope=_WAITING, terms=TERM_VALUES)
    + """
UPDATE legal_legaltask k SET state = 'MOOT', done_at = %(now)s
WHERE k.client_id = %(client_id)s AND k.kind = 'LIMITATION' AND k.state = 'OPEN' AND NOT EXISTS (
    SELECT 1 FROM termed t
    WHERE t.case_id = k.case_id AND t.claimed_on IS NULL AND t.ends_on <= %(day)s::date + %(warn)s)
"""
)


def _raised(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """A task for each case in which a term ends within 180 days, once; those that no longer do
    are moot (paid, claimed or acknowledged meanwhile)."""
    told = {"client_id": client_id, "now": clock.now(), **terms_params(day=day)}
    return execute(_MOOT, told) + execute(_RAISE, told)


step_limitations = OnLastDay(work=_raised)
