"""Emptying the database after a test that commits: what has rows, instead of every table.

TRUNCATE makes new files for each of nearly two hundred tables and their indexes, for which every such test would wait
longer than for itself. The checkout's own server lets its superuser in; where none is reached, Django's way stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import psycopg
from django.db import connections
from psycopg import sql

OWNER = "owner"
# What Django derives from the models, and would make again after each test.
KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})


def flush_quickly() -> None:
    """Let the owner's connection of this thread be flushed so."""
    operations = connections[OWNER].ops
    operations.execute_sql_flush = partial(_flushed, otherwise=operations.execute_sql_flush)


def _flushed(sql_list: Sequence[str], *, otherwise: Callable[[Sequence[str]], None]) -> None:
    try:
        server = psycopg.connect(**{**connections[OWNER].get_connection_params(), "user": "postgres"})
    except psycopg.OperationalError:
        otherwise(sql_list)
        return
    tables = sorted(set(connections[OWNER].introspection.django_table_names(only_existing=True)) - KEPT)
    with server:
        # As TRUNCATE does: whoever is still writing ends first, and nobody begins in between.
        server.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(map(sql.Identifier, tables)))
        )
        asked = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table))
            for table in tables
        )
        # Neither references nor triggers look: all goes, also what is never deleted otherwise.
        server.execute("SET LOCAL session_replication_role = replica")
        for (table,) in server.execute(asked).fetchall():
            server.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
