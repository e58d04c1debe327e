"""Demo data: an invented agency over its last months, made by calling the services."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from config.demo import world


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=sorted(world.SIZES), default="small")
        parser.add_argument("--seed", type=int, default=1448)
        parser.add_argument("--if-empty", action="store_true", help="do nothing when somebody signs in here already")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MITHAQ_DEMO or not settings.CLOCK_MAY_BE_SET:
            raise CommandError("No demo data here: MITHAQ_DEMO is off.")
        if not world.is_empty():
            if world.was_interrupted():
                raise CommandError("This demo was interrupted while it was made; `make reset` lets it begin anew.")
            if options["if_empty"]:
                return
            raise CommandError("There are users here already; a demo begins with an empty database.")
        started = time.monotonic()
        world.build(size=options["size"], seed=options["seed"], today=clock.today(), say=self.stdout.write)
        self.stdout.write(f"demo data in {time.monotonic() - started:.0f} s")
