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

from clients.choices import DEFAULT_SOURCES, SUPERVISED, DefaultRule
from collections_app.models import Debt, DefaultEpisode
from collections_app.selectors.standing import HELD_DAYS, KNOWN_ENTRIES, KNOWN_HOLDS, KNOWN_POLICY, RIPE
from common.calendar import is_working_day
from common.db import rows
from common.models import Holiday

# Working days after the due date that a rule counts: its date is the one on which the count is full.
WORKING_DAYS: Mapping[str, int] = {
    DefaultRule.FIVE_LATE_7WD: 7,
    DefaultRule.FOUR_LATE_20WD: 20,
    DefaultRule.UNPAID_60WD: 61,
}
_LOOK_AHEAD = 366

# Which version ruled a product when; before a product had one of its own, the general one ruled it.
_PERIODS = """
assigned AS (
    SELECT a.product, a.starts_on, p.basis, p.default_after_days + 1 AS n, p.default_rules AS rules,
           daterange(a.starts_on, lead(a.starts_on) OVER (
               PARTITION BY a.product ORDER BY a.starts_on, a.event_id)) AS rules_in
    FROM clients_stageassignment a JOIN clients_stagepolicy p ON p.id = a.policy_id
    WHERE a.client_id = %(client_id)s {known_policy}
), periods AS (
    SELECT product, basis, n, rules, rules_in FROM assigned WHERE NOT isempty(rules_in)
    UNION ALL
    SELECT o.product, g.basis, g.n, g.rules, g.rules_in * daterange(NULL, o.first_on)
    FROM (SELECT product, min(starts_on) AS first_on FROM assigned WHERE product <> '' GROUP BY product) o
    JOIN assigned g ON g.product = '' AND NOT isempty(g.rules_in * daterange(NULL, o.first_on))
)"""

# ``life``: the days on which something was open, from the ledger; ``ladder``: the product whose versions rule it. The
# debts are looked at only where a product has its own.
_LADDER = """coalesce((
               SELECT b.product FROM collections_app_debt b
               WHERE b.id = r.debt_id AND b.product IN (SELECT product FROM assigned)
           ), '')"""
_OF_CASE = """
of_case AS (
    SELECT r.id, r.case_id, r.debt_id, r.issued_on, r.due_on, o.life, h.held, h.frozen,
           {ladder} AS ladder
    FROM collections_app_receivable r
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(day, next)) FILTER (WHERE open > 0) AS life
        FROM (
            SELECT e.effective_on AS day, lead(e.effective_on) OVER w AS next, sum(sum(e.amount)) OVER w AS open
            FROM collections_app_ledgerentry e {known_entries} WHERE e.receivable_id = r.id
            GROUP BY e.effective_on WINDOW w AS (ORDER BY e.effective_on)
        ) days
    ) o
    CROSS JOIN LATERAL ({held_days}) h
    WHERE {scope} AND o.life IS NOT NULL
)"""

# ``ripe_on`` is the first day that counts for the trade's rule; what cannot be ripe by the day has no say yet.
_TRADE_90 = f"""
counted AS (
    SELECT r.*, q.n, q.rules_in, CASE WHEN q.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END AS since
    FROM of_case r JOIN periods q ON q.product = r.ladder AND 'TRADE_90' = ANY(q.rules)
    WHERE CASE WHEN q.basis = 'INVOICE' THEN r.issued_on ELSE r.due_on END + q.n <= %(day)s
), {RIPE}, found AS (
    SELECT case_id, NULL::bigint AS debt_id, 'TRADE_90' AS rule,
           range_agg(life * datemultirange(daterange(ripe_on, NULL)) * datemultirange(rules_in)) AS days
    FROM ripe WHERE ripe_on IS NOT NULL GROUP BY case_id
)"""

