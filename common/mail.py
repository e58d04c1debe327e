"""E-mail: how a message is written as one, and what the mail server answered (Django's SMTP backend)."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from common.delivery import Answer, doubt, later, refused, taken


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A paper as it goes with an e-mail."""

    name: str
    content: bytes
    content_type: str


def message_id(key: Any) -> str:
    """The Message-ID of a message: the same at every attempt, so that whoever gets two sees one."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{key}@{domain}>"


def mail_made(
    *, key: Any, address: str, content: Mapping[str, str], language: str, enclosed: Sequence[Enclosed] = ()
) -> EmailMultiAlternatives:
    """The e-mail, plain text and HTML. Raises ValueError for an address or subject no mail can carry."""
    mail = EmailMultiAlternatives(
        subject=content["subject"],
        body=content["text"],
        to=[address],
        headers={"Message-ID": message_id(key), "Content-Language": language, "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(content["html"], "text/html")
    for paper in enclosed:
        mail.attach(paper.name, paper.content, paper.content_type)
    # Written once here: what cannot be written is found before anything leaves.
    mail.message().as_bytes()
    return mail


def mail_sent(mail: EmailMultiAlternatives) -> Answer:
    """Hand an e-mail to the server, over a connection of its own. Until the server was spoken to nothing can be in
    doubt; after that only its own words tell that it did not take the mail.
    """
    server = get_connection()
    try:
        server.open()
    except (smtplib.SMTPException, OSError):
        return later("UNREACHABLE", down=True)
    try:
        sent = server.send_messages([mail])
    except smtplib.SMTPSenderRefused:
        return later("NOT_OURS", down=True)
    except smtplib.SMTPRecipientsRefused as error:
        return _by_code(max(code for code, _said in error.recipients.values()))
    except smtplib.SMTPResponseException as error:
        return _by_code(error.smtp_code)
    except smtplib.SMTPNotSupportedError:
        return refused("ADDRESS")
    except (smtplib.SMTPException, OSError):
        return doubt("SILENT")
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.close()
    return taken() if sent else refused("ADDRESS")


def _by_code(code: int) -> Answer:
    return refused("REFUSED") if 500 <= code < 600 else later("BUSY")
