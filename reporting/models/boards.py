"""Views of boards that people keep for themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.choices import Role
from reporting.choices import BoardEvery


class BoardView(models.Model):
    """A board with its filters, under a name of its person's. ``services.boards`` is its only writer.

    Whoever opens one that is shared sees what they may see themselves: a view holds a question and no figure.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="board_views")
    name = models.CharField(max_length=60)
    board = models.CharField(max_length=20)
    # The filters as an address holds them; a named period moves with the calendar.
    query = models.CharField(max_length=600, blank=True)
    # What the boards open with.
    is_default = models.BooleanField(default=False)
    # The role whose people see it too; empty: nobody else.
    shared_with = models.CharField(max_length=30, choices=Role.choices, blank=True)
    # How often its link is sent; empty: not at all.
    every = models.CharField(max_length=5, choices=BoardEvery.choices, blank=True)
    # The first day of the period for which the link was sent last, or since which it is wanted.
    told_for = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="board_view_name_once"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_default=True), name="board_view_one_default"
            ),
            models.CheckConstraint(
                condition=models.Q(every="") | models.Q(told_for__isnull=False), name="board_view_told_since"
            ),
        ]

    def __str__(self) -> str:
        return f"board view {self.pk}"
