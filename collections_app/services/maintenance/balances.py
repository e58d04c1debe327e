"""Balance corrections: what the client says was open on a day; the difference is a note of that day, nothing is edited.

Where no money ever came on a case there is nothing to replay: such notes are written together. Every other goes its own
way through the ledger, which moves what was paid, or says why it cannot be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction

from collections_app.choices import EntryKind
from collections_app.models import ImportFile, Receivable
from collections_app.rules import importing
from collections_app.rules.importing import REASONS, Refusal
from collections_app.services import stage_actions, stages
from collections_app.services.cases import cases_refresh
from collections_app.services.cells import Cells
from collections_app.services.default import defaults_judge
from collections_app.services.ledger import note_post
from collections_app.services.maintenance.work import Work
from collections_app.services.promises import promises_judge_again
from common import clock, money
from common.db import execute, rows
from common.exceptions import Refused

CASES_AT_ONCE = 50_000
_RESOLVED = """
UPDATE staged_told t SET receivable_id = f.id, found = f.found
FROM (
    SELECT t.line, min(r.id) AS id, count(*) AS found
    FROM staged_told t
    JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref
    JOIN collections_app_case k ON k.debtor_id = b.id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.receivable_ref = t.receivable_ref
        AND NOT r.struck
    JOIN collections_app_debt d ON d.id = r.debt_id AND (t.debt_ref = '' OR d.debt_ref = t.debt_ref)
    GROUP BY t.line
) f WHERE f.line = t.line
"""
_OF = "EXISTS (SELECT 1 FROM collections_app_receivable r WHERE r.id = t.receivable_id AND {condition})"
# How far the book is from what the client says, and whether the note can be written with many others: no money ever
# came on the case, all is principal, nothing happened on the receivable after that day.
_DIFFERENCE = """
UPDATE staged_told t SET difference = t.balance - f.owed, alone = f.later OR f.parts OR EXISTS (
    SELECT 1 FROM collections_app_payment p WHERE p.case_id = f.case_id
)
FROM (
    SELECT o.line, r.case_id, coalesce(sum(e.amount) FILTER (WHERE e.effective_on <= o.value_on), 0) AS owed,
           coalesce(bool_or(e.effective_on > o.value_on), false) AS later,
           coalesce(bool_or(e.component <> 'PRINCIPAL'), false) AS parts
    FROM staged_told o JOIN collections_app_receivable r ON r.id = o.receivable_id
    LEFT JOIN collections_app_ledgerentry e ON e.receivable_id = r.id
    GROUP BY o.line, r.case_id
) f
WHERE f.line = t.line
"""
_NOTES = """
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation,
     reference)
SELECT %(client_id)s, r.id, CASE WHEN t.difference > 0 THEN 'DEBIT_NOTE' ELSE 'CREDIT_NOTE' END, 'PRINCIPAL',
       t.difference, r.currency, t.value_on, %(now)s, %(event_id)s, '', t.note_ref
