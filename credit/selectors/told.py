"""Orders and customers as programs are told them: plain values, amounts as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from credit.choices import AgentScope, CustomerKind
from credit.models import Agent, Customer, Order
from credit.rules.order_words import reasons_told
from credit.rules.orders import Ask
from credit.selectors.orders import Answer
from credit.selectors.standing import agreement_on, exposure_of, limit_on, stops_standing

USED = ("limit", "invoices", "reserved", "room", "not_due", "not_due_most")


def _used(**figures: Decimal | None) -> dict[str, str | None]:
    """Amounts as text, by the names of ``USED``; None for a bound that is not set."""
    return {name: None if (value := figures[name]) is None else f"{value:.2f}" for name in USED}


def answer_told(answer: Answer, *, ask: Ask) -> dict[str, Any]:
    """An answer that nothing was written for."""
    facts = answer.facts
    shown = ask.kind == CustomerKind.CREDIT and facts.limit is not None
    return {
        "accepted": answer.accepted,
        "reasons": reasons_told([{"code": reason.code, "values": reason.values} for reason in answer.reasons]),
        "used": _used(
            limit=facts.limit,
            invoices=facts.invoices,
            reserved=facts.reserved,
            room=facts.free,
            not_due=facts.not_due,
            not_due_most=facts.not_due_most,
        )
        if shown
        else None,
    }


def orders_told(*, orders: Sequence[Order]) -> list[dict[str, Any]]:
    """Orders with every reason and their invoices."""
    found = list(orders)
    prefetch_related_objects(found, "invoices")
    return [
        {
            "order_ref": order.order_ref,
            "debtor_ref": order.customer.debtor.debtor_ref,
            "kind": order.kind,
            "amount": f"{order.amount:.2f}",
            "currency": order.currency,
            "ordered_on": order.ordered_on,
            "channel": order.channel,
            "state": order.state,
            "reasons": reasons_told(order.reasons),
            "set_aside": order.overridden,
            "used": {name: order.seen.get(name) for name in USED} if "limit" in order.seen else None,
            "reserved_until": order.reserved_until,
            "invoices": [
                {"receivable_ref": invoice.receivable_ref, "amount": f"{invoice.amount:.2f}"}
                for invoice in sorted(order.invoices.all(), key=lambda invoice: invoice.pk)
            ],
            "answered_at": order.answered_at,
        }
        for order in found
    ]


def standing_told(*, customer: Customer, on: dt.date) -> dict[str, Any]:
    """Limit, what uses it, stops, and who may sign orders on a day, without their names."""
    agreement, limit = agreement_on(customer=customer, on=on), limit_on(customer=customer, on=on)
    exposure = exposure_of(customer_id=customer.pk, on=on)
    agents = Agent.objects.filter(customer=customer, scopes__contains=[AgentScope.ORDERS]).order_by("pk")
    return {
        "debtor_ref": customer.debtor.debtor_ref,
        "kind": customer.kind,
        "currency": customer.currency,
        "agreement_signed_on": agreement.signed_on if agreement else None,
        "limit_ends_on": limit.ends_on if limit else None,
        "used": _used(
            limit=limit.amount, invoices=exposure.invoices, reserved=exposure.reserved,
            room=exposure.free(limit=limit.amount), not_due=exposure.not_due, not_due_most=exposure.not_due_most,
        )
        if limit
        else None,
        "stops": [{"kind": stop.kind, "since": stop.began_on} for stop in stops_standing(customer=customer)],
        "signatories": [
            {
                "signatory": agent.pk, "is_owner": agent.is_owner, "id_hint": agent.id_hint,
                "up_to": None if agent.up_to is None else f"{agent.up_to:.2f}", "valid_until": agent.valid_until,
            }
            for agent in agents
            if agent.stands_on(on)
        ],
    }  # fmt: skip
