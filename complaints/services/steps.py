"""What every step of handling begins with: the matter under lock, its level's work, and what the step asks for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.models import Matter, MatterRound
from complaints.policies import can_handle_matter
from complaints.rules.handling import NEED_WORDS, missing_for
from complaints.selectors.handling import facts_of, round_of
from complaints.services.matters import matter_held


def worked(*, user: User, matter: Matter, stage: str) -> Matter:
    """The matter under lock, for who may work on it, at this stage. Raises NotAllowed or Conflict."""
    held = matter_held(matter)
    if not can_handle_matter(user, held):
        raise NotAllowed("matter_handler", _("This matter is handled by others."))
    if held.stage != stage:
        raise Conflict("matter_moved", _("This matter stands otherwise by now."))
    return held


def needed(*, matter: Matter, to: str) -> None:
    """Raises Refused naming everything that the step still asks for."""
    facts = facts_of(matter=matter, work=round_of(matter))
    if lacking := missing_for(facts=facts, to=to):
        words = "; ".join(str(NEED_WORDS[need]) for need in lacking)
        raise Refused("matter_needs", _("Still needed: %(needs)s.") % {"needs": words},
                      details={"needs": [str(need) for need in lacking]})  # fmt: skip


def work_of(matter: Matter) -> MatterRound:
    """The work of its level, under lock. Raises Conflict before it is assessed."""
    found = MatterRound.objects.select_for_update().filter(matter=matter).order_by("level").last()
    if found is None:
        raise Conflict("matter_moved", _("This matter stands otherwise by now."))
    return found


def decision_copied(*, matter: Matter, work: MatterRound | None) -> None:
    """The matter shows what its level decided; nothing while that is open."""
    matter.outcome = work.outcome if work else ""
    matter.answered_at = work.decided_at if work else None
    matter.remedy_done = work.remedy if work else ""
    matter.compensation, matter.currency = (work.compensation, work.currency) if work else (None, "")
    matter.save(update_fields=["outcome", "answered_at", "remedy_done", "compensation", "currency"])
