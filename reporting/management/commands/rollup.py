"""Days counted again, from the ledger; or those of which something was told late. Nothing but figures changes."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from common import clock
from reporting.services.rollups import day_recompute, days_catch_up


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", help="YYYY-MM-DD: this day anew")
        parser.add_argument("--to", help="and every day to this one")
        parser.add_argument("--late", action="store_true", help="bring closed days up to what was told of them late")
        parser.add_argument("--client", action="append", help="only this client's figures (may be repeated)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["date"]) == options["late"]:
            raise CommandError("Say --date or --late.")
        clients = self._clients(options["client"])
        if options["late"]:
            self._say("late", {c.code: days_catch_up(client_id=c.pk) for c in clients}, [], as_json=options["json"])
            return
        first = self._date(options["date"])
        last = self._date(options["to"]) if options["to"] else first
        for ahead in range((last - first).days + 1):
            self._count(first + dt.timedelta(days=ahead), clients, as_json=options["json"])

    def _count(self, day: dt.date, clients: list[Client], *, as_json: bool) -> None:
        # A day that a book has not reached has no figures yet; the night would write over them.
        ready = [client for client in clients if client.book_date is not None and day <= client.book_date]
        waiting = [client.code for client in clients if client not in ready]
        if clients and not ready:
            raise CommandError(f"No book has reached {day}: {', '.join(waiting)}.")
        figures = {client.code: day_recompute(client_id=client.pk, day=day) for client in ready}
        self._say(day.isoformat(), figures, waiting, as_json=as_json)

    def _say(self, what: str, figures: dict[str, int], waiting: list[str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"date": what, "figures": figures, "waiting": waiting}))
            return
        for code, count in figures.items():
            self.stdout.write(f"{code} {what}: {count} figures")
        if waiting:
            self.stdout.write(f"not reached yet: {', '.join(waiting)}")

    def _date(self, text: str) -> dt.date:
        try:
            return clock.date_of(text)
        except ValueError as error:
            raise CommandError(f"{text!r} is not a date (YYYY-MM-DD).") from error

    def _clients(self, asked: list[str] | None) -> list[Client]:
        clients = Client.objects.order_by("pk")
        if asked:
            codes = {code.upper() for code in asked}
            clients = clients.filter(code__in=codes)
            if unknown := sorted(codes - set(clients.values_list("code", flat=True))):
                raise CommandError(f"There is no client {unknown[0]}.")
        return list(clients)
