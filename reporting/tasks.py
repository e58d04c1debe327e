"""Reports on schedule: what is wanted stands in rows, one task a report, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from common import clock
from reporting.rules.weeks import Week
from reporting.services import boards, runs
from reporting.services.verifications import verification_do, verifications_lost


@shared_task(name="reporting.weekly")
def weekly_task(week: str | None = None) -> int:
    """Want the reports of a week (the last that is over when not given), and hand them out."""
    wanted = Week.parse(week) if week else Week.of(on=clock.today()).before()
    runs.run_begin(actor=runs.ACTOR, period=wanted)
    return report_sweep_task()


@shared_task(name="reporting.due")
def due_task() -> int:
    """Want what else is due this morning: the month, the quarter, the papers of new portfolios."""
    for period in runs.runs_due(on=clock.today()):
        runs.run_begin(actor=runs.ACTOR, period=period)
    return report_sweep_task()


@shared_task(name="reporting.sweep")
def report_sweep_task() -> int:
    """Hand out what waits and is in nobody's hands: new, or lost with a worker or a queue."""
    ids = runs.jobs_hand_over()
    for job_id in ids:
        weekly_one_task.delay(job_id)
    return len(ids)


@shared_task(name="reporting.weekly_one")
def weekly_one_task(job_id: int) -> str:
    """One report; nothing when it was made before."""
    return runs.job_do(job_id=job_id)


@shared_task(name="reporting.boards")
def board_links_task() -> int:
    """Send the links of kept views whose period has begun."""
    return boards.board_links_send()


@shared_task(name="audit.verify_one")
def verify_task(verification_id: int) -> str:
    """Verify the audit chain as somebody asked; nothing when it was done before."""
    return verification_do(verification_id=verification_id).state


@shared_task(name="audit.verify_sweep")
def verify_sweep_task() -> int:
    """Hand out again the verifications that were lost with a worker."""
    lost = verifications_lost(now=clock.now())
    for verification_id in lost:
        verify_task.delay(verification_id)
    return len(lost)
