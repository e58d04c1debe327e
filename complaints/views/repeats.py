"""What repeats: how often by what, with its bars, and the matters behind each (CR-05)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from common import clock
from common.forms import key_of
from complaints.choices import MatterKind
from complaints.policies import can_propose, matters_visible_to, sees_matters
from complaints.rules.learning import BY_WORDS, REPEAT_DAYS, SPANS, By, percent
from complaints.selectors.repeats import (
    NOTHING,
    Narrowed,
    frequency,
    matters_narrowed,
    names_of,
    repeated_of,
)

A_PAGE = 30
LOOKS_BACK = 90
# Whose value in an address is a key.
_KEYS = frozenset({By.CATEGORY, By.COLLECTOR, By.CLIENT})


def _day(text: str, otherwise: dt.date) -> dt.date:
    try:
        return max(clock.date_of(text), dt.date(1990, 1, 1))
    except ValueError:
        return otherwise


def _narrowed(told: Any) -> Narrowed:
    """What the address narrows to; what it cannot mean is left out."""
    today = clock.today()
    until = min(_day(told.get("until", ""), today), today)
    since = _day(told.get("since", ""), until - dt.timedelta(days=LOOKS_BACK - 1))
    days = key_of(told.get("days", "")) or REPEAT_DAYS
    kind = told.get("kind", "")
    values = []
    for by in By:
        value = told.get(f"of_{by}", "")[:80]
        if value and (value == NOTHING or by not in _KEYS or key_of(value) is not None):
            values.append((by.value, value))
    return Narrowed(
        since=min(since, until), until=until, kind=kind if kind in MatterKind.values else MatterKind.COMPLAINT,
        days=days if days in SPANS else REPEAT_DAYS, values=tuple(sorted(values)), repeated=told.get("repeated") == "1",
    )  # fmt: skip


def _asked(narrowed: Narrowed, **more: str) -> str:
    """The address's own words for it."""
    told = {"since": narrowed.since.isoformat(), "until": narrowed.until.isoformat(), "kind": narrowed.kind,
            "days": str(narrowed.days), **({"repeated": "1"} if narrowed.repeated else {}),
            **{f"of_{by}": value for by, value in narrowed.values}, **more}  # fmt: skip
    return urlencode(told)


def _named(by: str, key: str, names: dict[str, str]) -> str:
    if key == NOTHING:
        return _("None named")
    return names.get(key, key)


def _chosen(narrowed: Narrowed, *, name: str, **more: str) -> list[dict[str, str]]:
    """What it is narrowed to, each with the address without it."""
    found = []
    for by, value in narrowed.values:
        fewer = replace(narrowed, values=tuple(one for one in narrowed.values if one[0] != by))
        found.append({"by": str(BY_WORDS[By(by)]), "value": _named(by, value, names_of(by=by, keys=[value])),
                      "url": f"{reverse(name)}?{_asked(fewer, **more)}"})  # fmt: skip
    return found


@require_GET
@allow(sees_matters)
def repeats(request: HttpRequest) -> HttpResponse:
    """The most frequent first, each with its share and what of it repeats; a value narrows, its number lists."""
    user, narrowed = user_of(request), _narrowed(request.GET)
    asked = request.GET.get("by", "")
    by = By(asked) if asked in set(By) else By.CATEGORY
    found = matters_narrowed(matters=matters_visible_to(user), narrowed=narrowed)
    rows = frequency(matters=found, by=by)
    names, most = names_of(by=by, keys=[row.key for row in rows]), max((row.count for row in rows), default=1)
    whole, again = sum(row.count for row in rows), sum(row.repeated for row in rows)
    lists, here = reverse("matter_repeats_list"), reverse("matter_repeats")
    # A value narrows, and shows by what else it may be looked at.
    after = next((one for one in By if one != by and not narrowed.value(one)), by)
    context = {
        "by": by.value,
        "by_words": BY_WORDS[by],
        "dimensions": [(one.value, BY_WORDS[one], _asked(narrowed, by=one.value)) for one in By],
        "narrowed": narrowed,
        "chosen": _chosen(narrowed, name="matter_repeats", by=by.value),
        "kinds": MatterKind.choices,
        "spans": SPANS,
        "rows": [
            {"row": row, "name": _named(by, row.key, names), "width": 100 * row.count // most,
             "narrow": f"{here}?{_asked(narrowed.narrower(by=by.value, key=row.key), by=after.value)}",
             "list": f"{lists}?{_asked(narrowed.narrower(by=by.value, key=row.key))}",
             "again": f"{lists}?{_asked(narrowed.narrower(by=by.value, key=row.key), repeated='1')}"}
            for row in rows
        ],
        "whole": whole,
        "again": again,
        "share": percent(again, whole),
        "upheld": sum(row.upheld for row in rows),
        "list": f"{lists}?{_asked(narrowed)}",
    }  # fmt: skip
    return render(request, "complaints/learning/repeats.html", context)


@require_GET
@allow(sees_matters)
def repeats_list(request: HttpRequest) -> HttpResponse:
    """The matters behind a number, the latest first; of a confidential one nothing but that it is there."""
    user, narrowed = user_of(request), _narrowed(request.GET)
    found = matters_narrowed(matters=matters_visible_to(user), narrowed=narrowed)
    page = Paginator(
        found.select_related("client", "category", "repeats", "case__debtor").order_by("-received_at", "-pk"), A_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "narrowed": narrowed,
        "chosen": _chosen(narrowed, name="matter_repeats_list"),
        "back": f"{reverse('matter_repeats')}?{_asked(narrowed)}",
        "again": repeated_of(found).count(),
        "proposes": can_propose(user),
        "references": ",".join(matter.reference for matter in list(page)[:20]),
        "causes": names_of(by=By.CAUSE, keys=[matter.root_cause for matter in page if matter.root_cause]),
    }
    return render(request, "complaints/learning/repeats_list.html", context)
