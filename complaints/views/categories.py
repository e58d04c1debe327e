"""The category tree, kept by the quality officer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from common.exceptions import Refused
from common.forms import blame
from complaints.forms.register import CategoryForm
from complaints.models import Category
from complaints.policies import can_keep_categories, sees_matters
from complaints.selectors.register import tree_of
from complaints.services.categories import FIELDS, category_save


@require_GET
@allow(sees_matters)
def category_list(request: HttpRequest) -> HttpResponse:
    """The whole tree, with how often each was used."""
    return render(
        request, "complaints/categories.html", {"tree": tree_of(), "keeps": can_keep_categories(user_of(request))}
    )


def _form(request: HttpRequest, category: Category | None) -> HttpResponse:
    initial = {name: getattr(category, name) for name in FIELDS} if category else {"is_active": True, "position": 0}
    form = CategoryForm(request.POST or None, category=category, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            category_save(user=user_of(request), category=category, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("matter_categories")
    context = {"form": form, "category": category}
    return render(request, "complaints/category_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(can_keep_categories)
def category_new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@allow(can_keep_categories)
def category(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(Category, pk=pk))
