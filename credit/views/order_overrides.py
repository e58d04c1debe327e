"""Who may take an order in spite of the reasons against it: rows of the authority matrix. The act is one person's own,
on the order's page (``services.orders.order_override``), so nothing of this kind ever waits in an inbox.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from common.approvals import Kind, Step
from common.exceptions import Refused
from credit.policies import OVERRIDES


def _never(**_told: Any) -> None:
    raise Refused("override_on_the_order", _("An order is taken in spite of its reasons on its own page."))


ORDER_OVERRIDES = Kind(
    code=OVERRIDES,
    words=_("Orders taken in spite of reasons"),
    icon="package-check",
    steps=(Step(roles=(Role.GENERAL_MANAGER,), words=_("Takes the order")),),
    facts=lambda approvals: {},
    template="approvals/answer.html",
    context=lambda user, subject: {},
    digest=lambda subject: "",
    decide=_never,
)
