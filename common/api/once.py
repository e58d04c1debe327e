"""A request that is sent twice is done once, and answered twice with the same bytes.

The program gives each request a key of its own making (``Idempotency-Key``). The key, what was asked and what was
answered are written in the transaction of what was done: they stand or fall with it, so a request that failed may be
sent again. Two sendings at once do not wait for each other: the later is told so (409) and asks again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from common import clock
from common.api.errors import ApiError
from common.api.renderers import ExactJSONRenderer
from common.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_LOCK = 0x4B45_5953
_SHAPE = re.compile(r"[\x21-\x7e]{1,255}")


def _key(request: Request) -> str:
    key: str = request.headers.get(HEADER, "").strip()
    if not key:
        raise ApiError(
            "idempotency_key_missing", _("Give every request an Idempotency-Key of its own."), status_code=400
        )
    if not _SHAPE.fullmatch(key):
        words = _("An Idempotency-Key is 1 to 255 letters, digits and signs without spaces.")
        raise ApiError("idempotency_key", words, status_code=400)
    return key


def _mark(request: Request) -> str:
    """What is asked, as a hash only we can make: a body may hold personal values that a plain one would give away."""
    parts = (request.method.encode(), request.path.encode(), request.body)
    told = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return salted_hmac("common.api.once", told, algorithm="sha256").hexdigest()


def _alone(*, who: str, key: str) -> bool:
    """True when no other transaction is at this key; it is ours until we commit or fail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, f"{who} {key}"])
        return bool(cursor.fetchone()[0])


def _answer(*, status: int, body: bytes, replayed: bool) -> HttpResponse:
    headers = {REPLAYED: "true" if replayed else "false"}
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def once(*, request: Request, who: str, client_id: int | None, act: Callable[[], tuple[int, Any]]) -> HttpResponse:
    """Do what a request asks and answer; one that was done already is answered as it was then, and nothing is done.

    ``act`` gives the status and the answer. What it raises is raised, with everything it wrote taken back; what it
    answers with a status from 400 on is written without the key. Raises ApiError without a key (400), for a key that
    was given to another request (422), and while the same request is under way (409).
    """
    key, mark = _key(request), _mark(request)
    with transaction.atomic():
        if not _alone(who=who, key=key):
            words = _("The same request is still under way; ask again in a moment.")
            raise ApiError("under_way", words, status_code=409, headers={"Retry-After": "1"})
        done = IdempotencyKey.objects.filter(who=who, key=key).first()
        if done is not None and done.mark != mark:
            raise ApiError("idempotency_key_used", _("This Idempotency-Key was given to another request."))
        if done is not None:
            return _answer(status=done.status, body=bytes(done.answer), replayed=True)
        status, data = act()
        body = ExactJSONRenderer().render(data)
        if status < 400:
            IdempotencyKey.objects.create(
                who=who, client_id=client_id, key=key, mark=mark, status=status, answer=body, at=clock.now()
            )
    return _answer(status=status, body=body, replayed=False)
