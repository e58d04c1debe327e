"""Reads of escalation policies: what rules each client today, and what ruled before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from clients.models import Client
from common.models import AuditEvent
from legal.models import EscalationPolicy


def policies_in_force(*, clients: Sequence[Client], on: dt.date) -> list[tuple[Client, EscalationPolicy]]:
    """Each client with its version in force; the shipped terms, unsaved, where none has begun."""
    begun = EscalationPolicy.objects.filter(client__in=clients, starts_on__lte=on).order_by("client_id", "version")
    latest = {policy.client_id: policy for policy in begun}
    return [
        (client, latest.get(client.pk) or EscalationPolicy(client=client, version=0, starts_on=on))
        for client in clients
    ]


def policy_versions(*, client: Client) -> list[dict[str, Any]]:
    """Every version, the newest first, with who wrote it, when, and what it changed: (before, after) by term."""
    versions = list(client.escalation_policies.order_by("-version"))
    events = {
        event.subject_id: event
        for event in AuditEvent.objects.filter(
            action="escalation_policy.replaced", subject_id__in=[policy.pk for policy in versions], client_id=client.pk
        )
    }
    return [
        {
            "policy": policy,
            "by": event.actor_name if (event := events.get(policy.pk)) else "",
            "at": event.at if event else None,
            "changed": [
                (str(EscalationPolicy._meta.get_field(name).name), before, after)
                for name, (before, after) in (event.body.get("changed", {}) if event else {}).items()
            ],
        }
        for policy in versions
    ]
