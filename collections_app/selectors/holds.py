"""The holds of a case as people read them: what each covers, who placed, decided and ended it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from collections_app.choices import HoldDecision, HoldKind
from collections_app.models import Case, Hold
from collections_app.selectors.reasons import Told, reasons_of
from common import slots


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """One hold; ``counts`` says what becomes of its days."""

    hold: Hold
    placed: Told | None
    ended: Told | None
    decided: Told | None
    # Why nobody at the case decides or ends it: something stands on it that does.
    kept: str | Promise = ""

    @property
    def undecided(self) -> bool:
        """An objection that nobody has accepted or rejected yet."""
        return self.hold.kind == HoldKind.OBJECTION and not self.hold.decision

    @property
    def counts(self) -> str:
        """``LATER`` while an objection is undecided, ``NEVER_HELD`` when it was rejected, else ``NO`` or ``YES``."""
        if self.undecided:
            return "LATER"
        if self.hold.decision == HoldDecision.REJECTED:
            return "NEVER_HELD"
        return "NO" if self.hold.frozen else "YES"


def holds_kept(*, hold_ids: Sequence[int]) -> dict[int, str | Promise]:
    """Which of these holds something stands on that decides and ends them itself, and the words for people.

    Higher apps say so in the slot ``hold_keepers``: functions of the ids, which answer with words by id.
    """
    kept: dict[int, str | Promise] = {}
    for keeper in slots.filled("hold_keepers"):
        kept |= keeper(hold_ids=hold_ids)
    return kept


def holds_of(*, case: Case) -> list[HeldRow]:
    """Every hold of the case, the newest first."""
    holds = list(Hold.objects.filter(case=case).select_related("debt", "receivable").order_by("-from_on", "-pk"))
    kept = holds_kept(hold_ids=[h.pk for h in holds])
    told = reasons_of(event_ids=[pk for h in holds for pk in (h.event_id, h.ended_event_id, h.decided_event_id)])
    return [
        HeldRow(
            hold=hold,
            placed=told.get(hold.event_id),
            ended=told.get(hold.ended_event_id or 0),
            decided=told.get(hold.decided_event_id or 0),
            kept=kept.get(hold.pk, ""),
        )
        for hold in holds
    ]
