"""Whether and from where a customer may order by fax or e-mail (CM-19, CM-27)."""

from __future__ import annotations

import datetime as dt

from common import crypto
from credit.models import Customer, RemoteTerms
from credit.rules.addresses import REMOTE_ADDRESS, address_normal


def remote_terms_on(*, customer: Customer, on: dt.date) -> RemoteTerms | None:
    """The terms of remote orders that the customer had accepted, and not taken back, on a day."""
    found = customer.remote_terms.filter(accepted_on__lte=on).order_by("-accepted_on", "-pk").first()
    return found if found is not None and (found.revoked_on is None or on < found.revoked_on) else None


def remote_address_known(*, customer: Customer, value: str) -> bool:
    """True when a number or address is registered for this customer's orders now."""
    try:
        index = crypto.blind_index(value=address_normal(value), kind=REMOTE_ADDRESS)
    except ValueError:
        return False
    return customer.remote_addresses.filter(value_index=index, removed_at__isnull=True).exists()
