"""Imports in the browser: upload, look at the preview, start, watch, read the result."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from collections_app.choices import FileKind, ImportStatus
from collections_app.forms import FileColumnsForm, ImportForm, ReadingForm
from collections_app.models import ImportFile
from collections_app.policies import can_import_portfolio, can_withdraw_file
from collections_app.selectors.aging import ages_drawn
from collections_app.selectors.file_withdrawals import can_be_withdrawn, withdrawal_of
from collections_app.selectors.recalls import answer_heading, recall_answers
from collections_app.selectors.suspects import Suspects
from collections_app.services.recalls import refused_answers
from collections_app.services.refusal_files import refused_write
from collections_app.services.suspects import suspects_decide
from collections_app.services.uploads import (
    upload_check,
    upload_forget,
    upload_keep,
    upload_progress,
    upload_sample,
    upload_start,
)
from collections_app.tasks import import_task, suspects_task
from common import clock
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame, key_of
from common.spreadsheets import XLSX, inert, text_write, workbook_write

# What an import goes through, in the words of its page.
STEPS = (
    ("read", gettext_lazy("The file is read")),
    ("check", gettext_lazy("Each row is checked")),
    ("write", gettext_lazy("Cases and receivables are written")),
    ("age", gettext_lazy("Ages and stages are computed")),
)


# What a file of each kind brings.
MAKES: Mapping[str, tuple[tuple[str, Any], ...]] = {
    FileKind.PLACEMENT: (
        ("cases", gettext_lazy("Cases")),
        ("debts", gettext_lazy("Debts")),
        ("receivables", gettext_lazy("Receivables")),
        ("payments", gettext_lazy("Payments")),
    ),
    FileKind.CONTACTS: (
        ("contacts", gettext_lazy("Numbers and addresses added")),
        ("ended", gettext_lazy("Marked as no longer right")),
    ),
    FileKind.RECALLS: (("recalls", gettext_lazy("Cases under notice")),),
    FileKind.BALANCES: (("credited", gettext_lazy("Credit notes")), ("debited", gettext_lazy("Debit notes"))),
}


@require_GET
@allow(can_import_portfolio)
def import_list(request: HttpRequest) -> HttpResponse:
    files = ImportFile.objects.select_related("client", "uploaded_by").order_by("-created_at")
    page = Paginator(files, 30).get_page(request.GET.get("page"))
    return render(request, "collections_app/imports.html", {"page": page})


@require_http_methods(["GET", "POST"])
@allow(can_import_portfolio)
def import_new(request: HttpRequest) -> HttpResponse:
    """Upload a file. With a layout the preview comes at once, else the page on which its columns are named."""
    user = user_of(request)
    initial = {"client": client} if (client := key_of(request.GET.get("client", ""))) is not None else {}
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["file"].size > settings.IMPORT_MAX_BYTES:
            form.add_error("file", _("The file is too large."))
        elif data["file"].size == 0:
            form.add_error("file", _("The file is empty."))
        else:
            kept = upload_keep(
                user=user,
                client=data["client"],
                content=data["file"].read(),
                name=data["file"].name,
                placed_on=data["placed_on"],
                kind=data["kind"],
            )
            if data["layout"] is None:
                return redirect("import_columns", kept.pk)
            try:
                upload_check(user=user, file=kept, layout=data["layout"])
            except Refused as refusal:
                upload_forget(file=kept)
                blame(form, refusal)
            else:
                return redirect("import", kept.pk)
    return render(request, "collections_app/import_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(can_import_portfolio)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each column holds, beside the file's first lines; then it is checked."""
    file = get_object_or_404(
        ImportFile.objects.select_related("client"),
        pk=pk,
        status__in=[ImportStatus.UPLOADED, ImportStatus.CHECKED],
    )
    asked = ReadingForm(request.POST if request.method == "POST" else request.GET)
    chosen = asked.cleaned_data if asked.is_valid() else {}
    try:
        sample, proposal = upload_sample(file=file, **chosen)
        form = FileColumnsForm(
            request.POST or None, kind=file.kind, header=sample[0] if sample else [], initial=proposal
        )
        if request.method == "POST" and form.is_valid():
            upload_check(user=user_of(request), file=file, layout=form.layout())
            return redirect("import", file.pk)
    except Refused as refusal:
        if refusal.code == "upload_gone":
            messages.error(request, str(refusal.message))
            return redirect("import_new")
        blame(form, refusal)
    context = {"file": file, "form": form, "sample": sample, "lines": sample[1:]}
    return render(request, "collections_app/import_columns.html", context, status=422 if form.errors else 200)


