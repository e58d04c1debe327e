"""Sign the head of the audit chain now, and print the line to keep outside; or the public key that proves it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.anchors import anchor, public_key


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--public-key", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["public_key"]:
            self.stdout.write(public_key())
            return
        try:
            self.stdout.write(anchor().text)
        except LookupError as error:
            raise CommandError(str(error)) from error
