"""Default: computed by named rules, cured, begun again, undone; never typed."""

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
from django.urls import reverse

from accounts.choices import Role
from clients.models import StagePolicy, StagePolicyRow
from collections_app.models import Case, DefaultEpisode, Receivable
from collections_app.selectors.default import defaults_as_of, working_days
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from common import audit, clock
from tests.doors import enter, words
from tests.world import ACTOR, a_case, a_stage_change, a_stage_draft, make_client, make_user, place

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 4)


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def at(days: int) -> Any:
    return clock.at(clock.at_riyadh(on=on(days)))


def trade(*issued: int) -> Case:
    client = make_client(kind="TRADE")
    with at(min(issued)):
        place(
            client,
            [
                {
                    "debtor_ref": "D", "receivable_ref": f"R{n}", "issued_on": on(day), "due_on": on(day + 60),
                    "amount": "100.00",
                }
                for n, day in enumerate(issued)
            ],
        )  # fmt: skip
    return Case.objects.get()


def night(case: Case, day: int) -> None:
    with at(day):
        nightly_run(date=on(day), client_ids=[case.client_id])


def pay(case: Case, *, told: int, value: int, ref: str = "R0", amount: str = "100.00") -> Any:
    with at(told):
        return payment_post(
            actor=ACTOR, case=case, amount=Decimal(amount), currency="SAR", value_on=on(value),
            receivable=Receivable.objects.get(receivable_ref=ref),
        )  # fmt: skip


def episodes(rule: str = "TRADE_90") -> list[tuple[Any, ...]]:
    """(began, ended, undone) in days."""
    found = DefaultEpisode.objects.filter(rule=rule).order_by("began_on", "pk")
    return [
        tuple(None if d is None else (d - FIRST).days for d in (e.began_on, e.ended_on, e.undone_on)) for e in found
    ]


@pytest.mark.requirement("CM-12")
def test_default_begins_on_day_91_and_is_cured_by_payment_and_begins_again() -> None:
    case = trade(0, 30)
    night(case, 90)
    assert episodes() == []
    night(case, 91)
    assert episodes() == [(91, None, None)]
    # Two invoices past the day are one episode (I-06).
    night(case, 121)
    assert episodes() == [(91, None, None)]
    night(case, 122)
    pay(case, told=122, value=122)
    assert episodes() == [(91, None, None)]
    # Valued ahead of the book: it waits for its day.
    pay(case, told=125, value=125, ref="R1")
    assert episodes() == [(91, None, None)]
    night(case, 125)
    assert episodes() == [(91, 125, None)]
    with at(126):
        place(
            case.client,
            [{"debtor_ref": "D", "receivable_ref": "R9", "issued_on": on(40), "due_on": on(100), "amount": "1.00"}],
        )
    night(case, 131)
    assert episodes() == [(91, 125, None), (131, None, None)]


def test_a_payment_told_late_undoes_what_it_shows_never_was_and_its_reversal_brings_it_back() -> None:
    case = trade(0)
    night(case, 100)
    payment = pay(case, told=101, value=60)
    assert episodes() == [(91, None, 100)]
    with at(102):
        payment_reverse(actor=ACTOR, payment=payment, on=on(102), reason="شيك مرتجع")
    assert episodes() == [(91, None, 100), (91, None, None)]


@pytest.mark.requirement("CM-12", "CM-41")
def test_an_accepted_objection_keeps_from_default_and_a_rejected_one_lets_it_stand_on_its_date() -> None:
    case = trade(0)
    night(case, 80)
    with at(80):
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(80), reason="يعترض")
    night(case, 100)
    assert episodes() == []
    with at(100):
        objection_decide(actor=ACTOR, hold=hold, decision="REJECTED", reason="الفاتورة صحيحة")
    assert episodes() == [(91, None, None)]


def test_frozen_days_put_default_off_by_their_number() -> None:
    case = trade(0)
    night(case, 80)
    with at(80):
        hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=on(70), until_on=on(79), reason="فقد عمله")
        # Another, beginning before the first is over and told later.
        hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=on(65), until_on=on(74), reason="مرض")
    night(case, 105)
    assert episodes() == []
    night(case, 106)
    assert episodes() == [(106, None, None)]
    assert Receivable.objects.get().in_default is True


