"""What a stage policy would do to today's book, and how far a change that was approved has come."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clients.models import Client, StageChangePlace, StagePolicy
from clients.rules.stages import Place, Stage
from clients.selectors.stage_policies import ladder_of, products_ruled, stage_policy_on
from collections_app.rules.aging import BASIS_COLUMN
from common.db import rows
from common.money import ZERO

# Counted by stage, days and currency first, so that each ladder is asked once a day of age and not once a receivable.
_PREVIEW = """
WITH held AS MATERIALIZED (
    SELECT r.stage_position AS position, r.held, r.in_default, r.currency, %(day)s - r.{column} AS days,
           count(*) AS count, sum(r.balance) AS amount
    FROM collections_app_receivable r {debts}
    WHERE r.client_id = %(client_id)s AND r.status = 'OPEN' AND r.issued_on <= %(day)s {scope}
    GROUP BY 1, 2, 3, 4, 5
)
SELECT h.position AS was, h.held, h.currency,
       (SELECT max(w.position) FROM clients_stagepolicyrow w WHERE w.policy_id = %(policy_id)s
          AND (w.from_day IS NULL OR w.from_day <= h.days)) AS would,
       sum(h.count)::bigint AS count, sum(h.amount) AS amount,
       (sum(h.count) FILTER (WHERE h.in_default))::bigint AS in_default,
       (sum(h.count) FILTER (WHERE NOT h.held AND h.days > %(default_after)s))::bigint AS past_default
