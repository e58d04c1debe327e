from collections_app.rules.contact.decide import Decision, Facts, Refusal, decide, next_open

__all__ = ["Decision", "Facts", "Refusal", "decide", "next_open"]
