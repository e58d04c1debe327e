"""Reads of orders: what an answer stands on, the lists, and who may sign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from common import crypto
from common.arabic import search_pattern
from common.db import rows
from credit.choices import CLAIMS_ALL, REMOTE, AgentScope, CustomerKind, OrderState
from credit.models import Agent, CreditPaper, Customer, Order, RemoteTerms
from credit.rules.orders import ORDER_PAPERS, Ask, Facts, Overdue, Paper, Reason, Signatory, order_reasons
from credit.selectors.remote_terms import remote_address_known
from credit.selectors.standing import agreement_last, exposure_of, limit_on, stops_standing
from credit.selectors.terms import DAYS_PAST, OWED, SHIPPED, SOLD_ON, SUSPENDED

# What is open past its terms, by the ledger itself: those it was sold on, whatever was signed since (CM-10, CM-17).
_OVERDUE = f"""
SELECT l.receivable_ref, sum(l.owed) OVER () AS amount, count(*) OVER () AS count,
       %(on)s::date - l.days_past::int AS payable_on
FROM (
    SELECT r.id, r.receivable_ref, {OWED} AS owed, {DAYS_PAST} AS days_past
    FROM credit_customer c
    JOIN clients_client b ON b.id = c.client_id
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.status = 'OPEN' AND r.currency = c.currency
    {SOLD_ON} {SUSPENDED}
    WHERE c.id = %(customer_id)s
) l
WHERE l.days_past > 0 ORDER BY payable_on, l.id LIMIT 1
"""
# Everything owed on any account of the party with this client. What runs under an agreement, within its terms or
# tolerated past them, is no earlier debt; once everything is claimed, all of it is (CM-17, CM-18). Of another currency
# than the account's no amount is tolerated: currencies are never added.
_EARLIER = f"""
SELECT coalesce(sum(owed) FILTER (WHERE currency = %(currency)s), 0) AS debt, count(*) > 0 AS owes,
       (SELECT min(e.began_on) FROM collections_app_defaultepisode e
        JOIN collections_app_case k ON k.id = e.case_id JOIN collections_app_debtor d ON d.id = k.debtor_id
        WHERE d.client_id = %(client_id)s AND d.party_id = %(party_id)s AND e.undone_on IS NULL) AS default_since
