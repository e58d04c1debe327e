"""The only writers of users and teams."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, Role, side_of
from accounts.events import UserSwitchedOff
from accounts.models import AccessRecord, Team, User
from common import clock
from common.audit import Actor, record
from common.events import publish
from common.exceptions import Refused


def user_create(
    *,
    actor: Actor,
    email: str,
    name_ar: str,
    name_en: str,
    role: str,
    team: Team | None = None,
    language: str = Language.AR,
    password: str | None = None,
    is_demo: bool = False,
) -> User:
    """A person who may sign in; without a password they set one by the link of a reset.

    Raises Refused for an e-mail address that is taken or an unknown role.
    """
    email = email.strip().lower()
    if role not in Role.values:
        raise Refused("user_role", _("There is no such role."), field="role")
    with transaction.atomic():
        if User.objects.filter(email__iexact=email).exists():
            raise Refused("user_email", _("Somebody signs in with this e-mail already."), field="email")
        user = User.objects.create_user(
            email,
            password,
            name_ar=name_ar.strip(),
            name_en=name_en.strip(),
            role=role,
            team=team,
            language=language,
            is_demo=is_demo,
        )
        record(actor=actor, action="user.created", subject=user, body={"role": role})
    return user


def user_update(
    *,
    actor: Actor,
    user: User,
    name_ar: str,
    name_en: str,
    role: str,
    team: Team | None,
    is_active: bool,
    signs: bool = False,
) -> User:
    """Change who a person is here. A person never changes their own role or switches themselves off.

    Who is switched off, or has another role, is signed out everywhere at once. ``signs`` says that the house approved
    them as a client's signatory. Raises Refused for the own role, for an unknown role, for a signatory whom nobody
    approved, and for a role on the other side of the wall between the house and the portal: a client's person
    never becomes staff, nor staff a client's person.
    """
    if role not in Role.values:
        raise Refused("user_role", _("There is no such role."), field="role")
    if actor.id == user.pk and (role != user.role or not is_active):
        raise Refused("user_self", _("Nobody changes their own role."), field="role")
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if side_of(role) != locked.side:
            raise Refused(
                "user_wall",
                _("Staff stay staff, and a client's people stay the client's: make a new account."),
                field="role",
            )
        if role == Role.CLIENT_SIGNATORY and not signs and locked.role != role:
            raise Refused(
                "user_signs", _("That somebody may sign for a client is asked for and approved."), field="role"
            )
        before = {"role": locked.role, "team": locked.team_id, "active": locked.is_active}
        locked.name_ar, locked.name_en = name_ar.strip(), name_en.strip()
        locked.role, locked.team, locked.is_active = role, team, is_active
        locked.save()
        record(
            actor=actor,
            action="user.updated",
            subject=locked,
            body={"before": before, "after": {"role": role, "team": locked.team_id, "active": is_active}},
        )
        if (before["role"], before["active"]) != (role, is_active):
            _sessions_end(locked)
        if before["active"] and not is_active:
            publish(UserSwitchedOff(user_id=locked.pk))
    return locked


def _sessions_end(user: User) -> None:
    """Sign a person out of every browser."""
    for session in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def profile_update(*, user: User, language: str, density: str) -> User:
    """How the pages look for this person."""
    with transaction.atomic():
        user.language, user.density = language, density
        user.save(update_fields=["language", "density"])
        record(
            actor=Actor.person(user),
            action="profile.updated",
            subject=user,
            body={"language": language, "density": density},
        )
    return user


def sign_in_record(*, user: User) -> None:
    """Write down that a person came in, all steps of the sign-in passed."""
    with transaction.atomic():
        record(actor=Actor.person(user), action="user.signed_in", subject=user)


def password_set(*, user: User, password: str) -> None:
    """Give a person the password they chose; that it happened is written down, never what it is."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record(actor=Actor.person(user), action="user.password_set", subject=user)


def factor_changed(*, user: User, what: str) -> None:
    """Write down that a person set a second factor up, took it off, or asked for new recovery codes."""
    with transaction.atomic():
        record(actor=Actor.person(user), action=f"user.{what}", subject=user)


def factor_reset(*, actor: Actor, user: User, reason: str) -> None:
    """Take a lost second factor and its recovery codes off; every open session of the person ends.

    Raises Refused without a reason and for who has none.
    """
    if not reason.strip():
        raise Refused("factor_reason", _("Say why."), field="reason")
    with transaction.atomic():
        taken, _kinds = Authenticator.objects.filter(user=user).delete()
        if not taken:
            raise Refused("factor_none", _("This account has no second factor."))
        _sessions_end(user)
        record(actor=actor, action="user.factor_reset", subject=user, body={"reason": reason.strip()})


def team_save(*, actor: Actor, team: Team | None, name_ar: str, name_en: str) -> Team:
    """Make a team or rename one."""
    with transaction.atomic():
        team = team or Team()
        team.name_ar, team.name_en = name_ar.strip(), name_en.strip()
        team.save()
        record(actor=actor, action="team.saved", subject=team, body={"name": team.name_ar})
    return team


def access_record(
    *, user: User, what: str, subject: object = None, subject_id: int | None = None, why: str = ""
) -> AccessRecord:
    """Write down a look at something that is not everybody's, before it is shown; committed on its own."""
    meta = getattr(subject, "_meta", None)
    return AccessRecord.objects.create(
        at=clock.now(),
        user=user,
        what=what[:60],
        subject_type=meta.label if meta is not None else "",
        subject_id=getattr(subject, "pk", subject_id),
        why=why,
    )
