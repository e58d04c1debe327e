"""The only writers of clients' systems: their accounts, their tokens, and who of the client keeps them."""

from __future__ import annotations

import datetime as dt
import secrets
import string
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import Scope
from clients.models import Client, ClientUser, ServiceAccount, ServiceToken
from clients.rules import systems
from common import clock
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused

LONGEST_NAME = 80
# How exactly it is known when a token was last used: not every request is worth a write.
USED_EVERY = dt.timedelta(minutes=5)
_LETTERS = string.ascii_lowercase + string.digits


def _checked(*, name: str, scopes: Sequence[str]) -> tuple[str, list[str]]:
    """Name and scopes of an account as they are kept. Raises Refused with the fields that are wrong."""
    fields: dict[str, str | Promise] = {}
    name = name.strip()
    if not name:
        fields["name"] = _("Give the system a name.")
    elif len(name) > LONGEST_NAME:
        fields["name"] = _("The name is too long.")
    if not scopes:
        fields["scopes"] = _("Choose what the system may do.")
    elif set(scopes) - set(Scope.values):
        fields["scopes"] = _("There is no such right of a system.")
    if fields:
        raise Refused("system", next(iter(fields.values())), fields=fields)
    return name, [scope for scope in Scope.values if scope in scopes]


def _name_free(*, client: Client, name: str, but: int = 0) -> None:
    if ServiceAccount.objects.filter(client=client, name=name).exclude(pk=but).exists():
        raise Refused("system_name", _("The client has a system of this name already."), field="name")


def system_create(*, actor: Actor, client: Client, name: str, scopes: Sequence[str]) -> ServiceAccount:
    """An account for one system of a client. It has no token yet: the client's administrator makes it.

    Raises Refused without a name or scope, for an unknown scope, and for a name that the client has already.
    """
    name, kept = _checked(name=name, scopes=scopes)
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        _name_free(client=client, name=name)
        account = ServiceAccount.objects.create(client=client, name=name, scopes=kept, created_at=clock.now())
        record(actor=actor, action="system.created", subject=account, body={"name": name, "scopes": kept})
    return account


def system_update(
    *, actor: Actor, account: ServiceAccount, name: str, scopes: Sequence[str], is_active: bool
) -> ServiceAccount:
    """Change what a system is called and may do; one that is switched off is let in with no token.

    Raises Refused as ``system_create`` does.
    """
    name, kept = _checked(name=name, scopes=scopes)
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=account.client_id)
        locked = ServiceAccount.objects.select_for_update().get(pk=account.pk)
        _name_free(client=locked.client, name=name, but=locked.pk)
        names = ("name", "scopes", "is_active")
        before = {field: getattr(locked, field) for field in names}
        locked.name, locked.scopes, locked.is_active = name, kept, is_active
        locked.save(update_fields=list(names))
        after = {field: getattr(locked, field) for field in names}
        record(actor=actor, action="system.updated", subject=locked, body={"before": before, "after": after})
    return locked


def keeper_set(*, actor: Actor, membership: ClientUser, keeps_systems: bool) -> ClientUser:
    """Say whether one of the client's people is its administrator, who keeps the tokens of its systems."""
    with transaction.atomic():
        locked = ClientUser.objects.select_for_update().get(pk=membership.pk)
        before, locked.keeps_systems = locked.keeps_systems, keeps_systems
        locked.save(update_fields=["keeps_systems"])
        record(
            actor=actor,
            action="client_user.keeper_set",
            subject=locked,
            body={"user": locked.user_id, "before": before, "after": keeps_systems},
        )
    return locked


def _kept_by(*, user: User, client_id: int) -> None:
    """Raise NotAllowed for anybody but the client's own administrator."""
    keepers = ClientUser.objects.filter(client_id=client_id, keeps_systems=True, user__is_active=True)
    if not user.is_portal or not keepers.filter(user=user).exists():
        raise NotAllowed("token_keeper", _("Only your company's administrator keeps its tokens."))


def token_rotate(
    *, user: User, account: ServiceAccount, lifetime_days: int, overlap_hours: int
) -> tuple[ServiceToken, str]:
    """A new token, and its text, which nobody sees again. Those that were valid end when the overlap is over.

    The first token of a system is made the same way. Raises NotAllowed for anybody but the client's administrator;
    Refused for a system that is switched off, for a life or an overlap that is none of ours, and while the token before
    the last still runs: it is waited for, or revoked.
    """
    _kept_by(user=user, client_id=account.client_id)
    if lifetime_days not in systems.LIFETIMES:
        raise Refused("token_life", _("Choose how long the token is valid."), field="lifetime_days")
    if overlap_hours not in systems.OVERLAPS:
        raise Refused("token_overlap", _("Choose how long the token before it stays valid."), field="overlap_hours")
    with transaction.atomic():
        locked = ServiceAccount.objects.select_for_update().get(pk=account.pk)
        if not locked.is_active:
            raise Refused("system_off", _("This system is switched off."))
        now = clock.now()
        live = list(ServiceToken.objects.filter(account=locked, revoked_at__isnull=True, expires_at__gt=now))
        if len(live) >= systems.MOST_LIVE:
            words = _("Two tokens are valid. Wait until the older one ends, or revoke it.")
            raise Refused("token_most", words)
        ends_at = now + dt.timedelta(hours=overlap_hours)
        for old in live:
            old.expires_at = min(old.expires_at, ends_at)
            old.save(update_fields=["expires_at"])
        prefix = "".join(secrets.choice(_LETTERS) for _n in range(systems.PREFIX_LETTERS))
        text = systems.token_text(prefix=prefix, secret=secrets.token_bytes(systems.SECRET_BYTES))
        token = ServiceToken.objects.create(
            client_id=locked.client_id,
            account=locked,
            prefix=prefix,
            digest=systems.token_digest(text=text),
            created_at=now,
            created_by=user,
            expires_at=now + dt.timedelta(days=lifetime_days),
        )
        record(
            actor=Actor.person(user),
            action="token.issued",
            subject=token,
            body={
                "account": locked.pk,
                "prefix": prefix,
                "expires_at": token.expires_at,
                "ends": [[old.prefix, old.expires_at] for old in live],
            },
        )
    return token, text


def token_revoke(*, user: User, token: ServiceToken) -> ServiceToken:
    """End a token at once. Raises NotAllowed as ``token_rotate`` does, Refused for one that is not valid any more."""
    _kept_by(user=user, client_id=token.client_id)
    with transaction.atomic():
        ServiceAccount.objects.select_for_update().get(pk=token.account_id)
        locked = ServiceToken.objects.select_for_update().get(pk=token.pk)
        now = clock.now()
        if not locked.is_live(now=now):
            raise Refused("token_ended", _("This token is not valid any more."))
        locked.revoked_at = now
        locked.save(update_fields=["revoked_at"])
        body = {"account": locked.account_id, "prefix": locked.prefix}
        record(actor=Actor.person(user), action="token.revoked", subject=locked, body=body)
    return locked


def token_used(*, token: ServiceToken, at: dt.datetime) -> None:
    """Note that a token was shown, to five minutes."""
    late = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - USED_EVERY)
    if token.last_used_at is None or token.last_used_at < at - USED_EVERY:
        ServiceToken.objects.filter(late, pk=token.pk).update(last_used_at=at)
