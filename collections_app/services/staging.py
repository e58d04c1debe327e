"""A file's rows beside the book, before anything is booked: staged, their cases locked, each told apart.

All of it lives in temporary tables of this one transaction: nothing is logged, nothing is left, and what the process
itself holds does not grow with the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.models import ImportFile
from collections_app.rules import importing
from collections_app.rules.aging import BUCKETS, bucket_sql
from collections_app.rules.importing import Layout, Refusal
from collections_app.services import leading_zeros
from collections_app.services.file_reading import Progress, Reading, Row, Source, rows_read
from collections_app.services.plain_rows import COLUMNS, Lines
from common import crypto
from common.db import execute, rows, streamed

# Fewer rows than this change no plan: fresh statistics are not worth waiting for others.
ANALYZE_FROM = 500
CHUNK = 5_000

REFUSALS = (
    'CREATE TEMPORARY TABLE staged_refusal (line integer, "column" text, value text, code text, '
    "at bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP"
)
_TABLES = (
    "CREATE TEMPORARY TABLE staged_row (LIKE collections_app_stagedrow INCLUDING CONSTRAINTS) ON COMMIT DROP",
    REFUSALS,
    "CREATE TEMPORARY TABLE staged_known (line integer, what text) ON COMMIT DROP",
    *leading_zeros.TABLES,
)
_GONE = f"DROP TABLE staged_row, staged_refusal, staged_known, staged_debt, staged_point, {leading_zeros.GONE}"
_COPY_ROWS = f"COPY staged_row ({', '.join(COLUMNS)}) FROM STDIN"
_COPY_REFUSALS = 'COPY staged_refusal (line, "column", value, code) FROM STDIN'

# The debts that the file names or would name, each as the book knows it, else as the first such row says.
_DEBTS = """
CREATE TEMPORARY TABLE staged_debt ON COMMIT DROP AS
SELECT f.debt_ref, f.line, d.id AS debt_id, coalesce(d.currency, s.currency) AS currency,
       coalesce(b.debtor_ref, s.debtor_ref) AS debtor_ref
FROM (
    SELECT debt_ref, min(line) AS line FROM (
        SELECT debt_ref, line FROM staged_row
        UNION ALL SELECT debtor_ref, line FROM staged_row WHERE NOT names_debt AND debt_ref <> debtor_ref
    ) named GROUP BY debt_ref
) f
JOIN staged_row s ON s.line = f.line
LEFT JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = f.debt_ref
LEFT JOIN collections_app_case k ON k.id = d.case_id
LEFT JOIN collections_app_debtor b ON b.id = k.debtor_id
"""

# The debtor's own debt of a currency: the plain reference for the first currency, ``-CUR`` from the second on. What a
# row resolves to depends on rows before it alone, so this ends when nothing moves any more.
_OWN_DEBTS = """
UPDATE staged_row s SET debt_ref = w.debt_ref
FROM (
    SELECT o.line, CASE
        WHEN d.debt_ref IS NULL OR (d.debt_id IS NULL AND d.line > o.line)
            OR (d.currency = o.currency AND d.debtor_ref = o.debtor_ref) THEN o.debtor_ref
        ELSE o.debtor_ref || '-' || o.currency END AS debt_ref
    FROM staged_row o LEFT JOIN staged_debt d ON d.debt_ref = o.debtor_ref
    WHERE NOT o.names_debt
) w
WHERE s.line = w.line AND s.debt_ref <> w.debt_ref
"""

_REFUSE_DEBTS = """
WITH wrong AS (
    DELETE FROM staged_row s USING staged_debt d
    WHERE d.debt_ref = s.debt_ref AND (d.debtor_ref <> s.debtor_ref OR d.currency <> s.currency)
    RETURNING s.line, s.debt_ref, CASE WHEN d.debtor_ref <> s.debtor_ref THEN 'debt_of_other' ELSE 'debt_currency' END
)
INSERT INTO staged_refusal (line, "column", value, code)
SELECT line, 'debt_ref', left(debt_ref, 120), "case" FROM wrong ORDER BY line
"""

_TWICE = """
CREATE TEMPORARY TABLE staged_twice ON COMMIT DROP AS
SELECT debt_ref, receivable_ref, min(line) AS first FROM staged_row
GROUP BY debt_ref, receivable_ref HAVING count(*) > 1
"""
_ALIKE = [column for column in COLUMNS if column not in {"line", "personal"}]
_REFUSE_TWICE = f"""
WITH wrong AS (
    DELETE FROM staged_row s USING staged_twice t, staged_row f
    WHERE t.debt_ref = s.debt_ref AND t.receivable_ref = s.receivable_ref AND s.line <> t.first AND f.line = t.first
    RETURNING s.line, s.receivable_ref, t.first,
        ({", ".join(f"s.{column}" for column in _ALIKE)})
        IS NOT DISTINCT FROM ({", ".join(f"f.{column}" for column in _ALIKE)}) AS same
)
INSERT INTO staged_refusal (line, "column", value, code)
SELECT line, 'receivable_ref', left(receivable_ref || ' → ' || first, 120),
       CASE WHEN same THEN 'repeats' ELSE 'ref_twice' END
