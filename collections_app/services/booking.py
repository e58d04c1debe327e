"""What a file brings, written into the book: debtors, cases, debts, receivables, money and objections.

Every id is taken from its sequence beforehand, so that a row is written once, as it will stand: entries before the
receivables they are on, receivables with the balance, status and closing day that these entries say (which the
database proves).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from clients.models import Client
from collections_app.choices import ContactPointKind
from collections_app.events import MoneyMoved, PortfolioImported
from collections_app.models import ImportFile
from collections_app.services import stage_actions, stages
from collections_app.services.cases import cases_refresh
from collections_app.services.contact_points import points_add
from collections_app.services.default import defaults_judge
from collections_app.services.endings import cases_placed_again
from collections_app.services.file_reading import Progress
from collections_app.services.ledger import money_replay
from collections_app.services.plain_rows import SEPARATOR
from collections_app.services.promises import promises_judge_again
from collections_app.services.staging import ANALYZE_FROM, NEW, Staging
from common import clock, crypto
from common.audit import Actor, record
from common.db import analyze, execute, streamed
from common.events import publish
from parties.choices import IdentifierKind, PartyKind
from parties.services.parties import PartyDraft, parties_ensure

WRITING_PARTS = 4
# Cases brought up to date in one statement: enough that each statement is worth its plan.
CASES_AT_ONCE = 50_000
_PLACES = ("collections_app_debtor", "collections_app_case", "collections_app_debt")
_PLACE_OF = {ContactPointKind.MOBILE: 1, ContactPointKind.EMAIL: 2}

# Who is new, as the first of their new rows tells.
_NEW_DEBTORS = f"""
CREATE TEMPORARY TABLE staged_debtor ON COMMIT DROP AS
SELECT o.*, nextval('collections_app_debtor_id_seq') AS debtor_id, nextval('collections_app_case_id_seq') AS case_id
FROM (
    SELECT s.line, s.debtor_ref, s.debtor_name, s.debtor_kind, s.city, s.currency, s.id_kind, s.personal
    FROM (SELECT s.debtor_ref, min(s.line) AS line FROM staged_row s WHERE {NEW} GROUP BY s.debtor_ref) f
    JOIN staged_row s ON s.line = f.line
    WHERE NOT EXISTS (
        SELECT 1 FROM collections_app_debtor b WHERE b.client_id = %(client_id)s AND b.debtor_ref = f.debtor_ref
    )
    ORDER BY s.line
) o
"""
_PARTIES = "CREATE TEMPORARY TABLE staged_party (debtor_id bigint, party_id bigint) ON COMMIT DROP"
_DEBTORS = """
INSERT INTO collections_app_debtor (id, client_id, party_id, debtor_ref, name, kind, city, prefers)
SELECT d.debtor_id, %(client_id)s, p.party_id, d.debtor_ref, d.debtor_name, d.debtor_kind, d.city, ''
FROM staged_debtor d JOIN staged_party p USING (debtor_id)
"""
_CASES = """
INSERT INTO collections_app_case
    (id, client_id, debtor_id, status, track, placed_on, currency, currencies, balance)
SELECT case_id, %(client_id)s, debtor_id, 'PLACED', 'AMICABLE', %(placed_on)s, currency, 1, 0 FROM staged_debtor
"""
# Of whom the client told us before it placed anything with us: an account opened for trade credit.
_FIRST_CASES = f"""
INSERT INTO collections_app_case (client_id, debtor_id, status, track, placed_on, currency, currencies, balance)
SELECT %(client_id)s, b.id, 'PLACED', 'AMICABLE', %(placed_on)s, s.currency, 1, 0
FROM (SELECT s.debtor_ref, min(s.line) AS line FROM staged_row s WHERE {NEW} GROUP BY s.debtor_ref) f
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = f.debtor_ref
JOIN staged_row s ON s.line = f.line
WHERE NOT EXISTS (SELECT 1 FROM collections_app_case k WHERE k.debtor_id = b.id)
"""
_DEBTS = f"""
INSERT INTO collections_app_debt (client_id, case_id, debt_ref, currency, product)
SELECT %(client_id)s, k.id, s.debt_ref, s.currency, s.product
FROM (
    SELECT s.debt_ref, min(s.line) AS line FROM staged_row s JOIN staged_debt d ON d.debt_ref = s.debt_ref
    WHERE d.debt_id IS NULL AND {NEW} GROUP BY s.debt_ref
) f
JOIN staged_row s ON s.line = f.line
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = s.debtor_ref
JOIN collections_app_case k ON k.debtor_id = b.id
ORDER BY f.line
"""

# Each new row under the ids it will have.
_NEW_ROWS = f"""
CREATE TEMPORARY TABLE staged_new ON COMMIT DROP AS
SELECT o.*, nextval('collections_app_receivable_id_seq') AS id,
       CASE WHEN o.paid_on IS NOT NULL THEN nextval('collections_app_payment_id_seq') END AS payment_id
