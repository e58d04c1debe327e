"""The only writer of customers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.services.debtors import debtor_open
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, Refused
from credit.choices import COMPANIES, OPEN_APPLICATION, CustomerKind, LegalForm, StopCause
from credit.models import Customer
from credit.services.applications import editor
from credit.services.stops import stops_follow
from parties.choices import IdentifierKind, PartyKind

# What may be changed of a customer.
ABOUT = ("kind", "legal_form", "resident", "sector", "industry", "region")


def customer_open(
    *,
    user: User,
    client: Client,
    debtor_ref: str,
    name: str,
    kind: str,
    identifier: str = "",
    identifier_kind: str = "",
    legal_form: str = "",
    resident: bool = True,
    sector: str = "",
    industry: str = "",
    region: str = "",
    city: str = "",
) -> Customer:
    """Open the file of who wants to buy from a client, on credit or for cash (CM-20, CM-21).

    ``debtor_ref`` is the client's own reference of the account, under which its invoices are placed. ``identifier`` is
    an official number and ``identifier_kind`` what it is given as; where that is not said, a company's is read as a
    number of the company. The caller has asked whether the person may. Raises Refused for bad values, and where this
    account has a file.
    """
    if kind not in CustomerKind.values:
        raise Refused("customer_kind", _("Choose credit or cash."), field="kind")
    if legal_form and legal_form not in LegalForm.values:
        raise Refused("customer_form", _("Choose the legal form."), field="legal_form")
    with transaction.atomic():
        Client.held(client_id=client.pk)
        debtor = debtor_open(
            client=client,
            debtor_ref=debtor_ref,
            name=name,
            identifier=identifier,
            identifier_kind=identifier_kind or (IdentifierKind.COMMERCIAL_REGISTER if legal_form in COMPANIES else ""),
            city=city,
            kind=PartyKind.PERSON if legal_form == LegalForm.SOLE_PROPRIETOR else PartyKind.COMPANY,
        )
        if Customer.objects.filter(debtor=debtor).exists():
            raise Refused("customer_known", _("This account has a credit file already."), field="debtor_ref")
        customer = Customer.objects.create(
            client=client,
            debtor=debtor,
            kind=kind,
            sector=sector.strip(),
            legal_form=legal_form,
            resident=resident,
            industry=industry.strip(),
            region=region.strip(),
            opened_at=clock.now(),
            opened_by=user,
        )
        record(
            actor=Actor.person(user),
            action="customer.opened",
            subject=customer,
            body={"debtor": debtor.pk, "kind": kind, "sector": customer.sector},
        )
        # Its invoices may stand in the ledger already.
        stops_follow(client_id=client.pk, customer_ids=[customer.pk], cause=StopCause.ACCOUNT)
    return customer


def _held(customer: Customer) -> Customer:
    """The customer, held. Raises Conflict when the account is closed."""
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if held.closed_on is not None:
        raise Conflict("customer_closed", _("This account is closed."))
    return held


def _under_agreement(customer: Customer, *, on: dt.date) -> bool:
    return customer.agreements.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).exists()


def customer_edit(
    *,
    user: User,
    customer: Customer,
    kind: str,
    legal_form: str = "",
    resident: bool = True,
    sector: str = "",
    industry: str = "",
    region: str = "",
) -> Customer:
    """Change what is written down of a customer.

    How they buy stands while an application is open or an agreement is in force: both are of one kind. Raises Refused
    for bad values, Conflict for a closed account, NotAllowed for who does not prepare credit files.
    """
    actor = editor(user)
    if kind not in CustomerKind.values:
        raise Refused("customer_kind", _("Choose credit or cash."), field="kind")
    if legal_form and legal_form not in LegalForm.values:
        raise Refused("customer_form", _("Choose the legal form."), field="legal_form")
    with transaction.atomic():
        held = _held(customer)
        open_one = held.applications.filter(state__in=OPEN_APPLICATION).exists()
        if kind != held.kind and (open_one or _under_agreement(held, on=clock.today())):
            raise Refused(
                "customer_kind_stands", _("An application or an agreement stands on how they buy."), field="kind"
            )
        after = {
            "kind": kind, "legal_form": legal_form, "resident": resident, "sector": sector.strip()[:80],
            "industry": industry.strip()[:80], "region": region.strip()[:80],
        }  # fmt: skip
        changed = {name: [getattr(held, name), value] for name, value in after.items() if getattr(held, name) != value}
        for name, value in after.items():
            setattr(held, name, value)
        held.save(update_fields=list(after))
        record(actor=actor, action="customer.edited", subject=held, body={"changed": changed})
    return held


def customer_close(*, user: User, customer: Customer, on: dt.date, reason: str) -> Customer:
    """Close an account, from a day on: nothing is applied for or sold any more.

    Raises Refused without a reason, for a day ahead, and while an application is open or an agreement in force;
    Conflict when it is closed already.
    """
    actor = editor(user)
    if not reason.strip():
        raise Refused("close_reason", _("Say why."), field="reason")
    if on > clock.today():
        raise Refused("close_future", _("The day lies ahead."), field="on")
    with transaction.atomic():
        held = _held(customer)
        if held.applications.filter(state__in=OPEN_APPLICATION).exists():
            raise Refused("close_application", _("An application is open: end it first."))
        if _under_agreement(held, on=on):
            raise Refused("close_agreement", _("An agreement is in force: end it first."))
        held.closed_on = on
        held.save(update_fields=["closed_on"])
        record(actor=actor, action="customer.closed", subject=held, body={"on": on, "reason": reason.strip()})
    return held


def customer_reopen(*, user: User, customer: Customer, reason: str) -> Customer:
    """Open a closed account again. Raises Refused without a reason, Conflict when it is open."""
    actor = editor(user)
    if not reason.strip():
        raise Refused("reopen_reason", _("Say why."), field="reason")
    with transaction.atomic():
        held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if held.closed_on is None:
            raise Conflict("customer_open", _("This account is open."))
        held.closed_on = None
        held.save(update_fields=["closed_on"])
        record(actor=actor, action="customer.reopened", subject=held, body={"reason": reason.strip()})
    return held
