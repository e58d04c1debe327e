from reporting.models.audit import AuditVerification
from reporting.models.boards import BoardView
from reporting.models.reports import WeeklyReport
from reporting.models.rollups import CountedDay, DayFlow, DayStock, LateEntry, TouchedDay
from reporting.models.runs import ReportJob, ReportReader, ReportRun
from reporting.models.targets import Target

__all__ = [
    "AuditVerification",
    "BoardView",
    "CountedDay",
    "DayFlow",
    "DayStock",
    "LateEntry",
    "ReportJob",
    "ReportReader",
    "ReportRun",
    "Target",
    "TouchedDay",
    "WeeklyReport",
]
