"""What was open at the end of a day, and what happened on it, by everything people ask for (ADR 0046).

Written by ``services.rollups`` alone, read through ``selectors.days``. Both follow from the facts and say nothing that
could not be counted again: what has left the building is frozen elsewhere.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models.fields import CurrencyField

# By what days are told, besides their client; ``name`` is that of a flow.
DIMENSIONS = ("portfolio", "stage", "band", "product", "collector", "currency", "bucket")


class CountedDay(models.Model):
    """A day of a book that has been counted. ``closed`` once it was over; until then as it stood in the morning."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    closed = models.BooleanField()
    # When it was last counted, in whole or in what was told late.
    counted_at = models.DateTimeField()
    # The last line told late that its stock has: younger ones are still to be added.
    late_through = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "on"], name="day_counted_once")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.on}"


class _OfDay(models.Model):
    """A cell: what has all of these alike on one day. Sums over cells mean something, single ones need not: what was
    told late adds cells of its own, of either sign.
    """

    # Neither key is proven row by row: a night copies both from rows that are.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    on = models.DateField()
    # The day on which it was placed with us: the portfolio it came with. Empty, as all of these, where something
    # concerns no case.
    portfolio = models.DateField(null=True)
    # The code of the stage it was in on that day; empty before it had one.
    stage = models.CharField(max_length=30, blank=True)
    # A band of amounts (``collections_app.rules.bands``).
    band = models.CharField(max_length=20, blank=True)
    product = models.CharField(max_length=80, blank=True)
    # Who held the case at the end of that day.
    collector = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    # Empty where no money is spoken of.
    currency = CurrencyField(blank=True)
    # By due date, on that day.
    bucket = models.CharField(max_length=10, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        abstract = True


class DayStock(_OfDay):
    """What was open at the end of a day. A case counts once a currency, where its oldest open receivable lies."""

    receivables = models.IntegerField()
    accounts = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["client", "on"], name="stock_by_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.bucket}"


class DayFlow(_OfDay):
    """What happened on a day: how often, and how much of one currency.

    Ledger lines lie where their receivable lay; what concerns a case, where its oldest open receivable lay that day.
    """

    name = models.CharField(max_length=30)
    count = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["client", "on"], name="flow_by_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class LateEntry(models.Model):
    """A line of the ledger that came when its day was closed already. Written by trigger, in the transaction of the
    line itself, under the client's lock; gone once every closed day has it.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    entry_id = models.BigIntegerField()
    on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["client", "id"], name="late_by_client")]

    def __str__(self) -> str:
        return f"{self.entry_id} of {self.on}"


class TouchedDay(models.Model):
    """Something was told of a day; with ``stock``, of what was held or staged from that day on. Written by trigger, in
    the transaction that tells it, whether the day is closed or not: who counts the day takes these first, so that what
    he could not see yet is still marked when he is done.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    on = models.DateField()
    stock = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["client", "on"], name="touched_by_day")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.on}"