FROM wrong ORDER BY line
"""

# The client is locked by then; its cases follow in the order of their ids, as everywhere in the house.
_LOCK_CASES = """
SELECT count(*) FROM (
    SELECT c.id FROM collections_app_case c
    WHERE c.client_id = %(client_id)s AND c.debtor_id IN (
        SELECT b.id FROM collections_app_debtor b JOIN staged_row s ON s.debtor_ref = b.debtor_ref
        WHERE b.client_id = %(client_id)s
    )
    ORDER BY c.id FOR NO KEY UPDATE
) held
"""

# What the book knows of each staged row but the new ones: UNCHANGED, PAY (known, now paid), else what of it is for
# a person to look at (``importing.SUSPECTS``). ``told`` is what the client first said was open, ``owed`` what is open
# over all entries.
_CLASSIFY = """
INSERT INTO staged_known (line, what)
SELECT line, what FROM (
SELECT s.line, CASE
    WHEN r.id IS NULL THEN CASE WHEN k.id IS NOT NULL AND EXISTS (
        SELECT 1 FROM collections_app_receivable t
        WHERE t.case_id = k.id AND t.due_on = s.due_on AND t.issued_on = s.issued_on AND t.amount = s.amount
          AND t.currency = s.currency AND t.receivable_ref = s.receivable_ref AND NOT t.struck
    ) THEN 'twin' END
    WHEN r.status = 'WITHDRAWN' AND EXISTS (
        SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id AND w.whole AND w.until_on IS NULL
    ) THEN 'withdrawn'
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
FROM staged_row s
LEFT JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = s.debtor_ref
LEFT JOIN collections_app_case k ON k.debtor_id = b.id
LEFT JOIN staged_debt d ON d.debt_ref = s.debt_ref AND d.debt_id IS NOT NULL
LEFT JOIN collections_app_receivable r
    ON r.client_id = %(client_id)s AND r.debt_id = d.debt_id AND r.receivable_ref = s.receivable_ref
   AND NOT r.struck
LEFT JOIN LATERAL (
    SELECT s.amount + coalesce(sum(amount) FILTER (WHERE kind = 'PRIOR_PAYMENT'), 0) AS told,
           coalesce(sum(amount), 0) AS owed,
           coalesce(bool_or(kind NOT IN ('CHARGE', 'PRIOR_PAYMENT')), false) AS moved
    FROM collections_app_ledgerentry WHERE receivable_id = r.id
) e ON r.id IS NOT NULL
) told WHERE what IS NOT NULL
"""

# One receivable that the file tells with its contract and without: the later one waits for a person.
_TWINS = """
INSERT INTO staged_known (line, what)
SELECT s.line, 'twin'
FROM (
    SELECT debtor_ref, receivable_ref, amount, currency, issued_on, due_on,
           min(line) FILTER (WHERE names_debt) AS named, min(line) FILTER (WHERE NOT names_debt) AS unnamed
    FROM staged_row GROUP BY 1, 2, 3, 4, 5, 6 HAVING bool_or(names_debt) AND NOT bool_and(names_debt)
) k
JOIN staged_row s USING (debtor_ref, receivable_ref, amount, currency, issued_on, due_on)
WHERE s.line > CASE WHEN s.names_debt THEN k.unnamed ELSE k.named END
  AND NOT EXISTS (SELECT 1 FROM staged_known n WHERE n.line = s.line)
