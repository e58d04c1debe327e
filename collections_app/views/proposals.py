"""What stages proposed, in the approver's inbox."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from collections_app.selectors.cases import proposals_waiting


def proposals_section(user: User) -> dict[str, Any]:
    """What stages proposed, in the approver's inbox: its template and rows (slot ``approvals``)."""
    return {"template": "collections_app/proposals_waiting.html", "rows": list(proposals_waiting(user=user)[:50])}
