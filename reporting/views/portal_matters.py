"""Complaints and enquiries in the portal: what the client told us, where each stands, and telling something new."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from clients.models import Client
from collections_app.models import Case
from common import clock
from common.access import portal_scope
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.once import new_key, once
from complaints.choices import Complainant, Intake, MatterKind
from complaints.forms.portal import ClientMatterForm
from complaints.selectors.outside import matters_of_client
from complaints.services.intake import matter_take
from complaints.services.matters import Told
from reporting.views.portal import portal_page, portal_person

A_PAGE = 25


@require_GET
@portal_page
def matters(request: HttpRequest, client: Client) -> HttpResponse:
    """What the client told us, the newest first."""
    found = matters_of_client(client=client).order_by("-received_at", "-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/matters.html", {"client": client, "page": page, "rows": list(page)})


@require_http_methods(["GET", "POST"])
@login_required
def matter_new(request: HttpRequest) -> HttpResponse:
    """Tell us something. The account is looked for under the portal's role; the act itself is the application's."""
    user, client = portal_person(request)
    form = ClientMatterForm(
        request.POST or None, request.FILES or None,
        initial={"kind": MatterKind.ENQUIRY, "complainant": Complainant.CLIENT},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _taken(request, user, client, form.cleaned_data))
        except Refused as refusal:
            blame(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {"client": client, "form": form, "form_key": new_key()}
    return render(request, "portal/matter_form.html", context, status=status)


def _taken(request: HttpRequest, user: User, client: Client, data: dict[str, Any]) -> HttpResponseRedirectBase:
    papers, ref, case = data.pop("papers"), data.pop("debtor_ref").strip(), None
    if ref:
        with portal_scope(client_id=client.pk):
            found = Case.objects.filter(client=client, debtor__debtor_ref=ref).values_list("pk", flat=True).first()
        if found is None:
            raise Refused("debtor_unknown", _("There is no account holder of this reference."), field="debtor_ref")
        case = Case.objects.select_related("debtor__party", "client").get(pk=found)
    by_client = data["complainant"] == Complainant.CLIENT
    told = Told(
        intake=Intake.PORTAL, client=client, case=case, language=user.language, name=user.name if by_client else "",
        email=user.email if by_client else "", **data,
    )  # fmt: skip
    matter = matter_take(actor=Actor.person(user), told=told, at=clock.now(), user=user, papers=papers)
    messages.success(request, _("Registered as %(reference)s") % {"reference": matter.reference})
    return redirect("portal_matters")
