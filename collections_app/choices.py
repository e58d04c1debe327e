"""States, kinds and the moves between states."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseStatus(models.TextChoices):
    PLACED = "PLACED", _("Placed")
    ACTIVE = "ACTIVE", _("Active")
    ON_HOLD = "ON_HOLD", _("On hold")
    PAID = "PAID", _("Paid")
    SETTLED = "SETTLED", _("Settled")
    RECALLED = "RECALLED", _("Recalled")
    UNCOLLECTIBLE = "UNCOLLECTIBLE", _("Uncollectible")
    DECEASED = "DECEASED", _("Deceased")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


OPEN_CASE = frozenset({CaseStatus.PLACED, CaseStatus.ACTIVE, CaseStatus.ON_HOLD})

# Ends that a person decides; the others follow from what became of the receivables.
DECIDED_ENDS = frozenset({CaseStatus.RECALLED, CaseStatus.UNCOLLECTIBLE, CaseStatus.DECEASED, CaseStatus.WITHDRAWN})


class Track(models.TextChoices):
    AMICABLE = "AMICABLE", _("Amicable")
    LEGAL = "LEGAL", _("Legal")


class ReceivableStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    PAID = "PAID", _("Paid")
    SETTLED = "SETTLED", _("Settled")
    WRITTEN_OFF = "WRITTEN_OFF", _("Written off")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class EntryKind(models.TextChoices):
    """What a ledger entry is. Positive raises what is owed, negative lowers it."""

    CHARGE = "CHARGE", _("Charge")
    DEBIT_NOTE = "DEBIT_NOTE", _("Debit note")
    FEE = "FEE", _("Fee")
    PAYMENT = "PAYMENT", _("Payment")
    PRIOR_PAYMENT = "PRIOR_PAYMENT", _("Paid before placement")
    CREDIT_NOTE = "CREDIT_NOTE", _("Credit note")
    SETTLEMENT_DISCOUNT = "SETTLEMENT_DISCOUNT", _("Settlement discount")
    WRITE_OFF = "WRITE_OFF", _("Write-off")
    REVERSAL = "REVERSAL", _("Reversal")
    REALLOCATION = "REALLOCATION", _("Moved to another receivable")
    # What was open when it left collection, and, positive, what came back to it.
    WITHDRAWAL = "WITHDRAWAL", _("Out of collection")


RAISES = frozenset({EntryKind.CHARGE, EntryKind.DEBIT_NOTE, EntryKind.FEE})
LOWERS = frozenset(
    {
        EntryKind.PAYMENT,
        EntryKind.PRIOR_PAYMENT,
        EntryKind.CREDIT_NOTE,
        EntryKind.SETTLEMENT_DISCOUNT,
        EntryKind.WRITE_OFF,
    }
)


# What is posted by hand on a receivable; the last two only up to what is open.
NOTES = frozenset(
    {
        EntryKind.DEBIT_NOTE,
        EntryKind.FEE,
        EntryKind.CREDIT_NOTE,
        EntryKind.SETTLEMENT_DISCOUNT,
        EntryKind.WRITE_OFF,
    }
)
FORGIVES = frozenset({EntryKind.SETTLEMENT_DISCOUNT, EntryKind.WRITE_OFF})


class Component(models.TextChoices):
    PRINCIPAL = "PRINCIPAL", _("Principal")
    PROFIT = "PROFIT", _("Profit")
    FEE = "FEE", _("Fee")
    COST = "COST", _("Cost")


class Allocation(models.TextChoices):
    """Who said which receivable a payment pays: somebody (pinned), or our own arithmetic (computed)."""

    PINNED = "PINNED", _("Pinned")
    COMPUTED = "COMPUTED", _("Computed")


class PaymentMethod(models.TextChoices):
    TRANSFER = "TRANSFER", _("Bank transfer")
    SADAD = "SADAD", _("SADAD")
    CARD = "CARD", _("Card")
    CASH = "CASH", _("Cash")
    CHEQUE = "CHEQUE", _("Cheque")
    FILE = "FILE", _("Reported by the client")


class ReceivedBy(models.TextChoices):
    AGENCY = "AGENCY", _("Agency")
    CLIENT = "CLIENT", _("Client")


class HoldKind(models.TextChoices):
    OBJECTION = "OBJECTION", _("Objection")
    HARDSHIP = "HARDSHIP", _("Hardship")
    COMPLAINT = "COMPLAINT", _("Complaint")
    CLIENT = "CLIENT", _("Client's request")


# The days of such a hold do not count towards stage and default (regulations A27); under the others age runs on.
FREEZING = frozenset({HoldKind.HARDSHIP})


class HoldDecision(models.TextChoices):
    """What became of an objection (I-05): accepted, its days do not count; rejected, it never held anything."""

    ACCEPTED = "ACCEPTED", _("Accepted")
    REJECTED = "REJECTED", _("Rejected")


class ContactPointKind(models.TextChoices):
    MOBILE = "MOBILE", _("Mobile")
    PHONE = "PHONE", _("Phone")
    EMAIL = "EMAIL", _("E-mail")
    ADDRESS = "ADDRESS", _("Address")


class ContactPointState(models.TextChoices):
    UNKNOWN = "UNKNOWN", _("Not tried yet")
    VERIFIED = "VERIFIED", _("Verified")
    INVALID = "INVALID", _("Invalid")
    UNREACHABLE = "UNREACHABLE", _("No answer")


class Direction(models.TextChoices):
    OUT = "OUT", _("Outgoing")
    IN = "IN", _("Incoming")


class Reached(models.TextChoices):
    """Who answered."""

    HOLDER = "HOLDER", _("Account holder")
    GUARANTOR = "GUARANTOR", _("Guarantor")
    OTHER = "OTHER", _("Somebody else")
    NO_ONE = "NO_ONE", _("No one")


class Outcome(models.TextChoices):
    PROMISE = "PROMISE", _("Promise to pay")
    PLAN_ASKED = "PLAN_ASKED", _("Asked for a plan")
    OFFERED = "OFFERED", _("Payment options offered")
    OBJECTED = "OBJECTED", _("Objected")
    HARDSHIP = "HARDSHIP", _("Hardship")
    CALL_BACK = "CALL_BACK", _("Call back")
    PAID_ALREADY = "PAID_ALREADY", _("Says it is paid")
    REFUSED = "REFUSED", _("Will not pay")
    INFORMED = "INFORMED", _("Informed")
    WRONG_PERSON = "WRONG_PERSON", _("Wrong person")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    SENT = "SENT", _("Sent")


# What shows that a payment option was on the table by then (PL-24).
OFFERS = frozenset({Outcome.PROMISE, Outcome.PLAN_ASKED, Outcome.OFFERED})


class Verdict(models.TextChoices):
    """How an attempt stands to the policy."""

    ALLOWED = "ALLOWED", _("Allowed")
    REFUSED = "REFUSED", _("Refused, not made")
    BREACH = "BREACH", _("Made outside the policy")


class PromiseStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    KEPT = "KEPT", _("Kept")
    PARTLY = "PARTLY", _("Partly kept")
    MISSED = "MISSED", _("Missed")
    CANCELLED = "CANCELLED", _("Cancelled")


class TaskKind(models.TextChoices):
    STAGE = "STAGE", _("Stage action")
    CALL_BACK = "CALL_BACK", _("Call back")
    FOLLOW_UP = "FOLLOW_UP", _("Follow up")


class TaskStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


class RequestStatus(models.TextChoices):
    """Where something a stage asked for stands: a message waits, a stop is in force, a proposal is open."""

    PENDING = "PENDING", _("Waiting")
    ENDED = "ENDED", _("Ended")
    TAKEN = "TAKEN", _("Taken up")
    DECLINED = "DECLINED", _("Declined")


class EndedFor(models.TextChoices):
    """Why what a stage asked for came to its end by itself."""

    CLOSED = "CLOSED", _("the case was closed")
    HELD = "HELD", _("the case is held")
    LEFT = "LEFT", _("nothing stands in that stage any more")


class ImportStatus(models.TextChoices):
    UPLOADED = "UPLOADED", _("Waiting for its columns")
    CHECKED = "CHECKED", _("Checked, not written")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    REFUSED = "REFUSED", _("Refused")
    FAILED = "FAILED", _("Failed")


class FileKind(models.TextChoices):
    """What a client's file is about."""

    PLACEMENT = "PLACEMENT", _("New debts")
    CONTACTS = "CONTACTS", _("Changed contact data")
    BALANCES = "BALANCES", _("Balance corrections")
    RECALLS = "RECALLS", _("Recalls")


