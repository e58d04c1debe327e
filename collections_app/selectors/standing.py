"""How old, which stage, held, in default: of the receivables of a book, as of any day, as known at any moment.

One piece of SQL says it for the night (``services.stages``), which stores what it finds, and for every question about
the past, which stores nothing. Age itself is arithmetic on dates and is never held. What is held keeps the stage and
the default it had on the first day of its unbroken run of holds; days under a frozen hold do not count at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.db import rows

# The policy in force on the day, of each product that has its own and, under '', of all others; as arrays, for
# ``width_bucket``.
LADDER = """
in_force AS (
    SELECT DISTINCT ON (a.product) a.product, a.policy_id
    FROM clients_stageassignment a
    WHERE a.client_id = %(client_id)s AND a.starts_on <= %(day)s {known}
    ORDER BY a.product, a.starts_on DESC, a.event_id DESC
), ladder AS (
    SELECT f.product AS ladder, p.basis, p.default_after_days, p.default_rules,
           array_agg(w.from_day ORDER BY w.position) FILTER (WHERE w.from_day IS NOT NULL) AS first_days,
           array_agg(w.position ORDER BY w.position) AS positions,
           array_agg(w.id ORDER BY w.position) AS stages, array_agg(w.code ORDER BY w.position) AS codes
    FROM in_force f
    JOIN clients_stagepolicy p ON p.id = f.policy_id
    JOIN clients_stagepolicyrow w ON w.policy_id = p.id
    GROUP BY f.product, p.id
)"""
LADDER_NOW = LADDER.format(known="")

# Which ladder a receivable ``r`` stands on, and the day from which its days are counted by it.
ONE_LADDER = "CROSS JOIN ladder l"
LADDER_BY_PRODUCT = """JOIN collections_app_debt b ON b.id = r.debt_id
    JOIN ladder l ON l.ladder = CASE WHEN b.product IN (SELECT ladder FROM ladder) THEN b.product ELSE '' END"""
SINCE = "l.ladder, CASE WHEN l.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END AS since"


def ladder_join(*, client_id: int) -> str:
    """The join that gives receivables their ladder: the debts are looked at only where a product has its own."""
    own = rows(
        "SELECT 1 FROM clients_stageassignment WHERE client_id = %(client_id)s AND product <> '' LIMIT 1",
        {"client_id": client_id},
    )
    return LADDER_BY_PRODUCT if own else ONE_LADDER


# From ``due`` (id, case_id, debt_id, ladder, since and what else is wanted) and the holds to ``aged``: ``ranges``
# unites what holds each receivable, ``runs`` finds the run that holds it today and the next edge, ``held`` the days
# that are frozen. ``rung`` is how many thresholds are passed.
AGED = """
ranges AS (
    SELECT d.id, d.since,
           range_agg(daterange(h.from_on, h.until_on, '[]')) AS held,
           range_agg(daterange(h.from_on, h.until_on, '[]')) FILTER (WHERE h.frozen) AS frozen
    FROM due d
    JOIN {holds} h ON h.case_id = d.case_id AND (h.debt_id IS NULL OR h.debt_id = d.debt_id)
        AND (h.receivable_id IS NULL OR h.receivable_id = d.id)
    WHERE h.decision <> 'REJECTED'
    GROUP BY d.id, d.since
), runs AS (
    SELECT g.id, g.since, g.frozen,
           max(lower(run)) FILTER (WHERE run @> %(day)s::date) AS held_from,
           least(min(lower(run)) FILTER (WHERE lower(run) > %(day)s),
                 min(upper(run)) FILTER (WHERE upper(run) > %(day)s)) AS edge
    FROM ranges g CROSS JOIN LATERAL unnest(g.held) AS run
    GROUP BY g.id, g.since, g.frozen
), held AS (
    SELECT u.id, u.held_from, u.edge, u.frozen, coalesce(CASE WHEN coalesce(u.held_from, %(day)s) > u.since THEN (
               SELECT sum(upper(part) - lower(part))
               FROM unnest(u.frozen * datemultirange(daterange(u.since + 1, coalesce(u.held_from, %(day)s), '[]'))) part
           ) END, 0)::int AS frozen_days
    FROM runs u
), counted AS (
    SELECT d.*, h.held_from IS NOT NULL AS held, h.edge, h.frozen,
           coalesce(h.held_from, %(day)s) - d.since - coalesce(h.frozen_days, 0) AS days
    FROM due d LEFT JOIN held h ON h.id = d.id
), aged AS (
    SELECT c.*, coalesce(width_bucket(c.days, l.first_days), 0) AS rung, l.first_days, l.positions, l.stages, l.codes,
           l.default_after_days, c.days > l.default_after_days AS in_default
    FROM counted c JOIN ladder l ON l.ladder = c.ladder
)"""

# What holds a receivable ``r`` by what is known now: the days of all holds, and of those that are frozen.
HELD_DAYS = """
    SELECT range_agg(daterange(h.from_on, h.until_on, '[]')) AS held,
           range_agg(daterange(h.from_on, h.until_on, '[]')) FILTER (WHERE h.frozen) AS frozen
    FROM {holds} h
    WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
      AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.decision <> 'REJECTED'
