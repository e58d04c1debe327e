"""A migrated database that test databases are copied from: migrating is most of what a short run would wait for."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

# What decides how a database looks once it is migrated; and whatever of the house a migration imports.
SOURCES = ("*/migrations/*.py", "common/access*.py", "common/management/commands/migrate.py", "requirements.txt")
IMPORTS = re.compile(r"^\s*(?:from|import) ([a-z_]+(?:\.[a-z_]+)+)", re.MULTILINE)
PREFIX = "test_template_"
MAKING = f"{PREFIX}making"
# Checkouts that share a server, and branches one goes back to, have one each.
KEPT = 5


def template_database() -> str:
    """The name of the database that is migrated as the files say; made when it is not there."""
    base = Path(settings.BASE_DIR)
    name = f"{PREFIX}{_digest(base)[:16]}"
    owner = connections["owner"]
    params = owner.get_connection_params()
    with psycopg.connect(**{**params, "dbname": "postgres"}, autocommit=True) as server:
        # One maker at a time: the other workers of the same run wait for it.
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        found = [row[0] for row in server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC", [PREFIX]
        )]  # fmt: skip
        if name in found:
            return name
        whole = [other for other in found if other != MAKING]
        for other in {*found} - {*whole[: KEPT - 1]}:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(other)))
        # Named only when it is whole: an interrupted run leaves nothing that would be believed.
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(MAKING)))
        kept = owner.settings_dict["NAME"]
        owner.close()
        owner.settings_dict["NAME"] = MAKING
        try:
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        finally:
            owner.close()
            owner.settings_dict["NAME"] = kept
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(MAKING), sql.Identifier(name)))
        return name


def _digest(base: Path) -> str:
    """The files that decide it, each with its name."""
    files = {path for pattern in SOURCES for path in base.glob(pattern)}
    for migration in sorted(base.glob("*/migrations/*.py")):
        for module in IMPORTS.findall(migration.read_text()):
            found = importlib.util.find_spec(module) if (base / module.split(".")[0]).is_dir() else None
            if found is not None and found.origin is not None:
                files.add(Path(found.origin))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(base)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
