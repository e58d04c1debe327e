"""Prove the ledger from its rows: balances, payments, reversals, stages, cases. Exit 1 naming what does not hold."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from collections_app.selectors.ledger_check import ledger_faults, rules_count


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", help="one client's book alone")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client_id = None
        if options["client"]:
            client_id = Client.objects.filter(code=options["client"].upper()).values_list("pk", flat=True).first()
            if client_id is None:
                raise CommandError(f"There is no client {options['client']}.")
        faults = ledger_faults(client_id=client_id)
        if options["json"]:
            self.stdout.write(
                json.dumps({"ok": not faults, "rules": rules_count(), "faults": [asdict(f) for f in faults]})
            )
        elif not faults:
            self.stdout.write(f"{rules_count()} rules hold.")
        for fault in [] if options["json"] else faults:
            named = ", ".join(str(pk) for pk in fault.first)
            self.stdout.write(f"{fault.count} rows break: {fault.rule} (first: {named})")
        if faults:
            raise SystemExit(1)
