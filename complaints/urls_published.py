from __future__ import annotations

from django.urls import path

from complaints.views import aside_mails, editions, letter_texts, manual, questions, satisfaction

_ONE = "matters/published/<slug:slug>/<key:pk>/"

urlpatterns = [
    # What is published in versions.
    path("matters/published/", editions.editions_first, name="editions_first"),
    path("matters/published/<slug:slug>/", editions.edition_list, name="editions"),
    path("matters/published/<slug:slug>/new/", editions.edition_new, name="edition_new"),
    path(_ONE, editions.edition, name="edition"),
    path(f"{_ONE}edit/", editions.edition_change, name="edition_change"),
    path(f"{_ONE}publish/", editions.edition_publish, name="edition_publish"),
    path(f"{_ONE}end/", editions.edition_end, name="edition_end"),
    path("matters/published/letters/<key:pk>/<str:language>/", letter_texts.letter_preview, name="letter_preview"),
    # What everybody of the house reads.
    path("procedures/", manual.procedures, name="procedures"),
    path("procedures/policy/", manual.policy, {"code": "COMPLAINTS"}, name="policy"),
    path("procedures/policy/readers/", manual.policy_readers_list, {"code": "COMPLAINTS"}, name="policy_readers"),
    path("procedures/disputes/", manual.policy, {"code": "DISPUTES"}, name="dispute_guide"),
    path(
        "procedures/disputes/readers/", manual.policy_readers_list, {"code": "DISPUTES"}, name="dispute_guide_readers"
    ),
    # Mails that were set aside.
    path("matters/mails/", aside_mails.mail_list, name="aside_mails"),
    path("matters/mails/dismiss/", aside_mails.dismiss, name="aside_mails_dismiss"),
    path("matters/mails/<key:pk>/", aside_mails.mail, name="aside_mail"),
    path("matters/mails/<key:pk>/take/", aside_mails.take, name="aside_mail_take"),
    # How satisfied people were.
    path("matters/satisfaction/", satisfaction.satisfaction, name="satisfaction"),
    path("matters/satisfaction/matters/", satisfaction.satisfaction_matters, name="satisfaction_matters"),
    # For everybody, without an account.
    path("help/questions/", questions.questions, name="help_questions"),
    path("help/questions/suggested/", questions.suggested, name="help_suggested"),
    path("help/policy/", questions.policy, name="help_policy"),
    path("help/disputes/", questions.dispute_guide, name="help_disputes"),
]
