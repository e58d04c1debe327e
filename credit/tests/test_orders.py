"""Orders by the service and by SQL: answered once, reserved, invoiced, run out, overridden; never past a limit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import CaseStatus
from collections_app.models import Case, ImportFile
from collections_app.services.file_withdrawals import file_withdraw, file_withdraw_run
from collections_app.services.holds import hold_place, objection_decide
from collections_app.services.ledger import payment_post
from collections_app.services.life import case_end, case_reopen
from common import clock
from common.audit import Actor
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent, AuthorityLimit
from credit.choices import CustomerKind, LimitGround, OrderChannel, OrderState, PaperKind, StopKind
from credit.models import CreditLimit, Order, OrderInvoice
from credit.services.orders import order_cancel, order_invoice, order_override, step_orders
from credit.tests.order_worlds import (
    ADDRESS,
    a_buyer,
    a_paper_of,
    an_agent,
    codes,
    invoiced,
    ordered,
    stopped,
    used,
    with_papers,
    with_remote_terms,
)
from credit.tests.worlds import Account, a_customer
from tests.world import make_client, make_user

DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def buyer(officer: User) -> Account:
    """10,000 of limit, nothing owed."""
    return a_buyer(make_client("AAA"), by=officer)


@pytest.mark.django_db
class TestAnswers:
    def test_what_is_accepted_is_reserved_and_what_is_left_may_be_ordered_to_the_halala(self, buyer: Account) -> None:
        first = ordered(buyer, ref="O-1", amount="6000.00")
        assert (first.state, first.reserved_until) == (OrderState.ACCEPTED, clock.today() + 14 * DAY)
        refused = ordered(buyer, ref="O-2", amount="4000.01")
        assert (refused.state, codes(refused)) == (OrderState.REFUSED, ["LIMIT_PASSED"])
        assert refused.seen["room"] == "4000.00" and refused.reserved_until is None
        assert ordered(buyer, ref="O-3", amount="4000.00").state == OrderState.ACCEPTED
        assert used(buyer) == (0, 10_000)
        actions = AuditEvent.objects.filter(action__startswith="order.").order_by("pk").values_list("action", flat=True)
        assert list(actions) == ["order.accepted", "order.refused", "order.accepted"]

    def test_what_left_collection_unpaid_uses_the_limit_but_not_what_should_never_have_come(
        self, buyer: Account
    ) -> None:
        invoiced(buyer, "INV-1", "9000.00", age=10)
        case = Case.objects.get(debtor=buyer.customer.debtor)
        payment_post(
            actor=Actor.system("tests"), case=case, amount=Decimal("1000.00"), currency="SAR", value_on=clock.today()
        )
        case_end(actor=Actor.system("tests"), case=case, end=CaseStatus.RECALLED, on=clock.today(), reason="طلب الجهة")
        assert used(buyer) == (8_000, 0)
        assert codes(ordered(buyer, ref="O-1", amount="2000.01")) == ["LIMIT_PASSED"]
        case_reopen(actor=Actor.system("tests"), case=case, reason="عادت")
        assert used(buyer) == (8_000, 0)
        manager = make_user(Role.COLLECTIONS_MANAGER)
        file_withdraw(user=manager, file=ImportFile.objects.get(), reason="ملف جهة أخرى", typed="AAA")
        assert file_withdraw_run(file_id=ImportFile.objects.get().pk)
        assert used(buyer) == (0, 0)

    def test_the_same_order_is_answered_once_whatever_happened_since(self, buyer: Account) -> None:
        first = ordered(buyer, amount="6000.00")
        assert ordered(buyer, amount="6000.00").pk == first.pk
        ordered(buyer, ref="O-2", amount="4000.00")
        assert ordered(buyer, amount="6000.00").state == OrderState.ACCEPTED
        assert (Order.objects.count(), used(buyer)) == (2, (0, 10_000))
        order_cancel(actor=Actor.system("tests"), order=first, reason="عدول")
        assert ordered(buyer, amount="6000.00").state == OrderState.CANCELLED
        assert used(buyer) == (0, 4_000)

    def test_the_same_order_the_next_day_is_the_same_order(self, buyer: Account) -> None:
        """Who told no day is not asked for one: a file or a program may come again on another."""
        first = ordered(buyer, ordered_on=None)
        assert first.ordered_on == clock.today()
        with clock.at(clock.at_riyadh(on=clock.today() + 100 * DAY)):
            assert ordered(buyer, ordered_on=None).pk == ordered(buyer, ordered_on=first.ordered_on).pk == first.pk

    def test_a_number_of_another_order_is_refused(self, buyer: Account, officer: User) -> None:
        ordered(buyer)
        for other in ({"amount": "999.00"}, {"kind": CustomerKind.CASH}, {"ordered_on": clock.today() - DAY}):
            with pytest.raises(Conflict, match="order_ref_taken"):
                ordered(buyer, **other)
        with pytest.raises(Conflict, match="order_ref_taken"):
            ordered(a_buyer(buyer.customer.client, by=officer, ref="C-2"))
        assert ordered(a_buyer(make_client("BBB"), by=officer)).state == OrderState.ACCEPTED

    @pytest.mark.parametrize(
        ("told", "code"),
        [
            ({"ref": " "}, "order_ref"),
            ({"ref": "x" * 121}, "order_ref"),
            ({"amount": "0"}, "order_amount"),
            ({"amount": "-1"}, "order_amount"),
            ({"amount": "1.001"}, "order_amount"),
            ({"amount": "NaN"}, "order_amount"),
            ({"kind": "GIFT"}, "order_kind"),
            ({"channel": "PIGEON"}, "order_channel"),
            ({"ordered_on": clock.today() + DAY}, "order_ahead"),
            ({"ordered_on": clock.today() - 91 * DAY}, "order_old"),
        ],
    )
    def test_bad_values_are_no_order(self, buyer: Account, told: dict[str, Any], code: str) -> None:
        with pytest.raises(Refused, match=f"^{code}:"):
            ordered(buyer, **told)
        assert not Order.objects.exists()

    def test_what_is_owed_uses_the_limit_and_a_payment_frees_it(self, buyer: Account) -> None:
        invoiced(buyer, "I-1", "9500.00", age=10)
        assert codes(ordered(buyer, ref="O-1", amount="500.01")) == ["LIMIT_PASSED"]
        assert ordered(buyer, ref="O-2", amount="500.00").state == OrderState.ACCEPTED

    @pytest.mark.parametrize(("age", "expected"), [(60, []), (61, ["OVERDUE"])])
    def test_an_invoice_past_its_terms_refuses_before_any_night(
        self, buyer: Account, age: int, expected: list[str]
    ) -> None:
        invoiced(buyer, "I-1", "100.00", age=age)
        assert codes(ordered(buyer)) == expected

    def test_what_an_accepted_objection_suspends_is_left_to_the_stops(self, buyer: Account) -> None:
        invoiced(buyer, "I-1", "100.00", age=70)
        case = buyer.customer.debtor.cases.get()
        hold = hold_place(
            actor=Actor.system("tests"),
            case=case,
            kind="OBJECTION",
            from_on=clock.today() - 15 * DAY,
            reason="كمية ناقصة",
        )
        assert codes(ordered(buyer, ref="O-1")) == ["OVERDUE"]
        objection_decide(actor=Actor.system("tests"), hold=hold, decision="ACCEPTED", reason="ثبت")
        assert codes(ordered(buyer, ref="O-2")) == []

    def test_of_another_customer_nobody_signs(self, buyer: Account, officer: User) -> None:
        other = a_buyer(buyer.customer.client, by=officer, ref="C-2")
        with pytest.raises(Refused, match="order_agent"):
            ordered(buyer, agent=other.owner)

    def test_a_power_of_attorney_binds_within_its_days_scope_and_amount(self, buyer: Account, officer: User) -> None:
        today = clock.today()
        bound = an_agent(buyer.customer, by=officer, since=today - DAY, until=today, up_to=Decimal(500))
        assert ordered(buyer, ref="O-1", amount="500.00", agent=bound).state == OrderState.ACCEPTED
        assert codes(ordered(buyer, ref="O-2", amount="500.01", agent=bound)) == ["SIGNATORY_AMOUNT"]
        with clock.at(clock.at_riyadh(on=today + DAY)):
            assert codes(ordered(buyer, ref="O-3", amount="1.00", agent=bound)) == ["SIGNATORY_ENDED"]
            dated_back = ordered(buyer, ref="O-4", amount="1.00", agent=bound, ordered_on=today)
            assert codes(dated_back) == ["SIGNATORY_ENDED"]

    def test_an_order_by_e_mail_needs_the_terms_a_registered_address_and_its_original(
        self, buyer: Account, officer: User
    ) -> None:
        mail = {"channel": OrderChannel.EMAIL, "address": "Orders@Sanabil.example "}
        assert codes(ordered(buyer, ref="O-1", **mail)) == ["REMOTE_TERMS", "REMOTE_ADDRESS", "REMOTE_ORIGINAL"]
        with_remote_terms(buyer, by=officer, on=clock.today(), address=ADDRESS)
        original = a_paper_of(buyer.customer, PaperKind.ORDER, by=officer)
        assert codes(ordered(buyer, ref="O-2", **mail)) == ["REMOTE_ORIGINAL"]
        assert codes(ordered(buyer, ref="O-3", original=original, **mail | {"address": "x@y.example"})) == [
            "REMOTE_ADDRESS"
        ]
        assert ordered(buyer, ref="O-4", original=original, **mail).state == OrderState.ACCEPTED


@pytest.mark.django_db
class TestCash:
    def test_cash_asks_for_papers_and_no_earlier_debt_alone(self, officer: User) -> None:
        client = make_client("AAA")
        customer = a_customer(client, by=officer, kind=CustomerKind.CASH)
        account = Account(customer=customer, agreement=None, limit=None, owner=None)  # type: ignore[arg-type]
        cash: dict[str, Any] = {"kind": CustomerKind.CASH, "agent": None}
        assert codes(ordered(account, ref="O-1", **cash)) == ["PAPER_MISSING"] * 3
        with_papers(customer, by=officer)
        order = ordered(account, ref="O-2", **cash)
        assert order.state == OrderState.ACCEPTED and used(account) == (0, 0)
        assert codes(ordered(account, ref="O-3", agent=None)) == [
            "ACCOUNT_CASH", "AGREEMENT_NONE", "LIMIT_NONE", "SIGNATORY_NONE", "PAPER_MISSING",
        ]  # fmt: skip
        invoiced(account, "I-1", "50.00", age=1)
        assert codes(ordered(account, ref="O-4", **cash)) == ["EARLIER_DEBT"]

    def test_what_runs_within_its_terms_under_an_agreement_is_no_earlier_debt(
        self, buyer: Account, officer: User
    ) -> None:
        with_papers(buyer.customer, by=officer, kind=CustomerKind.CASH)
        cash: dict[str, Any] = {"kind": CustomerKind.CASH, "agent": None}
        invoiced(buyer, "I-1", "50.00", age=60)
        assert codes(ordered(buyer, ref="O-1", **cash)) == []
        stop = stopped(buyer, StopKind.BREACH, by=officer)
        assert codes(ordered(buyer, ref="O-2", **cash)) == ["EARLIER_DEBT"]
        stop.delete()
        with clock.at(clock.at_riyadh(on=clock.today() + DAY)):
            assert codes(ordered(buyer, ref="O-3", **cash)) == ["EARLIER_DEBT"]


@pytest.mark.django_db
class TestInvoices:
    def test_nothing_is_free_between_the_order_and_its_invoice_and_nothing_counts_twice(self, buyer: Account) -> None:
        order = ordered(buyer, amount="1000.00")
        actor, today = Actor.system("tests"), clock.today()
        told = {"actor": actor, "user": None, "order": order, "on": today}
        assert order_invoice(**told, receivable_ref="I-1", amount=Decimal(600)).state == OrderState.ACCEPTED
        assert used(buyer) == (0, 1_000)
        invoiced(buyer, "I-1", "600.00")
        assert used(buyer) == (600, 400)
        invoiced(buyer, "I-2", "400.00")
        assert used(buyer) == (1_000, 400)
        assert order_invoice(**told, receivable_ref="I-2", amount=Decimal(400)).state == OrderState.INVOICED
        assert used(buyer) == (1_000, 0)
        again = order_invoice(**told, receivable_ref="I-2", amount=Decimal(400))
        assert (again.state, OrderInvoice.objects.count()) == (OrderState.INVOICED, 2)

    def test_an_invoice_that_was_there_before_or_is_another_orders_frees_nothing(self, buyer: Account) -> None:
        invoiced(buyer, "I-0", "1000.00", age=5)
        first, second = ordered(buyer, ref="O-1", amount="1000.00"), ordered(buyer, ref="O-2", amount="1000.00")
        told = {"actor": Actor.system("tests"), "user": None, "amount": Decimal(1000), "on": clock.today()}
        assert order_invoice(order=first, receivable_ref="I-0", **told).state == OrderState.ACCEPTED
        assert used(buyer) == (1_000, 2_000)
        with pytest.raises(Refused, match="order_invoice_taken"):
            order_invoice(order=second, receivable_ref="I-0", **told)
        with pytest.raises(IntegrityError, match="order_invoice_of_another"), transaction.atomic():
            OrderInvoice.objects.create(
                client_id=second.client_id, order=second, receivable_ref="I-0", amount=1, recorded_at=clock.now()
            )

    def test_more_than_was_ordered_is_not_told_and_the_last_one_frees_the_rest(self, buyer: Account) -> None:
        order = ordered(buyer, amount="1000.00")
        told = {"actor": Actor.system("tests"), "user": None, "order": order, "on": clock.today()}
        with pytest.raises(Refused, match="order_invoice_more"):
            order_invoice(**told, receivable_ref="I-1", amount=Decimal("1000.01"))
        last = order_invoice(**told, receivable_ref="I-1", amount=Decimal(700), is_last=True)
        assert (last.state, used(buyer)) == (OrderState.ACCEPTED, (0, 700))
        invoiced(buyer, "I-1", "700.00")
        assert used(buyer) == (700, 0)
        assert step_orders(client_id=order.client_id, day=clock.today(), since=None, last=True) == 1
        order.refresh_from_db()
        assert order.state == OrderState.INVOICED

    def test_a_reservation_runs_out_but_not_what_was_told(self, buyer: Account) -> None:
        free, told = ordered(buyer, ref="O-1", amount="1000.00"), ordered(buyer, ref="O-2", amount="2000.00")
        order_invoice(
            actor=Actor.system("tests"),
            user=None,
            order=told,
            receivable_ref="I-2",
            amount=Decimal(500),
            on=clock.today(),
        )
        last = clock.today() + 14 * DAY
        assert used(buyer, on=last) == (0, 3_000)
        assert used(buyer, on=last + DAY) == (0, 500)
        night = {"client_id": free.client_id, "since": None, "last": True}
        assert step_orders(day=last, **night) == 0
        assert step_orders(day=last + DAY, **night) == 1
        assert step_orders(day=last + DAY, **night) == 0
        free.refresh_from_db()
        told.refresh_from_db()
        assert (free.state, told.state) == (OrderState.EXPIRED, OrderState.ACCEPTED)
        with pytest.raises(Conflict, match="order_not_accepted"):
            order_cancel(actor=Actor.system("tests"), order=free, reason="متأخر")
        with pytest.raises(Refused, match="order_invoices_come"):
            order_cancel(actor=Actor.system("tests"), order=told, reason="عدول")


@pytest.mark.django_db
class TestOverrides:
    def test_the_general_manager_takes_an_order_in_spite_of_its_reasons_each_by_name(
        self, buyer: Account, officer: User
    ) -> None:
        manager = make_user(Role.GENERAL_MANAGER)
        stopped(buyer, StopKind.SUSPENDED, by=officer)
        order = ordered(buyer, amount="12000.00", by=officer)
        assert codes(order) == ["LIMIT_PASSED", "STOP_SUSPENDED"]
        with pytest.raises(Refused, match="override_reason"):
            order_override(user=manager, order=order, reason=" ", on=clock.today())
        taken = order_override(user=manager, order=order, reason="ضمان إضافي", on=clock.today())
        assert (taken.state, taken.overridden) == (OrderState.ACCEPTED, ["LIMIT_PASSED", "STOP_SUSPENDED"])
        assert (taken.overridden_by, taken.override_role) == (manager, Role.GENERAL_MANAGER)
        assert used(buyer) == (0, 12_000)
        with pytest.raises(Conflict, match="order_moved"):
            order_override(user=manager, order=order, reason="ثانية", on=clock.today())
        assert AuditEvent.objects.get(action="order.overridden").body["set_aside"] == taken.overridden

    def test_nobody_sets_aside_what_they_asked_for_nor_credit_that_was_cancelled(
        self, buyer: Account, officer: User
    ) -> None:
        manager = make_user(Role.GENERAL_MANAGER)
        own = ordered(buyer, ref="O-1", amount="12000.00", by=manager)
        with pytest.raises(NotAllowed, match="override_own"):
            order_override(user=manager, order=own, reason="سبب", on=clock.today())
        order = ordered(buyer, ref="O-2", amount="12000.00", by=officer)
        stopped(buyer, StopKind.CANCELLED, by=officer)
        with pytest.raises(Refused, match="override_never"):
            order_override(user=manager, order=order, reason="سبب", on=clock.today())

    def test_the_finance_manager_sets_aside_what_the_matrix_lets_and_no_default(
        self, buyer: Account, officer: User
    ) -> None:
        finance, today = make_user(Role.FINANCE_MANAGER), clock.today()
        order = ordered(buyer, ref="O-1", amount="12000.00", by=officer)
        with pytest.raises(NotAllowed, match="override_role"):
            order_override(user=finance, order=order, reason="سبب", on=today)
        for role, up_to in ((Role.GENERAL_MANAGER, None), (Role.FINANCE_MANAGER, Decimal(12_000))):
            AuthorityLimit.objects.create(
                kind="CREDIT_ORDER", position=1, role=role, up_to=up_to, currency="SAR" if up_to else ""
            )
        more = ordered(buyer, ref="O-2", amount="12000.01", by=officer)
        with pytest.raises(NotAllowed, match="override_role"):
            order_override(user=finance, order=more, reason="سبب", on=today)
        stop = stopped(buyer, StopKind.DEFAULT, by=officer)
        with pytest.raises(NotAllowed, match="override_role"):
            order_override(user=finance, order=order, reason="سبب", on=today)
        stop.delete()
        assert order_override(user=finance, order=order, reason="سبب", on=today).override_role == "FINANCE_MANAGER"

    def test_with_nothing_against_it_an_order_is_placed_again(self, buyer: Account, officer: User) -> None:
        stop = stopped(buyer, StopKind.SUSPENDED, by=officer)
        order = ordered(buyer, by=officer)
        stop.delete()
        with pytest.raises(Refused, match="override_idle"):
            order_override(user=make_user(Role.GENERAL_MANAGER), order=order, reason="سبب", on=clock.today())


@pytest.mark.django_db
def test_the_answer_of_a_past_limit_stands_on_the_limit_of_the_day(buyer: Account, officer: User) -> None:
    """A decrease is a new version: what was accepted stays, what comes is measured by it."""
    order = ordered(buyer, ref="O-1", amount="8000.00")
    CreditLimit.objects.create(
        client=buyer.customer.client, customer=buyer.customer, agreement=buyer.agreement, amount=5_000,
        ground=LimitGround.DECREASE, starts_on=clock.today(), ends_on=buyer.limit.ends_on, granted_by=officer,
        recorded_at=clock.now(),
    )  # fmt: skip
    order.refresh_from_db()
    assert order.state == OrderState.ACCEPTED
    refused = ordered(buyer, ref="O-2", amount="1.00")
    assert codes(refused) == ["LIMIT_PASSED"] and refused.seen["room"] == "-3000.00"
