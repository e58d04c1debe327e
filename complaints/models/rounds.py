"""What each level did with a matter: what it set out to find, what it found, decided and told (CX-12, A18)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from collections_app.models.fields import CurrencyField, MoneyField
from complaints.choices import Answer, Level, Outcome, Remedy, TellWay
from complaints.models.matters import Matter, MatterNote, MatterPaper

Q = models.Q


class MatterRound(models.Model):
    """A matter at one level. Who decided one level never decides another; what was told stands as it was told."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="rounds")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    opened_at = models.DateTimeField()
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # What will be done, as the complainant is told (CX-22).
    plan = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    answer = models.ForeignKey(MatterNote, on_delete=models.PROTECT, null=True, related_name="+")
    remedy = models.CharField(max_length=14, choices=Remedy.choices, blank=True)
    # What was put right, in a few words.
    correction = models.CharField(max_length=500, blank=True)
    compensation = MoneyField(null=True, blank=True)
    currency = CurrencyField(blank=True, default="")
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    told_how = models.CharField(max_length=10, choices=TellWay.choices, blank=True)
    told_note = models.CharField(max_length=500, blank=True)
    letter = models.ForeignKey(MatterPaper, on_delete=models.PROTECT, null=True, related_name="+")
    # Papers of evidence that went with the result (A18).
    documents = models.ManyToManyField(MatterPaper, related_name="+", blank=True)
    # Which further ways were shown with the result: the next level, and the bodies outside.
    ways = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        ordering = ["matter", "level"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "level"], name="round_once_a_level"),
            models.UniqueConstraint(fields=["matter", "decided_by"], name="round_another_decides"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="") | (Q(decided_at__isnull=False) & ~Q(outcome="")),
                name="round_decided_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True)
                | (Q(decided_at__isnull=False, answer__isnull=False) & ~Q(told_how="")),
                name="round_told_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} at level {self.level}"


class MatterQuestion(models.Model):
    """What must be found out to know whether a complaint is justified; its words sealed under the matter's key."""

    round = models.ForeignKey(MatterRound, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField()
    words_sealed = models.BinaryField()
    answer = models.CharField(max_length=6, choices=Answer.choices, blank=True)
    finding = models.ForeignKey(MatterNote, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="question_once"),
            models.CheckConstraint(
                condition=Q(answer="", finding__isnull=True) | (~Q(answer="") & Q(finding__isnull=False)),
                name="question_found_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.position} of {self.round_id}"

    @property
    def client_id(self) -> int | None:
        """Whose it is: the client of what it belongs to."""
        return self.round.matter.client_id
