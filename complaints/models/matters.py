"""The one register: complaints, enquiries, suggestions, appreciation, and everything done about each."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation

from clients.models import Client
from collections_app.models import Case, ContactAttempt, Hold
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from complaints.choices import (
    Complainant,
    Department,
    Intake,
    Level,
    MatterKind,
    NoteKind,
    Outcome,
    PaperKind,
    PaperOrigin,
    Remedy,
    Severity,
    Stage,
)
from parties.models import Party


class Category(models.Model):
    """What a matter is about: a tree, edited by the quality officer."""

    code = models.CharField(max_length=40, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name_ar = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    department = models.CharField(max_length=20, choices=Department.choices, default=Department.OPERATIONS)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.MEDIUM)
    # An objection to an amount: reminders stop until it is decided (regulations A18).
    holds = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if (translation.get_language() or "ar").startswith("en") else self.name_ar


class Matter(models.Model):
    """What somebody told us, and where it stands. Words and addresses are sealed under a key of its own.

    Without ``client`` while nobody knows whose account it is about; so what hangs on it has none of its own.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=MatterKind.choices)
    intake = models.CharField(max_length=10, choices=Intake.choices)
    complainant = models.CharField(max_length=16, choices=Complainant.choices)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    case = OwnedKey(Case, null=True, blank=True, related_name="matters")
    attempt = OwnedKey(ContactAttempt, null=True, blank=True, related_name="+", db_index=False)
    language = models.CharField(max_length=2, default="ar")
    # Destroying the key erases what was said, by whom and where they are reached.
    wrapped_key = models.BinaryField(null=True)
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(max_length=16, null=True)
    email_sealed = models.BinaryField(null=True)
    email_index = models.BinaryField(max_length=16, null=True)
    words_sealed = models.BinaryField()
    # A blind index of the words without spaces and marks: the same told twice.
    words_index = models.BinaryField(max_length=16)
    account_ref = models.CharField(max_length=200, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="matters")
    product = models.CharField(max_length=80, blank=True)
    department = models.CharField(max_length=20, choices=Department.choices, default=Department.FRONT_LINE)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.MEDIUM)
    remedy_sought = models.CharField(max_length=14, choices=Remedy.choices, blank=True)
    # Whom it is about; never who handles it (CX-14).
    concerned = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="matters"
    )
    is_confidential = models.BooleanField(default=False)
    stage = models.CharField(max_length=14, choices=Stage.choices, default=Stage.RECEIVED)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.HANDLER)
    # What it lacks; while anything does, it waits for the complainant (CX-11).
    missing = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    received_at = models.DateTimeField()
    complete_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    remedy_done = models.CharField(max_length=14, choices=Remedy.choices, blank=True)
    compensation = MoneyField(null=True, blank=True)
    currency = CurrencyField(blank=True, default="")
    root_cause = models.CharField(max_length=40, blank=True)
    # The same person on the same matter before (CR-05); the same words told twice.
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeated_by")
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates")
    # Reminders and calls stop by it while an objection to an amount is open (regulations A18).
    hold = OwnedKey(Hold, null=True, blank=True, related_name="matters", db_index=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(handler__isnull=True)
                | models.Q(concerned__isnull=True)
                | ~models.Q(handler=models.F("concerned")),
                name="matter_handler_not_concerned",
            ),
            models.CheckConstraint(
                condition=models.Q(stage=Stage.CLOSED, closed_at__isnull=False) & ~models.Q(outcome="")
                | (~models.Q(stage=Stage.CLOSED) & models.Q(closed_at__isnull=True)),
                name="matter_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(case__isnull=True) | models.Q(client__isnull=False), name="matter_case_of_a_client"
            ),
            models.CheckConstraint(
                condition=models.Q(compensation__isnull=True) | models.Q(compensation__gt=0),
                name="matter_compensation_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "-received_at"], name="matter_by_stage"),
            # What is open is a small part of a register of years; a month's figures read their month alone.
            models.Index(fields=["kind"], condition=~models.Q(stage=Stage.CLOSED), name="matter_open"),
            models.Index(fields=["received_at"], name="matter_by_received"),
            models.Index(fields=["answered_at"], name="matter_by_answered"),
            models.Index(fields=["-closed_at", "-received_at", "-id"], name="matter_by_closed"),
            models.Index(fields=["client", "-received_at"], name="matter_by_client"),
            models.Index(fields=["party", "category"], name="matter_by_party"),
            models.Index(fields=["phone_index"], name="matter_by_phone"),
            models.Index(fields=["email_index"], name="matter_by_email"),
            models.Index(fields=["words_index"], name="matter_by_words"),
        ]

    def __str__(self) -> str:
        return self.reference


