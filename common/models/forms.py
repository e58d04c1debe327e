"""Forms that were sent: what is pressed twice is recorded once."""

from __future__ import annotations

from django.db import models


class SentForm(models.Model):
    """A form that was taken, and where it led. Written in the transaction of what it recorded."""

    # The hash of the person, the door and the form's one-time key.
    mark = models.CharField(max_length=64, unique=True)
    answer = models.CharField(max_length=300)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.answer} {self.at}"