class RecallState(models.TextChoices):
    """Where the client's wish to have a case back stands."""

    NOTICE = "NOTICE", _("Under notice")
    DONE = "DONE", _("Recalled")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")
    # The case ended by itself meanwhile.
    LAPSED = "LAPSED", _("Closed before")


class SuspectDecision(models.TextChoices):
    """What a person says of a row that is a known one but for leading zeros."""

    SAME = "SAME", _("The same")
    OTHER = "OTHER", _("Another")


class IncomingKind(models.TextChoices):
    """What brought word of money: a client's list of payments, or a bank's statement."""

    PAYMENTS = "PAYMENTS", _("Payment file")
    STATEMENT = "STATEMENT", _("Bank statement")


class IncomingState(models.TextChoices):
    """Where money that came stands: posted, or with a person."""

    MATCHED = "MATCHED", _("Posted")
    SUGGESTED = "SUGGESTED", _("To choose")
    UNMATCHED = "UNMATCHED", _("Nothing found")
    SET_ASIDE = "SET_ASIDE", _("Set aside")


INCOMING_WAITS = frozenset({IncomingState.SUGGESTED, IncomingState.UNMATCHED})
INCOMING_MOVES: Mapping[str, frozenset[str]] = {
    IncomingState.SUGGESTED: frozenset({IncomingState.UNMATCHED, IncomingState.MATCHED, IncomingState.SET_ASIDE}),
    IncomingState.UNMATCHED: frozenset({IncomingState.SUGGESTED, IncomingState.MATCHED, IncomingState.SET_ASIDE}),
    # Whoever set it aside by mistake matches it by hand.
    IncomingState.SET_ASIDE: frozenset({IncomingState.MATCHED}),
    IncomingState.MATCHED: frozenset(),
}


