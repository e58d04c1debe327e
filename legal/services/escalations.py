"""The only writer of escalation requests and authorisations."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from clients.choices import ActionKind, ProposalKind
from clients.selectors.clients import client_of
from collections_app.choices import (
    ESCALATION_MOVES,
    OPEN_CASE,
    OPEN_ESCALATION,
    EscalationStatus,
    LegalStep,
    RequestStatus,
    Track,
)
from collections_app.models import Authorisation, Case, EscalationRequest, StageRequest
from common import clock
from common.audit import Actor, record
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from legal.policies import can_decide_escalation, can_propose_escalation
from legal.selectors.authorisations import authorisation_renewable
from legal.services.authorisation_papers import authorisation_paper
from legal.services.authorisations import authorisation_begin, claims_fit

ANSWER_DAYS = 3
LONGEST_REASON = 500


def request_digest(request: EscalationRequest) -> str:
    """The hash of what is asked; whoever answers, answers this."""
    asked = {
        "number": request.number,
        "case": request.case_id,
        "client": request.client_id,
        "grounds": request.grounds,
        "steps": sorted(request.steps),
        "ceiling": f"{request.ceiling:.2f}",
        "cost_ceiling": f"{request.cost_ceiling:.2f}",
        "currency": request.currency,
        "valid_days": request.valid_days,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _reason(text: str, *, empty: str | Lazy = "") -> str:
    """What was said about an answer. Raises Refused for more than the row holds, and with ``empty`` for nothing."""
    reason = text.strip()
    words = empty if not reason else None
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
    if words:
        raise Refused("decision_reason", words, field="reason")
    return reason


def _move(request: EscalationRequest, to: str) -> None:
    if to not in ESCALATION_MOVES[request.status]:
        raise Conflict("escalation_moved", _("This request was decided already."))
    request.status = to


def _locked(request: EscalationRequest) -> EscalationRequest:
    return EscalationRequest.objects.select_for_update().get(pk=request.pk)


def escalation_propose(
    *,
    user: User,
    case: Case,
    grounds: str,
    steps: Sequence[str],
    cost_ceiling: Decimal = Decimal(0),
    valid_days: int = 90,
) -> EscalationRequest:
    """Ask that one case may go legal, up to its balance now. Raises Refused without grounds or steps, for a case that
    owes nothing, is closed or legal already, or has an open request; NotAllowed for who does not work the case.
    """
    if not can_propose_escalation(user, case):
        raise NotAllowed("escalation_propose", _("Only who works this case may propose it."))
    fields: dict[str, object] = {}
    if len(grounds.strip()) < 10:
        fields["grounds"] = _("Say in a sentence why nothing else helped.")
    if not steps or any(step not in LegalStep.values for step in steps):
        fields["steps"] = _("Choose at least one step.")
    if fields:
        raise Refused("escalation", _("The request needs a correction."), fields=fields)  # type: ignore[arg-type]
    now = clock.now()
    with transaction.atomic():
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        _claimable(locked)
        if locked.track == Track.LEGAL and not authorisation_renewable(case=locked, today=clock.today()):
            raise Refused("case_legal", _("This case is legal already."))
        claims_fit(case=locked, ceiling=locked.balance)
        if EscalationRequest.objects.filter(case=locked, status__in=OPEN_ESCALATION).exists():
            raise Refused("escalation_open", _("A request for this case is under way."))
        year = now.astimezone(RIYADH).year
        request = EscalationRequest(
            client_id=locked.client_id,
            case=locked,
            number=f"ESC-{year}-{locked.pk:06d}-{EscalationRequest.objects.filter(case=locked).count() + 1}",
            grounds=grounds.strip(),
            steps=list(steps),
            ceiling=locked.balance,
            cost_ceiling=cost_ceiling,
            currency=locked.currency,
            valid_days=valid_days,
            prepared_by=user,
            prepared_at=now,
            answer_by=now + dt.timedelta(days=ANSWER_DAYS),
        )
        request.digest = request_digest(request)
        request.save()
        # What a stage proposed is hereby taken up.
        StageRequest.objects.filter(
            case=locked, kind=ActionKind.PROPOSE, what=ProposalKind.LEGAL, status=RequestStatus.PENDING
        ).update(
            status=RequestStatus.TAKEN,
            ended_on=now.astimezone(RIYADH).date(),
            decided_by=user,
            decision_reason=request.number,
        )
        record(
            actor=Actor.person(user),
            action="escalation.proposed",
            subject=request,
            body={"case": locked.pk, "digest": request.digest, "ceiling": request.ceiling, "steps": list(steps)},
        )
    return request


def _claimable(case: Case) -> None:
    """Nothing is asked for, approved or signed for a case that has ended or been paid in the meantime."""
    if case.status not in OPEN_CASE or case.balance <= 0:
        raise Refused("case_closed", _("This case owes nothing."))


def escalation_decide(
    *, user: User, request: EscalationRequest, decision: str, digest: str, reason: str = ""
) -> EscalationRequest:
    """Approve (it goes to the client's signatory), return or reject, with a reason unless approved.

    ``digest`` is that of the request as the decider saw it. Raises NotAllowed for the preparer and for who is no
    manager, Conflict when it changed or was decided, Refused without a reason, and for approving what is paid by now.
    """
    if decision not in {EscalationStatus.APPROVED, EscalationStatus.RETURNED, EscalationStatus.REJECTED}:
        raise Refused("escalation_decision", _("Approve, return or reject."))
    needed = _("Returning or rejecting needs a word to who prepared it.")
    reason = _reason(reason, empty="" if decision == EscalationStatus.APPROVED else needed)
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=request.case_id)
        locked = _locked(request)
        if locked.status != EscalationStatus.PROPOSED:
            raise Conflict("escalation_moved", _("This request was decided already."))
        if not can_decide_escalation(user, locked):
            raise NotAllowed("escalation_decide", _("Nobody decides what they prepared."))
        if digest != locked.digest or request_digest(locked) != locked.digest:
            raise Conflict("escalation_changed", _("This request changed since it was opened. Read it again."))
        if decision == EscalationStatus.APPROVED:
            _claimable(case)
        _move(locked, decision)
        locked.decided_by, locked.decided_at, locked.decision_reason = user, clock.now(), reason
        locked.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        record(
            actor=Actor.person(user),
            action=f"escalation.{decision.lower()}",
            subject=locked,
            body={"case": locked.case_id, "digest": locked.digest, "reason": reason},
        )
    return locked


def _signatory(user: User, request: EscalationRequest) -> None:
    """The client's own, and nobody who prepared or decided the request before they changed sides."""
    client = client_of(user)
    if (
        user.role != Role.CLIENT_SIGNATORY
        or not user.is_active
        or client is None
        or client.pk != request.client_id
        or user.pk in {request.prepared_by_id, request.decided_by_id}
    ):
        raise NotAllowed("escalation_sign", _("Only the client's signatory signs."))


def escalation_sign(*, user: User, request: EscalationRequest, digest: str) -> Authorisation:
    """The client's signatory signs: the authorisation comes to be, and the case becomes legal under it.

    Raises NotAllowed for anybody but a signatory of the request's own client, Conflict when the request changed or was
    answered, Refused when nothing is owed any more. The caller has asked for the second factor.
    """
    _signatory(user, request)
    now = clock.now()
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=request.case_id)
        locked = _locked(request)
        if digest != locked.digest or request_digest(locked) != locked.digest:
            raise Conflict("escalation_changed", _("This request changed since it was opened. Read it again."))
        _move(locked, EscalationStatus.SIGNED)
        _claimable(case)
        claims_fit(case=case, ceiling=locked.ceiling)
        authorisation = Authorisation.objects.create(
            client_id=locked.client_id,
            case=case,
            request=locked,
            number=locked.number.replace("ESC-", "AUTH-", 1),
            steps=locked.steps,
            ceiling=locked.ceiling,
            cost_ceiling=locked.cost_ceiling,
            currency=locked.currency,
            signatory=user,
            signed_at=now,
            valid_until=now.astimezone(RIYADH).date() + dt.timedelta(days=locked.valid_days),
            document_hash=locked.digest,
        )
        authorisation_begin(authorisation=authorisation)
        authorisation_paper(authorisation)
        locked.save(update_fields=["status"])
        case.track, case.authorisation = Track.LEGAL, authorisation
        case.save(update_fields=["track", "authorisation"])
        record(
            actor=Actor.person(user),
            action="escalation.signed",
            subject=authorisation,
            body={"case": case.pk, "request": locked.pk, "digest": locked.digest, "until": authorisation.valid_until},
        )
    return authorisation


