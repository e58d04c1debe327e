"""The only writer of report runs: what a period wants, who works on it, and what became of it.

A report is made under a lock of its own connection, so it is one worker's; a worker that dies leaves the lock to the
next. That a report exists and that its job is done are two transactions (its seal must not wait for its mail), and
making a report that exists gives the stored one: so a run can be killed anywhere and gone on with.
"""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.db import Error, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ClientStatus
from clients.models import Client
from collections_app.models import Case
from common import clock
from common.audit import Actor, record
from common.calendar import add_working_days
from common.clocks import days_off
from common.exceptions import Conflict, Refused
from common.jobs import session_lock
from common.models import Holiday
from reporting.choices import ReportKind, ReportState
from reporting.models import Report, ReportJob, ReportRun
from reporting.papers import LANGUAGES
from reporting.rules.periods import Assessment, Brief, Calendar, Month, Placed, Quarter
from reporting.selectors.portfolios import portfolios_due, portfolios_placed
from reporting.services.readers import readers_told
from reporting.services.reports import report_issue

ACTOR = Actor.system("reports")
# What was put into the queue and is not done after this long is put there again.
LOST_AFTER = dt.timedelta(minutes=10)
MOST_ATTEMPTS = 3
_LOCK = 0x5752_0000_0000_0000
logger = logging.getLogger(__name__)


def _clients(*, period: Calendar | Placed) -> QuerySet[Client]:
    """From whom a report is wanted: active, with an open book; of a month or quarter with something placed by its end,
    of a portfolio who placed it.
    """
    found = Client.objects.filter(status=ClientStatus.ACTIVE, book_date__isnull=False)
    if isinstance(period, (Assessment, Brief)):
        placed = portfolios_placed(first=period.on, last=period.on)
        return found.filter(pk__in=[portfolio.client.pk for portfolio in placed if portfolio.is_new])
    if period.kind != ReportKind.WEEKLY:
        found = found.filter(Exists(Case.objects.filter(client=OuterRef("pk"), placed_on__lte=period.ends_on)))
    return found


def runs_due(*, on: dt.date) -> list[Calendar | Placed]:
    """What is to be made on a morning besides the weeks: from the first working day of a month on the month before,
    with it the quarter that ended, and the papers of new portfolios whose day has come. What was begun is left out.
    """
    due: list[Calendar | Placed] = []
    month = Month.of(on=on)
    off = days_off(calendar=Holiday.Calendar.PRIVATE, since=month.starts_on)
    if add_working_days(start=month.starts_on - dt.timedelta(days=1), days=1, holidays=off) <= on:
        due.append(month.before())
        if month.number % 3 == 1:
            due.append(Quarter.of(on=month.before().starts_on))
    due += portfolios_due(on=on)
    begun = set(ReportRun.objects.filter(period__in=[period.label for period in due]).values_list("kind", "period"))
    return [period for period in due if (period.kind, period.label) not in begun]


def run_begin(*, actor: Actor, period: Calendar | Placed, user: User | None = None) -> ReportRun:
    """Want the reports of a period from every client it is wanted from, in both languages.

    Begun again it wants what has come since (a client that was opened late) and nothing twice. Raises Refused for a
    period that is not over.
    """
    if period.made_from > clock.today():
        raise Refused("period_not_over", _("The time this report is about is not over."))
    with transaction.atomic():
        run, made = ReportRun.objects.select_for_update().get_or_create(
            kind=period.kind, period=period.label, defaults={"begun_at": clock.now(), "begun_by": user}
        )
        ids = _clients(period=period).values_list("pk", flat=True)
        wanted = set(ReportJob.objects.filter(run=run).values_list("client_id", "language"))
        missing = [
            ReportJob(run=run, client_id=client_id, language=language)
            for client_id in ids.order_by("code")
            for language in LANGUAGES
            if (client_id, language) not in wanted
        ]
        ReportJob.objects.bulk_create(missing)
        if made or missing:
            # Where nobody is wanted from there is nothing to wait for.
            ReportRun.objects.filter(pk=run.pk).update(finished_at=None if missing else clock.now())
            body = {"kind": str(period.kind), "period": period.label, "wanted": len(missing)}
            record(actor=actor, action="report_run.begun", subject=run, body=body)
    run.refresh_from_db()
    return run


