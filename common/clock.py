"""The one place that asks what time it is.

Views, tasks and commands call it; everything else is told. Demo data, tests and simulations may set it with
``at()``; production refuses, so that recorded times there are always true.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.conf import settings

RIYADH = ZoneInfo("Asia/Riyadh")
_set_to: ContextVar[dt.datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    fixed = _set_to.get()
    return fixed if fixed is not None else dt.datetime.now(tz=dt.UTC)


def today() -> dt.date:
    """The present calendar date in Riyadh."""
    return now().astimezone(RIYADH).date()


def is_set() -> bool:
    """True while the clock is set by hand; audit events say so."""
    return _set_to.get() is not None


def at_riyadh(*, on: dt.date, time: dt.time = dt.time(12, 0)) -> dt.datetime:
    """The instant of a wall-clock time in Riyadh on a date."""
    return dt.datetime.combine(on, time, tzinfo=RIYADH)


@contextmanager
def at(instant: dt.datetime) -> Iterator[None]:
    """Set the clock for demo data, tests and simulations.

    Raises RuntimeError in production (``CLOCK_MAY_BE_SET`` false) and for a naive instant.
    """
    if not settings.CLOCK_MAY_BE_SET:
        raise RuntimeError("The clock is not set by hand in production.")
    if instant.tzinfo is None:
        raise RuntimeError("The clock takes an aware instant.")
    token = _set_to.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _set_to.reset(token)


def date_of(text: str) -> dt.date:
    """A date written YYYY-MM-DD. Raises ValueError for anything else."""
    day = dt.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"not YYYY-MM-DD: {text!r}")
    return day
