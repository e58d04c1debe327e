"""The only writer of verifications of the audit chain: asked at a click, kept with their result."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.models import User
from common import audit, clock
from common.audit import Actor, record
from common.models import AuditSeal
from reporting.models import AuditVerification

# A chain of so many links is verified while one waits; a longer one by a worker.
AT_ONCE = 20_000
LOST_AFTER = dt.timedelta(minutes=30)
State = AuditVerification.State


def verification_begin(*, user: User) -> AuditVerification:
    """Ask that the whole chain be verified; ``verification_do`` does it."""
    with transaction.atomic():
        found = AuditVerification.objects.create(asked_by=user, asked_at=clock.now())
        record(actor=Actor.person(user), action="audit.verification_asked", subject=found)
    return found


def verification_waits() -> bool:
    """True where the chain is too long to be verified while somebody waits for the page."""
    return AuditSeal.objects.count() > AT_ONCE


def verification_do(*, verification_id: int) -> AuditVerification:
    """Verify the chain from its first link and write down what was found; a second run changes nothing.

    The result is an event as well, and so stands in the chain of the next verification.
    """
    found = AuditVerification.objects.select_related("asked_by").get(pk=verification_id)
    if found.state != State.RUNNING:
        return found
    verdict = audit.verify()
    head = audit.head()
    with transaction.atomic():
        locked = AuditVerification.objects.select_for_update(of=("self",)).get(pk=verification_id)
        if locked.state != State.RUNNING:
            return locked
        locked.state = State.HOLDS if verdict.ok else State.BROKEN
        locked.ended_at, locked.checked, locked.head_hash = clock.now(), verdict.checked, head.hash
        locked.bad_seq, locked.bad_event, locked.reason = verdict.bad_seq, verdict.bad_event, verdict.reason
        locked.save(update_fields=["state", "ended_at", "checked", "head_hash", "bad_seq", "bad_event", "reason"])
        record(
            actor=Actor.person(found.asked_by),
            action="audit.verified",
            subject=locked,
            body={"state": locked.state, "checked": locked.checked, "bad_seq": locked.bad_seq},
        )
    return locked


def verifications_lost(*, now: dt.datetime) -> list[int]:
    """Those whose worker died: asked long ago, and still without a result."""
    lost = AuditVerification.objects.filter(state=State.RUNNING, asked_at__lt=now - LOST_AFTER)
    return list(lost.values_list("pk", flat=True))
