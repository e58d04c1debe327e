"""What a promissory note must show, and whether it may still be filed (regulations E4, E6)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

# The new Enforcement Law is in force from this day: notes issued since then are enforced only when registered on a
# national platform; those issued before, unregistered for one year more (E4, M/237, Article 7).
REGISTRATION_FROM = dt.date(2026, 10, 28)
UNREGISTERED_UNTIL = dt.date(2027, 10, 28)


class NoteFault(models.TextChoices):
    """A statutory item that a note does not show (Commercial Papers Law, Articles 87 and 88)."""

    WORDS = "WORDS", _("It does not say that it is a promissory note.")
    PROMISE = "PROMISE", _("It is no unconditional promise of a sum.")
    DUE = "DUE", _("It shows no due date: it is payable at sight.")
    PAYMENT_PLACE = "PAYMENT_PLACE", _("It does not say where it is paid.")
    PAYEE = "PAYEE", _("It does not say to whom it is paid.")
    ISSUE = "ISSUE", _("It does not show where and when it was issued.")
    SIGNATURE = "SIGNATURE", _("It bears no signature of its maker.")


def note_faults(
    *,
    says_note: bool,
    unconditional: bool,
    due_on: dt.date | None,
    payment_place: str,
    payee: str,
    issued_on: dt.date | None,
    issue_place: str,
    signed: bool,
) -> list[NoteFault]:
    """The items of the seven that a note lacks (NOTE-FORM). Each is a warning: the court has the last word."""
    shown = {
        NoteFault.WORDS: says_note,
        NoteFault.PROMISE: unconditional,
        NoteFault.DUE: due_on is not None,
        NoteFault.PAYMENT_PLACE: bool(payment_place.strip()),
        NoteFault.PAYEE: bool(payee.strip()),
        NoteFault.ISSUE: issued_on is not None and bool(issue_place.strip()),
        NoteFault.SIGNATURE: signed,
    }
    return [fault for fault, is_there in shown.items() if not is_there]


def note_may_be_filed(
    *,
    issued_on: dt.date | None,
    platform_reference: str,
    filed_on: dt.date,
    registration_from: dt.date = REGISTRATION_FROM,
    unregistered_until: dt.date = UNREGISTERED_UNTIL,
) -> bool:
    """NOTE-REGISTERED: with a platform reference always; without one, only what was issued before
    ``registration_from`` and is filed before ``unregistered_until``. A note without a date of issue counts as new.
    """
    if platform_reference.strip() or filed_on < registration_from:
        return True
    return issued_on is not None and issued_on < registration_from and filed_on < unregistered_until
