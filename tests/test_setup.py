"""The set-up: what the scripts, the locks and the Makefile promise, as far as it can be seen cheaply."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from config.env import read_file

ROOT = Path(__file__).resolve().parent.parent
OWN_SERVERS = "/mithaq-" in str(settings.DATABASES["default"]["HOST"])


def rows(sql: str) -> list[tuple[object, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.mark.django_db
def test_the_four_roles_are_there_and_as_weak_as_they_should_be() -> None:
    found = rows(
        "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles "
        "WHERE rolname LIKE 'mithaq%' ORDER BY rolname"
    )
    assert found == [
        ("mithaq_app", True, False, False, False),
        ("mithaq_backup", True, False, True, False),
        ("mithaq_owner", True, False, False, True),
        ("mithaq_portal", False, False, False, False),
    ]
    assert rows("SELECT pg_has_role('mithaq_app', 'mithaq_portal', 'MEMBER')") == [(True,)]
    assert rows("SELECT pg_has_role('mithaq_portal', 'mithaq_app', 'MEMBER')") == [(False,)]


@pytest.mark.django_db
@pytest.mark.skipif(not OWN_SERVERS, reason="a database from outside is its administrator's")
def test_the_checkouts_own_cluster() -> None:
    wanted = {"max_connections": "300", "listen_addresses": "", "TimeZone": "Asia/Riyadh", "server_encoding": "UTF8"}
    found = rows(f"SELECT name, reset_val FROM pg_settings WHERE name IN {tuple(wanted)}")
    assert {**wanted, **dict(found)} == wanted
    assert rows("SELECT datcollate FROM pg_database WHERE datname = current_database()") == [("C.UTF-8",)]
    assert Path(str(settings.DATABASES["default"]["HOST"])).stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db
def test_likeness_is_seen_in_arabic() -> None:
    assert rows("SELECT similarity('عبدالله القحطاني', 'عبد الله القحطاني') > 0.5") == [(True,)]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-servers.txt"])
def test_python_locks_carry_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=[a-z0-9])", text.partition("\n\n")[0] if "\n\n" in text else text)[1:]
    assert packages
    assert [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert [package.splitlines()[0] for package in packages if not re.match(r"[\w.\[\]-]+==", package)] == []
    assert "://" not in text
    assert "index-url" not in text.split("\n", 2)[2]


def test_the_npm_lock_carries_hashes_and_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 1
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_the_makefile_has_what_the_readme_promises() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):.*## \S", makefile, re.M))
    assert targets >= {
        *("run", "test", "e2e", "lint", "fmt", "setup", "services-up", "services-down"),
        *("demo", "bench", "shell", "messages", "clean"),
    }
    command = ["make", "--no-print-directory", "help"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in said.splitlines()} == targets


@pytest.mark.skipif(not OWN_SERVERS, reason="a database from outside is its administrator's")
def test_what_the_services_tell_the_settings() -> None:
    file = ROOT / ".local" / "env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(read_file(file)) >= {
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "MASTER_KEY",
        "AUDIT_SIGNING_KEY",
    }


def services(check: str) -> str:
    """What a line of Python says beside scripts/services.py, in a process of its own."""
    program = f"import sys; sys.path.insert(0, 'scripts'); import services; from pathlib import Path; print({check})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_pid_file_after_a_crash_names_nobody(tmp_path: Path) -> None:
    left = tmp_path / "redis.pid"
    for text in ("", "none", "999999999", "1"):  # the last lives, but does not work in that folder
        left.write_text(text)
        assert services(f"services.alive(Path({str(left)!r}))") == "None"
    assert services(f"services.answers(Path({str(tmp_path / 'gone.sock')!r}))") == "False"
