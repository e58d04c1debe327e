"""What each act of the register leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from accounts.models import User
from common import clock
from complaints.choices import NoteKind, Stage
from complaints.models import Matter
from complaints.services.at_once import matter_duplicate, matter_solve
from complaints.services.call_backs import call_back_done, call_back_promise
from complaints.services.categories import category_save
from complaints.services.intake import Upload, matter_admit, matter_route, matter_sort, matter_take
from complaints.services.mails import mail_take
from complaints.services.matters import acknowledge, matter_move, note_add
from complaints.tests.imap_world import a_mail
from complaints.tests.worlds import a_matter, a_matter_paper, told
from tests.world import ACTOR, a_pdf, make_user


def _taken(w: Any, name: str = "") -> tuple[Matter, User]:
    matter = matter_take(actor=ACTOR, told=told(client=w.client), at=clock.now())
    return matter, make_user(Role.COMPLAINTS_OFFICER, name=name)


Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]

ACTS: dict[str, Act] = {
    "complaints.matter_register": (None, lambda w: a_matter(client=w.client), {"matter.registered": 1}),
    "complaints.matter_move": (
        lambda w: a_matter(client=w.client),
        lambda w, m: matter_move(actor=ACTOR, matter=m, to=Stage.ACKNOWLEDGED, at=clock.now()),
        {"matter.moved": 1},
    ),
    "complaints.note_add": (
        lambda w: a_matter(client=w.client),
        lambda w, m: note_add(actor=ACTOR, matter=m, kind=NoteKind.NOTE, words="اتصلنا به", at=clock.now()),
        {"matter_note.added": 1},
    ),
    "complaints.acknowledge": (
        lambda w: a_matter(client=w.client),
        lambda w, m: acknowledge(actor=ACTOR, matter=m, at=clock.now()),
        {"matter.moved": 1, "message.queued": 2},
    ),
    "complaints.paper_keep": (
        lambda w: a_matter(client=w.client),
        lambda w, m: a_matter_paper(m),
        {"matter_paper.kept": 1},
    ),
    "complaints.matter_take": (
        None,
        lambda w: matter_take(
            actor=ACTOR, told=told(client=w.client), at=clock.now(), papers=[Upload(name="a.pdf", content=a_pdf())]
        ),
        {"matter.registered": 1, "matter_paper.kept": 1, "matter.moved": 1, "message.queued": 2},
    ),
    "complaints.matter_admit": (
        _taken,
        lambda w, t: matter_admit(user=t[1], matter=t[0], missing=["FACTS"], at=clock.now()),
        {"matter.missing": 1, "message.queued": 2},
    ),
    "complaints.matter_sort": (
        _taken,
        lambda w, t: matter_sort(user=t[1], matter=t[0], at=clock.now(), product="تمويل"),
        {"matter.sorted": 1},
    ),
    "complaints.matter_route": (
        _taken,
        lambda w, t: matter_route(user=t[1], matter=t[0], department="LEGAL", handler=t[1], at=clock.now()),
        {"matter.routed": 1},
    ),
    "complaints.matter_solve": (
        _taken,
        lambda w, t: matter_solve(
            user=t[1], matter=t[0], finding="وُجد كذا", answer="أُجيب بكذا", agreed=True, at=clock.now()
        ),
        {"matter_note.added": 2, "matter.solved_at_once": 1, "matter.moved": 5, "message.queued": 2},
    ),
    "complaints.matter_duplicate": (
        lambda w: (_taken(w), _taken(w, name="second")),
        lambda w, t: matter_duplicate(user=t[0][1], matter=t[1][0], of=t[0][0], at=clock.now()),
        {"matter.duplicate": 1, "matter_note.added": 1, "matter.moved": 5},
    ),
    "complaints.call_back_promise": (
        _taken,
        lambda w, t: call_back_promise(user=t[1], matter=t[0], at=clock.now()),
        {"call_back.promised": 1},
    ),
    "complaints.call_back_done": (
        lambda w: (lambda t: (call_back_promise(user=t[1], matter=t[0], at=clock.now()), t[1]))(_taken(w)),
        lambda w, t: call_back_done(user=t[1], call_back=t[0], result="أُجيب", at=clock.now()),
        {"call_back.done": 1},
    ),
    "complaints.mail_take": (
        None,
        lambda w: mail_take(raw=a_mail(Auto_Submitted="auto-replied"), at=clock.now()),
        {"mail.read": 1},
    ),
    "complaints.category_save": (
        lambda w: make_user(Role.QUALITY_OFFICER),
        lambda w, by: category_save(
            user=by, category=None, code="NEW", name_ar="جديد", name_en="New", department="LEGAL", severity="LOW"
        ),
        {"category.added": 1},
    ),
}

WITHIN = {
    "complaints.our_addresses": "reads the settings",
    "complaints.mails_read": "takes each mail, which leaves its row",
    "complaints.matter_paper_receive": "keeps a paper, which leaves its row",
    "complaints.categories_ship": "the shipped tree, once, in a migration",
    "complaints.matter_held": "holds a row for its caller",
    "complaints.matter_event": "inside the acts that move a matter; clocks keep events of their own",
    "complaints.matter_tell": "inside the acts that tell somebody; each message leaves its row",
    "complaints.reached": "reads",
}
