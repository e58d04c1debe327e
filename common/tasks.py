"""What workers do for the house itself."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.anchors import anchor
from common.clocks import clocks_tick
from common.once import forget
from common.outbox import WAKE_TASK
from common.sending import A_RUN, outbox_run, outbox_sweep


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


@shared_task(name=WAKE_TASK)
def outbox_run_task() -> dict[str, int]:
    """Send what waits in the outbox; another goes on where this one has done its share."""
    done = outbox_run()
    if done.count >= A_RUN:
        outbox_run_task.delay()
    return done.outcomes


@shared_task(name="outbox.sweep")
def outbox_sweep_task() -> dict[str, int]:
    """Find messages whose worker died, then send what waits: what was put off, or what the queue lost."""
    outbox_sweep()
    return outbox_run_task()
