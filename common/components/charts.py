"""Geometry of charts: pure numbers that templates draw as SVG, for page and PDF alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

DEPTH = ("#CFE6E3", "#A3CFCD", "#71B0B6", "#3A7C8E", "#2F5878", "#343D68", "#2B2148")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a row chart: where it stands and how wide; the tick is last time's figure."""

    label: str
    amount: Decimal
    count: int
    depth: int
    fill: str
    x: float
    width: float
    tick: float | None = None
    change: Decimal | None = None


def aging_bars(
    *,
    rows: Sequence[tuple[str, int, Decimal, int]],
    before: Sequence[Decimal] = (),
    width: float = 200,
    rtl: bool = False,
) -> list[Bar]:
    """Bars of (label, depth, amount, count), zero-based, growing with the reading direction.

    ``before`` holds last time's amounts in the same order, drawn as a tick; change is in percent.
    """
    largest = max([amount for _l, _d, amount, _c in rows] + list(before) + [Decimal(1)])
    bars = []
    for position, (label, depth, amount, count) in enumerate(rows):
        length = round(float(amount / largest) * width, 2)
        tick = change = None
        if position < len(before):
            old = before[position]
            reach = float(old / largest) * width
            tick = round(width - reach if rtl else reach, 2)
            change = ((amount - old) / old * 100).quantize(Decimal("0.1")) if old else None
        bars.append(
            Bar(
                label=label,
                amount=amount,
                count=count,
                depth=depth,
                fill=DEPTH[depth],
                x=round(width - length, 2) if rtl else 0,
                width=length,
                tick=tick,
                change=change,
            )
        )
    return bars


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One part of a stacked bar."""

    label: str
    amount: Decimal
    depth: int
    fill: str
    x: float
    width: float


def age_segments(
    *, rows: Sequence[tuple[str, int, Decimal]], width: float = 1000, gap: float = 3, rtl: bool = False
) -> list[Segment]:
    """A stacked bar of (label, depth, amount), youngest at the start edge, with gaps; empty parts have no width."""
    total = sum((amount for _l, _d, amount in rows), Decimal(0))
    drawn = [row for row in rows if row[2] > 0]
    usable = width - gap * max(len(drawn) - 1, 0)
    segments, x = [], 0.0
    for label, depth, amount in rows:
        part = round(float(amount / total) * usable, 2) if total else 0
        at = x if not rtl else width - x - part
        segments.append(Segment(label=label, amount=amount, depth=depth, fill=DEPTH[depth], x=round(at, 2), width=part))
        if amount > 0:
            x += part + gap
    return segments


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """The day's contact window as a line: how much of it has passed, and where now stands (None outside it)."""

    passed_x: float
    passed_width: float
    now_x: float | None


def window_ruler(
    *, opens_at: dt.time, closes_at: dt.time, now: dt.time, width: float = 120, rtl: bool = False
) -> Ruler:
    """Geometry of the contact window; time runs with the reading direction."""

    def minutes(at: dt.time) -> int:
        return at.hour * 60 + at.minute

    whole = max(minutes(closes_at) - minutes(opens_at), 1)
    share = min(max((minutes(now) - minutes(opens_at)) / whole, 0.0), 1.0)
    passed = round(width * share, 1)
    inside = opens_at <= now < closes_at
    return Ruler(
        passed_x=round(width - passed, 1) if rtl else 0,
        passed_width=passed,
        now_x=(round(width - passed, 1) if rtl else passed) if inside else None,
    )


@dataclass(frozen=True, kw_only=True)
class Column:
    """One upright bar of a day: its place, height and figure; the largest is marked."""

    on: dt.date
    amount: Decimal
    x: float
    y: float
    width: float
    height: float
    middle: float
    largest: bool


def columns(
    *, values: Sequence[tuple[dt.date, Decimal]], width: float = 560, height: float = 90, rtl: bool = False
) -> list[Column]:
    """Upright bars by day, zero-based; time runs with the reading direction."""
    most = max([amount for _on, amount in values] + [Decimal(1)])
    step = width / max(len(values), 1)
    bar = step * 0.72
    drawn = []
    for position, (on, amount) in enumerate(values):
        place = len(values) - 1 - position if rtl else position
        tall = round(float(amount / most) * height, 1)
        drawn.append(
            Column(
                on=on,
                amount=amount,
                x=round(place * step + (step - bar) / 2, 1),
                y=round(height - tall, 1),
                width=round(bar, 1),
                height=tall,
                middle=round(place * step + step / 2, 1),
                largest=amount == most,
            )
        )
    return drawn


def spark_points(*, values: Sequence[float], width: float = 56, height: float = 18, rtl: bool = False) -> str:
    """The points of a small line; time runs with the reading direction."""
    if not values:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = width / max(len(values) - 1, 1)
    points = []
    for position, value in enumerate(values):
        x = position * step
        points.append(f"{width - x if rtl else x:.1f},{height - (value - low) / spread * height:.1f}")
    return " ".join(points)


