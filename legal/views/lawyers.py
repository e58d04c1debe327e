"""The register: firms, their lawyers, for or against whom they may not act, and their sign-in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.invitations import invitation_send
from accounts.models import User
from collections_app.models import Debtor
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from legal.choices import FileState
from legal.forms.files import ConflictForm, FirmForm, InviteForm, LawyerForm, ReasonForm
from legal.models import LawFirm, Lawyer, LawyerConflict
from legal.policies import can_keep_legal, can_see_legal
from legal.services.lawyers import conflict_end, conflict_record, firm_save, lawyer_invite, lawyer_save

FIELDS = ("name_ar", "name_en", "licence", "email", "phone", "is_active")


def can_see_register(user: User) -> bool:
    """The legal desk and above; administrators, who invite."""
    return can_see_legal(user) or user.role == Role.ADMINISTRATOR


def can_invite(user: User) -> bool:
    return can_keep_legal(user) or user.role == Role.ADMINISTRATOR


@require_GET
@allow(can_see_register)
def firm_list(request: HttpRequest) -> HttpResponse:
    is_open = Q(lawyers__files__state=FileState.OPEN)
    firms = LawFirm.objects.annotate(
        people=Count("lawyers", distinct=True), files=Count("lawyers__files", filter=is_open, distinct=True)
    )
    return render(request, "legal/firms.html", {"firms": firms, "keeps": can_keep_legal(user_of(request))})


def _firm_page(request: HttpRequest, firm: LawFirm, *, status: int = 200, **given: Any) -> HttpResponse:
    user = user_of(request)
    lawyers = firm.lawyers.select_related("user").annotate(
        open_files=Count("files", filter=Q(files__state=FileState.OPEN))
    )
    conflicts = firm.conflicts.select_related("lawyer", "client", "recorded_by").order_by("ended_at", "-recorded_at")
    parties = {c.party_id for c in conflicts if c.party_id}
    names: dict[int | None, Debtor] = {
        d.party_id: d for d in Debtor.objects.filter(party__in=parties).select_related("client")
    }
    context: dict[str, Any] = {
        "firm": firm,
        "lawyers": lawyers.order_by("name_ar"),
        "conflicts": [(c, names.get(c.party_id)) for c in conflicts],
        "keeps": can_keep_legal(user),
        "invites": can_invite(user),
    }
    if can_keep_legal(user):
        context["conflict_form"] = ConflictForm(firm=firm)
    return render(request, "legal/firm.html", {**context, **given}, status=status)


@require_GET
@allow(can_see_register)
def firm(request: HttpRequest, pk: int) -> HttpResponse:
    return _firm_page(request, get_object_or_404(LawFirm, pk=pk))


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def firm_new(request: HttpRequest) -> HttpResponse:
    return _firm_form(request, None)


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def firm_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _firm_form(request, get_object_or_404(LawFirm, pk=pk))


def _firm_form(request: HttpRequest, found: LawFirm | None) -> HttpResponse:
    form = FirmForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            saved = firm_save(user=user_of(request), firm=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("firm", saved.pk)
    heading = found.name if found else _("New firm")
    return _form(request, form, heading=heading, firm=found)


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def lawyer_new(request: HttpRequest, pk: int) -> HttpResponse:
    return _lawyer_form(request, get_object_or_404(LawFirm, pk=pk), None)


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def lawyer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Lawyer.objects.select_related("firm"), pk=pk)
    return _lawyer_form(request, found.firm, found)


def _lawyer_form(request: HttpRequest, of: LawFirm, found: Lawyer | None) -> HttpResponse:
    form = LawyerForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            lawyer_save(user=user_of(request), firm=of, lawyer=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("firm", of.pk)
    return _form(request, form, heading=found.name if found else _("New lawyer"), firm=of)


def _initial(found: LawFirm | Lawyer | None) -> dict[str, Any] | None:
    return {name: getattr(found, name) for name in FIELDS} if found is not None else None


def _form(request: HttpRequest, form: Any, *, heading: str, firm: LawFirm | None) -> HttpResponse:
    context = {"form": form, "heading": heading, "firm": firm}
    return render(request, "legal/firm_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(can_invite)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lawyer a sign-in of their own."""
    user = user_of(request)
    found = get_object_or_404(Lawyer.objects.select_related("firm"), pk=pk)
    form = InviteForm(request.POST or None, initial={"email": found.email})
    if request.method == "POST" and form.is_valid():
        try:
            account = lawyer_invite(actor=Actor.person(user), user=user, lawyer=found, email=form.cleaned_data["email"])
        except Refused as refusal:
            blame(form, refusal)
        else:
            if invitation_send(request=request, user=account):
                messages.success(request, _("The invitation is on its way."))
            else:
                messages.error(request, _("Saved, but the invitation could not be sent: check the mail server."))
            return redirect("firm", found.firm_id)
    heading = _("Invite %(lawyer)s") % {"lawyer": found.name}
    return _form(request, form, heading=heading, firm=found.firm)


@require_POST
@allow(can_keep_legal)
def conflict_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Against whom, or for whom, the firm or one lawyer may not act."""
    found = get_object_or_404(LawFirm, pk=pk)
    form = ConflictForm(request.POST, firm=found)
    if form.is_valid():
        data = form.cleaned_data
        reference = data["debtor_ref"].strip()
        holder = Debtor.objects.filter(client=data["client"], debtor_ref=reference).select_related("party").first()
        if reference and holder is None:
            form.add_error("debtor_ref", _("This client has no account holder of this reference."))
        else:
            try:
                conflict_record(
                    user=user_of(request),
                    firm=found,
                    lawyer=data["lawyer"],
                    party=holder.party if holder is not None else None,
                    client=None if holder is not None else data["client"],
                    reason=data["reason"],
                )
            except Refused as refusal:
                blame(form, refusal)
            else:
                messages.success(request, _("The conflict is recorded"))
                return redirect("firm", pk)
    return _firm_page(request, found, status=422, conflict_form=form)


@require_POST
@allow(can_keep_legal)
def conflict_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(LawyerConflict.objects.select_related("firm"), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            conflict_end(user=user_of(request), conflict=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("firm", found.firm_id)
    return _firm_page(request, found.firm, status=422, over_form=form, over_pk=pk)
