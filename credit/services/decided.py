"""What is decided on, as a digest: whoever answers, answers this and nothing else."""

from __future__ import annotations

import hashlib
import json

from credit.models import Application
from credit.selectors.scorings import scoring_latest

CREDIT, CREDIT_EXCEPTION = "CREDIT", "CREDIT_EXCEPTION"


def application_digest(application: Application) -> str:
    """The hash of an application as it is stored: its facts, papers, judgements, score and what is recommended."""
    application = Application.objects.select_related("customer").get(pk=application.pk)
    scoring = scoring_latest(application=application)
    asked = {
        "number": application.number,
        "customer": application.customer_id,
        "purpose": application.purpose,
        "asked": str(application.asked_limit),
        "currency": application.currency,
        "facts": [
            str(application.capital), application.legal_form, application.resident, application.has_official_papers,
            str(application.annual_sales), application.sales_year,
        ],
        "bureau": [application.bureau_used, application.bureau_weighed],
        "recommended": [
            application.recommendation, str(application.recommended_limit), application.recommended_ground,
            application.recommended_reason, sorted(application.set_aside),
        ],
        "scoring": [scoring.pk, scoring.total, str(scoring.score_limit), scoring.inputs] if scoring else None,
        "judgements": list(
            application.judgements.order_by("criterion").values_list("criterion", "judgement", "grounds")
        ),
        "banks": [
            [str(value) for value in row]
            for row in application.bank_accounts.order_by("pk").values_list("bank", "average_balance", "until_month")
        ],
        "statements": [
            [str(value) for value in row]
            for row in application.statements.order_by("year").values_list("year", "sales", "equity", "net_profit")
        ],
        "papers": sorted(application.papers.filter(origin="UPLOADED").values_list("sha256", flat=True)),
        "collateral": [
            [str(value) for value in row]
            for row in application.customer.collaterals.order_by("pk").values_list(
                "kind", "reference", "amount", "valid_until", "released_on"
            )
        ],
    }  # fmt: skip
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
