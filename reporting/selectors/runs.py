"""How far the reports of a week are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from reporting.choices import ReportState
from reporting.models import ReportJob, ReportRun


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A run with what it wants, what is issued, and what was given up."""

    run: ReportRun
    wanted: int
    issued: int
    failed: int
    seconds: float | None

    @property
    def is_live(self) -> bool:
        return self.run.finished_at is None

    @property
    def percent(self) -> int:
        """Whole percents that are issued; a hundred once all are."""
        return self.issued * 100 // self.wanted if self.wanted else 100


def runs_told(*, most: int = 6) -> list[Progress]:
    """The last runs, the newest week first, in two statements."""
    runs = list(ReportRun.objects.select_related("begun_by")[:most])
    counted = {
        row["run"]: row
        for row in ReportJob.objects.filter(run__in=runs)
        .order_by()
        .values("run")
        .annotate(
            wanted=Count("pk"),
            issued=Count("pk", filter=Q(state=ReportState.ISSUED)),
            failed=Count("pk", filter=Q(state=ReportState.FAILED)),
        )
    }
    found = []
    for run in runs:
        row = counted.get(run.pk)
        found.append(
            Progress(
                run=run,
                wanted=row["wanted"] if row else 0,
                issued=row["issued"] if row else 0,
                failed=row["failed"] if row else 0,
                seconds=(run.finished_at - run.begun_at).total_seconds() if run.finished_at else None,
            )
        )
    return found


def jobs_failed() -> QuerySet[ReportJob]:
    """What was given up and waits for a person."""
    return ReportJob.objects.filter(state=ReportState.FAILED).select_related("client", "run")
