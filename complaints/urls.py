from __future__ import annotations

from django.urls import path

from complaints.views import board, categories, desk, follow, handling, intake, matters, public, register

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
    path("matters/board/", board.board, name="matter_board"),
    path("matters/<key:pk>/assess/", handling.assess, name="matter_assess"),
    path("matters/<key:pk>/questions/", handling.question, name="matter_question"),
    path("matters/questions/<key:pk>/finding/", handling.finding, name="matter_finding"),
    path("matters/<key:pk>/evidence/", handling.evidence, name="matter_evidence"),
    path("matters/<key:pk>/investigated/", handling.investigated, name="matter_investigated"),
    path("matters/<key:pk>/again/", handling.again, name="matter_again"),
    path("matters/<key:pk>/answer/", handling.answer, name="matter_answer"),
    path("matters/<key:pk>/at-once/", handling.at_once, name="matter_at_once"),
    path("matters/<key:pk>/communicate/", handling.communicate, name="matter_communicate"),
    path("matters/<key:pk>/rights/", handling.rights, name="matter_rights"),
    path("matters/<key:pk>/close/", handling.close, name="matter_close"),
    path("matters/<key:pk>/disagree/", handling.disagree, name="matter_disagree"),
    path("matters/<key:pk>/letters/", handling.letter, name="matter_letter"),
    # Learning.
    # Bureau disputes.
    # Public pages: no account, under /help/ alone (accounts/middleware.py).
    path("help/", public.tell, name="help_tell"),
    path("help/told/", public.told, name="help_told"),
    path("help/follow/", follow.start, name="follow"),
    path("help/follow/code/", follow.code, name="follow_code"),
    path("help/follow/matter/", follow.matter, name="follow_matter"),
    path("help/follow/matter/add/", follow.add, name="follow_add"),
    path("help/follow/matter/disagree/", follow.disagree, name="follow_disagree"),
    path("help/follow/papers/<key:pk>/", follow.paper, name="follow_paper"),
    path("help/rate/<str:token>/", follow.rate, name="rate"),
]
