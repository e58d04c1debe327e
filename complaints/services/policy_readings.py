"""The only writer of who read the policy of complaints (CX-18)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed
from complaints.choices import EditionState
from complaints.models import PolicyReading, PolicyText
from complaints.policies import is_of_the_house


def policy_read(*, user: User, policy: PolicyText, at: dt.datetime) -> PolicyReading:
    """Somebody says that they read this version and understood it; said twice it is said once.

    Raises NotAllowed for who does not work here, Conflict for a version that is not in force.
    """
    if not is_of_the_house(user):
        raise NotAllowed("policy_reader", _("The policy is acknowledged by who works here."))
    with transaction.atomic():
        # Whoever replaces it waits here.
        held = PolicyText.objects.select_for_update(of=("self",), no_key=True).get(pk=policy.pk)
        if held.state != EditionState.APPROVED:
            raise Conflict("policy_replaced", _("Another version is in force by now. Read that one."))
        reading, first = PolicyReading.objects.get_or_create(policy=held, user=user, defaults={"read_at": at})
        if first:
            record(actor=Actor.person(user), action="policy.read", subject=reading,
                   body={"code": held.code, "version": held.version})  # fmt: skip
    return reading
