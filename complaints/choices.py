"""Kinds of matters with deadlines."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MatterKind(models.TextChoices):
    """Whatever runs by the steps of ``rules/deadlines.py``."""

    COMPLAINT = "COMPLAINT", _("Complaint")
    ENQUIRY = "ENQUIRY", _("Enquiry")
    CALL_BACK = "CALL_BACK", _("Promised call")
    RECOMMENDATION = "RECOMMENDATION", _("Recommendation")
    PERFORMANCE_REPORT = "PERFORMANCE_REPORT", _("Performance report")
    DISPUTE = "DISPUTE", _("Bureau dispute")
