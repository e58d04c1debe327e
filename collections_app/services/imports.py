"""Bring a client's file into the book: all or nothing, unless the good rows alone are asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from clients.choices import AgeBasis
from clients.models import Client
from collections_app.choices import ContactPointKind, ImportStatus
from collections_app.events import PortfolioImported
from collections_app.models import Case, ContactPoint, Debt, Debtor, ImportFile, StagedRow
from collections_app.rules import importing
from collections_app.rules.aging import BUCKETS, bucket_sql
from collections_app.services import stages
from collections_app.services.cases import cases_refresh
from collections_app.services.file_reading import Progress, Reading, Row, file_read, quiet
from collections_app.services.promises import promises_judge_again
from common import clock, crypto
from common.audit import Actor, record
from common.db import analyze, execute, rows
from common.events import publish
from parties.choices import IdentifierKind, PartyKind
from parties.rules import identifiers
from parties.services.parties import PartyDraft, parties_ensure

_LOCK = 0x494D_5054
MOST_LISTED = 1_000
WRITING_PARTS = 4
ANALYZE_FROM = 500
_PLACES = ("collections_app_debtor", "collections_app_case", "collections_app_debt")

_STAGED = [
    "batch",
    "line",
    "debtor_ref",
    "debtor_name",
    "debtor_kind",
    "debt_ref",
    "receivable_ref",
    "currency",
    "product",
    "city",
    "issued_on",
    "due_on",
    "amount",
    "open_amount",
    "paid_on",
    "disputed",
    "id_kind",
]

# The order of locks is the house's: the client, its cases by id, then what hangs on them. A book that this import opens
# is locked as the opening will lock it: a weaker lock that grew later could meet another's.
_LOCK_CLIENT = "SELECT book_date FROM clients_client WHERE id = %(client_id)s FOR "

_LOCK_CASES = """
SELECT c.id FROM collections_app_case c
WHERE c.client_id = %(client_id)s AND c.debtor_id IN (
    SELECT b.id FROM collections_app_debtor b
    JOIN collections_app_stagedrow s ON s.batch = %(batch)s AND s.debtor_ref = b.debtor_ref
    WHERE b.client_id = %(client_id)s
)
ORDER BY c.id FOR NO KEY UPDATE
"""

# What the book knows of each staged row: NEW, UNCHANGED, PAY (known, now paid), else what of it is for a person to look
# at (``importing.SUSPECTS``). ``told`` is what the client first said was open, ``owed`` what is open over all entries.
_CLASSIFY = """
SELECT s.line, CASE
    WHEN r.id IS NULL THEN CASE WHEN EXISTS (
        SELECT 1 FROM collections_app_receivable t
        WHERE t.case_id = k.id AND t.due_on = s.due_on AND t.issued_on = s.issued_on AND t.amount = s.amount
          AND t.currency = s.currency AND t.receivable_ref = s.receivable_ref
    ) THEN 'twin' ELSE 'NEW' END
    WHEN r.amount <> s.amount OR r.due_on <> s.due_on OR r.issued_on <> s.issued_on THEN 'values'
    WHEN s.disputed AND NOT EXISTS (
        SELECT 1 FROM collections_app_hold h
        WHERE h.case_id = r.case_id AND (
            h.receivable_id = r.id AND h.file_id IS NOT NULL
            OR h.kind = 'OBJECTION' AND h.until_on IS NULL AND coalesce(h.debt_id, r.debt_id) = r.debt_id
               AND coalesce(h.receivable_id, r.id) = r.id
        )
    ) THEN 'disputed'
    WHEN %(tells_disputed)s AND NOT s.disputed AND s.paid_on IS NULL AND EXISTS (
        SELECT 1 FROM collections_app_hold h
        WHERE h.receivable_id = r.id AND h.file_id IS NOT NULL AND h.until_on IS NULL
    ) THEN 'undisputed'
    WHEN s.open_amount NOT IN (e.told, e.owed) THEN 'open_amount'
    WHEN s.paid_on IS NULL THEN 'UNCHANGED'
    WHEN EXISTS (
        SELECT 1 FROM collections_app_ledgerentry e JOIN collections_app_payment p ON p.id = e.payment_id
        WHERE e.receivable_id = r.id AND e.kind = 'PAYMENT' AND p.reversed_on IS NULL
          AND p.file_id IS NOT NULL AND p.value_on = s.paid_on
    ) THEN 'UNCHANGED'
    WHEN e.moved THEN 'moved'
    WHEN e.owed <= 0 THEN 'paid_closed'
    WHEN s.open_amount <> e.owed THEN 'open_amount'
    ELSE 'PAY' END AS what
