"""The working calendar and the table of deadlines: what holds, what is asked of them, and what that would move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.choices import Role
from accounts.forms import AnswerForm, HolidaysForm, StepForm
from accounts.models import User
from accounts.policies import (
    CONFIRMS_CLOCK_CHANGES,
    can_confirm_clock_change,
    can_propose_clock_change,
    can_see_deadlines,
)
from accounts.selectors.deadlines import (
    Asked,
    Line,
    calendar_days,
    changes_decided,
    changes_open,
    changes_told,
    changes_visible_to,
    clock_lines,
    clocks_late,
    procedures,
    step_versions,
)
from accounts.services.deadlines import (
    clock_change_decide,
    clock_change_withdraw,
    due_dates_answer,
    holidays_propose,
    step_propose,
)
from common import clock
from common.approvals import Facts, Kind, Step, may_decide
from common.choices import ApprovalStatus, ClockUnit, Decision, ProposalState
from common.clocks import kinds_of_steps
from common.clocks.changes import DEADLINES, HOLIDAYS, SET, Touched, digest_of, touched_by
from common.clocks.steps import steps_ship
from common.components.format import day_text
from common.exceptions import Refused
from common.forms import blame, key_of
from common.models import Approval, ClockChange, ClockStep, Holiday

EARLIEST, LATEST = 1990, 2100


def _year(request: HttpRequest) -> int:
    asked = key_of(request.GET.get("year", ""))
    return asked if asked is not None and EARLIEST <= asked <= LATEST else clock.today().year


@require_http_methods(["GET", "POST"])
@allow(can_see_deadlines)
def working_calendar(request: HttpRequest) -> HttpResponse:
    """The days off of a year in both calendars; an administrator asks for others, after a fresh proof."""
    user, year = user_of(request), _year(request)
    may_propose = can_propose_clock_change(user)
    if request.method == "POST" and not may_propose:
        raise Http404
    edited = Holiday.objects.filter(pk=key_of(request.GET.get("edit", "")) or 0).first() if may_propose else None
    form = HolidaysForm(request.POST or None, initial=_as_it_is(edited)) if may_propose else None
    if request.method == "POST" and form is not None and form.is_valid():
        require_proof(request)
        try:
            change = holidays_propose(user=user, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Asked for: another person confirms it"))
            return redirect("clock_change", change.pk)
    return render(
        request,
        "deadlines/calendar.html",
        {
            "year": year,
            "days": calendar_days(year=year),
            "form": form,
            "edited": edited,
            "open": changes_open(kinds=[HOLIDAYS]),
            "decided": changes_decided(kinds=[HOLIDAYS]),
        },
        status=422 if form is not None and form.errors else 200,
    )


def _as_it_is(row: Holiday | None) -> dict[str, Any]:
    if row is None:
        return {"calendars": Holiday.Calendar.values}
    return {
        "calendars": list(Holiday.objects.filter(on=row.on).values_list("calendar", flat=True)),
        "first": row.on,
        "last": row.on,
        "name_ar": row.name_ar,
        "name_en": row.name_en,
        "estimated": row.estimated,
    }


@require_GET
@allow(can_see_deadlines)
def deadline_list(request: HttpRequest) -> HttpResponse:
    """Procedures in the manual's own columns, overdue steps, and changes under way (CR-18)."""
    if can_propose_clock_change(user_of(request)):
        for kind in kinds_of_steps():
            steps_ship(kind=kind)
    return render(
        request,
        "deadlines/list.html",
        {
            "procedures": procedures(on=clock.today()),
            "late": clocks_late(user=user_of(request)),
            "roles": dict(Role.choices),
            "open": changes_open(kinds=[DEADLINES, HOLIDAYS]),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_see_deadlines)
def deadline_step(request: HttpRequest, pk: int) -> HttpResponse:
    """One deadline in its versions; an administrator asks for the next, after a fresh proof."""
    user, step = user_of(request), get_object_or_404(ClockStep, pk=pk)
    may_propose = can_propose_clock_change(user)
    if request.method == "POST" and not may_propose:
        raise Http404
    now = {name: getattr(step, name) for name in StepForm.base_fields if hasattr(step, name) and name != "starts_on"}
    form = StepForm(request.POST or None, initial={**now, "starts_on": clock.today()}) if may_propose else None
    if request.method == "POST" and form is not None and form.is_valid():
        require_proof(request)
        try:
            change = step_propose(user=user, step=step, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Asked for: another person confirms it"))
            return redirect("clock_change", change.pk)
    return render(
        request,
        "deadlines/step.html",
        {"step": step, "versions": step_versions(step=step), "form": form, "roles": dict(Role.choices)},
        status=422 if form is not None and form.errors else 200,
    )


def _lines(user: User, found: Sequence[Touched]) -> list[tuple[Line, Touched]]:
    lines = clock_lines(user=user, clocks=[one.clock for one in found])
    return list(zip(lines, found, strict=True))


def _asked(request: HttpRequest, pk: int) -> Asked:
    change = get_object_or_404(changes_visible_to(user_of(request)), pk=pk)
    return changes_told(changes=[change])[0]


def _told(change: ClockChange) -> dict[str, Any]:
    """What is asked, as the page and the inbox show it."""
    if change.kind == HOLIDAYS:
        days: dict[str, dict[str, Any]] = {}
        for line in change.asked:
            day = days.setdefault(line["on"], {**line, "on": dt.date.fromisoformat(line["on"]), "calendars": []})
            day["calendars"].append(Holiday.Calendar(line["calendar"]).label)
        return {"asked_days": list(days.values())}
    asked = change.asked
    step = ClockStep.objects.filter(
        kind=asked["kind"], code=asked["code"], client_id=asked["client_id"], starts_on__lt=asked["starts_on"]
    ).order_by("-starts_on", "-version")
    before = step.first() or ClockStep(**{**asked, "version": 0})
    names = ("amount", "unit", "calendar", "source", "verified", "moves_on", "may_pause")
    return {
        "step": before,
        "starts_on": dt.date.fromisoformat(asked["starts_on"]),
        "asked_fields": [
            (StepForm.base_fields[name].label, _shown(name, getattr(before, name)), _shown(name, asked[name]))
            for name in names
        ],
    }


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "unit":
        return dict(ClockUnit.choices).get(value, value)
    return dict(Holiday.Calendar.choices).get(value, value) if name == "calendar" else value


def _change_page(request: HttpRequest, asked: Asked, error: str = "") -> HttpResponse:
    user, change = user_of(request), asked.change
    is_open = asked.approval.status == ApprovalStatus.OPEN
    proposals = list(
        change.proposals.select_related("clock__step", "step", "answered_by").order_by("old_due_at", "pk")[:500]
    )
    lines = clock_lines(user=user, clocks=[row.clock for row in proposals])
    context = {
        **_told(change),
        "change": change,
        "approval": asked.approval,
        "decision": next(iter(asked.approval.decisions.all()), None),
        "touched": _lines(user, touched_by(kind=change.kind, asked=change.asked)[:500]) if is_open else [],
        "proposals": list(zip(lines, proposals, strict=True)),
        "waiting": asked.waiting,
        "may_decide": is_open and may_decide(user=user, approval=asked.approval, on=clock.today()),
        "may_withdraw": is_open and change.prepared_by_id == user.pk,
        "may_answer": can_confirm_clock_change(user) and change.prepared_by_id != user.pk,
        "now": clock.now(),
        "error": error,
    }
    return render(request, "deadlines/change.html", context, status=422 if error else 200)


@require_GET
@allow(can_see_deadlines)
def change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what is asked, which running clocks it would move, the decision; then the dates to be answered."""
    return _change_page(request, _asked(request, pk))


@require_POST
@allow(can_confirm_clock_change)
def change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or reject; asks for a fresh proof."""
    asked = _asked(request, pk)
    if not may_decide(user=user_of(request), approval=asked.approval, on=clock.today()):
        return _change_page(request, asked, error=_("This request is not yours to decide."))
    require_proof(request)
    form = AnswerForm(request.POST, answers=CLOCK_ANSWERS)
    if not form.is_valid():
        words = str(form.errors["reason"][0]) if "reason" in form.errors else _("Confirm or reject.")
        return _change_page(request, asked, error=words)
    try:
        moved = clock_change_decide(user=user_of(request), change=asked.change, **form.cleaned_data)
    except Refused as refusal:
        return _change_page(request, _asked(request, pk), error=str(refusal.message))
    messages.success(request, _moved(len(moved)) if moved else _("Decided"))
    return redirect("clock_change", pk)


def _moved(count: int) -> str:
    words = ngettext(
        "Confirmed. %(count)d due date waits for your answer.", "Confirmed. %(count)d due dates wait for your answer.",
        count,
    )  # fmt: skip
    return words % {"count": count}


@require_POST
@allow(can_propose_clock_change)
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own request back."""
    asked = _asked(request, pk)
    try:
        clock_change_withdraw(user=user_of(request), change=asked.change)
    except Refused as refusal:
        return _change_page(request, _asked(request, pk), error=str(refusal.message))
    messages.success(request, _("Taken back"))
    return redirect("clock_change", pk)


@require_POST
@allow(can_confirm_clock_change)
def dates_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or decline the chosen due dates; asks for a fresh proof."""
    asked = _asked(request, pk)
    chosen = [key for text in request.POST.getlist("chosen") if (key := key_of(text)) is not None]
    answer = request.POST.get("answer", "")
    if answer not in {ProposalState.ACCEPTED, ProposalState.DECLINED}:
        return _change_page(request, asked, error=_("Accept or decline."))
    require_proof(request)
    try:
        counts = due_dates_answer(
            user=user_of(request),
            change=asked.change,
            chosen=chosen,
            accept=answer == ProposalState.ACCEPTED,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refusal:
        return _change_page(request, _asked(request, pk), error=str(refusal.message))
    if counts.get(ProposalState.STALE):
        messages.info(request, _("Some deadlines had moved meanwhile: their proposed dates are overtaken."))
    messages.success(request, _("Answered"))
    return redirect("clock_change", pk)


# What approvals must know of the two kinds.
CLOCK_ANSWERS = frozenset({Decision.APPROVED, Decision.REJECTED})


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    changes = ClockChange.objects.in_bulk([approval.subject_id for approval in approvals])
    return {
        approval.pk: Facts(
            subject=change,
            number=str(change.pk),
            about=_about(change),
            under=(),
            url=reverse("clock_change", args=[change.pk]),
        )
        for approval in approvals
        if (change := changes.get(approval.subject_id))
    }


def _about(change: ClockChange) -> str:
    """A change in a line: the first holiday asked for, or the deadline's name."""
    if change.kind == DEADLINES:
        return str(ClockStep(words_ar=change.asked["words_ar"], words_en=change.asked["words_en"]).words)
    first = change.asked[0]
    words = _("Days off set") if first["do"] == SET else _("Days off taken away")
    day = day_text(on=dt.date.fromisoformat(first["on"]), language=get_language() or "ar", year=True)
    return f"{words} · {day}"


def _chosen(user: User, change: ClockChange) -> dict[str, Any]:
    touched = touched_by(kind=change.kind, asked=change.asked)
    return {"change": change, "touched": _lines(user, touched[:20]), "touched_count": len(touched), **_told(change)}


def _digest(change: ClockChange) -> str:
    return digest_of(kind=change.kind, asked=change.asked, reason=change.reason)


def _decide(*, user: User, subject: ClockChange, decision: str, digest: str, reason: str) -> None:
    clock_change_decide(user=user, change=subject, decision=decision, digest=digest, reason=reason)


def _kind(code: str, words: Any, icon: str) -> Kind:
    return Kind(
        code=code,
        words=words,
        icon=icon,
        steps=(Step(roles=CONFIRMS_CLOCK_CHANGES, words=gettext_lazy("Another person confirms")),),
        facts=_facts,
        template="deadlines/chosen.html",
        context=_chosen,
        digest=_digest,
        decide=_decide,
        answers=CLOCK_ANSWERS,
    )


HOLIDAYS_KIND = _kind(HOLIDAYS, gettext_lazy("Working calendar"), "calendar-days")
DEADLINES_KIND = _kind(DEADLINES, gettext_lazy("Deadlines"), "timer")
