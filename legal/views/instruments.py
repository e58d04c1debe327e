"""What a debt stands on, entered and corrected on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from collections_app.models import Case, Debt
from collections_app.policies import cases_visible_to
from common import clock
from common.exceptions import Refused
from common.forms import blame
from legal.choices import InstrumentKind
from legal.forms.files import InstrumentForm, ReturnForm
from legal.models import Instrument
from legal.policies import can_keep_legal, can_see_legal
from legal.rules.instruments import note_faults
from legal.selectors.limitation import limitation_of
from legal.services.instruments import FIELDS, instrument_return, instrument_save


def _case(request: HttpRequest, pk: int) -> Case:
    return get_object_or_404(cases_visible_to(user_of(request)).select_related("debtor", "client"), pk=pk)


@require_GET
@allow(can_see_legal)
def instruments(request: HttpRequest, pk: int) -> HttpResponse:
    """The debts of a case, what each stands on, and until when it can be claimed."""
    case, today = _case(request, pk), clock.today()
    ways = limitation_of(case=case, today=today)
    debts = [
        {
            "debt": debt,
            "instruments": list(debt.instruments.order_by("pk")),
            "ways": [way for way in ways if way.debt_id == debt.pk],
        }
        for debt in case.debts.order_by("pk")
    ]
    context = {"case": case, "debts": debts, "keeps": can_keep_legal(user_of(request))}
    return render(request, "legal/instruments.html", context)


def _page(
    request: HttpRequest, form: InstrumentForm, *, debt: Debt, instrument: Instrument | None, **given: Any
) -> HttpResponse:
    context = {
        "form": form,
        "debt": debt,
        "case": debt.case,
        "instrument": instrument,
        "faults": _faults(instrument),
        "return_form": ReturnForm(initial={"on": clock.today()}, auto_id="return_%s"),
        **given,
    }
    faults = form.errors or given.get("return_form", form).errors
    return render(request, "legal/instrument.html", context, status=422 if faults else 200)


def _faults(instrument: Instrument | None) -> list[Any]:
    """What a note does not show of its seven items, as warnings; nothing for other instruments."""
    if instrument is None or instrument.kind != InstrumentKind.PROMISSORY_NOTE:
        return []
    names = ("says_note", "unconditional", "due_on", "payment_place", "payee", "issued_on", "issue_place", "signed")
    return [fault.label for fault in note_faults(**{name: getattr(instrument, name) for name in names})]


def _saved(
    request: HttpRequest, form: InstrumentForm, *, debt: Debt, instrument: Instrument | None
) -> HttpResponse | None:
    try:
        instrument_save(user=user_of(request), debt=debt, instrument=instrument, **form.cleaned_data)
    except Refused as refusal:
        blame(form, refusal)
        return None
    messages.success(request, _("Saved"))
    return redirect("instruments", debt.case_id)


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def instrument_new(request: HttpRequest, pk: int, debt_pk: int) -> HttpResponse:
    case = _case(request, pk)
    debt = get_object_or_404(case.debts.select_related("case__debtor", "case__client"), pk=debt_pk)
    form = InstrumentForm(request.POST or None, initial={"payee": case.client.name})
    if request.method == "POST" and form.is_valid():
        answer = _saved(request, form, debt=debt, instrument=None)
        if answer is not None:
            return answer
    return _page(request, form, debt=debt, instrument=None)


def _instrument(request: HttpRequest, pk: int) -> Instrument:
    found = Instrument.objects.select_related("debt__case__debtor", "debt__case__client").filter(pk=pk).first()
    if found is None or not cases_visible_to(user_of(request)).filter(pk=found.debt.case_id).exists():
        raise Http404
    return found


def _filled(found: Instrument) -> dict[str, Any]:
    return {name: getattr(found, name) for name in FIELDS}


@require_http_methods(["GET", "POST"])
@allow(can_keep_legal)
def instrument(request: HttpRequest, pk: int) -> HttpResponse:
    found = _instrument(request, pk)
    form = InstrumentForm(request.POST or None, initial=_filled(found))
    if request.method == "POST" and form.is_valid():
        answer = _saved(request, form, debt=found.debt, instrument=found)
        if answer is not None:
            return answer
    return _page(request, form, debt=found.debt, instrument=found)


@require_POST
@allow(can_keep_legal)
def instrument_back(request: HttpRequest, pk: int) -> HttpResponse:
    """It was handed back."""
    found, form = _instrument(request, pk), ReturnForm(request.POST, auto_id="return_%s")
    if form.is_valid():
        try:
            instrument_return(user=user_of(request), instrument=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("instruments", found.debt.case_id)
    return _page(request, InstrumentForm(initial=_filled(found)), debt=found.debt, instrument=found, return_form=form)
