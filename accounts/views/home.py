"""The first page, the language, the profile."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import landing_url, user_of
from accounts.choices import Language, Side
from accounts.forms import ProfileForm
from accounts.services.users import profile_update

# The page around the profile, on each side.
LAYOUTS = {Side.HOUSE: "layouts/app.html", Side.PORTAL: "layouts/portal.html", Side.OUTSIDE: "layouts/lawyer.html"}


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Everybody's own first page."""
    return redirect(landing_url(user_of(request)))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: for good when signed in, by cookie before."""
    chosen = request.POST.get("language", "")
    following = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}):
        following = "/"
    response = redirect(following)
    if chosen in Language.values:
        if request.user.is_authenticated:
            profile_update(user=user_of(request), language=chosen, density=user_of(request).density)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, samesite="Lax", httponly=True
        )
    return response


@require_http_methods(["GET", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Language, density, second factor, password."""
    user = user_of(request)
    form = ProfileForm(request.POST or None, initial={"language": user.language, "density": user.density})
    if request.method == "POST" and form.is_valid():
        profile_update(user=user, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("profile")
    return render(
        request,
        "accounts/profile.html",
        {"form": form, "layout": LAYOUTS[user.side], "has_factor": user.has_second_factor},
        status=422 if form.errors else 200,
    )
