"""The only writers of who of a client keeps its people, and of what those keepers do (ADR 0048).

Each act locks the person first, then the client: two keepers who act on each other wait for one another, and the second
finds what the first left.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.events import UserSwitchedOff
from accounts.models import User
from accounts.services.users import user_create, user_update
from clients.choices import ChangeStatus
from clients.models import Client, ClientUser, SignatoryRequest
from clients.policies import can_manage_clients
from clients.services.clients import client_user_add
from common import clock
from common.approvals import approval_apply, approval_decide, approval_open, approval_withdraw, locked_approval
from common.audit import Actor, record
from common.choices import ApprovalStatus, Decision
from common.exceptions import Conflict, NotAllowed, Refused

KIND = "SIGNATORY"
ANSWER_WITHIN = dt.timedelta(days=3)
LONGEST_POWER = 160


def _keepers(*, client_id: int) -> list[int]:
    """The users who keep this client's people and may sign in."""
    found = ClientUser.objects.filter(client_id=client_id, keeps_people=True, user__is_active=True)
    return list(found.values_list("user_id", flat=True))


def _held(membership: ClientUser) -> ClientUser:
    """The person, then the client, under lock; the membership as it stands now."""
    User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
    Client.objects.select_for_update(no_key=True).get(pk=membership.client_id)
    return ClientUser.objects.select_related("user").get(pk=membership.pk)


def _kept_by(*, user: User, client_id: int, about: int | None = None) -> None:
    """Raise NotAllowed for who does not keep this client's people, and for an act of a person on themselves."""
    if not user.is_portal or user.pk not in _keepers(client_id=client_id):
        raise NotAllowed("people_keeper", _("Only who keeps your company's users may do this."))
    if about == user.pk:
        raise NotAllowed("people_self", _("Nobody changes their own rights: another of your company does it."))


def _keeper_write(*, actor: Actor, held: ClientUser, keeps_people: bool) -> ClientUser:
    if not keeps_people and _keepers(client_id=held.client_id) == [held.user_id]:
        raise Refused("people_last", _("Name another keeper of users first: one always remains."))
    if keeps_people and not held.user.is_active:
        raise Refused("people_off", _("This person is switched off."))
    before, held.keeps_people = held.keeps_people, keeps_people
    held.save(update_fields=["keeps_people"])
    record(
        actor=actor,
        action="client_user.people_keeper_set",
        subject=held,
        body={"user": held.user_id, "before": before, "after": keeps_people},
    )
    return held


def people_keeper_set(*, actor: Actor, membership: ClientUser, keeps_people: bool) -> ClientUser:
    """The house names who keeps a client's people. Raises Refused for taking away the last, or naming who is off."""
    with transaction.atomic():
        return _keeper_write(actor=actor, held=_held(membership), keeps_people=keeps_people)


def person_keeper_set(*, user: User, membership: ClientUser, keeps_people: bool) -> ClientUser:
    """One keeper makes another, or ends that. Raises NotAllowed for who is none and for themselves; Refused as the
    house's own act does.
    """
    with transaction.atomic():
        held = _held(membership)
        _kept_by(user=user, client_id=held.client_id, about=held.user_id)
        return _keeper_write(actor=Actor.person(user), held=held, keeps_people=keeps_people)


def person_invite(
    *, user: User, client: Client, email: str, name_ar: str, name_en: str, title: str = "", power: str = ""
) -> ClientUser:
    """A new person of the client, who reads; with ``power`` the house is asked that they may sign as well.

    By one of its keepers, or by who keeps clients in the house. The invitation itself is sent by who called. Raises
    NotAllowed for anybody else, Refused as ``user_create``.
    """
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if not can_manage_clients(user):
            _kept_by(user=user, client_id=client.pk)
        if user.is_portal and User.objects.filter(email__iexact=email.strip()).exists():
            # Whether somebody signs in by it, and for whom, is not this company's to know.
            words = _("This address cannot be used here. Write to us if it is your colleague's.")
            raise Refused("person_email", words, field="email")
        person = user_create(
            actor=Actor.person(user), email=email, name_ar=name_ar, name_en=name_en, role=Role.CLIENT_USER
        )
        membership = client_user_add(actor=Actor.person(user), client=client, user=person, title=title)
        if power.strip():
            _ask(user=user, held=membership, power=power)
    return membership


