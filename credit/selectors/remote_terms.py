"""Whether and from where a customer may order by fax or e-mail (CM-19, CM-27)."""

from __future__ import annotations

import datetime as dt

from common import crypto
from credit.models import Customer, RemoteTerms
from parties.rules.identifiers import normalise_email, normalise_mobile

INDEX_KIND = "remote"


def remote_value(text: str) -> str:
    """A fax or telephone number in E.164 form, or an e-mail address in lower case.

    Raises ValueError for what is neither.
    """
    return normalise_email(text) if "@" in text else normalise_mobile(text)


def remote_terms_on(*, customer: Customer, on: dt.date) -> RemoteTerms | None:
    """The terms of remote orders that the customer had accepted, and not taken back, on a day."""
    found = customer.remote_terms.filter(accepted_on__lte=on).order_by("-accepted_on", "-pk").first()
    return found if found is not None and (found.revoked_on is None or on < found.revoked_on) else None


def remote_address_known(*, customer: Customer, value: str) -> bool:
    """True when a number or address is registered for this customer's orders now."""
    try:
        index = crypto.blind_index(value=remote_value(value), kind=INDEX_KIND)
    except ValueError:
        return False
    return customer.remote_addresses.filter(value_index=index, removed_at__isnull=True).exists()
