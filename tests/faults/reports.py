"""The reports of a week, the whole machine killed half way: what stands afterwards, and how long it took."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import Counter
from typing import Any

from django.db.models import F

from clients.models import Client
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import Message
from reporting.choices import ReportState
from reporting.models import Report, ReportJob, ReportRun
from reporting.rules.weeks import Week
from reporting.services.runs import LOST_AFTER
from tests.faults.house import House, until
from tests.faults.world import book_rows
from tests.world import make_client, place


def build_clients(*, count: int, today: dt.date, rows: int = 20) -> None:
    """So many clients, each with an open book of its own."""
    for n in range(count):
        place(make_client(f"C{n:03d}"), book_rows(rows, today=today))
    nightly_run(date=today)


def _issued() -> int:
    return ReportJob.objects.filter(state=ReportState.ISSUED).count()


def killed_half_way(*, house: House, wanted: int) -> dict[str, Any]:
    """Begin the week as beat does, kill everything at half, go on with a new machine; what is wrong, and seconds."""
    began = time.monotonic()
    house.worker()
    house.send("reporting.weekly")
    until(lambda: _issued() >= wanted // 2, seconds=600, say="for half of the reports")
    house.kill_machine()
    stood, seals = _issued(), dict(Report.objects.values_list("pk", "sha256"))
    assert stood < wanted, "it was killed before the end"
    run = ReportRun.objects.get()
    assert run.finished_at is None
    # Ten minutes later: what the dead machine had in hand counts as lost.
    ReportJob.objects.filter(state=ReportState.WAITING).update(handed_at=F("handed_at") - LOST_AFTER)
    house.worker()
    until(lambda: ReportRun.objects.filter(finished_at__isnull=False).exists() or house.send("reporting.sweep"),
          seconds=600, every=1, say="for the rest")  # fmt: skip
    wrong = _wrong(wanted=wanted, seals=seals)
    return {"stood": stood, "made": len(seals), "wrong": wrong, "seconds": round(time.monotonic() - began, 1)}


def _wrong(*, wanted: int, seals: dict[int, str]) -> list[str]:
    """Every gap, every double, everything that was made again or does not hold."""
    wrong: list[str] = []
    week = Week.of(on=clock.today()).before()
    found = Counter(Report.objects.values_list("client__code", "language", "issue"))
    codes = Client.objects.values_list("code", flat=True)
    expected = Counter((code, language, 1) for code in codes for language in ("ar", "en"))
    if found != expected or sum(expected.values()) != wanted:
        wrong.append(f"reports: {sorted((found - expected) + (expected - found))[:5]}")
    if Report.objects.exclude(kind=week.kind, period=week.label).exists():
        wrong.append("a report of another week")
    wrong += [f"made again: {key}" for key, sha in seals.items() if Report.objects.get(pk=key).sha256 != sha]
    for report in Report.objects.iterator(chunk_size=20):
        if hashlib.sha256(bytes(report.pdf)).hexdigest() != report.sha256:
            wrong.append(f"seal: {report.number}")
    jobs = ReportJob.objects.filter(
        state=ReportState.ISSUED, report__client=F("client"), report__language=F("language")
    )
    if jobs.count() != wanted:
        wrong.append(f"jobs: {jobs.count()} of {wanted}")
    twice = [key for key, count in Counter(Message.objects.values_list("once_key", flat=True)).items() if count > 1]
    return wrong + [f"told twice: {key}" for key in twice]
