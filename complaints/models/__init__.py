"""Complaints, enquiries and bureau disputes."""

from complaints.models.channels import Channel, ChannelReview, CommentDeed, PublicComment, PublicWatch
from complaints.models.disputes import Dispute, DisputeMove, DisputePack, DisputeRecipient
from complaints.models.editions import LetterText, OutwardBody, PolicyReading, PolicyText, Procedure, ProcedureStep
from complaints.models.imported import ImportedMatter
from complaints.models.learning import FaqEntry, MonthlyReport, Recommendation, Redress
from complaints.models.mail import AsideMail, Mail
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
from complaints.models.monthly import RecommendationMove, ReportCourse, ReportReview, RootCause
from complaints.models.rounds import MatterQuestion, MatterRound

__all__ = [
    "AsideMail",
    "CallBack",
    "Category",
    "Channel",
    "ChannelReview",
    "CommentDeed",
    "Dispute",
    "DisputeMove",
    "DisputePack",
    "DisputeRecipient",
    "FaqEntry",
    "FollowCode",
    "ImportedMatter",
    "LetterText",
    "Mail",
    "Matter",
    "MatterMove",
    "MatterNote",
    "MatterPaper",
    "MatterQuestion",
    "MatterRound",
    "MonthlyReport",
    "OutwardBody",
    "PolicyReading",
    "PolicyText",
    "Procedure",
    "ProcedureStep",
    "PublicComment",
    "PublicWatch",
    "Rating",
    "Recommendation",
    "RecommendationMove",
    "Redress",
    "ReportCourse",
    "ReportReview",
    "RootCause",
]
