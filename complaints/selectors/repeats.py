"""What repeats: how often by what, and which matters those are (CR-05). A read starts from what the user may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import User
from clients.models import Client, StagePolicyRow
from collections_app.models import StageTransition
from common.clock import RIYADH
from complaints.choices import UPHELD, Department, Intake, MatterKind
from complaints.models import Category, Matter, RootCause
from complaints.rules.learning import REPEAT_DAYS, By, Counted, pareto

# What a matter is grouped by, as a column of ``_grouped``.
_COLUMN = {
    By.CATEGORY: "category_id",
    By.DEPARTMENT: "department",
    By.PRODUCT: "product",
    By.COLLECTOR: "concerned_shown",
    By.STAGE: "stage_then",
    By.CAUSE: "root_cause",
    By.CLIENT: "client_id",
    By.INTAKE: "intake",
}
NOTHING = "-"


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """Which matters are counted: told from ``since`` on and before the end of ``until``, of one kind, and of one value
    of any dimension (``NOTHING`` for those without one). ``days``: within how many days the same again is a repetition.
    """

    since: dt.date
    until: dt.date
    kind: str = MatterKind.COMPLAINT
    days: int = REPEAT_DAYS
    values: tuple[tuple[str, str], ...] = ()
    repeated: bool = False

    def value(self, by: str) -> str:
        return dict(self.values).get(by, "")

    def narrower(self, *, by: str, key: str) -> Narrowed:
        return replace(self, values=tuple(sorted({**dict(self.values), by: key}.items())))


def with_repeats(*, matters: QuerySet[Matter], days: int) -> QuerySet[Matter]:
    """These matters, each with ``is_repeat``: the same person told of the same category within the days before it.

    A person is known by party, number or address; who left none of them repeats nothing.
    """
    before = Matter.objects.filter(
        kind=OuterRef("kind"),
        category_id=OuterRef("category_id"),
        duplicate_of__isnull=True,
        received_at__gte=OuterRef("received_at") - dt.timedelta(days=days),
    ).filter(Q(received_at__lt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk")))
    same = [before.filter(**{name: OuterRef(name)}) for name in ("party_id", "phone_index", "email_index")]
    return matters.annotate(is_repeat=Exists(same[0]) | Exists(same[1]) | Exists(same[2]))


def _grouped(matters: QuerySet[Matter]) -> QuerySet[Matter]:
    """With ``stage_then``: the code of the stage that the account had last come to on the day it was told; and
    ``concerned_shown``: whom it is about, nobody where that is confidential (CX-15).
    """
    last = (
        StageTransition.objects.filter(case_id=OuterRef("case_id"), on__lte=OuterRef("told_on"))
        .order_by("-on", "-to_stage__depth", "-pk")
        .values("to_stage__code")[:1]
    )  # fmt: skip
    return matters.annotate(told_on=TruncDate("received_at", tzinfo=RIYADH)).annotate(
        stage_then=Coalesce(Subquery(last), Value("")),
        concerned_shown=Case(When(is_confidential=False, then=F("concerned_id"))),
    )


def matters_narrowed(*, matters: QuerySet[Matter], narrowed: Narrowed) -> QuerySet[Matter]:
    """These matters, narrowed; what was told twice counts once."""
    found = matters.filter(
        kind=narrowed.kind,
        duplicate_of__isnull=True,
        received_at__gte=dt.datetime.combine(narrowed.since, dt.time.min, tzinfo=RIYADH),
        received_at__lt=dt.datetime.combine(narrowed.until + dt.timedelta(days=1), dt.time.min, tzinfo=RIYADH),
    )
    found = with_repeats(matters=_grouped(found), days=narrowed.days)
    for by, key in narrowed.values:
        found = found.filter(_is(by=By(by), key=key))
    return repeated_of(found) if narrowed.repeated else found


def repeated_of(matters: QuerySet[Matter]) -> QuerySet[Matter]:
    """Those of ``with_repeats`` that repeat another."""
    return matters.filter(is_repeat=True)  # type: ignore[misc]  # annotated by with_repeats


def _is(*, by: By, key: str) -> Q:
    column = _COLUMN[by]
    if key == NOTHING:
        by_key = column.endswith("_id") or by == By.COLLECTOR
        return Q(**{f"{column}__isnull": True}) if by_key else Q(**{column: ""})
    return Q(**{column: key})


def frequency(*, matters: QuerySet[Matter], by: str) -> list[Counted]:
    """How often each value of a dimension stands in matters of ``matters_narrowed``, the most frequent first."""
    rows = (
        matters.order_by()
        .values(key=F(_COLUMN[By(by)]))
        .annotate(
            count=Count("pk"),
            repeated=Count("pk", filter=Q(is_repeat=True)),
            upheld=Count("pk", filter=Q(outcome__in=[str(one) for one in UPHELD])),
        )
    )
    return pareto(
        (NOTHING if row["key"] in {None, ""} else str(row["key"]), row["count"], row["repeated"], row["upheld"])
        for row in rows
    )


def names_of(*, by: str, keys: Iterable[str]) -> dict[str, str]:
    """What the values of a dimension are called, in the reader's language."""
    wanted = [key for key in keys if key != NOTHING]
    if by == By.CATEGORY:
        return {str(one.pk): one.name for one in Category.objects.filter(pk__in=wanted)}
    if by == By.COLLECTOR:
        return {str(one.pk): one.name for one in User.objects.filter(pk__in=wanted)}
    if by == By.CLIENT:
        return {str(one.pk): one.name for one in Client.objects.filter(pk__in=wanted)}
    if by == By.CAUSE:
        return {one.code: one.name for one in RootCause.objects.filter(code__in=wanted)}
    if by == By.STAGE:
        return {one.code: one.name for one in StagePolicyRow.objects.filter(code__in=wanted).order_by("policy")}
    if by in {By.DEPARTMENT, By.INTAKE}:
        words = Department if by == By.DEPARTMENT else Intake
        return {key: str(words(key).label) for key in wanted if key in words.values}
    return {key: key for key in wanted}