FROM (
    SELECT d.case_id, d.id AS debt_id, s.receivable_ref, s.currency, s.issued_on, s.due_on, s.amount, s.open_amount,
           s.paid_on, s.disputed
    FROM staged_row s JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
    WHERE {NEW}
    ORDER BY s.line
) o
"""
_BY = "(%(day)s::date IS NULL OR {on} <= %(day)s)"
_RECEIVABLES = """
INSERT INTO collections_app_receivable
    (id, client_id, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance, status, closed_on,
     held, in_default, next_change_on, file_id)
SELECT id, %(client_id)s, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance,
       CASE WHEN balance = 0 AND latest IS NOT NULL THEN 'PAID' ELSE 'OPEN' END,
       CASE WHEN balance = 0 THEN latest END, false, false, issued_on, %(file_id)s
FROM staged_new n
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS balance, max("on") AS latest FROM (
        VALUES (n.amount, n.issued_on),
               (coalesce(n.open_amount, n.amount) - n.amount,
                CASE WHEN n.open_amount < n.amount THEN greatest(%(placed_on)s, n.issued_on) END),
               (-coalesce(n.open_amount, n.amount), n.paid_on)
    ) e (amount, "on") WHERE "on" <= coalesce(%(day)s::date, 'infinity')
) told
"""

# A payment the file reports pays what was open, pinned to its receivable, on its value date. Where somebody has used
# its reference by hand, its own goes on; ``split_part`` finds the receivable of either.
_PAYMENT_COLUMNS = """
    (id, client_id, case_id, reference, value_on, amount, currency, suspense, method, received_by, payer_name,
     recorded_at, file_id, allocation_method)"""
_REFERENCE = """'FILE-' || {id} || CASE WHEN EXISTS (
           SELECT 1 FROM collections_app_payment p WHERE p.case_id = {case_id} AND p.reference = 'FILE-' || {id}
       ) THEN '-' || gen_random_uuid() ELSE '' END"""
_NEW_PAYMENTS = f"""
INSERT INTO collections_app_payment{_PAYMENT_COLUMNS}
SELECT n.payment_id, %(client_id)s, n.case_id, {_REFERENCE.format(id="n.id", case_id="n.case_id")}, n.paid_on,
       coalesce(n.open_amount, n.amount), n.currency, 0, 'FILE', 'CLIENT', '', %(now)s, %(file_id)s,
       'AS_SPECIFIED'
FROM staged_new n WHERE n.payment_id IS NOT NULL
"""
_ENTRY_COLUMNS = """
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, payment_id,
     allocation)"""
_NEW_ENTRIES = f"""
INSERT INTO collections_app_ledgerentry{_ENTRY_COLUMNS}
SELECT %(client_id)s, n.id, e.kind, 'PRINCIPAL', e.amount, n.currency, e."on", %(now)s, %(event_id)s, e.payment_id,
       e.allocation
