"""Writing down what somebody told us: by hand, or from a contact with an account holder."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import allow, user_of
from accounts.models import User
from collections_app.models import Case, ContactAttempt
from collections_app.policies import cases_visible_to
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame, key_of
from common.once import new_key, once
from complaints.choices import Complainant, Intake, MatterKind
from complaints.forms.register import MatterForm
from complaints.policies import can_register_matters, matters_visible_to, sees_matters
from complaints.services.call_backs import call_back_promise
from complaints.services.intake import matter_take
from complaints.services.matters import Told


def case_named(cases: QuerySet[Case], *, client: Any, account_ref: str) -> Case | None:
    """The case of a client's account, among those a person may see."""
    if client is None or not account_ref.strip():
        return None
    found = cases.filter(client=client, debtor__debtor_ref=account_ref.strip())
    return found.select_related("debtor__party", "client").first()


def _from(request: HttpRequest, user: User) -> tuple[Case | None, ContactAttempt | None]:
    """The case that the form was opened from, and the contact. Raises Http404 for what the person does not see."""
    pk, contact = key_of(request.GET.get("case", "")), key_of(request.GET.get("contact", ""))
    if pk is None:
        return None, None
    case = get_object_or_404(cases_visible_to(user).select_related("debtor__party", "client"), pk=pk)
    attempt = get_object_or_404(ContactAttempt, pk=contact, case=case) if contact is not None else None
    return case, attempt


@require_http_methods(["GET", "POST"])
@allow(can_register_matters)
def matter_new(request: HttpRequest) -> HttpResponse:
    """Write down what somebody told us; the reference is there at once."""
    user = user_of(request)
    case, attempt = _from(request, user)
    initial = {
        "intake": Intake.CONTACT if case else Intake.PHONE,
        "kind": request.GET.get("kind", MatterKind.COMPLAINT),
        "complainant": Complainant.DEBTOR,
        "language": "ar",
        "name": case.debtor.name if case else "",
    }
    if not case and not sees_matters(user):
        # Who collects writes down what is said of their cases.
        return redirect("cases")
    form = MatterForm(request.POST or None, request.FILES or None, from_case=case is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _taken(request, user, form.cleaned_data, case=case, attempt=attempt))
        except Refused as refusal:
            blame(form, refusal)
    return render(
        request,
        "complaints/matter_form.html",
        {"form": form, "case": case, "attempt": attempt, "form_key": new_key()},
        status=422 if form.errors else 200,
    )


def _taken(
    request: HttpRequest, user: User, data: dict[str, Any], *, case: Case | None, attempt: ContactAttempt | None
) -> HttpResponseRedirectBase:
    now = clock.now()
    received, files, promises = data.pop("received_at") or now, data.pop("papers"), data.pop("promises_call")
    named = case or case_named(cases_visible_to(user), client=data.get("client"), account_ref=data["account_ref"])
    data["language"] = data.get("language", "ar")
    told = Told(**{**data, "client": named.client if named else data.get("client")}, case=named, attempt=attempt)
    matter = matter_take(actor=Actor.person(user), told=told, at=min(received, now), user=user, papers=files)
    if promises:
        call_back_promise(user=user, matter=matter, at=now)
    messages.success(request, _("Registered as %(reference)s") % {"reference": matter.reference})
    if matters_visible_to(user).filter(pk=matter.pk).exists():
        return redirect("matter", matter.pk)
    back = reverse("case", args=[case.pk]) if case else reverse("matters" if sees_matters(user) else "cases")
    return redirect(back)
