"""The only writer of reports. What has been issued is stored and given again as it is (ADR 0012, ADR 0050)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common import clock
from common.anchors import Anchor, anchor
from common.audit import Actor, record
from common.db import rows
from common.documents import pdf_render
from common.exceptions import Refused
from reporting.models import Report
from reporting.papers import LANGUAGES, PAPERS, kept, qr
from reporting.rules.periods import Calendar, Placed
from reporting.services.readers import readers_told

_LOCK = 0x5745_454B
LONGEST_REASON = 300


def _next_key() -> int:
    """The key of the report that is being made: its page's address stands on its own paper."""
    return int(rows("SELECT nextval(pg_get_serial_sequence('reporting_report', 'id')) AS key", {})[0]["key"])


def _address(*, key: int, sealed: Anchor) -> str:
    """Where a signed-in client finds the report with the records behind it; then the head that stands on the paper."""
    return f"{settings.PUBLIC_URL}{reverse('portal_report', args=[key])}#{sealed.seq}-{sealed.hash[:16]}"


def _check(*, period: Calendar | Placed, language: str, reason: str) -> None:
    if language not in LANGUAGES:
        raise Refused("language", _("Reports are written in Arabic and English."))
    if period.made_from > clock.today():
        raise Refused("period_not_over", _("The time this report is about is not over."))
    if len(reason) > LONGEST_REASON:
        raise Refused("reissue_reason", _("The reason of a new issue is 300 letters at most."))


def report_issue(
    *, actor: Actor, client: Client, period: Calendar | Placed, language: str, reissue: str = ""
) -> Report:
    """The report of a week, month, quarter or placed portfolio in one language: the stored issue when there is one,
    else the first.

    ``reissue`` makes the next issue, with its reason. Raises Refused for a period that is not over, an unknown language
    and a reason that is too long.
    """
    reason = reissue.strip()
    _check(period=period, language=language, reason=reason)
    stored = Report.objects.filter(client=client, kind=period.kind, period=period.label, language=language)
    if not reason and (found := stored.order_by("-issue").first()) is not None:
        return found
    # The seal has its own short transaction: held to the end of this one it would keep every other report waiting.
    sealed = anchor()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, client.pk])
        last = stored.order_by("-issue").first()
        if last is not None and not reason:
            return last
        issue = last.issue + 1 if last else 1
        paper = PAPERS[period.kind]
        figures = paper.figures(client, period, language)
        number = paper.number(client=client, period=period)
        issued_at, key = clock.now(), _next_key()
        context = {
            **paper.drawn(client, period, figures, language),
            "number": number,
            "issue": issue,
            "reason": reason if issue > 1 else "",
            "period": period,
            "anchor": sealed,
            "qr": qr(_address(key=key, sealed=sealed)),
            "issued_at": issued_at.astimezone(clock.RIYADH),
        }
        mark = client.logos.first()
        given = {"logo": ("image/png", bytes(mark.content))} if mark is not None and mark.width else {}
        context |= {"logo": bool(given)}
        pdf, pages = pdf_render(template=paper.template, context=context, language=language, given=given)
        report = Report.objects.create(
            pk=key,
            client=client,
            kind=period.kind,
            period=period.label,
            language=language,
            issue=issue,
            number=number,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            reason=reason,
            context=kept(figures),
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            pages=pages,
            chain_seq=sealed.seq,
            chain_hash=sealed.hash,
            issued_at=issued_at,
        )
        record(
            actor=actor,
            action="report.issued",
            subject=report,
            body={
                "kind": str(period.kind), "number": number, "language": language, "issue": issue,
                "sha256": report.sha256, "reason": reason,
            },
        )  # fmt: skip
    return report


def report_send(
    *, actor: Actor, client: Client, period: Calendar | Placed, reissue: Mapping[str, str] | None = None
) -> list[Report]:
    """A report in both languages, its readers told: the stored issue, or the next where ``reissue`` has the reason in
    that language. Raises Refused as ``report_issue`` does.
    """
    found = []
    for language in LANGUAGES:
        reason = (reissue or {}).get(language, "")
        report = report_issue(actor=actor, client=client, period=period, language=language, reissue=reason)
        with transaction.atomic():
            readers_told(actor=actor, report=report)
        found.append(report)
    return found
