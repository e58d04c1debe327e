"""What a fee must pass before it is posted (rule FEE-CAP)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from collections_app.models import Receivable
from collections_app.rules.fees import LAWFUL_INSTALMENTS
from collections_app.selectors.fees import fee_room_of
from collections_app.selectors.money import Facts
from collections_app.services.case_money import CaseMoney
from common.exceptions import Refused


def fee_checked(*, held: CaseMoney, facts: Facts, receivable: Receivable, amount: Decimal, on: dt.date) -> None:
    """Raises Refused for a fee above what its contract may bear, with what is left of it.

    ``amount`` is positive, ``on`` its value date. The case is held, so that of two fees at once the second counts the
    first.
    """
    room = fee_room_of(client=held.client, case=held.case, receivable=receivable, facts=facts, on=on)
    if room is None or amount <= room.left:
        return
    if room.allowed == LAWFUL_INSTALMENTS:
        words = _(
            "Fees of a contract come to no more than is due on it, and than one instalment for its whole term: here "
            "%(ceiling)s. Charged already: %(charged)s. Still possible: %(left)s."
        )
    else:
        words = _(
            "Fees of a contract come to no more than is due on it, and than the client's ceiling in instalments: here "
            "%(ceiling)s. Charged already: %(charged)s. Still possible: %(left)s."
        )
    told = {name: f"\u2068{getattr(room, name):,.2f}\u2069" for name in ("ceiling", "charged", "left")}
    raise Refused("fee_cap", words % told, field="amount")
