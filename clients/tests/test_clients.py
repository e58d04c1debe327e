"""Clients and the policies under which we work for them: services, then the pages."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from clients.models import Agreement, Client, ClientUser, ContactPolicy
from clients.selectors.clients import contact_policy_on
from clients.services.clients import client_create, client_update, client_user_add, contact_policy_replace
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, make_client, make_user

pytestmark = pytest.mark.django_db
TERMS: dict[str, Any] = {
    "channels": ["PHONE", "SMS"], "opens_at": dt.time(10), "closes_at": dt.time(16), "weekdays": [7, 1, 2, 3, 4],
    "max_attempts": 8, "window_days": 30, "least_promise": Decimal("250.00"),
}  # fmt: skip


@pytest.mark.requirement("PL-01", "PL-03")
def test_a_client_comes_with_agreement_contact_policy_and_ladder() -> None:
    trader, bank = make_client("TRD", kind="TRADE"), make_client("BNK", kind="BANK")
    assert (trader.stage_policy.code, trader.stage_policy.basis) == ("TRADE_CREDIT", "INVOICE")
    assert (bank.stage_policy.code, bank.stage_policy.basis) == ("CONSUMER_INSTALMENTS", "DUE")
    policy = ContactPolicy.objects.get(client=bank)
    assert (policy.version, policy.max_attempts, policy.window_days) == (1, 10, 30)
    assert "VISIT" not in policy.channels
    assert Agreement.objects.get(client=bank).number == "BNK-1"
    assert AuditEvent.objects.filter(action="client.created", client_id=bank.pk).count() == 1
    assert make_client("TR2").stage_policy == trader.stage_policy, "one ladder for all of a kind"


def test_a_code_is_taken_once_in_any_case() -> None:
    make_client("AAA")
    with pytest.raises(Refused) as refused:
        make_client(" aaa ")
    assert (refused.value.code, list(refused.value.fields)) == ("client_code_taken", ["code"])


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_client_at_once_make_one() -> None:
    codes: list[str] = []
    ready = threading.Barrier(2)

    def make() -> None:
        try:
            ready.wait(10)
            make_client("SAME")
            codes.append("made")
        except Refused as refused:
            codes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(codes) == ["client_code_taken", "made"]
    assert Client.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name_ar": " "}, "name_ar"),
        ({"name_en": "x" * 161}, "name_en"),
        ({"terms_days": -1}, "terms_days"),
        ({"terms_days": 366}, "terms_days"),
        ({"status": "GONE"}, "status"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(change: dict[str, Any], field: str) -> None:
    client = make_client()
    words_ = {"name_ar": "أ", "name_en": "A", "terms_days": 30, "status": "ACTIVE", **change}
    with pytest.raises(Refused) as refused:
        client_update(actor=ACTOR, client=client, **words_)
    assert list(refused.value.fields) == [field]
    client.refresh_from_db()
    assert (client.name_en, client.terms_days) == ("Client AAA", 60)
    assert not AuditEvent.objects.filter(action="client.updated").exists()


def test_a_change_keeps_before_and_after() -> None:
    client = make_client()
    client_update(actor=ACTOR, client=client, name_ar="أ", name_en="A", terms_days=30, status="CLOSED")
    body = AuditEvent.objects.get(action="client.updated").body
    assert (body["before"]["terms_days"], body["after"]["terms_days"]) == (60, 30)
    assert (body["before"]["status"], body["after"]["status"]) == ("ACTIVE", "CLOSED")
    assert [h.terms_days for h in client.history.order_by("history_id")] == [60, 30]


@pytest.mark.requirement("PL-03", "PL-54")
def test_a_new_policy_holds_from_its_day_and_the_old_one_stays_for_the_days_before() -> None:
    client = make_client()
    today = clock.today()
    contact_policy_replace(actor=ACTOR, client=client, starts_on=today + dt.timedelta(days=3), **TERMS)
    assert contact_policy_on(client_id=client.pk, on=today + dt.timedelta(days=2)).version == 1
    assert contact_policy_on(client_id=client.pk, on=today + dt.timedelta(days=3)).version == 2
    assert contact_policy_on(client_id=client.pk, on=today - dt.timedelta(days=900)).version == 1
    event = AuditEvent.objects.get(action="contact_policy.replaced")
    assert (event.body["version"], event.client_id) == (2, client.pk)


@pytest.mark.requirement("PL-54")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": clock.today() - dt.timedelta(days=1)}, "starts_on"),
        ({"opens_at": dt.time(16), "closes_at": dt.time(16)}, "closes_at"),
        ({"channels": []}, "channels"),
        ({"weekdays": []}, "weekdays"),
        ({"max_attempts": 11}, "max_attempts"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"window_days": 29}, "window_days"),
        ({"window_days": 61}, "window_days"),
    ],
)
def test_what_the_regulator_forbids_no_client_may_allow(change: dict[str, Any], field: str) -> None:
    client = make_client()
    words_ = {"starts_on": clock.today(), **TERMS, **change}
    with pytest.raises(Refused) as refused:
        contact_policy_replace(actor=ACTOR, client=client, **words_)
    assert list(refused.value.fields) == [field]
    assert ContactPolicy.objects.count() == 1


@pytest.mark.requirement("PL-11", "PL-54")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["BANK", "FINANCE", "TRADE", "TELECOM"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opens_at": dt.time(7, 59)}, "opens_at"),
        ({"closes_at": dt.time(18, 1)}, "closes_at"),
        ({"weekdays": [7, 1, 5]}, "weekdays"),
        ({"weekdays": [6]}, "weekdays"),
        ({"opens_at": dt.time(8), "closes_at": dt.time(18)}, None),
    ],
)
def test_a_bank_allows_no_hours_beyond_the_official_ones(
    kind: str, change: dict[str, Any], field: str | None, language: str
) -> None:
    client = make_client(kind=kind)
    words_ = {"starts_on": clock.today(), **TERMS, **change}
    if field is None or kind not in {"BANK", "FINANCE"}:
        contact_policy_replace(actor=ACTOR, client=client, **words_)
        assert ContactPolicy.objects.count() == 2
        return
    with translation.override(language), pytest.raises(Refused) as refused:
        contact_policy_replace(actor=ACTOR, client=client, **words_)
    assert list(refused.value.fields) == [field]
    with translation.override(language):
        assert ("الدوام الرسمي" if language == "ar" else "official") in str(refused.value.fields[field])
    assert ContactPolicy.objects.count() == 1


def test_staff_belong_to_no_client_and_a_portal_user_to_one() -> None:
    client = make_client()
    with pytest.raises(Refused) as refused:
        client_user_add(actor=ACTOR, client=client, user=make_user("COLLECTOR"))
    assert refused.value.code == "client_user_staff"
    person = make_user("CLIENT_USER", client=client)
    assert ClientUser.objects.get().user == person
    assert AuditEvent.objects.get(action="client_user.added").client_id == client.pk


# The pages.


@pytest.fixture
def manager() -> User:
    return make_user("COLLECTIONS_MANAGER")


@pytest.mark.requirement("PL-01")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_made_looked_at_and_changed(manager: User, language: str) -> None:
    browser = enter(manager, language)
    form = {"code": "nak", "name_ar": "النخيل", "name_en": "Nakheel", "kind": "TRADE", "terms_days": "45"}
    assert browser.get(reverse("client_new")).status_code == 200
    page = browser.post(reverse("client_new"), form, follow=True)
    client = Client.objects.get(code="NAK")
    assert page.redirect_chain[-1][0] == reverse("client", args=[client.pk])
    assert in_language(page, language)
    assert client.name_ar in words(page) or client.name_en in words(page)
    assert ("النخيل" if language == "ar" else "Nakheel") in words(browser.get(reverse("clients")))
    again = browser.post(reverse("client_new"), form)
    assert again.status_code == 422
    assert ("توجد جهة" if language == "ar" else "There is a client with this code already") in words(again) or (
        list(again.context["form"].errors) == ["code"]
    )
    assert 'value="Nakheel"' in words(again)
    edit = reverse("client_edit", args=[client.pk])
    assert 'value="45"' in words(browser.get(edit))
    change = {"name_ar": "النخيل", "name_en": "Nakheel Co", "terms_days": "30", "status": "ACTIVE"}
    assert browser.post(edit, {**change, "terms_days": "400"}).status_code == 422
    assert browser.post(edit, {**change, "name_ar": "   "}).status_code == 422
    assert browser.post(edit, change).status_code == 302
    client.refresh_from_db()
    assert (client.name_en, client.terms_days, client.code) == ("Nakheel Co", 30, "NAK")


@pytest.mark.requirement("PL-03")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contact_policy_from_the_page(manager: User, language: str) -> None:
    client = make_client()
    browser, url = enter(manager, language), reverse("client_contact_policy", args=[client.pk])
    assert browser.get(url).status_code == 200
    form = {
        "starts_on": clock.today().isoformat(), "channels": ["PHONE"], "opens_at": "10:00", "closes_at": "16:00",
        "weekdays": ["7", "1"], "max_attempts": "5", "window_days": "30", "least_promise": "100",
    }  # fmt: skip
    wrong = browser.post(url, {**form, "closes_at": "09:00"})
    assert wrong.status_code == 422
    assert list(wrong.context["form"].errors) == ["closes_at"]
    assert ("تنتهي ساعات التواصل" if language == "ar" else "Contact hours close after they open") in words(wrong)
    assert browser.post(url, {**form, "max_attempts": "11"}).status_code == 422
    assert browser.post(url, form).status_code == 302
    assert contact_policy_on(client_id=client.pk, on=clock.today()).max_attempts == 5


@pytest.mark.requirement("DC-08")
def test_a_portal_person_is_invited_by_mail(manager: User) -> None:
    client = make_client()
    browser, url = enter(manager), reverse("client_person", args=[client.pk])
    form = {"email": "Sara@Nakheel.example", "name_ar": "سارة", "name_en": "Sara", "title": ""}
    assert browser.get(url).status_code == 200
    assert browser.post(url, {**form, "email": "nobody"}).status_code == 422
    assert browser.post(url, form).status_code == 302
    assert ClientUser.objects.get().user.email == "sara@nakheel.example"
    assert [m.to for m in mail.outbox] == [["sara@nakheel.example"]]
    assert browser.post(url, form).status_code == 422, "the address is taken"
    assert User.objects.filter(role="CLIENT_USER").count() == 1


@pytest.mark.parametrize(
    ("role", "sees", "manages"),
    [
        ("COLLECTIONS_MANAGER", 200, 200), ("ADMINISTRATOR", 200, 200), ("GENERAL_MANAGER", 200, 404),
        ("COLLECTOR", 404, 404), ("TEAM_LEADER", 404, 404), ("AUDITOR", 200, 404), ("CLIENT_USER", 404, 404),
    ],
)  # fmt: skip
def test_who_sees_clients_and_who_keeps_them(role: str, sees: int, manages: int) -> None:
    client = make_client()
    browser = enter(make_user(role, client=client if role == "CLIENT_USER" else None))
    assert browser.get(reverse("clients")).status_code == sees
    assert browser.get(reverse("client", args=[client.pk])).status_code == sees
    for name, arguments in (("client_new", []), ("client_edit", [client.pk]), ("client_contact_policy", [client.pk])):
        assert browser.get(reverse(name, args=arguments)).status_code == manages
        if manages == 404:
            assert browser.post(reverse(name, args=arguments), {}).status_code == 404
    assert browser.get(reverse("client", args=[client.pk + 1000])).status_code == 404


def test_the_list_costs_the_same_for_few_and_for_many(manager: User) -> None:
    browser = enter(manager)
    make_client()
    few = queries(lambda: browser.get(reverse("clients")))
    for n in range(5):
        make_client(f"M{n}")
    assert queries(lambda: browser.get(reverse("clients"))) == few
    assert few <= 8


def test_the_ladder_may_be_given(manager: User) -> None:
    ladder = make_client("TRD", kind="TRADE").stage_policy
    client = client_create(
        actor=ACTOR, code="BNK", name_ar="ب", name_en="B", kind="BANK", stage_policy=ladder,
        fee_percent=Decimal("12.5"),
    )  # fmt: skip
    assert client.stage_policy == ladder
    with pytest.raises(Refused):
        client_create(actor=ACTOR, code="XX", name_ar="ب", name_en="B", kind="SHOP")
