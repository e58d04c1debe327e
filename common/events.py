"""Events: how a higher app follows a lower one, in the same transaction, in a listed order.

A service publishes a typed fact; ``config/wiring.py`` names who listens. No Django signals, no registration elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all facts that services publish."""


Handler = Callable[[Any], None]
_handlers: dict[type[Event], tuple[Handler, ...]] = {}


def wire(table: dict[type[Event], tuple[Handler, ...]]) -> None:
    """Replace the whole table of listeners; called once, from ``config/wiring.py``."""
    _handlers.clear()
    _handlers.update(table)


def publish(event: Event) -> None:
    """Call every listener of the event, in order, inside the caller's transaction.

    Raises RuntimeError outside a transaction: what happened and what follows from it stand or fall together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Events are published inside the transaction that made them true.")
    for handler in _handlers.get(type(event), ()):
        handler(event)
