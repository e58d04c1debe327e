"""A client's people beyond their membership: who shall sign for it, and the mark it shows."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.choices import ChangeStatus
from clients.models.clients import Client, ClientUser


class SignatoryRequest(models.Model):
    """One of the client's people asks that another may sign for it; the house decides (``common/approvals.py``)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="signatory_requests")
    # The constraint in the database is the composite one, with the client.
    membership = models.ForeignKey(
        ClientUser, on_delete=models.PROTECT, related_name="signatory_requests", db_constraint=False
    )
    # By what power the person signs: articles, resolution, power of attorney, with its number.
    power = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.PROPOSED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ChangeStatus.values), name="signatory_status_known"),
            models.UniqueConstraint(
                fields=["membership"],
                condition=models.Q(status=ChangeStatus.PROPOSED),
                name="signatory_request_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.status}"


class ClientLogo(models.Model):
    """A version of a client's mark, drawn again by us as PNG. Append-only: the newest counts, an empty one is none."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="logos")
    content = models.BinaryField()
    # SHA-256 of the content; names the version in addresses.
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.client_id} {self.sha256[:8]}"
