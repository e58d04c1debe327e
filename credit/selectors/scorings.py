"""What an application is scored by: its facts, the papers they come from, and why one does not count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.choices import PaperKind
from credit.models import Application, BankAccount, CreditPaper, CreditPolicy, Scoring
from credit.rules.scorecard import Component, PointsTerms, ScoreFacts
from credit.selectors.papers import papers_valid
from credit.selectors.policies import points_terms

# Why an input gives no points although it was told; kept with a scoring by its code.
NOTES: Mapping[str, str | Promise] = {
    "no_capital": _("No capital is entered."),
    "no_form": _("No legal form is entered."),
    "not_resident": _("Not resident in the Kingdom."),
    "no_official_papers": _("Without official papers."),
    "no_bank": _("No bank account is entered."),
    "no_statement": _("The bank's statement or its certificate is missing."),
    "stale": _("The statement does not reach up to the application."),
    "short": _("The statement covers fewer months than the policy asks for."),
    "no_sales": _("No annual sales are entered."),
    "no_balance_sheet": _("No approved balance sheet proves the sales."),
}


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The facts of an application, each with its papers and with why it does not count."""

    facts: ScoreFacts
    papers: Mapping[Component, Sequence[CreditPaper]]
    notes: Mapping[Component, Sequence[str]]
    banks: Sequence[str] = field(default_factory=tuple)


def inputs_of(*, application: Application, policy: CreditPolicy) -> Inputs:
    """What the rows say of an application on the day it was made (CM-02 to CM-05)."""
    on = application.applied_on
    valid: dict[str, CreditPaper] = {}
    for paper in papers_valid(customer=application.customer, on=on):
        valid.setdefault(paper.kind, paper)
    months, balance, bank_papers, banks, bank_notes = _bank(application, policy, valid)
    sales, sales_papers, sales_notes = _sales(application, valid)
    facts = ScoreFacts(
        capital=application.capital or Decimal(0),
        legal_form=application.legal_form,
        resident=application.resident,
        has_official_papers=application.has_official_papers,
        average_bank_balance=balance,
        bank_months=months,
        annual_sales=sales,
    )
    form_notes = ["no_form"] if not application.legal_form else []
    form_notes += [] if application.resident else ["not_resident"]
    form_notes += [] if application.has_official_papers else ["no_official_papers"]
    registration = [valid[kind] for kind in (PaperKind.COMMERCIAL_REGISTRATION,) if kind in valid]
    return Inputs(
        facts=facts,
        papers={
            Component.CAPITAL: registration,
            Component.LEGAL_FORM: [*registration, *(valid[k] for k in (PaperKind.OFFICIAL_ID,) if k in valid)],
            Component.BANK_BALANCE: bank_papers,
            Component.SALES: sales_papers,
        },
        notes={
            Component.CAPITAL: ["no_capital"] if application.capital is None else [],
            Component.LEGAL_FORM: form_notes,
            Component.BANK_BALANCE: bank_notes,
            Component.SALES: sales_notes,
        },
        banks=banks,
    )


def _bank(
    application: Application, policy: CreditPolicy, valid: Mapping[str, CreditPaper]
) -> tuple[int, Decimal, list[CreditPaper], tuple[str, ...], list[str]]:
    """The balance that counts: of the best bank, or of all of them where the policy sums them (I-07)."""
    read = [_account(account, application.applied_on, valid) for account in _accounts(application)]
    if not read:
        return 0, Decimal(0), [], (), ["no_bank"]
    counted = [one for one in read if not one[3] and one[1] >= policy.bank_months]
    # None counts: show the one that comes nearest, with why it does not.
    best = max(counted or read, key=lambda one: (not one[3], one[0].average_balance))
    chosen = counted if policy.sums_banks and counted else [best]
    notes = best[3] or ([] if counted else ["short"])
    return (
        min(one[1] for one in chosen),
        sum((max(one[0].average_balance, Decimal(0)) for one in chosen), Decimal(0)),
        list({paper.pk: paper for one in chosen for paper in one[2]}.values()),
        tuple(one[0].bank for one in chosen),
        notes,
    )


def _accounts(application: Application) -> list[BankAccount]:
    return list(application.bank_accounts.select_related("statement", "certificate").order_by("pk"))


def _account(
    account: BankAccount, on: dt.date, valid: Mapping[str, CreditPaper]
) -> tuple[BankAccount, int, list[CreditPaper], list[str]]:
    """An account with the months that count, its papers, and why none does. A statement counts with the bank's own
    certificate, and when it reaches the month before the application.
    """
    proofs = [
        account.statement or valid.get(PaperKind.BANK_STATEMENT),
        account.certificate or valid.get(PaperKind.BANK_CERTIFICATE),
    ]
    papers = [paper for paper in proofs if paper is not None]
    before = (on.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    notes = [] if len(papers) == len(proofs) else ["no_statement"]
    notes += ["stale"] if account.until_month < before else []
    return account, 0 if notes else account.months, papers, notes


def _sales(application: Application, valid: Mapping[str, CreditPaper]) -> tuple[Decimal, list[CreditPaper], list[str]]:
    """Sales by the last approved balance sheet; without one they are not proven (CM-05)."""
    if application.annual_sales is None:
        return Decimal(0), [], ["no_sales"]
    years = application.statements.select_related("paper").filter(paper__isnull=False)
    year = years.filter(year=application.sales_year).first() if application.sales_year else years.first()
    paper = year.paper if year is not None else valid.get(PaperKind.FINANCIAL_STATEMENTS)
    if paper is None:
        return Decimal(0), [], ["no_balance_sheet"]
    return application.annual_sales, [paper], []


def inputs_told(*, inputs: Inputs, application: Application, policy: CreditPolicy) -> dict[str, Any]:
    """The inputs as a scoring keeps them: the numbers that counted, and all they came from."""
    facts = inputs.facts
    return {
        "capital": f"{facts.capital:.2f}",
        "legal_form": facts.legal_form,
        "resident": facts.resident,
        "has_official_papers": facts.has_official_papers,
        "average_bank_balance": f"{facts.average_bank_balance:.2f}",
        "bank_months": facts.bank_months,
        "annual_sales": f"{facts.annual_sales:.2f}",
        "banks": list(inputs.banks),
        "sales_year": application.sales_year,
        "papers": {c.value: [[p.pk, p.sha256] for p in inputs.papers[c]] for c in Component},
        "notes": {c.value: list(inputs.notes[c]) for c in Component},
        "policy_version": policy.version,
    }


def facts_kept(scoring: Scoring) -> ScoreFacts:
    """The facts that a scoring kept."""
    told = scoring.inputs
    return ScoreFacts(
        capital=Decimal(told["capital"]),
        legal_form=told["legal_form"],
        resident=told["resident"],
        has_official_papers=told["has_official_papers"],
        average_bank_balance=Decimal(told["average_bank_balance"]),
        bank_months=told["bank_months"],
        annual_sales=Decimal(told["annual_sales"]),
    )


def terms_of(scoring: Scoring) -> PointsTerms:
    """The policy by which it was scored."""
    return points_terms(policy=scoring.policy)


def scoring_latest(*, application: Application) -> Scoring | None:
    """The scoring that counts."""
    return Scoring.objects.filter(application=application).select_related("policy", "by").order_by("-pk").first()
