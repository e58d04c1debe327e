"""Law firms, their lawyers, and what is in court: a file before each of its days, one claim above its balance."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.models import User
from accounts.services.users import password_set
from clients.choices import Channel
from collections_app.choices import EscalationStatus, LegalStep, Outcome, Reached
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post
from common import clock
from common.audit import Actor
from common.documents import pdf_render
from config.demo.people import PASSWORD
from legal.choices import PaperKind
from legal.models import LawFirm, Lawyer, LegalFile, Paper
from legal.selectors.criteria import criteria_of
from legal.selectors.debts import debts_open
from legal.services.claims import claim_file
from legal.services.costs import cost_record
from legal.services.court_dates import court_date_add, court_date_done
from legal.services.escalations import escalation_decide, escalation_sign
from legal.services.files import file_open, file_update
from legal.services.instruments import instrument_save
from legal.services.lawyers import conflict_record, firm_save, lawyer_invite, lawyer_save
from legal.services.papers import paper_add
from legal.services.proposals import proposal_make

if TYPE_CHECKING:
    from config.demo.world import World

FIRMS = (
    ("مكتب الميزان للمحاماة", "Almizan Law", "F-1001", (("سامي الدوسري", "Sami Aldosari", "L-2001"),)),
    (
        "شركة الحجة للمحاماة",
        "Alhujja Attorneys",
        "F-1002",
        (("أروى الغامدي", "Arwa Alghamdi", "L-2002"), ("ياسر الشمري", "Yasser Alshammari", "L-2003")),
    ),
    ("مكتب العروة للاستشارات", "Alurwa Counsel", "F-1003", (("منى الزهراني", "Mona Alzahrani", "L-2004"),)),
)
# The outside lawyer who signs in to the demo.
LAWYER_EMAIL = "sami@almizan.example"


GROUNDS = "محاولات تواصل ناجحة ووعود لم تُوفَ، وآخر رد من المدير المالي بلا موعد سداد."
BECAUSE = "اتفقنا مع الجهة على ذلك كتابة بعد مراجعة الملف معها."
CONTRACT = (
    "يورّد الطرف الأول للطرف الثاني البضائع بالآجل، وتُستحق كل فاتورة خلال ستين يومًا من تاريخها.",
    "يقر الطرف الثاني بصحة الأرصدة التي لا يعترض عليها كتابة خلال خمسة عشر يومًا من تسلم كشف الحساب.",
)
INVOICES = (
    "فواتير موقعة ومختومة بالتسلم، مرفقة بمحاضر تسليم البضائع.",
    "قيمتها على ما في كشف الحساب، ولم يرد عليها اعتراض مكتوب.",
)


def requests(world: World) -> None:
    """Some traders' cases past default are proposed with their papers; some approved; some signed by the client."""
    day = world.today - dt.timedelta(days=1)
    found = Case.objects.filter(client=world.clients["NK"], status="ACTIVE", stage_depth__gte=4, balance__gt=0)
    cases = [case for case in found.select_related("client", "debtor").order_by("-balance") if _may_be_proposed(case)]
    made: list[EscalationRequest] = []
    for n, case in enumerate(cases[:9]):
        with clock.at(clock.at_riyadh(on=day, time=dt.time(10, 30))):
            _offered(case, by=case.owner or world.users["noura"])
        with clock.at(clock.at_riyadh(on=day, time=dt.time(11, 20))):
            made.append(_proposed(case, by=case.owner or world.users["noura"], day=day, n=n))
    for request in made[:6]:
        with clock.at(clock.at_riyadh(on=day, time=dt.time(14, 5))):
            escalation_decide(
                user=world.users["tariq"],
                request=request,
                decision=EscalationStatus.APPROVED,
                digest=request.digest,
            )
    for request in made[:4]:
        with clock.at(clock.at_riyadh(on=day, time=dt.time(15, 30))):
            request.refresh_from_db()
            escalation_sign(
                user=world.users["layla"],
                request=request,
                digest=request.digest,
                power="مفوضة بالتوقيع بموجب عقد التأسيس",
            )
    world.say(f"{len(made)} escalation requests")


def _may_be_proposed(case: Case) -> bool:
    return all(line.ok for line in criteria_of(case=case, today=clock.today()) if line.hard)


def _offered(case: Case, *, by: User) -> None:
    """The last word before court: payment options, turned down."""
    contact_record(
        actor=Actor.person(by), user=by, case=case, channel=Channel.PHONE, reached=Reached.HOLDER,
        outcome=Outcome.OFFERED, note="عُرض عليه تقسيط المبلغ على ستة أشهر ولم يقبل.",
        contact_point=case.debtor.contact_points.first(), breach_reason="طلب صاحب الملف الاتصال في هذا الوقت",
    )  # fmt: skip


def _proposed(case: Case, *, by: User, day: dt.date, n: int) -> EscalationRequest:
    """With contract and signed invoices; of the eighth, half: the debtor answers for it with a partner."""
    papers = [
        _paper(case, by=by, kind=PaperKind.CONTRACT, title="عقد توريد بالآجل", number=f"C-{310 + n}", lines=CONTRACT),
        _paper(case, by=by, kind=PaperKind.NOTE, title="فواتير موقعة", number=f"INV-{720 + n}", lines=INVOICES),
    ]
    told = criteria_of(case=case, today=day)
    share = Decimal(50) if n == 7 else Decimal(100)
    return proposal_make(
        user=by, case=case, grounds=GROUNDS, steps=[LegalStep.FINAL_NOTICE, LegalStep.CLAIM],
        because={line.criterion: BECAUSE for line in told if not line.ok}, papers=papers,
        cost_ceiling=Decimal("6000"), region="الرياض",
        debts={one.debt.pk: share for one in debts_open(case=case)},
    )  # fmt: skip


