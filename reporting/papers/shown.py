"""A report as its page in the portal shows it: what was printed, read from what was kept; nothing is counted again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from clients.choices import PortalView
from clients.models import Client
from clients.rules.portal import view_opens
from reporting.choices import ReportKind
from reporting.kpis import FAMILY_OF, KPIS
from reporting.models import Report
from reporting.papers.assessment import sheets as segment_sheets
from reporting.selectors.baselines import baseline_days
from reporting.selectors.compared import BETWEEN
from reporting.selectors.portal import portfolio_stands_apart

# Families of KPIs whose facts are a client's to read, each with how far its agreement must look: rows of accounts in
# hand say how often and when one was spoken to. Complaints name questions of others: of these the figure is printed,
# and its rows are with the house.
PORTAL_FAMILIES: Mapping[str, PortalView] = {
    "contacts": PortalView.CONTACTS,
    "accounts": PortalView.CONTACTS,
    "promises": PortalView.CASES,
    "money": PortalView.CASES,
    "aging": PortalView.CASES,
    "rolls": PortalView.CASES,
    "cures": PortalView.CASES,
    "settlement": PortalView.CASES,
    "recovery": PortalView.CASES,
    "credit": PortalView.CASES,
}


def rows_open(*, code: str, client: Client) -> bool:
    """Whether the rows behind a figure are this client's to read in the portal, as far as its agreement looks."""
    family = FAMILY_OF[code].code if code in FAMILY_OF else ""
    return family in PORTAL_FAMILIES and view_opens(view=client.portal_view, least=PORTAL_FAMILIES[family])


def portal_report(*, report: Report, client: Client, rtl: bool) -> dict[str, Any]:
    """What a page shows of an issue, the addresses of the records behind it, and the other issues of its period. A
    figure whose rows the client may not read, or that counts other rows than any address opens, has none.
    """
    asked = {"from": report.starts_on, "to": report.ends_on, "known": report.issued_at.isoformat()}
    # A stock, and where it went, lie between two ends of days.
    between = {**asked, "from": report.starts_on - dt.timedelta(days=1)}
    others = Report.objects.filter(client_id=report.client_id, kind=report.kind, period=report.period)
    links = {"rows_of": urlencode(asked), "rows_between": urlencode(between)}
    return {
        **_SHOWN.get(report.kind, _period)(report=report, client=client, rtl=rtl, **links),
        **links,
        "others": others.exclude(pk=report.pk).defer("pdf", "context").order_by("language", "-issue"),
    }


def _money(figures: dict[str, Any], currency: str) -> Decimal:
    return next((Decimal(row["amount"]) for row in figures["payments"] if row["currency"] == currency), Decimal(0))


def _period(*, report: Report, client: Client, rtl: bool, rows_of: str, rows_between: str) -> dict[str, Any]:
    now, before = report.context["now"], report.context["before"]
    sheets = [
        {
            "currency": currency,
            "collected": _money(now, currency),
            "collected_before": _money(before, currency),
            "payments": next((row["count"] for row in now["payments"] if row["currency"] == currency), 0),
            "open": sum((Decimal(row["amount"]) for row in buckets), Decimal(0)),
            "open_before": sum((Decimal(row["before"]) for row in buckets), Decimal(0)),
            "items": sum(row["count"] for row in buckets),
        }
        for currency, buckets in report.context["aging"].items()
    ]
    kpis = [
        {
            "code": line["code"],
            "now": _told(line["now"]),
            "before": _told(line["before"]),
            "rows": rows_between if line["code"] in BETWEEN else rows_of,
            "opens": rows_open(code=line["code"], client=client),
        }
        for line in report.context.get("kpis", [])
    ]
    return {"now": now, "before": before, "sheets": sheets, "kpis": kpis}


def _told(kept: dict[str, Any]) -> dict[str, Any]:
    """A KPI as it was kept, its values numbers again."""
    value = kept["value"]
    currencies = [
        {**row, "value": None if row["value"] is None else Decimal(row["value"])} for row in kept["currencies"]
    ]
    return {**kept, "value": None if value is None else Decimal(value), "currencies": currencies}


def _numbers(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """A kept row with these amounts as numbers again."""
    return {**row, **{name: Decimal(row[name]) for name in names if row[name] is not None}}


def _brief(*, report: Report, client: Client, rtl: bool, rows_of: str, **_links: str) -> dict[str, Any]:
    names = ("placed", "collected", "promised", "share")
    apart = portfolio_stands_apart(client=client, placed_on=report.starts_on, until=report.ends_on)
    return {
        "figures": report.context,
        "money": [_numbers(row, *names) for row in report.context["money"]],
        "rows": f"{rows_of}&portfolio={report.starts_on}",
        "opens_attempts": apart and rows_open(code="RIGHT_PARTY_OF_ATTEMPTS", client=client),
        "opens_collected": apart and rows_open(code="RECOVERY_RATE", client=client),
    }


def _assessment(*, report: Report, client: Client, rtl: bool, **_links: str) -> dict[str, Any]:
    figures = {
        **report.context,
        "totals": [_numbers(row, "amount", "charged", "paid", "old") for row in report.context["totals"]],
        "segments": [_numbers(row, "amount", "largest", "share") for row in report.context["segments"]],
    }
    # What was found with this client stands on the days before; what the house found is of others.
    first, last = baseline_days(on=report.starts_on)
    asked = urlencode({"from": first, "to": last, "known": report.issued_at.isoformat()})
    kpis = [
        {
            **_numbers(line, "found", "target"),
            "kpi": KPIS[line["code"]],
            "rows": asked if line["of"] == "client" and rows_open(code=line["code"], client=client) else "",
        }
        for line in figures["baselines"]
    ]
    return {"figures": figures, "sheets": segment_sheets(figures, rtl=rtl), "kpis": kpis}


_SHOWN: Mapping[str, Callable[..., dict[str, Any]]] = {ReportKind.BRIEF: _brief, ReportKind.ASSESSMENT: _assessment}
