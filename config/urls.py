"""Every door of the house."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from common import converters

converters.register()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("", include("common.urls")),
    path("clients/", include("clients.urls")),
    path("messages/", include("clients.message_urls")),
    path("", include("collections_app.urls")),
    path("", include("legal.urls")),
    path("credit/", include("credit.urls")),
    path("", include("complaints.urls")),
    path("", include("complaints.urls_disputes")),
    path("", include("complaints.urls_learning")),
    path("", include("complaints.urls_published")),
    path("", include("complaints.urls_channels")),
    path("api/v1/", include("collections_app.api.urls")),
    path("api/v1/", include("credit.api.urls")),
    path("api/v1/", include("complaints.api.urls_disputes")),
    path("api/v1/", include("complaints.api.urls")),
    path("", include("reporting.urls")),
]

if settings.STYLEGUIDE:
    from common.views.styleguide import styleguide

    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "common.views.errors.bad_request"
handler404 = "common.views.errors.not_found"
handler500 = "common.views.errors.server_error"
handler403 = "common.views.errors.forbidden"
