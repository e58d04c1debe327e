"""What each act of learning leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from common import clock
from complaints.choices import ImportSource, RedressState, ReportKind
from complaints.models import RootCause
from complaints.services.causes import cause_save, causes_ship, matter_cause
from complaints.services.importing import matters_import
from complaints.services.monthly import (
    digest_of,
    report_archive,
    report_correct,
    report_discuss,
    report_issue,
    report_prepare,
    report_review,
    report_write,
    reports_due,
)
from complaints.services.recommendations import (
    recommendation_again,
    recommendation_archive,
    recommendation_decide,
    recommendation_done,
    recommendation_not_done,
    recommendation_reason,
    recommendations_overdue,
)
from complaints.services.redress import redress_answer
from complaints.tests.learning_worlds import (
    WRITTEN,
    Learners,
    a_recommendation,
    a_report,
    an_upheld_complaint,
    approved,
    recommendation_at,
    redress_of,
    report_at,
)
from tests.world import ACTOR

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]
ONE_TEXT = b"row_id,Product,Consumer complaint narrative\n1,Card,They call at night\n"


def _with(maker: Callable[..., Any], *args: Any) -> Callable[[Any], Any]:
    """People who learn, and what one of them made."""

    def made(w: Any) -> tuple[Learners, Any]:
        people = Learners("acts ")
        return people, maker(*args, people)

    return made


def _upheld(w: Any) -> Any:
    causes_ship()
    return Learners("acts "), an_upheld_complaint(w.client)


def _overdue(w: Any) -> Any:
    return approved(Learners("acts "), at=clock.now() - dt.timedelta(days=30), days=5)


ACTS: dict[str, Act] = {
    "complaints.matters_import": (
        None,
        lambda w: matters_import(actor=ACTOR, client=w.client, kind=ImportSource.NARRATIVES, content=ONE_TEXT,
                                 at=clock.now()),
        {"matter.registered": 1, "matter.moved": 1, "matters.imported": 1},
    ),
    "complaints.cause_save": (
        lambda w: Learners("acts "),
        lambda w, p: cause_save(user=p.quality, cause=None, code="NEW", name_ar="جديد", name_en="New"),
        {"cause.added": 1},
    ),
    "complaints.matter_cause": (
        _upheld,
        lambda w, g: matter_cause(user=g[0].quality, matter=g[1], cause=RootCause.objects.get(code="PERSON_SLIP")),
        {"matter.cause_found": 1},
    ),
    "complaints.recommendation_propose": (
        lambda w: Learners("acts "),
        lambda w, p: a_recommendation(p),
        {"recommendation.proposed": 1},
    ),
    "complaints.recommendation_decide": (
        _with(recommendation_at, "PROPOSED"),
        lambda w, g: recommendation_decide(user=g[0].general, recommendation=g[1], approved=False, reason="قائم",
                                           at=clock.now()),
        {"recommendation.declined": 1},
    ),
    "complaints.recommendation_done": (
        _with(recommendation_at, "APPROVED"),
        lambda w, g: recommendation_done(user=g[0].head, recommendation=g[1], result="تم", at=clock.now()),
        {"recommendation.done": 1},
    ),
    "complaints.recommendation_not_done": (
        _with(recommendation_at, "APPROVED"),
        lambda w, g: recommendation_not_done(user=g[0].head, recommendation=g[1], at=clock.now()),
        {"recommendation.not_done": 1},
    ),
    "complaints.recommendations_overdue": (
        _overdue,
        lambda w, g: recommendations_overdue(actor=ACTOR, at=clock.now()),
        {"recommendation.not_done": 1},
    ),
    "complaints.recommendation_reason": (
        _with(recommendation_at, "NOT_DONE"),
        lambda w, g: recommendation_reason(user=g[0].head, recommendation=g[1], reason="نقص", at=clock.now()),
        {"recommendation.reason": 1},
    ),
    "complaints.recommendation_again": (
        _with(recommendation_at, "REASONED"),
        lambda w, g: recommendation_again(user=g[0].general, recommendation=g[1], owner=g[0].head,
                                          due_on=clock.today(), at=clock.now()),
        {"recommendation.approved": 1},
    ),
    "complaints.recommendation_archive": (
        _with(recommendation_at, "DONE"),
        lambda w, g: recommendation_archive(user=g[0].quality, recommendation=g[1], at=clock.now()),
        {"recommendation.archived": 1},
    ),
    "complaints.report_prepare": (
        lambda w: Learners("acts "),
        lambda w, p: report_prepare(actor=ACTOR, kind=ReportKind.REPEATS, month=dt.date(2025, 1, 1), at=clock.now()),
        {"month_report.prepared": 1},
    ),
    "complaints.reports_due": (
        lambda w: Learners("acts "),
        lambda w, p: reports_due(actor=ACTOR, at=clock.now()),
        {"month_report.prepared": 2},
    ),
    "complaints.report_write": (
        _with(a_report),
        lambda w, g: report_write(user=g[0].quality, course=g[1], at=clock.now(), **WRITTEN),
        {"month_report.written": 1},
    ),
    "complaints.report_review": (
        _with(report_at, "DRAFT"),
        lambda w, g: report_review(user=g[0].head, course=g[1], digest=digest_of(g[1]), at=clock.now()),
        {"month_report.reviewed": 1},
    ),
    "complaints.report_issue": (
        _with(report_at, "REVIEWED"),
        lambda w, g: report_issue(user=g[0].quality, course=g[1], at=clock.now()),
        {"month_report.issued": 1},
    ),
    "complaints.report_discuss": (
        _with(report_at, "ISSUED"),
        lambda w, g: report_discuss(user=g[0].general, course=g[1], decision="قرار", at=clock.now()),
        {"month_report.discussed": 1},
    ),
    "complaints.report_archive": (
        _with(report_at, "DISCUSSED"),
        lambda w, g: report_archive(user=g[0].quality, course=g[1], at=clock.now()),
        {"month_report.archived": 1},
    ),
    "complaints.report_correct": (
        _with(report_at, "ISSUED"),
        lambda w, g: report_correct(user=g[0].quality, course=g[1], reason="خطأ", at=clock.now()),
        {"month_report.corrected": 1},
    ),
    "complaints.redress_open": (
        _upheld,
        lambda w, g: redress_of(g[1], by=g[0].quality),
        {"redress.opened": 1},
    ),
    "complaints.redress_answer": (
        lambda w: (lambda g: (g[0], redress_of(g[1], by=g[0].quality)[0]))(_upheld(w)),
        lambda w, g: redress_answer(user=g[0].quality, redress=g[1], state=RedressState.OTHER, answer="اتصل نهارًا",
                                    at=clock.now()),
        {"redress.answered": 1},
    ),
}  # fmt: skip

WITHIN = {
    "complaints.causes_ship": "the shipped tree, once, in a migration",
    "complaints.digest_of": "reads",
    "complaints.heads_asked": "reads",
    "complaints.heads_waiting": "reads",
    "complaints.number_of": "reads",
    "complaints.reasons_owed": "reads",
    "complaints.report_freeze": "inside report_issue",
    "complaints.reasons_begin": "inside report_issue; clocks keep events of their own",
    "complaints.reasons_followed": "inside recommendation_reason; clocks keep events of their own",
}
