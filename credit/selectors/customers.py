"""Reads of customers: the list, and how each of them stands."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import crypto
from common.arabic import search_pattern
from credit.choices import OPEN_APPLICATION, CustomerKind
from credit.models import Application, CreditLimit, CreditStop, Customer, FacilityAgreement, RemoteAddress
from credit.selectors.agents import party_key
from parties.choices import IdentifierKind
from parties.models import Identifier
from parties.rules.identifiers import masked_identifier, normalise_identifier

# The list's saved views.
VIEWS: tuple[tuple[str, Promise | str], ...] = (
    ("", _("All")),
    ("applying", _("Application open")),
    ("agreed", _("With an agreement")),
    ("stopped", _("Stopped")),
)


def customers_filtered(
    *, customers: QuerySet[Customer], view: str, kind: str, client: int | None, words: str, today: dt.date
) -> QuerySet[Customer]:
    """These customers by how they stand, kind, client, name or reference; the newest first."""
    of = {"customer": OuterRef("pk")}
    if view == "applying":
        customers = customers.filter(Exists(Application.objects.filter(**of, state__in=OPEN_APPLICATION)))
    elif view == "agreed":
        standing = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        customers = customers.filter(Exists(FacilityAgreement.objects.filter(standing, **of, signed_on__lte=today)))
    elif view == "stopped":
        customers = customers.filter(Exists(CreditStop.objects.filter(**of, ended_on__isnull=True)))
    if kind in CustomerKind.values:
        customers = customers.filter(kind=kind)
    if client is not None:
        customers = customers.filter(client_id=client)
    if words:
        customers = customers.filter(
            Q(debtor__name__iregex=search_pattern(words))
            | Q(debtor__debtor_ref__istartswith=words)
            | Q(debtor__party__in=_parties_numbered(words))
        )
    return customers.select_related("debtor", "client").order_by("-opened_at", "-pk")


def _parties_numbered(words: str) -> list[int]:
    """The parties whose whole official number this is; a part of one finds nobody."""
    meant = Q()
    for told in IdentifierKind.values:  # the same digits may be a person's and a register's
        with contextlib.suppress(ValueError):
            kind, _party_kind, value = normalise_identifier(words, kind=told)
            meant |= Q(kind=kind, value_index=crypto.blind_index(value=value, kind=kind))
    return list(Identifier.objects.filter(meant).values_list("party_id", flat=True)) if meant else []


@dataclass(frozen=True, kw_only=True)
class CustomerRow:
    """One customer of the list, with what stands of it now."""

    customer: Customer
    application: Application | None
    limit: CreditLimit | None
    stops: list[CreditStop]


def customers_shown(*, customers: list[Customer], today: dt.date) -> list[CustomerRow]:
    """These customers with their application, their limit and the stops that stand, in three statements.

    The application is the newest one, where it is open or nothing was granted: with a limit, the limit says it.
    """
    newest = {row.customer_id: row for row in Application.objects.filter(customer__in=customers).order_by("pk")}
    limits = {
        row.customer_id: row
        for row in CreditLimit.objects.filter(customer__in=customers, starts_on__lte=today)
        .order_by("customer_id", "-starts_on", "-pk")
        .distinct("customer_id")
    }
    stops: dict[int, list[CreditStop]] = {}
    for stop in CreditStop.objects.filter(customer__in=customers, ended_on__isnull=True).order_by("began_on", "pk"):
        stops.setdefault(stop.customer_id, []).append(stop)
    return [
        CustomerRow(
            customer=customer,
            application=row
            if (row := newest.get(customer.pk)) and (row.state in OPEN_APPLICATION or customer.pk not in limits)
            else None,
            limit=limits.get(customer.pk),
            stops=stops.get(customer.pk, []),
        )
        for customer in customers
    ]


def accounts_of_party(*, customer: Customer) -> list[Customer]:
    """The customer's other accounts with the same client: its lines of business (I-06)."""
    same = Customer.objects.filter(client_id=customer.client_id, debtor__party_id=customer.debtor.party_id)
    return list(same.exclude(pk=customer.pk).select_related("debtor").order_by("pk"))


def identifiers_of(*, customer: Customer, reveal: bool) -> list[tuple[str, str]]:
    """Official numbers of the customer, masked unless revealed; none once they were erased."""
    key = party_key(customer=customer)
    if key is None:
        return []
    found = []
    for identifier in customer.debtor.party.identifiers.all():
        value = crypto.decrypt(key=key, sealed=bytes(identifier.value_sealed), column="identifier")
        found.append((str(identifier.get_kind_display()), value if reveal else masked_identifier(value)))
    return found


def addresses_of(*, customer: Customer, reveal: bool) -> list[tuple[RemoteAddress, str]]:
    """The numbers and addresses that remote orders may come from, masked unless revealed."""
    key = party_key(customer=customer) if reveal else None
    found = []
    for address in customer.remote_addresses.filter(removed_at__isnull=True).order_by("pk"):
        shown = f"…{address.hint}" if "@" not in address.hint else address.hint
        if key is not None:
            shown = crypto.decrypt(key=key, sealed=bytes(address.value_sealed), column="remote_address")
        found.append((address, shown))
    return found
