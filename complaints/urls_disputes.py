from __future__ import annotations

from django.urls import path

from complaints.views import dispute_acts, disputes

urlpatterns = [
    path("disputes/", disputes.board, name="disputes"),
    path("disputes/new/<key:pk>/", disputes.new, name="dispute_new"),
    path("disputes/papers/<key:pk>/", disputes.paper, name="dispute_paper"),
    path("disputes/packs/<key:pk>/review/", disputes.review, name="dispute_pack_review"),
    path("disputes/packs/<key:pk>/send/", disputes.send, name="dispute_pack_send"),
    path("disputes/recipients/<key:pk>/", disputes.tell, name="dispute_recipient"),
    path("disputes/<key:pk>/", disputes.one, name="dispute"),
    path("disputes/<key:pk>/<slug:act>/", dispute_acts.act, name="dispute_act"),
]
