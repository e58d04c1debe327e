"""Reads of authorisations: what each is worth now, and the lists of the legal desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet

from collections_app.models import Authorisation, Case
from common.clock import RIYADH
from common.db import rows
from common.money import ZERO
from legal.choices import STANDING_CLAIM, AuthorisationState
from legal.models import Claim
from legal.rules import authority as rules
from legal.rules.authority import Authority

_WORTH = """
SELECT a.id,
    coalesce((
        SELECT sum(round(owed.balance * d.share_percent / 100, 2)) FROM legal_authoriseddebt d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(r.balance), 0) AS balance FROM collections_app_receivable r
            WHERE r.client_id = d.client_id AND r.debt_id = d.debt_id
        ) owed
        WHERE d.authorisation_id = a.id
    ), 0) AS cover,
    coalesce((
        SELECT sum(c.amount) FROM legal_claim c WHERE c.case_id = a.case_id AND c.state = ANY(%(standing)s)
    ), 0) AS standing,
    coalesce((SELECT sum(k.amount) FROM legal_legalcost k WHERE k.authorisation_id = a.id), 0) AS spent
FROM collections_app_authorisation a WHERE a.id = ANY(%(ids)s)
"""


def begins_on(*, authorisation: Authorisation) -> dt.date:
    """Its first day: the one it names, else that of its signing, in Riyadh."""
    return authorisation.valid_from or authorisation.signed_at.astimezone(RIYADH).date()


def authorities_of(*, authorisations: Sequence[Authorisation]) -> dict[int, Authority]:
    """The facts of each, by key, in one query."""
    told = {"ids": [a.pk for a in authorisations], "standing": sorted(STANDING_CLAIM)}
    worth = {row["id"]: row for row in rows(_WORTH, told)} if authorisations else {}
    return {
        a.pk: Authority(
            steps=frozenset(a.steps),
            begins_on=begins_on(authorisation=a),
            valid_until=a.valid_until,
            ceiling=a.ceiling,
            cost_ceiling=a.cost_ceiling,
            cover=worth[a.pk]["cover"],
            standing=worth[a.pk]["standing"],
            spent=worth[a.pk]["spent"],
            revoked=a.revoked_at is not None,
            replaced=a.replaced_by_id is not None,
        )
        for a in authorisations
    }


def authority_of(*, authorisation: Authorisation) -> Authority:
    return authorities_of(authorisations=[authorisation])[authorisation.pk]


def authorisation_state(*, authorisation: Authorisation, on: dt.date) -> AuthorisationState:
    return rules.state_of(authority=authority_of(authorisation=authorisation), on=on)


def ceiling_left(*, authorisation: Authorisation) -> Decimal:
    """What may still be claimed under it, in its currency."""
    return rules.ceiling_left(authority=authority_of(authorisation=authorisation))


def costs_left(*, authorisation: Authorisation) -> Decimal:
    return rules.costs_left(authority=authority_of(authorisation=authorisation))


def authorisation_live_of(*, case: Case, on: dt.date) -> Authorisation | None:
    """The one under which this case may be taken further on that day; None when there is none."""
    found = Authorisation.objects.filter(
        case=case, revoked_at__isnull=True, replaced_by__isnull=True, valid_until__gte=on
    ).order_by("-pk")
    first = found.first()
    if first is None or authorisation_state(authorisation=first, on=on) != AuthorisationState.LIVE:
        return None
    return first


def authorisation_standing_of(*, case: Case) -> Authorisation | None:
    """The one of a case that was neither revoked nor replaced, whether or not its days are over."""
    return Authorisation.objects.filter(case=case, revoked_at__isnull=True, replaced_by__isnull=True).last()


def authorisation_renewable(*, case: Case, today: dt.date) -> bool:
    """Whether a legal case may be asked for again: its authorisation ends soon, or is over."""
    standing = authorisation_standing_of(case=case)
    return standing is None or rules.days_left(valid_until=standing.valid_until, on=today) <= rules.ENDING_DAYS


def claims_of(*, case: Case) -> QuerySet[Claim]:
    """The claims of a case, those that stand first."""
    return Claim.objects.filter(case=case).select_related("file", "instrument").order_by("ended_on", "-filed_on", "-pk")


def claims_standing(*, case: Case) -> Decimal:
    """What is before courts for a case."""
    return sum(Claim.objects.filter(case=case, state__in=STANDING_CLAIM).values_list("amount", flat=True), ZERO)
