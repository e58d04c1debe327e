"""Answer every order of a client's file (CSV or XLSX): accepted, or refused with every reason; bad lines are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clients.models import Client
from collections_app.rules.importing import in_both
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from credit.models import OrderFile
from credit.rules.order_words import reasons_told
from credit.services.order_files import order_file_place


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, help="the client's code")
        parser.add_argument("--layout", type=Path, help="how the file is written, as JSON; else by its headings")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = Client.objects.filter(code=options["client"].upper()).first()
        if client is None:
            raise CommandError(f"There is no client {options['client']}.")
        try:
            layout = json.loads(options["layout"].read_text(encoding="utf-8")) if options["layout"] else None
            content = options["file"].read_bytes()
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['layout']} is not JSON in UTF-8: {error}.") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        try:
            file = order_file_place(
                actor=Actor.system("credit_orders"), user=None, client=client, content=content,
                name=options["file"].name, layout=layout, on=clock.today(),
            )  # fmt: skip
        except Refused as refusal:
            words = in_both(refusal.message)
            raise CommandError(f"{words['en']} / {words['ar']}") from refusal
        told = file_told(file)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for line in told["lines"]:
            why = [f"{r['code']}: {r['message_en']} / {r['message_ar']}" for r in line["reasons"]]
            why += [f"{w['column']}: {w['reason']['en']} / {w['reason']['ar']}" for w in line["wrong"]]
            self.stdout.write(f"line {line['line']} {line['order_ref']} {line['answer']}")
            for sentence in why:
                self.stdout.write(f"    {sentence}")
        for name, count in sorted(told["counts"].items()):
            self.stdout.write(f"{name:12} {count:>10,}")


def file_told(file: OrderFile) -> dict[str, Any]:
    """Every line's answer, as a program reads it."""
    return {
        "file": file.pk,
        "counts": file.counts,
        "lines": [
            {
                "line": line["line"],
                "order_ref": line.get("order_ref", ""),
                "answer": line["answer"],
                "reserved_until": line.get("reserved_until") or None,
                "reasons": reasons_told(line.get("reasons", ())),
                "wrong": line.get("wrong", []),
            }
            for line in file.lines
        ],
    }
