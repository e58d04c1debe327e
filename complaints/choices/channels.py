"""The house's channels, and what is said of it in public (source 002 §3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Platform(models.TextChoices):
    """Where an account of social media is kept. Names of products stay as they are."""

    X = "X", "X"
    INSTAGRAM = "INSTAGRAM", "Instagram"
    FACEBOOK = "FACEBOOK", "Facebook"
    SNAPCHAT = "SNAPCHAT", "Snapchat"
    TIKTOK = "TIKTOK", "TikTok"
    YOUTUBE = "YOUTUBE", "YouTube"
    LINKEDIN = "LINKEDIN", "LinkedIn"
    GOOGLE = "GOOGLE", "Google Maps"
    OTHER = "OTHER", _("Another platform")


class ChannelFault(models.TextChoices):
    """What is to be mended of a channel in use (CX-27, CX-26)."""

    NOBODY = "NOBODY", _("Nobody supervises it")
    LEFT = "LEFT", _("Its supervisor has left")
    REVIEW = "REVIEW", _("Its quarterly review is due")
    WATCH = "WATCH", _("It was not looked through")


class CommentSort(models.TextChoices):
    """What somebody wrote in public under our name (CX-25, CX-26)."""

    ASKS = "ASKS", _("Asks for help")
    COMPLAINT = "COMPLAINT", _("Complains")
    IMPROPER = "IMPROPER", _("Improper")
    PRAISE = "PRAISE", _("Praise")


class CommentState(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("comment", "Open")
    CLOSED = "CLOSED", pgettext_lazy("comment", "Closed")


class DeedKind(models.TextChoices):
    """What was done about a comment, and what against its writer."""

    REPLIED = "REPLIED", _("Replied in public")
    MOVED = "MOVED", _("Moved to a private channel")
    HIDDEN = "HIDDEN", _("Comment hidden")
    REMOVED = "REMOVED", _("Comment removed")
    REPORTED = "REPORTED", _("Comment reported to the platform")
    WARNED = "WARNED", _("Writer warned")
    BLOCKED = "BLOCKED", _("Writer blocked")
    WRITER_REPORTED = "WRITER_REPORTED", _("Writer reported to the platform")


ON_COMMENT = (DeedKind.HIDDEN, DeedKind.REMOVED, DeedKind.REPORTED)
ON_WRITER = (DeedKind.WARNED, DeedKind.BLOCKED, DeedKind.WRITER_REPORTED)


class Disclosed(models.TextChoices):
    """What may not stand in a public reply (CX-25)."""

    EMAIL = "EMAIL", _("an e-mail address")
    LINK = "LINK", _("a link")
    IBAN = "IBAN", _("a bank account")
    PHONE = "PHONE", _("a phone number")
    IDENTIFIER = "IDENTIFIER", _("an identity number")
    REFERENCE = "REFERENCE", _("a reference of ours or of an account")
    AMOUNT = "AMOUNT", _("an amount of money")
    NUMBER = "NUMBER", _("a long number")
    NAME = "NAME", _("a name of the person concerned")
