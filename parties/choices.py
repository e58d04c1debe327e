"""Kinds of people and of what identifies them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartyKind(models.TextChoices):
    PERSON = "PERSON", _("Person")
    COMPANY = "COMPANY", _("Company")


class IdentifierKind(models.TextChoices):
    NATIONAL_ID = "NATIONAL_ID", _("National ID or Iqama")
    UNIFIED_NUMBER = "UNIFIED_NUMBER", _("Unified national number")
    COMMERCIAL_REGISTER = "COMMERCIAL_REGISTER", _("Commercial register")
