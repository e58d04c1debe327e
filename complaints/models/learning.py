"""What is learnt: recommendations, redress, frequent questions, reports (CR-05 to CR-08, CR-17)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from clients.models import Client
from collections_app.models import Case
from collections_app.models.fields import OwnedKey
from complaints.choices import Department, RecommendationState, RedressState
from complaints.models.editions import Edition, edition_constraints, in_two
from complaints.models.matters import Category, Matter


class Recommendation(models.Model):
    """An improvement: proposed by a head, decided by the general manager, followed until it is done (CR-08)."""

    number = models.CharField(max_length=20, unique=True)
    department = models.CharField(max_length=20, choices=Department.choices)
    problem = models.TextField(max_length=2000)
    proposal = models.TextField(max_length=2000)
    how = models.TextField(max_length=2000, blank=True)
    matters = models.ManyToManyField(Matter, related_name="recommendations", blank=True)
    # The month's report it comes from.
    report = models.ForeignKey(
        "complaints.ReportCourse", on_delete=models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    # The review of a channel whose proposal it is.
    review = models.OneToOneField(
        "complaints.ChannelReview", on_delete=models.PROTECT, null=True, blank=True, related_name="recommendation"
    )
    state = models.CharField(max_length=10, choices=RecommendationState.choices, default=RecommendationState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=1000, blank=True)
    # Asked for within two days when it was not done.
    not_done_reason = models.CharField(max_length=1000, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="recommendation_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["APPROVED", "DONE", "NOT_DONE"])
                | models.Q(owner__isnull=False, due_on__isnull=False, decided_by__isnull=False),
                name="recommendation_approved_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="DONE") | models.Q(done_at__isnull=False) & ~models.Q(result=""),
                name="recommendation_done_with_result",
            ),
        ]
        indexes = [models.Index(fields=["state", "-proposed_at"], name="recommendation_by_state")]

    def __str__(self) -> str:
        return self.number


class Redress(models.Model):
    """A case whose account holder may have been treated as an upheld complaint says: looked at by a person."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="redress")
    case = OwnedKey(Case, related_name="+")
    # What they have in common: codes such as COLLECTOR, HOUR, STAGE, TEMPLATE, with their values.
    shared = models.JSONField(default=dict)
    state = models.CharField(max_length=6, choices=RedressState.choices, default=RedressState.OPEN)
    due_on = models.DateField()
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "case"], name="redress_once"),
            models.CheckConstraint(
                condition=models.Q(state=RedressState.OPEN, answered_at__isnull=True)
                | (~models.Q(state=RedressState.OPEN) & models.Q(answered_at__isnull=False) & ~models.Q(answer="")),
                name="redress_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"redress of {self.case_id}"


class Folded(models.Func):
    """A text as it is searched: one alef, ه for ة, ي for ى and ئ, و for ؤ, without short vowels, in small letters."""

    function = "search_folded"
    output_field = models.TextField()


def _searched(language: str, config: str) -> models.Expression:
    question = SearchVector(Folded(f"question_{language}"), config=config, weight="A")
    return question + SearchVector(Folded(f"answer_{language}"), config=config, weight="B")


class FaqEntry(Edition):
    """A frequent question with its approved answer, as versions; the public page shows what is published (CR-06)."""

    LETTER = "Q"
    SAYS = ("question_ar", "question_en", "answer_ar", "answer_en", "category_id", "position")

    question_ar = models.CharField(max_length=300)
    question_en = models.CharField(max_length=300)
    answer_ar = models.TextField(max_length=4000)
    answer_en = models.TextField(max_length=4000)
    # Shown to who is about to tell us something of this branch; without one, to everybody.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    searched_ar = models.GeneratedField(
        expression=_searched("ar", "arabic"), output_field=SearchVectorField(), db_persist=True
    )
    searched_en = models.GeneratedField(
        expression=_searched("en", "english"), output_field=SearchVectorField(), db_persist=True
    )

    question = in_two("question")
    answer = in_two("answer")

    class Meta:
        ordering = ["position", "code", "-version"]
        indexes = [
            GinIndex(fields=["searched_ar"], name="faq_searched_ar"),
            GinIndex(fields=["searched_en"], name="faq_searched_en"),
        ]
        constraints = edition_constraints("faq")


class MonthlyReport(models.Model):
    """The report of a month as it was issued: repeated complaints, or performance (CR-05, CR-07). Append-only."""

    kind = models.CharField(max_length=12)
    month = models.DateField()
    issue = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=2)
    figures = models.JSONField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "month", "issue", "language"], name="monthly_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month:%Y-%m}"
