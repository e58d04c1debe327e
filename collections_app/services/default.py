"""The only writer of episodes of default: what the facts say is written, what they no longer say is taken off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from collections_app.events import DefaultsMoved
from collections_app.selectors.default import episodes_asked
from common import clock
from common.db import rows
from common.events import publish

# An episode whose beginning the facts no longer know was undone; one they know ends, or goes on, as they say. What was
# told before is read once: asked for row by row beside the insert, it is looked for among what was just inserted.
_JUDGE = """
WITH {episodes}, told AS MATERIALIZED (
    SELECT id, case_id, debt_id, rule, began_on, ended_on FROM collections_app_defaultepisode
    WHERE case_id = ANY(%(cases)s) AND undone_on IS NULL
), judged AS MATERIALIZED (
    SELECT e.id, e.ended_on AS was, t.*
    FROM told e FULL JOIN truth t ON (t.case_id, t.rule, t.began_on, coalesce(t.debt_id, 0))
        = (e.case_id, e.rule, e.began_on, coalesce(e.debt_id, 0))
), undone AS (
    UPDATE collections_app_defaultepisode e SET undone_on = %(day)s
    FROM judged j WHERE e.id = j.id AND j.case_id IS NULL
    RETURNING e.case_id
), changed AS (
    UPDATE collections_app_defaultepisode e SET ended_on = j.ended_on
    FROM judged j WHERE e.id = j.id AND j.case_id IS NOT NULL AND j.was IS DISTINCT FROM j.ended_on
    RETURNING e.case_id
), begun AS (
    INSERT INTO collections_app_defaultepisode (client_id, case_id, debt_id, rule, began_on, ended_on, recorded_at)
    SELECT %(client_id)s, case_id, debt_id, rule, began_on, ended_on, %(now)s FROM judged WHERE id IS NULL
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
