from __future__ import annotations

from django.urls import path

from complaints.views import matters, register

urlpatterns = [
    # The register.
    path("matters/", register.register, name="matters"),
    path("matters/<key:pk>/", matters.matter, name="matter"),
    path("matters/<key:pk>/reveal/", matters.reveal, name="matter_reveal"),
    path("matters/papers/<key:pk>/", matters.paper, name="matter_paper"),
    # Handling.
    # Learning.
    # Bureau disputes.
    # Public pages.
]
