"""Aging of a client's book as of any date, from the ledger."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clients.choices import AgeBasis
from collections_app.management import asked
from collections_app.selectors.aging import aging_as_of, aging_table


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        asked.arguments(parser)
        parser.add_argument("--basis", required=True, choices=["invoice", "due"])
        parser.add_argument("--by-debtor", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client, as_of, known_at = asked.answers(options)
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
