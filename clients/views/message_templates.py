"""Texts of messages: what is sent now, drafts with their preview, and their approval by another person (ADR 0039)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from clients.forms import MessageReasonForm, MessageTextForm
from clients.policies import can_prepare_message_templates, can_see_message_templates
from clients.selectors.messages import TextLine, drafts_visible_to, text_line, text_lines, text_versions
from common import clock
from common.approvals import Facts, Kind, Step, approval_of, may_decide
from common.choices import Decision, MessageChannel
from common.exceptions import Refused
from common.forms import blame
from common.message_templates import (
    KIND,
    template_decide,
    template_digest,
    template_discard,
    template_draft,
    template_edit,
    template_propose,
    template_withdraw,
    text_of,
)
from common.messages import MessageKind, message_kind, sms_parts, text_faults
from common.models import Approval, MessageTemplate
from common.outbox import message_content


def preview_of(template: MessageTemplate, kind: MessageKind) -> dict[str, Any]:
    """A text as a person gets it, with the examples of its places."""
    content = message_content(template=template, values=kind.examples(template.language))
    parts = sms_parts(content["text"]) if template.channel == MessageChannel.SMS else 0
    return {**content, "parts": parts, "language": template.language, "channel": template.channel}


def _line(code: str, channel: str, language: str) -> TextLine:
    try:
        return text_line(code=code, channel=channel, language=language)
    except LookupError as error:
        raise Http404 from error


def _back(template: MessageTemplate) -> HttpResponse:
    return redirect("message_template", template.code, template.channel, template.language)


@require_GET
@allow(can_see_message_templates)
def template_list(request: HttpRequest) -> HttpResponse:
    """Every text there is, kind by kind."""
    return render(request, "messages/templates.html", {"lines": text_lines()})


@require_GET
@allow(can_see_message_templates)
def template(request: HttpRequest, code: str, channel: str, language: str) -> HttpResponse:
    """One text: what is sent now as a person gets it, what is under way, and every version before."""
    return _template_page(request, _line(code, channel, language))


def _template_page(request: HttpRequest, line: TextLine, *, form: MessageReasonForm | None = None) -> HttpResponse:
    user, draft = user_of(request), line.under_way
    context = {
        "line": line,
        "preview": preview_of(line.used, line.kind) if line.used else None,
        "draft": draft,
        "draft_preview": preview_of(draft, line.kind) if draft else None,
        "versions": list(text_versions(line)),
        "examples": line.kind.examples(line.language),
        "form": form or MessageReasonForm(),
        "may_prepare": can_prepare_message_templates(user),
        "own": draft is not None and draft.prepared_by_id == user.pk,
        "may_decide": draft is not None
        and may_decide(user=user, approval=approval_of(subject=draft), on=clock.today()),
    }
    return render(request, "messages/template.html", context, status=422 if form is not None else 200)


@require_POST
@allow(can_prepare_message_templates)
def draft(request: HttpRequest, code: str, channel: str, language: str) -> HttpResponse:
    """Begin the next version as the one that is sent now."""
    line = _line(code, channel, language)
    try:
        made = template_draft(user=user_of(request), code=line.kind.code, channel=channel, language=language)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("message_template", code, channel, language)
    return redirect("message_template_edit", made.pk)


def _draft(request: HttpRequest, pk: int) -> MessageTemplate:
    return get_object_or_404(drafts_visible_to(user_of(request)), pk=pk)


@require_http_methods(["GET", "POST"])
@allow(can_prepare_message_templates)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft; ``preview`` shows it as a person gets it, and saves nothing."""
    found = _draft(request, pk)
    try:
        kind = message_kind(found.code)
    except LookupError as error:
        raise Http404 from error
    initial = {"subject": found.subject, "body": found.body, "threatens": found.threatens}
    form = MessageTextForm(request.POST or None, initial=initial, channel=found.channel, language=found.language)
    shown = preview_of(found, kind)
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "subject": form.cleaned_data.get("subject", "")}
        if "preview" in request.POST:
            shown = _previewed(form, found, kind, given) or shown
        else:
            try:
                template_edit(user=user_of(request), template=found, **given)
            except Refused as refusal:
                blame(form, refusal)
            else:
                messages.success(request, _("Saved"))
                return _back(found)
    context = {"draft": found, "kind": kind, "form": form, "preview": shown, "examples": kind.examples(found.language)}
    return render(request, "messages/edit.html", context, status=422 if form.errors else 200)


def _previewed(
    form: MessageTextForm, found: MessageTemplate, kind: MessageKind, given: dict[str, Any]
) -> dict[str, Any] | None:
    """What was typed as a person would get it; with its faults named on the form where it must not be sent."""
    typed = MessageTemplate(channel=found.channel, language=found.language, **given)
    faults = text_faults(kind=kind, text=text_of(typed), threatens=given["threatens"])
    for name, words in faults.items():
        form.add_error(name, str(words))
    return None if faults else preview_of(typed, kind)


def _acted(request: HttpRequest, found: MessageTemplate, done: str, act: Any, **given: Any) -> HttpResponse:
    try:
        act(user=user_of(request), template=found, **given)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, done)
    return _back(found)


@require_POST
@allow(can_prepare_message_templates)
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a draft be sent from now on."""
    found = _draft(request, pk)
    form = MessageReasonForm(request.POST)
    if not form.is_valid():
        return _template_page(request, _line(found.code, found.channel, found.language), form=form)
    return _acted(request, found, _("Asked of another person"), template_propose, **form.cleaned_data)


@require_POST
@allow(can_prepare_message_templates)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    return _acted(request, _draft(request, pk), _("Thrown away"), template_discard)


@require_POST
@allow(can_prepare_message_templates)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own proposal back; it is a draft again."""
    return _acted(request, _draft(request, pk), _("Taken back"), template_withdraw)


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    """What a list says of some texts."""
    found = MessageTemplate.objects.select_related("prepared_by").in_bulk([a.subject_id for a in approvals])
    known = {approval.pk: found.get(approval.subject_id) for approval in approvals}
    return {pk: _fact(row) for pk, row in known.items() if row is not None}


def _fact(row: MessageTemplate) -> Facts:
    return Facts(
        subject=row,
        number=f"v{row.version}",
        about=str(message_kind(row.code).words),
        under=(str(row.get_channel_display()), str(row.get_language_display())),
        url=reverse("message_template", args=[row.code, row.channel, row.language]),
    )


def _chosen(user: User, found: MessageTemplate) -> dict[str, Any]:
    line = _line(found.code, found.channel, found.language)
    return {
        "template": found,
        "line": line,
        "preview": preview_of(found, line.kind),
        "before": preview_of(line.used, line.kind) if line.used else None,
    }


def _decide(*, user: User, subject: MessageTemplate, decision: str, digest: str, reason: str) -> None:
    template_decide(user=user, template=subject, decision=decision, digest=digest, reason=reason)


MESSAGE_TEMPLATE = Kind(
    code=KIND,
    words=gettext_lazy("Text of a message"),
    icon="message-square-text",
    steps=(Step(roles=(Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER), words=gettext_lazy("Another person decides")),),
    facts=_facts,
    template="messages/chosen.html",
    context=_chosen,
    digest=template_digest,
    decide=_decide,
    answers=frozenset({Decision.APPROVED, Decision.REJECTED}),
)
