"""The date some working days after another, by the house's own calendar; the day of the start is not counted.

Prints the date alone (YYYY-MM-DD). Friday, Saturday and the calendar's holidays are no working days.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from common.calendar import add_working_days
from common.clocks import days_off
from common.models import Holiday

MOST = 2_000


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calendar", required=True, help="BANK or PRIVATE")
        parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="YYYY-MM-DD, not counted")
        parser.add_argument("--add", required=True, metavar="N", help=f"how many working days, 0 to {MOST}")

    def handle(self, *args: Any, **options: Any) -> None:
        calendar = options["calendar"].upper()
        if calendar not in Holiday.Calendar.values:
            raise CommandError(f"There is no calendar {options['calendar']!r}: choose BANK or PRIVATE.")
        try:
            start = clock.date_of(options["start"])
        except ValueError as error:
            raise CommandError(f"{options['start']!r} is not a date (YYYY-MM-DD).") from error
        text = str(options["add"])
        if not (text.isascii() and text.isdecimal() and int(text) <= MOST):
            raise CommandError(f"{text!r} is not a number of working days from 0 to {MOST}.")
        try:
            due = add_working_days(start=start, days=int(text), holidays=days_off(calendar=calendar, since=start))
        except OverflowError as error:
            raise CommandError("That is beyond the end of the calendar.") from error
        self.stdout.write(due.isoformat())
