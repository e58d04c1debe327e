"""What records and their fields are called, for who reads their history; fields that forms name have words of their
own.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

Words = str | StrPromise

RECORDS: Mapping[str, Words] = {
    "accounts-team": _("Team"),
    "accounts-user": _("User"),
    "clients-agreement": _("Agreement"),
    "clients-client": _("Client"),
    "clients-clientuser": _("Person of a client"),
    "clients-contactpolicy": _("Contact policy"),
    "clients-serviceaccount": _("System of a client"),
    "clients-signatoryrequest": _("Request to sign"),
    "collections_app-case": _("Case"),
    "collections_app-authorisation": _("Authorisation"),
    "collections_app-escalationrequest": _("Legal authorisation"),
    "common-authoritylimit": _("Authority matrix"),
    "complaints-matter": _("Matter"),
    "complaints-dispute": _("Dispute"),
    "credit-application": _("Credit application"),
    "credit-customer": _("Customer"),
    "legal-escalationpolicy": _("Conditions of escalation"),
}
FIELDS: Mapping[str, Words] = {
    "annual_sales": _("Annual sales"),
    "applied_on": _("Applied"),
    "asked_limit": _("Limit asked for"),
    "bureau_used": _("Credit record used"),
    "bureau_weighed": _("Credit record weighed"),
    "capital": _("Capital"),
    "channels": _("Channels"),
    "client": _("Client"),
    "closes_at": _("Closes at"),
    "created_at": _("Created"),
    "currency": _("Currency"),
    "customer": _("Customer"),
    "decided_at": _("Decided"),
    "decided_by": _("Decided by"),
    "decision_reason": _("Reason"),
    "ends_on": _("Until"),
    "fee_percent": _("Fee in percent"),
    "grounds": _("Grounds"),
    "has_official_papers": _("Official papers are there"),
    "is_active": _("In force"),
    "is_demo": _("Account of a demonstration"),
    "is_staff": _("Opens the administration"),
    "keeps_people": _("Keeps the users"),
    "keeps_systems": _("Keeps the tokens"),
    "kind": _("Kind"),
    "least_attempts": _("Attempts at least"),
    "least_balance": _("Balance at least"),
    "least_days": _("Days late at least"),
    "least_missed_promises": _("Missed promises at least"),
    "least_promise": _("Least promise"),
    "least_reached": _("Times reached at least"),
    "legal_form": _("Legal form"),
    "longest_validity": _("Valid for days at most"),
    "max_attempts": _("Attempts at most"),
    "name": _("Name"),
    "notice_needed": _("A final notice is needed"),
    "number": _("Number"),
    "offer_by_day": _("Options offered by day"),
    "opens_at": _("Opens at"),
    "portal": _("A step of the client"),
    "position": _("Step"),
    "prepared_by": _("Prepared by"),
    "purpose": _("Purpose"),
    "recommendation": _("Recommendation"),
    "recommended_ground": _("Ground of the recommendation"),
    "recommended_limit": _("Recommended limit"),
    "recommended_reason": _("Reason of the recommendation"),
    "resident": _("Resident"),
    "role": _("Role"),
    "sales_year": _("Year of the sales"),
    "scopes": _("It may"),
    "set_aside": _("Set aside"),
    "signed_on": _("Signed on"),
    "starts_on": _("Holds from"),
    "state": _("State"),
    "submitted_at": _("Submitted"),
    "title": _("Title"),
    "up_to": _("Up to"),
    "user": _("User"),
    "version": _("version"),
    "weekdays": _("Days"),
    "window_days": _("In days"),
}


def record_words(*, slug: str, fallback: Words) -> Words:
    """What a record is called."""
    return RECORDS.get(slug, fallback)


def field_words(*, name: str, verbose: Words) -> Words:
    """What a field is called: in its form's own words where it has any."""
    return verbose if str(verbose) != name.replace("_", " ") else FIELDS.get(name, verbose)
