"""Every component in every state, in both directions; development and tests only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.clock import RIYADH
from common.components.charts import aging_bars, columns, ladder_drawing, spark_points


class _Sample(forms.Form):
    amount = forms.DecimalField(label=_("Amount"))
    on = forms.DateField(label=_("On"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))


@dataclass(frozen=True, kw_only=True)
class _Colleague:
    name: str
    initials: str


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """?lang=ar or en."""
    language = "en" if request.GET.get("lang") == "en" else "ar"
    with translation.override(language):
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        wrong = _Sample({"amount": "abc", "on": ""})
        wrong.is_valid()
        today = dt.date(2026, 11, 22)
        now = dt.datetime(2026, 11, 22, 10, 24, tzinfo=RIYADH)
        age = [
            (label, depth, Decimal(amount))
            for label, depth, amount in (
                (_("Current"), 0, "4210.50"), ("1–30", 1, "3500"), ("31–60", 2, "3500"), ("61–90", 3, "3500"),
                ("91–120", 4, "2350.75"), ("121–150", 5, "0"), (_("Over 150"), 6, "900"),
            )
        ]  # fmt: skip
        return render(
            request,
            "styleguide/index.html",
            {
                "colours": [
                    "ink",
                    "ink-2",
                    "ink-3",
                    "canvas",
                    "sheet",
                    "sunken",
                    "line",
                    "line-2",
                    "field",
                    "brand",
                    "brand-tint",
                    "attn",
                    "attn-tint",
                    "attn-mark",
                    "late",
                    "late-tint",
                    "late-mark",
                    "good",
                    "good-tint",
                    "good-mark",
                    "hold",
                    "hold-tint",
                    "hold-mark",
                    "depth-0",
                    "depth-1",
                    "depth-2",
                    "depth-3",
                    "depth-4",
                    "depth-5",
                    "depth-6",
                ],
                "amounts": [Decimal("12850.75"), Decimal("-600"), Decimal(0), Decimal("1234567.00")],
                "stages": [(0, 0), (1, 12), (2, 43), (3, 73), (4, 104), (5, 133), (6, 211)],
                "day_counts": [0, 1, 2, 3, 10, 11, 100, 104],
                "sample": _Sample(),
                "wrong": wrong,
                "today": today,
                "age": age,
                "age_total": sum((a for _l, _d, a in age), Decimal(0)),
                "bars": aging_bars(
                    rows=[(label, depth, amount, 3) for label, depth, amount in age],
                    before=[amount * Decimal("1.1") for _l, _d, amount in age],
                    rtl=language == "ar",
                ),
                "spark": spark_points(values=[3, 4, 6, 5, 7, 6, 9], rtl=language == "ar"),
                "ticks": [0, 4, 8, 10],
                "now": now,
                "evening": now.replace(hour=17, minute=42),
                "opens_at": dt.time(9),
                "closes_at": dt.time(17),
                "deadlines": [now + dt.timedelta(hours=hours) for hours in (-20, 3, 26, 75)],
                "colleague": _Colleague(
                    name="Saad Alamri" if language == "en" else "سعد العمري",
                    initials="SA" if language == "en" else "س ع",
                ),
                "check_looks": [
                    ("", "check", _("met")),
                    ("fail", "x", _("missing")),
                    ("care", "triangle-alert", _("To know")),
                    ("dashed", "circle-dashed", _("Not computed yet")),
                ],
                "columns": columns(
                    values=[
                        (today + dt.timedelta(days=n), Decimal(amount))
                        for n, amount in enumerate((42100, 18400, 22900, 31200, 96800, 54300, 0, 20100))
                    ],
                    rtl=language == "ar",
                ),
                "ladder": ladder_drawing(
                    stages=[
                        (label, day, depth)
                        for (label, depth, _a), day in zip(age, (None, 1, 31, 61, 91, 121, 151), strict=True)
                    ],
                    default_day=91,
                    rtl=language == "ar",
                ),
                "nights": columns(
                    values=[
                        (today + dt.timedelta(days=n), Decimal(0 if n == 11 else 40 + n * n % 37)) for n in range(30)
                    ],
                    width=168,
                    height=30,
                    rtl=language == "ar",
                ),
                "changes": [
                    (Decimal("6.2"), True),
                    (Decimal("-2.4"), True),
                    (Decimal("-2.0"), False),
                    (Decimal(0), True),
                ],
                "page": Paginator(range(190), 25).page(2),
            },
        )
