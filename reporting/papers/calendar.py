"""The papers of the calendar: a week, a month, a quarter; each stands to the one before it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clients.models import Client
from common import clock
from common.components.charts import aging_bars
from reporting.choices import TargetCode
from reporting.models import Report
from reporting.papers.base import Paper, head, in_rows, said
from reporting.papers.words import WORDINGS, Wording
from reporting.rules.changes import change_percent, change_points
from reporting.rules.periods import Calendar, Month, Quarter
from reporting.rules.weeks import Week
from reporting.selectors.compared import kpis_compared, recovered, stairs_of
from reporting.selectors.customers import customers_of_period
from reporting.selectors.figures import aging_compared, currencies_of, period_detail, period_figures
from reporting.selectors.forecasts import forecasts_of
from reporting.selectors.period import legal_of_period, matters_of_period, movements, proposals_of_period, restated
from reporting.selectors.reviews import review_followed, review_printed
from reporting.selectors.targets import targets_ruling

_CHART_WIDTH = 300.0
_PART_WIDTH = 190.0


def _figures(client: Client, period: Calendar, language: str) -> dict[str, Any]:
    last, now = period.before(), clock.now()
    aging = {
        currency: aging_compared(client=client, on=period.ends_on, before=last.ends_on, currency=currency)
        for currency in currencies_of(client_id=client.pk)
    }
    return {
        "now": period_figures(client_id=client.pk, first=period.starts_on, last=period.ends_on),
        "before": period_figures(client_id=client.pk, first=last.starts_on, last=last.ends_on),
        "detail": period_detail(client_id=client.pk, parts=_stretches(period)),
        "aging": aging,
        "targets": _targets(client=client, period=period),
        "movements": movements(client_id=client.pk, period=period, now=now),
        "legal": legal_of_period(client_id=client.pk, period=period),
        "matters": matters_of_period(client_id=client.pk, period=period, now=now),
        "proposals": proposals_of_period(client_id=client.pk, period=period),
        "restated": restated(report=_printed(client=client, period=last, language=language), aging=aging),
    }


def _stretches(period: Calendar) -> list[tuple[dt.date, dt.date]]:
    """A week by its days, a month by its weeks, a quarter by its months: first and last day of each."""
    if isinstance(period, Quarter):
        return [(month.starts_on, month.ends_on) for month in period.months()]
    if isinstance(period, Week):
        days = (period.starts_on + dt.timedelta(days=n) for n in range(7))
        return [(day, day) for day in days]
    found, first = [], period.starts_on
    while first <= period.ends_on:
        last = min(Week.of(on=first).ends_on, period.ends_on)
        found.append((first, last))
        first = last + dt.timedelta(days=1)
    return found


def _targets(*, client: Client, period: Calendar) -> dict[str, Decimal]:
    """What was agreed and ruled at its end; money is agreed for a week and stands beside a week alone."""
    ruling = targets_ruling(client_id=client.pk, on=period.ends_on)
    return {
        " ".join(key).strip(): target.value
        for key, target in ruling.items()
        if isinstance(period, Week) or target.code != TargetCode.COLLECTED
    }


def _month_figures(client: Client, period: Month, language: str) -> dict[str, Any]:
    return {
        **_figures(client, period, language),
        "kpis": kpis_compared(client_id=client.pk, period=period, now=clock.now()),
        "recovered": recovered(client_id=client.pk, period=period, now=clock.now()),
        "customers": customers_of_period(client_id=client.pk, period=period),
        "forecasts": forecasts_of(client_id=client.pk, on=period.ends_on),
    }


def _quarter_figures(client: Client, period: Quarter, language: str) -> dict[str, Any]:
    return {
        **_month_figures(client, period, language),  # type: ignore[arg-type]
        "stairs": stairs_of(client_id=client.pk, period=period, now=clock.now()),
        "review": review_printed(client_id=client.pk, quarter=period.label),
        "followed": review_followed(client_id=client.pk, quarter=period.before().label),
    }


def _printed(*, client: Client, period: Calendar, language: str) -> Report | None:
    """The last issue of a period, in this language where there is one."""
    issued = Report.objects.filter(client=client, kind=period.kind, period=period.label).defer("pdf")
    return issued.order_by("-issue").filter(language=language).first() or issued.order_by("-issue").first()


def _sheets(*, figures: dict[str, Any], language: str) -> list[dict[str, Any]]:
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


def _parts(*, figures: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The days, weeks or months of the period with a bar for what came in, in the currency that most came in."""
    parts = figures["detail"]["parts"]
    payments = figures["now"]["payments"]
    main = payments[0]["currency"] if payments else ""
    bars = aging_bars(
        rows=[(str(part["first"]), 3, _money_of(part["collected"], main), part["payments"]) for part in parts],
        width=_PART_WIDTH,
        rtl=language == "ar",
    )
    return [{**part, "bar": bar} for part, bar in zip(parts, bars, strict=True)]


