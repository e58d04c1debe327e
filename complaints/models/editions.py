"""What the house publishes in versions: each prepared by one person and approved by another (CR-06, CR-18, CX-18).

What was approved stands; only its state goes on (migration ``complaints.0045`` says the same).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation

from clients.choices import ClientKind
from complaints.choices import EditionState


def in_two(name: str) -> Any:
    """The text of ``name_ar`` or ``name_en``, by the language of who reads."""

    def read(self: models.Model) -> str:
        english = (translation.get_language() or "ar").startswith("en")
        return str(getattr(self, f"{name}_en" if english else f"{name}_ar"))

    return property(read)


def edition_constraints(name: str) -> list[models.BaseConstraint]:
    """One version published and one in preparation of each code, and never by one person alone."""
    return [
        models.UniqueConstraint(fields=["code", "version"], name=f"{name}_version"),
        models.UniqueConstraint(
            fields=["code"], condition=models.Q(state=EditionState.APPROVED), name=f"{name}_one_published"
        ),
        models.UniqueConstraint(
            fields=["code"], condition=models.Q(state=EditionState.DRAFT), name=f"{name}_one_draft"
        ),
        # What is shipped was prepared by nobody here.
        models.CheckConstraint(
            condition=models.Q(approved_by__isnull=True)
            | models.Q(prepared_by__isnull=True)
            | ~models.Q(approved_by=models.F("prepared_by")),
            name=f"{name}_by_two",
        ),
        models.CheckConstraint(
            condition=models.Q(prepared_by__isnull=True, approved_at__isnull=False)
            | models.Q(state__in=[EditionState.DRAFT, EditionState.WITHDRAWN])
            | models.Q(approved_by__isnull=False, approved_at__isnull=False),
            name=f"{name}_approved_by_somebody",
        ),
    ]


class Edition(models.Model):
    """A version of something that is published, and by whom."""

    # How a code begins, and what a version says: it is compared, copied and hashed by these names.
    LETTER: ClassVar[str] = ""
    SAYS: ClassVar[tuple[str, ...]] = ()

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=EditionState.choices, default=EditionState.DRAFT)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    # Why it was withdrawn, or sent back by who should have approved it.
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def says(self) -> dict[str, Any]:
        """All that this version says, as the digest and the trail keep it."""
        return {name: getattr(self, name) for name in self.SAYS}


class PolicyText(Edition):
    """The policy of complaints and the guide to objections, in both languages: public, and read by who works with them
    (CX-17, CX-18, CB-46).
    """

    LETTER = "POLICY"
    SAYS = ("title_ar", "title_en", "body_ar", "body_en")

    title_ar = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    body_ar = models.TextField(max_length=10_000)
    body_en = models.TextField(max_length=10_000)

    title = in_two("title")
    body = in_two("body")

    class Meta:
        ordering = ["code", "-version"]
        constraints = edition_constraints("policy")


class PolicyReading(models.Model):
    """Somebody read a version of the policy and understood it (CX-18). Append-only."""

    policy = models.ForeignKey(PolicyText, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "user"], name="policy_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.policy_id}"


class Procedure(Edition):
    """A procedure of the manual (CR-18, CX-09); what is done in it are its steps."""

    LETTER = "P"
    SAYS = ("title_ar", "title_en", "source", "position")

    title_ar = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    source = models.CharField(max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    title = in_two("title")

    class Meta:
        ordering = ["position", "code", "-version"]
        constraints = edition_constraints("procedure")

    def says(self) -> dict[str, Any]:
        return {**super().says(), "steps": [step.says() for step in self.steps.all()]}


class ProcedureStep(models.Model):
    """One line of a procedure in the manual's own columns: number, process, responsible, time limit, output."""

    SAYS = (
        "number", "process_ar", "process_en", "responsible_ar", "responsible_en", "limit_ar", "limit_en",
        "output_ar", "output_en", "clock_kind", "clock_code",
    )  # fmt: skip

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="steps")
    place = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=10)
    process_ar = models.CharField(max_length=500)
    process_en = models.CharField(max_length=500)
    responsible_ar = models.CharField(max_length=200)
    responsible_en = models.CharField(max_length=200)
    limit_ar = models.CharField(max_length=100, blank=True)
    limit_en = models.CharField(max_length=100, blank=True)
    output_ar = models.CharField(max_length=200, blank=True)
    output_en = models.CharField(max_length=200, blank=True)
    # The deadline by which this step runs: its limit is the one in force, and what is late of it is known.
    clock_kind = models.CharField(max_length=30, blank=True)
    clock_code = models.CharField(max_length=40, blank=True)

    process = in_two("process")
    responsible = in_two("responsible")
    limit = in_two("limit")
    output = in_two("output")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "place"], name="procedure_step_place"),
            models.CheckConstraint(
                condition=~models.Q(limit_ar="") & ~models.Q(limit_en="") | ~models.Q(clock_code=""),
                name="procedure_step_has_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id}.{self.number}"

    def says(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.SAYS}


class LetterText(Edition):
    """What a letter says around its facts, in both languages; the letters are those of ``rules/shipped_letters.py``."""

    LETTER = "LETTER"
    PARTS = ("title", "opening", "points", "closing")
    SAYS = tuple(f"{part}_{language}" for part in PARTS for language in ("ar", "en"))

    title_ar = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    opening_ar = models.TextField(max_length=2_000, blank=True)
    opening_en = models.TextField(max_length=2_000, blank=True)
    # One a line; the letter numbers them.
    points_ar = models.TextField(max_length=4_000, blank=True)
    points_en = models.TextField(max_length=4_000, blank=True)
    closing_ar = models.TextField(max_length=2_000, blank=True)
    closing_en = models.TextField(max_length=2_000, blank=True)

    title = in_two("title")

    class Meta:
        ordering = ["pk"]
        constraints = edition_constraints("letter_text")

    def words(self, language: str) -> dict[str, Any]:
        """The parts as a letter in this language takes them; its points as a list."""
        said = {part: getattr(self, f"{part}_{language}") for part in self.PARTS}
        return {**said, "points": [line.strip() for line in said["points"].splitlines() if line.strip()]}


class OutwardBody(Edition):
    """A body outside the house to whom a complainant may turn, and whose clients' customers may (regulations A18)."""

    LETTER = "BODY"
    SAYS = ("name_ar", "name_en", "client_kinds", "position")

    name_ar = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    client_kinds = ArrayField(models.CharField(max_length=10, choices=ClientKind.choices))
    position = models.PositiveSmallIntegerField(default=0)

    name = in_two("name")

    class Meta:
        ordering = ["position", "code", "-version"]
        constraints = edition_constraints("outward_body")