def bank(rules: list[str], months: int, kind: str = "BANK") -> Case:
    """A loan of monthly instalments, due on the fourth of each month."""
    policy = StagePolicy.objects.create(
        code="LOANS", version=1, name_ar="قروض", name_en="Loans", basis="DUE", state="DRAFT", default_rules=rules
    )
    for position, first in enumerate((None, 1, 31, 61, 91)):
        StagePolicyRow.objects.create(
            policy=policy,
            position=position,
            code=f"S{position}",
            from_day=first,
            depth=position,
            name_ar="م",
            name_en="S",
        )
    StagePolicy.objects.filter(pk=policy.pk).update(state="APPROVED")
    client = make_client(kind=kind, stage_policy=policy)
    with at(0):
        place(
            client,
            [
                {
                    "debtor_ref": "D", "debt_ref": "LOAN", "receivable_ref": f"I{n}", "issued_on": FIRST,
                    "due_on": dt.date(2026, 1 + n, 4), "amount": "100.00",
                }
                for n in range(months)
            ],
        )  # fmt: skip
    return Case.objects.get()


def settle(case: Case, n: int, when: dt.date, amount: str = "100.00") -> None:
    with clock.at(clock.at_riyadh(on=when)):
        payment_post(
            actor=ACTOR, case=case, amount=Decimal(amount), currency="SAR", value_on=when,
            receivable=Receivable.objects.get(receivable_ref=f"I{n}"),
        )  # fmt: skip


def bring(case: Case, day: dt.date) -> None:
    with clock.at(clock.at_riyadh(on=day)):
        nightly_run(date=day, client_ids=[case.client_id])


def dates(rule: str) -> list[tuple[Any, ...]]:
    found = DefaultEpisode.objects.filter(rule=rule, undone_on=None).order_by("began_on")
    return [(e.began_on, e.ended_on, e.debt_id is not None) for e in found]


def test_three_months_in_a_row_unpaid_in_full_or_part() -> None:
    case = bank(["MONTHLY_3_IN_A_ROW"], 5)
    settle(case, 0, dt.date(2026, 1, 4), "99.99")  # in part
    bring(case, dt.date(2026, 3, 4))
    assert dates("MONTHLY_3_IN_A_ROW") == []
    bring(case, dt.date(2026, 3, 5))
    assert dates("MONTHLY_3_IN_A_ROW") == [(dt.date(2026, 3, 5), None, True)]
    # Cured: one of the three is paid; and begun again with the next in a row.
    bring(case, dt.date(2026, 3, 20))
    settle(case, 1, dt.date(2026, 3, 20))
    assert dates("MONTHLY_3_IN_A_ROW") == [(dt.date(2026, 3, 5), dt.date(2026, 3, 20), True)]
    bring(case, dt.date(2026, 5, 5))
    assert dates("MONTHLY_3_IN_A_ROW")[1] == (dt.date(2026, 5, 5), None, True)


def test_five_separate_instalments_seven_working_days_late() -> None:
    case = bank(["FIVE_LATE_7WD"], 6)
    days = working_days(first=FIRST, last=dt.date(2026, 12, 31), client_kind="BANK")
    for n in range(4):
        due = dt.date(2026, 1 + n, 4)
        full = [day for day in days if day > due][6]
        # The first three are paid on the day that makes them late enough; the fourth a day earlier.
        settle(case, n, full if n < 3 else full - dt.timedelta(days=1))
    bring(case, dt.date(2026, 6, 3))
    assert dates("FIVE_LATE_7WD") == []  # I0, I1, I2 and I4 are four
    fifth = [day for day in days if day > dt.date(2026, 6, 4)][6]
    bring(case, fifth - dt.timedelta(days=1))
    assert dates("FIVE_LATE_7WD") == []
    bring(case, fifth)
    assert dates("FIVE_LATE_7WD") == [(fifth, None, True)]
    settle(case, 4, fifth)
    bring(case, fifth + dt.timedelta(days=1))
    settle(case, 5, fifth + dt.timedelta(days=1))
    assert dates("FIVE_LATE_7WD") == [(fifth, fifth + dt.timedelta(days=1), True)]


