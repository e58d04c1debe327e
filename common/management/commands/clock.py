"""Every due date of a kind of matter that begins on a day, if each step takes its whole time.

A step that follows another begins where that one's time is over. The matter begins at 12:00 in Riyadh on the given day;
what is filed on a day off counts as of the next working day where the step says so. Steps and holidays are those of
the house as they stand.

With --json, one object:

  kind, from, calendar   as asked; calendar is null unless given: each step then has its own
  steps                  in their order, each with
    code, words_ar, words_en, source, verified, starts, ends, after, profile
    amount, unit         the unit is WD (working days), D (calendar days) or H (hours)
    calendar             BANK or PRIVATE
    from                 the day since which it counts; that day is not counted
    due_on               the day it is due
    due_at               the hour, for steps in hours; else null
    wins                 false where another step with the same end is due before it
  ends                   by event, the step that is due first: {"DECIDED": {"code": "OVERALL", "due_on": "2026-04-09"}}
  overall                the outer limit (the step OVERALL), else the last due date: {"code", "due_on"}
  earliest               the first due date of all: {"code", "due_on"}
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from common import clock
from common.choices import ClockUnit
from common.clock import RIYADH
from common.clocks import Planned, kinds_of_steps, plan_of
from common.models import Holiday


class Raw(DjangoHelpFormatter):
    """Keeps the lines of the description as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in text.splitlines())


class Command(BaseCommand):
    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=Raw, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", required=True, help="such as DISPUTE or COMPLAINT")
        parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("--calendar", help="BANK or PRIVATE, in place of each step's own")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, calendar = options["kind"].upper(), (options["calendar"] or "").upper()
        if kind not in kinds_of_steps():
            raise CommandError(f"There is no kind {options['kind']!r}: choose one of {', '.join(kinds_of_steps())}.")
        if calendar and calendar not in Holiday.Calendar.values:
            raise CommandError(f"There is no calendar {options['calendar']!r}: choose BANK or PRIVATE.")
        try:
            start = clock.date_of(options["start"])
        except ValueError as error:
            raise CommandError(f"{options['start']!r} is not a date (YYYY-MM-DD).") from error
        try:
            planned = plan_of(kind=kind, at=clock.at_riyadh(on=start), calendar=calendar)
        except OverflowError as error:
            raise CommandError("That is beyond the end of the calendar.") from error
        told = {
            "kind": kind,
            "from": start.isoformat(),
            "calendar": calendar or None,
            "steps": [_told(one) for one in planned],
            "ends": {one.step.ends: _short(one) for one in planned if one.wins},
            "overall": _short(_overall(planned)),
            "earliest": _short(min(planned, key=lambda one: one.due.at)),
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for one in planned:
            note = "" if one.wins else " (another step with this end is due before)"
            mark = "" if one.step.verified else " (unverified)"
            self.stdout.write(
                f"{_when(one)} {one.step.code}: {one.step.amount} {one.step.unit} {one.calendar} from"
                f" {one.since.astimezone(RIYADH).date()}{mark}{note}"
            )
        for name in ("overall", "earliest"):
            self.stdout.write(f"{name}: {told[name]['due_on']} {told[name]['code']}")  # type: ignore[index]


def _overall(planned: list[Planned]) -> Planned:
    return next((one for one in planned if one.step.code == "OVERALL"), max(planned, key=lambda one: one.due.at))


def _hour(one: Planned) -> str | None:
    return one.due.at.astimezone(RIYADH).isoformat(timespec="minutes") if one.step.unit == ClockUnit.HOURS else None


def _when(one: Planned) -> str:
    return _hour(one) or one.due.on.isoformat()


def _short(one: Planned) -> dict[str, str]:
    return {"code": one.step.code, "due_on": one.due.on.isoformat()}


def _told(one: Planned) -> dict[str, Any]:
    step = one.step
    return {
        "code": step.code,
        "words_ar": step.words_ar,
        "words_en": step.words_en,
        "amount": step.amount,
        "unit": step.unit,
        "calendar": one.calendar,
        "starts": step.starts,
        "ends": step.ends,
        "after": step.after or None,
        "profile": step.profile or None,
        "source": step.source,
        "verified": step.verified,
        "from": one.since.astimezone(RIYADH).date().isoformat(),
        "due_on": one.due.on.isoformat(),
        "due_at": _hour(one),
        "wins": one.wins,
    }
