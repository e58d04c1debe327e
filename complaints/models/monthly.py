"""The months' reports on their way, the moves of recommendations, and root causes (CR-05, CR-07, CR-08, CR-17)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import translation

from complaints.choices import RecommendationState, ReportKind, ReportState
from complaints.models.learning import Recommendation


class RootCause(models.Model):
    """Why something went wrong: a tree, kept by the quality officer. A code never changes, none is deleted."""

    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name_ar = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.name_en if (translation.get_language() or "ar").startswith("en") else self.name_ar


class ReportCourse(models.Model):
    """One issue of a month's report, from its draft to its file. What is issued of it stands in ``MonthlyReport``."""

    kind = models.CharField(max_length=12, choices=ReportKind.choices)
    # The first day of the month.
    month = models.DateField()
    issue = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.DRAFT)
    # As counted at ``counted_at``; what heads review is what is issued.
    figures = models.JSONField()
    counted_at = models.DateTimeField()
    # What the quality officer says of it: what stands out; what should be done, how, and how it is followed.
    weak_points = models.TextField(max_length=4000, blank=True)
    proposals = models.TextField(max_length=4000, blank=True)
    how = models.TextField(max_length=4000, blank=True)
    follow_up = models.TextField(max_length=4000, blank=True)
    # Of every issue but the first: why there is another.
    reason = models.CharField(max_length=500, blank=True)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    discussed_at = models.DateTimeField(null=True, blank=True)
    discussed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # What the general manager decided with those responsible.
    decision = models.TextField(max_length=2000, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-month", "kind", "-issue"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "month", "issue"], name="report_issue_once"),
            models.CheckConstraint(
                condition=models.Q(issue=1) | ~models.Q(reason=""), name="report_correction_has_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["DRAFT", "REVIEWED"], issued_at__isnull=True)
                | (~models.Q(state__in=["DRAFT", "REVIEWED"]) & models.Q(issued_at__isnull=False)),
                name="report_issued_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="DISCUSSED") | models.Q(discussed_at__isnull=False) & ~models.Q(decision=""),
                name="report_discussed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}/{self.issue}"


class ReportReview(models.Model):
    """A head has read a report as it stood, weak points first (CR-17). Append-only."""

    course = models.ForeignKey(ReportCourse, on_delete=models.PROTECT, related_name="reviews")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # As which head.
    role = models.CharField(max_length=30)
    at = models.DateTimeField()
    words = models.CharField(max_length=1000, blank=True)
    # Of figures and words as they were read: a change asks for the review again.
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["course", "pk"]
        constraints = [models.UniqueConstraint(fields=["course", "role", "digest"], name="report_review_once")]

    def __str__(self) -> str:
        return f"{self.role} on {self.course_id}"


class RecommendationMove(models.Model):
    """Each move of a recommendation, with its reason or result. Append-only."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="moves")
    from_state = models.CharField(max_length=10, choices=RecommendationState.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=RecommendationState.choices)
    at = models.DateTimeField()
    # Nobody: its day went by.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["recommendation", "pk"]

    def __str__(self) -> str:
        return f"{self.recommendation_id}: {self.to_state}"
