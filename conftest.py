"""What every test has: the owner's connection for flushing, and the clock as it is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# Machines are shared and busy: an example is judged by what it shows, never by how long it took.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit are flushed by the tables' owner: the application has no right to TRUNCATE."""
    for item in items:
        for mark in item.iter_markers("django_db"):
            if "databases" not in mark.kwargs:
                mark.kwargs["databases"] = ["default", "owner"]
