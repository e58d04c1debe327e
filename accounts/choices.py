"""Roles and languages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does here. One role a person; the portal's roles belong to a client's own people."""

    COLLECTOR = "COLLECTOR", _("Collector")
    TEAM_LEADER = "TEAM_LEADER", _("Team leader")
    COLLECTIONS_MANAGER = "COLLECTIONS_MANAGER", _("Collections manager")
    LEGAL_OFFICER = "LEGAL_OFFICER", _("Legal officer")
    CREDIT_OFFICER = "CREDIT_OFFICER", _("Credit officer")
    FINANCE_MANAGER = "FINANCE_MANAGER", _("Finance manager")
    GENERAL_MANAGER = "GENERAL_MANAGER", _("General manager")
    COMPLAINTS_OFFICER = "COMPLAINTS_OFFICER", _("Complaints officer")
    QUALITY_OFFICER = "QUALITY_OFFICER", _("Quality officer")
    BUREAU_OFFICER = "BUREAU_OFFICER", _("Bureau officer")
    AUDITOR = "AUDITOR", _("Auditor")
    CLIENT_USER = "CLIENT_USER", _("Client user")
    CLIENT_SIGNATORY = "CLIENT_SIGNATORY", _("Client signatory")
    LAWYER = "LAWYER", _("Outside lawyer")
    ADMINISTRATOR = "ADMINISTRATOR", _("Administrator")


PORTAL_ROLES = frozenset({Role.CLIENT_USER, Role.CLIENT_SIGNATORY})
# Lawyers of other firms: neither of the house nor of a client. They see the files they hold, and nothing else.
OUTSIDE_ROLES = frozenset({Role.LAWYER})
STAFF_ROLES = frozenset(Role) - PORTAL_ROLES - OUTSIDE_ROLES


class Side(models.TextChoices):
    """On which side of the walls a person stands. Nobody ever changes sides."""

    HOUSE = "HOUSE", _("House")
    PORTAL = "PORTAL", _("Portal")
    OUTSIDE = "OUTSIDE", _("Outside")


def side_of(role: str) -> Side:
    """The side of a role."""
    if role in PORTAL_ROLES:
        return Side.PORTAL
    return Side.OUTSIDE if role in OUTSIDE_ROLES else Side.HOUSE


class Language(models.TextChoices):
    AR = "ar", "العربية"
    EN = "en", "English"


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")