FROM collections_app_stagedrow s
LEFT JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = s.debtor_ref
LEFT JOIN collections_app_case k ON k.debtor_id = b.id
LEFT JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
LEFT JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
LEFT JOIN LATERAL (
    SELECT s.amount + coalesce(sum(amount) FILTER (WHERE kind = 'PRIOR_PAYMENT'), 0) AS told,
           coalesce(sum(amount), 0) AS owed,
           coalesce(bool_or(kind NOT IN ('CHARGE', 'PRIOR_PAYMENT')), false) AS moved
    FROM collections_app_ledgerentry WHERE receivable_id = r.id
) e ON r.id IS NOT NULL
WHERE s.batch = %(batch)s
"""

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
     file_id)
SELECT %(client_id)s, r.case_id, 'FILE-' || r.id || CASE WHEN EXISTS (
           SELECT 1 FROM collections_app_payment p WHERE p.case_id = r.case_id AND p.reference = 'FILE-' || r.id
       ) THEN '-' || gen_random_uuid() ELSE '' END, s.paid_on,
       coalesce(s.open_amount, (
           SELECT sum(e.amount) FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id
       ), s.amount), s.currency, 0, 'FILE', 'CLIENT', '', %(now)s, %(file_id)s
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
SELECT %(client_id)s, w.receivable_id, 'PAYMENT', 'PRINCIPAL', -p.amount, w.currency, w.paid_on, %(now)s, %(event_id)s,
       p.id, 'PINNED'
FROM row w
JOIN collections_app_payment p ON p.client_id = %(client_id)s AND p.file_id = %(file_id)s
    AND split_part(p.reference, '-', 2) = w.receivable_id::text
WHERE w.paid_on IS NOT NULL AND w.line = ANY(%(paid)s)
"""

# Disputed in the client's file: an objection from the issue to the payment, open-ended when unpaid.
_HOLDS = """
INSERT INTO collections_app_hold
    (client_id, case_id, debt_id, receivable_id, kind, from_on, until_on, reason, recorded_at, file_id)
SELECT %(client_id)s, r.case_id, r.debt_id, r.id, 'OBJECTION', s.issued_on, s.paid_on, %(reason)s, %(now)s, %(file_id)s
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
WHERE s.batch = %(batch)s AND s.disputed AND s.line = ANY(%(new)s)
"""

# A known objection ends with the payment that the file now reports.
_HOLDS_END = """
UPDATE collections_app_hold h SET until_on = s.paid_on
FROM collections_app_stagedrow s
JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref
JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.id AND r.receivable_ref = s.receivable_ref
WHERE h.receivable_id = r.id AND h.file_id IS NOT NULL AND h.until_on IS NULL AND h.from_on <= s.paid_on
  AND s.batch = %(batch)s AND s.paid_on IS NOT NULL AND s.line = ANY(%(paid)s)
"""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import came to. ``file`` is None for a dry run."""

    result: dict[str, Any]
    status: str
    file: ImportFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A number or address that the book has not of this debtor, in no version."""

    debtor_ref: str
    kind: str
    value: str
    index: bytes


class _DryRun(Exception):
    """Leaves the transaction without a trace."""


