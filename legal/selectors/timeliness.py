"""Neither too early nor too late (PL-24): cases without an offer by its day, and cases ready for court, not proposed.

Set-based: each list is one query over the book, by each client's own terms. It reads the same rows as
``legal.selectors.criteria``, which a test compares it with case by case.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.expressions import RawSQL

from accounts.models import User
from collections_app.choices import OFFERS, OPEN_CASE, OPEN_ESCALATION
from collections_app.models import Case
from collections_app.policies import cases_visible_to
from legal.models import EscalationPolicy
from legal.rules.criteria import Terms

# The terms in force of every client, the shipped ones where none has begun; days by the ladder of the case's stage, or
# the client's own before it has one.
_CASES = """
SELECT c.id, c.client_id, c.balance, t.*,
       %(today)s::date - CASE WHEN p.basis = 'INVOICE' THEN c.oldest_issued_on ELSE c.oldest_due_on END AS days
FROM collections_app_case c
JOIN clients_client b ON b.id = c.client_id
LEFT JOIN clients_stagepolicyrow s ON s.id = c.stage_id
JOIN clients_stagepolicy p ON p.id = coalesce(s.policy_id, b.stage_policy_id)
LEFT JOIN LATERAL (
    SELECT e.* FROM legal_escalationpolicy e WHERE e.client_id = c.client_id AND e.starts_on <= %(today)s
    ORDER BY e.version DESC LIMIT 1
) e ON true
CROSS JOIN LATERAL (SELECT {terms}) t
WHERE c.status = ANY(%(open)s) AND c.track = 'AMICABLE' AND c.balance > 0
"""
_HELD = """
EXISTS (SELECT 1 FROM collections_app_hold h WHERE h.case_id = k.id AND h.from_on <= %(today)s
        AND (h.until_on IS NULL OR h.until_on >= %(today)s) AND h.decision <> 'REJECTED')
"""
_OFFERED = """
(EXISTS (SELECT 1 FROM collections_app_contactattempt a WHERE a.case_id = k.id AND a.verdict <> 'REFUSED'
         AND a.outcome = ANY(%(offers)s))
 OR EXISTS (SELECT 1 FROM collections_app_promise m WHERE m.case_id = k.id))
"""
_ASKED = """
EXISTS (SELECT 1 FROM collections_app_escalationrequest r WHERE r.case_id = k.id AND r.status = ANY(%(asked)s))
"""
_NO_OFFER = f"SELECT k.id FROM ({{cases}}) k WHERE k.days >= k.offer_by_day AND NOT {_HELD} AND NOT {_OFFERED}"
_DUE = f"""
SELECT k.id FROM ({{cases}}) k
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.direction = 'OUT') AS tried, count(*) FILTER (WHERE a.reached = 'HOLDER') AS reached
    FROM collections_app_contactattempt a WHERE a.case_id = k.id AND a.verdict <> 'REFUSED'
) a
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.status IN ('MISSED', 'PARTLY')) AS missed,
           count(*) FILTER (WHERE m.status = 'OPEN') AS open
    FROM collections_app_promise m WHERE m.case_id = k.id
) m
WHERE k.days >= k.least_days AND k.balance >= k.least_balance
  AND EXISTS (SELECT 1 FROM collections_app_defaultepisode d
              WHERE d.case_id = k.id AND d.undone_on IS NULL AND d.ended_on IS NULL)
  AND a.tried >= k.least_attempts AND a.reached >= k.least_reached
  AND m.missed >= k.least_missed_promises AND m.open = 0
  AND (NOT k.notice_needed OR EXISTS (
      SELECT 1 FROM legal_notice n WHERE n.case_id = k.id AND n.state = 'SERVED'))
  AND NOT {_HELD} AND {_OFFERED} AND NOT {_ASKED}
"""
_NAMED = re.compile(r"%\((\w+)\)s")
_LISTS = {"offer": _NO_OFFER, "due": _DUE}


def _terms() -> str:
    """The columns of the terms, each with what is shipped."""
    shipped = {field.name: field.default for field in fields(Terms)}
    shipped["offer_by_day"] = EscalationPolicy._meta.get_field("offer_by_day").default
    return ", ".join(f"coalesce(e.{name}, {value}) AS {name}" for name, value in shipped.items())


def _asked(today: dt.date) -> Mapping[str, Any]:
    return {
        "today": today,
        "open": sorted(OPEN_CASE),
        "offers": sorted(OFFERS),
        "asked": sorted(OPEN_ESCALATION),
    }


def cases_untimely(*, user: User, kind: str, today: dt.date) -> QuerySet[Case]:
    """Of the cases this person sees: ``offer``, open ones to which nothing was offered by its day, unless something
    holds them; ``due``, those that meet every condition of their client and are not proposed.
    """
    sql = _LISTS[kind].format(cases=_CASES.format(terms=_terms()))
    told = _asked(today)
    # A query inside a query takes its values by place, not by name.
    values = [told[name] for name in _NAMED.findall(sql)]
    return (
        cases_visible_to(user)
        .filter(pk__in=RawSQL(_NAMED.sub("%s", sql), values))  # noqa: S611 - our own words; values are parameters
        .select_related("client", "debtor", "team", "owner", "stage__policy")
        .order_by("-stage_depth", "-balance", "pk")
    )


def untimely_counts(*, cases: QuerySet[Case]) -> list[dict[str, Any]]:
    """How many and how much, by client, team and currency."""
    return [
        dict(row)
        for row in cases.order_by("client__code", "team__name_ar", "currency")
        .values("client_id", "client__code", "client__name_ar", "client__name_en", "team_id", "team__name_ar",
                "team__name_en", "currency")
        .annotate(count=Count("pk"), amount=Sum("balance"))
    ]  # fmt: skip
