"""Files of orders in the house: answered at once, each with its answers in the client's own columns."""

from __future__ import annotations

import io

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.spreadsheets import XLSX, text_write, workbook_write
from credit.forms.orders import OrderFileForm
from credit.models import OrderFile
from credit.policies import can_place_order
from credit.selectors.order_files import answers_rows, lines_shown
from credit.services.order_files import order_file_place

A_PAGE = 50


@require_http_methods(["GET", "POST"])
@allow(can_place_order)
def order_files(request: HttpRequest) -> HttpResponse:
    """The files that were answered, and a new one."""
    form = OrderFileForm(request.POST or None, request.FILES or None)
    user = user_of(request)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if told["file"].size > settings.IMPORT_MAX_BYTES:
            form.add_error("file", _("The file is too large."))
        else:
            try:
                kept = order_file_place(
                    actor=Actor.person(user), user=user, client=told["client"], content=told["file"].read(),
                    name=told["file"].name, on=clock.today(),
                )  # fmt: skip
            except Refused as refusal:
                form.add_error("file", str(refusal.message))
            else:
                messages.success(request, _("Every line is answered"))
                return redirect("credit_order_file", kept.pk)
    files = OrderFile.objects.select_related("client").defer("lines").order_by("-answered_at", "-pk")
    page = Paginator(files, 20).get_page(request.GET.get("page"))
    return render(request, "credit/orders/files.html", {"form": form, "page": page}, status=422 if form.errors else 200)


@require_GET
@allow(can_place_order)
def order_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file, line by line: what was accepted, what was refused and why, what is wrong."""
    found = get_object_or_404(OrderFile.objects.select_related("client", "answered_by"), pk=pk)
    answer = request.GET.get("answer", "")
    lines = [line for line in found.lines if not answer or line["answer"] == answer]
    page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "credit/orders/file.html",
        {"file": found, "page": page, "rows": lines_shown(list(page)), "answer": answer},
    )


@require_GET
@allow(can_place_order)
def order_file_download(request: HttpRequest, pk: int, form: str) -> FileResponse:
    """The answers in the client's own columns, with ours after them; as text or as a workbook."""
    found = get_object_or_404(OrderFile, pk=pk)
    content = io.BytesIO()
    if form == "xlsx":
        workbook_write(content=content, rows=answers_rows(file=found))
    elif form == "csv":
        text_write(
            content=content, rows=answers_rows(file=found), encoding=found.form.get("encoding", "utf-8"),
            delimiter=found.form.get("delimiter", ","),
        )  # fmt: skip
    else:
        raise Http404
    content.seek(0)
    return FileResponse(
        content,
        as_attachment=True,
        filename=f"orders-{found.pk}.{form}",
        content_type=XLSX if form == "xlsx" else "text/csv",
    )
