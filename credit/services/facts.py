"""The only writer of what an application stands on: banks, statements, references, judgements (CM-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import record
from common.exceptions import Conflict, Refused
from credit.choices import ApplicationState, Criterion, Judgement, PaperKind, ReferenceKind
from credit.models import (
    Application,
    BankAccount,
    BankMonth,
    CreditPaper,
    CriterionJudgement,
    FinancialStatement,
    Reference,
)
from credit.services.applications import application_held, editor

# While these last, what was found out may still be written down; afterwards a decision stands on it.
FOUND_OUT = frozenset({ApplicationState.DRAFT, ApplicationState.SUBMITTED})
FIGURES = (
    "current_assets", "inventory", "receivables", "total_assets", "current_liabilities", "payables",
    "total_liabilities", "equity", "sales", "cost_of_sales", "net_profit",
)  # fmt: skip
# The most months that a statement of one account covers.
MOST_MONTHS = 36


def _open(application: Application) -> Application:
    """The application, held. Raises Conflict once it was analysed."""
    held = application_held(application=application)
    if held.state not in FOUND_OUT:
        raise Conflict("application_fixed", _("This application was analysed: what it stands on no longer changes."))
    return held


def _of_customer(application: Application, paper: CreditPaper | None, kind: str, field: str) -> CreditPaper | None:
    """The paper, when it is of this customer and this kind. Raises Refused otherwise."""
    if paper is not None and (paper.customer_id != application.customer_id or paper.kind != kind):
        raise Refused("paper_other", _("Choose a paper of this customer."), field=field)
    return paper


def bank_account_save(
    *,
    user: User,
    application: Application,
    account: BankAccount | None = None,
    bank: str,
    is_local: bool,
    from_month: dt.date,
    until_month: dt.date,
    average_balance: Decimal,
    returned_cheques: int = 0,
    statement: CreditPaper | None = None,
    certificate: CreditPaper | None = None,
) -> BankAccount:
    """Write down what one bank certifies of the customer (CM-04), anew or again.

    Months are told by any of their days. Raises Refused for months out of order, ahead or more than three years;
    Conflict once the application was analysed.
    """
    actor = editor(user)
    first, last = from_month.replace(day=1), until_month.replace(day=1)
    if not bank.strip():
        raise Refused("bank_name", _("Give the bank's name."), field="bank")
    if last < first:
        raise Refused("bank_order", _("The last month is not before the first."), field="until_month")
    if last > clock.today():
        raise Refused("bank_future", _("The month lies ahead."), field="until_month")
    if (last.year - first.year) * 12 + last.month - first.month + 1 > MOST_MONTHS:
        raise Refused("bank_long", _("A statement covers three years at most."), field="from_month")
    with transaction.atomic():
        held = _open(application)
        saved = _bank_of(held, account) if account is not None else BankAccount(
            client_id=held.client_id, application=held
        )  # fmt: skip
        saved.bank, saved.is_local, saved.average_balance = bank.strip()[:120], is_local, average_balance
        saved.from_month, saved.until_month, saved.returned_cheques = first, last, returned_cheques
        saved.statement = _of_customer(held, statement, PaperKind.BANK_STATEMENT, "statement")
        saved.certificate = _of_customer(held, certificate, PaperKind.BANK_CERTIFICATE, "certificate")
        saved.save()
        saved.month_rows.exclude(month__range=(first, last)).delete()
        record(
            actor=actor, action="bank_account.saved", subject=saved,
            body={"application": held.pk, "bank": saved.bank, "from": first, "until": last,
                  "average": average_balance, "returned": returned_cheques},
        )  # fmt: skip
    return saved


def _bank_of(application: Application, account: BankAccount) -> BankAccount:
    found = BankAccount.objects.select_for_update().filter(pk=account.pk, application=application).first()
    if found is None:
        raise Conflict("bank_gone", _("This was taken out meanwhile."))
    return found


def bank_account_remove(*, user: User, account: BankAccount) -> None:
    """Take a bank out of an application. Raises Conflict once it was analysed, or when it is out already."""
    actor = editor(user)
    with transaction.atomic():
        held = _open(account.application)
        found = _bank_of(held, account)
        record(
            actor=actor, action="bank_account.removed", subject=found,
            body={"application": held.pk, "bank": found.bank, "average": found.average_balance},
        )  # fmt: skip
        found.month_rows.all().delete()
        found.delete()


@dataclass(frozen=True, kw_only=True)
class Month:
    """What moved on an account in one month."""

    month: dt.date
    credits: Decimal
    debits: Decimal
    lowest: Decimal
    closing: Decimal


def bank_months_set(*, user: User, account: BankAccount, months: Collection[Month]) -> BankAccount:
    """Write down the movements of an account, in place of what stood there. Months not told are left out.

    Raises Refused for a month outside the statement, for one told twice, and for negative movements.
    """
    actor = editor(user)
    with transaction.atomic():
        held = _bank_of(_open(account.application), account)
        told = {row.month.replace(day=1): row for row in months}
        if len(told) != len(months) or any(not held.from_month <= m <= held.until_month for m in told):
            raise Refused("bank_months", _("Each month of the statement, once."))
        if any(row.credits < 0 or row.debits < 0 for row in months):
            raise Refused("bank_movements", _("Movements are not negative; a balance may be."))
        held.month_rows.all().delete()
        BankMonth.objects.bulk_create(
            BankMonth(
                client_id=held.client_id, account=held, month=month, credits=row.credits, debits=row.debits,
                lowest=row.lowest, closing=row.closing,
            )
            for month, row in sorted(told.items())
        )  # fmt: skip
        record(
            actor=actor, action="bank_months.set", subject=held,
            body={
                "application": held.application_id,
                "months": [[m, r.credits, r.debits, r.lowest, r.closing] for m, r in sorted(told.items())],
            },
        )  # fmt: skip
    return held


def statement_save(
    *, user: User, application: Application, year: int, auditor: str = "", paper: CreditPaper | None = None,
    **figures: Decimal,
) -> FinancialStatement:  # fmt: skip
    """Write down a year of the audited statements, anew or again: all of ``FIGURES``.

    Raises Refused at each figure that cannot be: a part above its whole, or assets that are not liabilities and
    equity; Conflict once the application was analysed.
    """
    actor = editor(user)
    if set(figures) != set(FIGURES):
        raise TypeError(f"not the figures of a statement: {sorted(set(figures) ^ set(FIGURES))}")
    if not 1990 <= year <= clock.today().year:
        raise Refused("statement_year", _("Which year?"), field="year")
    if wrong := _figures_wrong(figures):
        raise Refused("statement_figures", _("These figures cannot stand together."), fields=wrong)
    with transaction.atomic():
        held = _open(application)
        kept = _of_customer(held, paper, PaperKind.FINANCIAL_STATEMENTS, "paper")
        saved, fresh = FinancialStatement.objects.update_or_create(
            application=held, year=year,
            defaults={"client_id": held.client_id, "auditor": auditor.strip()[:160], "paper": kept, **figures},
        )  # fmt: skip
        record(
            actor=actor, action="financial_statement.saved", subject=saved,
            body={"application": held.pk, "year": year, "fresh": fresh, **figures},
        )  # fmt: skip
    return saved


def _figures_wrong(figures: dict[str, Decimal]) -> dict[str, Any]:
    """What is wrong with each figure of a statement. A loss, and equity below nothing, are true figures."""
    wrong: dict[str, Any] = {
        name: _("This is not negative.")
        for name, value in figures.items()
        if value < 0 and name not in {"equity", "net_profit"}
    }
    parts = {
        "current_assets": ("total_assets", _("More than all assets.")),
        "current_liabilities": ("total_liabilities", _("More than all liabilities.")),
        "payables": ("current_liabilities", _("More than the current liabilities.")),
    }
    for part, (whole, words) in parts.items():
        if figures[part] > figures[whole]:
            wrong.setdefault(part, words)
    if figures["inventory"] + figures["receivables"] > figures["current_assets"]:
        wrong.setdefault("receivables", _("Stock and receivables are more than the current assets."))
    if figures["total_assets"] != figures["total_liabilities"] + figures["equity"]:
        wrong.setdefault("equity", _("Assets are liabilities and equity together."))
    return wrong


def statement_remove(*, user: User, statement: FinancialStatement) -> None:
    """Take a year out of an application. Raises Conflict once it was analysed, or when it is out already."""
    actor = editor(user)
    with transaction.atomic():
        held = _open(statement.application)
        found = FinancialStatement.objects.filter(pk=statement.pk, application=held).first()
        if found is None:
            raise Conflict("statement_gone", _("This was taken out meanwhile."))
        record(
            actor=actor, action="financial_statement.removed", subject=found,
            body={"application": held.pk, "year": found.year},
        )  # fmt: skip
        found.delete()


def reference_ask(*, user: User, application: Application, kind: str, name: str, asked_on: dt.date) -> Reference:
    """Write down that a bank or company was asked about the customer. Raises Refused for a day ahead."""
    actor = editor(user)
    if kind not in ReferenceKind.values:
        raise Refused("reference_kind", _("Choose a bank or a company."), field="kind")
    if not name.strip():
        raise Refused("reference_name", _("Who was asked?"), field="name")
    if asked_on > clock.today():
        raise Refused("reference_future", _("The day lies ahead."), field="asked_on")
    with transaction.atomic():
        held = _open(application)
        reference = Reference.objects.create(
            client_id=held.client_id, application=held, kind=kind, name=name.strip()[:160], asked_on=asked_on
        )
        record(
            actor=actor, action="reference.asked", subject=reference,
            body={"application": held.pk, "kind": kind, "name": reference.name, "on": asked_on},
        )  # fmt: skip
    return reference


def reference_answer(
    *,
    user: User,
    reference: Reference,
    answered_on: dt.date,
    judgement: str,
    years_known: int | None = None,
    usual_limit: Decimal | None = None,
    note: str = "",
    paper: CreditPaper | None = None,
) -> Reference:
    """Write down what a reference said; a later answer takes the place of the first.

    Raises Refused without a judgement, and for a day before it was asked or ahead.
    """
    actor = editor(user)
    if judgement not in Judgement.values:
        raise Refused("reference_judgement", _("How do they speak of the customer?"), field="judgement")
    with transaction.atomic():
        held = _open(reference.application)
        found = Reference.objects.select_for_update().filter(pk=reference.pk, application=held).first()
        if found is None:
            raise Conflict("reference_gone", _("This was taken out meanwhile."))
        if answered_on > clock.today() or (found.asked_on is not None and answered_on < found.asked_on):
            raise Refused("answered_on", _("The answer came between the question and today."), field="answered_on")
        found.answered_on, found.judgement, found.note = answered_on, judgement, note.strip()[:500]
        found.years_known, found.usual_limit = years_known, usual_limit
        found.paper = _of_customer(held, paper, PaperKind.REFERENCE, "paper")
        found.save()
        record(
            actor=actor, action="reference.answered", subject=found,
            body={"application": held.pk, "judgement": judgement, "on": answered_on, "years": years_known,
                  "limit": usual_limit},
        )  # fmt: skip
    return found


def reference_remove(*, user: User, reference: Reference) -> None:
    """Take a reference out of an application. Raises Conflict once it was analysed, or when it is out already."""
    actor = editor(user)
    with transaction.atomic():
        held = _open(reference.application)
        found = Reference.objects.filter(pk=reference.pk, application=held).first()
        if found is None:
            raise Conflict("reference_gone", _("This was taken out meanwhile."))
        record(
            actor=actor, action="reference.removed", subject=found,
            body={"application": held.pk, "kind": found.kind, "name": found.name},
        )  # fmt: skip
        found.delete()


def criteria_judge(*, user: User, application: Application, judged: Mapping[str, tuple[str, str]]) -> list[str]:
    """Judge some of the five criteria, each by its judgement and grounds; judging again takes the place of the first
    (CM-01). Answers which ones changed.

    Raises Refused for one without judgement or grounds, Conflict once the application was analysed.
    """
    actor = editor(user)
    if not judged:
        raise Refused("judgement", _("Judge one criterion at least."))
    wrong: dict[str, Any] = {}
    for criterion, (judgement, grounds) in judged.items():
        if criterion not in Criterion.values or judgement not in Judgement.values:
            wrong[f"judgement_{criterion}"] = _("Choose a judgement.")
        elif not grounds.strip():
            wrong[f"grounds_{criterion}"] = _("Say on what it stands.")
    if wrong:
        raise Refused("judgement_grounds", _("A judgement has its grounds."), fields=wrong)
    with transaction.atomic():
        held = _open(application)
        before = dict(held.judgements.values_list("criterion", "judgement"))
        said = {row.criterion: (row.judgement, row.grounds) for row in held.judgements.all()}
        changed = {
            criterion: (judgement, grounds.strip()[:1000])
            for criterion, (judgement, grounds) in judged.items()
            if said.get(criterion) != (judgement, grounds.strip()[:1000])
        }
        for criterion, (judgement, grounds) in changed.items():
            CriterionJudgement.objects.update_or_create(
                application=held, criterion=criterion,
                defaults={"client_id": held.client_id, "judgement": judgement, "grounds": grounds, "by": user,
                          "at": clock.now()},
            )  # fmt: skip
        record(
            actor=actor, action="criteria.judged", subject=held,
            body={"judged": {c: [before.get(c, ""), *changed[c]] for c in sorted(changed)}},
        )  # fmt: skip
    return sorted(changed)
