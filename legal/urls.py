from __future__ import annotations

from django.urls import path

from legal.views import approvals, authorisations, papers, requests

urlpatterns = [
    path("cases/<key:pk>/escalate/withdraw/", requests.withdraw, name="case_withdraw"),
    path("cases/<key:pk>/escalate/", requests.propose, name="case_propose"),
    path("approvals/<key:pk>/", approvals.escalation, name="escalation"),
    path("approvals/<key:pk>/decide/", approvals.decide, name="escalation_decide"),
    path("approvals/<key:pk>/change/", requests.amend, name="escalation_amend"),
    path("legal/authorisations/", authorisations.authorisations, name="authorisations"),
    path("legal/authorisations/<key:pk>/", authorisations.authorisation, name="authorisation"),
    path("legal/authorisations/<key:pk>/act/", authorisations.act, name="authorisation_act"),
    path("legal/authorisations/<key:pk>/claim/", authorisations.claim, name="authorisation_claim"),
    path("legal/authorisations/<key:pk>/cost/", authorisations.cost, name="authorisation_cost"),
    path("legal/authorisations/<key:pk>/renew/", authorisations.renew, name="authorisation_renew"),
    path("legal/authorisations/<key:pk>/revoke/", authorisations.revoke, name="authorisation_revoke"),
    path("legal/claims/<key:pk>/amend/", authorisations.amend, name="claim_amend"),
    path("legal/claims/<key:pk>/end/", authorisations.end, name="claim_end"),
    path("legal/costs/<key:pk>/reverse/", authorisations.reverse_cost, name="cost_reverse"),
    path("papers/<key:pk>/", papers.paper, name="paper"),
]
