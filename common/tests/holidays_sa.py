"""The days off of ``data/sa-holidays``, and working days reckoned another way than the product's."""

from __future__ import annotations

import bisect
import csv
import datetime as dt
from pathlib import Path

from common.models import Holiday

DATA = Path(__file__).parent / "data" / "sa-holidays"
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2027, 12, 31)
CONVENTION = {"PRIVATE": "name_convention_A", "BANK": "name_convention_B"}
DAY = dt.timedelta(days=1)


def _read() -> dict[str, dict[dt.date, str]]:
    with (DATA / "saudi_public_holidays_2024_2027.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {
        calendar: {dt.date.fromisoformat(row["date"]): row[column] for row in rows if row[column]}
        for calendar, column in CONVENTION.items()
    }


DAYS_OFF = _read()
# Every working day of four years in a sorted list: the n-th after a day is found by its place.
WORKED = {
    calendar: [
        day
        for day in (FIRST + n * DAY for n in range((LAST - FIRST).days + 1))
        if day.strftime("%a") not in {"Fri", "Sat"} and day not in off
    ]
    for calendar, off in DAYS_OFF.items()
}


def nth_after(calendar: str, day: dt.date, n: int) -> dt.date:
    """The n-th working day after a day; with 0 the day itself or the next that is worked."""
    days = WORKED[calendar]
    return days[bisect.bisect_left(days, day) if n == 0 else bisect.bisect_right(days, day) + n - 1]


def holidays_write() -> None:
    """Both calendars into the table."""
    Holiday.objects.bulk_create(
        [
            Holiday(calendar=calendar, on=day, name_ar="عطلة", name_en=name, estimated=day.year > 2025)
            for calendar, days in DAYS_OFF.items()
            for day, name in days.items()
        ],
        ignore_conflicts=True,
    )