def portfolio_import(
    *,
    actor: Actor,
    client: Client,
    content: bytes,
    name: str,
    layout: Any,
    placed_on: dt.date,
    accept_good_rows: bool = False,
    dry_run: bool = False,
    user: User | None = None,
    file: ImportFile | None = None,
    open_book: bool = False,
    progress: Progress = quiet,
) -> Imported:
    """Read, check and write one file of a client (PL-04).

    Nothing is written when any row is refused, unless ``accept_good_rows``; nothing ever with ``dry_run``. The same
    file twice adds nothing. ``placed_on`` is the placement date, not later than today. With ``open_book`` a new book
    is opened on today's date in the same transaction. Raises Refused when the file or layout as a whole is wrong.
    """
    importing.placed_on_checked(placed_on=placed_on, today=clock.today())
    plan = importing.layout_read(definition=layout)
    progress("read", 0, 0)
    reading = file_read(
        content=content,
        name=name,
        layout=plan,
        terms_days=client.terms_days,
        today=clock.today(),
        progress=progress,
    )
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, client.pk])
            opens = open_book and not dry_run and _book_date(client=client) is None
            rows(_LOCK_CLIENT + ("UPDATE" if opens else "SHARE"), {"client_id": client.pk})
            if file is not None:
                # Another worker may have done it while this one waited for its turn.
                file = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
                if file.status != ImportStatus.RUNNING:
                    return Imported(result=file.result, status=file.status, file=file)
            else:
                file = ImportFile.objects.create(
                    client=client,
                    name=name[:200],
                    sha256=hashlib.sha256(content).hexdigest(),
                    size=len(content),
                    layout=layout,
                    status=ImportStatus.RUNNING,
                    accept_good_rows=accept_good_rows,
                    placed_on=placed_on,
                    uploaded_by=user,
                    created_at=clock.now(),
                )
            result, status = _write(
                actor=actor,
                client=client,
                file=file,
                reading=reading,
                tells_disputed="disputed" in plan.columns,
                accept_good_rows=accept_good_rows,
                progress=progress,
            )
            if opens and status == ImportStatus.DONE:
                progress("age", 0, 0)
                _open(actor=actor, client=client, day=clock.today())
            file.result, file.status = result, status
            file.rows_total = file.rows_read = result["rows"]
            file.finished_at = clock.now()
            file.save(update_fields=["result", "status", "rows_total", "rows_read", "finished_at"])
            if dry_run:
                raise _DryRun
    except _DryRun:
        return Imported(result=result | {"dry_run": True}, status=status, file=None)
    return Imported(result=result, status=status, file=file)


def _book_date(*, client: Client) -> dt.date | None:
    return Client.objects.values_list("book_date", flat=True).get(pk=client.pk)


def _open(*, actor: Actor, client: Client, day: dt.date) -> None:
    """Open a new book with its first file."""
    if _book_date(client=client) is not None:
        return
    stages.book_open(client_id=client.pk, day=day)
    stages.receivables_age(client_id=client.pk, day=day)
    stages.stage_tasks_fire(client_id=client.pk, since=day - dt.timedelta(days=1), day=day)
    record(actor=actor, action="book.opened", subject=client, client_id=client.pk, body={"day": day})


