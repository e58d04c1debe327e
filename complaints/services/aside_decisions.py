"""What becomes of a mail that was set aside: a person makes a matter of it, or dismisses it (ADR 0040).

Once that is said, the key under which it waited is destroyed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import AsideState, MatterKind
from complaints.models import AsideMail, Matter
from complaints.policies import can_decide_mails
from complaints.rules.mails import Letter
from complaints.rules.words import plain_words
from complaints.services.aside_mails import aside_letter
from complaints.services.mails import letter_follow
from parties.rules.identifiers import normalise_email

LONGEST_REASON = 300


def _held(user: User, aside: AsideMail) -> AsideMail:
    """Locked. Raises NotAllowed for who does not decide, Conflict once somebody did."""
    if not can_decide_mails(user):
        raise NotAllowed("mail_decide", _("Mails that were set aside are the complaints officer's."))
    held = AsideMail.objects.select_for_update(of=("self",)).select_related("mail").get(pk=aside.pk)
    if held.state != AsideState.WAITING:
        raise Conflict("mail_decided", _("Somebody decided on this mail in the meantime."))
    return held


def _decided(
    user: User, aside: AsideMail, *, state: str, at: dt.datetime, reason: str = "", matter: Matter | None = None
) -> None:
    aside.state, aside.reason, aside.matter, aside.decided_by, aside.decided_at = state, reason, matter, user, at
    aside.wrapped_key = aside.raw_sealed = None
    aside.save(update_fields=["state", "reason", "matter", "decided_by", "decided_at", "wrapped_key", "raw_sealed"])
    record(
        actor=Actor.person(user), action=f"aside_mail.{state.lower()}", subject=aside,
        client_id=matter.client_id if matter is not None else None,
        body={"mail": aside.mail_id, "why_aside": aside.mail.reason, "reason": reason,
              "matter": matter.reference if matter is not None else ""},
    )  # fmt: skip


def aside_dismiss(*, user: User, aside: AsideMail, reason: str, at: dt.datetime) -> AsideMail:
    """It is nothing that anybody tells us. Raises Refused without a reason, NotAllowed and Conflict as ``_held``."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused("mail_reason", _("Say why."), field="reason")
    with transaction.atomic():
        held = _held(user, aside)
        _decided(user, held, state=AsideState.DISMISSED, at=at, reason=reason)
    return held


def letter_taken(*, letter: Letter, kind: str, words: str) -> Letter:
    """A letter as the officer who takes it reads it: its kind, and what they add where it says nothing itself."""
    said = "\n\n".join(part for part in (letter.words.strip(), words.strip()) if part)
    if not plain_words(said):
        raise Refused("mail_words", _("The mail says nothing: write down what it is about."), field="words")
    return replace(letter, kind=kind, words=said, aside="")


def aside_take(*, user: User, aside: AsideMail, kind: str, at: dt.datetime, words: str = "") -> Matter:
    """A person says that somebody tells us something: registered like any mail, or noted on the open matter it names.

    Raises Refused for a kind that is none and a mail that says nothing, NotAllowed and Conflict as ``_held``.
    """
    if kind not in MatterKind.values:
        raise Refused("matter_kind", _("Choose one of the list."), field="kind")
    with transaction.atomic():
        held = _held(user, aside)
        letter = letter_taken(letter=aside_letter(held), kind=kind, words=words)
        try:
            address = normalise_email(letter.sender)
        except ValueError:
            address = ""
        matter, _result = letter_follow(actor=Actor.person(user), letter=letter, address=address, at=at, user=user)
        _decided(user, held, state=AsideState.TAKEN, at=at, matter=matter)
    return matter
