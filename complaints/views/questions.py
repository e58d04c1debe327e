"""Frequent questions for everybody (CR-06, CX-17): without an account, in both languages, and without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from common import clock
from complaints.selectors.policy_texts import policy_published
from complaints.selectors.procedures import procedure_in_force
from complaints.selectors.questions import questions_found, questions_published, questions_suggested

# A published answer may be this old where it is shown, in seconds.
KEPT = 300


@require_GET
@cache_control(private=True, max_age=KEPT)
def questions(request: HttpRequest) -> HttpResponse:
    """All of them, or those that speak of what is searched."""
    words = request.GET.get("q", "").strip()[:100]
    found = questions_found(words=words) if words else questions_published()
    return render(request, "complaints/public/questions.html", {"questions": list(found), "words": words})


@require_GET
@cache_control(private=True, max_age=KEPT)
def suggested(request: HttpRequest) -> HttpResponse:
    """What may answer who chooses a category on the form: a piece of that page."""
    found = questions_suggested(category=request.GET.get("category", "")[:40])
    return render(request, "complaints/public/suggested.html", {"suggested": list(found)})


@require_GET
@cache_control(private=True, max_age=KEPT)
def policy(request: HttpRequest) -> HttpResponse:
    """How complaints are dealt with, as everybody may read it."""
    return render(request, "complaints/public/policy.html", {"policy": policy_published(code="COMPLAINTS")})


@require_GET
@cache_control(private=True, max_age=KEPT)
def dispute_guide(request: HttpRequest) -> HttpResponse:
    """How an objection to a credit record is dealt with, and how long each step may take (CB-46)."""
    sheet = procedure_in_force(code="DISPUTES", on=clock.today())
    context = {"policy": policy_published(code="DISPUTES"), "sheet": sheet}
    return render(request, "complaints/public/dispute_guide.html", context)