FROM staged_new n
CROSS JOIN LATERAL (
    VALUES ('CHARGE', n.amount, n.issued_on, NULL::bigint, ''),
           ('PRIOR_PAYMENT', n.open_amount - n.amount,
            CASE WHEN n.open_amount < n.amount THEN greatest(%(placed_on)s, n.issued_on) END, NULL, ''),
           ('PAYMENT', -coalesce(n.open_amount, n.amount), n.paid_on, n.payment_id, 'PINNED')
) e (kind, amount, "on", payment_id, allocation)
WHERE e."on" IS NOT NULL
"""

# Rows that the book knows and that come as paid.
_PAID = """
CREATE TEMPORARY TABLE staged_paid ON COMMIT DROP AS
SELECT r.id, r.case_id, s.currency, s.paid_on, nextval('collections_app_payment_id_seq') AS payment_id,
       coalesce(s.open_amount, (
           SELECT sum(e.amount) FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id
       ), s.amount) AS amount
FROM staged_row s
JOIN staged_known k ON k.line = s.line AND k.what = 'PAY'
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref AND NOT r.struck
"""
_PAYMENTS = f"""
INSERT INTO collections_app_payment{_PAYMENT_COLUMNS}
SELECT n.payment_id, %(client_id)s, n.case_id, {_REFERENCE.format(id="n.id", case_id="n.case_id")}, n.paid_on,
       n.amount, n.currency, 0, 'FILE', 'CLIENT', '', %(now)s, %(file_id)s,
       'AS_SPECIFIED'
FROM staged_paid n
"""
_ENTRIES = f"""
INSERT INTO collections_app_ledgerentry{_ENTRY_COLUMNS}
SELECT %(client_id)s, id, 'PAYMENT', 'PRINCIPAL', -amount, currency, paid_on, %(now)s, %(event_id)s, payment_id,
       'PINNED'
FROM staged_paid
"""

_PINS = """
INSERT INTO collections_app_paymentpin (client_id, payment_id, receivable_id, amount, event_id)
SELECT %(client_id)s, payment_id, id, coalesce(open_amount, amount), %(event_id)s
FROM staged_new WHERE payment_id IS NOT NULL
UNION ALL SELECT %(client_id)s, payment_id, id, amount, %(event_id)s FROM staged_paid
"""

# Disputed in the client's file: an objection from the issue to the payment, open-ended when unpaid.
_HOLDS = """
INSERT INTO collections_app_hold
    (client_id, case_id, debt_id, receivable_id, kind, from_on, until_on, reason, recorded_at, event_id, file_id)
SELECT %(client_id)s, case_id, debt_id, id, 'OBJECTION', issued_on, paid_on, %(reason)s, %(now)s, %(event_id)s,
       %(file_id)s
