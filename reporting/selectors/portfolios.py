"""Portfolios that clients placed: which there are, what is due of each, and how one looks on the day it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clients.models import Client
from clients.selectors.clients import contact_policy_on
from collections_app.choices import ContactPointState, FileKind, ImportStatus
from common.db import rows
from legal.choices import PaperKind
from reporting.choices import ReportKind
from reporting.models import Report
from reporting.rules.periods import (
    ASSESSMENT_DUE_ON,
    ASSESSMENT_MADE_ON,
    BRIEF_DUE_ON,
    BRIEF_MADE_ON,
    Assessment,
    Brief,
)
from reporting.rules.segments import (
    BY_CODE,
    LARGE,
    LARGE_SHARE,
    MIDDLE,
    MIDDLE_UP_TO,
    OLD,
    SMALL,
    UNREACHABLE,
    YOUNG,
    YOUNG_UP_TO,
    channels_of,
)

# A client that placed nothing for so long places a portfolio; what comes more often is its daily business, and is
# assessed where somebody asks for it.
QUIET_DAYS = 90

_PLACED = """
SELECT f.client_id, f.placed_on, sum((f.result->>'cases')::int)::int AS cases,
       sum((f.result->>'receivables')::int)::int AS receivables,
       NOT EXISTS (
           SELECT FROM collections_app_importfile o
           WHERE o.client_id = f.client_id AND o.kind = %(placement)s AND o.status = %(done)s
             AND o.placed_on >= f.placed_on - %(quiet)s AND o.placed_on < f.placed_on
             AND (o.result->>'receivables')::int > 0
       ) AS is_new
FROM collections_app_importfile f
WHERE f.kind = %(placement)s AND f.status = %(done)s AND f.placed_on BETWEEN %(first)s AND %(last)s
  AND (f.result->>'receivables')::int > 0 {of_client}
GROUP BY f.client_id, f.placed_on ORDER BY f.placed_on DESC, f.client_id
"""


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """What a client placed on a day, and the last issues of its two papers where there are any."""

    client: Client
    placed_on: dt.date
    cases: int
    receivables: int
    is_new: bool
    assessment: Report | None
    brief: Report | None

    @property
    def assessment_due_on(self) -> dt.date:
        return Assessment(on=self.placed_on).day(ASSESSMENT_DUE_ON)

    @property
    def brief_from(self) -> dt.date:
        return Brief(on=self.placed_on).made_from

    @property
    def brief_due_on(self) -> dt.date:
        return Brief(on=self.placed_on).day(BRIEF_DUE_ON)


def portfolios_placed(*, first: dt.date, last: dt.date, client_id: int | None = None) -> list[Portfolio]:
    """The portfolios placed between two days, the latest first, of one client or of all."""
    of_client = "AND f.client_id = %(client_id)s" if client_id is not None else ""
    found = rows(
        _PLACED.format(of_client=of_client),
        {
            "placement": FileKind.PLACEMENT, "done": ImportStatus.DONE, "quiet": QUIET_DAYS, "first": first,
            "last": last, "client_id": client_id,
        },
    )  # fmt: skip
    clients = Client.objects.in_bulk({row["client_id"] for row in found})
    papers: dict[tuple[int, str, str], Report] = {}
    issued = Report.objects.filter(
        client__in=clients, kind__in=[ReportKind.ASSESSMENT, ReportKind.BRIEF], starts_on__range=(first, last)
    )
    for report in issued.defer("pdf", "context").order_by("issue"):
        papers[report.client_id, report.kind, report.period] = report
    return [
        Portfolio(
            client=clients[row["client_id"]],
            placed_on=row["placed_on"],
            cases=row["cases"],
            receivables=row["receivables"],
            is_new=row["is_new"],
            assessment=papers.get((row["client_id"], ReportKind.ASSESSMENT, row["placed_on"].isoformat())),
            brief=papers.get((row["client_id"], ReportKind.BRIEF, row["placed_on"].isoformat())),
        )
        for row in found
    ]


def portfolios_due(*, on: dt.date) -> list[Assessment | Brief]:
    """The papers of new portfolios that are made by themselves on a morning: those whose day has come within the last
    week and that nobody issued.
    """
    week = dt.timedelta(days=7)
    due: dict[str, Assessment | Brief] = {}
    for portfolio in portfolios_placed(first=on - dt.timedelta(days=BRIEF_MADE_ON) - week, last=on):
        assessment, brief = Assessment(on=portfolio.placed_on), Brief(on=portfolio.placed_on)
        if not portfolio.is_new:
            continue
        if portfolio.assessment is None and on - week < assessment.day(ASSESSMENT_MADE_ON) <= on:
            due[f"A{assessment.label}"] = assessment
        if portfolio.brief is None and on - week < brief.day(BRIEF_MADE_ON) <= on:
            due[f"B{brief.label}"] = brief
    return list(due.values())


# Of each account placed on the day, its currencies one by one: what was open then, how late its oldest item was, and
# how it can be reached. A paper proves the debt when it is the contract or an instrument.
_ACCOUNTS = """
WITH placed AS (
    SELECT r.case_id, r.currency, min(r.due_on) AS oldest, sum(t.charged) AS charged, sum(t.paid) AS paid,
           sum(t.charged + t.paid) AS amount, count(*) AS items
    FROM collections_app_receivable r
    JOIN collections_app_importfile f ON f.id = r.file_id AND f.placed_on = %(on)s
    JOIN (
        SELECT e.receivable_id, coalesce(sum(e.amount) FILTER (WHERE e.kind = 'CHARGE'), 0.00) AS charged,
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'PRIOR_PAYMENT'), 0.00) AS paid
        FROM collections_app_ledgerentry e
        WHERE e.client_id = %(client_id)s AND e.kind IN ('CHARGE', 'PRIOR_PAYMENT') GROUP BY e.receivable_id
    ) t ON t.receivable_id = r.id
    WHERE r.client_id = %(client_id)s AND NOT r.struck AND t.charged + t.paid > 0
    GROUP BY r.case_id, r.currency
), accounts AS (
    SELECT p.*, %(on)s::date - p.oldest AS days_late, d.kind AS holder, d.city <> '' AS has_city,
           EXISTS (SELECT FROM parties_identifier i WHERE i.party_id = d.party_id) AS has_identity,
           EXISTS (SELECT FROM legal_paper l WHERE l.case_id = p.case_id AND l.kind = ANY(%(proofs)s)) AS has_paper,
           coalesce(k.mobile, false) AS has_mobile, coalesce(k.email, false) AS has_email,
           coalesce(k.address, false) AS has_address, k.debtor_id IS NOT NULL AS reachable,
           sum(p.amount) OVER (PARTITION BY p.currency ORDER BY p.amount DESC, p.case_id) - p.amount
               < %(large)s * sum(p.amount) OVER (PARTITION BY p.currency) AS is_large
    FROM placed p
    JOIN collections_app_case c ON c.id = p.case_id
    JOIN collections_app_debtor d ON d.id = c.debtor_id
    LEFT JOIN (
        SELECT debtor_id, bool_or(kind IN ('MOBILE', 'PHONE')) AS mobile, bool_or(kind = 'EMAIL') AS email,
               bool_or(kind = 'ADDRESS') AS address
        FROM collections_app_contactpoint
        WHERE client_id = %(client_id)s AND replaced_at IS NULL AND state <> %(invalid)s GROUP BY debtor_id
    ) k ON k.debtor_id = d.id
)
"""
_SEGMENT = f"""CASE WHEN NOT reachable THEN '{UNREACHABLE}' ELSE
    CASE WHEN days_late <= {YOUNG_UP_TO} THEN '{YOUNG}' WHEN days_late <= {MIDDLE_UP_TO} THEN '{MIDDLE}'
         ELSE '{OLD}' END || CASE WHEN is_large THEN '_{LARGE}' ELSE '_{SMALL}' END END"""
_SEGMENTS = f"""{_ACCOUNTS}
SELECT currency, {_SEGMENT} AS segment, count(*) AS accounts, sum(items)::bigint AS items, sum(amount) AS amount,
       count(*) FILTER (WHERE has_mobile) AS mobile, count(*) FILTER (WHERE has_email) AS email,
       count(*) FILTER (WHERE has_address) AS address, count(*) FILTER (WHERE holder <> 'PERSON') AS companies,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY days_late) AS days_late, max(amount) AS largest