def test_one_instalment_more_than_sixty_working_days() -> None:
    case = bank(["UNPAID_60WD", "FOUR_LATE_20WD"], 1)
    day = [d for d in working_days(first=FIRST, last=dt.date(2026, 12, 31), client_kind="BANK") if d > FIRST][60]
    bring(case, day - dt.timedelta(days=1))
    assert dates("UNPAID_60WD") == []
    bring(case, day)
    assert dates("UNPAID_60WD") == [(day, None, True)]
    assert dates("FOUR_LATE_20WD") == []


def test_more_than_five_separate_months_and_the_notes_own_test() -> None:
    case = bank(["MORE_THAN_5_MONTHS", "NOTE_3_OR_MORE_THAN_5"], 7)
    bring(case, dt.date(2026, 6, 4))
    assert dates("MORE_THAN_5_MONTHS") == []
    assert dates("NOTE_3_OR_MORE_THAN_5") == [(dt.date(2026, 3, 5), None, True)]
    bring(case, dt.date(2026, 6, 5))
    assert dates("MORE_THAN_5_MONTHS") == [(dt.date(2026, 6, 5), None, True)]
    bring(case, dt.date(2026, 6, 10))
    settle(case, 0, dt.date(2026, 6, 10))
    assert dates("MORE_THAN_5_MONTHS") == [(dt.date(2026, 6, 5), dt.date(2026, 6, 10), True)]


@pytest.mark.requirement("CM-12", "CM-13")
def test_a_default_that_was_over_before_its_invoice_was_told_is_kept() -> None:
    case = trade(170)
    night(case, 180)
    with at(180):
        payment_post(actor=ACTOR, case=case, amount=Decimal("200.00"), currency="SAR", value_on=on(175))
        row = {
            "debtor_ref": "D", "receivable_ref": "LATE", "issued_on": on(0), "due_on": on(60), "amount": "100.00",
        }  # fmt: skip
        place(case.client, [row])
    assert list(DefaultEpisode.objects.values_list("rule", "began_on", "ended_on")) == [("TRADE_90", on(91), on(175))]


@pytest.mark.requirement("CM-12")
@pytest.mark.parametrize(("language", "said"), [("ar", "متعثر منذ"), ("en", "In default since")])
def test_the_case_says_its_default_and_by_which_rule(language: str, said: str) -> None:
    client = make_client(kind="TRADE")
    owner = make_user(Role.COLLECTOR)
    case = a_case(client, days_late=31, owner=owner)
    browser = enter(owner, language)
    url = reverse("case", args=[case.pk])
    with clock.at(clock.at_riyadh(on=clock.today())):
        assert said not in words(browser.get(url))
        nightly_run(date=clock.today())
        shown = words(browser.get(url))
    assert said in shown
    assert "CM-12 · §4.4.7" in shown


@pytest.mark.requirement("CM-41")
def test_a_hold_told_of_late_undoes_a_default_that_was_over_already() -> None:
    case = trade(0)
    night(case, 95)
    pay(case, told=100, value=100)
    night(case, 110)
    assert episodes() == [(91, 100, None)]
    with at(110):
        hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(85), reason="اعترض قبلها")
    assert episodes() == [(91, 100, 110)]


@pytest.mark.requirement("CM-12", "CM-13")
def test_default_of_any_day_as_it_was_known_at_any_moment() -> None:
    case = trade(0)
    night(case, 95)
    with at(95):
        audit.seal()
    payment = pay(case, told=96, value=93)
    with at(96):
        audit.seal()
    with at(97):
        payment_reverse(actor=ACTOR, payment=payment, on=on(97), reason="شيك مرتجع")
        audit.seal()

    def stood(day: int, known: int | None = None) -> list[tuple[str, dt.date]]:
        moment = None if known is None else clock.at_riyadh(on=on(known), time=dt.time(20))
        found = defaults_as_of(client_id=case.client_id, as_of=on(day), known_at=moment)
        return [(e.rule, e.began_on) for e in found]

    begun = [("TRADE_90", on(91))]
    for _again in range(2):
        assert [stood(90), stood(91), stood(94)] == [[], begun, begun]
        assert [stood(94, 95), stood(94, 96), stood(94, 97)] == [begun, [], begun]
        # On day 92 it was owed, whatever came later; and before anything was told there was nothing.
        assert [stood(92, 95), stood(92, 96), stood(92, -1)] == [begun, begun, []]


