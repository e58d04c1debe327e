"""Money taken back: a returned cheque, a payment recorded by mistake."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.models import Payment
from collections_app.policies import can_reverse_payments, cases_visible_to
from collections_app.services.ledger import payment_reverse
from common import clock
from common.audit import Actor
from common.exceptions import Refused


@require_POST
@allow(can_reverse_payments)
def take_back(request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
    """Reverse one payment of a case, with its reason; nothing of it is deleted."""
    user = user_of(request)
    case = get_object_or_404(cases_visible_to(user), pk=pk)
    payment = get_object_or_404(Payment, pk=payment_pk, case=case)
    try:
        payment_reverse(
            actor=Actor.person(user), payment=payment, on=clock.today(), reason=request.POST.get("reason", "")[:300]
        )
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The payment is taken back"))
    return redirect(f"{reverse('case', args=[case.pk])}?show=ledger")
