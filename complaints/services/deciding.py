"""The only writer of how a matter is decided, told and closed at its level (ISO 10002, A18)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from complaints.choices import UPHELD, MatterKind, NoteKind, Outcome, PaperKind, Remedy, Stage, TellWay
from complaints.models import Matter, MatterPaper, MatterRound, RootCause
from complaints.policies import can_decide_matter
from complaints.rules.handling import WRITE_IN, is_in
from complaints.selectors.handling import outcome_found, result_is_lost, ways_of
from complaints.selectors.matters import person_of
from complaints.services.causes import matter_cause
from complaints.services.letters import letter_make
from complaints.services.matters import matter_event, matter_held, matter_move, note_add
from complaints.services.notices import closing_told, progress_told, result_told, rights_told
from complaints.services.objections import objection_settle
from complaints.services.steps import decision_copied, needed, work_of, worked

LONGEST_LINE = 500
# Where the house looked and found that there is nothing of its own to decide.
WITHOUT_FINDINGS = frozenset({Outcome.NOT_OURS, Outcome.WITHDRAWN})


def matter_answer(
    *,
    user: User,
    matter: Matter,
    words: str,
    at: dt.datetime,
    ending: str = "",
    remedy: str = "",
    correction: str = "",
    compensation: Decimal | None = None,
    currency: str = "SAR",
) -> Matter:
    """Decide a matter at its level, with the answer in the complainant's language, its reasons and what is put right.

    Whether a complaint was justified follows from the findings; ``ending`` names the two other ways to end
    (``WITHOUT_FINDINGS``). Raises NotAllowed for who does not decide at this level or decided at another, and Refused
    for a justified complaint in which nothing is put right.
    """
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.INVESTIGATED), Actor.person(user)
        if not can_decide_matter(user, held):
            raise NotAllowed("matter_level", _("This level is decided by somebody else."))
        if ending and ending not in WITHOUT_FINDINGS:
            raise Refused("matter_outcome", _("Choose one of the list."), field="ending")
        needed(matter=held, to=Stage.RESPONDED)
        work = work_of(held)
        if not words.strip() or not is_in(words=words, language=held.language):
            raise Refused("matter_language", WRITE_IN[held.language], field="words")
        work.outcome = ending or _found_out(held, work)
        _put_right(work, remedy=remedy, correction=correction, compensation=compensation, currency=currency)
        work.answer = note_add(actor=actor, matter=held, kind=NoteKind.ANSWER, words=words, at=at, user=user)
        work.decided_at, work.decided_by = at, user
        work.save()
        decision_copied(matter=held, work=work)
        record(
            actor=actor,
            action="matter.answered",
            subject=held,
            body={"level": held.level, "outcome": work.outcome, "remedy": work.remedy,
                  "compensation": work.compensation, "currency": work.currency},
        )  # fmt: skip
        moved = matter_move(actor=actor, matter=held, to=Stage.RESPONDED, at=at, user=user)
        matter_event(actor=actor, matter=moved, event="ANSWERED", at=at)
        if held.kind == MatterKind.COMPLAINT:
            progress_told(actor=actor, matter=moved)
    return moved


def _found_out(matter: Matter, work: MatterRound) -> str:
    if matter.kind != MatterKind.COMPLAINT:
        return Outcome.ANSWERED
    return outcome_found(work)


def _put_right(work: MatterRound, *, remedy: str, correction: str, compensation: Decimal | None, currency: str) -> None:
    """Raises Refused where nothing is put right of a justified complaint, or something of one that is not."""
    if remedy and remedy not in Remedy.values:
        raise Refused("matter_remedy", _("Choose one of the list."), field="remedy")
    if work.outcome in UPHELD and not remedy:
        raise Refused("matter_remedy", _("It is justified: say what is put right."), field="remedy")
    if remedy == Remedy.COMPENSATION and compensation is None:
        raise Refused("matter_compensation", _("Give the amount."), field="compensation")
    if compensation is not None and (work.outcome not in UPHELD or remedy != Remedy.COMPENSATION):
        raise Refused("matter_compensation", _("A compensation belongs to a justified complaint."), field="remedy")
    if compensation is not None and compensation <= 0:
        raise Refused("matter_compensation", _("A compensation is more than nothing."), field="compensation")
    if remedy == Remedy.CORRECTION and not correction.strip():
        raise Refused("matter_correction", _("Say what was put right."), field="correction")
    work.remedy, work.correction = remedy, correction.strip()[:LONGEST_LINE]
    work.compensation, work.currency = compensation, currency if compensation is not None else ""


def matter_communicate(
    *,
    user: User,
    matter: Matter,
    how: str,
    at: dt.datetime,
    told_at: dt.datetime | None = None,
    note: str = "",
    way_shown: bool = False,
    documents: Sequence[MatterPaper] = (),
) -> Matter:
    """Tell the complainant the result: the letter is made and frozen, and goes by e-mail with a word by SMS; or
    somebody told them, ``told_at``, and notes whom and how.

    ``documents`` are papers of evidence that go with it (A18). An objection to an amount is decided with it, and the
    account goes on. Where the message did not leave after all, it is told once more, another way. By message the
    further way is always shown; told by word of mouth it counts as shown where it is
    said so. Raises Refused where no address is known for a message, and for a telling before the decision or without a
    note.
    """
    if how not in TellWay.values:
        raise Refused("matter_how", _("Choose one of the list."), field="how")
    with transaction.atomic():
        held, actor = matter_held(matter), Actor.person(user)
        again = held.stage == Stage.COMMUNICATED and result_is_lost(matter=held, work=work_of(held))
        held = worked(user=user, matter=matter, stage=Stage.COMMUNICATED if again else Stage.RESPONDED)
        needed(matter=held, to=Stage.COMMUNICATED)
        work, person = work_of(held), person_of(matter=held)
        by_message = how == TellWay.MESSAGE
        if by_message and again:
            raise Refused("matter_how", _("The message did not arrive. Tell them another way."), field="how")
        if by_message and not (person.phone or person.email):
            raise Refused("matter_address", _("No number or address is known. Tell them another way."), field="how")
        told_at = at if by_message or told_at is None else told_at
        if told_at > at or (work.decided_at is not None and told_at < work.decided_at):
            raise Refused("matter_told_at", _("That is not between the decision and now."), field="told_at")
        if not by_message and not note.strip():
            raise Refused("matter_note", _("Say who was told, and how."), field="note")
        work.told_at, work.told_by, work.told_how, work.told_note = told_at, user, how, note.strip()[:LONGEST_LINE]
        work.ways = ways_of(held) if by_message or how == TellWay.POST or way_shown else []
        if again:
            work.save()
            record(actor=actor, action="matter.told_otherwise", subject=held,
                   body={"level": held.level, "how": how, "told_at": told_at, "ways": work.ways})  # fmt: skip
            return held
        work.documents.set(_shown(matter=held, papers=documents))
        work.letter = letter_make(actor=actor, matter=held, kind=PaperKind.RESULT, at=at, user=user, work=work)
        work.save()
        record(
            actor=actor,
            action="matter.communicated",
            subject=held,
            body={"level": held.level, "how": how, "told_at": told_at, "ways": work.ways, "letter": work.letter.number},
        )  # fmt: skip
        objection_settle(actor=actor, matter=held, outcome=work.outcome, at=at)
        moved = matter_move(actor=actor, matter=held, to=Stage.COMMUNICATED, at=at, user=user)
        if by_message:
            result_told(actor=actor, matter=moved, work=work)
    return moved


def _shown(*, matter: Matter, papers: Sequence[MatterPaper]) -> Sequence[MatterPaper]:
    if any(
        paper.matter_id != matter.pk or paper.kind != PaperKind.EVIDENCE or paper.is_confidential for paper in papers
    ):
        raise Refused(
            "matter_documents",
            _("Choose papers of evidence of this matter that are not confidential."),
            field="documents",
        )
    return papers


def rights_show(*, user: User, matter: Matter, at: dt.datetime, note: str = "") -> MatterPaper:
    """Show the further way to who was told the result without it: the summary of rights is made and sent, or handed
    over, which ``note`` then says.
    """
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.COMMUNICATED), Actor.person(user)
        work, person = work_of(held), person_of(matter=held)
        if not (person.phone or person.email) and not note.strip():
            raise Refused("matter_note", _("Say who was told, and how."), field="note")
        work.ways = ways_of(held)
        work.save(update_fields=["ways"])
        paper = letter_make(actor=actor, matter=held, kind=PaperKind.RIGHTS, at=at, user=user, work=work)
        rights_told(actor=actor, matter=held, work=work, paper=paper)
        record(actor=actor, action="matter.rights_shown", subject=held,
               body={"ways": work.ways, "note": note.strip()[:LONGEST_LINE], "paper": paper.number})  # fmt: skip
    return paper


def matter_close(
    *, user: User, matter: Matter, at: dt.datetime, reason: str = "", cause: RootCause | None = None
) -> Matter:
    """Close a matter once result, evidence, that the complainant was told, and the further way stand on file
    (COMPLAINT-CLOSE-EVIDENCE), and of what was justified the root ``cause`` (CR-05), here if not before. They are asked
    how satisfied they are (CX-19).
    """
    with transaction.atomic():
        if cause is not None:
            matter = matter_cause(user=user, matter=matter, cause=cause)
        held, actor = worked(user=user, matter=matter, stage=Stage.COMMUNICATED), Actor.person(user)
        needed(matter=held, to=Stage.CLOSED)
        moved = matter_move(actor=actor, matter=held, to=Stage.CLOSED, at=at, user=user, reason=reason)
        matter_event(actor=actor, matter=moved, event="CLOSED", at=at)
        closing_told(actor=actor, matter=moved, at=at)
    return moved
