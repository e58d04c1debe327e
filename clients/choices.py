"""Kinds of clients, the basis of age, contact channels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClientKind(models.TextChoices):
    BANK = "BANK", _("Bank")
    FINANCE = "FINANCE", _("Finance company")
    TELECOM = "TELECOM", _("Telecom")
    TRADE = "TRADE", _("Trade")
    OTHER = "OTHER", _("Other")


# Banks and finance companies: those whom SAMA's collection regulations bind (article 3).
SUPERVISED = frozenset({ClientKind.BANK, ClientKind.FINANCE})


class ClientStatus(models.TextChoices):
    ONBOARDING = "ONBOARDING", _("Onboarding")
    ACTIVE = "ACTIVE", _("Active")
    CLOSED = "CLOSED", _("Closed")


class PortalView(models.TextChoices):
    """How far an agreement lets the client's own people look into its cases. What is asked of them names its case."""

    CONTACTS = "CONTACTS", _("Cases and their contacts")
    CASES = "CASES", _("Cases, without contacts")
    FIGURES = "FIGURES", _("Reports and figures alone")


class AgeBasis(models.TextChoices):
    """From which date days are counted (I-02: one figure never mixes the two)."""

    INVOICE = "INVOICE", _("Invoice date")
    DUE = "DUE", _("Due date")


class Channel(models.TextChoices):
    """The documented channels (regulations A14), and visits for trade customers (I-21)."""

    PHONE = "PHONE", _("Phone")
    SMS = "SMS", _("SMS")
    EMAIL = "EMAIL", _("E-mail")
    LETTER = "LETTER", _("Registered letter")
    VISIT = "VISIT", _("Visit")


class ActionKind(models.TextChoices):
    """What a stage does when a receivable enters it (CM-40). How it is written: ``clients.rules.actions``."""

    TASK = "TASK", _("Task")
    MESSAGE = "MESSAGE", _("Message")
    STOP = "STOP", _("Stop")
    PROPOSE = "PROPOSE", _("Proposal")


class MessageTemplate(models.TextChoices):
    REMINDER = "REMINDER", _("Reminder")
    DEMAND = "DEMAND", _("Demand for payment")
    OPTIONS = "OPTIONS", _("Payment options")
    FINAL_NOTICE = "FINAL_NOTICE", _("Final notice")


class Recipient(models.TextChoices):
    HOLDER = "HOLDER", _("Account holder")
    GUARANTOR = "GUARANTOR", _("Guarantor")


class StopKind(models.TextChoices):
    CONTACT = "CONTACT", _("Stop of contact")
    CREDIT = "CREDIT", _("Stop of credit")


class ProposalKind(models.TextChoices):
    LEGAL = "LEGAL", _("Legal escalation")
    RECALL = "RECALL", _("Return to the client")
    WRITE_OFF = "WRITE_OFF", _("Write-off")


class StageAction(models.TextChoices):
    """The tasks a stage gives when a receivable enters it (CM-40)."""

    DEMAND = "DEMAND", _("Demand for payment")
    REMIND = "REMIND", _("Reminder call")
    FOLLOW_UP = "FOLLOW_UP", _("Follow up closely")
    OFFER_OPTIONS = "OFFER_OPTIONS", _("Offer payment options")
    REVIEW_LEGAL = "REVIEW_LEGAL", _("Review for legal escalation")


class Scope(models.TextChoices):
    """What a token of a client's system opens."""

    PLACEMENTS = "PLACEMENTS", _("Place debts")
    PAYMENTS = "PAYMENTS", _("Report payments, take them back")
    NOTES = "NOTES", _("Send credit and debit notes")
    READ = "READ", _("Read cases, receivables and payments")
    CREDIT = "CREDIT", _("Score customers, check and place credit orders")
    MATTERS = "MATTERS", _("Tell us complaints and enquiries, and read where they stand")
    DISPUTES = "DISPUTES", _("Read disputes of the credit record and reply to them")


