"""A recall under notice, taken back from the case's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.models import Recall
from collections_app.policies import can_take_recall_back
from collections_app.services.recalls import recall_take_back
from collections_app.views.case_page import case_of
from common.exceptions import Refused


@require_POST
@allow(can_take_recall_back)
def take_back(request: HttpRequest, pk: int, recall_pk: int) -> HttpResponse:
    """The client leaves the case with us after all."""
    found = case_of(request, pk)
    recall = get_object_or_404(Recall, pk=recall_pk, case=found)
    try:
        recall_take_back(user=user_of(request), recall=recall, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back"))
    return redirect("case", found.pk)
