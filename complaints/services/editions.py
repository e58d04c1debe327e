"""The only writer of what is published in versions: prepared by one, approved by another, then it stands.

Questions, the policy of complaints, procedures and outward bodies go the same way. The database says the same
(migration ``complaints.0045``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ClientKind
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from common.wording import FORCE, LEGAL, REGULATOR, SHAME, words_found
from complaints.choices import EDITION_MOVES, EditionState
from complaints.models import LetterText, Matter, OutwardBody, PolicyText, Procedure, ProcedureStep
from complaints.models.editions import Edition
from complaints.policies import can_approve_edition, can_prepare_editions
from complaints.selectors.bodies import bodies_in_force

E = TypeVar("E", bound=Edition)
LOCK = 0x4544_4954
LONGEST_REASON = 500


def edition_digest(edition: Edition) -> str:
    """The hash of what a version says; whoever approves, approves this."""
    said = json.dumps([edition.code, edition.version, edition.says()], ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _act(edition: Edition) -> str:
    return str(edition._meta.model_name)


def _recorded(user: User, edition: Edition, act: str, **body: Any) -> None:
    record(
        actor=Actor.person(user), action=f"{_act(edition)}.{act}", subject=edition,
        body={"code": edition.code, "version": edition.version, **body},
    )  # fmt: skip


def _serial() -> None:
    """Who begins and who approves wait for each other: of each code one version is published."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _new_code(model: type[Edition]) -> str:
    numbers = [int(code.rpartition("-")[2]) for code in model._default_manager.values_list("code", flat=True)
               if code.rpartition("-")[2].isdigit()]  # fmt: skip
    return f"{model.LETTER}-{max(numbers, default=0) + 1:03d}"


def _written(edition: Edition, told: Mapping[str, Any]) -> None:
    """What a form tells, into a draft; the steps of a procedure are written whole."""
    told = dict(told)
    steps: Sequence[Mapping[str, Any]] | None = told.pop("steps", None)
    for name, value in told.items():
        setattr(edition, name, value.strip() if isinstance(value, str) else value)
    if isinstance(edition, Procedure) and steps is not None and not steps:
        raise Refused("procedure_steps", _("A procedure has at least one step."))
    if isinstance(edition, LetterText):
        _worded(edition)
    edition.save()
    if isinstance(edition, Procedure) and steps is not None:
        edition.steps.all().delete()
        ProcedureStep.objects.bulk_create(
            ProcedureStep(procedure=edition, place=place, **step) for place, step in enumerate(steps)
        )


def _worded(text: LetterText) -> None:
    """Every part in both languages or in none, without force or shame, and of no legal step (CONDUCT-WORDING)."""
    for part in LetterText.PARTS:
        arabic, english = getattr(text, f"{part}_ar"), getattr(text, f"{part}_en")
        lacking = "ar" if english and not arabic else "en" if arabic and not english else ""
        if lacking:
            raise Refused("letter_languages", _("Write it in both languages."), field=f"{part}_{lacking}")
        if len(arabic.splitlines()) != len(english.splitlines()) and part == "points":
            raise Refused("letter_points", _("Both languages have the same points, one a line."), field="points_en")
    for name in LetterText.SAYS:
        if found := words_found(text=getattr(text, name), groups=(REGULATOR, FORCE, SHAME, LEGAL)):
            words = _("These words may not stand in it: %(words)s.") % {"words": " · ".join(found)}
            raise Refused("letter_wording", words, field=name)


def edition_draft(
    *,
    user: User,
    model: type[E],
    told: Mapping[str, Any],
    at: dt.datetime,
    of: E | None = None,
    from_matter: Matter | None = None,
) -> E:
    """The next version ``of`` one that is there, or the first of something new; it waits for another's approval.

    ``from_matter`` is what gave the occasion: nothing of it is carried over but its reference, into the trail. Raises
    NotAllowed for who does not prepare, Conflict while a version is in preparation.
    """
    if not can_prepare_editions(user):
        raise NotAllowed("edition_prepare", _("What is published is prepared by the quality officer."))
    with transaction.atomic():
        _serial()
        code, version = of.code if of is not None else _new_code(model), 1
        if of is not None:
            versions = model._default_manager.filter(code=code)
            if versions.filter(state=EditionState.DRAFT).exists():
                raise Conflict("edition_open", _("A change of this is in preparation already."))
            version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
        draft = model(code=code, version=version, prepared_by=user, prepared_at=at)
        _written(draft, told)
        _recorded(user, draft, "drafted", said=draft.says(), matter=from_matter.reference if from_matter else "")
    return draft


