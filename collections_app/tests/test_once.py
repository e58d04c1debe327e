"""A form that is sent twice is recorded once."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from accounts.models import User
from collections_app.models import Case, ContactAttempt, Hold, Payment
from common import clock
from common.clock import at_riyadh
from common.models import AuditEvent, SentForm
from common.tasks import forms_forget_task
from tests.doors import enter, words
from tests.world import a_case, make_client, make_user

SUNDAY = dt.date(2026, 11, 1)
FORMS: dict[str, tuple[dict[str, str], type[Any], str]] = {
    "case_contact": ({"channel": "PHONE", "reached": "HOLDER", "outcome": "INFORMED"}, ContactAttempt, "/day/next/"),
    "case_payment": (
        {"amount": "100.00", "currency": "SAR", "value_on": "2026-11-01", "method": "CASH", "reference": "R"},
        Payment,
        "/cases/",
    ),
    "case_hold": ({"kind": "CLIENT", "from_on": "2026-11-01", "reason": "بطلب الجهة"}, Hold, "/cases/"),
}


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


def keys(page: Any) -> set[str]:
    return set(re.findall(r'name="form_key" value="([^"]+)"', words(page)))


@pytest.mark.django_db
@pytest.mark.parametrize("door", FORMS)
def test_a_second_press_is_led_where_the_first_was_and_records_nothing(collector: User, case: Case, door: str) -> None:
    data, model, leads = FORMS[door]
    browser = enter(collector)
    page = browser.get(reverse("case", args=[case.pk]))
    (key,) = keys(page)
    form = data | {"form_key": key, "next": "1"}
    first = browser.post(reverse(door, args=[case.pk]), form)
    rows = AuditEvent.objects.count()
    second = browser.post(reverse(door, args=[case.pk]), form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert first["Location"].startswith(leads)
    assert model.objects.count() == 1
    assert AuditEvent.objects.count() == rows


@pytest.mark.django_db
@pytest.mark.parametrize("door", FORMS)
def test_another_load_of_the_page_and_a_form_without_a_key_are_taken_as_they_come(
    collector: User, case: Case, door: str
) -> None:
    data, model, _leads = FORMS[door]
    browser = enter(collector)
    asked = [{}] + [{"form_key": keys(browser.get(reverse("case", args=[case.pk]))).pop()} for _n in range(2)]
    for n, more in enumerate(asked):
        form = data | {"reference": f"R{n}", "amount": f"{100 + n}.00"} | more
        assert browser.post(reverse(door, args=[case.pk]), form).status_code == 302
    assert model.objects.count() == 3


@pytest.mark.django_db
def test_a_form_that_was_refused_is_sent_again_with_its_key(collector: User, case: Case) -> None:
    browser = enter(collector)
    url = reverse("case_payment", args=[case.pk])
    form = FORMS["case_payment"][0] | {"form_key": "k"}
    assert browser.post(url, form | {"amount": "-5"}).status_code == 422
    assert not SentForm.objects.exists()
    assert browser.post(url, form).status_code == 302
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_the_key_of_one_case_or_person_says_nothing_of_another(collector: User, case: Case) -> None:
    other = a_case(case.client, ref="D-2", owner=collector)
    browser, form = enter(collector), FORMS["case_hold"][0] | {"form_key": "k"}
    for found in (case, other):
        browser.post(reverse("case_hold", args=[found.pk]), form)
    enter(make_user("COLLECTIONS_MANAGER")).post(reverse("case_hold", args=[case.pk]), form)
    assert Hold.objects.filter(case=case).count() == 2
    assert Hold.objects.filter(case=other).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_record_one_payment(collector: User, case: Case) -> None:
    form = FORMS["case_payment"][0] | {"form_key": "k", "reference": "R"}
    start, answers = threading.Barrier(2), []

    def press(browser: Any) -> None:
        start.wait()
        answers.append(browser.post(reverse("case_payment", args=[case.pk]), form).status_code)
        connections.close_all()

    hands = [threading.Thread(target=press, args=(enter(collector),)) for _n in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(20)
    assert answers == [302, 302]
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_old_keys_are_let_go(collector: User, case: Case) -> None:
    enter(collector).post(reverse("case_hold", args=[case.pk]), FORMS["case_hold"][0] | {"form_key": "k"})
    assert forms_forget_task() == 0
    with clock.at(clock.now() + dt.timedelta(days=3)):
        assert forms_forget_task() == 1
    assert not SentForm.objects.exists()
