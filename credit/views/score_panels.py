"""Sheets on the page of an application: its points, and its decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from common.approvals import approval_of, approvals_of, may_decide
from credit.choices import ApplicationState, PaperKind, Recommendation
from credit.forms.scores import RecommendForm, WithdrawForm
from credit.models import Application
from credit.policies import can_edit_credit, can_except_credit, can_make_credit_letters, can_recommend_credit
from credit.rules.recommending import SetAside, grounds
from credit.selectors.decisions import is_scored, standing_of
from credit.selectors.scorings import scoring_latest
from credit.selectors.worksheet import worksheet_of
from credit.services.decided import application_digest
from credit.services.letters import letter_kinds
from credit.services.scorings import SCORED_IN
from credit.views.parts import Given, Part

# What is made here of a decision; the worksheets have a page of their own.
LETTERS = (PaperKind.REJECTION, PaperKind.ADVERSE_NOTICE)


def points_panel(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """The points in five lines, and what would change the decision."""
    if not is_scored(application):
        return None
    scoring = scoring_latest(application=application)
    return Part(
        template="credit/application/points.html",
        context={
            "application": application,
            "sheet": worksheet_of(application=application, scoring=scoring, on=today),
            "may_score": can_edit_credit(user) and application.state in SCORED_IN,
        },
    )


def recommend_form_of(user: User, application: Application, today: dt.date, data: Any = None) -> RecommendForm:
    """The form of a recommendation, with what the points or the guarantee carry filled in."""
    scoring = scoring_latest(application=application)
    carried = grounds(standing_of(application=application, scoring=scoring, on=today))
    most = max(carried.values(), default=None)
    if most is not None and application.asked_limit is not None:
        most = min(most, application.asked_limit)
    return RecommendForm(
        data,
        grounds=[str(ground) for ground in carried],
        may_except=can_except_credit(user),
        bureau_used=application.bureau_used,
        initial={"limit": most, "recommendation": Recommendation.APPROVE if carried else None},
    )


def _unmade(application: Application) -> list[PaperKind]:
    """The letters of a decision that are not there in English yet."""
    made = application.papers.filter(language="en").values_list("kind", flat=True)
    return [kind for kind in letter_kinds(application) if kind not in set(made)]


def decision_panel(*, user: User, application: Application, today: dt.date, given: Given) -> Part | None:
    """What is recommended, what was decided, and the next act of who may do it."""
    analysed = application.state == ApplicationState.ANALYSED
    waits = application.state == ApplicationState.RECOMMENDED
    told = list(approvals_of(subject=application))
    if not (analysed or told):
        return None
    approval = approval_of(subject=application) if waits else None
    ready = not is_scored(application) or scoring_latest(application=application) is not None
    form = given.get("recommend_form")
    if form is None and analysed and ready and can_recommend_credit(user):
        form = recommend_form_of(user, application, today)
    made = application.papers.filter(kind__in=LETTERS).defer("content_sealed").order_by("pk")
    return Part(
        template="credit/application/decision.html",
        aside=True,
        context={
            "application": application,
            "approvals": told,
            "approval": approval,
            "changed": approval is not None and application_digest(application) != approval.digest,
            "set_aside": [SetAside(code).label for code in application.set_aside],
            "recommend_form": form,
            "unscored": analysed and not ready,
            "may_decide": may_decide(user=user, approval=approval, on=today),
            "withdraw_form": (given.get("withdraw_form") or WithdrawForm())
            if waits and can_recommend_credit(user)
            else None,
            "letters": list(made),
            "unmade": _unmade(application) if can_make_credit_letters(user) else [],
        },
    )
