"""What a period's paper says beside its figures: movements, law, complaints, what is proposed, and what changed since.

Each part is read once a report, by the client and the period; nothing here names a debtor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from collections_app.choices import EscalationStatus, HoldKind, PromiseStatus
from common.db import rows
from complaints.choices import DisputeState
from reporting.kpis import Ask, kpi_figures
from reporting.kpis.books import BUCKET_CODES, LEFT, NEW, PAID
from reporting.models import Report
from reporting.rules.periods import Calendar, Period
from reporting.selectors.figures import period_figures, period_params

# How many single events the page of what changed lists; the rest is told by number.
EVENTS_LISTED = 12

_LEGAL = """
SELECT
    (SELECT count(*) FROM collections_app_escalationrequest
     WHERE client_id = %(client_id)s AND decided_at >= %(starts)s AND decided_at < %(ends)s
       AND status = ANY(%(sent)s)) AS asked,
    (SELECT count(*) FROM collections_app_authorisation
     WHERE client_id = %(client_id)s AND signed_at >= %(starts)s AND signed_at < %(ends)s) AS signed,
    (SELECT count(*) FROM collections_app_authorisation
     WHERE client_id = %(client_id)s AND signed_at < %(ends)s AND valid_until >= %(last)s
       AND (revoked_at IS NULL OR revoked_at >= %(ends)s)) AS standing
"""
_ACTS = """
SELECT kind, count(*) AS count FROM legal_legalact
WHERE client_id = %(client_id)s AND "on" BETWEEN %(first)s AND %(last)s GROUP BY kind ORDER BY kind
"""
_COSTS = """
SELECT currency, sum(CASE WHEN reverses_id IS NULL THEN amount ELSE -amount END) AS amount FROM legal_legalcost
WHERE client_id = %(client_id)s AND "on" BETWEEN %(first)s AND %(last)s GROUP BY currency ORDER BY currency
"""
_MATTERS = """
SELECT count(*) FILTER (WHERE kind = 'COMPLAINT' AND received_at >= %(starts)s) AS complaints,
       count(*) FILTER (WHERE kind <> 'COMPLAINT' AND received_at >= %(starts)s) AS others,
       count(*) FILTER (WHERE closed_at >= %(starts)s AND closed_at < %(ends)s) AS closed,
       count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= %(ends)s) AS open
FROM complaints_matter WHERE client_id = %(client_id)s AND received_at < %(ends)s
"""
_DISPUTES = """
SELECT count(*) FILTER (WHERE filed_at >= %(starts)s) AS filed,
       count(*) FILTER (WHERE decided_at IS NULL OR decided_at >= %(ends)s) AS open
FROM complaints_dispute WHERE client_id = %(client_id)s AND filed_at < %(ends)s
"""
_WAITING = """
SELECT currency, count(*) AS count, sum(ceiling) AS amount, min(answer_by) AS by
FROM collections_app_escalationrequest WHERE client_id = %(client_id)s AND status = %(with_client)s
GROUP BY currency ORDER BY currency
"""
_COMING = """
SELECT currency, count(*) AS count, sum(amount - paid_amount) AS amount FROM collections_app_promise
WHERE client_id = %(client_id)s AND status = %(open)s AND due_on > %(last)s AND due_on <= %(last)s::date + 7
GROUP BY currency ORDER BY currency
"""
_OBJECTIONS = """
SELECT count(DISTINCT case_id) AS count FROM collections_app_hold
WHERE client_id = %(client_id)s AND kind = %(objection)s AND decision = '' AND until_on IS NULL
"""
_MEMBER = """
SELECT count(*) AS count FROM complaints_dispute
WHERE client_id = %(client_id)s AND state = %(with_member)s AND replied_at IS NULL
"""


def _params(*, client_id: int, period: Period) -> dict[str, Any]:
    return period_params(client_id=client_id, first=period.starts_on, last=period.ends_on)


def movements(*, client_id: int, period: Calendar, now: dt.datetime) -> dict[str, Any]:
    """Where receivables went from the end of the period before to the end of this, as shares of where they were.

    A matrix a currency: ``lines`` have their bucket, how many were there, and a cell for each place they went to.
    """
    ask = Ask(client_id=client_id, first=period.before().ends_on, last=period.ends_on, now=now)
    figures = {figure.kpi.code: figure for figure in kpi_figures(ask=ask, codes=["ROLL_RATES"])}
    found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for row in figures["ROLL_RATES"].rows:
        found.setdefault(row["currency"], {})[row["from_bucket"], row["to_bucket"]] = row
    return {currency: _matrix(cells) for currency, cells in sorted(found.items())}


def _matrix(cells: Mapping[tuple[str, str], Mapping[str, Any]]) -> dict[str, Any]:
    places = [*BUCKET_CODES, PAID, *([LEFT] if any(to == LEFT for _from, to in cells) else [])]
    lines = []
    for depth, start in enumerate((NEW, *BUCKET_CODES), start=-1):
        counts = [cells.get((start, to), {}).get("count", 0) for to in places]
        if whole := sum(counts):
            line = [
                {"count": count, "share": _percent(count, whole), "way": _way(depth, place) if count else ""}
                for place, count in enumerate(counts)
            ]
            lines.append({"bucket": start, "count": whole, "cells": line})
    return {"places": places, "lines": lines}


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if part else None


def _way(depth: int, place: int) -> str:
    """Which way a cell lies: deeper, the same bucket, better, or paid; what is new lies nowhere yet."""
    if place >= len(BUCKET_CODES):
        return "paid" if place == len(BUCKET_CODES) else "left"
    if depth < 0:
        return "new"
    return "deeper" if place > depth else "same" if place == depth else "better"


def legal_of_period(*, client_id: int, period: Period) -> dict[str, Any]:
    """What was asked of the client and signed by it, what was done under its authorisations and what that cost."""
    params = {
        **_params(client_id=client_id, period=period),
        "sent": [EscalationStatus.APPROVED, EscalationStatus.SIGNED, EscalationStatus.DECLINED],
    }
    return {**rows(_LEGAL, params)[0], "acts": rows(_ACTS, params), "costs": rows(_COSTS, params)}


def matters_of_period(*, client_id: int, period: Period, now: dt.datetime) -> dict[str, Any]:
    """What people complained of and asked about this client's debts, and the disputes of their records."""
    params = _params(client_id=client_id, period=period)
    ask = Ask(client_id=client_id, first=period.starts_on, last=period.ends_on, now=now)
    kpis = kpi_figures(ask=ask, codes=["COMPLAINTS_IN_TIME", "ENQUIRIES_24H"])
    return {
        **rows(_MATTERS, params)[0],
        "disputes": rows(_DISPUTES, params)[0],
        "kpis": {
            figure.kpi.code: {"value": figure.value, "part": figure.numerator, "whole": figure.denominator}
            for figure in kpis
        },
    }


