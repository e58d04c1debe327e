"""What a file brings, written into the book: debtors, cases, debts, receivables, money and objections."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from clients.models import Client
from collections_app.choices import ContactPointKind
from collections_app.events import PortfolioImported
from collections_app.models import Case, ContactPoint, Debt, Debtor, ImportFile
from collections_app.services import stages
from collections_app.services.cases import cases_refresh
from collections_app.services.default import defaults_judge
from collections_app.services.file_reading import Progress, Row
from collections_app.services.ledger import money_replay
from collections_app.services.promises import promises_judge_again
from collections_app.services.staging import ANALYZE_FROM, Point, Staging
from common import clock, crypto
from common.audit import Actor, record
from common.db import analyze, execute, rows
from common.events import publish
from parties.choices import IdentifierKind, PartyKind
from parties.rules import identifiers
from parties.services.parties import PartyDraft, parties_ensure

WRITING_PARTS = 4
_PLACES = ("collections_app_debtor", "collections_app_case", "collections_app_debt")
_HINTS = {ContactPointKind.MOBILE: identifiers.phone_hint, ContactPointKind.EMAIL: identifiers.email_hint}

_RECEIVABLES = """
INSERT INTO collections_app_receivable
    (client_id, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance, status, held,
     in_default, next_change_on, file_id)
SELECT %(client_id)s, d.case_id, d.id, s.receivable_ref, s.issued_on, s.due_on, s.currency, s.amount, 0, 'OPEN', false,
       false, s.issued_on, %(file_id)s
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
WHERE s.batch = %(batch)s AND s.line = ANY(%(new)s)
ORDER BY s.line
"""

# A payment the file reports pays what was open, pinned to its receivable, on its value date. Where somebody has used
# its reference by hand, its own goes on; ``split_part`` finds the receivable of either.
_PAYMENTS = """
INSERT INTO collections_app_payment
    (client_id, case_id, reference, value_on, amount, currency, suspense, method, received_by, payer_name, recorded_at,
     file_id, allocation_method)
SELECT %(client_id)s, r.case_id, 'FILE-' || r.id || CASE WHEN EXISTS (
           SELECT 1 FROM collections_app_payment p WHERE p.case_id = r.case_id AND p.reference = 'FILE-' || r.id
       ) THEN '-' || gen_random_uuid() ELSE '' END, s.paid_on,
       coalesce(s.open_amount, (
           SELECT sum(e.amount) FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id
       ), s.amount), s.currency, 0, 'FILE', 'CLIENT', '', %(now)s, %(file_id)s,
       'AS_SPECIFIED'
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
WHERE s.batch = %(batch)s AND s.paid_on IS NOT NULL AND s.line = ANY(%(paid)s)
"""

_ENTRIES = """
WITH row AS (
    SELECT s.*, r.id AS receivable_id, s.line = ANY(%(new)s) AS fresh
    FROM collections_app_stagedrow s
    JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
    JOIN collections_app_receivable r
        ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
    WHERE s.batch = %(batch)s AND (s.line = ANY(%(new)s) OR s.line = ANY(%(paid)s))
)
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, payment_id,
     allocation)
SELECT %(client_id)s, receivable_id, 'CHARGE', 'PRINCIPAL', amount, currency, issued_on, %(now)s, %(event_id)s,
       NULL::bigint, ''
FROM row WHERE fresh
UNION ALL
SELECT %(client_id)s, receivable_id, 'PRIOR_PAYMENT', 'PRINCIPAL', open_amount - amount, currency,
       greatest(%(placed_on)s, issued_on), %(now)s, %(event_id)s, NULL, ''
FROM row WHERE fresh AND open_amount < amount
UNION ALL
SELECT %(client_id)s, w.receivable_id, 'PAYMENT', 'PRINCIPAL', -p.amount, w.currency,
       greatest(w.paid_on, w.issued_on), %(now)s, %(event_id)s, p.id, 'PINNED'
FROM row w
JOIN collections_app_payment p ON p.client_id = %(client_id)s AND p.file_id = %(file_id)s
    AND split_part(p.reference, '-', 2) = w.receivable_id::text
WHERE w.paid_on IS NOT NULL AND w.line = ANY(%(paid)s)
"""

_PINS = """
INSERT INTO collections_app_paymentpin (client_id, payment_id, receivable_id, amount, event_id)
SELECT p.client_id, p.id, e.receivable_id, p.amount, e.event_id
FROM collections_app_payment p JOIN collections_app_ledgerentry e ON e.payment_id = p.id
WHERE p.client_id = %(client_id)s AND p.file_id = %(file_id)s
"""

# Disputed in the client's file: an objection from the issue to the payment, open-ended when unpaid.
_HOLDS = """
INSERT INTO collections_app_hold
    (client_id, case_id, debt_id, receivable_id, kind, from_on, until_on, reason, recorded_at, event_id, file_id)