FROM accounts GROUP BY currency, segment ORDER BY currency, segment
"""
_MISSING = f"""{_ACCOUNTS}
SELECT count(DISTINCT case_id) AS accounts, count(DISTINCT case_id) FILTER (WHERE NOT reachable) AS no_point,
       count(DISTINCT case_id) FILTER (WHERE reachable AND NOT has_mobile) AS no_mobile,
       count(DISTINCT case_id) FILTER (WHERE NOT has_identity) AS no_identity,
       count(DISTINCT case_id) FILTER (WHERE days_late > {MIDDLE_UP_TO} AND NOT has_paper) AS no_paper
FROM accounts
"""
_TOTALS = f"""{_ACCOUNTS}
SELECT currency, count(*) AS accounts, sum(items)::bigint AS items, sum(amount) AS amount, sum(charged) AS charged,
       -sum(paid) AS paid, coalesce(sum(amount) FILTER (WHERE days_late > {MIDDLE_UP_TO}), 0.00) AS old
FROM accounts GROUP BY currency ORDER BY sum(amount) DESC, currency
"""


def _params(*, client_id: int, on: dt.date) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "on": on,
        "large": LARGE_SHARE,
        "invalid": ContactPointState.INVALID,
        "proofs": [PaperKind.CONTRACT.value, PaperKind.NOTE.value],
    }


def portfolio_assessed(*, client: Client, on: dt.date) -> dict[str, Any]:
    """A portfolio as it came: its sums in each currency, its segments in the order of their priority with the channels
    that the client's policy allows, and what is missing.
    """
    params = _params(client_id=client.pk, on=on)
    totals = rows(_TOTALS, params)
    whole = {row["currency"]: row["amount"] for row in totals}
    allowed = contact_policy_on(client_id=client.pk, on=on).channels
    return {
        "totals": totals,
        "segments": _in_order(rows(_SEGMENTS, params), whole=whole, allowed=allowed),
        "missing": rows(_MISSING, params)[0],
    }


def _in_order(
    found: Sequence[dict[str, Any]], *, whole: dict[str, Any], allowed: Sequence[str]
) -> list[dict[str, Any]]:
    told = [
        {
            **row,
            "priority": BY_CODE[row["segment"]].priority,
            "channels": [channel.value for channel in channels_of(code=row["segment"], allowed=allowed)],
            "share": (row["amount"] * 100 / whole[row["currency"]]).quantize(LARGE_SHARE),
        }
        for row in found
    ]
    biggest_first = list(whole)
    return sorted(told, key=lambda row: (biggest_first.index(row["currency"]), row["priority"]))
