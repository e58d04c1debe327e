"""Import a client's payment file: what is certain is posted, the rest waits for a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from collections_app.rules.importing import in_both
from collections_app.services.incoming import payments_import
from common.audit import Actor
from common.exceptions import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, help="the client's code")
        parser.add_argument("--layout", required=True, type=Path, help="how the file is written, as JSON")
        parser.add_argument("--dry-run", action="store_true", help="match everything, write nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        try:
            layout = json.loads(options["layout"].read_text(encoding="utf-8"))
            content = options["file"].read_bytes()
        except json.JSONDecodeError as error:
            raise CommandError(f"{options['layout']} is not JSON: {error}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['layout']} is not written in UTF-8.") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            received = payments_import(
                actor=Actor.system("payments_import"),
                client=client,
                content=content,
                name=options["file"].name,
                layout=layout,
                dry_run=options["dry_run"],
            )
        except Refused as refusal:
            words = in_both(refusal.message)
            raise CommandError(f"{words['en']} / {words['ar']}") from refusal
        result = received.result
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(f"{'payments':12} {result['payments']:>10,}")
        for name in ("matched", "suggested", "unmatched", "known", "refused"):
            self.stdout.write(f"{name:12} {len(result[name]):>10,}")
        for line in (*result["suggested"], *result["unmatched"]):
            words = line["reason"]
            self.stdout.write(f"line {line['line']} {line['payment_ref']}: {words['en']} / {words['ar']}")
        for row in result["refused"]:
            self.stdout.write(f"line {row['line']} {row['column']} {row['value']!r}: {row['reason']}")
