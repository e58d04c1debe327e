"""Lawyers, their files, and the days of a file in court."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import translation

from clients.models import Client
from collections_app.models import Authorisation, Case
from collections_app.models.fields import OwnedKey
from legal.choices import CourtDateKind, CourtDateState, FileOutcome, FileState
from parties.models import Party


def _in_english() -> bool:
    return (translation.get_language() or "ar").startswith("en")


class LawFirm(models.Model):
    """A law firm the agency works with, for every client."""

    name_ar = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    licence = models.CharField(max_length=40, unique=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name_ar"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_ar


class Lawyer(models.Model):
    """A lawyer of a firm; with ``user``, one who signs in to their own files and nothing else."""

    firm = models.ForeignKey(LawFirm, on_delete=models.PROTECT, related_name="lawyers")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="lawyer"
    )
    name_ar = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    licence = models.CharField(max_length=40, unique=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name_ar"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_ar


class LawyerConflict(models.Model):
    """For or against whom a firm, or one of its lawyers, may not act: a person or company, or a client."""

    firm = models.ForeignKey(LawFirm, on_delete=models.PROTECT, related_name="conflicts")
    lawyer = models.ForeignKey(Lawyer, on_delete=models.PROTECT, null=True, blank=True, related_name="conflicts")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # For whom it may not act.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(party__isnull=False) | models.Q(client__isnull=False),
                name="lawyer_conflict_with_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"conflict of {self.firm_id}"


class LegalFile(models.Model):
    """A case in a lawyer's hands under one authorisation, with its numbers at the court and on the platforms."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="legal_files")
    authorisation = OwnedKey(Authorisation, related_name="legal_files")
    number = models.CharField(max_length=40, unique=True)
    lawyer = models.ForeignKey(Lawyer, on_delete=models.PROTECT, related_name="files")
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=FileOutcome.choices, blank=True)
    court = models.CharField(max_length=160, blank=True)
    circuit = models.CharField(max_length=80, blank=True)
    city = models.CharField(max_length=80, blank=True)
    court_reference = models.CharField(max_length=60, blank=True)
    najiz_reference = models.CharField(max_length=60, blank=True)
    nafith_reference = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authorisation"], condition=models.Q(state="OPEN"), name="legal_file_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state="OPEN", closed_on__isnull=True, outcome="")
                | (models.Q(state="CLOSED", closed_on__isnull=False) & ~models.Q(outcome="")),
                name="legal_file_closed_with_outcome",
            ),
        ]
        indexes = [models.Index(fields=["lawyer", "state"], name="legal_file_by_lawyer")]

    def __str__(self) -> str:
        return self.number


class FileAssignment(models.Model):
    """Who had the file, from when until when; the last row without an end has it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = OwnedKey(LegalFile, related_name="assignments")
    lawyer = models.ForeignKey(Lawyer, on_delete=models.PROTECT, related_name="assignments")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file"], condition=models.Q(until_at__isnull=True), name="file_assignment_one_stands"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.lawyer_id}"


class CourtDate(models.Model):
    """A hearing or a deadline of a file. A postponed one stays, and the new one names it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = OwnedKey(LegalFile, related_name="court_dates")
    kind = models.CharField(max_length=10, choices=CourtDateKind.choices)
    title = models.CharField(max_length=160)
    on = models.DateField()
    # Empty for a deadline of the whole day. Riyadh time.
    at = models.TimeField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=CourtDateState.choices, default=CourtDateState.PLANNED)
    outcome = models.CharField(max_length=1000, blank=True)
    moved_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="DONE") | ~models.Q(outcome=""), name="court_date_done_with_outcome"
            )
        ]
        indexes = [
            models.Index(fields=["on", "at"], condition=models.Q(state="PLANNED"), name="court_date_planned"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"
