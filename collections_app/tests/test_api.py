"""The API, through its own door: what a client's system places, reports, reads, and what it is refused."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.db.models import ProtectedError
from django.test import Client as Browser
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.api.authentication import AccountThrottle
from clients.choices import Scope
from clients.models import Client
from clients.services.systems import token_revoke
from collections_app.models import Case, ImportFile, LedgerEntry, Payment, Receivable
from collections_app.services.ledger import note_post, payment_post
from common import clock
from common.api.errors import exception_handler
from common.clock import at_riyadh
from common.exceptions import Refused
from common.models import AuditEvent, IdempotencyKey
from common.tasks import forms_forget_task
from tests.callers import ROOT, Caller, fields
from tests.world import ACTOR, a_case, make_client, place, signed_in

TODAY = dt.date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    cache.clear()
    with clock.at(at_riyadh(on=TODAY)):
        yield


@pytest.fixture
def client() -> Client:
    return make_client("AAA")


@pytest.fixture
def caller(client: Client) -> Caller:
    return Caller.of(client)


@pytest.fixture
def case(client: Client) -> Case:
    return a_case(client, ref="D-1", amount="1000.00")


def row(**more: Any) -> dict[str, Any]:
    return {"debtor_ref": "007", "receivable_ref": "I-1", "due_on": "2026-09-01", "amount": "100.50", **more}


def money_in(**more: Any) -> dict[str, Any]:
    told = {"debtor_ref": "D-1", "amount": "250.00", "currency": "SAR", "value_on": "2026-10-30", "reference": "P-1"}
    return {**told, **more}


def note(**more: Any) -> dict[str, Any]:
    return {
        "debtor_ref": "D-1", "receivable_ref": "D-1-1", "kind": "CREDIT_NOTE", "amount": "100.00",
        "value_on": "2026-10-30", "reference": "CN-1", "reason": "بضاعة مرتجعة", **more,
    }  # fmt: skip


@pytest.mark.django_db
class TestLettingIn:
    @pytest.mark.parametrize(
        ("header", "code"),
        [
            (None, "token_missing"),
            ("Basic YTpi", "token_malformed"),
            ("Bearer", "token_unknown"),
            ("Bearer mithaq_abcdefgh_" + "A" * 43, "token_unknown"),
            ("Bearer " + "x" * 5000, "token_unknown"),
            ("Bearer \u00e9\u00e9", "token_unknown"),
        ],
    )
    def test_without_a_token_of_ours_nobody_is_let_in(self, case: Case, header: str | None, code: str) -> None:
        browser = Browser(headers={} if header is None else {"Authorization": header})
        for answer in (browser.get(ROOT + "cases"), browser.post(ROOT + "payments", {}, "application/json")):
            assert (answer.status_code, answer.json()["code"]) == (401, code)
            assert answer["WWW-Authenticate"].startswith("Bearer")
            assert answer["Content-Type"] == "application/json"
            assert fields(answer) == {}

    def test_a_token_that_ended_or_was_revoked(self, caller: Caller) -> None:
        with clock.at(caller.token.expires_at):
            ended = caller.get("cases")
        token_revoke(user=caller.keeper, token=caller.token)
        revoked = caller.get("cases")
        assert [(a.status_code, a.json()["code"]) for a in (ended, revoked)] == [
            (401, "token_expired"),
            (401, "token_revoked"),
        ]

    def test_a_session_counts_for_nothing(self, caller: Caller) -> None:
        browser = signed_in(caller.keeper, proven=True)
        assert browser.get(ROOT + "cases").status_code == 401

    def test_no_cookie_is_set_and_nothing_is_kept_on_the_way(self, caller: Caller) -> None:
        answer = caller.get("cases")
        assert answer.status_code == 200
        assert not answer.cookies
        assert answer["Cache-Control"] == "no-store"

    def test_each_right_opens_its_doors_alone(self, client: Client, case: Case) -> None:
        doors = {
            Scope.READ: [("get", path) for path in ("cases", "cases/D-1", "receivables", "payments")],
            Scope.PLACEMENTS: [("post", "placements")],
            Scope.PAYMENTS: [("post", "payments"), ("post", "payments/P-1/reversal")],
            Scope.NOTES: [("post", "notes")],
            Scope.CREDIT: [("post", "credit/score")],
        }
        for held in Scope:
            caller = Caller.of(client, scopes=[held])
            for needed, opened in doors.items():
                for method, path in opened:
                    answer = caller.get(path) if method == "get" else caller.post(path, {})
                    if needed == held:
                        assert answer.status_code in {200, 404, 422}, (held, path)
                        continue
                    assert answer.status_code == 403, (held, path)
                    assert answer.json()["code"] == "scope_missing"
                    assert needed in answer.json()["message_ar"]
                    assert needed in answer.json()["message_en"]

    def test_so_many_requests_a_minute_for_each_account(
        self, client: Client, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(AccountThrottle, "THROTTLE_RATES", {"account": "3/min"})
        one, other = Caller.of(client), Caller.of(client)
        answers = [one.get("cases") for _n in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 0 < int(answers[-1]["Retry-After"]) <= 61
        assert answers[-1].json()["code"] == "too_many"
        assert other.get("cases").status_code == 200
        refused = one.post("payments", money_in(), key="k")
        assert refused.status_code == 429
        cache.clear()
        assert one.post("payments", money_in(), key="k").status_code == 201, "a request that was put off keeps its key"


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-08")
class TestTwoClients:
    """Committed rows, as in life: what B has, A's system never meets, by whatever door."""

    def test_a_reads_its_own_and_nothing_of_b(self) -> None:
        callers = {}
        for code in ("AAA", "BBB"):
            owner = make_client(code)
            found = a_case(owner, ref=f"{code}-1")
            payment_post(
                actor=ACTOR, case=found, amount=Decimal(10), currency="SAR", value_on=TODAY, reference=f"PAY-{code}"
            )
            callers[code] = Caller.of(owner)
        a = callers["AAA"]
        for path in ("cases", "receivables", "payments", "cases/AAA-1"):
            text = a.get(path).content.decode()
            assert "AAA" in text, path
            assert "BBB" not in text, path
        assert a.get("cases/BBB-1").status_code == 404
        for path in ("receivables", "payments"):
            assert a.get(path, debtor_ref="BBB-1").json()["results"] == []
        before = LedgerEntry.objects.count()
        reversal = a.post("payments/PAY-BBB/reversal", {"reason": "x"})
        assert reversal.status_code == 404
        assert fields(a.post("payments", money_in(debtor_ref="BBB-1"))) == {"debtor_ref": "debtor_unknown"}
        assert fields(a.post("notes", note(debtor_ref="BBB-1", receivable_ref="BBB-1-1"))) == {
            "debtor_ref": "debtor_unknown"
        }
        assert LedgerEntry.objects.count() == before
        # The same key of two clients: neither is answered with the other's.
        for code, caller in callers.items():
            answer = caller.post("payments", money_in(debtor_ref=f"{code}-1"), key="the-same")
            assert (answer.status_code, answer.json()["debtor_ref"]) == (201, f"{code}-1")

    def test_it_is_the_database_that_holds_and_not_the_views_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        own, other = make_client("AAA"), make_client("BBB")
        a_case(own, ref="AAA-1")
        a_case(other, ref="BBB-1")
        caller = Caller.of(own)
        monkeypatch.setattr(
            "collections_app.api.reads.cases_of",
            lambda *, client: Case.objects.select_related("debtor", "stage"),
        )
        assert caller.get("cases/BBB-1").status_code == 404
        tables = ("collections_app_case", "collections_app_debtor")
        with connections["owner"].cursor() as owner:
            for table in tables:
                owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            seen = caller.get("cases/BBB-1").status_code
            for table in tables:
                owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        assert seen == 200, "this test could not have failed"