@require_GET
@allow(can_import_portfolio)
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview, the progress, the result: one address for one file."""
    file = get_object_or_404(ImportFile.objects.select_related("client", "uploaded_by"), pk=pk)
    if file.status == ImportStatus.UPLOADED:
        return redirect("import_columns", file.pk)
    result = dict(file.result)
    if isinstance(result.get("error"), dict):
        result["error"] = result["error"][short(get_language() or "ar")]
    suspects = Suspects.of(file=file, page=request.GET.get("page"))
    # Those that somebody decides stand by themselves.
    looked_at = [row for row in result.get("suspect_rows", []) if not suspects.total or "known" not in row]
    context = {
        "file": file,
        "looked_at": looked_at,
        "withdrawal": withdrawal_of(file=file),
        "may_withdraw": can_withdraw_file(user_of(request)) and can_be_withdrawn(file=file),
        "progress": upload_progress(file=file),
        "steps": STEPS,
        "result": result,
        "made": [(words, result.get(name, 0)) for name, words in MAKES[file.kind]],
        "suspects": suspects,
        "ages": ages_drawn(ages=result.get("ages", []), rtl=get_language() == "ar"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/import_state.html", context)
    return render(request, "collections_app/import.html", context)


@require_POST
@allow(can_import_portfolio)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the preview: the worker writes it."""
    file = get_object_or_404(ImportFile, pk=pk)
    if upload_start(file=file, accept_good_rows="accept_good_rows" in request.POST):
        import_task.delay(file.pk)
    return redirect("import", file.pk)


@require_POST
@allow(can_import_portfolio)
def import_suspects(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of rows that are known ones but for leading zeros which they are: one of them, or all that wait."""
    file = get_object_or_404(ImportFile, pk=pk)
    line = key_of(request.POST.get("line", ""))
    try:
        lines = None if "all" in request.POST else [line] if line is not None else []
        if suspects_decide(user=user_of(request), file=file, decision=request.POST.get("decision", ""), lines=lines):
            suspects_task.delay(file.pk)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("import", file.pk)


@require_GET
@allow(can_import_portfolio)
def import_refusals(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows with their reasons, as a file that opens nothing by itself."""
    file = get_object_or_404(ImportFile, pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{file.pk}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["line", "column", "value", "reason_ar", "reason_en"])
    for refusal in file.result.get("refusals", []):
        writer.writerow([inert(refusal[name]) for name in ("line", "column", "value", "reason_ar", "reason_en")])
    return response


@require_GET
@allow(can_import_portfolio)
def import_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused rows in the client's own columns, with the reasons, to be corrected and sent back."""
    file = get_object_or_404(ImportFile.objects.exclude(refused_path=""), pk=pk)
    try:
        written = refused_write(user=user_of(request), file=file, language=short(get_language() or "ar"))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("import", file.pk)
    return FileResponse(written.content, as_attachment=True, filename=written.name, content_type=written.content_type)


@require_GET
@allow(can_import_portfolio)
def import_answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answer to a client's recalls, row by row: as a workbook, or with ``?form=csv`` as text."""
    file = get_object_or_404(
        ImportFile, pk=pk, kind=FileKind.RECALLS, status__in=[ImportStatus.DONE, ImportStatus.REFUSED]
    )
    # In the order of the client's file: what was accepted, then what was not.
    lines = chain([answer_heading()], recall_answers(file=file, today=clock.today()), refused_answers(file=file))
    text = request.GET.get("form") == "csv"
    content: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by the response
    (text_write if text else workbook_write)(content=content, rows=lines)
    content.seek(0)
    return FileResponse(
        content,
        as_attachment=True,
        filename=f"recall-answer-{file.pk}.{'csv' if text else 'xlsx'}",
        content_type="text/csv; charset=utf-8" if text else XLSX,
    )