def _lead(*, figures: dict[str, Any], sheets: list[dict[str, Any]], words: Wording, language: str) -> SafeString:
    """The period in two or three sentences, said from the figures alone."""
    now, before = figures["now"], figures["before"]
    with translation.override(language):
        told = []
        for sheet in sheets[:1]:
            collected, was = (_money_of(figure["payments"], sheet["currency"]) for figure in (now, before))
            move = change_percent(now=collected, before=was)
            if move is None:
                told.append(str(words.began) if collected else gettext("Nothing came in."))
            else:
                rose, fell, stayed = str(words.rose), str(words.fell), str(words.stayed)
                told.append(said(move.direction, move.by, up=rose, down=fell, same=stayed, sign="%"))
        kept = change_points(now=now["kept_rate"], before=before["kept_rate"])
        if kept is not None:
            told.append(
                said(
                    kept.direction,
                    kept.by,
                    up=gettext("The share of promises kept rose by {by} points."),
                    down=gettext("The share of promises kept fell by {by} points."),
                    same=gettext("The share of promises kept did not change."),
                )
            )
        elif now["kept_rate"] is None:
            told.append(gettext("No promise fell due."))
        for sheet in sheets[:1]:
            if sheet["change"] is not None:
                told.append(
                    said(
                        sheet["change"].direction,
                        sheet["change"].by,
                        up=gettext("The open balance grew by {by}."),
                        down=gettext("The open balance shrank by {by}."),
                        same=gettext("The open balance did not change."),
                        sign="%",
                    )
                )
        return format_html_join(" ", "{}", ((sentence,) for sentence in told))


def _page(client: Client, period: Calendar, figures: dict[str, Any], language: str) -> dict[str, Any]:
    """What the pages show of the figures, in one language."""
    sheets, words = _sheets(figures=figures, language=language), WORDINGS[period.kind]
    return {
        **head(client=client, on=period.ends_on, language=language),
        "words": words,
        "figures": figures,
        "sheets": sheets,
        "lead": _lead(figures=figures, sheets=sheets, words=words, language=language),
        "box_rows": in_rows(_boxes(figures=figures, sheets=sheets)),
        "payment_count": sum(p["count"] for p in figures["now"]["payments"]),
        "parts": _parts(figures=figures, language=language),
        "accounts": sum(sheet["count"] for sheet in sheets),
        "chart_width": _CHART_WIDTH,
        "part_width": _PART_WIDTH,
    }


WEEKLY = Paper(
    template="pdf/weekly.html",
    code=lambda week: f"W{week.number:02d}-{week.year}",
    figures=_figures,
    drawn=_page,
)
MONTHLY = Paper(
    template="pdf/monthly.html",
    code=lambda month: f"M{month.number:02d}-{month.year}",
    figures=_month_figures,
    drawn=_page,
)
QUARTERLY = Paper(
    template="pdf/quarterly.html",
    code=lambda quarter: f"Q{quarter.number}-{quarter.year}",
    figures=_quarter_figures,
    drawn=_page,
)
