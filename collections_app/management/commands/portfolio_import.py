"""Import a client's file: every row accepted or refused with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from collections_app.choices import FileKind, ImportStatus
from collections_app.rules.importing import in_both
from collections_app.services.files import file_import
from collections_app.services.refusal_files import refused_drop, refused_save
from common import clock
from common.audit import Actor
from common.exceptions import Refused

_COUNTS = (
    "rows", "accepted", "refused", "unchanged", "suspects", "cases", "debts", "receivables", "payments", "contacts",
    "ended", "credited", "debited",
)  # fmt: skip


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, help="the client's code")
        parser.add_argument("--layout", required=True, type=Path, help="how the file is written, as JSON")
        parser.add_argument(
            "--kind",
            choices=[kind.value.lower() for kind in FileKind],
            default=FileKind.PLACEMENT.lower(),
            help="what the file is about (default placement)",
        )
        parser.add_argument("--refused", type=Path, help="write the refused rows here, in the file's own columns")
        parser.add_argument("--placed-on", default=None, help="placement date, YYYY-MM-DD (default today)")
        parser.add_argument("--accept-good-rows", action="store_true", help="write what is good, refuse the rest")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        try:
            layout = json.loads(options["layout"].read_text(encoding="utf-8"))
            # Read in blocks later; asked for now, so that a missing file is said plainly.
            options["file"].open("rb").close()
            placed_on = clock.date_of(options["placed_on"]) if options["placed_on"] else clock.today()
        except json.JSONDecodeError as error:
            raise CommandError(f"{options['layout']} is not JSON: {error}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['layout']} is not written in UTF-8.") from error
        except ValueError as error:
            raise CommandError(f"{options['placed_on']!r} is not a date (YYYY-MM-DD).") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            imported = file_import(
                kind=options["kind"].upper(),
                actor=Actor.system("portfolio_import"),
                client=client,
                content=options["file"],
                name=options["file"].name,
                layout=layout,
                placed_on=placed_on,
                accept_good_rows=options["accept_good_rows"],
                dry_run=options["dry_run"],
            )
        except Refused as refusal:
            words = in_both(refusal.message)
            raise CommandError(f"{words['en']} / {words['ar']}") from refusal
        result = imported.result
        if options["refused"] and imported.refused:
            refused_save(kept=imported.refused, layout=layout, path=options["refused"])
        if options["dry_run"] and imported.refused:
            refused_drop(path=imported.refused.path)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            for name in _COUNTS:
                if name in result:
                    self.stdout.write(f"{name:12} {result[name]:>10,}")
            for row in result["refusals"]:
                self.stdout.write(f"line {row['line']} {row['column']} {row['value']!r}: {row['reason']}")
            for warning in result["warnings"]:
                self.stdout.write(f"{warning['lines']} lines: {warning['en']} / {warning['ar']}")
            if imported.status == ImportStatus.DONE and not result["written"]:
                self.stdout.write("Nothing new in this file. / لا جديد في هذا الملف.")
        if imported.status == ImportStatus.REFUSED:
            raise SystemExit(1)
