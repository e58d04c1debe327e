from parties.models.parties import Identifier, Party

__all__ = ["Identifier", "Party"]
