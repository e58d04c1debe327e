"""Kinds and states of what people tell us, and the moves between states (sources 002, 003, 004; ISO 10002)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class MatterKind(models.TextChoices):
    COMPLAINT = "COMPLAINT", _("Complaint")
    ENQUIRY = "ENQUIRY", _("Enquiry")
    SUGGESTION = "SUGGESTION", _("Suggestion")
    APPRECIATION = "APPRECIATION", _("Appreciation")


class ClockKind(models.TextChoices):
    """Whatever runs by the steps of ``rules/deadlines.py``."""

    COMPLAINT = "COMPLAINT", _("Complaint")
    ENQUIRY = "ENQUIRY", _("Enquiry")
    CALL_BACK = "CALL_BACK", _("Promised call")
    RECOMMENDATION = "RECOMMENDATION", _("Recommendation")
    PERFORMANCE_REPORT = "PERFORMANCE_REPORT", _("Performance report")
    DISPUTE = "DISPUTE", _("Bureau dispute")


# The letter with which a reference begins.
LETTERS: Mapping[str, str] = {
    MatterKind.COMPLAINT: "C",
    MatterKind.ENQUIRY: "E",
    MatterKind.SUGGESTION: "S",
    MatterKind.APPRECIATION: "A",
}

# Whose steps a matter runs by: enquiries and comments are answered within the same time (CX-21).
CLOCK_OF: Mapping[str, str] = {
    MatterKind.COMPLAINT: ClockKind.COMPLAINT,
    MatterKind.ENQUIRY: ClockKind.ENQUIRY,
    MatterKind.SUGGESTION: ClockKind.ENQUIRY,
    MatterKind.APPRECIATION: ClockKind.ENQUIRY,
}


class Intake(models.TextChoices):
    """How it reached us (CR-01, CX-25)."""

    IN_PERSON = "IN_PERSON", _("In person")
    PHONE = "PHONE", _("Phone")
    EMAIL = "EMAIL", _("E-mail")
    WEB = "WEB", _("Web form")
    PORTAL = "PORTAL", _("Portal")
    CONTACT = "CONTACT", _("During a contact")
    SYSTEM = "SYSTEM", _("Client's system")
    SOCIAL = "SOCIAL", _("Social media")


class Complainant(models.TextChoices):
    """Who tells us (CR-04, I-18)."""

    DEBTOR = "DEBTOR", _("Account holder")
    GUARANTOR = "GUARANTOR", _("Guarantor")
    REPRESENTATIVE = "REPRESENTATIVE", _("Representative")
    CLIENT = "CLIENT", _("Client")
    OTHER = "OTHER", _("Somebody else")


class Department(models.TextChoices):
    """Who owns a matter (CR-04)."""

    FRONT_LINE = "FRONT_LINE", _("Front line")
    OPERATIONS = "OPERATIONS", _("Operations")
    CLIENT_RELATIONS = "CLIENT_RELATIONS", _("Client relations")
    LEGAL = "LEGAL", _("Legal department")
    CREDIT = "CREDIT", _("Credit department")
    FINANCE = "FINANCE", _("Finance department")
    QUALITY = "QUALITY", _("Quality")
    TECHNOLOGY = "TECHNOLOGY", _("Technology")


class Severity(models.TextChoices):
    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")
    CRITICAL = "CRITICAL", _("Critical")


class Remedy(models.TextChoices):
    """What is sought, and what is done in the end."""

    EXPLANATION = "EXPLANATION", _("An explanation")
    CORRECTION = "CORRECTION", _("A correction")
    APOLOGY = "APOLOGY", _("An apology")
    STOP_CONTACT = "STOP_CONTACT", _("No more contact this way")
    COMPENSATION = "COMPENSATION", _("A compensation")
    OTHER = "OTHER", _("Something else")


class Stage(models.TextChoices):
    """ISO 10002, in its order; none is skipped (rule COMPLAINT-STAGES)."""

    RECEIVED = "RECEIVED", _("Received")
    TRACKED = "TRACKED", _("Tracked")
    ACKNOWLEDGED = "ACKNOWLEDGED", _("Acknowledged")
    ASSESSED = "ASSESSED", _("Assessed")
    INVESTIGATED = "INVESTIGATED", _("Investigated")
    RESPONDED = "RESPONDED", _("Responded")
    COMMUNICATED = "COMMUNICATED", _("Communicated")
    CLOSED = "CLOSED", _("Closed")


STAGES: tuple[Stage, ...] = tuple(Stage)
# One step on; a closed one is reopened to be assessed at the next level, and what the answer is based on may be
# looked into again before it is communicated.
MATTER_MOVES: Mapping[str, frozenset[str]] = {
    Stage.RECEIVED: frozenset({Stage.TRACKED}),
    Stage.TRACKED: frozenset({Stage.ACKNOWLEDGED}),
    Stage.ACKNOWLEDGED: frozenset({Stage.ASSESSED}),
    Stage.ASSESSED: frozenset({Stage.INVESTIGATED}),
    Stage.INVESTIGATED: frozenset({Stage.RESPONDED, Stage.ASSESSED}),
    Stage.RESPONDED: frozenset({Stage.COMMUNICATED, Stage.INVESTIGATED}),
    Stage.COMMUNICATED: frozenset({Stage.CLOSED, Stage.ASSESSED}),
    Stage.CLOSED: frozenset({Stage.ASSESSED}),
}


class Outcome(models.TextChoices):
    """Whether it was justified is found out, never asked for (I-17)."""

    JUSTIFIED = "JUSTIFIED", _("Justified")
    PARTLY = "PARTLY", _("Partly justified")
    UNJUSTIFIED = "UNJUSTIFIED", _("Not justified")
    ANSWERED = "ANSWERED", _("Answered")
    NOT_OURS = "NOT_OURS", _("Not about our service")
    DUPLICATE = "DUPLICATE", _("Told twice")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


UPHELD = frozenset({Outcome.JUSTIFIED, Outcome.PARTLY})


class Level(models.IntegerChoices):
    """Who decides, the next one after each disagreement (CX-12)."""

    HANDLER = 1, _("Complaints officer")
    HEAD = 2, _("Head of department")
    GENERAL_MANAGER = 3, _("General manager")
    OUTSIDE = 4, _("Outside bodies")


class Missing(models.TextChoices):
    """What an incomplete matter lacks (CX-11)."""

    CONTACT = "CONTACT", _("How to reach the complainant")
    ACCOUNT = "ACCOUNT", _("Which account it is about")
    CONCERN = "CONCERN", _("What the complainant has to do with it")
    FACTS = "FACTS", _("What happened, and when")
    DOCUMENTS = "DOCUMENTS", _("The documents it stands on")


class Answer(models.TextChoices):
    """What was found out about one question of a complaint: whether it is as the complainant says."""

    YES = "YES", _("As the complainant says")
    PARTLY = "PARTLY", _("In part")
    NO = "NO", _("Not so")


class TellWay(models.TextChoices):
    """How the complainant was told the result."""

    MESSAGE = "MESSAGE", _("By message, with the letter")
    IN_PERSON = "IN_PERSON", _("Told in person")
    PHONE = "PHONE", _("Told by phone")
    POST = "POST", _("The letter was handed over or posted")


class NoteKind(models.TextChoices):
    NOTE = "NOTE", _("Note")
    FINDING = "FINDING", _("Finding")
    EVIDENCE = "EVIDENCE", _("Evidence")
    ANSWER = "ANSWER", _("Answer")
    FROM_COMPLAINANT = "FROM_COMPLAINANT", _("From the complainant")


class MailResult(models.TextChoices):
    """What became of a mail to the house's address."""

    TAKEN = "TAKEN", _("Registered")
    NOTED = "NOTED", _("Noted on a matter")
    ASIDE = "ASIDE", _("Set aside")


