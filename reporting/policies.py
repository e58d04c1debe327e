"""Who sees what of reports, the audit desk and the portal."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User


def can_use_portal(user: User) -> bool:
    return user.is_portal


def can_sign(user: User) -> bool:
    return user.role == Role.CLIENT_SIGNATORY


def can_audit(user: User) -> bool:
    return user.role == Role.AUDITOR


def can_read_reports(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER}
