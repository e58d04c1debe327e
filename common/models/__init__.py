from common.models.api import IdempotencyKey
from common.models.approvals import Approval, ApprovalDecision, ApprovalStep, AuthorityLimit, Delegation
from common.models.audit import AuditAnchor, AuditEvent, AuditSeal
from common.models.calendar import Holiday
from common.models.clocks import Clock, ClockChange, ClockEvent, ClockProposal, ClockStep
from common.models.forms import SentForm
from common.models.jobs import JobRun
from common.models.outbox import Message, MessageAttachment, MessageAttempt, MessageLimit, MessageStop, MessageTemplate

__all__ = [
    "Approval",
    "ApprovalDecision",
    "ApprovalStep",
    "AuditAnchor",
    "AuditEvent",
    "AuditSeal",
    "AuthorityLimit",
    "Clock",
    "ClockChange",
    "ClockEvent",
    "ClockProposal",
    "ClockStep",
    "Delegation",
    "Holiday",
    "IdempotencyKey",
    "JobRun",
    "Message",
    "MessageAttachment",
    "MessageAttempt",
    "MessageLimit",
    "MessageStop",
    "MessageTemplate",
    "SentForm",
]