# The debts' rules. ``late`` of an instalment: after its due day, while something of it is open and nothing holds it;
# ``months``: of all that fell due in one month. Days under a frozen hold are no days of delay (ADR 0028): ``late_n`` is
# the first day on which so many working days without them were full while it was owed. In a run of holds it waits for
# the end of the run, as the trade's rule does; what was late so long counts among the five (four) of the contract also
# once it is paid.
_OF_DEBTS = """
debt_rules AS (
    SELECT r.case_id, r.debt_id, r.ladder, r.due_on,
           r.life * datemultirange(daterange(r.due_on + 1, NULL)) - coalesce(r.held, '{{}}') AS late, w.*
    FROM of_case r CROSS JOIN LATERAL (
        SELECT min(counts_on) FILTER (WHERE n = 7) AS late_7, min(counts_on) FILTER (WHERE n = 20) AS late_20,
               min(counts_on) FILTER (WHERE n = 61) AS late_61
        FROM (VALUES (7), (20), (61)) AS wanted (n)
        CROSS JOIN LATERAL (SELECT {full_on} AS full_on) f
        CROSS JOIN LATERAL (SELECT CASE WHEN r.held @> f.full_on THEN (
            SELECT CASE WHEN lower(run) = f.full_on THEN f.full_on ELSE upper(run) END
            FROM unnest(r.held) AS run WHERE run @> f.full_on
        ) ELSE f.full_on END AS ripe_on) p
        CROSS JOIN LATERAL (
            SELECT min(greatest(lower(run), p.ripe_on)) AS counts_on FROM unnest(r.life) AS run
            WHERE p.ripe_on IS NOT NULL AND (upper_inf(run) OR upper(run) >= p.ripe_on)
        ) c
    ) w
    WHERE r.ladder IN (SELECT product FROM periods WHERE rules <> ARRAY['TRADE_90']::varchar[])
), months AS (
    SELECT case_id, debt_id, ladder, date_trunc('month', due_on)::date AS month, range_agg(late) AS late
    FROM debt_rules GROUP BY 1, 2, 3, 4
), in_a_row AS (
    SELECT a.case_id, a.debt_id, a.ladder, range_agg(a.late * b.late * c.late) AS days
    FROM months a
    JOIN months b ON b.debt_id = a.debt_id AND b.month = (a.month + interval '1 month')::date
    JOIN months c ON c.debt_id = a.debt_id AND c.month = (a.month + interval '2 months')::date
    GROUP BY 1, 2, 3
), edges AS (
    SELECT m.case_id, m.debt_id, m.ladder, e.on, sum(e.step) AS step
    FROM months m CROSS JOIN LATERAL unnest(m.late) AS run
    CROSS JOIN LATERAL (VALUES (lower(run), 1), (upper(run), -1)) AS e ("on", step)
    WHERE e.on IS NOT NULL GROUP BY 1, 2, 3, 4
), over_five AS (
    SELECT case_id, debt_id, ladder, range_agg(daterange("on", "next")) FILTER (WHERE standing > 5) AS days
    FROM (
        SELECT case_id, debt_id, ladder, "on", lead("on") OVER w AS "next", sum(step) OVER w AS standing
        FROM edges WINDOW w AS (PARTITION BY debt_id ORDER BY "on")
    ) swept GROUP BY 1, 2, 3
), any_late AS (
    SELECT case_id, debt_id, ladder, range_agg(late) AS late,
           (array_agg(late_7 ORDER BY late_7) FILTER (WHERE late_7 IS NOT NULL))[5] AS fifth_7,
           (array_agg(late_20 ORDER BY late_20) FILTER (WHERE late_20 IS NOT NULL))[4] AS fourth_20,
           range_agg(late * datemultirange(daterange(late_61, NULL))) FILTER (WHERE late_61 IS NOT NULL) AS over_60
    FROM debt_rules GROUP BY 1, 2, 3
), ruled AS (
    SELECT product, rule, range_agg(rules_in) AS rules_in FROM periods CROSS JOIN LATERAL unnest(rules) AS rule
    GROUP BY 1, 2
), found_of_debts AS (
    SELECT f.case_id, f.debt_id, f.rule, f.days * q.rules_in AS days
    FROM (
        SELECT case_id, debt_id, ladder, 'MONTHLY_3_IN_A_ROW' AS rule, days FROM in_a_row
        UNION ALL SELECT case_id, debt_id, ladder, 'MORE_THAN_5_MONTHS', days FROM over_five
        UNION ALL
        SELECT case_id, debt_id, ladder, 'NOTE_3_OR_MORE_THAN_5', range_agg(days) FROM (
            SELECT * FROM in_a_row UNION ALL SELECT * FROM over_five
        ) either GROUP BY 1, 2, 3
        UNION ALL
        SELECT case_id, debt_id, ladder, 'FIVE_LATE_7WD', late * datemultirange(daterange(fifth_7, NULL))
        FROM any_late WHERE fifth_7 IS NOT NULL
        UNION ALL
        SELECT case_id, debt_id, ladder, 'FOUR_LATE_20WD', late * datemultirange(daterange(fourth_20, NULL))
        FROM any_late WHERE fourth_20 IS NOT NULL
        UNION ALL SELECT case_id, debt_id, ladder, 'UNPAID_60WD', over_60 FROM any_late WHERE over_60 IS NOT NULL
    ) f JOIN ruled q ON q.product = f.ladder AND q.rule = f.rule
)"""


