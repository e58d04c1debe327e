"""A real browser on a live server over the test database: what the smoke and the journeys share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browsing import Surfer

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, once for all tests. Its driver keeps a loop running in this thread; Django minds that."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _test_databases_only() -> None:
    """Refuse to go on when a connection leads to any database but a test's own."""
    for name in ("default", "owner"):
        database = str(connections[name].settings_dict["NAME"])
        assert database.startswith("test_"), f"{name} is {database}: mark the tests with django_db"


@pytest.fixture(scope="session")
def house(django_db_setup: None) -> Iterator[str]:
    """The address of a live server on the test database."""
    _test_databases_only()
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def shared_book(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database whose rows are committed and stand for a whole module of tests that only read.

    The tests bear the mark ``django_db``, which also says which databases are made. What transactional tests do when
    they end is done here once: the owner flushes what was committed.
    """
    _test_databases_only()
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        call_command("flush", verbosity=0, interactive=False, database="owner", inhibit_post_migrate=True)
        connections.close_all()


@pytest.fixture
def surfer(chromium: Browser, house: str) -> Iterator[Surfer]:
    """Somebody at a browser. Ends every window and fails when a page complained."""
    person = Surfer(browser=chromium, base=house, cookie=settings.SESSION_COOKIE_NAME)
    yield person
    person.leave()
