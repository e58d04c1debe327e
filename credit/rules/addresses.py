"""Numbers and addresses from which a customer's orders may come (CM-27). Pure."""

from __future__ import annotations

from parties.rules.identifiers import normalise_email, normalise_mobile

# The kind of their blind index.
REMOTE_ADDRESS = "remote"


def address_normal(text: str) -> str:
    """A fax number in E.164 form or an e-mail address in lower case. Raises ValueError for what is neither."""
    return normalise_email(text) if "@" in text else normalise_mobile(text)
