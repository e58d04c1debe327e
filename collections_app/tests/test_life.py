"""How cases end: by what became of their money, or by decision; what closing ends, and what opening again restores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from collections_app.models import Case, CaseEnd, Hold, LedgerEntry, Promise, Task, Withdrawal
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.selectors.standing import standing_as_of
from collections_app.services.holds import hold_place
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from collections_app.services.life import case_reopen, cases_end, receivables_withdraw
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_record
from common import audit, clock
from common.clock import at_riyadh
from common.exceptions import Refused
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_team, make_user, place

pytestmark = pytest.mark.django_db
SUNDAY = dt.date(2026, 11, 1)


def on(days: int) -> dt.date:
    return SUNDAY + dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def collector() -> User:
    return make_user("COLLECTOR", team=make_team())


@pytest.fixture
def leader(collector: User) -> User:
    return make_user("TEAM_LEADER", team=collector.team)


@pytest.fixture
def case(collector: User) -> Case:
    """One receivable of 1,000.00, placed ten days ago, with a promise, a hold and a call back."""
    with clock.at(at_riyadh(on=on(-10))):
        case = a_case(make_client(), owner=collector, days_late=40)
        nightly_run(date=on(-10))
    nightly_run(date=SUNDAY)
    case.refresh_from_db()
    promise_record(
        actor=ACTOR, case=case, amount=Decimal("400.00"), currency="SAR", due_on=on(5), made_on=SUNDAY, user=collector
    )
    hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(-3), reason="يعترض", receivable=None)
    Task.objects.create(
        client_id=case.client_id, case=case, kind="CALL_BACK", due_on=on(1), created_at=clock.now(), note="غدًا"
    )
    case.refresh_from_db()
    return case


def owed(case: Case) -> Decimal:
    return case.receivables.get().balance


def loose(case: Case) -> tuple[str, dt.date | None, str]:
    """The promise, the hold's last day, the call back."""
    return (
        Promise.objects.get(case=case).status,
        Hold.objects.get(case=case).until_on,
        Task.objects.get(case=case, kind="CALL_BACK").status,
    )


def pay(case: Case, amount: Decimal | str, **told: object) -> None:
    payment_post(
        actor=ACTOR,
        case=case,
        amount=Decimal(amount),
        currency="SAR",
        **{"value_on": SUNDAY, **told},  # type: ignore[arg-type]
    )


def end(case: Case, kind: str = "RECALLED", day: dt.date = SUNDAY) -> None:
    cases_end(actor=ACTOR, client_id=case.client_id, case_ids=[case.pk], end=kind, on=day, reason="طلب الجهة")
    case.refresh_from_db()


@pytest.mark.requirement("DC-04")
def test_full_payment_ends_promise_hold_and_task_and_its_reversal_restores_them(case: Case) -> None:
    pay(case, owed(case))
    case.refresh_from_db()
    assert (case.status, case.closed_on) == ("PAID", SUNDAY)
    # The promise was of less than was paid: kept, before its day. The hold and the call back are over.
    assert loose(case) == ("KEPT", SUNDAY, "CANCELLED")
    assert Hold.objects.get().end == Task.objects.get(kind="CALL_BACK").end == CaseEnd.objects.get(reopened_at=None)
    payment_reverse(actor=ACTOR, payment=case.payments.get(), on=SUNDAY, reason="شيك مرتجع")
    case.refresh_from_db()
    assert (case.status, case.closed_on) == ("ON_HOLD", None)
    assert loose(case) == ("OPEN", None, "OPEN")
    ended = CaseEnd.objects.get()
    assert (ended.status, ended.decided, ended.reopened_on) == ("PAID", False, SUNDAY)
    assert ledger_faults() == []


def test_a_promise_of_money_that_is_no_longer_owed_is_neither_kept_nor_missed(case: Case) -> None:
    receivable = case.receivables.get()
    note_post(
        actor=ACTOR, receivable=receivable, kind="CREDIT_NOTE", amount=receivable.balance, value_on=SUNDAY,
        reason="بضاعة معادة",
    )  # fmt: skip
    nightly_run(date=on(7))
    assert Promise.objects.get().status == "CANCELLED"


