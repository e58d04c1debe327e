"""A form that is sent twice is taken once.

The page gives every form a key nobody can guess; the first sending writes the key down in the transaction of what it
records, and any other is led where the first one was. A form without a key is taken as it comes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common import clock
from common.models import IdempotencyKey, SentForm

FIELD = "form_key"
KEPT = dt.timedelta(days=2)
# How long a program may ask again what became of a request of its own.
KEYS_KEPT = dt.timedelta(days=14)


def new_key() -> str:
    """What a page puts into its forms; doors that share a page may share it."""
    return secrets.token_urlsafe(24)


def once(request: HttpRequest, act: Callable[[], HttpResponseRedirectBase]) -> HttpResponse:
    """Do what a form asks and go where that leads; a form that was taken before leads there and does nothing.

    Whatever ``act`` raises, its form may be sent again. Two sendings at once wait for each other at the key.
    """
    key = request.POST.get(FIELD, "")
    if not key:
        return act()
    mark = hashlib.sha256(f"{request.user.pk} {request.path} {key}".encode()).hexdigest()
    with transaction.atomic():
        sent, first = SentForm.objects.get_or_create(mark=mark, defaults={"answer": "", "at": clock.now()})
        if first:
            answer = act()
            sent.answer = answer.url
            sent.save(update_fields=["answer"])
            return answer
    messages.info(request, _("This was recorded already; nothing was written twice."))
    return redirect(sent.answer)


def forget() -> int:
    """Delete the keys of forms that are older than any session, and those of programs after two weeks; how many."""
    now = clock.now()
    forms = SentForm.objects.filter(at__lt=now - KEPT).delete()[0]
    return forms + IdempotencyKey.objects.filter(at__lt=now - KEYS_KEPT).delete()[0]
