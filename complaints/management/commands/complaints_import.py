"""Take in complaints of earlier days from a CSV file: all of it, or nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from clients.models import Client
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from complaints.choices import ImportSource
from complaints.services.importing import matters_import


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, help="the client's code")
        parser.add_argument(
            "--kind",
            choices=[kind.value.lower() for kind in ImportSource],
            default=ImportSource.NARRATIVES.lower(),
            help="texts with a product, or dated complaints with how they ended (default narratives)",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            done = matters_import(
                actor=Actor.system("complaints_import"), client=client, kind=options["kind"].upper(), content=content,
                at=clock.now(),
            )  # fmt: skip
        except Refused as refusal:
            raise CommandError("\n".join(_said(refusal))) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done), ensure_ascii=False))
            return
        for name, count in asdict(done).items():
            if name != "products":
                self.stdout.write(f"{name:12} {count:>10,}")
        for product, count in done.products.items():
            self.stdout.write(f"  {product:34} {count:>6,}")


def _said(refusal: Refused) -> list[str]:
    """The refusal and each fault, in both languages."""
    return [
        _in_both(refusal.message),
        *(
            f"line {fault['line']} {fault['column']}: {_in_both(fault['reason'])}"
            for fault in refusal.details.get("faults", ())
        ),
    ]


def _in_both(words: Any) -> str:
    said = []
    for language in ("en", "ar"):
        with translation.override(language):
            said.append(str(words))
    return " / ".join(said)
