"""What the other side answered to one attempt, in words that every channel shares."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.choices import Outcome


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An outcome with its stable code. ``down``: the other side takes nothing now, the next message neither."""

    outcome: str
    code: str
    reference: str = ""
    down: bool = False


def taken(reference: str = "") -> Answer:
    return Answer(outcome=Outcome.SENT, code="TAKEN", reference=reference[:200])


def later(code: str, *, down: bool = False) -> Answer:
    """Nothing left the house."""
    return Answer(outcome=Outcome.LATER, code=code, down=down)


def refused(code: str) -> Answer:
    return Answer(outcome=Outcome.REFUSED, code=code)


def doubt(code: str) -> Answer:
    """It may have left."""
    return Answer(outcome=Outcome.DOUBT, code=code)


CODE_WORDS: dict[str, str | Promise] = {
    "TAKEN": _("The other side took it."),
    "UNREACHABLE": _("The server could not be reached; nothing left."),
    "BUSY": _("The server asked to come again later."),
    "NOT_OURS": _("The server did not accept us as a sender."),
    "REFUSED": _("The server refused this message for good."),
    "SILENT": _("The server stopped answering; the message may have left."),
    "SILENT_REPEATED": _("The server stopped answering; asked again under the same key it sends once."),
    "WORKER_LOST": _("The process that sent it died; the message may have left."),
    "FAULT": _("A fault of ours, noted in the log."),
    "ADDRESS": _("The address cannot be written to."),
    "UNREADABLE": _("Its text cannot be read any more: the key was destroyed."),
    "PAPER": _("An enclosed paper cannot be read."),
    "TOO_LARGE": _("The enclosed papers are too large."),
    "DAY_FULL": _("The number had as many SMS today as it may get; it leaves the next day."),
    "OVER": _("It waited longer than what it says is good for."),
    "NO_AUTHORITY": _("It tells of a legal step, and there is no live authorisation."),
}
