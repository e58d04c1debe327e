from __future__ import annotations

from django.urls import path

from credit.views import applications, customers, decisions, desk, figures, files, policies, worksheets

urlpatterns = [
    # The desk, customers and their papers.
    path("", desk.desk, name="credit_desk"),
    path("customers/", customers.customer_list, name="credit_customers"),
    path("customers/new/", customers.customer_new, name="credit_customer_new"),
    path("customers/<key:pk>/", customers.customer_one, name="credit_customer"),
    path("customers/<key:pk>/edit/", customers.customer_changed, name="credit_customer_edit"),
    path("customers/<key:pk>/close/", customers.customer_closed, name="credit_customer_close"),
    path("customers/<key:pk>/reopen/", customers.customer_reopened, name="credit_customer_reopen"),
    path("customers/<key:pk>/reveal/", customers.reveal, name="credit_customer_reveal"),
    path("customers/<key:pk>/applications/", applications.application_new, name="credit_application_new"),
    path("customers/<key:pk>/papers/", files.paper_new, name="credit_paper_new"),
    path("papers/<key:pk>/", files.paper, name="credit_paper"),
    path("customers/<key:pk>/agents/", files.agent_new, name="credit_agent_new"),
    path("agents/<key:pk>/revoke/", files.agent_revoked, name="credit_agent_revoke"),
    path("customers/<key:pk>/collateral/", files.collateral_new, name="credit_collateral_new"),
    path("collateral/<key:pk>/release/", files.collateral_released, name="credit_collateral_release"),
    path("customers/<key:pk>/remote-terms/", files.terms_new, name="credit_terms_new"),
    path("remote-terms/<key:pk>/revoke/", files.terms_revoked, name="credit_terms_revoke"),
    path("customers/<key:pk>/remote-addresses/", files.address_new, name="credit_address_new"),
    path("remote-addresses/<key:pk>/remove/", files.address_gone, name="credit_address_remove"),
    # Applications, from draft to analysis.
    path("applications/<key:pk>/", applications.application_one, name="credit_application"),
    path("applications/<key:pk>/facts/", applications.facts, name="credit_facts"),
    path("applications/<key:pk>/papers/", applications.paper_new, name="credit_application_paper"),
    path("applications/<key:pk>/submit/", applications.submit, name="credit_submit"),
    path("applications/<key:pk>/analyse/", applications.analyse, name="credit_analyse"),
    path("applications/<key:pk>/admit/", applications.admit, name="credit_admit"),
    path("applications/<key:pk>/return/", applications.give_back, name="credit_return"),
    path("applications/<key:pk>/withdraw/", applications.withdraw, name="credit_withdraw"),
    path("applications/<key:pk>/criteria/", applications.criteria, name="credit_criteria"),
    path("applications/<key:pk>/references/", applications.ask, name="credit_reference_new"),
    path("references/<key:pk>/answer/", applications.answer, name="credit_reference_answer"),
    path("references/<key:pk>/remove/", applications.reference_gone, name="credit_reference_remove"),
    path("applications/<key:pk>/banks/", figures.bank_new, name="credit_bank_new"),
    path("banks/<key:pk>/", figures.bank, name="credit_bank"),
    path("banks/<key:pk>/months/", figures.bank_months, name="credit_bank_months"),
    path("banks/<key:pk>/remove/", figures.bank_gone, name="credit_bank_remove"),
    path("applications/<key:pk>/statements/", figures.statement_new, name="credit_statement_new"),
    path("statements/<key:pk>/", figures.statement, name="credit_statement"),
    path("statements/<key:pk>/remove/", figures.statement_gone, name="credit_statement_remove"),
    # Scores, decisions, letters and policies.
    path("applications/<key:pk>/score/", worksheets.score, name="credit_application_score"),
    path("applications/<key:pk>/worksheet/", worksheets.worksheet, name="credit_worksheet"),
    path("applications/<key:pk>/worksheet/pdf/", worksheets.worksheet_pdf, name="credit_worksheet_pdf"),
    path("applications/<key:pk>/recommend/", decisions.recommend, name="credit_recommend"),
    path("applications/<key:pk>/recommend/withdraw/", decisions.withdraw, name="credit_recommend_withdraw"),
    path("applications/<key:pk>/letters/", decisions.letter, name="credit_letter_make"),
    path("policies/", policies.policies, name="credit_policies"),
    path("policies/<key:pk>/", policies.policy, name="credit_policy"),
    path("policies/<key:pk>/new/", policies.policy_new, name="credit_policy_new"),
    path("policies/versions/<key:pk>/", policies.version, name="credit_policy_version"),
    path("policies/versions/<key:pk>/withdraw/", policies.version_withdraw, name="credit_policy_withdraw"),
    # Agreements, limits, stops and reviews.
    # Orders and the portfolio.
]
