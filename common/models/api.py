"""Requests of programs that were answered: what is sent twice is done once."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """A key a program gave to one request, and the answer it got. Written in the transaction of what was done."""

    # Who asks; a key of one says nothing of another's. Kept beside it is whose rows the answer tells of.
    who = models.CharField(max_length=60)
    client_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=255)
    # The keyed hash of method, path and body: the same key with another request is refused.
    mark = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["who", "key"], name="idempotency_key_once"),
            # A request that failed keeps no key: it may be sent again.
            models.CheckConstraint(condition=models.Q(status__gte=200, status__lt=300), name="idempotency_done"),
        ]

    def __str__(self) -> str:
        return f"{self.who} {self.status} {self.at}"