class MatterMove(models.Model):
    """Each step of a matter, at which level, with what it stands on. Append-only."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="moves")
    from_stage = models.CharField(max_length=14, choices=Stage.choices, blank=True)
    to_stage = models.CharField(max_length=14, choices=Stage.choices)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["matter", "pk"]

    def __str__(self) -> str:
        return f"{self.matter_id}: {self.to_stage}"


class MatterNote(models.Model):
    """What was found, said or answered, sealed under the matter's key. Append-only."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=16, choices=NoteKind.choices)
    # Read by those who handle it alone (CX-15).
    is_confidential = models.BooleanField(default=False)
    words_sealed = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["matter", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.matter_id}"


class MatterPaper(models.Model):
    """A paper of a matter or dispute: received or made here, sealed under its key. Append-only."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    dispute = models.ForeignKey(
        "complaints.Dispute", on_delete=models.PROTECT, null=True, blank=True, related_name="papers"
    )
    kind = models.CharField(max_length=18, choices=PaperKind.choices)
    origin = models.CharField(max_length=10, choices=PaperOrigin.choices)
    number = models.CharField(max_length=40, blank=True)
    # Read by those who handle it alone (CX-15), as its title is.
    is_confidential = models.BooleanField(default=False)
    title = models.CharField(max_length=160)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=2, blank=True)
    sha256 = models.CharField(max_length=64)
    content_sealed = models.BinaryField()
    # The approved text that a letter was made from; none for what was received, and for papers of figures.
    text = models.ForeignKey(
        "complaints.LetterText", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="matter_paper_number_once"),
            models.CheckConstraint(
                condition=models.Q(matter__isnull=False, dispute__isnull=True)
                | models.Q(matter__isnull=True, dispute__isnull=False),
                name="matter_paper_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title

    @property
    def client_id(self) -> int | None:
        """Whose it is: the client of what it belongs to."""
        owner = self.matter if self.matter is not None else self.dispute
        return owner.client_id if owner is not None else None


class CallBack(models.Model):
    """A call that was promised when a matter could not be solved at once (CR-02)."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="call_backs")
    promised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=500, blank=True)
    promised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | ~models.Q(result=""), name="call_back_done_with_result"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(done_at__isnull=True), name="call_back_open"),
        ]

    def __str__(self) -> str:
        return f"call back of {self.matter_id}"


class FollowCode(models.Model):
    """A one-time code with which a complainant opens what they told us; its hash, and how often it was tried."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="codes")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"code of {self.matter_id}"

    @property
    def client_id(self) -> int | None:
        """Whose it is: the client of what it belongs to."""
        return self.matter.client_id


class Rating(models.Model):
    """How satisfied somebody was after closing (CX-19, CX-20); asked once, answered once."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="rating")
    token_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    is_solved = models.BooleanField(null=True)
    words_sealed = models.BinaryField(null=True)
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__isnull=True, rated_at__isnull=True)
                | models.Q(score__gte=1, score__lte=5, rated_at__isnull=False),
                name="rating_one_to_five",
            )
        ]

    def __str__(self) -> str:
        return f"rating of {self.matter_id}"

    @property
    def client_id(self) -> int | None:
        """Whose it is: the client of what it belongs to."""
        return self.matter.client_id
