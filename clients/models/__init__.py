from clients.models.clients import Agreement, Client, ClientUser, ContactPolicy, StagePolicy, StagePolicyRow
from clients.models.stages import StageAssignment, StageChange, StageChangePlace

__all__ = [
    "Agreement",
    "Client",
    "ClientUser",
    "ContactPolicy",
    "StageAssignment",
    "StageChange",
    "StageChangePlace",
    "StagePolicy",
    "StagePolicyRow",
]
