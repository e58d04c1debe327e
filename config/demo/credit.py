"""The trader's customers who buy on terms: one in each state that the credit desk meets, with orders and invoices."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from clients.models import Client
from collections_app.services.imports import portfolio_import
from common import clock
from common.audit import Actor
from common.choices import Decision
from common.documents import pdf_render
from config.demo.files import LAYOUT
from credit.choices import (
    AgentScope,
    ApplicationState,
    Criterion,
    CustomerKind,
    LegalForm,
    LimitGround,
    OrderChannel,
    PaperKind,
    Purpose,
    Recommendation,
)
from credit.models import Agent, Application, Customer, Order
from credit.rules.checklist import papers_asked
from credit.selectors.applications import application_version
from credit.services.agents import Upload, agent_add
from credit.services.agreements import agreement_sign
from credit.services.applications import (
    application_analyse,
    application_edit,
    application_open,
    application_submit,
    cash_admit,
)
from credit.services.customers import customer_open
from credit.services.decided import application_digest
from credit.services.decisions import application_decide, application_recommend
from credit.services.facts import (
    FIGURES,
    Month,
    bank_account_save,
    bank_months_set,
    criteria_judge,
    reference_answer,
    reference_ask,
    statement_save,
)
from credit.services.orders import order_cancel, order_invoice, order_place
from credit.services.papers import credit_paper_add
from credit.services.scorings import scoring_make

if TYPE_CHECKING:
    from config.demo.world import World

CLIENT = "NK"


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """A customer as the desk knows it: who, how it is graded, when it applied, and how far that came.

    ``sales`` are those of the last year; capital and bank balance follow from them. ``invoices``: how many days ago
    each was issued, and what share of the limit it is.
    """

    name: str
    number: str
    form: str
    industry: str
    region: str
    sales: int
    ago: int
    state: str
    kind: str = CustomerKind.CREDIT
    owner: str = "سالم بن ناصر الدوسري"
    invoices: tuple[tuple[int, str], ...] = ()


LLC, STOCK, PARTNERS, SOLE = LegalForm.LLC, LegalForm.JOINT_STOCK, LegalForm.PARTNERSHIP, LegalForm.SOLE_PROPRIETOR
BUYERS = (
    # Well under its limit; then near it; stopped for what is overdue; in default; and one whose limit ends soon.
    Buyer(name="شركة سواعد الشرق للمقاولات", number="7001948210", form=LLC, industry="مقاولات", region="الشرقية",
          sales=9_400_000, ago=150, state=ApplicationState.ACTIVE, invoices=((25, "0.22"), (9, "0.11"))),
    Buyer(name="Gulf Horizon Trading Co.", number="7001948228", form=LLC, industry="تجارة", region="الرياض",
          sales=6_200_000, ago=120, state=ApplicationState.ACTIVE, owner="Faisal Alotaibi",
          invoices=((40, "0.55"), (12, "0.38"))),
    Buyer(name="مؤسسة ركن البناء للتجارة", number="7001948236", form=SOLE, industry="مواد بناء", region="الرياض",
          sales=2_150_000, ago=200, state=ApplicationState.ACTIVE, invoices=((78, "0.45"), (30, "0.20"))),
    Buyer(name="شركة نسيم الحجاز للأغذية", number="7001948244", form=PARTNERS, industry="أغذية", region="مكة المكرمة",
          sales=3_800_000, ago=260, state=ApplicationState.ACTIVE, invoices=((124, "0.40"), (82, "0.25"))),
    Buyer(name="Red Sea Marine Supplies", number="7001948251", form=LLC, industry="خدمات بحرية", region="مكة المكرمة",
          sales=4_500_000, ago=345, state=ApplicationState.ACTIVE, owner="Omar Bakhsh", invoices=((15, "0.30"),)),
    # On the way to a decision.
    Buyer(name="مؤسسة درب الصحراء", number="7001948269", form=SOLE, industry="نقل", region="القصيم", sales=900_000,
          ago=2, state=ApplicationState.DRAFT),
    Buyer(name="Najd Office Solutions", number="7001948277", form=LLC, industry="مستلزمات مكتبية", region="الرياض",
          sales=1_700_000, ago=4, state=ApplicationState.SUBMITTED, owner="Nasser Alharbi"),
    Buyer(name="شركة واحة الأحساء الزراعية", number="7001948285", form=PARTNERS, industry="زراعة", region="الشرقية",
          sales=5_300_000, ago=6, state=ApplicationState.ANALYSED),
    Buyer(name="شركة معالم العمران القابضة", number="7001948293", form=STOCK, industry="تطوير عقاري", region="الرياض",
          sales=22_000_000, ago=8, state=ApplicationState.RECOMMENDED),
    Buyer(name="Tihama Packaging Factory", number="7001948301", form=LLC, industry="صناعة", region="جازان",
          sales=3_100_000, ago=10, state=ApplicationState.APPROVED, owner="Hassan Hakami"),
    Buyer(name="مؤسسة بريق للكماليات", number="7001948319", form=SOLE, industry="تجزئة", region="المدينة المنورة",
          sales=120_000, ago=12, state=ApplicationState.REJECTED),
    # And one that pays in cash.
    Buyer(name="مؤسسة البيت العصري", number="7001948327", form=SOLE, industry="أثاث", region="الرياض", sales=0, ago=30,
          state=ApplicationState.ACTIVE, kind=CustomerKind.CASH),
)  # fmt: skip
FINDINGS = "سجل سداد منتظم لدى الموردين، وميزانية مدققة تؤيد حجم المبيعات."
AGAINST = "لم تكتمل لدى المنشأة النقاط المطلوبة ولم تقدم ضمانًا بنكيًا."


class Desk:
    """The demo's credit desk: who works there, the papers it is shown, and what it has opened so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = Client.objects.get(code=CLIENT)
        self.officer, self.finance, self.general = (world.users[name] for name in ("basim", "lina", "adel"))
        self.papers: dict[str, bytes] = {}
        self.owners: dict[str, Agent] = {}

    def at(self, day: dt.date, hour: int, act: Callable[[], None]) -> None:
        with clock.at(clock.at_riyadh(on=day, time=dt.time(hour, 10))):
            act()

    def paper(self, kind: str) -> bytes:
        if kind not in self.papers:
            self.papers[kind], _pages = pdf_render(
                template="demo/paper.html", language="ar",
                context={"LANG": "ar", "DIR": "rtl", "client_name": self.client.name_ar, "debtor_name": "",
                         "title": str(PaperKind(kind).label), "number": kind, "on": self.world.today, "lines": ()},
            )  # fmt: skip
        return self.papers[kind]

    def open(self, ref: str, buyer: Buyer) -> None:
        """From the first visit as far as its application came: filled in one day, decided in the days after it."""
        applied = self.world.today - dt.timedelta(days=buyer.ago)
        with clock.at(clock.at_riyadh(on=applied, time=dt.time(9, 10))):
            customer = customer_open(
                user=self.officer, client=self.client, debtor_ref=ref, name=buyer.name, kind=buyer.kind,
                legal_form=buyer.form, industry=buyer.industry, region=buyer.region, identifier=buyer.number,
                sector="قطاع التجزئة" if buyer.form == SOLE else "قطاع المشاريع",
            )  # fmt: skip
            missing = (PaperKind.FINANCIAL_STATEMENTS, PaperKind.BANK_CERTIFICATE)
            self._papers(customer, but=missing if buyer.state == ApplicationState.DRAFT else ())
            self.owners[ref] = agent_add(
                user=self.officer, customer=customer, name=buyer.owner, scopes=AgentScope.values, is_owner=True,
                valid_from=applied, specimen=Upload(name="specimen.pdf", content=self.paper("SPECIMEN_SIGNATURE")),
            )  # fmt: skip
            application = self._filled(customer, buyer)
            if buyer.state != ApplicationState.DRAFT:
                application_submit(user=self.officer, application=application, on=applied)
        if buyer.kind == CustomerKind.CASH:
            with clock.at(clock.at_riyadh(on=applied, time=dt.time(13, 10))):
                cash_admit(user=self.finance, application=application, on=applied)
        elif buyer.state not in {ApplicationState.DRAFT, ApplicationState.SUBMITTED}:
            self._decided(application, buyer, on=applied + dt.timedelta(days=1))

    def _papers(self, customer: Customer, *, but: tuple[str, ...]) -> None:
        for kind in papers_asked(kind=customer.kind, purpose=Purpose.NEW):
            if kind not in {*but, PaperKind.SPECIMEN_SIGNATURE}:
                credit_paper_add(
                    user=self.officer, customer=customer, kind=kind, title=str(PaperKind(kind).label),
                    name=f"{kind.lower()}.pdf", content=self.paper(kind),
                )  # fmt: skip

    def _filled(self, customer: Customer, buyer: Buyer) -> Application:
        today = clock.today()
        application = application_open(user=self.officer, customer=customer, purpose=Purpose.NEW, applied_on=today)
        if buyer.kind == CustomerKind.CASH:
            return application
        # A rejected one is below the minimum: no capital to speak of, and its balance proves nothing.
        poor = buyer.state == ApplicationState.REJECTED
        application_edit(
            user=self.officer, application=application, seen=application_version(application=application),
            capital=Decimal(20_000 if poor else buyer.sales // 10), annual_sales=Decimal(buyer.sales),
            sales_year=today.year - 1, has_official_papers=True,
        )  # fmt: skip
        if buyer.state == ApplicationState.DRAFT:
            return application
        self._bank(application, balance=buyer.sales // 12 if not poor else 9_000)
        for back in (1, 2, 3):
            year = Decimal(buyer.sales - (back - 1) * buyer.sales // 9)
            shares = (30, 12, 10, 55, 18, 9, 25, 30, 100, 78, 6)
            statement_save(
                user=self.officer, application=application, year=today.year - back, auditor="مكتب الأمانة للمراجعة",
                paper=customer.papers.filter(kind=PaperKind.FINANCIAL_STATEMENTS).first(),
                **{name: year * share / 100 for name, share in zip(FIGURES, shares, strict=True)},
            )  # fmt: skip
        for kind, name in (("BANK", "بنك الواحة"), ("TRADE", "شركة الإمداد الوطنية")):
            reference_ask(user=self.officer, application=application, kind=kind, name=name, asked_on=today)
        application.refresh_from_db()
        return application

    def _bank(self, application: Application, *, balance: int) -> None:
        papers, first = application.customer.papers, clock.today().replace(day=1)
        months = [(first := (first - dt.timedelta(days=1)).replace(day=1)) for _n in range(12)]
        account = bank_account_save(
            user=self.officer, application=application, bank="بنك الواحة", is_local=True, from_month=months[-1],
            until_month=months[0], average_balance=Decimal(balance),
            statement=papers.filter(kind=PaperKind.BANK_STATEMENT).first(),
            certificate=papers.filter(kind=PaperKind.BANK_CERTIFICATE).first(),
        )  # fmt: skip
        bank_months_set(
            user=self.officer, account=account,
            months=[
                Month(month=month, credits=Decimal(balance * 2), debits=Decimal(balance * 2 - balance // 50 * n),
                      lowest=Decimal(balance // (n + 2)), closing=Decimal(balance + 1_500 * n))
                for n, month in enumerate(months)
            ],
        )  # fmt: skip

    def _decided(self, application: Application, buyer: Buyer, *, on: dt.date) -> None:
        def analysed() -> None:
            for reference in application.references.all():
                reference_answer(
                    user=self.officer, reference=reference, answered_on=on, judgement="GOOD", years_known=5
                )
            criteria_judge(
                user=self.officer, application=application,
                judged=dict.fromkeys(Criterion.values, ("GOOD", FINDINGS)),
            )  # fmt: skip
            scoring_make(user=self.officer, application=application, on=on)
            application_analyse(user=self.officer, application=application, on=on)

        def recommended() -> None:
            rejects = buyer.state == ApplicationState.REJECTED
            points = application.scorings.latest("pk")
            application_recommend(
                user=self.officer, application=application, on=on, reason=AGAINST if rejects else FINDINGS,
                recommendation=Recommendation.REJECT if rejects else Recommendation.APPROVE,
                limit=None if rejects else points.score_limit, ground="" if rejects else LimitGround.POINTS,
            )  # fmt: skip

        def decided() -> None:
            rejects = buyer.state == ApplicationState.REJECTED
            application_decide(
                user=self.general, application=application, on=on, digest=application_digest(application),
                decision=Decision.REJECTED if rejects else Decision.APPROVED, reason=AGAINST if rejects else "",
            )  # fmt: skip

        def signed() -> None:
            owner = application.customer.agents.get(is_owner=True)
            agreement_sign(user=self.officer, application=application, signed_by=owner, signed_on=on)

        acts = [(10, analysed), (11, recommended), (13, decided), (15, signed)]
        way = (ApplicationState.ANALYSED, ApplicationState.RECOMMENDED, ApplicationState.APPROVED)
        ended = ApplicationState.APPROVED if buyer.state == ApplicationState.REJECTED else buyer.state
        for hour, act in acts[: way.index(ended) + 1 if ended in way else len(acts)]:
            self.at(on, hour, act)
            application.refresh_from_db()

    def sold(self, lines: list[tuple[str, str, dt.date, Decimal]]) -> None:
        """A file of the trader with these invoices: account, number, day, amount."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(LAYOUT["columns"])
        for ref, number, issued, amount in lines:
            buyer = BUYERS[_position(ref)]
            writer.writerow(
                [ref, buyer.name, buyer.number, "", "الرياض", "توريد", f"ACC-{ref}", number, issued,
                 issued + dt.timedelta(days=60), amount]
            )  # fmt: skip
        today = clock.today()
        portfolio_import(
            actor=Actor.system("demo"), client=self.client, content=out.getvalue().encode(), layout=LAYOUT,
            name=f"nk_terms_{today:%Y_%m_%d}_{lines[0][1]}.csv", placed_on=today, user=self.world.users["maha"],
        )  # fmt: skip

    def order(
        self, ref: str, number: str, amount: Decimal, *, kind: str = CustomerKind.CREDIT,
        channel: str = OrderChannel.IN_PERSON,
    ) -> Order:  # fmt: skip
        return order_place(
            actor=Actor.person(self.officer), user=self.officer, order_ref=number, kind=kind, amount=amount,
            customer=Customer.objects.get(client=self.client, debtor__debtor_ref=ref), ordered_on=None,
            channel=channel, agent=self.owners[ref], on=clock.today(),
        )  # fmt: skip


def _ref(position: int) -> str:
    return f"{CLIENT}-T{position + 1:02d}"


def _position(ref: str) -> int:
    return int(ref.rpartition("T")[2]) - 1


def _share(desk: Desk, ref: str, share: str) -> Decimal:
    limit = Customer.objects.get(client=desk.client, debtor__debtor_ref=ref).limits.latest("pk")
    return (limit.amount * Decimal(share)).quantize(Decimal("0.01"))


def customers(world: World, day: dt.date) -> Desk:
    """Every customer as far as its application came, and what those on terms bought until today; before a night, so
    that default is found as it always is.
    """
    desk = Desk(world)
    for position, buyer in enumerate(BUYERS):
        desk.open(_ref(position), buyer)
    with clock.at(clock.at_riyadh(on=day, time=dt.time(17, 50))):
        desk.sold(
            [
                (_ref(position), f"NT-{position + 1:02d}-{n + 1}", world.today - dt.timedelta(days=ago),
                 _share(desk, _ref(position), share))
                for position, buyer in enumerate(BUYERS)
                for n, (ago, share) in enumerate(buyer.invoices)
            ]
        )  # fmt: skip
    world.say(f"{len(BUYERS)} customers of {desk.client.name_ar} in the credit desk's files")
    return desk


def orders(desk: Desk) -> None:
    """Today's orders: taken, invoiced, taken back, and refused for each of the common reasons."""
    now = min(desk.world.now, clock.at_riyadh(on=desk.world.today, time=dt.time(16, 0)))
    with clock.at(now - dt.timedelta(minutes=30)):
        under, near, overdue, default, ending = (_ref(n) for n in range(5))
        cash = _ref(len(BUYERS) - 1)
        desk.order(under, "SO-3101", Decimal("18500.00"))
        invoiced = desk.order(under, "SO-3102", Decimal("7250.00"))
        desk.sold([(under, "NT-01-9", clock.today(), invoiced.amount)])
        order_invoice(
            actor=Actor.person(desk.officer), user=desk.officer, order=invoiced, receivable_ref="NT-01-9",
            amount=invoiced.amount, on=clock.today(),
        )  # fmt: skip
        desk.order(near, "SO-3103", _share(desk, near, "0.10"))
        desk.order(overdue, "SO-3104", Decimal("5400.00"))
        desk.order(default, "SO-3105", Decimal("9100.00"), channel=OrderChannel.FAX)
        taken_back = desk.order(ending, "SO-3106", Decimal("12000.00"))
        order_cancel(actor=Actor.person(desk.officer), order=taken_back, reason="عدّل العميل الكمية وسيطلب من جديد")
        desk.order(ending, "SO-3107", Decimal("15750.00"))
        desk.order(cash, "SO-3108", Decimal("2300.00"), kind=CustomerKind.CASH)
    desk.world.say(f"{Order.objects.count()} orders")
