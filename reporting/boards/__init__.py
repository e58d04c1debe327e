"""The registry of charts: each once, by its code; who sees which stands in ``rules/boards.py`` (ADR 0047)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from reporting.boards import contact, desk, money, people, receipts
from reporting.boards.base import FILTERS, Asked, Chart, Table, Value
from reporting.boards.reading import chart_cells, charts_cells, rows_count, rows_of, rows_streamed
from reporting.kpis.base import Words
from reporting.rules.boards import CONTACT, DESK, MONEY

CHARTS: Mapping[str, Chart] = {
    chart.code: chart for chart in (*money.CHARTS, *receipts.CHARTS, *contact.CHARTS, *people.CHARTS, *desk.CHARTS)
}
BOARD_WORDS: Mapping[str, Words] = {MONEY: _("Balances"), CONTACT: _("Contact"), DESK: _("What waits")}

__all__ = [
    "BOARD_WORDS",
    "CHARTS",
    "FILTERS",
    "Asked",
    "Chart",
    "Table",
    "Value",
    "chart_cells",
    "charts_cells",
    "rows_count",
    "rows_of",
    "rows_streamed",
]
