"""Money that came: what waits for a person, and the payment files and statements that told of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from collections_app.choices import INCOMING_WAITS, ImportStatus, IncomingKind, IncomingState
from collections_app.forms import IncomingForm, PaymentColumnsForm, ReadingForm, SharesForm
from collections_app.models import IncomingPayment
from collections_app.policies import (
    can_handle_incoming,
    cases_visible_to,
    incoming_files_visible_to,
    incoming_visible_to,
)
from collections_app.rules import matching
from collections_app.selectors.incoming import choices_of, holder_found
from collections_app.services.incoming_decisions import incoming_accept, incoming_match, incoming_set_aside
from collections_app.services.incoming_uploads import (
    incoming_check,
    incoming_forget,
    incoming_keep,
    incoming_progress,
    incoming_sample,
    incoming_start,
)
from collections_app.tasks import incoming_task
from common import money
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame, key_of

# What a file of money goes through, in the words of its page.
STEPS = (("read", gettext_lazy("The file is read")), ("write", gettext_lazy("Payments are matched and posted")))
REASONS = {**matching.WAITS, **matching.MATCHES}
VIEWS = {
    "waiting": INCOMING_WAITS,
    "posted": frozenset({IncomingState.MATCHED}),
    "aside": frozenset({IncomingState.SET_ASIDE}),
}


@require_GET
@allow(can_handle_incoming)
def incoming_list(request: HttpRequest) -> HttpResponse:
    """Money that waits, the oldest value date first; what was posted or set aside, the newest first; and the files."""
    user = user_of(request)
    view = request.GET.get("view", "waiting")
    found = incoming_visible_to(user)
    context: dict[str, Any] = {
        "view": view,
        "waiting": found.filter(state__in=INCOMING_WAITS).count(),
        "reasons": REASONS,
    }
    if view == "files":
        files = incoming_files_visible_to(user).select_related("client").order_by("-created_at", "-pk")
        context["page"] = Paginator(files, 30).get_page(request.GET.get("page"))
    else:
        context["view"] = view = view if view in VIEWS else "waiting"
        order = ("value_on", "pk") if view == "waiting" else ("-decided_at", "-recorded_at", "-pk")
        rows = (
            found.filter(state__in=VIEWS[view]).select_related("client", "case__debtor", "decided_by").order_by(*order)
        )
        context["page"] = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "collections_app/incoming/list.html", context)


@require_http_methods(["GET", "POST"])
@allow(can_handle_incoming)
def incoming_new(request: HttpRequest) -> HttpResponse:
    """Upload a payment file or a statement. A statement is read at once; a payment file's columns are asked first."""
    user = user_of(request)
    initial = {"kind": IncomingKind.PAYMENTS, "client": key_of(request.GET.get("client", ""))}
    form = IncomingForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["file"].size > settings.IMPORT_MAX_BYTES:
            form.add_error("file", _("The file is too large."))
        else:
            kept = incoming_keep(
                user=user,
                client=data["client"],
                kind=data["kind"],
                content=data["file"].read(),
                name=data["file"].name,
            )
            if kept.kind == IncomingKind.PAYMENTS:
                return redirect("incoming_columns", kept.pk)
            try:
                incoming_check(user=user, file=kept, layout={})
            except Refused as refusal:
                incoming_forget(file=kept)
                form.add_error("file", str(refusal.message))
            else:
                return redirect("incoming_file", kept.pk)
    return render(request, "collections_app/incoming/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(can_handle_incoming)
def incoming_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each column of a payment file holds, beside its first lines; then it is matched."""
    user = user_of(request)
    file = get_object_or_404(
        incoming_files_visible_to(user).select_related("client"),
        pk=pk,
        kind=IncomingKind.PAYMENTS,
        status__in=[ImportStatus.UPLOADED, ImportStatus.CHECKED],
    )
    asked = ReadingForm(request.POST if request.method == "POST" else request.GET)
    chosen = asked.cleaned_data if asked.is_valid() else {}
    try:
        sample, proposal = incoming_sample(file=file, **chosen)
        form = PaymentColumnsForm(request.POST or None, header=sample[0] if sample else [], initial=proposal)
        if request.method == "POST" and form.is_valid():
            incoming_check(user=user, file=file, layout=form.layout())
            return redirect("incoming_file", file.pk)
    except Refused as refusal:
        if refusal.code == "upload_gone":
            messages.error(request, str(refusal.message))
            return redirect("incoming_new")
        blame(form, refusal)
    context = {"file": file, "form": form, "sample": sample, "lines": sample[1:]}
    return render(request, "collections_app/incoming/columns.html", context, status=422 if form.errors else 200)


@require_GET
@allow(can_handle_incoming)
def incoming_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview, the progress, the result: one address for one file."""
    files = incoming_files_visible_to(user_of(request)).select_related("client", "uploaded_by")
    file = get_object_or_404(files, pk=pk)
    if file.status == ImportStatus.UPLOADED and file.kind == IncomingKind.PAYMENTS:
        return redirect("incoming_columns", file.pk)
    result = dict(file.result)
    if isinstance(result.get("error"), dict):
        result["error"] = result["error"][short(get_language() or "ar")]
    waits = [
        {**line, "amount": Decimal(line["amount"])}
        for line in (*result.get("suggested", []), *result.get("unmatched", []))
    ]
    result["statements"] = [
        {**one, **{name: Decimal(one[name]) for name in ("opening", "sum", "closing") if one[name] is not None}}
        for one in result.get("statements", [])
    ]
    context = {
        "file": file,
        "result": result,
        "waits": sorted(waits, key=lambda line: line["line"]),
        "posted": len({line["payment_ref"] for line in result.get("matched", [])}),
        "progress": incoming_progress(file=file),
        "steps": STEPS,
    }
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/incoming/file_state.html", context)
    return render(request, "collections_app/incoming/file.html", context)


@require_POST
@allow(can_handle_incoming)
def incoming_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the preview: the worker posts it."""
    file = get_object_or_404(incoming_files_visible_to(user_of(request)), pk=pk)
    if incoming_start(file=file):
        incoming_task.delay(file.pk)
    return redirect("incoming_file", file.pk)


def _one(request: HttpRequest, pk: int) -> IncomingPayment:
    rows = incoming_visible_to(user_of(request)).select_related(
        "client", "file", "case__debtor", "case__client", "payment", "decided_by"
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, row: IncomingPayment, *, form: SharesForm | None = None, reason: str = "", status: int = 200
) -> HttpResponse:
    """One payment with what may be done about it."""
    user = user_of(request)
    find = request.GET.get("find", request.POST.get("find", "")).strip()[:200]
    holders = holder_found(row=row, find=find) if row.state != IncomingState.MATCHED else []
    if form is None and len(holders) == 1:
        form = SharesForm(open_items=holders[0].items)
    fields = {}
    if form is not None and holders:
        fields = {item.receivable_id: form[f"share_{item.receivable_id}"] for item in holders[0].items}
    context = {
        "row": row,
        "choices": choices_of(row=row) if row.state in INCOMING_WAITS else [],
        "find": find,
        "holders": holders,
        "form": form,
        "fields": fields,
        "waits": row.state in INCOMING_WAITS,
        "sees_case": row.case is not None and cases_visible_to(user).filter(pk=row.case.pk).exists(),
        "aside_error": reason,
        "reasons": REASONS,
        "left_over": row.payment.suspense if row.payment is not None else money.ZERO,
    }
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/incoming/by_hand.html", context, status=status)
    return render(request, "collections_app/incoming/one.html", context, status=status)


@require_GET
@allow(can_handle_incoming)
def incoming_one(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file says of a payment, what it may have been for, and a search for what else."""
    return _page(request, _one(request, pk))


def _next(request: HttpRequest, words: str) -> HttpResponse:
    """Say that it is done and go on with what waits."""
    messages.success(request, words)
    return redirect("incoming")


@require_POST
@allow(can_handle_incoming)
def incoming_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a payment as a suggestion says."""
    row = _one(request, pk)
    try:
        incoming_accept(user=user_of(request), row=row, choice=request.POST.get("choice", ""))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("incoming_one", row.pk)
    return _next(request, _("The payment is posted"))


@require_POST
@allow(can_handle_incoming)
def incoming_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Post a payment on the receivables of one account holder that a person chose."""
    row = _one(request, pk)
    holders = holder_found(row=row, find=request.POST.get("find", "").strip()[:200])
    form = SharesForm(request.POST, open_items=holders[0].items if len(holders) == 1 else [])
    if form.is_valid():
        try:
            incoming_match(user=user_of(request), row=row, shares=form.shares())
        except Refused as refusal:
            blame(form, refusal)
        else:
            return _next(request, _("The payment is posted"))
    return _page(request, row, form=form, status=422)


@require_POST
@allow(can_handle_incoming)
def incoming_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a payment off the list with a reason."""
    row = _one(request, pk)
    try:
        incoming_set_aside(user=user_of(request), row=row, reason=request.POST.get("reason", "")[:300])
    except Refused as refusal:
        return _page(request, row, reason=str(refusal.message), status=422)
    return _next(request, _("The payment is set aside"))
