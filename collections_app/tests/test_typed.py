"""What people type into forms: amounts of either script, days within reach, everything else refused with words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from collections_app.models import Case, ContactAttempt, EscalationRequest, Hold, Payment, Promise, Task
from common import clock
from common.clock import at_riyadh
from tests.doors import LANGUAGES, enter, words
from tests.world import a_case, debts_ticked, make_client, make_user, reasons

pytestmark = pytest.mark.django_db
SUNDAY = dt.date(2026, 11, 1)
STRANGE = ("1e3", "1_000", "NaN", "Infinity", "١e٣", "1,00", "5.005", "0x10", "--5", "9" * 40)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def collector() -> User:
    return make_user("COLLECTOR")


@pytest.fixture
def case(collector: User) -> Case:
    return a_case(make_client(), owner=collector, amount="12000.00")


def sent(case: Case, door: str, language: str = "ar", **given: str) -> Any:
    assert case.owner is not None
    forms = {
        "case_payment": {
            "amount": "100", "currency": "SAR", "value_on": "2026-11-01", "method": "CASH", "reference": "R",
        },
        "case_contact": {
            "channel": "PHONE", "reached": "HOLDER", "outcome": "PROMISE", "promise_amount": "400",
            "promise_on": "2026-11-05",
        },
        "case_hold": {"kind": "CLIENT", "from_on": "2026-11-01", "reason": "بطلب الجهة"},
        "case_propose": {
            "steps": "MEDIATION", "cost_ceiling": "0", "valid_days": "90", "grounds": "لم تنفع المحاولات السابقة كلها",
            **debts_ticked(case), **reasons(case),
        },
    }  # fmt: skip
    return enter(case.owner, language).post(reverse(door, args=[case.pk]), forms[door] | given)


@pytest.mark.parametrize(("typed", "amount"), [("١٬٢٣٤٫٥٠", "1234.50"), ("1,234.5", "1234.50"), ("۴۰۰", "400.00")])
def test_amounts_of_either_script_are_read(case: Case, typed: str, amount: str) -> None:
    assert sent(case, "case_payment", amount=typed).status_code == 302
    assert Payment.objects.get().amount == Decimal(amount)
    assert sent(case, "case_contact", promise_amount=typed).status_code == 302
    assert Promise.objects.get().amount == Decimal(amount)
    assert sent(case, "case_propose", cost_ceiling=typed).status_code == 302
    assert EscalationRequest.objects.get().cost_ceiling == Decimal(amount)


@pytest.mark.parametrize("typed", STRANGE)
@pytest.mark.parametrize(
    ("door", "name"),
    [("case_payment", "amount"), ("case_contact", "promise_amount"), ("case_propose", "cost_ceiling")],
)
def test_what_is_no_amount_is_refused_with_words(case: Case, door: str, name: str, typed: str) -> None:
    page = sent(case, door, **{name: typed})
    assert page.status_code == 422
    assert "اكتب المبلغ بخانتين عشريتين على الأكثر" in words(page)
    assert not (Payment.objects.exists() or ContactAttempt.objects.exists() or EscalationRequest.objects.exists())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("door", "name", "good", "bad"),
    [
        ("case_payment", "value_on", ["1990-01-01", "2026-11-01"], ["1989-12-31", "0001-01-01", "2026-11-02"]),
        ("case_hold", "from_on", ["1990-01-01", "2026-12-01"], ["1989-12-31", "2026-12-02", "9999-12-31"]),
        ("case_contact", "promise_on", ["2026-11-01"], ["1989-12-31", "9999-12-31", "0001-01-01"]),
    ],
)
def test_days_out_of_reach_are_refused_with_words(
    case: Case, door: str, name: str, good: list[str], bad: list[str], language: str
) -> None:
    for day in bad:
        page = sent(case, door, language, **{name: day})
        assert page.status_code == 422, day
    assert not (Payment.objects.exists() or Hold.objects.exists() or Promise.objects.exists())
    for n, day in enumerate(good):
        assert sent(case, door, language, **{name: day, "reference": f"R{n}"}).status_code == 302, day


def test_a_call_back_lies_within_ninety_days(case: Case) -> None:
    for at in ("2027-01-31T10:00", "9999-12-31T23:59"):
        page = sent(case, "case_contact", outcome="CALL_BACK", call_back_at=at)
        assert page.status_code == 422
        assert page.context["form"].errors["call_back_at"]
    assert not Task.objects.filter(kind="CALL_BACK").exists()
    assert sent(case, "case_contact", outcome="CALL_BACK", call_back_at="2027-01-30T10:00").status_code == 302
