"""Reads of clients' systems and their tokens."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.models import ServiceAccount, ServiceToken
from clients.rules import systems


def systems_of(*, client_id: int) -> QuerySet[ServiceAccount]:
    """A client's systems with their tokens, the newest first."""
    return ServiceAccount.objects.filter(client_id=client_id).prefetch_related("tokens").order_by("name")


def token_found(*, text: str) -> ServiceToken | None:
    """The token with its account and client, whatever its state; None when nobody was given it."""
    if not systems.is_token(text):
        return None
    tokens = ServiceToken.objects.select_related("account__client")
    return tokens.filter(digest=systems.token_digest(text=text)).first()
