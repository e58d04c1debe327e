"""Reads of files: the list, one file's story, and what waits on the legal desk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from collections_app.models import Authorisation
from common.clock import RIYADH
from legal.choices import EVIDENCE_WORDS, CourtDateState, FileState, LegalTaskKind, LegalTaskState
from legal.models import CourtDate, LegalFile, LegalTask
from legal.selectors.authorisations import authorisation_standing_of


def files_filtered(
    *, files: QuerySet[LegalFile], state: str, lawyer: int | None, client: int | None, words: str
) -> QuerySet[LegalFile]:
    """These files by state, lawyer, client, or a number or name; those opened last first."""
    if state in FileState.values:
        files = files.filter(state=state)
    if lawyer is not None:
        files = files.filter(lawyer_id=lawyer)
    if client is not None:
        files = files.filter(client_id=client)
    if words:
        numbers = ("number", "court_reference", "najiz_reference", "nafith_reference", "case__debtor__debtor_ref")
        found = Q(case__debtor__name__icontains=words)
        for name in numbers:
            found |= Q(**{f"{name}__icontains": words})
        files = files.filter(found)
    return files.select_related("case__debtor", "client", "lawyer__firm", "authorisation").order_by("-opened_on", "-pk")


def file_authorisation(*, file: LegalFile) -> Authorisation:
    """Under which a file goes on: the one that stands for its case now, since a renewal takes the place of the one it
    was opened under; else that one."""
    return authorisation_standing_of(case=file.case) or file.authorisation


def next_dates(*, files: list[LegalFile], today: dt.date) -> dict[int, CourtDate]:
    """The next planned day of each of these files, a missed one before all."""
    planned = CourtDate.objects.filter(file__in=files, state=CourtDateState.PLANNED).order_by("file_id", "on", "at")
    return {row.file_id: row for row in planned.distinct("file_id")}


def dates_between(*, files: QuerySet[LegalFile], first: dt.date, last: dt.date) -> QuerySet[CourtDate]:
    """The days in court of these files in a stretch, whatever became of them, by day and hour."""
    dates = CourtDate.objects.filter(file__in=files, on__gte=first, on__lte=last)
    return dates.select_related("file__lawyer", "file__case__debtor", "file__client").order_by("on", "at", "pk")


def dates_planned(*, files: QuerySet[LegalFile], until: dt.date | None = None) -> QuerySet[CourtDate]:
    """What is still to come, and what was missed, the nearest first."""
    dates = CourtDate.objects.filter(file__in=files, state=CourtDateState.PLANNED)
    if until is not None:
        dates = dates.filter(on__lte=until)
    return dates.select_related("file__lawyer", "file__case__debtor", "file__client").order_by("on", "at", "pk")


def tasks_open() -> QuerySet[LegalTask]:
    """What money and time ask for, the nearest day first. Where a claim shall be withdrawn, amending it is not asked
    for beside."""
    withdraw = LegalTask.objects.filter(
        claim=OuterRef("claim"), kind=LegalTaskKind.WITHDRAW_CLAIM, state=LegalTaskState.OPEN
    )
    return (
        LegalTask.objects.filter(state=LegalTaskState.OPEN)
        .exclude(Q(kind=LegalTaskKind.AMEND_CLAIM) & Exists(withdraw))
        .select_related("case__debtor", "client", "claim__file", "instrument__debt", "authorisation")
        .order_by("due_on", "pk")
    )


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One line of a file's story."""

    on: dt.date
    order: tuple[Any, ...]
    icon: str
    what: str
    detail: str = ""
    who: Any = None


def file_story(*, file: LegalFile) -> list[Happened]:
    """What happened in a file, the newest first: who had it, its days in court, acts, costs and papers."""
    items: list[Happened] = []

    def add(at: dt.datetime | dt.date, icon: str, what: str, detail: str = "", who: Any = None) -> None:
        on = at.astimezone(RIYADH).date() if isinstance(at, dt.datetime) else at
        items.append(Happened(on=on, order=(on, len(items)), icon=icon, what=what, detail=detail, who=who))

    first = True
    for row in file.assignments.select_related("lawyer", "assigned_by").order_by("from_at", "pk"):
        what = _("Opened, with %(lawyer)s") if first else _("Given to %(lawyer)s")
        add(
            row.from_at,
            "briefcase" if first else "user-round",
            what % {"lawyer": row.lawyer.name},
            row.reason,
            row.assigned_by,
        )
        first = False
    for day in file.court_dates.exclude(state=CourtDateState.PLANNED).select_related("recorded_by").order_by("on"):
        add(day.on, "gavel", f"{day.title} · {day.get_state_display()}", day.outcome)
    for act in file.acts.select_related("recorded_by").order_by("on", "pk"):
        add(act.on, "scale", str(act.get_kind_display()), act.note or act.reference, act.recorded_by)
    for cost in file.costs.select_related("recorded_by").order_by("on", "pk"):
        add(cost.on, "banknote", str(cost.get_kind_display()), cost.payee, cost.recorded_by)
    for paper in file.papers.defer("content_sealed").select_related("added_by").order_by("added_at"):
        add(paper.added_at, "file-text", paper.title, str(paper.get_kind_display()), paper.added_by)
    if file.closed_on:
        add(file.closed_on, "archive", _("Closed"), str(file.get_outcome_display()))
    return sorted(items, key=lambda item: item.order, reverse=True)


def evidence_shown(*, task: LegalTask) -> list[dict[str, Any]]:
    """What asked for a task, in words and numbers, the first first."""
    return [
        {
            "words": EVIDENCE_WORDS.get(row["what"], _("Case ended")),
            "id": row.get("id"),
            # The tab of the case that shows it.
            "show": {"PAYMENT": "payments", "REVERSAL": "payments", "NOTE": "notes"}.get(row["what"], ""),
            "on": dt.date.fromisoformat(row.get("on") or row["ends"]) if row.get("on") or row.get("ends") else None,
            "amount": Decimal(row["amount"]) if row.get("amount") else None,
            "owed": Decimal(row.get("owed", "0")),
            "filed": Decimal(row.get("filed", "0")),
        }
        for row in task.evidence
    ]
