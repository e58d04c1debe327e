from __future__ import annotations

from django.urls import path

from legal.views import approvals, authorisations, criteria, notices, papers, requests

urlpatterns = [
    path("cases/<key:pk>/escalate/withdraw/", requests.withdraw, name="case_withdraw"),
    path("cases/<key:pk>/escalate/", requests.propose, name="case_propose"),
    path("cases/<key:pk>/escalate/pack/", requests.pack, name="case_pack"),
    path("cases/<key:pk>/conditions/<slug:criterion>/", criteria.criterion, name="case_criterion"),
    path("cases/<key:pk>/notices/", notices.case_notices, name="case_notices"),
    path("cases/<key:pk>/notices/new/", notices.prepare, name="notice_prepare"),
    path("escalation-policies/", criteria.policies, name="escalation_policies"),
    path("escalation-policies/<key:pk>/", criteria.policy, name="escalation_policy"),
    path("escalation-policies/<key:pk>/edit/", criteria.policy_edit, name="escalation_policy_edit"),
    path("timeliness/", criteria.timeliness, name="timeliness"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<key:pk>/", notices.notice, name="notice"),
    path("notices/<key:pk>/send/", notices.send, name="notice_send"),
    path("notices/<key:pk>/served/", notices.served, name="notice_served"),
    path("notices/<key:pk>/failed/", notices.failed, name="notice_failed"),
    path("notices/<key:pk>/void/", notices.void, name="notice_void"),
    path("notices/<key:pk>/settle/", notices.settle, name="notice_settle"),
    path("approvals/", approvals.inbox, name="inbox"),
    path("approvals/<key:pk>/", approvals.escalation, name="escalation"),
    path("approvals/<key:pk>/decide/", approvals.decide, name="escalation_decide"),
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
