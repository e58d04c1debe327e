"""What is published in versions, for who prepares and approves it: questions, policy, procedures, outside bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from clients.choices import ClientKind
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from complaints.choices import EditionState
from complaints.forms.editions import FORMS, WithdrawForm
from complaints.models import FaqEntry, LetterText, Matter, OutwardBody, PolicyText, Procedure
from complaints.models.editions import Edition
from complaints.policies import (
    APPROVES_EDITIONS,
    can_approve_edition,
    can_prepare_editions,
    matters_visible_to,
    sees_editions,
)
from complaints.services.editions import (
    edition_approve,
    edition_digest,
    edition_draft,
    edition_edit,
    edition_withdraw,
)

can_answer = allow(lambda user: user.role in APPROVES_EDITIONS)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the things that go this way."""

    slug: str
    model: type[Edition]
    words: str | Promise
    one: str | Promise
    # There are those that are shipped alone, and only their next versions are written.
    single: bool = False


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(slug="questions", model=FaqEntry, words=gettext_lazy("Frequent questions"), one=gettext_lazy("Question")),
        Kind(
            slug="policy",
            model=PolicyText,
            words=gettext_lazy("Policy and guide"),
            one=gettext_lazy("Policy or guide"),
            single=True,
        ),
        Kind(slug="procedures", model=Procedure, words=gettext_lazy("Procedures"), one=gettext_lazy("Procedure")),
        Kind(slug="letters", model=LetterText, words=gettext_lazy("Letters"), one=gettext_lazy("Letter"), single=True),
        Kind(slug="bodies", model=OutwardBody, words=gettext_lazy("Outside bodies"), one=gettext_lazy("Outside body")),
    )
}


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def _of(slug: str, pk: int) -> tuple[Kind, Any]:
    kind = _kind(slug)
    return kind, get_object_or_404(kind.model._default_manager.select_related("prepared_by", "approved_by"), pk=pk)


@require_GET
@allow(sees_editions)
def editions_first(request: HttpRequest) -> HttpResponse:
    """The place in the navigation leads to the questions."""
    return redirect("editions", "questions")


@require_GET
@allow(sees_editions)
def edition_list(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for approval, what is published, and what was."""
    kind = _kind(slug)
    by_state: dict[str, list[Edition]] = {state: [] for state in EditionState.values}
    for row in kind.model._default_manager.select_related("prepared_by", "approved_by"):
        by_state[row.state].append(row)
    context = {
        "kind": kind, "kinds": KINDS.values(), "drafts": by_state[EditionState.DRAFT],
        "published": by_state[EditionState.APPROVED],
        "ended": [*by_state[EditionState.REPLACED], *by_state[EditionState.WITHDRAWN]],
        "prepares": can_prepare_editions(user_of(request)) and not kind.single,
    }  # fmt: skip
    return render(request, "complaints/published/list.html", context)


def _page(request: HttpRequest, kind: Kind, edition: Any, *, status: int = 200, **given: Any) -> HttpResponse:
    user, versions = user_of(request), kind.model._default_manager.filter(code=edition.code).order_by("-version")
    waits = edition.state == EditionState.DRAFT
    # What is never without a version has its next one approved instead.
    ends = waits or (edition.state == EditionState.APPROVED and not kind.single)
    return render(
        request,
        "complaints/published/page.html",
        {
            "kind": kind,
            "edition": edition,
            "part": f"complaints/published/{kind.slug}.html",
            "versions": list(versions),
            "now": next((row for row in versions if row.state == EditionState.APPROVED), None) if waits else None,
            "client_kinds": dict(ClientKind.choices),
            "digest": edition_digest(edition),
            "edits": waits and edition.prepared_by_id == user.pk,
            "approves": waits and can_approve_edition(user, edition),
            "renews": can_prepare_editions(user) and edition.state == EditionState.APPROVED
            and not any(row.state == EditionState.DRAFT for row in versions),
            "withdraw_form": given.get("withdraw_form") or WithdrawForm(),
            "withdraws": ends and (can_approve_edition(user, edition) or (waits and edition.prepared_by_id == user.pk)),
        },
        status=status,
    )  # fmt: skip


@require_GET
@allow(sees_editions)
def edition(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One version: what it says, beside what is published now; what may be done with it."""
    return _page(request, *_of(slug, pk))


@require_http_methods(["GET", "POST"])
@allow(can_prepare_editions)
def edition_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Something new, the next version ``of`` what is there, or a question that a ``matter`` gave the occasion for.

    Of a matter its category alone is carried over: nothing that was said, and nothing of who said it.
    """
    kind, user = _kind(slug), user_of(request)
    before, matter, initial = _begins(request, kind)
    form = FORMS[kind.model](request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = edition_draft(
                user=user, model=kind.model, told=form.cleaned_data, at=clock.now(), of=before, from_matter=matter
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Written: another person approves it"))
            return redirect("edition", slug, made.pk)
    return _form(request, kind, form, edition=before, matter=matter)


def _begins(request: HttpRequest, kind: Kind) -> tuple[Any, Matter | None, dict[str, Any]]:
    """What a new version begins as. Raises Http404 for what is not there, and for a second one of what is single."""
    of, about = key_of(request.GET.get("of", "")), key_of(request.GET.get("matter", ""))
    if of is not None:
        before = get_object_or_404(kind.model._default_manager, pk=of)
        return before, None, FORMS[kind.model].of(before)
    if kind.single:
        raise Http404
    if about is not None and kind.model is FaqEntry:
        matter = get_object_or_404(matters_visible_to(user_of(request)).select_related("category"), pk=about)
        return None, matter, {"category": matter.category, "position": 500}
    return None, None, {}


def _form(request: HttpRequest, kind: Kind, form: Any, **context: Any) -> HttpResponse:
    return render(
        request, "complaints/published/form.html", {"kind": kind, "form": form, **context},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(can_prepare_editions)
def edition_change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A draft written anew by who began it."""
    kind, found = _of(slug, pk)
    if found.state != EditionState.DRAFT or found.prepared_by_id != user_of(request).pk:
        raise Http404
    form = FORMS[kind.model](request.POST or None, initial=FORMS[kind.model].of(found))
    if request.method == "POST" and form.is_valid():
        try:
            edition_edit(user=user_of(request), edition=found, told=form.cleaned_data, at=clock.now())
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Written: another person approves it"))
            return redirect("edition", slug, pk)
    return _form(request, kind, form, edition=found)


@require_POST
@can_answer
def edition_publish(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Approved: it is published from now on."""
    kind, found = _of(slug, pk)
    if found.state == EditionState.DRAFT and can_approve_edition(user_of(request), found):
        require_proof(request)
    try:
        edition_approve(
            user=user_of(request), edition=found, digest=request.POST.get("digest", ""), at=clock.now()
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return _page(request, kind, _of(slug, pk)[1], status=422)
    messages.success(request, _("Published"))
    return redirect("edition", slug, pk)


@require_POST
@can_answer
def edition_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Withdrawn, or sent back, with the reason."""
    kind, found = _of(slug, pk)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            edition_withdraw(user=user_of(request), edition=found, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Withdrawn"))
            return redirect("edition", slug, pk)
    return _page(request, kind, found, status=422, withdraw_form=form)