@pytest.mark.parametrize(
    ("kind", "status"), [("SETTLEMENT_DISCOUNT", "SETTLED"), ("WRITE_OFF", "UNCOLLECTIBLE"), ("CREDIT_NOTE", "PAID")]
)
def test_a_case_ends_as_its_receivables_did(case: Case, kind: str, status: str) -> None:
    receivable = case.receivables.get()
    pay(case, "100.00")
    note_post(
        actor=ACTOR, receivable=receivable, kind=kind, amount=owed(case), value_on=SUNDAY, reason="اتفاق"
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.status, CaseEnd.objects.get().status) == (status, status)
    assert ledger_faults() == []


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize("kind", ["RECALLED", "UNCOLLECTIBLE", "DECEASED", "WITHDRAWN"])
def test_what_is_open_leaves_collection_on_the_day_and_no_past_day_changes(case: Case, kind: str) -> None:
    whole = owed(case)
    pay(case, "100.00", value_on=on(-5))
    end(case, kind, on(-2))
    assert (case.status, case.closed_on, case.balance) == (kind, on(-2), 0)
    assert loose(case)[1:] == (SUNDAY, "CANCELLED")
    assert (case.receivables.get().status, case.receivables.get().closed_on) == ("WITHDRAWN", on(-2))
    assert [s.balance for s in standing_as_of(client_id=case.client_id, as_of=on(-3))] == [whole - 100]
    assert standing_as_of(client_id=case.client_id, as_of=on(-2)) == []
    # Before it was told, it was not known.
    assert ledger_faults() == []


def test_what_was_known_before_the_end_was_told_stays_known(case: Case) -> None:
    before = clock.now()
    audit.seal()
    with clock.at(at_riyadh(on=on(2))):
        end(case, day=on(-2))
        assert standing_as_of(client_id=case.client_id, as_of=SUNDAY) == []
        audit.seal()
        assert len(standing_as_of(client_id=case.client_id, as_of=SUNDAY, known_at=before)) == 1


def test_money_told_late_or_taken_back_moves_what_left(case: Case) -> None:
    whole = owed(case)
    pay(case, "300.00", reference="A")
    end(case, day=SUNDAY)

    def left() -> Decimal:
        entries = LedgerEntry.objects.filter(kind="WITHDRAWAL").values_list("amount", flat=True)
        return -sum(entries, Decimal(0))

    assert left() == whole - 300
    payment_reverse(actor=ACTOR, payment=case.payments.get(), on=SUNDAY, reason="شيك مرتجع")
    case.refresh_from_db()
    assert (left(), case.status) == (whole, "RECALLED")
    pay(case, "50.00", value_on=on(-8))
    case.refresh_from_db()
    assert (left(), case.status) == (whole - 50, "RECALLED")
    # What comes after it waits for a person.
    with clock.at(at_riyadh(on=on(1))):
        pay(case, "70.00", value_on=on(1))
    assert case.payments.get(amount=Decimal("70.00")).suspense == Decimal("70.00")
    assert ledger_faults() == []


def test_opened_again_what_left_comes_back_and_waiting_money_pays_it(case: Case) -> None:
    whole = owed(case)
    end(case, day=on(-2))
    pay(case, "70.00", value_on=SUNDAY)
    nightly_run(date=on(1))
    with clock.at(at_riyadh(on=on(1))):
        case_reopen(actor=ACTOR, case=case, reason="أعادته الجهة")
    case.refresh_from_db()
    assert (case.status, case.balance, case.closed_on) == ("ON_HOLD", whole - 70, None)
    assert loose(case) == ("OPEN", None, "OPEN")
    # While it was away nothing was owed here, and that stays so.
    assert standing_as_of(client_id=case.client_id, as_of=SUNDAY) == []
    assert [s.balance for s in standing_as_of(client_id=case.client_id, as_of=on(1))] == [whole - 70]
    assert ledger_faults() == []


def test_new_business_opens_a_recalled_case_but_not_that_of_someone_who_died(case: Case, collector: User) -> None:
    client = case.client
    more = {"debtor_ref": case.debtor.debtor_ref, "issued_on": on(-70), "due_on": on(-40), "amount": "55.00"}
    end(case)
    place(client, [{**more, "receivable_ref": "NEW-1"}])
    case.refresh_from_db()
    assert (case.status, case.balance) == ("ON_HOLD", Decimal("55.00"))
    assert ledger_faults() == []
    end(case, "DECEASED")
    place(client, [{**more, "receivable_ref": "NEW-2"}])
    case.refresh_from_db()
    assert (case.status, CaseEnd.objects.filter(reopened_at=None).get().status) == ("DECEASED", "DECEASED")
    assert ledger_faults() == []


@pytest.mark.requirement("DC-09")
def test_a_receivable_that_should_never_have_come_was_never_owed(case: Case) -> None:
    place(
        case.client,
        [{"debtor_ref": case.debtor.debtor_ref, "receivable_ref": "GOOD", "issued_on": on(-70), "due_on": on(-39),
          "amount": "30.00"}],
    )  # fmt: skip
    wrong = case.receivables.exclude(receivable_ref="GOOD").get()
    pay(case, "50.00", value_on=on(-1), receivable=wrong)
    pay(case, "40.00", value_on=SUNDAY, reference="FREE")
    receivables_withdraw(actor=ACTOR, client_id=case.client_id, receivable_ids=[wrong.pk], reason="ملف خاطئ")
    wrong.refresh_from_db()
    assert (wrong.status, wrong.balance, wrong.closed_on) == ("WITHDRAWN", 0, wrong.issued_on)
    # The free money pays what is really owed; what was said to be for the wrong one waits.
    assert {p.amount: p.suspense for p in case.payments.all()} == {Decimal(50): Decimal(50), Decimal(40): Decimal(10)}
    assert {s.receivable_ref for s in standing_as_of(client_id=case.client_id, as_of=on(-5))} == {"GOOD"}
    before = LedgerEntry.objects.count()
    receivables_withdraw(actor=ACTOR, client_id=case.client_id, receivable_ids=[wrong.pk], reason="ملف خاطئ")
    assert (LedgerEntry.objects.count(), Withdrawal.objects.count()) == (before, 1)
    assert ledger_faults() == []


