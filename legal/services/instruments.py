"""The only writer of what debts stand on: notes, contracts, accounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Debt
from common import clock
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from legal.choices import InstrumentKind
from legal.models import Instrument
from legal.policies import can_keep_legal
from legal.services.legal_tasks import note_returned

FIELDS = (
    "kind", "number", "amount", "issued_on", "issue_place", "due_on", "payment_place", "payee", "says_note",
    "unconditional", "signed", "platform_reference", "registered_on", "acknowledged_on",
)  # fmt: skip


def instrument_save(*, user: User, debt: Debt, instrument: Instrument | None = None, **fields: Any) -> Instrument:
    """Enter an instrument of a debt or correct it, in the debt's currency; what it was is kept in the trail.

    Raises Refused for an unknown kind, no amount, days out of order and a registration without its reference;
    NotAllowed off the legal desk; TypeError for a name that is none of ``FIELDS``.
    """
    if not can_keep_legal(user):
        raise NotAllowed("legal_keep", _("Only the legal desk keeps this."))
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"no fields of an instrument: {sorted(unknown)}")
    faults: dict[str, Any] = {}
    if fields.get("kind") not in InstrumentKind.values:
        faults["kind"] = _("Choose what it is.")
    if fields.get("amount") is None or fields["amount"] <= Decimal(0):
        faults["amount"] = _("An instrument has an amount.")
    issued, due = fields.get("issued_on"), fields.get("due_on")
    if issued and due and due < issued:
        faults["due_on"] = _("It is not due before it was issued.")
    if fields.get("registered_on") and not (fields.get("platform_reference") or "").strip():
        faults["platform_reference"] = _("A registered note has its reference on the platform.")
    for name in ("issued_on", "registered_on", "acknowledged_on"):
        if fields.get(name) and fields[name] > clock.today():
            faults[name] = _("The date cannot be in the future.")
    if faults:
        raise Refused("instrument", _("The instrument needs a correction."), fields=faults)
    with transaction.atomic():
        if instrument is None:
            kept = Instrument(client_id=debt.client_id, debt=debt, currency=debt.currency, recorded_by=user,
                              recorded_at=clock.now())  # fmt: skip
            before: dict[str, Any] = {}
        else:
            kept = Instrument.objects.select_for_update().get(pk=instrument.pk, debt=debt)
            before = {name: getattr(kept, name) for name in fields}
        for name, value in fields.items():
            setattr(kept, name, value.strip() if isinstance(value, str) else value)
        kept.save()
        record(
            actor=Actor.person(user),
            action="instrument.saved",
            subject=kept,
            body={"debt": debt.pk, "before": before, "after": {name: getattr(kept, name) for name in fields}},
        )
    return kept


def instrument_return(*, user: User, instrument: Instrument, on: dt.date, to: str) -> Instrument:
    """Write down that a spent instrument was handed back, when and to whom; the task that asked for it is done.

    Raises Refused without a name, for a day ahead, and when it was handed back already.
    """
    if not can_keep_legal(user):
        raise NotAllowed("legal_keep", _("Only the legal desk keeps this."))
    if not to.strip():
        raise Refused("return_to", _("Say to whom it was handed."), field="to")
    if on > clock.today():
        raise Refused("return_future", _("The day lies ahead."), field="on")
    with transaction.atomic():
        locked = Instrument.objects.select_for_update().get(pk=instrument.pk)
        if locked.returned_on is not None:
            raise Refused("returned_already", _("It was handed back already."))
        locked.returned_on = on
        locked.save(update_fields=["returned_on"])
        record(actor=Actor.person(user), action="instrument.returned", subject=locked, body={"on": on})
        note_returned(user=user, instrument=locked, answer=to.strip())
    return locked