def _write(
    *,
    actor: Actor,
    client: Client,
    file: ImportFile,
    reading: Reading,
    tells_disputed: bool,
    accept_good_rows: bool,
    progress: Progress,
) -> tuple[dict[str, Any], str]:
    progress("check", 0, reading.total)
    good, twins = _checked(client=client, reading=reading)
    batch = uuid.uuid4()
    _stage(batch=batch, good=good)
    if len(good) >= ANALYZE_FROM:
        analyze("collections_app_stagedrow")
    rows(_LOCK_CASES, {"client_id": client.pk, "batch": batch})
    kinds: dict[str, list[int]] = {"NEW": [], "UNCHANGED": [], "PAY": [], "CONTACT": [], "SUSPECT": []}
    reasons: dict[int, str] = {}
    for row in rows(_CLASSIFY, {"client_id": client.pk, "batch": batch, "tells_disputed": tells_disputed}):
        line, what = row["line"], row["what"]
        if what == "NEW" and line in twins:
            what = "twin"
        if what not in kinds:
            reasons[line] = what
            what = "SUSPECT"
        kinds[what].append(line)
    points = _new_points(client=client, good=good, suspects=reasons.keys())
    kinds["CONTACT"] = [line for line in kinds["UNCHANGED"] if line in points]
    kinds["UNCHANGED"] = [line for line in kinds["UNCHANGED"] if line not in points]
    bring = len(kinds["NEW"]) + len(kinds["PAY"]) + len(kinds["CONTACT"])
    refused = bool(reading.refusals) and not accept_good_rows
    made = {"cases": 0, "debts": 0, "receivables": 0, "payments": 0, "contacts": 0}
    if refused:
        record(
            actor=actor,
            action="import.refused",
            subject=file,
            client_id=client.pk,
            body={"sha256": file.sha256, "rows": reading.total, "refused": len({r.line for r in reading.refusals})},
        )
    elif bring:
        made = _book(
            actor=actor,
            client=client,
            file=file,
            good=good,
            batch=batch,
            kinds=kinds,
            points=points,
            progress=progress,
        )
    else:
        record(
            actor=actor,
            action="import.unchanged",
            subject=file,
            client_id=client.pk,
            body={"sha256": file.sha256, "rows": reading.total},
        )
    ages = _ages(batch=batch, lines=kinds["NEW"], as_of=file.placed_on)
    StagedRow.objects.filter(batch=batch).delete()
    suspects = sorted(kinds["SUSPECT"])
    result = {
        "rows": reading.total,
        "accepted": 0 if refused else bring,
        # What the good rows alone would bring: the preview of a file with refusals shows it.
        "would": bring,
        "refused": len({refusal.line for refusal in reading.refusals}),
        "unchanged": len(kinds["UNCHANGED"]),
        "suspects": len(suspects),
        **made,
        "ages": ages,
        "refusals": [refusal.as_json() for refusal in reading.refusals[:MOST_LISTED]],
        "suspect_lines": suspects[:MOST_LISTED],
        "suspect_rows": _suspect_rows(lines=suspects[:MOST_LISTED], reasons=reasons),
        "warnings": [
            {"code": code, "lines": len(lines), "first": lines[0], **importing.in_both(importing.WARNINGS[code])}
            for code, lines in reading.warnings.items()
        ],
        "written": not refused and bool(bring),
    }
    return result, ImportStatus.REFUSED if refused else ImportStatus.DONE


def _suspect_rows(*, lines: list[int], reasons: dict[int, str]) -> list[dict[str, Any]]:
    """The rows for a person to look at, each with its reason in both languages."""
    words = {code: importing.in_both(importing.SUSPECTS[code]) for code in {reasons[line] for line in lines}}
    return [
        {
            "line": line,
            "code": reasons[line],
            "reason_ar": words[reasons[line]]["ar"],
            "reason_en": words[reasons[line]]["en"],
        }
        for line in lines
    ]


def _ages(*, batch: uuid.UUID, lines: list[int], as_of: dt.date) -> list[dict[str, Any]]:
    """What the new rows bring by days past due on the placement date: count and open amount (PL-04)."""
    found = rows(
        f"SELECT currency, {bucket_sql(basis=AgeBasis.DUE, day='%(as_of)s', column='due_on')} AS bucket, "
        "count(*) AS count, sum(coalesce(open_amount, amount)) AS amount FROM collections_app_stagedrow "
        "WHERE batch = %(batch)s AND line = ANY(%(lines)s) AND paid_on IS NULL GROUP BY 1, 2",
        {"batch": batch, "lines": lines, "as_of": as_of},
    )
    order = [bucket.code for bucket in BUCKETS[AgeBasis.DUE]]
    found.sort(key=lambda row: (row["currency"], order.index(row["bucket"])))
    return [{**row, "amount": str(row["amount"])} for row in found]


