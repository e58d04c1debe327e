"""Orders at their doors: pages of the house and the portal, the API, the file and the command."""

from __future__ import annotations

import csv
import io
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from openpyxl import load_workbook

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from common import clock
from credit.choices import CustomerKind, OrderState, PaperKind, StopKind
from credit.models import CreditPaper, Order, OrderFile
from credit.selectors.standing import exposure_of
from credit.tests.order_worlds import (
    ADDRESS,
    a_buyer,
    an_order_file,
    codes,
    ordered,
    stopped,
    with_papers,
    with_remote_terms,
)
from credit.tests.worlds import Account, a_customer
from tests.callers import Caller, fields
from tests.world import a_pdf, make_client, make_user, place, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_asked_too_often() -> None:
    cache.clear()


@pytest.fixture
def officer() -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def client() -> Client:
    return make_client("AAA")


@pytest.fixture
def buyer(client: Client, officer: User) -> Account:
    return a_buyer(client, by=officer)


def typed(account: Account, **fields: Any) -> dict[str, Any]:
    return {
        "order_ref": "O-1", "kind": "CREDIT", "amount": "1,000.00", "ordered_on": clock.today().isoformat(),
        "agent": account.owner.pk, "channel": "IN_PERSON", "act": "place",
    } | fields  # fmt: skip


@pytest.mark.requirement("CM-23")
def test_the_officer_asks_and_is_told_every_reason_and_nothing_is_kept(buyer: Account, officer: User) -> None:
    browser, address = signed_in(officer), f"/credit/customers/{buyer.customer.pk}/orders/new/"
    page = browser.get(address)
    assert page.status_code == 200 and "سالم السنابل" in page.content.decode()
    stopped(buyer, StopKind.OVER_LIMIT, by=officer)
    told = typed(buyer, act="check", amount="12000", agent="", channel="FAX")
    answer = browser.post(address, told, headers={"HX-Request": "true"})
    said = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in said
    for words in ("CM-23", "CM-17", "CM-22", "CM-19", "CM-27", "10,000.00"):
        assert words in said, words
    assert not Order.objects.exists()
    # Without JavaScript the same answer stands in the page.
    assert "CM-17" in browser.post(address, told).content.decode()
    bad = browser.post(address, typed(buyer, amount="-5"), headers={"HX-Request": "true"})
    assert bad.status_code == 422


@pytest.mark.requirement("CM-23", "CM-22")
def test_an_order_is_placed_taken_in_spite_of_its_reasons_invoiced_and_cancelled(buyer: Account, officer: User) -> None:
    browser, address = signed_in(officer), f"/credit/customers/{buyer.customer.pk}/orders/new/"
    page = browser.post(address, typed(buyer), follow=True)
    order = Order.objects.get()
    assert order.state == OrderState.ACCEPTED and page.redirect_chain[-1][0] == f"/credit/orders/{order.pk}/"
    told = {"receivable_ref": "I-1", "amount": "400"}
    assert browser.post(f"/credit/orders/{order.pk}/invoice/", told).status_code == 302
    again = browser.post(f"/credit/orders/{order.pk}/invoice/", told | {"receivable_ref": "I-2", "amount": "601"})
    assert again.status_code == 422
    assert browser.post(f"/credit/orders/{order.pk}/cancel/", {"reason": "عدول"}).status_code == 422, "I-1 comes"
    browser.post(address, typed(buyer, order_ref="O-2", amount="9500"))
    refused = Order.objects.get(order_ref="O-2")
    assert codes(refused) == ["LIMIT_PASSED"]
    assert "CM-23" in browser.get(f"/credit/orders/{refused.pk}/").content.decode()
    assert browser.post(f"/credit/orders/{refused.pk}/override/", {"reason": "أعرفه"}).status_code == 404
    manager = signed_in(make_user(Role.GENERAL_MANAGER), proven=True)
    done = manager.post(f"/credit/orders/{refused.pk}/override/", {"reason": "ضمان بنكي في الطريق"}, follow=True)
    refused.refresh_from_db()
    assert refused.state == OrderState.ACCEPTED and refused.override_role == "GENERAL_MANAGER"
    assert "ضمان بنكي في الطريق" in done.content.decode()
    assert browser.post(f"/credit/orders/{refused.pk}/cancel/", {"reason": "عدول"}).status_code == 302
    found = browser.get("/credit/orders/", {"state": "CANCELLED"}).content.decode()
    assert "O-2" in found and "O-1" not in found