@pytest.mark.requirement("CM-12", "CM-41")
def test_the_holds_and_the_policy_of_a_default_are_those_that_were_known() -> None:
    case = trade(0)
    night(case, 80)
    with at(80):
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(80), reason="يعترض")
        audit.seal()
    with at(100):
        objection_decide(actor=ACTOR, hold=hold, decision="REJECTED", reason="الفاتورة صحيحة")
        audit.seal()

    def rules(known: int | None) -> list[str]:
        moment = None if known is None else clock.at_riyadh(on=on(known), time=dt.time(20))
        return [e.rule for e in defaults_as_of(client_id=case.client_id, as_of=on(95), known_at=moment)]

    assert [rules(90), rules(100), rules(None)] == [[], ["TRADE_90"], ["TRADE_90"]]


@pytest.mark.django_db(transaction=True)
def test_a_default_that_an_open_transaction_undoes_was_known_till_then() -> None:
    case = trade(0)
    with at(0):
        audit.seal()
    opened, asked = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            payment_post(actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=on(60))
            opened.set()
            asked.wait(timeout=20)
        connection.close()

    other = threading.Thread(target=late)
    other.start()
    assert opened.wait(timeout=20)
    then = clock.now()
    audit.sealed_by(moment=then)

    def stood(known_at: dt.datetime | None) -> list[str]:
        return [e.rule for e in defaults_as_of(client_id=case.client_id, as_of=on(95), known_at=known_at)]

    before = stood(then)
    asked.set()
    other.join()
    audit.seal()
    assert before == stood(then) == ["TRADE_90"]
    assert stood(None) == stood(clock.now()) == []


@pytest.mark.requirement("CM-12")
def test_the_command_tells_defaults_of_a_day_and_as_known() -> None:
    case = trade(0)
    night(case, 95)
    with at(95):
        audit.seal()
    pay(case, told=96, value=90)
    with at(96):
        audit.seal()

    def told(*more: str) -> list[dict[str, Any]]:
        out = io.StringIO()
        day = on(94).isoformat()
        call_command("defaults", "--client", case.client.code, "--as-of", day, "--json", *more, stdout=out)
        return list(json.loads(out.getvalue())["rows"])

    assert told() == []
    assert told("--known-at", f"{on(95)}T18:00") == [
        {"debtor_ref": "D", "debt_ref": "", "rule": "TRADE_90", "source": "CM-12 · §4.4.7", "began_on": str(on(91))}
    ]
    out = io.StringIO()
    day = on(94).isoformat()
    call_command("defaults", "--client", case.client.code, "--as-of", day, "--known-at", f"{on(95)}T18:00", stdout=out)
    assert "TRADE_90" in out.getvalue()
    with pytest.raises(CommandError, match="is not a moment that has been"):
        told("--known-at", "2999-01-01")


@pytest.mark.requirement("CM-12")
@pytest.mark.parametrize(("language", "said"), [("ar", "متعثر منذ"), ("en", "In default since")])
def test_the_statement_of_a_past_day_says_the_default_of_that_day(language: str, said: str) -> None:
    case = trade(0)
    night(case, 100)
    pay(case, told=100, value=95)
    manager = enter(make_user(Role.COLLECTIONS_MANAGER), language)
    with at(100):
        shown = [words(manager.get(reverse("case_statement", args=[case.pk]), {"as_of": on(d)})) for d in (90, 94, 95)]
    assert [said in page for page in shown] == [False, True, False]


