"""What was promised, when people answer, whom we can reach: calendar, heat map, contact data (CM-43)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import ContactPolicy
from parties.choices import PartyKind
from reporting.boards.base import Asked, Chart, Table, Value
from reporting.boards.shown import by_currency, share_of
from reporting.kpis.base import Row, Words
from reporting.rules.periods import Month
from reporting.rules.weeks import Week

ZERO = Decimal(0)
_CURRENCY = (_("Currency"), "")

# As the nights judged them; what was paid in part was not kept.
STATE_WORDS: Mapping[str, Words] = {"kept": _("Kept"), "broken": _("Missed"), "open": _("Open")}


def _days_of(there: list[Row]) -> dict[dt.date, dict[str, Row]]:
    days: dict[dt.date, dict[str, Row]] = {}
    for row in there:
        days.setdefault(row["due_on"], {})[row["state"]] = row
    return days


def _promises_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        for on, states in sorted(_days_of(there).items()):
            due = {name: sum((row[name] for row in states.values()), ZERO) for name in ("count", "amount")}
            line = [
                Value(value=currency, kind="unit"),
                Value(value=on, kind="day"),
                Value(
                    value=int(due["count"]), kind="count", url=PROMISES.rows_url(asked, currency=currency, due_on=on)
                ),
                Value(value=due["amount"], kind="money"),
            ]
            for state in STATE_WORDS:
                row = states.get(state)
                url = PROMISES.rows_url(asked, currency=currency, due_on=on, state=state) if row else ""
                line.append(Value(value=row["count"] if row else 0, kind="count", url=url))
                line.append(Value(value=row["amount"] if row else ZERO, kind="money"))
            lines.append(line)
    head: list[tuple[Words, str]] = [
        _CURRENCY, (_("Due on"), ""), (_("Promises"), "fig"), (_("Amount"), "fig"),
    ]  # fmt: skip
    for words in STATE_WORDS.values():
        head += [(words, "fig"), (_("Amount"), "fig")]
    return Table(head=head, lines=lines)


def _promises_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    month = Month.of(on=asked.last)
    first, last = month.starts_on, month.ends_on
    begins = Week.of(on=first).starts_on
    weeks = [
        [begins + dt.timedelta(days=7 * n + day) for day in range(7)] for n in range((last - begins).days // 7 + 1)
    ]
    drawn = []
    for currency, there in by_currency(cells).items():
        found = _days_of(there)
        drawn.append(
            {
                "currency": currency,
                "weeks": [
                    [_day(asked, currency, on, found.get(on, {}), (first, last)) for on in week] for week in weeks
                ],
                "totals": [
                    {
                        "code": state,
                        "words": words,
                        "count": sum(days[state]["count"] for days in found.values() if state in days),
                        "amount": sum((days[state]["amount"] for days in found.values() if state in days), ZERO),
                        "url": PROMISES.rows_url(asked, currency=currency, state=state),
                    }
                    for state, words in STATE_WORDS.items()
                ],
            }
        )
    return {
        "sheets": drawn,
        "weekdays": weeks[0],
        "month": first,
        "earlier": _month_query(asked, first - dt.timedelta(days=1)),
        "later": _month_query(asked, last + dt.timedelta(days=1)),
    }


def _month_query(asked: Asked, on: dt.date) -> dict[str, str]:
    """The fields of an address that asks for a date's month."""
    month = Month.of(on=on)
    return {**asked.fixed, "from": str(month.starts_on), "to": str(month.ends_on)}


def _day(
    asked: Asked, currency: str, on: dt.date, states: Mapping[str, Row], month: tuple[dt.date, dt.date]
) -> dict[str, Any]:
    return {
        "on": on,
        "outside": not month[0] <= on <= month[1],
        "today": on == asked.today,
        "states": [
            {
                "code": state,
                "words": words,
                "count": states[state]["count"],
                "amount": states[state]["amount"],
                "url": PROMISES.rows_url(asked, currency=currency, due_on=on, state=state),
            }
            for state, words in STATE_WORDS.items()
            if state in states
        ],
    }


