"""What each act of the register leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common import clock
from complaints.choices import NoteKind, Stage
from complaints.services.matters import acknowledge, matter_move, note_add
from complaints.tests.worlds import a_matter, a_matter_paper
from tests.world import ACTOR

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]

ACTS: dict[str, Act] = {
    "complaints.matter_register": (None, lambda w: a_matter(), {"matter.registered": 1}),
    "complaints.matter_move": (
        lambda w: a_matter(),
        lambda w, m: matter_move(actor=ACTOR, matter=m, to=Stage.ACKNOWLEDGED, at=clock.now()),
        {"matter.moved": 1},
    ),
    "complaints.note_add": (
        lambda w: a_matter(),
        lambda w, m: note_add(actor=ACTOR, matter=m, kind=NoteKind.NOTE, words="اتصلنا به", at=clock.now()),
        {"matter_note.added": 1},
    ),
    "complaints.acknowledge": (
        lambda w: a_matter(),
        lambda w, m: acknowledge(actor=ACTOR, matter=m, at=clock.now()),
        {"matter.moved": 1, "message.queued": 2},
    ),
    "complaints.paper_keep": (
        lambda w: a_matter(),
        lambda w, m: a_matter_paper(m),
        {"matter_paper.kept": 1},
    ),
}

WITHIN = {
    "complaints.matter_held": "holds a row for its caller",
    "complaints.matter_event": "inside the acts that move a matter; clocks keep events of their own",
    "complaints.matter_tell": "inside the acts that tell somebody; each message leaves its row",
    "complaints.reached": "reads",
}
