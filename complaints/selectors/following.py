"""What a complainant sees of what they told us: where it stands, the answer once it was told, letters and papers.

Nothing of notes, findings or names of people.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from common import crypto
from complaints.choices import Level, MatterKind, Missing, PaperKind, PaperOrigin, Stage
from complaints.models import Matter, MatterPaper, MatterRound
from complaints.rules.handling_messages import OUTCOMES
from complaints.selectors.handling import answer_by, answer_of, level_after, round_of, ways_named
from complaints.selectors.matters import words_of

# What of the eight stages a visitor is shown: the name of each group, and the last stage that belongs to it.
SHOWN: tuple[tuple[str, Stage], ...] = (
    ("RECEIVED", Stage.ACKNOWLEDGED),
    ("LOOKED_INTO", Stage.ASSESSED),
    ("DECIDED", Stage.RESPONDED),
    ("TOLD", Stage.COMMUNICATED),
    ("CLOSED", Stage.CLOSED),
)
LETTERS = (
    PaperKind.ACKNOWLEDGEMENT, PaperKind.MISSING_DATA, PaperKind.PROGRESS, PaperKind.RESULT, PaperKind.RIGHTS,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Told:
    """One level's result as it was told."""

    work: MatterRound
    outcome: str
    answer: str
    ways: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Followed:
    words: str
    plan: str
    missing: list[str]
    reached: int
    due: dt.datetime | None
    results: list[Told]
    papers: list[MatterPaper]
    disagrees: bool
    goes_outside: bool


def papers_followed(*, matter: Matter) -> QuerySet[MatterPaper]:
    """The papers a complainant may open: letters to them, what they handed in, documents that went with a result."""
    shown = MatterRound.objects.filter(matter=matter, told_at__isnull=False).values("documents")
    return MatterPaper.objects.filter(matter=matter).filter(
        Q(kind=PaperKind.FROM_COMPLAINANT)
        | Q(origin=PaperOrigin.MADE, kind__in=[kind for kind in LETTERS if kind != PaperKind.RESULT])
        # A letter of a result is opened once it was told.
        | Q(pk__in=MatterRound.objects.filter(matter=matter, told_at__isnull=False).values("letter"))
        | Q(pk__in=shown)
    )  # fmt: skip


def followed(*, matter: Matter, now: dt.datetime) -> Followed:
    """Everything the page shows; where the words were erased, they are empty."""
    rounds = matter.rounds.filter(told_at__isnull=False).select_related("answer").order_by("-level")
    open_to = matter.kind == MatterKind.COMPLAINT and matter.stage in {Stage.COMMUNICATED, Stage.CLOSED}
    work = round_of(matter)
    try:
        words, results = words_of(matter=matter), [_told(matter, one) for one in rounds]
    except crypto.Unreadable:
        words, results = "", []
    return Followed(
        words=words,
        plan=work.plan if work is not None else "",
        missing=[str(Missing(code).label) for code in matter.missing],
        reached=next(i for i, (_name, last) in enumerate(SHOWN) if _order(matter.stage) <= _order(last)),
        due=answer_by(matter=matter, at=now) if _order(matter.stage) < _order(Stage.COMMUNICATED) else None,
        results=results,
        papers=list(papers_followed(matter=matter).defer("content_sealed").order_by("-pk")),
        disagrees=open_to and matter.level != Level.OUTSIDE,
        goes_outside=open_to and level_after(matter) == Level.OUTSIDE,
    )


def _told(matter: Matter, work: MatterRound) -> Told:
    return Told(
        work=work,
        outcome=OUTCOMES[matter.language][work.outcome],
        answer=answer_of(matter=matter, work=work),
        ways=ways_named(codes=work.ways, language=matter.language),
    )


def _order(stage: str) -> int:
    return list(Stage).index(Stage(stage))
