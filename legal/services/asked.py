"""What a request asks, as a digest, and the approval that stands for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import EscalationStatus
from collections_app.models import Case, EscalationRequest
from common.approvals import approval_open, approval_renew, approval_void, locked_approval
from common.audit import Actor, record
from common.exceptions import Refused
from common.models import Approval
from legal.choices import EVIDENCE
from legal.models import Paper
from legal.selectors.debts import WHOLE, debts_open, parts_of
from legal.selectors.debts import NamedDebt as Named

KIND = "ESCALATION"


def request_digest(request: EscalationRequest) -> str:
    """The hash of what is asked, the evidence with it; whoever answers, answers this."""
    asked: dict[str, object] = {
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
    # What was asked before these could be said keeps its digest.
    for name, value in (("court", request.court), ("region", request.region)):
        if value:
            asked[name] = value
    if request.debts:
        asked["debts"] = sorted([told["debt"], told["share"]] for told in request.debts)
    if request.pk is not None:
        papers = Paper.objects.filter(request=request, kind__in=EVIDENCE).values_list("kind", "sha256")
        if found := sorted(papers):
            asked["papers"] = [list(paper) for paper in found]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def debts_told(*, request: EscalationRequest, case: Case, shares: Mapping[int, Decimal] | None) -> None:
    """Write into a request which debts it names, by their shares, and what they come to as its ceiling.

    ``shares`` are percentages by debt, None: all that is open, whole. Raises Refused for none, for a debt on which
    nothing is open, and for a share that is no part of it (rule JOINT-LIABILITY).
    """
    open_debts = {one.debt.pk: one for one in debts_open(case=case)}
    shares = dict.fromkeys(open_debts, WHOLE) if shares is None else shares
    if not shares:
        raise Refused("escalation_debts", _("Name at least one debt."), field="debts")
    if set(shares) - set(open_debts):
        raise Refused("escalation_debts", _("Nothing is open on one of these debts."), field="debts")
    wrong = [pk for pk, share in shares.items() if not _is_share(share)]
    if wrong:
        words = _("A share is more than 0 and at most 100 percent, with two decimals.")
        raise Refused("escalation_share", words, fields={f"share_{pk}": words for pk in wrong})
    request.debts = [{"debt": pk, "share": f"{shares[pk]:.2f}"} for pk in sorted(shares)]
    request.ceiling = parts_of(
        Named(debt=o.debt, balance=o.balance, share=shares[pk]) for pk, o in open_debts.items() if pk in shares
    )
    if request.ceiling <= 0:
        raise Refused("escalation_share", _("So small a share of so little comes to nothing."), field="debts")


def _is_share(share: Decimal) -> bool:
    return share.is_finite() and 0 < share <= WHOLE and share == share.quantize(Decimal("0.01"))


def request_ask(*, user: User, request: EscalationRequest) -> Approval:
    """Put the request, as it stands, before the manager and then the client's signatory."""
    return approval_open(
        kind=KIND,
        subject=request,
        digest=request.digest,
        prepared_by=user,
        answer_by=request.answer_by,
        client_id=request.client_id,
        amount=request.ceiling,
        currency=request.currency,
    )


def request_ask_again(*, user: User, request: EscalationRequest, reason: str) -> Approval:
    """What is asked became another thing: the approval so far is void, and the manager is asked anew.

    ``request`` is under lock and bears its new digest; saved here. Raises Conflict when it was answered for good.
    """
    approval_void(user=user, approval=locked_approval(subject=request), reason=reason)
    request.status = EscalationStatus.PROPOSED
    request.decided_by = request.decided_at = None
    request.decision_reason = ""
    request.save()
    return request_ask(user=user, request=request)


def request_papers_changed(*, actor: Actor, user: User | None, request: EscalationRequest) -> None:
    """A paper came to the evidence of a request that is under way: what is asked is another thing.

    Before anybody decided, and by who prepared it, it stays the same approval; else the manager is asked anew. Nothing
    where the request was answered.
    """
    locked = EscalationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.status not in {EscalationStatus.PROPOSED, EscalationStatus.APPROVED}:
        return
    digest = request_digest(locked)
    if digest == locked.digest:
        return
    standing = locked_approval(subject=locked)
    locked.digest = digest
    own = user is None or user.pk == standing.prepared_by_id
    if own and approval_renew(approval=standing, digest=digest):
        locked.save(update_fields=["digest"])
    else:
        request_ask_again(user=user or standing.prepared_by, request=locked, reason="")  # type: ignore[arg-type]
    request.digest, request.status = locked.digest, locked.status
    record(
        actor=actor,
        action="escalation.evidence_added",
        subject=locked,
        body={"case": locked.case_id, "digest": digest, "status": locked.status},
    )
