"""The only writer of credit policies: versions that one person proposes and another approves."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.approvals import approval_apply, approval_decide, approval_open, approval_withdraw, locked_approval
from common.audit import Actor, record
from common.choices import Decision
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import StopCause
from credit.models import CreditPolicy, Customer
from credit.policies import can_propose_credit_policy
from credit.selectors.policies import TERMS, credit_policy_on, departures
from credit.services.stops import stops_follow

KIND = "CREDIT_POLICY"
LEAST_REASON, LONGEST_REASON = 10, 500
# Each figure with the least and the most that makes sense; amounts in the client's currency.
BOUNDS: Mapping[str, tuple[Decimal, Decimal]] = {
    name: (Decimal(least), Decimal(most))
    for name, least, most in (
        ("step_amount", 1, 10**9), ("step_points", 1, 1000), ("points_joint_stock", 0, 1000), ("points_llc", 0, 1000),
        ("points_partnership", 0, 1000), ("points_sole_proprietor", 0, 1000), ("bank_months", 1, 60),
        ("minimum_points", 1, 30_000), ("minimum_limit", 1, 10**9), ("rounds_to", 1, 10**6), ("limit_months", 1, 36),
        ("review_days", 1, 365), ("terms_days", 1, 365), ("grace_days", 0, 365), ("defaults_to_cancel", 1, 20),
        ("increase_after_months", 0, 36), ("increase_percent", 0, 100), ("increases_a_year", 0, 12),
        ("reservation_days", 1, 365), ("benchmark_days", 1, 365),
    )
}  # fmt: skip


# What may be empty: no bound. The least of them otherwise, and the most.
OPTIONAL_BOUNDS: Mapping[str, tuple[Decimal, Decimal]] = {
    "overdue_tolerated": (Decimal(0), Decimal(10**9)),
    "not_due_most": (Decimal(1), Decimal(10**9)),
}


def credit_policy_kept(*, policy: CreditPolicy) -> CreditPolicy:
    """The policy as a row: the shipped one is saved, as version 0, when something is first to stand on it."""
    if policy.pk is not None:
        return policy
    values = {name: getattr(policy, name) for name in TERMS}
    kept, _new = CreditPolicy.objects.get_or_create(
        client_id=policy.client_id,
        version=0,
        defaults={
            **values, "starts_on": policy.starts_on, "prepared_at": policy.prepared_at,
            "approved_at": policy.approved_at,
        },
    )  # fmt: skip
    return kept


def credit_policy_digest(policy: CreditPolicy) -> str:
    """The hash of everything a version says; of terms that came later, what departs from the shipped ones."""
    said = {name: str(getattr(policy, name)) for name in TERMS if name != "benchmarks" and name not in OPTIONAL_BOUNDS}
    if policy.benchmarks:
        said["benchmarks"] = json.dumps(policy.benchmarks, sort_keys=True, ensure_ascii=False)
    said |= {name: str(getattr(policy, name)) for name in departures(policy=policy)}
    said |= {"client": str(policy.client_id), "version": str(policy.version), "starts_on": policy.starts_on.isoformat()}
    said |= {"note": policy.note}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def terms_faults(terms: Mapping[str, Any]) -> dict[str, str | Promise]:
    """What is wrong with the figures of a version, by name."""
    faults: dict[str, str | Promise] = {}
    for name, (least, most) in {**BOUNDS, **OPTIONAL_BOUNDS}.items():
        value = terms.get(name)
        if value is None and name in OPTIONAL_BOUNDS:
            continue
        if value is None or not least <= Decimal(value) <= most:
            faults[name] = _("Between %(least)s and %(most)s.") % {"least": f"{least:,}", "most": f"{most:,}"}
    least, most = BOUNDS["benchmark_days"]
    if any(
        not industry.strip() or not least <= days <= most for industry, days in (terms.get("benchmarks") or {}).items()
    ):
        faults["benchmarks"] = _("Between %(least)s and %(most)s.") % {"least": f"{least:,}", "most": f"{most:,}"}
    return faults


def credit_policy_propose(
    *, user: User, client: Client, starts_on: dt.date, today: dt.date, terms: Mapping[str, Any], reason: str
) -> CreditPolicy:
    """The next version of a client's credit policy, from a day on, for somebody else's approval (CM-24).

    Raises NotAllowed for who may not propose it, Conflict while another one waits, Refused without a reason, for a
    first day in the past, for figures that cannot be, and for a version that changes nothing.
    """
    if not can_propose_credit_policy(user):
        raise NotAllowed("credit_policy", _("Only the credit officer and the finance manager propose a policy."))
    faults = terms_faults(terms)
    if starts_on < today:
        faults["starts_on"] = _("A policy begins today or later.")
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= LONGEST_REASON:
        faults["reason"] = _("Say in a sentence why the policy changes, in at most 500 characters.")
    if faults:
        raise Refused("credit_policy", _("The policy needs a correction."), fields=faults)
    with transaction.atomic():
        held = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if CreditPolicy.objects.filter(client=held, approved_at__isnull=True, rejected_at__isnull=True).exists():
            raise Conflict("credit_policy_open", _("Another version waits for approval."))
        before = credit_policy_on(client=held, on=starts_on)
        policy = CreditPolicy(client=held, starts_on=starts_on, note=reason, prepared_by=user, prepared_at=clock.now())
        for name in TERMS:
            setattr(policy, name, terms[name])
        if all(getattr(before, name) == getattr(policy, name) for name in TERMS):
            raise Refused("credit_policy_same", _("This version changes nothing."))
        last = CreditPolicy.objects.filter(client=held).aggregate(last=Max("version"))["last"] or 0
        policy.version = last + 1
        policy.save(force_insert=True)
        policy.refresh_from_db()
        approval_open(
            kind=KIND,
            subject=policy,
            digest=credit_policy_digest(policy),
            prepared_by=user,
            # On its first day it can still be approved, after it no more.
            answer_by=clock.at_riyadh(on=starts_on + dt.timedelta(days=1), time=dt.time()),
            client_id=held.pk,
        )
        record(
            actor=Actor.person(user),
            action="credit_policy.proposed",
            subject=policy,
            client_id=held.pk,
            body={
                "version": policy.version, "starts_on": starts_on, "reason": reason,
                "changed": {
                    name: [str(getattr(before, name)), str(getattr(policy, name))]
                    for name in TERMS
                    if getattr(before, name) != getattr(policy, name)
                },
            },
        )  # fmt: skip
    return policy


def credit_policy_decide(
    *, user: User, policy: CreditPolicy, decision: str, digest: str, today: dt.date, reason: str = ""
) -> CreditPolicy:
    """Approve a version, which then rules from its day on, or reject it with a reason.

    Where it tolerates otherwise what is unpaid past its terms, every customer's stops follow at once.

    Raises NotAllowed for who proposed it or may not decide, Conflict when it was decided or is another one, Refused
    without a reason to reject, and for approving what was to begin on a day that is over.
    """
    reason = reason.strip()
    if decision == Decision.REJECTED and not reason:
        raise Refused("decision_reason", _("Rejecting needs a word to who prepared it."), field="reason")
    with transaction.atomic():
        client = Client.held(client_id=policy.client_id)
        held = CreditPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        before = credit_policy_on(client=client, on=held.starts_on)
        approval = locked_approval(subject=held)
        approval = approval_decide(user=user, approval=approval, decision=decision, digest=digest, reason=reason)
        if decision == Decision.APPROVED:
            if held.starts_on < today:
                raise Refused("credit_policy_late", _("Its first day is over. Propose it anew, from a later day."))
            approval_apply(approval=approval, digest=credit_policy_digest(held))
            held.approved_at, held.approved_by = clock.now(), user
        else:
            held.rejected_at = clock.now()
        held.save(update_fields=["approved_at", "approved_by", "rejected_at"])
        record(
            actor=Actor.person(user),
            action="credit_policy.decided",
            subject=held,
            client_id=held.client_id,
            body={"version": held.version, "decision": decision, "reason": reason},
        )
        if held.approved_at is not None and held.overdue_tolerated != before.overdue_tolerated:
            customers = Customer.objects.filter(client_id=held.client_id).values_list("pk", flat=True)
            stops_follow(client_id=held.client_id, customer_ids=sorted(customers), cause=StopCause.POLICY)
    return held


def credit_policy_withdraw(*, user: User, policy: CreditPolicy) -> CreditPolicy:
    """Take back the own version that still waits. Raises NotAllowed for others, Conflict for what was decided."""
    with transaction.atomic():
        held = CreditPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        if held.prepared_by_id != user.pk:
            raise NotAllowed("credit_policy_withdraw", _("Only who proposed it takes it back."))
        approval_withdraw(user=user, approval=locked_approval(subject=held))
        held.rejected_at = clock.now()
        held.save(update_fields=["rejected_at"])
        record(
            actor=Actor.person(user), action="credit_policy.withdrawn", subject=held, client_id=held.client_id,
            body={"version": held.version},
        )  # fmt: skip
    return held
