"""Which open matters wait for somebody to read what their complainant added."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from complaints.choices import NoteKind, PaperKind, Stage
from complaints.models import Matter, MatterMove, MatterNote, MatterPaper


def wrote_again(matters: QuerySet[Matter]) -> QuerySet[Matter]:
    """Open matters to which the complainant themselves added words or papers since the house last took a step or noted
    anything; what somebody here wrote down of them was heard.
    """
    moved = MatterMove.objects.filter(matter=OuterRef("pk")).order_by("-at").values("at")[:1]
    ours = MatterNote.objects.filter(matter=OuterRef("matter_id")).exclude(kind=NoteKind.FROM_COMPLAINANT)
    words = MatterNote.objects.filter(
        matter=OuterRef("pk"), kind=NoteKind.FROM_COMPLAINANT, by__isnull=True, at__gt=OuterRef("moved_at")
    ).exclude(Exists(ours.filter(at__gte=OuterRef("at"))))
    papers = MatterPaper.objects.filter(
        matter=OuterRef("pk"), kind=PaperKind.FROM_COMPLAINANT, added_by__isnull=True, added_at__gt=OuterRef("moved_at")
    ).exclude(Exists(ours.filter(at__gte=OuterRef("added_at"))))
    found = matters.exclude(stage=Stage.CLOSED).annotate(moved_at=Subquery(moved))
    return found.filter(Exists(words) | Exists(papers))


def wrote_again_of(*, ids: Iterable[int]) -> set[int]:
    """Those of a page."""
    wanted = list(ids)
    return set(wrote_again(Matter.objects.filter(pk__in=wanted)).values_list("pk", flat=True)) if wanted else set()
