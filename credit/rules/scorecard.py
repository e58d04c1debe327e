"""The scorecard of source 001 §4.4.1 to §4.4.3: facts and a policy in; points, admission and limit out. Pure.

Each component is linear in full steps («وتضاعف», I-07): 49,999 gives nothing, 50,000 ten points, 99,999 ten points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from django.db import models
from django.utils.translation import gettext_lazy as _

from credit.choices import LegalForm


class Component(models.TextChoices):
    """What points are given for, as programs are answered."""

    CAPITAL = "capital", _("Capital")
    LEGAL_FORM = "legal_form", _("Legal form, resident with official papers")
    BANK_BALANCE = "bank_balance", _("Average credit bank balance")
    SALES = "sales", _("Annual sales")


@dataclass(frozen=True, kw_only=True)
class PointsTerms:
    """What a version of the policy says of points and limits; as it stands here, source 001 §4.4. Amounts in riyals."""

    step_amount: Decimal = Decimal(50_000)
    step_points: int = 10
    form_points: Mapping[str, int] = field(
        default_factory=lambda: {
            LegalForm.JOINT_STOCK: 40,
            LegalForm.LLC: 30,
            LegalForm.PARTNERSHIP: 20,
            LegalForm.SOLE_PROPRIETOR: 10,
        }
    )
    # Months that the bank's statement must cover, up to the application (CM-04).
    bank_months: int = 12
    minimum_points: int = 40
    minimum_limit: Decimal = Decimal(4_000)
    # A limit is a whole multiple of this, never rounded up (I-08).
    rounds_to: int = 1


@dataclass(frozen=True, kw_only=True)
class ScoreFacts:
    """What is known of a customer. Amounts in riyals; an account that is overdrawn on average has no credit balance."""

    capital: Decimal
    legal_form: str
    resident: bool
    average_bank_balance: Decimal
    bank_months: int
    annual_sales: Decimal
    has_official_papers: bool = True


@dataclass(frozen=True, kw_only=True)
class Score:
    """The answer. ``limit`` is whole riyals, zero where the customer is not admitted."""

    points: Mapping[Component, int]
    eligible: bool
    limit: int
    # The limit before it was rounded down.
    exact_limit: Fraction

    @property
    def total(self) -> int:
        return sum(self.points.values())


@dataclass(frozen=True, kw_only=True)
class Change:
    """One input alone that would change the answer: by how much (riyals, or months), and what it would be then."""

    component: Component
    by: Decimal
    unit: str
    score: Score


RIYALS, MONTHS, PAPERS = "RIYALS", "MONTHS", "PAPERS"
# The input behind each component that counts in steps.
_INPUT = {
    Component.CAPITAL: "capital",
    Component.BANK_BALANCE: "average_bank_balance",
    Component.SALES: "annual_sales",
}


def score(*, facts: ScoreFacts, terms: PointsTerms) -> Score:
    """Points of each component (CM-02 to CM-05), and the limit by them: points ÷ minimum x its limit (CM-07, CM-08)."""
    points = {
        Component.CAPITAL: _steps(facts.capital, terms) * terms.step_points,
        Component.LEGAL_FORM: _form_points(facts, terms),
        Component.BANK_BALANCE: _bank_points(facts, terms),
        Component.SALES: _steps(facts.annual_sales, terms) * terms.step_points,
    }
    total = sum(points.values())
    eligible = total >= terms.minimum_points
    exact = Fraction(terms.minimum_limit) * total / terms.minimum_points if eligible else Fraction(0)
    return Score(points=points, eligible=eligible, exact_limit=exact, limit=exact // terms.rounds_to * terms.rounds_to)


def _steps(amount: Decimal, terms: PointsTerms) -> int:
    """Full steps in an amount; below zero there are none."""
    return max(int(amount // terms.step_amount), 0)


def _form_points(facts: ScoreFacts, terms: PointsTerms) -> int:
    return terms.form_points.get(facts.legal_form, 0) if facts.resident and facts.has_official_papers else 0


def _bank_points(facts: ScoreFacts, terms: PointsTerms) -> int:
    enough = facts.bank_months >= terms.bank_months
    return _steps(facts.average_bank_balance, terms) * terms.step_points if enough else 0


def changes(*, facts: ScoreFacts, terms: PointsTerms) -> list[Change]:
    """What, of each input alone, would change the decision, the other inputs as they are.

    Where the customer is refused: the least that admits. Where admitted: the least loss that refuses, if there is one.
    """
    now = score(facts=facts, terms=terms)
    found = _admitting(facts, terms, now) if not now.eligible else _refusing(facts, terms, now)
    return [change for change in found if change.score.eligible != now.eligible]


def next_steps(*, facts: ScoreFacts, terms: PointsTerms) -> list[Change]:
    """The least more of each input that gives more points, and so a higher limit."""
    now = score(facts=facts, terms=terms)
    found = [*_to_step(facts, terms, steps=1), *_proofs(facts, terms)]
    return [change for change in found if change.score.total > now.total]


def _admitting(facts: ScoreFacts, terms: PointsTerms, now: Score) -> Iterator[Change]:
    if terms.step_points:
        yield from _to_step(facts, terms, steps=ceil((terms.minimum_points - now.total) / terms.step_points))
    yield from _proofs(facts, terms)


def _to_step(facts: ScoreFacts, terms: PointsTerms, *, steps: int) -> Iterator[Change]:
    """Each amount raised to so many steps above where it stands."""
    for component, name in _INPUT.items():
        amount = getattr(facts, name)
        wanted = (_steps(amount, terms) + steps) * terms.step_amount
        yield _changed(facts, terms, component, by=wanted - amount, unit=RIYALS, **{name: wanted})


def _proofs(facts: ScoreFacts, terms: PointsTerms) -> Iterator[Change]:
    """What counts as soon as it is proven: the missing months of the statement, residence and papers."""
    short = terms.bank_months - facts.bank_months
    if short > 0:
        yield _changed(
            facts, terms, Component.BANK_BALANCE, by=Decimal(short), unit=MONTHS, bank_months=terms.bank_months
        )
    if not (facts.resident and facts.has_official_papers):
        yield _changed(
            facts, terms, Component.LEGAL_FORM, by=Decimal(0), unit=PAPERS, resident=True, has_official_papers=True
        )


def _refusing(facts: ScoreFacts, terms: PointsTerms, now: Score) -> Iterator[Change]:
    """The highest value of each input with which the customer would be refused: a halala under the step it needs."""
    for component, name in _INPUT.items():
        if not now.points[component]:
            continue
        # Steps that must be lost; the amount then is just under the first of them.
        lost = (now.total - terms.minimum_points) // terms.step_points + 1
        steps = _steps(getattr(facts, name), terms) - lost + 1
        if steps < 1:
            continue
        wanted = steps * terms.step_amount - Decimal("0.01")
        yield _changed(facts, terms, component, by=wanted - getattr(facts, name), unit=RIYALS, **{name: wanted})
    if now.points[Component.LEGAL_FORM]:
        yield _changed(facts, terms, Component.LEGAL_FORM, by=Decimal(0), unit=PAPERS, has_official_papers=False)


def _changed(
    facts: ScoreFacts, terms: PointsTerms, component: Component, *, by: Decimal, unit: str, **inputs: object
) -> Change:
    then = replace(facts, **inputs)  # type: ignore[arg-type]  # each name with its own type, from the calls above
    return Change(component=component, by=by, unit=unit, score=score(facts=then, terms=terms))
