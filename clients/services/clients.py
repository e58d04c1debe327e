"""The only writers of clients and their policies."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ClientKind
from clients.models import Agreement, Client, ClientUser, ContactPolicy, StagePolicy, StagePolicyRow
from clients.rules import stages
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused

_CODE = re.compile(r"^[A-Z][A-Z0-9-]{1,19}$")


def stage_policy_shipped(*, code: str) -> StagePolicy:
    """A shipped ladder as version 1 of its policy, made when first asked for. Raises KeyError for an unknown code."""
    ladder = stages.SHIPPED[code]
    with transaction.atomic():
        policy, made = StagePolicy.objects.get_or_create(
            code=ladder.code,
            version=1,
            defaults={
                "name_ar": ladder.name_ar,
                "name_en": ladder.name_en,
                "basis": ladder.basis,
                "default_after_days": ladder.default_after_days,
            },
        )
        if made:
            StagePolicyRow.objects.bulk_create(
                StagePolicyRow(
                    policy=policy,
                    position=position,
                    code=stage.code,
                    from_day=stage.from_day,
                    depth=stage.depth,
                    name_ar=stage.name_ar,
                    name_en=stage.name_en,
                    actions=[str(action) for action in stage.actions],
                )
                for position, stage in enumerate(ladder.stages)
            )
    return policy


def client_create(
    *,
    actor: Actor,
    code: str,
    name_ar: str,
    name_en: str,
    kind: str,
    terms_days: int = 60,
    stage_policy: StagePolicy | None = None,
    agreement_number: str = "",
    signed_on: dt.date | None = None,
    fee_percent: Decimal = Decimal(0),
) -> Client:
    """A client with an agreement, a contact policy and a stage policy, ready for import.

    The stage policy is that of the client's kind unless given. Raises Refused for a code that is taken or not in
    capital Latin letters, digits and hyphens, an unknown kind or an empty name.
    """
    code = code.strip().upper()
    if not _CODE.match(code):
        raise Refused(
            "client_code",
            _("A code is 2 to 20 capital Latin letters, digits and hyphens, beginning with a letter."),
            fields={"code": _("A code is 2 to 20 capital Latin letters, digits and hyphens, beginning with a letter.")},
        )
    if kind not in ClientKind.values:
        raise Refused("client_kind", _("There is no such kind of client."), fields={"kind": _("Choose a kind.")})
    if not name_ar.strip() or not name_en.strip():
        raise Refused("client_name", _("A client has a name in both languages."))
    with transaction.atomic():
        if Client.objects.filter(code=code).exists():
            raise Refused(
                "client_code_taken",
                _("There is a client with this code already."),
                fields={"code": _("There is a client with this code already.")},
            )
        today = clock.today()
        client = Client.objects.create(
            code=code,
            name_ar=name_ar.strip(),
            name_en=name_en.strip(),
            kind=kind,
            terms_days=terms_days,
            stage_policy=stage_policy or stage_policy_shipped(code=stages.ladder_for(kind).code),
            created_at=clock.now(),
        )
        Agreement.objects.create(
            client=client,
            number=agreement_number or f"{code}-1",
            signed_on=signed_on or today,
            starts_on=signed_on or today,
            fee_percent=fee_percent,
        )
        ContactPolicy.objects.create(client=client, version=1, starts_on=signed_on or today)
        record(actor=actor, action="client.created", subject=client, client_id=client.pk, body={"code": code})
    return client


def client_update(*, actor: Actor, client: Client, name_ar: str, name_en: str, terms_days: int, status: str) -> Client:
    """Change what may change on a client; the code and the kind stay."""
    with transaction.atomic():
        locked = Client.objects.select_for_update().get(pk=client.pk)
        before = {"name_ar": locked.name_ar, "name_en": locked.name_en, "terms_days": locked.terms_days}
        locked.name_ar, locked.name_en = name_ar.strip(), name_en.strip()
        locked.terms_days, locked.status = terms_days, status
        locked.save(update_fields=["name_ar", "name_en", "terms_days", "status"])
        record(actor=actor, action="client.updated", subject=locked, client_id=locked.pk, body={"before": before})
    return locked


def contact_policy_replace(*, actor: Actor, client: Client, starts_on: dt.date, **terms: Any) -> ContactPolicy:
    """The next version of a client's contact policy; the one before stays for the days it governed."""
    with transaction.atomic():
        Client.objects.select_for_update().get(pk=client.pk)
        last = client.contact_policies.order_by("-version").first()
        policy = ContactPolicy(client=client, version=(last.version if last else 0) + 1, starts_on=starts_on, **terms)
        policy.full_clean(exclude=["client"])
        policy.save()
        record(
            actor=actor,
            action="contact_policy.replaced",
            subject=policy,
            client_id=client.pk,
            body={"version": policy.version, "starts_on": starts_on},
        )
    return policy


def client_user_add(*, actor: Actor, client: Client, user: User, title: str = "") -> ClientUser:
    """Tie a portal user to the one client it sees. Raises Refused for staff."""
    if not user.is_portal:
        raise Refused("client_user_staff", _("Only a client user or signatory belongs to a client."))
    with transaction.atomic():
        membership = ClientUser.objects.create(client=client, user=user, title=title)
        record(
            actor=actor,
            action="client_user.added",
            subject=membership,
            client_id=client.pk,
            body={"user": user.pk, "role": user.role},
        )
    return membership
