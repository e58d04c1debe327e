from clients.models.clients import Agreement, Client, ClientUser, ContactPolicy, StagePolicy, StagePolicyRow
from clients.models.people import ClientLogo, SignatoryRequest
from clients.models.stages import StageAssignment, StageChange, StageChangePlace
from clients.models.systems import ServiceAccount, ServiceToken

__all__ = [
    "Agreement",
    "Client",
    "ClientLogo",
    "ClientUser",
    "ContactPolicy",
    "ServiceAccount",
    "ServiceToken",
    "SignatoryRequest",
    "StageAssignment",
    "StageChange",
    "StageChangePlace",
    "StagePolicy",
    "StagePolicyRow",
]
