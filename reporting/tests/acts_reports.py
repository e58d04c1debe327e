"""What each act on reports leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.choices import Role
from clients.models import Client
from common import clock
from reporting.choices import ReportState, TargetCode
from reporting.models import ReportJob, ReportRun
from reporting.rules.weeks import Week
from reporting.services.readers import reader_choose, readers_told
from reporting.services.reports import report_issue
from reporting.services.runs import job_again, job_do, run_begin
from reporting.services.targets import target_agree
from tests.world import ACTOR, make_user


def _last(w: Any) -> Week:
    return Week.of(on=w.today).before()


def a_job(client: Client, *, state: str = ReportState.WAITING) -> ReportJob:
    """One report that the last week wants of a client."""
    week = Week.of(on=clock.today()).before()
    run, _made = ReportRun.objects.get_or_create(kind=week.kind, period=week.label, defaults={"begun_at": clock.now()})
    return ReportJob.objects.create(run=run, client=client, language="ar", state=state)


def _told(w: Any) -> Any:
    with transaction.atomic():
        return readers_told(
            actor=ACTOR, report=report_issue(actor=ACTOR, client=w.client, period=_last(w), language="ar")
        )


def _reader(w: Any) -> Any:
    return make_user(Role.CLIENT_USER, client=w.client, name="reader")


Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]

ACTS: dict[str, Act] = {
    "reporting.report_issue": (
        None,
        lambda w: report_issue(actor=ACTOR, client=w.client, period=_last(w), language="ar"),
        {"report.issued": 1},
    ),
    "reporting.run_begin": (None, lambda w: run_begin(actor=ACTOR, period=_last(w)), {"report_run.begun": 1}),
    "reporting.job_do": (
        lambda w: a_job(w.client),
        lambda w, job: job_do(job_id=job.pk),
        {"report.issued": 1, "report_run.finished": 1, "message.queued": 1},
    ),
    "reporting.job_again": (
        lambda w: a_job(w.client, state=ReportState.FAILED),
        lambda w, job: job_again(user=w.manager, job=job),
        {"report_job.again": 1},
    ),
    "reporting.reader_choose": (
        _reader,
        lambda w, user: reader_choose(user=user, client=w.client, told_of_reports=False),
        {"report_reader.chosen": 1},
    ),
    "reporting.target_agree": (
        None,
        lambda w: target_agree(
            user=w.manager, client=w.client, code=TargetCode.PROMISE_KEPT, value=Decimal(60), starts_on=w.today,
            agreed_in="محضر اجتماع",
        ),
        {"target.agreed": 1},
    ),
    "reporting.readers_told": (_reader, lambda w, user: _told(w), {"report.issued": 1, "message.queued": 2}),
}  # fmt: skip
WITHIN = {
    "reporting.readers_of": "reads",
    "reporting.jobs_hand_over": "hands out what was wanted; the report that comes of it is an act",
}
