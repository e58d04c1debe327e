"""Files a client sent: how to read them, what became of them, and the rows while they are checked."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.choices import FileKind, ImportStatus, SuspectDecision
from collections_app.models.cases import Debtor
from collections_app.models.fields import MoneyField, OwnedKey
from collections_app.rules.importing import SUSPECTS


class ImportLayout(models.Model):
    """How one client writes its files: encoding, delimiter, date format, columns."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="layouts")
    name = models.CharField(max_length=80)
    definition = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="layout_name_once")]

    def __str__(self) -> str:
        return self.name


class ImportFile(models.Model):
    """One file and what came of it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(
        max_length=10, choices=FileKind.choices, default=FileKind.PLACEMENT, db_default=FileKind.PLACEMENT
    )
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    layout = models.JSONField()
    status = models.CharField(max_length=10, choices=ImportStatus.choices)
    accept_good_rows = models.BooleanField(default=False)
    # Where the upload waits until the worker has read it; empty for the command line.
    stored_path = models.CharField(max_length=300, blank=True)
    placed_on = models.DateField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=20, blank=True)
    rows_read = models.IntegerField(default=0)
    rows_total = models.IntegerField(default=0)
    result = models.JSONField(default=dict)
    # Its refused rows as they were read, on the disk, each sealed under a key that stands here: without it nobody reads
    # them again.
    refused_path = models.CharField(max_length=300, blank=True, db_default="")
    refused_key = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "-created_at"], name="import_by_client")]

    def __str__(self) -> str:
        return self.name


class StagedRow(models.Model):
    """One read row between file and book. The table stays empty: each import fills a temporary copy of it by COPY.

    ``debt_ref`` is the contract the row names, else the debtor's own debt, as ``names_debt`` says. Personal values
    stand here as blind indexes, and once sealed together under a key that dies with the import.
    """

    line = models.IntegerField(primary_key=True)
    debtor_ref = models.CharField(max_length=200)
    debt_ref = models.CharField(max_length=220)
    names_debt = models.BooleanField()
    receivable_ref = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    product = models.CharField(max_length=80)
    issued_on = models.DateField()
    due_on = models.DateField()
    amount = MoneyField()
    open_amount = MoneyField(null=True)
    paid_on = models.DateField(null=True)
    disputed = models.BooleanField()
    debtor_name = models.CharField(max_length=200)
    debtor_kind = models.CharField(max_length=10)
    city = models.CharField(max_length=80)
    id_kind = models.CharField(max_length=20)
    id_index = models.BinaryField(null=True)
    mobile_index = models.BinaryField(null=True)
    email_index = models.BinaryField(null=True)
    personal = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"line {self.line}"


class ImportSuspect(models.Model):
    """A row that is a known one but for leading zeros: not in the book until a person says which it is.

    ``value`` stands in the file, ``known`` in the book. The row waits as it was staged; its personal values under the
    key of the party it resembles, and no longer than it waits.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = OwnedKey(ImportFile, related_name="suspect_rows", db_index=False)
    line = models.IntegerField()
    code = models.CharField(max_length=20)
    value = models.CharField(max_length=220)
    known = models.CharField(max_length=220)
    # The account holder it would be, or whose contract or receivable it would be.
    debtor = OwnedKey(Debtor, related_name="+", db_index=False)
    row = models.JSONField()
    personal_sealed = models.BinaryField(null=True)
    decision = models.CharField(max_length=5, choices=SuspectDecision.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # What came of it once decided, as an import tells it: NEW, PAY, UNCHANGED, or the reason why not.
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="suspect_once"),
            models.CheckConstraint(
                condition=models.Q(decision="", outcome="") | ~models.Q(decision=""), name="suspect_decided_first"
            ),
        ]
        indexes = [
            models.Index(fields=["file"], condition=models.Q(outcome=""), name="suspect_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.value} → {self.known}"

    @property
    def words(self) -> str:
        """What differs, in the reader's language."""
        return str(SUSPECTS[self.code])
