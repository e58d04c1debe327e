from __future__ import annotations

from django.urls import path

from complaints.views import channels, public_comments

urlpatterns = [
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.channel_new, name="channel_new"),
    path("channels/<key:pk>/", channels.channel, name="channel"),
    path("channels/<key:pk>/edit/", channels.channel_edit, name="channel_edit"),
    path("channels/<key:pk>/review/", channels.review_new, name="channel_review_new"),
    path("channels/reviews/<key:pk>/", channels.review, name="channel_review"),
    path("channels/reviews/<key:pk>/propose/", channels.review_recommend, name="channel_review_propose"),
    # What is written in public.
    path("channels/<key:pk>/watch/", public_comments.watch, name="account_watch"),
    path("channels/comments/", public_comments.comment_list, name="comments"),
    path("channels/comments/new/", public_comments.comment_new, name="comment_new"),
    path("channels/comments/<key:pk>/", public_comments.comment, name="comment"),
    path("channels/comments/<key:pk>/reveal/", public_comments.comment_reveal, name="comment_reveal"),
    path("channels/comments/<key:pk>/<slug:act>/", public_comments.comment_act, name="comment_act"),
]
