#!/usr/bin/env python3
"""Is a new database the same as Django itself migrates it, and as fastmig does? By their dumps; exits 1 when not.

Takes about a minute: whoever brings a new version of Django or of fastmig runs it (docs/adr/0051).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent))
from services import postgres_bin

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local" / "env"
# A dump opens and closes with a word made up for it.
RESTRICTED = re.compile(r"^\\(un)?restrict .*$", re.MULTILINE)


def _at(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def migrated(*, told: dict[str, str], name: str, stock: bool) -> str:
    """The dump of a database of this name, made new and dropped again. ``told`` is what ``.local/env`` says."""
    owner = told["DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as server:
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
            server.execute(sql.SQL(statement).format(sql.Identifier(name)))
        try:
            there = _at(owner, name)
            words = {"DATABASE_OWNER_URL": there, "FASTMIG_DISABLE": "1" if stock else ""}
            began = time.monotonic()
            command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
            subprocess.run(command, env={**told, **os.environ, **words}, check=True)
            print(f"{'Django itself' if stock else 'with fastmig'}: {time.monotonic() - began:.1f} s", flush=True)
            dump = [str(postgres_bin() / "pg_dump"), "--schema-only", there]
            return RESTRICTED.sub("", subprocess.run(dump, check=True, capture_output=True, text=True).stdout)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def main() -> int:
    told = dict(line.partition("=")[::2] for line in LOCAL.read_text(encoding="utf-8").splitlines())
    quick = migrated(told=told, name="mithaq_migrated_quick", stock=False)
    if quick == migrated(told=told, name="mithaq_migrated_stock", stock=True):
        print(f"the same, {len(quick.splitlines()):,} lines")
        return 0
    print("they differ", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