class AsideState(models.TextChoices):
    """What a person said of a mail that was set aside."""

    WAITING = "WAITING", _("Waits for a person")
    TAKEN = "TAKEN", _("Registered")
    DISMISSED = "DISMISSED", _("Dismissed")


class AsideReason(models.TextChoices):
    """Why a mail was taken for nothing that a person tells us (``rules/mails.py``)."""

    OURS = "OURS", _("From an address of ours")
    NO_SENDER = "NO_SENDER", _("Without a sender that can be answered")
    AUTOMATIC = "AUTOMATIC", _("Made by a machine")
    LIST = "LIST", _("To a list")
    EMPTY = "EMPTY", _("Without a word")


class PaperKind(models.TextChoices):
    FROM_COMPLAINANT = "FROM_COMPLAINANT", _("From the complainant")
    EVIDENCE = "EVIDENCE", _("Evidence")
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT", _("Acknowledgement")
    MISSING_DATA = "MISSING_DATA", _("Request for what is missing")
    PROGRESS = "PROGRESS", _("Progress notice")
    RESULT = "RESULT", _("Result")
    RIGHTS = "RIGHTS", _("Summary of rights")
    RECIPIENT_NOTICE = "RECIPIENT_NOTICE", _("Notice to a recipient")
    ANSWER_PACK = "ANSWER_PACK", _("Answer pack")
    MEMBER_NOTICE = "MEMBER_NOTICE", _("Notice to the member")
    CORRECTION_ORDER = "CORRECTION_ORDER", _("Order to correct")
    CONTRACT = "CONTRACT", _("Contract")
    CONSENT = "CONSENT", _("Consent of the account holder")
    CORRECTED_RECORD = "CORRECTED_RECORD", _("Corrected record")
    REPLY = "REPLY", _("Reply of the member")
    REPORT = "REPORT", _("Report")


