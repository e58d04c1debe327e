"""Papers: what was uploaded and what was made here, as it stood."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.models.fields import OwnedKey
from legal.choices import PaperKind, PaperOrigin


class Paper(models.Model):
    """One paper of one case: its content sealed under the party's key, its hash in the clear. Append-only.

    What was made here keeps the number it left the building with; it is never made again in place.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="papers", db_index=False)
    # What it belongs to, when it belongs to more than the case.
    request = OwnedKey(EscalationRequest, null=True, blank=True, related_name="papers")
    authorisation = OwnedKey(Authorisation, null=True, blank=True, related_name="papers")
    file = OwnedKey("legal.LegalFile", null=True, blank=True, related_name="papers")
    kind = models.CharField(max_length=16, choices=PaperKind.choices)
    origin = models.CharField(max_length=10, choices=PaperOrigin.choices)
    number = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=160)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    # Bytes, and the pages of a PDF.
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=2, blank=True)
    sha256 = models.CharField(max_length=64)
    content_sealed = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="paper_number_once"),
        ]
        indexes = [models.Index(fields=["case", "kind", "-added_at"], name="paper_by_case")]

    def __str__(self) -> str:
        return self.number or self.title