def proposals_of_period(*, client_id: int, period: Period) -> dict[str, Any]:
    """What waits for the client or comes next week, each with its number; what a proposal is said from."""
    params = {
        **_params(client_id=client_id, period=period),
        "with_client": EscalationStatus.APPROVED,
        "open": PromiseStatus.OPEN,
        "objection": HoldKind.OBJECTION,
        "with_member": DisputeState.WITH_MEMBER,
    }
    return {
        "sign": rows(_WAITING, params),
        "promises": rows(_COMING, params),
        "objections": rows(_OBJECTIONS, params)[0]["count"],
        "disputes": rows(_MEMBER, params)[0]["count"],
    }


_LATER = """
WITH later AS (
    SELECT e.id, e.kind, e.amount, e.currency, e.effective_on, e.recorded_at, d.debtor_ref AS account
    FROM collections_app_ledgerentry e
    JOIN collections_app_receivable r ON r.id = e.receivable_id
    JOIN collections_app_case c ON c.id = r.case_id
    JOIN collections_app_debtor d ON d.id = c.debtor_id
    WHERE e.client_id = %(client_id)s AND e.recorded_at > %(issued_at)s AND e.effective_on <= %(last)s
)
SELECT *, count(*) OVER () AS all FROM later ORDER BY abs(amount) DESC, id LIMIT %(most)s
"""
_LATER_CONTACTS = """
SELECT count(*) AS count FROM collections_app_contactattempt
WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND recorded_at > %(issued_at)s
"""


def restated(*, report: Report | None, aging: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any] | None:
    """What the last report printed and is counted otherwise now, with the events that came since; None where nothing.

    ``aging`` is the new report's own, whose ``before`` is the same day as the last one's balances.
    """
    if report is None:
        return None
    period = report.covers
    params = {**_params(client_id=report.client_id, period=period), "issued_at": report.issued_at}
    now = period_figures(client_id=report.client_id, first=period.starts_on, last=period.ends_on)
    printed = report.context
    changes = [*_money_changes(printed, now), *_count_changes(printed["now"], now)]
    for currency, buckets in aging.items():
        was = sum((Decimal(row["amount"]) for row in printed["aging"].get(currency, [])), Decimal(0))
        changes.append(_change("open", was, sum((row["before"] for row in buckets), Decimal(0)), currency))
    changes = [change for change in changes if change["was"] != change["now"]]
    if not changes:
        return None
    events = rows(_LATER, {**params, "most": EVENTS_LISTED})
    return {
        "number": report.number,
        "issue": report.issue,
        "issued_at": report.issued_at,
        "changes": changes,
        "events": [{name: event[name] for name in event if name not in {"id", "all"}} for event in events],
        "more": max(events[0]["all"] - len(events), 0) if events else 0,
        "contacts": rows(_LATER_CONTACTS, params)[0]["count"],
    }


def _change(name: str, was: Any, now: Any, currency: str = "") -> dict[str, Any]:
    return {"name": name, "currency": currency, "was": was, "now": now, "by": now - was}


def _money_changes(printed: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    def collected(figures: Mapping[str, Any]) -> dict[str, Decimal]:
        return {row["currency"]: Decimal(row["amount"]) for row in figures["payments"]}

    was, are = collected(printed["now"]), collected(now)
    return [
        _change("collected", was.get(currency, Decimal(0)), are.get(currency, Decimal(0)), currency)
        for currency in sorted(was | are)
    ]


def _count_changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _change(name, was[group][key], now[group][key])
        for name, group, key in (
            ("contacts", "contacts", "attempts"),
            ("reached", "contacts", "right_party"),
            ("promises", "promises", "made"),
            ("due", "promises", "due"),
            ("kept", "promises", "kept"),
        )
    ]
