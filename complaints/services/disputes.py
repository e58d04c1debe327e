"""The only writer of disputes up to their decision: filed, the member notified, its reply or its silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import HoldKind
from collections_app.models import Case, Debt, Receivable
from collections_app.services.holds import hold_place
from common import crypto
from common.audit import Actor
from common.clock import RIYADH
from common.clocks import clock_begun, days_off
from common.deadlines import counts_from
from common.exceptions import Conflict, Refused
from common.models import Holiday
from complaints.choices import (
    DisputeGround,
    DisputeKind,
    DisputeState,
    DisputeStep,
    PaperKind,
    PublicRecord,
    ReplyStand,
)
from complaints.models import Dispute, DisputeRecipient, MatterPaper
from complaints.rules.disputes import a_year_before
from complaints.selectors.dispute_duties import notice_is_lost, notice_left_at, reply_clock
from complaints.selectors.dispute_words import sealed
from complaints.services.dispute_moves import dispute_happened, dispute_locked, dispute_step
from complaints.services.dispute_papers import Document, documents_keep
from complaints.services.dispute_silence import clocks_taken_back, silence_taken_back

LONGEST_WORDS = 5_000
LONGEST_SOURCE = 160


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody who had the record in the last year, as the objector names them."""

    name: str
    address: str
    received_on: dt.date
    email: str = ""
    held_item: bool = True


@dataclass(frozen=True, kw_only=True)
class FromRecord:
    """The public record an item comes from: which kind, whose, and of which day (CB-47)."""

    kind: str
    source: str
    on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Objection:
    """What an objector tells: item or decision, ground and words; where it is about one debt or receivable, which."""

    kind: str
    ground: str
    item: str
    words: str
    language: str = "ar"
    bureau_reference: str = ""
    debt: Debt | None = None
    receivable: Receivable | None = None
    documents: Sequence[Document] = ()
    recipients: Sequence[Named] = ()
    record: FromRecord | None = None


def _filing_faults(told: Objection) -> None:
    if told.kind not in DisputeKind.values or told.ground not in DisputeGround.values:
        raise Refused("dispute_ground", _("Choose what is objected to, and on what ground."), field="ground")
    for field, text in (("item", told.item), ("words", told.words)):
        if not text.strip() or len(text) > LONGEST_WORDS:
            raise Refused("dispute_words", _("Write it in at most 5,000 characters."), field=field)
    if told.language not in {"ar", "en"}:
        raise Refused("dispute_language", _("Letters are in Arabic or English."), field="language")


def _record_faults(told: Objection, *, on: dt.date) -> None:
    """An item of a public record is told with its source and date; a decision comes from none (CB-47)."""
    if (record := told.record) is None:
        return
    if told.kind != DisputeKind.ITEM:
        raise Refused("dispute_record", _("Only an item of the record comes from a public record."), field="record")
    if record.kind not in PublicRecord.values:
        raise Refused("dispute_record", _("Choose which public record it is."), field="record")
    if not record.source.strip() or len(record.source) > LONGEST_SOURCE:
        raise Refused("dispute_record", _("Name whose record it is."), field="record_source")
    if record.on is None or record.on > on:
        raise Refused("dispute_record", _("Say of which day the item is; not after the objection."), field="record_on")


