"""Figures of one day again, from the ledger; nothing but figures changes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from common import clock
from reporting.services.rollups import day_recompute


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", required=True, help="YYYY-MM-DD")
        parser.add_argument("--client")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            day = clock.date_of(options["date"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        clients = Client.objects.order_by("pk")
        if options["client"]:
            clients = clients.filter(code=options["client"].upper())
        for client in clients:
            count = day_recompute(client_id=client.pk, day=day)
            self.stdout.write(f"{client.code} {day}: {count} figures")
