from common.models.audit import AuditEvent, AuditSeal
from common.models.calendar import Holiday
from common.models.jobs import JobRun

__all__ = ["AuditEvent", "AuditSeal", "Holiday", "JobRun"]
