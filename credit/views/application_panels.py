"""What the files say on the page of an application."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from accounts.models import User
from common import clock
from credit.choices import ApplicationState, CustomerKind, PaperKind, Purpose, ReferenceKind
from credit.forms.applications import (
    FIGURE_WORDS,
    AnswerForm,
    AskForm,
    CriteriaForm,
    ReasonForm,
    facts_form,
)
from credit.forms.papers import PaperForm
from credit.models import Application, Reference
from credit.policies import can_admit_cash, can_edit_credit, can_return_application
from credit.rules.checklist import Gate, Line
from credit.selectors.applications import application_version, application_way
from credit.selectors.checklist import checklist_of
from credit.selectors.papers import papers_by_kind
from credit.selectors.policies import credit_policy_on
from credit.services.applications import FACTS
from credit.services.facts import FIGURES, FOUND_OUT
from credit.views.customer_panels import SOON
from credit.views.parts import Given, Part, each

# In which states the checklist still says something to somebody, and what its door is called.
GATES = {ApplicationState.DRAFT: Gate.SUBMIT, ApplicationState.SUBMITTED: Gate.ANALYSE}


# Where on the page, or on the customer's, a line of the checklist is met; the others are papers.
MET_AT = {
    "CAPITAL": "#facts", "LEGAL_FORM": "#facts", "SALES": "#facts", "SALES_AGREE": "#facts", "GROUNDS": "#facts",
    "ASKED": "#facts", "BANK": "#banks", "BANK_PAPERS": "#banks", "BANK_MONTHS": "#banks", "BANK_MOVEMENTS": "#banks",
    "STATEMENTS": "#statements", "STATEMENT_YEARS": "#statements", "CRITERIA": "#criteria",
    **{f"REFERENCE_{kind}_{what}": "#references" for kind in ReferenceKind.values for what in ("ASKED", "ANSWERED")},
}  # fmt: skip
SIGNS = frozenset({"SIGNATORY", f"PAPER_{PaperKind.SPECIMEN_SIGNATURE}"})


def _place(line: Line, application: Application) -> str:
    """Where a line is met; empty where it is met by paying. The page is also shown where a form was refused."""
    if line.code in SIGNS:
        return f"{reverse('credit_customer', args=[application.customer_id])}#agents"
    if line.paper:
        return f"{reverse('credit_application', args=[application.pk])}?paper={line.paper}#paper"
    return MET_AT.get(line.code, "")


def _cash(application: Application) -> bool:
    return application.customer.kind == CustomerKind.CASH


def _scored(application: Application) -> bool:
    """True where banks, statements and criteria are asked for."""
    return not _cash(application) and application.purpose != Purpose.INCREASE


def _finds_out(user: User, application: Application) -> bool:
    return can_edit_credit(user) and application.state in FOUND_OUT


def checklist(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """What is missing, and the one thing to do next."""
    gate = GATES.get(ApplicationState(application.state))
    if gate is None:
        return None
    lines = checklist_of(application=application, on=today)
    here = {Gate.SUBMIT} if gate == Gate.SUBMIT or _cash(application) else {Gate.SUBMIT, Gate.ANALYSE}
    now = [line for line in lines if line.gate in here]
    keeps = can_edit_credit(user)
    context: dict[str, Any] = {
        "unmet": [(line, _place(line, application)) for line in now if not line.ok],
        "met": [line for line in now if line.ok],
        "all": len(now),
        "stops": sum(line.stops for line in now),
        "later": [line for line in lines if line.gate not in here and line.stops],
        "keeps": keeps,
        "admits": can_admit_cash(user, application),
        "refused": given.get("step_form"),
        "cash": _cash(application),
    }
    return Part(template="credit/application/checklist.html", context=context)


def ends(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """Give it back, or end it."""
    context: dict[str, Any] = {}
    if can_return_application(user, application):
        context["return_form"] = given.get("return_form") or ReasonForm()
    if can_edit_credit(user) and application.state not in {
        ApplicationState.SIGNED, ApplicationState.ACTIVE, ApplicationState.REJECTED, ApplicationState.WITHDRAWN,
    }:  # fmt: skip
        context["withdraw_form"] = given.get("withdraw_form") or ReasonForm()
    return Part(template="credit/application/ends.html", context=context, aside=True) if context else None


def facts(*, user: User, application: Application, today: dt.date, given: Given) -> Part:
    """What is asked for, and the facts that are scored."""
    context: dict[str, Any] = {"cash": _cash(application), "scored": _scored(application)}
    if can_edit_credit(user) and application.state == ApplicationState.DRAFT:
        form = facts_form(application)
        seen = {"seen": application_version(application=application)}
        context["facts_form"] = given.get("facts_form") or form(
            initial=seen | {name: getattr(application, name) for name in FACTS if name in form.base_fields}
        )
        if _scored(application) and (newest := application.statements.first()) is not None:
            context["newest"] = newest
        context["stale"] = given.get("stale")
        context["empty"] = application.capital is None and _scored(application)
    return Part(template="credit/application/facts.html", context=context)


def banks(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """What each bank certifies."""
    if not _scored(application):
        return None
    found = application.bank_accounts.prefetch_related("month_rows").order_by("bank", "pk")
    context = {"banks": list(found), "keeps": _finds_out(user, application)}
    return Part(template="credit/application/banks.html", context=context)


def statements(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """The audited statements, a column for each year."""
    if not _scored(application):
        return None
    found = list(application.statements.all()[:6])
    context = {
        "statements": found,
        "rows": [(FIGURE_WORDS[name], [getattr(row, name) for row in found]) for name in FIGURES],
        "keeps": _finds_out(user, application),
    }
    return Part(template="credit/application/statements.html", context=context)


def references(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """Who was asked about the customer, and what they said."""
    if not _scored(application):
        return None
    found = list(application.references.select_related("paper").defer("paper__content_sealed").order_by("pk"))
    keeps = _finds_out(user, application)
    context: dict[str, Any] = {"references": found, "keeps": keeps}
    if keeps:
        context["ask_form"] = given.get("ask_form") or AskForm(initial={"asked_on": today})
        said = {row.pk: _said(row, today) for row in found}
        context["answers"] = each(
            given, "answer_form", said, lambda key: AnswerForm(application=application, initial=said[key])
        )
    return Part(template="credit/application/references.html", context=context)


def _said(reference: Reference, today: dt.date) -> dict[str, Any]:
    """What the form of an answer begins with: the answer that stands."""
    names = ("answered_on", "judgement", "years_known", "usual_limit", "note", "paper")
    said = {name: getattr(reference, name) for name in names}
    return said if reference.answered_on else {"answered_on": today}


def criteria(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """The five criteria, each judged with its grounds (CM-01)."""
    if not _scored(application):
        return None
    context: dict[str, Any] = {"judged": list(application.judgements.select_related("by").order_by("criterion"))}
    if _finds_out(user, application):
        context["criteria_form"] = given.get("criteria_form") or CriteriaForm(application=application)
    return Part(template="credit/application/criteria.html", context=context)


def parties(*, user: User, application: Application, today: dt.date, given: Given) -> Part:
    """Creditor, debtor, value and period of what would be granted (CM-28)."""
    policy = credit_policy_on(client=application.client, on=today)
    return Part(
        template="credit/application/parties.html", context={"policy": policy, "cash": _cash(application)}, aside=True
    )


def way(*, user: User, application: Application, today: dt.date, given: Given) -> Part:
    """Every step, who had it, and whether in time (CM-46)."""
    now = clock.now()
    steps = application_way(application=application, now=now)
    return Part(template="credit/application/way.html", context={"steps": steps, "now": now}, aside=True)


def papers(*, user: User, application: Application, today: dt.date, given: Given) -> Part:
    """The customer's papers; what is added here is of this application."""
    keeps = _finds_out(user, application)
    context: dict[str, Any] = {
        "papers": papers_by_kind(customer=application.customer),
        "keeps": keeps,
        "today": today,
        "soon": today + SOON,
    }
    if keeps:
        context["paper_form"] = given.get("paper_form") or PaperForm(initial={"kind": given.get("wanted", "")})
        context["wanted"] = given.get("wanted", "")
    return Part(template="credit/application/papers.html", context=context, aside=True)
