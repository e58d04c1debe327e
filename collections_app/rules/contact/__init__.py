from collections_app.rules.contact.decide import Decision, Facts, Refusal, decide, next_open
from collections_app.rules.contact.late import late_record

__all__ = ["Decision", "Facts", "Refusal", "decide", "late_record", "next_open"]
