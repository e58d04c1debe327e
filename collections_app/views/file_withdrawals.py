"""A wrongly imported file is taken back: what that comes to first, then the act."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from collections_app.choices import FileKind, ImportStatus
from collections_app.forms.files import WithdrawForm
from collections_app.models import ImportFile
from collections_app.policies import can_import_portfolio, can_withdraw_file
from collections_app.selectors.file_withdrawals import (
    SHOWN,
    can_be_withdrawn,
    contacted_of,
    contacted_rows,
    withdrawal_of,
    withdrawal_preview,
)
from collections_app.services.file_withdrawals import file_withdraw
from collections_app.tasks import file_withdraw_task
from common.exceptions import Refused
from common.forms import blame
from common.spreadsheets import XLSX, workbook_write


def _file(pk: int) -> ImportFile:
    files = ImportFile.objects.select_related("client")
    return get_object_or_404(files, pk=pk, kind=FileKind.PLACEMENT, status=ImportStatus.DONE)


@require_http_methods(["GET", "POST"])
@allow(can_withdraw_file)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at what it comes to, say why, type the client's code; the worker does it."""
    file = _file(pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            file_withdraw(user=user_of(request), file=file, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            file_withdraw_task.delay(file.pk)
            return redirect("import", file.pk)
    context = {
        "file": file,
        "form": form,
        "possible": can_be_withdrawn(file=file),
        "withdrawal": withdrawal_of(file=file),
        "preview": withdrawal_preview(file=file),
        "contacts": contacted_of(file=file)[:SHOWN],
    }
    return render(request, "collections_app/import_withdraw.html", context, status=422 if form.errors else 200)


@require_GET
@allow(can_import_portfolio)
def contacted(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Whom we reached about the cases of a file since it came, as a workbook."""
    file = _file(pk)
    content: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by the response
    workbook_write(content=content, rows=contacted_rows(file=file))
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=f"contacted-{file.pk}.xlsx", content_type=XLSX)
