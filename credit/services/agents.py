"""The only writer of who may sign for a customer (CM-22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock, crypto
from common.audit import record
from common.exceptions import Conflict, Refused
from credit.choices import AgentScope, OrderState, PaperKind
from credit.models import Agent, CreditPaper, Customer, FacilityAgreement, Order, RemoteTerms
from credit.selectors.agents import COLUMN, party_key
from credit.services.applications import editor
from credit.services.papers import credit_paper_add


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as somebody handed it in."""

    name: str
    content: bytes


def agent_add(
    *,
    user: User,
    customer: Customer,
    name: str,
    scopes: Collection[str],
    valid_from: dt.date,
    valid_until: dt.date | None = None,
    is_owner: bool = False,
    id_hint: str = "",
    up_to: Decimal | None = None,
    power: Upload | None = None,
    specimen: Upload | None = None,
) -> Agent:
    """Write down who may sign what for a customer, up to which amount and until when, and keep the power of attorney
    and the specimen signature.

    The owner needs no power; everybody else one that ends. Raises Refused for what is missing or out of order,
    NotAllowed for who does not prepare credit files.
    """
    actor = editor(user)
    _checked(name=name, scopes=scopes, up_to=up_to, is_owner=is_owner, power=power)
    _in_order(valid_from=valid_from, valid_until=valid_until, is_owner=is_owner)
    with transaction.atomic():
        held = Customer.objects.select_for_update(no_key=True, of=("self",)).select_related("debtor__party").get(
            pk=customer.pk
        )  # fmt: skip
        key = party_key(customer=held)
        if key is None:
            raise Refused("agent_erased", _("The personal data of this account holder was erased."))
        power_paper = _paper(
            user, held, PaperKind.POWER_OF_ATTORNEY, power, field="power", until=valid_until, begins=valid_from
        )
        specimen_paper = _paper(user, held, PaperKind.SPECIMEN_SIGNATURE, specimen, field="specimen")
        agent = Agent.objects.create(
            client_id=held.client_id, customer=held, is_owner=is_owner, scopes=sorted(scopes), up_to=up_to,
            name_sealed=crypto.encrypt(key=key, value=" ".join(name.split())[:160], column=COLUMN),
            id_hint=id_hint.strip()[-4:], valid_from=valid_from, valid_until=valid_until, power_paper=power_paper,
            specimen_paper=specimen_paper, recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, action="agent.added", subject=agent,
            body={
                "customer": held.pk, "scopes": agent.scopes, "up_to": up_to, "owner": is_owner, "from": valid_from,
                "until": valid_until,
                "power": power_paper.sha256 if power_paper else "",
                "specimen": specimen_paper.sha256 if specimen_paper else "",
            },
        )  # fmt: skip
    return agent


def _checked(
    *, name: str, scopes: Collection[str], up_to: Decimal | None, is_owner: bool, power: Upload | None
) -> None:
    if not name.strip():
        raise Refused("agent_name", _("Give the name."), field="name")
    if not scopes or not set(scopes) <= set(AgentScope.values):
        raise Refused("agent_scopes", _("Choose what this person may sign."), field="scopes")
    if up_to is not None and up_to <= 0:
        raise Refused("agent_up_to", _("The amount is more than nothing, or left empty."), field="up_to")
    if not is_owner and power is None:
        raise Refused("agent_power", _("Without being the owner one signs by a power of attorney."), field="power")


def _in_order(*, valid_from: dt.date, valid_until: dt.date | None, is_owner: bool) -> None:
    if valid_until is None and not is_owner:
        raise Refused("agent_until", _("A power of attorney has an end."), field="valid_until")
    if valid_until is not None and valid_until < valid_from:
        raise Refused("agent_order", _("It does not run out before it begins."), field="valid_until")


def _paper(
    user: User, customer: Customer, kind: str, upload: Upload | None, *, field: str, begins: dt.date | None = None,
    until: dt.date | None = None,
) -> CreditPaper | None:  # fmt: skip
    """The uploaded paper, kept; what is wrong with it is said at its own field."""
    if upload is None:
        return None
    try:
        return credit_paper_add(
            user=user, customer=customer, kind=kind, title=str(PaperKind(kind).label), name=upload.name,
            content=upload.content, valid_from=begins, valid_until=until,
        )  # fmt: skip
    except Refused as refusal:
        raise Refused(refusal.code, refusal.message, field=field) from refusal


def agent_revoke(*, user: User, agent: Agent, on: dt.date, reason: str) -> Agent:
    """Write down that somebody no longer signs for the customer from a day on, as the house was told.

    Raises Refused without a reason, for a day ahead or before the power began, and for a day on or before which this
    person still signed here: what was signed in good faith stands. Raises Conflict when it is revoked already.
    """
    actor = editor(user)
    if not reason.strip():
        raise Refused("revoke_reason", _("Say why."), field="reason")
    with transaction.atomic():
        held = Agent.objects.select_for_update().get(pk=agent.pk)
        if held.revoked_on is not None:
            raise Conflict("agent_revoked", _("This power was revoked already."))
        last = _last_signed(held)
        # Who signed today signs until today; tomorrow's end may be written down now.
        latest = clock.today() if last is None else max(clock.today(), last + dt.timedelta(days=1))
        if not held.valid_from <= on <= latest:
            raise Refused("revoke_on", _("The day lies between the beginning of the power and today."), field="on")
        if last is not None and on <= last:
            raise Refused(
                "revoke_signed",
                _("This person signed here on %(day)s; the power ends after that day.") % {"day": last},
                field="on",
            )
        held.revoked_on, held.revoked_for = on, reason.strip()[:300]
        held.save(update_fields=["revoked_on", "revoked_for"])
        record(
            actor=actor, action="agent.revoked", subject=held,
            body={"customer": held.customer_id, "on": on, "reason": reason.strip()},
        )  # fmt: skip
    return held


def _last_signed(agent: Agent) -> dt.date | None:
    """The last day on which something that this person signed was taken here."""
    days = [
        FacilityAgreement.objects.filter(signed_by=agent).order_by("-signed_on").values_list("signed_on", flat=True),
        Order.objects.filter(agent=agent)
        .exclude(state=OrderState.REFUSED)
        .order_by("-ordered_on")
        .values_list("ordered_on", flat=True),
        RemoteTerms.objects.filter(accepted_by=agent).order_by("-accepted_on").values_list("accepted_on", flat=True),
    ]
    return max((day for found in days if (day := found.first()) is not None), default=None)
