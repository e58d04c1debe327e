"""The only writer of escalation requests and authorisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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
from common.approvals import approval_apply, approval_decide, approval_withdraw, locked_approval
from common.audit import Actor, record
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Approval
from legal.choices import PaperKind
from legal.models import Paper
from legal.policies import can_amend_escalation, can_propose_escalation
from legal.selectors.authorisations import authorisation_renewable
from legal.selectors.debts import debts_asked, parts_of
from legal.services.asked import debts_told, request_ask, request_ask_again, request_digest
from legal.services.authorisation_papers import authorisation_paper
from legal.services.authorisations import authorisation_begin, claims_fit

ANSWER_DAYS = 3
LONGEST_REASON = 500


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


def _asked_faults(*, grounds: str, steps: Sequence[str]) -> None:
    """Raises Refused without grounds in a sentence, or without steps that there are."""
    fields: dict[str, str | Lazy] = {}
    if len(grounds.strip()) < 10:
        fields["grounds"] = _("Say in a sentence why nothing else helped.")
    if not steps or any(step not in LegalStep.values for step in steps):
        fields["steps"] = _("Choose at least one step.")
    if fields:
        raise Refused("escalation", _("The request needs a correction."), fields=fields)


def escalation_propose(
    *,
    user: User,
    case: Case,
    grounds: str,
    steps: Sequence[str],
    cost_ceiling: Decimal = Decimal(0),
    valid_days: int = 90,
    court: str = "",
    region: str = "",
    debts: Mapping[int, Decimal] | None = None,
) -> EscalationRequest:
    """Ask that one case may go legal on some of its debts, up to what is open on them now.

    ``debts`` gives by debt the percentage of it that this debtor answers for; None: all that are open, whole. Raises
    Refused without grounds or steps, for a case that owes nothing, is closed or legal already, or has an open request,
    and as ``debts_told``; NotAllowed for who does not work the case.
    """
    if not can_propose_escalation(user, case):
        raise NotAllowed("escalation_propose", _("Only who works this case may propose it."))
    _asked_faults(grounds=grounds, steps=steps)
    now = clock.now()
    with transaction.atomic():
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        _claimable(locked)
        if locked.track == Track.LEGAL and not authorisation_renewable(case=locked, today=clock.today()):
            raise Refused("case_legal", _("This case is legal already."))
        if EscalationRequest.objects.filter(case=locked, status__in=OPEN_ESCALATION).exists():
            raise Refused("escalation_open", _("A request for this case is under way."))
        year = now.astimezone(RIYADH).year
        request = EscalationRequest(
            client_id=locked.client_id,
            case=locked,
            number=f"ESC-{year}-{locked.pk:06d}-{EscalationRequest.objects.filter(case=locked).count() + 1}",
            grounds=grounds.strip(),
            steps=list(steps),
            cost_ceiling=cost_ceiling,
            currency=locked.currency,
            valid_days=valid_days,
            court=court.strip(),
            region=region.strip(),
            prepared_by=user,
            prepared_at=now,
            answer_by=now + dt.timedelta(days=ANSWER_DAYS),
        )
        debts_told(request=request, case=locked, shares=debts)
        claims_fit(case=locked, ceiling=request.ceiling)
        request.digest = request_digest(request)
        request.save()
        request_ask(user=user, request=request)
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
            body={"case": locked.pk, "digest": request.digest, "ceiling": request.ceiling, "steps": list(steps)}
            | {"debts": request.debts},
        )
    return request


def escalation_amend(
    *,
    user: User,
    request: EscalationRequest,
    digest: str,
    grounds: str,
    steps: Sequence[str],
    cost_ceiling: Decimal,
    valid_days: int,
    court: str = "",
    region: str = "",
    debts: Mapping[int, Decimal] | None = None,
) -> EscalationRequest:
    """Ask for something else instead, up to what is open now; whatever was approved is void, and the manager is asked
    anew. ``debts`` as for a proposal; ``digest`` is that of the request as it was opened for the change.

    Raises NotAllowed for who does not work the case, Conflict when it changed or was answered for good, Refused as for
    a proposal and for a change of nothing. Whoever amends has prepared it too, and no longer decides it.
    """
    _asked_faults(grounds=grounds, steps=steps)
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=request.case_id)
        locked = _locked(request)
        if locked.status not in OPEN_ESCALATION:
            raise Conflict("escalation_moved", _("This request was decided already."))
        if not can_amend_escalation(user, locked):
            raise NotAllowed("escalation_amend", _("Only who works this case may change its request."))
        if digest != locked.digest:
            raise Conflict("escalation_changed", _("This request changed since it was opened. Read it again."))
        _claimable(case)
        before = {"digest": locked.digest, "ceiling": locked.ceiling, "status": locked.status, "debts": locked.debts}
        locked.grounds, locked.steps = grounds.strip(), list(steps)
        locked.cost_ceiling, locked.valid_days = cost_ceiling, valid_days
        debts_told(request=locked, case=case, shares=debts)
        locked.court, locked.region = court.strip(), region.strip()
        locked.answer_by = clock.now() + dt.timedelta(days=ANSWER_DAYS)
        locked.digest = request_digest(locked)
        if locked.digest == before["digest"]:
            raise Refused("escalation_same", _("Nothing was changed."))
        request_ask_again(user=user, request=locked, reason="")
        record(
            actor=Actor.person(user),
            action="escalation.amended",
            subject=locked,
            body={
                "case": case.pk,
                "digest": locked.digest,
                "ceiling": locked.ceiling,
                "debts": locked.debts,
                "before": before,
            },
        )
    return locked


def _claimable(case: Case, request: EscalationRequest | None = None) -> None:
    """Nothing is asked for, approved or signed for a case, or debts, that ended or were paid in the meantime."""
    if case.status not in OPEN_CASE or case.balance <= 0:
        raise Refused("case_closed", _("This case owes nothing."))
    if request is not None and not parts_of(debts_asked(request=request)):
        raise Refused("debts_paid", _("Nothing is owed any more on the debts it names."))


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
        _unchanged(locked, digest)
        approval = approval_decide(
            user=user, approval=locked_approval(subject=locked), decision=decision, digest=digest, reason=reason
        )
        if decision == EscalationStatus.APPROVED:
            _claimable(case, locked)
        _move(locked, decision)
        locked.decided_by, locked.decided_at, locked.decision_reason = user, clock.now(), reason
        locked.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        record(
            actor=Actor.person(user),
            action=f"escalation.{decision.lower()}",
            subject=locked,
            body={"case": locked.case_id, "digest": locked.digest, "reason": reason} | _in_place_of(approval, user),
        )
    return locked


def _unchanged(request: EscalationRequest, digest: str) -> None:
    """Raises Conflict unless what was read, what was asked and what the rows say now are one thing."""
    if digest != request.digest or request_digest(request) != request.digest:
        raise Conflict("escalation_changed", _("This request changed since it was opened. Read it again."))


def _in_place_of(approval: Approval, user: User) -> dict[str, int]:
    """For the trail: in whose place a decision was made."""
    given = approval.decisions.filter(person=user, on_behalf_of__isnull=False).first()
    return {"in_place_of": given.on_behalf_of_id} if given and given.on_behalf_of_id else {}


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


def escalation_sign(
    *,
    user: User,
    request: EscalationRequest,
    digest: str,
    power: str = "",
    valid_from: dt.date | None = None,
    letter: Paper | None = None,
) -> Authorisation:
    """The client's signatory signs: the authorisation comes to be, and the case becomes legal under it.

    ``power`` says by what they bind the client. With ``letter``, the signed letter of this request, its hash is that of
    the document; without, the digest of what was read and signed here. Raises NotAllowed for anybody but a signatory of
    the request's own client, Conflict when the request changed or was answered, Refused when nothing is owed any more
    and for a first day that lies outside its validity. The caller has asked for the second factor, or for the letter.
    """
    _signatory(user, request)
    now = clock.now()
    today = now.astimezone(RIYADH).date()
    with transaction.atomic():
        case = Case.objects.select_for_update(no_key=True).get(pk=request.case_id)
        locked = _locked(request)
        _unchanged(locked, digest)
        _move(locked, EscalationStatus.SIGNED)
        _claimable(case, locked)
        claims_fit(case=case, ceiling=locked.ceiling)
        until = today + dt.timedelta(days=locked.valid_days)
        if valid_from is not None and not today <= valid_from <= until:
            raise Refused("authorisation_from", _("It begins today or later, within its validity."), field="valid_from")
        if letter is not None and (letter.request_id != locked.pk or letter.kind != PaperKind.LETTER):
            raise Refused("authorisation_letter", _("This letter belongs to another request."), field="file")
        approval = approval_decide(
            user=user, approval=locked_approval(subject=locked), decision="APPROVED", digest=digest
        )
        approval_apply(approval=approval, digest=request_digest(locked))
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
            signatory_power=power.strip(),
            signed_at=now,
            court=locked.court,
            region=locked.region,
            valid_from=valid_from,
            valid_until=until,
            document_hash=locked.digest if letter is None else letter.sha256,
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
            body={
                "case": case.pk,
                "request": locked.pk,
                "digest": locked.digest,
                "until": authorisation.valid_until,
                "document": authorisation.document_hash,
                "by": "SECOND_FACTOR" if letter is None else "LETTER",
            },
        )
    return authorisation


def escalation_decline(*, user: User, request: EscalationRequest, reason: str) -> EscalationRequest:
    """The client's signatory says no, with a reason; the case goes on amicably."""
    _signatory(user, request)
    reason = _reason(reason, empty=_("Declining needs its reason."))
    with transaction.atomic():
        locked = _locked(request)
        _move(locked, EscalationStatus.DECLINED)
        approval_decide(
            user=user,
            approval=locked_approval(subject=locked),
            decision="REJECTED",
            digest=locked.digest,
            reason=reason,
        )
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
        approval_withdraw(user=user, approval=locked_approval(subject=locked), reason=reason)
        locked.decision_reason = reason
        locked.save(update_fields=["status", "decision_reason"])
        record(
            actor=Actor.person(user),
            action="escalation.withdrawn",
            subject=locked,
            body={"case": locked.case_id, "reason": reason},
        )
    return locked