@pytest.mark.requirement("CM-18")
def test_a_cash_order_asks_for_papers_and_no_earlier_debt(client: Client, officer: User) -> None:
    customer = a_customer(client, by=officer, kind=CustomerKind.CASH)
    browser, address = signed_in(officer), f"/credit/customers/{customer.pk}/orders/new/"
    told = typed(Account(customer=customer, agreement=None, limit=None, owner=officer), kind="CASH", agent="")  # type: ignore[arg-type]
    browser.post(address, told)
    assert codes(Order.objects.get()) == ["PAPER_MISSING"] * 3
    with_papers(customer, by=officer)
    browser.post(address, told | {"order_ref": "O-2"})
    assert Order.objects.get(order_ref="O-2").state == OrderState.ACCEPTED


@pytest.mark.requirement("CM-19", "CM-27")
def test_an_order_by_e_mail_keeps_its_original(buyer: Account, officer: User) -> None:
    browser, address = signed_in(officer), f"/credit/customers/{buyer.customer.pk}/orders/new/"
    mail = typed(buyer, channel="EMAIL", address=ADDRESS)
    browser.post(address, mail)
    assert codes(Order.objects.get()) == ["REMOTE_TERMS", "REMOTE_ADDRESS", "REMOTE_ORIGINAL"]
    with_remote_terms(buyer, by=officer, on=clock.today())
    original = SimpleUploadedFile("order.pdf", a_pdf())
    browser.post(address, mail | {"order_ref": "O-2", "original": original})
    order = Order.objects.get(order_ref="O-2")
    assert order.state == OrderState.ACCEPTED and order.original is not None
    assert order.original.kind == PaperKind.ORDER
    kept = CreditPaper.objects.filter(kind=PaperKind.ORDER).count()
    wrong = SimpleUploadedFile("order.txt", b"hello")
    assert browser.post(address, mail | {"order_ref": "O-3", "original": wrong}).status_code == 422
    assert CreditPaper.objects.filter(kind=PaperKind.ORDER).count() == kept == 1


class TestPortal:
    def test_a_clients_people_see_and_order_for_their_own_customers_alone(self, buyer: Account, officer: User) -> None:
        other = a_buyer(make_client("BBB"), by=officer, name="شركة الغير")
        theirs = ordered(other, ref="X-1")
        browser = signed_in(make_user(Role.CLIENT_USER, client=buyer.customer.client))
        page = browser.get("/portal/credit/").content.decode()
        assert "مؤسسة السنابل" in page and "شركة الغير" not in page
        mine = f"/portal/credit/{buyer.customer.pk}/"
        answer = browser.post(mine, typed(buyer, act="check"), headers={"HX-Request": "true"})
        assert answer.status_code == 200 and not Order.objects.filter(client=buyer.customer.client).exists()
        browser.post(mine, typed(buyer))
        order = Order.objects.get(client=buyer.customer.client)
        assert order.state == OrderState.ACCEPTED and order.answered_by is not None
        one = browser.get(f"/portal/credit/orders/{order.pk}/").content.decode()
        assert "O-1" in one and order.answered_by.name_ar not in one.split("<main")[1]
        assert "X-1" not in browser.get("/portal/credit/orders/").content.decode()
        for address in (f"/portal/credit/{other.customer.pk}/", f"/portal/credit/orders/{theirs.pk}/"):
            assert browser.get(address).status_code == 404
        assert browser.post(f"/portal/credit/{other.customer.pk}/", typed(other)).status_code == 404
        for act in ("cancel", "invoice"):
            told = {"reason": "x", "receivable_ref": "I", "amount": "1"}
            assert browser.post(f"/portal/credit/orders/{theirs.pk}/{act}/", told).status_code == 404
        assert browser.post(mine, typed(buyer, order_ref="O-5", agent=other.owner.pk)).status_code == 422
        assert Order.objects.count() == 2
        assert browser.post(f"/portal/credit/orders/{order.pk}/cancel/", {"reason": "عدول"}).status_code == 302


