"""Final notices: what is prepared, on its way, served or came back; and each act on one (PL-22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.models import User
from collections_app.choices import LegalStep
from collections_app.models import Case
from collections_app.views.case_page import case_of
from common import clock
from common.exceptions import Refused
from common.forms import blame
from common.papers import LARGEST_PAPER
from legal.choices import NoticeState
from legal.forms import NoticeForm, NoticeReasonForm, SentForm, ServedForm
from legal.models import Notice
from legal.policies import can_handle_notices, can_see_notices
from legal.selectors.authorisations import authorisation_live_of
from legal.selectors.notices import notices_to_prepare, notices_visible_to
from legal.services.notices import (
    amount_of,
    notice_failed,
    notice_items,
    notice_prepare,
    notice_send,
    notice_served,
    notice_settle,
    notice_void,
)

VIEWS = {
    "prepared": (NoticeState.PREPARED,),
    "sent": (NoticeState.SENT,),
    "served": (NoticeState.SERVED,),
    "failed": (NoticeState.FAILED, NoticeState.VOID),
}
A_PAGE = 50
USUAL_DAYS = 10


@require_GET
@allow(can_see_notices)
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice by where it stands, those that wait longest first."""
    user = user_of(request)
    view = request.GET.get("view", "")
    view = view if view in {*VIEWS, "to_prepare"} else "prepared"
    found = notices_visible_to(user)
    states = dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    to_prepare = notices_to_prepare(user=user, on=clock.today())
    order = "prepared_at" if view == "prepared" else "sent_at" if view == "sent" else "-prepared_at"
    rows: QuerySet[Any] = (
        to_prepare if view == "to_prepare" else _ready(found.filter(state__in=VIEWS[view])).order_by(order, "pk")
    )
    counts = {name: sum(states.get(state, 0) for state in of) for name, of in VIEWS.items()}
    return render(
        request,
        "legal/notices/list.html",
        {
            "view": view,
            "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
            "counts": counts | {"to_prepare": to_prepare.count()},
            "may_act": can_handle_notices(user),
        },
    )


@require_GET
@allow(can_see_notices)
def case_notices(request: HttpRequest, pk: int) -> HttpResponse:
    """The notices of one case."""
    found = case_of(request, pk)
    page = Paginator(_ready(Notice.objects.filter(case=found)).order_by("-prepared_at"), A_PAGE).get_page(1)
    context = {"case": found, "page": page, "may_prepare": _may_prepare(user_of(request), found), "view": "case"}
    return render(request, "legal/notices/list.html", context)


def _ready(found: QuerySet[Notice]) -> QuerySet[Notice]:
    return found.select_related("case__debtor", "client", "authorisation", "prepared_by")


def _may_prepare(user: User, case: Case) -> bool:
    live = authorisation_live_of(case=case, on=clock.today())
    return can_handle_notices(user) and live is not None and LegalStep.FINAL_NOTICE in live.steps


@require_http_methods(["GET", "POST"])
@allow(can_handle_notices)
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare a final notice of a case under its live authorisation, its amounts shown before."""
    found, today = case_of(request, pk), clock.today()
    live = authorisation_live_of(case=found, on=today)
    if live is None:
        raise Http404
    initial = {"channel": "REGISTERED_MAIL", "pay_by": today + dt.timedelta(days=USUAL_DAYS)}
    form = NoticeForm(request.POST or None, case=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = notice_prepare(user=user_of(request), authorisation=live, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Prepared: %(number)s") % {"number": made.number})
            return redirect("notice", made.pk)
    items = notice_items(case=found, authorisation=live, on=today)
    return render(
        request,
        "legal/notices/prepare.html",
        {"case": found, "authorisation": live, "form": form, "items": items, "amount": amount_of(items)},
        status=422 if form.errors else 200,
    )


def _notice(request: HttpRequest, pk: int) -> Notice:
    found = notices_visible_to(user_of(request))
    ready = _ready(found).select_related("paper", "proof", "contact_point", "case__debtor__party", "case__client")
    return get_object_or_404(ready.defer("paper__content_sealed", "proof__content_sealed"), pk=pk)


def _page(request: HttpRequest, found: Notice, **given: Any) -> HttpResponse:
    forms = {"sent": SentForm(), "served": ServedForm(initial={"on": clock.today()}), "reason": NoticeReasonForm()}
    context = {"notice": found, "now": clock.now(), "may_act": can_handle_notices(user_of(request)), **forms, **given}
    return render(request, "legal/notices/notice.html", context, status=422 if given else 200)


@require_GET
@allow(can_see_notices)
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: its paper, where it stands, and what may be done next."""
    return _page(request, _notice(request, pk))


def _acted(request: HttpRequest, found: Notice, name: str, form: Any, act: Callable[[Any], Notice]) -> HttpResponse:
    """One act on a notice, from its form; what is refused is said on the page."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("notice", found.pk)
    return _page(request, _notice(request, found.pk), **{name: form}, error=_first(form))


def _first(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])


@require_POST
@allow(can_handle_notices)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it under the live authorisation; asks for a fresh proof of who sends."""
    found = _notice(request, pk)
    require_proof(request)
    user = user_of(request)
    return _acted(request, found, "sent", SentForm(request.POST),
                  lambda given: notice_send(user=user, notice=found, **given))  # fmt: skip


@require_POST
@allow(can_handle_notices)
def served(request: HttpRequest, pk: int) -> HttpResponse:
    found = _notice(request, pk)
    user = user_of(request)
    return _acted(
        request, found, "served", ServedForm(request.POST, request.FILES),
        lambda given: notice_served(
            user=user, notice=found, on=given["on"], name=given["proof"].name,
            content=given["proof"].read(LARGEST_PAPER + 1),
        ),
    )  # fmt: skip


@require_POST
@allow(can_handle_notices)
def failed(request: HttpRequest, pk: int) -> HttpResponse:
    found = _notice(request, pk)
    return _acted(request, found, "reason", NoticeReasonForm(request.POST),
                  lambda given: notice_failed(user=user_of(request), notice=found, **given))  # fmt: skip


@require_POST
@allow(can_handle_notices)
def void(request: HttpRequest, pk: int) -> HttpResponse:
    found = _notice(request, pk)
    return _acted(request, found, "reason", NoticeReasonForm(request.POST),
                  lambda given: notice_void(user=user_of(request), notice=found, **given))  # fmt: skip


@require_POST
@allow(can_handle_notices)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether an e-mail went out whose answer was lost."""
    found = _notice(request, pk)
    user, went_out = user_of(request), request.POST.get("went_out") == "yes"
    return _acted(request, found, "reason", NoticeReasonForm(request.POST),
                  lambda given: notice_settle(user=user, notice=found, went_out=went_out, **given))  # fmt: skip
