"""The policy of complaints and the guide to objections: what is published of them, and who of the house has read that
(CX-17, CX-18, CB-46).
"""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import User
from complaints.choices import EditionState
from complaints.models import PolicyReading, PolicyText
from complaints.policies import MUST_READ


def policy_published(*, code: str) -> PolicyText | None:
    """The version in force; None before there is one."""
    return PolicyText.objects.filter(code=code, state=EditionState.APPROVED).first()


def policies_unread_by(user: User) -> QuerySet[PolicyText]:
    """What is in force that this person must have read and has not said so of."""
    theirs = [code for code, roles in MUST_READ.items() if user.role in roles]
    return PolicyText.objects.filter(code__in=theirs, state=EditionState.APPROVED).exclude(
        readings__in=PolicyReading.objects.filter(user=user)
    )


def policy_readers(*, policy: PolicyText) -> QuerySet[User]:
    """Everybody who must read it with ``read_at``, who has not read it first (CX-18: at every level)."""
    read = PolicyReading.objects.filter(policy=policy, user=OuterRef("pk")).values("read_at")
    return (
        User.objects.filter(is_active=True, role__in=MUST_READ[policy.code])
        .select_related("team")
        .annotate(read_at=Subquery(read))
        .order_by(F("read_at").asc(nulls_first=True), "role", "name_ar", "pk")
    )
