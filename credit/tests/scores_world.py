"""Worlds of scoring and decision: an application with its papers, up to any state, by the services."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from common import clock
from common.approvals import approval_of
from common.audit import Actor
from common.choices import Decision
from credit.choices import ApplicationState, CollateralKind, LegalForm, LimitGround, PaperKind, Recommendation
from credit.models import Application, BankAccount, BankMonth, Collateral, CreditPolicy, FinancialStatement
from credit.selectors.policies import TERMS, credit_policy_on
from credit.services.applications import application_move
from credit.services.decisions import application_decide, application_recommend
from credit.services.papers import credit_paper_add
from credit.services.policies import credit_policy_decide, credit_policy_propose
from credit.services.scorings import scoring_make
from credit.tests.worlds import a_customer, an_application
from tests.world import a_pdf, make_user

EXAMPLE = {
    "capital": Decimal(1_000_000),
    "legal_form": LegalForm.LLC,
    "resident": True,
    "has_official_papers": True,
    "annual_sales": Decimal(50_000_000),
}
# Ten points of capital, ten of the form: below the minimum.
LOW: dict[str, Any] = {
    "capital": Decimal(50_000),
    "legal_form": LegalForm.SOLE_PROPRIETOR,
    "balance": 0,
    "annual_sales": Decimal(0),
}
ZERO_FIGURES = dict.fromkeys(
    (
        "current_assets", "inventory", "receivables", "total_assets", "current_liabilities", "total_liabilities",
        "payables", "equity", "sales", "cost_of_sales", "net_profit",
    ),
    Decimal(0),
)  # fmt: skip


def the(role: str) -> User:
    """The one person of a role."""
    found = User.objects.filter(role=role).first()
    return found or make_user(role)


def a_file(
    client: Client,
    *,
    ref: str = "C-1",
    balance: int = 5_000_000,
    months: int = 12,
    on: dt.date | None = None,
    **facts: Any,
) -> Application:
    """An application as it is submitted: the facts of the source's example unless told, its papers and its bank."""
    officer, today = the(Role.CREDIT_OFFICER), on or clock.today()
    kind = facts.pop("kind", "CREDIT")
    customer = facts.pop("customer", None) or a_customer(client, ref=ref, by=officer, kind=kind)
    application = an_application(
        customer, by=officer, **{k: facts.pop(k) for k in ("purpose", "asked_limit") if k in facts}
    )
    for name, value in {**EXAMPLE, **facts}.items():
        setattr(application, name, value)
    application.save()
    papers = {
        kind: credit_paper_add(
            user=officer, customer=customer, kind=kind, title=str(PaperKind(kind).label), name="p.pdf",
            content=a_pdf(), application=application,
        )
        for kind in (
            PaperKind.COMMERCIAL_REGISTRATION, PaperKind.OFFICIAL_ID, PaperKind.BANK_STATEMENT,
            PaperKind.BANK_CERTIFICATE, PaperKind.FINANCIAL_STATEMENTS,
        )
    }  # fmt: skip
    last = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    first = last
    for _n in range(months - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    account = BankAccount.objects.create(
        client=client, application=application, bank="بنك الرياض", from_month=first, until_month=last,
        average_balance=Decimal(balance), statement=papers[PaperKind.BANK_STATEMENT],
        certificate=papers[PaperKind.BANK_CERTIFICATE],
    )  # fmt: skip
    BankMonth.objects.create(
        client=client, account=account, month=last, credits=Decimal(900_000), debits=Decimal(800_000),
        lowest=Decimal(10_000), closing=Decimal(balance),
    )  # fmt: skip
    FinancialStatement.objects.create(
        client=client, application=application, year=today.year - 1, auditor="مكتب مراجعة",
        paper=papers[PaperKind.FINANCIAL_STATEMENTS],
        **{
            **ZERO_FIGURES, "current_assets": Decimal(3_000_000), "inventory": Decimal(1_000_000),
            "current_liabilities": Decimal(1_500_000), "total_assets": Decimal(10_000_000),
            "total_liabilities": Decimal(4_000_000), "equity": Decimal(6_000_000), "sales": Decimal(50_000_000),
            "cost_of_sales": Decimal(40_000_000), "net_profit": Decimal(2_500_000), "receivables": Decimal(8_000_000),
            "payables": Decimal(4_000_000),
        },
    )  # fmt: skip
    moved(application, ApplicationState.SUBMITTED)
    return application


def moved(application: Application, to: str) -> Application:
    officer = the(Role.CREDIT_OFFICER)

    with transaction.atomic():
        application_move(actor=Actor.person(officer), user=officer, application=application, to=to)
    return application


def analysed(client: Client, **facts: Any) -> Application:
    """Scored and analysed."""
    application = a_file(client, **facts)
    if application.customer.kind == "CREDIT":
        scoring_make(user=the(Role.CREDIT_OFFICER), application=application, on=clock.today())
    return moved(application, ApplicationState.ANALYSED)


def recommended(
    client: Client,
    *,
    recommendation: str = Recommendation.APPROVE,
    limit: Decimal | None = Decimal(1_000_000),
    ground: str = LimitGround.POINTS,
    by: User | None = None,
    set_aside: tuple[str, ...] = (),
    bureau: bool = False,
    **facts: Any,
) -> Application:
    application = analysed(client, bureau_used=bureau, **facts)
    return application_recommend(
        user=by or the(Role.CREDIT_OFFICER), application=application, recommendation=recommendation,
        reason="سجل سداد جيد لدى الموردين", on=clock.today(), limit=limit, ground=ground, set_aside=set_aside,
        bureau_weighed=bureau,
    )  # fmt: skip


def decide(application: Application, by: User, decision: str = Decision.APPROVED, reason: str = "") -> Application:
    """One step, by what stands now."""
    approval = approval_of(subject=application)
    assert approval is not None
    return application_decide(
        user=by, application=application, decision=decision, digest=approval.digest, on=clock.today(), reason=reason
    )


def decided(client: Client, *, decision: str = Decision.APPROVED, reason: str = "", **asked: Any) -> Application:
    return decide(recommended(client, **asked), the(Role.GENERAL_MANAGER), decision, reason)


def a_guarantee(application: Application, amount: int, **fields: Any) -> Collateral:
    told: dict[str, Any] = {
        "kind": CollateralKind.BANK_GUARANTEE, "local_bank": True, "irrevocable": True, "auto_renewing": True,
        "unconditional": True, **fields,
    }  # fmt: skip
    return Collateral.objects.create(
        client=application.client, customer=application.customer, issuer="بنك محلي", amount=Decimal(amount),
        valid_from=clock.today(), recorded_by=the(Role.CREDIT_OFFICER), recorded_at=clock.now(), **told,
    )  # fmt: skip


def proposed(client: Client, *, by: User | None = None, starts_on: dt.date | None = None, **terms: Any) -> CreditPolicy:
    """A version with these figures changed, that waits."""
    today = clock.today()
    now = credit_policy_on(client=client, on=today)
    return credit_policy_propose(
        user=by or the(Role.CREDIT_OFFICER), client=client, starts_on=starts_on or today, today=today,
        terms={**{name: getattr(now, name) for name in TERMS}, **terms}, reason="سوق هذا القطاع أضيق من العام الماضي",
    )  # fmt: skip


def a_policy(client: Client, **terms: Any) -> CreditPolicy:
    """A version with these figures changed, that rules from today: proposed by one, approved by another."""
    version = proposed(client, **terms)
    approval = approval_of(subject=version)
    assert approval is not None
    return credit_policy_decide(
        user=the(Role.GENERAL_MANAGER), policy=version, decision=Decision.APPROVED, digest=approval.digest,
        today=clock.today(),
    )  # fmt: skip
