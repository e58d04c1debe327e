"""A file's rows beside the book, before anything is booked: staged, their cases locked, each told apart."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from django.db import connection

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.choices import ContactPointKind
from collections_app.models import ContactPoint, Debt, StagedRow
from collections_app.rules import importing
from collections_app.rules.aging import BUCKETS, bucket_sql
from collections_app.services.file_reading import Reading, Row
from common import crypto
from common.db import analyze, rows

# Fewer rows than this change no plan: fresh statistics are not worth waiting for others.
ANALYZE_FROM = 500

_COLUMNS = (
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
)

# The client is locked by then; its cases follow in the order of their ids, as everywhere in the house.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A number or address that the book has not of this debtor, in no version."""

    debtor_ref: str
    kind: str
    value: str
    index: bytes


@dataclass(frozen=True, kw_only=True)
class Staging:
    """The good rows of one file in the staging table, each line under what the book makes of it.

    ``NEW`` and ``PAY`` are booked, ``CONTACT`` brings a number or address alone, ``UNCHANGED`` nothing; ``SUSPECT`` is
    for a person to look at, for the reason in ``reasons`` (``importing.SUSPECTS``).
    """

    client: Client
    batch: uuid.UUID
    good: list[tuple[Row, str]]
    kinds: dict[str, list[int]]
    reasons: dict[int, str]
    points: dict[int, list[Point]]

    @classmethod
    def of(cls, *, client: Client, reading: Reading, tells_disputed: bool) -> Staging:
        """Stage what was read. Rows that cannot stand beside the book or the file itself are refused in ``reading``."""
        good, twins = _checked(client=client, reading=reading)
        batch = uuid.uuid4()
        _copied(batch=batch, good=good)
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
        return cls(client=client, batch=batch, good=good, kinds=kinds, reasons=reasons, points=points)

    @property
    def bring(self) -> int:
        """How many rows have something to write."""
        return sum(len(self.kinds[kind]) for kind in ("NEW", "PAY", "CONTACT"))

    def ages(self, *, as_of: dt.date) -> list[dict[str, Any]]:
        """What the new rows bring by days past due on a day: count and open amount (PL-04)."""
        found = rows(
            f"SELECT currency, {bucket_sql(basis=AgeBasis.DUE, day='%(as_of)s', column='due_on')} AS bucket, "
            "count(*) AS count, sum(coalesce(open_amount, amount)) AS amount FROM collections_app_stagedrow "
            "WHERE batch = %(batch)s AND line = ANY(%(lines)s) AND paid_on IS NULL GROUP BY 1, 2",
            {"batch": self.batch, "lines": self.kinds["NEW"], "as_of": as_of},
        )
        order = [bucket.code for bucket in BUCKETS[AgeBasis.DUE]]
        found.sort(key=lambda row: (row["currency"], order.index(row["bucket"])))
        return [{**row, "amount": str(row["amount"])} for row in found]

    def suspect_rows(self, *, lines: list[int]) -> list[dict[str, Any]]:
        """The rows for a person to look at, each with its reason in both languages."""
        words = {code: importing.in_both(importing.SUSPECTS[code]) for code in {self.reasons[line] for line in lines}}
        return [
            {
                "line": line,
                "code": self.reasons[line],
                "reason_ar": words[self.reasons[line]]["ar"],
                "reason_en": words[self.reasons[line]]["en"],
            }
            for line in lines
        ]

    def clear(self) -> None:
        StagedRow.objects.filter(batch=self.batch).delete()


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


def _copied(*, batch: uuid.UUID, good: list[tuple[Row, str]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY collections_app_stagedrow ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
    ):
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
