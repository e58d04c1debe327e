"""What stands in the navigation; who sees what is decided by the slot that builds it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, kw_only=True)
class Item:
    """One place: its word, icon, address and, where useful, a count."""

    label: str | Promise
    icon: str
    url: str
    count: int | None = None
    active: bool = False


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """A quiet line above a page: what is still to be done, and the page where it is (slot ``reminders``)."""

    words: str | Promise
    act: str | Promise
    url: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Items under a heading that folds them away; the first group has none and is always open."""

    items: tuple[Item, ...]
    heading: str | Promise = ""
    icon: str = ""
    unfolded: bool = True
