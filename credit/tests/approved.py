"""A complete approval behind an application whose rows a test writes itself: the database asks for one."""

from __future__ import annotations

import datetime as dt

from accounts.choices import Role
from accounts.models import User
from accounts.services.users import user_create
from common import clock
from common.approvals import approval_apply, approval_decide, approval_open, locked_approval
from common.audit import Actor
from common.choices import Decision
from credit.choices import Recommendation
from credit.models import Application
from credit.services.decided import CREDIT, CREDIT_EXCEPTION, application_digest


def _decider(role: str) -> User:
    found = User.objects.filter(role=role, is_active=True).first()
    return found or user_create(
        actor=Actor.system("tests"), email=f"{role.lower()}@decides.example", name_ar="سالم", name_en="Salem",
        role=role, team=None, password="a long enough password", is_demo=True,
    )  # fmt: skip


def approval_given(application: Application) -> None:
    """What is recommended of it (saved before) is approved by whom it needs; its state stays the test's to write."""
    exception = application.recommendation == Recommendation.EXCEPTION
    approval = approval_open(
        kind=CREDIT_EXCEPTION if exception else CREDIT, subject=application, digest=application_digest(application),
        prepared_by=application.prepared_by, answer_by=clock.now() + dt.timedelta(days=3),
        client_id=application.client_id, amount=application.recommended_limit, currency=application.currency,
    )  # fmt: skip
    for role in (*([Role.FINANCE_MANAGER] if exception else []), Role.GENERAL_MANAGER):
        approval_decide(
            user=_decider(role), approval=locked_approval(subject=application), decision=Decision.APPROVED,
            digest=approval.digest,
        )  # fmt: skip
    approval_apply(approval=locked_approval(subject=application), digest=approval.digest)
