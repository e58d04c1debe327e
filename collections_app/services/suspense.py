"""The only writer of who looks after waiting money."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Case, Payment
from collections_app.policies import can_work_case, cases_visible_to
from common.audit import Actor, record
from common.exceptions import Refused


def suspense_assign(*, actor: Actor, payment_ids: Sequence[int], owner: User) -> int:
    """Let somebody find out what waiting money is for; how many payments changed hands.

    Each change leaves its event on its payment. What waits no more, or is theirs already, is left alone. Raises
    Refused when the owner is not active or does not work one of the cases: what one cannot see one cannot clear up.
    """
    with transaction.atomic():
        # The case first: whoever moves its money holds it too.
        cases = list(
            Case.objects.select_for_update(no_key=True)
            .filter(pk__in=Payment.objects.filter(pk__in=payment_ids).values("case"))
            .order_by("pk")
        )
        seen = set(cases_visible_to(owner).filter(pk__in=[case.pk for case in cases]).values_list("pk", flat=True))
        if not owner.is_active or any(case.pk not in seen or not can_work_case(owner, case) for case in cases):
            raise Refused("suspense_owner", _("Waiting money is given to who works its case."), field="owner")
        payments = list(
            Payment.objects.select_for_update(no_key=True)
            .filter(pk__in=payment_ids, suspense__gt=0)
            .exclude(suspense_owner=owner)
            .order_by("pk")
        )
        for payment in payments:
            before, payment.suspense_owner = payment.suspense_owner_id, owner
            payment.save(update_fields=["suspense_owner"])
            record(
                actor=actor,
                action="suspense.assigned",
                subject=payment,
                body={"case": payment.case_id, "owner": owner.pk, "before": before, "suspense": payment.suspense},
            )
    return len(payments)
