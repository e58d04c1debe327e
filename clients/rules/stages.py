"""The two shipped ladders of stages, as values (CM-40, I-01, I-02)."""

from __future__ import annotations

from dataclasses import dataclass, field

from clients.choices import AgeBasis, ClientKind, StageAction


@dataclass(frozen=True, kw_only=True)
class Stage:
    code: str
    from_day: int | None
    depth: int
    name_ar: str
    name_en: str
    actions: tuple[StageAction, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ladder:
    code: str
    basis: AgeBasis
    default_after_days: int
    name_ar: str
    name_en: str
    stages: tuple[Stage, ...] = field(default_factory=tuple)


TRADE_CREDIT = Ladder(
    code="TRADE_CREDIT",
    basis=AgeBasis.INVOICE,
    default_after_days=90,
    name_ar="الائتمان التجاري",
    name_en="Trade credit",
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
