"""Addresses of complaints for clients' systems."""

from django.urls import path

from complaints.api import matters

urlpatterns = [
    path("matters", matters.Matters.as_view(), name="api_matters"),
    path("matters/<path:reference>", matters.OneMatter.as_view(), name="api_matter"),
]
