"""One real person or company, recognised by identifier only, shared silently over clients.

What a client told us of them (names, numbers) hangs on the client's own debtor; nobody sees through the party.
"""

from __future__ import annotations

from django.db import models

from parties.choices import IdentifierKind, PartyKind


class Party(models.Model):
    """A person or company, with the wrapped key of its personal values. Destroying the key erases them."""

    kind = models.CharField(max_length=10, choices=PartyKind.choices)
    wrapped_key = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"party {self.pk}"


class Identifier(models.Model):
    """An official number of a party: sealed, and found by its blind index."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=20, choices=IdentifierKind.choices)
    value_sealed = models.BinaryField()
    value_index = models.BinaryField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value_index"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.kind} of party {self.party_id}"
