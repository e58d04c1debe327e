"""What the filters of boards may be set to, and the views that people keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from clients.models import Client, StagePolicyRow
from collections_app.choices import FileKind
from collections_app.models import Debt, ImportFile
from collections_app.rules.bands import BANDS

PORTFOLIOS = 36


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter: its name in the address, its words, and what it may be set to."""

    name: str
    words: Any
    every: Any
    options: list[tuple[str, Any]]
    value: str = ""


def clients_offered() -> list[tuple[str, str]]:
    return [(str(client.pk), client.name) for client in Client.objects.order_by("code")]


def stages_offered() -> list[tuple[str, str]]:
    """Stages by their code, the youngest first; a code of several ladders is told in the words of the newest."""
    name = "name_en" if (get_language() or "ar").startswith("en") else "name_ar"
    found: dict[str, tuple[int, str]] = {}
    for code, depth, words in StagePolicyRow.objects.order_by("policy_id").values_list("code", "depth", name):
        found[code] = (depth, words)
    return [(code, words) for code, (_depth, words) in sorted(found.items(), key=lambda item: (item[1][0], item[0]))]


def bands_offered() -> list[tuple[str, Any]]:
    return [(band.code, band.words) for band in BANDS]


def products_and_currencies() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The products and the currencies that debts have, in one statement."""
    found = set(Debt.objects.order_by().values_list("product", "currency").distinct())
    products, currencies = sorted({product for product, _c in found if product}), sorted({c for _p, c in found})
    return [(product, product) for product in products], [(currency, currency) for currency in currencies]


def portfolios_offered() -> list[tuple[str, str]]:
    """The days on which files brought accounts, the newest first."""
    days = ImportFile.objects.filter(kind=FileKind.PLACEMENT).order_by("-placed_on").values_list("placed_on", flat=True)
    return [(str(on), str(on)) for on in days.distinct()[:PORTFOLIOS]]


def collectors_offered(people: Any) -> list[tuple[str, str]]:
    return [(str(person.pk), person.name) for person in sorted(people, key=lambda person: str(person.name))]
