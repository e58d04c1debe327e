"""What of a client's book stood in default at the end of any day, and by which rule, from the facts."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clients.choices import DEFAULT_SOURCES
from collections_app.management import asked
from collections_app.models import Case, Debt
from collections_app.selectors.default import defaults_as_of


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        asked.arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        client, as_of, known_at = asked.answers(options)
        found = defaults_as_of(client_id=client.pk, as_of=as_of, known_at=known_at)
        debtors = dict(Case.objects.filter(pk__in={e.case_id for e in found}).values_list("pk", "debtor__debtor_ref"))
        debts = dict(Debt.objects.filter(pk__in={e.debt_id for e in found if e.debt_id}).values_list("pk", "debt_ref"))
        rows = [
            {
                "debtor_ref": debtors[e.case_id],
                "debt_ref": debts[e.debt_id] if e.debt_id else "",
                "rule": e.rule,
                "source": DEFAULT_SOURCES[e.rule],
                "began_on": e.began_on.isoformat(),
            }
            for e in found
        ]
        if options["json"]:
            known = {"known_at": known_at.isoformat()} if known_at is not None else {}
            self.stdout.write(json.dumps({"as_of": as_of.isoformat(), **known, "rows": rows}, ensure_ascii=False))
            return
        for row in rows:
            where = f"{row['debtor_ref']:20} {row['debt_ref']:20}"
            self.stdout.write(f"{where} {row['rule']:24} {row['source']:18} {row['began_on']}")
