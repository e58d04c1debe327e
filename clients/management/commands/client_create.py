"""Make a client with shipped defaults, ready for import."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from clients.choices import ClientKind
from clients.services.clients import client_create
from common.audit import Actor
from common.exceptions import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True)
        parser.add_argument("--name-en", required=True)
        parser.add_argument("--name-ar", required=True)
        parser.add_argument("--kind", required=True, choices=ClientKind.values)
        parser.add_argument("--terms-days", type=int, default=60, help="days from invoice to due date (default 60)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = client_create(
                actor=Actor.system("client_create"),
                code=options["code"],
                name_en=options["name_en"],
                name_ar=options["name_ar"],
                kind=options["kind"],
                terms_days=options["terms_days"],
            )
        except Refused as refusal:
            with translation.override("en"):
                en = str(refusal.message)
            with translation.override("ar"):
                ar = str(refusal.message)
            raise CommandError(f"{en} / {ar}") from refusal
        self.stdout.write(f"{client.code} {client.stage_policy}")
