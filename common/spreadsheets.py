"""What leaves in a table opens nothing by itself."""

from __future__ import annotations

from typing import Any

_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(value: Any) -> Any:
    """A cell's text made harmless: a spreadsheet takes text that begins like a formula for text.

    Numbers stay numbers; text that begins with =, +, -, @ or a control character gets an apostrophe before it.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTERS):
        return "'" + value
    return value
