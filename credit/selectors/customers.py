"""Reads of customers: the list, and how each of them stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.arabic import search_pattern
from credit.choices import OPEN_APPLICATION, CustomerKind
from credit.models import Application, CreditLimit, CreditStop, Customer, FacilityAgreement

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
            Q(debtor__name__iregex=search_pattern(words)) | Q(debtor__debtor_ref__istartswith=words)
        )
    return customers.select_related("debtor", "client").order_by("-opened_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class CustomerRow:
    """One customer of the list, with what stands of it now."""

    customer: Customer
    application: Application | None
    limit: CreditLimit | None
    stops: list[CreditStop]


def customers_shown(*, customers: list[Customer], today: dt.date) -> list[CustomerRow]:
    """These customers with their open application, their limit and the stops that stand, in three statements."""
    applications = {
        row.customer_id: row for row in Application.objects.filter(customer__in=customers, state__in=OPEN_APPLICATION)
    }
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
            application=applications.get(customer.pk),
            limit=limits.get(customer.pk),
            stops=stops.get(customer.pk, []),
        )
        for customer in customers
    ]
