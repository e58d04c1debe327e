from reporting.models.audit import AuditVerification
from reporting.models.reports import WeeklyReport
from reporting.models.rollups import AgingRollup, KpiRollup
from reporting.models.runs import ReportJob, ReportReader, ReportRun
from reporting.models.targets import Target

__all__ = [
    "AgingRollup",
    "AuditVerification",
    "KpiRollup",
    "ReportJob",
    "ReportReader",
    "ReportRun",
    "Target",
    "WeeklyReport",
]
