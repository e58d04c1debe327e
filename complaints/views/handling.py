"""The steps of handling a matter, each a form of its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
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
    request: HttpRequest, matter: Matter, *, form: forms.Form, name: str, do: Any, said: str = "", **given: Any
) -> Any:
    return act(
        request, form=form, do=do, said=said or _("Recorded"), to="matter", pk=matter.pk, at="#step",
        again=lambda: matter_page(request, matter, status=422, **{name: form}, **given),
    )  # fmt: skip


@require_POST
@handles
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """Study it: what must be found out, what will be done, whose it is."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=AssessForm(request.POST, matter=matter), name="assess_form",
        do=lambda data: matter_assess(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


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


@require_POST
@handles
def investigated(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything is found out."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=CloseForm(request.POST), name="step_form",
        do=lambda data: matter_investigated(user=user, matter=matter, at=clock.now()),
    )  # fmt: skip


@require_POST
@handles
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """One step back, before it is told."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=AgainForm(request.POST), name="again_form",
        do=lambda data: matter_look_again(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide it at its level."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=AnswerForm(request.POST, matter=matter), name="answer_form",
        do=lambda data: matter_answer(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def at_once(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what is no complaint, and close it."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=AtOnceForm(request.POST, matter=matter), name="at_once_form",
        do=lambda data: matter_answer_at_once(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def communicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the complainant the result."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=CommunicateForm(request.POST, matter=matter), name="communicate_form",
        do=lambda data: matter_communicate(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def rights(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the further way, with the summary of rights."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=RightsForm(request.POST), name="rights_form",
        do=lambda data: rights_show(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=CloseForm(request.POST), name="step_form", said=_("Closed"),
        do=lambda data: matter_close(user=user, matter=matter, at=clock.now()),
    )  # fmt: skip


@require_POST
@handles
def disagree(request: HttpRequest, pk: int) -> HttpResponse:
    """The complainant told us that they do not agree."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=DisagreementForm(request.POST), name="disagree_form",
        do=lambda data: disagreement_take(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a letter as it stands now, in either language."""
    matter, user = matter_of(request, pk), user_of(request)
    return _act(
        request, matter, form=LetterForm(request.POST), name="letter_form", said=_("The letter is among the papers"),
        do=lambda data: letter_issue(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip
