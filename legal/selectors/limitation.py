"""Until when the debts of a case can be claimed, and the worklist of those that end (rule LIMITATION)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from collections_app.models import Case
from common.db import rows
from legal.choices import STANDING_CLAIM, InstrumentKind, LimitationState
from legal.rules.limitation import GENERAL, TERMS, WARN_DAYS, Term, ends_on, state_of

# The earliest open receivable of a debt opens its term; a note's or cheque's own maturity opens the note's, and at
# sight its issue, which is earlier than any presentation. greatest() passes over an acknowledgement that is not there.
# A debt that no instrument is recorded for is held for an account between merchants when its client trades.
ROWS = """
WITH owed AS (
    SELECT r.client_id, r.case_id, r.debt_id, min(r.due_on) AS due_on, sum(r.balance) AS balance, r.currency
    FROM collections_app_receivable r
    WHERE r.balance > 0 AND {scope}
    GROUP BY r.client_id, r.case_id, r.debt_id, r.currency
), stands AS (
    SELECT o.*, i.id AS instrument_id,
           coalesce(i.kind, CASE WHEN cl.kind = 'TRADE' THEN 'COMMERCIAL_ACCOUNT' ELSE 'GENERAL' END) AS basis,
           greatest(CASE WHEN i.kind IN ('PROMISSORY_NOTE', 'CHEQUE') THEN coalesce(i.due_on, i.issued_on, o.due_on)
                         ELSE o.due_on END, i.acknowledged_on) AS begins_on
    FROM owed o JOIN clients_client cl ON cl.id = o.client_id
    LEFT JOIN legal_instrument i ON i.debt_id = o.debt_id AND i.returned_on IS NULL
), termed AS (
    SELECT s.*, (s.begins_on + make_interval(years => t.years))::date AS ends_on,
           (SELECT min(c.filed_on) FROM legal_claim c
            WHERE c.case_id = s.case_id AND c.state = ANY(%(standing)s) AND c.currency = s.currency
              AND (c.instrument_id IS NULL OR c.instrument_id = s.instrument_id)
              AND (EXISTS (SELECT 1 FROM legal_authoriseddebt a
                           WHERE a.authorisation_id = c.authorisation_id AND a.debt_id = s.debt_id)
                   OR NOT EXISTS (SELECT 1 FROM legal_authoriseddebt a
                                  WHERE a.authorisation_id = c.authorisation_id))) AS claimed_on
    FROM stands s LEFT JOIN (VALUES {terms}) AS t(basis, years) ON t.basis = s.basis
)
"""
TERM_VALUES = ", ".join(f"('{basis}', {term.years})" for basis, term in sorted(TERMS.items()) if term.years is not None)
_SHOWN = """
SELECT t.*, d.debt_ref, d.product, i.number AS instrument_number FROM termed t
JOIN collections_app_debt d ON d.id = t.debt_id LEFT JOIN legal_instrument i ON i.id = t.instrument_id
"""
_OF_CASE = (
    ROWS.format(scope="r.case_id = %(case_id)s", terms=TERM_VALUES)
    + _SHOWN
    + "ORDER BY t.ends_on NULLS LAST, t.debt_id"
)

# Where nothing is recorded, no term is shorter than five years: a case whose oldest open due date is later has time and
# is not looked at (an index of cases finds the others); a day more, since years end on 28 February where they must.
LEAST_WITHOUT_INSTRUMENT = 5
ENDING = """r.case_id IN (
        SELECT id FROM collections_app_case
        WHERE {of} AND oldest_due_on <= (%(day)s::date + %(warn)s + 1 - make_interval(years => %(least)s))::date
        UNION
        SELECT case_id FROM collections_app_debt
        WHERE {of} AND id IN (SELECT debt_id FROM legal_instrument WHERE returned_on IS NULL)
    )"""
_WORKLIST = (
    ROWS.format(scope=ENDING.format(of="true"), terms=TERM_VALUES)
    + """
