"""The only writer of book dates, stages, transitions and defaults: set-based, one statement a step.

Every step is told the day. It touches only open receivables whose ``next_change_on`` has come, so that a night costs
what changed, not the size of the book.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clients.models import Client
from collections_app.selectors.default import watched, working_day_full
from collections_app.selectors.standing import AGED, LADDER_NOW, SINCE, ladder_join
from collections_app.services.cases import cases_refresh, cases_refresh_of_client
from collections_app.services.default import defaults_judge
from collections_app.services.stage_actions import stage_actions_fire, stage_requests_settle
from common import clock
from common.db import execute, rows

# Balances are written by functions of the owner alone (migration ``0009``); both take the book at its new date.
_OPEN_FIRST = "SELECT book_open_first(%(client_id)s, %(day)s)"

# A chunk of the night: so many cases are one transaction.
CASES_A_CHUNK = 25_000
LAST_ID = 2**63 - 1

# The next day on which a rule of default looks at a receivable whose policy has one for debts: the day after its due
# day, and those on which a rule's working days are full; where days of it are frozen, their count is another.
# Where no policy has such a rule the night does not even ask: the planner takes the question for dear, and compiles.
_FULL = working_day_full(due="r.due_on", n="n", frozen="a.frozen")
_WATCH = f"""CASE WHEN a.by_debt THEN least(
                CASE WHEN r.due_on >= %(day)s THEN r.due_on + 1 END,
                CASE WHEN cardinality(%(workdays)s::date[]) > 0 THEN (
                    SELECT min(full_on)
                    FROM (SELECT {_FULL} AS full_on FROM unnest(%(working_days)s::int[]) AS n) ahead
                    WHERE full_on > %(day)s
                ) END
            ) END"""

# Locks are taken in one order everywhere: the client, its cases by id, their receivables.
_CASES_DUE = """
SELECT id FROM collections_app_case
WHERE id IN (
    SELECT r.case_id FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id
    WHERE e.client_id = %(client_id)s AND e.effective_on > %(before)s AND e.effective_on <= %(day)s
) ORDER BY id FOR NO KEY UPDATE
"""
# The due one after so many; in the order of the index, so that no plan reads the table for it.
_DUE_AFTER = """
SELECT 1 FROM collections_app_receivable
WHERE client_id = %(client_id)s AND status = 'OPEN' AND next_change_on <= %(day)s
ORDER BY client_id, next_change_on OFFSET %(so_many)s LIMIT 1
"""
# Where to part the cases that have something to age, so that each part has ``size`` of them: every ``size``-th id.
_PARTS = """
SELECT case_id FROM (
    SELECT case_id, row_number() OVER (ORDER BY case_id) AS n FROM (
        SELECT DISTINCT case_id FROM collections_app_receivable
        WHERE client_id = %(client_id)s AND status = 'OPEN' AND next_change_on <= %(day)s
    ) due
) numbered WHERE n %% %(size)s = 0 ORDER BY case_id
"""

_APPLY_DUE = "SELECT case_id FROM book_apply(%(client_id)s, %(before)s, %(day)s)"

# ``due``: whose day has come; ``aged``: how they stand (``selectors.standing``); ``moved`` writes it; the insert keeps
# every true move, which is one to another code: under a new version a stage has another row and perhaps position.
_AGE = f"""
WITH {LADDER_NOW}, due AS (
    SELECT r.id, r.case_id, r.debt_id, r.stage_id AS was, o.code AS was_code, r.held AS was_held,
           r.in_default AS was_default, l.default_rules <> ARRAY['TRADE_90']::varchar[] AS by_debt, {SINCE}
    FROM collections_app_receivable r LEFT JOIN clients_stagepolicyrow o ON o.id = r.stage_id {{join}}
    WHERE r.client_id = %(client_id)s AND r.status = 'OPEN' AND r.issued_on <= %(day)s
      AND r.next_change_on <= %(day)s AND {{scope}}
), {AGED.format(holds="collections_app_hold")}, moved AS (
    UPDATE collections_app_receivable r
    SET held = a.held,
        stage_id = a.stages[a.rung + 1],
        stage_position = a.positions[a.rung + 1],
        stage_since = CASE WHEN a.was_code IS DISTINCT FROM a.codes[a.rung + 1] THEN %(day)s ELSE r.stage_since END,
        in_default = a.in_default,
        next_change_on = CASE WHEN a.held THEN a.edge ELSE least(
            %(day)s + (a.first_days[a.rung + 1] - a.days),
            CASE WHEN NOT a.in_default THEN %(day)s + (a.default_after_days + 1 - a.days) END,
            a.edge,
            {{watch}}
        ) END
    FROM aged a WHERE r.id = a.id
    RETURNING r.id, r.case_id, a.was, r.stage_id AS stage, %(day)s - a.since AS days,
              a.was_code IS DISTINCT FROM a.codes[a.rung + 1] AS entered,
              a.by_debt OR a.was_default <> r.in_default AS of_default,
              (a.was, a.was_held, a.was_default) IS DISTINCT FROM (r.stage_id, r.held, r.in_default) AS changed
), written AS (
    INSERT INTO collections_app_stagetransition
        (client_id, receivable_id, case_id, from_stage_id, to_stage_id, "on", days, recorded_at)
    SELECT %(client_id)s, id, case_id, was, stage, %(day)s, days, %(now)s
    FROM moved WHERE entered
    RETURNING 1
)
SELECT (SELECT count(*) FROM moved) AS looked_at,
       (SELECT count(*) FROM written) AS transitions,
       array(SELECT DISTINCT case_id FROM moved WHERE changed) AS cases,
       array(SELECT DISTINCT case_id FROM moved WHERE of_default) AS defaults
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
    moved = [row["case_id"] for row in rows(_APPLY_DUE, {"client_id": client_id, "before": before, "day": day})]
    defaults_judge(client_id=client_id, case_ids=moved, day=day)
    return cases_refresh(case_ids=moved)


