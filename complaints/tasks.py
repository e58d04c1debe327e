"""What workers do for complaints."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.audit import Actor
from complaints.services.mail_box import MailBoxFailed, log, mails_read
from complaints.services.monthly import reports_due
from complaints.services.recommendations import recommendations_overdue


@shared_task(name="complaints.mail")
def mail_task() -> dict[str, int]:
    """Read the mailbox. What failed is tried again the next minute."""
    try:
        return mails_read()
    except MailBoxFailed as failed:
        log.warning("The mailbox could not be read: %s.", failed)
        return {}


@shared_task(name="complaints.learning")
def learning_task() -> dict[str, int]:
    """Each morning: recommendations whose day went by were not done; the month that ended is counted."""
    actor, now = Actor.system("complaints.learning"), clock.now()
    return {
        "not_done": recommendations_overdue(actor=actor, at=now),
        "reports": reports_due(actor=actor, at=now),
    }
