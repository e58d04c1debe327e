"""Stops: both sides of each day, opened and released by what happened, corrected by what was learnt late."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case, Receivable
from collections_app.services.holds import hold_place, objection_decide
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.life import case_end
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import AuditEvent
from credit.choices import PeriodStart
from credit.models import CreditStop, Customer, StopFollowUp
from credit.services.limits import limit_decrease
from credit.services.stops import step_stops
from credit.tests.worlds import Account, an_account
from tests.world import ACTOR, make_client, make_user, place

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 4)


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def at(days: int) -> Any:
    return clock.at(clock.at_riyadh(on=on(days)))


def officer() -> User:
    return User.objects.filter(role=Role.CREDIT_OFFICER).first() or make_user(Role.CREDIT_OFFICER)


def account(client: Client, ref: str = "C-1", **fields: Any) -> Account:
    with at(0):
        return an_account(client, by=officer(), ref=ref, signed_on=fields.pop("signed_on", on(0)), **fields)


def sold(
    client: Client, ref: str, *, issued: int, amount: str = "100.00", told: int | None = None, debtor: str = "C-1",
    due: int | None = None,
) -> None:  # fmt: skip
    with at(issued if told is None else told):
        place(
            client,
            [{"debtor_ref": debtor, "debtor_name": "مؤسسة السنابل التجارية", "receivable_ref": ref,
              "issued_on": on(issued), "due_on": on(issued + 60 if due is None else due), "amount": amount}],
        )  # fmt: skip


def night(client: Client, *days: int) -> None:
    for day in days:
        with at(day):
            nightly_run(date=on(day), client_ids=[client.pk])


def pay(ref: str, *, told: int, value: int | None = None, amount: str = "100.00") -> Any:
    receivable = Receivable.objects.select_related("case__client").get(receivable_ref=ref)
    night(receivable.case.client, told)
    with at(told):
        return payment_post(
            actor=ACTOR, case=receivable.case, amount=Decimal(amount), currency="SAR",
            value_on=on(told if value is None else value), receivable=receivable,
        )  # fmt: skip


def stops(kind: str, customer: Customer | None = None) -> list[tuple[Any, ...]]:
    """(began, ended, end) in days."""
    found = CreditStop.objects.filter(kind=kind).order_by("began_on", "pk")
    if customer is not None:
        found = found.filter(customer=customer)
    return [
        ((s.began_on - FIRST).days, None if s.ended_on is None else (s.ended_on - FIRST).days, s.end) for s in found
    ]


@pytest.mark.requirement("CM-10", "CM-17", "CM-47")
def test_credit_stops_on_day_61_at_night_and_is_free_again_with_the_payment_not_with_the_next_night() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 0, 59, 60)
    assert stops("OVERDUE") == []
    night(client, 61)
    assert stops("OVERDUE") == [(61, None, "")]
    follow_up = StopFollowUp.objects.get()
    assert (follow_up.due_on, follow_up.claims, follow_up.state) == (on(61), Decimal(100), "OPEN")
    pay("I-1", told=61, amount="99.99")
    assert stops("OVERDUE") == [(61, None, "")]
    pay("I-1", told=62, amount="0.01")
    night(client, 62)
    assert stops("OVERDUE") == [(61, 62, "CAUSE_GONE")]
    follow_up.refresh_from_db()
    assert follow_up.state == "ENDED"
    told = AuditEvent.objects.filter(action__startswith="credit_stop.").order_by("pk")
    assert [(e.action, e.body["stands_on"]) for e in told] == [
        ("credit_stop.opened", "I-1"), ("credit_stop.ended", "I-1")
    ]  # fmt: skip


@pytest.mark.requirement("CM-10", "CM-11", "CM-12", "CM-28")
@pytest.mark.parametrize(
    ("terms", "start", "day", "overdue", "default"),
    [
        (60, PeriodStart.INVOICE, 60, False, False),
        (60, PeriodStart.INVOICE, 61, True, False),
        (60, PeriodStart.INVOICE, 90, True, False),
        (60, PeriodStart.INVOICE, 91, True, True),
        (30, PeriodStart.INVOICE, 30, False, False),
        (30, PeriodStart.INVOICE, 31, True, False),
        # The client's due date tells when goods were delivered: here ten days after the invoice.
        (60, PeriodStart.DELIVERY, 70, False, False),
        (60, PeriodStart.DELIVERY, 71, True, False),
    ],
)
def test_both_sides_of_each_day(terms: int, start: str, day: int, overdue: bool, default: bool) -> None:
    client = make_client()
    account(client, terms_days=terms, agreed={"period_start": start})
    sold(client, "I-1", issued=0, due=70 if start == PeriodStart.DELIVERY else terms)
    night(client, day)
    assert (bool(stops("OVERDUE")), bool(stops("DEFAULT"))) == (overdue, default)


@pytest.mark.requirement("CM-17")
def test_what_was_sold_under_an_earlier_contract_keeps_its_terms_and_what_is_sold_after_it_does_not() -> None:
    client = make_client()
    account(client, terms_days=90, agreed={"is_earlier": True, "ends_on": on(20)})
    sold(client, "I-OLD", issued=20, amount="10.00")
    sold(client, "I-NEW", issued=21, amount="10.00")
    night(client, 81)
    assert stops("OVERDUE") == []
    night(client, 82)
    assert stops("OVERDUE") == [(82, None, "")]
    pay("I-NEW", told=85, amount="10.00")
    night(client, 110)
    assert stops("OVERDUE") == [(82, 85, "CAUSE_GONE")]
    night(client, 111)
    assert stops("OVERDUE")[1:] == [(111, None, "")], "day 91 of an invoice with 90 days"


@pytest.mark.requirement("CM-10", "CM-17")
def test_a_payment_told_late_undoes_the_stop_it_shows_never_was_and_its_reversal_opens_it_again() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 70)
    payment = pay("I-1", told=71, value=60)
    assert stops("OVERDUE") == [(61, 71, "UNDONE")]
    with at(72):
        payment_reverse(actor=ACTOR, payment=payment, on=on(72), reason="شيك مرتجع")
    assert stops("OVERDUE") == [(61, 71, "UNDONE"), (61, None, "")]
    pay("I-1", told=73, value=65)
    assert stops("OVERDUE") == [(61, 71, "UNDONE"), (61, 65, "CAUSE_GONE")], "dated by the money, not by the telling"
    actions = list(AuditEvent.objects.filter(action__startswith="credit_stop.").order_by("pk").values_list("action"))
    assert [action.removeprefix("credit_stop.") for (action,) in actions] == ["opened", "undone", "opened", "ended"]


@pytest.mark.requirement("CM-12", "CM-41")
def test_an_objection_suspends_its_invoice_from_the_filing_date_once_accepted_and_not_before() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 61)
    case = Case.objects.get()
    with at(65):
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(63), reason="يعترض على الكمية")
    night(client, 66)
    assert stops("OVERDUE") == [(61, None, "")], "undecided, a stop in force stays (I-05)"
    with at(67):
        objection_decide(actor=ACTOR, hold=hold, decision="ACCEPTED", reason="الكمية ناقصة")
    assert stops("OVERDUE") == [(61, 63, "CAUSE_GONE")]


def test_an_objection_filed_within_the_terms_and_accepted_late_undoes_the_stop() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 50)
    case = Case.objects.get()
    with at(50):
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(50), reason="يعترض")
    night(client, 61)
    assert stops("OVERDUE") == [(61, None, "")], "age runs on while it is undecided"
    with at(62):
        objection_decide(actor=ACTOR, hold=hold, decision="ACCEPTED", reason="صحيح")
    assert stops("OVERDUE") == [(61, 61, "UNDONE")]
    night(client, 200)
    assert stops("OVERDUE") == [(61, 61, "UNDONE")]


@pytest.mark.requirement("CM-13")
def test_the_second_default_since_the_agreement_cancels_every_line_of_the_client_paid_or_not() -> None:
    client = make_client()
    north = account(client, "C-1", identifier="7000000050", sector="أغذية")
    south = account(client, "C-2", identifier="7000000050", sector="عدد")
    other = account(client, "C-3", identifier="7000000068")
    sold(client, "I-1", issued=0)
    night(client, 91)
    pay("I-1", told=92)
    assert stops("DEFAULT") == [(91, 92, "CAUSE_GONE")]
    assert stops("CANCELLED") == []
    # Two invoices past the day are one episode, in whichever line it is.
    sold(client, "I-2", issued=95, debtor="C-2")
    sold(client, "I-3", issued=96, debtor="C-2")
    night(client, 187)
    assert stops("CANCELLED", north.customer) == stops("CANCELLED", south.customer) == [(186, None, "")]
    assert stops("CANCELLED", other.customer) == []
    late = pay("I-2", told=188)
    pay("I-3", told=188)
    assert stops("CANCELLED", north.customer) == [(186, None, "")], "paid or not"
    with at(189):
        payment_reverse(actor=ACTOR, payment=late, on=on(189), reason="أُدخلت بتاريخ خاطئ")
    pay("I-2", told=189, value=150)
    pay_back = Receivable.objects.get(receivable_ref="I-3").entries.get(kind="PAYMENT").payment
    with at(190):
        payment_reverse(actor=ACTOR, payment=pay_back, on=on(190), reason="أُدخلت بتاريخ خاطئ")
    pay("I-3", told=190, value=150)
    assert {end for _b, _e, end in stops("CANCELLED")} == {"UNDONE"}, "an episode that never was is taken off"


def test_defaults_of_before_the_signing_do_not_count_and_a_third_one_does() -> None:
    client = make_client()
    account(client, signed_on=on(92))
    sold(client, "I-1", issued=0)
    night(client, 91)
    pay("I-1", told=93)
    sold(client, "I-2", issued=94)
    night(client, 185)
    assert len(stops("DEFAULT")) == 2
    assert stops("CANCELLED") == []
    pay("I-2", told=186)
    sold(client, "I-3", issued=187)
    night(client, 278)
    assert stops("CANCELLED") == [(278, None, "")]


@pytest.mark.requirement("CM-17")
def test_above_the_limit_credit_stops_until_the_excess_is_paid() -> None:
    client = make_client()
    one = account(client, limit=Decimal(1000))
    sold(client, "I-1", issued=5, amount="1000.00")
    night(client, 5)
    assert stops("OVER_LIMIT") == [], "all of it, and not more"
    sold(client, "I-2", issued=5, amount="0.01", told=6)
    assert stops("OVER_LIMIT") == [(5, None, "")]
    pay("I-1", told=7, amount="0.01")
    assert stops("OVER_LIMIT") == [(5, 7, "CAUSE_GONE")]
    manager = make_user(Role.FINANCE_MANAGER)
    with at(8):
        night(client, 8)
        limit_decrease(user=manager, customer=one.customer, amount=Decimal(600), starts_on=on(8), reason="تراجع")
    assert stops("OVER_LIMIT") == [(5, 7, "CAUSE_GONE"), (8, None, "")]
    follow_up = StopFollowUp.objects.get(state="OPEN")
    assert follow_up.claims == Decimal(400), "the excess alone is claimed"


def test_a_case_given_up_is_not_paid_and_credit_stays_stopped() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 70)
    with at(70):
        case_end(actor=ACTOR, case=Case.objects.get(), end="UNCOLLECTIBLE", on=on(70), reason="لا أصول")
    assert stops("OVERDUE") == [(61, None, "")]


def test_a_night_on_which_nothing_changes_looks_at_nobody(django_assert_num_queries: Any) -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 0, 10)
    customer = Customer.objects.get()
    assert customer.next_change_on == on(61)
    with django_assert_num_queries(1):
        assert step_stops(client_id=client.pk, day=on(60), since=on(10), last=True) == 0


def test_single_nights_and_a_gap_leave_the_same_stops() -> None:
    found = []
    for code, days in (("AAA", range(0, 130, 3)), ("BBB", (0, 129))):
        client = make_client(code)
        account(client)
        sold(client, "I-1", issued=0)
        sold(client, "I-2", issued=30)
        night(client, *days, 129)
        customer = Customer.objects.get(client=client)
        found.append([(kind, stops(kind, customer)) for kind in ("OVERDUE", "DEFAULT", "CANCELLED")])
    assert found[0] == found[1]
