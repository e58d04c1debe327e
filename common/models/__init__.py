from common.models.api import IdempotencyKey
from common.models.audit import AuditAnchor, AuditEvent, AuditSeal
from common.models.calendar import Holiday
from common.models.forms import SentForm
from common.models.jobs import JobRun

__all__ = ["AuditAnchor", "AuditEvent", "AuditSeal", "Holiday", "IdempotencyKey", "JobRun", "SentForm"]
