"""Files: the list, the one screen of a file, and what the desk does there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from clients.models import Client
from collections_app.models import Authorisation, Case
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from common.once import new_key, once
from legal.choices import STANDING_CLAIM, AuthorisationState, CourtDateState, FileState, LimitationState
from legal.forms import files as typed
from legal.models import Claim, CourtDate, LegalCost, LegalFile
from legal.policies import authorisations_visible_to, can_keep_legal, can_see_legal, files_visible_to
from legal.selectors.authorisations import authorisation_state, ceiling_left, costs_left
from legal.selectors.conflicts import conflicts_of, files_in_conflict
from legal.selectors.files import file_authorisation, file_story, files_filtered, next_dates, tasks_open
from legal.selectors.limitation import limitation_of
from legal.selectors.overclaim import claims_above, claims_compared
from legal.selectors.packs import pack_complete
from legal.services.claims import claim_amend, claim_end
from legal.services.costs import cost_record, cost_reverse
from legal.services.court_dates import court_date_add, court_date_cancel, court_date_done, court_date_postpone
from legal.services.files import REFERENCES, file_assign, file_close, file_open, file_update
from legal.services.filing import claim_submit
from legal.services.papers import paper_add
from legal.views.papers import paper_of_form

A_PAGE = 25


@require_GET
@allow(can_see_legal)
def file_list(request: HttpRequest) -> HttpResponse:
    """All files, by state, lawyer, client, number or name."""
    user, told = user_of(request), request.GET
    state = told.get("state", FileState.OPEN)
    found = files_filtered(
        files=files_visible_to(user),
        state=state,
        lawyer=key_of(told.get("lawyer", "")),
        client=key_of(told.get("client", "")),
        words=told.get("q", "").strip(),
    )
    page = Paginator(found, A_PAGE).get_page(told.get("page"))
    shown = list(page)
    return render(
        request,
        "legal/files.html",
        {
            "page": page,
            "state": state,
            "states": FileState.choices,
            "dates": next_dates(files=shown, today=clock.today()),
            "conflicts": set(files_in_conflict().filter(pk__in=[f.pk for f in shown]).values_list("pk", flat=True)),
            "lawyers": typed.OpenFileForm().fields["lawyer"].queryset,  # type: ignore[attr-defined]
            "clients": Client.objects.order_by("name_ar"),
            "today": clock.today(),
        },
    )


def _file(request: HttpRequest, pk: int) -> LegalFile:
    files = files_visible_to(user_of(request)).select_related(
        "case__debtor__party", "client", "lawyer__firm", "authorisation", "opened_by"
    )
    return get_object_or_404(files, pk=pk)


def file_page(request: HttpRequest, file: LegalFile, *, status: int = 200, **given: Any) -> HttpResponse:
    """The one screen of a file. ``given`` is a form with its faults, by the name it has on the page."""
    user, today = user_of(request), clock.today()
    keeps = can_keep_legal(user)
    authorisation = file_authorisation(file=file)
    claims = claims_compared(claims=file.claims.select_related("instrument").order_by("-filed_on", "-pk"))
    costs = list(file.costs.select_related("recorded_by").order_by("-on", "-pk"))
    context: dict[str, Any] = {
        "file": file,
        "keeps": keeps,
        "open": file.state == FileState.OPEN,
        "today": today,
        "form_key": new_key(),
        "authorisation": authorisation,
        "authorisation_state": AuthorisationState(authorisation_state(authorisation=authorisation, on=today)),
        "ceiling_left": ceiling_left(authorisation=authorisation),
        "costs_left": costs_left(authorisation=authorisation),
        "spent": authorisation.cost_ceiling - costs_left(authorisation=authorisation),
        "claims": claims,
        "standing": STANDING_CLAIM,
        "over": [row for row in claims if row.over],
        "conflicts": conflicts_of(lawyer=file.lawyer, case=file.case) if file.state == FileState.OPEN else [],
        "planned": list(file.court_dates.filter(state=CourtDateState.PLANNED).order_by("on", "at")),
        "costs": costs,
        "taken_back": {cost.reverses_id for cost in costs if cost.reverses_id},
        "papers": file.papers.defer("content_sealed").select_related("added_by").order_by("-added_at"),
        "tasks": tasks_open().filter(case=file.case),
        "limitation": limitation_of(case=file.case, today=today),
        "pack": pack_complete(case=file.case),
        "story": file_story(file=file),
        "assignments": file.assignments.select_related("lawyer__firm").order_by("-from_at"),
    }
    if keeps and file.state == FileState.OPEN:
        context |= {
            "references_form": typed.ReferencesForm(initial={name: getattr(file, name) for name in REFERENCES}),
            "assign_form": typed.AssignForm(),
            "close_form": typed.CloseFileForm(initial={"on": today}),
            "date_form": typed.CourtDateForm(),
            "paper_form": typed.PaperForm(),
            "claim_form": typed.ClaimForm(file=file, initial={"filed_on": today}),
            "cost_form": typed.CostForm(initial={"on": today}),
        }
    context |= given
    if keeps and file.state == FileState.OPEN:
        dates, claimed = [d.pk for d in context["planned"]], [row.claim.pk for row in claims]
        context["answers"] = _each(given, "answer_form", dates, "answered", lambda: typed.DateAnswerForm())
        context["amends"] = _each(
            given, "amend_form", claimed, "claim_pk", lambda: typed.AmendForm(initial={"on": today})
        )
        context["ends"] = _each(
            given, "end_form", claimed, "claim_pk", lambda: typed.EndClaimForm(initial={"on": today})
        )
    for name, form in context.items():
        if isinstance(form, forms.BaseForm):
            form.auto_id = f"{name}_%s"
    return render(request, "legal/file.html", context, status=status)


def _each(
    given: dict[str, Any], name: str, keys: list[int], of: str, fresh: Callable[[], forms.Form]
) -> dict[int, forms.Form]:
    """A form for each row, with ids of its own; the one that came back with faults stands at its row."""
    made: dict[int, forms.Form] = {}
    for key in keys:
        made[key] = given[name] if name in given and given.get(of) == key else fresh()
        made[key].auto_id = f"{name}_{key}_%s"
    given.pop(name, None)
    return made


@require_GET
@allow(can_see_legal)
def file_one(request: HttpRequest, pk: int) -> HttpResponse:
    return file_page(request, _file(request, pk))


def _act(
    request: HttpRequest, file: LegalFile, form: forms.Form, name: str, act: Callable[[dict[str, Any]], Any], said: str,
    **given: Any,
) -> HttpResponse:  # fmt: skip
    """One form of the file's page: done, or the page again with what is wrong."""
    if form.is_valid():

        def taken() -> HttpResponseRedirectBase:
            act(form.cleaned_data)
            messages.success(request, said)
            return redirect("legal_file", file.pk)

        try:
            return once(request, taken)
        except Refused as refusal:
            blame(form, refusal)
    return file_page(request, _file(request, file.pk), status=422, **{name: form, "opened": name, **given})


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def file_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a file under an authorisation."""
    user, today = user_of(request), clock.today()
    found = authorisations_visible_to(user).select_related("case__debtor__party", "client")
    authorisation: Authorisation = get_object_or_404(found, pk=pk)
    form = typed.OpenFileForm(request.POST or None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        try:
            file = file_open(user=user, authorisation=authorisation, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The file is open"))
            return redirect("legal_file", file.pk)
    context = {"form": form, "authorisation": authorisation, "case": authorisation.case}
    return render(request, "legal/file_new.html", context, status=422 if form.errors else 200)


@require_POST
@allow(can_keep_legal)
def references(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.ReferencesForm(request.POST)
    return _act(
        request, file, form, "references_form",
        lambda data: file_update(user=user_of(request), file=file, **data), _("Saved"),
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.AssignForm(request.POST)
    return _act(
        request, file, form, "assign_form",
        lambda data: file_assign(user=user_of(request), file=file, **data), _("The file has another lawyer"),
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.CloseFileForm(request.POST)
    return _act(
        request, file, form, "close_form",
        lambda data: file_close(user=user_of(request), file=file, **data), _("The file is closed"),
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.PaperForm(request.POST, request.FILES)
    return _act(
        request, file, form, "paper_form",
        lambda data: paper_add(user=user_of(request), case=file.case, file=file, **paper_of_form(data)),
        _("The paper is kept"),
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def date_new(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.CourtDateForm(request.POST)
    return _act(
        request, file, form, "date_form",
        lambda data: court_date_add(user=user_of(request), file=file, **data), _("It stands in the calendar"),
    )  # fmt: skip


def date_answered(*, request: HttpRequest, court_date: CourtDate, data: dict[str, Any]) -> None:
    """What became of a day in court, as the form says it."""
    user, became = user_of(request), data["became"]
    if became == "DONE":
        court_date_done(user=user, court_date=court_date, outcome=data["outcome"])
    elif became == "POSTPONED":
        on: dt.date = data["on"]
        court_date_postpone(user=user, court_date=court_date, on=on, at=data["at"], reason=data["outcome"])
    else:
        court_date_cancel(user=user, court_date=court_date, reason=data["outcome"])


@require_POST
@allow(can_keep_legal)
def date_answer(request: HttpRequest, pk: int) -> HttpResponse:
    court_date = get_object_or_404(CourtDate, pk=pk, file__in=files_visible_to(user_of(request)))
    file, form = court_date.file, typed.DateAnswerForm(request.POST)
    return _act(
        request, file, form, "answer_form",
        lambda data: date_answered(request=request, court_date=court_date, data=data), _("Saved"), answered=pk,
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def claim_new(request: HttpRequest, pk: int) -> HttpResponse:
    file = _file(request, pk)
    form = typed.ClaimForm(request.POST, file=file)
    return _act(
        request, file, form, "claim_form",
        lambda data: claim_submit(user=user_of(request), file=file, **data), _("The claim is filed"),
    )  # fmt: skip


def _claim(request: HttpRequest, pk: int) -> Claim:
    claims = Claim.objects.select_related("file", "case", "authorisation")
    return get_object_or_404(claims, pk=pk, file__in=files_visible_to(user_of(request)))


@require_POST
@allow(can_keep_legal)
def claim_amended(request: HttpRequest, pk: int) -> HttpResponse:
    claim, form = _claim(request, pk), typed.AmendForm(request.POST)
    return _act(
        request, claim.file, form, "amend_form",
        lambda data: claim_amend(user=user_of(request), claim=claim, **data), _("The claim is amended"), claim_pk=pk,
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def claim_ended(request: HttpRequest, pk: int) -> HttpResponse:
    claim, form = _claim(request, pk), typed.EndClaimForm(request.POST)
    return _act(
        request, claim.file, form, "end_form",
        lambda data: claim_end(user=user_of(request), claim=claim, **data), _("Saved"), claim_pk=pk,
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def cost_new(request: HttpRequest, pk: int) -> HttpResponse:
    file, form = _file(request, pk), typed.CostForm(request.POST)
    return _act(
        request, file, form, "cost_form",
        lambda data: cost_record(
            user=user_of(request), authorisation=file_authorisation(file=file), file=file, **data
        ),
        _("The cost is recorded"),
    )  # fmt: skip


@require_POST
@allow(can_keep_legal)
def cost_back(request: HttpRequest, pk: int) -> HttpResponse:
    cost = get_object_or_404(
        LegalCost.objects.select_related("file", "authorisation__case"), pk=pk,
        file__in=files_visible_to(user_of(request)),
    )  # fmt: skip
    if cost.file is None:
        raise Http404
    form = typed.ReasonForm(request.POST)
    return _act(
        request, cost.file, form, "back_form",
        lambda data: cost_reverse(user=user_of(request), cost=cost, **data), _("The cost is taken back"), cost_pk=pk,
    )  # fmt: skip


def case_panel(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """On the page of a case: its open file with the next day in court, the alarm of a claim above the balance, and
    the terms that have passed, end soon or stand still. Nothing where there is nothing of it.
    """
    today = clock.today()
    limitation = [row for row in limitation_of(case=case, today=today) if row.state != LimitationState.RUNS]
    file, over = None, []
    if case.authorisation_id is not None:
        file = LegalFile.objects.filter(case=case, state=FileState.OPEN).select_related("lawyer").last()
        over = claims_above(claims=Claim.objects.filter(case=case))
    if file is None and not over and not limitation:
        return None
    return {
        "template": "legal/parts/file_panel.html",
        "file": file,
        "next_date": next_dates(files=[file], today=today).get(file.pk) if file is not None else None,
        "over": over,
        "limitation": limitation,
        "opens": can_see_legal(user_of(request)),
        "today": today,
    }