class PaperOrigin(models.TextChoices):
    RECEIVED = "RECEIVED", _("Received")
    MADE = "MADE", _("Made here")


class DisputeKind(models.TextChoices):
    """What is objected to (CB-30)."""

    ITEM = "ITEM", _("Item of the record")
    DECISION = "DECISION", _("Adverse decision")


class DisputeGround(models.TextChoices):
    """Why, as the law names it (regulations B1)."""

    FALSE = "FALSE", _("Not true")
    STALE = "STALE", _("Not up to date")
    INCOMPLETE = "INCOMPLETE", _("Incomplete")
    NOT_MINE = "NOT_MINE", _("Not the objector's")
    OVER_AGE = "OVER_AGE", _("Older than may be kept")


class PublicRecord(models.TextChoices):
    """Which public record an item comes from (CB-47)."""

    FUND = "FUND", _("Government fund")
    BANK = "BANK", _("Government bank")
    COURT = "COURT", _("Court")
    COMMITTEE = "COMMITTEE", _("Committee")
    BANKRUPTCY = "BANKRUPTCY", _("Bankruptcy file")


class DisputeState(models.TextChoices):
    FILED = "FILED", _("Filed")
    WITH_MEMBER = "WITH_MEMBER", _("With the member")
    DECIDING = "DECIDING", _("Being decided")
    DECIDED = "DECIDED", _("Decision made")
    CLOSED = "CLOSED", _("Closed")


DISPUTE_MOVES: Mapping[str, frozenset[str]] = {
    DisputeState.FILED: frozenset({DisputeState.WITH_MEMBER}),
    # By the reply, or by ten working days of silence (CB-32).
    DisputeState.WITH_MEMBER: frozenset({DisputeState.DECIDING}),
    DisputeState.DECIDING: frozenset({DisputeState.DECIDED}),
    # A reply that had come in time is written down after the silence was decided.
    DisputeState.DECIDED: frozenset({DisputeState.CLOSED, DisputeState.DECIDING}),
    # Somebody goes to the committee after all (CB-41).
    DisputeState.CLOSED: frozenset({DisputeState.DECIDED}),
}


class DisputeStep(models.TextChoices):
    """What happens to a dispute: every one is a row of its own (CB-42)."""

    FILED = "FILED", _("Objection came")
    DOCUMENTS_ASKED = "DOCUMENTS_ASKED", _("Official documents asked for")
    DOCUMENT_ADDED = "DOCUMENT_ADDED", _("Document received")
    NOTIFIED = "NOTIFIED", _("Member notified in writing")
    PACK_MADE = "PACK_MADE", _("Answer pack made")
    PACK_REVIEWED = "PACK_REVIEWED", _("Answer pack reviewed")
    PACK_SENT = "PACK_SENT", _("Answer pack sent")
    REPLIED = "REPLIED", _("Member replied")
    SILENT = "SILENT", _("Member was silent: it counts for the objector")
    TAKEN_BACK = "TAKEN_BACK", _("Silence taken back: a reply had come in time")
    PROGRESS_TOLD = "PROGRESS_TOLD", _("Objector told of the steps taken")
    DECIDED = "DECIDED", _("Objection decided")
    ORDERED = "ORDERED", _("Correction ordered")
    CORRECTED = "CORRECTED", _("Item corrected")
    RESULT_TOLD = "RESULT_TOLD", _("Written result given")
    STATEMENT = "STATEMENT", _("Objector's statement put into the record")
    RECIPIENT_NAMED = "RECIPIENT_NAMED", _("Recipient named")
    RECIPIENT_TOLD = "RECIPIENT_TOLD", _("Recipient told")
    COMMITTEE_ASKED = "COMMITTEE_ASKED", _("Taken to the committee")
    COMMITTEE_RULED = "COMMITTEE_RULED", _("Committee decided")
    REINSERTED = "REINSERTED", _("Item put back by the committee's decision")
    CLOSED = "CLOSED", _("Dispute closed")


class DisputeOutcome(models.TextChoices):
    UPHELD = "UPHELD", _("Upheld")
    PARTLY = "PARTLY", _("Partly upheld")
    UNVERIFIABLE = "UNVERIFIABLE", _("Cannot be verified")
    REJECTED = "REJECTED", _("Rejected")


# The item is deleted or amended (CB-34).
CORRECTS = frozenset({DisputeOutcome.UPHELD, DisputeOutcome.PARTLY, DisputeOutcome.UNVERIFIABLE})


