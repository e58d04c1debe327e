"""Before and after of what people edit, by django-simple-history, at the house's own clock.

A change and its event in the audit trail are told by one clock, so that who reads the one finds the other.
"""

from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords

from common import clock


class History(HistoricalRecords):  # type: ignore[misc]
    """The versions of a model's rows. ``save`` and ``delete`` leave one; what leaves none is not written that way."""

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """A save of nothing but fields that are not kept (a book's date, a last sign-in) leaves no version."""
        fields = kwargs.get("update_fields")
        if fields and not created and not set(fields) & {field.name for field in self.fields_included(instance)}:
            return
        super().post_save(instance, created, using=using, **kwargs)

    def create_historical_record(self, instance: Any, history_type: str, using: Any = None) -> None:
        instance._history_date = clock.now()
        super().create_historical_record(instance, history_type, using=using)