FROM (
    SELECT l.*, sum(owed) FILTER (WHERE past) OVER (PARTITION BY account_id, currency) AS unpaid
    FROM (
        SELECT c.id AS account_id, r.currency, {OWED} AS owed, {DAYS_PAST} > 0 AS past,
               CASE WHEN o.overdue_tolerated IS NULL THEN 'Infinity'
                    WHEN r.currency = c.currency THEN o.overdue_tolerated ELSE 0 END AS tolerated,
               NOT EXISTS (
                   SELECT 1 FROM credit_facilityagreement a
                   WHERE a.customer_id = c.id AND a.signed_on <= %(on)s AND (a.ends_on IS NULL OR a.ends_on >= %(on)s)
               ) OR EXISTS (
                   SELECT 1 FROM credit_creditstop s
                   WHERE s.customer_id = c.id AND s.ended_on IS NULL AND s.kind = ANY(%(claims_all)s)
               ) AS whole
        FROM credit_bounds(%(client_id)s, %(on)s) o
        CROSS JOIN collections_app_debtor d
        JOIN clients_client b ON b.id = d.client_id
        JOIN collections_app_case k ON k.debtor_id = d.id
        JOIN collections_app_receivable r ON r.case_id = k.id AND r.status = 'OPEN'
        LEFT JOIN credit_customer c ON c.debtor_id = d.id AND c.kind = 'CREDIT'
        {SOLD_ON} {SUSPENDED}
        WHERE d.client_id = %(client_id)s AND d.party_id = %(party_id)s
    ) l
) l
WHERE whole OR (past AND unpaid > tolerated)
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said of an order, and what it was said of. Nothing is written by it."""

    reasons: list[Reason]
    facts: Facts

    @property
    def accepted(self) -> bool:
        return not self.reasons


def order_answer(*, customer: Customer, ask: Ask, on: dt.date, agent: Agent | None = None) -> Answer:
    """Whether an order would be taken on a day, with every reason against it. Holds nothing: by the time it is placed
    the answer may be another.
    """
    facts = order_facts(customer=customer, ask=ask, on=on, agent=agent)
    return Answer(reasons=order_reasons(ask=ask, facts=facts), facts=facts)


def order_facts(*, customer: Customer, ask: Ask, on: dt.date, agent: Agent | None = None) -> Facts:
    """What the rules of an order look at. Of an order for cash limit, agreement and stops are not asked."""
    account: dict[str, Any] = {"on": on, "account_kind": customer.kind, "closed_on": customer.closed_on}
    if ask.kind == CustomerKind.CREDIT:
        account |= _credit(customer=customer, on=on)
    else:
        account |= _earlier(customer=customer, on=on)
    if ask.channel in REMOTE:
        terms = RemoteTerms.objects.filter(customer=customer).order_by("-accepted_on", "-pk").first()
        if terms is not None:
            account |= {"remote_since": terms.accepted_on, "remote_until": terms.revoked_on}
    papers = CreditPaper.objects.filter(customer=customer, kind__in=ORDER_PAPERS[CustomerKind(ask.kind)])
    return Facts(
        **account,
        signatory=None if agent is None else signatory_of(agent),
        papers=tuple(
            Paper(kind=kind, valid_from=begins, valid_until=ends)
            for kind, begins, ends in papers.values_list("kind", "valid_from", "valid_until")
        ),
    )


def signatory_of(agent: Agent) -> Signatory:
    return Signatory(
        scopes=frozenset(agent.scopes), valid_from=agent.valid_from, valid_until=agent.valid_until,
        revoked_on=agent.revoked_on, up_to=agent.up_to,
    )  # fmt: skip


def _credit(*, customer: Customer, on: dt.date) -> dict[str, Any]:
    agreement, limit = agreement_last(customer=customer, on=on), limit_on(customer=customer, on=on)
    exposure = exposure_of(customer_id=customer.pk, on=on)
    late = rows(_OVERDUE, {"customer_id": customer.pk, "on": on, **SHIPPED}, kept=True)
    return {
        "agreed_on": agreement.signed_on if agreement else None,
        "agreement_ends_on": agreement.ends_on if agreement else None,
        "is_earlier": agreement is not None and agreement.is_earlier,
        "limit": limit.amount if limit else None,
        "limit_ends_on": limit.ends_on if limit else None,
        "invoices": exposure.invoices,
        "reserved": exposure.reserved,
        "not_due": exposure.not_due,
        "not_due_most": exposure.not_due_most,
        "overdue_tolerated": exposure.overdue_tolerated,
        "stops": tuple((stop.kind, stop.began_on) for stop in stops_standing(customer=customer)),
        "overdue": Overdue(**late[0]) if late else None,
    }


def _earlier(*, customer: Customer, on: dt.date) -> dict[str, Any]:
    told = {
        "client_id": customer.client_id, "party_id": customer.debtor.party_id, "on": on,
        "currency": customer.currency, "claims_all": sorted(CLAIMS_ALL), **SHIPPED,
    }  # fmt: skip
    return rows(_EARLIER, told, kept=True)[0]


def ask_of(
    *,
    customer: Customer,
    kind: str,
    amount: Decimal,
    ordered_on: dt.date,
    channel: str,
    address: str = "",
    has_original: bool = False,
) -> Ask:
    """What is asked, as the rules read it."""
    return Ask(
        kind=kind, amount=amount, ordered_on=ordered_on, channel=channel, has_original=has_original,
        from_registered=bool(address) and remote_address_known(customer=customer, value=address),
    )  # fmt: skip


def orders_filtered(
    *,
    orders: QuerySet[Order],
    state: str = "",
    kind: str = "",
    client: int | None = None,
    customer: int | None = None,
    words: str = "",
) -> QuerySet[Order]:
    """Orders by state, kind, client, customer, and the beginning of a reference or a part of a name."""
    found = orders.select_related("customer__debtor", "client").order_by("-answered_at", "-pk")
    if state in OrderState.values:
        found = found.filter(state=state)
    if kind in CustomerKind.values:
        found = found.filter(kind=kind)
    if client is not None:
        found = found.filter(client_id=client)
    if customer is not None:
        found = found.filter(customer_id=customer)
    if words:
        found = found.filter(
            Q(order_ref__istartswith=words)
            | Q(customer__debtor__debtor_ref__istartswith=words)
            | Q(customer__debtor__name__iregex=search_pattern(words))
        )
    return found


def orders_invoiced(*, orders: Sequence[Order]) -> dict[int, dict[str, Decimal]]:
    """Of each order what was told to be invoiced, and what of it stands in the ledger."""
    found = rows(
        "SELECT o.id, t.told, t.standing FROM credit_order o CROSS JOIN LATERAL credit_order_told(o.id) t"
        " WHERE o.id = ANY(%(orders)s)",
        {"orders": [order.pk for order in orders]},
    )
    return {row["id"]: {"told": row["told"], "standing": row["standing"]} for row in found}


def signatories_of(*, customer: Customer, on: dt.date) -> list[tuple[Agent, str]]:
    """Who may sign orders for a customer on a day, with their names; the owner first. Read as the house."""
    wrapped = customer.debtor.party.wrapped_key
    if wrapped is None:
        return []
    key = crypto.unwrap(wrapped=bytes(wrapped))
    agents = Agent.objects.filter(customer=customer, scopes__contains=[AgentScope.ORDERS]).order_by("-is_owner", "pk")
    return [
        (agent, crypto.decrypt(key=key, sealed=bytes(agent.name_sealed), column="agent_name"))
        for agent in agents
        if agent.stands_on(on)
    ]
