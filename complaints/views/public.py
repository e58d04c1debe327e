"""The door for everybody: telling us something without an account (CR-01, CX-12, CX-17)."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common import clock
from common.audit import Actor
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame
from common.limits import Limit, address_of, limit_passed
from common.once import new_key, once
from complaints.choices import Complainant, Intake, MatterKind
from complaints.forms.public import TellForm
from complaints.models import Matter
from complaints.selectors.matters import answer_due
from complaints.selectors.questions import questions_suggested
from complaints.services.intake import matter_take
from complaints.services.matters import Told

# Many people share the address of one mobile network; a person tells us a few things a day. No document names figures.
LIMITS = (Limit(times=10, seconds=600), Limit(times=60, seconds=86_400))
DOOR, SALT, SHOWN_FOR = "tell", "complaints.told", 86_400
ACTOR = Actor.system("public form")


@never_cache
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest) -> HttpResponse:
    """The form. One address may send a few within ten minutes; nobody else waits for it."""
    if request.method == "POST" and (wait := limit_passed(door=DOOR, who=address_of(request), limits=LIMITS)):
        response = render(request, "complaints/public/wait.html", {"minutes": wait // 60 + 1}, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    form = TellForm(
        request.POST or None, request.FILES or None,
        initial={"kind": MatterKind.COMPLAINT, "complainant": Complainant.DEBTOR},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _taken(request, form.cleaned_data))
        except Refused as refusal:
            blame(form, refusal)
    status = 422 if request.method == "POST" else 200
    suggested = questions_suggested(category=request.POST.get("category", "")[:40]) if form.is_bound else ()
    context = {"form": form, "form_key": new_key(), "suggested": suggested}
    return render(request, "complaints/public/tell.html", context, status=status)


def _taken(request: HttpRequest, data: dict[str, Any]) -> HttpResponseRedirectBase:
    named = " · ".join(part for part in (data["creditor"].strip(), data["account_ref"].strip()) if part)
    told = Told(
        intake=Intake.WEB, language=short(getattr(request, "LANGUAGE_CODE", "ar")), account_ref=named,
        **{name: data[name] for name in ("kind", "words", "name", "phone", "email", "complainant", "category",
                                         "remedy_sought")},
    )  # fmt: skip
    matter = matter_take(actor=ACTOR, told=told, at=clock.now(), papers=data["papers"])
    return redirect(f"{reverse('help_told')}?matter={signing.dumps(matter.pk, salt=SALT)}")


@never_cache
@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """The reference, and until when it is answered; for a day, to who holds the address of this page."""
    try:
        pk = signing.loads(request.GET.get("matter", ""), salt=SALT, max_age=SHOWN_FOR)
    except signing.BadSignature:
        return render(request, "complaints/public/told.html", {"matter": None})
    matter = Matter.objects.select_related("client").get(pk=pk)
    due = answer_due(matter=matter, at=matter.received_at)
    return render(request, "complaints/public/told.html", {"matter": matter, "due": due})
