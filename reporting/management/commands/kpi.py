"""KPIs of a client and period, as known now or at a moment; each with its numerator, denominator and rows."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collections_app.management import asked
from common import clock
from reporting.kpis import KPIS, Ask, Figure, Unit, kpi_figures


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", required=True)
        parser.add_argument("--from", required=True, dest="first", help="YYYY-MM-DD, included")
        parser.add_argument("--to", required=True, dest="last", help="YYYY-MM-DD, included")
        parser.add_argument("--code", action="append", default=[], help="only this KPI (may be repeated)")
        parser.add_argument("--known-at", help="as it was known at this moment, ISO (Riyadh unless it says otherwise)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = asked.client_of(options["client"])
        first, last = asked.day_of(options["first"]), asked.day_of(options["last"])
        if last < first:
            raise CommandError(f"{last} is before {first}.")
        if last == dt.date.max:
            raise CommandError(f"{last} has no day after it.")
        codes = [code.upper() for code in options["code"]]
        if unknown := [code for code in codes if code not in KPIS]:
            raise CommandError(f"There is no KPI {unknown[0]}; there are {', '.join(KPIS)}.")
        known_at = asked.moment_of(options["known_at"])
        ask = Ask(client_id=client.pk, first=first, last=last, now=clock.now(), known_at=known_at)
        figures = kpi_figures(ask=ask, codes=codes)
        if options["json"]:
            self.stdout.write(json.dumps([_told(figure) for figure in figures], ensure_ascii=False))
            return
        for figure in figures:
            value = "–" if figure.value is None else f"{figure.value:f}"
            self.stdout.write(f"{figure.kpi.code:28} {figure.kpi.unit:6} {value:>18}")


def _told(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.kpi.code,
        "unit": str(figure.kpi.unit),
        "value": _number(figure.value, money=figure.kpi.unit == Unit.MONEY),
        "numerator": _number(figure.numerator, money=figure.kpi.by_currency),
        "denominator": _number(figure.denominator, money=figure.kpi.by_currency),
        "rows": [{name: _cell(value) for name, value in row.items()} for row in figure.rows],
    }


def _number(value: Decimal | int | None, *, money: bool) -> Any:
    """Money as text with its two places, so that nothing is lost; anything else as a number."""
    if isinstance(value, Decimal):
        return f"{value:f}" if money else float(value)
    return value


def _cell(value: Any) -> Any:
    # Money has two places, a share or a mean has six.
    money = isinstance(value, Decimal) and value.as_tuple().exponent == -2
    return _number(value, money=money) if isinstance(value, Decimal) else value