def dispute_file(*, user: User, case: Case, told: Objection, at: dt.datetime) -> Dispute:
    """Take an objection in (CB-30). What comes outside office hours counts as of the next working day (CB-45).

    From the day it came a hold stands on what it is about, so that reminders stop (A18), and the item is flagged for
    furnishing (CB-38). Raises Refused for what is missing, for papers that are none, and where the account holder's
    data was erased. The caller has asked whether ``user`` may.
    """
    _filing_faults(told)
    _record_faults(told, on=at.astimezone(RIYADH).date())
    actor, wrapped = Actor.person(user), case.debtor.party.wrapped_key
    if wrapped is None:
        raise Refused("dispute_erased", _("The personal data of this account holder was erased."))
    key = crypto.unwrap(wrapped=bytes(wrapped))
    off = days_off(calendar=Holiday.Calendar.BANK, since=at.astimezone(RIYADH).date())
    with transaction.atomic():
        hold = hold_place(
            actor=actor, case=case, kind=HoldKind.OBJECTION, from_on=at.astimezone(RIYADH).date(), debt=told.debt,
            receivable=told.receivable, reason=str(_("Objection to the credit record")),
        )  # fmt: skip
        dispute = Dispute(
            client_id=case.client_id,
            case=case,
            reference=_reference(at),
            bureau_reference=told.bureau_reference.strip(),
            kind=told.kind,
            ground=told.ground,
            public_record=told.record.kind if told.record else "",
            record_source=told.record.source.strip() if told.record else "",
            record_on=told.record.on if told.record else None,
            item_sealed=crypto.encrypt(key=key, value=told.item.strip(), column="dispute.item"),
            words_sealed=crypto.encrypt(key=key, value=told.words.strip(), column="dispute.words"),
            language=told.language,
            filed_at=at,
            counts_from=counts_from(at=at, office_hours=True, holidays=off).date(),
            has_documents=bool(told.documents),
            hold=hold,
            handler=user,
            recorded_by=user,
        )
        dispute.save(force_insert=True)
        dispute_step(
            actor=actor, dispute=dispute, what=DisputeStep.FILED, at=at, user=user, case=case.pk, kind=told.kind,
            ground=told.ground, documents=len(told.documents), public_record=dispute.public_record,
        )  # fmt: skip
        documents_keep(
            actor=actor, user=user, dispute=dispute, documents=told.documents, kind=PaperKind.FROM_COMPLAINANT, at=at
        )
        for named in told.recipients:
            _named(dispute=dispute, named=named)
        dispute_happened(actor=actor, dispute=dispute, event="FILED", at=at)
    return dispute


def _reference(at: dt.datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('complaints_dispute_reference')")
        return f"D-{at.astimezone(RIYADH).year}-{cursor.fetchone()[0]:06d}"


def _named(*, dispute: Dispute, named: Named) -> DisputeRecipient:
    """Whoever had the record within the year before the filing may be named, and nobody else (CB-39, CB-40)."""
    filed = dispute.filed_at.astimezone(RIYADH).date()
    if not a_year_before(filed) <= named.received_on <= filed:
        raise Refused(
            "dispute_recipient",
            _("Name who received the record in the year before the objection."),
            field="received_on",
        )
    if not named.name.strip() or not named.address.strip():
        raise Refused("dispute_recipient", _("A recipient has a name and an address."), field="name")
    return DisputeRecipient.objects.create(
        client_id=dispute.client_id, dispute=dispute, name=named.name.strip(), address=named.address.strip(),
        email=named.email, received_on=named.received_on, held_item=named.held_item,
    )  # fmt: skip


def recipient_add(*, user: User, dispute: Dispute, named: Named, at: dt.datetime) -> DisputeRecipient:
    """One more recipient of the last year, named by the objector. Raises Refused as ``dispute_file``."""
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        made = _named(dispute=locked, named=named)
        dispute_step(
            actor=Actor.person(user), dispute=locked, what=DisputeStep.RECIPIENT_NAMED, at=at, user=user,
            recipient=made.pk,
        )  # fmt: skip
    return made


def document_add(
    *, user: User, dispute: Dispute, document: Document, at: dt.datetime, kind: str = PaperKind.FROM_COMPLAINANT
) -> MatterPaper:
    """Keep a paper of a dispute that is not decided: the objector's, or the member's contract or consent.

    Only the objector's count as official documents (CB-44). Raises Conflict once it is decided: the decision stands on
    what lay there.
    """
    if kind not in {PaperKind.FROM_COMPLAINANT, PaperKind.CONTRACT, PaperKind.CONSENT, PaperKind.EVIDENCE}:
        raise Refused("paper_kind", _("Choose what the paper is."), field="kind")
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.outcome:
            raise Conflict("dispute_decided", _("This dispute is decided."))
        kept = documents_keep(actor=actor, user=user, dispute=locked, documents=[document], kind=kind, at=at)[0]
        locked.has_documents = locked.has_documents or kind == PaperKind.FROM_COMPLAINANT
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.DOCUMENT_ADDED, at=at, user=user, paper=kept.pk, kind=kind
        )
    return kept


