"""Rows of a file that are known ones but for leading zeros: told, and put aside until a person says which they are.

A spreadsheet, or a column of numbers, makes 123 of 00123. Added as it stands such a row would be the same money twice;
taken for the known one it might be somebody else's. So it is neither: it waits (``ImportSuspect``).
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from collections_app.choices import SuspectDecision
from collections_app.models import ImportFile
from collections_app.rules import importing
from collections_app.services.cells import MASKED, SHORT_ID
from collections_app.services.plain_rows import SEPARATOR
from common import crypto
from common.db import analyze, execute, rows, streamed
from parties.choices import IdentifierKind
from parties.rules import identifiers

# What differs, the one it resembles, and how its row would read if it were that one.
TABLES = (
    'CREATE TEMPORARY TABLE staged_zeros (line integer, "column" text, value text, known text, debtor_id bigint, '
    "debtor_ref text, debt_ref text, receivable_ref text, row jsonb, personal bytea) ON COMMIT DROP",
)
GONE = "staged_zeros"

# Account numbers that the book has not, but has with other zeros before them: of several the nearest in length. Nothing
# is asked of a book that has nobody yet.
_DEBTORS = """
INSERT INTO staged_zeros (line, "column", value, known, debtor_id, debtor_ref)
SELECT s.line, 'debtor_ref', s.debtor_ref, f.known, f.id, f.known
FROM staged_row s
JOIN (
    SELECT DISTINCT ON (o.debtor_ref) o.debtor_ref, b.id, b.debtor_ref AS known
    FROM (
        SELECT DISTINCT debtor_ref FROM staged_row r
        WHERE EXISTS (SELECT 1 FROM collections_app_debtor WHERE client_id = %(client_id)s)
          AND NOT EXISTS (
              SELECT 1 FROM collections_app_debtor b
              WHERE b.client_id = %(client_id)s AND b.debtor_ref = r.debtor_ref
          )
    ) o
    JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND ltrim(b.debtor_ref, '0') = ltrim(o.debtor_ref, '0')
    ORDER BY o.debtor_ref, abs(length(b.debtor_ref) - length(o.debtor_ref)), b.id
) f ON f.debtor_ref = s.debtor_ref
"""
# Register numbers too short to be one, which an account holder of this client has with zeros before them: the row's own
# account first.
_IDS = """
INSERT INTO staged_zeros (line, "column", value, known, debtor_id, debtor_ref)
SELECT DISTINCT ON (s.line) s.line, 'national_id', %(masked)s, b.debtor_ref, b.id, b.debtor_ref
FROM staged_row s
JOIN parties_identifier i ON i.kind = %(register)s AND i.value_index = s.id_index
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.party_id = i.party_id
WHERE s.id_kind = %(short)s AND NOT EXISTS (SELECT 1 FROM staged_zeros z WHERE z.line = s.line)
ORDER BY s.line, b.debtor_ref <> s.debtor_ref, b.id
"""
_NO_IDS = """
WITH wrong AS (
    DELETE FROM staged_row s WHERE s.id_kind = %(short)s
      AND NOT EXISTS (SELECT 1 FROM staged_zeros z WHERE z.line = s.line) RETURNING s.line
)
INSERT INTO staged_refusal (line, "column", value, code)
SELECT line, %(heading)s, %(masked)s, 'national_id' FROM wrong ORDER BY line
"""
# New rows of known account holders (a twin under another contract is new too): a contract of theirs, else a receivable
# of that contract. A row that names none belongs to the account's own debt.
_INSIDE = """
INSERT INTO staged_zeros (line, "column", value, known, debtor_id, debt_ref, receivable_ref)
SELECT DISTINCT ON (s.line) s.line, CASE WHEN d.debt_ref = s.debt_ref THEN 'receivable_ref' ELSE 'debt_ref' END,
       CASE WHEN d.debt_ref = s.debt_ref THEN s.receivable_ref ELSE s.debt_ref END,
       CASE WHEN d.debt_ref = s.debt_ref THEN r.receivable_ref ELSE d.debt_ref END, b.id, d.debt_ref,
       coalesce(r.receivable_ref, s.receivable_ref)
FROM staged_row s
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = s.debtor_ref
JOIN collections_app_case k ON k.debtor_id = b.id
JOIN collections_app_debt d ON d.case_id = k.id AND ltrim(d.debt_ref, '0') = ltrim(s.debt_ref, '0')
LEFT JOIN collections_app_receivable r
    ON r.debt_id = d.id AND ltrim(r.receivable_ref, '0') = ltrim(s.receivable_ref, '0') AND NOT r.struck
WHERE NOT EXISTS (SELECT 1 FROM staged_known n WHERE n.line = s.line AND n.what <> 'twin')
  AND CASE WHEN d.debt_ref = s.debt_ref THEN r.receivable_ref <> s.receivable_ref AND NOT EXISTS (
          SELECT 1 FROM collections_app_receivable o
          WHERE o.client_id = %(client_id)s AND o.debt_id = d.id AND o.receivable_ref = s.receivable_ref
            AND NOT o.struck
      ) ELSE s.names_debt AND NOT EXISTS (
          SELECT 1 FROM collections_app_debt o WHERE o.client_id = %(client_id)s AND o.debt_ref = s.debt_ref
      ) END
