"""Notes on receivables: written, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.forms.money import NoteForm, ReasonForm
from collections_app.models import Case, LedgerEntry
from collections_app.policies import can_post_notes
from collections_app.services.ledger import note_reverse
from collections_app.services.notes import note_give
from collections_app.views.case_page import case_of, case_page
from common.audit import Actor
from common.components.format import money_text
from common.exceptions import Refused
from common.forms import blame
from common.once import once


def _noted(case: Case) -> HttpResponseRedirectBase:
    return redirect(f"{reverse('case', args=[case.pk])}?show=notes")


def _said(entry: LedgerEntry) -> str:
    amount = money_text(amount=abs(entry.amount), currency=entry.currency, language=get_language() or "ar")
    return f"{entry.get_kind_display()} {amount}"


@require_POST
@allow(can_post_notes)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note on a receivable of the case."""
    found = case_of(request, pk)
    form = NoteForm(request.POST, case=found)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            entry = note_give(user=user_of(request), **form.cleaned_data)
            messages.success(request, _("Recorded: %(note)s") % {"note": _said(entry)})
            return _noted(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, note_form=form, tab="notes")


@require_POST
@allow(can_post_notes)
def note_back(request: HttpRequest, pk: int, entry_pk: int) -> HttpResponse:
    """Take a note back whole, with the reason."""
    found = case_of(request, pk)
    entry = get_object_or_404(LedgerEntry, pk=entry_pk, receivable__case=found)
    form = ReasonForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            note_reverse(actor=Actor.person(user_of(request)), entry=entry, **form.cleaned_data)
            messages.success(request, _("Taken back: %(note)s") % {"note": _said(entry)})
            return _noted(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, note_back_form=form, noting_back=entry.pk, tab="notes")
