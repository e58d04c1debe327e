"""Settings: from the environment alone; what is unknown or unsafe is refused by its name."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import load

ROOT = Path(__file__).resolve().parent.parent
SAFE = {
    "SECRET_KEY": secrets.token_urlsafe(64),
    "MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "AUDIT_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "DATABASE_URL": "postgresql://mithaq_app@db.example/mithaq",
    "DATABASE_OWNER_URL": "postgresql://mithaq_owner@db.example/mithaq",
    "REDIS_URL": "redis://cache.example",
    "MITHAQ_ALLOWED_HOSTS": "collections.example",
    "MITHAQ_PUBLIC_URL": "https://collections.example",
}


def loaded(settings: str, environ: dict[str, str], show: str = "''") -> subprocess.CompletedProcess[str]:
    """What a fresh process says to these settings in this environment."""
    program = f"import config.settings.{settings} as s; print({show})"
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**path, **environ}, capture_output=True, text=True, check=False
    )


def test_production_starts_with_safe_values_and_its_clock_is_nobodys() -> None:
    done = loaded("prod", SAFE, "s.DEBUG, s.MITHAQ_DEMO, s.CLOCK_MAY_BE_SET, s.STYLEGUIDE, s.SESSION_COOKIE_SECURE")
    assert done.stderr == ""
    assert done.stdout.strip() == "False False False False True"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MITHAQ_DEBUG", "yes"),
        ("MITHAQ_DEMO", "1"),
        ("MITHAQ_DEMO", "perhaps"),
        ("MITHAQ_SMTP_PORT", "twenty-five"),
        ("MITHAQ_ALOWED_HOSTS", "collections.example"),
        ("MITHAQ_ALLOWED_HOSTS", "*"),
        ("MITHAQ_ALLOWED_HOSTS", "collections.example,.example"),
        ("MITHAQ_ALLOWED_HOSTS", ""),
        ("MITHAQ_TRUSTED_ORIGINS", "http://collections.example"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "django-insecure-" + "abcdefgh" * 8),
        ("SECRET_KEY", "change-me-" + "abcdefgh" * 8),
        ("SECRET_KEY", "x" * 80),
        ("MASTER_KEY", "not base64"),
        ("MASTER_KEY", base64.b64encode(b"short").decode()),
        ("MASTER_KEY", base64.b64encode(bytes(32)).decode()),
        ("AUDIT_SIGNING_KEY", base64.b64encode(b"x" * 33).decode()),
        ("DATABASE_URL", SAFE["DATABASE_OWNER_URL"]),
        ("MITHAQ_PUBLIC_URL", "http://collections.example"),
        ("MITHAQ_SMS_URL", "http://sms.example/v1"),
        ("MITHAQ_SMS_HEADERS", "Bearer t"),
        ("MITHAQ_SMS_BODY", "[]"),
    ],
)
def test_production_refuses_what_is_unsafe_or_unknown_by_name(name: str, value: str) -> None:
    done = loaded("prod", {**SAFE, name: value})
    assert done.returncode == 1
    assert "ImproperlyConfigured" in done.stderr
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", sorted(SAFE))
def test_production_takes_nothing_from_a_checkouts_file_and_no_default(name: str) -> None:
    done = loaded("prod", {key: value for key, value in SAFE.items() if key != name})
    assert done.returncode == 1
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("settings", ["dev", "test", "prod"])
def test_a_typing_slip_is_heard_everywhere(settings: str) -> None:
    done = loaded(settings, {**SAFE, "MITHAQ_LOGLEVEL": "INFO"})
    assert done.returncode == 1
    assert "MITHAQ_LOGLEVEL" in done.stderr.splitlines()[-1]


def test_the_example_names_every_variable_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    known = set(loaded("prod", SAFE, "*sorted(s.env.known)").stdout.split())
    assert named == known | {"DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_the_machines_time_zone_and_language_do_not_matter(zone: str) -> None:
    setup = "__import__('django').setup() or __import__('django.utils.timezone').utils.timezone.localtime().tzname()"
    environ = {**SAFE, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "TZ": zone, "LC_ALL": "POSIX"}
    done = loaded("dev", environ, f"{setup}, __import__('time').strftime('%z'), s.AGENCY['short_ar']")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "+03 +0300 ميثاق"


def test_a_database_from_outside_never_mixes_with_the_checkouts_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "env").write_text("DATABASE_URL=own\nDATABASE_OWNER_URL=own\nREDIS_URL=own\n")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    assert load(root=tmp_path).text("DATABASE_OWNER_URL") == "own"
    monkeypatch.setenv("DATABASE_URL", "theirs")
    env = load(root=tmp_path)
    assert (env.text("DATABASE_URL"), env.text("REDIS_URL")) == ("theirs", "own")
    assert env.text("DATABASE_OWNER_URL", "none") == "none"