"""

# Rows that waited for a person, staged again; their personal values come under the key of this reading.
_WAITED = """
INSERT INTO staged_row SELECT (jsonb_populate_record(NULL::staged_row, p.row)).*
FROM collections_app_importsuspect p
WHERE p.file_id = %(file_id)s AND p.decision = %(said)s AND p.outcome = ''
"""
_WAITED_SEALED = """
SELECT p.line, p.personal_sealed, y.wrapped_key
FROM collections_app_importsuspect p
JOIN collections_app_debtor b ON b.id = p.debtor_id JOIN parties_party y ON y.id = b.party_id
WHERE p.file_id = %(file_id)s AND p.decision = %(said)s AND p.outcome = ''
  AND p.personal_sealed IS NOT NULL AND y.wrapped_key IS NOT NULL
"""
_WAITED_PERSONAL = """
WITH told AS (SELECT s.line, p.personal FROM staged_row s LEFT JOIN staged_personal p USING (line))
UPDATE staged_row s
SET personal = t.personal,
    id_kind = CASE WHEN t.personal IS NULL THEN '' ELSE s.id_kind END,
    id_index = CASE WHEN t.personal IS NOT NULL THEN s.id_index END,
    mobile_index = CASE WHEN t.personal IS NOT NULL THEN s.mobile_index END,
    email_index = CASE WHEN t.personal IS NOT NULL THEN s.email_index END
FROM told t WHERE t.line = s.line
"""
# What became of each of them.
_OUTCOMES = """
UPDATE collections_app_importsuspect p SET row = '{}', personal_sealed = NULL, outcome = o.what
FROM (
    SELECT line, min(code) AS what FROM staged_refusal GROUP BY line
    UNION ALL SELECT line, what FROM staged_known
    UNION ALL SELECT s.line, 'NEW' FROM staged_row s
    WHERE NOT EXISTS (SELECT 1 FROM staged_known n WHERE n.line = s.line)
) o
WHERE o.line = p.line AND p.file_id = %(file_id)s AND p.decision = %(said)s AND p.outcome = ''
"""

# Numbers and addresses that the book has not of this debtor, in no version; a suspect row brings none.
_POINTS = """
CREATE TEMPORARY TABLE staged_point ON COMMIT DROP AS
SELECT t.debtor_ref, t.kind, t.value_index, min(t.line) AS line
FROM (
    SELECT debtor_ref, 'MOBILE' AS kind, mobile_index AS value_index, line FROM staged_row
    WHERE mobile_index IS NOT NULL
    UNION ALL
    SELECT debtor_ref, 'EMAIL', email_index, line FROM staged_row WHERE email_index IS NOT NULL
) t
LEFT JOIN staged_known n ON n.line = t.line
WHERE n.what IS NULL OR n.what IN ('UNCHANGED', 'PAY')
GROUP BY t.debtor_ref, t.kind, t.value_index
"""
_POINTS_KNOWN = """
DELETE FROM staged_point p USING collections_app_debtor b, collections_app_contactpoint c
WHERE b.client_id = %(client_id)s AND b.debtor_ref = p.debtor_ref AND c.debtor_id = b.id AND c.kind = p.kind
  AND c.value_index = p.value_index
