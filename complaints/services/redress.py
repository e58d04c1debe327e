"""The only writer of redress: others who may have been treated as an upheld complaint says, seen to one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import RedressState
from complaints.models import Matter, Redress
from complaints.policies import can_ripple, matters_visible_to, redress_visible_to
from complaints.selectors.ripple import SPANS, Trait, cases_alike, is_upheld, traits_of
from complaints.services.matters import matter_held

LONGEST_ANSWER = 1000


def redress_open(
    *,
    user: User,
    matter: Matter,
    traits: Sequence[str],
    days: int,
    cases: Sequence[int],
    due_on: dt.date,
    at: dt.datetime,
) -> list[Redress]:
    """Have the chosen cases looked into by a day: those that were treated alike by these traits within the span.

    A case that is looked into for this matter already is left as it is. Raises NotAllowed for who may not, Conflict
    where the complaint was not upheld, and Refused for a case that was not treated alike, or none.
    """
    if not can_ripple(user) or not matters_visible_to(user).filter(pk=matter.pk).exists():
        raise NotAllowed("redress_open", _("Complaints and quality officers look for others."))
    if due_on < at.astimezone(RIYADH).date():
        raise Refused("redress_due", _("Give a day from today on."), field="due_on")
    if days not in SPANS:
        raise Refused("redress_days", _("Choose one of the list."), field="days")
    with transaction.atomic():
        held = matter_held(matter)
        if not is_upheld(held):
            raise Conflict("redress_matter", _("Only a complaint found justified is looked into further."))
        known = traits_of(matter=held)
        shared = {trait.value: known[trait] for trait in Trait if trait in traits and trait in known}
        alike = {one.case.pk: one for one in cases_alike(matter=held, user=user, traits=shared, days=days)}
        if not cases or not set(cases) <= set(alike):
            raise Refused("redress_cases", _("Choose from the cases that were treated the same way."), field="cases")
        made = Redress.objects.bulk_create(
            Redress(client_id=alike[pk].case.client_id, matter=held, case_id=pk, due_on=due_on,
                    shared={"traits": shared, "days": days,
                            "times": alike[pk].times})
            for pk in sorted(set(cases))
        )  # fmt: skip
        record(
            actor=Actor.person(user), action="redress.opened", subject=held,
            body={"cases": sorted(set(cases)), "traits": list(shared), "days": days,
                  "due_on": due_on},
        )  # fmt: skip
    return made


def redress_answer(*, user: User, redress: Redress, state: str, answer: str, at: dt.datetime) -> Redress:
    """What was found of one case: nothing of the kind, or the same, and what was put right; in words.

    Raises NotAllowed for who may not see to it, Conflict where it was answered, and Refused without words.
    """
    if not can_ripple(user) or not redress_visible_to(user).filter(pk=redress.pk).exists():
        raise NotAllowed("redress_answer", _("Complaints and quality officers look for others."))
    if state not in {RedressState.SAME, RedressState.OTHER}:
        raise Refused("redress_state", _("Choose one of the list."), field="state")
    answer = answer.strip()
    if not answer or len(answer) > LONGEST_ANSWER:
        raise Refused("redress_words", _("Say it in a few sentences."), field="answer")
    with transaction.atomic():
        held = Redress.objects.select_for_update(of=("self",), no_key=True).get(pk=redress.pk)
        if held.state != RedressState.OPEN:
            raise Conflict("redress_answered", _("This was answered already."))
        held.state, held.answer, held.answered_by, held.answered_at = state, answer, user, at
        held.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        record(actor=Actor.person(user), action="redress.answered", subject=held,
               body={"matter": held.matter_id, "case": held.case_id, "state": state})  # fmt: skip
    return held
