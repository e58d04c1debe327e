"""Slots: named places in a lower app that a higher app fills (case panels, landing pages, navigation).

Filled once, from ``config/wiring.py``; read by whoever owns the place.
"""

from __future__ import annotations

from typing import Any

_slots: dict[str, tuple[Any, ...]] = {}


def fill(table: dict[str, tuple[Any, ...]]) -> None:
    """Replace what stands in every slot."""
    _slots.clear()
    _slots.update(table)


def filled(name: str) -> tuple[Any, ...]:
    """What stands in a slot, in its listed order; empty when nobody filled it."""
    return _slots.get(name, ())
