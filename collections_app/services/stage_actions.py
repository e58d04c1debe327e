"""The only writer of what stages ask for: tasks of stages, messages that wait, stops and proposals.

An action is asked for once a receivable and stage entry. An entry is the first day, as the facts known now tell it, of
the unbroken run of days in a stage (``selectors.standing.RIPE``), or the day on which a version put it there. What is
worked out again, after a late payment, a rejected objection, a missed night or under the next version, gives the same
day and asks for nothing; one that came back later, after days that do not count, entered again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ActionKind
from collections_app.choices import RequestStatus
from collections_app.models import Case, StageRequest
from collections_app.policies import can_answer_proposal
from collections_app.selectors.standing import HELD_DAYS, RIPE
from common import clock
from common.audit import Actor, record
from common.db import analyze, execute, rows
from common.exceptions import Conflict, NotAllowed, Refused

LONGEST_REASON = 300

# The last move of each receivable in the days looked at, where its stage still stands and nothing holds it; then its
# entry, what was not asked for it yet, and what follows: each once a case, however many receivables ask. What was there
# before is read ahead of what is added: asked for beside the insert, an empty table is read again and again as it grows
# (a first night of 100,000: six minutes instead of two seconds).
_FIRE = f"""
WITH moved AS (
    SELECT DISTINCT ON (t.receivable_id) t.receivable_id, t.case_id, t.from_stage_id, t.to_stage_id, t."on"
    FROM collections_app_stagetransition t
    WHERE t.client_id = %(client_id)s AND t."on" > %(since)s AND t."on" <= %(day)s AND {{scope}}
    ORDER BY t.receivable_id, t."on" DESC, t.id DESC
), counted AS (
    SELECT t.receivable_id, t.case_id, t."on", w.id AS stage_id, w.code AS stage_code, w.actions, w.from_day AS n,
           CASE WHEN p.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END AS since, r.issued_on,
           o.policy_id IS DISTINCT FROM w.policy_id AND o.id IS NOT NULL AS by_version, h.held, h.frozen
    FROM moved t
    JOIN collections_app_receivable r ON r.id = t.receivable_id AND r.status = 'OPEN' AND NOT r.held
    JOIN clients_stagepolicyrow w ON w.id = r.stage_id AND w.actions <> '{{{{}}}}'
    JOIN clients_stagepolicyrow e ON e.id = t.to_stage_id AND e.code = w.code
    JOIN clients_stagepolicy p ON p.id = w.policy_id
    JOIN collections_app_case k ON k.id = t.case_id AND k.status IN ('PLACED', 'ACTIVE')
    LEFT JOIN clients_stagepolicyrow o ON o.id = t.from_stage_id
    CROSS JOIN LATERAL ({HELD_DAYS.format(holds="collections_app_hold")}) h
), {RIPE}, entered AS (
    SELECT e.*, asked.action,
           CASE WHEN by_version THEN "on" WHEN n IS NULL THEN issued_on ELSE coalesce(ripe_on, "on") END AS entered_on
    FROM ripe e CROSS JOIN LATERAL unnest(e.actions) AS asked (action)
), before AS MATERIALIZED (
    SELECT f.receivable_id, f.stage_code, f.action, f.entered_on FROM collections_app_actionfired f
    WHERE f.receivable_id IN (SELECT receivable_id FROM entered)
), fired AS (
    INSERT INTO collections_app_actionfired
        (client_id, receivable_id, stage_code, action, entered_on, fired_on, recorded_at)
    SELECT %(client_id)s, e.receivable_id, e.stage_code, e.action, e.entered_on, %(day)s, %(now)s
    FROM entered e WHERE NOT EXISTS (
        SELECT 1 FROM before f
        WHERE (f.receivable_id, f.stage_code, f.action) = (e.receivable_id, e.stage_code, e.action)
          AND f.entered_on >= e.entered_on
    )
    ON CONFLICT DO NOTHING
    RETURNING receivable_id, stage_code, action
), asking AS (
    SELECT DISTINCT ON (e.case_id, f.action, f.stage_code) e.case_id, f.receivable_id, e.stage_id, f.stage_code,
           f.action, string_to_array(f.action, ':') AS part
    FROM fired f JOIN entered e ON (e.receivable_id, e.action) = (f.receivable_id, f.action)
    ORDER BY e.case_id, f.action, f.stage_code, f.receivable_id
), waiting AS MATERIALIZED (
    SELECT o.case_id, o.action, o.stage_code FROM collections_app_task o
    WHERE o.case_id IN (SELECT case_id FROM asking) AND o.kind = 'STAGE' AND o.status = 'OPEN'
), tasks AS (
    INSERT INTO collections_app_task
        (client_id, case_id, receivable_id, kind, action, stage_code, due_on, note, status, created_at)
    SELECT %(client_id)s, case_id, receivable_id, 'STAGE', action, stage_code, %(day)s, '', 'OPEN', %(now)s
    FROM asking a WHERE cardinality(part) = 1 AND NOT EXISTS (
        SELECT 1 FROM waiting o
        WHERE (o.case_id, o.action, o.stage_code) = (a.case_id, a.action, a.stage_code)
    )
    ON CONFLICT DO NOTHING RETURNING 1
), requests AS (
    INSERT INTO collections_app_stagerequest
        (client_id, case_id, receivable_id, stage_id, action, kind, what, channel, recipient, asked_on, status,
         ended_for, decision_reason, recorded_at)
    SELECT %(client_id)s, case_id, receivable_id, stage_id, action, part[1], part[2], coalesce(part[3], ''),
           coalesce(part[4], ''), %(day)s, 'PENDING', '', '', %(now)s
    FROM asking WHERE cardinality(part) > 1
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM requests) AS asked
"""

# Whether the stages entered are so many that the join after them needs fresh statistics.
_MANY_ENTERED = """
SELECT 1 FROM collections_app_stagetransition
WHERE client_id = %(client_id)s AND "on" > %(since)s AND "on" <= %(day)s
ORDER BY client_id, "on" OFFSET %(many)s LIMIT 1
"""
ANALYZE_FROM = 50_000

# Something still asks for it: an open receivable in a stage with this action; for a message, one that nothing holds.
_ASKED = """EXISTS (
    SELECT 1 FROM collections_app_receivable r JOIN clients_stagepolicyrow w ON w.id = r.stage_id
    WHERE r.case_id = q.case_id AND r.status = 'OPEN' AND w.actions @> ARRAY[q.action]::varchar[] {free}
)"""
_STILL_ASKED = _ASKED.format(free="AND (q.kind <> 'MESSAGE' OR NOT r.held)")

_END = f"""
UPDATE collections_app_stagerequest q SET status = 'ENDED', ended_on = %(day)s, ended_for = CASE
    WHEN k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD') THEN 'CLOSED'
    WHEN q.kind = 'MESSAGE' AND {_ASKED.format(free="")} THEN 'HELD' ELSE 'LEFT' END
