"""Money is replayed: the same facts, told in any order, give one state."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from collections_app.models import Case, LedgerEntry, Receivable
from collections_app.rules.allocation import Claim, Item, Money, Share, replay
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.ledger import note_post, note_reverse, payment_pin, payment_post, payment_reverse
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from tests.world import ACTOR, make_client, place

D = dt.date
JAN = D(2026, 1, 1)


def on(days: int) -> dt.date:
    return JAN + dt.timedelta(days=days)


def items(*due: int) -> list[Item]:
    return [Item(receivable_id=n, ref=f"R{n}", due_on=on(day), issued_on=on(0)) for n, day in enumerate(due)]


def charge(receivable: int, amount: int, *, day: int = 0, component: str = "PRINCIPAL") -> Claim:
    return Claim(receivable_id=receivable, component=component, on=on(day), amount=Decimal(amount))


def paid(pk: int, amount: int, *, day: int, pins: dict[int, int] | None = None, method: str = "OLDEST_FIRST") -> Money:
    return Money(
        payment_id=pk,
        reference=f"P{pk}",
        value_on=on(day),
        amount=Decimal(amount),
        method="AS_SPECIFIED" if pins else method,
        pins=tuple(Share(receivable_id=r, amount=Decimal(a)) for r, a in (pins or {}).items()),
    )


def shares(**facts: list[object]) -> dict[tuple[int, int, str, int], int]:
    """(payment, receivable, component, day) → amount, with suspense under receivable -1."""
    spread = replay(**facts)  # type: ignore[arg-type]
    found = {(k.payment_id, k.receivable_id, k.component, (k.on - JAN).days): int(a) for k, a in spread.shares.items()}
    return found | {(pk, -1, "", -1): int(a) for pk, a in spread.suspense.items() if a}


def test_fees_first_takes_the_fees_of_all_before_any_principal() -> None:
    claims = [charge(0, 100), charge(1, 100), charge(1, 20, component="FEE"), charge(0, 10, component="COST")]
    assert shares(items=items(1, 2), claims=claims, payments=[paid(1, 40, day=5, method="FEES_FIRST")]) == {
        (1, 0, "COST", 5): 10, (1, 1, "FEE", 5): 20, (1, 0, "PRINCIPAL", 5): 10,
    }  # fmt: skip
    assert shares(items=items(1, 2), claims=claims, payments=[paid(1, 40, day=5)]) == {
        (1, 0, "COST", 5): 10, (1, 0, "PRINCIPAL", 5): 30,
    }  # fmt: skip


def test_exact_first_pays_the_one_that_fits_and_else_the_oldest() -> None:
    claims = [charge(0, 100), charge(1, 70)]
    assert shares(items=items(1, 2), claims=claims, payments=[paid(1, 70, day=5, method="EXACT_FIRST")]) == {
        (1, 1, "PRINCIPAL", 5): 70
    }
    both = [charge(0, 70), charge(1, 70)]
    assert shares(items=items(1, 2), claims=both, payments=[paid(1, 70, day=5, method="EXACT_FIRST")]) == {
        (1, 0, "PRINCIPAL", 5): 70
    }


def test_a_pin_takes_precedence_and_the_computed_money_moves_on_that_day() -> None:
    found = shares(
        items=items(1, 2),
        claims=[charge(0, 100), charge(1, 100)],
        payments=[paid(1, 100, day=5), paid(2, 100, day=9, pins={0: 100})],
    )
    assert found == {
        (1, 0, "PRINCIPAL", 5): 100, (1, 0, "PRINCIPAL", 9): -100, (1, 1, "PRINCIPAL", 9): 100,
        (2, 0, "PRINCIPAL", 9): 100,
    }  # fmt: skip


def test_a_credit_note_frees_the_newest_money_which_pays_what_else_is_open() -> None:
    found = shares(
        items=items(1, 2),
        claims=[charge(0, 100), charge(0, -30, day=8), charge(1, 50, day=10)],
        payments=[paid(1, 60, day=3), paid(2, 40, day=4)],
    )
    assert found == {
        (1, 0, "PRINCIPAL", 3): 60, (2, 0, "PRINCIPAL", 4): 40, (2, 0, "PRINCIPAL", 8): -30,
        (2, 1, "PRINCIPAL", 10): 30,
    }  # fmt: skip


def test_what_no_pin_takes_waits_and_is_not_spread() -> None:
    found = shares(
        items=items(1, 2), claims=[charge(0, 100), charge(1, 100)], payments=[paid(1, 150, day=5, pins={0: 150})]
    )
    assert found == {(1, 0, "PRINCIPAL", 5): 100, (1, -1, "", -1): 50}


def book() -> Case:
    client = make_client()
    place(
        client,
        [
            {"debtor_ref": "D", "receivable_ref": f"R{n}", "issued_on": on(0), "due_on": on(10 * n), "amount": "100.00"}
            for n in range(3)
        ],
        placed_on=on(0),
    )
    return Case.objects.get()


@pytest.mark.django_db
def test_part_of_a_payment_is_taken_back_and_later_money_moves_up() -> None:
    case = book()
    first = payment_post(
        actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(11), reference="A"
    )
    payment_post(actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(12), reference="B")
    payment_reverse(actor=ACTOR, payment=first, on=on(20), reason="رُد جزء", amount=Decimal("30.00"))
    assert list(Receivable.objects.order_by("due_on").values_list("balance", flat=True)) == [
        Decimal("0.00"), Decimal("30.00"), Decimal("100.00"),
    ]  # fmt: skip
    first.refresh_from_db()
    assert (first.reversed_amount, first.reversed_on) == (Decimal("30.00"), None)
    for amount, code in ((Decimal("70.01"), "reversal_above"), (Decimal("0.001"), "reversal_amount")):
        with pytest.raises(Refused) as refused:
            payment_reverse(actor=ACTOR, payment=first, on=on(20), reason="رُد", amount=amount)
        assert refused.value.code == code
    payment_reverse(actor=ACTOR, payment=first, on=on(21), reason="رُد الباقي")
    with pytest.raises(Refused) as refused:
        payment_reverse(actor=ACTOR, payment=first, on=on(21), reason="again")
    assert refused.value.code == "reversed_already"
    assert ledger_faults() == []


@pytest.mark.django_db
def test_waiting_money_is_given_where_a_person_says_and_stays_there() -> None:
    case = book()
    last = Receivable.objects.get(receivable_ref="R2")
    payment = payment_post(
        actor=ACTOR, case=case, amount=Decimal("130.00"), currency="SAR", value_on=on(11), reference="A",
        receivable=Receivable.objects.get(receivable_ref="R0"),
    )  # fmt: skip
    assert payment.suspense == Decimal("30.00")
    for pins, code in (
        ([Share(receivable_id=last.pk, amount=Decimal("30.01"))], "pins_above"),
        ([Share(receivable_id=-1, amount=Decimal("1.00"))], "payment_receivable"),
    ):
        with pytest.raises(Refused) as refused:
            payment_pin(actor=ACTOR, payment=payment, pins=pins, reason="قال الدافع")
        assert refused.value.code == code
    payment = payment_pin(
        actor=ACTOR, payment=payment, pins=[Share(receivable_id=last.pk, amount=Decimal("30.00"))], reason="قال الدافع"
    )
    last.refresh_from_db()
    assert (payment.suspense, last.balance) == (Decimal("0.00"), Decimal("70.00"))
    assert AuditEvent.objects.get(action="payment.pinned").body["reason"] == "قال الدافع"


@pytest.mark.django_db
def test_notes_say_their_status_and_are_refused_beyond_what_there_is() -> None:
    case = book()
    first, second, third = Receivable.objects.order_by("due_on")

    def note(receivable: Receivable, kind: str, amount: str, **more: object) -> LedgerEntry:
        given = {"value_on": on(20), "reason": "سبب", **more}
        return note_post(actor=ACTOR, receivable=receivable, kind=kind, amount=Decimal(amount), **given)  # type: ignore[arg-type]

    note(first, "CREDIT_NOTE", "100.00", reference="CN-1")
    payment_post(actor=ACTOR, case=case, amount=Decimal("40.00"), currency="SAR", value_on=on(11), receivable=second)
    discount = note(second, "SETTLEMENT_DISCOUNT", "60.00")
    for receivable, kind, amount, more, code in (
        (first, "CREDIT_NOTE", "0.01", {}, "note_above_claim"),
        (second, "WRITE_OFF", "0.01", {}, "note_above_open"),
        (third, "CREDIT_NOTE", "1.00", {"value_on": on(-1)}, "note_date"),
        (third, "CREDIT_NOTE", "1.00", {"value_on": clock.today() + dt.timedelta(days=1)}, "note_date"),
        (third, "CREDIT_NOTE", "1.00", {"reason": " "}, "note_reason"),
        (third, "PAYMENT", "1.00", {}, "note_kind"),
        (third, "FEE", "NaN", {}, "note_amount"),
    ):
        with pytest.raises(Refused) as refused:
            note(receivable, kind, amount, **more)
        assert refused.value.code == code
    assert list(Receivable.objects.order_by("due_on").values_list("balance", flat=True))[:2] == [0, 0]
    note_reverse(actor=ACTOR, entry=discount, reason="لم يف بالشرط")
    second.refresh_from_db()
    assert (second.balance, second.status) == (Decimal("60.00"), "OPEN")
    for entry in (discount, LedgerEntry.objects.get(kind="REVERSAL")):
        with pytest.raises(Refused):
            note_reverse(actor=ACTOR, entry=entry, reason="again")
    assert ledger_faults() == []


@pytest.mark.parametrize("pinned", [True, False])
def test_a_debt_of_five_hundred_entries_is_walked_by_what_moves(pinned: bool) -> None:
    """Each month's payment pays its own month; one more, told late and valued first, moves all of them by one half."""
    months = 250
    claims = [charge(n, 100, day=n) for n in range(months)]
    monthly = [paid(n + 1, 100, day=n + 1, pins={n: 100} if pinned else None) for n in range(months)]
    alone = replay(items=items(*range(months)), claims=claims, payments=monthly)
    assert {(k.payment_id, k.receivable_id): amount for k, amount in alone.shares.items()} == {
        (n + 1, n): Decimal(100) for n in range(months)
    }
    late = replay(items=items(*range(months)), claims=claims, payments=[paid(999, 50, day=0), *monthly])
    assert sum(late.shares.values()) == 100 * months
    assert sum(late.suspense.values()) == 50
    # What is pinned stays with its month; computed money makes way for the one that came first.
    assert late.suspense[999 if pinned else months] == 50
