"""The collector's day and the lists of cases."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.choices import OPEN_CASE, CaseStatus, PromiseStatus
from collections_app.forms import AssignForm
from collections_app.models import Promise
from collections_app.policies import (
    SEES_ALL_CASES,
    WORKS_CASES,
    can_assign_cases,
    can_use_worklist,
    cases_visible_to,
)
from collections_app.rules.priority import REASONS
from collections_app.selectors import worklist
from collections_app.selectors.cases import cases_found, policies_ready
from collections_app.selectors.team import breaches_recent, team_standing
from collections_app.services.cases import cases_assign
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import key_of

SEES_CASES = SEES_ALL_CASES | WORKS_CASES | {Role.LEGAL_OFFICER}


@require_GET
@allow(can_use_worklist)
def my_day(request: HttpRequest) -> HttpResponse:
    """What should I do now: own cases with a reason, the heaviest first."""
    user, at = user_of(request), clock.now()
    items = worklist.work_items(user=user, at=at)
    tab = request.GET.get("why", "")
    tabs = [("", _("All"), len(items))]
    tabs += [
        (code, str(label), count)
        for code, _icon, _look, label in REASONS
        if (count := sum(1 for item in items if item.reason and item.reason[0] == code))
    ]
    shown = [item for item in items if not tab or (item.reason and item.reason[0] == tab)]
    page = Paginator(shown, 25).get_page(request.GET.get("page"))
    return render(
        request,
        "collections_app/day.html",
        {
            "page": page,
            "tabs": tabs,
            "tab": tab,
            "counters": worklist.day_counters(user=user, items=items, at=at),
            "first": shown[0] if shown else None,
            "appointments": worklist.appointments(user=user, today=clock.today()),
            "now": clock.now().astimezone(clock.RIYADH),
        },
    )


@require_GET
@allow(can_use_worklist)
def next_case(request: HttpRequest) -> HttpResponse:
    """The case on top of the list, past the one just worked."""
    items = worklist.work_items(user=user_of(request), at=clock.now())
    after = request.GET.get("after", "")
    ids = [item.case.pk for item in items if str(item.case.pk) != after]
    return redirect("case", ids[0]) if ids else redirect("day")


@require_GET
@allow(lambda user: user.role in SEES_CASES)
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases to look through, by name, reference, client and status."""
    user = user_of(request)
    status = request.GET.get("status", "open")
    client, owner = request.GET.get("client", ""), request.GET.get("owner", "")
    cases = cases_found(
        user=user,
        search=request.GET.get("q", "").strip(),
        status=status if status in {"open", *CaseStatus.values} else "",
        client_id=key_of(client),
        owner_id=key_of(owner),
    )
    page = Paginator(cases, 50).get_page(request.GET.get("page"))
    policies_ready(cases=list(page))
    return render(
        request,
        "collections_app/cases.html",
        {
            "page": page,
            "status": status,
            "statuses": CaseStatus.choices,
            "client_id": client,
            "owner_id": owner,
            "clients": Client.objects.order_by("code"),
            "can_assign": can_assign_cases(user),
            "owners": _owners(user),
        },
    )


def _owners(user: User) -> list[User]:
    people = User.objects.filter(is_active=True, role=Role.COLLECTOR)
    if user.role == Role.TEAM_LEADER:
        people = people.filter(team=user.team) if user.team_id is not None else people.none()
    return list(people.order_by("name_ar"))


@require_POST
@allow(can_assign_cases)
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked cases to one collector."""
    user = user_of(request)
    wanted = [number for pk in request.POST.getlist("case") if (number := key_of(pk)) is not None]
    owners = User.objects.filter(pk__in=[owner.pk for owner in _owners(user)])
    form = AssignForm(request.POST, owners=owners)
    visible = list(cases_visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    following = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}):
        following = reverse("cases")
    if not visible or not form.is_valid():
        messages.error(request, _("Choose cases and a collector."))
        return redirect(following)
    try:
        moved = cases_assign(
            actor=Actor.person(user), case_ids=visible, owner=form.cleaned_data["owner"], on=clock.today()
        )
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("%(count)d cases assigned.") % {"count": moved})
    return redirect(following)


@require_GET
@allow(can_use_worklist)
def promise_list(request: HttpRequest) -> HttpResponse:
    """Promises of the cases a person may see, the nearest first."""
    user = user_of(request)
    status = request.GET.get("status", PromiseStatus.OPEN)
    promises = Promise.objects.filter(case__in=cases_visible_to(user)).select_related(
        "case__debtor", "case__client", "made_by"
    )
    if status in PromiseStatus.values:
        promises = promises.filter(status=status)
    page = Paginator(promises.order_by("due_on", "pk"), 50).get_page(request.GET.get("page"))
    return render(
        request, "collections_app/promises.html", {"page": page, "status": status, "statuses": PromiseStatus.choices}
    )


@require_GET
@allow(can_assign_cases)
def team(request: HttpRequest) -> HttpResponse:
    """How the team stands: each collector's day, contacts outside the policy, and what nobody owns yet."""
    user, today = user_of(request), clock.today()
    unowned = cases_visible_to(user).filter(owner=None, status__in=OPEN_CASE).count()
    return render(
        request,
        "collections_app/team.html",
        {
            "team": team_standing(people=_owners(user), today=today),
            "breaches": breaches_recent(user=user, today=today),
            "unowned": unowned,
        },
    )