FROM collections_app_case k
WHERE k.id = q.case_id AND q.client_id = %(client_id)s AND q.status = 'PENDING' AND {{scope}}
  AND (k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD') OR NOT {_STILL_ASKED})
"""
# The newest of its kind alone, and none where the case was asked anew.
_AGAIN = f"""
UPDATE collections_app_stagerequest q SET status = 'PENDING', ended_on = NULL, ended_for = ''
FROM collections_app_case k
WHERE k.id = q.case_id AND q.client_id = %(client_id)s AND q.status = 'ENDED' AND {{scope}}
  AND k.status IN ('PLACED', 'ACTIVE', 'ON_HOLD') AND {_STILL_ASKED} AND NOT EXISTS (
      SELECT 1 FROM collections_app_stagerequest n
      WHERE n.case_id = q.case_id AND n.action = q.action AND n.id > q.id
  )
"""


def stage_actions_fire(*, client_id: int, since: dt.date, day: dt.date, case_ids: Sequence[int] | None = None) -> int:
    """Ask for the actions of the stages entered after ``since`` that still stand on ``day``; how many tasks, messages,
    stops and proposals that made. The caller holds the client, or the cases it names.
    """
    if case_ids is None and rows(
        _MANY_ENTERED, {"client_id": client_id, "since": since, "day": day, "many": ANALYZE_FROM}
    ):
        analyze("collections_app_stagetransition", "collections_app_receivable", "collections_app_case")
    found = rows(
        _FIRE.format(scope="true" if case_ids is None else "t.case_id = ANY(%(cases)s)"),
        {"client_id": client_id, "since": since, "day": day, "cases": list(case_ids or ()), "now": clock.now()},
        kept=case_ids is not None and len(case_ids) == 1,
    )
    return int(found[0]["asked"])


def stage_requests_settle(*, client_id: int, day: dt.date, case_id: int | None = None) -> int:
    """End what nothing asks for any more: messages and proposals that waited, stops in force; and let what was ended
    wait again where what ended it has gone, a hold, or, of the one case that money or a hold just moved, a payment that
    never came. How many moved.
    """
    told = {"client_id": client_id, "day": day, "case_id": case_id}
    if case_id is None:
        return execute(_END.format(scope="true"), told) + execute(_AGAIN.format(scope="q.ended_for = 'HELD'"), told)
    of_it = "q.case_id = %(case_id)s"
    return sum(execute(sql.format(scope=of_it), told, kept=True) for sql in (_END, _AGAIN))


def stage_tasks_reopen(*, case_id: int) -> int:
    """After a case opened again: the action of the stage that stands again is owed again; how many."""
    return execute(
        """
        UPDATE collections_app_task t SET status = 'OPEN', done_at = NULL, end_id = NULL
        FROM collections_app_case k
        WHERE k.id = t.case_id AND k.status IN ('PLACED', 'ACTIVE', 'ON_HOLD')
          AND t.case_id = %(case_id)s AND t.kind = 'STAGE' AND t.status = 'CANCELLED' AND EXISTS (
            SELECT 1 FROM collections_app_receivable r JOIN clients_stagepolicyrow w ON w.id = r.stage_id
            WHERE r.case_id = t.case_id AND r.status = 'OPEN' AND NOT r.held AND w.code = t.stage_code
        )
        """,
        {"case_id": case_id},
        kept=True,
    )


def proposal_answer(*, user: User, request: StageRequest, status: str, reason: str, on: dt.date) -> StageRequest:
    """Take up what a stage proposed, or decline it, with a reason: what was done, or why not.

    Raises NotAllowed for who does not lead, Refused without a reason and for what is no proposal, Conflict when it was
    answered or ended meanwhile.
    """
    if status not in {RequestStatus.TAKEN, RequestStatus.DECLINED} or request.kind != ActionKind.PROPOSE:
        raise Refused("proposal_answer", _("A proposal is taken up or declined."))
    reason = reason.strip()
    if not reason:
        raise Refused("decision_reason", _("Say what was done, or why not."), field="reason")
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
        raise Refused("decision_reason", words, field="reason")
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=request.case_id)
        if not can_answer_proposal(user, case):
            raise NotAllowed("proposal_answer", _("Only who leads answers a proposal."))
        locked = StageRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        if locked.status != RequestStatus.PENDING:
            raise Conflict("proposal_moved", _("This proposal was answered, or its reason has gone."))
        locked.status, locked.ended_on, locked.decided_by, locked.decision_reason = status, on, user, reason
        locked.save(update_fields=["status", "ended_on", "decided_by", "decision_reason"])
        record(
            actor=Actor.person(user),
            action=f"proposal.{status.lower()}",
            subject=locked,
            body={"case": case.pk, "what": locked.what, "reason": reason},
        )
    return locked
