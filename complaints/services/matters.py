"""The only writer of matters: told, moved along the stages of ISO 10002, noted on, acknowledged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, ContactAttempt
from common import crypto
from common.audit import Actor, record
from common.clock import RIYADH
from common.clocks import clock_event
from common.exceptions import Conflict, Refused
from common.outbox import Recipient, message_queue
from complaints.choices import (
    CLOCK_OF,
    LETTERS,
    MATTER_MOVES,
    Complainant,
    Department,
    Intake,
    MatterKind,
    NoteKind,
    Remedy,
    Severity,
    Stage,
)
from complaints.models import Category, Matter, MatterMove, MatterNote
from complaints.rules.messages import RECEIVED, RECEIVED_NAMES
from complaints.rules.words import plain_words
from complaints.selectors.matters import (
    EMAIL,
    NAME,
    NOTE,
    PHONE,
    WORDS,
    answer_due,
    key_of_matter,
    person_of,
    profiles_of,
)
from complaints.services.objections import objection_hold
from parties.rules.identifiers import normalise_email, normalise_mobile

LONGEST_WORDS = 20_000
WORDS_INDEX = "MATTER_WORDS"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody tells us, as it came. With a case the client and the account follow from it."""

    kind: str
    intake: str
    complainant: str
    words: str
    name: str = ""
    phone: str = ""
    email: str = ""
    language: str = "ar"
    account_ref: str = ""
    client: Client | None = None
    case: Case | None = None
    attempt: ContactAttempt | None = None
    party_id: int | None = None
    category: Category | None = None
    product: str = ""
    severity: str = ""
    remedy_sought: str = ""
    concerned: User | None = None
    is_confidential: bool = False


def _chosen(value: str, choices: type[TextChoices], name: str, *, empty: bool = False) -> None:
    if value not in choices.values and not (empty and not value):
        raise Refused(f"matter_{name}", _("Choose one of the list."), field=name)


def _checked(told: Told) -> None:
    """Raises Refused for what cannot be written down."""
    _chosen(told.kind, MatterKind, "kind")
    _chosen(told.intake, Intake, "intake")
    _chosen(told.complainant, Complainant, "complainant")
    _chosen(told.severity, Severity, "severity", empty=True)
    _chosen(told.remedy_sought, Remedy, "remedy_sought", empty=True)
    if told.language not in {"ar", "en"}:
        raise Refused("matter_language", _("Choose one of the list."), field="language")
    if not plain_words(told.words):
        raise Refused("matter_words", _("Say what it is about."), field="words")
    if len(told.words) > LONGEST_WORDS:
        raise Refused("matter_words", _("That is longer than 20,000 characters."), field="words")
    if told.case is not None and told.client is not None and told.case.client_id != told.client.pk:
        raise Refused("matter_client", _("This account is of another client."), field="client")


def reached(*, phone: str, email: str) -> tuple[str, str]:
    """Number and address as they are kept. Raises Refused, at its field, for one that cannot be."""
    try:
        number = normalise_mobile(phone) if phone.strip() else ""
    except ValueError as error:
        raise Refused("matter_phone", _("This is no phone number."), field="phone") from error
    try:
        return number, normalise_email(email) if email.strip() else ""
    except ValueError as error:
        raise Refused("matter_email", _("This is no e-mail address."), field="email") from error


def _sealed(key: bytes, value: str, column: str) -> bytes | None:
    return crypto.encrypt(key=key, value=value, column=column) if value else None


def _indexed(value: str, kind: str) -> bytes | None:
    return crypto.blind_index(value=value, kind=kind) if value else None


def _reference(*, kind: str, at: dt.datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('complaints_matter_number')")
        (number,) = cursor.fetchone()
    return f"{LETTERS[kind]}-{at.astimezone(RIYADH):%Y}-{number:06d}"


def matter_register(*, actor: Actor, told: Told, at: dt.datetime, user: User | None = None) -> Matter:
    """Write down what somebody told us ``at``: under a key of its own, with its reference, received and tracked.

    Its clocks begin. Raises Refused for what cannot be written down. Whether ``user`` may was asked before; who tells
    it is acknowledged by ``acknowledge``.
    """
    _checked(told)
    phone, email = reached(phone=told.phone, email=told.email)
    key, wrapped = crypto.new_data_key()
    case, category = told.case, told.category
    party_id = told.party_id
    if case is not None and party_id is None and told.complainant == Complainant.DEBTOR:
        party_id = case.debtor.party_id
    department = category.department if category else Department.FRONT_LINE
    if told.complainant == Complainant.CLIENT:
        department = Department.CLIENT_RELATIONS  # CR-04
    with transaction.atomic():
        matter = Matter.objects.create(
            client=case.client if case else told.client,
            reference=_reference(kind=told.kind, at=at),
            kind=told.kind,
            intake=told.intake,
            complainant=told.complainant,
            party_id=party_id,
            case=case,
            attempt=told.attempt,
            language=told.language,
            wrapped_key=wrapped,
            name_sealed=_sealed(key, told.name.strip(), NAME),
            phone_sealed=_sealed(key, phone, PHONE),
            phone_index=_indexed(phone, "MOBILE"),
            email_sealed=_sealed(key, email, EMAIL),
            email_index=_indexed(email, "EMAIL"),
            words_sealed=crypto.encrypt(key=key, value=told.words.strip(), column=WORDS),
            words_index=crypto.blind_index(value=plain_words(told.words), kind=WORDS_INDEX),
            account_ref=(case.debtor.debtor_ref if case else told.account_ref.strip())[:200],
            category=category,
            product=told.product.strip()[:80],
            department=department,
            severity=told.severity or (category.severity if category else Severity.MEDIUM),
            remedy_sought=told.remedy_sought,
            concerned=told.concerned,
            is_confidential=told.is_confidential,
            stage=Stage.TRACKED,
            received_at=at,
            recorded_by=user,
        )
        MatterMove.objects.bulk_create(
            MatterMove(matter=matter, from_stage=before, to_stage=after, level=matter.level, at=at, by=user)
            for before, after in (("", Stage.RECEIVED), (Stage.RECEIVED, Stage.TRACKED))
        )
        record(
            actor=actor,
            action="matter.registered",
            subject=matter,
            body={"reference": matter.reference, "kind": told.kind, "intake": told.intake, "case": matter.case_id,
                  "complainant": told.complainant, "confidential": told.is_confidential},
        )  # fmt: skip
        matter_event(actor=actor, matter=matter, event="RECEIVED", at=at)
        objection_hold(actor=actor, matter=matter, at=at)
    return matter


def matter_held(matter: Matter) -> Matter:
    """The matter as it stands, under lock, until the caller's transaction ends."""
    return Matter.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=matter.pk)


