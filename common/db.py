"""Small pieces for migrations and set-based SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, migrations


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


def execute(sql: str, params: dict[str, Any] | Iterable[Any] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
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


def rows(sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run one query; its rows as dictionaries by column name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