class TestApi:
    def body(self, buyer: Account, **fields: Any) -> dict[str, Any]:
        return {"order_ref": "O-1", "debtor_ref": "C-1", "amount": "6000.00", "signatory": buyer.owner.pk} | fields

    @pytest.mark.requirement("CM-23")
    def test_a_system_is_answered_once_with_every_reason_in_both_languages(self, buyer: Account) -> None:
        caller = Caller.of(buyer.customer.client)
        key = uuid.uuid4().hex
        first = caller.post("credit/orders", self.body(buyer), key=key)
        assert first.status_code == 201 and first.json()["state"] == "ACCEPTED", first.content
        again = caller.post("credit/orders", self.body(buyer), key=key)
        assert again.content == first.content and again["Idempotency-Replayed"] == "true"
        # The same order under another key is the same order.
        assert caller.post("credit/orders", self.body(buyer)).json() == first.json()
        other = caller.post("credit/orders", self.body(buyer, amount="1"))
        assert (other.status_code, fields(other)) == (409, {"order_ref": "order_ref_taken"})
        refused = caller.post(
            "credit/orders", self.body(buyer, order_ref="O-2", signatory=buyer.owner.pk, channel="FAX")
        )
        told = refused.json()
        assert refused.status_code == 201 and told["state"] == "REFUSED"
        assert [reason["code"] for reason in told["reasons"]] == [
            "LIMIT_PASSED", "REMOTE_TERMS", "REMOTE_ADDRESS", "REMOTE_ORIGINAL",
        ]  # fmt: skip
        assert all(reason["message_ar"] != reason["message_en"] and reason["source"] for reason in told["reasons"])
        used = {"limit": "10000.00", "invoices": "0.00", "reserved": "6000.00", "room": "4000.00"}
        assert told["used"] == used | {"not_due": None, "not_due_most": None}
        assert Order.objects.count() == 2

    def test_asking_writes_nothing(self, buyer: Account) -> None:
        caller = Caller.of(buyer.customer.client)
        told = {name: value for name, value in self.body(buyer, amount=10_001).items() if name != "order_ref"}
        answer = caller.post("credit/orders/check", told, key="")
        assert answer.status_code == 200, answer.content
        assert (answer.json()["accepted"], answer.json()["used"]["room"]) == (False, "10000.00")
        assert caller.post("credit/orders/check", told | {"amount": 10_000}, key="").json()["accepted"] is True
        assert fields(caller.post("credit/orders/check", told | {"amount": 0}, key="")) == {"amount": "order_amount"}
        assert not Order.objects.exists()

    def test_invoice_cancel_list_and_standing(self, buyer: Account) -> None:
        caller = Caller.of(buyer.customer.client)
        caller.post("credit/orders", self.body(buyer))
        caller.post("credit/orders", self.body(buyer, order_ref="O/2", amount="100.00"))
        done = caller.post("credit/orders/O-1/invoice", {"receivable_ref": "I-1", "amount": "6000.00"})
        assert done.status_code == 201 and done.json()["state"] == "ACCEPTED"
        today = clock.today()
        row = {
            "debtor_ref": "C-1", "debtor_name": "مؤسسة", "receivable_ref": "I-1", "issued_on": today, "due_on": today,
            "amount": "6000.00",
        }  # fmt: skip
        place(buyer.customer.client, [row])
        assert caller.post("credit/orders/O/2/cancel", {"reason": "no longer wanted"}).json()["state"] == "CANCELLED"
        standing = caller.get("credit/customers/C-1").json()
        used = {"limit": "10000.00", "invoices": "6000.00", "reserved": "0.00", "room": "4000.00"}
        assert standing["used"] == used | {"not_due": None, "not_due_most": None}
        assert [one["signatory"] for one in standing["signatories"]] == [buyer.owner.pk]
        listed = caller.get("credit/orders", debtor_ref="C-1", state="CANCELLED").json()["results"]
        assert [order["order_ref"] for order in listed] == ["O/2"]
        assert caller.get("credit/orders/O-1").json()["invoices"] == [{"receivable_ref": "I-1", "amount": "6000.00"}]

    def test_what_is_another_clients_does_not_exist(self, buyer: Account, officer: User) -> None:
        other = a_buyer(make_client("BBB"), by=officer, ref="C-8")
        ordered(other, ref="X-1")
        caller = Caller.of(buyer.customer.client)
        assert fields(caller.post("credit/orders", self.body(buyer, debtor_ref="C-8"))) == {
            "debtor_ref": "customer_unknown"
        }
        assert fields(caller.post("credit/orders", self.body(buyer, signatory=other.owner.pk))) == {
            "signatory": "signatory_unknown"
        }
        for path in ("credit/customers/C-8", "credit/orders/X-1"):
            assert caller.get(path).status_code == 404
        assert caller.post("credit/orders/X-1/cancel", {"reason": "x"}).status_code == 404
        told = {"receivable_ref": "I-1", "amount": "1"}
        assert caller.post("credit/orders/X-1/invoice", told).status_code == 404
        assert caller.get("credit/orders").json()["results"] == []
        # The number of another client's order is free for this one.
        assert caller.post("credit/orders", self.body(buyer, order_ref="X-1")).status_code == 201

    def test_without_the_right_nothing_is_asked(self, buyer: Account) -> None:
        caller = Caller.of(buyer.customer.client, scopes=["READ", "PAYMENTS"])
        assert caller.get("credit/customers/C-1").status_code == 403
        assert caller.post("credit/orders", self.body(buyer)).status_code == 403


