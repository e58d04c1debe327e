"""Accounts are made by an administrator; nobody signs up. Sign-ins and new passwords stand in the audit trail."""

from __future__ import annotations

import datetime as dt
import logging
import time
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.services.users import factor_changed, password_set, sign_in_record
from common import crypto

log = logging.getLogger(__name__)
_FACTOR = "second factor"


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sign_in_record(user=user)

    def set_password(self, user: User, password: str) -> None:
        password_set(user=user, password=password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, or write down that it did not leave: a page never tells by an error who has an account here."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("a mail (%s) did not leave", template_prefix)
            if getattr(self.request, "mail_must_leave", False):
                raise

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether a page of the library asks for a fresh proof. Signing in is one by password, as long as any is good:
        who signed in just now sets up the first factor, and reads its codes, without giving the password again. It is
        none for who had a factor by then.
        """
        if app == "allauth.mfa" and self.request is not None and signed_in_without_factor(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor proves themselves with it, never with the password alone."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"].startswith("mfa")] or methods

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """The library's own moment for telling of a factor set up or taken off: the trail hears of it too."""
        if template_prefix.startswith("mfa/"):
            factor_changed(user=user, what=template_prefix.rpartition("/")[2])
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


def signed_in_without_factor(request: HttpRequest) -> bool:
    """Whether this session was begun by password less than ten minutes ago, by somebody without a second factor."""
    user = request.user
    begun = [one["at"] for one in get_authentication_records(request, user) if one.get("method") == "password"][-1:]
    if not begun or time.time() - begun[0] >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return False
    before = dt.datetime.fromtimestamp(begun[0], tz=dt.UTC)
    return not Authenticator.objects.filter(user_id=user.pk, created_at__lt=before).exists()


class SealedMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of second factors lie sealed in the database."""

    def encrypt(self, text: str) -> str:
        return crypto.seal_text(text=text, purpose=_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.open_text(sealed=encrypted_text, purpose=_FACTOR)
