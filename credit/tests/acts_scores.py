"""What each act on scores, decisions and policies leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from common import clock
from common.approvals import approval_of
from common.choices import Decision
from credit.choices import LimitGround, Recommendation
from credit.services.decisions import application_recommend, recommendation_withdraw
from credit.services.letters import letter_make, worksheet_make
from credit.services.policies import credit_policy_decide, credit_policy_withdraw
from credit.services.scorings import scoring_make
from credit.tests.scores_world import LOW, a_file, analysed, decide, decided, proposed, recommended, the

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _rejected(w: Any) -> Any:
    return decided(w.client, recommendation=Recommendation.REJECT, decision=Decision.REJECTED, **LOW)


def _policy_decided(w: Any, given: Any) -> Any:
    policy, by = given
    approval = approval_of(subject=policy)
    assert approval is not None
    return credit_policy_decide(
        user=by, policy=policy, decision=Decision.APPROVED, digest=approval.digest,
        today=clock.today(),
    )  # fmt: skip


ACTS: dict[str, Act] = {
    "credit.scoring_make": (
        lambda w: a_file(w.client),
        lambda w, a: scoring_make(user=the(Role.CREDIT_OFFICER), application=a, on=clock.today()),
        {"application.scored": 1},
    ),
    "credit.application_recommend": (
        lambda w: analysed(w.client),
        lambda w, a: application_recommend(
            user=the(Role.CREDIT_OFFICER), application=a, recommendation=Recommendation.APPROVE,
            reason="سجل سداد جيد لدى الموردين", on=clock.today(), limit=1_000, ground=LimitGround.POINTS,
        ),
        {"application.moved": 1, "application.recommended": 1},
    ),
    "credit.recommendation_withdraw": (
        lambda w: recommended(w.client),
        lambda w, a: recommendation_withdraw(user=the(Role.CREDIT_OFFICER), application=a, reason="خطأ"),
        {"application.moved": 1, "application.recommendation_withdrawn": 1},
    ),
    "credit.application_decide": (
        lambda w: (recommended(w.client), the(Role.GENERAL_MANAGER)),
        lambda w, given: decide(*given),
        {"application.decided": 1, "application.moved": 1},
    ),
    "credit.worksheet_make": (
        lambda w: analysed(w.client),
        lambda w, a: worksheet_make(user=the(Role.CREDIT_OFFICER), application=a, on=clock.today()),
        {"credit_paper.kept": 1},
    ),
    "credit.letter_make": (
        _rejected,
        lambda w, a: letter_make(
            user=the(Role.CREDIT_OFFICER), application=a, kind="REJECTION", on=clock.today(), language="en"
        ),
        {"credit_paper.kept": 1},
    ),
    "credit.credit_policy_propose": (
        lambda w: the(Role.CREDIT_OFFICER),
        lambda w, by: proposed(w.client, by=by, minimum_points=50),
        {"credit_policy.proposed": 1},
    ),
    "credit.credit_policy_decide": (
        lambda w: (proposed(w.client, minimum_points=50), the(Role.GENERAL_MANAGER)),
        _policy_decided,
        {"credit_policy.decided": 1},
    ),
    "credit.credit_policy_withdraw": (
        lambda w: proposed(w.client, minimum_points=50),
        lambda w, policy: credit_policy_withdraw(user=policy.prepared_by, policy=policy),
        {"credit_policy.withdrawn": 1},
    ),
}  # fmt: skip
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {
    "credit.application_pass_on": "part of a decision that another step follows",
    "credit.credit_policy_kept": "the shipped policy as a row, when a scoring is first to stand on it",
    "credit.letters_of_decision": "part of the decision, each by letter_make",
    "credit.terms_faults": "a check",
    "credit.application_digest": "a hash",
    "credit.credit_policy_digest": "a hash",
    "credit.letter_kinds": "a reading",
}
