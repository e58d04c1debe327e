"""What each act on agreements, limits and stops leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import User
from common import clock
from credit.choices import LimitGround, PaperKind
from credit.services.agreements import Terms, agreement_end, agreement_sign, agreement_take_over
from credit.services.demands import demand_make
from credit.services.follow_ups import follow_up_answer
from credit.services.limits import limit_decrease, limit_grant
from credit.services.papers import credit_paper_add
from credit.services.stops import stop_open, stop_release
from credit.tests.worlds import a_customer, an_account, an_approved_application, an_owner
from tests.world import a_pdf, make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]
DAY = dt.timedelta(days=1)


def _manager() -> Any:
    """Who decides; there before the act."""
    return User.objects.filter(role=Role.FINANCE_MANAGER).first() or make_user(Role.FINANCE_MANAGER)


def _account(w: Any) -> Any:
    _manager()
    return an_account(w.client, by=make_user(Role.CREDIT_OFFICER), ref="C-9")


def _approved(w: Any) -> Any:
    application = an_approved_application(w.client, by=make_user(Role.CREDIT_OFFICER), ref="C-9")
    return application, an_owner(application.customer, by=application.prepared_by, since=clock.today())


def _granted(w: Any) -> Any:
    account = _account(w)
    officer = account.customer.opened_by
    return an_approved_application(w.client, by=officer, customer=account.customer, purpose="RENEWAL")


def _contract(w: Any) -> Any:
    _manager()
    customer = a_customer(w.client, by=make_user(Role.CREDIT_OFFICER), ref="C-9")
    return credit_paper_add(
        user=customer.opened_by, customer=customer, kind=PaperKind.AGREEMENT, title="عقد", name="c.pdf",
        content=a_pdf(),
    )  # fmt: skip


def _stopped(w: Any) -> Any:
    account = _account(w)
    return stop_open(
        user=account.customer.opened_by, customer=account.customer, kind="BREACH", began_on=clock.today(),
        reason="أخلّ بالاتفاقية",
    )  # fmt: skip


ACTS: dict[str, Act] = {
    "credit.agreement_sign": (
        _approved,
        lambda w, a: agreement_sign(
            user=a[0].prepared_by, application=a[0], signed_by=a[1], signed_on=clock.today()
        ),
        {"agreement.signed": 1, "application.moved": 2, "credit_limit.granted": 1},
    ),
    "credit.agreement_take_over": (
        _contract,
        lambda w, paper: agreement_take_over(
            user=_manager(), customer=paper.customer, signed_on=clock.today() - 100 * DAY,
            ends_on=clock.today() + 100 * DAY, limit=Decimal(5000), terms=Terms(days=90), paper=paper,
            reason="عقد سابق",
        ),
        {"agreement.signed": 1, "credit_limit.granted": 1},
    ),
    "credit.agreement_end": (
        _account,
        lambda w, account: agreement_end(
            user=_manager(), agreement=account.agreement, ends_on=clock.today(), reason="طلب العميل"
        ),
        {"agreement.ended": 1},
    ),
    "credit.limit_grant": (
        _granted,
        lambda w, application: limit_grant(
            user=_manager(), customer=application.customer, application=application, amount=Decimal(8000),
            ground=LimitGround.RENEWAL, starts_on=clock.today(),
        ),
        {"credit_limit.granted": 1},
    ),
    "credit.limit_decrease": (
        _account,
        lambda w, account: limit_decrease(
            user=_manager(), customer=account.customer, amount=Decimal(100), starts_on=clock.today(), reason="تراجع"
        ),
        {"credit_limit.granted": 1},
    ),
    "credit.stop_open": (
        _account,
        lambda w, account: stop_open(
            user=account.customer.opened_by, customer=account.customer, kind="SUSPENDED", began_on=clock.today(),
            reason="مراجعة",
        ),
        {"credit_stop.opened": 1},
    ),
    "credit.stop_release": (
        _stopped,
        lambda w, stop: stop_release(user=_manager(), stop=stop, reason="صُحح الوضع"),
        {"credit_stop.ended": 1},
    ),
    "credit.follow_up_answer": (
        _stopped,
        lambda w, stop: follow_up_answer(
            user=_manager(), follow_up=stop.follow_ups.get(), note="وعد بالسداد", next_on=clock.today() + DAY
        ),
        {"follow_up.done": 1},
    ),
    "credit.demand_make": (
        _stopped,
        lambda w, stop: demand_make(user=_manager(), follow_up=stop.follow_ups.get(), on=clock.today(), language="ar"),
        {"credit_paper.kept": 1},
    ),
}  # fmt: skip
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {
    "credit.stops_follow": "each stop that it opens or ends leaves its row: credit/tests/test_stops.py counts them",
    "credit.stops_look_again": "marks whom the next look sees",
    "credit.step_stops": "the night's part of stops_follow",
    "credit.limit_follow_guarantee": "part of giving a guarantee back, which has its row and the limit's",
    "credit.book_day": "reads",
    "credit.customer_held": "locks",
    "credit.follow_ups_open": "opened by its stop, whose row it is part of",
    "credit.follow_ups_close": "ended by its stop, whose row it is part of",
    **dict.fromkeys(
        (
            "credit.payment_stops",
            "credit.reversal_stops",
            "credit.note_stops",
            "credit.move_stops",
            "credit.hold_stops",
            "credit.ends_stops",
            "credit.defaults_stops",
            "credit.import_stops",
        ),
        "listens, and calls stops_follow",
    ),
}
