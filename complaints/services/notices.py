"""What the complainant is told at each step, by the outbox (CX-13); inside the acts that take the step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from common import clock
from common.audit import Actor
from common.choices import MessageChannel
from common.clock import RIYADH
from common.messages import MessageKind
from common.models import Message
from common.outbox import Recipient, message_queue
from complaints.choices import Level, MatterKind
from complaints.models import Matter, MatterPaper, MatterRound
from complaints.rules import handling_messages as kinds
from complaints.rules.messages import RECEIVED_NAMES
from complaints.selectors.handling import LEVEL_NAMES, answer_by, ways_named
from complaints.selectors.matters import person_of
from complaints.services.ratings import rating_ask


def public_url(name: str, *args: str) -> str:
    """The address of a public page, as it stands in a message."""
    return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"


def due_shown(matter: Matter, *, at: dt.datetime) -> str:
    """Until when they have the answer, as a message says it."""
    return f"{answer_by(matter=matter, at=at).astimezone(RIYADH):%Y-%m-%d}"


def _told(
    *,
    actor: Actor,
    matter: Matter,
    kind: MessageKind,
    once: str,
    values: dict[str, str],
    papers: Sequence[MatterPaper] = (),
) -> list[Message]:
    """Queue a message on every channel that is known; papers go with the e-mail."""
    person, written = person_of(matter=matter), []
    values = {"reference": matter.reference, "kind": RECEIVED_NAMES[matter.language][matter.kind],
              "follow": public_url("follow"), **values}  # fmt: skip
    for channel, address in ((MessageChannel.SMS, person.phone), (MessageChannel.EMAIL, person.email)):
        if address:
            message = message_queue(
                actor=actor, client_id=matter.client_id, subject=matter, template=kind.code, language=matter.language,
                channel=channel, to=Recipient(address=address, party_id=matter.party_id), values=values,
                attachments=papers if channel == MessageChannel.EMAIL else (),
                once_key=f"matter {matter.pk} {once} {channel}",
            )  # fmt: skip
            written.append(message)
    return written


def _separator(matter: Matter) -> str:
    return "، " if matter.language == "ar" else ", "


def progress_told(*, actor: Actor, matter: Matter, plan: str = "") -> None:
    """A step was taken, or a matter was studied and this is what will be done (CX-13, CX-22).

    Of what is answered within a day the steps are worth no message; that it has to be looked into is.
    """
    if matter.kind != MatterKind.COMPLAINT and not plan:
        return
    step = kinds.STEPS[matter.language].get(matter.stage, "")
    values = {"answer_by": due_shown(matter, at=clock.now()), **({"step": step} if step else {"plan": plan})}
    _told(
        actor=actor, matter=matter, kind=kinds.PROGRESS if step else kinds.STUDIED, values=values,
        once=f"{matter.stage} {matter.level} {matter.moves.count()}",
    )  # fmt: skip


def result_told(*, actor: Actor, matter: Matter, work: MatterRound) -> None:
    """The result, with its letter by e-mail."""
    papers = [*([work.letter] if work.letter is not None else []), *work.documents.order_by("pk")]
    once = f"result {work.level}"
    if matter.kind != MatterKind.COMPLAINT:
        _told(actor=actor, matter=matter, kind=kinds.ANSWERED, once=once, values={}, papers=papers)
        return
    values = {
        "outcome": kinds.OUTCOMES[matter.language][work.outcome],
        "ways": _separator(matter).join(ways_named(codes=work.ways, language=matter.language)),
    }
    _told(actor=actor, matter=matter, kind=kinds.RESULT, once=once, values=values, papers=papers)


def rights_told(*, actor: Actor, matter: Matter, work: MatterRound, paper: MatterPaper) -> None:
    """The further ways, with the summary of rights by e-mail."""
    ways = _separator(matter).join(ways_named(codes=work.ways, language=matter.language))
    _told(actor=actor, matter=matter, kind=kinds.RIGHTS, once=f"rights {paper.number}", values={"ways": ways},
          papers=[paper])  # fmt: skip


def reopening_told(*, actor: Actor, matter: Matter, at: dt.datetime) -> None:
    """Open again at the next level, and until when."""
    values = {"level": LEVEL_NAMES[matter.language][Level(matter.level)], "answer_by": due_shown(matter, at=at)}
    _told(actor=actor, matter=matter, kind=kinds.REOPENED, once=f"reopened {matter.level}", values=values)


def outside_told(*, actor: Actor, matter: Matter, ways: list[str]) -> None:
    """Every level of the house has decided: the bodies outside, by name."""
    named = _separator(matter).join(ways_named(codes=ways, language=matter.language))
    _told(actor=actor, matter=matter, kind=kinds.OUTSIDE, once="outside", values={"ways": named})


def closing_told(*, actor: Actor, matter: Matter, at: dt.datetime) -> None:
    """Closed; how satisfied they are is asked once in the life of a matter, where they can be reached."""
    person = person_of(matter=matter)
    if not (person.phone or person.email):
        return
    token = rating_ask(actor=actor, matter=matter, at=at)
    if token:
        _told(actor=actor, matter=matter, kind=kinds.CLOSED, once="closed", values={"rate": public_url("rate", token)})


def code_told(*, actor: Actor, matter: Matter, code: str, once: str) -> int:
    """The one-time code, to every number and address that is known; on how many."""
    return len(_told(actor=actor, matter=matter, kind=kinds.FOLLOW_CODE, once=once, values={"code": code}))