FROM staged_new WHERE disputed
"""

# A known objection ends with the payment that the file now reports.
_HOLDS_END = """
UPDATE collections_app_hold h SET until_on = n.paid_on, ended_event_id = %(event_id)s
FROM staged_paid n
WHERE h.receivable_id = n.id AND h.file_id IS NOT NULL AND h.until_on IS NULL AND h.from_on <= n.paid_on
"""

_TOUCHED = "SELECT case_id FROM staged_new UNION SELECT case_id FROM staged_paid ORDER BY case_id"

_POINTS = """
SELECT p.kind, p.value_index, s.personal, b.id, y.wrapped_key
FROM staged_point p
JOIN staged_row s ON s.line = p.line
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = p.debtor_ref
JOIN parties_party y ON y.id = b.party_id
WHERE y.wrapped_key IS NOT NULL
ORDER BY b.id
"""
_GONE = "DROP TABLE staged_debtor, staged_party, staged_new, staged_paid"


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One file's staged rows on their way into the book."""

    actor: Actor
    client: Client
    file: ImportFile
    staging: Staging
    progress: Progress

    def write(self) -> dict[str, int]:
        """Write everything the good rows bring; how many of each."""
        now = clock.now()
        self.client.refresh_from_db(fields=["book_date"])
        params = {
            "client_id": self.client.pk,
            "file_id": self.file.pk,
            "now": now,
            "placed_on": self.file.placed_on,
            "day": self.client.book_date,
            "event_id": self._told(),
            "reason": "معترض عليها في ملف الجهة · Disputed in the client's file",
        }
        self.progress("write", 0, WRITING_PARTS)
        execute(_NEW_DEBTORS, params)
        _parties_made(passing=self.staging.passing)
        cases = execute(_DEBTORS, params)
        execute(_CASES, params)
        cases += execute(_FIRST_CASES, params)
        self._analyze("collections_app_debtor", "collections_app_case", "parties_party")
        debts = execute(_DEBTS, params)
        contacts = points_add(found=_POINTS, params=params, opened=self._point)
        self._analyze("collections_app_debt")
        self.progress("write", 1, WRITING_PARTS)
        execute(_NEW_ROWS, params)
        execute(_PAID, params)
        payments = execute(_NEW_PAYMENTS, params)
        execute(_NEW_ENTRIES, params)
        self._analyze("collections_app_ledgerentry", "collections_app_payment")
        self.progress("write", 2, WRITING_PARTS)
        receivables = execute(_RECEIVABLES, params)
        self._analyze("collections_app_receivable")
        self.progress("write", 3, WRITING_PARTS)
        execute(_HOLDS, params)
        if self.staging.pay:
            payments += execute(_PAYMENTS, params)
            execute(_ENTRIES, params)
            execute(_HOLDS_END, params)
        if payments:
            execute(_PINS, params)
        self._analyze("collections_app_hold")
        self._settled(paid=bool(payments))
        execute(_GONE)
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
                "new": staging.new,
                "paid": staging.pay,
                "unchanged": staging.unchanged,
                "suspects": staging.suspects,
                "contacts": staging.points,
            },
        )
        return event.pk

    def _point(self, kind: str, staged: bytes) -> str:
        """A number or address out of a row's personal values."""
        return self.staging.passing.open(staged).split(SEPARATOR)[_PLACE_OF[ContactPointKind(kind)]]

    def _analyze(self, *tables: str) -> None:
        """Fresh statistics after a bulk step; a handful of rows changes no plan and need not wait for others."""
        if self.staging.new >= ANALYZE_FROM:
            analyze(*tables)

    def _settled(self, *, paid: bool) -> None:
        """Bring the touched cases to the book's date: true ages at once, sums, promises, tasks.

        Only these cases are aged: they are locked, and an import takes no others.
        """
        day = self.client.book_date
        touched = [case_id for chunk in streamed(_TOUCHED) for (case_id,) in chunk]
        for at in range(0, len(touched), CASES_AT_ONCE):
            case_ids = touched[at : at + CASES_AT_ONCE]
            moved = money_replay(actor=self.actor, client_id=self.client.pk, case_ids=case_ids)
            # A case that opens again has its holds again, by which it is aged.
            cases_refresh(case_ids=cases_placed_again(case_ids=case_ids))
            if day is not None:
                stages.receivables_age(client_id=self.client.pk, day=day, case_ids=case_ids)
            cases_refresh(case_ids=case_ids)
            # Money that waited may have paid what comes late: a default that began and ended before today is told too.
            defaults_judge(client_id=self.client.pk, case_ids=case_ids if paid else moved, day=day or clock.today())
            if paid:
                promises_judge_again(case_ids=case_ids)
            if paid or moved:
                publish(MoneyMoved(client_id=self.client.pk, case_ids=tuple(case_ids)))
        if day is not None:
            stage_actions.stage_actions_fire(client_id=self.client.pk, since=day - dt.timedelta(days=1), day=day)


def _parties_made(*, passing: crypto.Passing) -> None:
    """A party for every new debtor: recognised by its identifier, else made."""
    execute(_PARTIES)
    for chunk in streamed("SELECT debtor_id, debtor_kind, id_kind, personal FROM staged_debtor ORDER BY line"):
        parties = parties_ensure(
            drafts=[
                PartyDraft(
                    kind=PartyKind(kind),
                    identifier_kind=IdentifierKind(id_kind) if id_kind else None,
                    identifier=passing.open(personal).partition(SEPARATOR)[0] if id_kind else "",
                )
                for _debtor_id, kind, id_kind, personal in chunk
            ]
        )
        with connection.cursor() as cursor, cursor.copy("COPY staged_party FROM STDIN") as copy:
            for (debtor_id, *_told), party in zip(chunk, parties, strict=True):
                copy.write_row((debtor_id, party.id))
