"""Payments, balances and holds: by effect, by audit row, by refusal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from collections_app.models import Case, LedgerEntry, Payment, Receivable
from collections_app.rules.aging import BUCKETS, Rung, bucket_for, next_stage_day, stage_for
from collections_app.rules.allocation import Claim, Item, Money, replay
from collections_app.services.holds import hold_place, hold_release
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from tests.world import ACTOR, a_case, make_client, place

D = dt.date


@pytest.mark.parametrize(
    ("basis", "days", "bucket"),
    [
        ("DUE", -5, "not_due"), ("DUE", 0, "not_due"), ("DUE", 1, "1-30"), ("DUE", 30, "1-30"), ("DUE", 31, "31-60"),
        ("DUE", 60, "31-60"), ("DUE", 61, "61-90"), ("DUE", 90, "61-90"), ("DUE", 91, "91-120"), ("DUE", 120, "91-120"),
        ("DUE", 121, "121-150"), ("DUE", 150, "121-150"), ("DUE", 151, "151+"), ("INVOICE", 60, "0-60"),
        ("INVOICE", 61, "61-90"), ("INVOICE", 90, "61-90"), ("INVOICE", 91, "91-120"), ("INVOICE", 150, "121-150"),
        ("INVOICE", 151, "151+"),
    ],
)  # fmt: skip
def test_buckets_at_both_sides_of_each_boundary(basis: str, days: int, bucket: str) -> None:
    assert bucket_for(basis=basis, days=days).code == bucket
    assert len({b.code for b in BUCKETS[basis]}) == len(BUCKETS[basis])


@pytest.mark.requirement("CM-40")
def test_stages_at_both_sides_of_each_boundary() -> None:
    ladder = [Rung(position=p, from_day=d) for p, d in enumerate((None, 61, 91, 121, 151))]
    expected = {-1: 0, 0: 0, 60: 0, 61: 1, 90: 1, 91: 2, 120: 2, 121: 3, 150: 3, 151: 4, 999: 4}
    assert {d: stage_for(ladder=ladder, days=d) for d in expected} == expected
    assert next_stage_day(ladder=ladder, days=60) == 61
    assert next_stage_day(ladder=ladder, days=61) == 91
    assert next_stage_day(ladder=ladder, days=151) is None


amounts = st.decimals(min_value="0.01", max_value="99999.99", places=2)


@given(amount=amounts, remaining=st.lists(amounts, min_size=1, max_size=8))
def test_no_halala_is_lost_or_made_when_a_payment_is_spread(amount: Decimal, remaining: list[Decimal]) -> None:
    items = [
        Item(
            receivable_id=n, ref=f"R{n}", due_on=D(2026, 1, 1) + dt.timedelta(days=n % 3), issued_on=D(2025, 12, 1)
        )
        for n in range(len(remaining))
    ]  # fmt: skip
    claims = [
        Claim(receivable_id=n, component="PRINCIPAL", on=D(2025, 12, 1), amount=owed)
        for n, owed in enumerate(remaining)
    ]
    payment = Money(payment_id=1, reference="P", value_on=D(2026, 2, 1), amount=amount)
    spread = replay(items=items, claims=claims, payments=[payment])
    given_ = {key.receivable_id: share for key, share in spread.shares.items()}
    assert sum(given_.values(), Decimal(0)) + spread.suspense[1] == amount
    assert all(0 < share <= remaining[n] for n, share in given_.items())
    if spread.suspense[1]:
        assert sum(given_.values()) == sum(remaining)
    dues = sorted(items, key=lambda item: item.order)
    full = [given_.get(item.receivable_id, Decimal(0)) == remaining[item.receivable_id] for item in dues]
    assert full == sorted(full, reverse=True)


def three(client_code: str = "AAA") -> Case:
    client = make_client(client_code)
    today = clock.today()
    place(
        client,
        [
            {
                "debtor_ref": "D", "receivable_ref": f"R{n}", "issued_on": today - dt.timedelta(days=100 - 10 * n),
                "due_on": today - dt.timedelta(days=40 - 10 * n), "amount": "100.00",
            }
            for n in range(3)
        ],
    )  # fmt: skip
    return Case.objects.get()


@pytest.mark.django_db
def test_a_payment_fills_the_oldest_first_and_the_rest_waits_in_suspense() -> None:
    case = three()
    payment = payment_post(
        actor=ACTOR, case=case, amount=Decimal("150.00"), currency="SAR", value_on=clock.today(), reference="T1"
    )
    assert list(Receivable.objects.order_by("due_on").values_list("balance", "status")) == [
        (Decimal("0.00"), "PAID"), (Decimal("50.00"), "OPEN"), (Decimal("100.00"), "OPEN"),
    ]  # fmt: skip
    case.refresh_from_db()
    assert (case.balance, case.last_payment_on) == (Decimal("150.00"), clock.today())
    assert payment.suspense == 0
    event = AuditEvent.objects.get(action="payment.posted")
    assert (event.subject_id, event.body["amount"]) == (payment.pk, "150.00")
    over = payment_post(
        actor=ACTOR, case=case, amount=Decimal("200.00"), currency="SAR", value_on=clock.today(), reference="T2"
    )
    assert over.suspense == Decimal("50.00")
    case.refresh_from_db()
    assert (case.status, case.balance) == ("PAID", Decimal("0.00"))
    with pytest.raises(Refused) as refused:
        payment_post(
            actor=ACTOR, case=case, amount=Decimal("1.00"), currency="SAR", value_on=clock.today(), reference="T2"
        )
    assert refused.value.code == "payment_twice"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": Decimal(0)}, "payment_amount"),
        ({"amount": Decimal("1.001")}, "payment_amount"),
        ({"currency": "USD"}, "payment_currency"),
        ({"value_on": D(2999, 1, 1)}, "payment_future"),
    ],
)
def test_payments_that_cannot_be_are_refused_and_leave_nothing(change: dict[str, object], code: str) -> None:
    case = three()
    given_ = {"amount": Decimal("1.00"), "currency": "SAR", "value_on": clock.today(), **change}
    with pytest.raises(Refused) as refused:
        payment_post(actor=ACTOR, case=case, **given_)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_a_reversal_mirrors_and_reopens_and_is_done_once() -> None:
    case = three()
    payment = payment_post(
        actor=ACTOR, case=case, amount=Decimal("300.00"), currency="SAR", value_on=clock.today(), reference="T1"
    )
    case.refresh_from_db()
    assert case.status == "PAID"
    payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="شيك مرتجع")
    case.refresh_from_db()
    assert (case.status, case.balance) == ("PLACED", Decimal("300.00"))
    assert sum(e.amount for e in LedgerEntry.objects.filter(payment=payment)) == 0
    with pytest.raises(Refused):
        payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="again")


@pytest.mark.django_db
def test_a_payment_is_its_allocations_and_suspense_by_constraint() -> None:
    case = three()
    payment = payment_post(
        actor=ACTOR, case=case, amount=Decimal("10.00"), currency="SAR", value_on=clock.today(), reference="T1"
    )
    with pytest.raises(IntegrityError, match="allocations"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(suspense=Decimal("5.00"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_an_entry_in_another_currency_is_refused_by_the_database() -> None:
    case = three()
    receivable = case.receivables.first()
    with pytest.raises(IntegrityError, match="another currency"), transaction.atomic():
        LedgerEntry.objects.create(
            client_id=case.client_id, receivable=receivable, kind="CHARGE", amount=1, currency="USD",
            effective_on=clock.today(), recorded_at=clock.now(), event_id=1,
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.requirement("CM-41")
def test_a_held_receivable_keeps_its_stage_and_takes_that_of_its_true_age_at_release() -> None:
    client = make_client(kind="TRADE")
    today = clock.today()
    case = a_case(client, days_late=0)  # invoiced 60 days ago: the last day within terms
    nightly_run(date=today)
    receivable = case.receivables.get()
    assert receivable.stage_position == 0
    hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=today, reason="يعترض على الكمية")
    case.refresh_from_db()
    assert case.status == "ON_HOLD"
    nightly_run(date=today + dt.timedelta(days=40))
    receivable.refresh_from_db()
    assert (receivable.held, receivable.stage_position, receivable.in_default) == (True, 0, False)
    hold_release(actor=ACTOR, hold=hold, until_on=today + dt.timedelta(days=39), reason="رُفض الاعتراض")
    receivable.refresh_from_db()
    assert (receivable.held, receivable.stage_position, receivable.in_default) == (False, 2, True)
    with pytest.raises(Refused):
        hold_release(actor=ACTOR, hold=hold, until_on=today, reason="again")


def pay(case: Case, amount: str, **given_: object) -> Payment:
    words = {"currency": "SAR", "value_on": clock.today(), "reference": "", **given_}
    return payment_post(actor=ACTOR, case=case, amount=Decimal(amount), **words)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_same_reference_is_the_same_payment_however_it_is_spaced() -> None:
    case = three()
    pay(case, "10.00", reference=" SADAD 77 ")
    with pytest.raises(Refused) as refused:
        pay(case, "10.00", reference="SADAD 77")
    assert (refused.value.code, list(refused.value.fields)) == ("payment_twice", ["reference"])
    assert Payment.objects.get().reference == "SADAD 77"
    other = a_case(case.client, ref="D-9")
    assert pay(other, "10.00", reference="SADAD 77").pk, "another case's transfer may bear the same number"


@pytest.mark.django_db
def test_money_without_a_reference_gets_one_that_is_free() -> None:
    case = three()
    pay(case, "1.00", reference=f"R{case.pk}-2")
    assert pay(case, "1.00").reference == f"R{case.pk}-3"
    assert pay(case, "1.00").reference == f"R{case.pk}-4"


@pytest.mark.django_db
def test_a_back_dated_payment_counts_from_its_value_date_and_waits_for_what_did_not_exist_yet() -> None:
    case = three()  # issued 100, 90 and 80 days ago
    early = clock.today() - dt.timedelta(days=95)
    payment = pay(case, "350.00", value_on=early)
    assert payment.suspense == Decimal("50.00")
    issued = [r.issued_on for r in case.receivables.order_by("due_on")]
    found = payment.entries.order_by("effective_on").values_list("receivable__receivable_ref", "amount", "effective_on")
    assert list(found) == [
        ("R0", Decimal("-100.00"), early),
        ("R1", Decimal("-100.00"), issued[1]),
        ("R2", Decimal("-100.00"), issued[2]),
    ]
    assert [r.closed_on for r in case.receivables.order_by("due_on")] == [early, issued[1], issued[2]]


@pytest.mark.django_db
def test_money_named_for_one_receivable_pays_that_one_and_no_other() -> None:
    case = three()
    last = case.receivables.get(receivable_ref="R2")
    payment = pay(case, "130.00", receivable=last)
    assert [(e.receivable_id, e.amount, e.allocation) for e in payment.entries.all()] == [
        (last.pk, Decimal("-100.00"), "PINNED")
    ]
    assert payment.suspense == Decimal("30.00")
    with pytest.raises(Refused) as refused:
        pay(case, "1.00", receivable=a_case(case.client, ref="D-9").receivables.get())
    assert refused.value.code == "payment_receivable"


@pytest.mark.django_db
def test_a_reversal_is_written_down_with_its_reason_and_lies_between_payment_and_today() -> None:
    case = three()
    payment = pay(case, "350.00", value_on=clock.today() - dt.timedelta(days=3))
    for day in (clock.today() - dt.timedelta(days=4), clock.today() + dt.timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            payment_reverse(actor=ACTOR, payment=payment, on=day, reason="مرتجع")
        assert refused.value.code == "reversal_date"
    with pytest.raises(Refused):
        payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="  ")
    assert not AuditEvent.objects.filter(action="payment.reversed").exists()
    reversed_ = payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="شيك مرتجع")
    assert (reversed_.suspense, reversed_.reversed_on) == (Decimal("0.00"), clock.today())
    event = AuditEvent.objects.get(action="payment.reversed")
    assert (event.body["reason"], event.body["amount"]) == ("شيك مرتجع", "350.00")
    assert {e.effective_on for e in payment.entries.all()} == {payment.value_on}
    with pytest.raises(Refused) as refused:
        payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="again")
    assert refused.value.code == "reversed_already"
    assert AuditEvent.objects.filter(action="payment.reversed").count() == 1


@pytest.mark.django_db
@pytest.mark.requirement("CM-41")
def test_a_hold_on_one_receivable_lets_the_rest_of_the_case_go_on() -> None:
    case = three()
    nightly_run(date=clock.today())
    oldest = case.receivables.get(receivable_ref="R0")
    hold_place(
        actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="كمية ناقصة", receivable=oldest
    )  # fmt: skip
    case.refresh_from_db()
    assert case.status == "PLACED"
    assert dict(case.receivables.values_list("receivable_ref", "held")) == {"R0": True, "R1": False, "R2": False}
    assert case.stage == case.receivables.get(receivable_ref="R1").stage
    nightly_run(date=clock.today() + dt.timedelta(days=35))
    positions = dict(case.receivables.values_list("receivable_ref", "stage_position"))
    assert positions["R0"] == oldest.stage_position
    assert positions["R1"] == 3


@pytest.mark.django_db
def test_holds_may_overlap_and_the_case_waits_for_the_last_of_them() -> None:
    case = three()
    today = clock.today()
    nightly_run(date=today)
    first = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=today - dt.timedelta(days=5), reason="أ")
    second = hold_place(
        actor=ACTOR, case=case, kind="HARDSHIP", from_on=today, reason="ب", until_on=today + dt.timedelta(days=4)
    )  # fmt: skip
    hold_release(actor=ACTOR, hold=first, until_on=today - dt.timedelta(days=1), reason="رُفض")
    case.refresh_from_db()
    assert case.status == "ON_HOLD"
    with pytest.raises(Refused) as refused:
        hold_release(actor=ACTOR, hold=second, until_on=today, reason="again")
    assert refused.value.code == "hold_ended"
    nightly_run(date=today + dt.timedelta(days=4))
    case.refresh_from_db()
    assert case.status == "ON_HOLD"
    nightly_run(date=today + dt.timedelta(days=5))
    case.refresh_from_db()
    assert (case.status, case.stage_depth is not None) == ("PLACED", True)


@pytest.mark.django_db
def test_a_hold_that_begins_later_waits_for_its_day() -> None:
    case = three()
    nightly_run(date=clock.today())
    hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=clock.today() + dt.timedelta(days=2), reason="طلب الجهة")
    case.refresh_from_db()
    assert case.status == "PLACED"
    nightly_run(date=clock.today() + dt.timedelta(days=2))
    case.refresh_from_db()
    assert case.status == "ON_HOLD"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ({"kind": "WHIM"}, "hold_kind"),
        ({"reason": "  "}, "hold_reason"),
        ({"until_on": D(2020, 1, 1)}, "hold_order"),
        ({"receivable": "other"}, "hold_receivable"),
    ],
)
def test_holds_that_cannot_be_are_refused_and_leave_nothing(given_: dict[str, object], code: str) -> None:
    case = three()
    words = {"kind": "OBJECTION", "from_on": clock.today(), "reason": "سبب", **given_}
    if words.get("receivable"):
        words["receivable"] = a_case(case.client, ref="D-9").receivables.get()
    with pytest.raises(Refused) as refused:
        hold_place(actor=ACTOR, case=case, **words)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not case.holds.exists()
    assert not AuditEvent.objects.filter(action="hold.placed").exists()


@pytest.mark.django_db
def test_a_release_says_why_and_never_ends_before_the_hold_began() -> None:
    case = three()
    hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="سبب")
    for words, code in (
        ({"until_on": clock.today(), "reason": " "}, "hold_reason"),
        ({"until_on": clock.today() - dt.timedelta(days=1), "reason": "رُفض"}, "hold_order"),
    ):
        with pytest.raises(Refused) as refused:
            hold_release(actor=ACTOR, hold=hold, **words)  # type: ignore[arg-type]
        assert refused.value.code == code
    hold_release(actor=ACTOR, hold=hold, until_on=clock.today(), reason="قُبل")
    assert AuditEvent.objects.get(action="hold.released").body["reason"] == "قُبل"


@pytest.mark.django_db
@pytest.mark.requirement("CM-41")
def test_a_hold_told_of_late_takes_back_the_stage_it_had_on_its_first_day() -> None:
    client = make_client(kind="TRADE")
    today = clock.today()
    case = a_case(client, days_late=35)  # invoiced 95 days ago
    nightly_run(date=today - dt.timedelta(days=1))
    nightly_run(date=today)
    receivable = case.receivables.get()
    assert (receivable.stage_position, receivable.in_default) == (2, True)
    filed = today - dt.timedelta(days=30)  # on day 65
    hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=filed, reason="اعترض قبل شهر")
    receivable.refresh_from_db()
    assert (receivable.held, receivable.stage_position, receivable.in_default) == (True, 1, False)
    hold_release(actor=ACTOR, hold=hold, until_on=today - dt.timedelta(days=1), reason="رُفض الاعتراض")
    receivable.refresh_from_db()
    assert (receivable.held, receivable.stage_position, receivable.in_default) == (False, 2, True)


@pytest.mark.django_db
@pytest.mark.requirement("CM-41")
def test_what_comes_disputed_from_the_client_is_never_aged_into_default() -> None:
    client = make_client(kind="TRADE")
    case = a_case(client, days_late=100, disputed="yes")
    nightly_run(date=clock.today())
    receivable = case.receivables.get()
    assert (receivable.held, receivable.stage_position, receivable.in_default) == (True, 0, False)


@pytest.mark.django_db
def test_a_receivable_closes_on_its_latest_value_date_whatever_was_told_last() -> None:
    client = make_client()
    case = a_case(client, amount="1000.00")
    today = clock.today()
    nightly_run(date=today)
    for days in (5, 20):
        payment_post(
            actor=ACTOR, case=case, amount=Decimal("500.00"), currency="SAR", value_on=today - dt.timedelta(days=days)
        )
    assert case.receivables.get().closed_on == today - dt.timedelta(days=5)


@pytest.mark.django_db
def test_a_reversal_brings_back_the_stage_of_the_true_age_and_what_it_asks_for() -> None:
    client = make_client(kind="TRADE")
    case = a_case(client, days_late=0, amount="1000.00")
    start = clock.today()
    nightly_run(date=start)
    nightly_run(date=start + dt.timedelta(days=1))
    with clock.at(clock.at_riyadh(on=start + dt.timedelta(days=2))):
        payment = payment_post(
            actor=ACTOR, case=case, amount=Decimal("1000.00"), currency="SAR", value_on=start + dt.timedelta(days=2)
        )
    nightly_run(date=start + dt.timedelta(days=65))
    assert list(case.tasks.values_list("action", "status")) == [("DEMAND", "CANCELLED")]
    with clock.at(clock.at_riyadh(on=start + dt.timedelta(days=65))):
        payment_reverse(actor=ACTOR, payment=payment, on=start + dt.timedelta(days=65), reason="شيك مرتجع")
    receivable = case.receivables.get()
    assert (receivable.status, receivable.stage_position, receivable.in_default) == ("OPEN", 3, True)
    assert receivable.transitions.order_by("-pk")[0].to_stage.position == 3
    assert case.tasks.filter(status="OPEN", kind="STAGE", stage_code="OVER_120").exists()


@pytest.mark.django_db
def test_a_hold_and_its_release_on_one_day_are_both_kept_and_the_stage_asks_again() -> None:
    client = make_client(kind="TRADE")
    case = a_case(client, days_late=35, amount="1000.00")
    today = clock.today()
    nightly_run(date=today)
    hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=today - dt.timedelta(days=40), reason="يعترض")
    assert case.receivables.get().stage_position == 0
    hold_release(actor=ACTOR, hold=hold, until_on=today - dt.timedelta(days=1), reason="حُسم")
    receivable = case.receivables.get()
    assert receivable.stage_position == 2
    assert list(receivable.transitions.order_by("pk").values_list("to_stage__position", flat=True)) == [2, 0, 2]
    assert case.tasks.filter(status="OPEN", kind="STAGE", stage_code="AFTER_GRACE").exists()


@pytest.mark.django_db
def test_overlapping_holds_hold_from_the_first_day_of_their_chain_in_whatever_order_they_are_told() -> None:
    found = []
    today = clock.today()
    for code, order in (("AAA", (0, 1)), ("BBB", (1, 0))):
        case = a_case(make_client(code, kind="TRADE"), days_late=35)
        nightly_run(date=today)
        spans = [(today - dt.timedelta(days=40), today - dt.timedelta(days=10)), (today - dt.timedelta(days=20), None)]
        for n in order:
            hold_place(
                actor=ACTOR, case=case, kind="OBJECTION", from_on=spans[n][0], until_on=spans[n][1], reason="يعترض"
            )
        found.append(case.receivables.get().stage_position)
    assert found == [0, 0]


@pytest.mark.django_db
def test_references_of_files_are_kept_for_files() -> None:
    case = a_case(make_client())
    with pytest.raises(Refused) as refused:
        payment_post(
            actor=ACTOR, case=case, amount=Decimal("1.00"), currency="SAR", value_on=clock.today(), reference="file-7"
        )
    assert refused.value.code == "payment_reference"
