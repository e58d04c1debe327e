from django.urls import path

from collections_app.views import approvals, cases, day, imports, jobs

urlpatterns = [
    path("day/", day.my_day, name="day"),
    path("day/next/", day.next_case, name="next_case"),
    path("team/", day.team, name="my_team"),
    path("promises/", day.promise_list, name="promises"),
    path("cases/", day.case_list, name="cases"),
    path("cases/assign/", day.assign, name="cases_assign"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/contact/", cases.contact, name="case_contact"),
    path("cases/<int:pk>/refused/", cases.refused, name="case_refused"),
    path("cases/<int:pk>/reveal/", cases.reveal, name="case_reveal"),
    path("cases/<int:pk>/payment/", cases.payment, name="case_payment"),
    path("cases/<int:pk>/hold/", cases.hold, name="case_hold"),
    path("cases/<int:pk>/hold/<int:hold_pk>/end/", cases.release, name="case_release"),
    path("cases/<int:pk>/escalate/withdraw/", cases.withdraw, name="case_withdraw"),
    path("cases/<int:pk>/escalate/", cases.propose, name="case_propose"),
    path("approvals/", approvals.inbox, name="inbox"),
    path("approvals/<int:pk>/", approvals.escalation, name="escalation"),
    path("approvals/<int:pk>/decide/", approvals.decide, name="escalation_decide"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<int:pk>/", imports.import_one, name="import"),
    path("imports/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<int:pk>/refusals.csv", imports.import_refusals, name="import_refusals"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/run/", jobs.run_again, name="jobs_run"),
]
