from reporting.models.reports import WeeklyReport
from reporting.models.rollups import AgingRollup, KpiRollup

__all__ = ["AgingRollup", "KpiRollup", "WeeklyReport"]
