"""Users, teams and roles, for administrators."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, is_administrator, user_of
from accounts.choices import Role
from accounts.forms import NewUserForm, TeamForm, UserForm
from accounts.invitations import invitation_send
from accounts.models import Team, User
from accounts.roles import DESCRIPTIONS
from accounts.services.users import team_save, user_create, user_update
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame


@require_GET
@allow(is_administrator)
def user_list(request: HttpRequest) -> HttpResponse:
    users = User.objects.select_related("team").order_by("name_ar")
    search, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    if search:
        users = users.filter(Q(name_ar__icontains=search) | Q(name_en__icontains=search) | Q(email__icontains=search))
    if role in Role.values:
        users = users.filter(role=role)
    page = Paginator(users, 50).get_page(request.GET.get("page"))
    return render(request, "accounts/users.html", {"page": page, "roles": Role.choices, "role": role})


@require_http_methods(["GET", "POST"])
@allow(is_administrator)
def user_new(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = user_create(
                actor=Actor.person(user_of(request)),
                email=data["email"],
                name_ar=data["name_ar"],
                name_en=data["name_en"],
                role=data["role"],
                team=data["team"],
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            if invitation_send(request=request, user=user):
                messages.success(request, _("Saved; the invitation is on its way."))
            else:
                messages.error(request, _("Saved, but the invitation could not be sent: check the mail server."))
            return redirect("users")
    return _form(request, form, heading=_("New user"), back="users")


@require_http_methods(["GET", "POST"])
@allow(is_administrator)
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = UserForm(
        request.POST or None,
        side=user.side,
        initial={
            "name_ar": user.name_ar,
            "name_en": user.name_en,
            "role": user.role,
            "team": user.team_id,
            "is_active": user.is_active,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            user_update(actor=Actor.person(user_of(request)), user=user, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("users")
    return _form(request, form, heading=user.name, back="users", invite=user.pk if user.is_active else None)


@require_POST
@allow(is_administrator)
def user_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the link by which a person sets their password once more."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    if invitation_send(request=request, user=user):
        messages.success(request, _("The invitation is on its way."))
    else:
        messages.error(request, _("The invitation could not be sent: check the mail server."))
    return redirect("user", user.pk)


@require_GET
@allow(is_administrator)
def team_list(request: HttpRequest) -> HttpResponse:
    teams = Team.objects.annotate(people=Count("members")).order_by("name_ar")
    return render(request, "accounts/teams.html", {"teams": teams})


@require_http_methods(["GET", "POST"])
@allow(is_administrator)
def team_new(request: HttpRequest) -> HttpResponse:
    return _team(request, None)


@require_http_methods(["GET", "POST"])
@allow(is_administrator)
def team_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _team(request, get_object_or_404(Team, pk=pk))


def _team(request: HttpRequest, team: Team | None) -> HttpResponse:
    initial = {"name_ar": team.name_ar, "name_en": team.name_en} if team else None
    form = TeamForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        team_save(actor=Actor.person(user_of(request)), team=team, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("teams")
    heading = team.name if team else _("New team")
    return _form(request, form, heading=heading, back="teams")


def _form(
    request: HttpRequest, form: forms.Form, *, heading: str, back: str, invite: int | None = None
) -> HttpResponse:
    return render(
        request,
        "accounts/form.html",
        {"form": form, "heading": heading, "back": back, "invite": invite},
        status=422 if form.errors else 200,
    )


@require_GET
@allow(is_administrator)
def role_list(request: HttpRequest) -> HttpResponse:
    rows = [(role.label, *DESCRIPTIONS[role]) for role in Role]
    return render(request, "accounts/roles.html", {"rows": rows})
