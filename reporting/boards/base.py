"""What a chart of a board is: facts, the cells they are counted by, and the table and picture drawn from these.

A chart is one SELECT of facts, narrowed to what the person sees and to the filters of the address (ADR 0047). Its cells
are sums over these facts, and the rows behind a cell are the same facts under the same conditions: so a cell and its
list cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from collections_app.models import Case
from collections_app.policies import cases_scope, cases_visible_to
from common import clock
from reporting.kpis.base import Row, Words

# What an address may narrow every chart by.
FILTERS = ("client", "portfolio", "stage", "band", "product", "collector", "currency")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, for which days, narrowed to what. ``narrowed`` holds values by their name in FILTERS."""

    user: User
    first: dt.date
    last: dt.date
    now: dt.datetime
    narrowed: Mapping[str, Any] = field(default_factory=dict)
    # The name of the period, where it has one.
    period: str = ""

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(clock.RIYADH).date()

    @property
    def before(self) -> dt.date:
        """The last day before the period: its end is where the period begins."""
        return self.first - dt.timedelta(days=1)

    @property
    def fields(self) -> dict[str, str]:
        """The same question as an address asks it."""
        days = {"period": self.period} if self.period else {"from": str(self.first), "to": str(self.last)}
        return {**days, **{name: str(value) for name, value in self.narrowed.items()}}

    @property
    def query(self) -> str:
        return urlencode(self.fields)

    def told(self, *names: str) -> dict[str, str]:
        """Some of the filters, where they are set."""
        return {name: str(self.narrowed[name]) for name in names if name in self.narrowed}

    @property
    def fixed(self) -> dict[str, str]:
        """The same question by its days: what it leads to does not move with the calendar."""
        return {**self.fields, "from": str(self.first), "to": str(self.last), "period": ""}


@dataclass(frozen=True, kw_only=True)
class Value:
    """One cell of a chart's table: what it says, the kind of it, and where its rows are (empty where none are)."""

    value: Any
    kind: str = "words"  # words, count, money, share, day, moment, place, code
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A chart in words and figures: what stands behind its picture, and what is exported."""

    head: Sequence[tuple[Words, str]]
    lines: Sequence[Sequence[Value]]


Sees = Callable[[Asked], QuerySet[Any]]
Tell = Callable[[Asked, list[Row]], Table]
Draw = Callable[[Asked, list[Row], bool], Mapping[str, Any]]


def cases_seen(asked: Asked) -> QuerySet[Case] | None:
    """The cases that a person sees; None for all."""
    return cases_visible_to(asked.user) if cases_scope(asked.user) else None


def case_link(row: Row) -> str:
    """The case that a row is of."""
    return reverse("case", args=[row["case_id"]])


def nothing_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart. ``facts`` names its columns. ``{cases}`` in it is the condition on cases ``c``; where facts are
    receivables ``r`` of debts ``b``, ``{holders}`` that on their cases and ``{lines}`` that on themselves. Each name of
    ``sees`` is a query for the keys of what the person sees of it.

    ``by`` are the columns that tell a cell, ``sums`` its figures as aggregates over facts. ``tell`` makes the table,
    ``draw`` the context of the picture in ``reporting/boards/<code>.html``. ``columns`` are those of its rows,
    ``order`` a total order of them. ``more`` gives values that facts are read with besides the days. A chart is
    ``narrowable`` by the filters where its facts are those of cases.
    """

    code: str
    name: Words
    # The question it answers.
    asks: Words
    facts: str
    by: tuple[str, ...]
    sums: Mapping[str, str]
    tell: Tell
    columns: tuple[str, ...]
    order: str
    draw: Draw = nothing_drawn
    sees: Mapping[str, Sees] = field(default_factory=dict)
    more: Callable[[Asked], Mapping[str, Any]] = lambda asked: {}
    narrowable: bool = True
    cases: Callable[[Asked], QuerySet[Case] | None] = cases_seen
    # Columns that a row is not shown with, and where it leads to by them.
    keys: tuple[str, ...] = ("case_id",)
    link: Callable[[Row], str] = case_link
    # Words of codes that stand in a column, by the column's name.
    words: Mapping[str, Callable[[], Mapping[str, Words]]] = field(default_factory=dict)
    # A page of its own on which the facts are worked, by its name, and who may open it.
    page: str = ""
    opens_page: Callable[[User], bool] = lambda user: True
    # The figure that counts the same of one client, with the fields of its address for a cell: there rows have their
    # hash. None where no figure does.
    proof: Callable[[Asked, Mapping[str, str]], tuple[str, dict[str, str]] | None] = lambda asked, cell: None
    # A condition on the facts that a person may have listed, though cells count more of them.
    listed: Callable[[User], str] = lambda user: "true"

    def rows_url(self, asked: Asked, **cell: Any) -> str:
        """Where the rows of a cell are."""
        fields = {**asked.fixed, **{name: str(value) for name, value in cell.items()}}
        told = {name: value for name, value in fields.items() if value}
        return f"{reverse('board_rows', args=[self.code])}?{urlencode(told)}"
