"""Import a bank's statement (MT940, camt.052, 053, 054): credits that say whose they are are posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from collections_app.rules.importing import in_both
from collections_app.services.incoming import statement_import
from common.audit import Actor
from common.exceptions import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", default=None, help="look among this client's accounts only, by its code")
        parser.add_argument("--dry-run", action="store_true", help="read and match everything, write nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = None
        if options["client"] is not None:
            client = Client.objects.filter(code=options["client"].upper()).first()
            if client is None:
                raise CommandError(f"There is no client {options['client']}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            received = statement_import(
                actor=Actor.system("statement_import"),
                client=client,
                content=content,
                name=options["file"].name,
                dry_run=options["dry_run"],
            )
        except Refused as refusal:
            words = in_both(refusal.message)
            raise CommandError(f"{words['en']} / {words['ar']}") from refusal
        result = received.result
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(result["format"])
        for one in result["statements"]:
            balanced = {True: "balanced", False: "NOT balanced", None: "balance not told"}[one["balanced"]]
            figures = f"{one['opening']} + {one['sum']} = {one['closing']}"
            self.stdout.write(f"{one['account']} {one['currency']}: {one['entries']} entries, {figures}, {balanced}")
        for name in ("matched", "suggested", "unmatched", "known"):
            self.stdout.write(f"{name:12} {len(result[name]):>10,}")
        for line in (*result["suggested"], *result["unmatched"]):
            words = line["reason"]
            self.stdout.write(f"line {line['line']} {line['payment_ref']}: {words['en']} / {words['ar']}")
        for warning in result["warnings"]:
            self.stdout.write(f"line {warning['first']}: {warning['en']} / {warning['ar']}")