class ReplyStand(models.TextChoices):
    """What the member says of the item."""

    CORRECT = "CORRECT", _("The item is right")
    WRONG = "WRONG", _("The item is wrong")
    PARTLY_WRONG = "PARTLY_WRONG", _("The item is partly wrong")
    CANNOT_TELL = "CANNOT_TELL", _("It cannot be verified")


# The member itself does not stand by the item.
NOT_STOOD_BY = frozenset({ReplyStand.WRONG, ReplyStand.PARTLY_WRONG, ReplyStand.CANNOT_TELL})


class ToldOf(models.TextChoices):
    """What a recipient was told of last (CB-39, CB-40)."""

    NOTHING = "", "–"
    DISPUTE = "DISPUTE", _("The objection")
    CORRECTION = "CORRECTION", _("The correction")


class Correction(models.TextChoices):
    DELETED = "DELETED", _("Item deleted")
    AMENDED = "AMENDED", _("Item amended")


class CommitteeState(models.TextChoices):
    """The way to the committee after a rejection (CB-41)."""

    NONE = "", "–"
    ASKED = "ASKED", _("Before the committee")
    FOR_OBJECTOR = "FOR_OBJECTOR", _("For the objector")
    FOR_MEMBER = "FOR_MEMBER", _("For the member")


class RecommendationState(models.TextChoices):
    """CR-08: proposed by heads, decided by the general manager, followed, filed."""

    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    DECLINED = "DECLINED", _("Declined")
    DONE = "DONE", _("Done")
    NOT_DONE = "NOT_DONE", _("Not done")
    ARCHIVED = "ARCHIVED", _("Filed")


# What was not done is taken up again with a new date, or filed with its reason.
RECOMMENDATION_MOVES: Mapping[str, frozenset[str]] = {
    RecommendationState.PROPOSED: frozenset({RecommendationState.APPROVED, RecommendationState.DECLINED}),
    RecommendationState.APPROVED: frozenset({RecommendationState.DONE, RecommendationState.NOT_DONE}),
    RecommendationState.NOT_DONE: frozenset({RecommendationState.APPROVED, RecommendationState.ARCHIVED}),
    RecommendationState.DONE: frozenset({RecommendationState.ARCHIVED}),
    RecommendationState.DECLINED: frozenset({RecommendationState.ARCHIVED}),
    RecommendationState.ARCHIVED: frozenset(),
}


class ReportKind(models.TextChoices):
    """What is reported of a month (CR-05; CR-07, CR-17)."""

    REPEATS = "REPEATS", _("Repeated complaints")
    PERFORMANCE = "PERFORMANCE", _("Performance")


class ReportState(models.TextChoices):
    """The course of a month's report (CR-17): counted, reviewed by heads, issued, discussed, filed."""

    DRAFT = "DRAFT", _("Draft")
    REVIEWED = "REVIEWED", _("Reviewed")
    ISSUED = "ISSUED", _("Issued")
    DISCUSSED = "DISCUSSED", _("Discussed")
    ARCHIVED = "ARCHIVED", _("Filed")
    REPLACED = "REPLACED", _("Replaced by a later issue")


# A change after the reviews asks for them again; what was issued is only ever followed by the next issue.
REPORT_MOVES: Mapping[str, frozenset[str]] = {
    ReportState.DRAFT: frozenset({ReportState.REVIEWED}),
    ReportState.REVIEWED: frozenset({ReportState.DRAFT, ReportState.ISSUED}),
    ReportState.ISSUED: frozenset({ReportState.DISCUSSED, ReportState.REPLACED}),
    ReportState.DISCUSSED: frozenset({ReportState.ARCHIVED, ReportState.REPLACED}),
    ReportState.ARCHIVED: frozenset({ReportState.REPLACED}),
    ReportState.REPLACED: frozenset(),
}


class RedressState(models.TextChoices):
    OPEN = "OPEN", _("Open")
    SAME = "SAME", _("Treated the same way, put right")
    OTHER = "OTHER", _("Not treated the same way")


class EditionState(models.TextChoices):
    """Where a version of something published stands."""

    DRAFT = "DRAFT", _("Draft")
    APPROVED = "APPROVED", _("Published")
    REPLACED = "REPLACED", _("Replaced")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class ImportSource(models.TextChoices):
    """Files of earlier complaints (``rules/importing.py``)."""

    NARRATIVES = "NARRATIVES", _("Texts with a product")
    DATED = "DATED", _("Dated complaints")


EDITION_MOVES: Mapping[str, frozenset[str]] = {
    EditionState.DRAFT: frozenset({EditionState.APPROVED, EditionState.WITHDRAWN}),
    EditionState.APPROVED: frozenset({EditionState.REPLACED, EditionState.WITHDRAWN}),
    EditionState.REPLACED: frozenset(),
    EditionState.WITHDRAWN: frozenset(),
}
