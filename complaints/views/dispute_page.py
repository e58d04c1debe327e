"""The board of disputes, with one of them drawn beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.access import user_of
from accounts.models import User
from common import clock, crypto
from common.clocks import earliest_of
from common.components.format import short
from complaints.choices import DisputeState
from complaints.forms.disputes import OtherWayForm, SendForm
from complaints.models import Dispute
from complaints.policies import can_handle_disputes, can_review_packs, disputes_visible_to
from complaints.selectors.answer_packs import pack_lines
from complaints.selectors.case_timeline import STEP_MARKS
from complaints.selectors.dispute_board import VIEWS, board_of, disputes_counted, disputes_in_view
from complaints.selectors.dispute_duties import duties_open, notice_is_lost, recipients_due, result_is_lost
from complaints.selectors.dispute_timeline import timeline_of
from complaints.selectors.dispute_words import item_of, objection_of, reply_of, statement_of_objector
from complaints.selectors.told import messages_told
from complaints.views.dispute_drawing import drawn


def dispute_of(request: HttpRequest, pk: int) -> Dispute:
    """The dispute, for who may see it. Raises Http404 for everybody else."""
    found = disputes_visible_to(user_of(request)).select_related(
        "client", "case__client", "case__debtor__party", "case__stage__policy", "case__client__stage_policy",
        "hold__debt", "hold__receivable", "handler",
    )  # fmt: skip
    return get_object_or_404(found, pk=pk)


def board_context(*, user: User, view: str, now: Any) -> dict[str, Any]:
    """The list at the side: views with their counts, and the disputes of one in bands."""
    seen: QuerySet[Dispute] = disputes_visible_to(user)
    counts = disputes_counted(disputes=seen)
    bands = board_of(disputes=disputes_in_view(disputes=seen, view=view), now=now)
    shown, whole = sum(len(band.lines) for band in bands), counts.get(view, counts[""])
    return {
        "views": [(name, words, counts[name]) for name, words, _which in VIEWS],
        "view": view,
        "bands": bands,
        "of_all": whole if whole > shown else 0,
        "shown": shown,
        "now": now,
        "handles": can_handle_disputes(user),
    }


def _words(dispute: Dispute) -> dict[str, str]:
    """What was told, or that it was erased."""
    try:
        return {
            "item": item_of(dispute=dispute),
            "objection": objection_of(dispute=dispute),
            "reply": reply_of(dispute=dispute),
            "statement": statement_of_objector(dispute=dispute),
        }
    except crypto.Unreadable:
        return {"item": _("The personal data of this account holder was erased.")}


def _forms(dispute: Dispute, acts: Mapping[str, Any], *, opened: str, form: Any) -> list[dict[str, Any]]:
    """The acts that are open, each with its form; one that came back with faults is shown whatever its state."""
    found = []
    for name, act in acts.items():
        if name != opened and not act.is_open(dispute):
            continue
        shown = form if name == opened else act.form(dispute)
        shown.auto_id = f"{name}_%s"
        found.append({"name": name, "act": act, "form": shown, "open": name == opened})
    return found


def dispute_page(
    request: HttpRequest,
    dispute: Dispute,
    *,
    acts: Mapping[str, Any],
    status: int = 200,
    opened: str = "",
    form: Any = None,
    **given: Any,
) -> HttpResponse:
    """A dispute: where it stands, its ten steps, what happened, what may be done now."""
    user, now = user_of(request), clock.now()
    handles, timeline = can_handle_disputes(user), timeline_of(dispute=dispute, now=now)
    rtl = short(getattr(request, "LANGUAGE_CODE", "ar")) == "ar"
    forms = _forms(dispute, acts, opened=opened, form=form) if handles else []
    due = earliest_of(subject_type=Dispute._meta.label, subject_ids=[dispute.pk]).get(dispute.pk)
    telling = {row.pk for row in recipients_due(dispute=dispute)}
    packs = list(dispute.packs.select_related("paper", "made_by", "reviewed_by", "message").order_by("-pk"))
    return render(
        request,
        "complaints/disputes/board.html",
        {
            **board_context(user=user, view=request.GET.get("view", ""), now=now),
            "dispute": dispute,
            "words": _words(dispute),
            "due": due,
            "timeline": timeline,
            "drawn": drawn(timeline=timeline, rtl=rtl),
            "moves": [
                (move, *STEP_MARKS.get(move.what, ("dot", "")))
                for move in dispute.moves.select_related("by").order_by("-at", "-pk")
            ],
            "papers": dispute.papers.defer("content_sealed").order_by("-pk"),
            "pack_lines": pack_lines(dispute=dispute) if dispute.state == DisputeState.WITH_MEMBER else [],
            "packs": packs,
            "notice_lost": notice_is_lost(dispute=dispute),
            "result_lost": result_is_lost(dispute=dispute),
            "reviews": can_review_packs(user),
            "send_form": given.get("send_form", SendForm(auto_id="send_%s")),
            "sends": handles and dispute.state == DisputeState.WITH_MEMBER,
            "recipients": [
                (row, given["tell_form"] if given.get("told") == row.pk else _tell(row) if row.pk in telling else None)
                for row in dispute.recipients.order_by("pk")
            ],
            "messages_sent": messages_told(subject=dispute),
            "duties": duties_open(dispute=dispute) if dispute.state == DisputeState.DECIDED else [],
            "acts": [one for one in forms if not one["act"].quiet],
            "more": [one for one in forms if one["act"].quiet],
            "today": clock.today(),
        },
        status=status,
    )


def _tell(row: Any) -> OtherWayForm:
    return OtherWayForm(initial={"email": row.email}, auto_id=f"tell_{row.pk}_%s")
