"""The only writer of legal files and of who has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Authorisation, Case
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from legal.choices import STANDING_CLAIM, AuthorisationState, CourtDateState, FileOutcome, FileState
from legal.models import FileAssignment, LawFirm, Lawyer, LegalFile
from legal.policies import can_keep_legal
from legal.selectors.authorisations import authorisation_state
from legal.selectors.conflicts import conflicts_of
from legal.services.acts import authorisation_held

REFERENCES = (
    "court",
    "circuit",
    "city",
    "court_reference",
    "najiz_reference",
    "nafith_reference",
    "note",
)


def _keeper(user: User) -> Actor:
    if not can_keep_legal(user):
        raise NotAllowed("legal_keep", _("Only the legal desk keeps this."))
    return Actor.person(user)


def _conflict_words(lawyer: Lawyer) -> Refused:
    return Refused(
        "lawyer_conflict",
        _("%(lawyer)s may not act here: a conflict is recorded.") % {"lawyer": lawyer.name},
        field="lawyer",
    )


def _may_have(*, lawyer: Lawyer, case: Case) -> None:
    """Raises Refused for a lawyer, or a firm, that is not active or has a conflict. The firm's row is held."""
    LawFirm.objects.select_for_update(no_key=True).get(pk=lawyer.firm_id)
    if not lawyer.is_active or not lawyer.firm.is_active:
        raise Refused("lawyer_left", _("This lawyer is not active."), field="lawyer")
    if conflicts_of(lawyer=lawyer, case=case).exists():
        raise _conflict_words(lawyer)


@contextmanager
def _no_conflict(lawyer: Lawyer) -> Iterator[None]:
    """What the database refuses for a conflict, said in words."""
    try:
        yield
    except IntegrityError as error:
        if "may not act in case" in str(error):
            raise _conflict_words(lawyer) from error
        if "legal_file_one_open" in str(error):
            raise Refused("file_open", _("A file is open under this authorisation.")) from error
        raise


def _open(file: LegalFile) -> LegalFile:
    """The file, held. Raises Conflict when it was closed."""
    locked = LegalFile.objects.select_for_update().get(pk=file.pk)
    if locked.state != FileState.OPEN:
        raise Conflict("file_closed", _("This file is closed."))
    return locked


def file_open(*, user: User, authorisation: Authorisation, lawyer: Lawyer, on: dt.date) -> LegalFile:
    """Open a file under an authorisation that is live on ``on``, and give it to a lawyer.

    Raises Refused when the authorisation is not live, has an open file, or the lawyer may not act; NotAllowed off the
    legal desk.
    """
    actor = _keeper(user)
    if on > clock.today():
        raise Refused("file_future", _("The day lies ahead."), field="on")
    with _no_conflict(lawyer), transaction.atomic():
        held = authorisation_held(user=user, authorisation=authorisation)
        case = held.case
        # Live on the day it is opened and today, as for an act; it need not permit a claim: mediation has its file too.
        if any(
            authorisation_state(authorisation=held, on=day) != AuthorisationState.LIVE for day in (on, clock.today())
        ):
            raise Refused("file_authorisation", _("No authorisation of this case is in force."))
        _may_have(lawyer=lawyer, case=case)
        now = clock.now()
        count = LegalFile.objects.filter(case=case).count()
        file = LegalFile.objects.create(
            client_id=case.client_id, case=case, authorisation=held, lawyer=lawyer, opened_on=on, opened_by=user,
            number=f"LF-{on.year}-{case.pk:06d}-{count + 1}", court=held.court, city=held.region,
        )  # fmt: skip
        FileAssignment.objects.create(client_id=case.client_id, file=file, lawyer=lawyer, from_at=now, assigned_by=user)
        record(
            actor=actor,
            action="file.opened",
            subject=file,
            body={"case": case.pk, "authorisation": held.pk, "lawyer": lawyer.pk, "on": on},
        )
    return file


def file_assign(*, user: User, file: LegalFile, lawyer: Lawyer, reason: str) -> LegalFile:
    """Give a file to another lawyer, with a reason: the one before sees it no more from this moment.

    Raises Refused without a reason, for the lawyer who has it, and for one who may not act; Conflict for a closed file.
    """
    actor = _keeper(user)
    if not reason.strip():
        raise Refused("assign_reason", _("Say why."), field="reason")
    with _no_conflict(lawyer), transaction.atomic():
        locked = _open(file)
        if locked.lawyer_id == lawyer.pk:
            raise Refused("assign_same", _("This lawyer has the file."), field="lawyer")
        _may_have(lawyer=lawyer, case=locked.case)
        now, before = clock.now(), locked.lawyer_id
        FileAssignment.objects.filter(file=locked, until_at=None).update(until_at=now)
        FileAssignment.objects.create(
            client_id=locked.client_id, file=locked, lawyer=lawyer, from_at=now, assigned_by=user,
            reason=reason.strip()[:300],
        )  # fmt: skip
        locked.lawyer = lawyer
        locked.save(update_fields=["lawyer"])
        record(
            actor=actor,
            action="file.assigned",
            subject=locked,
            body={"from": before, "to": lawyer.pk, "reason": reason.strip()},
        )
    return locked


def file_update(*, user: User, file: LegalFile, **references: str) -> LegalFile:
    """Write down the court, its circuit and city, and the numbers at the court, Najiz and Nafith.

    Raises Conflict for a closed file, TypeError for a name that is none of ``REFERENCES``.
    """
    actor = _keeper(user)
    if unknown := set(references) - set(REFERENCES):
        raise TypeError(f"no references of a file: {sorted(unknown)}")
    with transaction.atomic():
        locked = _open(file)
        before = {name: getattr(locked, name) for name in references}
        after = {name: value.strip() for name, value in references.items()}
        for name, value in after.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(references))
        changed = {name: [before[name], after[name]] for name in references if before[name] != after[name]}
        record(actor=actor, action="file.updated", subject=locked, body={"changed": changed})
    return locked


def file_close(*, user: User, file: LegalFile, outcome: str, on: dt.date, note: str = "") -> LegalFile:
    """Close a file with its outcome; what was still planned of it is cancelled.

    Raises Refused without an outcome, for a day before it was opened or ahead, and while a claim of it stands.
    """
    actor = _keeper(user)
    if outcome not in FileOutcome.values:
        raise Refused("file_outcome", _("Choose the outcome."), field="outcome")
    with transaction.atomic():
        locked = _open(file)
        if not locked.opened_on <= on <= clock.today():
            raise Refused("file_closed_on", _("A file closes between its opening and today."), field="on")
        if locked.claims.filter(state__in=STANDING_CLAIM).exists():
            raise Refused("file_claim", _("A claim of this file stands: end it first."))
        dates = locked.court_dates.filter(state=CourtDateState.PLANNED).update(
            state=CourtDateState.CANCELLED, outcome=str(_("The file was closed."))
        )
        locked.state, locked.closed_on, locked.outcome = FileState.CLOSED, on, outcome
        locked.note = note.strip() or locked.note
        locked.save(update_fields=["state", "closed_on", "outcome", "note"])
        record(
            actor=actor, action="file.closed", subject=locked, body={"outcome": outcome, "on": on, "cancelled": dates}
        )
    return locked
