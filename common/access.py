"""Who may touch which table: the database's own rights, declared in ``access_lists`` and applied after every
migrate.

The application owns nothing. Append-only tables take INSERT and SELECT; of some others, columns stand as inserted. The
portal reads a declared list, and of it, by row-level security, one client's rows alone. Every table with a
``client_id`` is protected the moment it exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from common.access_lists import (
    APPEND_ONLY,
    FIXED_COLUMNS,
    PORTAL_COLUMNS,
    PORTAL_READABLE,
    PORTAL_SHARED,
    SHARED_TABLES,
)

__all__ = [
    "APPEND_ONLY",
    "FIXED_COLUMNS",
    "PORTAL_COLUMNS",
    "PORTAL_READABLE",
    "PORTAL_SHARED",
    "SHARED_TABLES",
    "apply_database_access",
    "portal_scope",
    "read_only",
]

# As PostgreSQL writes it back, so that what stands already is known again.
ROW_POLICY = "(client_id = (NULLIF(current_setting('mithaq.client_id'::text, true), ''::text))::bigint)"


# Every table with a client's rows, whether row-level security holds there for all, and its policies.
_ROW_SECURITY = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, coalesce((
    SELECT jsonb_agg(jsonb_build_array(p.policyname, (SELECT array_agg(role ORDER BY role) FROM unnest(p.roles) role),
                                       p.cmd, p.qual, p.with_check) ORDER BY p.policyname)
    FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname), '[]')
FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND (c.relname = 'clients_client' OR EXISTS (
       SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped))
ORDER BY c.relname
"""


def _table(label: str) -> str:
    return str(apps.get_model(label)._meta.db_table)


def apply_database_access(*, using: Any = None) -> None:
    """Grant exactly what is declared, and lay row-level security over every client's rows.

    Safe to run again, also while others work: a table whose policies stand as declared is not locked.
    """
    target = using or connection
    quote = target.ops.quote_name
    owner, app, portal = (quote(settings.DATABASE_ROLES[name]) for name in ("owner", "app", "portal"))
    house = sorted(settings.DATABASE_ROLES[name] for name in ("app", "owner"))
    with transaction.atomic(using=target.alias), target.cursor() as cursor:
        append_only = {_table(label) for label in APPEND_ONLY}
        readable = {_table(label) for label in (*PORTAL_READABLE, *PORTAL_SHARED)}
        statements = [
            f"GRANT USAGE ON SCHEMA public TO {app}, {portal}",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}, {portal}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        ]
        statements += [f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {app}" for table in sorted(append_only)]
        for label, fixed in sorted(FIXED_COLUMNS.items()):
            table = _table(label)
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attname <> ALL(%s) ORDER BY attnum",
                [table, list(fixed)],
            )
            free = ", ".join(quote(column) for (column,) in cursor.fetchall())
            statements += [
                f"REVOKE UPDATE ON {quote(table)} FROM {app}",
                f"GRANT UPDATE ({free}) ON {quote(table)} TO {app}",
            ]
        statements += [f"GRANT SELECT ON {quote(table)} TO {portal}" for table in sorted(readable)]
        statements += [
            f"GRANT SELECT ({', '.join(map(quote, columns))}) ON {quote(_table(label))} TO {portal}"
            for label, columns in sorted(PORTAL_COLUMNS.items())
        ]
        cursor.execute(_ROW_SECURITY)
        for table, secured, policies in cursor.fetchall():
            standing = json.loads(policies)
            rows = ROW_POLICY if table != "clients_client" else ROW_POLICY.replace("client_id =", "id =", 1)
            declared = [
                ["house_rows", house, "ALL", "true", "true"],
                ["portal_rows", [settings.DATABASE_ROLES["portal"]], "SELECT", rows, None],
            ]
            if secured and standing == declared:
                continue
            name = quote(table)
            statements += [
                f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
                *(f"DROP POLICY {quote(policy[0])} ON {name}" for policy in standing),
                f"CREATE POLICY house_rows ON {name} TO {app}, {owner} USING (true) WITH CHECK (true)",
                f"CREATE POLICY portal_rows ON {name} FOR SELECT TO {portal} USING ({rows})",
            ]
        # Triggers that ask whether something is recorded in the present know whether this house may set its clock.
        statements += [
            "CREATE OR REPLACE FUNCTION house_clock_may_be_set() RETURNS boolean LANGUAGE sql STABLE"
            f" AS $$ SELECT {'true' if settings.CLOCK_MAY_BE_SET else 'false'} $$"
        ]
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which the database itself refuses every write."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


@contextmanager
def portal_scope(*, client_id: int) -> Iterator[None]:
    """Read as the portal, one client's rows alone, for the length of one transaction.

    Everything read inside, lazily too, must be finished inside. On the way out the role is taken back before the
    transaction goes on, because SET LOCAL outlives an inner savepoint; an error takes it back by rolling back.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mithaq.client_id', %s, true)", [str(client_id)])
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.DATABASE_ROLES['portal'])}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT set_config('mithaq.client_id', '', true)")
