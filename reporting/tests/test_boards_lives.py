"""Whatever is told, in whatever order and however late: boards say what an independent model says, and every cell
opens as many rows as it counts. ``BOARD_EXAMPLES`` walks more lives.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from collections_app.models import ContactAttempt, Payment, Promise
from collections_app.services.nightly import nightly_run
from common import clock
from reporting.boards import CHARTS, Asked, chart_cells, rows_count, rows_of
from reporting.boards.reading import Chart
from reporting.kpis import Ask, kpi_figures
from reporting.kpis.base import Row
from reporting.tests import board_model, kpi_model
from reporting.tests.test_kpi_lives import ACTS, START, Life, facts_of
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("BOARD_EXAMPLES", "15"))
# With nights between, balances stand at a day of their book, which is not that of the board.
NIGHTS = st.one_of(ACTS, ACTS, ACTS, st.tuples(st.just("night")))


class Nights(Life):
    """A life whose book moves on some nights."""

    def _night(self) -> None:
        nightly_run(date=self.day)


def cells_of(chart: Chart, asked: Asked, *names: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The cells of a chart as {what tells them: its figures}."""
    return {
        tuple(row[name] for name in chart.by): tuple(row[name] for name in names)
        for row in chart_cells(chart=chart, asked=asked)
    }


def opened(chart: Chart, asked: Asked, row: Row) -> None:
    """The rows of a cell are as many as it counts, and have its sums."""
    cell = {name: str(row[name]) for name in chart.by}
    told = rows_count(chart=chart, asked=asked, cell=cell)
    listed = rows_of(chart=chart, asked=asked, cell=cell, limit=10_000)
    assert len(listed) == told["rows"] == row["count" if "count" in row else "attempts"], (chart.code, row)
    assert {name: told[name] for name in chart.sums} == {name: row[name] for name in chart.sums}, (chart.code, row)


def check(life: Life, asked: Asked) -> None:
    facts = facts_of(life.client)
    first, last = asked.first, asked.last
    steps = cells_of(CHARTS["waterfall"], asked, "count", "amount")
    assert steps == board_model.waterfall(facts, first, last)
    for currency in {key[0] for key in steps}:
        sums = {step: amount for (one, step), (_n, amount) in steps.items() if one == currency}
        end = sums.pop("end", Decimal(0))
        assert sum(sums.values()) == end, (currency, sums)

    rolls = cells_of(CHARTS["rolls"], asked, "count", "amount")
    assert rolls == kpi_model.rolls(facts, asked.before, last)
    # And the figure that clients read says the same.
    ask = Ask(client_id=life.client.pk, first=asked.before, last=last, now=asked.now)
    (figure,) = kpi_figures(ask=ask, codes=["ROLL_RATES"])
    assert rolls == {(r["currency"], r["from_bucket"], r["to_bucket"]): (r["count"], r["amount"]) for r in figure.rows}
    late = cells_of(CHARTS["paid_late"], asked, "count", "amount")
    assert late == board_model.late_payments(facts, first, last)

    came: dict[tuple[Any, ...], tuple[int, Decimal]] = {}
    for paid in Payment.objects.filter(client=life.client, value_on__range=(first, last)):
        if left := paid.amount - sum(back.amount for back in paid.reversals.all()):
            count, total = came.get((paid.currency, paid.value_on), (0, Decimal(0)))
            came[paid.currency, paid.value_on] = (count + 1, total + left)
    assert cells_of(CHARTS["collected"], asked, "count", "amount") == came

    tries: Counter[tuple[int, int]] = Counter()
    right: Counter[tuple[int, int]] = Counter()
    for attempt in ContactAttempt.objects.filter(client=life.client, direction="OUT").exclude(verdict="REFUSED"):
        at = attempt.at.astimezone(clock.RIYADH)
        if first <= at.date() <= last:
            tries[at.isoweekday(), at.hour] += 1
            right[at.isoweekday(), at.hour] += attempt.reached == "HOLDER"
    assert cells_of(CHARTS["contacts"], asked, "attempts", "right_party") == {
        key: (count, right[key]) for key, count in tries.items()
    }

    days: dict[tuple[Any, ...], tuple[int, Decimal]] = {}
    words = {"KEPT": "kept", "OPEN": "open", "MISSED": "broken", "PARTLY": "broken"}
    for promise in Promise.objects.filter(client=life.client).exclude(status="CANCELLED"):
        if (promise.due_on.year, promise.due_on.month) == (last.year, last.month):
            key = (promise.currency, promise.due_on, words[promise.status])
            count, total = days.get(key, (0, Decimal(0)))
            days[key] = (count + 1, total + promise.amount)
    assert cells_of(CHARTS["promises"], asked, "count", "amount") == days

    for chart in CHARTS.values():
        for row in chart_cells(chart=chart, asked=asked):
            opened(chart, asked, row)


@pytest.mark.requirement("PL-35", "PL-39", "CM-43")
def test_whatever_is_told_boards_are_those_of_the_model() -> None:
    with clock.at(clock.at_riyadh(on=START - dt.timedelta(days=1))):
        client, user = make_client(), make_user(Role.COLLECTOR)
        manager: User = make_user(Role.COLLECTIONS_MANAGER)
    tally: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        derandomize="BOARD_EXAMPLES" not in os.environ,
    )  # fmt: skip
    @given(acts=st.lists(NIGHTS, min_size=14, max_size=34), within=st.tuples(st.integers(0, 99), st.integers(0, 99)))
    def lives(acts: list[tuple[Any, ...]], within: tuple[int, int]) -> None:
        with transaction.atomic():
            life = Nights(client, user)
            for act in [("place", "A", "SAR", "100.00", 40, 10), ("place", "B", "SAR", "100.00", 20, 10), *acts]:
                life.do(act)
            now = clock.at_riyadh(on=life.day, time=dt.time(22))
            span = (life.day - START).days + 1
            first, last = sorted(START + dt.timedelta(days=share * span // 100) for share in within)
            for begun, ended in ((first, last), (START - dt.timedelta(days=45), life.day)):
                try:
                    check(life, Asked(user=manager, first=begun, last=ended, now=now))
                except AssertionError as error:
                    raise AssertionError(f"{begun} to {ended}, of {acts}: {error}") from error
            tally.update(life.tally)
            transaction.set_rollback(True)

    lives()
    for met in ("pay", "settle", "reverse", "note", "unnote", "contact", "promise", "end", "night"):
        assert tally[met], met
