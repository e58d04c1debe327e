"""Where a matter of earlier days came from, and what its source says of it beside the matter itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from complaints.choices import ImportSource
from complaints.models.matters import Matter


class ImportedMatter(models.Model):
    """One row of a file of earlier matters: written once, known by its reference there. Append-only."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="imported")
    source = models.CharField(max_length=12, choices=ImportSource.choices)
    source_ref = models.CharField(max_length=60)
    # What the source says in its own words: channel, company, issue, response, whether that was in time.
    labels = models.JSONField(default=dict)
    # The source says that it is over, and not since when: it counts for no speed.
    is_undated = models.BooleanField(default=False)
    # What does not hold together in the source, by code (``rules/importing.py``).
    flags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_ref"], name="imported_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_ref}"

    @property
    def client_id(self) -> int | None:
        """Whose it is: the client of its matter."""
        return self.matter.client_id