ORDER BY s.line, abs(length(d.debt_ref) - length(s.debt_ref)), r.receivable_ref = s.receivable_ref DESC,
    abs(length(r.receivable_ref) - length(s.receivable_ref)), r.id
"""
_ASIDE = """
WITH aside AS (
    DELETE FROM staged_row s USING staged_zeros z WHERE z.line = s.line AND z.row IS NULL
    RETURNING s.line, to_jsonb(s) - 'personal' AS row, s.personal
)
UPDATE staged_zeros z SET row = a.row, personal = a.personal FROM aside a WHERE a.line = z.line
"""
_AS_KNOWN = """
UPDATE staged_row s
SET debtor_ref = coalesce(z.debtor_ref, s.debtor_ref),
    debt_ref = coalesce(z.debt_ref, CASE WHEN s.names_debt THEN s.debt_ref END, z.debtor_ref, s.debt_ref),
    receivable_ref = coalesce(z.receivable_ref, s.receivable_ref),
    id_kind = CASE WHEN s.id_kind = %(short)s THEN %(register)s ELSE s.id_kind END
FROM staged_zeros z WHERE z.line = s.line
"""
_NO_NUMBER = "UPDATE staged_row SET id_kind = '', id_index = NULL, debtor_kind = 'PERSON' WHERE id_kind = %(short)s"

_SEALED = "CREATE TEMPORARY TABLE staged_kept (line integer, id text, personal bytea) ON COMMIT DROP"
_TO_SEAL = """
SELECT z.line, z.personal, p.wrapped_key
FROM staged_zeros z JOIN collections_app_debtor b ON b.id = z.debtor_id JOIN parties_party p ON p.id = b.party_id
WHERE z.personal IS NOT NULL AND p.wrapped_key IS NOT NULL
"""
_KEPT = """
INSERT INTO collections_app_importsuspect
    (client_id, file_id, line, code, value, known, debtor_id, row, personal_sealed, decision, outcome)
SELECT %(client_id)s, %(file_id)s, z.line, %(codes)s::jsonb ->> z."column",
       CASE WHEN z."column" = 'national_id' THEN coalesce(k.id, z.value) ELSE z.value END, z.known, z.debtor_id,
       z.row, k.personal, '', ''
FROM staged_zeros z LEFT JOIN staged_kept k USING (line) ORDER BY z.line
"""
COLUMN = "import_suspect"
# Fewer rows than this change no plan.
MANY = 500


def _params(*, client_id: int, heading: str = "") -> dict[str, Any]:
    return {
        "client_id": client_id,
        "heading": heading,
        "masked": MASKED,
        "short": SHORT_ID,
        "register": IdentifierKind.COMMERCIAL_REGISTER,
    }


def holders_look(*, client_id: int, heading: str, said: str) -> tuple[int, int]:
    """Rows of account holders that the book knows with other zeros: how many were put aside, how many refused.

    ``said`` is what a person decided of all these rows before: as the known ones they read like them, as others they
    are left as they are. ``heading`` stands over the identity numbers.
    """
    params = _params(client_id=client_id, heading=heading)
    if said == SuspectDecision.OTHER:
        execute(_NO_NUMBER, params)
        return 0, 0
    found = execute(_DEBTORS, params) + execute(_IDS, params)
    if said == SuspectDecision.SAME:
        execute(_AS_KNOWN, params)
        execute("TRUNCATE staged_zeros")
        return 0, 0
    if found:
        execute(_ASIDE)
    return found, execute(_NO_IDS, params)


def contracts_look(*, client_id: int, said: str) -> int:
    """New rows whose contract or receivable the account holder has with other zeros.

    How many were put aside; or read as the known ones, when a person said so before.
    """
    if said == SuspectDecision.OTHER:
        return 0
    params = _params(client_id=client_id)
    found = execute(_INSIDE, params)
    if found:
        execute(_AS_KNOWN if said == SuspectDecision.SAME else _ASIDE, params)
        execute("DELETE FROM staged_known n USING staged_zeros z WHERE z.line = n.line")
    return found


def zeros_told(*, most: int) -> list[dict[str, Any]]:
    """The first rows put aside: line, reason, what the file says and what the book has."""
    found = rows('SELECT line, "column", value, known FROM staged_zeros ORDER BY line LIMIT %(most)s', {"most": most})
    return [
        {"line": r["line"], "what": importing.ZEROS[r["column"]], "value": r["value"], "known": r["known"]}
        for r in found
    ]


def zeros_keep(*, file: ImportFile, passing: crypto.Passing) -> int:
    """Keep the rows that wait for a person; how many. Personal values go under the key of whom they resemble."""
    execute(_SEALED)
    for chunk in streamed(_TO_SEAL):
        with connection.cursor() as cursor, cursor.copy("COPY staged_kept FROM STDIN") as copy:
            for line, personal, wrapped in chunk:
                told = passing.open(bytes(personal))
                sealed = crypto.encrypt(key=crypto.unwrap(wrapped=bytes(wrapped)), value=told, column=COLUMN)
                short = told.partition(SEPARATOR)[0].lstrip("0")
                copy.write_row((line, identifiers.masked_identifier(short), sealed))
    kept = execute(_KEPT, {"client_id": file.client_id, "file_id": file.pk, "codes": json.dumps(importing.ZEROS)})
    execute("DROP TABLE staged_kept")
    if kept >= MANY:
        analyze("collections_app_importsuspect")
    return kept
