"""Money on a case: recorded, said what it is for, taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import allow, user_of
from collections_app.forms.money import PaymentForm, TakeBackForm, WhatForForm
from collections_app.models import Case, Payment
from collections_app.policies import can_reverse_payments
from collections_app.selectors.payments import Preview, payment_preview
from collections_app.services.ledger import payment_pin, payment_post, payment_reverse
from collections_app.views.case_page import case_of, case_page, sees_cases, workable_case
from common import clock
from common.audit import Actor
from common.components.format import money_text
from common.exceptions import Refused
from common.forms import blame
from common.htmx import is_fragment
from common.once import new_key, once


class Asked(Exception):
    """A person is asked before money is posted; nothing was written."""


def _paid(case: Case) -> HttpResponseRedirectBase:
    return redirect(f"{reverse('case', args=[case.pk])}?show=payments")


def _said(posted: Payment) -> str:
    """What became of a payment, in a sentence."""
    language = get_language() or "ar"
    amount = money_text(amount=posted.amount, currency=posted.currency, language=language)
    if not posted.suspense:
        return _("Payment of %(amount)s recorded") % {"amount": amount}
    waits = money_text(amount=posted.suspense, currency=posted.currency, language=language)
    return _("Payment of %(amount)s recorded; %(waits)s of it stays in suspense.") % {"amount": amount, "waits": waits}


def _preview(case: Case, form: PaymentForm) -> Preview | None:
    """What the payment would do, as far as the form says enough; None when it does not."""
    form.is_valid()
    data = form.cleaned_data
    if any(name not in data for name in ("amount", "currency", "value_on")) or data["amount"] <= 0:
        return None
    return payment_preview(
        case=case,
        amount=data["amount"],
        currency=data["currency"],
        value_on=data["value_on"],
        reference=data.get("reference", ""),
        receivable=data.get("receivable"),
    )


@require_POST
@sees_cases
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Record money that came. What is unusual about it is asked first; «check» shows what it would do."""
    found = workable_case(request, pk)
    user = user_of(request)
    form = PaymentForm(request.POST, case=found)
    if "check" in request.POST:
        preview = _preview(found, form)
        if is_fragment(request):
            return render(request, "collections_app/case/payment_preview.html", {"preview": preview})
        return case_page(
            request, found, status=200 if form.is_valid() else 422, payment_form=form, preview=preview,
            open_panel="payment",
        )  # fmt: skip
    preview = None
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            nonlocal preview
            preview = _preview(found, form)
            if preview is not None and preview.mark != request.POST.get("confirmed", ""):
                raise Asked
            posted = payment_post(actor=Actor.person(user), case=found, user=user, **form.cleaned_data)
            messages.success(request, _said(posted))
            return _paid(found)

        try:
            return once(request, act)
        except Asked:
            return case_page(request, found, payment_form=form, preview=preview, asks=True, open_panel="payment")
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, payment_form=form, open_panel="payment")


@require_POST
@allow(can_reverse_payments)
def take_back(request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
    """Take a payment back, or a part of it, with its reason; nothing of it is deleted."""
    found = case_of(request, pk)
    back = get_object_or_404(Payment, pk=payment_pk, case=found)
    form = TakeBackForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            before = back.reversed_amount
            taken = payment_reverse(
                actor=Actor.person(user_of(request)), payment=back, on=clock.today(), **form.cleaned_data
            )
            amount = money_text(
                amount=taken.reversed_amount - before, currency=back.currency, language=get_language() or "ar"
            )
            messages.success(request, _("%(amount)s of the payment is taken back") % {"amount": amount})
            return _paid(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, take_back_form=form, taking_back=back.pk, tab="payments")


@require_http_methods(["GET", "POST"])
@sees_cases
def what_for(request: HttpRequest, pk: int, payment_pk: int) -> HttpResponse:
    """Say which receivables waiting money is for. The parts are added up as they are typed, or at a button."""
    found = workable_case(request, pk)
    waiting = get_object_or_404(Payment.objects.select_related("case", "suspense_owner"), pk=payment_pk, case=found)
    form = WhatForForm(request.POST or None, payment=waiting)
    adding = "add" in request.POST
    if adding and is_fragment(request):
        form.is_valid()
        return render(request, "collections_app/what_for_sum.html", {"form": form, "payment": waiting})
    if form.is_valid() and not adding:

        def act() -> HttpResponseRedirectBase:
            payment_pin(
                actor=Actor.person(user_of(request)),
                payment=waiting,
                pins=form.pins(),
                reason=form.cleaned_data["reason"],
            )
            amount = money_text(amount=form.given, currency=waiting.currency, language=get_language() or "ar")
            messages.success(request, _("%(amount)s has its receivables now") % {"amount": amount})
            return _paid(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return render(
        request,
        "collections_app/what_for.html",
        {"case": found, "payment": waiting, "form": form, "form_key": new_key(), "adding": adding},
        status=422 if form.errors and not adding else 200,
    )
