"""Who is told of a report, and how they say that they do not want to be."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from clients.models import Client, ClientUser
from common import clock
from common.audit import Actor, record
from common.choices import MessageChannel
from common.exceptions import Refused
from common.outbox import Recipient, message_queue
from reporting.choices import ReportKind
from reporting.models import Report, ReportReader
from reporting.rules.messages import REPORT_ISSUED, WEEKLY_ISSUED

logger = logging.getLogger(__name__)


def readers_of(*, report: Report) -> QuerySet[User]:
    """The client's own people who read the language of a report and did not say no."""
    theirs = ClientUser.objects.filter(client_id=report.client_id).values("user")
    return User.objects.filter(pk__in=theirs, is_active=True, language=report.language).exclude(
        report_reader__told_of_reports=False
    )


def readers_told(*, actor: Actor, report: Report) -> int:
    """Write each reader the link to a report, in the caller's transaction; the number of messages. Never twice."""
    to = {"ar": "إلى", "en": "to"}[report.language]
    values = {
        "number": report.number,
        "period": f"{report.starts_on} {to} {report.ends_on}",
        "link": f"{settings.PUBLIC_URL}{reverse('portal_report', args=[report.pk])}",
    }
    kind = WEEKLY_ISSUED
    if report.kind != ReportKind.WEEKLY:
        with translation.override(report.language):
            kind, values["title"] = REPORT_ISSUED, str(ReportKind(report.kind).label)
    count = 0
    for user in readers_of(report=report).order_by("pk"):
        try:
            message_queue(
                actor=actor,
                client_id=report.client_id,
                subject=report,
                template=kind.code,
                language=report.language,
                channel=MessageChannel.EMAIL,
                to=Recipient(address=user.email),
                values=values,
                once_key=f"report:{report.pk}:{user.pk}",
            )
        except Refused as refusal:
            # One reader who cannot be written to holds up neither the report nor the others.
            logger.warning("report %d: reader %d is not told: %s", report.pk, user.pk, refusal.code)
        else:
            count += 1
    return count


def reader_choose(*, user: User, client: Client, told_of_reports: bool) -> ReportReader:
    """What a client's person wants to be told of."""
    with transaction.atomic():
        reader, _made = ReportReader.objects.update_or_create(
            user=user, defaults={"told_of_reports": told_of_reports, "changed_at": clock.now()}
        )
        record(
            actor=Actor.person(user), action="report_reader.chosen", subject=reader,
            client_id=client.pk, body={"told_of_reports": told_of_reports},
        )  # fmt: skip
    return reader
