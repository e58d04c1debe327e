"""What a bureau officer does with a dispute: a table of acts, one form each, one address for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from accounts.models import User
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import CORRECTS, CommitteeState, DisputeState
from complaints.forms import disputes as typed
from complaints.models import Dispute
from complaints.policies import can_handle_disputes
from complaints.rules.disputes import outcomes_open
from complaints.selectors.dispute_duties import notice_is_lost, result_is_lost, silence_may_be_taken_back
from complaints.services import answer_packs, dispute_decisions, dispute_letters, dispute_rights, disputes
from complaints.services.dispute_rights import UNSETTLED
from complaints.views.dispute_page import dispute_of, dispute_page

FormOf = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing to do: whether it is open, what is typed for it, and what it does with that."""

    words: Lazy
    button: Lazy
    icon: str
    said: Lazy
    is_open: Callable[[Dispute], bool]
    form: FormOf
    do: Callable[[User, Dispute, Any], Any]
    upload: bool = False
    # Last of all: it undoes or ends.
    quiet: bool = False


def _plain(form: type[forms.Form]) -> FormOf:
    return lambda dispute, *args: form(*args)


def _to_objector(dispute: Dispute, *args: Any) -> forms.Form:
    return typed.ObjectorWayForm(*args, dispute=dispute)


def _deciding(dispute: Dispute, *args: Any) -> forms.Form:
    outcomes = outcomes_open(
        silent=dispute.silent, stand=dispute.stand, has_documents=dispute.has_documents,
        has_evidence=dispute.has_evidence,
    )  # fmt: skip
    return typed.DecideForm(*args, outcomes=outcomes)


def _undecided(dispute: Dispute) -> bool:
    return not dispute.outcome


def _corrects(dispute: Dispute) -> bool:
    upheld = dispute.outcome in CORRECTS or dispute.committee == CommitteeState.FOR_OBJECTOR
    return upheld and not dispute.correction


def _replied(user: User, dispute: Dispute, form: Any) -> Dispute:
    """The member's reply as it came, by letter or otherwise, and perhaps some days ago."""
    return disputes.dispute_reply(
        actor=Actor.person(user), user=user, dispute=dispute, stand=form.cleaned_data["stand"],
        words=form.cleaned_data["words"], at=form.cleaned_data["at"],
        documents=typed.documents_of(form.cleaned_data["documents"]), recorded_at=clock.now(),
    )  # fmt: skip


