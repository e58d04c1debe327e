"""Default, computed and never typed: which debts were in default, from when to when, by which rule.

Every rule is told as ranges of days: a receivable is *late* on the days after its due date on which something of it is
open and nothing holds it, and a rule is a union or an overlap of such ranges. So the same facts give the same episodes,
in whatever order they came (source 001 §4.4.7, CM-12, CM-13; regulations A25, A26, E12; I-04 to I-06).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from clients.choices import DEFAULT_SOURCES, ClientKind, DefaultRule
from collections_app.models import DefaultEpisode
from collections_app.selectors.standing import LADDER_NOW
from common.calendar import is_working_day
from common.db import rows
from common.models import Holiday

# Working days after the due date that a rule counts: its date is the one on which the count is full.
WORKING_DAYS: Mapping[str, int] = {
    DefaultRule.FIVE_LATE_7WD: 7,
    DefaultRule.FOUR_LATE_20WD: 20,
    DefaultRule.UNPAID_60WD: 61,
}
_LOOK_BACK, _LOOK_AHEAD = 4 * 366, 366

# ``life``: the days on which something was open, from the ledger. ``ripe_on`` is the first day that counts for the
# trade's rule: ``n`` days of the ladder, those under frozen holds not counted; in a run of holds it waits for the end
# of the run, unless this began just then.
TRADE_90 = """
periods AS (
    SELECT a.product, p.basis, p.default_after_days + 1 AS n, daterange(a.starts_on, lead(a.starts_on) OVER (
               PARTITION BY a.product ORDER BY a.starts_on, a.event_id)) AS rules_in,
           'TRADE_90' = ANY(p.default_rules) AS applies
    FROM clients_stageassignment a JOIN clients_stagepolicy p ON p.id = a.policy_id
    WHERE a.client_id = %(client_id)s
), own AS (SELECT DISTINCT product FROM periods
), counted AS (
    SELECT r.*, q.n, q.rules_in, CASE WHEN q.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END AS since
    FROM of_case r
    JOIN periods q ON q.applies AND NOT isempty(q.rules_in)
        AND q.product = CASE WHEN r.product IN (SELECT product FROM own) THEN r.product ELSE '' END
), full_days AS (
    SELECT c.*, c.since + c.n + coalesce((
        SELECT sum(f.length) FROM (
            SELECT CASE WHEN upper_inf(run) THEN 1000000 ELSE upper(run) - lower(run) END AS length,
                   lower(run) - c.since - 1 - coalesce(sum(upper(run) - lower(run)) OVER (
                       ORDER BY lower(run) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM unnest(c.frozen * datemultirange(daterange(c.since + 1, NULL))) AS run
        ) f WHERE f.before < c.n
    ), 0)::int AS full_on
    FROM counted c
), ripe AS (
    SELECT d.*, coalesce((
        SELECT CASE WHEN lower(run) = d.full_on THEN d.full_on ELSE upper(run) END
        FROM unnest(d.held) AS run WHERE run @> d.full_on
    ), CASE WHEN d.held @> d.full_on THEN NULL ELSE d.full_on END) AS ripe_on
    FROM full_days d
), found AS (
    SELECT case_id, NULL::bigint AS debt_id, 'TRADE_90' AS rule,
           range_agg(life * datemultirange(daterange(ripe_on, NULL)) * datemultirange(rules_in)) AS days
    FROM ripe WHERE ripe_on IS NOT NULL GROUP BY case_id
)"""

# The debts' rules. ``late`` of an instalment; ``months``: of all that fell due in one month. A hold takes an instalment
# out of what is late now; that it was late so long still counts among the five (four) of the contract.
OF_DEBTS = """
debt_rules AS (
    SELECT r.*, l.default_rules AS rules,
           r.life * datemultirange(daterange(r.due_on + 1, NULL)) - coalesce(r.held, '{}') AS late,
           w.days[width_bucket(r.due_on, w.days) + 7] AS late_7,
           w.days[width_bucket(r.due_on, w.days) + 20] AS late_20,
           w.days[width_bucket(r.due_on, w.days) + 61] AS late_61
    FROM of_case r
    JOIN ladder l ON l.ladder = CASE WHEN r.product IN (SELECT ladder FROM ladder) THEN r.product ELSE '' END
    CROSS JOIN (SELECT %(workdays)s::date[] AS days OFFSET 0) w
    WHERE l.default_rules <> ARRAY['TRADE_90']::varchar[]
), months AS (
    SELECT case_id, debt_id, rules, date_trunc('month', due_on)::date AS month, range_agg(late) AS late
    FROM debt_rules GROUP BY 1, 2, 3, 4
), in_a_row AS (
    SELECT a.case_id, a.debt_id, a.rules, range_agg(a.late * b.late * c.late) AS days
    FROM months a
    JOIN months b ON b.debt_id = a.debt_id AND b.month = (a.month + interval '1 month')::date
    JOIN months c ON c.debt_id = a.debt_id AND c.month = (a.month + interval '2 months')::date
    GROUP BY 1, 2, 3
), edges AS (
    SELECT m.case_id, m.debt_id, m.rules, e.on, sum(e.step) AS step
    FROM months m CROSS JOIN LATERAL unnest(m.late) AS run
    CROSS JOIN LATERAL (VALUES (lower(run), 1), (upper(run), -1)) AS e ("on", step)
    WHERE e.on IS NOT NULL GROUP BY 1, 2, 3, 4
), over_five AS (
    SELECT case_id, debt_id, rules, range_agg(daterange("on", "next")) FILTER (WHERE standing > 5) AS days
    FROM (
        SELECT case_id, debt_id, rules, "on", lead("on") OVER w AS "next", sum(step) OVER w AS standing
        FROM edges WINDOW w AS (PARTITION BY debt_id ORDER BY "on")
    ) swept GROUP BY 1, 2, 3
), any_late AS (
    SELECT case_id, debt_id, rules, range_agg(late) AS late,
           (array_agg(late_7 ORDER BY late_7) FILTER (WHERE coalesce(closed, 'infinity') >= late_7))[5] AS fifth_7,
           (array_agg(late_20 ORDER BY late_20) FILTER (WHERE coalesce(closed, 'infinity') >= late_20))[4] AS fourth_20,
           range_agg(late * datemultirange(daterange(late_61, NULL))) FILTER (WHERE late_61 IS NOT NULL) AS over_60
    FROM debt_rules GROUP BY 1, 2, 3
), found_of_debts AS (
    SELECT case_id, debt_id, 'MONTHLY_3_IN_A_ROW' AS rule, days FROM in_a_row WHERE 'MONTHLY_3_IN_A_ROW' = ANY(rules)
    UNION ALL
    SELECT case_id, debt_id, 'MORE_THAN_5_MONTHS', days FROM over_five WHERE 'MORE_THAN_5_MONTHS' = ANY(rules)
    UNION ALL
    SELECT case_id, debt_id, 'NOTE_3_OR_MORE_THAN_5', range_agg(days) FROM (
        SELECT * FROM in_a_row UNION ALL SELECT * FROM over_five
    ) either WHERE 'NOTE_3_OR_MORE_THAN_5' = ANY(rules) GROUP BY 1, 2
    UNION ALL
    SELECT case_id, debt_id, 'FIVE_LATE_7WD', late * datemultirange(daterange(fifth_7, NULL))
    FROM any_late WHERE fifth_7 IS NOT NULL AND 'FIVE_LATE_7WD' = ANY(rules)
    UNION ALL
    SELECT case_id, debt_id, 'FOUR_LATE_20WD', late * datemultirange(daterange(fourth_20, NULL))
    FROM any_late WHERE fourth_20 IS NOT NULL AND 'FOUR_LATE_20WD' = ANY(rules)
    UNION ALL
    SELECT case_id, debt_id, 'UNPAID_60WD', over_60 FROM any_late
    WHERE over_60 IS NOT NULL AND 'UNPAID_60WD' = ANY(rules)
)"""

_OF_CASE = """
of_case AS (
    SELECT r.id, r.case_id, r.debt_id, r.issued_on, r.due_on, b.product, o.life, upper(o.life) AS closed, h.held,
           h.frozen
    FROM collections_app_receivable r
    JOIN collections_app_debt b ON b.id = r.debt_id
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(day, next)) FILTER (WHERE open > 0) AS life
        FROM (
            SELECT e.effective_on AS day, lead(e.effective_on) OVER w AS next, sum(sum(e.amount)) OVER w AS open
            FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id
            GROUP BY e.effective_on WINDOW w AS (ORDER BY e.effective_on)
        ) days
    ) o
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(h.from_on, h.until_on, '[]')) AS held,
               range_agg(daterange(h.from_on, h.until_on, '[]')) FILTER (WHERE h.frozen) AS frozen
        FROM collections_app_hold h
        WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
          AND (h.receivable_id IS NULL OR h.receivable_id = r.id) AND h.decision <> 'REJECTED'
    ) h
    WHERE r.case_id = ANY(%(cases)s) AND o.life IS NOT NULL
)"""

# The episodes that follow from the facts, up to the end of a day.
EPISODES = """
{of_case}, {found}, truth AS (
    SELECT f.case_id, f.debt_id, f.rule, lower(run) AS began_on,
           CASE WHEN upper(run) <= %(day)s THEN upper(run) END AS ended_on
    FROM ({union}) f CROSS JOIN LATERAL unnest(f.days) AS run
    WHERE lower(run) <= %(day)s
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One default: of a debt, or by the trade's rule of the whole case. ``ended_on`` is the first day without it."""

    case_id: int
    debt_id: int | None
    rule: str
    began_on: dt.date
    ended_on: dt.date | None


def rules_in_force(*, client_id: int) -> frozenset[str]:
    """The rules of default of all policies that ever ruled a client's book."""
    found = rows(
        "SELECT DISTINCT unnest(p.default_rules) AS rule FROM clients_stageassignment a "
        "JOIN clients_stagepolicy p ON p.id = a.policy_id WHERE a.client_id = %(client_id)s",
        {"client_id": client_id},
    )
    return frozenset(row["rule"] for row in found)


def working_days_around(*, day: dt.date, client_kind: str) -> list[dt.date]:
    """The working days around a day, by the banks' calendar for banks and finance companies, else the private one."""
    banks = client_kind in {ClientKind.BANK, ClientKind.FINANCE}
    calendar = Holiday.Calendar.BANK if banks else Holiday.Calendar.PRIVATE
    first = day - dt.timedelta(days=_LOOK_BACK)
    span = _LOOK_BACK + _LOOK_AHEAD
    holidays = Holiday.objects.filter(calendar=calendar, on__range=(first, first + dt.timedelta(days=span)))
    return list(_working_days(first, span, frozenset(holidays.values_list("on", flat=True))))


@lru_cache(maxsize=8)
def _working_days(first: dt.date, span: int, holidays: frozenset[dt.date]) -> tuple[dt.date, ...]:
    """Kept, since every payment of a day asks for the same five years (4 ms a payment)."""
    every = (first + dt.timedelta(days=ahead) for ahead in range(span + 1))
    return tuple(on for on in every if is_working_day(on=on, holidays=holidays))


def watched(*, client_id: int, day: dt.date) -> dict[str, object]:
    """What the night must know to look again when a rule's working days are full; empty where no rule counts any."""
    counted = [WORKING_DAYS[rule] for rule in rules_in_force(client_id=client_id) if rule in WORKING_DAYS]
    kind = rows("SELECT kind FROM clients_client WHERE id = %(client_id)s", {"client_id": client_id})[0]["kind"]
    return {
        "workdays": working_days_around(day=day, client_kind=kind) if counted else [],
        "working_days": counted,
    }


def episodes_sql(*, rules: frozenset[str]) -> str:
    """The named parts that end in ``truth``, for the rules in force; after a ``ladder``."""
    found, union = [], []
    if DefaultRule.TRADE_90 in rules:
        found.append(TRADE_90.strip())
        union.append("SELECT * FROM found")
    if rules - {DefaultRule.TRADE_90}:
        found.append(OF_DEBTS.strip())
        union.append("SELECT * FROM found_of_debts")
    return EPISODES.format(of_case=_OF_CASE.strip(), found=", ".join(found), union=" UNION ALL ".join(union))


def episodes_of(*, client_id: int, client_kind: str, case_ids: Sequence[int], day: dt.date) -> list[Episode]:
    """The episodes of these cases as the facts known now say, up to the end of ``day``, oldest first."""
    rules = rules_in_force(client_id=client_id)
    if not rules:
        return []
    sql = (
        f"WITH {LADDER_NOW}, {episodes_sql(rules=rules)} SELECT * FROM truth ORDER BY began_on, case_id, debt_id, rule"
    )
    asked = {
        "client_id": client_id,
        "cases": list(case_ids),
        "day": day,
        "workdays": working_days_around(day=day, client_kind=client_kind),
    }
    return [Episode(**row) for row in rows(sql, asked)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A default that stands, with the words and the source of its rule."""

    rule: DefaultRule
    source: str
    began_on: dt.date
    debt_ref: str


def defaults_standing(*, case_id: int) -> list[Standing]:
    """What a case is in default by today, the oldest first: computed, and why."""
    found = (
        DefaultEpisode.objects.filter(case_id=case_id, undone_on__isnull=True, ended_on__isnull=True)
        .select_related("debt")
        .order_by("began_on", "rule")
    )
    return [
        Standing(
            rule=DefaultRule(episode.rule),
            source=DEFAULT_SOURCES[episode.rule],
            began_on=episode.began_on,
            debt_ref=episode.debt.debt_ref if episode.debt is not None else "",
        )
        for episode in found
    ]
