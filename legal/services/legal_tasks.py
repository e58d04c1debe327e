"""The only writer of what money and time ask of the legal desk, and the listeners that follow the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.events import CasesEnded, CasesReopened, MoneyMoved, NotePosted, PaymentPosted, PaymentReversed
from collections_app.models import Payment
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from common.money import ZERO
from legal.choices import LEGAL_TASK_MOVES, STANDING_CLAIM, LegalTaskKind, LegalTaskState
from legal.events import LegalActRecorded
from legal.models import Claim, Instrument, LegalAct, LegalTask
from legal.policies import can_keep_legal
from legal.rules.overclaim import Standing, tasks_wanted
from legal.selectors.overclaim import cases_concerned, owed_on, owed_on_notes
from legal.services.authorisations import renewals_follow
from legal.services.limitations import limitations_follow

LEDGER = Actor.system("ledger")
# How long the desk has: no document names a figure; a creditor is liable for enforcing what is paid (E11), so it is
# short.
DAYS_TO_ANSWER = 3
# Answered by a person alone; the others by the act they ask for.
ANSWERED_BY_HAND = frozenset({LegalTaskKind.LIMITATION})


@dataclass(frozen=True, kw_only=True)
class What:
    """What moved: a payment, a reversal, a note, an end, a claim's own change, or a file with many of them."""

    what: str
    id: int | None = None
    amount: Decimal | None = None
    on: dt.date | None = None
    # The person who answered by it, when a person did.
    user: User | None = None

    def beside(self, *, owed: Decimal, filed: Decimal) -> dict[str, Any]:
        """It as evidence, with what was owed and claimed then."""
        told: dict[str, Any] = {"what": self.what, "at": clock.now().isoformat()}
        if self.id is not None:
            told["id"] = self.id
        if self.amount is not None:
            told["amount"] = f"{self.amount:.2f}"
        if self.on is not None:
            told["on"] = self.on.isoformat()
        return {**told, "owed": f"{owed:.2f}", "filed": f"{filed:.2f}"}


def payment_followed(event: PaymentPosted) -> None:
    """Money came."""
    claims_follow(
        client_id=event.client_id,
        case_ids=[event.case_id],
        what=What(what="PAYMENT", id=event.payment_id, amount=event.amount, on=event.value_on),
    )


def reversal_followed(event: PaymentReversed) -> None:
    """Money was taken back."""
    taken = Payment.objects.only("reversed_amount").get(pk=event.payment_id).reversed_amount
    claims_follow(
        client_id=event.client_id,
        case_ids=[event.case_id],
        what=What(what="REVERSAL", id=event.payment_id, amount=taken, on=clock.today()),
    )


def note_followed(event: NotePosted) -> None:
    """A debit or credit note, a waiver, or the reversal of one."""
    claims_follow(
        client_id=event.client_id,
        case_ids=[event.case_id],
        what=What(what="NOTE", id=event.entry_id, amount=event.amount, on=event.value_on),
    )


def ends_followed(event: CasesEnded) -> None:
    """A person ended cases."""
    claims_follow(
        client_id=event.client_id, case_ids=event.case_ids, what=What(what=f"ENDED_{event.end}"[:20], on=event.on)
    )


def reopening_followed(event: CasesReopened) -> None:
    claims_follow(client_id=event.client_id, case_ids=event.case_ids, what=What(what="REOPENED", on=clock.today()))


def move_followed(event: MoneyMoved) -> None:
    """A file, a match, or a receivable taken out."""
    claims_follow(client_id=event.client_id, case_ids=event.case_ids, what=What(what="MOVED", on=clock.today()))


def claims_follow(*, client_id: int, case_ids: Sequence[int], what: What, day: dt.date | None = None) -> int:
    """Raise, continue or close the tasks that these cases' claims, notes, authorisations and terms ask for now; how
    many moved.

    Inside the transaction of what moved the money, which holds the cases. A case of which nothing legal stands costs
    one look-up. ``day`` is that of a night, else today.
    """
    day = day or clock.today()
    concerned = cases_concerned(case_ids=case_ids, on=day)
    if not concerned:
        return 0
    claims = Claim.objects.filter(client_id=client_id, case_id__in=concerned, state__in=STANDING_CLAIM)
    return (
        _claims(client_id=client_id, claims=claims.order_by("pk").select_for_update(), what=what)
        + _notes(client_id=client_id, case_ids=concerned, what=what)
        + _ends(client_id=client_id, case_ids=concerned, what=what, day=day)
    )


def act_followed(event: LegalActRecorded) -> None:
    """A person filed, amended or ended a claim: what it asked for is done by it, or begins with it."""
    if event.claim_id is None:
        return
    act = LegalAct.objects.select_related("recorded_by").get(pk=event.act_id)
    told = What(what=act.kind, id=act.pk, amount=act.amount, on=act.on, user=act.recorded_by)
    claims = Claim.objects.filter(pk=event.claim_id).select_for_update()
    _claims(client_id=event.client_id, claims=claims, what=told)


def _claims(*, client_id: int, claims: Any, what: What) -> int:
    found: list[Claim] = list(claims)
    owed = owed_on(claim_ids=[claim.pk for claim in found])
    kinds = [LegalTaskKind.AMEND_CLAIM, LegalTaskKind.WITHDRAW_CLAIM]
    tasks = {
        (task.claim_id, task.kind): task
        for task in LegalTask.objects.select_for_update().filter(
            claim__in=found, kind__in=kinds, state=LegalTaskState.OPEN
        )
    }
    moved = 0
    for claim in found:
        standing = Standing(filed=claim.amount, owed=owed[claim.pk], stands=claim.state in STANDING_CLAIM)
        evidence = what.beside(owed=standing.owed, filed=standing.filed)
        for kind, wanted in tasks_wanted(claim=standing).items():
            about = {"claim": claim, "authorisation_id": claim.authorisation_id, "case_id": claim.case_id}
            moved += _told(
                task=tasks.get((claim.pk, kind)), wanted=wanted, kind=kind, client_id=client_id, about=about,
                evidence=evidence, what=what,
            )  # fmt: skip
    return moved


