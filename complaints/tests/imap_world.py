"""A real IMAP server for tests, a process of its own (pymap's mailbox in memory), and mails for it."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from django.test import override_settings

from common.tests.outbox_world import free_port

USER, PASSWORD = "complaints@house.example", "mailbox"
ARGUMENTS = "import sys; sys.argv = ['pymap', *sys.argv[1:]]; from pymap.main import main; main()"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The server, as whoever writes to the house and looks after its mailbox sees it."""

    port: int

    @contextmanager
    def open(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=60) as box:
            box.login(USER, PASSWORD)
            yield box

    def deliver(self, *mails: bytes, seen: bool = False) -> None:
        with self.open() as box:
            for raw in mails:
                answer = box.append("INBOX", r"(\Seen)" if seen else "", None, raw)  # type: ignore[arg-type]
                assert answer[0] == "OK"

    def held(self, folder: str) -> int:
        """How many mails a folder holds; a folder that is not there holds none."""
        with self.open() as box:
            kind, data = box.select(f'"{folder}"', readonly=True)
            return int(data[0] or b"0") if kind == "OK" else 0


@contextmanager
def imap_server() -> Iterator[MailServer]:
    """An empty mailbox on this machine, which the house reads."""
    port = free_port()
    command = [sys.executable, "-c", ARGUMENTS, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict",
               "--demo-user", USER, "--demo-password", PASSWORD]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        server = MailServer(port=port)
        try:
            for _try in range(300):
                try:
                    with server.open():
                        break
                except OSError:
                    assert process.poll() is None, "the mail server ended by itself"
                    time.sleep(0.2)
            told = {"host": "127.0.0.1", "port": port, "user": USER, "password": PASSWORD, "tls": False}
            with override_settings(IMAP=told):
                yield server
        finally:
            process.terminate()


def a_mail(
    words: str = "اتصل بي المحصّل ليلًا", *, subject: str = "شكوى", sender: str = "سامي <sami@example.com>",
    files: Sequence[tuple[str, bytes]] = (), html: str = "", **headers: Any,
) -> bytes:  # fmt: skip
    """A mail as it lies in the mailbox."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, USER, subject
    mail["Date"] = "Sun, 29 Nov 2026 10:15:00 +0300"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(words)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
