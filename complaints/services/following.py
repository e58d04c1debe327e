"""A complainant follows what they told us, by its reference and a one-time code: no account, and nothing is told to who
has no code. The only writer of codes.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from common import crypto
from common.audit import Actor, record
from common.exceptions import Refused
from complaints.choices import NoteKind, Stage
from complaints.models import FollowCode, Matter
from complaints.rules.handling_messages import CODE_LIVES
from complaints.services.intake import Upload, matter_paper_receive
from complaints.services.matters import matter_held, note_add
from complaints.services.notices import code_told

COMPLAINANT = Actor.system("complainant")
LIVES = CODE_LIVES
MOST_TRIES = 5
# So many codes go out in so much time, however often they are asked for.
MOST_CODES, CODES_WITHIN = 3, dt.timedelta(minutes=30)
MOST_PAPERS = 5


def _hash(*, matter_id: int, code: str) -> str:
    return crypto.blind_index(value=f"{matter_id} {code}", kind="FOLLOW_CODE").hex()


def follow_code_send(*, reference: str, at: dt.datetime) -> bool:
    """Send a fresh code to the numbers and addresses of a matter; whether one went out, which nobody outside is told.

    An earlier code is good no more. Nothing goes out for an unknown reference, an erased matter, or one of which too
    many were asked for.
    """
    with transaction.atomic():
        matter = Matter.objects.select_for_update(of=("self",), no_key=True).filter(
            reference=reference.strip().upper(), wrapped_key__isnull=False
        ).first()  # fmt: skip
        if matter is None or matter.codes.filter(made_at__gt=at - CODES_WITHIN).count() >= MOST_CODES:
            return False
        code = f"{secrets.randbelow(1_000_000):06d}"
        matter.codes.filter(used_at=None, ends_at__gt=at).update(ends_at=at)
        made = FollowCode.objects.create(
            matter=matter, code_hash=_hash(matter_id=matter.pk, code=code), made_at=at, ends_at=at + LIVES
        )
        sent = code_told(actor=COMPLAINANT, matter=matter, code=code, once=f"code {made.pk}")
        record(actor=COMPLAINANT, action="follow_code.sent", subject=made,
               body={"matter": matter.pk, "channels": sent})  # fmt: skip
    return sent > 0


def follow_open(*, reference: str, code: str, at: dt.datetime) -> Matter | None:
    """The matter of a reference, for who has its code; None for everybody else, whatever is wrong.

    A code opens once, within ten minutes, and dies of five wrong tries: each is counted, and the count is kept.
    """
    with transaction.atomic():
        found = (
            FollowCode.objects.select_for_update(of=("self",))
            .select_related("matter")
            .filter(matter__reference=reference.strip().upper(), used_at=None, ends_at__gt=at)
            .order_by("-pk")
            .first()
        )
        if found is None or found.tries >= MOST_TRIES:
            # The same work for who guesses a reference, so that time tells nothing.
            _hash(matter_id=0, code=code)
            return None
        if not hmac.compare_digest(found.code_hash, _hash(matter_id=found.matter_id, code=code.strip())):
            found.tries += 1
            found.save(update_fields=["tries"])
            if found.tries == MOST_TRIES:
                record(
                    actor=COMPLAINANT, action="follow_code.exhausted", subject=found, body={"matter": found.matter_id}
                )
            return None
        found.used_at = at
        found.save(update_fields=["used_at"])
        record(actor=COMPLAINANT, action="follow_code.used", subject=found, body={"matter": found.matter_id})
    return found.matter


def follow_add(*, matter: Matter, words: str, at: dt.datetime, papers: Sequence[Upload] = ()) -> None:
    """What a complainant adds to what they told us: words, papers, or both. Raises Refused for neither, and for
    what is closed: nobody would read it there.
    """
    if not words.strip() and not papers:
        raise Refused("follow_words", _("Write something, or choose a file."), field="words")
    if len(papers) > MOST_PAPERS:
        raise Refused("matter_papers", _("At most five files at once."), field="files")
    with transaction.atomic():
        held = matter_held(matter)
        if held.stage == Stage.CLOSED:
            raise Refused("follow_closed", _("This is closed. Say that you do not agree, or tell us anew."))
        if words.strip():
            note_add(actor=COMPLAINANT, matter=held, kind=NoteKind.FROM_COMPLAINANT, words=words, at=at)
        for paper in papers:
            matter_paper_receive(actor=COMPLAINANT, matter=held, paper=paper, at=at)
