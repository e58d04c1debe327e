"""What a client's policy says of kinds of what is owed: so much unpaid is tolerated, no more than so much may be open
and not due. As shipped neither: source 001 CM-10 and CM-08 (docs/adr/0041)."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from common import clock
from common.access import portal_scope
from common.approvals import approval_of
from common.db import rows
from common.exceptions import Refused
from common.models import AuditEvent
from credit.choices import CustomerKind, OrderState
from credit.models import CreditPolicy, CreditStop, Order, StopFollowUp
from credit.selectors.increases import increase_of
from credit.selectors.portfolio import portfolio_sums
from credit.selectors.reviews import reviews_due
from credit.selectors.standing import exposure_of
from credit.services.orders import order_override
from credit.tests.order_worlds import a_buyer, an_order_file, codes, invoiced, ordered, used, with_papers
from credit.tests.scores_world import a_policy, proposed, the
from credit.tests.test_stops import at, night, on, stops
from credit.tests.worlds import Account, an_account
from tests.callers import Caller
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_client, make_user, place

DAY = dt.timedelta(days=1)
ANY: Decimal | None = None


def plain(page: Any) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub("<[^>]+>", "", words(page)).split())


def told(client: Client, *amounts: str, issued: int = 0, **more: str) -> None:
    """Invoices of a day, by amount."""
    with at(issued):
        place(
            client,
            [{"debtor_ref": "C-1", "debtor_name": "مؤسسة السنابل التجارية", "receivable_ref": f"I-{issued}-{n}",
              "issued_on": on(issued), "due_on": on(issued + 60), "amount": amount, **more}
             for n, amount in enumerate(amounts)],
        )  # fmt: skip


def account(client: Client, **fields: Any) -> Account:
    with at(0):
        return a_buyer(client, by=the(Role.CREDIT_OFFICER), signed_on=on(0), **fields)


def taken(buyer: Account, **fields: Any) -> Order:
    """An order that no service answered."""
    today = clock.today()
    said: dict[str, Any] = {
        "client": buyer.customer.client, "customer": buyer.customer, "order_ref": "S-1", "kind": "CREDIT",
        "amount": Decimal(700), "ordered_on": today, "channel": "SYSTEM", "state": "ACCEPTED",
        "accepted_on": today, "reserved_until": today + DAY, "answered_at": clock.now(),
    } | fields  # fmt: skip
    return Order.objects.create(**said)


@pytest.mark.django_db
@pytest.mark.requirement("CM-10", "CM-23", "CM-24", "CM-47")
@pytest.mark.parametrize(
    ("tolerated", "unpaid", "stopped"),
    [
        (Decimal(0), ["0.01"], True),
        (Decimal(50), ["50.00"], False),
        (Decimal(50), ["50.01"], True),
        # All of them together, not each.
        (Decimal(50), ["30.00", "20.00"], False),
        (Decimal(50), ["30.00", "20.01"], True),
        (ANY, ["5000.00", "1000.00"], False),
    ],
)
def test_at_both_sides_of_what_is_tolerated_order_stop_and_follow_up_agree(
    tolerated: Decimal | None, unpaid: list[str], stopped: bool
) -> None:
    client = make_client()
    buyer = account(client)
    with at(0):
        if tolerated != 0:
            a_policy(client, overdue_tolerated=tolerated)
    told(client, *unpaid)
    night(client, 60)
    with at(61):
        # Before any night: by the ledger itself; after it by the stop as well.
        assert codes(ordered(buyer, ref="O-1", amount="1.00")) == (["OVERDUE"] if stopped else [])
    night(client, 61)
    assert stops("OVERDUE") == ([(61, None, "")] if stopped else [])
    assert StopFollowUp.objects.count() == stopped
    with at(61):
        assert codes(ordered(buyer, ref="O-2", amount="1.00")) == (["OVERDUE"] if stopped else [])
        late = portfolio_sums(on=on(61), currency="SAR").overdue
    assert late == sum(map(Decimal, unpaid)), "tolerated is unpaid all the same"
    # What is tolerated is in default on its day (CM-12).
    night(client, 91)
    with at(91):
        assert "STOP_DEFAULT" in codes(ordered(buyer, ref="O-3", amount="1.00"))


@pytest.mark.django_db
def test_a_version_frees_and_stops_at_once_on_its_day_and_the_history_stays() -> None:
    client = make_client()
    account(client)
    told(client, "40.00")
    night(client, 61, 70)
    with at(70):
        a_policy(client, overdue_tolerated=Decimal(50))
    assert stops("OVERDUE") == [(61, 70, "CAUSE_GONE")]
    event = AuditEvent.objects.filter(action="credit_stop.ended").latest("pk")
    assert event.body["cause"] == "POLICY"
    with at(71):
        a_policy(client, overdue_tolerated=Decimal("39.99"), starts_on=on(75))
    night(client, 74)
    assert stops("OVERDUE") == [(61, 70, "CAUSE_GONE")]
    night(client, 75)
    assert stops("OVERDUE") == [(61, 70, "CAUSE_GONE"), (75, None, "")]
    # Nothing is tolerated any more, then anything: of two of one day the later rules, and today never was a stop.
    with at(75):
        a_policy(client, overdue_tolerated=Decimal(0))
        assert stops("OVERDUE")[1] == (75, None, "")
        a_policy(client, overdue_tolerated=ANY)
    assert stops("OVERDUE") == [(61, 70, "CAUSE_GONE"), (75, 75, "UNDONE")]


@pytest.mark.django_db
def test_on_its_day_a_stop_stands_until_the_night_has_opened_it() -> None:
    client = make_client()
    buyer = account(client)
    told(client, "40.00")
    night(client, 61)
    with at(61):
        a_policy(client, overdue_tolerated=Decimal(50), starts_on=on(65))
    with at(65):
        assert codes(ordered(buyer, ref="O-1", amount="1.00")) == ["STOP_OVERDUE"]
        with pytest.raises(IntegrityError, match="order_stopped"), transaction.atomic():
            taken(buyer, order_ref="S-1")
    night(client, 65)
    with at(65):
        assert ordered(buyer, ref="O-2", amount="1.00").state == OrderState.ACCEPTED


@pytest.mark.django_db
def test_what_waits_for_approval_tolerates_nothing_and_other_clients_are_left_alone() -> None:
    client, other = make_client("AAA"), make_client("BBB")
    account(client)
    with at(0):
        an_account(other, by=the(Role.CREDIT_OFFICER), ref="C-1", signed_on=on(0))
        proposed(client, overdue_tolerated=ANY)
        a_policy(other, overdue_tolerated=ANY)
    told(client, "40.00")
    told(other, "40.00")
    night(client, 61)
    night(other, 61)
    assert [stop.client_id for stop in CreditStop.objects.all()] == [client.pk]


@pytest.mark.django_db
def test_of_another_currency_no_amount_is_tolerated_but_whatever_it_is() -> None:
    client = make_client()
    account(client)
    with at(0):
        a_policy(client, overdue_tolerated=Decimal(50))
    told(client, "1.00", currency="USD")
    night(client, 61)
    assert stops("OVERDUE") == [(61, None, "")]
    with at(61):
        a_policy(client, overdue_tolerated=ANY)
    assert stops("OVERDUE") == [(61, 61, "UNDONE")]


@pytest.mark.django_db
@pytest.mark.requirement("CM-18")
@pytest.mark.parametrize(("tolerated", "debt"), [(Decimal(0), True), (Decimal(40), False), (Decimal(39), True)])
def test_what_is_tolerated_on_credit_is_no_earlier_debt_of_an_order_for_cash(tolerated: Decimal, debt: bool) -> None:
    client = make_client()
    buyer = account(client)
    with at(0):
        with_papers(buyer.customer, by=the(Role.CREDIT_OFFICER), kind=CustomerKind.CASH)
        if tolerated:
            a_policy(client, overdue_tolerated=tolerated)
    told(client, "40.00")
    with at(61):
        assert codes(ordered(buyer, kind=CustomerKind.CASH)) == (["EARLIER_DEBT"] if debt else [])


@pytest.mark.django_db
@pytest.mark.requirement("CM-09", "CM-14")
def test_what_is_tolerated_is_late_all_the_same_for_an_increase_and_a_review() -> None:
    client = make_client()
    buyer = account(client)
    with at(0):
        a_policy(client, overdue_tolerated=ANY)
    told(client, "40.00", issued=240)
    night(client, 310)
    with at(310):
        answer = increase_of(customer=buyer.customer, on=on(310))
        assert [(r.code, r.told["since"]) for r in answer.reasons] == [("irregular", on(301))]
        (review,) = reviews_due(today=on(310), open_states=[])
    assert (review.times, review.days, review.defaults) == (1, 9, 0) and not CreditStop.objects.exists()


@pytest.fixture
def officer(db: None) -> User:
    return the(Role.CREDIT_OFFICER)


@pytest.fixture
def bounded(officer: User) -> Account:
    """10,000 of limit, of which 1,000 may be open and not due; 300 are."""
    client = make_client("AAA")
    buyer = a_buyer(client, by=officer)
    a_policy(client, not_due_most=Decimal(1_000))
    invoiced(buyer, "I-1", "300.00", age=10)
    return buyer


@pytest.mark.django_db
@pytest.mark.requirement("CM-23", "CM-24")
class TestOpenAndNotDue:
    def test_to_the_halala_and_what_is_reserved_counts(self, bounded: Account) -> None:
        refused = ordered(bounded, ref="O-1", amount="700.01")
        assert (refused.state, codes(refused)) == (OrderState.REFUSED, ["NOT_DUE_PASSED"])
        assert (refused.seen["room"], refused.seen["not_due"], refused.seen["not_due_most"]) == (
            "700.00", "300.00", "1000.00",
        )  # fmt: skip
        assert ordered(bounded, ref="O-2", amount="500.00").state == OrderState.ACCEPTED
        assert codes(ordered(bounded, ref="O-3", amount="200.01")) == ["NOT_DUE_PASSED"]
        assert ordered(bounded, ref="O-4", amount="200.00").state == OrderState.ACCEPTED

    def test_what_is_past_its_terms_or_paid_is_open_and_not_due_no_more(self, bounded: Account) -> None:
        a_policy(bounded.customer.client, overdue_tolerated=ANY)
        invoiced(bounded, "I-2", "5000.00", age=61)
        invoiced(bounded, "I-3", "100.00", age=60)
        exposure = exposure_of(customer_id=bounded.customer.pk, on=clock.today())
        assert (exposure.invoices, exposure.not_due, exposure.free(limit=bounded.limit.amount)) == (5_400, 400, 600)
        assert codes(ordered(bounded, ref="O-1", amount="600.01")) == ["NOT_DUE_PASSED"]
        assert ordered(bounded, ref="O-2", amount="600.00").state == OrderState.ACCEPTED

    def test_where_there_is_no_bound_the_days_shipped_divide_what_is_owed(self) -> None:
        buyer = a_buyer(make_client("AAA"), by=the(Role.CREDIT_OFFICER), signed_on=clock.today() - 30 * DAY)
        for age in (60, 61):
            invoiced(buyer, f"I-{age}", "10.00", age=age)
        found = rows("SELECT credit_not_due(%(c)s, %(on)s) AS n", {"c": buyer.customer.pk, "on": clock.today()})
        assert found == [{"n": Decimal(10)}]
        assert exposure_of(customer_id=buyer.customer.pk, on=clock.today()).not_due is None

    def test_it_is_set_aside_by_name(self, bounded: Account) -> None:
        order = ordered(bounded, amount="2000.00")
        order = order_override(user=the(Role.GENERAL_MANAGER), order=order, reason="موسم", on=clock.today())
        assert (order.state, order.overridden) == (OrderState.ACCEPTED, ["NOT_DUE_PASSED"])

    def test_by_sql_no_order_passes_it(self, bounded: Account) -> None:
        with pytest.raises(IntegrityError, match="order_past_not_due"), transaction.atomic():
            taken(bounded, amount=Decimal("700.01"))
        first = taken(bounded)
        with pytest.raises(IntegrityError, match="order_past_not_due"), transaction.atomic():
            taken(bounded, order_ref="S-2", amount=Decimal("0.01"))
        assert taken(bounded, order_ref="S-3", amount=Decimal(50), kind="CASH").state == OrderState.ACCEPTED
        # One that ran out reserves again only as far as there is room by then.
        Order.objects.filter(pk=first.pk).update(reserved_until=clock.today() - DAY)
        taken(bounded, order_ref="S-4", amount=Decimal(1))
        with pytest.raises(IntegrityError, match="order_past_not_due"), transaction.atomic():
            Order.objects.filter(pk=first.pk).update(reserved_until=clock.today())

    def test_every_door_says_it(self, bounded: Account) -> None:
        client = bounded.customer.client
        caller = Caller.of(client)
        body = {"debtor_ref": "C-1", "amount": "700.01", "signatory": bounded.owner.pk}
        answer = caller.post("credit/orders/check", body, key="").json()
        assert [reason["code"] for reason in answer["reasons"]] == ["NOT_DUE_PASSED"]
        assert (answer["used"]["room"], answer["used"]["not_due"], answer["used"]["not_due_most"]) == (
            "700.00", "300.00", "1000.00",
        )  # fmt: skip
        assert caller.get("credit/customers/C-1").json()["used"]["room"] == "700.00"
        file = an_order_file(client, rows="F-1,C-1,700.01\n")
        assert "NOT_DUE_PASSED" in {reason["code"] for reason in file.lines[0]["reasons"]}
        form = {
            "order_ref": "P-1", "kind": "CREDIT", "amount": "700.01", "ordered_on": clock.today().isoformat(),
            "agent": bounded.owner.pk, "channel": "IN_PERSON", "act": "check",
        }  # fmt: skip
        reader = make_user(Role.CLIENT_SIGNATORY, client=client)
        officer = enter(the(Role.CREDIT_OFFICER), "en")
        address = reverse("credit_order_new", args=[bounded.customer.pk])
        said = plain(officer.post(address, form))
        assert "700.00 may still be open and not due: of 1,000.00" in said
        stands = plain(officer.get(reverse("credit_customer", args=[bounded.customer.pk])))
        assert "Open and not due300.00 SAR with accepted orders, at most 1,000.00 SAR Room left700.00 SAR" in stands
        assert "there is room for 700.00 SAR" in stands
        assert Order.objects.exclude(order_ref="F-1").count() == 0
        page = enter(reader, "en").get(reverse("portal_credit"))
        assert [row["room"] for row in page.context["rows"]] == [Decimal(700)]

    def test_the_portal_is_told_the_bounds_of_its_own_client_alone(self, bounded: Account) -> None:
        other = make_client("BBB")
        asked = {"client": bounded.customer.client_id, "customer": bounded.customer.pk, "on": clock.today()}
        sql = (
            "SELECT (credit_bounds(%(client)s, %(on)s)).not_due_most AS most, credit_not_due(%(customer)s, %(on)s) AS n"
        )
        with portal_scope(client_id=bounded.customer.client_id):
            assert rows(sql, asked) == [{"most": 1_000, "n": 300}]
        with portal_scope(client_id=other.pk):
            assert rows(sql, asked) == [{"most": None, "n": 0}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("CM-23")
def test_a_hundred_orders_at_once_never_pass_what_may_be_open_and_not_due() -> None:
    client = make_client("AAA")
    buyer = a_buyer(client, by=make_user(Role.CREDIT_OFFICER))
    make_user(Role.GENERAL_MANAGER)
    a_policy(client, not_due_most=Decimal(5_000))
    invoiced(buyer, "I-1", "300.00")
    barrier = Barrier(20)

    def one(n: int) -> Order:
        try:
            barrier.wait()
            return ordered(buyer, ref=f"O-{n}", amount=f"{250 + n % 7}.50")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(100)))
    total = sum(order.amount for order in answers if order.state == OrderState.ACCEPTED)
    assert total <= 4_700 and 4_700 - total < 251 and used(buyer) == (300, total)
    assert {code for order in answers for code in codes(order)} == {"NOT_DUE_PASSED"}


@pytest.mark.django_db
@pytest.mark.requirement("CM-24")
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_drafts_a_policy_is_told_that_it_leaves_the_sources_rule(language: str) -> None:
    client = make_client("AAA")
    officer, manager = enter(the(Role.CREDIT_OFFICER), language), enter(the(Role.GENERAL_MANAGER), language)
    address = reverse("credit_policy_new", args=[client.pk])
    page = officer.get(address)
    assert in_language(page, language) and "CM-10" in words(page) and "CM-08" in words(page)
    form = page.context["form"]
    said = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, {})}
    del said["overdue_never_stops"], said["sums_banks"]
    said |= {"starts_on": clock.today().isoformat(), "reason": "بقايا صغيرة لا توقف البيع", "propose": "1"}
    assert officer.post(address, said).status_code == 422, "nothing is changed"
    # An amount that was wiped out is asked for: that nothing ever stops is said by a tick.
    assert set(officer.post(address, said | {"overdue_tolerated": ""}).context["form"].errors) == {"overdue_tolerated"}
    assert set(officer.post(address, said | {"overdue_tolerated": "-1"}).context["form"].errors) == {
        "overdue_tolerated"
    }
    assert set(officer.post(address, said | {"not_due_most": "0"}).context["form"].errors) == {"not_due_most"}
    done = officer.post(address, said | {"overdue_tolerated": "50", "not_due_most": "20,000"}, follow=True)
    version = CreditPolicy.objects.get(version=1)
    assert (version.overdue_tolerated, version.not_due_most) == (50, 20_000)
    shown = words(done)
    assert "0.00" in shown and "50.00" in shown and "20,000.00" in shown and "CM-10" in shown and "CM-08" in shown
    approval = approval_of(subject=version)
    assert approval is not None
    asked = words(manager.get(f"{reverse('inbox')}?chosen={approval.pk}"))
    assert "CM-10" in asked and "CM-08" in asked
    with pytest.raises(Refused):
        proposed(client, overdue_tolerated=ANY)
    CreditPolicy.objects.filter(pk=version.pk).update(rejected_at=clock.now())
    done = officer.post(address, said | {"overdue_never_stops": "on"}, follow=True)
    assert CreditPolicy.objects.get(version=2).overdue_tolerated is None and "CM-10" in words(done)
