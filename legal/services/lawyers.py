"""The only writer of law firms, lawyers, their conflicts, and the sign-in of an outside lawyer."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from accounts.services.users import user_create, user_update
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from legal.models import LawFirm, Lawyer, LawyerConflict
from legal.policies import can_keep_legal
from parties.models import Party


def _keeper(user: User) -> Actor:
    """Who keeps the register: the legal officer and the collections manager. Raises NotAllowed for anybody else."""
    if not can_keep_legal(user):
        raise NotAllowed("legal_keep", _("Only the legal desk keeps this."))
    return Actor.person(user)


def firm_save(
    *,
    user: User,
    firm: LawFirm | None = None,
    name_ar: str,
    name_en: str,
    licence: str,
    email: str = "",
    phone: str = "",
    is_active: bool = True,
) -> LawFirm:
    """Enter a firm or correct it. Raises Refused for a licence another firm has; NotAllowed off the legal desk."""
    actor = _keeper(user)
    try:
        with transaction.atomic():
            firm = LawFirm.objects.select_for_update().get(pk=firm.pk) if firm is not None else LawFirm()
            firm.name_ar, firm.name_en, firm.licence = name_ar.strip(), name_en.strip(), licence.strip()
            firm.email, firm.phone, firm.is_active = email.strip(), phone.strip(), is_active
            firm.save()
            record(actor=actor, action="firm.saved", subject=firm, body={"licence": firm.licence, "active": is_active})
    except IntegrityError as error:
        raise Refused("firm_licence", _("Another firm has this licence."), field="licence") from error
    return firm


def lawyer_save(
    *,
    user: User,
    firm: LawFirm,
    lawyer: Lawyer | None = None,
    name_ar: str,
    name_en: str,
    licence: str,
    email: str = "",
    phone: str = "",
    is_active: bool = True,
) -> Lawyer:
    """Enter a lawyer of a firm or correct one; one who left signs in no more.

    Raises Refused for a licence another lawyer has; NotAllowed off the legal desk.
    """
    actor = _keeper(user)
    try:
        with transaction.atomic():
            lawyer = Lawyer.objects.select_for_update().get(pk=lawyer.pk) if lawyer is not None else Lawyer(firm=firm)
            lawyer.name_ar, lawyer.name_en, lawyer.licence = name_ar.strip(), name_en.strip(), licence.strip()
            lawyer.email, lawyer.phone, lawyer.is_active = email.strip(), phone.strip(), is_active
            lawyer.save()
            record(
                actor=actor,
                action="lawyer.saved",
                subject=lawyer,
                body={"licence": lawyer.licence, "active": is_active},
            )
            account = lawyer.user
            if account is not None and account.is_active != is_active:
                user_update(
                    actor=actor, user=account, name_ar=lawyer.name_ar, name_en=lawyer.name_en, role=account.role,
                    team=None, is_active=is_active,
                )  # fmt: skip
    except IntegrityError as error:
        raise Refused("lawyer_licence", _("Another lawyer has this licence."), field="licence") from error
    return lawyer


def lawyer_invite(*, actor: Actor, user: User, lawyer: Lawyer, email: str, is_demo: bool = False) -> User:
    """Give a lawyer a sign-in to the files they hold, and to nothing else. The caller sends the invitation.

    Raises NotAllowed for anybody but the legal desk and administrators, Refused for a lawyer who has one, who left, and
    for an address that somebody signs in with.
    """
    if not (can_keep_legal(user) or user.role == Role.ADMINISTRATOR):
        raise NotAllowed("lawyer_invite", _("Only the legal desk or an administrator invites a lawyer."))
    with transaction.atomic():
        locked = Lawyer.objects.select_for_update().get(pk=lawyer.pk)
        if locked.user_id is not None:
            raise Refused("lawyer_invited", _("This lawyer signs in already."))
        if not locked.is_active:
            raise Refused("lawyer_left", _("This lawyer is not active."))
        account = user_create(
            actor=actor, email=email, name_ar=locked.name_ar, name_en=locked.name_en, role=Role.LAWYER, is_demo=is_demo
        )
        locked.user, locked.email = account, locked.email or account.email
        locked.save(update_fields=["user", "email"])
        record(actor=actor, action="lawyer.invited", subject=locked, body={"user": account.pk})
    return account


def conflict_record(
    *,
    user: User,
    firm: LawFirm,
    reason: str,
    lawyer: Lawyer | None = None,
    party: Party | None = None,
    client: Client | None = None,
) -> LawyerConflict:
    """A firm, or one lawyer of it, may not act against a party or for a client; the files they hold raise an alarm.

    Raises Refused without a reason, without naming anybody, and for a lawyer of another firm.
    """
    actor = _keeper(user)
    if not reason.strip():
        raise Refused("conflict_reason", _("Say why."), field="reason")
    if party is None and client is None:
        raise Refused("conflict_whom", _("Name the account holder or the client."), field="client")
    if lawyer is not None and lawyer.firm_id != firm.pk:
        raise Refused("conflict_lawyer", _("This lawyer is of another firm."), field="lawyer")
    with transaction.atomic():
        LawFirm.objects.select_for_update().get(pk=firm.pk)
        conflict = LawyerConflict.objects.create(
            firm=firm, lawyer=lawyer, party=party, client=client, reason=reason.strip()[:300], recorded_by=user,
            recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor,
            action="conflict.recorded",
            subject=conflict,
            client_id=client.pk if client is not None else None,
            body={"firm": firm.pk, "lawyer": lawyer and lawyer.pk, "party": party and party.pk, "reason": reason},
        )
    return conflict


def conflict_end(*, user: User, conflict: LawyerConflict, reason: str) -> LawyerConflict:
    """A conflict stands no more. Raises Refused without a reason and for one that ended."""
    actor = _keeper(user)
    if not reason.strip():
        raise Refused("conflict_reason", _("Say why."), field="reason")
    with transaction.atomic():
        locked = LawyerConflict.objects.select_for_update().get(pk=conflict.pk)
        if locked.ended_at is not None:
            raise Refused("conflict_ended", _("This conflict ended already."))
        locked.ended_at = clock.now()
        locked.save(update_fields=["ended_at"])
        record(
            actor=actor, action="conflict.ended", subject=locked, client_id=locked.client_id, body={"reason": reason}
        )
    return locked
