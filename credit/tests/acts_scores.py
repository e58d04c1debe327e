"""What each act on scores, decisions and policies leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]
ACTS: dict[str, Act] = {}
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {}