def working_day_full(*, due: str, n: str, frozen: str) -> str:
    """SQL: the ``n``-th working day after a due date, those under frozen holds not counted."""
    days = "%(workdays)s::date[]"
    return f"""CASE WHEN {frozen} IS NULL THEN ({days})[width_bucket({due}, {days}) + {n}] ELSE (
        SELECT day FROM unnest({days}) AS day WHERE day > {due} AND NOT {frozen} @> day
        ORDER BY day OFFSET {n} - 1 LIMIT 1
    ) END"""


# The episodes that follow from the facts, up to the end of a day.
_EPISODES = """
{periods}, {of_case}, {found}, truth AS (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rules of default of all policies that ever ruled a client's book, and whether a product had its own."""

    rules: frozenset[str]
    by_product: bool


def rules_in_force(*, client_id: int) -> InForce:
    """What ever ruled a client's book."""
    found = rows(
        "SELECT DISTINCT unnest(p.default_rules) AS rule, a.product <> '' AS own FROM clients_stageassignment a "
        "JOIN clients_stagepolicy p ON p.id = a.policy_id WHERE a.client_id = %(client_id)s",
        {"client_id": client_id},
        kept=True,
    )
    return InForce(rules=frozenset(row["rule"] for row in found), by_product=any(row["own"] for row in found))


def working_days(*, first: dt.date, last: dt.date, client_kind: str) -> list[dt.date]:
    """The working days of a span, by the banks' calendar for banks and finance companies, else the private one."""
    banks = client_kind in SUPERVISED
    calendar = Holiday.Calendar.BANK if banks else Holiday.Calendar.PRIVATE
    holidays = Holiday.objects.filter(calendar=calendar, on__range=(first, last)).values_list("on", flat=True)
    return list(_working_days(first, last, frozenset(holidays)))


