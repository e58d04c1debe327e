"""Money that waits on cases, and who finds out what it is for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from collections_app.forms.money import SuspenseOwnerForm
from collections_app.policies import WORKS_CASES, can_assign_suspense
from collections_app.selectors.suspense import suspense_rows, suspense_sums, suspense_visible_to
from collections_app.services.suspense import suspense_assign
from collections_app.views.case_page import sees_cases
from common.audit import Actor
from common.exceptions import Refused
from common.forms import key_of

A_PAGE = 25


def _people(user: User) -> QuerySet[User]:
    """To whom this person may give waiting money: who works cases; a leader to the own team and themselves."""
    people = User.objects.filter(is_active=True, role__in=WORKS_CASES).order_by("name_ar")
    if user.role == Role.TEAM_LEADER:
        return people.filter(team=user.team) if user.team_id is not None else people.filter(pk=user.pk)
    return people


@require_GET
@sees_cases
def suspense(request: HttpRequest) -> HttpResponse:
    """All waiting money of the cases one sees, the longest waiting first."""
    user = user_of(request)
    whose = request.GET.get("whose", "")
    waiting = suspense_visible_to(user=user, whose=whose)
    page = Paginator(waiting, A_PAGE).get_page(request.GET.get("page"))
    assigns = can_assign_suspense(user)
    return render(
        request,
        "collections_app/suspense.html",
        {
            "page": page,
            "rows": suspense_rows(payments=list(page)),
            "sums": suspense_sums(payments=waiting),
            "whose": whose,
            "works": user.role in WORKS_CASES,
            "assigns": assigns,
            "people": _people(user) if assigns else [],
        },
    )


@require_POST
@allow(can_assign_suspense)
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked payments to one person."""
    user = user_of(request)
    wanted = [number for pk in request.POST.getlist("payment") if (number := key_of(pk)) is not None]
    visible = list(suspense_visible_to(user=user).filter(pk__in=wanted).values_list("pk", flat=True))
    form = SuspenseOwnerForm(request.POST, people=_people(user))
    following = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}):
        following = reverse("suspense")
    if not visible or not form.is_valid():
        messages.error(request, _("Choose payments and a person."))
        return redirect(following)
    try:
        given = suspense_assign(actor=Actor.person(user), payment_ids=visible, owner=form.cleaned_data["owner"])
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        words = ngettext("%(count)d payment has its owner.", "%(count)d payments have their owner.", given)
        messages.success(request, words % {"count": given})
    return redirect(following)
