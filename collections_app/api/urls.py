from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from collections_app.api import notes, payments, placements, reads

urlpatterns = [
    path("placements", placements.Placements.as_view(), name="api_placements"),
    path("cases", reads.Cases.as_view(), name="api_cases"),
    path("cases/<path:debtor_ref>", reads.OneCase.as_view(), name="api_case"),
    path("receivables", reads.Receivables.as_view(), name="api_receivables"),
    path("payments", payments.Payments.as_view(), name="api_payments"),
    path("payments/<path:reference>/reversal", payments.Reversal.as_view(), name="api_reversal"),
    path("notes", notes.Notes.as_view(), name="api_notes"),
    # The same for everybody and of nobody's rows: open, so that a generator can read it.
    path(
        "schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="api_schema",
    ),
]
