from reporting.models.audit import AuditVerification
from reporting.models.boards import BoardView
from reporting.models.reports import Report
from reporting.models.reviews import Adjustment, Review, ReviewOutcome, ReviewPoint
from reporting.models.rollups import CountedDay, DayFlow, DayStock, LateEntry, TouchedDay
from reporting.models.runs import ReportJob, ReportReader, ReportRun
from reporting.models.targets import Target

__all__ = [
    "Adjustment",
    "AuditVerification",
    "BoardView",
    "CountedDay",
    "DayFlow",
    "DayStock",
    "LateEntry",
    "Report",
    "ReportJob",
    "ReportReader",
    "ReportRun",
    "Review",
    "ReviewOutcome",
    "ReviewPoint",
    "Target",
    "TouchedDay",
]