class EscalationStatus(models.TextChoices):
    PROPOSED = "PROPOSED", _("With the manager")
    APPROVED = "APPROVED", _("With the client")
    SIGNED = "SIGNED", _("Signed")
    RETURNED = "RETURNED", _("Returned")
    REJECTED = "REJECTED", _("Rejected")
    DECLINED = "DECLINED", _("Declined by the client")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


ESCALATION_MOVES: Mapping[str, frozenset[str]] = {
    EscalationStatus.PROPOSED: frozenset(
        {
            EscalationStatus.APPROVED,
            EscalationStatus.RETURNED,
            EscalationStatus.REJECTED,
            EscalationStatus.WITHDRAWN,
        }
    ),
    EscalationStatus.APPROVED: frozenset(
        # Changed after its approval, it is asked anew.
        {EscalationStatus.SIGNED, EscalationStatus.DECLINED, EscalationStatus.WITHDRAWN, EscalationStatus.PROPOSED}
    ),
    EscalationStatus.RETURNED: frozenset(),
    EscalationStatus.REJECTED: frozenset(),
    EscalationStatus.DECLINED: frozenset(),
    EscalationStatus.SIGNED: frozenset(),
    EscalationStatus.WITHDRAWN: frozenset(),
}
OPEN_ESCALATION = frozenset({EscalationStatus.PROPOSED, EscalationStatus.APPROVED})


class LegalStep(models.TextChoices):
    """Steps an authorisation may permit."""

    FINAL_NOTICE = "FINAL_NOTICE", _("Final notice")
    NOTE_ENFORCEMENT = "NOTE_ENFORCEMENT", _("Promissory-note enforcement")
    CLAIM = "CLAIM", _("Claim before the court")
    MEDIATION = "MEDIATION", _("Mediation")
