"""Notes as people give them: within what each of them may forgive alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from collections_app.choices import FORGIVES
from collections_app.models import LedgerEntry, Receivable
from collections_app.policies import LEADER_FORGIVES, can_forgive
from collections_app.selectors.notes import forgiven_of
from collections_app.services.ledger import note_post
from common.audit import Actor
from common.exceptions import NotAllowed
from common.money import ZERO


def note_give(
    *,
    user: User,
    receivable: Receivable,
    kind: str,
    amount: Decimal,
    value_on: dt.date,
    reason: str,
    reference: str = "",
    component: str = "",
) -> LedgerEntry:
    """Post a note in a person's name.

    Discounts and write-offs count together over the case, so that many small ones are no way around the limit; they
    are counted with the case held, so that two at once are not either. Raises NotAllowed above what this person
    forgives alone, and Refused as ``note_post`` does.
    """
    with transaction.atomic():
        entry = note_post(
            actor=Actor.person(user),
            receivable=receivable,
            kind=kind,
            amount=amount,
            value_on=value_on,
            reason=reason,
            reference=reference,
            component=component,
        )
        if kind in FORGIVES:
            total = forgiven_of(case=receivable.case, currency=receivable.currency)
            if not can_forgive(user, total=total, currency=receivable.currency):
                limit = LEADER_FORGIVES.get(receivable.currency, ZERO)
                raise NotAllowed(
                    "forgives_above",
                    _(
                        "On one case a team leader forgives up to %(limit)s altogether; with this it would be "
                        "%(total)s. A collections manager may write it."
                    )
                    % {"limit": f"\u2068{limit:,.2f}\u2069", "total": f"\u2068{total:,.2f}\u2069"},
                    field="amount",
                )
    return entry