PROMISES = Chart(
    code="promises",
    name=_("Promise calendar"),
    asks=_("Which promises fall due on which day of the month, and which were kept?"),
    facts="""
SELECT p.id, p.case_id, p.currency, p.amount, p.made_on, p.due_on, p.paid_amount AS paid,
       CASE p.status WHEN 'KEPT' THEN 'kept' WHEN 'OPEN' THEN 'open' ELSE 'broken' END AS state
FROM collections_app_promise p
JOIN collections_app_case c ON c.id = p.case_id
WHERE p.due_on BETWEEN %(month_first)s AND %(month_last)s AND p.status <> 'CANCELLED' AND {cases}
""",
    by=("currency", "due_on", "state"),
    sums={"count": "count(*)", "amount": "sum(amount)"},
    tell=_promises_told,
    draw=_promises_drawn,
    columns=("account", "currency", "amount", "made_on", "due_on", "paid", "state"),
    order="due_on, id",
    words={"state": lambda: STATE_WORDS},
)

# ISO weekdays as a week runs here.
WEEK = (7, 1, 2, 3, 4, 5, 6)
# With fewer attempts a rate is an accident, and is not tinted.
FEW = 5


def _contacts_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for row in sorted(cells, key=lambda r: (WEEK.index(r["weekday"]), r["hour"])):
        lines.append(
            [
                Value(value=row["weekday"], kind="weekday"),
                Value(value=row["hour"], kind="hour"),
                Value(
                    value=row["attempts"],
                    kind="count",
                    url=CONTACTS.rows_url(asked, weekday=row["weekday"], hour=row["hour"]),
                ),
                Value(value=row["right_party"], kind="count"),
                Value(value=share_of(row["right_party"], row["attempts"]), kind="share"),
            ]
        )
    head = (
        (_("Day"), ""), (_("Hour"), ""), (_("Attempts"), "fig"), (_("Account holder reached"), "fig"),
        (_("Right-party rate"), "fig"),
    )  # fmt: skip
    return Table(head=head, lines=lines)


def hours_allowed(asked: Asked) -> set[tuple[int, int]]:
    """The hours of the week, as (ISO weekday, hour), that the policy of any client looked at allows for contact."""
    policies: QuerySet[ContactPolicy] = ContactPolicy.objects.filter(starts_on__lte=asked.last)
    if "client" in asked.narrowed:
        policies = policies.filter(client_id=asked.narrowed["client"])
    newest = policies.order_by("client_id", "-starts_on", "-version").distinct("client_id")
    found = set()
    for opens_at, closes_at, weekdays in {
        (policy.opens_at, policy.closes_at, tuple(policy.weekdays)) for policy in newest
    }:
        for hour in range(24):
            if dt.time(hour) < closes_at and (hour == 23 or dt.time(hour + 1) > opens_at):
                found |= {(weekday, hour) for weekday in weekdays}
    return found


def _contacts_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    allowed = hours_allowed(asked)
    found = {(row["weekday"], row["hour"]): row for row in cells}
    hours = sorted({hour for _day, hour in allowed | set(found)})
    span = range(hours[0], hours[-1] + 1) if hours else range(0)
    best = max((share_of(r["right_party"], r["attempts"]) or ZERO for r in cells if r["attempts"] >= FEW), default=ZERO)
    lines = []
    for weekday in WEEK:
        line = []
        for hour in span:
            row = found.get((weekday, hour))
            rate = share_of(row["right_party"], row["attempts"]) if row else None
            line.append(
                {
                    "allowed": (weekday, hour) in allowed,
                    "row": row,
                    "rate": rate,
                    "tint": _tint(rate, best) if row and row["attempts"] >= FEW else "",
                    "url": CONTACTS.rows_url(asked, weekday=weekday, hour=hour) if row else "",
                }
            )
        lines.append({"weekday": weekday, "cells": line})
    attempts, right = (sum(row[name] for row in cells) for name in ("attempts", "right_party"))
    return {
        "hours": list(span),
        "lines": lines,
        "attempts": attempts,
        "rate": share_of(right, attempts),
        "url": CONTACTS.rows_url(asked),
    }


def _tint(rate: Decimal | None, best: Decimal) -> str:
    """How strong a cell is, of the best hour of the period: four steps."""
    if not rate or not best:
        return "warm-1"
    return f"warm-{min(1 + int(rate / best * 4), 4)}"


