"""What was agreed with each client, and agreeing on something new."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import allow, user_of
from clients.selectors.clients import clients_visible_to
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from reporting.forms import TargetForm
from reporting.policies import can_read_reports
from reporting.selectors.targets import targets_of, targets_ruling
from reporting.services.targets import target_agree


@require_http_methods(["GET", "POST"])
@allow(can_read_reports)
def targets(request: HttpRequest) -> HttpResponse:
    """A client's targets, those that rule first, and the form for the next."""
    user = user_of(request)
    clients = clients_visible_to(user).order_by("code")
    told = request.GET.get("client", "")
    client = get_object_or_404(clients, pk=key_of(told) or 0) if told else clients.first()
    if client is None:
        return render(request, "reporting/targets.html", {"clients": clients, "client": None})
    form = TargetForm(
        request.POST or None,
        client=client,
        initial={
            "starts_on": clock.today(),
            # What an assessment proposed.
            "code": request.GET.get("code", ""),
            "value": request.GET.get("value", ""),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            target_agree(user=user, client=client, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The target is recorded."))
            return redirect(f"{reverse('targets')}?client={client.pk}")
    context = {
        "clients": clients,
        "client": client,
        "targets": targets_of(client_id=client.pk),
        "ruling": {target.pk for target in targets_ruling(client_id=client.pk, on=clock.today()).values()},
        "today": clock.today(),
        "form": form,
    }
    return render(request, "reporting/targets.html", context, status=422 if form.errors else 200)
