"""A request to go legal with one case: proposed, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import user_of
from collections_app.choices import OPEN_ESCALATION, EscalationStatus
from collections_app.models import Case, EscalationRequest
from collections_app.policies import cases_visible_to
from collections_app.views.case_page import case_page, sees_cases, workable_case
from common import clock
from common.exceptions import Refused
from common.forms import blame
from common.papers import LARGEST_PAPER
from legal.forms import ASKED, BRINGS, DebtsForm, EscalationAmendForm, PapersForm, ProposalForm
from legal.models import Paper
from legal.policies import can_amend_escalation
from legal.rules.criteria import Criterion
from legal.selectors.criteria import Told, criteria_of
from legal.selectors.debts import debts_asked, debts_open, shares_asked
from legal.selectors.limitation import debts_out_of_time
from legal.selectors.packs import pack_needs, papers_to_bind
from legal.selectors.papers import papers_of_request
from legal.selectors.requests import check_lines
from legal.services.escalations import escalation_withdraw
from legal.services.packs import pack_make
from legal.services.papers import paper_add
from legal.services.proposals import papers_chosen, proposal_amend, proposal_make


@require_http_methods(["GET", "POST"])
@sees_cases
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose legal escalation for one case: its computed conditions, its papers, and the request.

    Uploaded papers are kept first, each on its own, so that a mistake elsewhere in the form loses none of them.
    """
    found = workable_case(request, pk)
    brought = PapersForm(request.POST or None, request.FILES or None)
    kept = _papers_kept(request, found, brought) if request.method == "POST" else []
    papers = list(papers_to_bind(case=found))
    data = None
    if request.method == "POST":
        data = request.POST.copy()
        data.setlist("papers", [*data.getlist("papers"), *(str(paper.pk) for paper in kept)])
    form, told = _proposal(found, data=data, papers=papers)
    only_papers = "keep" in request.POST
    if request.method == "POST" and not only_papers and form.is_valid() and not brought.errors:
        given = form.cleaned_data
        try:
            proposal_make(
                user=user_of(request),
                case=found,
                because=form.because(),
                papers=papers_chosen(case=found, ids=[int(pk) for pk in given["papers"]]),
                language=given["language"] or "ar",
                **{name: given[name] for name in ASKED},
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The request is with the manager"))
            return redirect("case", found.pk)
    if only_papers:
        # What was typed stays; what is still missing is not held against it yet.
        form.errors.clear()
    steps = data.getlist("steps") if data is not None else []
    return render(
        request,
        "legal/propose.html",
        {
            "case": found,
            "form": form,
            "brought": brought,
            "papers": papers,
            "checks": check_lines(told=told, because={}),
            "blocked": _blocked(form, told),
            "pack": pack_needs(case=found, steps=steps, papers=papers),
        },
        status=422 if form.errors or brought.errors else 200,
    )


def _proposal(case: Case, *, data: Any, papers: Sequence[Paper]) -> tuple[ProposalForm, list[Told]]:
    """The form, and the conditions it answers: whether time is left is asked of the debts that are ticked; where none
    is, of all."""
    debts, passed = debts_open(case=case), debts_out_of_time(case=case, today=clock.today())
    named = DebtsForm(data, debts=debts, passed=passed).ticked()
    told = criteria_of(case=case, today=clock.today(), debts=named or None)
    chosen = {"papers": [str(paper.pk) for paper in papers]}
    return ProposalForm(data, told=told, papers=papers, debts=debts, passed=passed, initial=chosen), told


def _blocked(form: ProposalForm, told: Sequence[Told]) -> list[Told]:
    """What no grounds replace. Where another debt is in time, naming that one is the way on."""
    another = any(one.debt.pk not in form.passed for one in form.named)
    return [
        line for line in told if line.hard and not line.ok and not (another and line.criterion == Criterion.LIMITATION)
    ]


def _papers_kept(request: HttpRequest, found: Case, brought: PapersForm) -> list[Paper]:
    """Keep every uploaded file that can be read; of the others it is said which and why."""
    kept: list[Paper] = []
    if not brought.is_valid():
        return kept
    for name, kind in BRINGS.items():
        for upload in brought.cleaned_data[name]:
            try:
                kept.append(
                    paper_add(
                        user=user_of(request),
                        case=found,
                        kind=kind,
                        title=upload.name.rpartition(".")[0] or upload.name,
                        name=upload.name,
                        content=upload.read(LARGEST_PAPER + 1),
                    )
                )
            except Refused as refusal:
                brought.add_error(name, f"\u2068{upload.name}\u2069: {refusal.message}")
    return kept


@require_http_methods(["GET", "POST"])
@sees_cases
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a request asks for; what was approved of it is void, and the manager is asked anew."""
    user = user_of(request)
    found = get_object_or_404(
        EscalationRequest.objects.select_related("case__debtor", "case__client"),
        pk=pk,
        case__in=cases_visible_to(user),
    )
    if not can_amend_escalation(user, found):
        raise Http404
    initial = {
        name: getattr(found, name)
        for name in ("steps", "cost_ceiling", "valid_days", "court", "region", "grounds", "digest")
    }
    form = EscalationAmendForm(
        request.POST or None,
        initial=initial,
        debts=debts_open(case=found.case),
        passed=debts_out_of_time(case=found.case, today=clock.today()),
        shares=shares_asked(request=found) or None,
    )
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in (*ASKED, "digest")}
        try:
            proposal_amend(user=user, request=found, **asked)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The request is with the manager"))
            return redirect("case", found.case_id)
    return render(
        request,
        "legal/amend.html",
        {
            "request_": found,
            "case": found.case,
            "form": form,
            "debts": debts_asked(request=found),
            "papers": papers_of_request(request=found),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@sees_cases
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the case's unanswered request back, with a reason."""
    found = workable_case(request, pk)
    waiting = found.escalations.filter(status__in=OPEN_ESCALATION).first()
    if waiting is None:
        messages.error(request, _("No request of this case waits for an answer."))
        return redirect("case", found.pk)
    try:
        escalation_withdraw(user=user_of(request), request=waiting, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return case_page(request, found, withdraw_error=str(refusal.message))
    messages.success(request, _("The request is withdrawn"))
    return redirect("case", found.pk)


@require_POST
@sees_cases
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Bind the evidence pack of the case's request anew, as its next issue, while nobody has decided it."""
    found = workable_case(request, pk)
    waiting = found.escalations.filter(status=EscalationStatus.PROPOSED).first()
    if waiting is None:
        messages.error(request, _("No request of this case waits for an answer."))
        return redirect("case", found.pk)
    try:
        made = pack_make(user=user_of(request), request=waiting, language=request.POST.get("language", "ar"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Issued: %(number)s") % {"number": made.number})
    return redirect("case", found.pk)
