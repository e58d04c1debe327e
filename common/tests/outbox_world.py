"""What tests of the outbox need around it: a mail server, a provider of SMS, workers of their own, and messages."""

from __future__ import annotations

import email
import email.policy
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.conf import settings
from django.db import connections, transaction
from django.test import override_settings

from clients.models import Client
from common.models import Message
from common.outbox import Recipient, message_queue
from tests.world import ACTOR, make_client

SMTP = "django.core.mail.backends.smtp.EmailBackend"
PAID = {
    "holder": "سامي العتيبي", "client": "جهة", "case": "D-1", "amount": "1,250.00", "paid_on": "2026-03-15",
    "reference": "P-77",
}  # fmt: skip
AHEAD = {"holder": "سامي", "client": "جهة", "case": "D-1", "step": "طلب التنفيذ", "pay_by": "2026-04-02"}


def queued(client: Client, **given: Any) -> Message:
    """A message about a client, to somebody whom no party is known of."""
    channel = given.get("channel", "EMAIL")
    address = given.pop("address", "sami@example.com" if channel == "EMAIL" else "+966551234567")
    with transaction.atomic():
        return message_queue(
            **{
                "actor": ACTOR, "client_id": client.pk, "subject": client, "template": "PAYMENT_RECEIVED",
                "language": "ar", "channel": "EMAIL", "to": Recipient(address=address), "values": PAID, **given,
            }
        )  # fmt: skip


def state(message: Message) -> tuple[str, int, str]:
    """Where it stands, after how many attempts, and what the last one said."""
    found = Message.objects.get(pk=message.pk)
    return found.state, found.attempts_made, found.last_code


class Inbox(Sink):
    """A mail server that keeps what it gets, or answers as it is told; it may end the process that speaks to it."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []
        self.rcpt = self.data = "250 OK"
        self.hangs_up = self.silent = False
        # The process to end, and when: as it says where the mail goes, when it gave the mail, or once it was answered.
        self.kills: int | None = None
        self.kills_at = ""
        self.lock = threading.Lock()

    def _reached(self, where: str) -> None:
        if self.kills is not None and self.kills_at == where:
            os.kill(self.kills, signal.SIGKILL)
            os.waitid(os.P_PID, self.kills, os.WEXITED | os.WNOWAIT)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self._reached("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            content = email.message_from_bytes(envelope.content, policy=email.policy.default)
            with self.lock:
                self.mails.append(cast(EmailMessage, content))
        self._reached("DATA")
        if self.hangs_up:
            server.transport.close()
        return self.data

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        self._reached("QUIT")
        return "221 Bye"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """A real SMTP server on this machine, to which this process sends."""
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=controller.port):
        yield kept
    controller.stop()


@contextmanager
def silent_server() -> Iterator[None]:
    """A mail server that takes the connection and never says a word."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        port = mute.getsockname()[1]
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=1):
            yield


class Provider:
    """What a provider of SMS was asked, and what it answers: a status and a body, or nothing at all (status 0)."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.body: Any = {"data": {"id": "S-1"}}


@contextmanager
def sms_server(**given: Any) -> Iterator[Provider]:
    """A real HTTP server on this machine, set up as the house's provider."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            provider.asked.append((dict(self.headers), json.loads(said)))
            if provider.status == 0:
                self.connection.close()
                return
            answer = json.dumps(provider.body).encode()
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    set_up = {
        "url": f"http://127.0.0.1:{server.server_port}/v1/messages?a=1", "headers": {"Authorization": "Bearer t"},
        "body": {"to": "{to}", "text": "{text}", "meta": ["{key}", 1]}, "key_header": "Idempotency-Key",
        "reference": "data.id", "repeats": False, "timeout": 2, **given,
    }  # fmt: skip
    with override_settings(SMS_PROVIDER="common.sms.HttpSms", SMS_HTTP=set_up):
        yield provider
    server.shutdown()
    server.server_close()


def environment(**more: str) -> dict[str, str]:
    """What a process of its own needs to work on this test's database and mail server."""
    database = connections["default"].settings_dict
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    address = f"/{database['NAME']}?host={host}&port={database['PORT'] or '5432'}"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MITHAQ_", "PYTEST_"))},
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": f"postgresql://{database['USER']}@{address}",
        "DATABASE_OWNER_URL": f"postgresql://{connections['owner'].settings_dict['USER']}@{address}",
        "MITHAQ_SMTP_HOST": settings.EMAIL_HOST,
        "MITHAQ_SMTP_PORT": str(settings.EMAIL_PORT),
        **more,
    }


def worker(
    code: str = "from common.tasks import outbox_run_task; print(outbox_run_task())", **more: str
) -> subprocess.Popen[str]:
    """A process of its own on this test's database and mail server."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup(); {code}"], cwd=settings.BASE_DIR,
        env=environment(**more),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def a_client() -> Client:
    return make_client("AAA")
