"""The only writer of ratings: asked once after closing, answered once (CX-19, CX-20)."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from common import crypto
from common.audit import Actor, record
from common.exceptions import Conflict, Refused
from complaints.models import Matter, Rating
from complaints.selectors.matters import key_of_matter

WORDS = "rating"
LONGEST_WORDS = 2_000
VISITOR = Actor.system("visitor")


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def rating_ask(*, actor: Actor, matter: Matter, at: dt.datetime) -> str:
    """The token of a link with which a matter is rated; empty where that was asked before. Its hash alone is kept."""
    token = secrets.token_urlsafe(24)
    made, created = Rating.objects.get_or_create(
        matter=matter, defaults={"token_hash": token_hash(token), "asked_at": at}
    )
    if not created:
        return ""
    record(actor=actor, action="rating.asked", subject=made, body={"matter": matter.pk})
    return token


def rating_give(*, rating: Rating, score: int, is_solved: bool, words: str, at: dt.datetime) -> Rating:
    """What somebody thinks of it: 1 to 5, solved or not, a word. Raises Conflict once it was rated."""
    if score not in range(1, 6):
        raise Refused("rating_score", _("Choose one to five."), field="score")
    words = words.strip()[:LONGEST_WORDS]
    with transaction.atomic():
        held = Rating.objects.select_for_update(of=("self",)).select_related("matter").get(pk=rating.pk)
        if held.rated_at is not None:
            raise Conflict("rating_given", _("This was rated already. Thank you."))
        held.score, held.is_solved, held.rated_at = score, is_solved, at
        if words:
            try:
                held.words_sealed = crypto.encrypt(key=key_of_matter(held.matter), value=words, column=WORDS)
            except crypto.Unreadable:
                held.words_sealed = None
        held.save(update_fields=["score", "is_solved", "rated_at", "words_sealed"])
        record(actor=VISITOR, action="rating.given", subject=held,
               body={"matter": held.matter_id, "score": score, "solved": is_solved})  # fmt: skip
    return held
