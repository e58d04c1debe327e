"""The rows behind one condition of escalation, as people read them (PL-20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from collections_app.models import Case
from collections_app.selectors.cases import receivables_of
from collections_app.selectors.default import defaults_standing
from common.components.format import day_text, money_text
from legal.rules.criteria import Criterion
from legal.selectors.criteria import (
    attempts_made,
    contacts_with_holder,
    holds_open,
    notices_served,
    offers_made,
    promises_missed,
    promises_open,
)
from legal.selectors.limitation import limitation_of


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: when, what, more of it, and who."""

    on: dt.date | dt.datetime
    what: str
    detail: str = ""
    who: Any = None


def _contacts(found: Any) -> list[Row]:
    return [
        Row(
            on=a.at,
            what=f"{a.get_channel_display()} · {a.get_outcome_display()}",
            detail=f"{a.get_reached_display()} · {a.note}" if a.note else a.get_reached_display(),
            who=a.by,
        )
        for a in found.select_related("by").order_by("-at", "-pk")
    ]


def _promises(found: Any) -> list[Row]:
    language = get_language() or "ar"
    return [
        Row(
            on=p.due_on,
            what=money_text(amount=p.amount, currency=p.currency, language=language),
            detail=_("%(state)s · made on %(day)s")
            % {"state": p.get_status_display(), "day": day_text(on=p.made_on, language=language, year=True)},
            who=p.made_by,
        )
        for p in found.select_related("made_by").order_by("-due_on", "-pk")
    ]


def _items(case: Case, today: dt.date) -> list[Row]:
    language = get_language() or "ar"
    return [
        Row(
            on=row["receivable"].due_on,
            what=f"\u2068{row['receivable'].receivable_ref}\u2069",
            detail=money_text(amount=row["receivable"].balance, currency=row["receivable"].currency, language=language),
        )
        for row in receivables_of(case=case, today=today)
    ]


def _offers(case: Case, today: dt.date) -> list[Row]:
    return _contacts(offers_made(case=case)) + _promises(case.promises.filter(attempt__isnull=True))


def _terms(case: Case, today: dt.date) -> list[Row]:
    return [
        Row(
            on=line.ends_on,
            what=" · ".join(part for part in (f"\u2068{line.debt_ref}\u2069", str(line.basis_label)) if part),
            detail=str(line.state_label),
        )
        for line in limitation_of(case=case, today=today)
        if line.ends_on is not None
    ]


_ROWS: dict[Criterion, Callable[[Case, dt.date], list[Row]]] = {
    Criterion.DAYS: _items,
    Criterion.BALANCE: _items,
    Criterion.DEFAULT: lambda case, today: [
        Row(on=d.began_on, what=str(d.rule.label), detail=f"{d.debt_ref} · {d.source}" if d.debt_ref else d.source)
        for d in defaults_standing(case_id=case.pk)
    ],
    Criterion.ATTEMPTS: lambda case, today: _contacts(attempts_made(case=case)),
    Criterion.REACHED: lambda case, today: _contacts(contacts_with_holder(case=case)),
    Criterion.OFFER: _offers,
    Criterion.PROMISES: lambda case, today: _promises(promises_missed(case=case)),
    Criterion.NO_PROMISE: lambda case, today: _promises(promises_open(case=case)),
    Criterion.NO_HOLD: lambda case, today: [
        Row(on=h.from_on, what=str(h.get_kind_display()), detail=h.reason)
        for h in holds_open(case=case, on=today).order_by("-from_on")
    ],
    Criterion.NOTICE: lambda case, today: [
        Row(on=n.served_on or n.as_of, what=n.number, detail=str(n.get_channel_display()), who=n.prepared_by)
        for n in notices_served(case=case).select_related("prepared_by")
    ],
    Criterion.LIMITATION: _terms,
}


def rows_behind(*, case: Case, criterion: Criterion, today: dt.date) -> list[Row]:
    """What a condition counts, the newest first; nothing where it counts no rows."""
    read = _ROWS.get(criterion)
    return read(case, today) if read is not None else []
