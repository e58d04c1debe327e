"""Imports in the browser: upload, look at the preview, start, watch, read the result."""

from __future__ import annotations

import csv
import json

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from collections_app.forms import ImportForm
from collections_app.models import ImportFile, ImportLayout
from collections_app.policies import can_import_portfolio
from collections_app.services.uploads import upload_keep, upload_progress, upload_start
from collections_app.tasks import import_task
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame
from common.spreadsheets import inert


@require_GET
@allow(can_import_portfolio)
def import_list(request: HttpRequest) -> HttpResponse:
    files = ImportFile.objects.select_related("client", "uploaded_by").order_by("-created_at")
    page = Paginator(files, 30).get_page(request.GET.get("page"))
    return render(request, "collections_app/imports.html", {"page": page})


@require_http_methods(["GET", "POST"])
@allow(can_import_portfolio)
def import_new(request: HttpRequest) -> HttpResponse:
    """Upload a file; what comes back is a preview, nothing is written to the book yet."""
    initial = {}
    client = request.GET.get("client", "")
    if client.isascii() and client.isdecimal() and len(client) < 19:
        layout = ImportLayout.objects.filter(client_id=int(client), name="last").first()
        initial = {"client": client}
        if layout:
            initial["layout"] = json.dumps(layout.definition, indent=1, ensure_ascii=False)
    form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["file"].size > settings.IMPORT_MAX_BYTES:
            form.add_error("file", _("The file is too large."))
        else:
            try:
                kept = upload_keep(
                    user=user_of(request),
                    client=data["client"],
                    content=data["file"].read(),
                    name=data["file"].name,
                    layout=data["layout"],
                    placed_on=data["placed_on"],
                    accept_good_rows=data["accept_good_rows"],
                )
            except Refused as refusal:
                blame(form, refusal)
            else:
                return redirect("import", kept.pk)
    return render(request, "collections_app/import_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@allow(can_import_portfolio)
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview, the progress, the result: one address for one file."""
    file = get_object_or_404(ImportFile.objects.select_related("client", "uploaded_by"), pk=pk)
    result = dict(file.result)
    if isinstance(result.get("error"), dict):
        result["error"] = result["error"][short(get_language() or "ar")]
    context = {"file": file, "progress": upload_progress(file=file), "result": result}
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
