"""Authorisations: the list of the legal desk, the card of one, and what is recorded under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from clients.models import Client
from collections_app.models import Authorisation, Case, EscalationRequest
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from common.once import new_key, once
from legal import forms
from legal.choices import FileState
from legal.models import LegalCost, LegalFile
from legal.policies import (
    authorisations_visible_to,
    can_act_legally,
    can_propose_escalation,
    can_revoke_authorisation,
    can_see_authorisations,
    can_see_legal,
)
from legal.selectors.authorisations import (
    LISTS,
    authorisation_renewable,
    authorisation_standing_of,
    authorisations_listed,
    card_pieces,
    cards_of,
    costs_standing,
)
from legal.selectors.debts import debts_open
from legal.selectors.limitation import debts_out_of_time
from legal.selectors.packs import pack_needs, packs_of, papers_to_bind
from legal.selectors.requests import escalation_checks
from legal.services.acts import act_record
from legal.services.authorisations import authorisation_revoke
from legal.services.costs import cost_record, cost_reverse
from legal.services.proposals import proposal_renew

sees = allow(can_see_authorisations)
A_PAGE = 40


@require_GET
@sees
def authorisations(request: HttpRequest) -> HttpResponse:
    """What may be done, what ends soon and is to be asked for again, and what is over."""
    visible, today = authorisations_visible_to(user_of(request)), clock.today()
    view = request.GET.get("view", "")
    view = view if view in LISTS else "live"
    filters = {"client_id": key_of(request.GET.get("client", "")), "search": request.GET.get("q", "").strip()[:80]}
    found = authorisations_listed(of=visible, view=view, on=today, **filters)  # type: ignore[arg-type]
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    counts = {
        name: authorisations_listed(of=visible, view=name, on=today, **filters).count()  # type: ignore[arg-type]
        for name in LISTS
    }
    context = {
        "page": page,
        "cards": cards_of(authorisations=list(page), on=today),
        "view": view,
        "counts": counts,
        "clients": Client.objects.filter(pk__in=visible.values("client")).order_by("code"),
        **filters,
    }
    return render(request, "legal/authorisations.html", context)


def _found(request: HttpRequest, pk: int) -> Authorisation:
    visible = authorisations_visible_to(user_of(request)).select_related(
        "case__debtor__party", "case__client__stage_policy", "case__stage__policy", "client", "signatory", "request",
        "revoked_by", "replaced_by",
    )  # fmt: skip
    return get_object_or_404(visible, pk=pk)


def _to_act_on(request: HttpRequest, pk: int) -> Authorisation:
    """One that this person records on. Raises Http404 for any other."""
    found = _found(request, pk)
    if not can_act_legally(user_of(request), found.case):
        raise Http404
    return found


@require_GET
@sees
def authorisation(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk), status=200)


def _page(request: HttpRequest, found: Authorisation, *, status: int = 422, **given: Any) -> HttpResponse:
    """The card, and its forms. ``given`` is a form that comes back, by its name, and of which claim or cost it is."""
    user, today = user_of(request), clock.today()
    pieces = card_pieces(authorisation=found, on=today)
    first = {"on": today}
    context = {
        "act_form": forms.ActForm(authorisation=found, initial=first, auto_id="act_%s"),
        "cost_form": forms.CostForm(initial=first, auto_id="cost_%s"),
        "revoke_form": forms.ReasonForm(auto_id="revoke_%s"),
        **pieces,
        "authorisation": found,
        "acts": can_act_legally(user, found.case),
        "revokes": can_revoke_authorisation(user, found) and not pieces["card"].over,
        "renews": _renews(request, found),
        "form_key": new_key(),
        "files": LegalFile.objects.filter(case=found.case_id).select_related("lawyer__firm").order_by("-pk"),
        "sees_files": can_see_legal(user),
        # Before a lawyer has the case; then they are the file's.
        "keeps_costs": not _open_file(found),
        "cost_rows": [
            (cost, _given(given, "reverse_form", "open_cost", cost.pk, forms.ReasonForm))
            for cost in costs_standing(authorisation=found).filter(file=None)
        ],
        **given,
    }
    return render(request, "legal/authorisation.html", context, status=status)


def _given(given: dict[str, Any], name: str, about: str, pk: int, empty: type[Form], **options: Any) -> Form:
    """The form that came back, at the claim or cost it was about; a new one everywhere else."""
    found = given.get(name) if given.get(about) == pk else None
    return found if found is not None else empty(auto_id=f"{name}_{pk}_%s", **options)


def _renews(request: HttpRequest, found: Authorisation) -> bool:
    """The one that stands for its case and ends soon, by who may ask for it again, while nobody has asked yet."""
    case = found.case
    return (
        can_propose_escalation(user_of(request), case)
        and authorisation_standing_of(case=case) == found
        and authorisation_renewable(case=case, today=clock.today())
    )


def _take(
    request: HttpRequest, found: Authorisation, form: Form, name: str, act: Callable[[dict[str, Any]], object],
    said: str, **where: Any,
) -> HttpResponse:  # fmt: skip
    """Do what a form of the page asks, once, and come back; a refusal stands beside its field."""
    if form.is_valid():

        def taken() -> HttpResponseRedirectBase:
            act(form.cleaned_data)
            messages.success(request, said)
            return redirect("authorisation", found.pk)

        try:
            return once(request, taken)
        except Refused as refusal:
            blame(form, refusal)
    return _page(request, found, **{name: form, "open_panel": name, **where})


@require_POST
@sees
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was done."""
    found, user = _to_act_on(request, pk), user_of(request)
    form = forms.ActForm(request.POST, authorisation=found, auto_id="act_%s")
    return _take(
        request, found, form, "act_form", lambda told: act_record(user=user, authorisation=found, **told),
        _("Recorded"),
    )  # fmt: skip


