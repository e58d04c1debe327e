"""Reports on schedule: one task a client and language, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from clients.choices import ClientStatus
from clients.models import Client
from common import clock
from common.audit import Actor
from reporting.rules.weeks import Week
from reporting.services.weekly import LANGUAGES, weekly_report


@shared_task(name="reporting.weekly")
def weekly_task(week: str | None = None) -> int:
    """Ask for the reports of a week (the last that is over when not given), client by client."""
    wanted = Week.parse(week) if week else Week.of(on=clock.today()).before()
    ids = list(Client.objects.filter(status=ClientStatus.ACTIVE, book_date__isnull=False).values_list("pk", flat=True))
    for client_id in ids:
        for language in LANGUAGES:
            weekly_one_task.delay(client_id, wanted.label, language)
    return len(ids)


@shared_task(name="reporting.weekly_one")
def weekly_one_task(client_id: int, week: str, language: str) -> str:
    """One client's report; the stored issue when it was made before."""
    report = weekly_report(
        actor=Actor.system("weekly"),
        client=Client.objects.get(pk=client_id),
        week=Week.parse(week),
        language=language,
    )
    return report.sha256
