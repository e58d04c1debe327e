"""Fields every table of the book shares."""

from __future__ import annotations

from typing import Any

from django.db import models

from common import money


class MoneyField(models.DecimalField):
    """Two decimals, eighteen digits; the column's type itself refuses a third decimal's rounding by check."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", money.MAX_DIGITS)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(**kwargs)


class StageKey(models.ForeignKey):
    """A stage: the row of the version that put a receivable there. What a version says stands for ever by trigger, so
    that a constraint, looked up for every row a night writes, would prove nothing more.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("to", "clients.StagePolicyRow")
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("db_constraint", False)
        kwargs.setdefault("db_index", False)
        super().__init__(*args, **kwargs)


class OwnedKey(models.ForeignKey):
    """A reference between two rows of one client.

    The constraint in the database is the composite one, (this, client_id) to (id, client_id), added by migration;
    a second simple one would only cost time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("db_constraint", False)
        super().__init__(*args, **kwargs)