@lru_cache(maxsize=64)
def _working_days(first: dt.date, last: dt.date, holidays: frozenset[dt.date]) -> tuple[dt.date, ...]:
    """Kept, since every payment of a day asks for the same years (4 ms a payment)."""
    every = (first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return tuple(on for on in every if is_working_day(on=on, holidays=holidays))


def _workdays(*, client_id: int, day: dt.date, among: str, asked: Mapping[str, object]) -> list[dt.date]:
    """The working days from the first due date among some receivables to a year after ``day``: as long as it takes."""
    found = rows(
        f"SELECT c.kind, (SELECT min(r.due_on) FROM collections_app_receivable r WHERE r.client_id = c.id AND {among}) "
        "AS first FROM clients_client c WHERE c.id = %(client_id)s",
        {**asked, "client_id": client_id, "day": day},
    )[0]
    if found["first"] is None:
        return []
    last = day + dt.timedelta(days=_LOOK_AHEAD)
    return working_days(first=min(found["first"], last), last=last, client_kind=found["kind"])


def watched(*, client_id: int, day: dt.date) -> dict[str, object]:
    """What the night must know to look again for the debts' rules, when an instalment is late and when a rule's working
    days are full; nothing where no policy of the client has such a rule.
    """
    rules = rules_in_force(client_id=client_id).rules - {DefaultRule.TRADE_90}
    if not rules:
        return {}
    counted = [WORKING_DAYS[rule] for rule in rules if rule in WORKING_DAYS]
    among = "r.status = 'OPEN' AND r.next_change_on <= %(day)s"
    return {
        "workdays": _workdays(client_id=client_id, day=day, among=among, asked={}) if counted else [],
        "working_days": counted,
    }


@dataclass(frozen=True, kw_only=True)
class Question:
    """The SQL whose last part is ``truth``, the episodes of default as the facts tell them, and its parameters."""

    sql: str
    told: dict[str, object]


def episodes_asked(
    *, client_id: int, day: dt.date, case_ids: Sequence[int] | None, known_at: dt.datetime | None = None
) -> Question | None:
    """How to ask for the episodes of these cases (None: of the whole book) up to the end of ``day``, from the facts
    known now or those sealed by ``known_at``. None where no rule of default ever applied.
    """
    in_force = rules_in_force(client_id=client_id)
    rules = in_force.rules
    if not rules:
        return None
    scope = "r.client_id = %(client_id)s" if case_ids is None else "r.case_id = ANY(%(cases)s)"
    told = {"client_id": client_id, "day": day, "cases": list(case_ids or ()), "known_at": known_at}
    found, union = [], []
    if DefaultRule.TRADE_90 in rules:
        found.append(_TRADE_90.strip())
        union.append("SELECT * FROM found")
    if rules - {DefaultRule.TRADE_90}:
        full_on = working_day_full(due="r.due_on", n="n", frozen="r.frozen")
        found.append(_OF_DEBTS.strip().format(full_on=full_on))
        union.append("SELECT * FROM found_of_debts")
        told["workdays"] = _workdays(client_id=client_id, day=day, among=scope, asked=told)
    known = known_at is not None
    sql = _EPISODES.format(
        periods=_PERIODS.format(known_policy=KNOWN_POLICY if known else "").strip(),
        of_case=_OF_CASE.format(
            known_entries=KNOWN_ENTRIES if known else "",
            held_days=HELD_DAYS.format(holds="known_holds" if known else "collections_app_hold"),
            ladder=_LADDER if in_force.by_product else "''",
            scope=scope,
        ).strip(),
        found=", ".join(found),
        union=" UNION ALL ".join(union),
    )
    return Question(sql=f"{KNOWN_HOLDS.strip()}, {sql}" if known else sql, told=told)


def defaults_as_of(
    *, client_id: int, as_of: dt.date, known_at: dt.datetime | None = None, case_ids: Sequence[int] | None = None
) -> list[Episode]:
    """What stood in default at the end of ``as_of``, the oldest first, worked out from the facts alone.

    ``known_at`` reads only what was sealed by that moment (``audit.sealed_by`` makes that final first); None is what is
    known now. Holidays are no facts of a book: a day off that was entered late was off all the same.
    """
    question = episodes_asked(client_id=client_id, day=as_of, case_ids=case_ids, known_at=known_at)
    if question is None:
        return []
    sql = f"WITH {question.sql} SELECT * FROM truth WHERE ended_on IS NULL ORDER BY began_on, case_id, debt_id, rule"
    return [Episode(**row) for row in rows(sql, question.told)]


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


def case_defaults_as_of(
    *, client_id: int, case_id: int, as_of: dt.date, known_at: dt.datetime | None = None
) -> list[Standing]:
    """What a case was in default by at the end of a past day, as the facts known now, or then, tell it."""
    found = defaults_as_of(client_id=client_id, as_of=as_of, known_at=known_at, case_ids=[case_id])
    refs = dict(Debt.objects.filter(case_id=case_id).values_list("pk", "debt_ref")) if found else {}
    return [
        Standing(
            rule=DefaultRule(episode.rule),
            source=DEFAULT_SOURCES[episode.rule],
            began_on=episode.began_on,
            debt_ref=refs[episode.debt_id] if episode.debt_id is not None else "",
        )
        for episode in found
    ]
