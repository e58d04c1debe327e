"""Reads of who may sign for a customer. Names are sealed under the party's key."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from common import crypto
from credit.choices import AgentScope
from credit.models import Agent, Customer

COLUMN = "agent_name"


def party_key(*, customer: Customer) -> bytes | None:
    """The open key of the customer's party; None once its personal data was erased."""
    wrapped = customer.debtor.party.wrapped_key
    return None if wrapped is None else crypto.unwrap(wrapped=bytes(wrapped))


@dataclass(frozen=True, kw_only=True)
class NamedAgent:
    """An agent with the name opened; empty once it was erased."""

    agent: Agent
    name: str
    stands: bool

    @property
    def may(self) -> list[str]:
        """What this person may sign, in words."""
        return [str(AgentScope(scope).label) for scope in self.agent.scopes]


def agent_name(*, agent: Agent, customer: Customer) -> str:
    """The name of an agent; empty once the personal data was erased."""
    key = party_key(customer=customer)
    return "" if key is None else crypto.decrypt(key=key, sealed=bytes(agent.name_sealed), column=COLUMN)


def agents_of(*, customer: Customer, on: dt.date) -> list[NamedAgent]:
    """Everybody who could ever sign, those whose signature binds on a day first."""
    key = party_key(customer=customer)
    papers = ("power_paper__content_sealed", "specimen_paper__content_sealed")
    found = [
        NamedAgent(
            agent=agent,
            name="" if key is None else crypto.decrypt(key=key, sealed=bytes(agent.name_sealed), column=COLUMN),
            stands=agent.stands_on(on),
        )
        for agent in customer.agents.select_related("power_paper", "specimen_paper").defer(*papers).order_by("-pk")
    ]
    return sorted(found, key=lambda named: not named.stands)


def agents_who_may(*, customer: Customer, scope: str, on: dt.date, amount: Decimal | None = None) -> list[Agent]:
    """Those whose signature for an act of this scope, up to this amount, binds the customer on a day (CM-22)."""
    return [
        agent
        for agent in customer.agents.filter(scopes__contains=[scope]).order_by("pk")
        if agent.stands_on(on) and (amount is None or agent.up_to is None or amount <= agent.up_to)
    ]