@pytest.mark.django_db
class TestReads:
    def test_a_case_with_what_it_owes_in_each_currency(self, client: Client, caller: Caller) -> None:
        a_case(client, ref="D-1", amount="1000.00")
        place(client, [row(debtor_ref="D-1", currency="USD", amount="9.90")])
        told = caller.get("cases/D-1").json()
        assert told["balances"] == [
            {"currency": "SAR", "amount": "1000.00"},
            {"currency": "USD", "amount": "9.90"},
        ]
        assert (told["debtor_name"], told["status"]) == ("عبدالله D-1", "PLACED")
        assert caller.get("cases").json()["results"] == [told]
        assert caller.get("cases/D-2").status_code == 404

    def test_a_reference_may_hold_a_slash_and_arabic(self, client: Client, caller: Caller) -> None:
        a_case(client, ref="عقد/7 ب")
        answer = caller.get("cases/عقد/7 ب")
        assert (answer.status_code, answer.json()["debtor_ref"]) == (200, "عقد/7 ب")

    def test_pages_follow_each_other_while_rows_are_added(self, client: Client, caller: Caller) -> None:
        place(client, [row(receivable_ref=f"I-{n}") for n in range(5)])
        found, address, pages = [], ROOT + "receivables?limit=2", 0
        while address:
            answer = Browser(headers={"Authorization": f"Bearer {caller.text}"}).get(address)
            found += [r["receivable_ref"] for r in answer.json()["results"]]
            address, pages = answer.json()["next"], pages + 1
            if pages == 1:
                place(client, [row(receivable_ref="I-5")])
        assert (found, pages) == ([f"I-{n}" for n in range(6)], 3)

    def test_lists_are_filtered_by_day_both_ends_included(self, client: Client, caller: Caller, case: Case) -> None:
        place(client, [row(receivable_ref=f"I-{day}", due_on=f"2026-09-{day}") for day in ("10", "11", "12")])

        def due(**query: str) -> list[str]:
            rows = caller.get("receivables", debtor_ref="007", **query).json()["results"]
            return [r["receivable_ref"] for r in rows]

        assert due(due_from="2026-09-11", due_to="2026-09-12") == ["I-11", "I-12"]
        assert due(due_from="2026-09-13") == []
        assert due(status="PAID") == []
        for day, reference in ((28, "A"), (29, "B")):
            payment_post(
                actor=ACTOR, case=case, amount=Decimal(1), currency="SAR", value_on=dt.date(2026, 10, day),
                reference=reference,
            )  # fmt: skip

        def paid(**query: str) -> list[str]:
            return [r["reference"] for r in caller.get("payments", **query).json()["results"]]

        assert paid(value_from="2026-10-29") == ["B"]
        assert paid(value_to="2026-10-28") == ["A"]
        assert paid(recorded_from="2026-11-01", recorded_to="2026-11-01") == ["A", "B"]
        assert paid(recorded_from="2026-11-02") == paid(recorded_to="2026-10-31") == []
        assert caller.get("cases", placed_from="2026-11-01", placed_to="2026-11-01").json()["results"]
        assert caller.get("cases", placed_from="2026-11-02").json()["results"] == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"statsu": "OPEN"}, "statsu"),
            ({"status": "GONE"}, "status"),
            ({"due_from": "1/9/2026"}, "due_from"),
            ({"due_from": "2026-W01-1"}, "due_from"),
            ({"due_to": "1989-12-31"}, "due_to"),
            ({"limit": "0"}, "limit"),
            ({"limit": "501"}, "limit"),
            ({"limit": "x"}, "limit"),
        ],
    )
    def test_what_the_address_asks_wrongly_is_named(self, caller: Caller, query: dict[str, str], field: str) -> None:
        answer = caller.get("receivables", **query)
        assert answer.status_code == 400
        assert list(fields(answer)) == [field]

    @pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk="])
    def test_a_cursor_that_is_not_ours_is_refused(self, caller: Caller, cursor: str) -> None:
        assert caller.get("cases", cursor=cursor).status_code == 400

    def test_a_page_costs_the_same_whatever_it_holds(self, client: Client, caller: Caller, case: Case) -> None:
        def cost(path: str) -> int:
            with CaptureQueriesContext(connection) as seen:
                assert caller.get(path).status_code == 200
            return len(seen)

        caller.get("cases")
        payment_post(actor=ACTOR, case=case, amount=Decimal(1), currency="SAR", value_on=TODAY, reference="A")
        paths = ("cases", "receivables", "payments")
        before = [cost(path) for path in paths]
        place(client, [row(debtor_ref=f"X-{n}", receivable_ref=f"I-{n}") for n in range(8)])
        payment_post(actor=ACTOR, case=case, amount=Decimal(1), currency="SAR", value_on=TODAY, reference="B")
        assert [cost(path) for path in paths] == before
        # Token, how far the agreement looks, the role taken and given back, the savepoint of the test, rows, and their
        # sums where there are any.
        assert before == [10, 9, 10]