"""

# From ``counted`` (since, n, held, frozen) to ``ripe``: the day on which ``n`` days are full, those under frozen holds
# not counted; in a run of holds it waits for the end of the run, unless the run began just then. None while it waits.
# Most are never held: for these nothing is unnested (half of judging a first night).
RIPE = """
full_days AS (
    SELECT c.*, c.since + c.n + CASE WHEN c.frozen IS NULL THEN 0 ELSE coalesce((
        SELECT sum(f.length) FROM (
            SELECT CASE WHEN upper_inf(run) THEN 1000000 ELSE upper(run) - lower(run) END AS length,
                   lower(run) - c.since - 1 - coalesce(sum(upper(run) - lower(run)) OVER (
                       ORDER BY lower(run) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM unnest(c.frozen * datemultirange(daterange(c.since + 1, NULL))) AS run
        ) f WHERE f.before < c.n
    ), 0)::int END AS full_on
    FROM counted c
), ripe AS (
    SELECT d.*, CASE WHEN d.held @> d.full_on THEN (
        SELECT CASE WHEN lower(run) = d.full_on THEN d.full_on ELSE upper(run) END
        FROM unnest(d.held) AS run WHERE run @> d.full_on
    ) ELSE d.full_on END AS ripe_on
    FROM full_days d
)"""

# What was sealed by a moment stands for ever: whoever asks again, whenever, is told the same (DESIGN: as known at T).
_SEALED = "EXISTS (SELECT 1 FROM common_auditseal s WHERE s.event_id = {event} AND s.sealed_at <= %(known_at)s)"

KNOWN_ENTRIES = "JOIN common_auditseal s ON s.event_id = e.event_id AND s.sealed_at <= %(known_at)s"

KNOWN_POLICY = f"AND (a.event_id = 0 OR {_SEALED.format(event='a.event_id')})"

# What the closing of a case ended, closing alone ended: asked of before, it runs on.
# The holds as they were known: an end or a decision told later had not been told. Those of before have no event.
KNOWN_HOLDS = f"""
known_holds AS (
    SELECT h.case_id, h.debt_id, h.receivable_id, h.from_on,
           CASE WHEN h.end_id IS NULL AND (h.ended_event_id IS NULL OR {_SEALED.format(event="h.ended_event_id")})
                THEN h.until_on END AS until_on,
           CASE WHEN h.decided_event_id IS NULL OR {_SEALED.format(event="h.decided_event_id")}
                THEN h.decision ELSE '' END AS decision,
           h.frozen AND (h.decided_event_id IS NULL OR {_SEALED.format(event="h.decided_event_id")}) AS frozen
    FROM collections_app_hold h
    WHERE h.client_id = %(client_id)s AND (h.event_id = 0 OR {_SEALED.format(event="h.event_id")})
)"""

_STANDING = """
WITH {ladder}, {known_holds} owed AS (
    SELECT e.receivable_id, sum(e.amount) AS balance
    FROM collections_app_ledgerentry e {known_entries}
    WHERE e.client_id = %(client_id)s AND e.effective_on <= %(day)s {scope}
    GROUP BY e.receivable_id HAVING sum(e.amount) > 0
), due AS (
    SELECT r.id, r.case_id, r.debt_id, r.receivable_ref, r.currency, r.issued_on, r.due_on, o.balance, {since}
    FROM owed o JOIN collections_app_receivable r ON r.id = o.receivable_id {join}
), {aged}
SELECT id, case_id, debt_id, receivable_ref, currency, issued_on, due_on, balance, held, in_default,
       positions[rung + 1] AS position, codes[rung + 1] AS stage_code, days
FROM aged ORDER BY case_id, due_on, issued_on, receivable_ref, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One receivable that was open at the end of a day. ``days`` are those that count towards its stage, which is named
    by its code and by its position in the ladder of its product on that day.
    """

    id: int
    case_id: int
    debt_id: int
    receivable_ref: str
    currency: str
    issued_on: dt.date
    due_on: dt.date
    balance: Decimal
    held: bool
    in_default: bool
    position: int
    stage_code: str
    days: int


def standing_as_of(
    *,
    client_id: int,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    case_ids: Sequence[int] | None = None,
) -> list[Standing]:
    """Every receivable that was open at the end of ``as_of``: balance, stage, hold, default.

    ``known_at`` reads only what was sealed by that moment (``audit.sealed_by`` makes that final first); None is what is
    known now. Nothing that is stored on the receivables is read but their dates, which never change.
    """
    known = known_at is not None
    sql = _STANDING.format(
        ladder=LADDER.format(known=KNOWN_POLICY if known else ""),
        join=ladder_join(client_id=client_id),
        known_holds=f"{KNOWN_HOLDS}," if known else "",
        known_entries=KNOWN_ENTRIES if known else "",
        scope="AND e.receivable_id IN (SELECT id FROM collections_app_receivable WHERE case_id = ANY(%(cases)s))"
        if case_ids is not None
        else "",
        since=SINCE,
        aged=AGED.format(holds="known_holds" if known else "collections_app_hold"),
    )
    asked = {"client_id": client_id, "day": as_of, "known_at": known_at, "cases": list(case_ids or ())}
    return [Standing(**row) for row in rows(sql, asked)]


# Where what is stored differs from what follows: open receivables that the book has come to.
_MISPLACED = f"""
WITH {LADDER_NOW}, due AS (
    SELECT r.id, r.case_id, r.debt_id, {SINCE}
    FROM collections_app_receivable r {{join}}
    WHERE r.client_id = %(client_id)s AND r.status = 'OPEN' AND r.issued_on <= %(day)s
), {AGED.format(holds="collections_app_hold")}
SELECT r.id FROM aged a JOIN collections_app_receivable r ON r.id = a.id
WHERE (r.stage_id, r.stage_position, r.held, r.in_default)
    IS DISTINCT FROM (a.stages[a.rung + 1], a.positions[a.rung + 1], a.held, a.in_default)
ORDER BY r.id
"""


def misplaced(*, client_id: int, day: dt.date) -> list[int]:
    """The open receivables whose stored stage, hold or default is not what their dates and holds say on ``day``."""
    return [
        row["id"]
        for row in rows(_MISPLACED.format(join=ladder_join(client_id=client_id)), {"client_id": client_id, "day": day})
    ]
