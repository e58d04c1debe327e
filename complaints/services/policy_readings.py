"""The only writer of who read the policy of complaints and the guide to objections (CX-18, CB-46)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed
from complaints.choices import EditionState
from complaints.models import PolicyReading, PolicyText
from complaints.policies import must_read


def policy_read(*, user: User, policy: PolicyText, at: dt.datetime) -> PolicyReading:
    """Somebody says that they read this version and understood it; said twice it is said once.

    Raises NotAllowed for who need not read it, Conflict for a version that is not in force.
    """
    if not must_read(user, policy):
        raise NotAllowed("policy_reader", _("This is acknowledged by who works with it."))
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
