"""A client's weekly report as a PDF: the stored issue, or with --reissue the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from common.audit import Actor
from common.documents import DocumentsUnavailable
from common.exceptions import Refused
from reporting.rules.weeks import Week
from reporting.services.weekly import LANGUAGES, weekly_report


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", required=True)
        parser.add_argument("--week", required=True, help="such as 2012-W30")
        parser.add_argument("--lang", choices=LANGUAGES, default="ar")
        parser.add_argument("--out", required=True, type=Path, help="folder to write to")
        parser.add_argument("--reissue", metavar="REASON", help="make the next issue, with its reason")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.select_related("stage_policy").filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        if options["reissue"] is not None and not options["reissue"].strip():
            raise CommandError("--reissue needs its reason.")
        try:
            report = weekly_report(
                actor=Actor.system("weekly_report"),
                client=client,
                week=Week.parse(options["week"]),
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