def test_every_order_of_an_end_and_money_gives_one_book(case: Case) -> None:
    acts = {
        "late": lambda: pay(case, "50.00", value_on=on(-8), reference="L"),
        "now": lambda: pay(case, "60.00", value_on=on(-2), reference="N"),
        "end": lambda: end(case, day=on(-2)),
    }
    orders = [("late", "now", "end"), ("now", "end", "late"), ("end", "late", "now"), ("end", "now", "late")]
    found = set()
    for order in orders:
        with transaction.atomic():
            for name in order:
                acts[name]()
            sums: dict[tuple[str, dt.date], Decimal] = {}
            for kind, day, amount in LedgerEntry.objects.values_list("kind", "effective_on", "amount"):
                key = ("PAYMENT" if kind in {"REALLOCATION", "REVERSAL"} else kind, day)
                sums[key] = sums.get(key, Decimal(0)) + amount
            found.add(tuple(sorted(item for item in sums.items() if item[1])))
            assert ledger_faults() == []
            transaction.set_rollback(True)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"end": "PAID"}, "end_kind"), ({"end": "nonsense"}, "end_kind"), ({"reason": "  "}, "end_reason"),
        ({"on": on(1)}, "end_future"), ({"on": on(-11)}, "end_before_placed"),
    ],
)  # fmt: skip
def test_an_end_that_cannot_be_is_refused_and_nothing_changes(case: Case, told: dict[str, object], code: str) -> None:
    given = {"end": "RECALLED", "on": SUNDAY, "reason": "طلب", **told}
    with pytest.raises(Refused) as refused:
        cases_end(actor=ACTOR, client_id=case.client_id, case_ids=[case.pk], **given)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert not CaseEnd.objects.exists() and loose(case) == ("OPEN", None, "OPEN")


def test_the_database_keeps_one_end_a_case(case: Case) -> None:
    end(case)
    standing = CaseEnd.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEnd.objects.create(
            client_id=case.client_id, case=case, status="DECEASED", on=SUNDAY, decided=True, recorded_at=clock.now()
        )
    assert standing.decided
    with pytest.raises(Refused):
        note_post(
            actor=ACTOR, receivable=case.receivables.get(), kind="FEE", amount=Decimal("5.00"), value_on=SUNDAY,
            reason="رسم",
        )  # fmt: skip


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_ends_a_case_and_opens_it_again_on_its_page(case: Case, leader: User, language: str) -> None:
    browser, page = enter(leader, language), reverse("case", args=[case.pk])
    assert reverse("case_end", args=[case.pk]) in words(browser.get(page))
    form = {"end": "RECALLED", "on": "2026-10-31", "reason": "طلبت الجهة استرجاعه"}
    for bad, field in (({"end": "PAID"}, "end"), ({"on": "2026-12-01"}, "on"), ({"reason": ""}, "reason")):
        again = browser.post(reverse("case_end", args=[case.pk]), form | bad)
        assert (again.status_code, list(again.context["end_form"].errors)) == (422, [field])
        assert in_language(again, language)
    assert not CaseEnd.objects.exists()
    assert browser.post(reverse("case_end", args=[case.pk]), form)["Location"] == page
    ended = browser.get(page)
    assert form["reason"] in words(ended) and reverse("case_reopen", args=[case.pk]) in words(ended)
    assert reverse("case_payment", args=[case.pk]) not in words(ended)
    assert CaseEnd.objects.get().recorded_by == leader
    assert browser.post(reverse("case_reopen", args=[case.pk]), {"reason": "أعادته"})["Location"] == page
    case.refresh_from_db()
    assert (case.status, loose(case)) == ("ON_HOLD", ("OPEN", None, "OPEN"))
    twice = browser.post(reverse("case_reopen", args=[case.pk]), {"reason": "أعادته"})
    assert twice.status_code == 422


def test_a_collector_ends_no_case(case: Case, collector: User) -> None:
    browser = enter(collector)
    assert reverse("case_end", args=[case.pk]) not in words(browser.get(reverse("case", args=[case.pk])))
    form = {"end": "RECALLED", "on": "2026-11-01", "reason": "x"}
    assert browser.post(reverse("case_end", args=[case.pk]), form).status_code in {403, 404}
    assert not CaseEnd.objects.exists()
