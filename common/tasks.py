"""What workers do for the house itself."""

from __future__ import annotations

from celery import shared_task

from common.anchors import anchor


@shared_task(name="audit.anchor")
def audit_anchor_task() -> str:
    """Sign the head of the audit chain; empty while there is none."""
    try:
        return anchor().text
    except LookupError:
        return ""
