"""Reads of authorisations: what each is worth now, and the lists of the legal desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import get_language

from accounts.models import User
from collections_app.models import Authorisation, Case
from collections_app.selectors.timeline import TimelineItem
from common.arabic import search_pattern
from common.clock import RIYADH
from common.components.format import money_text
from common.db import rows
from common.money import ZERO
from legal.choices import OF_A_CLAIM, STANDING_CLAIM, AuthorisationState, PaperKind
from legal.models import Claim, LegalAct, LegalCost, Paper
from legal.rules import authority as rules
from legal.rules.authority import Authority

# What is owed now on the debts of an authorisation ``a``, of each the debtor's share.
COVER = """coalesce((
        SELECT sum(round(owed.balance * d.share_percent / 100, 2)) FROM legal_authoriseddebt d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(r.balance), 0) AS balance FROM collections_app_receivable r
            WHERE r.client_id = d.client_id AND r.debt_id = d.debt_id
        ) owed
        WHERE d.authorisation_id = a.id
    ), 0)"""
_WORTH = f"""
SELECT a.id,
    {COVER} AS cover,
    coalesce((
        SELECT sum(c.amount) FROM legal_claim c WHERE c.case_id = a.case_id AND c.state = ANY(%(standing)s)
    ), 0) AS standing,
    coalesce((SELECT sum(k.amount) FROM legal_legalcost k WHERE k.authorisation_id = a.id), 0) AS spent
