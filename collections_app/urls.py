from django.urls import path

from collections_app.views import approvals, cases, day, imports, jobs, payments

urlpatterns = [
    path("day/", day.my_day, name="day"),
    path("day/next/", day.next_case, name="next_case"),
    path("team/", day.team, name="my_team"),
    path("promises/", day.promise_list, name="promises"),
    path("cases/", day.case_list, name="cases"),
    path("cases/assign/", day.assign, name="cases_assign"),
    path("cases/<key:pk>/", cases.case, name="case"),
    path("cases/<key:pk>/contact/", cases.contact, name="case_contact"),
    path("cases/<key:pk>/refused/", cases.refused, name="case_refused"),
    path("cases/<key:pk>/reveal/", cases.reveal, name="case_reveal"),
    path("cases/<key:pk>/payment/", cases.payment, name="case_payment"),
    path("cases/<key:pk>/hold/", cases.hold, name="case_hold"),
    path("cases/<key:pk>/hold/<key:hold_pk>/end/", cases.release, name="case_release"),
    path("cases/<key:pk>/payments/<key:payment_pk>/back/", payments.take_back, name="payment_take_back"),
    path("cases/<key:pk>/escalate/withdraw/", cases.withdraw, name="case_withdraw"),
    path("cases/<key:pk>/escalate/", cases.propose, name="case_propose"),
    path("approvals/", approvals.inbox, name="inbox"),
    path("approvals/<key:pk>/", approvals.escalation, name="escalation"),
    path("approvals/<key:pk>/decide/", approvals.decide, name="escalation_decide"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<key:pk>/", imports.import_one, name="import"),
    path("imports/<key:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<key:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<key:pk>/refusals.csv", imports.import_refusals, name="import_refusals"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/run/", jobs.run_again, name="jobs_run"),
]