@pytest.mark.django_db
@pytest.mark.requirement("PL-04")
class TestPlacements:
    def test_rows_are_in_the_book_at_once_as_a_file_brings_them(self, client: Client, caller: Caller) -> None:
        answer = caller.post(
            "placements",
            {
                "rows": [
                    row(debtor_name="نورة العتيبي", mobile="0551234567", national_id="1010101010"),
                    row(receivable_ref="I-2", amount=99.95, disputed=True, currency="USD", debt_ref="C-1"),
                    row(receivable_ref="I-3", amount=7, open_amount="5.00", issued_on="2026-08-01"),
                ],
                "placed_on": "2026-10-31",
            },
        )
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert [told[n] for n in ("rows", "accepted", "unchanged", "cases", "debts", "receivables")] == [
            3,
            3,
            0,
            1,
            2,
            3,
        ]
        assert told["suspects"] == []
        assert [(w["code"], w["rows"], w["row"]) for w in told["warnings"]] == [("issued_on", 2, 1)]
        found = {r["receivable_ref"]: r for r in caller.get("receivables", debtor_ref="007").json()["results"]}
        assert {ref: (r["amount"], r["balance"], r["currency"], r["held"]) for ref, r in found.items()} == {
            "I-1": ("100.50", "100.50", "SAR", False),
            "I-2": ("99.95", "99.95", "USD", True),
            "I-3": ("7.00", "5.00", "SAR", False),
        }
        placed = Case.objects.get(client=client)
        assert (placed.debtor.debtor_ref, placed.placed_on) == ("007", dt.date(2026, 10, 31))
        assert Client.objects.get(pk=client.pk).book_date == TODAY, "a new book is opened with its first debts"
        event = AuditEvent.objects.get(action="import.written")
        assert (event.actor_kind, event.actor_id, event.client_id) == ("SERVICE", caller.account.pk, client.pk)
        assert ImportFile.objects.get(pk=told["import_id"]).name == f"API · {caller.account.name}"

    def test_the_same_rows_again_add_nothing_whatever_the_key(self, caller: Caller) -> None:
        assert caller.post("placements", {"rows": [row()]}).status_code == 201
        again = caller.post("placements", {"rows": [row()]})
        assert (again.status_code, again.json()["accepted"], again.json()["unchanged"]) == (200, 0, 1)
        assert Receivable.objects.count() == 1

    def test_a_known_row_with_other_values_is_left_to_a_person(self, caller: Caller) -> None:
        caller.post("placements", {"rows": [row()]})
        answer = caller.post("placements", {"rows": [row(receivable_ref="I-2"), row(amount="1.00")]})
        assert answer.status_code == 201
        (suspect,) = answer.json()["suspects"]
        assert (suspect["row"], suspect["code"]) == (2, "values")
        assert suspect["message_ar"] != suspect["message_en"]

    @pytest.mark.parametrize(
        ("fault", "field", "code"),
        [
            ({"amount": "100.505"}, "amount", "amount"),
            ({"amount": "-1"}, "amount", "amount_positive"),
            ({"amount": "NaN"}, "amount", "amount"),
            ({"amount": None}, "amount", "missing"),
            ({"amount": [1]}, "amount", "text"),
            ({"amount": True}, "amount", "text"),
            ({"due_on": "2026-02-30"}, "due_on", "date"),
            ({"due_on": 20260901}, "due_on", "text"),
            ({"debtor_ref": 7}, "debtor_ref", "text"),
            ({"debtor_ref": "  "}, "debtor_ref", "missing"),
            ({"debtor_ref": "a\u202eb"}, "debtor_ref", "bidi"),
            ({"debtor_ref": "a\0b"}, "debtor_ref", "control"),
            ({"debtor_ref": "\ud800"}, "debtor_ref", "control"),
            ({"debtor_name": "a\rb"}, "debtor_name", "control"),
            ({"receivable_ref": "x" * 201}, "receivable_ref", "too_long"),
            ({"city": "x" * 200_000}, "city", "too_long"),
            ({"currency": "KWD"}, "currency", "currency_decimals"),
            ({"national_id": "1234567890"}, "national_id", "national_id"),
            ({"disputed": "perhaps"}, "disputed", "truth"),
            ({"debtor": "x"}, "debtor", "unknown"),
            ({"issued_on": "2026-10-01"}, "due_on", "due_before_issue"),
        ],
    )
    def test_a_refusal_names_row_and_field_and_nothing_is_written(
        self, caller: Caller, fault: dict[str, Any], field: str, code: str
    ) -> None:
        # A value of two lines before it: rows are counted, not lines.
        answer = caller.post(
            "placements", {"rows": [row(city="Riyadh\nNorth"), row(**{"receivable_ref": "I-2", **fault})]}
        )
        assert answer.status_code == 422
        errors = answer.json()["errors"]
        assert [(e["row"], e["field"], e["code"]) for e in errors] == [(2, field, code)]
        assert fields(answer)
        assert not Receivable.objects.exists()
        assert not IdempotencyKey.objects.exists()

    def test_a_personal_value_is_dotted_out_of_its_refusal(self, caller: Caller) -> None:
        answer = caller.post("placements", {"rows": [row(national_id="1234567890")]})
        assert "1234567890" not in answer.content.decode()

    def test_a_refused_request_leaves_its_trace_in_the_house(self, caller: Caller) -> None:
        caller.post("placements", {"rows": [row(amount="x")]})
        assert ImportFile.objects.get().status == "REFUSED"
        assert AuditEvent.objects.filter(action="import.refused", actor_id=caller.account.pk).count() == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "rows"),
            ({"rows": []}, "rows"),
            ({"rows": {}}, "rows"),
            ({"rows": "x"}, "rows"),
            ({"rows": None}, "rows"),
            ({"rows": [row(receivable_ref=f"I-{n}") for n in range(1_001)]}, "rows"),
            ({"rows": [row()], "placed_on": "2026-11-02"}, "placed_on"),
            ({"rows": [row()], "placed": "2026-11-01"}, "placed"),
            ([], ""),
            ("x", ""),
        ],
    )
    def test_what_is_no_list_of_rows_is_refused(self, caller: Caller, body: Any, field: str) -> None:
        answer = caller.post("placements", body)
        assert answer.status_code == 422
        assert list(fields(answer)) == [field]
        assert not ImportFile.objects.exists()

    @pytest.mark.parametrize("rows", [[1], [None], [[]], [{}]])
    def test_a_row_is_an_object_that_says_something(self, caller: Caller, rows: Any) -> None:
        answer = caller.post("placements", {"rows": rows})
        assert answer.status_code == 422
        assert [e["row"] for e in answer.json()["errors"]] == [1]

    def test_a_thousand_rows_are_taken(self, caller: Caller) -> None:
        answer = caller.post("placements", {"rows": [row(receivable_ref=f"I-{n}") for n in range(1_000)]})
        assert (answer.status_code, answer.json()["accepted"]) == (201, 1_000)


