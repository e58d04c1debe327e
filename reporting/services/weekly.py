"""The only writer of weekly reports. What has been issued is stored and given again as it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import segno
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from clients.selectors.stage_policies import policies_ruling
from common import clock
from common.anchors import Anchor, anchor
from common.audit import Actor, record
from common.components.charts import aging_bars
from common.components.format import bdi
from common.db import rows
from common.documents import pdf_render
from common.exceptions import Refused
from reporting.choices import TargetCode
from reporting.models import WeeklyReport
from reporting.rules.changes import change_percent, change_points
from reporting.rules.weeks import Week
from reporting.selectors.figures import aging_compared, currencies_of, period_detail, period_figures
from reporting.selectors.targets import targets_ruling
from reporting.selectors.week import legal_of_week, matters_of_week, movements, proposals_of_week, restated

LANGUAGES = ("ar", "en")
_LOCK = 0x5745_454B
_CHART_WIDTH = 300.0
_DAY_WIDTH = 190.0
LONGEST_REASON = 300


def _text(value: Any) -> Any:
    """A context as JSON keeps it: exact amounts and dates as text."""
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value]
    if isinstance(value, (Decimal, dt.date)):
        return str(value)
    return value


def _figures(*, client: Client, week: Week, language: str) -> dict[str, Any]:
    last, now = week.before(), clock.now()
    aging = {
        currency: aging_compared(client=client, on=week.ends_on, before=last.ends_on, currency=currency)
        for currency in currencies_of(client_id=client.pk)
    }
    return {
        "now": period_figures(client_id=client.pk, first=week.starts_on, last=week.ends_on),
        "before": period_figures(client_id=client.pk, first=last.starts_on, last=last.ends_on),
        "detail": period_detail(client_id=client.pk, first=week.starts_on, last=week.ends_on),
        "aging": aging,
        "targets": {
            " ".join(key).strip(): target.value
            for key, target in targets_ruling(client_id=client.pk, on=week.ends_on).items()
        },
        "movements": movements(client_id=client.pk, week=week, now=now),
        "legal": legal_of_week(client_id=client.pk, week=week),
        "matters": matters_of_week(client_id=client.pk, week=week, now=now),
        "proposals": proposals_of_week(client_id=client.pk, week=week),
        "restated": restated(report=_printed(client=client, week=last, language=language), aging=aging),
    }


def _printed(*, client: Client, week: Week, language: str) -> WeeklyReport | None:
    """The last issue of a week, in this language where there is one."""
    issued = WeeklyReport.objects.filter(client=client, year=week.year, week=week.number).defer("pdf")
    return issued.order_by("-issue").filter(language=language).first() or issued.order_by("-issue").first()


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
        total, before = (sum((b[name] for b in buckets), Decimal(0)) for name in ("amount", "before"))
        sheets.append(
            {
                "currency": currency,
                "bars": bars,
                "total": total,
                "count": sum(b["count"] for b in buckets),
                "change": change_percent(now=total, before=before, more_is_better=False),
            }
        )
    return sheets


def _money_of(payments: list[dict[str, Any]], currency: str) -> Decimal:
    return next((p["amount"] for p in payments if p["currency"] == currency), Decimal(0))


def _boxes(*, figures: dict[str, Any], sheets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The headline figures: what was collected in each currency, then shares and counts, each with its move."""
    now, before = figures["now"], figures["before"]
    boxes: list[dict[str, Any]] = [
        {
            "kind": "money",
            "name": "collected",
            "value": _money_of(now["payments"], currency),
            "currency": currency,
            "count": next((p["count"] for p in now["payments"] if p["currency"] == currency), 0),
            "before": _money_of(before["payments"], currency),
            "target": figures["targets"].get(f"COLLECTED {currency}"),
            "change": change_percent(
                now=_money_of(now["payments"], currency), before=_money_of(before["payments"], currency)
            ),
        }
        for currency in figures["aging"]
    ]
    for name, code, rate, part, whole in (
        (
            "reached",
            TargetCode.RIGHT_PARTY,
            "right_party_rate",
            now["contacts"]["right_party"],
            now["contacts"]["attempts"],
        ),
        ("kept", TargetCode.PROMISE_KEPT, "kept_rate", now["promises"]["kept"], now["promises"]["due"]),
    ):
        boxes.append(
            {
                "kind": "share",
                "name": name,
                "value": now[rate],
                "part": part,
                "whole": whole,
                "before": before[rate],
                "target": figures["targets"].get(code.value),
                "change": change_points(now=now[rate], before=before[rate]),
            }
        )
    for name, figure, was in (
        ("contacts", now["contacts"]["attempts"], before["contacts"]["attempts"]),
        ("promises", now["promises"]["made"], before["promises"]["made"]),
    ):
        boxes.append(
            {
                "kind": "count",
                "name": name,
                "value": figure,
                "before": was,
                "change": change_percent(now=figure, before=was),
            }
        )
    boxes += [
        {
            "kind": "money",
            "name": "open",
            "value": sheet["total"],
            "currency": sheet["currency"],
            "count": sheet["count"],
            "before": sum((row["before"] for row in figures["aging"][sheet["currency"]]), Decimal(0)),
            "change": sheet["change"],
        }
        for sheet in sheets
    ]
    return boxes