SELECT %(client_id)s, r.case_id, r.debt_id, r.id, 'OBJECTION', s.issued_on, s.paid_on, %(reason)s, %(now)s,
       %(event_id)s, %(file_id)s
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
WHERE s.batch = %(batch)s AND s.disputed AND s.line = ANY(%(new)s)
"""

# A known objection ends with the payment that the file now reports.
_HOLDS_END = """
UPDATE collections_app_hold h SET until_on = s.paid_on, ended_event_id = %(event_id)s
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
WHERE h.receivable_id = r.id AND h.file_id IS NOT NULL AND h.until_on IS NULL AND h.from_on <= s.paid_on
  AND s.batch = %(batch)s AND s.paid_on IS NOT NULL AND s.line = ANY(%(paid)s)
"""

_TOUCHED = """
SELECT DISTINCT d.case_id FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
WHERE s.batch = %(batch)s AND (s.line = ANY(%(new)s) OR s.line = ANY(%(paid)s))
"""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One file's staged rows on their way into the book."""

    actor: Actor
    client: Client
    file: ImportFile
    staging: Staging
    progress: Progress

    def write(self) -> dict[str, int]:
        """Write everything the good rows bring, in the order the references need; how many of each."""
        staging, now = self.staging, clock.now()
        wanted = set(staging.kinds["NEW"])
        fresh = [(row, debt_ref) for row, debt_ref in staging.good if row.line in wanted]
        event_id = self._told()
        self.progress("write", 0, WRITING_PARTS)
        cases = _debtors_and_cases(
            client=self.client, fresh=[row for row, _ref in fresh], placed_on=self.file.placed_on
        )
        contacts = _contact_points(
            client=self.client, points=[p for found in staging.points.values() for p in found], now=now
        )
        debts = _debts(client=self.client, fresh=fresh)
        _analyze(fresh, *_PLACES)
        self.progress("write", 1, WRITING_PARTS)
        paid_lines = {row.line for row, _ref in staging.good if row.paid_on is not None}
        params = {
            "client_id": self.client.pk,
            "file_id": self.file.pk,
            "batch": staging.batch,
            "new": staging.kinds["NEW"],
            "paid": sorted((wanted & paid_lines) | set(staging.kinds["PAY"])),
            "now": now,
            "placed_on": self.file.placed_on,
            "event_id": event_id,
            "reason": "معترض عليها في ملف الجهة · Disputed in the client's file",
        }
        receivables = execute(_RECEIVABLES, params)
        _analyze(fresh, "collections_app_receivable")
        self.progress("write", 2, WRITING_PARTS)
        payments = execute(_PAYMENTS, params)
        _analyze(fresh, "collections_app_payment")
        execute(_ENTRIES, params)
        if payments:
            execute(_PINS, params)
        self.progress("write", 3, WRITING_PARTS)
        execute(_HOLDS, params)
        execute(_HOLDS_END, params)
        _analyze(fresh, "collections_app_ledgerentry", "collections_app_hold")
        self._settled(case_ids=[row["case_id"] for row in rows(_TOUCHED, params)], paid=bool(payments))
        publish(PortfolioImported(file_id=self.file.pk, client_id=self.client.pk))
        return {
            "cases": cases,
            "debts": debts,
            "receivables": receivables,
            "payments": payments,
            "contacts": contacts,
        }

    def _told(self) -> int:
        """The file's one row in the audit trail; its id, which every ledger entry names."""
        staging = self.staging
        event = record(
            actor=self.actor,
            action="import.written",
            subject=self.file,
            client_id=self.client.pk,
            body={
                "sha256": self.file.sha256,
                "new": len(staging.kinds["NEW"]),
                "paid": len(staging.kinds["PAY"]),
                "unchanged": len(staging.kinds["UNCHANGED"]),
                "suspects": len(staging.kinds["SUSPECT"]),
                "contacts": sum(map(len, staging.points.values())),
            },
        )
        return event.pk

    def _settled(self, *, case_ids: list[int], paid: bool) -> None:
        """Bring the touched cases to the book's date: true ages at once, sums, promises, tasks.

        Only these cases are aged: they are locked, and an import takes no others.
        """
        self.client.refresh_from_db(fields=["book_date"])
        moved = money_replay(actor=self.actor, client_id=self.client.pk, case_ids=case_ids)
        day = self.client.book_date
        if day is not None:
            stages.receivables_age(client_id=self.client.pk, day=day, case_ids=case_ids)
        cases_refresh(case_ids=case_ids)
        if paid:
            promises_judge_again(case_ids=case_ids)
        # Money that waited may have paid what comes late: a default that began and ended before today is told as well.
        if paid or moved:
            for at in range(0, len(case_ids), stages.CASES_A_CHUNK):
                part = case_ids[at : at + stages.CASES_A_CHUNK]
                defaults_judge(client_id=self.client.pk, case_ids=part, day=day or clock.today())
        if day is not None:
            stages.stage_tasks_fire(client_id=self.client.pk, since=day - dt.timedelta(days=1), day=day)


