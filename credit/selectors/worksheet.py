"""The credit worksheet of an application: what was put in, what came out, and what would change it (CM-01 to CM-08)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.functional import Promise

from credit.choices import LegalForm
from credit.models import Application, CreditPaper, CreditPolicy, FinancialStatement, Scoring
from credit.rules.behaviour import Regularity
from credit.rules.ratios import GROUP_WORDS, GROUPS, PERCENT, Ratio, Statement, ratios
from credit.rules.scorecard import Change, Component, PointsTerms, Score, ScoreFacts, changes, next_steps, score
from credit.selectors.behaviour import bank_regularity, history_of
from credit.selectors.policies import credit_policy_on, points_terms
from credit.selectors.scorings import NOTES, facts_kept, inputs_of, inputs_told

_FIGURES = tuple(Statement.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One component: what it was scored by, its points, its papers, and why it does not count."""

    component: Component
    amount: Decimal | None
    words: str | Promise
    steps: int | None
    points: int
    papers: Sequence[CreditPaper]
    notes: Sequence[str | Promise]


@dataclass(frozen=True, kw_only=True)
class Worksheet:
    """Everything a worksheet says of the points. ``scoring`` is None while nothing was scored: then it is a trial."""

    application: Application
    scoring: Scoring | None
    policy: CreditPolicy
    terms: PointsTerms
    facts: ScoreFacts
    score: Score
    rows: Sequence[Row]
    changes: Sequence[Change]
    nexts: Sequence[Change]
    # What the limit was before it was rounded, cut to four decimals.
    exact_limit: Decimal
    rounded_by: Decimal
    # The file says something else now than when it was scored.
    old: bool


def worksheet_of(*, application: Application, scoring: Scoring | None, on: dt.date) -> Worksheet:
    """The worksheet of a scoring as it was made; without one, a trial of what the file says now."""
    now = credit_policy_on(client=application.customer.client, on=on)
    policy = scoring.policy if scoring is not None else now
    inputs = inputs_of(application=application, policy=policy)
    told = inputs_told(inputs=inputs, application=application, policy=policy)
    facts, kept = inputs.facts, told
    if scoring is not None:
        facts, kept = facts_kept(scoring), scoring.inputs
    terms = points_terms(policy=policy)
    found = score(facts=facts, terms=terms)
    wanted = {key for pairs in kept["papers"].values() for key, _sha in pairs}
    papers = CreditPaper.objects.filter(client_id=application.client_id).defer("content_sealed").in_bulk(list(wanted))
    exact = (Decimal(found.exact_limit.numerator) / found.exact_limit.denominator).quantize(
        Decimal("0.0001"), rounding=ROUND_DOWN
    )
    return Worksheet(
        application=application,
        scoring=scoring,
        policy=policy,
        terms=terms,
        facts=facts,
        score=found,
        rows=[_row(component, facts, terms, found, kept, papers) for component in Component],
        changes=changes(facts=facts, terms=terms),
        nexts=next_steps(facts=facts, terms=terms),
        exact_limit=exact,
        rounded_by=exact - found.limit,
        old=scoring is not None and (told != scoring.inputs or now.pk != scoring.policy_id),
    )


def _row(
    component: Component, facts: ScoreFacts, terms: PointsTerms, found: Score, kept: Any, papers: dict[int, CreditPaper]
) -> Row:
    amount = {
        Component.CAPITAL: facts.capital,
        Component.BANK_BALANCE: facts.average_bank_balance,
        Component.SALES: facts.annual_sales,
    }.get(component)
    return Row(
        component=component,
        amount=amount,
        words=LegalForm(facts.legal_form).label if component == Component.LEGAL_FORM and facts.legal_form else "",
        steps=None if amount is None else max(int(amount // terms.step_amount), 0),
        points=found.points[component],
        papers=[papers[key] for key, _sha in kept["papers"][component.value] if key in papers],
        notes=[NOTES[code] for code in kept["notes"][component.value]],
    )


@dataclass(frozen=True, kw_only=True)
class RatioRow:
    """A ratio over the years, the newest first; ``unit`` is "%" for shares."""

    ratio: Ratio
    unit: str
    values: Sequence[Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What stands beside the points: ratios by year, banks by month, how the customer has paid."""

    years: Sequence[FinancialStatement]
    groups: Sequence[tuple[str | Promise, Sequence[RatioRow]]]
    banks: Sequence[tuple[Any, Regularity]]
    history: Any


def analysis_of(*, application: Application, today: dt.date) -> Analysis:
    """Ratios, regularity and payment history of an application's customer."""
    years = list(application.statements.select_related("paper").order_by("-year")[:3])
    by_year = [ratios(Statement(**{name: getattr(year, name) for name in _FIGURES})) for year in years]
    groups = [
        (
            GROUP_WORDS[code],
            [
                RatioRow(
                    ratio=ratio,
                    unit="%" if ratio in PERCENT else "",
                    values=[told[ratio] for told in by_year],
                )
                for ratio in members
            ],
        )
        for code, members in GROUPS.items()
    ]
    banks = [
        (account, bank_regularity(account=account))
        for account in application.bank_accounts.prefetch_related("month_rows").order_by("pk")
    ]
    return Analysis(
        years=years,
        groups=groups if years else [],
        banks=banks,
        history=history_of(customer=application.customer, today=today),
    )
