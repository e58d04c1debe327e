"""Mails that were taken for nothing a person tells us: an officer makes a matter of one, or dismisses it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.services.users import access_record
from common import clock, crypto
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import AsideReason, AsideState
from complaints.forms.mails import DismissForm, TakeForm
from complaints.models import AsideMail
from complaints.policies import can_decide_mails, sees_aside_mails
from complaints.services.aside_decisions import aside_dismiss, aside_take
from complaints.services.aside_mails import aside_shown

A_PAGE = 50


def _list(request: HttpRequest, *, form: DismissForm | None = None) -> HttpResponse:
    view = request.GET.get("view", "")
    found = AsideMail.objects.select_related("mail", "decided_by", "matter").order_by("-mail__read_at", "-pk")
    states = [AsideState.TAKEN, AsideState.DISMISSED] if view == "decided" else [AsideState.WAITING]
    if (why := request.GET.get("why", "")) in AsideReason.values:
        found = found.filter(mail__reason=why)
    context = {
        "page": Paginator(found.filter(state__in=states), A_PAGE).get_page(request.GET.get("page")),
        "view": view, "why": why, "reasons": AsideReason.choices, "words_of": dict(AsideReason.choices),
        "form": form or DismissForm(), "decides": can_decide_mails(user_of(request)),
    }  # fmt: skip
    return render(request, "complaints/mails/list.html", context, status=422 if form else 200)


@require_GET
@allow(sees_aside_mails)
def mail_list(request: HttpRequest) -> HttpResponse:
    """Those that wait for a person, or those that were decided; what they say stands on the page of each."""
    return _list(request)


@require_POST
@allow(can_decide_mails)
def dismiss(request: HttpRequest) -> HttpResponse:
    """Those chosen are nothing that anybody tells us: all of them, or none."""
    form = DismissForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                for one in form.cleaned_data["mails"]:
                    aside_dismiss(
                        user=user_of(request), aside=one, reason=form.cleaned_data["reason"], at=clock.now()
                    )  # fmt: skip
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Dismissed"))
            return redirect("aside_mails")
    return _list(request, form=form)


def _page(request: HttpRequest, aside: AsideMail, *, form: TakeForm | None = None) -> HttpResponse:
    """The mail as it reads; each look is written down before it is shown."""
    shown = None
    if aside.state == AsideState.WAITING:
        access_record(user=user_of(request), what="aside_mail.open", subject=aside)
        try:
            shown = aside_shown(aside)
        except crypto.Unreadable:
            shown = None
    context = {
        "aside": aside, "shown": shown, "form": form or TakeForm(), "dismiss_form": DismissForm(),
        "words_of": dict(AsideReason.choices),
    }  # fmt: skip
    return render(request, "complaints/mails/one.html", context, status=422 if form else 200)


def _aside(pk: int) -> AsideMail:
    return get_object_or_404(AsideMail.objects.select_related("mail", "matter", "decided_by"), pk=pk)


@require_GET
@allow(can_decide_mails)
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, and what may be done with it."""
    return _page(request, _aside(pk))


@require_POST
@allow(can_decide_mails)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody tells us something after all."""
    aside, form = _aside(pk), TakeForm(request.POST)
    if form.is_valid():
        try:
            matter = aside_take(user=user_of(request), aside=aside, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Registered"))
            return redirect("matter", matter.pk)
    return _page(request, _aside(pk), form=form)
