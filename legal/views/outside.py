"""The pages of an outside lawyer: the files they hold now, and nothing else; each look at a paper is written down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.services.users import access_record
from common import clock
from common.exceptions import Refused
from common.forms import blame
from legal.choices import CourtDateState
from legal.forms.files import DateAnswerForm, PaperForm
from legal.models import CalendarFeed, CourtDate, LegalFile, Paper
from legal.policies import files_held_by, is_outside_lawyer, papers_held_by
from legal.selectors.files import dates_planned, next_dates
from legal.services.papers import paper_add
from legal.views.calendar import month_context
from legal.views.files import date_answered
from legal.views.papers import paper_of_form, paper_response


@require_GET
@allow(is_outside_lawyer)
def file_list(request: HttpRequest) -> HttpResponse:
    """My files, the nearest day in court first, and the month."""
    user = user_of(request)
    held = files_held_by(user)
    files = list(held.select_related("case__debtor", "client", "authorisation").order_by("number"))
    dates = next_dates(files=files, today=clock.today())
    files.sort(key=lambda file: (file.pk not in dates, dates[file.pk].on if file.pk in dates else file.opened_on))
    context = {
        "files": files,
        "dates": dates,
        "feed": CalendarFeed.objects.filter(user=user, ended_at=None).first(),
        **month_context(request=request, files=held),
    }
    return render(request, "legal/outside/files.html", context)


def _file(request: HttpRequest, pk: int) -> LegalFile:
    held = files_held_by(user_of(request))
    return get_object_or_404(held.select_related("case__debtor__party", "client", "authorisation"), pk=pk)


def _page(request: HttpRequest, file: LegalFile, *, status: int = 200, **given: Any) -> HttpResponse:
    user = user_of(request)
    context: dict[str, Any] = {
        "file": file,
        "today": clock.today(),
        "planned": list(dates_planned(files=files_held_by(user).filter(pk=file.pk))),
        "past": file.court_dates.exclude(state=CourtDateState.PLANNED).order_by("-on", "-pk"),
        "claims": file.claims.order_by("-filed_on", "-pk"),
        "papers": papers_held_by(user).filter(case=file.case_id).defer("content_sealed").order_by("-added_at"),
        "paper_form": PaperForm(auto_id="paper_%s"),
        **given,
    }
    context["answers"] = {
        row.pk: given["answer_form"] if given.get("answered") == row.pk else DateAnswerForm(cancels=False)
        for row in context["planned"]
    }
    for key, form in context["answers"].items():
        form.auto_id = f"answer_{key}_%s"
    return render(request, "legal/outside/file.html", context, status=status)


@require_GET
@allow(is_outside_lawyer)
def file_one(request: HttpRequest, pk: int) -> HttpResponse:
    file = _file(request, pk)
    access_record(user=user_of(request), what="file.read", subject=file)
    return _page(request, file)


@require_POST
@allow(is_outside_lawyer)
def date_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What a hearing brought, or its new day."""
    court_date = get_object_or_404(CourtDate, pk=pk, file__in=files_held_by(user_of(request)))
    form = DateAnswerForm(request.POST, cancels=False)
    if form.is_valid():
        try:
            date_answered(request=request, court_date=court_date, data=form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("lawyer_file", court_date.file_id)
    return _page(request, _file(request, court_date.file_id), status=422, answer_form=form, answered=pk)


@require_POST
@allow(is_outside_lawyer)
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in a paper: what was filed, a judgment, an invoice."""
    file, form = _file(request, pk), PaperForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            paper_add(user=user_of(request), case=file.case, file=file, **paper_of_form(form.cleaned_data))
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The paper is kept"))
            return redirect("lawyer_file", pk)
    return _page(request, file, status=422, paper_form=form)


@require_GET
@allow(is_outside_lawyer)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    papers: Any = Paper.objects.select_related("case__debtor__party").filter(pk__in=papers_held_by(user).values("pk"))
    found: Paper = get_object_or_404(papers, pk=pk)
    access_record(user=user, what="paper.read", subject=found)
    return paper_response(paper=found)
