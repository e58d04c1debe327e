"""Kinds of reports, and the states of those that are made together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportKind(models.TextChoices):
    """What a client is sent: by the calendar, or in the first days of a portfolio."""

    WEEKLY = "WEEKLY", _("Weekly report")
    MONTHLY = "MONTHLY", _("Monthly report")
    QUARTERLY = "QUARTERLY", _("Quarterly report")
    BRIEF = "BRIEF", _("Early brief")
    ASSESSMENT = "ASSESSMENT", _("Preliminary assessment")


class ReportState(models.TextChoices):
    """One report of a run: it waits for a worker, is issued, or was given up and waits for a person."""

    WAITING = "WAITING", _("Waiting")
    ISSUED = "ISSUED", _("Issued")
    FAILED = "FAILED", _("Given up")


class TargetCode(models.TextChoices):
    """What may be agreed with a client for a week: a share by its KPI, or what is collected in a currency."""

    RIGHT_PARTY = "RIGHT_PARTY_OF_ATTEMPTS", _("Account holder reached")
    PROMISE_KEPT = "PROMISE_KEPT_COUNT", _("Promises kept")
    COLLECTED = "COLLECTED", _("Collected in a week")


class BoardEvery(models.TextChoices):
    """How often the link of a view is sent."""

    DAY = "DAY", _("Every day")
    WEEK = "WEEK", _("Every week")
    MONTH = "MONTH", _("Every month")


class PointKind(models.TextChoices):
    """What a review meeting leaves: what was decided, and what is recommended for the next quarter (PL-37)."""

    DECISION = "DECISION", _("Decision")
    RECOMMENDATION = "RECOMMENDATION", _("Recommendation")