FROM staged_told t JOIN collections_app_receivable r ON r.id = t.receivable_id
WHERE NOT t.alone ORDER BY r.case_id, r.id
"""
_CASES = """
SELECT DISTINCT r.case_id, bool_or(t.difference > 0) AS more FROM staged_told t
JOIN collections_app_receivable r ON r.id = t.receivable_id WHERE NOT t.alone GROUP BY r.case_id ORDER BY r.case_id
"""


class Balances(Work):
    NAME = "staged_told"
    TABLE = (
        "CREATE TEMPORARY TABLE staged_told (line integer, debtor_ref text, receivable_ref text, debt_ref text, "
        "balance numeric(18, 2), value_on date, currency text, note_ref text, reason text, receivable_id bigint, "
        "found integer DEFAULT 0, difference numeric(18, 2), alone boolean) ON COMMIT DROP"
    )
    COLUMNS = "line, debtor_ref, receivable_ref, debt_ref, balance, value_on, currency, note_ref, reason"
    MAKES = ("credited", "debited")

    def staged(self, *, cells: Cells, today: dt.date) -> Iterable[tuple[Any, ...]]:
        before = len(cells.reading.refusals)
        cells.others_checked()
        debtor_ref, receivable_ref = cells.text("debtor_ref"), cells.text("receivable_ref")
        debt_ref, note_ref, reason = cells.text("debt_ref"), cells.text("note_ref"), cells.text("reason")
        balance: Decimal | None = cells.read("balance", importing.amount_of)
        value_on = cells.date("value_date")
        currency = cells.read("currency", importing.currency_of) or cells.layout.currency
        if balance is not None and balance < money.ZERO:
            cells.refuse("balance", "balance_negative", balance)
        if value_on is not None and value_on > today:
            cells.refuse("value_date", "value_in_future", value_on)
        if len(cells.reading.refusals) > before:
            return []
        return [(cells.line, debtor_ref, receivable_ref, debt_ref, balance, value_on, currency, note_ref, reason)]

    def check(self, *, file: ImportFile, warnings: dict[str, tuple[int, int]]) -> None:
        self.holders_checked()
        execute(_RESOLVED, self.params)
        told = {"column": "receivable_ref", "value": "t.receivable_ref"}
        self.refuse(where="t.found = 0", code="receivable_unknown", **told)
        self.refuse(where="t.found > 1", code="receivable_many", **told)
        self.refuse(
            where="EXISTS (SELECT 1 FROM staged_told o WHERE o.receivable_id = t.receivable_id AND o.line < t.line)",
            code="balance_twice",
            **told,
        )
        self.refuse(where=_OF.format(condition="r.status = 'WITHDRAWN'"), code="receivable_out", **told)
        self.refuse(
            where=_OF.format(condition="r.currency <> t.currency"),
            column="currency",
            code="balance_currency",
            value="t.currency",
        )
        self.refuse(
            where=_OF.format(condition="r.issued_on > t.value_on"),
            column="value_date",
            code="value_before_issue",
            value="t.value_on::text",
        )
        execute(_DIFFERENCE)
        execute("DELETE FROM staged_told WHERE difference = 0")
        self.refuse(
            where="t.note_ref <> '' AND EXISTS (SELECT 1 FROM collections_app_ledgerentry e "
            "WHERE e.receivable_id = t.receivable_id AND e.reference = t.note_ref "
            "AND e.kind = CASE WHEN t.difference > 0 THEN 'DEBIT_NOTE' ELSE 'CREDIT_NOTE' END)",
            column="note_ref",
            code="note_twice",
            value="t.note_ref",
        )

    def write(self, *, file: ImportFile, event_id: int) -> tuple[dict[str, int], list[Refusal]]:
        faults: list[Refusal] = []
        for row in rows("SELECT * FROM staged_told WHERE alone ORDER BY receivable_id"):
            try:
                with transaction.atomic():
                    self._one(file=file, row=row)
            except Refused as refusal:
                code = refusal.code if refusal.code in REASONS else "not_posted"
                told = {"line": row["line"], "column": self.heading("balance"), "value": str(row["balance"])}
                faults.append(Refusal(code=code, **told))
        params = {**self.params, "now": clock.now(), "event_id": event_id}
        if execute(_NOTES, params):
            self._settled()
        made = rows(
            "SELECT count(*) FILTER (WHERE difference < 0) AS credited, "
            "count(*) FILTER (WHERE difference > 0) AS debited FROM staged_told WHERE line <> ALL(%(faults)s)",
            {"faults": [fault.line for fault in faults]},
        )[0]
        return {name: int(made[name]) for name in self.MAKES}, faults

    def _one(self, *, file: ImportFile, row: dict[str, Any]) -> None:
        difference: Decimal = row["difference"]
        note_post(
            actor=self.actor,
            receivable=Receivable.objects.get(pk=row["receivable_id"]),
            kind=EntryKind.DEBIT_NOTE if difference > 0 else EntryKind.CREDIT_NOTE,
            amount=abs(difference),
            value_on=row["value_on"],
            reason=row["reason"] or file.name,
            reference=row["note_ref"],
        )

    def _settled(self) -> None:
        """What follows for the cases whose notes were written together, as after a note that was written alone."""
        found = rows(_CASES)
        day = self.client.book_date
        for at in range(0, len(found), CASES_AT_ONCE):
            case_ids = [row["case_id"] for row in found[at : at + CASES_AT_ONCE]]
            cases_refresh(case_ids=case_ids)
            if day is not None:
                stages.cases_look_again(case_ids=case_ids, day=day)
                stages.receivables_age(client_id=self.client.pk, day=day, case_ids=case_ids)
            cases_refresh(case_ids=case_ids)
            defaults_judge(client_id=self.client.pk, case_ids=case_ids, day=day or clock.today())
            promises_judge_again(case_ids=case_ids)
        for row in found:
            if row["more"]:
                stage_actions.stage_tasks_reopen(case_id=row["case_id"])
        if day is not None:
            stage_actions.stage_actions_fire(client_id=self.client.pk, since=day - dt.timedelta(days=1), day=day)
