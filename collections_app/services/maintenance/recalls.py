"""Recalls: the cases that a client wants back. Notice begins with the file; the night of its last day recalls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from collections_app.models import ImportFile
from collections_app.rules.importing import Refusal
from collections_app.services.cells import Cells
from collections_app.services.maintenance.work import Work
from common import clock
from common.db import execute, rows

_CASES = """
UPDATE staged_told t SET case_id = k.id
FROM collections_app_debtor b JOIN collections_app_case k ON k.debtor_id = b.id
WHERE b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref
"""
# Those that are under notice already: nothing changes for them.
_AGAIN = """
DELETE FROM staged_told t USING collections_app_recall n
WHERE n.case_id = t.case_id AND n.state = 'NOTICE' RETURNING n.id
"""
_GIVEN = """
INSERT INTO collections_app_recall
    (client_id, case_id, file_id, line, told_on, ends_on, reason, state, recorded_at, event_id, taken_back_reason)
SELECT %(client_id)s, k.id, %(file_id)s, t.line, %(day)s, greatest(k.placed_on, %(day)s + %(notice)s::int), t.reason,
       'NOTICE', %(now)s, %(event_id)s, ''
FROM staged_told t JOIN collections_app_case k ON k.id = t.case_id ORDER BY k.id
"""


class Recalls(Work):
    NAME = "staged_told"
    TABLE = (
        "CREATE TEMPORARY TABLE staged_told (line integer, debtor_ref text, reason text, case_id bigint) ON COMMIT DROP"
    )
    COLUMNS = "line, debtor_ref, reason"
    MAKES = ("recalls",)

    def staged(self, *, cells: Cells, today: dt.date) -> Iterable[tuple[Any, ...]]:
        before = len(cells.reading.refusals)
        cells.others_checked()
        debtor_ref, reason = cells.text("debtor_ref"), cells.text("reason")
        return [(cells.line, debtor_ref, reason)] if len(cells.reading.refusals) == before else []

    def check(self, *, file: ImportFile, warnings: dict[str, tuple[int, int]]) -> None:
        self.holders_checked()
        execute(_CASES, self.params)
        told = {"column": "debtor_ref", "value": "t.debtor_ref"}
        self.refuse(
            where="EXISTS (SELECT 1 FROM staged_told o WHERE o.case_id = t.case_id AND o.line < t.line)",
            code="repeats",
            **told,
        )
        self.extra["again"] = [row["id"] for row in rows(_AGAIN, self.params)]
        self.refuse(
            where="EXISTS (SELECT 1 FROM collections_app_case k WHERE k.id = t.case_id "
            "AND k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD'))",
            code="case_closed",
            **told,
        )

    def write(self, *, file: ImportFile, event_id: int) -> tuple[dict[str, int], list[Refusal]]:
        told = {"file_id": file.pk, "now": clock.now(), "event_id": event_id, "notice": self.client.recall_notice_days}
        return {"recalls": execute(_GIVEN, {**self.params, **told})}, []
