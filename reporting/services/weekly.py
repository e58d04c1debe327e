"""The only writer of weekly reports. What has been issued is stored and given again as it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import segno
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common import audit, clock
from common.audit import Actor, record
from common.components.charts import aging_bars
from common.documents import pdf_render
from common.exceptions import Refused
from reporting.models import WeeklyReport
from reporting.rules.weeks import Week
from reporting.selectors.figures import aging_compared, currencies_of, period_figures

LANGUAGES = ("ar", "en")
_LOCK = 0x5745_454B
_CHART_WIDTH = 260.0


def _text(value: Any) -> Any:
    """A context as JSON keeps it: exact amounts and dates as text."""
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value]
    if isinstance(value, (Decimal, dt.date)):
        return str(value)
    return value


def _figures(*, client: Client, week: Week) -> dict[str, Any]:
    last = week.before()
    return {
        "now": period_figures(client_id=client.pk, first=week.starts_on, last=week.ends_on),
        "before": period_figures(client_id=client.pk, first=last.starts_on, last=last.ends_on),
        "aging": {
            currency: aging_compared(client=client, on=week.ends_on, before=last.ends_on, currency=currency)
            for currency in currencies_of(client_id=client.pk)
        },
    }


def _drawn(*, figures: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The aging of each currency as bars, totals and rows, ready for the template."""
    sheets = []
    for currency, buckets in figures["aging"].items():
        bars = aging_bars(
            rows=[(b["bucket"], b["depth"], b["amount"], b["count"]) for b in buckets],
            before=[b["before"] for b in buckets],
            width=_CHART_WIDTH,
            rtl=language == "ar",
        )
        sheets.append(
            {
                "currency": currency,
                "bars": bars,
                "total": sum((b["amount"] for b in buckets), Decimal(0)),
                "count": sum(b["count"] for b in buckets),
            }
        )
    return sheets


def weekly_report(*, actor: Actor, client: Client, week: Week, language: str, reissue: str = "") -> WeeklyReport:
    """The report of one week in one language: the stored issue when there is one, else the first.

    ``reissue`` makes the next issue, with its reason. Raises Refused for a week that is not over and an unknown
    language.
    """
    if language not in LANGUAGES:
        raise Refused("language", _("Reports are written in Arabic and English."))
    if week.ends_on >= clock.today():
        raise Refused("week_not_over", _("This week is not over."))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, client.pk])
        stored = WeeklyReport.objects.filter(client=client, year=week.year, week=week.number, language=language)
        last = stored.order_by("-issue").first()
        if last is not None and not reissue.strip():
            return last
        issue = last.issue + 1 if last else 1
        figures = _figures(client=client, week=week)
        audit.seal()
        head = audit.head()
        number = f"{client.code}-W{week.number:02d}-{week.year}"
        issued_at = clock.now()
        context = {
            "client": {
                "name": client.name_ar if language == "ar" else client.name_en,
                "code": client.code,
                "policy": client.stage_policy.name_ar if language == "ar" else client.stage_policy.name_en,
            },
            "agency": settings.AGENCY[f"name_{language}"],
            "number": number,
            "issue": issue,
            "reason": reissue.strip(),
            "week": week,
            "figures": figures,
            "sheets": _drawn(figures=figures, language=language),
            "chart_width": _CHART_WIDTH,
            "head": head,
            "issued_at": issued_at,
            "LANG": language,
            "DIR": "rtl" if language == "ar" else "ltr",
            "qr": segno.make(f"{number}/{issue} {head.seq} {head.hash}", error="m").svg_inline(
                scale=2, border=0, dark="#10242B", svgclass=None, lineclass=None, omitsize=True
            ),
        }
        pdf, pages = pdf_render(template="pdf/weekly.html", context=context, language=language)
        report = WeeklyReport.objects.create(
            client=client,
            year=week.year,
            week=week.number,
            language=language,
            issue=issue,
            number=number,
            starts_on=week.starts_on,
            ends_on=week.ends_on,
            reason=reissue.strip(),
            context=_text(figures),
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            pages=pages,
            chain_seq=head.seq,
            chain_hash=head.hash,
            issued_at=issued_at,
        )
        record(
            actor=actor,
            action="weekly_report.issued",
            subject=report,
            body={"number": number, "language": language, "issue": issue, "sha256": report.sha256},
        )
    return report
