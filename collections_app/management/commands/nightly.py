"""Bring every client's book to a date: age, stages, promises, tasks, rollups."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from clients.models import Client
from collections_app.services.nightly import NightStopped, nightly_run
from common import clock
from common.exceptions import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", required=True, help="YYYY-MM-DD")
        parser.add_argument("--client", action="append", help="only this client's book (may be repeated)")
        parser.add_argument("--steps", help="only these steps and what they stand on, by name, with commas between")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            date = clock.date_of(options["date"])
        except ValueError as error:
            raise CommandError(f"{options['date']!r} is not a date (YYYY-MM-DD).") from error
        if date > clock.today() and not settings.CLOCK_MAY_BE_SET:
            raise CommandError(f"{date} lies ahead: a book never goes back, so no night is run before its day.")
        ids = None
        if options["client"]:
            codes = {code.upper() for code in options["client"]}
            found = dict(Client.objects.filter(code__in=codes).values_list("code", "pk"))
            if unknown := sorted(codes - set(found)):
                raise CommandError(f"There is no client {unknown[0]}.")
            ids = list(found.values())
        try:
            only = None if options["steps"] is None else [name.strip() for name in options["steps"].split(",")]
            night = nightly_run(date=date, client_ids=ids, only=only)
        except Refused as refusal:
            with translation.override("en"):
                words = str(refusal.message)
            raise CommandError(f"{options['date']}: {words}") from refusal
        except NightStopped as stopped:
            raise CommandError(f"Some books stopped, the others had their night: {stopped}") from stopped
        if night.busy:
            raise CommandError("Another run is at work; nothing was done.")
        if night.waiting and not night.changed:
            raise CommandError(
                f"{', '.join(night.waiting)}: a night before {date} is not complete. Run it whole, without --steps."
            )
        answer = {
            "date": date.isoformat(),
            "changed": night.changed,
            "clients": night.clients,
            "days": night.days,
            "rows": night.rows,
            "waiting": night.waiting,
        }
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        if not night.changed:
            self.stdout.write(f"{date}: every book is at this date or later; nothing changed.")
            return
        self.stdout.write(
            f"{date}: {night.clients} book{'' if night.clients == 1 else 's'}, "
            f"{night.days} day{'' if night.days == 1 else 's'}; "
            + ", ".join(f"{name} {count}" for name, count in night.rows.items())
            + (f"; waiting for a whole night: {', '.join(night.waiting)}" if night.waiting else "")
        )
