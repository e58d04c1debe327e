"""What every page of the house needs around it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from common import clock, slots
from common.components.format import short


def _here(request: HttpRequest) -> str:
    """Where a switch of language comes back to: this page, or the page whose form was refused here."""
    if request.method == "GET":
        return request.get_full_path()
    came = urlsplit(request.headers.get("Referer", ""))
    return came.path + (f"?{came.query}" if came.query else "") if came.netloc == request.get_host() else "/"


def face(request: HttpRequest) -> dict[str, Any]:
    """Language and direction, today, the agency's name, and the navigation of the user's role."""
    language = short(getattr(request, "LANGUAGE_CODE", "ar"))
    user = getattr(request, "user", None)
    groups: list[Any] = []
    reminders: list[Any] = []
    if user is not None and user.is_authenticated:
        if request.method == "GET" and not request.headers.get("HX-Request"):
            reminders = [told for remind in slots.filled("reminders") if (told := remind(request)) is not None]
        for build in slots.filled("navigation"):
            groups.extend(build(request))
    return {
        "SEARCH_URL": next((url for find in slots.filled("search") if user is not None and (url := find(request))), ""),
        "LANG": language,
        "HERE": _here(request),
        "DIR": "rtl" if language == "ar" else "ltr",
        "TODAY": clock.today(),
        "AGENCY_SHORT": settings.AGENCY[f"short_{language}"],
        "AGENCY_NAME": settings.AGENCY[f"name_{language}"],
        "AGENCY_PHONE": settings.AGENCY["phone"],
        "NAVIGATION": groups,
        "REMINDERS": reminders,
        "DENSITY": getattr(user, "density", "comfortable") if user is not None else "comfortable",
    }
