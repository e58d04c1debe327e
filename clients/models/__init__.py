from clients.models.clients import Agreement, Client, ClientUser, ContactPolicy, StagePolicy, StagePolicyRow

__all__ = ["Agreement", "Client", "ClientUser", "ContactPolicy", "StagePolicy", "StagePolicyRow"]
