from __future__ import annotations

from django.urls import path

from credit.views import applications, customers, decisions, desk, policies, worksheets

urlpatterns = [
    # The desk, customers and their papers.
    path("", desk.desk, name="credit_desk"),
    path("customers/", customers.customer_list, name="credit_customers"),
    path("customers/new/", customers.customer_new, name="credit_customer_new"),
    path("customers/<key:pk>/", customers.customer_one, name="credit_customer"),
    # Applications, from draft to analysis.
    path("applications/<key:pk>/", applications.application_one, name="credit_application"),
    # Scores, decisions, letters and policies.
    path("applications/<key:pk>/score/", worksheets.score, name="credit_application_score"),
    path("applications/<key:pk>/worksheet/", worksheets.worksheet, name="credit_worksheet"),
    path("applications/<key:pk>/worksheet/pdf/", worksheets.worksheet_pdf, name="credit_worksheet_pdf"),
    path("applications/<key:pk>/recommend/", decisions.recommend, name="credit_recommend"),
    path("applications/<key:pk>/recommend/withdraw/", decisions.withdraw, name="credit_recommend_withdraw"),
    path("applications/<key:pk>/letters/", decisions.letter, name="credit_letter_make"),
    path("letters/<key:pk>/", worksheets.made_paper, name="credit_letter"),
    path("policies/", policies.policies, name="credit_policies"),
    path("policies/<key:pk>/", policies.policy, name="credit_policy"),
    path("policies/<key:pk>/new/", policies.policy_new, name="credit_policy_new"),
    path("policies/versions/<key:pk>/", policies.version, name="credit_policy_version"),
    path("policies/versions/<key:pk>/withdraw/", policies.version_withdraw, name="credit_policy_withdraw"),
    # Agreements, limits, stops and reviews.
    # Orders and the portfolio.
]
