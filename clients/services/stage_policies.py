"""The only writer of stage policies after the shipped ones: drafts, requests, decisions, and where a version rules.

A version is drawn as a draft, proposed for some places from a day on, and approved by another person. Approval writes
the assignments; what was published stands (triggers of migration 0022 say the same).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import CHANGE_MOVES, POLICY_MOVES, AgeBasis, ChangeStatus, DefaultRule, PolicyState
from clients.models import Client, StageAssignment, StageChange, StageChangePlace, StagePolicy, StagePolicyRow
from clients.policies import (
    can_edit_stage_policy,
    can_prepare_stage_policies,
    can_propose_stage_change,
    can_withdraw_stage_change,
)
from clients.rules.stages import FARTHEST_DAY, Place, Stage, ladder_faults
from clients.selectors.stage_policies import ladder_of
from common import clock
from common.approvals import (
    approval_apply,
    approval_decide,
    approval_open,
    approval_withdraw,
    locked_approval,
)
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused

KIND = "STAGE_CHANGE"
LONGEST_REASON, LONGEST_NAME = 500, 120
_CODE = re.compile(r"^[A-Z][A-Z0-9_]{1,39}$")

# Each fault of a ladder (clients/rules/stages.py) in words.
FAULT_WORDS: dict[str, Promise] = {
    "open": _("The first stage has no first day: it reaches back to before the invoice or due date."),
    "missing": _("Give the first day that belongs to this stage."),
    "rising": _("First days rise: this stage must begin after the one before it."),
    "far": _("Days lie within ten years."),
    "depth": _("Depth is 0 to 6."),
    "name": _("A stage has a name in both languages."),
    "code": _("Every stage has a code of its own."),
    "action": _("There is no such action."),
    "messages": _("A stage sends two messages at most."),
    "many": _("A ladder has at most 15 stages."),
}


def _content(policy: StagePolicy) -> dict[str, Any]:
    """All that a version says, as the trail and the digest keep it."""
    return {
        "code": policy.code,
        "version": policy.version,
        "name_ar": policy.name_ar,
        "name_en": policy.name_en,
        "basis": policy.basis,
        "default_after_days": policy.default_after_days,
        "default_rules": list(policy.default_rules),
        "stages": [[s.code, s.from_day, s.depth, s.name_ar, s.name_en, list(s.actions)] for s in ladder_of(policy)],
    }


def change_digest(*, change: StageChange, places: Sequence[Place]) -> str:
    """The hash of what is asked; whoever decides, decides this."""
    asked = {
        "policy": _content(change.policy),
        "places": sorted([place.client_id, place.product] for place in places),
        "starts_on": change.starts_on.isoformat(),
        "reason": change.reason,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _rows_write(*, policy: StagePolicy, stages: Sequence[Stage]) -> None:
    StagePolicyRow.objects.bulk_create(
        StagePolicyRow(
            policy=policy,
            position=position,
            code=stage.code,
            from_day=stage.from_day,
            depth=stage.depth,
            name_ar=stage.name_ar.strip(),
            name_en=stage.name_en.strip(),
            actions=list(stage.actions),
        )
        for position, stage in enumerate(stages)
    )


def _move(policy: StagePolicy, to: str) -> None:
    if to not in POLICY_MOVES[policy.state]:
        raise Conflict("stage_policy_moved", _("This version was proposed or published in the meantime."))
    policy.state = to
    policy.save(update_fields=["state"])


def stage_policy_draft(*, user: User, policy: StagePolicy, code: str = "") -> StagePolicy:
    """A draft that begins as ``policy`` is: its next version, or with ``code`` the first of a policy of its own.

    Raises NotAllowed for who does not prepare policies, Refused for a code that is taken or not in capital Latin
    letters, digits and underscores.
    """
    if not can_prepare_stage_policies(user):
        raise NotAllowed("stage_policy_prepare", _("Only a collections manager prepares stage policies."))
    code = code.strip().upper()
    if code and not _CODE.match(code):
        raise Refused(
            "stage_policy_code",
            _("A code is 2 to 40 capital Latin letters, digits and underscores, beginning with a letter."),
            field="code",
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"stage policy {code or policy.code}"])
        last = StagePolicy.objects.filter(code=code or policy.code).order_by("-version").first()
        if code and last is not None:
            raise Refused("stage_policy_taken", _("There is a stage policy with this code already."), field="code")
        draft = StagePolicy.objects.create(
            code=code or policy.code,
            version=1 if last is None else last.version + 1,
            name_ar=policy.name_ar,
            name_en=policy.name_en,
            basis=policy.basis,
            default_after_days=policy.default_after_days,
            default_rules=list(policy.default_rules),
            based_on=policy,
            prepared_by=user,
        )
        _rows_write(policy=draft, stages=ladder_of(policy))
        record(
            actor=Actor.person(user),
            action="stage_policy.drafted",
            subject=draft,
            body={"code": draft.code, "version": draft.version, "based_on": policy.pk},
        )
    return draft


def _header_faults(
    *, name_ar: str, name_en: str, basis: str, default_after_days: int, default_rules: Sequence[str]
) -> dict[str, str | Promise]:
    fields: dict[str, str | Promise] = {}
    for name, value in (("name_ar", name_ar), ("name_en", name_en)):
        if not value.strip():
            fields[name] = _("A stage policy has a name in both languages.")
        elif len(value.strip()) > LONGEST_NAME:
            fields[name] = _("The name is too long.")
    if basis not in AgeBasis.values:
        fields["basis"] = _("Choose from which date days count.")
    if not 0 <= default_after_days <= FARTHEST_DAY:
        fields["default_after_days"] = _("Days lie within ten years.")
    if set(default_rules) - set(DefaultRule.values):
        fields["default_rules"] = _("There is no such test of default.")
    return fields


def stage_policy_edit(
    *,
    user: User,
    policy: StagePolicy,
    name_ar: str,
    name_en: str,
    basis: str,
    default_after_days: int,
    default_rules: Sequence[str],
    stages: Sequence[Stage],
) -> StagePolicy:
    """Write a draft anew, ladder and all. Raises NotAllowed for who did not begin it, Conflict when it is no draft any
    more, Refused for a ladder that could not rule: ``details["stages"]`` says of each stage what is wrong.
    """
    if not can_prepare_stage_policies(user) or policy.prepared_by_id != user.pk:
        raise NotAllowed("stage_policy_edit", _("Only who began this draft edits it."))
    fields = _header_faults(
        name_ar=name_ar, name_en=name_en, basis=basis, default_after_days=default_after_days,
        default_rules=default_rules,
    )  # fmt: skip
    faults = ladder_faults(stages=stages)
    if fields or faults:
        words = {at: {name: FAULT_WORDS[code] for name, code in wrong.items()} for at, wrong in faults.items()}
        raise Refused("stage_policy", _("The policy needs a correction."), fields=fields, details={"stages": words})
    with transaction.atomic():
        locked = StagePolicy.objects.select_for_update().get(pk=policy.pk)
        if not can_edit_stage_policy(user, locked):
            raise Conflict("stage_policy_moved", _("This version was proposed or published in the meantime."))
        locked.name_ar, locked.name_en = name_ar.strip(), name_en.strip()
        locked.basis, locked.default_after_days = basis, default_after_days
        locked.default_rules = [rule for rule in DefaultRule.values if rule in default_rules]
        locked.save()
        locked.rows.all().delete()
        _rows_write(policy=locked, stages=stages)
        record(actor=Actor.person(user), action="stage_policy.edited", subject=locked, body=_content(locked))
    return locked


def stage_policy_discard(*, user: User, policy: StagePolicy) -> None:
    """Throw the own draft away; a trail of it stays. Raises NotAllowed for anybody else's, Conflict for what was
    ever proposed.
    """
    if not can_prepare_stage_policies(user) or policy.prepared_by_id != user.pk:
        raise NotAllowed("stage_policy_edit", _("Only who began this draft edits it."))
    with transaction.atomic():
        locked = StagePolicy.objects.select_for_update().get(pk=policy.pk)
        if locked.state != PolicyState.DRAFT or locked.changes.exists():
            raise Conflict("stage_policy_moved", _("This version was proposed or published in the meantime."))
        record(actor=Actor.person(user), action="stage_policy.discarded", subject=locked, body=_content(locked))
        locked.rows.all().delete()
        locked.delete()


def _first_day_fault(*, clients: Sequence[Client], starts_on: dt.date, today: dt.date) -> str | Promise:
    """What is wrong with a first day: nothing rules the past, and what a book has lived through stands."""
    if starts_on < today:
        return _("A policy begins today or later.")
    for client in clients:
        if client.book_date is not None and starts_on <= client.book_date:
            return _("The book of %(client)s stands at %(day)s already: begin on a later day.") % {
                "client": client.name,
                "day": client.book_date.isoformat(),
            }
    return ""


def stage_change_propose(
    *, user: User, policy: StagePolicy, places: Sequence[Place], starts_on: dt.date, reason: str, today: dt.date
) -> StageChange:
    """Ask that this version rules these places from a day on; the version is frozen from here.

    Raises NotAllowed for who may not prepare it, Refused without places or reason, for a first day that a book has
    passed, and for a ladder that could not rule; Conflict when the version is under way already.
    """
    if not can_prepare_stage_policies(user):
        raise NotAllowed("stage_policy_prepare", _("Only a collections manager prepares stage policies."))
    fields: dict[str, str | Promise] = {}
    reason = reason.strip()
    if len(reason) < 10:
        fields["reason"] = _("Say in a sentence why the stages change.")
    elif len(reason) > LONGEST_REASON:
        fields["reason"] = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
    wanted = sorted({(place.client_id, place.product) for place in places})
    with transaction.atomic():
        clients = list(Client.objects.filter(pk__in={client for client, _product in wanted}).order_by("pk"))
        if not wanted or len(clients) != len({client for client, _product in wanted}):
            fields["places"] = _("Choose where the policy shall rule.")
        if fault := _first_day_fault(clients=clients, starts_on=starts_on, today=today):
            fields["starts_on"] = fault
        if fields:
            raise Refused("stage_change", _("The request needs a correction."), fields=fields)
        locked = StagePolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        if locked.changes.filter(status=ChangeStatus.PROPOSED).exists():
            raise Conflict("stage_change_open", _("A request for this version is under way."))
        if not can_propose_stage_change(user, locked):
            raise NotAllowed("stage_change_propose", _("Only who began this draft proposes it."))
        if ladder_faults(stages=ladder_of(locked)):
            raise Refused("stage_policy", _("The policy needs a correction."))
        change = StageChange(
            policy=locked, starts_on=starts_on, reason=reason, prepared_by=user, prepared_at=clock.now()
        )
        change.digest = change_digest(change=change, places=places)
        change.save()
        StageChangePlace.objects.bulk_create(
            StageChangePlace(change=change, client_id=client_id, product=product) for client_id, product in wanted
        )
        approval_open(
            kind=KIND,
            subject=change,
            digest=change.digest,
            prepared_by=user,
            # From its first day on it can no longer be approved.
            answer_by=clock.at_riyadh(on=starts_on, time=dt.time()),
            # Who drew a ladder does not decide where it rules, whoever asks.
            also_prepared_by=[locked.prepared_by_id] if locked.prepared_by_id else [],
        )
        if locked.state == PolicyState.DRAFT:
            _move(locked, PolicyState.PROPOSED)
        record(
            actor=Actor.person(user),
            action="stage_change.proposed",
            subject=change,
            body={"policy": locked.pk, "places": wanted, "starts_on": starts_on, "digest": change.digest},
        )
    return change


def _answered(change: StageChange, to: str) -> None:
    if to not in CHANGE_MOVES[change.status]:
        raise Conflict("stage_change_moved", _("This request was decided already."))
    change.status = to


def stage_change_decide(
    *, user: User, change: StageChange, decision: str, digest: str, today: dt.date, reason: str = ""
) -> StageChange:
    """Approve: the version is published and its assignments are written. Or reject, with a reason.

    ``digest`` is that of the request as the decider saw it. Raises NotAllowed for who prepared it or may not decide,
    Conflict when it was decided or is another one, Refused without a reason to reject, and for approving what begins
    on a day that a book has passed by now.
    """
    if decision not in {ChangeStatus.APPROVED, ChangeStatus.REJECTED}:
        raise Refused("stage_change_decision", _("Approve or reject."))
    reason = reason.strip()
    if decision == ChangeStatus.REJECTED and not reason:
        raise Refused("decision_reason", _("Rejecting needs a word to who prepared it."), field="reason")
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
        raise Refused("decision_reason", words, field="reason")
    with transaction.atomic():
        places = list(change.places.order_by("client_id", "product"))
        # Clients first, by id, as everywhere; a night that moves one of these books waits, or is waited for.
        clients = list(
            Client.objects.select_for_update(no_key=True)
            .filter(pk__in={place.client_id for place in places})
            .order_by("pk")
        )
        locked = StageChange.objects.select_for_update(of=("self",)).select_related("policy").get(pk=change.pk)
        if locked.status != ChangeStatus.PROPOSED:
            raise Conflict("stage_change_moved", _("This request was decided already."))
        asked = change_digest(
            change=locked, places=[Place(client_id=place.client_id, product=place.product) for place in places]
        )
        if digest != locked.digest or digest != asked:
            raise Conflict("stage_change_digest", _("The request is another one than the one you read."))
        approval = approval_decide(
            user=user, approval=locked_approval(subject=locked), decision=decision, digest=digest, reason=reason
        )
        late = _first_day_fault(clients=clients, starts_on=locked.starts_on, today=today)
        if decision == ChangeStatus.APPROVED and late:
            raise Refused("stage_change_late", late, field="starts_on")
        _answered(locked, decision)
        locked.decided_by, locked.decided_at, locked.decision_reason = user, clock.now(), reason
        locked.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        policy = StagePolicy.objects.select_for_update(of=("self",)).get(pk=locked.policy_id)
        if policy.state == PolicyState.PROPOSED:
            _move(policy, PolicyState.APPROVED if decision == ChangeStatus.APPROVED else PolicyState.REJECTED)
        record(
            actor=Actor.person(user),
            action=f"stage_change.{decision.lower()}",
            subject=locked,
            body={"policy": policy.pk, "digest": digest, "reason": reason},
        )
        if decision == ChangeStatus.APPROVED:
            approval_apply(approval=approval, digest=asked)
            _assign(user=user, change=locked, policy=policy, places=places)
    return locked


def _assign(*, user: User, change: StageChange, policy: StagePolicy, places: Sequence[StageChangePlace]) -> None:
    """Where it rules from its first day on, each client with its own event."""
    for place in places:
        event = record(
            actor=Actor.person(user),
            action="client.stage_policy_agreed",
            subject_type="clients.Client",
            subject_id=place.client_id,
            client_id=place.client_id,
            body={
                "change": change.pk,
                "policy": policy.pk,
                "code": policy.code,
                "version": policy.version,
                "product": place.product,
                "starts_on": change.starts_on,
            },
        )
        StageAssignment.objects.create(
            client_id=place.client_id,
            product=place.product,
            policy=policy,
            starts_on=change.starts_on,
            event_id=event.pk,
            recorded_at=event.at,
        )


def stage_change_withdraw(*, user: User, change: StageChange) -> StageChange:
    """Take the own request back; a version that never ruled is a draft again. Raises NotAllowed for anybody else's,
    Conflict when it was decided.
    """
    with transaction.atomic():
        locked = StageChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
        if locked.prepared_by_id != user.pk:
            raise NotAllowed("stage_change_withdraw", _("Only who prepared this request takes it back."))
        if not can_withdraw_stage_change(user, locked):
            raise Conflict("stage_change_moved", _("This request was decided already."))
        _answered(locked, ChangeStatus.WITHDRAWN)
        approval_withdraw(user=user, approval=locked_approval(subject=locked))
        locked.save(update_fields=["status"])
        policy = StagePolicy.objects.select_for_update(of=("self",)).get(pk=locked.policy_id)
        if policy.state == PolicyState.PROPOSED:
            _move(policy, PolicyState.DRAFT)
        record(actor=Actor.person(user), action="stage_change.withdrawn", subject=locked, body={"policy": policy.pk})
    return locked


def stage_policy_take_effect(*, client_id: int, day: dt.date) -> bool:
    """On a book's day: the client's general policy is the one that rules now. True when it changed.

    Part of the night, which leaves its row; the approval left its own.
    """
    ruling = (
        StageAssignment.objects.filter(client_id=client_id, product="", starts_on__lte=day)
        .order_by("-starts_on", "-event_id")
        .values_list("policy_id", flat=True)
        .first()
    )
    with transaction.atomic():
        client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
        if ruling is None or client.stage_policy_id == ruling:
            return False
        client.stage_policy_id = ruling
        client.save(update_fields=["stage_policy"])
    return True
