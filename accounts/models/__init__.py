from accounts.models.access import AccessRecord
from accounts.models.users import Team, User

__all__ = ["AccessRecord", "Team", "User"]
