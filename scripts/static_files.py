#!/usr/bin/env python3
"""Gather and name the static files under .local/static, unless nothing changed since."""

from __future__ import annotations

import subprocess
import sys

from services import LOCAL, ROOT, fail  # the script beside this one

STAMP = LOCAL / "stamps" / "static"
# Of the packages only what pages ask for.
LEFT_OUT = [
    *("bootstrap-grid*", "bootstrap-utilities*", "bootstrap.css", "bootstrap.min.css", "bootstrap.rtl*"),
    *("ibm-plex*.woff", "*-100-*", "*-200-*", "*-300-*", "*cyrillic*", "*latin-ext*", "rest_framework*", "admin*"),
]


def collect() -> None:
    sources = [ROOT / "package-lock.json", ROOT / "requirements.txt", *(ROOT / "static").rglob("*")]
    newest = str(max(path.stat().st_mtime for path in sources))
    if STAMP.exists() and STAMP.read_text() == newest:
        return
    ignore = [word for pattern in LEFT_OUT for word in ("--ignore", pattern)]
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--clear", "--verbosity", "0", *ignore]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        fail("the static files could not be gathered.")
    STAMP.write_text(newest)


if __name__ == "__main__":
    collect()