FROM collections_app_authorisation a WHERE a.id = ANY(%(ids)s)
"""


def begins_on(*, authorisation: Authorisation) -> dt.date:
    """Its first day, in Riyadh: that of its signing, or the later one it names."""
    signed = authorisation.signed_at.astimezone(RIYADH).date()
    return max(authorisation.valid_from or signed, signed)


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
    """Whether a legal case may be asked for again: its authorisation ends soon, is over, or has nothing left to claim
    while other debts of the case are open."""
    standing = authorisation_standing_of(case=case)
    if standing is None or rules.days_left(valid_until=standing.valid_until, on=today) <= rules.ENDING_DAYS:
        return True
    used_up = authorisation_state(authorisation=standing, on=today) == AuthorisationState.USED_UP
    return used_up and case.balance > ZERO


def claims_of(*, case: Case) -> QuerySet[Claim]:
    """The claims of a case, those that stand first."""
    return Claim.objects.filter(case=case).order_by(F("ended_on").desc(nulls_first=True), "-filed_on", "-pk")


def claims_standing(*, case: Case) -> Decimal:
    """What is before courts for a case."""
    return sum(Claim.objects.filter(case=case, state__in=STANDING_CLAIM).values_list("amount", flat=True), ZERO)


@dataclass(frozen=True, kw_only=True)
class Card:
    """An authorisation as a capability: what it permits, until when, and what of it is used. Money in its currency."""

    authorisation: Authorisation
    authority: Authority
    state: AuthorisationState
    days_left: int
    ceiling_left: Decimal
    costs_left: Decimal

    @property
    def begins_on(self) -> dt.date:
        return self.authority.begins_on

    @property
    def over(self) -> bool:
        return self.state in _OVER

    @property
    def ends_soon(self) -> bool:
        return not self.over and self.days_left <= rules.ENDING_DAYS


_OVER = frozenset({AuthorisationState.REVOKED, AuthorisationState.REPLACED, AuthorisationState.EXPIRED})


def cards_of(*, authorisations: Sequence[Authorisation], on: dt.date) -> list[Card]:
    """The cards of these authorisations as they stand on a day, in one query."""
    worth = authorities_of(authorisations=authorisations)
    return [_card(a, worth[a.pk], on) for a in authorisations]


def _card(authorisation: Authorisation, authority: Authority, on: dt.date) -> Card:
    state = rules.state_of(authority=authority, on=on)
    over = state in _OVER
    return Card(
        authorisation=authorisation,
        authority=authority,
        state=state,
        days_left=rules.days_left(valid_until=authorisation.valid_until, on=on),
        # Whatever its figures are, nothing is claimed or spent under what is over.
        ceiling_left=ZERO if over else rules.ceiling_left(authority=authority),
        costs_left=ZERO if over else rules.costs_left(authority=authority),
    )


LISTS = ("live", "ending", "ended")


def authorisations_listed(
    *, of: QuerySet[Authorisation], view: str, on: dt.date, client_id: int | None = None, search: str = ""
) -> QuerySet[Authorisation]:
    """One list of the legal desk: those whose days are not over, of these the ones that end soon, or all that are over.

    The nearest end first; what is over, the latest end first. By client, and by words in number or name.
    """
    stands = Q(revoked_at__isnull=True, replaced_by__isnull=True, valid_until__gte=on)
    if view == "ended":
        found = of.exclude(stands).order_by("-valid_until", "-pk")
    else:
        found = of.filter(stands).order_by("valid_until", "pk")
    if view == "ending":
        found = found.filter(valid_until__lte=on + dt.timedelta(days=rules.ENDING_DAYS))
    if client_id is not None:
        found = found.filter(client_id=client_id)
    if search:
        by_name = Q(case__debtor__name__iregex=search_pattern(search))
        found = found.filter(Q(number__icontains=search) | by_name | Q(case__debtor__debtor_ref__istartswith=search))
    return found.select_related("case__debtor", "client", "signatory")


def _money(amount: Decimal, currency: str) -> str:
    return money_text(amount=amount, currency=currency, language=get_language() or "ar")


_ICONS = {"FINAL_NOTICE": "mailbox", "HEARING": "calendar-range", "JUDGMENT": "scale", "NOTE_RETURNED": "undo-2"}


def _act_item(act: LegalAct, *, who: Any) -> TimelineItem:
    what = str(act.get_kind_display())
    if act.amount:
        what += f" · {_money(act.amount, act.currency)}"
    detail = " · ".join(part for part in (act.reference and f"\u2068{act.reference}\u2069", act.note) if part)
    return TimelineItem(
        at=act.on,
        order=(dt.datetime.combine(act.on, dt.time(0), tzinfo=dt.UTC), act.recorded_at),
        icon=_ICONS.get(act.kind, "scale"),
        look="" if act.kind in OF_A_CLAIM else "done",
        what=what,
        detail=detail,
        who=who or "",
    )


def case_legal_items(*, case: Case, limit: int, user: User) -> list[TimelineItem]:
    """The legal acts of a case, for its timeline, to whoever sees the case: the newest first."""
    acts = LegalAct.objects.filter(case=case).select_related("recorded_by").order_by("-on", "-pk")[:limit]
    return [_act_item(act, who=act.recorded_by) for act in acts]


def authorisation_history(*, authorisation: Authorisation, people: bool) -> list[TimelineItem]:
    """What was done and spent under one authorisation, the newest first; without ``people``, not by whom."""
    acts, costs = authorisation.acts.order_by("pk"), authorisation.costs.order_by("pk")
    if people:
        acts, costs = acts.select_related("recorded_by"), costs.select_related("recorded_by")
    items = [_act_item(act, who=act.recorded_by if people else "") for act in acts]
    for cost in costs:
        items.append(
            TimelineItem(
                at=cost.on,
                order=(dt.datetime.combine(cost.on, dt.time(0), tzinfo=dt.UTC), cost.recorded_at),
                icon="rotate-ccw" if cost.reverses_id else "banknote",
                look="",
                what=f"{cost.get_kind_display()} {_money(cost.amount, cost.currency)}",
                detail=" · ".join(part for part in (cost.payee, cost.note) if part),
                who=cost.recorded_by if people else "",
            )
        )
    return sorted(items, key=lambda item: item.order, reverse=True)


def card_pieces(*, authorisation: Authorisation, on: dt.date, people: bool = True) -> dict[str, Any]:
    """What the card of one authorisation shows; in the portal without the house's ``people`` and files."""
    claims = claims_of(case=authorisation.case)
    return {
        "card": cards_of(authorisations=[authorisation], on=on)[0],
        "debts": list(authorisation.debts.select_related("debt").order_by("debt__debt_ref")),
        "claims": list(claims.select_related("file") if people else claims),
        "history": authorisation_history(authorisation=authorisation, people=people),
        "documents": list(
            Paper.objects.filter(
                Q(authorisation=authorisation, kind=PaperKind.AUTHORISATION)
                | Q(request=authorisation.request_id, kind=PaperKind.LETTER)
            )
            .defer("content_sealed")
            .order_by("pk")
        ),
        "people": people,
    }


def costs_standing(*, authorisation: Authorisation) -> QuerySet[LegalCost]:
    """Its costs that were not taken back."""
    return LegalCost.objects.filter(authorisation=authorisation, reverses=None, reversed_by=None).order_by("on", "pk")
