"""Addresses of disputes for members' systems."""

from django.urls import path

from complaints.api import disputes

urlpatterns = [
    path("disputes", disputes.Disputes.as_view(), name="api_disputes"),
    path("disputes/<path:reference>/reply", disputes.Reply.as_view(), name="api_dispute_reply"),
    path("disputes/<path:reference>", disputes.OneDispute.as_view(), name="api_dispute"),
]
