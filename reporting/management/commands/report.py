"""A client's report of any kind as a PDF: the stored issue, or with --reissue the next."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from reporting.choices import ReportKind
from reporting.management.given import ReportCommand


class Command(ReportCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--kind", required=True, choices=[kind.value.lower() for kind in ReportKind])
        parser.add_argument(
            "--period", required=True, help="2012-W30, 2012-07 or 2012-Q3; of a portfolio the day it was placed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.write(kind=options["kind"].upper(), label=options["period"], options=options)