def _held(edition: E) -> E:
    held: E = type(edition)._default_manager.select_for_update(of=("self",)).get(pk=edition.pk)
    return held


def _move(edition: Edition, to: str) -> None:
    if to not in EDITION_MOVES[edition.state]:
        raise Conflict("edition_moved", _("This version was decided in the meantime."))
    edition.state = to


def _still_whole(edition: Edition) -> None:
    """Something is left in force. Raises Refused where no policy or letter would be, or no body for some customers."""
    if isinstance(edition, PolicyText | LetterText) and edition.state == EditionState.WITHDRAWN and edition.approved_at:
        raise Refused("edition_last", _("This is never without a version: approve the next one instead."))
    if isinstance(edition, OutwardBody):
        named = {kind for body in bodies_in_force() for kind in body.client_kinds}
        if without := [str(label) for kind, label in ClientKind.choices if kind not in named]:
            words = _("Nobody would be named to the customers of: %(kinds)s") % {"kinds": " · ".join(without)}
            raise Refused("edition_last", words)


def edition_edit(*, user: User, edition: E, told: Mapping[str, Any], at: dt.datetime) -> E:
    """Write a draft anew. Raises NotAllowed for who did not begin it, Conflict when it is no draft any more."""
    if edition.prepared_by_id != user.pk:
        raise NotAllowed("edition_edit", _("Only who began this draft edits it."))
    with transaction.atomic():
        held = _held(edition)
        if held.state != EditionState.DRAFT:
            raise Conflict("edition_moved", _("This version was decided in the meantime."))
        held.prepared_at = at
        _written(held, told)
        _recorded(user, held, "edited", said=held.says())
    return held


def edition_approve(*, user: User, edition: E, digest: str, at: dt.datetime) -> E:
    """Publish a version; the one before it is replaced. ``digest`` is that of the text that was read.

    Raises NotAllowed for who prepared it or may not approve, Conflict when it was decided, or says something else by
    now, Refused where nothing would be left in force.
    """
    if not can_approve_edition(user, edition):
        raise NotAllowed("edition_approve", _("Another person than who prepared it approves."))
    with transaction.atomic():
        _serial()
        held = _held(edition)
        _move(held, EditionState.APPROVED)
        if edition_digest(held) != digest:
            raise Conflict("edition_changed", _("The text was changed since you read it. Read it again."))
        before = type(held)._default_manager.filter(code=held.code, state=EditionState.APPROVED).first()
        if before is not None:
            _move(before, EditionState.REPLACED)
            before.save(update_fields=["state"])
        held.approved_by, held.approved_at = user, at
        held.save(update_fields=["state", "approved_by", "approved_at"])
        _still_whole(held)
        _recorded(user, held, "approved", digest=digest)
    return held


def edition_withdraw(*, user: User, edition: E, reason: str) -> E:
    """Take a version back: what is published is shown no longer, a draft is not asked for any more, or is sent back.

    Raises NotAllowed for who neither began the draft nor approves, Refused without a reason or where nothing would be
    left in force, Conflict for what ended.
    """
    theirs = edition.state == EditionState.DRAFT and edition.prepared_by_id == user.pk
    if not (theirs or can_approve_edition(user, edition)):
        raise NotAllowed("edition_withdraw", _("Another person than who prepared it withdraws it."))
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused("edition_reason", _("Say why."), field="reason")
    with transaction.atomic():
        held = _held(edition)
        _move(held, EditionState.WITHDRAWN)
        held.reason = reason
        held.save(update_fields=["state", "reason"])
        _still_whole(held)
        _recorded(user, held, "withdrawn", reason=reason)
    return held
