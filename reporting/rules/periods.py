"""What a report is about: a week, a month, a quarter, or the first days of a placed portfolio. Pure.

Each knows its kind, the label it is asked for and stored by, its two days, and the first day on which it may be made.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from reporting.choices import ReportKind
from reporting.rules.weeks import Week

_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")
_DAY = dt.timedelta(days=1)
# The day of placement is day 1. The brief tells of the first ten days and is due by the fourteenth (PL-09); where
# nobody made it with words of his own, it is made by itself the morning before. The assessment stands in the first
# three (source 000: days 1 to 3).
BRIEF_DAYS, BRIEF_MADE_ON, BRIEF_DUE_ON = 10, 13, 14
ASSESSMENT_MADE_ON, ASSESSMENT_DUE_ON = 2, 3
EARLIEST, LATEST = 1990, 9998


class Period(Protocol):
    """What every period has, whatever its kind."""

    @property
    def kind(self) -> ReportKind: ...
    @property
    def label(self) -> str: ...
    @property
    def starts_on(self) -> dt.date: ...
    @property
    def ends_on(self) -> dt.date: ...
    @property
    def made_from(self) -> dt.date: ...


def _year(text: str) -> int:
    if not EARLIEST <= int(text) <= LATEST:
        raise ValueError("no such year")
    return int(text)


@dataclass(frozen=True, order=True, kw_only=True)
class Month:
    """One month of the calendar."""

    year: int
    number: int
    kind: ClassVar[ReportKind] = ReportKind.MONTHLY

    @property
    def label(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def ends_on(self) -> dt.date:
        return (self.starts_on + dt.timedelta(days=32)).replace(day=1) - _DAY

    @property
    def made_from(self) -> dt.date:
        return self.ends_on + _DAY

    def before(self) -> Month:
        return Month.of(on=self.starts_on - _DAY)

    @classmethod
    def of(cls, *, on: dt.date) -> Month:
        return cls(year=on.year, number=on.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """A month written 2026-09. Raises ValueError for anything else."""
        match = _MONTH.match(text)
        if not match or not 1 <= int(match[2]) <= 12:
            raise ValueError("a month is written like 2026-09")
        return cls(year=_year(match[1]), number=int(match[2]))


@dataclass(frozen=True, order=True, kw_only=True)
class Quarter:
    """Three months of the calendar."""

    year: int
    number: int
    kind: ClassVar[ReportKind] = ReportKind.QUARTERLY

    @property
    def label(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def ends_on(self) -> dt.date:
        return self.months()[-1].ends_on

    @property
    def made_from(self) -> dt.date:
        return self.ends_on + _DAY

    def months(self) -> list[Month]:
        return [Month(year=self.year, number=3 * self.number - 2 + n) for n in range(3)]

    def before(self) -> Quarter:
        return Quarter.of(on=self.starts_on - _DAY)

    def after(self) -> Quarter:
        return Quarter.of(on=self.ends_on + _DAY)

    @classmethod
    def of(cls, *, on: dt.date) -> Quarter:
        return cls(year=on.year, number=(on.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """A quarter written 2026-Q3. Raises ValueError for anything else."""
        match = _QUARTER.match(text)
        if not match:
            raise ValueError("a quarter is written like 2026-Q3")
        return cls(year=_year(match[1]), number=int(match[2]))


@dataclass(frozen=True, order=True, kw_only=True)
class _Placed:
    """The portfolio that a client placed on a day."""

    on: dt.date

    @property
    def label(self) -> str:
        return self.on.isoformat()

    @property
    def starts_on(self) -> dt.date:
        return self.on

    def day(self, number: int) -> dt.date:
        """The date of a day of the work; day 1 is that of placement."""
        return self.on + dt.timedelta(days=number - 1)


@dataclass(frozen=True, order=True, kw_only=True)
class Brief(_Placed):
    """The first ten days of a portfolio."""

    kind: ClassVar[ReportKind] = ReportKind.BRIEF

    @property
    def ends_on(self) -> dt.date:
        return self.day(BRIEF_DAYS)

    @property
    def made_from(self) -> dt.date:
        return self.ends_on + _DAY

    @classmethod
    def parse(cls, text: str) -> Brief:
        return cls(on=_date(text))


@dataclass(frozen=True, order=True, kw_only=True)
class Assessment(_Placed):
    """A portfolio as it came, before anybody was written to or called."""

    kind: ClassVar[ReportKind] = ReportKind.ASSESSMENT

    @property
    def ends_on(self) -> dt.date:
        return self.on

    @property
    def made_from(self) -> dt.date:
        return self.on

    @classmethod
    def parse(cls, text: str) -> Assessment:
        return cls(on=_date(text))


# Those with one of their kind before them, to be compared with.
Calendar = Week | Month | Quarter
Placed = Brief | Assessment


def _date(text: str) -> dt.date:
    day = dt.date.fromisoformat(text)
    _year(str(day.year))
    return day


_OF_KIND: Mapping[str, type[Calendar | Placed]] = {
    ReportKind.WEEKLY: Week,
    ReportKind.MONTHLY: Month,
    ReportKind.QUARTERLY: Quarter,
    ReportKind.BRIEF: Brief,
    ReportKind.ASSESSMENT: Assessment,
}


def period_of(*, kind: str, label: str) -> Calendar | Placed:
    """The period of a kind that a label names. Raises ValueError for any other label or kind."""
    if kind not in _OF_KIND:
        raise ValueError("there is no such report")
    return _OF_KIND[kind].parse(label)
