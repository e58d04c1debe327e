"""What fees a contract may bear (rule FEE-CAP, regulations A22)."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from clients.models import Client
from clients.services.clients import client_update
from collections_app.models import Case, LedgerEntry, Receivable
from collections_app.rules.fees import Instalment, fee_room, instalments_allowed
from collections_app.services.ledger import note_post, note_reverse, payment_post
from common import clock
from common.clock import at_riyadh
from common.exceptions import Refused
from common.models import AuditEvent
from tests.callers import Caller
from tests.doors import LANGUAGES, enter, words
from tests.world import ACTOR, make_client, make_user, place

SUNDAY = dt.date(2026, 11, 1)


def on(days: int) -> dt.date:
    """So many days from Sunday."""
    return SUNDAY + dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


def a_loan(client: Client, **row: str) -> Case:
    """A contract of four instalments: of 500 and 500 that are due, of 400 due tomorrow, of 500 due in a month; and
    another contract with one."""
    common = {"debtor_ref": "D-1", "debtor_name": "عبدالله", "issued_on": on(-200), **row}
    terms = [(-40, "500.00"), (-10, "500.00"), (1, "400.00"), (30, "500.00")]
    place(
        client,
        [
            {**common, "debt_ref": "L-1", "receivable_ref": f"L-1-{n}", "due_on": on(day), "amount": amount}
            for n, (day, amount) in enumerate(terms)
        ]
        + [{**common, "debt_ref": "L-2", "receivable_ref": "L-2-0", "due_on": on(-5), "amount": "90.00"}],
    )
    return Case.objects.get(client=client)


def fee(ref: str, amount: str, *, kind: str = "FEE", component: str = "FEE", day: int = 0) -> LedgerEntry:
    return note_post(
        actor=ACTOR, receivable=Receivable.objects.get(receivable_ref=ref), kind=kind, amount=Decimal(amount),
        value_on=on(day), reason="رسوم تحصيل", component=component,
    )  # fmt: skip


def refused(ref: str, amount: str, **more: object) -> None:
    before = LedgerEntry.objects.count(), AuditEvent.objects.count()
    with pytest.raises(Refused) as told:
        fee(ref, amount, **more)  # type: ignore[arg-type]
    assert (told.value.code, list(told.value.fields)) == ("fee_cap", ["amount"])
    assert (LedgerEntry.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.requirement("FEE-CAP")
@pytest.mark.parametrize(
    ("supervised", "person", "own", "allowed"),
    [
        (True, True, None, 1), (True, True, 3, 1), (True, True, 0, 0), (True, False, None, None),
        (True, False, 2, 2), (False, True, None, None), (False, True, 0, 0),
    ],
)  # fmt: skip
def test_the_law_caps_persons_of_banks_and_a_client_only_makes_it_stricter(
    supervised: bool, person: bool, own: int | None, allowed: int | None
) -> None:
    assert instalments_allowed(supervised=supervised, person=person, own=own) == allowed


@pytest.mark.requirement("FEE-CAP")
@pytest.mark.parametrize(
    ("due_in", "open_", "allowed", "charged", "left"),
    [
        (0, "100", 1, "0", "100"), (1, "100", 1, "0", "0"), (0, "30", 1, "0", "30"), (0, "30", 1, "30", "0"),
        (0, "100", 1, "99.99", "0.01"), (0, "100", 1, "100.01", "0"), (0, "100", 0, "0", "0"),
        (0, "100", 2, "0", "160"),
    ],
)  # fmt: skip
def test_room_is_the_least_of_what_is_due_and_the_instalments_less_what_was_charged(
    due_in: int, open_: str, allowed: int, charged: str, left: str
) -> None:
    room = fee_room(
        on=SUNDAY,
        allowed=allowed,
        instalments=[
            Instalment(due_on=on(due_in), amount=Decimal(100), open=Decimal(open_)),
            Instalment(due_on=on(-9), amount=Decimal(120), open=Decimal(60 if allowed == 2 else 0)),
        ],
        charged=Decimal(charged),
    )
    assert room.left == Decimal(left)


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_fees_of_a_contract_add_up_to_its_smallest_instalment_and_no_further() -> None:
    a_loan(make_client("BNK", kind="BANK"))
    fee("L-1-0", "250.00")
    refused("L-1-1", "150.01")
    refused("L-1-1", "150.01", kind="DEBIT_NOTE")
    refused("L-1-1", "150.01", component="COST")
    fee("L-1-1", "100.00", kind="DEBIT_NOTE")
    fee("L-1-3", "50.00")
    refused("L-1-0", "0.01")
    # Another contract has a room of its own; costs that are no fee are none.
    fee("L-2-0", "90.00")
    refused("L-2-0", "0.01")
    fee("L-1-0", "900.00", kind="DEBIT_NOTE", component="COST")


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_fees_stay_below_what_was_due_on_their_own_day() -> None:
    case = a_loan(make_client("FIN", kind="FINANCE"))
    payment_post(
        actor=ACTOR, case=case, amount=Decimal("880.00"), currency="SAR", value_on=on(-3),
        receivable=None, reference="P",
    )  # fmt: skip
    # 1,000 were due on the contract, of which 120 are left since; the day before the money came all of it was.
    refused("L-1-1", "120.01")
    refused("L-1-1", "400.01", day=-4)
    fee("L-1-1", "120.00")
    refused("L-1-1", "0.01")
    refused("L-1-3", "0.01")


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_what_was_taken_back_makes_room_and_what_was_forgiven_does_not() -> None:
    a_loan(make_client("BNK", kind="BANK"))
    first = fee("L-1-0", "400.00")
    note_reverse(actor=ACTOR, entry=first, reason="خطأ")
    fee("L-1-0", "400.00")
    fee("L-1-0", "100.00", kind="WRITE_OFF")
    refused("L-1-0", "0.01")
    credit = fee("L-1-0", "60.00", kind="CREDIT_NOTE")
    fee("L-1-1", "50.00")
    # The credit note cannot be taken back: with what was charged since, more would stand than may.
    with pytest.raises(Refused) as told:
        note_reverse(actor=ACTOR, entry=credit, reason="خطأ")
    assert told.value.code == "fee_cap"
    fee("L-1-1", "50.00", kind="CREDIT_NOTE")
    note_reverse(actor=ACTOR, entry=credit, reason="خطأ")
    refused("L-1-1", "0.01")


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_nobody_caps_companies_and_traders_but_their_creditor() -> None:
    client = make_client("TRD", kind="TRADE")
    a_loan(client)
    fee("L-1-0", "1200.00")
    bank = make_client("BNK", kind="BANK")
    place(bank, [
        {"debtor_ref": "C", "national_id": "7001234567", "receivable_ref": "C-1", "issued_on": on(-9), "due_on": on(-2),
         "amount": "10.00"}
    ])  # fmt: skip
    fee("C-1", "50.00")


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_posts_a_fee_is_told_what_room_is_left(language: str) -> None:
    case = a_loan(make_client("BNK", kind="BANK"))
    browser = enter(make_user("COLLECTIONS_MANAGER"), language)
    address = reverse("case_note", args=[case.pk])
    told = {
        "kind": "FEE", "receivable": Receivable.objects.get(receivable_ref="L-1-0").pk, "component": "",
        "value_on": SUNDAY.isoformat(), "reference": "", "reason": "رسوم تحصيل",
    }  # fmt: skip
    assert browser.post(address, {**told, "amount": "300"}).status_code == 302
    page = browser.post(address, {**told, "amount": "100.01"})
    assert page.status_code == 422
    with translation.override(language):
        said = str(page.context["note_form"].errors["amount"][0])
    assert said in html.unescape(words(page))
    assert all(f"\u2068{figure}\u2069" in said for figure in ("400.00", "300.00", "100.00"))
    assert any("\u0600" <= letter <= "\u06ff" for letter in said) is (language == "ar")
    assert browser.post(address, {**told, "amount": "100"}).status_code == 302


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_a_client_sets_a_ceiling_of_its_own_on_its_page() -> None:
    client = make_client("TRD", kind="TRADE")
    a_loan(client)
    browser = enter(make_user("ADMINISTRATOR"), "en")
    address = reverse("client_edit", args=[client.pk])
    form = {"name_ar": "أ", "name_en": "A", "terms_days": "60", "status": "ACTIVE", "recall_notice_days": "30"}
    assert browser.post(address, {**form, "fee_cap_instalments": "13"}).status_code == 422
    assert browser.post(address, {**form, "fee_cap_instalments": "2"}).status_code == 302
    refused("L-1-0", "800.01")
    fee("L-1-0", "800.00")
    assert AuditEvent.objects.filter(action="client.updated").latest("pk").body["after"]["fee_cap_instalments"] == 2
    assert browser.post(address, {**form, "fee_cap_instalments": ""}).status_code == 302
    fee("L-1-0", "0.01")
    with pytest.raises(Refused) as told:
        client_update(
            actor=ACTOR, client=client, name_ar="أ", name_en="A", terms_days=60, status="ACTIVE", fee_cap_instalments=-1
        )
    assert list(told.value.fields) == ["fee_cap_instalments"]


@pytest.mark.django_db
@pytest.mark.requirement("FEE-CAP")
def test_a_clients_system_sends_no_fees() -> None:
    client = make_client("BNK", kind="BANK")
    a_loan(client)
    answer = Caller.of(client).post("notes", {
        "debtor_ref": "D-1", "receivable_ref": "L-1-0", "kind": "FEE", "amount": "1.00", "value_on": SUNDAY.isoformat(),
        "reference": "F-1", "reason": "fees",
    })  # fmt: skip
    assert answer.status_code == 422
    assert not LedgerEntry.objects.filter(kind="FEE").exists()
