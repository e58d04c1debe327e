"""What each act on credit files leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from common.audit import Actor
from credit.choices import PaperKind
from credit.services.applications import application_withdraw
from credit.services.papers import credit_paper_add, credit_paper_made
from credit.tests.worlds import a_customer, an_application
from tests.world import a_pdf, make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _customer(w: Any) -> Any:
    return a_customer(w.client, by=make_user(Role.CREDIT_OFFICER), ref="C-9")


def _application(w: Any) -> Any:
    customer = _customer(w)
    return an_application(customer, by=customer.opened_by)


ACTS: dict[str, Act] = {
    "credit.customer_open": (
        lambda w: make_user(Role.CREDIT_OFFICER),
        lambda w, by: a_customer(w.client, by=by, ref="C-9"),
        {"customer.opened": 1},
    ),
    "credit.credit_paper_add": (
        _customer,
        lambda w, customer: credit_paper_add(
            user=w.manager, customer=customer, kind=PaperKind.OTHER, title="ورقة", name="p.pdf", content=a_pdf()
        ),
        {"credit_paper.kept": 1},
    ),
    "credit.credit_paper_made": (
        _customer,
        lambda w, customer: credit_paper_made(
            actor=Actor.system("test"), customer=customer, kind=PaperKind.WORKSHEET, number="W-1", title="ورقة",
            content=a_pdf(), pages=1, language="ar",
        ),
        {"credit_paper.kept": 1},
    ),
    "credit.application_open": (
        _customer,
        lambda w, customer: an_application(customer, by=customer.opened_by),
        {"application.opened": 1},
    ),
    "credit.application_withdraw": (
        _application,
        lambda w, a: application_withdraw(user=a.prepared_by, application=a, reason="اختبار"),
        {"application.moved": 1},
    ),
}  # fmt: skip
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {
    "credit.application_move": "its row is part of the act that moves",
    "credit.application_held": "holds the row for another act",
    "credit.editor": "asks who acts",
}
