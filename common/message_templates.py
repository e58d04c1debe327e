"""The only writer of templates of messages: shipped by the code of their app, changed by two people (ADR 0039).

A version is drawn as a draft, proposed, and approved by another person (kind ``MESSAGE_TEMPLATE``). The newest approved
version is what is sent. What was approved stands (migration ``common.0051`` says the same). Who may prepare, the door
asks; that nobody decides their own, the approval.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import clock
from common.approvals import approval_apply, approval_decide, approval_open, approval_withdraw, locked_approval
from common.audit import Actor, record
from common.choices import TEMPLATE_MOVES, Decision, TemplateState
from common.exceptions import Conflict, NotAllowed, Refused
from common.messages import MessageKind, Text, message_kind, text_faults
from common.models import MessageTemplate

KIND = "MESSAGE_TEMPLATE"
ANSWERED_WITHIN = dt.timedelta(days=7)
LONGEST_REASON = 500


def text_of(template: MessageTemplate) -> Text:
    return Text(
        channel=template.channel, language=template.language, subject=template.subject, body=template.body
    )  # fmt: skip


def template_digest(template: MessageTemplate) -> str:
    """The hash of what is asked; whoever decides, decides this."""
    asked = [*_content(template).values(), template.reason]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


def _content(template: MessageTemplate) -> dict[str, Any]:
    """All that a version says, as the trail and the digest keep it."""
    names = ("code", "channel", "language", "version", "subject", "body", "threatens")
    return {name: getattr(template, name) for name in names}


def _shipped(*, kind: MessageKind, text: Text, version: int) -> MessageTemplate:
    """What an app ships, as a version; not saved."""
    return MessageTemplate(
        code=kind.code, channel=text.channel, language=text.language, version=version, subject=text.subject,
        body=text.body, threatens=kind.threatens, state=TemplateState.APPROVED, shipped=True, prepared_at=clock.now(),
    )  # fmt: skip


def template_used(
    *, code: str, channel: str, language: str, versions: Sequence[MessageTemplate] | None = None
) -> MessageTemplate | None:
    """The version that is sent now: the newest that people approved, whatever the code has shipped since; before any,
    what the code ships, not saved yet where it is new. None where there is no text.

    ``versions`` are those of this text, where they were read already. Raises LookupError for a kind that nobody
    declared.
    """
    kind = message_kind(code)
    if versions is None:
        versions = list(MessageTemplate.objects.filter(code=code, channel=channel, language=language))
    approved = [version for version in versions if version.state == TemplateState.APPROVED]
    theirs = [version for version in approved if not version.shipped]
    used = max(theirs or approved, key=lambda version: version.version, default=None)
    text = kind.text(channel=channel, language=language)
    if text is None or (used is not None and not used.shipped):
        return used
    if used is not None and (text_of(used), used.threatens) == (text, kind.threatens):
        return used
    return _shipped(kind=kind, text=text, version=max((version.version for version in versions), default=0) + 1)


def template_current(*, code: str, channel: str, language: str) -> MessageTemplate:
    """The same, saved. Raises Refused where a kind says nothing on this channel in this language."""
    used = template_used(code=code, channel=channel, language=language)
    if used is None:
        raise Refused("message_template", _("This kind of message has no approved text here."), field="template")
    if used.pk is None:
        # Two at once: the second finds what the first wrote.
        MessageTemplate.objects.bulk_create([used], ignore_conflicts=True)
        used = MessageTemplate.objects.get(code=code, channel=channel, language=language, version=used.version)
    return used


def template_under_way(*, versions: Iterable[MessageTemplate]) -> MessageTemplate | None:
    """The draft or proposal among the versions of a text, if there is one."""
    states = {TemplateState.DRAFT, TemplateState.PROPOSED}
    return next((version for version in versions if version.state in states), None)


def _locked(template: MessageTemplate) -> MessageTemplate:
    return MessageTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)


def _move(template: MessageTemplate, to: str) -> None:
    if to not in TEMPLATE_MOVES[template.state]:
        raise Conflict("message_template_moved", _("This text was proposed or decided in the meantime."))
    template.state = to


def _recorded(user: Any, template: MessageTemplate, act: str, **body: Any) -> None:
    record(actor=Actor.person(user), action=f"message_template.{act}", subject=template, body=body)


def template_draft(*, user: Any, code: str, channel: str, language: str) -> MessageTemplate:
    """The next version, beginning as the one that is sent now. Raises Conflict when one is under way already."""
    with transaction.atomic():
        used = template_current(code=code, channel=channel, language=language)
        # Whoever else begins one waits here.
        MessageTemplate.objects.select_for_update().get(pk=used.pk)
        versions = list(MessageTemplate.objects.filter(code=code, channel=channel, language=language))
        if template_under_way(versions=versions) is not None:
            raise Conflict("message_template_open", _("A change of this text is under way."))
        draft = MessageTemplate.objects.create(
            code=code, channel=channel, language=language, version=max(one.version for one in versions) + 1,
            subject=used.subject, body=used.body, threatens=used.threatens, prepared_by=user, prepared_at=clock.now(),
        )  # fmt: skip
        _recorded(user, draft, "drafted", code=code, channel=channel, language=language, version=draft.version)
    return draft


def template_edit(*, user: Any, template: MessageTemplate, subject: str, body: str, threatens: bool) -> MessageTemplate:
    """Write a draft anew. Raises NotAllowed for who did not begin it, Conflict when it is no draft any more, Refused
    for a text that could not or must not be sent, with the words named.
    """
    if template.prepared_by_id != user.pk:
        raise NotAllowed("message_template_edit", _("Only who began this draft edits it."))
    text = Text(
        channel=template.channel, language=template.language, subject=" ".join(subject.split()),
        body=body.replace("\r\n", "\n").strip(),
    )  # fmt: skip
    _sendable(template=template, text=text, threatens=threatens)
    with transaction.atomic():
        locked = _locked(template)
        if locked.state != TemplateState.DRAFT:
            raise Conflict("message_template_moved", _("This text was proposed or decided in the meantime."))
        locked.subject, locked.body, locked.threatens = text.subject, text.body, threatens
        locked.save(update_fields=["subject", "body", "threatens"])
        _recorded(user, locked, "edited", **_content(locked))
    return locked


def _sendable(*, template: MessageTemplate, text: Text, threatens: bool) -> None:
    if faults := text_faults(kind=message_kind(template.code), text=text, threatens=threatens):
        raise Refused("message_template_text", _("The text needs a correction."), fields=faults)


def template_discard(*, user: Any, template: MessageTemplate) -> None:
    """Throw a draft away; the trail keeps what it said. Raises Conflict for what is no draft."""
    with transaction.atomic():
        locked = _locked(template)
        if locked.state != TemplateState.DRAFT:
            raise Conflict("message_template_moved", _("This text was proposed or decided in the meantime."))
        _recorded(user, locked, "discarded", **_content(locked))
        locked.delete()


def template_propose(*, user: Any, template: MessageTemplate, reason: str) -> MessageTemplate:
    """Ask that a draft be sent from now on; it is frozen from here. Raises NotAllowed for anybody else's draft, Refused
    without a reason or for a text that must not be sent, Conflict when it was proposed already.
    """
    if template.prepared_by_id != user.pk:
        raise NotAllowed("message_template_edit", _("Only who began this draft proposes it."))
    reason = said(reason)
    with transaction.atomic():
        locked = _locked(template)
        _sendable(template=locked, text=text_of(locked), threatens=locked.threatens)
        _move(locked, TemplateState.PROPOSED)
        locked.reason = reason
        locked.save(update_fields=["state", "reason"])
        digest = template_digest(locked)
        approval_open(
            kind=KIND, subject=locked, digest=digest, prepared_by=user, answer_by=clock.now() + ANSWERED_WITHIN
        )
        _recorded(user, locked, "proposed", digest=digest, reason=reason)
    return locked


def said(text: str) -> str:
    """A person's reason. Raises Refused for none, or for a long one."""
    reason = text.strip()
    if not reason:
        raise Refused("message_reason", _("Say why."), field="reason")
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
        raise Refused("message_reason", words, field="reason")
    return reason


