"""Law firms, their lawyers, and what is in court: a file before each of its days, one claim above its balance."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.services.users import password_set
from collections_app.models import Authorisation
from collections_app.services.ledger import payment_post
from common import clock
from common.audit import Actor
from config.demo.people import PASSWORD
from legal.models import LawFirm, Lawyer, LegalFile
from legal.services.claims import claim_file
from legal.services.costs import cost_record
from legal.services.court_dates import court_date_add, court_date_done
from legal.services.files import file_open, file_update
from legal.services.instruments import instrument_save
from legal.services.lawyers import conflict_record, firm_save, lawyer_invite, lawyer_save

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
