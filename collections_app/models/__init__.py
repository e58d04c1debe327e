from collections_app.models.cases import Case, CaseAssignment, ContactPoint, Debt, Debtor, Receivable
from collections_app.models.contacts import ContactAttempt, Promise, Task
from collections_app.models.endings import CaseEnd, FileWithdrawal, Recall, Withdrawal
from collections_app.models.imports import ImportFile, ImportLayout, ImportSuspect, StagedRow
from collections_app.models.incoming import IncomingFile, IncomingPayment
from collections_app.models.ledger import (
    DefaultEpisode,
    Hold,
    LedgerEntry,
    Payment,
    PaymentPin,
    PaymentReversal,
    StageTransition,
)
from collections_app.models.legal import Authorisation, EscalationRequest
from collections_app.models.requests import ActionFired, StageRequest
from collections_app.models.statements import StatementLine, StatementPeriod

__all__ = [
    "ActionFired",
    "Authorisation",
    "Case",
    "CaseAssignment",
    "CaseEnd",
    "ContactAttempt",
    "ContactPoint",
    "Debt",
    "Debtor",
    "DefaultEpisode",
    "EscalationRequest",
    "FileWithdrawal",
    "Hold",
    "ImportFile",
    "ImportLayout",
    "ImportSuspect",
    "IncomingFile",
    "IncomingPayment",
    "LedgerEntry",
    "Payment",
    "PaymentPin",
    "PaymentReversal",
    "Promise",
    "Recall",
    "Receivable",
    "StageRequest",
    "StageTransition",
    "StagedRow",
    "StatementLine",
    "StatementPeriod",
    "Task",
    "Withdrawal",
]
