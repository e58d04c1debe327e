"""Kinds and states of trade credit, and the moves between states (source 001)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    """How a customer buys (CM-18, CM-20)."""

    CREDIT = "CREDIT", _("Credit customer")
    CASH = "CASH", _("Cash customer")


class LegalForm(models.TextChoices):
    """The form of a customer's business (CM-03)."""

    JOINT_STOCK = "JOINT_STOCK", _("Joint-stock company")
    LLC = "LLC", _("Limited liability company")
    PARTNERSHIP = "PARTNERSHIP", _("Partnership")
    SOLE_PROPRIETOR = "SOLE_PROPRIETOR", _("Sole proprietorship")


# Of these a number that begins with 1 or 2 is a commercial register: nobody's own identity number is theirs.
COMPANIES = frozenset({LegalForm.JOINT_STOCK, LegalForm.LLC, LegalForm.PARTNERSHIP})


class Purpose(models.TextChoices):
    """What an application asks for."""

    NEW = "NEW", _("New account")
    INCREASE = "INCREASE", _("Higher limit")
    RENEWAL = "RENEWAL", _("Yearly renewal")


class ApplicationState(models.TextChoices):
    DRAFT = "DRAFT", _("Being filled in")
    SUBMITTED = "SUBMITTED", _("Submitted")
    ANALYSED = "ANALYSED", _("Analysed")
    RECOMMENDED = "RECOMMENDED", _("Recommended, waits for the decision")
    APPROVED = "APPROVED", _("Approved, waits for the agreement")
    REJECTED = "REJECTED", _("Rejected")
    SIGNED = "SIGNED", _("Agreement signed")
    ACTIVE = "ACTIVE", _("Active")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


