"""Figures of one day again, from the ledger; nothing but figures changes."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from common import clock
from reporting.services.rollups import day_recompute


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", required=True, help="YYYY-MM-DD")
        parser.add_argument("--client", action="append", help="only this client's figures (may be repeated)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = clock.date_of(options["date"])
        except ValueError as error:
            raise CommandError(f"{options['date']!r} is not a date (YYYY-MM-DD).") from error
        clients = Client.objects.order_by("pk")
        if options["client"]:
            codes = {code.upper() for code in options["client"]}
            clients = clients.filter(code__in=codes)
            if unknown := sorted(codes - set(clients.values_list("code", flat=True))):
                raise CommandError(f"There is no client {unknown[0]}.")
        chosen = list(clients)
        # A day that a book has not reached has no figures yet; the night would write over them.
        ready = [client for client in chosen if client.book_date is not None and day <= client.book_date]
        waiting = [client.code for client in chosen if client not in ready]
        if chosen and not ready:
            raise CommandError(f"No book has reached {day}: {', '.join(waiting)}.")
        figures = {client.code: day_recompute(client_id=client.pk, day=day) for client in ready}
        if options["json"]:
            self.stdout.write(json.dumps({"date": day.isoformat(), "figures": figures, "waiting": waiting}))
            return
        for code, count in figures.items():
            self.stdout.write(f"{code} {day}: {count} figures")
        if waiting:
            self.stdout.write(f"not reached yet: {', '.join(waiting)}")