def documents_asked(*, user: User, dispute: Dispute, at: dt.datetime) -> Dispute:
    """Write down that the official documents that are missing were asked for (CB-44). No clock waits for them (I-13).

    Raises Conflict where they are there, and once it is decided.
    """
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.outcome or locked.has_documents:
            raise Conflict("dispute_documents", _("Nothing is missing here."))
        locked.documents_asked_at = at
        dispute_step(actor=Actor.person(user), dispute=locked, what=DisputeStep.DOCUMENTS_ASKED, at=at, user=user)
    return locked


def member_notified(*, user: User, dispute: Dispute, at: dt.datetime, paper: MatterPaper, how: str = "") -> Dispute:
    """The member has the written notice with all that the objector submitted (CB-31, CB-48): its ten working days run.

    ``paper`` is the notice as it left. Where the notice before it never did, the time begins anew. Raises Conflict when
    it was notified before.
    """
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        anew = notice_is_lost(dispute=locked, before=paper)
        locked.notified_at = at
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.NOTIFIED, to="" if anew else DisputeState.WITH_MEMBER, at=at,
            user=user, reason=how, paper=paper.number,
        )  # fmt: skip
        running = reply_clock(dispute=locked) if anew else None
        if running is not None:
            clock_begun(clock=running, at=at, actor=actor, reason=str(_("The notice before this one never left")))
        dispute_happened(actor=actor, dispute=locked, event="MEMBER_NOTIFIED", at=at)
    return locked


def dispute_reply(
    *,
    actor: Actor,
    dispute: Dispute,
    stand: str,
    words: str,
    at: dt.datetime,
    user: User | None = None,
    documents: Sequence[Document] = (),
    with_evidence: bool = False,
    recorded_at: dt.datetime | None = None,
) -> Dispute:
    """The member's reply, by whichever door; ``with_evidence`` where its papers are kept already (an answer pack).

    One that came ``at`` a moment in time and is written down later, ``recorded_at``, takes a silence back that was
    decided in between (``dispute_silence``). Raises Refused for a reply that says nothing, Conflict before the notice,
    for a second reply, for one that came after its ten working days, when silence has counted (CB-32), and where what
    the silence decided was carried out.
    """
    if stand not in ReplyStand.values:
        raise Refused("reply_stand", _("Say whether the item is right."), field="stand")
    if not words.strip() or len(words) > LONGEST_WORDS:
        raise Refused("reply_words", _("Write it in at most 5,000 characters."), field="words")
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        running = reply_clock(dispute=locked)
        over = running is not None and running.due_at is not None and running.due_at < at
        if over and notice_left_at(dispute=locked) is not None:
            raise Conflict(
                "reply_late", _("The time for a reply is over: silence has counted for the objector (CIR Art 47).")
            )
        taken_back = locked.silent
        if not taken_back and locked.state != DisputeState.WITH_MEMBER:
            raise Conflict("dispute_moved", _("This dispute stands otherwise by now."))
        if taken_back:
            silence_taken_back(actor=actor, dispute=locked, at=recorded_at or at)
        kept = documents_keep(actor=actor, user=user, dispute=locked, documents=documents, kind=PaperKind.REPLY, at=at)
        locked.replied_at, locked.stand = at, stand
        locked.reply_sealed = sealed(dispute=locked, words=words.strip(), what="reply")
        locked.has_evidence = with_evidence or bool(kept)
        if taken_back:
            dispute_step(
                actor=actor, dispute=locked, what=DisputeStep.TAKEN_BACK, to=DisputeState.DECIDING,
                at=recorded_at or at, user=user,
            )  # fmt: skip
            clocks_taken_back(actor=actor, dispute=locked, at=recorded_at or at)
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.REPLIED, to="" if taken_back else DisputeState.DECIDING,
            at=at, user=user, stand=stand, papers=[paper.pk for paper in kept],
        )  # fmt: skip
        dispute_happened(actor=actor, dispute=locked, event="MEMBER_REPLIED", at=at)
    return locked
