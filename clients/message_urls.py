"""The outbox and its texts, under an address of their own: a message need not be about a client."""

from django.urls import path

from clients.views import message_templates, messages

_TEXT = "templates/<slug:code>/<slug:channel>/<slug:language>/"

urlpatterns = [
    path("", messages.message_list, name="messages"),
    path("<key:pk>/", messages.message, name="message"),
    path("<key:pk>/reveal/", messages.message_reveal, name="message_reveal"),
    path("<key:pk>/resend/", messages.resend, name="message_resend"),
    path("<key:pk>/confirm/", messages.confirm, name="message_confirm"),
    path("<key:pk>/cancel/", messages.cancel, name="message_cancel"),
    path("stop/", messages.stop, name="message_stop"),
    path("limit/", messages.limit, name="message_limit"),
    path("stops/<key:pk>/lift/", messages.lift, name="message_stop_lift"),
    path("templates/", message_templates.template_list, name="message_templates"),
    path(_TEXT, message_templates.template, name="message_template"),
    path(f"{_TEXT}draft/", message_templates.draft, name="message_template_draft"),
    path("templates/<key:pk>/edit/", message_templates.edit, name="message_template_edit"),
    path("templates/<key:pk>/propose/", message_templates.propose, name="message_template_propose"),
    path("templates/<key:pk>/discard/", message_templates.discard, name="message_template_discard"),
    path("templates/<key:pk>/withdraw/", message_templates.withdraw, name="message_template_withdraw"),
]
