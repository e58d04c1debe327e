"""The audit trail: what happened, and the chain over it. Both tables take INSERT and SELECT only."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One act, written inside the transaction that acts. Never changed, never removed."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    body = models.JSONField()
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["client_id", "id"], name="audit_client"),
            models.Index(fields=["actor_id", "id"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    @property
    def digest_hex(self) -> str:
        """The body's salted digest, as people compare it."""
        return bytes(self.digest).hex()


class AuditSeal(models.Model):
    """One link of the chain: the order in which committed events were sealed, and the hash that binds them."""

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal", db_constraint=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.seq)


class AuditAnchor(models.Model):
    """The chain's head, signed: whoever holds a copy finds out when the chain behind it was made anew or cut."""

    seq = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    # Ed25519, base64. The key's own fingerprint says which public key opens it.
    signature = models.CharField(max_length=88)
    key = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"
