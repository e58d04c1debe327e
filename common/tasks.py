"""What workers do for the house itself."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.anchors import anchor
from common.clocks import clocks_tick
from common.once import forget


@shared_task(name="audit.anchor")
def audit_anchor_task() -> str:
    """Sign the head of the audit chain; empty while there is none."""
    try:
        return anchor().text
    except LookupError:
        return ""


@shared_task(name="forms.forget")
def forms_forget_task() -> int:
    """Let go of the keys of forms and requests that nobody sends again; how many."""
    return forget()


@shared_task(name="clocks.tick")
def clocks_tick_task() -> int:
    """Give the warnings and lapses of deadlines whose moment has come; how many."""
    ticked = clocks_tick(at=clock.now())
    return ticked.warned + ticked.lapsed
