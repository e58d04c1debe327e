"""The pages of who told us something: they follow it by its reference and a one-time code, without an account.

Nothing is told to who has no code: a reference that nobody knows is answered like one that everybody knows.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common import clock
from common.exceptions import Refused
from common.forms import blame
from common.limits import Limit, address_of, limit_passed
from complaints.forms.follow import AddForm, CodeForm, DisagreeForm, RateForm, ReferenceForm
from complaints.models import Matter, Rating
from complaints.selectors.following import followed, papers_followed
from complaints.services.following import COMPLAINANT, follow_add, follow_code_send, follow_open
from complaints.services.levels import matter_disagree
from complaints.services.ratings import rating_give, token_hash
from complaints.views.matters import paper_answer

REFERENCE, OPENED = "follow-reference", "follow-opened"
OPEN_FOR = 1_800
LIMITS = (Limit(times=15, seconds=600), Limit(times=60, seconds=86_400))


def _wait(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address that knocks too often."""
    wait = limit_passed(door="follow", who=address_of(request), limits=LIMITS)
    if not wait:
        return None
    response = render(request, "complaints/public/wait.html", {"minutes": wait // 60 + 1}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Which matter: a code goes to the numbers and addresses that it was told with, if there is one."""
    form = ReferenceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if waits := _wait(request):
            return waits
        request.session[REFERENCE] = form.cleaned_data["reference"].strip().upper()
        follow_code_send(reference=request.session[REFERENCE], at=clock.now())
        return redirect("follow_code")
    return render(request, "complaints/public/follow.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code that was sent, if one was."""
    reference = request.session.get(REFERENCE, "")
    if not reference:
        return redirect("follow")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if waits := _wait(request):
            return waits
        matter = follow_open(reference=reference, code=form.cleaned_data["code"], at=clock.now())
        if matter is not None:
            request.session.cycle_key()
            request.session[OPENED] = [matter.pk, clock.now().timestamp() + OPEN_FOR]
            return redirect("follow_matter")
        form.add_error(
            "code", _("This code is wrong, used or over. After ten minutes or five tries, ask for a new one.")
        )
    return render(
        request, "complaints/public/code.html", {"form": form, "reference": reference},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _opened(request: HttpRequest) -> Matter:
    """The matter that this visitor opened. Raises Http404 for who did not, or half an hour after."""
    pk, until = request.session.get(OPENED, (0, 0))
    if until < clock.now().timestamp():
        request.session.pop(OPENED, None)
        raise Http404
    return get_object_or_404(Matter.objects.select_related("client", "category", "concerned"), pk=pk)


def _page(request: HttpRequest, matter: Matter, *, status: int = 200, **given: Any) -> HttpResponse:
    context = {"add_form": AddForm(auto_id="add_%s"), "disagree_form": DisagreeForm(auto_id="disagree_%s"), **given}
    context |= {"matter": matter, "now": clock.now(), "told": followed(matter=matter, now=clock.now())}
    return render(request, "complaints/public/matter.html", context, status=status)


@never_cache
@require_GET
def matter(request: HttpRequest) -> HttpResponse:
    """Where it stands, the answer, the papers."""
    return _page(request, _opened(request))


@never_cache
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Words or papers that the complainant adds."""
    found, form = _opened(request), AddForm(request.POST, request.FILES, auto_id="add_%s")
    if form.is_valid():
        try:
            follow_add(
                matter=found, at=clock.now(), words=form.cleaned_data["words"], papers=form.cleaned_data["papers"]
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("We have it, and those who handle it see it."))
            return redirect("follow_matter")
    return _page(request, found, status=422, add_form=form)


@never_cache
@require_POST
def disagree(request: HttpRequest) -> HttpResponse:
    """The complainant does not agree with the result: it goes to the next level."""
    found, form = _opened(request), DisagreeForm(request.POST, auto_id="disagree_%s")
    if form.is_valid():
        try:
            matter_disagree(actor=COMPLAINANT, matter=found, words=form.cleaned_data["words"], at=clock.now())
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("We have your disagreement. You hear from us how it goes on."))
            return redirect("follow_matter")
    return _page(request, found, status=422, disagree_form=form)


@never_cache
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter to the complainant, what they handed in, or a document that went with the result."""
    found = _opened(request)
    return paper_answer(get_object_or_404(papers_followed(matter=found), pk=pk))


@never_cache
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """How satisfied somebody was; the link is good for one answer."""
    rating = get_object_or_404(Rating.objects.select_related("matter"), token_hash=token_hash(token))
    form = RateForm(request.POST if request.method == "POST" else None)
    if rating.rated_at is None and form.is_valid():
        if waits := _wait(request):
            return waits
        data = form.cleaned_data
        try:
            rating = rating_give(rating=rating, score=int(data["score"]), is_solved=data["is_solved"] == "yes",
                                 words=data["words"], at=clock.now())  # fmt: skip
        except Refused as refusal:
            blame(form, refusal)
        else:
            return redirect("rate", token)
    status = 422 if form.is_bound and rating.rated_at is None else 200
    return render(request, "complaints/public/rate.html", {"form": form, "rating": rating}, status=status)
