"""The points and the credit limit of a customer, from facts on standard input as one JSON object."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from rest_framework.exceptions import ParseError

from clients.models import Client
from common import clock
from common.api.parsers import ExactJSONParser
from credit.rules.facts import REASONS, FactsRefused, facts_of
from credit.rules.scorecard import Component, PointsTerms, Score, score
from credit.selectors.policies import credit_policy_on, points_terms, score_told


class Command(BaseCommand):
    help = __doc__ or ""
    # It reads nothing but its input, and answers without a database.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")
        parser.add_argument("--client", help="by the policy of this client; else by the one that is shipped")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            found = self._scored(_terms(options["client"]))
            if options["json"]:
                self.stdout.write(json.dumps(score_told(found)))
                return
            for component in Component:
                self.stdout.write(f"{component.label:44} {found.points[component]:>14,}")
            self.stdout.write(f"{'Total':44} {found.total:>14,}")
            self.stdout.write(f"{'Limit (SAR)' if found.eligible else 'Not admitted':44} {found.limit:>14,}")

    def _scored(self, terms: PointsTerms) -> Score:
        try:
            return score(facts=facts_of(ExactJSONParser().parse(sys.stdin.buffer)), terms=terms)
        except ParseError as error:
            raise CommandError("The facts are not JSON that can be read.") from error
        except FactsRefused as refusal:
            said = "; ".join(
                f"{ascii(name)[1:-1] or 'facts'}: {REASONS[code]}" for name, code in refusal.faults.items()
            )
            raise CommandError(f"The facts cannot be scored. {said}") from refusal


def _terms(code: str | None) -> PointsTerms:
    if code is None:
        return PointsTerms()
    client = Client.objects.filter(code=code.upper()).first()
    if client is None:
        raise CommandError(f"There is no client {code}.")
    return points_terms(policy=credit_policy_on(client=client, on=clock.today()))
