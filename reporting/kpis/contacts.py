"""Whom we reached: of all outgoing attempts that were made, and of those that reached anyone (PL-30, I-24)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Family, Kpi, Side, Unit

# Refused attempts were not made. A conversation that was told of later is known since then.
_FACTS = """
SELECT a.id, a.case_id, b.debtor_ref AS account, a.at, a.channel, a.direction, a.reached, a.outcome, '' AS currency
FROM collections_app_contactattempt a
JOIN collections_app_case c ON c.id = a.case_id
JOIN collections_app_debtor b ON b.id = c.debtor_id
WHERE a.client_id = %(client_id)s AND a.at >= %(starts)s AND a.at < %(ends)s AND a.verdict <> 'REFUSED'
  AND a.recorded_at <= %(known_at)s::timestamptz
"""
_OUT = "direction = 'OUT'"
_RIGHT = "direction = 'OUT' AND reached = 'HOLDER'"

FAMILY = Family(
    code="contacts",
    name=_("Contact"),
    facts=_FACTS,
    columns=("id", "account", "at", "channel", "direction", "reached", "outcome"),
    order="at, id",
    kpis=(
        Kpi(
            code="RIGHT_PARTY_OF_ATTEMPTS",
            name=_("Right-party contact rate, of attempts"),
            formula=_("Outgoing attempts that reached the account holder ÷ all outgoing attempts made"),
            unit=Unit.RATIO,
            over=Side(where=_RIGHT),
            under=Side(where=_OUT),
        ),
        Kpi(
            code="RIGHT_PARTY_OF_REACHED",
            name=_("Right-party contact rate, of people reached"),
            formula=_("Outgoing attempts that reached the account holder ÷ outgoing attempts that reached anyone"),
            unit=Unit.RATIO,
            over=Side(where=_RIGHT),
            under=Side(where=f"{_OUT} AND reached <> 'NO_ONE'"),
        ),
        Kpi(
            code="PROMISE_RATE",
            name=_("Promise rate"),
            formula=_("Conversations with the account holder that ended with a promise ÷ all of these, either way"),
            unit=Unit.RATIO,
            over=Side(where="reached = 'HOLDER' AND outcome = 'PROMISE'"),
            under=Side(where="reached = 'HOLDER'"),
        ),
    ),
)