@pytest.mark.requirement("CM-12", "CM-41")
def test_days_under_hardship_are_no_days_of_delay() -> None:
    case = bank(["UNPAID_60WD"], 1)
    days = [d for d in working_days(first=FIRST, last=dt.date(2026, 12, 31), client_kind="BANK") if d > FIRST]
    with clock.at(clock.at_riyadh(on=days[30])):
        nightly_run(date=days[30])
        # Ten working days of hardship, told late.
        hold_place(
            actor=ACTOR, case=case, kind="HARDSHIP", from_on=days[10], until_on=days[19], reason="فقد عمله"
        )  # fmt: skip
    bring(case, days[69])
    assert dates("UNPAID_60WD") == []
    bring(case, days[70])
    assert dates("UNPAID_60WD") == [(days[70], None, True)]


@pytest.mark.requirement("CM-12", "CM-41")
@pytest.mark.parametrize("decision", ["ACCEPTED", "REJECTED"])
def test_an_instalment_under_an_objection_is_not_counted_late_before_it_is_decided(decision: str) -> None:
    case = bank(["FIVE_LATE_7WD"], 5)
    days = working_days(first=FIRST, last=dt.date(2026, 12, 31), client_kind="BANK")
    fulls = [[d for d in days if d > dt.date(2026, 1 + n, 4)][6] for n in range(5)]
    for n in range(3):
        settle(case, n, fulls[n])
    with clock.at(clock.at_riyadh(on=dt.date(2026, 4, 5))):
        nightly_run(date=dt.date(2026, 4, 5))
        fourth = Receivable.objects.get(receivable_ref="I3")
        hold = hold_place(
            actor=ACTOR, case=case, kind="OBJECTION", from_on=dt.date(2026, 4, 5), reason="يعترض", receivable=fourth
        )
    bring(case, dt.date(2026, 5, 20))
    assert dates("FIVE_LATE_7WD") == []
    with clock.at(clock.at_riyadh(on=dt.date(2026, 5, 20))):
        objection_decide(actor=ACTOR, hold=hold, decision=decision, reason="درسناه")
        hold.refresh_from_db()
        if hold.until_on is None:
            hold_release(actor=ACTOR, hold=hold, until_on=dt.date(2026, 5, 20), reason="صُحح")
    if decision == "REJECTED":
        # It never held: the fifth was late when the fifth was.
        assert dates("FIVE_LATE_7WD") == [(fulls[4], None, True)]
    else:
        # No day of it counts: the fourth instalment is late seven working days from its release on.
        assert dates("FIVE_LATE_7WD") == []
        late = [d for d in days if d > dt.date(2026, 5, 20)][6]
        bring(case, late)
        assert dates("FIVE_LATE_7WD") == [(late, None, True)]


@pytest.mark.requirement("CM-12")
def test_a_debt_older_than_four_years_is_counted_from_its_due_date() -> None:
    bank(["UNPAID_60WD"], 1)
    day = [d for d in working_days(first=FIRST, last=dt.date(2026, 12, 31), client_kind="BANK") if d > FIRST][60]
    with clock.at(clock.at_riyadh(on=FIRST + dt.timedelta(days=2_600))):
        nightly_run(date=FIRST + dt.timedelta(days=2_600))
    assert dates("UNPAID_60WD") == [(day, None, True)]


@pytest.mark.requirement("CM-12", "DC-09")
def test_before_a_product_had_a_ladder_of_its_own_the_general_one_judged_it() -> None:
    client = make_client(kind="TRADE")
    with at(0):
        place(
            client,
            [
                {
                    "debtor_ref": "D", "receivable_ref": "R0", "issued_on": on(0), "due_on": on(60), "amount": "100.00",
                    "product": "Cards",
                }
            ],
        )  # fmt: skip
    case = Case.objects.get()
    night(case, 95)
    with at(95):
        one, other = (make_user(Role.COLLECTIONS_MANAGER, name=f"m{n}") for n in range(2))
        draft = a_stage_draft(client, by=one, code="CARDS", default_after_days=200)
        a_stage_change(draft, client=client, by=one, product="Cards", starts_on=on(100), approved_by=other)
    night(case, 101)
    assert episodes() == [(91, 100, None)]
