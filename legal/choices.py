"""Kinds and states on the way to court, and the moves between states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep


class PaperKind(models.TextChoices):
    """What a paper proves. The first four are what a file needs before it is filed (regulations E10)."""

    CONTRACT = "CONTRACT", _("Contract")
    NOTE = "NOTE", _("Promissory note or other instrument")
    STATEMENT = "STATEMENT", _("Statement of account")
    CONTACT_PROOF = "CONTACT_PROOF", _("Proof of contact")
    PACK = "PACK", _("Evidence pack")
    LETTER = "LETTER", _("Signed letter of authorisation")
    AUTHORISATION = "AUTHORISATION", _("Written authorisation")
    NOTICE = "NOTICE", _("Final notice")
    SERVICE_PROOF = "SERVICE_PROOF", _("Proof of service")
    FILING = "FILING", _("Filed paper")
    JUDGMENT = "JUDGMENT", _("Judgment or order")
    OTHER = "OTHER", _("Other")


# What is laid before who decides a request; a paper more or less is another request. Letters and authorisations follow
# from the decision, filings and judgments from the authorisation.
EVIDENCE = frozenset(
    {
        PaperKind.CONTRACT,
        PaperKind.NOTE,
        PaperKind.STATEMENT,
        PaperKind.CONTACT_PROOF,
        PaperKind.PACK,
        PaperKind.OTHER,
    }
)


class PaperOrigin(models.TextChoices):
    UPLOADED = "UPLOADED", _("Uploaded")
    MADE = "MADE", _("Made here")


class InstrumentKind(models.TextChoices):
    """What a debt stands on; the limitation differs by it (regulations E7, E8)."""

    PROMISSORY_NOTE = "PROMISSORY_NOTE", _("Promissory note")
    CHEQUE = "CHEQUE", _("Cheque")
    CONTRACT = "CONTRACT", _("Contract")
    COMMERCIAL_ACCOUNT = "COMMERCIAL_ACCOUNT", _("Commercial account")
    JUDGMENT = "JUDGMENT", _("Judgment")


class ActKind(models.TextChoices):
    """What is done under an authorisation, in the order of a life in court."""

    FINAL_NOTICE = "FINAL_NOTICE", _("Final notice")
    MEDIATION = "MEDIATION", _("Mediation")
    FILING = "FILING", _("Claim filed")
    ENFORCEMENT_REQUEST = "ENFORCEMENT_REQUEST", _("Enforcement request on a note")
    AMENDMENT = "AMENDMENT", _("Claim amount amended")
    HEARING = "HEARING", _("Hearing")
    JUDGMENT = "JUDGMENT", _("Judgment")
    ENFORCEMENT = "ENFORCEMENT", _("Enforcement of a judgment")
    COURT_SETTLEMENT = "COURT_SETTLEMENT", _("Settlement in court")
    WITHDRAWAL = "WITHDRAWAL", _("Withdrawal from court")
    NOTE_RETURNED = "NOTE_RETURNED", _("Note returned")
    CLAIM_ENDED = "CLAIM_ENDED", _("Claim ended")


# The step of the authorisation that an act stands on. What only steps back or answers the court (lowering a claim,
# withdrawing, returning a spent note, going to a hearing of a claim that stands) is in nobody's way and stands on none.
STEP_OF: Mapping[str, frozenset[str]] = {
    ActKind.FINAL_NOTICE: frozenset({LegalStep.FINAL_NOTICE}),
    ActKind.MEDIATION: frozenset({LegalStep.MEDIATION}),
    ActKind.FILING: frozenset({LegalStep.CLAIM}),
    ActKind.ENFORCEMENT_REQUEST: frozenset({LegalStep.NOTE_ENFORCEMENT}),
    ActKind.ENFORCEMENT: frozenset({LegalStep.CLAIM, LegalStep.NOTE_ENFORCEMENT}),
    ActKind.COURT_SETTLEMENT: frozenset({LegalStep.CLAIM, LegalStep.NOTE_ENFORCEMENT, LegalStep.MEDIATION}),
}
# Acts that open a claim for an amount.
CLAIMS = frozenset({ActKind.FILING, ActKind.ENFORCEMENT_REQUEST})
# Acts that are of a claim that stands, and of nothing else.
OF_A_CLAIM = frozenset({ActKind.AMENDMENT, ActKind.HEARING, ActKind.JUDGMENT, ActKind.WITHDRAWAL, ActKind.CLAIM_ENDED})


class ClaimState(models.TextChoices):
    FILED = "FILED", _("Before the court")
    JUDGED = "JUDGED", _("Judged")
    SETTLED = "SETTLED", _("Settled in court")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    ENDED = "ENDED", _("Ended")


# A claim stands, and draws on its ceiling, until it is settled, withdrawn or ended.
STANDING_CLAIM = frozenset({ClaimState.FILED, ClaimState.JUDGED})
# What is handed back once it is spent (regulations E11).
RETURNED_WHEN_SPENT = frozenset({InstrumentKind.PROMISSORY_NOTE, InstrumentKind.CHEQUE})
# The act by which a claim moves, and nothing else moves it.
MOVED_BY: Mapping[str, str] = {
    ClaimState.JUDGED: ActKind.JUDGMENT,
    ClaimState.SETTLED: ActKind.COURT_SETTLEMENT,
    ClaimState.WITHDRAWN: ActKind.WITHDRAWAL,
    ClaimState.ENDED: ActKind.CLAIM_ENDED,
}
CLAIM_MOVES: Mapping[str, frozenset[str]] = {
    ClaimState.FILED: frozenset({ClaimState.JUDGED, ClaimState.SETTLED, ClaimState.WITHDRAWN, ClaimState.ENDED}),
    ClaimState.JUDGED: frozenset({ClaimState.SETTLED, ClaimState.WITHDRAWN, ClaimState.ENDED}),
    ClaimState.SETTLED: frozenset(),
    ClaimState.WITHDRAWN: frozenset(),
    ClaimState.ENDED: frozenset(),
}


class AuthorisationState(models.TextChoices):
    """How an authorisation stands on a day. Its draft is the request (``EscalationStatus``)."""

    SIGNED = "SIGNED", _("Signed, not begun yet")
    LIVE = "LIVE", _("In force")
    USED_UP = "USED_UP", _("Used up")
    EXPIRED = "EXPIRED", _("Expired")
    REVOKED = "REVOKED", _("Revoked by the client")
    REPLACED = "REPLACED", _("Replaced")


class CostKind(models.TextChoices):
    COURT_FEE = "COURT_FEE", _("Court fee")
    LAWYER_FEE = "LAWYER_FEE", _("Lawyer's fee")
    ENFORCEMENT_FEE = "ENFORCEMENT_FEE", _("Enforcement fee")
    SERVICE = "SERVICE", _("Service of papers")
    EXPERT = "EXPERT", _("Expert or translation")
    ADVANCE = "ADVANCE", _("Advance to the lawyer")
    OTHER = "OTHER", _("Other")


class NoticeChannel(models.TextChoices):
    REGISTERED_MAIL = "REGISTERED_MAIL", _("Registered mail")
    EMAIL = "EMAIL", _("E-mail")


class NoticeState(models.TextChoices):
    PREPARED = "PREPARED", _("Prepared")
    SENT = "SENT", _("Sent")
    SERVED = "SERVED", _("Served")
    FAILED = "FAILED", _("Not served")
    VOID = "VOID", _("Void")


NOTICE_MOVES: Mapping[str, frozenset[str]] = {
    NoticeState.PREPARED: frozenset({NoticeState.SENT, NoticeState.VOID}),
    NoticeState.SENT: frozenset({NoticeState.SERVED, NoticeState.FAILED}),
    NoticeState.SERVED: frozenset(),
    NoticeState.FAILED: frozenset(),
    NoticeState.VOID: frozenset(),
}


class FileState(models.TextChoices):
    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class FileOutcome(models.TextChoices):
    COLLECTED = "COLLECTED", _("Collected")
    SETTLED = "SETTLED", _("Settled")
    JUDGED_FOR = "JUDGED_FOR", _("Judged for the client")
    JUDGED_AGAINST = "JUDGED_AGAINST", _("Judged against the client")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    UNENFORCEABLE = "UNENFORCEABLE", _("Nothing to enforce")


class CourtDateKind(models.TextChoices):
    HEARING = "HEARING", _("Hearing")
    DEADLINE = "DEADLINE", _("Deadline")


class CourtDateState(models.TextChoices):
    PLANNED = "PLANNED", _("Planned")
    DONE = "DONE", _("Done")
    POSTPONED = "POSTPONED", _("Postponed")
    CANCELLED = "CANCELLED", _("Cancelled")


COURT_DATE_MOVES: Mapping[str, frozenset[str]] = {
    CourtDateState.PLANNED: frozenset({CourtDateState.DONE, CourtDateState.POSTPONED, CourtDateState.CANCELLED}),
    CourtDateState.DONE: frozenset(),
    CourtDateState.POSTPONED: frozenset(),
    CourtDateState.CANCELLED: frozenset(),
}


class LegalTaskKind(models.TextChoices):
    AMEND_CLAIM = "AMEND_CLAIM", _("Amend the claim amount")
    WITHDRAW_CLAIM = "WITHDRAW_CLAIM", _("Withdraw the claim")
    RETURN_NOTE = "RETURN_NOTE", _("Return the note")
    RENEW_AUTHORISATION = "RENEW_AUTHORISATION", _("Renew the authorisation")
    LIMITATION = "LIMITATION", _("The limitation ends")


class LegalTaskState(models.TextChoices):
    OPEN = "OPEN", _("Open")
    DONE = "DONE", _("Done")
    MOOT = "MOOT", _("No longer needed")


LEGAL_TASK_MOVES: Mapping[str, frozenset[str]] = {
    LegalTaskState.OPEN: frozenset({LegalTaskState.DONE, LegalTaskState.MOOT}),
    LegalTaskState.DONE: frozenset(),
    LegalTaskState.MOOT: frozenset(),
}


class LimitationState(models.TextChoices):
    RUNS = "RUNS", _("Time remains")
    ENDS_SOON = "ENDS_SOON", _("Its end is near")
    PASSED = "PASSED", _("Passed")
    STANDS_STILL = "STANDS_STILL", _("Stands still by a claim")
    UNKNOWN = "UNKNOWN", _("Not known: ask the lawyer")


# What moved the sums of a task, as its evidence names it.
EVIDENCE_WORDS: Mapping[str, Any] = {
    "PAYMENT": _("Payment"),
    "REVERSAL": _("Payment taken back"),
    "NOTE": _("Note on the account"),
    "REOPENED": _("Case opened again"),
    "MOVED": _("Money moved by a file or a match"),
    "NIGHT": _("Valued at night"),
    "LIMITATION": _("Last day to claim"),
    **{kind.value: kind.label for kind in ActKind},
}
