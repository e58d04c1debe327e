"""What every paper is: figures read once and kept, and the page drawn of them in one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import segno
from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clients.models import Client
from clients.selectors.stage_policies import policies_ruling
from common.components.format import bdi

LANGUAGES = ("ar", "en")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One kind of report.

    ``figures`` are read of a client and its period, in the language of the paper, and kept as they are;
    ``drawn`` is what the template shows of them. ``code`` stands in the number of each.
    """

    template: str
    code: Callable[[Any], str]
    figures: Callable[[Client, Any, str], dict[str, Any]]
    drawn: Callable[[Client, Any, dict[str, Any], str], dict[str, Any]]

    def number(self, *, client: Client, period: Any) -> str:
        """The number of a client's report: NKH-W40-2026, NKH-M09-2026, NKH-Q3-2026, NKH-B-20260919."""
        return f"{client.code}-{self.code(period)}"


def kept(value: Any) -> Any:
    """Figures as JSON keeps them: exact amounts and dates as text, words in the language they are told in."""
    if isinstance(value, dict):
        return {str(key): kept(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [kept(item) for item in value]
    if isinstance(value, (Decimal, dt.date, Promise)):
        return str(value)
    return value


def qr(text: str) -> str:
    """A code that leads to an address, as a picture that takes the size of its place."""
    return str(
        segno.make(text, error="m").svg_inline(
            scale=2, border=0, dark="#10242B", svgclass=None, lineclass=None, omitsize=True
        )
    )


def head(*, client: Client, on: dt.date, language: str) -> dict[str, Any]:
    """Language, agency and client, as they stand on every paper."""
    policies = [
        f"{product}: {name}" if product else name
        for product, policy in policies_ruling(client_id=client.pk, on=on)
        for name in [policy.name_ar if language == "ar" else policy.name_en]
    ]
    return {
        "LANG": language,
        "DIR": "rtl" if language == "ar" else "ltr",
        "agency": settings.AGENCY[f"name_{language}"],
        "client": {
            "name": client.name_ar if language == "ar" else client.name_en,
            "code": client.code,
            "policy": " · ".join(policies),
        },
    }


def in_rows(boxes: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """Boxes as rows of three; the last one filled up with nothing."""
    filled: list[dict[str, Any] | None] = [*boxes, *([None] * (-len(boxes) % 3))]
    return [filled[at : at + 3] for at in range(0, len(filled), 3)]


def said(direction: int, by: Decimal, *, up: str, down: str, same: str, sign: str = "") -> SafeString:
    """The sentence that fits a move."""
    return format_html({1: up, -1: down, 0: same}[direction], by=bdi(f"{abs(by)}{sign}"))
