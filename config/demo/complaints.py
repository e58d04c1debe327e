"""What people told the agency and what became of it, and the disputes of the credit record: one in every state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.models import User
from clients.models import Client
from collections_app.models import Case
from common import clock
from common.audit import Actor
from common.clocks import clocks_tick
from common.documents import pdf_render
from complaints.choices import (
    UPHELD,
    Answer,
    Department,
    Intake,
    Level,
    MatterKind,
    Missing,
    NoteKind,
    Remedy,
    Stage,
    TellWay,
)
from complaints.models import Category, Matter, RootCause
from complaints.services.call_backs import call_back_done, call_back_promise
from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.services.deciding import matter_answer, matter_close, matter_communicate
from complaints.services.following import COMPLAINANT
from complaints.services.handling import evidence_add, finding_add, matter_assess, matter_investigated
from complaints.services.intake import Upload, matter_admit, matter_sort, matter_take
from complaints.services.levels import matter_disagree
from complaints.services.matters import Told, note_add
from complaints.services.ratings import rating_give
from complaints.services.short_way import matter_answer_at_once

if TYPE_CHECKING:
    from config.demo.world import World

NIGHT_CALLS = ("هل اتصل المحصّل بعد التاسعة ليلًا؟", "هل تكرر الاتصال في الأسبوع نفسه؟")
PLAN = "نستمع إلى تسجيل المكالمات ونراجع سجل التواصل."
HEARD, NOTHING = "سُمع في التسجيل وثبت في سجل التواصل.", "لا أثر لذلك في التسجيل ولا في سجل التواصل."
PUT_RIGHT = "راجعنا التسجيلات ووجدنا ما ذكرتم، ونعتذر إليكم، ولن يُتصل بكم إلا في الأوقات النظامية."
NOT_SO = "راجعنا التسجيلات وسجل التواصل فلم نجد ما ذكرتم، وكل اتصال كان في وقته وبألفاظ لائقة."
DISAGREES = "لا أوافق على النتيجة: المكالمة الثانية لم تُراجع."
ANSWER = "يُخصم القسط في الخامس والعشرين من كل شهر، ويُحتسب السداد المبكر يوم وصوله."


@dataclass(frozen=True, kw_only=True)
class Story:
    """What somebody told so many days ago, and the steps since, each so many days ago. ``at`` is which of the client's
    cases it is about."""

    ago: int
    client: str
    at: int
    category: str
    words: str
    name: str
    steps: tuple[tuple[str, int], ...] = ()
    kind: str = MatterKind.COMPLAINT
    intake: str = Intake.WEB
    finds: tuple[str, ...] = (Answer.YES, Answer.YES)
    questions: tuple[str, ...] = NIGHT_CALLS
    department: str = Department.OPERATIONS
    is_confidential: bool = False
    concerned: str = ""
    by: str = ""


LATE_CALL = "اتصل بي المحصّل بعد العاشرة ليلًا ثلاث مرات في أسبوع واحد، وأطلب إيضاحًا."
STORIES = (
    # Through every step, upheld, and rated.
    Story(ago=16, client="WH", at=3, category="CONTACT_HOURS", words=LATE_CALL, name="سامي العتيبي",
          steps=(("admit", 16), ("assess", 15), ("find", 13), ("answer", 12), ("tell", 12), ("close", 11),
                 ("rate", 10))),
    # The same person tells of the same again.
    Story(ago=2, client="WH", at=3, category="CONTACT_HOURS", name="سامي العتيبي", steps=(("admit", 2),),
          words="تكرر الاتصال الليلي مرة أخرى أمس الساعة العاشرة والنصف، مع أنكم اعتذرتم."),
    # An objection to an amount: the account is held, and half of it is found out.
    Story(ago=5, client="RW", at=4, category="AMOUNT_PAID", name="هند الشهري", intake=Intake.CONTACT, by="reem",
          words="سددت قسط سبتمبر عبر سداد ولم يُحتسب، ومرفق الإيصال.", department=Department.FINANCE,
          questions=("هل وصل سداد القسط؟", "هل احتُسب يوم وصوله؟"), steps=(("admit", 5), ("assess", 4), ("half", 1))),
    # Not upheld; the complainant disagrees, and the head of operations has it.
    Story(ago=14, client="MD", at=5, category="CONDUCT_WORDS", name="ماجد القحطاني", finds=(Answer.NO, Answer.NO),
          words="خاطبني الموظف بألفاظ لا تليق وهددني بإيقاف خدماتي.", concerned="fahad", intake=Intake.PHONE,
          questions=("هل كانت الألفاظ غير لائقة؟", "هل هُدد بإيقاف خدماته؟"),
          steps=(("admit", 14), ("assess", 13), ("find", 11), ("answer", 10), ("tell", 10), ("close", 9),
                 ("disagree", 7), ("find", 2))),
    # Every level has decided: the bodies outside are named.
    Story(ago=18, client="RW", at=7, category="AMOUNT_FEES", name="أحمد الدوسري", finds=(Answer.NO,),
          words="أُضيفت رسوم تحصيل لم أوافق عليها.", questions=("هل أُضيفت رسوم بلا سند في العقد؟",),
          department=Department.OPERATIONS,
          steps=(("admit", 18), ("assess", 17), ("find", 16), ("answer", 16), ("tell", 16), ("close", 15),
                 ("disagree", 14), ("find", 13), ("answer", 12), ("tell", 12), ("close", 11),
                 ("disagree", 10), ("find", 8), ("answer", 7), ("tell", 7), ("disagree", 5))),
    # Something is missing: the clock of the house stands still.
    Story(ago=3, client="MD", at=8, category="DOCUMENTS_CLEARANCE", name="نوف المطيري", intake=Intake.EMAIL,
          words="سددت المديونية كاملة ولم يصلني خطاب إخلاء الطرف.", steps=(("missing", 3),)),
    # Decided, and to be told today; the bank's five working days are over.
    Story(ago=10, client="WH", at=6, category="CONTACT_OTHERS", name="لمى الحارثي", finds=(Answer.YES, Answer.PARTLY),
          words="اتصل المحصّل بزوجي وحدثه عن مديونيتي.",
          questions=("هل حُدّث غير المعني عن المديونية؟", "هل كان الرقم مسجلًا للمعني؟"),
          steps=(("admit", 10), ("assess", 9), ("find", 3), ("answer", 1))),
    # Confidential: who handles it reads it, and nobody else.
    Story(ago=4, client="RW", at=9, category="CONDUCT_PRIVACY", name="بدر السبيعي", is_confidential=True,
          concerned="reem", words="أُرسلت صورة من عقدي إلى زميلي في العمل.", intake=Intake.IN_PERSON,
          questions=("من أُرسلت إليه الصورة، ومن أرسلها؟",), steps=(("admit", 4), ("assess", 3))),
    Story(ago=1, client="MD", at=10, category="PLAN_ASKED", kind=MatterKind.ENQUIRY, name="تركي العنزي",
          intake=Intake.PHONE, words="هل يمكن جدولة المتبقي على ستة أشهر؟", steps=(("call", 1),)),
    Story(ago=6, client="WH", at=12, category="PLAN", kind=MatterKind.ENQUIRY, name="ريما الفيفي",
          words="متى يُخصم القسط القادم؟", steps=(("call", 6), ("called", 6), ("admit", 6), ("at_once", 6))),
    Story(ago=1, client="NK", at=6, category="SERVICE", kind=MatterKind.SUGGESTION, name="شركة الأفق",
          words="نقترح إرسال كشف الحساب قبل الاتصال.", intake=Intake.EMAIL),
    Story(ago=2, client="MD", at=13, category="SERVICE", kind=MatterKind.APPRECIATION, name="عبير الغامدي",
          words="شكرًا للأخت نورة على حسن تعاملها وصبرها.", steps=(("admit", 2), ("at_once", 1))),
)  # fmt: skip


@dataclass(kw_only=True)
class Desk:
    """The complaints desk while its story is told."""

    world: World
    told: dict[int, Matter] = field(default_factory=dict)

    def user(self, name: str) -> User:
        return self.world.users[name]

    def decider(self, matter: Matter) -> User:
        by_level = {Level.HANDLER: "dalal", Level.HEAD: "tariq", Level.GENERAL_MANAGER: "adel"}
        return self.user(by_level[Level(matter.level)])

    def when(self, ago: int, minute: int) -> dt.datetime:
        """A moment in the office hours of a day; of today, before now."""
        day = self.world.today - dt.timedelta(days=ago)
        at = clock.at_riyadh(on=day, time=dt.time(9 + minute // 60, minute % 60))
        return min(at, self.world.now - dt.timedelta(minutes=max(1, 400 - minute)))


def matters(world: World) -> None:
    """Complaints, enquiries, a suggestion and thanks: at every stage, level and door."""
    if not Category.objects.exists():
        categories_ship()
    causes_ship()
    desk, acts = Desk(world=world), []
    for place, story in enumerate(STORIES):
        acts.append((story.ago, place * 8, place, "take"))
        acts += [(ago, place * 8 + 100 + 7 * n, place, step) for n, (step, ago) in enumerate(story.steps)]
    # Day after day, as it happened: who told the same before is found by whoever tells it again.
    for ago, minute, place, step in sorted(acts, key=lambda one: (-one[0], one[1])):
        at = desk.when(ago, minute)
        with clock.at(at):
            if step == "take":
                desk.told[place] = _taken(desk, STORIES[place], place, at)
            else:
                matter = Matter.objects.get(pk=desk.told[place].pk)
                STEPS[step](desk, STORIES[place], matter, at)
    with clock.at(world.now):
        clocks_tick(at=world.now)
    world.say(f"{len(STORIES)} complaints, enquiries and more")


def case_of(world: World, code: str, place: int) -> Case:
    """One of a client's cases, the same in every run."""
    found = Case.objects.filter(client__code=code, status="ACTIVE", balance__gt=0, holds=None)
    rows = found.select_related("client", "debtor__party").order_by("placed_on", "pk")
    return rows[min(place, rows.count() - 1)]


