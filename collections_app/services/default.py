"""The only writer of episodes of default: what the facts say is written, what they no longer say is taken off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from collections_app.events import DefaultsMoved
from collections_app.selectors.default import episodes_asked
from common import clock
from common.db import rows
from common.events import publish

# An episode whose beginning the facts no longer know was undone; one they know ends, or goes on, as they say.
_JUDGE = """
WITH {episodes}, undone AS (
    UPDATE collections_app_defaultepisode e SET undone_on = %(day)s
    WHERE e.case_id = ANY(%(cases)s) AND e.undone_on IS NULL AND NOT EXISTS (
        SELECT 1 FROM truth t
        WHERE (t.case_id, t.rule, t.began_on) = (e.case_id, e.rule, e.began_on)
          AND t.debt_id IS NOT DISTINCT FROM e.debt_id
    )
    RETURNING case_id
), changed AS (
    UPDATE collections_app_defaultepisode e SET ended_on = t.ended_on
    FROM truth t
    WHERE (t.case_id, t.rule, t.began_on) = (e.case_id, e.rule, e.began_on)
          AND t.debt_id IS NOT DISTINCT FROM e.debt_id
      AND e.undone_on IS NULL AND e.ended_on IS DISTINCT FROM t.ended_on
    RETURNING e.case_id
), begun AS (
    INSERT INTO collections_app_defaultepisode (client_id, case_id, debt_id, rule, began_on, ended_on, recorded_at)
    SELECT %(client_id)s, t.case_id, t.debt_id, t.rule, t.began_on, t.ended_on, %(now)s
    FROM truth t WHERE NOT EXISTS (
        SELECT 1 FROM collections_app_defaultepisode e
        WHERE (t.case_id, t.rule, t.began_on) = (e.case_id, e.rule, e.began_on)
          AND t.debt_id IS NOT DISTINCT FROM e.debt_id
          AND e.undone_on IS NULL
    )
    RETURNING case_id
)
SELECT count(*) AS moved, coalesce(array_agg(DISTINCT case_id ORDER BY case_id), '{{}}') AS cases
FROM (SELECT * FROM undone UNION ALL SELECT * FROM changed UNION ALL SELECT * FROM begun) moved
"""


def defaults_judge(*, client_id: int, case_ids: Sequence[int], day: dt.date) -> int:
    """Bring the episodes of these cases, which the caller holds, to what the facts say by ``day``; how many moved."""
    question = episodes_asked(client_id=client_id, day=day, case_ids=case_ids) if case_ids else None
    if question is None:
        return 0
    told = {**question.told, "now": clock.now()}
    found = rows(_JUDGE.format(episodes=question.sql), told, kept=len(case_ids) == 1)
    if found[0]["moved"]:
        publish(DefaultsMoved(client_id=client_id, case_ids=tuple(found[0]["cases"])))
    return int(found[0]["moved"])
