"""What each act on a dispute leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.audit import Actor
from common.clocks import clocks_tick
from complaints.models import Dispute, DisputePack
from complaints.services import answer_packs, dispute_decisions, dispute_letters, dispute_rights, disputes
from complaints.services.dispute_letters import Way
from complaints.tests.dispute_worlds import a_dispute, a_document, a_letter, a_recipient, an_officer, notified, replied
from tests.world import a_case, make_user

FORTY_DAYS = dt.timedelta(days=40)

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]
POST = Way(how="باليد")


def _case(w: Any) -> Any:
    an_officer()
    _reviewer()
    return a_case(w.client, ref="D-57")


def _filed(w: Any) -> Dispute:
    return a_dispute(_case(w), documents=0, recipients=[a_recipient()])


def _noticed(w: Any) -> Dispute:
    return notified(_filed(w))


def _silent(w: Any) -> Dispute:
    """Decided by silence, forty days from now."""
    dispute = _noticed(w)
    clocks_tick(at=clock.now() + FORTY_DAYS)
    return Dispute.objects.get(pk=dispute.pk)


def _found_in_the_post(dispute: Dispute) -> Dispute:
    return disputes.dispute_reply(
        actor=Actor.person(an_officer()), dispute=dispute, stand="CORRECT", words="العقد يثبته", with_evidence=True,
        at=clock.now(), recorded_at=clock.now() + FORTY_DAYS,
    )  # fmt: skip


def _answered(w: Any) -> Dispute:
    return replied(_noticed(w), stand="CORRECT", papers=1)


def _decided(dispute: Dispute, outcome: str) -> Dispute:
    return dispute_decisions.dispute_decide(
        user=an_officer(), dispute=dispute, outcome=outcome, reason="لأسباب", at=clock.now()
    )


def _rejected(w: Any) -> Dispute:
    return _decided(_answered(w), "REJECTED")


def _upheld(w: Any) -> Dispute:
    return _decided(replied(_noticed(w)), "UPHELD")


def _correct(dispute: Dispute) -> Dispute:
    return dispute_decisions.dispute_correct(
        user=an_officer(), dispute=dispute, correction="DELETED", reason="حُذف", at=clock.now()
    )


def _corrected(w: Any) -> Dispute:
    return _correct(_upheld(w))


def _ask(dispute: Dispute) -> Dispute:
    return dispute_rights.committee_asked(user=an_officer(), dispute=dispute, reason="اعترض", at=clock.now())


def _rule(dispute: Dispute, *, for_objector: bool) -> Dispute:
    return dispute_rights.committee_ruled(
        user=an_officer(), dispute=dispute, for_objector=for_objector, reason="قرار 1", at=clock.now()
    )


def _with_letter(made: Callable[[Any], Dispute]) -> Callable[[Any], Any]:
    def both(w: Any) -> Any:
        dispute = made(w)
        return dispute, a_letter(dispute)

    return both


def _told(w: Any) -> Any:
    """A rejected one of which nothing is left to do."""
    dispute = _rejected(w)
    return dispute_decisions.result_told(user=an_officer(), dispute=dispute, paper=a_letter(dispute), at=clock.now())


def _reviewer() -> User:
    return User.objects.filter(role=Role.COLLECTIONS_MANAGER).first() or make_user(Role.COLLECTIONS_MANAGER)


def _pack(w: Any) -> DisputePack:
    return answer_packs.pack_make(
        user=an_officer(), dispute=_noticed(w), stand="CORRECT", words="العقد يثبته", at=clock.now()
    )


def _reviewed(w: Any) -> DisputePack:
    return answer_packs.pack_review(user=_reviewer(), pack=_pack(w), at=clock.now())


KEPT = {"matter_paper.kept": 1}
ACTS: dict[str, Act] = {
    "complaints.dispute_file": (
        _case,
        lambda w, case: a_dispute(case),
        {"dispute.filed": 1, "hold.placed": 1, **KEPT},
    ),
    "complaints.recipient_add": (
        _filed,
        lambda w, d: disputes.recipient_add(user=an_officer(), dispute=d, named=a_recipient(), at=clock.now()),
        {"dispute.recipient_named": 1},
    ),
    "complaints.document_add": (
        _filed,
        lambda w, d: disputes.document_add(user=an_officer(), dispute=d, document=a_document(), at=clock.now()),
        {"dispute.document_added": 1, **KEPT},
    ),
    "complaints.documents_asked": (
        _filed,
        lambda w, d: disputes.documents_asked(user=an_officer(), dispute=d, at=clock.now()),
        {"dispute.documents_asked": 1},
    ),
    "complaints.member_notified": (
        _with_letter(_filed),
        lambda w, both: disputes.member_notified(user=an_officer(), dispute=both[0], paper=both[1], at=clock.now()),
        {"dispute.notified": 1},
    ),
    "complaints.dispute_reply": (_noticed, lambda w, d: replied(d), {"dispute.replied": 1}),
    "complaints.dispute_reply late": (
        _silent,
        lambda w, d: _found_in_the_post(d),
        {"dispute.taken_back": 1, "dispute.replied": 1, "hold.released": 1, "hold.placed": 1},
    ),
    "complaints.dispute_decide": (
        _answered,
        lambda w, d: _decided(d, "REJECTED"),
        {"dispute.decided": 1, "objection.decided": 1},
    ),
    "complaints.correction_ordered": (
        _with_letter(_upheld),
        lambda w, both: dispute_decisions.correction_ordered(
            user=an_officer(), dispute=both[0], paper=both[1], at=clock.now()
        ),
        {"dispute.ordered": 1},
    ),
    "complaints.dispute_correct": (_upheld, lambda w, d: _correct(d), {"dispute.corrected": 1, "hold.released": 1}),
    "complaints.progress_told": (
        _with_letter(_filed),
        lambda w, both: dispute_decisions.progress_told(
            user=an_officer(), dispute=both[0], paper=both[1], at=clock.now()
        ),
        {"dispute.progress_told": 1},
    ),
    "complaints.result_told": (
        _with_letter(_rejected),
        lambda w, both: dispute_decisions.result_told(
            user=an_officer(), dispute=both[0], paper=both[1], at=clock.now()
        ),
        {"dispute.result_told": 1},
    ),
    "complaints.dispute_close": (
        _told,
        lambda w, d: dispute_decisions.dispute_close(user=an_officer(), dispute=d, at=clock.now()),
        {"dispute.closed": 1},
    ),
    "complaints.statement_add": (
        _rejected,
        lambda w, d: dispute_rights.statement_add(user=an_officer(), dispute=d, words="سددت", at=clock.now()),
        {"dispute.statement": 1},
    ),
    "complaints.recipient_told": (
        _with_letter(_corrected),
        lambda w, both: dispute_rights.recipient_told(
            user=an_officer(), recipient=both[0].recipients.get(), paper=both[1], at=clock.now()
        ),
        {"dispute.recipient_told": 1},
    ),
    "complaints.committee_asked": (
        _rejected,
        lambda w, d: _ask(d),
        {"dispute.committee_asked": 1, "hold.placed": 1},
    ),
    "complaints.committee_ruled": (
        lambda w: _ask(_rejected(w)),
        lambda w, d: _rule(d, for_objector=True),
        {"dispute.committee_ruled": 1, "objection.decided": 1},
    ),
    "complaints.item_reinserted": (
        lambda w: _rule(_ask(_corrected(w)), for_objector=False),
        lambda w, d: dispute_rights.item_reinserted(user=an_officer(), dispute=d, reason="قرار 1", at=clock.now()),
        {"dispute.reinserted": 1},
    ),
    "complaints.member_notify": (
        _filed,
        lambda w, d: dispute_letters.member_notify(user=an_officer(), dispute=d, way=POST, at=clock.now()),
        {"dispute.notified": 1, **KEPT},
    ),
    "complaints.progress_tell": (
        _filed,
        lambda w, d: dispute_letters.progress_tell(user=an_officer(), dispute=d, way=POST, at=clock.now()),
        {"dispute.progress_told": 1, **KEPT},
    ),
    "complaints.result_tell": (
        _rejected,
        lambda w, d: dispute_letters.result_tell(user=an_officer(), dispute=d, way=POST, at=clock.now()),
        {"dispute.result_told": 1, **KEPT},
    ),
    "complaints.order_send": (
        _upheld,
        lambda w, d: dispute_letters.order_send(user=an_officer(), dispute=d, way=POST, at=clock.now()),
        {"dispute.ordered": 1, **KEPT},
    ),
    "complaints.recipient_tell": (
        _corrected,
        lambda w, d: dispute_letters.recipient_tell(
            user=an_officer(), recipient=d.recipients.get(), way=POST, at=clock.now()
        ),
        {"dispute.recipient_told": 1, **KEPT},
    ),
    "complaints.pack_make": (
        _noticed,
        lambda w, d: answer_packs.pack_make(
            user=an_officer(), dispute=d, stand="CORRECT", words="العقد يثبته", at=clock.now()
        ),
        {"dispute.pack_made": 1, **KEPT},
    ),
    "complaints.pack_review": (
        _pack,
        lambda w, pack: answer_packs.pack_review(user=_reviewer(), pack=pack, at=clock.now()),
        {"dispute.pack_reviewed": 1},
    ),
    "complaints.pack_send": (
        _reviewed,
        lambda w, pack: answer_packs.pack_send(
            user=an_officer(), pack=pack, email="bureau@example.com", at=clock.now()
        ),
        {"dispute.pack_sent": 1, "dispute.replied": 1, "message.queued": 1},
    ),
}  # fmt: skip

WITHIN = {
    "complaints.silence_followed": "its decision leaves its rows: complaints/tests/test_disputes.py counts them",
    "complaints.silence_taken_back": "part of the reply that was written down late, whose row says so",
    "complaints.clocks_taken_back": "tells the clocks, which keep their own events",
    "complaints.decided": "part of the act that decides, whose row it writes",
    "complaints.hold_decided": "part of the act that decides; the hold leaves its row",
    "complaints.hold_ended": "part of the act that corrects; the hold leaves its row",
    "complaints.result_may_be_told": "reads",
    "complaints.dispute_locked": "locks",
    "complaints.dispute_step": "writes the row of each act",
    "complaints.dispute_happened": "tells the clocks, which keep their own events",
    "complaints.said": "reads",
    "complaints.documents_keep": "part of the act it came with; each paper leaves its row",
}
