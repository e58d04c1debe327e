"""Addresses of trade credit for clients' systems, beneath those of collection."""

from django.urls import path

from credit.api import score

urlpatterns = [
    path("credit/score", score.CreditScore.as_view(), name="api_credit_score"),
]
