from reporting.models.boards import BoardView
from reporting.models.reports import WeeklyReport
from reporting.models.rollups import CountedDay, DayFlow, DayStock
from reporting.models.runs import ReportJob, ReportReader, ReportRun
from reporting.models.targets import Target

__all__ = ["BoardView", "CountedDay", "DayFlow", "DayStock", "ReportJob", "ReportReader", "ReportRun", "Target", "WeeklyReport"]
