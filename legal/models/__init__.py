"""The way to court. Request and authorisation stand in ``collections_app``: a case is legal by them."""

from legal.models.acts import AuthorisedDebt, Claim, LegalAct, LegalCost, LegalTask, Notice
from legal.models.checks import RequestCheck
from legal.models.feeds import CalendarFeed
from legal.models.files import CourtDate, FileAssignment, LawFirm, Lawyer, LawyerConflict, LegalFile
from legal.models.instruments import Instrument
from legal.models.papers import Paper
from legal.models.policies import EscalationPolicy

__all__ = [
    "AuthorisedDebt",
    "CalendarFeed",
    "Claim",
    "CourtDate",
    "EscalationPolicy",
    "FileAssignment",
    "Instrument",
    "LawFirm",
    "Lawyer",
    "LawyerConflict",
    "LegalAct",
    "LegalCost",
    "LegalFile",
    "LegalTask",
    "Notice",
    "Paper",
    "RequestCheck",
]
