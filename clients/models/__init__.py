from clients.models.clients import Agreement, Client, ClientUser, ContactPolicy, StagePolicy, StagePolicyRow
from clients.models.stages import StageAssignment, StageChange, StageChangePlace
from clients.models.systems import ServiceAccount, ServiceToken

__all__ = [
    "Agreement",
    "Client",
    "ClientUser",
    "ContactPolicy",
    "ServiceAccount",
    "ServiceToken",
    "StageAssignment",
    "StageChange",
    "StageChangePlace",
    "StagePolicy",
    "StagePolicyRow",
]
