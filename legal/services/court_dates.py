"""The only writer of the days of a file in court: hearings and deadlines."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from legal.choices import COURT_DATE_MOVES, CourtDateKind, CourtDateState, FileState
from legal.models import CourtDate, LegalFile
from legal.policies import can_keep_legal, can_record_in_file


def _held(court_date: CourtDate, *, user: User, to: str) -> CourtDate:
    """The date, held, with its file. Raises NotAllowed for who neither keeps nor holds it, Conflict when it moved."""
    file = LegalFile.objects.select_for_update().get(pk=court_date.file_id)
    if not can_record_in_file(user, file):
        raise NotAllowed("court_date", _("Only the legal desk and the file's lawyer record this."))
    locked = CourtDate.objects.select_for_update().get(pk=court_date.pk)
    if to not in COURT_DATE_MOVES[locked.state]:
        raise Conflict("court_date_moved", _("This date was answered already."))
    locked.file = file
    return locked


def court_date_add(
    *,
    user: User,
    file: LegalFile,
    kind: str,
    title: str,
    on: dt.date,
    at: dt.time | None = None,
    place: str = "",
    moved_from: CourtDate | None = None,
) -> CourtDate:
    """Put a hearing (with its hour) or a deadline into the calendar of an open file; today or later.

    Raises Refused without a title, for a past day, for a hearing without its hour; Conflict for a closed file.
    """
    if kind not in CourtDateKind.values:
        raise Refused("court_date_kind", _("Choose hearing or deadline."), field="kind")
    if not title.strip():
        raise Refused("court_date_title", _("Say what it is."), field="title")
    if kind == CourtDateKind.HEARING and at is None:
        raise Refused("court_date_hour", _("A hearing has its hour."), field="at")
    if on < clock.today():
        raise Refused("court_date_past", _("The day is over."), field="on")
    with transaction.atomic():
        locked = LegalFile.objects.select_for_update().get(pk=file.pk)
        if not can_keep_legal(user) and not (moved_from is not None and can_record_in_file(user, locked)):
            raise NotAllowed("court_date", _("Only the legal desk keeps this."))
        if locked.state != FileState.OPEN:
            raise Conflict("file_closed", _("This file is closed."))
        court_date = CourtDate.objects.create(
            client_id=locked.client_id, file=locked, kind=kind, title=title.strip()[:160], on=on, at=at,
            place=place.strip()[:200], moved_from=moved_from, recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.person(user),
            action="court_date.added",
            subject=court_date,
            body={"file": locked.pk, "kind": kind, "on": on, "at": at and at.isoformat(), "moved_from": moved_from
                  and moved_from.pk},
        )  # fmt: skip
    return court_date


def court_date_done(*, user: User, court_date: CourtDate, outcome: str) -> CourtDate:
    """Write down what a hearing brought, or that a deadline was met. The file's own lawyer may.

    Raises Refused without words and before the day; Conflict when it was answered.
    """
    if not outcome.strip():
        raise Refused("court_date_outcome", _("Say what came of it."), field="outcome")
    with transaction.atomic():
        locked = _held(court_date, user=user, to=CourtDateState.DONE)
        if locked.kind == CourtDateKind.HEARING and locked.on > clock.today():
            raise Refused("court_date_ahead", _("The hearing is still to come."), field="outcome")
        locked.state, locked.outcome = CourtDateState.DONE, outcome.strip()[:1000]
        locked.save(update_fields=["state", "outcome"])
        record(actor=Actor.person(user), action="court_date.done", subject=locked, body={"outcome": locked.outcome})
    return locked


def court_date_postpone(
    *, user: User, court_date: CourtDate, on: dt.date, at: dt.time | None, reason: str, place: str = ""
) -> CourtDate:
    """Move a date to a new one, which names it; the old one stays as postponed. The file's own lawyer may.

    Raises Refused without a reason, and as for a new date; Conflict when it was answered.
    """
    if not reason.strip():
        raise Refused("court_date_reason", _("Say why."), field="reason")
    with transaction.atomic():
        locked = _held(court_date, user=user, to=CourtDateState.POSTPONED)
        locked.state, locked.outcome = CourtDateState.POSTPONED, reason.strip()[:1000]
        locked.save(update_fields=["state", "outcome"])
        record(
            actor=Actor.person(user), action="court_date.postponed", subject=locked, body={"to": on, "reason": reason}
        )
        return court_date_add(
            user=user, file=locked.file, kind=locked.kind, title=locked.title, on=on, at=at,
            place=place or locked.place, moved_from=locked,
        )  # fmt: skip


def court_date_cancel(*, user: User, court_date: CourtDate, reason: str) -> CourtDate:
    """Take a planned date back, with a reason. The legal desk alone."""
    if not reason.strip():
        raise Refused("court_date_reason", _("Say why."), field="reason")
    if not can_keep_legal(user):
        raise NotAllowed("court_date", _("Only the legal desk keeps this."))
    with transaction.atomic():
        locked = _held(court_date, user=user, to=CourtDateState.CANCELLED)
        locked.state, locked.outcome = CourtDateState.CANCELLED, reason.strip()[:1000]
        locked.save(update_fields=["state", "outcome"])
        record(actor=Actor.person(user), action="court_date.cancelled", subject=locked, body={"reason": reason})
    return locked
