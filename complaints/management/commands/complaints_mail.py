"""``manage.py complaints_mail``: read the mailbox of complaints once, now."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.services.mail_box import MailBoxFailed, mails_read


class Command(BaseCommand):
    help = "Read the mailbox of complaints and enquiries once, and print what became of its mails as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(json.dumps(mails_read(), sort_keys=True))
        except MailBoxFailed as failed:
            raise CommandError(f"The mailbox could not be read: {failed}") from failed