SELECT t.*, d.debt_ref, d.product, i.number AS instrument_number, b.name AS debtor_name, b.debtor_ref,
       cl.name_ar AS client_ar, cl.name_en AS client_en
FROM termed t JOIN collections_app_debt d ON d.id = t.debt_id
JOIN collections_app_case c ON c.id = t.case_id JOIN collections_app_debtor b ON b.id = c.debtor_id
JOIN clients_client cl ON cl.id = t.client_id LEFT JOIN legal_instrument i ON i.id = t.instrument_id
WHERE t.claimed_on IS NULL AND t.ends_on <= %(day)s::date + %(warn)s
ORDER BY t.ends_on, t.debt_id LIMIT %(most)s
"""
)


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """One way to claim one debt: by an instrument, or by the debt itself. ``ends_on`` is the last day in time."""

    debt_id: int
    debt_ref: str
    instrument_id: int | None
    instrument_number: str
    basis: str
    begins_on: dt.date
    ends_on: dt.date | None
    claimed_on: dt.date | None
    state: str

    @property
    def basis_label(self) -> Any:
        return InstrumentKind(self.basis).label if self.basis != GENERAL else ""

    @property
    def state_label(self) -> Any:
        return LimitationState(self.state).label

    @property
    def term(self) -> Term:
        return TERMS[self.basis]


def terms_params(*, day: dt.date) -> dict[str, Any]:
    """What the statements of this room are told."""
    return {"day": day, "warn": WARN_DAYS, "least": LEAST_WITHOUT_INSTRUMENT, "standing": sorted(STANDING_CLAIM)}


def _of(row: Mapping[str, Any], today: dt.date) -> Limitation:
    ends = ends_on(basis=row["basis"], begins=row["begins_on"])
    return Limitation(
        debt_id=row["debt_id"],
        debt_ref=row["debt_ref"],
        instrument_id=row["instrument_id"],
        instrument_number=row["instrument_number"] or "",
        basis=row["basis"],
        begins_on=row["begins_on"],
        ends_on=ends,
        claimed_on=row["claimed_on"],
        state=state_of(ends=ends, today=today, claimed=row["claimed_on"] is not None),
    )


def limitation_of(*, case: Case, today: dt.date) -> list[Limitation]:
    """Each way to claim each open debt of a case, the one that ends first first; what is paid is not there."""
    return [_of(row, today) for row in rows(_OF_CASE, {"case_id": case.pk, **terms_params(day=today)})]


def debts_timed(*, case: Case, today: dt.date) -> dict[int, bool]:
    """Of the case's open debts of which a term is known, by key: whether it has no way left, every such term past."""
    ways: dict[int, list[str]] = {}
    for row in limitation_of(case=case, today=today):
        if row.state != LimitationState.UNKNOWN:
            ways.setdefault(row.debt_id, []).append(row.state)
    return {debt: all(state == LimitationState.PASSED for state in states) for debt, states in ways.items()}


def debts_out_of_time(*, case: Case, today: dt.date) -> frozenset[int]:
    """Of the case's open debts, by key, those that no court hears any more."""
    return frozenset(debt for debt, passed in debts_timed(case=case, today=today).items() if passed)


def limitation_passed(*, case: Case, today: dt.date, debts: Collection[int] | None = None) -> bool | None:
    """Whether some open debt of the case, or of ``debts``, has no way left. None where no term is known, or nothing is
    owed."""
    timed = debts_timed(case=case, today=today)
    found = [passed for debt, passed in timed.items() if debts is None or debt in debts]
    return any(found) if found else None


def limitation_worklist(*, today: dt.date, most: int = 500) -> list[dict[str, Any]]:
    """Debts of all clients whose term has passed or ends within 180 days, and that no claim stops; soonest first."""
    found = rows(_WORKLIST, {"most": most, **terms_params(day=today)})
    for row in found:
        row["limitation"] = _of(row, today)
    return found
