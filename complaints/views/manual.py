"""What everybody of the house reads: the procedures (CX-09, CR-18), the policy of complaints (CX-18), the guide
to objections (CB-46).
"""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, landing_url, user_of
from accounts.models import User
from common import clock
from common.components.navigation import Reminder
from common.exceptions import Refused
from common.forms import key_of
from complaints.models import PolicyReading, PolicyText
from complaints.policies import (
    can_prepare_editions,
    is_of_the_house,
    must_read,
    sees_disputes,
    sees_editions,
    sees_matters,
)
from complaints.selectors.policy_texts import policies_unread_by, policy_published, policy_readers
from complaints.selectors.procedures import procedures_in_force
from complaints.services.policy_readings import policy_read

A_PAGE = 60
PAGES = {"COMPLAINTS": "policy", "DISPUTES": "dispute_guide"}
TITLES = {"COMPLAINTS": gettext_lazy("Policy of complaints"), "DISPUTES": gettext_lazy("Guide to objections")}
UNREAD = {
    "COMPLAINTS": gettext_lazy("You have not yet read the policy of complaints in its present version."),
    "DISPUTES": gettext_lazy("You have not yet read the guide to objections in its present version."),
}


@require_GET
@allow(is_of_the_house)
def procedures(request: HttpRequest) -> HttpResponse:
    """Every procedure in the manual's columns; what is overdue, for who sees matters or disputes."""
    user = user_of(request)
    shows = sees_matters(user) or sees_disputes(user)
    sheets = procedures_in_force(user=user, on=clock.today(), shows_late=shows)
    return render(
        request, "complaints/manual/procedures.html",
        {"sheets": sheets, "shows_late": shows, "keeps": can_prepare_editions(user)},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(is_of_the_house)
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """What is in force, and whether this person has read that version."""
    user, found = user_of(request), policy_published(code=code)
    if request.method == "POST":
        asked = get_object_or_404(PolicyText, pk=key_of(request.POST.get("policy", "")) or 0, code=code)
        try:
            policy_read(user=user, policy=asked, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Written down. Thank you."))
            return redirect(PAGES[code])
    context = {
        "policy": found, "page_of": code, "title": TITLES[code], "sees_readers": sees_editions(user),
        "read": PolicyReading.objects.filter(policy=found, user=user).first() if found else None,
        "asked": found is not None and must_read(user, found),
    }  # fmt: skip
    return render(request, "complaints/manual/policy.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@allow(sees_editions)
def policy_readers_list(request: HttpRequest, code: str) -> HttpResponse:
    """Who has read the version in force, and who not yet: those first."""
    found = policy_published(code=code)
    people = policy_readers(policy=found) if found else User.objects.none()
    page = Paginator(people, A_PAGE).get_page(request.GET.get("page"))
    unread = people.exclude(pk__in=PolicyReading.objects.filter(policy=found).values("user")).count()
    context = {"policy": found, "page_of": code, "title": TITLES[code], "page": page, "unread": unread}
    return render(request, "complaints/manual/readers.html", context)


def policy_reminder(request: HttpRequest) -> Reminder | None:
    """A quiet line on the first page of who has not read what is in force, one at a time (slot ``reminders``).

    On the board of objections it is their guide alone, or first.
    """
    user, board = user_of(request), reverse("disputes")
    landing = landing_url(user)
    if not is_of_the_house(user) or request.path not in {landing, board}:
        return None
    order = [*(["DISPUTES"] if request.path == board else []), *(PAGES if request.path == landing else [])]
    unread = {one.code for one in policies_unread_by(user)}
    return next((Reminder(words=UNREAD[code], act=_("Read it"), url=reverse(PAGES[code])) for code in order
                 if code in unread), None)  # fmt: skip
