from __future__ import annotations

from django.urls import path

from complaints.views import causes, month_reports, recommendations, redress, repeats

urlpatterns = [
    path("matters/repeats/", repeats.repeats, name="matter_repeats"),
    path("matters/repeats/list/", repeats.repeats_list, name="matter_repeats_list"),
    path("matters/causes/", causes.cause_list, name="matter_causes"),
    path("matters/causes/new/", causes.cause_new, name="matter_cause_new"),
    path("matters/causes/<key:pk>/", causes.cause_edit, name="matter_cause_edit"),
    path("matters/<key:pk>/cause/", causes.cause_find, name="matter_cause"),
    path("matters/<key:pk>/ripple/", redress.ripple, name="ripple"),
    path("redress/", redress.redress_list, name="redress"),
    path("redress/<key:pk>/", redress.redress_one, name="redress_answer"),
    path("recommendations/", recommendations.recommendation_list, name="recommendations"),
    path("recommendations/new/", recommendations.recommendation_new, name="recommendation_new"),
    path("recommendations/<key:pk>/", recommendations.recommendation, name="recommendation"),
    path("recommendations/<key:pk>/<slug:act>/", recommendations.recommendation_act, name="recommendation_act"),
    path("months/", month_reports.report_list, name="month_reports"),
    path("months/new/", month_reports.report_prepare, name="month_report_new"),
    path("months/<key:pk>/", month_reports.report, name="month_report"),
    path("months/<key:pk>/pdf/<slug:language>/", month_reports.report_pdf, name="month_report_pdf"),
    path("months/<key:pk>/<slug:act>/", month_reports.report_act, name="month_report_act"),
]