"""
_BRING_CONTACT = """
UPDATE staged_known n SET what = 'CONTACT'
FROM staged_point p WHERE p.line = n.line AND n.what = 'UNCHANGED'
"""

NEW = "NOT EXISTS (SELECT 1 FROM staged_known n WHERE n.line = s.line)"
_NO_SUSPECT = "('UNCHANGED', 'PAY', 'CONTACT')"


def told_taken(*, reading: Reading, warnings: dict[str, tuple[int, int]]) -> None:
    """Take up what reading refused and warned of since the last time."""
    if reading.refusals:
        refusals_stage(refusals=reading.refusals)
        reading.refusals.clear()
    for code, found in reading.warnings.items():
        count, first = warnings.get(code, (0, found[0]))
        warnings[code] = (count + len(found), first)
    reading.warnings.clear()


def refusals_stage(*, refusals: Iterable[Refusal]) -> None:
    """Put refusals beside those of the file that is staged."""
    with connection.cursor() as cursor, cursor.copy(_COPY_REFUSALS) as copy:
        for refusal in refusals:
            copy.write_row((refusal.line, refusal.column, refusal.value, refusal.code))


def refused_count() -> int:
    """How many lines of the staged file are refused."""
    return int(rows("SELECT count(DISTINCT line) AS count FROM staged_refusal")[0]["count"])


def refusals_told(*, most: int) -> list[dict[str, Any]]:
    """The first refusals by line, as pages and commands show them."""
    sql = 'SELECT line, "column", value, code FROM staged_refusal ORDER BY line, at LIMIT %(most)s'
    return [Refusal(**row).as_json() for row in rows(sql, {"most": most})]


@dataclass(kw_only=True)
class Staging:
    """The good rows of one file, each line under what the book makes of it; must live inside one transaction.

    ``NEW`` and ``PAY`` are booked, ``CONTACT`` brings a number or address alone, ``UNCHANGED`` nothing; the others are
    for a person to look at, for a reason of ``importing.SUSPECTS``. The tables: ``staged_row`` (good rows),
    ``staged_known`` (every line of them that is not new, and what it is), ``staged_debt``, ``staged_point``.
    """

    client: Client
    # What a person decided of rows that differ from known ones by leading zeros; empty while it is still asked.
    said: str = ""
    passing: crypto.Passing = field(default_factory=crypto.Passing)
    total: int = 0
    good: int = 0
    # By code, how many lines and the first of them.
    warnings: dict[str, tuple[int, int]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    points: int = 0
    zeros: int = 0
    _id_heading: str = ""

    def read(self, *, source: Source, layout: Layout, terms_days: int, today: dt.date, progress: Progress) -> None:
        """Read the file into the staging table, a chunk at a time. Raises Refused when the file as a whole is wrong."""
        for sql in _TABLES:
            execute(sql)
        self._id_heading = layout.columns.get("national_id", "")
        reading = Reading()
        lines = Lines(
            layout=layout, terms_days=terms_days, today=today, reading=reading, passing=self.passing
        )  # fmt: skip
        found = rows_read(
            source=source,
            layout=layout,
            terms_days=terms_days,
            today=today,
            reading=reading,
            progress=progress,
            plainly=lines.plainly,
        )
        while chunk := list(islice(found, CHUNK)):
            self._copied([lines.of_row(row) if isinstance(row, Row) else row for row in chunk])
            self._told(reading)
        self._told(reading)
        self.total = reading.total

    def take(self, *, file: ImportFile) -> int:
        """Stage the rows of a file of which a person ``said`` which they are; how many."""
        for sql in (*_TABLES, "CREATE TEMPORARY TABLE staged_personal (line integer, personal bytea) ON COMMIT DROP"):
            execute(sql)
        params = {"file_id": file.pk, "said": self.said}
        self.total = self.good = execute(_WAITED, params)
        for chunk in streamed(_WAITED_SEALED, params):
            with connection.cursor() as cursor, cursor.copy("COPY staged_personal FROM STDIN") as copy:
                for line, sealed, wrapped in chunk:
                    key = crypto.unwrap(wrapped=bytes(wrapped))
                    told = crypto.decrypt(key=key, sealed=bytes(sealed), column=leading_zeros.COLUMN)
                    copy.write_row((line, self.passing.seal(told)))
        execute(_WAITED_PERSONAL)
        execute("DROP TABLE staged_personal")
        return self.total

    def outcomes_tell(self, *, file: ImportFile) -> None:
        """Write down what became of the rows that were taken."""
        execute(_OUTCOMES, {"file_id": file.pk, "said": self.said})

    def _copied(self, lines: list[str]) -> None:
        with connection.cursor() as cursor, cursor.copy(_COPY_ROWS) as copy:
            copy.write("".join(lines))
        self.good += len(lines)

    def _told(self, reading: Reading) -> None:
        """Take up what was refused and warned of since the last time."""
        told_taken(reading=reading, warnings=self.warnings)

    def check(self, *, tells_disputed: bool) -> None:
        """Hold the rows against each other and the book, whose client is locked by then; lock their cases."""
        params = {"client_id": self.client.pk, "tells_disputed": tells_disputed}
        self._analyze("staged_row")
        self.zeros, refused = leading_zeros.holders_look(
            client_id=self.client.pk, heading=self._id_heading, said=self.said
        )
        self.good -= self.zeros + refused
        execute(_DEBTS, params)
        self._analyze("staged_debt")
        while execute(_OWN_DEBTS, params):
            execute("DROP TABLE staged_debt")
            execute(_DEBTS, params)
        if self.said and leading_zeros.contracts_look(client_id=self.client.pk, said=self.said):
            execute("DROP TABLE staged_debt")
            execute(_DEBTS, params)
        self.good -= execute(_REFUSE_DEBTS)
        if execute(_TWICE):
            self.good -= execute(_REFUSE_TWICE)
        execute("DROP TABLE staged_twice")
        rows(_LOCK_CASES, params)
        execute(_CLASSIFY, params)
        execute(_TWINS)
        self._analyze("staged_known")
        if not self.said:
            inside = leading_zeros.contracts_look(client_id=self.client.pk, said="")
            self.zeros, self.good = self.zeros + inside, self.good - inside
        self.points = execute(_POINTS)
        self._analyze("staged_point")
        self.points -= execute(_POINTS_KNOWN, params)
        execute(_BRING_CONTACT)
        self.counts = {
            row["what"]: row["count"]
            for row in rows("SELECT what, count(*) AS count FROM staged_known GROUP BY what")
        }  # fmt: skip

    def _analyze(self, *tables: str) -> None:
        """Fresh statistics of what was just filled, before it is joined."""
        if self.good >= ANALYZE_FROM:
            execute(f"ANALYZE {', '.join(tables)}")

    @property
    def new(self) -> int:
        return self.good - sum(self.counts.values())

    @property
    def pay(self) -> int:
        return self.counts.get("PAY", 0)

    @property
    def unchanged(self) -> int:
        return self.counts.get("UNCHANGED", 0)

    @property
    def suspects(self) -> int:
        return sum(self.counts.values()) - self.unchanged - self.pay - self.counts.get("CONTACT", 0) + self.zeros

    @property
    def bring(self) -> int:
        """How many rows have something to write."""
        return self.new + self.pay + self.counts.get("CONTACT", 0)

    @property
    def refused(self) -> int:
        """How many lines are refused."""
        return refused_count()

    def ages(self, *, as_of: dt.date) -> list[dict[str, Any]]:
        """What the new rows bring by days past due on a day: count and open amount (PL-04)."""
        found = rows(
            f"SELECT s.currency, {bucket_sql(basis=AgeBasis.DUE, day='%(as_of)s', column='s.due_on')} AS bucket, "
            "count(*) AS count, sum(coalesce(s.open_amount, s.amount)) AS amount FROM staged_row s "
            f"WHERE s.paid_on IS NULL AND {NEW} GROUP BY 1, 2",
            {"as_of": as_of},
        )
        order = [bucket.code for bucket in BUCKETS[AgeBasis.DUE]]
        found.sort(key=lambda row: (row["currency"], order.index(row["bucket"])))
        return [{**row, "amount": str(row["amount"])} for row in found]

    def suspect_rows(self, *, most: int) -> list[dict[str, Any]]:
        """The first rows for a person to look at, each with its reason in both languages."""
        found = rows(
            f"SELECT line, what FROM staged_known WHERE what NOT IN {_NO_SUSPECT} ORDER BY line LIMIT %(most)s",
            {"most": most},
        )
        found = sorted([*found, *leading_zeros.zeros_told(most=most)], key=lambda row: row["line"])[:most]
        words = {code: importing.in_both(importing.SUSPECTS[code]) for code in {row["what"] for row in found}}
        return [
            {
                **{name: row[name] for name in ("value", "known") if name in row},
                "line": row["line"],
                "code": row["what"],
                "reason_ar": words[row["what"]]["ar"],
                "reason_en": words[row["what"]]["en"],
            }
            for row in found
        ]

    def clear(self) -> None:
        execute(_GONE)
