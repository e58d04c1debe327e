from django.urls import path

from reporting.views import audit, portal, systems

urlpatterns = [
    path("audit/", audit.contact_trail, name="audit"),
    path("audit/trail.csv", audit.contact_trail_csv, name="audit_export"),
    path("audit/events/", audit.events, name="audit_events"),
    path("audit/events/<key:pk>.jsonl", audit.events_proof, name="audit_proof"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("reports/", audit.report_list, name="reports"),
    path("reports/<key:pk>.pdf", audit.report_pdf, name="report_pdf"),
    path("portal/", portal.home, name="portal"),
    path("portal/reports/", portal.reports, name="portal_reports"),
    path("portal/reports/<key:pk>.pdf", portal.report_pdf, name="portal_report_pdf"),
    path("portal/statements/", portal.statements, name="portal_statements"),
    path("portal/statements/<key:pk>/", portal.statement, name="portal_statement"),
    path("portal/statements/<key:pk>.csv", portal.statement_csv, name="portal_statement_csv"),
    path("portal/cases/", portal.cases, name="portal_cases"),
    path("portal/cases/<key:pk>/", portal.case, name="portal_case"),
    path("portal/trail/", portal.trail, name="portal_trail"),
    path("portal/authorisations/", portal.authorisations, name="portal_authorisations"),
    path("portal/papers/<key:pk>/", portal.paper, name="portal_paper"),
    path("portal/authorisations/<key:pk>/", portal.authorisation, name="portal_authorisation"),
    path("portal/authorisations/<key:pk>/sign/", portal.sign, name="portal_sign"),
    path("portal/authorisations/<key:pk>/letter/", portal.letter, name="portal_letter"),
    path("portal/papers/<key:pk>/", portal.paper, name="portal_paper"),
    path("portal/authorisations/<key:pk>/revoke/", portal.revoke, name="portal_revoke"),
    path("portal/authorisations/<key:pk>/decline/", portal.decline, name="portal_decline"),
    path("portal/systems/", systems.systems, name="portal_systems"),
    path("portal/systems/<key:pk>/", systems.system, name="portal_system"),
    path("portal/systems/<key:pk>/token/", systems.rotate, name="portal_token_new"),
    path("portal/systems/<key:pk>/tokens/<key:token_pk>/revoke/", systems.revoke, name="portal_token_revoke"),
]
