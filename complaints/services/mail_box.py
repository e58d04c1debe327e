"""The mailbox of complaints and enquiries, read over IMAP (ADR 0040)."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from common import clock
from complaints.choices import MailResult
from complaints.services.mails import mail_take

log = logging.getLogger(__name__)
# Where a mail goes once what became of it is committed.
FOLDERS = {MailResult.TAKEN: "Registered", MailResult.NOTED: "Registered", MailResult.ASIDE: "Set aside"}
# The largest mail that is read; a larger one waits in the mailbox for a person.
LARGEST = 40 * 1024 * 1024
AT_ONCE, TIMEOUT = 100, 60
_SIZE, _UID = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb"UID (\d+)")


class MailBoxFailed(Exception):
    """The mailbox did not answer as it should; nothing in it is lost, and it is read again the next minute."""


@contextmanager
def _mailbox(told: Mapping[str, Any]) -> Iterator[imaplib.IMAP4]:
    """The open mailbox. Raises MailBoxFailed, by the name of what went wrong and without its words, which may hold
    values."""
    try:
        if told["tls"]:
            context = ssl.create_default_context()
            box: imaplib.IMAP4 = imaplib.IMAP4_SSL(told["host"], told["port"], ssl_context=context, timeout=TIMEOUT)
        else:
            box = imaplib.IMAP4(told["host"], told["port"], timeout=TIMEOUT)
        with box:
            box.login(told["user"], told["password"])
            yield box
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailBoxFailed(type(error).__name__) from error


def _said(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return data


def mails_read() -> dict[str, int]:
    """Read what waits in the mailbox, each mail once; how many of each result.

    A mail is moved to its folder only once what became of it is committed: a reader that dies leaves it where it was,
    and it is known when it is read again. One that cannot be taken stays, and does not hold up the others. Nothing
    where no mailbox is set up. Raises MailBoxFailed.
    """
    counted: Counter[str] = Counter()
    if not settings.IMAP["host"]:
        return dict(counted)
    with _mailbox(settings.IMAP) as box:
        for folder in sorted(set(FOLDERS.values())):
            box.create(_quoted(folder))  # NO where it is there
        _said(box.select("INBOX"))
        for uid in _waiting(box)[:AT_ONCE]:
            counted[_one(box, uid)] += 1
        box.expunge()
    return dict(counted)


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _waiting(box: imaplib.IMAP4) -> list[str]:
    """Mails that nobody took yet, the oldest first, without those that are too large."""
    numbers = _said(box.uid("SEARCH", "UNDELETED"))[0]
    uids = (numbers or b"").decode().split()
    if not uids:
        return []
    sizes = {}
    for line in _said(box.uid("FETCH", ",".join(uids), "(UID RFC822.SIZE)")):
        found = line if isinstance(line, bytes) else line[0] if line else b""
        uid, size = _UID.search(found), _SIZE.search(found)
        if uid and size:
            sizes[uid[1].decode()] = int(size[1])
    large = [uid for uid in uids if sizes.get(uid, 0) > LARGEST]
    if large:
        log.warning("%d mails are larger than %d bytes and wait for a person.", len(large), LARGEST)
    return [uid for uid in uids if uid not in large]


def _one(box: imaplib.IMAP4, uid: str) -> str:
    """Take one mail and move it to its folder; what became of it, or FAILED."""
    parts = _said(box.uid("FETCH", uid, "(BODY.PEEK[])"))
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if raw is None:  # somebody moved it meanwhile
        return "GONE"
    try:
        mail = mail_take(raw=raw, at=clock.now())
    except Exception as error:  # whatever one mail breaks, the mails behind it are read
        log.warning("A mail could not be taken: %s. It waits in the mailbox.", type(error).__name__)
        return "FAILED"
    _said(box.uid("COPY", uid, _quoted(FOLDERS[MailResult(mail.result)])))
    _said(box.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))
    return mail.result
