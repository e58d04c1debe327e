"""Kinds of clients, the basis of age, contact channels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClientKind(models.TextChoices):
    BANK = "BANK", _("Bank")
    FINANCE = "FINANCE", _("Finance company")
    TELECOM = "TELECOM", _("Telecom")
    TRADE = "TRADE", _("Trade")
    OTHER = "OTHER", _("Other")


class ClientStatus(models.TextChoices):
    ONBOARDING = "ONBOARDING", _("Onboarding")
    ACTIVE = "ACTIVE", _("Active")
    CLOSED = "CLOSED", _("Closed")


class AgeBasis(models.TextChoices):
    """From which date days are counted (I-02: one figure never mixes the two)."""

    INVOICE = "INVOICE", _("Invoice date")
    DUE = "DUE", _("Due date")


class Channel(models.TextChoices):
    """The documented channels (regulations A14), and visits for trade customers (I-21)."""

    PHONE = "PHONE", _("Phone")
    SMS = "SMS", _("SMS")
    EMAIL = "EMAIL", _("E-mail")
    LETTER = "LETTER", _("Registered letter")
    VISIT = "VISIT", _("Visit")


class StageAction(models.TextChoices):
    """What a stage asks for when a receivable enters it (CM-40)."""

    DEMAND = "DEMAND", _("Demand for payment")
    REMIND = "REMIND", _("Reminder call")
    FOLLOW_UP = "FOLLOW_UP", _("Follow up closely")
    OFFER_OPTIONS = "OFFER_OPTIONS", _("Offer payment options")
    REVIEW_LEGAL = "REVIEW_LEGAL", _("Review for legal escalation")


class AllocationMethod(models.TextChoices):
    """How money that no pin speaks of is spread over what is open (ADR 0019)."""

    OLDEST_FIRST = "OLDEST_FIRST", _("Oldest due date first")
    FEES_FIRST = "FEES_FIRST", _("Costs and fees first")
    EXACT_FIRST = "EXACT_FIRST", _("The receivable of just that amount, else the oldest")
    AS_SPECIFIED = "AS_SPECIFIED", _("As the payer says; the rest waits")
