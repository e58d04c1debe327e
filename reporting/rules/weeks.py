"""The reporting week: Sunday to Saturday, bearing the ISO number of its Thursday. Pure."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import ClassVar

from reporting.choices import ReportKind

_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")


@dataclass(frozen=True, order=True, kw_only=True)
class Week:
    """One reporting week."""

    year: int
    number: int
    kind: ClassVar[ReportKind] = ReportKind.WEEKLY

    @property
    def starts_on(self) -> dt.date:
        """Its Sunday."""
        return dt.date.fromisocalendar(self.year, self.number, 4) - dt.timedelta(days=4)

    @property
    def ends_on(self) -> dt.date:
        """Its Saturday."""
        return self.starts_on + dt.timedelta(days=6)

    @property
    def made_from(self) -> dt.date:
        """The first day on which its report may be made."""
        return self.ends_on + dt.timedelta(days=1)

    @property
    def label(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @classmethod
    def of(cls, *, on: dt.date) -> Week:
        """The week a date belongs to."""
        sunday = on - dt.timedelta(days=on.isoweekday() % 7)
        iso = (sunday + dt.timedelta(days=4)).isocalendar()
        return cls(year=iso.year, number=iso.week)

    @classmethod
    def parse(cls, text: str) -> Week:
        """A week written 2012-W30. Raises ValueError for anything else."""
        match = _WEEK.match(text)
        if not match:
            raise ValueError("a week is written like 2012-W30")
        week = cls(year=int(match[1]), number=int(match[2]))
        try:
            week.starts_on, week.ends_on, week.before()
        except OverflowError as error:
            raise ValueError("no such week in the calendar") from error
        return week

    def before(self) -> Week:
        """The week before."""
        return Week.of(on=self.starts_on - dt.timedelta(days=1))
