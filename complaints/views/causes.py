"""The tree of root causes, kept by the quality officer; and which of them a matter is traced back to (CR-05)."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from common.exceptions import Refused
from common.forms import blame
from complaints.forms.learning import CauseForm, FindCauseForm
from complaints.models import Matter, RootCause
from complaints.policies import can_find_causes, can_keep_causes, reads_learning
from complaints.services.causes import FIELDS, cause_save, matter_cause
from complaints.views.matter_page import matter_of, matter_page
from credit.views.parts import act


@require_GET
@allow(reads_learning)
def cause_list(request: HttpRequest) -> HttpResponse:
    """The whole tree, with how many matters were traced back to each."""
    used = Matter.objects.filter(root_cause=OuterRef("code")).order_by().values("root_cause").annotate(n=Count("pk"))
    found = list(
        RootCause.objects.annotate(
            used=Coalesce(Subquery(used.values("n"), output_field=IntegerField()), 0)
        ).select_related("parent")
    )
    tree = [(branch, [one for one in found if one.parent_id == branch.pk]) for branch in found if not branch.parent_id]
    context = {"tree": tree, "keeps": can_keep_causes(user_of(request))}
    return render(request, "complaints/learning/causes.html", context)


def _form(request: HttpRequest, cause: RootCause | None) -> HttpResponse:
    initial = {name: getattr(cause, name) for name in FIELDS} if cause else {"is_active": True, "position": 0}
    form = CauseForm(request.POST or None, cause=cause, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cause_save(user=user_of(request), cause=cause, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("matter_causes")
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/learning/cause_form.html", {"form": form, "cause": cause}, status=status)


@require_http_methods(["GET", "POST"])
@allow(can_keep_causes)
def cause_new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@allow(can_keep_causes)
def cause_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(RootCause, pk=pk))


@require_POST
@allow(can_find_causes)
def cause_find(request: HttpRequest, pk: int) -> HttpResponse:
    """Trace a matter back to its root cause."""
    matter, user, form = matter_of(request, pk), user_of(request), FindCauseForm(request.POST)
    return act(
        request, form=form, said=_("Recorded"), to="matter", pk=matter.pk, at="#learn",
        do=lambda data: matter_cause(user=user, matter=matter, cause=data["cause"]),
        again=lambda: matter_page(request, matter, status=422, cause_form=form),
    )  # fmt: skip