def template_decide(
    *, user: Any, template: MessageTemplate, decision: str, digest: str, reason: str = ""
) -> MessageTemplate:
    """Approve: this version is sent from now on. Or reject, with a reason.

    ``digest`` is that of the text the decider read. Raises NotAllowed for who prepared it or may not decide, Conflict
    when it was decided or is another one, Refused without a reason to reject.
    """
    if decision not in {Decision.APPROVED, Decision.REJECTED}:
        raise Refused("message_template_decision", _("Approve or reject."))
    if decision == Decision.REJECTED or reason.strip():
        reason = said(reason)
    with transaction.atomic():
        locked = _locked(template)
        if locked.state != TemplateState.PROPOSED:
            raise Conflict("message_template_moved", _("This request was decided already."))
        asked = template_digest(locked)
        approval = approval_decide(
            user=user, approval=locked_approval(subject=locked), decision=decision, digest=digest, reason=reason
        )
        done = approval.status != "OPEN"
        if done:
            _move(locked, TemplateState.APPROVED if decision == Decision.APPROVED else TemplateState.REJECTED)
            locked.save(update_fields=["state"])
        _recorded(user, locked, decision.lower(), digest=digest, reason=reason)
        if done and decision == Decision.APPROVED:
            approval_apply(approval=approval, digest=asked)
    return locked


def template_withdraw(*, user: Any, template: MessageTemplate) -> MessageTemplate:
    """Take the own proposal back: a draft again. Raises NotAllowed for anybody else's, Conflict when it was decided."""
    if template.prepared_by_id != user.pk:
        raise NotAllowed("message_template_withdraw", _("Only who prepared this request takes it back."))
    with transaction.atomic():
        locked = _locked(template)
        _move(locked, TemplateState.DRAFT)
        approval_withdraw(user=user, approval=locked_approval(subject=locked))
        locked.save(update_fields=["state"])
        _recorded(user, locked, "withdrawn")
    return locked