def _analyze(fresh: list[tuple[Row, str]], *tables: str) -> None:
    """Fresh statistics after a bulk step; a handful of rows does not change a plan and need not wait for others."""
    if len(fresh) >= ANALYZE_FROM:
        analyze(*tables)


def _debtors_and_cases(*, client: Client, fresh: list[Row], placed_on: dt.date) -> int:
    """A debtor and a case for every reference not seen before."""
    first: dict[str, Row] = {}
    for row in fresh:
        first.setdefault(row.debtor_ref, row)
    known = set(Debtor.objects.filter(client=client, debtor_ref__in=first.keys()).values_list("debtor_ref", flat=True))
    new = [row for ref, row in first.items() if ref not in known]
    parties = parties_ensure(
        drafts=[
            PartyDraft(
                kind=PartyKind(row.debtor_kind),
                identifier_kind=IdentifierKind(row.id_kind) if row.id_kind else None,
                identifier=row.id_value,
            )
            for row in new
        ]
    )
    debtors = Debtor.objects.bulk_create(
        [
            Debtor(
                client=client,
                party_id=party.id,
                debtor_ref=row.debtor_ref,
                name=row.debtor_name,
                kind=row.debtor_kind,
                city=row.city,
            )
            for row, party in zip(new, parties, strict=True)
        ],
        batch_size=2_000,
    )
    Case.objects.bulk_create(
        [
            Case(client=client, debtor=debtor, placed_on=placed_on, currency=row.currency)
            for debtor, row in zip(debtors, new, strict=True)
        ],
        batch_size=2_000,
    )
    return len(debtors)


def _contact_points(*, client: Client, points: list[Point], now: dt.datetime) -> int:
    """Keep new numbers and addresses beside those we have; how many. Of a debtor whose key is gone none is kept."""
    refs = sorted({point.debtor_ref for point in points})
    debtors: dict[str, tuple[int, bytes]] = {}
    for at in range(0, len(refs), 10_000):
        for ref, pk, wrapped in Debtor.objects.filter(client=client, debtor_ref__in=refs[at : at + 10_000]).values_list(
            "debtor_ref", "pk", "party__wrapped_key"
        ):
            if wrapped is not None:
                debtors[ref] = (pk, crypto.unwrap(wrapped=bytes(wrapped)))
    made = ContactPoint.objects.bulk_create(
        [
            ContactPoint(
                client=client,
                debtor_id=debtors[point.debtor_ref][0],
                kind=point.kind,
                value_sealed=crypto.encrypt(
                    key=debtors[point.debtor_ref][1], value=point.value, column="contact_point"
                ),
                value_index=point.index,
                hint=_HINTS[ContactPointKind(point.kind)](point.value),
                created_at=now,
            )
            for point in points
            if point.debtor_ref in debtors
        ],
        batch_size=2_000,
        ignore_conflicts=True,
    )
    return len(made)


def _debts(*, client: Client, fresh: list[tuple[Row, str]]) -> int:
    """A debt for every reference not seen before."""
    wanted: dict[str, Row] = {}
    for row, debt_ref in fresh:
        wanted.setdefault(debt_ref, row)
    known = set(Debt.objects.filter(client=client, debt_ref__in=wanted).values_list("debt_ref", flat=True))
    new = {ref: row for ref, row in wanted.items() if ref not in known}
    cases = dict(
        Case.objects.filter(client=client, debtor__debtor_ref__in={row.debtor_ref for row in new.values()}).values_list(
            "debtor__debtor_ref", "pk"
        )
    )
    Debt.objects.bulk_create(
        [
            Debt(
                client=client,
                case_id=cases[row.debtor_ref],
                debt_ref=ref,
                currency=row.currency,
                product=row.product,
            )
            for ref, row in new.items()
        ],
        batch_size=2_000,
    )
    return len(new)
