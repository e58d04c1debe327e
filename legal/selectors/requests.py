"""Reads of requests to go legal: what waits, and the conditions of each with their evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from collections_app.models import EscalationRequest
from legal.rules.criteria import HARD, Criterion
from legal.selectors.criteria import Told, criteria_of, evidence_words
from legal.selectors.debts import shares_asked


def escalation_checks(*, request: EscalationRequest, today: dt.date) -> list[dict[str, Any]]:
    """The conditions of escalation of a request's case, computed now, with the reasons that were given for what was
    not met when it was proposed (PL-20).
    """
    given = dict(request.checks.exclude(because="").values_list("criterion", "because")) if request.pk else {}
    told = criteria_of(case=request.case, today=today, debts=shares_asked(request=request) or None)
    return check_lines(told=told, because=given)


def check_lines(*, told: Sequence[Told], because: Mapping[str, str]) -> list[dict[str, Any]]:
    """Conditions as the checklist shows them, with the reasons given for what is not met."""
    return [
        {
            "criterion": line.criterion,
            "ok": line.ok,
            "hard": line.hard,
            "what": line.words,
            "evidence": line.evidence_words,
            "because": because.get(line.criterion, ""),
        }
        for line in told
    ]


def checks_shown(*, request: EscalationRequest) -> list[dict[str, Any]]:
    """The conditions as they stood when the case was proposed, in the order of the list."""
    rows = {row.criterion: row for row in request.checks.all()}
    return [
        {
            "criterion": criterion,
            "ok": row.ok,
            "hard": criterion in HARD,
            "what": str(criterion.label),
            "evidence": evidence_words(criterion=criterion, figures=row.evidence),
            "because": row.because,
        }
        for criterion in Criterion
        if (row := rows.get(criterion)) is not None
    ]
