"""What may be recommended of an application: the ground, and the most that it carries. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.choices import LimitGround, Purpose, Recommendation


class SetAside(models.TextChoices):
    """What an exception may depart from: any criterion, policy or procedure (CM-15)."""

    MINIMUM = "MINIMUM", _("The minimum of points")
    CAPITAL = "CAPITAL", _("The capital")
    LEGAL_FORM = "LEGAL_FORM", _("Legal form, residence or official papers")
    BANK_BALANCE = "BANK_BALANCE", _("The bank balance and its months")
    SALES = "SALES", _("The annual sales")
    LIMIT = "LIMIT", _("The limit that the points give")
    GUARANTEE = "GUARANTEE", _("The conditions of a bank guarantee")
    INCREASE = "INCREASE", _("The conditions of an increase")
    STOPS = "STOPS", _("A stop or a cancellation that stands")
    PROCEDURE = "PROCEDURE", _("Another policy or procedure of credit")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an application stands on: its points, its guarantee, and the limit in force. Amounts in its currency."""

    purpose: str
    eligible: bool
    score_limit: Decimal
    # Of the bank guarantee that meets every condition (CM-06); None without one.
    guarantee: Decimal | None = None
    # The most that an increase may come to, where one may be (CM-14); None where not.
    increase: Decimal | None = None
    asked: Decimal | None = None


def grounds(standing: Standing) -> dict[LimitGround, Decimal]:
    """The grounds without an exception, each with the most that it carries. An increase stands on regular payment
    (CM-14); else on the points, and only where they do not suffice on a guarantee (§4.4.1(5), I-09).
    """
    if standing.purpose == Purpose.INCREASE:
        return {} if standing.increase is None else {LimitGround.INCREASE: standing.increase}
    if standing.eligible:
        ground = LimitGround.RENEWAL if standing.purpose == Purpose.RENEWAL else LimitGround.POINTS
        return {ground: standing.score_limit}
    return {} if standing.guarantee is None else {LimitGround.GUARANTEE: standing.guarantee}


def faults(
    *, standing: Standing, recommendation: str, limit: Decimal | None, ground: str, set_aside: list[str]
) -> dict[str, str | Promise]:
    """What is wrong with a recommendation of credit, by field."""
    found: dict[str, str | Promise] = {}
    if recommendation == Recommendation.REJECT:
        return found
    if limit is None or limit <= 0:
        found["limit"] = _("Say which limit.")
    elif standing.asked is not None and limit > standing.asked:
        found["limit"] = _("This is more than the customer asks for.")
    if recommendation == Recommendation.EXCEPTION:
        if not set_aside or any(code not in SetAside.values for code in set_aside):
            found["set_aside"] = _("Say what the exception departs from.")
        return found
    most = grounds(standing).get(LimitGround(ground)) if ground in LimitGround.values else None
    if most is None:
        found["ground"] = _("Neither the points nor a guarantee carry this: reject it, or draw up an exception.")
        if standing.purpose == Purpose.INCREASE:
            found["ground"] = _("The conditions of an increase are not met.")
    elif limit is not None and limit > most and "limit" not in found:
        found["limit"] = _ABOVE[LimitGround(ground)]
    return found


_ABOVE: Mapping[LimitGround, str | Promise] = {
    LimitGround.POINTS: _("This is more than the points give."),
    LimitGround.RENEWAL: _("This is more than the points give."),
    LimitGround.GUARANTEE: _("A guarantee carries at most its amount."),
    LimitGround.INCREASE: _("This is more than an increase may come to."),
}