@pytest.mark.django_db
class TestPayments:
    def test_money_the_client_received_lowers_what_is_owed(self, caller: Caller, case: Case) -> None:
        answer = caller.post("payments", money_in())
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert told == {
            "reference": "P-1", "debtor_ref": "D-1", "amount": "250.00", "currency": "SAR", "value_on": "2026-10-30",
            "received_by": "CLIENT",
            "allocations": [{"debt_ref": "D-1", "receivable_ref": "D-1-1", "amount": "250.00"}],
            "unallocated": "0.00", "recorded_at": "2026-11-01T09:00:00Z", "reversed_amount": "0.00",
            "reversed_on": None,
        }  # fmt: skip
        assert caller.get("payments").json()["results"] == [told]
        assert caller.get("cases/D-1").json()["balances"] == [{"currency": "SAR", "amount": "750.00"}]
        event = AuditEvent.objects.get(action="payment.posted")
        assert (event.actor_kind, event.actor_id, event.actor_name) == (
            "SERVICE", caller.account.pk, caller.account.name,
        )  # fmt: skip

    def test_it_pays_the_receivable_that_is_named(self, client: Client, caller: Caller, case: Case) -> None:
        place(client, [row(debtor_ref="D-1", receivable_ref="LATER", due_on="2026-10-20", issued_on="2026-09-01")])
        told = caller.post("payments", money_in(amount="40.00", receivable_ref="LATER")).json()
        assert [(a["receivable_ref"], a["amount"]) for a in told["allocations"]] == [("LATER", "40.00")]

    def test_one_reference_under_two_contracts_is_asked_about(self, client: Client, caller: Caller, case: Case) -> None:
        place(client, [row(debtor_ref="D-1", debt_ref=f"C-{n}", amount=f"10{n}.00") for n in (1, 2)])
        body = money_in(amount="1.00", receivable_ref="I-1")
        assert fields(caller.post("payments", body)) == {"debt_ref": "receivable_of_which"}
        told = caller.post("payments", {**body, "debt_ref": "C-2"}).json()
        assert [a["debt_ref"] for a in told["allocations"]] == ["C-2"]

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({"amount": "0"}, {"amount": "payment_amount"}),
            ({"amount": "-5.00"}, {"amount": "payment_amount"}),
            ({"amount": "5.001"}, {"amount": "max_decimal_places"}),
            ({"amount": "1e30"}, {"amount": "max_digits"}),
            ({"amount": "Infinity"}, {"amount": "invalid"}),
            ({"amount": "خمسة"}, {"amount": "invalid"}),
            ({"amount": True}, {"amount": "invalid"}),
            ({"amount": None}, {"amount": "null"}),
            ({"currency": "USD"}, {"currency": "payment_currency"}),
            ({"currency": "RIYAL"}, {"currency": "max_length"}),
            ({"value_on": "2026-11-02"}, {"value_on": "payment_future"}),
            ({"value_on": "0001-01-01"}, {"value_on": "early"}),
            ({"value_on": "20261030"}, {"value_on": "invalid"}),
            ({"value_on": 20261030}, {"value_on": "invalid"}),
            ({"reference": ""}, {"reference": "blank"}),
            ({"reference": "FILE-1"}, {"reference": "payment_reference"}),
            ({"reference": "a\u202eb"}, {"reference": "bidi"}),
            ({"reference": 17}, {"reference": "invalid"}),
            ({"debtor_ref": "D-9"}, {"debtor_ref": "debtor_unknown"}),
            ({"debtor_ref": "\ud800"}, {"debtor_ref": "surrogate_characters_not_allowed"}),
            ({"receivable_ref": "X"}, {"receivable_ref": "receivable_unknown"}),
            ({"recievable_ref": "D-1-1"}, {"recievable_ref": "unknown"}),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_written(
        self, caller: Caller, case: Case, change: dict[str, Any], found: dict[str, str]
    ) -> None:
        answer = caller.post("payments", money_in(**change))
        assert answer.status_code == 422
        assert fields(answer) == found
        assert not Payment.objects.exists()
        assert not IdempotencyKey.objects.exists()

    def test_all_that_is_missing_is_named_at_once(self, caller: Caller) -> None:
        assert set(fields(caller.post("payments", {}))) == {
            "debtor_ref", "amount", "currency", "value_on", "reference",
        }  # fmt: skip

    def test_the_same_money_twice_is_refused_by_its_reference(self, caller: Caller, case: Case) -> None:
        assert caller.post("payments", money_in()).status_code == 201
        assert fields(caller.post("payments", money_in())) == {"reference": "payment_twice"}

    def test_an_amount_is_exact_to_the_last_digit(self, client: Client, caller: Caller) -> None:
        a_case(client, ref="BIG", amount="123456789012.34")
        raw = json.dumps(money_in(debtor_ref="BIG", amount=0)).replace('"amount": 0', '"amount": 123456789012.33')
        told = caller.post("payments", None, raw=raw.encode()).json()
        assert told["amount"] == "123456789012.33"
        assert caller.get("cases/BIG").json()["balances"] == [{"currency": "SAR", "amount": "0.01"}]

    def test_money_is_taken_back_in_parts_and_then_whole(self, caller: Caller, case: Case) -> None:
        caller.post("payments", money_in())
        part = caller.post("payments/P-1/reversal", {"reason": "شيك مرتجع", "amount": "50.00"})
        assert part.status_code == 201, part.content
        assert [part.json()[n] for n in ("reversed_amount", "reversed_on")] == ["50.00", None]
        whole = caller.post("payments/P-1/reversal", {"reason": "شيك مرتجع", "reversed_on": "2026-10-31"}).json()
        assert [whole[n] for n in ("reversed_amount", "reversed_on", "allocations")] == ["250.00", "2026-10-31", []]
        assert caller.get("cases/D-1").json()["balances"] == [{"currency": "SAR", "amount": "1000.00"}]
        again = caller.post("payments/P-1/reversal", {"reason": "شيك مرتجع"})
        assert (again.status_code, again.json()["code"]) == (422, "reversed_already")
        assert caller.post("payments/P-9/reversal", {"reason": "x"}).status_code == 404

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ({}, {"reason": "required"}),
            ({"reason": " "}, {"reason": "blank"}),
            ({"reason": "x", "amount": "250.01"}, {"amount": "reversal_above"}),
            ({"reason": "x", "on": "2026-10-31"}, {"on": "unknown"}),
        ],
    )
    def test_a_reversal_is_refused_by_its_field(
        self, caller: Caller, case: Case, body: dict[str, Any], found: dict[str, str]
    ) -> None:
        caller.post("payments", money_in())
        answer = caller.post("payments/P-1/reversal", body)
        assert (answer.status_code, fields(answer)) == (422, found)

    def test_one_reference_on_two_cases_is_asked_about(self, client: Client, caller: Caller, case: Case) -> None:
        a_case(client, ref="D-2")
        for ref in ("D-1", "D-2"):
            caller.post("payments", money_in(debtor_ref=ref))
        assert fields(caller.post("payments/P-1/reversal", {"reason": "x"})) == {"debtor_ref": "payment_of_which"}
        done = caller.post("payments/P-1/reversal", {"reason": "x", "debtor_ref": "D-2"})
        assert (done.status_code, done.json()["debtor_ref"]) == (201, "D-2")
        assert caller.post("payments/P-1/reversal", {"reason": "x", "debtor_ref": "D-3"}).status_code == 404

    def test_money_that_came_to_the_agency_is_not_the_clients_to_take_back(self, caller: Caller, case: Case) -> None:
        payment_post(
            actor=ACTOR,
            case=case,
            amount=Decimal(5),
            currency="SAR",
            value_on=TODAY,
            reference="A",
            received_by="AGENCY",
        )
        answer = caller.post("payments/A/reversal", {"reason": "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "payment_of_agency")
        assert not Payment.objects.get().reversed_amount


@pytest.mark.django_db
class TestNotes:
    def test_a_credit_note_lowers_and_a_debit_note_raises(self, caller: Caller, case: Case) -> None:
        lower = caller.post("notes", note())
        assert lower.status_code == 201, lower.content
        assert [lower.json()[n] for n in ("reference", "kind", "amount", "value_on")] == [
            "CN-1", "CREDIT_NOTE", "100.00", "2026-10-30",
        ]  # fmt: skip
        assert lower.json()["receivable"]["balance"] == "900.00"
        higher = caller.post("notes", note(kind="DEBIT_NOTE", amount="30.00", reference="DN-1"))
        assert higher.json()["receivable"]["balance"] == "930.00"
        entries = LedgerEntry.objects.filter(reference__in=["CN-1", "DN-1"]).order_by("pk")
        assert [(e.kind, e.amount) for e in entries] == [
            ("CREDIT_NOTE", Decimal("-100.00")), ("DEBIT_NOTE", Decimal("30.00")),
        ]  # fmt: skip
        event = AuditEvent.objects.filter(action="note.posted").latest("pk")
        assert (event.actor_kind, event.actor_id) == ("SERVICE", caller.account.pk)

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({"kind": "WRITE_OFF"}, {"kind": "invalid_choice"}),
            ({"kind": "SETTLEMENT_DISCOUNT"}, {"kind": "invalid_choice"}),
            ({"amount": "0.00"}, {"amount": "note_amount"}),
            ({"amount": "-1.00"}, {"amount": "note_amount"}),
            ({"value_on": "2026-11-02"}, {"value_on": "note_date"}),
            ({"value_on": "2020-01-01"}, {"value_on": "note_date"}),
            ({"reason": " "}, {"reason": "blank"}),
            ({"reference": "x" * 81}, {"reference": "max_length"}),
            ({"receivable_ref": "X"}, {"receivable_ref": "receivable_unknown"}),
            ({"debtor_ref": "X"}, {"debtor_ref": "debtor_unknown"}),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_written(
        self, caller: Caller, case: Case, change: dict[str, Any], found: dict[str, str]
    ) -> None:
        before = LedgerEntry.objects.count()
        answer = caller.post("notes", note(**change))
        assert (answer.status_code, fields(answer)) == (422, found)
        assert LedgerEntry.objects.count() == before

    def test_more_than_was_claimed_is_not_credited(self, caller: Caller, case: Case) -> None:
        before = LedgerEntry.objects.count()
        answer = caller.post("notes", note(amount="1000.01"))
        assert answer.status_code == 422
        assert "amount" in fields(answer)
        assert LedgerEntry.objects.count() == before

    def test_one_note_is_taken_once(self, caller: Caller, case: Case) -> None:
        caller.post("notes", note())
        assert fields(caller.post("notes", note())) == {"reference": "note_twice"}


Act = Callable[[Caller, str, dict[str, Any]], Any]


@pytest.mark.django_db
class TestOnce:
    """One key, one act, one answer."""

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("placements", {"rows": [row()]}),
            ("payments", money_in()),
            ("notes", note()),
        ],
    )
    def test_the_same_request_is_answered_with_the_same_bytes_and_done_once(
        self, caller: Caller, case: Case, path: str, body: dict[str, Any]
    ) -> None:
        first = caller.post(path, body, key="k-1")
        entries, events = LedgerEntry.objects.count(), AuditEvent.objects.count()
        with clock.at(at_riyadh(on=TODAY + dt.timedelta(days=2))):
            second = caller.post(path, body, key="k-1")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert (first["Idempotency-Replayed"], second["Idempotency-Replayed"]) == ("false", "true")
        assert (LedgerEntry.objects.count(), AuditEvent.objects.count()) == (entries, events)

    def test_a_reversal_too(self, caller: Caller, case: Case) -> None:
        caller.post("payments", money_in())
        answers = [caller.post("payments/P-1/reversal", {"reason": "x", "amount": "10"}, key="r") for _n in range(2)]
        assert answers[0].content == answers[1].content
        assert Payment.objects.get().reversed_amount == Decimal(10)

    def test_another_body_or_path_under_the_same_key_is_refused(
        self, client: Client, caller: Caller, case: Case
    ) -> None:
        a_case(client, ref="D-2")
        first = caller.post("payments", money_in(), key="k")
        others = [
            caller.post("payments", money_in(amount="250.01"), key="k"),
            caller.post("payments", money_in(debtor_ref="D-2"), key="k"),
            caller.post("payments/P-1/reversal", {"reason": "x"}, key="k"),
            caller.post("payments/P-1/reversal", money_in(), key="k"),
            caller.post("notes", note(), key="k"),
            caller.post("placements", {"rows": [row()]}, key="k"),
        ]
        assert {(a.status_code, a.json()["code"]) for a in others} == {(422, "idempotency_key_used")}
        assert Payment.objects.get().reversed_amount == 0
        assert caller.post("payments", money_in(), key="k").content == first.content

    def test_a_key_of_one_account_says_nothing_of_anothers(self, client: Client, caller: Caller, case: Case) -> None:
        caller.post("payments", money_in(), key="k")
        other = Caller.of(client)
        answer = other.post("payments", money_in(reference="P-2"), key="k")
        assert (answer.status_code, answer.json()["reference"]) == (201, "P-2")

    def test_a_refused_request_keeps_no_key(self, caller: Caller, case: Case) -> None:
        for wrong in (money_in(amount="x"), money_in(currency="USD"), money_in(debtor_ref="D-9")):
            assert caller.post("payments", wrong, key="k").status_code == 422
        assert caller.post("placements", {"rows": [row(amount="x")]}, key="k").status_code == 422
        assert caller.post("payments/P-9/reversal", {"reason": "x"}, key="k").status_code == 404
        assert caller.post("payments", None, raw=b"{", key="k").status_code == 400
        assert caller.post("payments", money_in(), key="k").status_code == 201

    @pytest.mark.parametrize("key", ["", "a b", "مفتاح", "x" * 256, "a\tb"])
    def test_a_request_without_a_proper_key_does_nothing(self, caller: Caller, case: Case, key: str) -> None:
        headers = {"Authorization": f"Bearer {caller.text}"} | ({"Idempotency-Key": key} if key else {})
        answer = Browser(headers=headers).post(ROOT + "payments", json.dumps(money_in()), "application/json")
        assert answer.status_code == 400
        assert answer.json()["code"] in {"idempotency_key", "idempotency_key_missing"}
        assert not Payment.objects.exists()

    def test_old_keys_are_let_go(self, caller: Caller, case: Case) -> None:
        caller.post("payments", money_in(), key="k")
        for days, gone in ((14, 0), (15, 1)):
            with clock.at(at_riyadh(on=TODAY + dt.timedelta(days=days))):
                assert forms_forget_task() == gone
        # What the key no longer says, the reference still does.
        assert fields(caller.post("payments", money_in(), key="k")) == {"reference": "payment_twice"}

    def test_the_body_is_not_kept_nor_a_hash_that_could_be_guessed(self, caller: Caller) -> None:
        caller.post("placements", {"rows": [row(national_id="1010101010", mobile="0551234567")]})
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT k::text, convert_from(answer, 'UTF8') FROM common_idempotencykey k")
            text = " ".join(cursor.fetchone())
        assert "1010101010" not in text
        assert "551234567" not in text


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Threads and connections of their own, rows committed."""

    def _at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        ready, answers = threading.Barrier(len(acts)), []

        def run(act: Callable[[], Any]) -> None:
            try:
                with clock.at(at_riyadh(on=TODAY)):
                    ready.wait(10)
                    answers.append(act())
            finally:
                connections.close_all()

        hands = [threading.Thread(target=run, args=(act,)) for act in acts]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(30)
        assert len(answers) == len(acts)
        return answers

    @pytest.mark.parametrize("turn", range(3))
    def test_one_request_sent_many_times_at_once_is_done_once(self, turn: int) -> None:
        client = make_client("AAA")
        a_case(client, ref="D-1", amount="1000.00")
        caller = Caller.of(client)
        answers = self._at_once(*[lambda: caller.post("payments", money_in(), key="k")] * 4)
        codes = Counter(answer.status_code for answer in answers)
        assert codes[201] >= 1
        assert set(codes) <= {201, 409}
        done = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.content for answer in done}) == 1
        assert [answer["Idempotency-Replayed"] for answer in done].count("false") == 1
        for answer in answers:
            if answer.status_code == 409:
                assert (answer.json()["code"], answer["Retry-After"]) == ("under_way", "1")
        assert Payment.objects.count() == 1
        assert IdempotencyKey.objects.count() == 1
        again = caller.post("payments", money_in(), key="k")
        assert (again.status_code, again.content) == (201, done[0].content)

    def test_the_second_is_told_while_the_first_is_still_at_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not by luck of the clock: the first is held inside its act until the second has its answer."""
        client = make_client("AAA")
        a_case(client, ref="D-1", amount="1000.00")
        caller = Caller.of(client)
        inside, go_on = threading.Event(), threading.Event()

        def slow(**told: Any) -> Payment:
            inside.set()
            assert go_on.wait(10)
            return payment_post(**told)

        monkeypatch.setattr("collections_app.api.payments.payment_post", slow)

        def second() -> Any:
            assert inside.wait(10)
            # Another key of the same account goes on meanwhile.
            other = caller.get("cases/D-1").status_code
            answer = caller.post("payments", money_in(), key="k")
            go_on.set()
            return answer, other

        first, (told, other) = sorted(
            self._at_once(lambda: caller.post("payments", money_in(), key="k"), second),
            key=lambda answer: isinstance(answer, tuple),
        )
        assert (first.status_code, told.status_code, other) == (201, 409, 200)
        assert Payment.objects.count() == 1

    def test_two_keys_with_one_reference_at_once_post_it_once(self) -> None:
        client = make_client("AAA")
        a_case(client, ref="D-1", amount="1000.00")
        caller = Caller.of(client)
        answers = self._at_once(*[lambda: caller.post("payments", money_in())] * 3)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 2}
        assert Payment.objects.count() == 1

    def test_a_fault_of_ours_keeps_no_key_and_half_of_nothing(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        client = make_client("AAA")
        a_case(client, ref="D-1", amount="1000.00")
        caller = Caller.of(client)

        def broken(*args: Any, **_told: Any) -> None:
            raise RuntimeError(f"the value was {args[1].reference * 3}")

        # After the payment is posted, inside the same transaction.
        with monkeypatch.context() as patch:
            patch.setattr("collections_app.api.payments._as_told", broken)
            answer = caller.post("payments", money_in(), key="k")
        assert (answer.status_code, answer.json()["code"]) == (500, "fault")
        assert fields(answer) == {}
        assert answer.json()["reference"] in caplog.text
        assert "broken" in caplog.text, "where it was stands in the log"
        assert "P-1P-1P-1" not in caplog.text
        assert not Payment.objects.exists()
        assert not IdempotencyKey.objects.exists()
        assert caller.post("payments", money_in(), key="k").status_code == 201


@pytest.mark.django_db
class TestForm:
    """What no program of a client should send, and what it is told."""

    @pytest.mark.parametrize(
        "raw",
        [
            b"{", b"", b"nonsense", b"\xff\xfe", b'{"amount": NaN}', b'{"amount": 1, "amount": 2}',
            b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5_000, b'"\\ud800"', b"\0",
        ],
    )  # fmt: skip
    def test_a_body_that_is_no_json_is_told_so(self, caller: Caller, case: Case, raw: bytes) -> None:
        answer = caller.post("payments", None, raw=raw)
        assert answer.status_code in {400, 415, 422}
        assert answer.json()["code"] in {"json", "media_type", "invalid"}
        fields(answer)

    def test_a_form_or_a_file_is_not_read(self, caller: Caller) -> None:
        headers = {"Authorization": f"Bearer {caller.text}", "Idempotency-Key": "k"}
        for body in ({"data": {"a": "b"}}, {"data": "a=b", "content_type": "application/x-www-form-urlencoded"}):
            answer = Browser(headers=headers).post(ROOT + "payments", **body)
            assert (answer.status_code, answer.json()["code"]) == (415, "media_type")

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1_000)
    def test_a_body_has_its_limit(self, caller: Caller) -> None:
        answer = caller.post("placements", {"rows": [row(city="x" * 1_000)]})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
    def test_other_methods_are_not_taken(self, caller: Caller, method: str) -> None:
        browser = Browser(headers={"Authorization": f"Bearer {caller.text}"})
        for path in ("cases", "payments", "placements"):
            answer = getattr(browser, method)(ROOT + path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method")

    def test_what_is_no_address_is_answered_in_the_apis_own_form(self, caller: Caller) -> None:
        for path in ("", "nothing", "cases/", "payments/"):
            answer = caller.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert caller.post("placements/", {}).status_code == 404
        assert fields(caller.get("cases/a\nb")) == {}
        nul = caller.get("cases?placed_from=%00")
        assert (nul.status_code, nul.json()["code"]) == (400, "bad_request")

    def test_only_json_is_answered(self, caller: Caller) -> None:
        headers = {"Authorization": f"Bearer {caller.text}", "Accept": "text/html"}
        answer = Browser(headers=headers).get(ROOT + "cases")
        assert (answer.status_code, answer["Content-Type"]) == (406, "application/json")

    def test_what_others_stand_on_is_a_conflict(self, case: Case) -> None:
        with pytest.raises(ProtectedError) as protected:
            case.client.delete()
        answer = exception_handler(protected.value, {})
        assert (answer.status_code, answer.data["code"]) == (409, "in_use")

    def test_a_sentence_with_values_in_it_is_said_in_both_languages(
        self, caller: Caller, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Words with values are put together in one language when they are raised; the API asks for both."""

        def refusing(*, case: Case, **told: Any) -> None:
            case.debtor.name = "written by mistake"
            case.debtor.save()
            words = _("The layout names an unknown encoding: %(name)s.") % {"name": "EBCDIC"}
            raise Refused("encoding", words, field="currency")

        monkeypatch.setattr("collections_app.api.payments.payment_post", refusing)
        (error,) = caller.post("payments", money_in()).json()["errors"]
        assert error["message_en"] == "The layout names an unknown encoding: EBCDIC."
        assert error["message_ar"].endswith("EBCDIC.")
        assert error["message_ar"] != error["message_en"]
        case.debtor.refresh_from_db()
        assert case.debtor.name == "عبدالله D-1", "what was asked again was taken back"


@pytest.mark.django_db
@pytest.mark.requirement("DC-08")
def test_no_token_and_no_personal_value_is_logged(caller: Caller, case: Case, caplog: pytest.LogCaptureFixture) -> None:
    personal = {"national_id": "1010101010", "mobile": "0551234567", "email": "noura@example.com"}
    with caplog.at_level(logging.DEBUG):
        caller.post("placements", {"rows": [row(**personal)]})
        caller.post("placements", {"rows": [row(**personal, receivable_ref="I-2", amount="x")]})
        caller.post("placements", {"rows": [row(**{**personal, "receivable_ref": "I-3", "national_id": "1234567890"})]})
        caller.post("payments", money_in(payer="1010101010"))
        caller.post("payments", money_in(reference="1010101010"))
        caller.get("cases")
        Browser(headers={"Authorization": f"Bearer {caller.text}x"}).get(ROOT + "cases")
    assert "/api/v1/placements" in caplog.text, "something was logged"
    secret = caller.text.removeprefix(f"mithaq_{caller.token.prefix}_")
    for value in (secret, "1010101010", "551234567", "noura@example.com", "1234567890"):
        assert value not in caplog.text


@pytest.mark.django_db
def test_what_a_system_wrote_is_said_to_be_its_own_everywhere(client: Client, caller: Caller, case: Case) -> None:
    """A system's id is not a person's: the trail says which of the two it means."""
    caller.post("payments", money_in())
    note_post(
        actor=ACTOR, receivable=Receivable.objects.get(), kind="CREDIT_NOTE", amount=Decimal(1), value_on=TODAY,
        reason="x",
    )  # fmt: skip
    kinds = AuditEvent.objects.filter(action__in=["payment.posted", "note.posted"]).values_list("action", "actor_kind")
    assert set(kinds) == {("payment.posted", "SERVICE"), ("note.posted", "SYSTEM")}
    assert Payment.objects.get().recorded_by is None


def test_the_address_of_the_api_is_as_documented() -> None:
    assert reverse("api_cases") == ROOT + "cases"
    assert settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["account"] == "300/min"