class TokenState(models.TextChoices):
    LIVE = "LIVE", _("Live")
    ENDING = "ENDING", _("Ends soon")
    ENDED = "ENDED", _("Ended")
    REVOKED = "REVOKED", _("Revoked")


class AllocationMethod(models.TextChoices):
    """How money that no pin speaks of is spread over what is open (ADR 0019)."""

    OLDEST_FIRST = "OLDEST_FIRST", _("Oldest due date first")
    FEES_FIRST = "FEES_FIRST", _("Costs and fees first")
    EXACT_FIRST = "EXACT_FIRST", _("The receivable of just that amount, else the oldest")
    AS_SPECIFIED = "AS_SPECIFIED", _("As the payer says; the rest waits")


class PolicyState(models.TextChoices):
    """The life of one version of a stage policy. What is published is never edited: an edit is the next version."""

    DRAFT = "DRAFT", _("Draft")
    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")


# A draft that is taken back after it was proposed may be corrected; what was decided stands.
POLICY_MOVES: dict[str, frozenset[str]] = {
    PolicyState.DRAFT: frozenset({PolicyState.PROPOSED}),
    PolicyState.PROPOSED: frozenset({PolicyState.APPROVED, PolicyState.REJECTED, PolicyState.DRAFT}),
    PolicyState.APPROVED: frozenset(),
    PolicyState.REJECTED: frozenset(),
}


class ChangeStatus(models.TextChoices):
    """A request that a stage policy shall rule somewhere from a day on, or that a client's person may sign."""

    PROPOSED = "PROPOSED", _("Waiting for an answer")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    WITHDRAWN = "WITHDRAWN", _("Taken back")


CHANGE_MOVES: dict[str, frozenset[str]] = {
    ChangeStatus.PROPOSED: frozenset({ChangeStatus.APPROVED, ChangeStatus.REJECTED, ChangeStatus.WITHDRAWN}),
    ChangeStatus.APPROVED: frozenset(),
    ChangeStatus.REJECTED: frozenset(),
    ChangeStatus.WITHDRAWN: frozenset(),
}


class RestageState(models.TextChoices):
    """How far the book of one place of an approved change has come."""

    WAITING = "WAITING", _("Waits for a worker")
    RUNNING = "RUNNING", _("Under way")
    READY = "READY", _("Ready for its first day")
    DONE = "DONE", _("Done")


class DefaultRule(models.TextChoices):
    """Tests of default that a policy applies; what each computes stands in ``collections_app/rules/default.py``."""

    TRADE_90 = "TRADE_90", _("Trade credit: past the policy's day of default")
    MONTHLY_3_IN_A_ROW = "MONTHLY_3_IN_A_ROW", _("Monthly: unpaid in full or part three months in a row")
    FIVE_LATE_7WD = "FIVE_LATE_7WD", _("Monthly: five separate instalments, each at least 7 working days late")
    UNPAID_60WD = "UNPAID_60WD", _("Not monthly: an instalment unpaid for more than 60 working days")
    FOUR_LATE_20WD = "FOUR_LATE_20WD", _("Not monthly: four separate instalments, each 20 working days late")
    MORE_THAN_5_MONTHS = "MORE_THAN_5_MONTHS", _("Not monthly: more than five separate months unpaid")
    NOTE_3_OR_MORE_THAN_5 = (
        "NOTE_3_OR_MORE_THAN_5",
        _("Promissory note: three months in a row, or more than five separate months"),
    )


# Where each test stands: our ids of rules and requirements (docs/sources.md); CM-12 is source 001 §4.4.7.
DEFAULT_SOURCES: dict[str, str] = {
    DefaultRule.TRADE_90: "CM-12 · §4.4.7",
    DefaultRule.MONTHLY_3_IN_A_ROW: "A25",
    DefaultRule.FIVE_LATE_7WD: "A25",
    DefaultRule.UNPAID_60WD: "A26",
    DefaultRule.FOUR_LATE_20WD: "A26",
    DefaultRule.MORE_THAN_5_MONTHS: "A26",
    DefaultRule.NOTE_3_OR_MORE_THAN_5: "E12",
}
