"""The legal officer's first page, what it asks for, and the limitations that end."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from collections_app.models import Authorisation
from common import clock
from common.exceptions import Refused
from common.forms import blame
from legal.choices import STANDING_CLAIM, AuthorisationState, FileState
from legal.forms.files import AnswerForm
from legal.models import Claim, LegalTask
from legal.policies import authorisations_visible_to, can_keep_legal, can_see_legal, files_visible_to
from legal.rules.authority import state_of
from legal.selectors.authorisations import authorities_of
from legal.selectors.conflicts import files_in_conflict
from legal.selectors.files import dates_planned, evidence_shown, tasks_open
from legal.selectors.limitation import limitation_worklist
from legal.selectors.overclaim import claims_above
from legal.services.legal_tasks import ANSWERED_BY_HAND, task_answer

NEAR, EXPIRES = dt.timedelta(days=14), dt.timedelta(days=30)


def _expiring(*, found: list[Authorisation], today: dt.date) -> list[Authorisation]:
    """Of these authorisations those still in force."""
    facts = authorities_of(authorisations=found)
    return [a for a in found if state_of(authority=facts[a.pk], on=today) == AuthorisationState.LIVE]


@require_GET
@allow(can_see_legal)
def desk(request: HttpRequest) -> HttpResponse:
    """What the court, money and time ask of the desk, the nearest day first."""
    user, today = user_of(request), clock.today()
    files = files_visible_to(user)
    ending = authorisations_visible_to(user).filter(
        valid_until__gte=today, valid_until__lte=today + EXPIRES, revoked_at=None, replaced_by=None
    )
    waiting = authorisations_visible_to(user).filter(
        ~Q(case__legal_files__state=FileState.OPEN), valid_until__gte=today, revoked_at=None, replaced_by=None
    )
    about = ("case__debtor", "client")
    return render(
        request,
        "legal/desk.html",
        {
            "today": today,
            "keeps": can_keep_legal(user),
            "dates": list(dates_planned(files=files, until=today + NEAR)[:50]),
            "tasks": list(tasks_open()[:50]),
            "over": claims_above(
                claims=Claim.objects.filter(state__in=STANDING_CLAIM).select_related("case__debtor", "client", "file")
            ),
            "conflicts": list(files_in_conflict().select_related("case__debtor", "lawyer__firm")[:20]),
            "ending": _expiring(found=list(ending.select_related(*about).order_by("valid_until")[:50]), today=today),
            "without_file": _expiring(
                found=list(waiting.select_related(*about).order_by("signed_at")[:50]), today=today
            ),
            "open_files": files.filter(state=FileState.OPEN).count(),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_see_legal)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task with its evidence; some are answered here, the others by the act they ask for."""
    user = user_of(request)
    found = get_object_or_404(
        LegalTask.objects.select_related(
            "case__debtor", "client", "claim__file", "instrument__debt", "authorisation", "done_by"
        ),
        pk=pk,
    )
    by_hand = found.kind in ANSWERED_BY_HAND and found.state == "OPEN" and can_keep_legal(user)
    form = AnswerForm(request.POST or None) if by_hand or request.method == "POST" else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            task_answer(user=user, task=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("legal_desk")
    return render(
        request,
        "legal/task.html",
        {
            "task": found,
            "evidence": evidence_shown(task=found),
            "form": form if by_hand else None,
            "refused": form,
            "today": clock.today(),
        },
        status=422 if form is not None and form.errors else 200,
    )


@require_GET
@allow(can_see_legal)
def limitations(request: HttpRequest) -> HttpResponse:
    """Debts whose time to be claimed has passed or ends within 180 days."""
    return render(
        request, "legal/limitations.html", {"rows": limitation_worklist(today=clock.today()), "today": clock.today()}
    )
