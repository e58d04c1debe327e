"""The only writer of what secures a customer's credit (source 001 §4.2(4), §4.4.1(5))."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import record
from common.exceptions import Conflict, Refused
from credit.choices import CollateralKind, PaperKind
from credit.models import Collateral, Customer
from credit.services.agents import Upload
from credit.services.applications import editor
from credit.services.limits import limit_follow_guarantee
from credit.services.papers import credit_paper_add

# What a bank guarantee must be to admit below the minimum (CM-06).
PROPERTIES = ("local_bank", "irrevocable", "auto_renewing", "unconditional")


def collateral_add(
    *,
    user: User,
    customer: Customer,
    kind: str,
    issuer: str,
    amount: Decimal,
    valid_from: dt.date,
    valid_until: dt.date | None = None,
    reference: str = "",
    local_bank: bool = False,
    irrevocable: bool = False,
    auto_renewing: bool = False,
    unconditional: bool = False,
    paper: Upload | None = None,
) -> Collateral:
    """Write down a guarantee or other security, with its paper.

    The properties of a bank guarantee are kept of bank guarantees alone. Raises Refused for what is missing or out of
    order, NotAllowed for who does not prepare credit files.
    """
    actor = editor(user)
    if kind not in CollateralKind.values:
        raise Refused("collateral_kind", _("Choose what secures the credit."), field="kind")
    if not issuer.strip():
        raise Refused("collateral_issuer", _("Who gives it?"), field="issuer")
    if amount <= 0:
        raise Refused("collateral_amount", _("The amount is more than nothing."), field="amount")
    if valid_until is not None and valid_until < valid_from:
        raise Refused("collateral_order", _("It does not run out before it begins."), field="valid_until")
    if kind == CollateralKind.BANK_GUARANTEE and paper is None:
        raise Refused("collateral_paper", _("A bank guarantee counts by its letter: upload it."), field="paper")
    told = (local_bank, irrevocable, auto_renewing, unconditional)
    properties = dict(zip(PROPERTIES, told, strict=True)) if kind == CollateralKind.BANK_GUARANTEE else {}
    with transaction.atomic():
        kept = None
        if paper is not None:
            try:
                kept = credit_paper_add(
                    user=user, customer=customer, kind=PaperKind.COLLATERAL, title=str(CollateralKind(kind).label),
                    name=paper.name, content=paper.content, valid_from=valid_from, valid_until=valid_until,
                )  # fmt: skip
            except Refused as refusal:
                raise Refused(refusal.code, refusal.message, field="paper") from refusal
        collateral = Collateral.objects.create(
            client_id=customer.client_id, customer=customer, kind=kind, issuer=issuer.strip()[:160],
            reference=reference.strip()[:80], amount=amount, valid_from=valid_from, valid_until=valid_until,
            paper=kept, recorded_by=user, recorded_at=clock.now(), **properties,
        )  # fmt: skip
        record(
            actor=actor, action="collateral.added", subject=collateral,
            body={"customer": customer.pk, "kind": kind, "amount": amount, "from": valid_from, "until": valid_until,
                  **properties},
        )  # fmt: skip
    return collateral


def collateral_release(*, user: User, collateral: Collateral, on: dt.date) -> Collateral:
    """Give a security back, from a day on; a limit that it carried goes with it (I-09).

    Raises Refused for a day before it began or ahead, Conflict when it was given back already.
    """
    actor = editor(user)
    with transaction.atomic():
        held = Collateral.objects.select_for_update().get(pk=collateral.pk)
        if held.released_on is not None:
            raise Conflict("collateral_released", _("This was given back already."))
        if not held.valid_from <= on <= clock.today():
            raise Refused("release_on", _("The day lies between its beginning and today."), field="on")
        held.released_on = on
        held.save(update_fields=["released_on"])
        record(
            actor=actor, action="collateral.released", subject=held, body={"customer": held.customer_id, "on": on}
        )  # fmt: skip
        limit_follow_guarantee(user=user, customer=held.customer, on=clock.today())
    return held
