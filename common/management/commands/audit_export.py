"""One client's part of the audit trail, as a file that proves its own rows; --verify FILE recomputes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.audit_export import export, export_verify


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_mutually_exclusive_group(required=True)
        doing.add_argument("--client-id", type=int)
        doing.add_argument("--verify", type=Path, metavar="FILE")
        parser.add_argument("--out", type=Path, help="file to write; without it, the screen")
        parser.add_argument("--key", default="", help="the public key as you keep it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            with options["verify"].open(encoding="utf-8") as lines:
                verdict = export_verify(lines, key=options["key"])
            self.stdout.write(
                f"{verdict.checked} links hold."
                if verdict.ok
                else f"The export does not hold: {verdict.reason} at link {verdict.bad_seq}."
            )
            if not verdict.ok:
                raise SystemExit(1)
            return
        lines = export(client_id=options["client_id"])
        if options["out"]:
            with options["out"].open("w", encoding="utf-8") as target:
                target.writelines(lines)
        else:
            for line in lines:
                self.stdout.write(line, ending="")
