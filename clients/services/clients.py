"""The only writers of clients and their policies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import SUPERVISED, ClientKind, ClientStatus, PolicyState, PortalView
from clients.models import (
    Agreement,
    Client,
    ClientUser,
    ContactPolicy,
    StageAssignment,
    StagePolicy,
    StagePolicyRow,
)
from clients.rules import stages
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused

LONGEST_NAME = 160
LONGEST_TERMS = 365
LONGEST_NOTICE = 365
MOST_FEES = 12
# The regulator's cap on calls, under every client's own policy (regulations A5).
MOST_ATTEMPTS, SHORTEST_WINDOW, LONGEST_WINDOW = 10, 30, 60
# Official working hours (Sunday is 7). The regulations let banks and finance companies have people contacted within
# official working hours only (A7) and name no clock times: these are ours until the regulator says otherwise (I-26).
OFFICIAL_OPENS, OFFICIAL_CLOSES, OFFICIAL_DAYS = dt.time(8), dt.time(18), frozenset({7, 1, 2, 3, 4})
_CODE = re.compile(r"^[A-Z][A-Z0-9-]{1,19}$")
# What a client begins with rules from before its first invoice.
SINCE_EVER = dt.date(1900, 1, 1)


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
                "default_rules": [str(rule) for rule in ladder.default_rules],
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
                    actions=list(stage.actions),
                )
                for position, stage in enumerate(ladder.stages)
            )
            policy.state = PolicyState.APPROVED
            policy.save(update_fields=["state"])
    return policy


def _check(*, name_ar: str, name_en: str, terms_days: int) -> None:
    """What holds of every client, new or changed."""
    fields: dict[str, str | Promise] = {}
    for name, value in (("name_ar", name_ar), ("name_en", name_en)):
        if not value.strip():
            fields[name] = _("A client has a name in both languages.")
        elif len(value.strip()) > LONGEST_NAME:
            fields[name] = _("The name is too long.")
    if not 0 <= terms_days <= LONGEST_TERMS:
        fields["terms_days"] = _("Terms are between 0 and 365 days.")
    if fields:
        raise Refused("client", next(iter(fields.values())), fields=fields)


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
    capital Latin letters, digits and hyphens, an unknown kind, an empty or too long name, or impossible terms.
    """
    code = code.strip().upper()
    if not _CODE.match(code):
        raise Refused(
            "client_code",
            _("A code is 2 to 20 capital Latin letters, digits and hyphens, beginning with a letter."),
            field="code",
        )
    if kind not in ClientKind.values:
        raise Refused("client_kind", _("There is no such kind of client."), fields={"kind": _("Choose a kind.")})
    _check(name_ar=name_ar, name_en=name_en, terms_days=terms_days)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"client {code}"])
        if Client.objects.filter(code=code).exists():
            raise Refused("client_code_taken", _("There is a client with this code already."), field="code")
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
        event = record(actor=actor, action="client.created", subject=client, client_id=client.pk, body={"code": code})
        StageAssignment.objects.create(
            client=client,
            policy=client.stage_policy,
            starts_on=SINCE_EVER,
            event_id=event.pk,
            recorded_at=event.at,
        )
    return client


def client_update(
    *,
    actor: Actor,
    client: Client,
    name_ar: str,
    name_en: str,
    terms_days: int,
    status: str,
    recall_notice_days: int | None = None,
    fee_cap_instalments: int | None = None,
) -> Client:
    """Change what may change on a client; the code and the kind stay. Raises Refused as ``client_create`` does.

    A changed notice of recalls holds for recalls from now on; None leaves it. ``fee_cap_instalments`` caps the fees of
    a contract posted from now on; None leaves them to the law alone.
    """
    _check(name_ar=name_ar, name_en=name_en, terms_days=terms_days)
    if recall_notice_days is not None and not 0 <= recall_notice_days <= LONGEST_NOTICE:
        raise Refused("client_notice", _("A notice is between 0 and 365 days."), field="recall_notice_days")
    if fee_cap_instalments is not None and not 0 <= fee_cap_instalments <= MOST_FEES:
        raise Refused("client_fees", _("Fees are capped at 0 to 12 instalments."), field="fee_cap_instalments")
    if status not in ClientStatus.values:
        raise Refused("client_status", _("There is no such status."), field="status")
    with transaction.atomic():
        locked = Client.objects.select_for_update().get(pk=client.pk)
        names = ("name_ar", "name_en", "terms_days", "status", "recall_notice_days", "fee_cap_instalments")
        before = {name: getattr(locked, name) for name in names}
        locked.name_ar, locked.name_en = name_ar.strip(), name_en.strip()
        locked.terms_days, locked.status = terms_days, status
        locked.fee_cap_instalments = fee_cap_instalments
        if recall_notice_days is not None:
            locked.recall_notice_days = recall_notice_days
        locked.save(update_fields=list(names))
        record(
            actor=actor,
            action="client.updated",
            subject=locked,
            client_id=locked.pk,
            body={"before": before, "after": {name: getattr(locked, name) for name in names}},
        )
    return locked


