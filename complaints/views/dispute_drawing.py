"""Geometry of a dispute's timeline: places in hundredths of the width, mirrored where the page reads from the right."""

from __future__ import annotations

from dataclasses import dataclass

from complaints.selectors.dispute_timeline import AHEAD, DONE, LATE, MAYBE, NOW, Step, Timeline

# A bar is never thinner than this, so that a step done on its first day is seen.
LEAST = 1.2


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar: where it begins, counted from the left, how long it is, and how it looks."""

    x: str
    width: str
    look: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step as it is drawn; ``dot`` stands for one that has no length."""

    step: Step
    bars: list[Bar]
    marks: list[str]
    dot: str
    end: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    rows: list[Row]
    ticks: list[tuple[int, str]]
    today: str
    limit: str


def drawn(*, timeline: Timeline, rtl: bool) -> Drawn:
    """The rows of a timeline and the lines across them."""

    def at(day: int) -> str:
        x = timeline.x(day)
        return f"{100 - x if rtl else x:.2f}%"

    def bar(first: int, last: int, look: str) -> Bar:
        x, width = timeline.x(first), max(timeline.x(last) - timeline.x(first), LEAST)
        return Bar(x=f"{100 - x - width if rtl else x:.2f}%", width=f"{width:.2f}%", look=look)

    def row(step: Step) -> Row:
        bars: list[Bar] = []
        end = ""
        if step.start is not None and step.due is not None and step.code:
            if step.state == AHEAD:
                bars.append(bar(step.start, step.due, AHEAD))
            else:
                reached = step.reached if step.reached is not None else step.start
                if reached < step.due:
                    bars.append(bar(step.start, step.due, "rest"))
                    end = at(step.due)
                solid = min(reached, step.due)
                bars.append(bar(step.start, solid, DONE if step.state == DONE else NOW))
                if reached > step.due:
                    bars.append(bar(step.due, reached, LATE))
        dot = ""
        if not bars and step.state in {DONE, NOW, MAYBE}:
            # What waits without a day of its own stands at today, what may come at the end.
            waits = timeline.today if step.state == NOW and timeline.today is not None else timeline.length
            dot = at(step.start if step.start is not None else waits)
        marks = [at(day) for day in step.marks if step.reached is None or day <= max(step.reached, step.due or 0)]
        return Row(step=step, bars=bars, marks=marks, dot=dot, end=end)

    return Drawn(
        rows=[row(step) for step in timeline.steps],
        ticks=[(day, at(day)) for day in timeline.ticks],
        today=at(timeline.today) if timeline.today is not None else "",
        limit=at(timeline.limit),
    )