def matter_move(
    *, actor: Actor, matter: Matter, to: str, at: dt.datetime, user: User | None = None, reason: str = ""
) -> Matter:
    """Move a matter one stage on, in the caller's transaction; what must be true of it is the caller's business.

    A closed one has its outcome before. Raises Conflict for a move that ``MATTER_MOVES`` does not know.
    """
    held = matter_held(matter)
    before = held.stage
    if to not in MATTER_MOVES[before]:
        raise Conflict("matter_moved", _("This matter stands otherwise by now."))
    held.stage = to
    held.closed_at = at if to == Stage.CLOSED else None
    held.save(update_fields=["stage", "closed_at"])
    MatterMove.objects.create(
        matter=held, from_stage=before, to_stage=to, level=held.level, at=at, by=user, reason=reason[:500]
    )
    record(
        actor=actor,
        action="matter.moved",
        subject=held,
        body={"from": before, "to": to, "level": held.level, "reason": reason[:500]},
    )
    return held


def matter_event(*, actor: Actor, matter: Matter, event: str, at: dt.datetime, reason: str = "") -> None:
    """Tell the clocks of a matter what happened on it ``at``; those of its client's kind run beside the house's own."""
    clock_event(
        subject=matter, kind=CLOCK_OF[matter.kind], event=event, at=at, actor=actor, profiles=profiles_of(matter),
        reason=reason,
    )  # fmt: skip


def note_add(
    *,
    actor: Actor,
    matter: Matter,
    kind: str,
    words: str,
    at: dt.datetime,
    user: User | None = None,
    is_confidential: bool = False,
) -> MatterNote:
    """Write a note on a matter, sealed under its key. Raises Refused for an empty one, or where it was erased."""
    _chosen(kind, NoteKind, "kind")
    if not words.strip():
        raise Refused("note_words", _("Write the note."), field="words")
    if len(words) > LONGEST_WORDS:
        raise Refused("note_words", _("That is longer than 20,000 characters."), field="words")
    try:
        sealed = crypto.encrypt(key=key_of_matter(matter), value=words.strip(), column=NOTE)
    except crypto.Unreadable as error:
        raise Refused("matter_erased", _("The personal data of this matter was erased.")) from error
    with transaction.atomic():
        note = MatterNote.objects.create(
            matter=matter, kind=kind, words_sealed=sealed, at=at, by=user, is_confidential=is_confidential
        )
        record(
            actor=actor,
            action="matter_note.added",
            subject=note,
            client_id=matter.client_id,
            body={"matter": matter.pk, "kind": kind, "confidential": is_confidential},
        )
    return note


def acknowledge(*, actor: Actor, matter: Matter, at: dt.datetime) -> Matter:
    """Tell who told us that we have it: reference and time frame, by SMS and e-mail, whichever is known (CX-13, A43).

    Who left neither was told in person, or reads it on the page. Raises Conflict where it was acknowledged before.
    """
    with transaction.atomic():
        held = matter_move(actor=actor, matter=matter, to=Stage.ACKNOWLEDGED, at=at)
        values = {
            "reference": held.reference,
            "kind": RECEIVED_NAMES[held.language][held.kind],
            "answer_by": f"{answer_due(matter=held, at=at).astimezone(RIYADH):%Y-%m-%d}",
        }
        matter_tell(actor=actor, matter=held, template=RECEIVED.code, values=values, once="received")
    return held


def matter_tell(*, actor: Actor, matter: Matter, template: str, values: dict[str, str], once: str) -> int:
    """Queue a message to who told us, in their language, on every channel they gave; on how many.

    ``once`` names the occasion: a message of one occasion is never written twice.
    """
    person = person_of(matter=matter)
    channels = {"SMS": person.phone, "EMAIL": person.email}
    for channel, address in channels.items():
        if address:
            message_queue(
                actor=actor, client_id=matter.client_id, subject=matter, template=template, language=matter.language,
                channel=channel, to=Recipient(address=address, party_id=matter.party_id), values=values,
                once_key=f"matter {matter.pk} {once} {channel}",
            )  # fmt: skip
    return sum(1 for address in channels.values() if address)
