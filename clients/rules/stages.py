"""The two shipped ladders of stages, as values, and what holds of every ladder (CM-40, I-01, I-02)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from clients.choices import AgeBasis, ClientKind, DefaultRule, StageAction
from clients.rules.actions import MOST_MESSAGES, action_of, messages_of


@dataclass(frozen=True, kw_only=True)
class Stage:
    code: str
    from_day: int | None
    depth: int
    name_ar: str
    name_en: str
    # Each a word of ``clients.rules.actions``.
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ladder:
    code: str
    basis: AgeBasis
    default_after_days: int
    name_ar: str
    name_en: str
    default_rules: tuple[DefaultRule, ...]
    stages: tuple[Stage, ...] = field(default_factory=tuple)


TRADE_CREDIT = Ladder(
    code="TRADE_CREDIT",
    basis=AgeBasis.INVOICE,
    default_after_days=90,
    name_ar="الائتمان التجاري",
    name_en="Trade credit",
    default_rules=(DefaultRule.TRADE_90,),
    stages=(
        Stage(code="WITHIN_TERMS", from_day=None, depth=0, name_ar="ضمن المدة", name_en="Within terms"),
        Stage(
            code="GRACE",
            from_day=61,
            depth=2,
            name_ar="61–90",
            name_en="61–90",
            actions=(StageAction.DEMAND,),
        ),
        Stage(
            code="AFTER_GRACE",
            from_day=91,
            depth=4,
            name_ar="91–120",
            name_en="91–120",
            actions=(StageAction.FOLLOW_UP,),
        ),
        Stage(
            code="OVER_120",
            from_day=121,
            depth=5,
            name_ar="121–150",
            name_en="121–150",
            actions=(StageAction.OFFER_OPTIONS,),
        ),
        Stage(
            code="OVER_150",
            from_day=151,
            depth=6,
            name_ar="فوق 150",
            name_en="Over 150",
            actions=(StageAction.REVIEW_LEGAL,),
        ),
    ),
)

CONSUMER_INSTALMENTS = Ladder(
    code="CONSUMER_INSTALMENTS",
    basis=AgeBasis.DUE,
    default_after_days=90,
    name_ar="أقساط الأفراد",
    name_en="Consumer instalments",
    default_rules=(DefaultRule.MONTHLY_3_IN_A_ROW, DefaultRule.FIVE_LATE_7WD),
    stages=(
        Stage(code="CURRENT", from_day=None, depth=0, name_ar="حالي", name_en="Current"),
        Stage(code="D1_30", from_day=1, depth=1, name_ar="1–30", name_en="1–30", actions=(StageAction.REMIND,)),
        Stage(code="D31_60", from_day=31, depth=2, name_ar="31–60", name_en="31–60", actions=(StageAction.FOLLOW_UP,)),
        Stage(
            code="D61_90", from_day=61, depth=3, name_ar="61–90", name_en="61–90", actions=(StageAction.OFFER_OPTIONS,)
        ),
        Stage(
            code="D91_120", from_day=91, depth=4, name_ar="91–120", name_en="91–120", actions=(StageAction.FOLLOW_UP,)
        ),
        Stage(
            code="D121_150",
            from_day=121,
            depth=5,
            name_ar="121–150",
            name_en="121–150",
            actions=(StageAction.REVIEW_LEGAL,),
        ),
        Stage(
            code="OVER_150",
            from_day=151,
            depth=6,
            name_ar="فوق 150",
            name_en="Over 150",
            actions=(StageAction.REVIEW_LEGAL,),
        ),
    ),
)

SHIPPED = {ladder.code: ladder for ladder in (TRADE_CREDIT, CONSUMER_INSTALMENTS)}


def ladder_for(kind: str) -> Ladder:
    """The ladder a new client of this kind begins with: traders by invoice date, all others by days late."""
    return TRADE_CREDIT if kind == ClientKind.TRADE else CONSUMER_INSTALMENTS


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a version shall rule: a client's product, or '' for all that have no version of their own."""

    client_id: int
    product: str = ""


# A ladder people can still read; days within ten years of the basis date.
MOST_STAGES, FARTHEST_DAY, DEEPEST = 15, 3_650, 6
STAGE_CODE = re.compile(r"^[A-Z][A-Z0-9_]{0,29}$")


def ladder_faults(*, stages: Sequence[Stage]) -> dict[int, dict[str, str]]:
    """What is wrong with a ladder: position, field and the code of the fault. Empty when it may be published.

    The first stage is open towards the past and no other is; first days rise strictly; depth is 0 to 6; every stage
    has a name in both languages and a code of its own.
    """
    faults: dict[int, dict[str, str]] = {}

    def wrong(position: int, field: str, code: str) -> None:
        faults.setdefault(position, {}).setdefault(field, code)

    seen: set[str] = set()
    before: int | None = None
    for position, stage in enumerate(stages):
        if (position == 0) is not (stage.from_day is None):
            wrong(position, "from_day", "open" if position == 0 else "missing")
        if stage.from_day is not None:
            if before is not None and stage.from_day <= before:
                wrong(position, "from_day", "rising")
            if abs(stage.from_day) > FARTHEST_DAY:
                wrong(position, "from_day", "far")
            before = stage.from_day
        if not 0 <= stage.depth <= DEEPEST:
            wrong(position, "depth", "depth")
        for name in ("name_ar", "name_en"):
            if not getattr(stage, name).strip():
                wrong(position, name, "name")
        if not STAGE_CODE.match(stage.code) or stage.code in seen:
            wrong(position, "code", "code")
        seen.add(stage.code)
        if len(set(stage.actions)) < len(stage.actions) or not all(action_of(code) for code in stage.actions):
            wrong(position, "actions", "action")
        if len(messages_of(stage.actions)) > MOST_MESSAGES:
            wrong(position, "actions", "messages")
    if not stages:
        wrong(0, "from_day", "open")
    if len(stages) > MOST_STAGES:
        wrong(MOST_STAGES, "from_day", "many")
    return faults


@dataclass(frozen=True, kw_only=True)
class StageDifference:
    """What became of one stage between two versions; a stage is the same one while its code is."""

    code: str
    kind: str  # ADDED, REMOVED, MOVED, CHANGED
    before: Stage | None
    after: Stage | None


def ladder_differences(*, before: Sequence[Stage], after: Sequence[Stage]) -> list[StageDifference]:
    """The stages that differ, in the order of the new ladder; what was removed comes last."""
    old = {stage.code: stage for stage in before}
    new = {stage.code: stage for stage in after}
    found = []
    for code, stage in new.items():
        was = old.get(code)
        if was is None:
            found.append(StageDifference(code=code, kind="ADDED", before=None, after=stage))
        elif was.from_day != stage.from_day:
            found.append(StageDifference(code=code, kind="MOVED", before=was, after=stage))
        elif was != stage:
            found.append(StageDifference(code=code, kind="CHANGED", before=was, after=stage))
    return found + [
        StageDifference(code=code, kind="REMOVED", before=stage, after=None)
        for code, stage in old.items()
        if code not in new
    ]
