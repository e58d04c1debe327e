"""Recompute the audit chain; exit 1 naming the first row that does not hold.

With --anchor every signed head we kept is asked too, or the one that is given as it is printed on a report.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.anchors import Anchor, anchor_fault, anchors_verify
from common.audit import verify

WORDS = {
    "missing": "a row is missing",
    "body": "its body was changed",
    "chain": "a column was changed, or the order",
}
ANCHOR_WORDS = {
    "signature": "it is not signed with our key",
    "missing": "the chain has no such link any more",
    "differs": "the chain says otherwise",
}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--anchor", nargs="?", const="", metavar="LINE", help="the line printed on a report")

    def handle(self, *args: Any, **options: Any) -> None:
        given = None
        if options["anchor"]:
            try:
                given = Anchor.parse(options["anchor"])
            except ValueError as error:
                raise CommandError(str(error)) from error
        verdict = verify()
        anchors, bad, fault = 0, None, ""
        if given is not None:
            fault = anchor_fault(anchor=given)
            anchors, bad = (0, given) if fault else (1, None)
        elif options["anchor"] is not None:
            anchors, bad, fault = anchors_verify()
        ok = verdict.ok and not fault
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "ok": ok,
                        "checked": verdict.checked,
                        "bad_seq": verdict.bad_seq,
                        "bad_event": verdict.bad_event,
                        "reason": verdict.reason,
                        "anchors": anchors,
                        "bad_anchor": bad.seq if bad else None,
                        "anchor_reason": fault,
                    }
                )
            )
        else:
            self._say(verdict.ok, verdict.checked, verdict.bad_seq, verdict.bad_event, verdict.reason)
            if bad is not None:
                self.stdout.write(f"The anchor of link {bad.seq} does not hold: {ANCHOR_WORDS[fault]}.")
            elif options["anchor"] is not None:
                self.stdout.write(f"{anchors} anchors hold.")
        if not ok:
            raise SystemExit(1)

    def _say(self, ok: bool, checked: int, seq: int | None, event: int | None, reason: str) -> None:
        if ok:
            self.stdout.write(f"{checked} links hold.")
            return
        which = f"Link {seq}" + (f" (event {event})" if event else "")
        self.stdout.write(f"{which} does not hold: {WORDS[reason]}. {checked} links before it hold.")
