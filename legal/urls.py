from __future__ import annotations

from django.urls import path

from legal.views import approvals, papers, requests

urlpatterns = [
    path("cases/<key:pk>/escalate/withdraw/", requests.withdraw, name="case_withdraw"),
    path("cases/<key:pk>/escalate/", requests.propose, name="case_propose"),
    path("approvals/<key:pk>/", approvals.escalation, name="escalation"),
    path("approvals/<key:pk>/decide/", approvals.decide, name="escalation_decide"),
    path("approvals/<key:pk>/change/", requests.amend, name="escalation_amend"),
    path("papers/<key:pk>/", papers.paper, name="paper"),
]
