"""Others who were treated the same way: found from an upheld complaint, chosen by a person, seen to one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.models import User
from clients.choices import Channel
from common import clock
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import RedressState
from complaints.forms.learning import AlikeForm, OpenRedressForm, RedressForm
from complaints.models import Redress
from complaints.policies import can_ripple, redress_visible_to, sees_redress
from complaints.selectors.ripple import (
    SPANS,
    TRAIT_WORDS,
    Trait,
    cases_alike,
    counts_alike,
    is_upheld,
    traits_of,
)
from complaints.services.redress import redress_answer, redress_open
from complaints.views.matter_page import matter_of
from credit.views.parts import each

A_PAGE = 30
# Proposed to whoever opens them; no source names a time.
LOOKED_INTO = 14
TABS = (("", gettext_lazy("Open")), ("late", gettext_lazy("Late")), ("done", gettext_lazy("Answered")))


def trait_said(trait: str, value: Any) -> str:
    """What is in common, with its value, in the reader's language."""
    shown = str(value)
    if trait == Trait.COLLECTOR:
        found = User.objects.filter(pk=value).first()
        shown = found.name if found else ""
    elif trait == Trait.CHANNEL:
        shown = str(Channel(value).label)
    elif trait == Trait.HOUR:
        shown = f"{int(value):02d}:00–{int(value):02d}:59"
    return f"{TRAIT_WORDS[trait]}: \u2068{shown}\u2069"


@require_http_methods(["GET", "POST"])
@allow(can_ripple)
def ripple(request: HttpRequest, pk: int) -> HttpResponse:
    """Who else was treated so: counts by what they have in common, the cases, and a choice of them."""
    matter, user = matter_of(request, pk), user_of(request)
    known = traits_of(matter=matter)
    asked = request.POST if request.method == "POST" else request.GET
    looked = AlikeForm(asked if "days" in asked else None, known=known, initial={"days": 30, "traits": list(known)})
    fine = looked.is_bound and looked.is_valid()
    traits = looked.cleaned_data["traits"] if fine else list(known)
    days = looked.cleaned_data["days"] if fine else SPANS[1]
    chosen = {trait: value for trait, value in known.items() if trait in traits}
    alike = cases_alike(matter=matter, user=user, traits=chosen, days=days) if is_upheld(matter) else []
    ahead = clock.today() + dt.timedelta(days=LOOKED_INTO)
    form = OpenRedressForm(request.POST or None, known=known, alike=alike, initial={"due_on": ahead})
    if request.method == "POST" and form.is_valid():
        try:
            made = redress_open(user=user, matter=matter, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            said = ngettext("%(count)d case is to be looked into", "%(count)d cases are to be looked into", len(made))
            messages.success(request, said % {"count": len(made)})
            return redirect("redress")
    counts = counts_alike(matter=matter, user=user, days=days) if is_upheld(matter) else {}
    context = {
        "matter": matter,
        "upheld": is_upheld(matter),
        "counts": [(trait_said(trait, known[trait]), trait, count, trait in chosen) for trait, count in counts.items()],
        "looked": looked,
        "days": days,
        "spans": SPANS,
        "alike": alike,
        "form": form,
        "picked": {int(pk) for pk in request.POST.getlist("cases") if pk.isdecimal()} if request.POST else None,
        "before": redress_visible_to(user).filter(matter=matter).count(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/learning/ripple.html", context, status=status)


def _listed(request: HttpRequest, *, status: int = 200, **given: Any) -> HttpResponse:
    user, now = user_of(request), clock.now()
    tab = request.GET.get("tab", "")
    visible = redress_visible_to(user).select_related("matter__category", "case__debtor", "client", "answered_by")
    open_ones = visible.filter(state=RedressState.OPEN).order_by("due_on", "pk")
    tabbed = {
        "": open_ones,
        "late": open_ones.filter(due_on__lt=clock.today()),
        "done": visible.exclude(state=RedressState.OPEN).order_by("-answered_at", "-pk"),
    }
    page = Paginator(tabbed.get(tab, open_ones), A_PAGE).get_page(request.GET.get("page"))
    answers = can_ripple(user)
    keys = [one.pk for one in page if answers and one.state == RedressState.OPEN]
    context = {
        "page": page,
        "tab": tab,
        "tabs": [(name, words, tabbed[name].count()) for name, words in TABS],
        "forms": each(given, "redress_form", keys, lambda pk: RedressForm()),
        "row": given.get("row"),
        "shared": {one.pk: _shared(one) for one in page},
        "today": clock.today(),
        "now": now,
    }
    return render(request, "complaints/learning/redress.html", context, status=status)


def _shared(one: Redress) -> list[str]:
    traits = one.shared.get("traits", {})
    return [trait_said(trait, traits[trait]) for trait in Trait if trait in traits]


@require_GET
@allow(sees_redress)
def redress_list(request: HttpRequest) -> HttpResponse:
    """What is to be looked into, the nearest day first."""
    return _listed(request)


@require_POST
@allow(can_ripple)
def redress_one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found of one case."""
    user, form = user_of(request), RedressForm(request.POST)
    one = get_object_or_404(redress_visible_to(user), pk=pk)
    if form.is_valid():
        try:
            redress_answer(user=user, redress=one, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Recorded"))
            return redirect("redress")
    return _listed(request, status=422, redress_form=form, row=pk)
