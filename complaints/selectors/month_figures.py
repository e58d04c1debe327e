"""The figures of a month, from the matters themselves (CR-03, CR-05, CR-07, CR-17): plain values, as JSON keeps them.

What an earlier register closed on an unknown day is counted where it was received, and for no speed.
"""

from __future__ import annotations

import datetime as dt
from statistics import median
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from common.calendar import working_days_between
from common.clock import RIYADH
from common.clocks import days_off
from common.models import Clock
from complaints.choices import (
    UPHELD,
    ClockKind,
    Department,
    Intake,
    MatterKind,
    Outcome,
    RecommendationState,
    ReportKind,
)
from complaints.models import Category, Matter, Rating, Recommendation, RootCause
from complaints.rules.learning import (
    REPEAT_DAYS,
    By,
    Counted,
    month_after,
    month_before,
    month_of,
    percent,
    span_of_month,
    weak_points,
)
from complaints.selectors.repeats import NOTHING, Narrowed, frequency, matters_narrowed, repeated_of

LABEL = "complaints.Matter"
DECIDED = frozenset({Outcome.JUSTIFIED, Outcome.PARTLY, Outcome.UNJUSTIFIED})
Row = dict[str, Any]


def months_told(*, today: dt.date) -> list[dt.date]:
    """The months that are over and in which anything was told, the latest first; always the last twelve."""
    first, last = month_of(today), list[dt.date]()
    while len(last) < 12:
        first = month_before(first)
        last.append(first)
    before = Matter.objects.filter(received_at__lt=span_of_month(today)[0])
    told = before.datetimes("received_at", "month", tzinfo=RIYADH)
    return sorted({*last, *(at.date() for at in told)}, reverse=True)


def figures_of(*, kind: str, month: dt.date) -> Row:
    """What a report of this kind says of a month, counted now."""
    month = month_of(month)
    if kind == ReportKind.REPEATS:
        return repeats_of_month(month=month)
    now, before = performance_of_month(month=month), performance_of_month(month=month_before(month))
    now["before"] = {name: before[name] for name in ("received", "answered", "closed", "open", "days", "in_time")}
    now["weak"] = weak_points(now=now, before=before)
    return now


def _dated() -> QuerySet[Matter]:
    return Matter.objects.exclude(imported__is_undated=True)


def _late(matters: QuerySet[Matter], *, by: dt.datetime) -> QuerySet[Matter]:
    """Those of which some deadline to answer or close had lapsed by then."""
    clocks = Clock.objects.filter(
        subject_type=LABEL, subject_id=OuterRef("pk"), kind__in=[ClockKind.COMPLAINT, ClockKind.ENQUIRY],
        lapsed_at__lt=by, step__ends__in=["ANSWERED", "CLOSED"],
    )  # fmt: skip
    return matters.filter(Exists(clocks))


def performance_of_month(*, month: dt.date) -> Row:
    """What was received, answered, closed and is open; how fast, by department and kind; what was found."""
    first, end = span_of_month(month)
    received = Matter.objects.filter(received_at__gte=first, received_at__lt=end)
    answered = _dated().filter(answered_at__gte=first, answered_at__lt=end)
    closed = _dated().filter(closed_at__gte=first, closed_at__lt=end)
    still = _dated().filter(received_at__lt=end).filter(Q(closed_at__isnull=True) | Q(closed_at__gte=end))
    decided = answered.filter(kind=MatterKind.COMPLAINT, outcome__in=[str(one) for one in DECIDED])
    upheld = decided.filter(outcome__in=[str(one) for one in UPHELD])
    speeds = _speeds(answered)
    rated = Rating.objects.filter(rated_at__gte=first, rated_at__lt=end).aggregate(score=Avg("score"), n=Count("pk"))
    closed_count, late = closed.count(), _late(closed, by=end).count()
    return {
        "month": month.isoformat(),
        "received": received.count(),
        "undated": received.filter(imported__is_undated=True).count(),
        "answered": answered.count(),
        "closed": closed_count,
        "late": late,
        "in_time": float(percent(closed_count - late, closed_count)) if closed_count else None,
        "open": still.count(),
        "open_late": _late(still, by=end).count(),
        "days": _median([days for _department, days in speeds]),
        "kinds": _by_kind(received=received, answered=answered, closed=closed, still=still),
        "departments": _by_department(received=received, answered=speeds, closed=closed, still=still, end=end),
        "channels": _counts(received, "intake", {one.value: one for one in Intake}),
        "categories": _categories(received.filter(kind=MatterKind.COMPLAINT)),
        "outcomes": _counts(answered.filter(kind=MatterKind.COMPLAINT), "outcome", {o.value: o for o in Outcome}),
        "decided": decided.count(),
        "upheld": upheld.count(),
        "untraced": upheld.filter(root_cause="").count(),
        "rated": rated["n"],
        "score": round(float(rated["score"]), 1) if rated["score"] is not None else None,
        "recommendations": recommendations_of_month(month=month),
    }


def _speeds(answered: QuerySet[Matter]) -> list[tuple[str, int]]:
    """Of each complaint answered: its department, and how many working days after it came."""
    off = days_off(calendar="PRIVATE")
    return [
        (department, working_days_between(start=_day(came), end=_day(told), holidays=off))
        for department, came, told in answered.filter(kind=MatterKind.COMPLAINT).values_list(
            "department", "received_at", "answered_at"
        )
        if told is not None
    ]


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(RIYADH).date()


def _median(values: list[Any]) -> float | None:
    return round(float(median(values)), 1) if values else None