def _days(*, figures: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The days of the week with a bar for what came in, in the currency that most came in."""
    days = figures["detail"]["days"]
    payments = figures["now"]["payments"]
    main = payments[0]["currency"] if payments else ""
    bars = aging_bars(
        rows=[(str(day["on"]), 3, _money_of(day["collected"], main), day["payments"]) for day in days],
        width=_DAY_WIDTH,
        rtl=language == "ar",
    )
    return [{**day, "bar": bar} for day, bar in zip(days, bars, strict=True)]


def _lead(*, figures: dict[str, Any], sheets: list[dict[str, Any]], language: str) -> SafeString:
    """The week in two or three sentences, said from the figures alone."""
    now, before = figures["now"], figures["before"]
    with translation.override(language):
        said = []
        for sheet in sheets[:1]:
            collected, was = (_money_of(figure["payments"], sheet["currency"]) for figure in (now, before))
            move = change_percent(now=collected, before=was)
            if move is None:
                said.append(gettext("Collection began this week.") if collected else gettext("Nothing came in."))
            else:
                said.append(
                    _said(
                        move.direction,
                        move.by,
                        gettext("Collection rose by {by} on the week before."),
                        gettext("Collection fell by {by} on the week before."),
                        gettext("Collection stayed as it was the week before."),
                        "%",
                    )
                )
        kept = change_points(now=now["kept_rate"], before=before["kept_rate"])
        if kept is not None:
            said.append(
                _said(
                    kept.direction,
                    kept.by,
                    gettext("The share of promises kept rose by {by} points."),
                    gettext("The share of promises kept fell by {by} points."),
                    gettext("The share of promises kept did not change."),
                )
            )
        elif now["kept_rate"] is None:
            said.append(gettext("No promise fell due."))
        for sheet in sheets[:1]:
            if sheet["change"] is not None:
                said.append(
                    _said(
                        sheet["change"].direction,
                        sheet["change"].by,
                        gettext("The open balance grew by {by}."),
                        gettext("The open balance shrank by {by}."),
                        gettext("The open balance did not change."),
                        "%",
                    )
                )
        return format_html_join(" ", "{}", ((sentence,) for sentence in said))


def _said(direction: int, by: Decimal, up: str, down: str, same: str, sign: str = "") -> SafeString:
    """The sentence that fits the move."""
    return format_html({1: up, -1: down, 0: same}[direction], by=bdi(f"{abs(by)}{sign}"))


def _rows_of_three(boxes: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """Boxes as rows; the last one filled up with nothing."""
    filled: list[dict[str, Any] | None] = [*boxes, *([None] * (-len(boxes) % 3))]
    return [filled[at : at + 3] for at in range(0, len(filled), 3)]


def _qr(text: str) -> str:
    return str(
        segno.make(text, error="m").svg_inline(
            scale=2, border=0, dark="#10242B", svgclass=None, lineclass=None, omitsize=True
        )
    )


def _next_key() -> int:
    """The key of the report that is being made: its page's address stands on its own paper."""
    return int(rows("SELECT nextval(pg_get_serial_sequence('reporting_weeklyreport', 'id')) AS key", {})[0]["key"])


def _address(*, key: int, sealed: Anchor) -> str:
    """Where a signed-in client finds the report with the records behind it; then the head that stands on the paper."""
    return f"{settings.PUBLIC_URL}{reverse('portal_report', args=[key])}#{sealed.seq}-{sealed.hash[:16]}"


def _policy_names(*, client: Client, on: dt.date, language: str) -> list[str]:
    """The ladders that ruled the client's book on a day; a product's own with the product."""
    return [
        f"{product}: {name}" if product else name
        for product, policy in policies_ruling(client_id=client.pk, on=on)
        for name in [policy.name_ar if language == "ar" else policy.name_en]
    ]


def _page(*, client: Client, week: Week, figures: dict[str, Any], language: str) -> dict[str, Any]:
    """What the pages show of the figures, in one language."""
    sheets = _drawn(figures=figures, language=language)
    return {
        "LANG": language,
        "DIR": "rtl" if language == "ar" else "ltr",
        "agency": settings.AGENCY[f"name_{language}"],
        "client": {
            "name": client.name_ar if language == "ar" else client.name_en,
            "code": client.code,
            "policy": " · ".join(_policy_names(client=client, on=week.ends_on, language=language)),
        },
        "figures": figures,
        "sheets": sheets,
        "lead": _lead(figures=figures, sheets=sheets, language=language),
        "box_rows": _rows_of_three(_boxes(figures=figures, sheets=sheets)),
        "payment_count": sum(p["count"] for p in figures["now"]["payments"]),
        "days": _days(figures=figures, language=language),
        "accounts": sum(sheet["count"] for sheet in sheets),
        "chart_width": _CHART_WIDTH,
        "day_width": _DAY_WIDTH,
    }


def weekly_report(*, actor: Actor, client: Client, week: Week, language: str, reissue: str = "") -> WeeklyReport:
    """The report of one week in one language: the stored issue when there is one, else the first.

    ``reissue`` makes the next issue, with its reason. Raises Refused for a week that is not over, an unknown language
    and a reason that is too long.
    """
    reason = reissue.strip()
    if language not in LANGUAGES:
        raise Refused("language", _("Reports are written in Arabic and English."))
    if week.ends_on >= clock.today():
        raise Refused("week_not_over", _("This week is not over."))
    if len(reason) > LONGEST_REASON:
        raise Refused("reissue_reason", _("The reason of a new issue is 300 letters at most."))
    stored = WeeklyReport.objects.filter(client=client, year=week.year, week=week.number, language=language)
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
        figures = _figures(client=client, week=week, language=language)
        number = f"{client.code}-W{week.number:02d}-{week.year}"
        issued_at, key = clock.now(), _next_key()
        context = {
            **_page(client=client, week=week, figures=figures, language=language),
            "number": number,
            "issue": issue,
            "reason": reason if issue > 1 else "",
            "week": week,
            "anchor": sealed,
            "qr": _qr(_address(key=key, sealed=sealed)),
            "issued_at": issued_at.astimezone(clock.RIYADH),
        }
        mark = client.logos.first()
        given = {"logo": ("image/png", bytes(mark.content))} if mark is not None and mark.width else {}
        context |= {"logo": bool(given)}
        pdf, pages = pdf_render(template="pdf/weekly.html", context=context, language=language, given=given)
        report = WeeklyReport.objects.create(
            pk=key,
            client=client,
            year=week.year,
            week=week.number,
            language=language,
            issue=issue,
            number=number,
            starts_on=week.starts_on,
            ends_on=week.ends_on,
            reason=reason,
            context=_text(figures),
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            pages=pages,
            chain_seq=sealed.seq,
            chain_hash=sealed.hash,
            issued_at=issued_at,
        )
        record(
            actor=actor,
            action="weekly_report.issued",
            subject=report,
            body={"number": number, "language": language, "issue": issue, "sha256": report.sha256, "reason": reason},
        )
    return report
