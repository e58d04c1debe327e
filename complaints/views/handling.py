"""The steps of handling a matter, each a form of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from common import clock
from complaints.forms.handling import (
    AgainForm,
    AnswerForm,
    AssessForm,
    AtOnceForm,
    CloseForm,
    CommunicateForm,
    DisagreementForm,
    EvidenceForm,
    FindingForm,
    LetterForm,
    QuestionForm,
    RightsForm,
)
from complaints.forms.learning import NothingForm
from complaints.models import Matter, MatterQuestion
from complaints.policies import can_handle_matters, matters_visible_to
from complaints.services.deciding import matter_answer, matter_close, matter_communicate, rights_show
from complaints.services.handling import (
    evidence_add,
    finding_add,
    matter_assess,
    matter_investigated,
    matter_look_again,
    question_add,
)
from complaints.services.letters import letter_issue
from complaints.services.levels import disagreement_take
from complaints.services.short_way import matter_answer_at_once
from complaints.views.matter_page import matter_of, matter_page
from credit.views.parts import act

handles = allow(can_handle_matters)


def _act(
    request: HttpRequest,
    matter: Matter,
    *,
    form: forms.Form,
    name: str,
    do: Any,
    said: str | Promise = "",
    **given: Any,
) -> Any:
    return act(
        request, form=form, do=do, said=str(said or _("Recorded")), to="matter", pk=matter.pk, at="#step",
        again=lambda: matter_page(request, matter, status=422, **{name: form}, **given),
    )  # fmt: skip


def _step(name: str, form: Callable[..., forms.Form], do: Callable[..., Any], *, said: str | Promise = "") -> Any:
    """A door: one form of the page, ``name`` there, and the one service it is for, with what was typed."""

    @require_POST
    @handles
    def door(request: HttpRequest, pk: int) -> HttpResponse:
        matter, user = matter_of(request, pk), user_of(request)
        told = form(request.POST, matter=matter) if form in OF_A_MATTER else form(request.POST)
        given = {"user": user, "matter": matter, "at": clock.now()}
        return _act(request, matter, form=told, name=name, said=said, do=lambda data: do(**given, **data))

    return door


# Forms whose fields hang on the matter.
OF_A_MATTER = (AssessForm, AnswerForm, AtOnceForm, CloseForm, CommunicateForm)

assess = _step("assess_form", AssessForm, matter_assess)
investigated = _step("step_form", NothingForm, matter_investigated)
again = _step("again_form", AgainForm, matter_look_again)
answer = _step("answer_form", AnswerForm, matter_answer)
at_once = _step("at_once_form", AtOnceForm, matter_answer_at_once)
communicate = _step("communicate_form", CommunicateForm, matter_communicate)
rights = _step("rights_form", RightsForm, rights_show)
close = _step("close_form", CloseForm, matter_close, said=_("Closed"))
disagree = _step("disagree_form", DisagreementForm, disagreement_take)
letter = _step("letter_form", LetterForm, letter_issue, said=_("The letter is among the papers"))


@require_POST
@handles
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One thing more that must be found out."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=QuestionForm(request.POST), name="question_form",
        do=lambda data: question_add(user=user, matter=matter, words=data["words"]),
    )  # fmt: skip


@require_POST
@handles
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found out about a question."""
    user = user_of(request)
    found = get_object_or_404(MatterQuestion.objects.select_related("round"), pk=pk,
                              round__matter__in=matters_visible_to(user))  # fmt: skip
    matter = matter_of(request, found.round.matter_id)
    return _act(
        request, matter, form=FindingForm(request.POST), name="finding_form", row=pk,
        do=lambda data: finding_add(user=user, matter=matter, question=pk, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What a finding stands on."""
    matter, user = matter_of(request, pk), user_of(request)

    def do(data: dict[str, Any]) -> None:
        file = data.pop("file")
        evidence_add(user=user, matter=matter, at=clock.now(), name=file.name if file else "",
                     content=file.content if file else b"", **data)  # fmt: skip

    return _act(request, matter, form=EvidenceForm(request.POST, request.FILES), name="evidence_form", do=do)
