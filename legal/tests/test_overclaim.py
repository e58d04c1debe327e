"""The over-claim guard: a court is never asked for more than the ledger says is owed, without somebody being told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collections_app.models import Payment
from collections_app.services.incoming import payments_import
from collections_app.services.ledger import note_post, note_reverse, payment_post, payment_reverse
from collections_app.services.life import case_end, case_reopen
from collections_app.services.nightly import nightly_run
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from legal.models import Claim, LegalTask
from legal.rules.overclaim import Standing, is_over, tasks_wanted
from legal.selectors.overclaim import claims_above
from legal.services.claims import claim_amend, claim_end
from legal.tests.worlds import Court, a_claim, a_court, an_instrument
from tests.doors import enter, words
from tests.world import ACTOR, place

pytestmark = pytest.mark.django_db
D = Decimal


def pays(court: Court, amount: str) -> Payment:
    return payment_post(actor=ACTOR, case=court.case, amount=D(amount), currency="SAR", value_on=clock.today())


def back(payment: Payment) -> None:
    payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="ارتدّ")


def states(court: Court, kind: str = "AMEND_CLAIM") -> list[str]:
    return list(LegalTask.objects.filter(case=court.case, kind=kind).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("filed", "owed", "stands", "over", "withdraw"),
    [
        ("100.00", "100.01", True, False, False),
        ("100.00", "100.00", True, False, False),
        ("100.00", "99.99", True, True, False),
        ("100.00", "0.01", True, True, False),
        ("100.00", "0.00", True, True, True),
        ("100.00", "0.00", False, False, False),
    ],
)
def test_both_sides_of_the_alarm(filed: str, owed: str, stands: bool, over: bool, withdraw: bool) -> None:
    claim = Standing(filed=D(filed), owed=D(owed), stands=stands)
    assert is_over(claim=claim) is over
    assert tasks_wanted(claim=claim) == {"AMEND_CLAIM": over, "WITHDRAW_CLAIM": withdraw}


@pytest.mark.requirement("PL-23")
def test_money_after_filing_asks_to_amend_until_the_claim_is_amended() -> None:
    court = a_court()
    claim, desk, today = a_claim(court, amount="900.00"), enter(court.officer, "en"), clock.today()
    pays(court, "100.00")
    assert states(court) == []
    first = pays(court, "300.00")
    task = LegalTask.objects.get(case=court.case)
    assert (task.kind, task.state, task.claim_id) == ("AMEND_CLAIM", "OPEN", claim.pk)
    assert {name: value for name, value in task.evidence[0].items() if name != "at"} == {
        "what": "PAYMENT", "id": first.pk, "amount": "300.00", "on": today.isoformat(), "owed": "600.00",
        "filed": "900.00",
    }  # fmt: skip
    note_post(
        actor=ACTOR, receivable=court.case.receivables.get(), kind="CREDIT_NOTE", amount=D("50.00"), value_on=today,
        reason="خصم", reference="C-1",
    )  # fmt: skip
    task.refresh_from_db()
    assert [(e["what"], e["owed"]) for e in task.evidence] == [("PAYMENT", "600.00"), ("NOTE", "550.00")]
    # Seen in red on the desk, the file and the case, with its evidence on the task's page.
    for name, pk in (("legal_desk", None), ("legal_file", court.file.pk)):
        assert "A court is asked for more than is owed" in words(desk.get(reverse(name, args=[pk] if pk else [])))
    evidence = desk.get(reverse("legal_task", args=[task.pk]))
    assert "Note on the account" in words(evidence)
    assert [line["owed"] for line in evidence.context["evidence"]] == [D("600.00"), D("550.00")]
    assert [row.over for row in claims_above(claims=Claim.objects.all())] == [D("350.00")]
    sent = desk.post(
        reverse("file_claim_amend", args=[claim.pk]),
        {"amount": "550.00", "on": today.isoformat(), "reason": "سداد جزئي"},
    )
    assert sent.status_code == 302
    task.refresh_from_db()
    assert (task.state, task.done_by) == ("DONE", court.officer)
    assert (task.evidence[-1]["what"], task.evidence[-1]["filed"]) == ("AMENDMENT", "550.00")
    assert claims_above(claims=Claim.objects.all()) == []
    assert AuditEvent.objects.filter(action="legal_task.done").count() == 1


@pytest.mark.requirement("PL-23")
def test_a_reversal_that_brings_the_balance_back_makes_the_task_moot() -> None:
    court = a_court()
    a_claim(court)
    payment = pays(court, "300.00")
    back(payment)
    assert states(court) == ["MOOT"]
    pays(court, "1.00")
    assert states(court) == ["MOOT", "OPEN"]


@pytest.mark.requirement("PL-23")
def test_a_settled_case_asks_to_withdraw_and_to_return_the_note() -> None:
    court = a_court()
    claim, note = a_claim(court), an_instrument(court)
    payment = pays(court, "1000.00")
    assert states(court, "WITHDRAW_CLAIM") == states(court, "RETURN_NOTE") == ["OPEN"]
    back(payment)
    assert states(court, "WITHDRAW_CLAIM") == states(court, "RETURN_NOTE") == ["MOOT"]
    pays(court, "1000.00")
    desk = enter(court.officer)
    on = clock.today().isoformat()
    ended = desk.post(reverse("file_claim_end", args=[claim.pk]), {"state": "WITHDRAWN", "on": on, "note": "سُدد الدين"})
    assert ended.status_code == 302
    assert states(court, "WITHDRAW_CLAIM") == ["MOOT", "DONE"]
    assert set(states(court)) == {"MOOT", "DONE"}
    assert desk.post(reverse("instrument_back", args=[note.pk]), {"on": on, "to": "المدين"}).status_code == 302
    assert states(court, "RETURN_NOTE") == ["MOOT", "DONE"]


@pytest.mark.requirement("PL-23")
def test_a_case_that_a_person_ends_asks_to_withdraw_and_its_reopening_takes_that_back() -> None:
    court = a_court()
    a_claim(court)
    case_end(actor=ACTOR, case=court.case, end="RECALLED", on=clock.today(), reason="طلبت الجهة")
    assert states(court, "WITHDRAW_CLAIM") == ["OPEN"]
    case_reopen(actor=ACTOR, case=court.case, reason="عادت الجهة")
    assert states(court, "WITHDRAW_CLAIM") == ["MOOT"]


@pytest.mark.requirement("PL-23")
def test_money_that_comes_by_a_payment_file_passes_the_guard() -> None:
    court = a_court()
    a_claim(court)
    payments_import(
        actor=ACTOR,
        client=court.client,
        content=f"ref,day,holder,item,sum\nP-1,{clock.today()},AAA-1,AAA-1-1,250.00\n".encode(),
        name="p.csv",
        layout={
            "columns": {
                "payment_ref": "ref",
                "value_date": "day",
                "debtor_ref": "holder",
                "receivable_ref": "item",
                "amount": "sum",
            }
        },
    )
    assert states(court) == ["OPEN"]
    assert LegalTask.objects.get().evidence[-1]["owed"] == "750.00"


@pytest.mark.requirement("PL-23")
def test_money_that_comes_with_the_clients_own_file_passes_the_guard() -> None:
    court = a_court()
    a_claim(court)
    item = court.case.receivables.get()
    row = {
        "debtor_ref": "AAA-1", "debtor_name": court.case.debtor.name, "mobile": "0551234567",
        "receivable_ref": item.receivable_ref, "issued_on": item.issued_on, "due_on": item.due_on,
        "amount": item.amount, "paid_on": clock.today(),
    }  # fmt: skip
    place(court.client, [row])
    assert court.case.receivables.get().balance == 0
    assert states(court, "WITHDRAW_CLAIM") == ["OPEN"]


def test_a_payment_of_a_case_without_a_claim_costs_one_look_up() -> None:
    court = a_court()
    with CaptureQueriesContext(connection) as seen:
        pays(court, "10.00")
    assert len([q for q in seen if "legal_" in (q["sql"] or "")]) == 1


def test_the_night_adds_nothing_to_what_is_told() -> None:
    court = a_court()
    a_claim(court)
    nightly_run(date=clock.today())
    pays(court, "10.00")
    before = LegalTask.objects.get().evidence
    nightly_run(date=clock.today() + dt.timedelta(days=1))
    assert LegalTask.objects.get().evidence == before


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(min_value=1, max_value=60_000)),
        st.tuples(st.just("back"), st.integers(min_value=0, max_value=5)),
        st.tuples(st.just("credit"), st.integers(min_value=1, max_value=20_000)),
        st.tuples(st.just("uncredit"), st.integers(min_value=0, max_value=5)),
        st.tuples(st.just("amend"), st.integers(min_value=1, max_value=100_000)),
        st.tuples(st.just("end"), st.just(0)),
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.requirement("PL-23")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, filed=st.integers(min_value=10_000, max_value=100_000))
def test_a_task_is_open_while_the_filed_amount_is_above_the_balance(steps: list[tuple[str, int]], filed: int) -> None:
    with transaction.atomic():
        _lived(steps, filed)
        transaction.set_rollback(True)


def _lived(steps: list[tuple[str, int]], filed: int) -> None:
    court = a_court()
    claim = a_claim(court, amount=f"{D(filed) / 100:.2f}")
    payments: list[Payment] = []
    notes: list[Any] = []
    today, item = clock.today(), court.case.receivables.get()
    for n, (what, number) in enumerate(steps):
        amount = D(number) / 100
        try:
            if what == "pay":
                payments.append(pays(court, f"{amount:.2f}"))
            elif what == "back" and payments:
                back(payments.pop(number % len(payments)))
            elif what == "credit":
                notes.append(
                    note_post(
                        actor=ACTOR, receivable=item, kind="CREDIT_NOTE", amount=amount, value_on=today, reason="خصم",
                        reference=f"C-{n}",
                    )
                )  # fmt: skip
            elif what == "uncredit" and notes:
                note_reverse(actor=ACTOR, entry=notes.pop(number % len(notes)), reason="خطأ")
            elif what == "amend":
                claim_amend(user=court.officer, claim=claim, amount=amount, on=today, reason="تعديل")
            elif what == "end":
                claim_end(user=court.officer, claim=claim, state="ENDED", on=today, note="شطب")
        except Refused:
            continue
        claim.refresh_from_db()
        item.refresh_from_db()
        stands = claim.state == "FILED"
        tasks = {kind: LegalTask.objects.filter(claim=claim, kind=kind, state="OPEN").first() for kind in
                 ("AMEND_CLAIM", "WITHDRAW_CLAIM")}  # fmt: skip
        assert (tasks["AMEND_CLAIM"] is not None) == (stands and claim.amount > item.balance)
        assert (tasks["WITHDRAW_CLAIM"] is not None) == (stands and item.balance == 0)
        for task in filter(None, tasks.values()):
            assert (D(task.evidence[-1]["owed"]), D(task.evidence[-1]["filed"])) == (item.balance, claim.amount)
    # What each task tells is the account as it went: from line to line the balance moved by what the line names.
    for task in LegalTask.objects.filter(claim=claim):
        for before, line in zip(task.evidence, task.evidence[1:], strict=False):
            # The end of a claim answers it, and moves no sum.
            assert line["what"] == "CLAIM_ENDED" or (before["owed"], before["filed"]) != (line["owed"], line["filed"])
            if line["what"] == "AMENDMENT":
                assert line["owed"] == before["owed"] or D(line["filed"]) == D(line["amount"])
