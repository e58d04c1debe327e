"""The only writer of agreed targets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused
from reporting.choices import TargetCode
from reporting.models import Target

EARLIEST = dt.timedelta(days=366)


def target_agree(
    *,
    user: User,
    client: Client,
    code: str,
    value: Decimal,
    starts_on: dt.date,
    agreed_in: str,
    currency: str = "",
) -> Target:
    """Record what was agreed with a client, from a day on: percent of a share, or money a week in ``currency``.

    Reports that were issued stand as they are. Raises Refused for a value that its kind cannot have, money without its
    currency, an agreement that is not named, and a day more than a year away.
    """
    if code not in TargetCode.values:
        raise Refused("target_code", _("There is no such figure."), field="code")
    is_money = code == TargetCode.COLLECTED
    if value <= 0 or (not is_money and value > 100):
        raise Refused("target_value", _("A share lies above 0 and up to 100 percent, money above 0."), field="value")
    if is_money and not currency:
        raise Refused("target_currency", _("Say in which currency."), field="currency")
    if not agreed_in.strip():
        raise Refused("target_agreed", _("Say where it was agreed: a letter or a meeting."), field="agreed_in")
    if abs(starts_on - clock.today()) > EARLIEST:
        raise Refused("target_day", _("A target begins within a year of today."), field="starts_on")
    with transaction.atomic():
        target = Target.objects.create(
            client=client, code=code, currency=currency if is_money else "", value=value, starts_on=starts_on,
            agreed_in=agreed_in.strip(), recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.person(user), action="target.agreed", subject=target,
            body={"code": code, "currency": target.currency, "value": str(value), "from": starts_on.isoformat(),
                  "agreed_in": target.agreed_in},
        )  # fmt: skip
    return target