def _taken(desk: Desk, story: Story, place: int, at: dt.datetime) -> Matter:
    by = desk.user(story.by or "dalal")
    itself = story.intake in {Intake.WEB, Intake.EMAIL}
    said = sum(map(ord, story.name)) % 10_000
    client = Client.objects.get(code=story.client)
    earlier = next((desk.told[n] for n, told in enumerate(STORIES[:place]) if told.name == story.name), None)
    case = earlier.case if earlier is not None else case_of(desk.world, story.client, story.at)
    told = Told(
        kind=story.kind, intake=story.intake, complainant="DEBTOR", words=story.words, name=story.name,
        phone=f"05550{said:05d}", email=f"customer{said}@example.com", client=client, case=case,
        category=Category.objects.get(code=story.category), is_confidential=story.is_confidential,
        concerned=desk.user(story.concerned) if story.concerned else None,
    )  # fmt: skip
    papers = [Upload(name="receipt.pdf", content=paper(desk.world, "إيصال سداد"))] if "الإيصال" in story.words else []
    return matter_take(
        actor=COMPLAINANT if itself else Actor.person(by), user=None if itself else by, told=told, at=at, papers=papers
    )


def paper(world: World, title: str) -> bytes:
    """A page of a paper that somebody handed in."""
    content, _pages = pdf_render(
        template="demo/paper.html", language="ar",
        context={"LANG": "ar", "DIR": "rtl", "client_name": "", "debtor_name": "", "title": title, "number": "",
                 "on": world.today, "lines": ()},
    )  # fmt: skip
    return content


