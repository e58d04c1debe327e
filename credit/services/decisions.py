"""The only writer of recommendations and decisions on applications (CM-15, CM-16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.approvals import approval_apply, approval_decide, approval_open, locked_approval
from common.audit import Actor, record
from common.choices import ApprovalStatus, Decision
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Approval
from credit.choices import ApplicationState, CustomerKind, LimitGround, Purpose, Recommendation
from credit.models import Application, Scoring
from credit.policies import can_except_credit, can_recommend_credit
from credit.rules.recommending import faults
from credit.selectors.decisions import is_scored, standing_of
from credit.selectors.policies import credit_policy_on
from credit.selectors.scorings import inputs_of, inputs_told, scoring_latest
from credit.selectors.standing import agreement_on, limit_on
from credit.services.applications import application_held, application_move, application_pass_on
from credit.services.decided import CREDIT, CREDIT_EXCEPTION, application_digest
from credit.services.letters import letters_of_decision
from credit.services.limits import limit_grant

ANSWER_DAYS = 3
LEAST_REASON, LONGEST_REASON = 10, 500
# What an approval can measure: fourteen digits, two of them decimals.
MOST = Decimal(10) ** 12


def application_recommend(
    *,
    user: User,
    application: Application,
    recommendation: str,
    reason: str,
    on: dt.date,
    limit: Decimal | None = None,
    ground: str = "",
    set_aside: Sequence[str] = (),
    bureau_weighed: bool = False,
) -> Application:
    """Put an analysed application before who decides: grant, reject, or grant as an exception, with the reason.

    An ordinary one goes to the general manager; an exception to the finance manager, whose recommendation it needs,
    and then to the general manager. Raises NotAllowed for who may not recommend; Conflict where it is not analysed;
    Refused for a limit that neither points nor guarantee carry, a scoring of other facts or another policy, and what
    the authority matrix lets nobody decide.
    """
    if not can_recommend_credit(user):
        raise NotAllowed("credit_recommend", _("Only the credit officer and the finance manager recommend."))
    if recommendation not in Recommendation.values:
        raise Refused("recommendation", _("Choose what is recommended."), field="recommendation")
    if recommendation == Recommendation.EXCEPTION and not can_except_credit(user):
        raise NotAllowed(
            "credit_except", _("The credit officer draws up an exception; the finance manager then recommends it.")
        )
    reason = _said(reason, least=LEAST_REASON)
    with transaction.atomic():
        held = application_held(application=application)
        if held.state != ApplicationState.ANALYSED:
            raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
        if held.customer.kind == CustomerKind.CASH:
            raise Refused("credit_cash", _("A cash account knows no credit criteria; it is admitted."))
        scoring = _scored(held, on=on) if is_scored(held) else None
        if found := faults(
            standing=standing_of(application=held, scoring=scoring, on=on),
            recommendation=recommendation, limit=limit, ground=ground, set_aside=list(set_aside),
        ):  # fmt: skip
            raise Refused("recommendation", _("The recommendation needs a correction."), fields=found)
        if limit is not None and limit >= MOST:
            raise Refused("recommendation", _("This is larger than any that is kept here."), field="limit")
        _bureau_ready(held, bureau_weighed)
        exception = recommendation == Recommendation.EXCEPTION
        rejected = recommendation == Recommendation.REJECT
        held.recommendation, held.recommended_reason = recommendation, reason
        held.recommended_limit = None if rejected else limit
        held.recommended_ground = "" if rejected else LimitGround.EXCEPTION if exception else ground
        held.set_aside = sorted(set(set_aside)) if exception else []
        held.bureau_weighed = bureau_weighed
        held.decision_reason, held.decided_at, held.decided_by = "", None, None
        held.save()
        application_move(
            actor=Actor.person(user), user=user, application=held, to=ApplicationState.RECOMMENDED, reason=reason,
            waits_for=Role.FINANCE_MANAGER if exception else None,
        )  # fmt: skip
        approval = _ask(user=user, application=held, scoring=scoring, exception=exception)
        record(
            actor=Actor.person(user),
            action="application.recommended",
            subject=held,
            body={
                "recommendation": recommendation, "limit": held.recommended_limit, "ground": held.recommended_ground,
                "set_aside": held.set_aside, "reason": reason, "digest": approval.digest,
                "bureau_weighed": bureau_weighed, "scoring": scoring.pk if scoring is not None else None,
            },
        )  # fmt: skip
    return held


def _said(text: str, *, least: int = 0) -> str:
    reason = text.strip()
    if len(reason) < least:
        raise Refused("reason", _("Say why, in a sentence."), field="reason")
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
        raise Refused("reason", words, field="reason")
    return reason


def _scored(application: Application, *, on: dt.date) -> Scoring:
    """The scoring of what the file says now, by the policy that rules. Raises Refused for none and for an old one."""
    scoring = scoring_latest(application=application)
    if scoring is None:
        raise Refused("scoring_missing", _("Score the application first."))
    policy = credit_policy_on(client=application.customer.client, on=on)
    if policy.pk != scoring.policy_id or scoring.inputs != inputs_told(
        inputs=inputs_of(application=application, policy=policy), application=application, policy=policy
    ):
        raise Refused("scoring_old", _("The facts or the policy changed since it was scored. Score it again."))
    return scoring


def _bureau_ready(application: Application, weighed: bool) -> None:
    """Raises Refused where the notice that the law asks for could not be written (CB-16)."""
    if not weighed:
        return
    if not application.bureau_used:
        raise Refused("bureau_unread", _("No credit record of the bureau is in this file."), field="bureau_weighed")
    if not all(settings.BUREAU[name] for name in ("address_ar", "address_en", "phone")):
        words = _("The bureau's address and telephone are not set. The notice to the customer needs them.")
        raise Refused("bureau_unknown", words, field="bureau_weighed")


def _ask(*, user: User, application: Application, scoring: Scoring | None, exception: bool) -> Approval:
    """Ask for the decision. Whoever filled in, judged or scored has prepared it too."""
    hands = {application.prepared_by_id, *application.judgements.values_list("by_id", flat=True)}
    if scoring is not None and scoring.by_id is not None:
        hands.add(scoring.by_id)
    amount = application.recommended_limit or application.asked_limit or Decimal(0)
    return approval_open(
        kind=CREDIT_EXCEPTION if exception else CREDIT,
        subject=application,
        digest=application_digest(application),
        prepared_by=user,
        also_prepared_by=sorted(hands - {user.pk}),
        answer_by=clock.now() + dt.timedelta(days=ANSWER_DAYS),
        client_id=application.client_id,
        amount=min(amount, MOST - 1),
        currency=application.currency,
    )


def recommendation_withdraw(*, user: User, application: Application, reason: str) -> Application:
    """Take back what waits for the decision, since its file changed or is not right; it is analysed again.

    Raises NotAllowed for who may not recommend, Refused without a reason, Conflict once it was decided.
    """
    if not can_recommend_credit(user):
        raise NotAllowed("credit_recommend", _("Only the credit officer and the finance manager recommend."))
    reason = _said(reason, least=1)
    with transaction.atomic():
        held = application_held(application=application)
        if held.state != ApplicationState.RECOMMENDED:
            raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
        actor = Actor.person(user)
        application_move(actor=actor, user=user, application=held, to=ApplicationState.ANALYSED, reason=reason)
        record(actor=actor, action="application.recommendation_withdrawn", subject=held, body={"reason": reason})
    return held


def application_decide(
    *, user: User, application: Application, decision: str, digest: str, on: dt.date, reason: str = ""
) -> Application:
    """Take the step that waits: recommend an exception, or decide. ``digest`` is that of the file as it was read.

    The decision is that on the application: where a rejection is recommended, it is rejected or returned. Raises
    NotAllowed for who prepared it or has no authority, Conflict when it was decided or changed, Refused without a
    reason to return or to reject.
    """
    with transaction.atomic():
        held = application_held(application=application)
        if held.state != ApplicationState.RECOMMENDED:
            raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
        approval = locked_approval(subject=held)
        if application_digest(held) != approval.digest:
            raise Conflict(
                "application_changed",
                _("The file changed since it was recommended. Who recommended it takes it back and looks again."),
            )
        agrees = held.recommendation == Recommendation.REJECT and decision == Decision.REJECTED
        if held.recommendation == Recommendation.REJECT and decision == Decision.APPROVED:
            words = _("A rejection is recommended: reject it, or return it with a word about what you would grant.")
            raise Refused("decision", words)
        reason = _said(reason, least=0 if decision == Decision.APPROVED or agrees else 1)
        approval = approval_decide(user=user, approval=approval, decision=decision, digest=digest, reason=reason)
        reason = reason or (held.recommended_reason if agrees else "")
        record(
            actor=Actor.person(user),
            action="application.decided" if approval.status != ApprovalStatus.OPEN else "application.agreed",
            subject=held,
            body={"decision": decision, "reason": reason, "digest": digest, "limit": held.recommended_limit},
        )
        if approval.status == ApprovalStatus.OPEN:
            application_pass_on(user=user, application=held, waits_for=Role.GENERAL_MANAGER, reason=reason)
        else:
            _settle(user=user, application=held, approval=approval, decision=decision, reason=reason, on=on)
    return held


def _settle(
    *, user: User, application: Application, approval: Approval, decision: str, reason: str, on: dt.date
) -> None:
    """What follows from a decision: the state, the letters."""
    actor = Actor.person(user)
    if decision == Decision.RETURNED:
        application_move(actor=actor, user=user, application=application, to=ApplicationState.ANALYSED, reason=reason)
        return
    application.decision_reason, application.decided_at, application.decided_by = reason, clock.now(), user
    application.save(update_fields=["decision_reason", "decided_at", "decided_by"])
    to = ApplicationState.REJECTED
    if decision == Decision.APPROVED:
        approval_apply(approval=approval, digest=application_digest(application))
        to = ApplicationState.APPROVED
    application_move(actor=actor, user=user, application=application, to=to, reason=reason)
    letters_of_decision(user=user, application=application, on=on)
    if to == ApplicationState.APPROVED:
        _take_effect(user=user, application=application, on=on)


def _take_effect(*, user: User, application: Application, on: dt.date) -> None:
    """A higher limit or a renewal under an agreement that stands rules at once; everything else waits for its
    agreement. A renewal begins when the limit before it is over (CM-09, CM-14, CM-26).
    """
    customer, amount = application.customer, application.recommended_limit
    if application.purpose == Purpose.NEW or amount is None or agreement_on(customer=customer, on=on) is None:
        return
    starts_on, current = on, limit_on(customer=customer, on=on)
    if application.purpose == Purpose.RENEWAL and current is not None:
        starts_on = max(on, current.ends_on + dt.timedelta(days=1))
    limit_grant(
        user=user, customer=customer, application=application, amount=amount, ground=application.recommended_ground,
        starts_on=starts_on, reason=application.recommended_reason,
    )  # fmt: skip
    application_move(actor=Actor.person(user), user=user, application=application, to=ApplicationState.ACTIVE)
