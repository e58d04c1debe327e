"""Small pieces for migrations and set-based SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connection, migrations
from django.db.backends.utils import CursorWrapper


def composite_key(*, table: str, columns: Sequence[str]) -> migrations.RunSQL:
    """A unique key that lets children refer to (id, client_id, …) together."""
    name = f"{table}_{'_'.join(columns)}_key"[:63]
    return migrations.RunSQL(
        sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({', '.join(columns)})",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def composite_reference(
    *, table: str, columns: Sequence[str], parent: str, parent_columns: Sequence[str] = ("id", "client_id")
) -> migrations.RunSQL:
    """A foreign key over several columns: a row of one client can never hang on another client's row."""
    name = f"{table}_{columns[0]}_of_client_fk"[:63]
    return migrations.RunSQL(
        sql=(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({', '.join(columns)}) "
            f"REFERENCES {parent} ({', '.join(parent_columns)}) DEFERRABLE INITIALLY DEFERRED"
        ),
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def never_nan(*, table: str, columns: Sequence[str]) -> migrations.RunSQL:
    """Money is a number: numeric takes 'NaN' otherwise, and holds it for larger than anything."""
    name = f"{table}_never_nan"[:63]
    check = " AND ".join(f"{column} <> 'NaN'" for column in columns)
    return migrations.RunSQL(
        sql=f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check})",
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def _cursor(*, kept: bool) -> CursorWrapper:
    """A cursor; with ``kept`` one whose statements the server plans once a connection (``prepare_threshold`` and
    ``plan_cache_mode`` in the settings). For statements on one case, asked at every payment, whose planning takes
    longer than their work. Never for what is asked of one row and of a million: they share the plan.
    ``connection.queries`` counts them, and does not know their text.
    """
    cursor = connection.cursor()
    if kept:
        # Django's own puts the values into the text, which is then another statement each time.
        cursor.cursor = psycopg.Cursor(connection.connection)
    return cursor


def execute(sql: str, params: dict[str, Any] | Iterable[Any] | None = None, *, kept: bool = False) -> int:
    """Run one statement; the number of rows it touched."""
    with _cursor(kept=kept) as cursor:
        cursor.execute(sql, params)  # type: ignore[arg-type]
        return int(cursor.rowcount)


def analyze(*tables: str) -> None:
    """Bring the planner's statistics of these tables up to what a bulk step just filled, before it joins them.

    The application owns no table, so a function of the owner does it (migration ``common.0002``). Without it a plan
    made for an empty table joins thousands of rows by nested scans until autovacuum comes by (seen: 6 s for one
    payment in a fresh book of 2,466 receivables).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT house_analyze(%s::text[])", [sorted(tables)])


def rows(sql: str, params: dict[str, Any] | None = None, *, kept: bool = False) -> list[dict[str, Any]]:
    """Run one query; its rows as dictionaries by column name."""
    with _cursor(kept=kept) as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def streamed(sql: str, params: dict[str, Any] | None = None, *, chunk: int = 5_000) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query in chunks, from a cursor of the server; must run inside a transaction.

    Nothing is held here but a chunk, and other statements may run between two of them.
    """
    connection.ensure_connection()
    with connection.connection.cursor(name="streamed") as cursor:
        cursor.execute(sql, params)
        while found := cursor.fetchmany(chunk):
            yield found
