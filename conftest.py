"""What every test has: the owner's connection for flushing, and the clock as it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests.flushing import flush_quickly
from tests.template_database import template_database

# Machines are shared and busy: an example is judged by what it shows, never by how long it took.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit are flushed by the tables' owner: the application has no right to TRUNCATE.

    A test that only asks for the fixture is marked too: run alone, it would find the checkout's own database.
    """
    for item in items:
        if item.get_closest_marker("django_db") is None and "db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)
        for mark in item.iter_markers("django_db"):
            if "databases" not in mark.kwargs:
                mark.kwargs["databases"] = ["default", "owner"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Each worker's database is a copy of one that is migrated already."""
    with django_db_blocker.unblock():
        test: dict[str, Any] = connections["owner"].settings_dict["TEST"]
        test["TEMPLATE"] = template_database()
    flush_quickly()
