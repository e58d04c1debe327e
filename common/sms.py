"""SMS: what a provider must be able to do, one over plain HTTP, and one that only shows (``SMS_PROVIDER``)."""

from __future__ import annotations

import http.client
import json
import sys
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from common.delivery import Answer, doubt, later, refused, taken

# Of an answer no more is read than a provider's name for the message needs.
LONGEST_ANSWER = 64 * 1024
# They speak of us or of the moment, not of the message.
NOT_OURS, BUSY = {401, 403}, {408, 425, 429}


class SmsProvider(Protocol):
    """``repeats``: it sends once however often it is asked under one key, so a lost answer may be asked for again."""

    repeats: bool

    def send(self, *, key: str, to: str, text: str) -> Answer:
        """Ask it to send ``text`` to a number in E.164. Never raises for what the other side does."""
        ...


def sms_provider() -> SmsProvider | None:
    """The provider of this house; None while there is none, and messages wait."""
    if not settings.SMS_PROVIDER:
        return None
    provider: SmsProvider = import_string(settings.SMS_PROVIDER)()
    return provider


class ShownSms:
    """For development: prints what would be sent, among what the process says, as the mail of a checkout does."""

    repeats = True

    def send(self, *, key: str, to: str, text: str) -> Answer:
        sys.stdout.write(f"SMS {key}\n{to}\n{text}\n{'-' * 79}\n")
        sys.stdout.flush()
        return taken("shown")


class HttpSms:
    """A provider that takes JSON over HTTP. Address, headers and body come from ``SMS_HTTP``; ``{to}``, ``{text}`` and
    ``{key}`` in the strings of the body are filled in.

    Refused connection: nothing left. 2xx: taken. 4xx: refused for good, but 401 and 403 (they do not know us) and 408,
    425 and 429 (not now), which are tried again. 5xx, another answer or none: in doubt, or, where ``repeats`` says
    that the key makes it safe, tried again. Redirections are not followed: that would be a second sending.
    """

    def __init__(self) -> None:
        self._set: dict[str, Any] = settings.SMS_HTTP
        self.repeats = bool(self._set["repeats"])

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._set["url"])
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self._set["timeout"])

    def _lost(self) -> Answer:
        return later("SILENT_REPEATED", down=True) if self.repeats else doubt("SILENT")

    def send(self, *, key: str, to: str, text: str) -> Answer:
        parts = urlsplit(self._set["url"])
        body = json.dumps(_filled(self._set["body"], {"to": to, "text": text, "key": key}), ensure_ascii=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8", **self._set["headers"], self._set["key_header"]: key,
        }  # fmt: skip
        connection = self._connection()
        try:
            connection.connect()
        except OSError:
            return later("UNREACHABLE", down=True)
        try:
            connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body.encode(), headers)
            response = connection.getresponse()
            said = response.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException):
            return self._lost()
        finally:
            connection.close()
        return self._answer(response.status, said)

    def _answer(self, status: int, said: bytes) -> Answer:
        if 200 <= status < 300:
            return taken(_reference(said, self._set["reference"]))
        if status in NOT_OURS:
            return later("NOT_OURS", down=True)
        if status in BUSY:
            return later("BUSY", down=True)
        return refused("REFUSED") if 400 <= status < 500 else self._lost()


def _filled(part: Any, values: dict[str, str]) -> Any:
    """A JSON body with its places filled, in strings alone; a value is never looked into for places."""
    if isinstance(part, dict):
        return {name: _filled(item, values) for name, item in part.items()}
    if isinstance(part, list):
        return [_filled(item, values) for item in part]
    if not isinstance(part, str):
        return part
    pieces = part.replace("{", "\0{").split("\0")
    for place, piece in enumerate(pieces):
        for name, value in values.items():
            if piece.startswith(f"{{{name}}}"):
                pieces[place] = value + piece[len(name) + 2 :]
    return "".join(pieces)


def _reference(said: bytes, path: str) -> str:
    """The provider's own name for the message, at a dotted path of its answer; empty when there is none."""
    try:
        found = json.loads(said)
        for step in filter(None, path.split(".")):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, LookupError, TypeError):
        return ""
    return str(found)[:200] if path and isinstance(found, str | int) else ""
