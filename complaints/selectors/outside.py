"""Matters as a client sees them: what its own people and systems told, and where that stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from clients.models import Client
from complaints.choices import Complainant, Intake
from complaints.models import Matter

# What the client may see of a matter: never the words of an account holder, never a sealed value.
COLUMNS = ("pk", "reference", "kind", "complainant", "account_ref", "stage", "outcome", "received_at", "closed_at")


def matters_of_client(*, client: Client) -> QuerySet[Matter]:
    """What the client told through its portal or its systems, or was told in its name. Nothing that an account holder
    told us of it; and what names an account, where the client's agreement opens cases.
    """
    own = Q(intake__in=[Intake.PORTAL, Intake.SYSTEM]) | Q(complainant=Complainant.CLIENT)
    found = Matter.objects.filter(own, client=client).only(*COLUMNS, "client")
    return found if client.shows_cases else found.filter(account_ref="")


def matters_as_told(*, matters: Sequence[Matter]) -> list[dict[str, Any]]:
    """The same as plain values."""
    return [
        {
            "reference": matter.reference,
            "kind": matter.kind,
            "complainant": matter.complainant,
            "debtor_ref": matter.account_ref,
            "stage": matter.stage,
            "outcome": matter.outcome,
            "received_at": matter.received_at,
            "closed_at": matter.closed_at,
        }
        for matter in matters
    ]
