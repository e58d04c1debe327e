from __future__ import annotations

from django.urls import path

from credit.views import applications, customers, desk

urlpatterns = [
    # The desk, customers and their papers.
    path("", desk.desk, name="credit_desk"),
    path("customers/", customers.customer_list, name="credit_customers"),
    path("customers/new/", customers.customer_new, name="credit_customer_new"),
    path("customers/<key:pk>/", customers.customer_one, name="credit_customer"),
    # Applications, from draft to analysis.
    path("applications/<key:pk>/", applications.application_one, name="credit_application"),
    # Scores, decisions, letters and policies.
    # Agreements, limits, stops and reviews.
    # Orders and the portfolio.
]
