"""What tests of complaints share."""

from __future__ import annotations

import pytest

from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.services.channels import channels_ship
from complaints.services.editions_shipped import editions_ship


@pytest.fixture
def shipped_trees(db: None) -> None:
    """Categories, causes, channels and what is published, as shipped: a test that commits, run before, ends without."""
    categories_ship()
    causes_ship()
    channels_ship()
    editions_ship()
