"""Is the process alive, and can it work?"""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """Able to work: the database and Redis answer."""
    answers = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        answers["database"] = True
    except Exception:  # any fault means not ready; the reason stands in the log
        answers["database"] = False
    try:
        cache.set("readyz", 1, 5)
        answers["redis"] = cache.get("readyz") == 1
    except Exception:
        answers["redis"] = False
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)
