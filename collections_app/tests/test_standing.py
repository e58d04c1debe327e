"""As of any day, as known at any moment: asked twice, a year apart, the same answer."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from collections_app.models import Case, Receivable
from collections_app.selectors.aging import aging_as_of
from collections_app.selectors.standing import Standing, standing_as_of
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from collections_app.services.stages import aging_parts
from common import audit, clock
from tests.world import ACTOR, make_client, place

FIRST = dt.date(2026, 1, 4)


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def at(days: int) -> Any:
    return clock.at(clock.at_riyadh(on=on(days)))


def moment(days: int) -> dt.datetime:
    """The evening of a day, after what was told on it."""
    return clock.at_riyadh(on=on(days), time=dt.time(20))


def book() -> Case:
    client = make_client(kind="TRADE")
    with at(0):
        place(
            client,
            [
                {"debtor_ref": "D", "receivable_ref": f"R{n}", "issued_on": on(0), "due_on": on(60), "amount": "100.00"}
                for n in range(2)
            ],
        )
        audit.seal()
    return Case.objects.get()


def told(case: Case, *, as_of: int, known_at: dt.datetime | None = None) -> dict[str, tuple[Any, ...]]:
    found: list[Standing] = standing_as_of(client_id=case.client_id, as_of=on(as_of), known_at=known_at)
    return {s.receivable_ref: (s.balance, s.position, s.held, s.in_default) for s in found}


@pytest.mark.django_db
@pytest.mark.requirement("CM-40", "CM-41")
def test_the_past_is_told_as_it_was_known_and_as_it_is_known_now() -> None:
    case = book()
    first = Receivable.objects.get(receivable_ref="R0")
    full = Decimal("100.00")
    with at(70):
        nightly_run(date=on(70))
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(50), reason="يعترض", receivable=first)
        audit.seal()
    with at(100):
        nightly_run(date=on(100))
        payment = payment_post(
            actor=ACTOR, case=case, amount=Decimal("130.00"), currency="SAR", value_on=on(40), reference="P"
        )
        objection_decide(actor=ACTOR, hold=hold, decision="REJECTED", reason="المبلغ صحيح")
        audit.seal()
    with at(120):
        payment_reverse(actor=ACTOR, payment=payment, on=on(120), reason="شيك مرتجع")
        audit.seal()
    # The day 95: what each of them believed.
    assert told(case, as_of=95, known_at=moment(60)) == {"R0": (full, 2, False, True), "R1": (full, 2, False, True)}
    assert told(case, as_of=95, known_at=moment(80)) == {"R0": (full, 0, True, False), "R1": (full, 2, False, True)}
    assert told(case, as_of=95, known_at=moment(110)) == {"R1": (Decimal("70.00"), 2, False, True)}
    assert told(case, as_of=95) == {"R0": (full, 2, False, True), "R1": (full, 2, False, True)}
    assert told(case, as_of=95, known_at=moment(130)) == told(case, as_of=95)
    # Before anything was told there is nothing.
    assert told(case, as_of=95, known_at=moment(-1)) == {}
    assert told(case, as_of=-1) == {}


@pytest.mark.django_db
@pytest.mark.requirement("CM-41")
def test_days_under_a_frozen_hold_count_neither_for_the_stage_nor_for_default() -> None:
    case = book()
    with at(80):
        nightly_run(date=on(80))
        hardship = hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=on(70), reason="فقد عمله")
        # Overlapping, and told later for an earlier day.
        hold_place(
            actor=ACTOR, case=case, kind="COMPLAINT", from_on=on(65), until_on=on(72), reason="شكوى",
            debt=case.debts.get(),
        )  # fmt: skip
    assert told(case, as_of=80)["R0"][1:] == (1, True, False)
    with at(100):
        nightly_run(date=on(100))
        hold_release(actor=ACTOR, hold=hardship, until_on=on(99), reason="عاد إلى عمله")
    # Thirty days, 70 to 99, do not count: the hundredth day is the seventieth.
    assert told(case, as_of=100)["R0"][1:] == (1, False, False)
    assert [s.days for s in standing_as_of(client_id=case.client_id, as_of=on(100))] == [70, 70]
    assert told(case, as_of=120)["R0"][1:] == (1, False, False)
    assert told(case, as_of=121)["R0"][1:] == (2, False, True)
    with at(121):
        nightly_run(date=on(121))
    assert set(Receivable.objects.values_list("stage_position", "in_default")) == {(2, True)}
    # The age itself is never held.
    (aged,) = aging_as_of(client_id=case.client_id, as_of=on(121), basis="INVOICE")
    assert (aged["bucket"], aged["count"]) == ("121-150", 2)


@pytest.mark.django_db
@pytest.mark.requirement("CM-12", "CM-41")
def test_an_accepted_objection_keeps_an_invoice_from_default_and_a_rejected_one_does_not() -> None:
    case = book()
    first, second = Receivable.objects.order_by("receivable_ref")
    with at(80):
        nightly_run(date=on(80))
        holds = [
            hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(80), reason="يعترض", receivable=receivable)
            for receivable in (first, second)
        ]
    with at(95):
        nightly_run(date=on(95))
        assert set(Receivable.objects.values_list("in_default", "held")) == {(False, True)}
        objection_decide(actor=ACTOR, hold=holds[0], decision="ACCEPTED", reason="الفاتورة خاطئة")
        objection_decide(actor=ACTOR, hold=holds[1], decision="REJECTED", reason="الفاتورة صحيحة")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.in_default, first.held, second.in_default, second.held) == (False, True, True, False)
    # Default stands on its true date.
    assert told(case, as_of=91)["R1"][3] is True
    with at(96):
        hold_release(actor=ACTOR, hold=holds[0], until_on=on(95), reason="صُححت الفاتورة")
    assert told(case, as_of=96)["R0"] == (Decimal("100.00"), 1, False, False)


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_told_that_was_open_then_was_never_known_then() -> None:
    case = book()
    receivable = Receivable.objects.get(receivable_ref="R0")
    opened, asked = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            note_post(
                actor=ACTOR, receivable=receivable, kind="CREDIT_NOTE", amount=Decimal("40.00"), value_on=on(5),
                reason="خطأ",
            )  # fmt: skip
            opened.set()
            asked.wait(timeout=20)
        connection.close()

    other = threading.Thread(target=late)
    other.start()
    assert opened.wait(timeout=20)
    then = clock.now()
    audit.sealed_by(moment=then)
    before = told(case, as_of=10, known_at=then)
    asked.set()
    other.join()
    audit.seal()
    assert told(case, as_of=10, known_at=then) == before
    assert before["R0"][0] == Decimal("100.00")
    assert told(case, as_of=10)["R0"][0] == Decimal("60.00")


@pytest.mark.django_db
def test_the_command_says_aging_as_it_was_known_and_no_future() -> None:
    case = book()
    with at(30):
        payment_post(actor=ACTOR, case=case, amount=Decimal("50.00"), currency="SAR", value_on=on(3), reference="P")
        audit.seal()

    def asked(*more: str) -> Decimal:
        out = io.StringIO()
        call_command(
            "aging", "--client", case.client.code, "--as-of", on(10).isoformat(), "--basis", "due", "--json", *more,
            stdout=out,
        )  # fmt: skip
        return sum((Decimal(row["amount"]) for row in json.loads(out.getvalue())["rows"]), Decimal(0))

    assert asked() == Decimal("150.00")
    assert asked("--known-at", f"{on(29)}T18:00") == Decimal("200.00")
    assert asked("--known-at", f"{on(31)}T18:00") == Decimal("150.00")
    for wrong in ("2999-01-01T00:00", "yesterday"):
        with pytest.raises(CommandError, match="is not a moment that has been"):
            asked("--known-at", wrong)


@pytest.mark.django_db
def test_where_nothing_is_due_there_is_nothing_to_age() -> None:
    case = book()
    nightly_run(date=on(1))
    assert aging_parts(client_id=case.client_id, day=on(1)) == []
    # The 61st day is the first that says something else.
    assert aging_parts(client_id=case.client_id, day=on(60)) == []
    assert aging_parts(client_id=case.client_id, day=on(61)) != []
