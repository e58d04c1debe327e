"""What an application still lacks, and at which door that stops it (CM-01, CM-18, CM-20, CM-21; source 001 §4.2, §4.4).

Pure: told what the file holds on a day, it answers every line, met or not. A line that is ``NEEDED`` stops its gate;
one to ``CARE`` for is said, and stops nothing: it costs points or trust, which is the analysis's business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from credit.choices import NEEDED_PAPERS, Criterion, CustomerKind, PaperKind, Purpose, ReferenceKind

# §4.2(2): "for instance the last three years"; §4.2(1): "for instance the last three months".
STATEMENT_YEARS, STATEMENT_MONTHS = 3, 3
# §4.4.1(3): under twelve months the balance counts for nothing.
BALANCE_MONTHS = 12


class Gate(StrEnum):
    """The door a line stands at."""

    SUBMIT = "SUBMIT"
    ANALYSE = "ANALYSE"


class Weight(StrEnum):
    NEEDED = "NEEDED"
    CARE = "CARE"


class PaperState(StrEnum):
    VALID = "VALID"
    RUN_OUT = "RUN_OUT"
    NOT_YET = "NOT_YET"


@dataclass(frozen=True, kw_only=True)
class Bank:
    """What one bank certifies."""

    name: str
    months: int
    until_month: dt.date
    has_statement: bool
    has_certificate: bool
    # First days of the months whose movements were entered.
    entered: frozenset[dt.date]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A reference: whom was asked, and whether they answered."""

    kind: str
    asked: bool
    answered: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that the checklist looks at."""

    kind: str
    purpose: str
    applied_on: dt.date
    papers: Mapping[str, PaperState]
    grounds: str = ""
    asked_limit: Decimal | None = None
    capital: Decimal | None = None
    legal_form: str = ""
    annual_sales: Decimal | None = None
    sales_year: int | None = None
    banks: Collection[Bank] = ()
    # Sales of each year whose audited statements were entered.
    statements: Mapping[int, Decimal] | None = None
    references: Collection[Asked] = ()
    # How many may sign the agreement on this day, with a specimen of their signature.
    signatories: int = 0
    judged: Collection[str] = ()
    # What this customer owes the client on any account, and how many defaults stand (CM-18).
    owed: Decimal = Decimal(0)
    defaults: int = 0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One condition: met or not, by what, and from where it comes."""

    code: str
    gate: Gate
    ok: bool
    what: str | Promise
    evidence: str | Promise
    source: str
    weight: Weight = Weight.NEEDED
    # The kind of paper it asks for, where it is one.
    paper: str = ""

    @property
    def stops(self) -> bool:
        return not self.ok and self.weight == Weight.NEEDED


# For an existing account only what may have changed is asked again.
_PAPERS_AGAIN: Mapping[str, tuple[str, ...]] = {
    Purpose.RENEWAL: (
        PaperKind.COMMERCIAL_REGISTRATION, PaperKind.OFFICIAL_ID, PaperKind.BANK_STATEMENT,
        PaperKind.BANK_CERTIFICATE, PaperKind.FINANCIAL_STATEMENTS,
    ),
    Purpose.INCREASE: (PaperKind.COMMERCIAL_REGISTRATION, PaperKind.OFFICIAL_ID),
}  # fmt: skip
_PAPER_WORDS = {
    None: _("Not here yet"),
    PaperState.RUN_OUT: _("Has run out"),
    PaperState.NOT_YET: _("Does not begin yet"),
    PaperState.VALID: _("Here and valid"),
}
_HERE, _MISSING = _("Here"), _("Missing")


def checklist(facts: Facts) -> list[Line]:
    """Every line for this customer and purpose, in the order of the file. An increase is weighed by how regularly the
    account was paid (CM-14), so its file is short; a cash account knows no credit criteria (§4.4.13)."""
    lines = _papers(facts)
    if facts.kind == CustomerKind.CASH:
        return [*lines, *_cash(facts)]
    if facts.purpose == Purpose.INCREASE:
        return [*lines, *_increase(facts)]
    return [*lines, *_scored(facts), *_statements(facts), *_signatory(facts), *_references(facts), *_analysis(facts)]


def papers_asked(*, kind: str, purpose: str) -> tuple[str, ...]:
    """The kinds of paper this application needs, in the order they are asked for."""
    return NEEDED_PAPERS[kind] if kind == CustomerKind.CASH else _PAPERS_AGAIN.get(purpose, NEEDED_PAPERS[kind])


def _papers(facts: Facts) -> list[Line]:
    return [
        Line(
            code=f"PAPER_{kind}", gate=Gate.SUBMIT, ok=facts.papers.get(kind) == PaperState.VALID,
            what=PaperKind(kind).label, evidence=_PAPER_WORDS[facts.papers.get(kind)],
            source="001 §4.4.13(2)" if facts.kind == CustomerKind.CASH else "001 §4.4.1", paper=kind,
        )
        for kind in papers_asked(kind=facts.kind, purpose=facts.purpose)
    ]  # fmt: skip


def _fact(code: str, what: Any, given: bool, source: str) -> Line:
    return Line(
        code=code, gate=Gate.SUBMIT, ok=given, what=what, evidence=_HERE if given else _MISSING, source=source
    )  # fmt: skip


def _increase(facts: Facts) -> list[Line]:
    return [
        _fact("GROUNDS", _("Grounds of the request"), bool(facts.grounds.strip()), "001 §4.4.9"),
        _fact("ASKED", _("Limit asked for"), facts.asked_limit is not None, "001 §4.4.9"),
    ]


