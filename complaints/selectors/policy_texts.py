"""The policy of complaints: what is published of it, and who of the house has read that (CX-17, CX-18)."""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.choices import STAFF_ROLES
from accounts.models import User
from complaints.choices import EditionState
from complaints.models import PolicyReading, PolicyText

CODE = "COMPLAINTS"


def policy_published() -> PolicyText | None:
    """The version in force; None before there is one."""
    return PolicyText.objects.filter(code=CODE, state=EditionState.APPROVED).first()


def policy_unread_by(user: User) -> PolicyText | None:
    """The version in force while this person has not said that they read it."""
    return (
        PolicyText.objects.filter(code=CODE, state=EditionState.APPROVED)
        .exclude(readings__in=PolicyReading.objects.filter(user=user))
        .first()
    )


def policy_readers(*, policy: PolicyText) -> QuerySet[User]:
    """Everybody who works here with ``read_at``, who has not read it first (CX-18: at every level)."""
    read = PolicyReading.objects.filter(policy=policy, user=OuterRef("pk")).values("read_at")
    return (
        User.objects.filter(is_active=True, role__in=STAFF_ROLES)
        .select_related("team")
        .annotate(read_at=Subquery(read))
        .order_by(F("read_at").asc(nulls_first=True), "role", "name_ar", "pk")
    )