def _checked(*, client: Client, reading: Reading) -> tuple[list[tuple[Row, str]], set[int]]:
    """The rows that stand against the file itself and the debts the book knows, each with its debt reference.

    And the lines of those that an earlier one tells already, one of the two with its contract, the other without.
    """
    debtor_refs = {row.debtor_ref for row in reading.rows}
    known: dict[str, tuple[str, str]] = {}
    defaults: dict[str, set[str]] = {}
    for debt_ref, currency, debtor_ref in Debt.objects.filter(client=client).values_list(
        "debt_ref", "currency", "case__debtor__debtor_ref"
    ):
        known[debt_ref] = (currency, debtor_ref)
        if debtor_ref in debtor_refs:
            defaults.setdefault(debtor_ref, set()).add(debt_ref)
    seen: dict[tuple[str, str], Row] = {}
    good: list[tuple[Row, str]] = []
    told: dict[tuple[Any, ...], set[bool]] = {}
    twins: set[int] = set()
    for row in reading.rows:
        debt_ref = row.debt_ref or _default_debt(row=row, known=known)
        held = known.get(debt_ref)
        if held is not None and held[1] != row.debtor_ref:
            reading.refuse(line=row.line, code="debt_of_other", column="debt_ref", value=debt_ref)
            continue
        if held is not None and held[0] != row.currency:
            reading.refuse(line=row.line, code="debt_currency", column="debt_ref", value=debt_ref)
            continue
        known.setdefault(debt_ref, (row.currency, row.debtor_ref))
        key = (debt_ref, row.receivable_ref)
        earlier = seen.get(key)
        if earlier is not None:
            same = all(getattr(earlier, f) == getattr(row, f) for f in Row.__slots__ if f != "line")
            code = "repeats" if same else "ref_twice"
            reading.refuse(
                line=row.line, code=code, column="receivable_ref", value=f"{row.receivable_ref} → {earlier.line}"
            )
            continue
        seen[key] = row
        good.append((row, debt_ref))
        alike = told.setdefault(
            (row.debtor_ref, row.receivable_ref, row.amount, row.currency, row.issued_on, row.due_on), set()
        )
        if (not row.debt_ref) in alike:
            twins.add(row.line)
        alike.add(bool(row.debt_ref))
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return good, twins


def _default_debt(*, row: Row, known: dict[str, tuple[str, str]]) -> str:
    """The debtor's own debt of a currency: the plain reference for the first currency, ``-CUR`` from the second on."""
    plain = known.get(row.debtor_ref)
    if plain is None or plain == (row.currency, row.debtor_ref):
        return row.debtor_ref
    return f"{row.debtor_ref}-{row.currency}"


def _stage(*, batch: uuid.UUID, good: Iterable[tuple[Row, str]]) -> None:
    columns = ", ".join(_STAGED)
    with connection.cursor() as cursor, cursor.copy(f"COPY collections_app_stagedrow ({columns}) FROM STDIN") as copy:
        for row, debt_ref in good:
            copy.write_row(
                (
                    batch,
                    row.line,
                    row.debtor_ref,
                    row.debtor_name,
                    row.debtor_kind,
                    debt_ref,
                    row.receivable_ref,
                    row.currency,
                    row.product,
                    row.city,
                    row.issued_on,
                    row.due_on,
                    row.amount,
                    row.open_amount,
                    row.paid_on,
                    row.disputed,
                    row.id_kind,
                )
            )


