"""What the commands that write a report's PDF share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from common.audit import Actor
from common.documents import DocumentsUnavailable
from common.exceptions import Refused
from reporting.papers import LANGUAGES
from reporting.rules.periods import period_of
from reporting.services.reports import report_issue


class ReportCommand(BaseCommand):
    """Asks for a client, a language and a folder; writes the issue there and says where."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", required=True)
        parser.add_argument("--lang", choices=LANGUAGES, default="ar")
        parser.add_argument("--out", required=True, type=Path, help="folder to write to")
        parser.add_argument("--reissue", metavar="REASON", help="make the next issue, with its reason")

    def write(self, *, kind: str, label: str, options: dict[str, Any]) -> None:
        """Write the report of a period, such as 2012-W30. Raises CommandError in one clear sentence."""
        client = Client.objects.select_related("stage_policy").filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        if options["reissue"] is not None and not options["reissue"].strip():
            raise CommandError("--reissue needs its reason.")
        try:
            report = report_issue(
                actor=Actor.system("report"),
                client=client,
                period=period_of(kind=kind, label=label),
                language=options["lang"],
                reissue=options["reissue"] or "",
            )
        except (ValueError, DocumentsUnavailable) as error:
            raise CommandError(str(error)) from error
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        options["out"].mkdir(parents=True, exist_ok=True)
        path = options["out"] / f"{report.number}-{report.language}-{report.issue}.pdf"
        path.write_bytes(bytes(report.pdf))
        self.stdout.write(str(path))