def _beyond_official(terms: Mapping[str, Any]) -> dict[str, str | Promise]:
    """What of a policy lies outside official working hours, which no bank or finance company may allow."""
    fields: dict[str, str | Promise] = {}
    hours = {"opens": f"{OFFICIAL_OPENS:%H:%M}", "closes": f"{OFFICIAL_CLOSES:%H:%M}"}
    words = _("Beyond official working hours: banks and finance companies allow %(opens)s to %(closes)s at most.")
    if terms.get("opens_at", OFFICIAL_OPENS) < OFFICIAL_OPENS:
        fields["opens_at"] = words % hours
    if terms.get("closes_at", OFFICIAL_CLOSES) > OFFICIAL_CLOSES:
        fields["closes_at"] = words % hours
    if set(terms.get("weekdays", OFFICIAL_DAYS)) - OFFICIAL_DAYS:
        fields["weekdays"] = _("Beyond official working days: banks and finance companies allow Sunday to Thursday.")
    return fields


def contact_policy_replace(*, actor: Actor, client: Client, starts_on: dt.date, **terms: Any) -> ContactPolicy:
    """The next version of a client's contact policy; the one before stays for the days it governed.

    Raises Refused for a start in the past, hours that close before they open, no day or channel, and for anything
    looser than the regulator's own rule: what a client may make stricter, nobody may make looser (A5, A7).
    """
    fields: dict[str, str | Promise] = {}
    if starts_on < clock.today():
        fields["starts_on"] = _("A policy begins today or later.")
    if terms.get("opens_at", dt.time.min) >= terms.get("closes_at", dt.time.max):
        fields["closes_at"] = _("Contact hours close after they open.")
    if not terms.get("channels", ["PHONE"]):
        fields["channels"] = _("Choose at least one channel.")
    if not set(terms.get("weekdays", [7])) & set(range(1, 8)):
        fields["weekdays"] = _("Choose at least one day.")
    if not 1 <= terms.get("max_attempts", MOST_ATTEMPTS) <= MOST_ATTEMPTS:
        fields["max_attempts"] = _("At most 10 attempts in 30 days are allowed by the regulator.")
    if not SHORTEST_WINDOW <= terms.get("window_days", SHORTEST_WINDOW) <= LONGEST_WINDOW:
        fields["window_days"] = _("The window is between 30 and 60 days.")
    if client.kind in SUPERVISED:
        fields = _beyond_official(terms) | fields
    if fields:
        raise Refused("contact_policy", _("The policy needs a correction."), fields=fields)
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


def agreement_portal_view_set(*, actor: Actor, agreement: Agreement, portal_view: str) -> Agreement:
    """Write down how far an agreement lets the client's people look into its cases; it holds from the next page on.

    Raises Refused for an unknown one.
    """
    if portal_view not in PortalView.values:
        raise Refused("portal_view", _("Choose what the client sees."), field="portal_view")
    with transaction.atomic():
        locked = Agreement.objects.select_for_update().get(pk=agreement.pk)
        before, locked.portal_view = locked.portal_view, portal_view
        locked.save(update_fields=["portal_view"])
        record(
            actor=actor,
            action="agreement.portal_view_set",
            subject=locked,
            body={"before": before, "after": portal_view},
        )
    return locked


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
