"""What workers do for complaints."""

from __future__ import annotations

from celery import shared_task

from complaints.services.mail_box import MailBoxFailed, log, mails_read


@shared_task(name="complaints.mail")
def mail_task() -> dict[str, int]:
    """Read the mailbox. What failed is tried again the next minute."""
    try:
        return mails_read()
    except MailBoxFailed as failed:
        log.warning("The mailbox could not be read: %s.", failed)
        return {}