def _book(
    *,
    actor: Actor,
    client: Client,
    file: ImportFile,
    good: list[tuple[Row, str]],
    batch: uuid.UUID,
    kinds: dict[str, list[int]],
    points: dict[int, list[Point]],
    progress: Progress,
) -> dict[str, int]:
    """Write everything the good rows bring, in the order the references need."""
    wanted = set(kinds["NEW"])
    fresh = [(row, debt_ref) for row, debt_ref in good if row.line in wanted]
    now = clock.now()
    event = record(
        actor=actor,
        action="import.written",
        subject=file,
        client_id=client.pk,
        body={
            "sha256": file.sha256,
            "new": len(kinds["NEW"]),
            "paid": len(kinds["PAY"]),
            "unchanged": len(kinds["UNCHANGED"]),
            "suspects": len(kinds["SUSPECT"]),
            "contacts": sum(map(len, points.values())),
        },
    )
    progress("write", 0, WRITING_PARTS)
    cases = _debtors_and_cases(client=client, fresh=[row for row, _ref in fresh], placed_on=file.placed_on)
    contacts = _contact_points(client=client, points=[p for found in points.values() for p in found], now=now)
    debts = _debts(client=client, fresh=fresh)
    _analyze(fresh, *_PLACES)
    progress("write", 1, WRITING_PARTS)
    paid_lines = {row.line for row, _ref in good if row.paid_on is not None}
    params = {
        "client_id": client.pk,
        "file_id": file.pk,
        "batch": batch,
        "new": kinds["NEW"],
        "paid": sorted((wanted & paid_lines) | set(kinds["PAY"])),
        "now": now,
        "placed_on": file.placed_on,
        "event_id": event.pk,
        "reason": "معترض عليها في ملف الجهة · Disputed in the client's file",
    }
    receivables = execute(_RECEIVABLES, params)
    _analyze(fresh, "collections_app_receivable")
    progress("write", 2, WRITING_PARTS)
    payments = execute(_PAYMENTS, params)
    _analyze(fresh, "collections_app_payment")
    execute(_ENTRIES, params)
    progress("write", 3, WRITING_PARTS)
    execute(_HOLDS, params)
    execute(_HOLDS_END, params)
    _analyze(fresh, "collections_app_ledgerentry", "collections_app_hold")
    touched = rows(
        "SELECT DISTINCT d.case_id FROM collections_app_stagedrow s "
        "JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = s.debt_ref "
        "WHERE s.batch = %(batch)s AND (s.line = ANY(%(new)s) OR s.line = ANY(%(paid)s))",
        params,
    )
    case_ids = [row["case_id"] for row in touched]
    client.refresh_from_db(fields=["book_date"])
    if client.book_date is not None:
        stages.receivables_age(client_id=client.pk, day=client.book_date, case_ids=case_ids)
    cases_refresh(case_ids=case_ids)
    if payments:
        promises_judge_again(case_ids=case_ids)
    if client.book_date is not None:
        stages.stage_tasks_fire(
            client_id=client.pk, since=client.book_date - dt.timedelta(days=1), day=client.book_date
        )
    publish(PortfolioImported(file_id=file.pk, client_id=client.pk))
    return {"cases": cases, "debts": debts, "receivables": receivables, "payments": payments, "contacts": contacts}


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


def _new_points(*, client: Client, good: list[tuple[Row, str]], suspects: Container[int]) -> dict[int, list[Point]]:
    """By line, the numbers and addresses that are new for their debtor; a suspect row brings none."""
    telling = [row for row, _ref in good if (row.mobile or row.email) and row.line not in suspects]
    refs = sorted({row.debtor_ref for row in telling})
    known: set[tuple[str, str, bytes]] = set()
    for at in range(0, len(refs), 10_000):
        for ref, kind, index in ContactPoint.objects.filter(
            client=client, debtor__debtor_ref__in=refs[at : at + 10_000]
        ).values_list("debtor__debtor_ref", "kind", "value_index"):
            known.add((ref, kind, bytes(index)))
    found: dict[int, list[Point]] = {}
    for row in telling:
        for kind, value in ((ContactPointKind.MOBILE, row.mobile), (ContactPointKind.EMAIL, row.email)):
            if not value:
                continue
            index = crypto.blind_index(value=value, kind=kind)
            key = (row.debtor_ref, str(kind), index)
            if key not in known:
                known.add(key)
                found.setdefault(row.line, []).append(
                    Point(debtor_ref=row.debtor_ref, kind=kind, value=value, index=index)
                )
    return found


_HINTS = {ContactPointKind.MOBILE: identifiers.phone_hint, ContactPointKind.EMAIL: identifiers.email_hint}


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
