"""Changed contact data of account holders we know: numbers and addresses to add, and those that are no longer right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collections_app.choices import ContactPointKind
from collections_app.models import ImportFile
from collections_app.rules.importing import Refusal
from collections_app.rules.maintenance import ADDS, ENDS
from collections_app.services.cells import MASKED, Cells
from collections_app.services.contact_points import points_add
from collections_app.services.maintenance.work import Work
from common import clock, crypto
from common.db import execute, rows
from parties.rules import identifiers

_READ: Mapping[str, tuple[Callable[[str], str], str]] = {
    ContactPointKind.MOBILE: (identifiers.normalise_mobile, "phone"),
    ContactPointKind.PHONE: (identifiers.normalise_mobile, "phone"),
    ContactPointKind.EMAIL: (identifiers.normalise_email, "email"),
    ContactPointKind.ADDRESS: (identifiers.normalise_address, "missing"),
}
# What the book has: the versions of a number or address that stand.
_STANDS = """
SELECT 1 FROM collections_app_debtor b JOIN collections_app_contactpoint c ON c.debtor_id = b.id
WHERE b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref AND c.kind = t.kind
  AND c.value_index = t.value_index
"""
_UNKNOWN = f"""
SELECT count(DISTINCT line) AS lines, min(line) AS first FROM staged_told t WHERE t.gone AND NOT EXISTS ({_STANDS})
"""
_SAID = f"""
DELETE FROM staged_told t
WHERE t.gone IS DISTINCT FROM EXISTS ({_STANDS} AND c.replaced_at IS NULL)
   OR EXISTS (
       SELECT 1 FROM staged_told o WHERE o.debtor_ref = t.debtor_ref AND o.kind = t.kind
         AND o.value_index = t.value_index AND o.gone = t.gone AND (o.line, o.at) < (t.line, t.at)
   )
"""
_ENDED = """
UPDATE collections_app_contactpoint c SET state = 'INVALID', replaced_at = %(now)s
FROM staged_told t, collections_app_debtor b
WHERE t.gone AND b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref AND c.debtor_id = b.id
  AND c.kind = t.kind AND c.value_index = t.value_index AND c.replaced_at IS NULL
"""
_ADDED = """
SELECT t.kind, t.value_index, t.personal, b.id, y.wrapped_key
FROM staged_told t
JOIN collections_app_debtor b ON b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref
JOIN parties_party y ON y.id = b.party_id
WHERE NOT t.gone AND y.wrapped_key IS NOT NULL
ORDER BY b.id
"""


class Contacts(Work):
    """Nothing is overwritten or deleted: what is no longer right stays as a version that has ended."""

    NAME = "staged_told"
    TABLE = (
        "CREATE TEMPORARY TABLE staged_told (line integer, debtor_ref text, kind text, gone boolean, "
        "value_index bytea, personal bytea, at bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP"
    )
    COLUMNS = "line, debtor_ref, kind, gone, value_index, personal"
    MAKES = ("contacts", "ended")

    def staged(self, *, cells: Cells, today: dt.date) -> Iterable[tuple[Any, ...]]:
        before = len(cells.reading.refusals)
        cells.others_checked()
        debtor_ref = cells.text("debtor_ref")
        told = []
        for name, kind in (*ADDS.items(), *ENDS.items()):
            raw = cells.text(name)
            if not raw:
                continue
            normalise, code = _READ[kind]
            try:
                value = normalise(raw)
            except ValueError:
                cells.refuse(name, code)
                continue
            index = crypto.blind_index(value=value, kind=kind)
            told.append((cells.line, debtor_ref, str(kind), name in ENDS, index, self.passing.seal(value)))
        if not told and len(cells.reading.refusals) == before:
            cells.refuse("debtor_ref", "nothing_told", debtor_ref)
        return told if len(cells.reading.refusals) == before else []

    def check(self, *, file: ImportFile, warnings: dict[str, tuple[int, int]]) -> None:
        self.holders_checked()
        self.refuse(
            where="t.gone AND EXISTS (SELECT 1 FROM staged_told o WHERE o.debtor_ref = t.debtor_ref "
            "AND o.kind = t.kind AND o.value_index = t.value_index AND NOT o.gone)",
            column="debtor_ref",
            code="contact_both",
            value=f"'{MASKED}'",
        )
        (unknown,) = rows(_UNKNOWN, self.params)
        if unknown["lines"]:
            warnings["point_unknown"] = (unknown["lines"], unknown["first"])
        execute(_SAID, self.params)

    def write(self, *, file: ImportFile, event_id: int) -> tuple[dict[str, int], list[Refusal]]:
        params = {**self.params, "now": clock.now()}
        ended = execute(_ENDED, params)
        added = points_add(found=_ADDED, params=params, opened=lambda _kind, staged: self.passing.open(bytes(staged)))
        return {"contacts": added, "ended": ended}, []
