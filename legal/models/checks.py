"""The conditions of escalation as they stood when a request was made."""

from __future__ import annotations

from django.db import models

from clients.models import Client
from collections_app.models import EscalationRequest
from collections_app.models.fields import OwnedKey
from legal.rules.criteria import Criterion


class RequestCheck(models.Model):
    """One condition of one request: met or not, by which figures, and why the case was proposed all the same.

    Append-only: what the manager approved and the client signed can be read again as it stood.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = OwnedKey(EscalationRequest, related_name="checks", db_index=False)
    criterion = models.CharField(max_length=12, choices=Criterion.choices)
    ok = models.BooleanField()
    # The figures of ``legal.selectors.criteria.evidence_words``.
    evidence = models.JSONField(default=dict)
    because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "criterion"], name="request_check_once")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.criterion}"