def escalation_decline(*, user: User, request: EscalationRequest, reason: str) -> EscalationRequest:
    """The client's signatory says no, with a reason; the case goes on amicably."""
    _signatory(user, request)
    reason = _reason(reason, empty=_("Declining needs its reason."))
    with transaction.atomic():
        locked = _locked(request)
        _move(locked, EscalationStatus.DECLINED)
        locked.decision_reason = reason
        locked.save(update_fields=["status", "decision_reason"])
        record(
            actor=Actor.person(user),
            action="escalation.declined",
            subject=locked,
            body={"case": locked.case_id, "reason": reason},
        )
    return locked


def escalation_withdraw(*, user: User, request: EscalationRequest, reason: str) -> EscalationRequest:
    """Take an unanswered request back, with a reason: who prepared it, or a manager.

    Raises NotAllowed for anybody else, Conflict once it was answered, Refused without a reason.
    """
    if user.pk != request.prepared_by_id and user.role != Role.COLLECTIONS_MANAGER:
        raise NotAllowed("escalation_withdraw", _("Only who prepared it, or a manager, takes it back."))
    reason = _reason(reason, empty=_("Say why."))
    with transaction.atomic():
        locked = _locked(request)
        _move(locked, EscalationStatus.WITHDRAWN)
        locked.decision_reason = reason
        locked.save(update_fields=["status", "decision_reason"])
        record(
            actor=Actor.person(user),
            action="escalation.withdrawn",
            subject=locked,
            body={"case": locked.case_id, "reason": reason},
        )
    return locked