def _by_kind(
    *, received: QuerySet[Matter], answered: QuerySet[Matter], closed: QuerySet[Matter], still: QuerySet[Matter]
) -> list[Row]:
    rows = []
    for kind in MatterKind:
        hours = [
            (told - came).total_seconds() / 3600
            for came, told in answered.filter(kind=kind).values_list("received_at", "answered_at")
            if told is not None
        ]
        row = {"key": kind.value, "received": received.filter(kind=kind).count(), "answered": len(hours),
               "closed": closed.filter(kind=kind).count(), "open": still.filter(kind=kind).count(),
               "hours": _median(hours)}  # fmt: skip
        rows.append(row)
    return rows


def _by_department(
    *,
    received: QuerySet[Matter],
    answered: list[tuple[str, int]],
    closed: QuerySet[Matter],
    still: QuerySet[Matter],
    end: dt.datetime,
) -> list[Row]:
    """Of each department that had anything: what came, what it closed and how late, and its median of working days."""
    counts = {
        name: dict(found.order_by().values_list("department").annotate(n=Count("pk")))
        for name, found in (
            ("received", received),
            ("closed", closed),
            ("late", _late(closed, by=end)),
            ("open", still),
        )
    }
    rows = []
    for department in Department:
        row: Row = {"key": department.value, **{name: of.get(department.value, 0) for name, of in counts.items()}}
        row["days"] = _median([days for of, days in answered if of == department])
        if any(row[name] for name in counts):
            rows.append(row)
    return rows


def _counts(matters: QuerySet[Matter], column: str, known: dict[str, Any]) -> list[Row]:
    found = dict(matters.order_by().values_list(column).annotate(n=Count("pk")))
    rows = [{"key": key, "count": count} for key, count in found.items() if key in known]
    return sorted(rows, key=lambda row: (-row["count"], row["key"]))


def _categories(matters: QuerySet[Matter]) -> list[Row]:
    found = list(matters.order_by().values_list("category_id").annotate(n=Count("pk")))
    named = Category.objects.in_bulk([pk for pk, _n in found if pk is not None])
    rows: list[Row] = [
        {"key": named[pk].code, "ar": named[pk].name_ar, "en": named[pk].name_en, "count": count}
        if pk is not None
        else {"key": "", "ar": "", "en": "", "count": count}
        for pk, count in found
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["key"]))


def recommendations_of_month(*, month: dt.date) -> list[Row]:
    """Earlier recommendations and what became of them by now: whatever was not filed before the month began."""
    first, end = span_of_month(month)
    found = (
        Recommendation.objects.filter(proposed_at__lt=end)
        .filter(Q(archived_at__isnull=True) | Q(archived_at__gte=first))
        .select_related("owner")
        .order_by("proposed_at", "pk")
    )
    return [
        {
            "id": one.pk,
            "number": one.number,
            "department": one.department,
            "proposal": one.proposal[:300],
            "state": one.state,
            "owner_ar": one.owner.name_ar if one.owner else "",
            "owner_en": one.owner.name_en if one.owner else "",
            "due_on": one.due_on.isoformat() if one.due_on else "",
            "became": one.result if one.state == RecommendationState.DONE else one.not_done_reason,
        }
        for one in found
    ]


def repeats_of_month(*, month: dt.date) -> Row:
    """Complaints of a month by what they are about, what of them repeats, and why they arose."""
    narrowed = Narrowed(since=month, until=month_after(month) - dt.timedelta(days=1))
    found = matters_narrowed(matters=Matter.objects.all(), narrowed=narrowed)
    last = Narrowed(since=month_before(month), until=month - dt.timedelta(days=1))
    before = {
        one.key: one
        for one in frequency(matters=matters_narrowed(matters=Matter.objects.all(), narrowed=last), by=By.CATEGORY)
    }
    categories = frequency(matters=found, by=By.CATEGORY)
    named = Category.objects.in_bulk([int(one.key) for one in categories if one.key != NOTHING])
    causes = {one.code: one for one in RootCause.objects.all()}
    upheld = found.filter(outcome__in=[str(one) for one in UPHELD])
    return {
        "month": month.isoformat(),
        "days": REPEAT_DAYS,
        "complaints": found.count(),
        "before": sum(one.count for one in before.values()),
        "repeated": repeated_of(found).count(),
        "same_words": _same_words(found).count(),
        "categories": [
            {**_named(one, named[int(one.key)] if one.key != NOTHING else None),
             "before": before[one.key].count if one.key in before else 0}
            for one in categories
        ],
        "departments": [_plain(one) for one in frequency(matters=found, by=By.DEPARTMENT)],
        "products": [_plain(one) for one in frequency(matters=found, by=By.PRODUCT)[:10]],
        "channels": [_plain(one) for one in frequency(matters=found, by=By.INTAKE)],
        "causes": [_named(one, causes.get(one.key)) for one in frequency(matters=upheld, by=By.CAUSE)],
        "upheld": upheld.count(),
        "recommendations": recommendations_of_month(month=month),
    }  # fmt: skip


def _plain(one: Counted) -> Row:
    return {"key": one.key, "count": one.count, "repeated": one.repeated, "upheld": one.upheld,
            "share": float(one.share), "cumulative": float(one.cumulative)}  # fmt: skip


def _named(one: Counted, named: Category | RootCause | None) -> Row:
    """With both names: what a category was called stays in what was issued."""
    names = {"ar": named.name_ar, "en": named.name_en} if named is not None else {"ar": "", "en": ""}
    return {**_plain(one), **names, "code": named.code if named is not None else ""}


def _same_words(matters: QuerySet[Matter]) -> QuerySet[Matter]:
    """Those in whose very words somebody complained before, whoever it was: a template goes round."""
    before = Matter.objects.filter(words_index=OuterRef("words_index"), duplicate_of__isnull=True).filter(
        Q(received_at__lt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk"))
    )
    return matters.filter(Exists(before))
