"""Inviting a person: the link of a password reset, so that nobody ever knows another's password."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest
from django.utils import translation

from accounts.models import User

log = logging.getLogger(__name__)


def invitation_send(*, request: HttpRequest, user: User) -> bool:
    """Send the invitation in the person's own language; False when the mail did not leave.

    The account stands either way: "Forgotten?" on the sign-in page sends the same link again.
    """
    form = ResetPasswordForm({"email": user.email})
    if not form.is_valid():
        return False
    request.mail_must_leave = True  # type: ignore[attr-defined]
    try:
        with translation.override(user.language):
            form.save(request)
    except (OSError, SMTPException):
        log.warning("the invitation of user %s did not leave", user.pk)
        return False
    return True
