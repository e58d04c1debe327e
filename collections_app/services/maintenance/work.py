"""What each kind of maintenance file says of itself."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from clients.models import Client
from collections_app.models import ImportFile
from collections_app.rules.importing import Layout, Refusal
from collections_app.services.cells import Cells
from common import crypto
from common.audit import Actor
from common.db import execute, rows

# Lines of account holders that the client has not; one with other zeros before its number is told apart.
_UNKNOWN = """
WITH wrong AS (
    SELECT DISTINCT t.line, t.debtor_ref FROM {name} t
    WHERE NOT EXISTS (
        SELECT 1 FROM collections_app_debtor b WHERE b.client_id = %(client_id)s AND b.debtor_ref = t.debtor_ref
    )
)
INSERT INTO staged_refusal (line, "column", value, code)
SELECT line, %(heading)s, left(debtor_ref, 120), CASE WHEN EXISTS (
    SELECT 1 FROM collections_app_debtor b
    WHERE b.client_id = %(client_id)s AND ltrim(b.debtor_ref, '0') = ltrim(w.debtor_ref, '0')
) THEN 'debtor_zeros' ELSE 'debtor_unknown' END FROM wrong w ORDER BY line
"""
# The client is locked by then; its cases follow in the order of their ids, as everywhere in the house.
_LOCK_CASES = """
SELECT count(*) FROM (
    SELECT c.id FROM collections_app_case c WHERE c.client_id = %(client_id)s AND c.debtor_id IN (
        SELECT b.id FROM collections_app_debtor b JOIN {name} t ON t.debtor_ref = b.debtor_ref
        WHERE b.client_id = %(client_id)s
    ) ORDER BY c.id FOR NO KEY UPDATE
) held
"""


@dataclass(kw_only=True)
class Work(abc.ABC):
    """One file of one kind: its temporary table, how a line reads, what is refused, what is written."""

    client: Client
    layout: Layout
    day: dt.date
    actor: Actor
    passing: crypto.Passing = field(default_factory=crypto.Passing)
    # What this kind alone adds to the file's result.
    extra: dict[str, Any] = field(default_factory=dict)

    NAME: ClassVar[str]
    TABLE: ClassVar[str]
    COLUMNS: ClassVar[str]
    MAKES: ClassVar[tuple[str, ...]]

    @abc.abstractmethod
    def staged(self, *, cells: Cells, today: dt.date) -> Iterable[tuple[Any, ...]]:
        """What a line brings, as rows of the table; none when any of its cells is refused."""

    @abc.abstractmethod
    def check(self, *, file: ImportFile, warnings: dict[str, tuple[int, int]]) -> None:
        """Hold the rows against the book: refuse lines, leave out what the book says already."""

    @abc.abstractmethod
    def write(self, *, file: ImportFile, event_id: int) -> tuple[dict[str, int], list[Refusal]]:
        """Write what is left; how many of each, and what could not be written after all."""

    def brings(self) -> int:
        """How many lines have something to write."""
        sql = (
            f"SELECT count(DISTINCT line) AS count FROM {self.NAME} WHERE line NOT IN (SELECT line FROM staged_refusal)"
        )
        return int(rows(sql)[0]["count"])

    @property
    def params(self) -> dict[str, Any]:
        return {"client_id": self.client.pk, "heading": self.heading("debtor_ref"), "day": self.day}

    def heading(self, name: str) -> str:
        """What stands over a field in this file."""
        return self.layout.columns.get(name, name)

    def holders_checked(self) -> None:
        """Refuse lines of nobody we know, and hold the cases of the others."""
        execute(_UNKNOWN.format(name=self.NAME), self.params)
        self.refused_out()
        rows(_LOCK_CASES.format(name=self.NAME), self.params)

    def refuse(self, *, where: str, column: str, code: str, value: str = "''") -> None:
        """Refuse the lines of which a condition holds."""
        execute(
            f'INSERT INTO staged_refusal (line, "column", value, code) SELECT DISTINCT t.line, %(column)s, '
            f"left({value}, 120), %(code)s FROM {self.NAME} t WHERE {where} ORDER BY t.line",
            {**self.params, "column": self.heading(column), "code": code},
        )
        self.refused_out()

    def refused_out(self) -> None:
        """A line is good or it is not."""
        execute(f"DELETE FROM {self.NAME} t USING staged_refusal f WHERE f.line = t.line")