def signatory_digest(*, request: SignatoryRequest) -> str:
    """The hash of what is asked: who shall sign for whom, and by what power."""
    person = request.membership.user
    asked = {
        "client": request.client_id,
        "user": person.pk,
        "email": person.email,
        "names": [person.name_ar, person.name_en],
        "power": request.power,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _ask(*, user: User, held: ClientUser, power: str) -> SignatoryRequest:
    power, now = power.strip(), clock.now()
    if not 0 < len(power) <= LONGEST_POWER:
        raise Refused("signatory_power", _("Say by what power the person signs."), field="power")
    if not held.user.is_active:
        raise Refused("people_off", _("This person is switched off."))
    if held.user.role == Role.CLIENT_SIGNATORY:
        raise Refused("signatory_is", _("This person signs already."))
    if held.signatory_requests.filter(status=ChangeStatus.PROPOSED).exists():
        raise Conflict("signatory_asked", _("The agency was asked already; its answer is awaited."))
    request = SignatoryRequest(
        client_id=held.client_id, membership=held, power=power, prepared_by=user, prepared_at=now
    )
    request.digest = signatory_digest(request=request)
    request.save()
    approval_open(
        kind=KIND,
        subject=request,
        digest=request.digest,
        prepared_by=user,
        answer_by=now + ANSWER_WITHIN,
        client_id=held.client_id,
        # Nobody answers what is about themselves.
        also_prepared_by=[held.user_id],
    )
    body = {"user": held.user_id, "digest": request.digest}
    record(actor=Actor.person(user), action="signatory.asked", subject=request, body=body)
    return request


def signatory_ask(*, user: User, membership: ClientUser, power: str) -> SignatoryRequest:
    """Ask the house that one of the own people may sign.

    Raises NotAllowed for who keeps nobody and for themselves, Refused without a power or for who signs already,
    Conflict while an answer is awaited.
    """
    with transaction.atomic():
        held = _held(membership)
        _kept_by(user=user, client_id=held.client_id, about=held.user_id)
        return _ask(user=user, held=held, power=power)


def _answered(request: SignatoryRequest, status: str, reason: str = "") -> None:
    request.status, request.decided_at, request.decision_reason = status, clock.now(), reason
    request.save(update_fields=["status", "decided_at", "decision_reason"])


def _withdraw(*, user: User, request: SignatoryRequest) -> None:
    approval_withdraw(user=user, approval=locked_approval(subject=request))
    _answered(request, ChangeStatus.WITHDRAWN)
    record(actor=Actor.person(user), action="signatory.withdrawn", subject=request)


def signatory_decide(
    *, user: User, request: SignatoryRequest, decision: str, digest: str, reason: str = ""
) -> SignatoryRequest:
    """The house lets a person sign for the client, or does not, with a reason.

    Raises NotAllowed for who may not decide, Conflict when it was answered or changed, Refused without a reason.
    """
    if decision not in {Decision.APPROVED, Decision.REJECTED}:
        raise Refused("signatory_decision", _("Approve or reject."))
    reason = reason.strip()
    if decision == Decision.REJECTED and not reason:
        raise Refused("decision_reason", _("Rejecting needs a word to who prepared it."), field="reason")
    with transaction.atomic():
        held = _held(request.membership)
        locked = SignatoryRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        locked.membership = held
        approval = approval_decide(
            user=user, approval=locked_approval(subject=locked), decision=decision, digest=digest, reason=reason
        )
        if approval.status == ApprovalStatus.OPEN:  # the matrix asks for one more
            return locked
        if decision == Decision.APPROVED:
            approval_apply(approval=approval, digest=signatory_digest(request=locked))
            _role(actor=Actor.person(user), person=held.user, role=Role.CLIENT_SIGNATORY)
        _answered(locked, decision, reason)
        record(
            actor=Actor.person(user),
            action=f"signatory.{decision.lower()}",
            subject=locked,
            body={"user": held.user_id, "digest": digest, "reason": reason},
        )
    return locked


def _role(*, actor: Actor, person: User, role: str, is_active: bool = True) -> None:
    user_update(
        actor=actor,
        user=person,
        name_ar=person.name_ar,
        name_en=person.name_en,
        role=role,
        team=None,
        is_active=is_active,
        signs=role == Role.CLIENT_SIGNATORY,
    )


def person_reader(*, user: User, membership: ClientUser) -> ClientUser:
    """Let a person read only, at once: a signatory signs no more, and what was asked for them is taken back.

    Raises NotAllowed for who keeps nobody and for themselves, Refused for who reads only already.
    """
    with transaction.atomic():
        held = _held(membership)
        _kept_by(user=user, client_id=held.client_id, about=held.user_id)
        asked = held.signatory_requests.filter(status=ChangeStatus.PROPOSED).first()
        if asked is None and held.user.role != Role.CLIENT_SIGNATORY:
            raise Refused("person_reads", _("This person reads only already."))
        if asked is not None:
            _withdraw(user=user, request=asked)
        if held.user.role == Role.CLIENT_SIGNATORY:
            _role(actor=Actor.person(user), person=held.user, role=Role.CLIENT_USER)
            _person_event(user=user, held=held, action="client_user.reads_only")
    return held


def person_switch(*, user: User, membership: ClientUser, is_active: bool) -> ClientUser:
    """Switch a person off, at once and out of every browser, or on again. Who comes back reads, and no more.

    Raises NotAllowed for who keeps nobody and for themselves.
    """
    with transaction.atomic():
        held = _held(membership)
        _kept_by(user=user, client_id=held.client_id, about=held.user_id)
        if held.user.is_active == is_active:
            raise Conflict("person_switched", _("This was done already."))
        asked = held.signatory_requests.filter(status=ChangeStatus.PROPOSED).first()
        if asked is not None:
            _withdraw(user=user, request=asked)
        _role(actor=Actor.person(user), person=held.user, role=Role.CLIENT_USER, is_active=is_active)
        action = "client_user.switched_on" if is_active else "client_user.switched_off"
        _person_event(user=user, held=held, action=action)
    return held


def _person_event(*, user: User, held: ClientUser, action: str) -> None:
    record(actor=Actor.person(user), action=action, subject=held, body={"user": held.user_id})


def keeper_gone(event: UserSwitchedOff) -> None:
    """Who is switched off keeps nothing any more, by whomever it was done; the last keeper is not switched off.

    Raises Refused for that: another is named first.
    """
    membership = ClientUser.objects.filter(user_id=event.user_id).first()
    if membership is None or not (membership.keeps_people or membership.keeps_systems):
        return
    Client.objects.select_for_update(no_key=True).get(pk=membership.client_id)
    if membership.keeps_people and not _keepers(client_id=membership.client_id):
        raise Refused("people_last", _("Name another keeper of users first: one always remains."))
    membership.keeps_people = membership.keeps_systems = False
    membership.save(update_fields=["keeps_people", "keeps_systems"])
