"""A client's own systems: the accounts by which they call the API, and the tokens they show."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.choices import Scope, TokenState
from clients.models.clients import Client
from clients.rules import systems
from common.history import History


class ServiceAccount(models.Model):
    """One system of one client, and what it may ask for."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="systems")
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    history = History()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="system_name_once"),
            models.CheckConstraint(
                condition=~models.Q(scopes=[]) & models.Q(scopes__contained_by=sorted(Scope.values)),
                name="system_scopes_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_words(self) -> list[str]:
        """What it may, in the words of the page."""
        return [str(Scope(scope).label) for scope in Scope.values if scope in self.scopes]


class ServiceToken(models.Model):
    """One token of a system. Of the token itself only the hash is kept: it is shown once, when it is made."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    # The constraint in the database is the composite one, with the client.
    account = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, related_name="tokens", db_constraint=False, db_index=False
    )
    prefix = models.CharField(max_length=8)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(expires_at__gte=models.F("created_at")), name="token_in_order"),
        ]
        indexes = [models.Index(fields=["account", "expires_at"], name="token_by_account")]

    def __str__(self) -> str:
        return f"mithaq_{self.prefix}_…"

    def state(self, *, now: dt.datetime) -> TokenState:
        """How it stands at a moment."""
        return systems.token_state(expires_at=self.expires_at, revoked_at=self.revoked_at, now=now)

    def is_live(self, *, now: dt.datetime) -> bool:
        return self.state(now=now) in {TokenState.LIVE, TokenState.ENDING}
