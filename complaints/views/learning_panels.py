"""What is learnt from a matter, on its page: its root cause, recommendations, and who else was treated so."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from complaints.choices import MatterKind, RedressState, Stage
from complaints.forms.learning import FindCauseForm
from complaints.models import ImportedMatter, Matter, RootCause
from complaints.policies import (
    can_find_cause,
    can_propose,
    can_ripple,
    recommendations_visible_to,
    redress_visible_to,
    sees_redress,
)
from complaints.rules.importing import FLAG_WORDS, LABEL_WORDS
from complaints.selectors.ripple import is_upheld
from complaints.services.causes import KNOWN
from credit.views.parts import Given, Part


def origin(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What an earlier register says of it, beside the matter itself; nothing of what was told here."""
    found = ImportedMatter.objects.filter(matter=matter).first()
    if found is None:
        return None
    labels = [(words, found.labels[name]) for name, words in LABEL_WORDS.items() if found.labels.get(name)]
    flags = [FLAG_WORDS[flag] for flag in found.flags]
    return Part(
        template="complaints/learning/origin.html",
        context={"found": found, "labels": labels, "flags": flags},
        aside=True,
    )


def learnt(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """From the decision on; nothing of a matter that is no complaint, unless something was proposed from it."""
    proposed = list(recommendations_visible_to(user).filter(matters=matter).order_by("pk"))
    known = matter.kind == MatterKind.COMPLAINT and matter.stage in KNOWN
    if not known and not proposed:
        return None
    cause = RootCause.objects.filter(code=matter.root_cause).select_related("parent").first()
    others = redress_visible_to(user).filter(matter=matter)
    finds = known and can_find_cause(user, matter)
    return Part(
        template="complaints/learning/panel.html",
        context={
            "cause": cause,
            "owed": known and is_upheld(matter) and cause is None,
            # Who closes it is asked there.
            "unfolds": matter.stage == Stage.CLOSED and is_upheld(matter) and cause is None,
            "cause_form": (given.get("cause_form") or FindCauseForm(initial={"cause": cause})) if finds else None,
            "proposed": proposed,
            "proposes": can_propose(user),
            "upheld": is_upheld(matter),
            "ripples": can_ripple(user) and is_upheld(matter),
            "sees_redress": sees_redress(user),
            "others": others.count(),
            "open": others.filter(state=RedressState.OPEN).count(),
        },
        aside=True,
    )
