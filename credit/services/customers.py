"""The only writer of customers."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.services.debtors import debtor_open
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused
from credit.choices import CustomerKind, LegalForm
from credit.models import Customer
from parties.choices import PartyKind


def customer_open(
    *,
    user: User,
    client: Client,
    debtor_ref: str,
    name: str,
    kind: str,
    identifier: str = "",
    legal_form: str = "",
    resident: bool = True,
    sector: str = "",
    industry: str = "",
    region: str = "",
    city: str = "",
) -> Customer:
    """Open the file of who wants to buy from a client, on credit or for cash (CM-20, CM-21).

    ``debtor_ref`` is the client's own reference of the account, under which its invoices are placed. The caller has
    asked whether the person may. Raises Refused for bad values, and where this account has a file.
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
    return customer
