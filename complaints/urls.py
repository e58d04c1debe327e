from __future__ import annotations

from django.urls import path

from complaints.views import categories, desk, intake, matters, register

urlpatterns = [
    # The register.
    path("matters/", register.register, name="matters"),
    path("matters/new/", intake.matter_new, name="matter_new"),
    path("matters/categories/", categories.category_list, name="matter_categories"),
    path("matters/categories/new/", categories.category_new, name="matter_category_new"),
    path("matters/categories/<key:pk>/", categories.category, name="matter_category"),
    path("matters/<key:pk>/", matters.matter, name="matter"),
    path("matters/<key:pk>/reveal/", matters.reveal, name="matter_reveal"),
    path("matters/papers/<key:pk>/", matters.paper, name="matter_paper"),
    path("matters/<key:pk>/admit/", desk.admit, name="matter_admit"),
    path("matters/<key:pk>/sort/", desk.sort, name="matter_sort"),
    path("matters/<key:pk>/route/", desk.route, name="matter_route"),
    path("matters/<key:pk>/solve/", desk.solve, name="matter_solve"),
    path("matters/<key:pk>/duplicate/", desk.duplicate, name="matter_duplicate"),
    path("matters/<key:pk>/call/", desk.call_promise, name="matter_call"),
    path("matters/calls/<key:pk>/", desk.call_done, name="matter_call_done"),
    path("matters/<key:pk>/notes/", desk.note, name="matter_note"),
    path("matters/<key:pk>/papers/", desk.paper_new, name="matter_paper_new"),
    # Handling.
    # Learning.
    # Bureau disputes.
    # Public pages.
]
