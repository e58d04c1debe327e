"""Disputes of the credit record in the demo: one in every state, by the services alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import User
from common import clock
from common.audit import Actor
from common.clocks import clocks_tick
from complaints.models import Dispute
from complaints.services import answer_packs, dispute_decisions, dispute_letters, dispute_rights, disputes
from complaints.services.dispute_letters import Way
from complaints.services.dispute_papers import Document
from complaints.services.disputes import FromRecord, Named, Objection
from config.demo.complaints import case_of, paper

if TYPE_CHECKING:
    from config.demo.world import World

REASON = "الإيصال وكشف الحساب يثبتان السداد في تاريخه."
STANDS = "العقد وكشف الحساب يثبتان الرصيد، ولا سداد بعده."
BY_POST = Way(how="بالبريد المسجل")


@dataclass(frozen=True, kw_only=True)
class Filed:
    """An objection that came so many days ago, and what happened since, each so many days ago."""

    ago: int
    client: str
    at: int
    ground: str
    item: str
    words: str
    steps: tuple[tuple[str, int], ...] = ()
    documents: int = 1
    recipient: bool = False
    record: FromRecord | None = None


FILED = (
    # Nobody replied: it is decided by itself, and the item is to be corrected.
    Filed(ago=17, client="WH", at=16, ground="NOT_MINE", item="تمويل شخصي مسجل باسمي لم أوقّعه",
          words="لم أتعامل مع البنك قط، ورقم الهوية في العقد ليس رقمي.", documents=0,
          steps=(("notify", 17), ("tick", 1))),
    # Put right and closed, its recipient told.
    Filed(ago=18, client="RW", at=14, ground="STALE", item="متعثر بمبلغ سُدد في أغسطس", recipient=True,
          words="سُدد المبلغ كاملًا وما زال السجل يظهره متعثرًا.",
          steps=(("notify", 18), ("progress", 15), ("wrong", 14), ("uphold", 12), ("order", 12), ("correct", 11),
                 ("result", 10), ("recipient", 10), ("close", 9))),
    # The member proved the item; the objector went to the committee.
    Filed(ago=16, client="WH", at=18, ground="FALSE", item="رصيد قائم على بطاقة ائتمان", recipient=True, documents=0,
          words="الرصيد المسجل أعلى مما عليّ.",
          steps=(("notify", 15), ("proves", 12), ("reject", 10), ("statement", 9), ("recipient", 9), ("result", 8),
                 ("committee", 4))),
    # The answer pack waits for its review.
    Filed(ago=9, client="WH", at=20, ground="INCOMPLETE", item="سجل السداد قبل 2025 غير مذكور",
          words="ثمانية عشر قسطًا سُددت في وقتها ولا تظهر في السجل.",
          steps=(("notify", 8), ("contract", 4), ("pack", 1))),
    # The member has replied: to be decided.
    Filed(ago=8, client="RW", at=16, ground="FALSE", item="قسطان متأخران في يونيو ويوليو",
          words="سُدد القسطان قبل موعدهما، ومرفق الإيصالان.", steps=(("notify", 7), ("partly", 2))),
    # Came yesterday, about an item of a court's record: the member is to be notified.
    Filed(ago=1, client="RW", at=18, ground="OVER_AGE", item="حكم تنفيذ منذ 2018 ما زال ظاهرًا",
          words="مضى على سداده أكثر من خمس سنوات.",
          record=FromRecord(kind="COURT", source="محكمة التنفيذ بالرياض", on=dt.date(2018, 5, 13))),
)  # fmt: skip


@dataclass(kw_only=True)
class Desk:
    """The bureau's desk while its story is told."""

    world: World

    @property
    def officer(self) -> User:
        return self.world.users["amal"]

    def document(self, title: str) -> Document:
        return Document(name="document.pdf", content=paper(self.world, title), title=title)

    def when(self, ago: int, minute: int) -> dt.datetime:
        day = self.world.today - dt.timedelta(days=ago)
        return clock.at_riyadh(on=day, time=dt.time(10 + minute // 60, minute % 60))


def objections(world: World) -> None:
    """Every dispute as far as it came."""
    desk, made, acts = Desk(world=world), dict[int, Dispute](), []
    for place, filed in enumerate(FILED):
        acts.append((filed.ago, place * 8, place, "file"))
        acts += [(ago, place * 8 + 60 + 7 * n, place, step) for n, (step, ago) in enumerate(filed.steps)]
    for ago, minute, place, step in sorted(acts, key=lambda one: (-one[0], one[1])):
        at = desk.when(ago, minute)
        with clock.at(at):
            if step == "file":
                made[place] = _filed(desk, FILED[place], at)
            else:
                STEPS[step](desk, Dispute.objects.get(pk=made[place].pk), at)
    with clock.at(world.now):
        clocks_tick(at=world.now)
    world.say(f"{len(FILED)} disputes of the credit record")


def _filed(desk: Desk, filed: Filed, at: dt.datetime) -> Dispute:
    on = at.astimezone(clock.RIYADH).date()
    told = Objection(
        kind="ITEM", ground=filed.ground, item=filed.item, words=filed.words,
        documents=[desk.document("إيصال سداد")] * filed.documents,
        recipients=[
            Named(name="شركة التقسيط الميسر", address="الرياض، حي العليا", email="credit@example.com",
                  received_on=on - dt.timedelta(days=40))
        ] if filed.recipient else [],
        record=filed.record,
    )  # fmt: skip
    case = case_of(desk.world, filed.client, filed.at)
    return disputes.dispute_file(user=desk.officer, case=case, told=told, at=at)


def _replied(stand: str, words: str, *, proof: bool) -> Callable[[Desk, Dispute, dt.datetime], object]:
    return lambda desk, dispute, at: disputes.dispute_reply(
        actor=Actor.person(desk.officer), user=desk.officer, dispute=dispute, stand=stand, words=words, at=at,
        documents=[desk.document("كشف حساب")] if proof else [],
    )  # fmt: skip


def _decided(outcome: str, reason: str) -> Callable[[Desk, Dispute, dt.datetime], object]:
    return lambda desk, dispute, at: dispute_decisions.dispute_decide(
        user=desk.officer, dispute=dispute, outcome=outcome, reason=reason, at=at
    )


STEPS: dict[str, Callable[[Desk, Dispute, dt.datetime], object]] = {
    "tick": lambda _desk, _dispute, at: clocks_tick(at=at),
    "notify": lambda desk, dispute, at: dispute_letters.member_notify(
        user=desk.officer, dispute=dispute, way=BY_POST, at=at
    ),
    "progress": lambda desk, dispute, at: dispute_letters.progress_tell(
        user=desk.officer, dispute=dispute, way=BY_POST, at=at
    ),
    "contract": lambda desk, dispute, at: disputes.document_add(
        user=desk.officer, dispute=dispute, document=desk.document("عقد التمويل"), kind="CONTRACT", at=at
    ),
    "pack": lambda desk, dispute, at: answer_packs.pack_make(
        user=desk.officer, dispute=dispute, stand="PARTLY_WRONG", words="سُدد جزء من الرصيد ولم يُذكر في السجل.",
        language="ar", at=at,
    ),
    "wrong": _replied("WRONG", "سُدد المبلغ فعلًا ولم يُحدَّث السجل.", proof=True),
    "partly": _replied("PARTLY_WRONG", "وصل سداد قسط يونيو في وقته، وقسط يوليو متأخرًا.", proof=True),
    "proves": _replied("CORRECT", STANDS, proof=True),
    "uphold": _decided("UPHELD", REASON),
    "reject": _decided("REJECTED", STANDS),
    "order": lambda desk, dispute, at: dispute_letters.order_send(
        user=desk.officer, dispute=dispute, way=BY_POST, at=at
    ),
    "correct": lambda desk, dispute, at: dispute_decisions.dispute_correct(
        user=desk.officer, dispute=dispute, correction="AMENDED", reason="السجل المعدّل مرفق", at=at,
        record=desk.document("السجل المعدّل"),
    ),
    "result": lambda desk, dispute, at: dispute_letters.result_tell(
        user=desk.officer, dispute=dispute, way=BY_POST, at=at
    ),
    "recipient": lambda desk, dispute, at: dispute_letters.recipient_tell(
        user=desk.officer, recipient=dispute.recipients.get(), way=Way(email="credit@example.com"), at=at, language="ar"
    ),
    "statement": lambda desk, dispute, at: dispute_rights.statement_add(
        user=desk.officer, dispute=dispute, words="سددت أكثر مما هو مسجل، ولديّ ما يثبت ذلك عند الطلب.", at=at
    ),
    "committee": lambda desk, dispute, at: dispute_rights.committee_asked(
        user=desk.officer, dispute=dispute, reason="اعترض صاحب السجل على الرفض وتقدم إلى اللجنة", at=at
    ),
    "close": lambda desk, dispute, at: dispute_decisions.dispute_close(user=desk.officer, dispute=dispute, at=at),
}  # fmt: skip
