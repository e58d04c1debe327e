"""What was told about an account, and the disputes of its record, in the one line of time of its case.

A person sees here what the panels of the case show them: of a complaint its state alone, and of a confidential one, or
one about themselves, nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import User
from collections_app.models import Case
from collections_app.selectors.timeline import TimelineItem
from complaints.choices import DisputeStep, MatterKind, Stage
from complaints.models import DisputeMove, Matter, MatterMove
from complaints.policies import disputes_visible_to, matter_states_visible_to, sees_disputes, sees_matters

# How a stage is marked in a list of what happened: icon and tone.
STAGE_MARKS: Mapping[str, tuple[str, str]] = {
    Stage.RECEIVED: ("inbox", ""),
    Stage.TRACKED: ("hash", ""),
    Stage.ACKNOWLEDGED: ("send", "done"),
    Stage.ASSESSED: ("search", "now"),
    Stage.INVESTIGATED: ("check", "done"),
    Stage.RESPONDED: ("scale", "now"),
    Stage.COMMUNICATED: ("mail", "done"),
    Stage.CLOSED: ("archive", "done"),
}
# How a step is marked in the list of what happened.
STEP_MARKS: Mapping[str, tuple[str, str]] = {
    DisputeStep.FILED: ("inbox", ""),
    DisputeStep.NOTIFIED: ("mail", "done"),
    DisputeStep.REPLIED: ("reply", "done"),
    DisputeStep.SILENT: ("hourglass", ""),
    DisputeStep.TAKEN_BACK: ("undo-2", "now"),
    DisputeStep.PROGRESS_TOLD: ("send", "done"),
    DisputeStep.RESULT_TOLD: ("send", "done"),
    DisputeStep.DECIDED: ("scale", "now"),
    DisputeStep.CORRECTED: ("check", "done"),
    DisputeStep.COMMITTEE_ASKED: ("landmark", "hold"),
    DisputeStep.COMMITTEE_RULED: ("gavel", "now"),
    DisputeStep.PACK_MADE: ("package", ""),
    DisputeStep.PACK_REVIEWED: ("check", ""),
    DisputeStep.PACK_SENT: ("package", "done"),
    DisputeStep.ORDERED: ("file-check", "done"),
    DisputeStep.RECIPIENT_NAMED: ("user-plus", ""),
    DisputeStep.RECIPIENT_TOLD: ("send", "done"),
    DisputeStep.STATEMENT: ("quote", ""),
    DisputeStep.DOCUMENT_ADDED: ("paperclip", ""),
    DisputeStep.DOCUMENTS_ASKED: ("file-question-mark", ""),
    DisputeStep.REINSERTED: ("undo-2", ""),
    DisputeStep.CLOSED: ("archive", "done"),
}
# Taken in the same breath as the receipt: one line says it.
WITH_RECEIPT = (Stage.TRACKED, Stage.ACKNOWLEDGED)


def matters_happened(*, case: Case, limit: int, user: User) -> list[TimelineItem]:
    """The steps of complaints, objections and enquiries about a case; by whom, to who may open them."""
    seen = matter_states_visible_to(user).filter(case=case, is_confidential=False)
    moves = (
        MatterMove.objects.filter(matter__in=seen)
        .exclude(to_stage__in=WITH_RECEIPT)
        .select_related("matter__category", "by")
        .order_by("-at", "-pk")
    )
    return [_of_matter(move, named=sees_matters(user)) for move in moves[:limit]]


def _of_matter(move: MatterMove, *, named: bool) -> TimelineItem:
    icon, tone = STAGE_MARKS[Stage(move.to_stage)]
    return TimelineItem(
        at=move.at,
        order=(move.at, move.at, move.pk),
        icon=icon,
        look=tone,
        what=f"{_told(move.matter)} · {move.get_to_stage_display()}",
        detail=f"\u2068{move.matter.reference}\u2069",
        who=(move.by or "") if named else "",
    )


def _told(matter: Matter) -> str:
    """What it is called: an objection to an amount by its category, everything else by its kind."""
    if matter.kind == MatterKind.COMPLAINT and matter.category is not None and matter.category.holds:
        return matter.category.name
    return matter.get_kind_display()


def disputes_happened(*, case: Case, limit: int, user: User) -> list[TimelineItem]:
    """The steps of the disputes of a case's record, to who reads disputes."""
    if not sees_disputes(user):
        return []
    moves = (
        DisputeMove.objects.filter(dispute__in=disputes_visible_to(user).filter(case=case))
        .select_related("dispute", "by")
        .order_by("-at", "-pk")
    )
    return [
        TimelineItem(
            at=move.at,
            order=(move.at, move.at, move.pk),
            icon=STEP_MARKS.get(move.what, ("dot", ""))[0],
            look=STEP_MARKS.get(move.what, ("dot", ""))[1],
            what=move.get_what_display(),
            detail=f"\u2068{move.dispute.reference}\u2069",
            who=move.by or "",
        )
        for move in moves[:limit]
    ]
