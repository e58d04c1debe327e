"""Aging of a client's book as of any date, from the ledger."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.selectors.aging import aging_as_of, aging_table
from common import audit, clock


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", required=True)
        parser.add_argument("--as-of", required=True, help="YYYY-MM-DD")
        parser.add_argument("--basis", required=True, choices=["invoice", "due"])
        parser.add_argument("--known-at", help="as it was known at this moment, ISO (Riyadh unless it says otherwise)")
        parser.add_argument("--by-debtor", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        try:
            as_of = clock.date_of(options["as_of"])
        except ValueError as error:
            raise CommandError(f"{options['as_of']!r} is not a date (YYYY-MM-DD).") from error
        known_at = self._known_at(options["known_at"])
        basis = AgeBasis(options["basis"].upper())
        found = (
            aging_as_of(client_id=client.pk, as_of=as_of, basis=basis, by_debtor=True, known_at=known_at)
            if options["by_debtor"]
            else aging_table(client_id=client.pk, as_of=as_of, basis=basis, known_at=known_at)
        )
        answer = {
            "as_of": as_of.isoformat(),
            "basis": options["basis"],
            **({"known_at": known_at.isoformat()} if known_at is not None else {}),
            "rows": [{**row, "amount": f"{row['amount']:.2f}"} for row in found],
        }
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for row in answer["rows"]:
            who = f"{row['debtor_ref']:20} " if options["by_debtor"] else ""
            self.stdout.write(f"{who}{row['currency']} {row['bucket']:>8} {row['count']:>8,} {row['amount']:>18}")

    def _known_at(self, told: str | None) -> dt.datetime | None:
        if told is None:
            return None
        try:
            moment = dt.datetime.fromisoformat(told)
            moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.RIYADH)
            audit.sealed_by(moment=moment)
        except ValueError as error:
            raise CommandError(f"{told!r} is not a moment that has been (2026-01-31T18:00).") from error
        return moment