def _cash(facts: Facts) -> list[Line]:
    owes = facts.owed > 0 or facts.defaults > 0
    says = _("Nothing is owed, no default stands")
    if facts.defaults:
        says = _("A default stands")
    elif owes:
        says = _("An earlier debt is open")
    return [
        Line(
            code="EARLIER_DEBT", gate=Gate.SUBMIT, ok=not owes, what=_("No earlier debt or default"), evidence=says,
            source="001 §4.4.13(2)",
        )
    ]  # fmt: skip


def _scored(facts: Facts) -> list[Line]:
    lines = [
        _fact("CAPITAL", _("Capital"), facts.capital is not None, "001 §4.4.1(1)"),
        _fact("LEGAL_FORM", _("Legal form"), bool(facts.legal_form), "001 §4.4.1(2)"),
        _fact("BANK", _("Average bank balance"), bool(facts.banks), "001 §4.4.1(3)"),
    ]
    if facts.banks:
        lines += [_bank_papers(facts), _bank_months(facts)]
    sales = facts.annual_sales is not None and facts.sales_year is not None
    return [*lines, _fact("SALES", _("Annual sales, and their year"), sales, "001 §4.4.1(4)")]


def _bank_papers(facts: Facts) -> Line:
    bare = [b.name for b in facts.banks if not (b.has_statement and b.has_certificate)]
    return Line(
        code="BANK_PAPERS", gate=Gate.SUBMIT, ok=not bare, what=_("Statement and certificate of each bank"),
        evidence=_("Lacking of: %(banks)s") % {"banks": "، ".join(bare)} if bare else _HERE, source="001 §4.4.1(3)",
    )  # fmt: skip


def _bank_months(facts: Facts) -> Line:
    longest = max(b.months for b in facts.banks)
    return Line(
        code="BANK_MONTHS", gate=Gate.SUBMIT, ok=longest >= BALANCE_MONTHS, weight=Weight.CARE,
        what=_("A balance over twelve months"), source="001 §4.4.1(3)",
        evidence=ngettext("%(months)d month is covered", "%(months)d months are covered", longest)
        % {"months": longest},
    )  # fmt: skip


def _statements(facts: Facts) -> list[Line]:
    years = facts.statements or {}
    count = len(years)
    lines = [
        _fact("STATEMENTS", _("Figures of the audited statements"), bool(years), "001 §4.2(3)"),
        Line(
            code="STATEMENT_YEARS", gate=Gate.ANALYSE, ok=count >= STATEMENT_YEARS, weight=Weight.CARE,
            what=_("Audited statements of three years"), source="001 §4.2(2)",
            evidence=ngettext("%(count)d year is entered", "%(count)d years are entered", count) % {"count": count},
        ),
    ]  # fmt: skip
    if facts.annual_sales is not None and facts.sales_year is not None and facts.sales_year in years:
        told = years[facts.sales_year]
        lines.append(
            Line(
                code="SALES_AGREE", gate=Gate.SUBMIT, ok=told == facts.annual_sales,
                what=_("Annual sales are those of the statements"), source="001 §4.4.1(4)",
                evidence=_("They agree") if told == facts.annual_sales
                else _("The statements of %(year)s say %(sales)s") % {"year": facts.sales_year, "sales": f"{told:,}"},
            )
        )  # fmt: skip
    return lines


def _signatory(facts: Facts) -> list[Line]:
    if facts.purpose != Purpose.NEW:
        return []
    return [
        Line(
            code="SIGNATORY", gate=Gate.SUBMIT, ok=facts.signatories > 0,
            what=_("Somebody who may sign the agreement"), source="001 §1.2.3",
            evidence=_HERE if facts.signatories else _("No one with a specimen signature may sign agreements today"),
        )
    ]  # fmt: skip


def _references(facts: Facts) -> list[Line]:
    if facts.purpose != Purpose.NEW:
        return []
    wanted = {
        ReferenceKind.BANK: (_("A bank is asked"), _("A bank has answered")),
        ReferenceKind.TRADE: (_("A company is asked"), _("A company has answered")),
    }
    lines = []
    for kind, (asked, answered) in wanted.items():
        of = [r for r in facts.references if r.kind == kind]
        got = any(r.asked or r.answered for r in of), any(r.answered for r in of)
        for gate, what, ok in ((Gate.SUBMIT, asked, got[0]), (Gate.ANALYSE, answered, got[1])):
            lines.append(
                Line(
                    code=f"REFERENCE_{kind}_{'ASKED' if gate == Gate.SUBMIT else 'ANSWERED'}", gate=gate, ok=ok,
                    what=what, evidence=_HERE if ok else _("Not yet"), source="001 §4.2(1)",
                )
            )  # fmt: skip
    return lines


def _analysis(facts: Facts) -> list[Line]:
    unjudged = [str(Criterion(c).label) for c in Criterion.values if c not in facts.judged]
    recent = max((len(b.entered & _last_months(b.until_month)) for b in facts.banks), default=0)
    return [
        Line(
            code="BANK_MOVEMENTS", gate=Gate.ANALYSE, ok=recent >= STATEMENT_MONTHS,
            what=_("Movements of the last three months of an account"), source="001 §4.2(1)",
            evidence=ngettext("%(months)d month is entered", "%(months)d months are entered", recent)
            % {"months": recent},
        ),
        Line(
            code="CRITERIA", gate=Gate.ANALYSE, ok=not unjudged, what=_("The five criteria are judged"),
            evidence=_("Not judged: %(names)s") % {"names": "، ".join(unjudged)} if unjudged else _HERE,
            source="001 §4.2",
        ),
    ]  # fmt: skip


def _last_months(until: dt.date) -> frozenset[dt.date]:
    """First days of the last three months up to one."""
    last = until.year * 12 + until.month - 1
    return frozenset(dt.date(m // 12, m % 12 + 1, 1) for m in range(last - STATEMENT_MONTHS + 1, last + 1))