FROM held h GROUP BY 1, 2, 3, 4
"""
_OF_PRODUCT = " AND d.product = %(product)s"
_OF_OTHERS = " AND NOT d.product = ANY(%(ruled)s)"

_PLACES = """
SELECT client_id, product FROM collections_app_debt WHERE product <> '' GROUP BY client_id, product
ORDER BY client_id, product
"""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Receivables of one stage that would stand in one stage: how many, and how much in each currency."""

    count: int
    amounts: tuple[tuple[str, Decimal], ...]
    moves: bool
    # stayed, older or better: whether the new stage is drawn deeper than the one before.
    look: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a version would do to one place's book on the day it stands at."""

    place: Place
    client: Client
    before: StagePolicy | None
    was: tuple[Stage, ...]
    would: tuple[Stage, ...]
    # By row of the old ladder (None: not staged yet), then by column of the new.
    cells: dict[int | None, dict[int, Cell]]
    total: int
    moving: int
    held: int
    in_default: int
    past_default: int
    amounts: tuple[tuple[str, Decimal], ...]

    @property
    def currency(self) -> str:
        """The one currency of this book, named once above the figures; empty when there are several."""
        found = {currency for line in self.cells.values() for cell in line.values() for currency, _a in cell.amounts}
        return found.pop() if len(found) == 1 else ""

    @property
    def table(self) -> list[dict[str, Any]]:
        """The matrix as rows of cells, empty rows left out."""
        lines: list[dict[str, Any]] = []
        for position in [*range(len(self.was)), None]:
            line = self.cells.get(position)
            if line:
                lines.append(
                    {
                        "stage": None if position is None else self.was[position],
                        "cells": [line.get(column) for column in range(len(self.would))],
                        "total": sum(cell.count for cell in line.values()),
                    }
                )
        return lines

    @property
    def asked(self) -> list[tuple[str, int]]:
        """What the new stages ask for when receivables move into them, and of how many: the most frequent first."""
        found: Counter[str] = Counter()
        for line in self.cells.values():
            for at, cell in line.items():
                if cell.moves:
                    found.update(dict.fromkeys(self.would[at].actions, cell.count))
        return found.most_common()

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Each new stage with what would stand in it."""
        return [
            {"stage": stage, "count": sum(line[at].count for line in self.cells.values() if at in line)}
            for at, stage in enumerate(self.would)
        ]


def _amounts(pairs: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, Decimal], ...]:
    """Sums by currency; currencies are never added to each other."""
    found: dict[str, Decimal] = {}
    for currency, amount in pairs:
        found[currency] = found.get(currency, ZERO) + amount
    return tuple(sorted(found.items()))


def restaging_preview(*, policy: StagePolicy, client: Client, product: str = "") -> Preview | None:
    """Stage by stage, what would move if ``policy`` ruled this client's product on its book's date.

    A receivable moves when its stage there has another code than its stage now. What is held keeps its stage until it
    is released, and is counted apart. None before the book is opened.
    """
    day = client.book_date
    if day is None:
        return None
    before = stage_policy_on(client_id=client.pk, product=product, on=day)
    ruled = products_ruled(client_id=client.pk, on=day)
    scope = _OF_PRODUCT if product else _OF_OTHERS if ruled else ""
    found = rows(
        _PREVIEW.format(
            column=BASIS_COLUMN[policy.basis],  # type: ignore[index]
            debts="JOIN collections_app_debt d ON d.id = r.debt_id" if scope else "",
            scope=scope,
        ),
        {
            "client_id": client.pk,
            "policy_id": policy.pk,
            "day": day,
            "product": product,
            "ruled": ruled,
            "default_after": policy.default_after_days,
        },
    )
    was, would = ladder_of(before), ladder_of(policy)
    free = [row for row in found if not row["held"]]
    grouped: dict[tuple[int | None, int], list[dict[str, Any]]] = {}
    for row in free:
        grouped.setdefault((row["was"], row["would"]), []).append(row)
    cells: dict[int | None, dict[int, Cell]] = {}
    for (old, new), parts in grouped.items():
        now = was[old] if old is not None and old < len(was) else None
        same = now is not None and now.code == would[new].code
        deeper = now is None or would[new].depth >= now.depth
        cells.setdefault(old, {})[new] = Cell(
            count=sum(part["count"] for part in parts),
            amounts=_amounts((part["currency"], part["amount"]) for part in parts),
            moves=not same,
            look="stayed" if same else "older" if deeper else "better",
        )
    moving = [row for row in free if cells[row["was"]][row["would"]].moves]
    return Preview(
        place=Place(client_id=client.pk, product=product),
        client=client,
        before=before,
        was=was,
        would=would,
        cells=cells,
        total=sum(row["count"] for row in found),
        moving=sum(row["count"] for row in moving),
        held=sum(row["count"] for row in found if row["held"]),
        in_default=sum(row["in_default"] or 0 for row in found),
        past_default=sum(row["past_default"] or 0 for row in found),
        amounts=_amounts((row["currency"], row["amount"]) for row in moving),
    )


def previews(*, policy: StagePolicy, places: Sequence[Place], clients: dict[int, Client]) -> list[Preview]:
    """The previews of several places; those whose book is not opened yet are left out."""
    made = [
        restaging_preview(policy=policy, client=clients[place.client_id], product=place.product)
        for place in places
        if place.client_id in clients
    ]
    return [preview for preview in made if preview is not None]


def places_possible(*, clients: Iterable[Client]) -> list[Place]:
    """Every client, and every product that its debts name."""
    products: dict[int, list[str]] = {}
    for row in rows(_PLACES):
        products.setdefault(row["client_id"], []).append(row["product"])
    return [
        Place(client_id=client.pk, product=product)
        for client in clients
        for product in ["", *products.get(client.pk, [])]
    ]


def transitions_of_first_day(*, place: StageChangePlace, starts_on: dt.date) -> int:
    """How many receivables of a client changed their stage on a change's first day, for whatever reason."""
    return int(
        rows(
            'SELECT count(*) AS count FROM collections_app_stagetransition WHERE client_id = %(client_id)s AND "on" = '
            "%(day)s AND from_stage_id IS NOT NULL",
            {"client_id": place.client_id, "day": starts_on},
        )[0]["count"]
    )