def _open_file(found: Authorisation) -> LegalFile | None:
    return LegalFile.objects.filter(case=found.case_id, state=FileState.OPEN).last()


@require_POST
@sees
def cost(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a notice or a mediation cost before a lawyer has the case; then costs are recorded in the file."""
    found, user = _to_act_on(request, pk), user_of(request)
    if file := _open_file(found):
        return redirect("legal_file", file.pk)
    form = forms.CostForm(request.POST, auto_id="cost_%s")
    return _take(
        request, found, form, "cost_form", lambda told: cost_record(user=user, authorisation=found, **told),
        _("Recorded"),
    )  # fmt: skip


@require_POST
@sees
def reverse_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a cost back that no file holds."""
    visible, user = authorisations_visible_to(user_of(request)), user_of(request)
    costs = LegalCost.objects.select_related("authorisation__case").filter(file=None)
    found = get_object_or_404(costs, pk=pk, authorisation__in=visible)
    form, of = forms.ReasonForm(request.POST), _to_act_on(request, found.authorisation_id)
    return _take(
        request, of, form, "reverse_form", lambda told: cost_reverse(user=user, cost=found, **told),
        _("The cost is taken back"), open_cost=found.pk,
    )  # fmt: skip


@require_POST
@sees
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the client's leave back in the client's name; asks for a fresh proof."""
    found, user = _found(request, pk), user_of(request)
    if not can_revoke_authorisation(user, found):
        raise Http404
    require_proof(request)
    form = forms.ReasonForm(request.POST)
    return _take(
        request, found, form, "revoke_form",
        lambda told: authorisation_revoke(user=user, authorisation=found, **told), _("The authorisation is revoked"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@sees
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask again for what ends: a new request, filled in from the old authorisation."""
    found = _found(request, pk)
    if not _renews(request, found):
        raise Http404
    before = {
        "steps": found.steps,
        "cost_ceiling": found.cost_ceiling,
        "valid_days": found.request.valid_days,
        "court": found.court,
        "region": found.region,
        "grounds": _("Renewal of %(number)s. ") % {"number": found.number} + found.request.grounds,
    }
    shares = dict(found.debts.values_list("debt_id", "share_percent"))
    form = forms.RenewalForm(
        request.POST or None,
        initial=before,
        debts=debts_open(case=found.case),
        shares=shares,
        passed=debts_out_of_time(case=found.case, today=clock.today()),
    )
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in forms.ASKED}
        language = form.cleaned_data["language"] or "ar"
        try:
            made = proposal_renew(user=user_of(request), case=found.case, language=language, **asked)
        except Refused as refusal:
            blame(form, refusal)
        else:
            pack = packs_of(request=made).get()
            messages.success(
                request, _("The request is with the manager, with the pack %(number)s") % {"number": pack.number}
            )
            return redirect("authorisation", found.pk)
    checks = escalation_checks(request=EscalationRequest(case=found.case), today=clock.today())
    return render(
        request,
        "legal/propose.html",
        {
            "case": found.case,
            "form": form,
            "checks": checks,
            "renews": found,
            "pack": pack_needs(case=found.case, steps=found.steps),
            "bound": papers_to_bind(case=found.case),
        },
        status=422 if form.errors else 200,
    )


def case_panel(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """On the page of a case: how its authorisation stands. Nothing for a case without one."""
    if case.authorisation is None:
        return None
    card = cards_of(authorisations=[case.authorisation], on=clock.today())[0]
    opens = can_see_authorisations(user_of(request))
    return {
        "template": "legal/parts/case_panel.html",
        "card": card,
        "authorisation": case.authorisation,
        "opens": opens,
    }
