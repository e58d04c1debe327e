"""Recompute the audit chain; exit 1 naming the first row that does not hold."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.audit import verify


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "ok": verdict.ok,
                        "checked": verdict.checked,
                        "bad_seq": verdict.bad_seq,
                        "bad_event": verdict.bad_event,
                        "reason": verdict.reason,
                    }
                )
            )
        elif verdict.ok:
            self.stdout.write(f"{verdict.checked} links hold.")
        else:
            self.stdout.write(
                f"Link {verdict.bad_seq} (event {verdict.bad_event}) does not hold: {verdict.reason}. "
                f"{verdict.checked} links before it hold."
            )
        if not verdict.ok:
            raise SystemExit(1)
