"""What tests of complaints share."""

from __future__ import annotations

import pytest

from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship


@pytest.fixture
def shipped_trees(db: None) -> None:
    """Categories and root causes as they are shipped: a test that commits, run before, ends with empty trees."""
    categories_ship()
    causes_ship()
