"""What leaves in a table opens nothing by itself."""

from __future__ import annotations

import re
from typing import Any

_GUARDED = re.compile(r"\'+ *[=+\-@\t\r\n]")
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(value: Any) -> Any:
    """A cell's text made harmless: a spreadsheet takes text that begins like a formula for text.

    Numbers stay numbers; text that begins with =, +, -, @ or a control character gets an apostrophe before it.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTERS):
        return "'" + value
    return value


def guarded(text: str) -> str:
    """A cell's text made harmless so that ``unguarded`` gives it back as it was, whatever it was."""
    return "'" + text if text.lstrip(" ").startswith(_STARTERS) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before ``guarded``."""
    return text[1:] if _GUARDED.match(text) else text
