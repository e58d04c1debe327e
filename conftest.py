"""What every test has: the owner's connection for flushing, and the clock as it is."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit are flushed by the tables' owner: the application has no right to TRUNCATE."""
    for item in items:
        for mark in item.iter_markers("django_db"):
            if "databases" not in mark.kwargs:
                mark.kwargs["databases"] = ["default", "owner"]