def _notes(*, client_id: int, case_ids: Sequence[int], what: What) -> int:
    """A note of which nothing is owed any more goes back; owed again, it stays."""
    tasks = {
        task.instrument_id: task
        for task in LegalTask.objects.select_for_update().filter(
            case_id__in=case_ids, kind=LegalTaskKind.RETURN_NOTE, state=LegalTaskState.OPEN
        )
    }
    return sum(
        _told(
            task=tasks.get(instrument_id), wanted=owed <= ZERO, kind=LegalTaskKind.RETURN_NOTE, client_id=client_id,
            about={"instrument_id": instrument_id, "case_id": case_id}, evidence=what.beside(owed=owed, filed=ZERO),
            what=what,
        )
        for instrument_id, case_id, owed in owed_on_notes(case_ids=case_ids)
    )  # fmt: skip


def _ends(*, client_id: int, case_ids: Sequence[int], what: What, day: dt.date) -> int:
    """What is warned of because it ends is warned of while something is owed on its debts."""
    moved = 0
    for follow in (renewals_follow, limitations_follow):
        raised, moot = follow(client_id=client_id, case_ids=case_ids, day=day)
        for action, ids in (("raised", raised), ("moot", moot)):
            for task in LegalTask.objects.filter(pk__in=ids).order_by("pk"):
                body = {"kind": task.kind, "case": task.case_id, "what": what.what, "id": what.id}
                record(actor=LEDGER, action=f"legal_task.{action}", subject=task, body=body)
        moved += len(raised) + len(moot)
    return moved


def _told(
    *,
    task: LegalTask | None,
    wanted: bool,
    kind: str,
    client_id: int,
    about: Mapping[str, Any],
    evidence: Mapping[str, Any],
    what: What,
) -> int:
    """One task beside what asks for it: raised, continued with what moved the sums, or ended; 1 when it moved."""
    if task is None and not wanted:
        return 0
    actor = Actor.person(what.user) if what.user is not None else LEDGER
    if task is None:
        task = LegalTask.objects.create(
            client_id=client_id, kind=kind, due_on=clock.today() + dt.timedelta(days=DAYS_TO_ANSWER),
            evidence=[evidence], raised_at=clock.now(), **about,
        )  # fmt: skip
        action = "raised"
    elif wanted:
        last = task.evidence[-1]
        if (last["owed"], last["filed"]) == (evidence["owed"], evidence["filed"]):
            return 0
        task.evidence.append(evidence)
        task.save(update_fields=["evidence"])
        action = "continued"
    else:
        task.evidence.append(evidence)
        state = LegalTaskState.DONE if what.user is not None else LegalTaskState.MOOT
        _end(task=task, state=state, user=what.user, answer="")
        action = state.lower()
    record(
        actor=actor, action=f"legal_task.{action}", subject=task, body={"kind": kind, "case": task.case_id, **evidence}
    )
    return 1


def _end(*, task: LegalTask, state: str, user: User | None, answer: str) -> None:
    if state not in LEGAL_TASK_MOVES[task.state]:
        raise Conflict("task_moved", _("This was answered already."))
    task.state, task.done_by, task.done_at, task.answer = state, user, clock.now(), answer.strip()[:300]
    task.save(update_fields=["state", "done_by", "done_at", "answer", "evidence"])


def note_returned(*, user: User, instrument: Instrument, answer: str) -> None:
    """The instrument was handed back: the task that asked for it is done. Called by the service of instruments."""
    tasks = LegalTask.objects.select_for_update().filter(
        instrument=instrument, kind=LegalTaskKind.RETURN_NOTE, state=LegalTaskState.OPEN
    )
    for task in tasks:
        _end(task=task, state=LegalTaskState.DONE, user=user, answer=answer)
        record(actor=Actor.person(user), action="legal_task.done", subject=task, body={"kind": task.kind})


def task_answer(*, user: User, task: LegalTask, answer: str) -> LegalTask:
    """Say what was done about a limitation that ends. Raises Refused without words, and for what an act answers."""
    if not can_keep_legal(user):
        raise NotAllowed("legal_keep", _("Only the legal desk keeps this."))
    if task.kind not in ANSWERED_BY_HAND:
        raise Refused("task_by_act", _("This is answered by doing it: amend or withdraw the claim, return the note."))
    if not answer.strip():
        raise Refused("task_answer", _("Say what was done."), field="answer")
    with transaction.atomic():
        locked = LegalTask.objects.select_for_update().get(pk=task.pk)
        _end(task=locked, state=LegalTaskState.DONE, user=user, answer=answer)
        record(actor=Actor.person(user), action="legal_task.done", subject=locked, body={"kind": locked.kind})
    return locked


def step_claims(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Nightly: what entries of a later value date, valued since, ask for. Twice is once: the same sums add nothing."""
    cases = Claim.objects.filter(client_id=client_id, state__in=STANDING_CLAIM).values_list("case_id", flat=True)
    asked = LegalTask.objects.filter(
        Q(claim__isnull=False) | Q(instrument__isnull=False), client_id=client_id, state=LegalTaskState.OPEN
    ).values_list("case_id", flat=True)
    what = What(what="NIGHT", on=day)
    return claims_follow(client_id=client_id, case_ids=sorted({*cases, *asked}), what=what, day=day)