@dataclass(frozen=True, kw_only=True)
class Span:
    """One stretch of days on a common axis; ``open_end`` where it has no last day yet."""

    x: float
    width: float
    open_end: bool


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Stretches of days drawn one beneath the other, so that one sees where they overlap."""

    first: dt.date
    last: dt.date
    now_x: float
    bars: list[Span]


def spans(
    *, stretches: Sequence[tuple[dt.date, dt.date | None]], today: dt.date, width: float = 300, rtl: bool = False
) -> Spans:
    """Geometry of (first day, last day) pairs, None for an open end; time runs with the reading direction.

    The axis reaches from the earliest day to the latest, today included. An open stretch runs to the axis' end, and
    both its days count: one day is one day wide, and at least three units, to be seen.
    """
    first = min([start for start, _end in stretches] + [today])
    last = max([day for start, end in stretches for day in (start, end or start)] + [today])
    scale = width / ((last - first).days + 1)

    def place(day: dt.date) -> float:
        return (day - first).days * scale

    bars = []
    for start, end in stretches:
        x = min(place(start), width - 3)
        wide = max(place((end or last) + dt.timedelta(days=1)) - x, 3.0)
        bars.append(Span(x=round(width - x - wide if rtl else x, 1), width=round(wide, 1), open_end=end is None))
    now = place(today) + scale / 2
    return Spans(first=first, last=last, now_x=round(width - now if rtl else now, 1), bars=bars)


@dataclass(frozen=True, kw_only=True)
class LadderStep:
    """One stage on the axis of days: where it stands, and the day printed where it begins (None when unprinted)."""

    label: str
    depth: int
    x: float
    width: float
    middle: float
    begins_x: float
    day: int | None


@dataclass(frozen=True, kw_only=True)
class LadderDrawing:
    """A ladder of stages on an axis of days, with the day on which default begins."""

    steps: list[LadderStep]
    default_x: float
    default_day: int
    width: float


def ladder_drawing(
    *, stages: Sequence[tuple[str, int | None, int]], default_day: int, width: float = 720, rtl: bool = False
) -> LadderDrawing:
    """Stages as (label, first day, depth); the first reaches back without end and the last ahead, so both are cut.

    Time runs with the reading direction. A day is left unprinted where it would run into the one before it.
    """
    days = [day for _label, day, _depth in stages if day is not None]
    low, high = min([0, *days]), max([*days, default_day])
    margin = max((high - low) * 0.14, 10)
    low, high = low - round(margin), high + round(margin)

    def at(day: float) -> float:
        place = (day - low) / (high - low) * width
        return round(width - place if rtl else place, 1)

    steps: list[LadderStep] = []
    printed: float | None = None
    starts = [low if day is None else day for _label, day, _depth in stages]
    for (label, day, depth), start, end in zip(stages, starts, [*starts[1:], high], strict=True):
        one, other = at(start), at(max(end, start))
        room = printed is None or abs(one - printed) >= 26
        if day is not None and room:
            printed = one
        steps.append(
            LadderStep(
                label=label,
                depth=depth,
                x=min(one, other),
                width=round(max(abs(other - one) - 2, 1), 1),
                middle=round((one + other) / 2, 1),
                begins_x=one,
                day=day if room else None,
            )
        )
    return LadderDrawing(steps=steps, default_x=at(default_day), default_day=default_day, width=width)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a waterfall: a bar from where the line before it ended; ``ends_x`` is where the next begins."""

    code: str
    amount: Decimal
    look: str  # whole, more, less
    x: float
    width: float
    ends_x: float


def waterfall(*, steps: Sequence[tuple[str, Decimal, bool]], width: float = 320, rtl: bool = False) -> list[Step]:
    """Steps of (code, amount, whole), one beneath the other on one zero-based scale; a whole begins at zero.

    Amounts run with the reading direction. What is not nothing is at least one unit wide, to be seen.
    """
    reached, ends = Decimal(0), []
    for _code, amount, whole in steps:
        start = Decimal(0) if whole else reached
        reached = start + amount
        ends.append((start, reached))
    low = min([Decimal(0)] + [edge for pair in ends for edge in pair])
    high = max([low + 1] + [edge for pair in ends for edge in pair])

    def place(value: Decimal) -> float:
        x = float((value - low) / (high - low)) * width
        return width - x if rtl else x

    drawn = []
    for (code, amount, whole), (start, end) in zip(steps, ends, strict=True):
        one, other = sorted((place(start), place(end)))
        wide = max(other - one, 1.0) if amount else 0.0
        drawn.append(
            Step(
                code=code,
                amount=amount,
                look="whole" if whole else "more" if amount > 0 else "less",
                x=round(min(one, width - wide), 2),
                width=round(wide, 2),
                ends_x=round(place(end), 2),
            )
        )
    return drawn


@dataclass(frozen=True, kw_only=True)
class Length:
    """One bar of a row chart of numbers."""

    x: float
    width: float


def lengths(*, values: Sequence[int], width: float = 200, rtl: bool = False) -> list[Length]:
    """Zero-based bars of numbers, growing with the reading direction."""
    most = max([*values, 1])
    bars = [round(value / most * width, 2) for value in values]
    return [Length(x=round(width - bar, 2) if rtl else 0, width=bar) for bar in bars]