CONTACTS = Chart(
    code="contacts",
    name=_("When people answer"),
    asks=_("At which hour of which day is the account holder reached? Riyadh time"),
    facts="""
SELECT a.id, a.case_id, a.at, a.channel, a.reached, a.outcome, a.verdict,
       extract(isodow FROM a.at AT TIME ZONE 'Asia/Riyadh')::int AS weekday,
       extract(hour FROM a.at AT TIME ZONE 'Asia/Riyadh')::int AS hour, a.reached = 'HOLDER' AS right_party
FROM collections_app_contactattempt a
JOIN collections_app_case c ON c.id = a.case_id
WHERE a.at >= %(starts)s AND a.at < %(ends)s AND a.verdict <> 'REFUSED' AND a.direction = 'OUT' AND {cases}
""",
    by=("weekday", "hour"),
    sums={"attempts": "count(*)", "right_party": "count(*) FILTER (WHERE right_party)"},
    tell=_contacts_told,
    draw=_contacts_drawn,
    columns=("account", "at", "channel", "reached", "outcome"),
    order="at, id",
)

REACH_WORDS: Mapping[str, Words] = {
    "both": _("Telephone and e-mail"),
    "phone": _("Telephone alone"),
    "email": _("E-mail alone"),
    "none": _("Neither"),
}
KIND_WORDS: Mapping[str, Words] = dict(PartyKind.choices)
_POINT = """EXISTS (SELECT 1 FROM collections_app_contactpoint t WHERE t.debtor_id = d.id AND t.kind IN ({kinds})
            AND t.replaced_at IS NULL AND t.state <> 'INVALID')"""
_PHONE, _EMAIL = _POINT.format(kinds="'MOBILE', 'PHONE'"), _POINT.format(kinds="'EMAIL'")


def _reach_told(asked: Asked, cells: list[Row]) -> Table:
    found = {(row["kind"], row["reach"]): row["count"] for row in cells}
    lines = []
    for kind, words in KIND_WORDS.items():
        total = sum(count for (one, _reach), count in found.items() if one == kind)
        for reach, means in REACH_WORDS.items():
            count = found.get((kind, reach), 0)
            lines.append(
                [
                    Value(value=words),
                    Value(value=means),
                    Value(
                        value=count, kind="count", url=REACH.rows_url(asked, kind=kind, reach=reach) if count else ""
                    ),
                    Value(value=share_of(count, total), kind="share"),
                ]
            )
    head = ((_("Account holder"), ""), (_("Ways to reach them"), ""), (_("Accounts"), "fig"), (_("Share"), "fig"))
    return Table(head=head, lines=lines)


def _reach_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    found: dict[str, int] = {}
    for row in cells:
        found[row["reach"]] = found.get(row["reach"], 0) + row["count"]
    total = sum(found.values())
    return {
        "total": total,
        "lines": [
            {
                "words": words,
                "count": found.get(reach, 0),
                "share": share_of(found.get(reach, 0), total),
                "none": reach == "none",
                "url": REACH.rows_url(asked, reach=reach) if found.get(reach) else "",
            }
            for reach, words in REACH_WORDS.items()
        ],
    }


REACH = Chart(
    code="reach",
    name=_("Whom we can reach"),
    asks=_("Of which open accounts do we know a way to reach the holder?"),
    facts=f"""
SELECT c.id, c.id AS case_id, d.kind, c.placed_on, c.currency, c.balance AS owed,
       CASE WHEN {_PHONE} THEN CASE WHEN {_EMAIL} THEN 'both' ELSE 'phone' END
            WHEN {_EMAIL} THEN 'email' ELSE 'none' END AS reach
FROM collections_app_case c
JOIN collections_app_debtor d ON d.id = c.debtor_id
WHERE c.status IN ('PLACED', 'ACTIVE', 'ON_HOLD') AND {{cases}}
""",
    by=("kind", "reach"),
    sums={"count": "count(*)"},
    tell=_reach_told,
    draw=_reach_drawn,
    columns=("account", "kind", "placed_on", "currency", "owed", "reach"),
    words={"kind": lambda: KIND_WORDS, "reach": lambda: REACH_WORDS},
    order='account COLLATE "C", id',
)

CHARTS = (PROMISES, CONTACTS, REACH)
