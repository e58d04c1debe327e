"""What the files say on the page of a customer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from credit.choices import OPEN_APPLICATION, CustomerKind, Purpose
from credit.forms.applications import OpenForm
from credit.forms.customers import AboutForm, CloseForm, ReopenForm
from credit.forms.papers import AddressForm, AgentForm, CollateralForm, DayForm, PaperForm, RevokeForm, TermsForm
from credit.models import Customer
from credit.policies import can_edit_credit
from credit.selectors.agents import agents_of
from credit.selectors.customers import accounts_of_party, addresses_of, identifiers_of
from credit.selectors.papers import papers_by_kind
from credit.selectors.remote_terms import remote_terms_on
from credit.services.customers import ABOUT
from credit.views.parts import Given, Part, each

# A paper or a power that ends so soon is said.
SOON = dt.timedelta(days=30)


def _keeps(user: User, customer: Customer) -> bool:
    return can_edit_credit(user) and customer.closed_on is None


def about(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """Who the customer is; its other accounts with this client, of which one cancelled cancels all (I-06)."""
    context: dict[str, Any] = {
        "identifiers": identifiers_of(customer=customer, reveal=bool(given.get("revealed"))),
        "others": accounts_of_party(customer=customer),
        "keeps": _keeps(user, customer),
    }
    if can_edit_credit(user):
        context["about_form"] = given.get("about_form") or AboutForm(
            initial={name: getattr(customer, name) for name in ABOUT}
        )
        context["close_form"] = given.get("close_form") or CloseForm(initial={"on": today})
        context["reopen_form"] = given.get("reopen_form") or ReopenForm()
    return Part(template="credit/customer/about.html", context=context, aside=True)


def applications(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """What was asked for, the newest first."""
    found = list(customer.applications.select_related("prepared_by").order_by("-pk"))
    waits = any(row.state in OPEN_APPLICATION for row in found)
    context: dict[str, Any] = {"applications": found, "waits": waits, "keeps": _keeps(user, customer) and not waits}
    if context["keeps"]:
        agreed = customer.agreements.exists()
        context["first"] = not found and not agreed
        context["open_form"] = given.get("open_form") or OpenForm(
            customer=customer,
            initial={"applied_on": today, "purpose": Purpose.RENEWAL if agreed else Purpose.NEW},
        )
    return Part(template="credit/customer/applications.html", context=context)


def agents(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """Who may sign, what and until when (CM-22)."""
    found = agents_of(customer=customer, on=today)
    keeps = _keeps(user, customer)
    context: dict[str, Any] = {"agents": found, "keeps": keeps, "soon": today + SOON, "today": today}
    if keeps:
        standing = [
            named.agent.pk
            for named in found
            if named.agent.revoked_on is None and (named.stands or named.agent.valid_from > today)
        ]
        context["agent_form"] = given.get("agent_form") or AgentForm(initial={"valid_from": today})
        context["revokes"] = each(given, "revoke_form", standing, lambda _key: RevokeForm(initial={"on": today}))
    return Part(template="credit/customer/agents.html", context=context)


def remote(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """Whether the customer may order by fax or e-mail, and from where (CM-19, CM-27)."""
    terms = list(customer.remote_terms.select_related("accepted_by").order_by("-accepted_on", "-pk"))
    names = {named.agent.pk: named.name for named in agents_of(customer=customer, on=today)}
    keeps = _keeps(user, customer)
    context: dict[str, Any] = {
        "terms": [(row, names.get(row.accepted_by_id, "")) for row in terms],
        "standing": remote_terms_on(customer=customer, on=today),
        "addresses": addresses_of(customer=customer, reveal=bool(given.get("revealed"))),
        "keeps": keeps,
    }
    if keeps:
        context["terms_form"] = given.get("terms_form") or TermsForm(customer=customer, initial={"accepted_on": today})
        context["address_form"] = given.get("address_form") or AddressForm()
        context["back_form"] = given.get("back_form") or DayForm(initial={"on": today})
    return Part(template="credit/customer/remote.html", context=context)


def collateral(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part | None:
    """What secures the credit. A cash account needs nothing of it."""
    if customer.kind == CustomerKind.CASH:
        return None
    found = list(customer.collaterals.defer("paper__content_sealed").select_related("paper").order_by("-pk"))
    keeps = _keeps(user, customer)
    context: dict[str, Any] = {"collaterals": found, "keeps": keeps, "today": today, "soon": today + SOON}
    if keeps:
        held = [row.pk for row in found if row.released_on is None]
        context["collateral_form"] = given.get("collateral_form") or CollateralForm(initial={"valid_from": today})
        context["releases"] = each(given, "release_form", held, lambda _key: DayForm(initial={"on": today}))
    return Part(template="credit/customer/collateral.html", context=context)


def papers(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """Every paper of the file with its validity."""
    context: dict[str, Any] = {
        "papers": papers_by_kind(customer=customer),
        "keeps": _keeps(user, customer),
        "today": today,
        "soon": today + SOON,
    }
    if context["keeps"]:
        context["paper_form"] = given.get("paper_form") or PaperForm()
    return Part(template="credit/customer/papers.html", context=context, aside=True)
