from reporting.models.reports import Report
from reporting.models.reviews import Adjustment, Review, ReviewOutcome, ReviewPoint
from reporting.models.rollups import AgingRollup, KpiRollup
from reporting.models.runs import ReportJob, ReportReader, ReportRun
from reporting.models.targets import Target

__all__ = [
    "Adjustment",
    "AgingRollup",
    "KpiRollup",
    "Report",
    "ReportJob",
    "ReportReader",
    "ReportRun",
    "Review",
    "ReviewOutcome",
    "ReviewPoint",
    "Target",
]
