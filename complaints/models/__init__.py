"""Complaints, enquiries and bureau disputes."""

from complaints.models.disputes import Dispute, DisputeMove, DisputeRecipient
from complaints.models.learning import FaqEntry, MonthlyReport, Recommendation, Redress
from complaints.models.mail import Mail
from complaints.models.matters import (
    CallBack,
    Category,
    FollowCode,
    Matter,
    MatterMove,
    MatterNote,
    MatterPaper,
    Rating,
)

__all__ = [
    "CallBack",
    "Category",
    "Dispute",
    "DisputeMove",
    "DisputeRecipient",
    "FaqEntry",
    "FollowCode",
    "Mail",
    "Matter",
    "MatterMove",
    "MatterNote",
    "MatterPaper",
    "MonthlyReport",
    "Rating",
    "Recommendation",
    "Redress",
]