def aging_parts(*, client_id: int, day: dt.date) -> list[tuple[int, int]]:
    """The book's cases that have something to age on ``day``, parted into ranges of ids, the lower end not included.

    One range of all ids when a single chunk is enough, none when nothing is due.
    """
    asked = {"client_id": client_id, "day": day, "size": CASES_A_CHUNK}
    if not rows(_DUE_AFTER, {**asked, "so_many": 0}):
        return []
    # No more receivables than a chunk has cases, as on most nights: nothing to part.
    many = rows(_DUE_AFTER, {**asked, "so_many": CASES_A_CHUNK})
    ends = [row["case_id"] for row in rows(_PARTS, asked)] if many else []
    return list(zip([0, *ends], [*ends, LAST_ID], strict=True))


def receivables_age(
    *,
    client_id: int,
    day: dt.date,
    case_ids: Sequence[int] | None = None,
    between: tuple[int, int] = (0, LAST_ID),
) -> int:
    """Age every open receivable whose next change has come, ``between`` these ids of cases (the lower not included).

    The number of stage transitions written. The client is held meanwhile, so that nobody else moves its receivables.
    With ``case_ids`` only theirs: the caller holds the client and these cases.
    """
    params: dict[str, object] = {"client_id": client_id, "day": day}
    if case_ids is not None:
        if not case_ids:
            return 0
        scope, params["cases"] = "r.case_id = ANY(%(cases)s)", list(case_ids)
    else:
        rows("SELECT 1 FROM clients_client WHERE id = %(client_id)s FOR NO KEY UPDATE", params)
        scope = "true" if between == (0, LAST_ID) else "r.case_id > %(after)s AND r.case_id <= %(upto)s"
        params["after"], params["upto"] = between
    told = watched(client_id=client_id, day=day)
    found = rows(
        _AGE.format(join=ladder_join(client_id=client_id), scope=scope, watch=_WATCH if told else "NULL::date"),
        {**params, **told, "now": clock.now()},
        kept=case_ids is not None and len(case_ids) == 1,
    )[0]
    cases_refresh(case_ids=found["cases"])
    defaults_judge(client_id=client_id, case_ids=found["defaults"], day=day)
    return int(found["transitions"])


def case_age_again(*, client_id: int, case_id: int, day: dt.date) -> None:
    """After a hold, a note or money changed a case, which the caller holds: its stages as they are today, with the
    actions of a stage that stands since today, whether the night or this change brought it."""
    receivables_look_again(case_id=case_id, day=day)
    receivables_age(client_id=client_id, day=day, case_ids=[case_id])
    stage_actions_fire(client_id=client_id, since=day - dt.timedelta(days=1), day=day, case_ids=[case_id])
    stage_requests_settle(client_id=client_id, day=day, case_id=case_id)


def receivables_look_again(*, case_id: int, day: dt.date) -> None:
    """After a hold or policy changed: let the next aging look at this case's open receivables on ``day``."""
    execute(
        "UPDATE collections_app_receivable SET next_change_on = least(next_change_on, %(day)s) "
        "WHERE case_id = %(case_id)s AND status = 'OPEN' AND issued_on <= %(day)s",
        {"case_id": case_id, "day": day},
        kept=True,
    )


def cases_look_again(*, case_ids: Sequence[int], day: dt.date) -> None:
    """``receivables_look_again`` for many cases, which the caller holds."""
    execute(
        "UPDATE collections_app_receivable SET next_change_on = least(next_change_on, %(day)s) "
        "WHERE case_id = ANY(%(case_ids)s) AND status = 'OPEN' AND issued_on <= %(day)s",
        {"case_ids": list(case_ids), "day": day},
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