def _paper(case: Case, *, by: User, kind: str, title: str, number: str, lines: tuple[str, ...]) -> Paper:
    content, _pages = pdf_render(
        template="demo/paper.html",
        context={
            "LANG": "ar", "DIR": "rtl", "client_name": case.client.name_ar, "debtor_name": case.debtor.name,
            "title": title, "number": number, "on": clock.today() - dt.timedelta(days=400), "lines": lines,
        },
        language="ar",
    )  # fmt: skip
    return paper_add(user=by, case=case, kind=kind, title=title, name=f"{number}.pdf", content=content)


def register(world: World) -> list[Lawyer]:
    """The firms and their lawyers; one firm may not act for one client, one lawyer signs in."""
    officer = world.users["hala"]
    lawyers: list[Lawyer] = []
    for name_ar, name_en, licence, people in FIRMS:
        firm = firm_save(
            user=officer, name_ar=name_ar, name_en=name_en, licence=licence, phone="0112345678",
            email=f"office@{name_en.split()[0].lower()}.example",
        )  # fmt: skip
        lawyers += [
            lawyer_save(user=officer, firm=firm, name_ar=ar, name_en=en, licence=number) for ar, en, number in people
        ]
    conflict_record(
        user=officer, firm=LawFirm.objects.get(licence="F-1003"), client=world.clients["RW"],
        reason="يترافع المكتب ضد الجهة في دعوى قائمة.",
    )  # fmt: skip
    account = lawyer_invite(
        actor=Actor.person(officer), user=officer, lawyer=lawyers[0], email=LAWYER_EMAIL, is_demo=True
    )
    password_set(user=account, password=PASSWORD)
    return lawyers


def files(world: World) -> None:
    """A file for each signed authorisation but the last, which waits for one."""
    officer, today = world.users["hala"], world.today
    with clock.at(clock.at_riyadh(on=today, time=dt.time(0, 30))):
        lawyers = register(world)
        signed = list(Authorisation.objects.select_related("case").order_by("pk"))
        for n, authorisation in enumerate(signed[:-1] if len(signed) > 1 else signed):
            file = file_open(user=officer, authorisation=authorisation, lawyer=lawyers[n % len(lawyers)], on=today)
            file_update(
                user=officer, file=file, court="المحكمة التجارية بالرياض", circuit=("الثالثة", "الخامسة")[n % 2],
                city="الرياض", court_reference=f"45700{12345 + n}", najiz_reference=f"NJZ-{88120 + n}",
            )  # fmt: skip
            _days(world, file, n)
            _claimed(world, file, n)
    world.say(f"{LegalFile.objects.count()} legal files, {len(lawyers)} lawyers")


def _days(world: World, file: LegalFile, n: int) -> None:
    officer, today = world.users["hala"], world.today
    first = court_date_add(user=officer, file=file, kind="DEADLINE", title="إيداع اللائحة", on=today, place="ناجز")
    court_date_done(user=officer, court_date=first, outcome="أُودعت اللائحة وقُيدت الدعوى.")
    court_date_add(
        user=officer, file=file, kind="HEARING", title="الجلسة الأولى", on=today + dt.timedelta(days=3 + 4 * n),
        at=dt.time(9, 30), place="قاعة 4 · عن بُعد",
    )  # fmt: skip
    court_date_add(
        user=officer, file=file, kind="DEADLINE", title="مهلة الرد على المذكرة", on=today + dt.timedelta(days=9 + 2 * n)
    )


def _claimed(world: World, file: LegalFile, n: int) -> None:
    """A note and a claim for all that is owed; on the first, money came after it was filed."""
    officer, today, case = world.users["hala"], world.today, file.case
    case.refresh_from_db()
    debt = case.debts.order_by("pk").first()
    if debt is None:
        return
    issued = today - dt.timedelta(days=1300 - 100 * n)
    instrument_save(
        user=officer, debt=debt, kind="PROMISSORY_NOTE", number=f"SN-{4410 + n}", amount=case.balance,
        issued_on=issued, issue_place="الرياض", due_on=issued + dt.timedelta(days=300), payment_place="الرياض",
        payee=case.client.name_ar, says_note=True, unconditional=True, signed=True,
        platform_reference=f"NAFITH-{7700 + n}", registered_on=issued,
    )  # fmt: skip
    claim_file(
        user=officer, file=file, kind="FILING", amount=case.balance, filed_on=today, reference=f"45700{12345 + n}"
    )
    cost_record(
        user=officer, authorisation=file.authorisation, kind="COURT_FEE", on=today, amount=Decimal("1200.00"),
        payee="وزارة العدل", file=file,
    )  # fmt: skip
    if n == 0:
        payment_post(
            actor=Actor.system("demo"), case=case, amount=(case.balance / 4).quantize(Decimal("0.01")),
            currency=case.currency, value_on=today, reference="TX-AFTER-FILING",
        )  # fmt: skip
