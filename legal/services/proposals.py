"""To propose a case for court with its conditions and its evidence, in one act (PL-20)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Case, EscalationRequest
from common import clock
from common.exceptions import Refused
from legal.models import Paper, RequestCheck
from legal.selectors.criteria import Told, criteria_of, escalation_policy_on
from legal.selectors.debts import debts_open
from legal.selectors.limitation import debts_out_of_time
from legal.selectors.packs import COURT_STEPS, pack_needs, packs_of, papers_to_bind
from legal.services.escalations import escalation_amend, escalation_propose
from legal.services.packs import pack_make

LEAST_REASON, LONGEST_REASON = 10, 300


def proposal_make(
    *,
    user: User,
    case: Case,
    grounds: str,
    steps: Sequence[str],
    because: Mapping[str, str],
    papers: Sequence[Paper],
    language: str = "ar",
    cost_ceiling: Decimal = Decimal(0),
    valid_days: int = 90,
    court: str = "",
    region: str = "",
    debts: Mapping[int, Decimal] | None = None,
) -> EscalationRequest:
    """Propose a case with its conditions as they stand, the reasons for what is not met, and its evidence pack.

    ``because`` gives, by criterion, why the case should go to court though a condition is not met. The reasons become
    part of the grounds, so that whoever answers the request answers them too.

    Raises Refused when a hard condition fails, when an unmet one has no reason, when a paper of the pack is missing
    for a step before a court, or for longer than the client's policy allows; else as ``escalation_propose`` does.
    """
    today = clock.today()
    told = criteria_of(case=case, today=today, debts=debts)
    _answered(told, because)
    policy = escalation_policy_on(client_id=case.client_id, on=today)
    if valid_days > policy.longest_validity:
        words = _("This client authorises for at most %(days)d days.") % {"days": policy.longest_validity}
        raise Refused("escalation_validity", words, field="valid_days")
    needs = pack_needs(case=case, steps=steps, papers=papers)
    if COURT_STEPS & set(steps) and not needs.complete:
        lacking = gettext(", ").join(str(line.words) for line in needs.missing)
        raise Refused("pack_incomplete", _("The evidence pack is not complete: %(papers)s.") % {"papers": lacking})
    unmet = [f"• {line.words}: {because[line.criterion].strip()}" for line in told if not line.ok]
    with transaction.atomic():
        request = escalation_propose(
            user=user,
            case=case,
            grounds="\n".join([grounds.strip(), *unmet]) if len(grounds.strip()) >= LEAST_REASON else grounds,
            steps=steps,
            cost_ceiling=cost_ceiling,
            valid_days=valid_days,
            court=court,
            region=region,
            debts=debts,
        )
        RequestCheck.objects.bulk_create(
            RequestCheck(
                client_id=request.client_id,
                request=request,
                criterion=line.criterion,
                ok=line.ok,
                evidence=dict(line.evidence),
                because="" if line.ok else because[line.criterion].strip(),
            )
            for line in told
        )
        pack_make(user=user, request=request, papers=papers, language=language)
    return request


def proposal_renew(*, user: User, case: Case, language: str = "ar", **asked: Any) -> EscalationRequest:
    """Ask again for what ends, as ``escalation_propose`` does, with a pack of its own: the statement as of today.

    Conditions were asked of the first request and are not asked again; but what it names must still be in time, and may
    be other debts. All papers of the case are bound.
    """
    _in_time(case=case, debts=asked.get("debts"))
    with transaction.atomic():
        request = escalation_propose(user=user, case=case, **asked)
        pack_make(user=user, request=request, language=language)
    return request


def proposal_amend(*, user: User, request: EscalationRequest, **asked: Any) -> EscalationRequest:
    """Change a request as ``escalation_amend`` does. Its pack says what is asked: where there is one, the next issue is
    bound, in the same language. Raises Refused also for a debt whose time has passed.
    """
    _in_time(case=request.case, debts=asked.get("debts"))
    with transaction.atomic():
        changed = escalation_amend(user=user, request=request, **asked)
        before = packs_of(request=changed).first()
        if before is not None:
            pack_make(user=user, request=changed, language=before.language or "ar")
    return changed


def _in_time(*, case: Case, debts: Collection[int] | None) -> None:
    """Refuse to name a debt that no court hears any more."""
    late = debts_out_of_time(case=case, today=clock.today())
    refs = [
        one.debt.debt_ref
        for one in debts_open(case=case)
        if one.debt.pk in late and (not debts or one.debt.pk in debts)
    ]
    if refs:
        words = _("The time to claim has passed for %(debts)s.") % {"debts": gettext(", ").join(refs)}
        raise Refused("criteria_hard", words, field="debts")


def _answered(told: Sequence[Told], because: Mapping[str, str]) -> None:
    """Refuse what no grounds replace, and unmet conditions without a reason."""
    hard = [line for line in told if line.hard and not line.ok]
    if hard:
        lacking = gettext(", ").join(line.words for line in hard)
        raise Refused("criteria_hard", _("The case cannot be proposed: %(conditions)s.") % {"conditions": lacking})
    fields: dict[str, str | Lazy] = {}
    for line in told:
        reason = because.get(line.criterion, "").strip()
        if not line.ok and len(reason) < LEAST_REASON:
            fields[f"because_{line.criterion}"] = _("Say in a sentence why it should go to court all the same.")
        elif len(reason) > LONGEST_REASON:
            fields[f"because_{line.criterion}"] = _("A reason has at most %(limit_value)d characters.") % {
                "limit_value": LONGEST_REASON
            }
    if fields:
        raise Refused("criteria_unmet", _("Conditions that are not met need a reason each."), fields=fields)


def papers_chosen(*, case: Case, ids: Sequence[int]) -> list[Paper]:
    """Of the case's own uploaded papers, those that were chosen; of others, none."""
    return list(papers_to_bind(case=case).filter(pk__in=ids))