def _admitted(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    matter_sort(user=desk.user("dalal"), matter=matter, at=at, category=matter.category, severity=matter.severity)
    matter_admit(user=desk.user("dalal"), matter=matter, missing=(), at=at)


def _missing(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    matter_admit(user=desk.user("dalal"), matter=matter, missing=(Missing.DOCUMENTS,), at=at)


def _assessed(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    matter_assess(
        user=desk.user("dalal"), matter=matter, questions=story.questions, plan=PLAN, department=story.department,
        handler=desk.user("dalal"), at=at,
    )  # fmt: skip


def _half(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    work = matter.rounds.latest("level")
    finding_add(
        user=desk.decider(matter), matter=matter, question=work.questions.all()[0].pk, answer=Answer.YES,
        words="وصل السداد في 25 سبتمبر.", at=at,
    )  # fmt: skip
    note_add(actor=Actor.person(desk.user("dalal")), user=desk.user("dalal"), matter=matter, kind=NoteKind.NOTE,
             words="طُلب من المالية كشف يوم السداد.", at=at)  # fmt: skip


def _found(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    work, by = matter.rounds.latest("level"), desk.decider(matter)
    for question, answer in zip(work.questions.all(), story.finds, strict=True):
        words = NOTHING if answer == Answer.NO else HEARD
        finding_add(user=by, matter=matter, question=question.pk, answer=answer, words=words, at=at)
    evidence_add(user=by, matter=matter, words="تسجيل المكالمات وسجل التواصل", at=at)
    matter_investigated(user=by, matter=matter, at=at)


def _answered(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    upheld = set(story.finds) != {Answer.NO}
    matter_answer(
        user=desk.decider(matter), matter=matter, words=PUT_RIGHT if upheld else NOT_SO, at=at,
        remedy=Remedy.COMPENSATION if story.category == "CONTACT_OTHERS" else Remedy.APOLOGY if upheld else "",
        compensation=Decimal("250.00") if story.category == "CONTACT_OTHERS" else None,
    )  # fmt: skip


def _rated(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    rating_give(rating=matter.rating, score=4, is_solved=True, words="شكرًا على سرعة الرد.", at=at)


def _closed(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    named = RootCause.objects.get(code="PROCEDURE_BROKEN") if matter.outcome in UPHELD else None
    matter_close(user=desk.decider(matter), matter=matter, at=at, cause=named)


def _called(desk: Desk, story: Story, matter: Matter, at: dt.datetime) -> None:
    call_back_done(user=desk.user("dalal"), call_back=matter.call_backs.get(), result=ANSWER, at=at)


Act = Callable[[Desk, Story, Matter, dt.datetime], object]
STEPS: dict[str, Act] = {
    "admit": _admitted,
    "missing": _missing,
    "assess": _assessed,
    "half": _half,
    "find": _found,
    "answer": _answered,
    "tell": lambda desk, _story, matter, at: matter_communicate(
        user=desk.decider(matter), matter=matter, how=TellWay.MESSAGE, at=at
    ),
    "close": _closed,
    "rate": _rated,
    "disagree": lambda _desk, _story, matter, at: matter_disagree(
        actor=COMPLAINANT, matter=matter, words=DISAGREES, at=at
    ),
    "call": lambda desk, _story, matter, at: call_back_promise(user=desk.user("dalal"), matter=matter, at=at),
    "called": _called,
    "at_once": lambda desk, _story, matter, at: matter_answer_at_once(
        user=desk.user("dalal"), matter=matter, words=ANSWER, how=TellWay.MESSAGE, at=at
    ),
}
# What is received is acknowledged in the same breath: nothing stays before that.
SHOWN = frozenset(Stage) - {Stage.RECEIVED, Stage.TRACKED}
