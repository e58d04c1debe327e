"""A client's weekly report as a PDF: the stored issue, or with --reissue the next."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from reporting.choices import ReportKind
from reporting.management.given import ReportCommand


class Command(ReportCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--week", required=True, help="such as 2012-W30")

    def handle(self, *args: Any, **options: Any) -> None:
        self.write(kind=ReportKind.WEEKLY, label=options["week"], options=options)