APPLICATION_MOVES: Mapping[str, frozenset[str]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    # What lacks something goes back to who fills it in; a cash account is admitted without a credit decision.
    ApplicationState.SUBMITTED: frozenset(
        {
            ApplicationState.DRAFT,
            ApplicationState.ANALYSED,
            ApplicationState.ACTIVE,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.ANALYSED: frozenset(
        {ApplicationState.DRAFT, ApplicationState.RECOMMENDED, ApplicationState.WITHDRAWN}
    ),
    ApplicationState.RECOMMENDED: frozenset(
        {
            ApplicationState.ANALYSED,
            ApplicationState.APPROVED,
            ApplicationState.REJECTED,
            ApplicationState.WITHDRAWN,
        }
    ),
    # A renewal or increase under an agreement that stands takes effect at once.
    ApplicationState.APPROVED: frozenset(
        {ApplicationState.SIGNED, ApplicationState.ACTIVE, ApplicationState.WITHDRAWN}
    ),
    ApplicationState.SIGNED: frozenset({ApplicationState.ACTIVE}),
    ApplicationState.REJECTED: frozenset(),
    ApplicationState.ACTIVE: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}
# An application that somebody still works on: one of a customer at a time.
OPEN_APPLICATION = frozenset(state for state, moves in APPLICATION_MOVES.items() if moves)


class PaperKind(models.TextChoices):
    """What a paper of a credit file proves."""

    APPLICATION_FORM = "APPLICATION_FORM", _("Account application")
    COMMERCIAL_REGISTRATION = "COMMERCIAL_REGISTRATION", _("Commercial registration")
    OFFICIAL_ID = "OFFICIAL_ID", _("Official identity document")
    VAT_CERTIFICATE = "VAT_CERTIFICATE", _("VAT certificate")
    CHAMBER_MEMBERSHIP = "CHAMBER_MEMBERSHIP", _("Chamber of commerce membership")
    BANK_STATEMENT = "BANK_STATEMENT", _("Bank statement")
    BANK_CERTIFICATE = "BANK_CERTIFICATE", _("Bank's certificate")
    FINANCIAL_STATEMENTS = "FINANCIAL_STATEMENTS", _("Audited financial statements")
    COLLATERAL = "COLLATERAL", _("Guarantee or other collateral")
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY", _("Power of attorney")
    SPECIMEN_SIGNATURE = "SPECIMEN_SIGNATURE", _("Specimen signature")
    REFERENCE = "REFERENCE", _("Answer of a reference")
    BUREAU_REPORT = "BUREAU_REPORT", _("Credit record of the bureau")
    AGREEMENT = "AGREEMENT", _("Facility agreement")
    REMOTE_TERMS = "REMOTE_TERMS", _("Terms of orders by fax or e-mail")
    ORDER = "ORDER", _("Original of an order")
    WORKSHEET = "WORKSHEET", _("Credit worksheet")
    REJECTION = "REJECTION", _("Rejection letter")
    ADVERSE_NOTICE = "ADVERSE_NOTICE", _("Notice of an adverse decision")
    DEMAND = "DEMAND", _("Demand for payment")
    OTHER = "OTHER", _("Other")


# What a customer needs before an application can be submitted (CM-18, CM-20, CM-21).
NEEDED_PAPERS: Mapping[str, tuple[str, ...]] = {
    CustomerKind.CREDIT: (
        PaperKind.APPLICATION_FORM,
        PaperKind.COMMERCIAL_REGISTRATION,
        PaperKind.OFFICIAL_ID,
        PaperKind.BANK_STATEMENT,
        PaperKind.BANK_CERTIFICATE,
        PaperKind.FINANCIAL_STATEMENTS,
        PaperKind.SPECIMEN_SIGNATURE,
    ),
    CustomerKind.CASH: (
        PaperKind.APPLICATION_FORM,
        PaperKind.COMMERCIAL_REGISTRATION,
        PaperKind.OFFICIAL_ID,
    ),
}


class PaperOrigin(models.TextChoices):
    UPLOADED = "UPLOADED", _("Uploaded")
    MADE = "MADE", _("Made here")


class ReferenceKind(models.TextChoices):
    BANK = "BANK", _("Bank")
    TRADE = "TRADE", _("Company")


class Criterion(models.TextChoices):
    """The five criteria of CM-01 (source 001 §4.2)."""

    REPUTATION = "REPUTATION", _("Reputation")
    CAPACITY = "CAPACITY", _("Capacity to pay")
    FINANCIAL_POSITION = "FINANCIAL_POSITION", _("Financial position")
    COLLATERAL = "COLLATERAL", _("Collateral")
    ECONOMY = "ECONOMY", _("Economic conditions")


class Judgement(models.TextChoices):
    GOOD = "GOOD", _("Good")
    ACCEPTABLE = "ACCEPTABLE", _("Acceptable")
    WEAK = "WEAK", _("Weak")


class CollateralKind(models.TextChoices):
    """What secures the credit (source 001 §4.2(4)); only the first can admit below the minimum (CM-06)."""

    BANK_GUARANTEE = "BANK_GUARANTEE", _("Bank guarantee")
    GUARANTOR = "GUARANTOR", _("Guarantor")
    CERTIFIED_CHEQUE = "CERTIFIED_CHEQUE", _("Certified cheque")
    TRUST_RECEIPT = "TRUST_RECEIPT", _("Trust receipt")
    OTHER = "OTHER", _("Other")


class AgentScope(models.TextChoices):
    """What a representative may sign (CM-22)."""

    ORDERS = "ORDERS", _("Orders")
    AGREEMENTS = "AGREEMENTS", _("Agreements")
    RECEIPT = "RECEIPT", _("Receipt of goods")
    SETTLEMENTS = "SETTLEMENTS", _("Settlements")


class Recommendation(models.TextChoices):
    APPROVE = "APPROVE", _("Grant")
    REJECT = "REJECT", _("Reject")
    EXCEPTION = "EXCEPTION", _("Grant as an exception")


class LimitGround(models.TextChoices):
    """Why a limit is what it is."""

    POINTS = "POINTS", _("By points")
    GUARANTEE = "GUARANTEE", _("By a bank guarantee")
    EXCEPTION = "EXCEPTION", _("By exception")
    INCREASE = "INCREASE", _("Increase")
    RENEWAL = "RENEWAL", _("Yearly renewal")
    DECREASE = "DECREASE", _("Decrease")
    EARLIER_CONTRACT = "EARLIER_CONTRACT", _("Earlier contract")


class PeriodStart(models.TextChoices):
    """From when the credit period counts (I-03); the invoice unless the agreement says otherwise."""

    INVOICE = "INVOICE", _("Invoice date")
    SHIPMENT = "SHIPMENT", _("Shipment")
    DELIVERY = "DELIVERY", _("Delivery")


class StopKind(models.TextChoices):
    """Why nothing is sold on credit (CM-10, CM-12, CM-13, CM-17)."""

    OVERDUE = "OVERDUE", _("Unpaid past its terms")
    DEFAULT = "DEFAULT", _("In default")
    CANCELLED = "CANCELLED", _("Credit cancelled: second default")
    OVER_LIMIT = "OVER_LIMIT", _("Above the limit")
    BREACH = "BREACH", _("Breach of the agreement")
    REFUSED_PROCEDURES = "REFUSED_PROCEDURES", _("Credit procedures refused")
    SUSPENDED = "SUSPENDED", _("Suspended by the house")


# What follows from the ledger and the limit, opened and released by the rules; people open and release the others.
COMPUTED_STOPS = frozenset({StopKind.OVERDUE, StopKind.DEFAULT, StopKind.CANCELLED, StopKind.OVER_LIMIT})
# With these everything owed is claimed at once (CM-17).
CLAIMS_ALL = frozenset({StopKind.BREACH, StopKind.REFUSED_PROCEDURES})


class StopEnd(models.TextChoices):
    """Why a stop is over."""

    CAUSE_GONE = "CAUSE_GONE", _("Its cause is gone")
    UNDONE = "UNDONE", _("Undone by what was learnt later")
    EXCEPTION = "EXCEPTION", _("By exception")
    RELEASED = "RELEASED", _("Released by a person")


class OrderChannel(models.TextChoices):
    IN_PERSON = "IN_PERSON", _("In person")
    FAX = "FAX", _("Fax")
    EMAIL = "EMAIL", _("E-mail")
    SYSTEM = "SYSTEM", _("Client's system")
    FILE = "FILE", _("File")


# Accepted only under terms the customer signed (CM-19, CM-27).
REMOTE = frozenset({OrderChannel.FAX, OrderChannel.EMAIL})


class OrderState(models.TextChoices):
    ACCEPTED = "ACCEPTED", _("Accepted")
    REFUSED = "REFUSED", _("Refused")
    INVOICED = "INVOICED", _("Invoiced")
    CANCELLED = "CANCELLED", _("Cancelled")
    EXPIRED = "EXPIRED", _("Expired")


ORDER_MOVES: Mapping[str, frozenset[str]] = {
    OrderState.ACCEPTED: frozenset({OrderState.INVOICED, OrderState.CANCELLED, OrderState.EXPIRED}),
    # By somebody with the authority for it, who sets every reason aside by name.
    OrderState.REFUSED: frozenset({OrderState.ACCEPTED}),
    OrderState.INVOICED: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.EXPIRED: frozenset(),
}


class FollowUpState(models.TextChoices):
    OPEN = "OPEN", _("Open")
    DONE = "DONE", _("Done")
    ENDED = "ENDED", _("Ended by itself")


class StopCause(models.TextChoices):
    """What made somebody look at a customer's stops: an event of the ledger, an act here, or the day itself."""

    PAYMENT = "PAYMENT", _("A payment")
    REVERSAL = "REVERSAL", _("A payment taken back")
    NOTE = "NOTE", _("A note")
    MOVED = "MOVED", _("Money moved")
    HOLD = "HOLD", _("An objection or hold")
    ENDED = "ENDED", _("The case's end")
    IMPORT = "IMPORT", _("A file of the client")
    DEFAULT = "DEFAULT", _("A default")
    LIMIT = "LIMIT", _("A limit")
    AGREEMENT = "AGREEMENT", _("An agreement")
    POLICY = "POLICY", _("The credit policy")
    ACCOUNT = "ACCOUNT", _("The account's opening")
    NIGHT = "NIGHT", _("The day")