def jobs_hand_over() -> list[int]:
    """The jobs to put into the queue now: those that never were, and those that were lost. Each is given out once."""
    now = clock.now()
    with transaction.atomic():
        due = ReportJob.objects.filter(Q(handed_at__isnull=True) | Q(handed_at__lt=now - LOST_AFTER))
        due = due.filter(state=ReportState.WAITING).select_for_update(skip_locked=True).order_by("pk")
        ids = list(due.values_list("pk", flat=True))
        ReportJob.objects.filter(pk__in=ids).update(handed_at=now)
    return ids


def job_do(*, job_id: int) -> str:
    """Make the report of one job and tell its readers; the job's state. What is in another's hands is left there."""
    with session_lock(key=_LOCK | job_id) as ours:
        if not ours:
            return ReportState.WAITING
        job = ReportJob.objects.select_related("run", "client").get(pk=job_id)
        if job.state != ReportState.WAITING:
            return job.state
        began = time.monotonic()
        try:
            report = report_issue(actor=ACTOR, client=job.client, period=job.run.covers, language=job.language)
        except Error:
            # Where the database broke nothing can be written down either; the sweep comes back to it.
            raise
        except Exception as error:
            # Its words may hold what the report says.
            logger.error("report job %d failed: %s", job.pk, type(error).__name__)
            return _failed(job=job, error=type(error).__name__)
        return _issued(job=job, report=report, seconds=time.monotonic() - began)


def _issued(*, job: ReportJob, report: Report, seconds: float) -> str:
    with transaction.atomic():
        # The run's row orders those who end its last two jobs at the same time.
        run = ReportRun.objects.select_for_update().get(pk=job.run_id)
        ReportJob.objects.filter(pk=job.pk, state=ReportState.WAITING).update(
            state=ReportState.ISSUED, report=report, ended_at=clock.now(), seconds=round(seconds, 3), error="",
            attempts=F("attempts") + 1,
        )  # fmt: skip
        readers_told(actor=ACTOR, report=report)
        _over(run=run)
    return ReportState.ISSUED


def _failed(*, job: ReportJob, error: str) -> str:
    with transaction.atomic():
        run = ReportRun.objects.select_for_update().get(pk=job.run_id)
        job.attempts, job.error, job.handed_at = job.attempts + 1, error[:80], clock.now()
        if job.attempts >= MOST_ATTEMPTS:
            job.state, job.ended_at = ReportState.FAILED, clock.now()
        job.save(update_fields=["attempts", "error", "handed_at", "state", "ended_at"])
        _over(run=run)
    return job.state


def _over(*, run: ReportRun) -> None:
    """Close a run that waits for nothing more."""
    jobs = ReportJob.objects.filter(run=run)
    if run.finished_at is not None or jobs.filter(state=ReportState.WAITING).exists():
        return
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    body = {"issued": jobs.filter(state=ReportState.ISSUED).count()}
    body["given_up"] = jobs.filter(state=ReportState.FAILED).count()
    record(actor=ACTOR, action="report_run.finished", subject=run, body=body)


def job_again(*, user: User, job: ReportJob) -> ReportJob:
    """Try a report again that was given up, once somebody has mended what it failed of. Raises Conflict for others."""
    with transaction.atomic():
        run = ReportRun.objects.select_for_update().get(pk=job.run_id)
        job = ReportJob.objects.select_for_update().get(pk=job.pk)
        if job.state != ReportState.FAILED:
            raise Conflict("report_not_failed", _("This report was not given up."))
        job.state, job.attempts, job.handed_at, job.ended_at = ReportState.WAITING, 0, None, None
        job.save(update_fields=["state", "attempts", "handed_at", "ended_at"])
        run.finished_at = None
        run.save(update_fields=["finished_at"])
        body = {"run": str(run), "language": job.language, "error": job.error}
        record(actor=Actor.person(user), action="report_job.again", subject=job, body=body)
    return job