class TestFiles:
    def rows(self, buyer: Account) -> list[list[str]]:
        number = str(buyer.owner.pk)
        return [
            ["رقم الطلب", "رقم العميل", "قيمة الطلب", "النوع", "التاريخ", "الموقع", "ملاحظة"],
            ["=O-1", "C-1", "6,000.00", "آجل", f"{clock.today():%d/%m/%Y}", number, "=HYPERLINK(1)"],
            ["O-2", "C-1", "6000", "", f"{clock.today():%d/%m/%Y}", "", ""],
            ["O-3", "C-404", "10", "", "", "", ""],
            ["O-4", "C-1", "ten", "barter", "", "x", ""],
            ["=O-1", "C-1", "1.00", "آجل", f"{clock.today():%d/%m/%Y}", number, ""],
        ]

    def text(self, rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return out.getvalue().encode()

    @pytest.mark.requirement("CM-23")
    def test_every_line_is_answered_and_goes_back_in_the_clients_own_columns(
        self, buyer: Account, officer: User
    ) -> None:
        browser = signed_in(officer)
        content = self.text(self.rows(buyer))
        upload = {"client": buyer.customer.client.pk, "file": SimpleUploadedFile("طلبات.csv", content)}
        page = browser.post("/credit/orders/files/", upload, follow=True)
        file = OrderFile.objects.get()
        assert page.status_code == 200 and file.counts == {"ACCEPTED": 1, "REFUSED": 1, "WRONG": 3}
        assert [line["line"] for line in file.lines] == [2, 3, 4, 5, 6]
        wrong = {(w["line"], w["column"], w["code"]) for line in file.lines for w in line.get("wrong", ())}
        assert wrong == {
            (4, "رقم العميل", "account_unknown"), (5, "قيمة الطلب", "amount"), (5, "النوع", "kind"),
            (5, "الموقع", "signatory"), (6, "رقم الطلب", "order_ref_taken"),
        }  # fmt: skip
        back = b"".join(browser.get(f"/credit/orders/files/{file.pk}.csv").streaming_content).decode("utf-8-sig")
        told = list(csv.reader(io.StringIO(back)))
        assert told[0][:7] == self.rows(buyer)[0]
        assert told[1][0] == "'=O-1" and told[1][6] == "'=HYPERLINK(1)", "nothing in it is a formula"
        assert told[2][:3] == ["O-2", "C-1", "6000"] and "4,000.00" in told[2][9]
        book = load_workbook(
            io.BytesIO(b"".join(browser.get(f"/credit/orders/files/{file.pk}.xlsx").streaming_content))
        )
        assert len(list(book.active.rows)) == 6  # type: ignore[union-attr]
        assert browser.get(f"/credit/orders/files/{file.pk}.pdf").status_code == 404

    def test_the_same_file_again_places_nothing_twice(self, buyer: Account) -> None:
        rows = "O-1,C-1,6000\nO-2,C-1,7000\nO-3,C-1\n"
        first = an_order_file(buyer.customer.client, rows=rows)
        again = an_order_file(buyer.customer.client, rows=rows)
        assert first.lines == again.lines and Order.objects.count() == 2
        assert first.counts == {"REFUSED": 2, "WRONG": 1}
        assert first.lines[2]["wrong"][0]["code"] == "field_count"

    def test_a_file_names_its_own_clients_customers_alone(self, buyer: Account) -> None:
        file = an_order_file(make_client("BBB"), rows="O-1,C-1,5\n")
        assert file.lines[0]["wrong"][0]["code"] == "account_unknown" and not Order.objects.exists()

    def test_the_command_tells_the_same_as_json(self, buyer: Account, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_bytes(self.text(self.rows(buyer)))
        out = io.StringIO()
        call_command("credit_orders", str(path), "--client", "aaa", "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert told["counts"] == {"ACCEPTED": 1, "REFUSED": 1, "WRONG": 3}
        assert [line["answer"] for line in told["lines"]] == ["ACCEPTED", "REFUSED", "WRONG", "WRONG", "WRONG"]
        assert [r["code"] for r in told["lines"][1]["reasons"]] == ["LIMIT_PASSED", "SIGNATORY_NONE"]
        assert exposure_of(customer_id=buyer.customer.pk, on=clock.today()).reserved == Decimal(6_000)
        with pytest.raises(CommandError, match="There is no client"):
            call_command("credit_orders", str(path), "--client", "ZZZ")
        path.write_text("a,b\n1,2\n")
        with pytest.raises(CommandError, match="order_ref"):
            call_command("credit_orders", str(path), "--client", "AAA")


def test_nobody_signed_in_is_sent_to_sign_in(buyer: Account) -> None:
    for address in ("/credit/orders/", "/credit/portfolio/", f"/portal/credit/{buyer.customer.pk}/"):
        assert Browser().get(address).status_code == 302