# In the order of the law: each stands on the page while it is open.
ACTS: dict[str, Act] = {
    "notify": Act(
        words=_("Notify the member"),
        button=_("Send the notice"),
        icon="mail",
        said=_("The member is notified"),
        is_open=lambda d: d.state == DisputeState.FILED or notice_is_lost(dispute=d),
        form=_plain(typed.OtherWayForm),
        do=lambda user, d, form: dispute_letters.member_notify(
            user=user, dispute=d, way=form.way(), at=clock.now(), language=form.cleaned_data["language"]
        ),
    ),
    "pack": Act(
        words=_("Make the answer pack"),
        button=_("Make the pack"),
        icon="package",
        said=_("The pack is made; somebody else reviews it"),
        is_open=lambda d: d.state == DisputeState.WITH_MEMBER,
        form=_plain(typed.PackForm),
        do=lambda user, d, form: answer_packs.pack_make(user=user, dispute=d, at=clock.now(), **form.cleaned_data),
    ),
    "reply": Act(
        words=_("Write down the member's reply"),
        button=_("Keep the reply"),
        icon="reply",
        said=_("The reply is kept"),
        is_open=lambda d: d.state == DisputeState.WITH_MEMBER,
        form=_plain(typed.CameForm),
        do=_replied,
        upload=True,
    ),
    "decide": Act(
        words=_("Decide the objection"),
        button=_("Decide"),
        icon="scale",
        said=_("The objection is decided"),
        is_open=lambda d: d.state == DisputeState.DECIDING,
        form=_deciding,
        do=lambda user, d, form: dispute_decisions.dispute_decide(
            user=user, dispute=d, at=clock.now(), **form.cleaned_data
        ),
    ),
    "order": Act(
        words=_("Order the correction"),
        button=_("Send the order"),
        icon="file-check",
        said=_("The order is sent"),
        is_open=_corrects,
        form=_plain(typed.OtherWayForm),
        do=lambda user, d, form: dispute_letters.order_send(
            user=user, dispute=d, way=form.way(), at=clock.now(), language=form.cleaned_data["language"]
        ),
    ),
    "correct": Act(
        words=_("The item is corrected"),
        button=_("Save"),
        icon="check",
        said=_("The correction is kept"),
        is_open=_corrects,
        form=_plain(typed.CorrectForm),
        do=lambda user, d, form: dispute_decisions.dispute_correct(
            user=user,
            dispute=d,
            correction=form.cleaned_data["correction"],
            reason=form.cleaned_data["reason"],
            record=form.document(),
            at=clock.now(),
        ),
        upload=True,
    ),
    "late-reply": Act(
        words=_("The member had replied in time"),
        button=_("Take the silence back"),
        icon="undo-2",
        said=_("The reply is kept, and the dispute is decided anew"),
        is_open=lambda d: silence_may_be_taken_back(dispute=d),
        form=_plain(typed.CameForm),
        do=_replied,
        upload=True,
        quiet=True,
    ),
    "progress": Act(
        words=_("Tell the objector of the steps taken"),
        button=_("Send the notice"),
        icon="send",
        said=_("The objector is told"),
        is_open=lambda d: d.told_progress_at is None,
        form=_to_objector,
        do=lambda user, d, form: dispute_letters.progress_tell(user=user, dispute=d, way=form.way(), at=clock.now()),
    ),
    "result": Act(
        words=_("Tell the objector the result"),
        button=_("Send the result"),
        icon="send",
        said=_("The objector has the result"),
        is_open=lambda d: bool(d.outcome) and (d.told_result_at is None or result_is_lost(dispute=d)),
        form=_to_objector,
        do=lambda user, d, form: dispute_letters.result_tell(user=user, dispute=d, way=form.way(), at=clock.now()),
    ),
    "ruling": Act(
        words=_("The committee's decision"),
        button=_("Save"),
        icon="gavel",
        said=_("The committee's decision is kept"),
        is_open=lambda d: d.committee == CommitteeState.ASKED,
        form=_plain(typed.RulingForm),
        do=lambda user, d, form: dispute_rights.committee_ruled(
            user=user,
            dispute=d,
            for_objector=form.cleaned_data["ruled"] == "OBJECTOR",
            reason=form.cleaned_data["reason"],
            at=clock.now(),
        ),
    ),
    "paper": Act(
        words=_("Add a document"),
        button=_("Add"),
        icon="paperclip",
        said=_("The document is kept"),
        is_open=_undecided,
        form=_plain(typed.PaperForm),
        do=lambda user, d, form: disputes.document_add(
            user=user, dispute=d, document=form.document(), kind=form.cleaned_data["kind"], at=clock.now()
        ),
        upload=True,
        quiet=True,
    ),
    "ask-documents": Act(
        words=_("Official documents were asked for"),
        button=_("Write it down"),
        icon="file-question-mark",
        said=_("It is written down"),
        is_open=lambda d: _undecided(d) and not d.has_documents and d.documents_asked_at is None,
        form=_plain(typed.NothingForm),
        do=lambda user, d, form: disputes.documents_asked(user=user, dispute=d, at=clock.now()),
        quiet=True,
    ),
    "recipient": Act(
        words=_("Name a recipient of the last year"),
        button=_("Add"),
        icon="user-plus",
        said=_("The recipient is named"),
        is_open=lambda d: d.state != DisputeState.CLOSED,
        form=_plain(typed.RecipientForm),
        do=lambda user, d, form: disputes.recipient_add(user=user, dispute=d, named=form.named(), at=clock.now()),
        quiet=True,
    ),
    "statement": Act(
        words=_("Put the objector's statement into the record"),
        button=_("Save"),
        icon="quote",
        said=_("The statement stands beside the item"),
        is_open=lambda d: d.outcome in UNSETTLED and d.statement_at is None,
        form=_plain(typed.StatementForm),
        do=lambda user, d, form: dispute_rights.statement_add(
            user=user, dispute=d, words=form.cleaned_data["words"], at=clock.now()
        ),
        quiet=True,
    ),
    "committee": Act(
        words=_("It goes to the committee"),
        button=_("Save"),
        icon="landmark",
        said=_("The committee is followed"),
        is_open=lambda d: bool(d.outcome) and not d.committee,
        form=_plain(typed.ReasonForm),
        do=lambda user, d, form: dispute_rights.committee_asked(
            user=user, dispute=d, reason=form.cleaned_data["reason"], at=clock.now()
        ),
        quiet=True,
    ),
    "reinsert": Act(
        words=_("The item is put back by the committee's decision"),
        button=_("Save"),
        icon="undo-2",
        said=_("It is written down"),
        is_open=lambda d: bool(d.correction) and d.committee == CommitteeState.FOR_MEMBER and d.reinserted_at is None,
        form=_plain(typed.ReasonForm),
        do=lambda user, d, form: dispute_rights.item_reinserted(
            user=user, dispute=d, reason=form.cleaned_data["reason"], at=clock.now()
        ),
        quiet=True,
    ),
    "close": Act(
        words=_("Close the dispute"),
        button=_("Close"),
        icon="archive",
        said=_("The dispute is closed"),
        is_open=lambda d: d.state == DisputeState.DECIDED,
        form=_plain(typed.NothingForm),
        do=lambda user, d, form: dispute_decisions.dispute_close(user=user, dispute=d, at=clock.now()),
        quiet=True,
    ),
}


@require_POST
@allow(can_handle_disputes)
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do one thing: back to the page, or the page again with what is wrong."""
    if (one := ACTS.get(act)) is None:
        raise Http404
    dispute = dispute_of(request, pk)
    form = one.form(dispute, request.POST, request.FILES)
    if form.is_valid():
        try:
            one.do(user_of(request), dispute, form)
        except Refused as refusal:
            blame(form, refusal)
            if not form.fields:
                messages.error(request, str(refusal.message))
        else:
            messages.success(request, str(one.said))
            return redirect("dispute", pk)
    return dispute_page(request, dispute_of(request, pk), status=422, opened=act, form=form, acts=ACTS)
