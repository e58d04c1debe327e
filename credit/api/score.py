"""Points and limit of a customer from the facts that a client's system sends: computed, and nothing written."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.views import Answers
from clients.choices import Scope
from clients.models import ServiceAccount
from collections_app.api.schema import REFUSALS
from common import clock
from common.api.errors import CORRECT, ApiError
from common.api.words import in_both
from credit.choices import LegalForm
from credit.rules.facts import MOST_MONTHS, REASONS, TOO_LARGE, FactsRefused, facts_of
from credit.rules.scorecard import ScoreFacts, score
from credit.selectors.policies import credit_policy_on, points_terms, score_told

_NUMBER = {"type": "number", "minimum": 0, "maximum": int(TOO_LARGE) - 1}


@extend_schema_field({"oneOf": [_NUMBER, {"type": "string"}]})
class _Amount(serializers.Field):
    """Riyals, as a number or as text."""


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 0, "maximum": MOST_MONTHS}, {"type": "string"}]})
class _Months(serializers.Field):
    """Full months, as a number or as text."""


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false"]}]})
class _Truth(serializers.Field):
    """True or false, also as text."""


class ScoreBody(serializers.Serializer):
    """The facts. Only for the schema: the command and this address read them by ``rules.facts``."""

    capital = _Amount()
    legal_form = serializers.ChoiceField(choices=LegalForm.values)
    resident = _Truth(help_text="In the Kingdom. Otherwise the legal form gives no points.")
    has_official_papers = _Truth(required=False, help_text="True unless told.")
    average_bank_balance = _Amount(help_text="The average credit balance with one bank.")
    bank_months = _Months(help_text="The months that the statement covers; below twelve the balance gives no points.")
    annual_sales = _Amount(help_text="By the last approved balance sheet.")


class PointsTold(serializers.Serializer):
    capital = serializers.IntegerField()
    legal_form = serializers.IntegerField()
    bank_balance = serializers.IntegerField()
    sales = serializers.IntegerField()
    total = serializers.IntegerField()


class ScoreTold(serializers.Serializer):
    points = PointsTold()
    eligible = serializers.BooleanField()
    limit = serializers.IntegerField(help_text="Whole riyals; 0 where the customer is not admitted.")


class CreditScore(Answers):
    scopes = {"POST": Scope.CREDIT}

    def answer(self, request: Request, account: ServiceAccount, **names: Any) -> dict[str, Any]:
        """By the policy of the account's client that rules today."""
        policy = credit_policy_on(client=account.client, on=clock.today())
        return score_told(score(facts=_facts(request.data), terms=points_terms(policy=policy)))

    @extend_schema(
        operation_id="credit_score",
        summary="Points and limit of a customer",
        description="Needs the right CREDIT. Nothing is written, and no key is needed.",
        request=ScoreBody,
        responses={200: ScoreTold, **{status: told for status, told in REFUSALS.items() if status != 409}},
    )
    def post(self, request: Request, **names: Any) -> Response:
        return super().post(request, **names)


def _facts(told: Any) -> ScoreFacts:
    try:
        return facts_of(told)
    except FactsRefused as refusal:
        errors = [{"field": name, "code": code, **in_both(REASONS[code])} for name, code in refusal.faults.items()]
        raise ApiError("invalid", CORRECT, errors=errors) from refusal
