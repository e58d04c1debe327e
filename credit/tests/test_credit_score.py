"""The command ``credit_score`` and the address of the API: the same facts, the same answer, the same refusals."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from clients.choices import Scope
from common import clock
from common.audit import AuditEvent
from credit.models import CreditPolicy
from credit.rules.facts import FactsRefused, facts_of
from credit.tests.test_scorecard import EXAMPLE, told
from tests.callers import Caller, fields
from tests.world import make_client

ANSWER = {
    "points": {"capital": 200, "legal_form": 30, "bank_balance": 1000, "sales": 10000, "total": 11230},
    "eligible": True,
    "limit": 1123000,
}


def command(monkeypatch: pytest.MonkeyPatch, sent: bytes | dict[str, Any], *arguments: str) -> str:
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    out = io.StringIO()
    call_command("credit_score", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.requirement("CM-02", "CM-03", "CM-04", "CM-05", "CM-07", "CM-08")
def test_the_command_answers_the_example_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    said = command(monkeypatch, told(), "--json")
    assert json.loads(said) == ANSWER
    # Whole numbers, no exponent, no point.
    assert '"limit": 1123000}' in said


def test_numbers_and_text_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    as_text = told(
        capital="1,000,000", average_bank_balance="5000000.00", bank_months="12", annual_sales="٥٠٠٠٠٠٠٠",
        resident="true",
    )  # fmt: skip
    assert json.loads(command(monkeypatch, as_text, "--json")) == ANSWER
    raw = b'\xef\xbb\xbf{"capital": 1e6, "legal_form": "LLC", "resident": true, "average_bank_balance": 5000000.999, '
    raw += b'"bank_months": 12.0, "annual_sales": 5E7, "has_official_papers": true}'
    assert json.loads(command(monkeypatch, raw, "--json")) == ANSWER


def test_words_without_json(monkeypatch: pytest.MonkeyPatch) -> None:
    said = command(monkeypatch, told())
    assert "11,230" in said and "1,123,000" in said


BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"capital": -1}, {"capital": "negative"}),
    ({"capital": "-0.01"}, {"capital": "negative"}),
    ({"average_bank_balance": -50_000}, {"average_bank_balance": "negative"}),
    ({"capital": None}, {"capital": "number"}),
    ({"capital": True}, {"capital": "number"}),
    ({"capital": ""}, {"capital": "number"}),
    ({"capital": "NaN"}, {"capital": "number"}),
    ({"capital": "Infinity"}, {"capital": "number"}),
    ({"capital": "1,00"}, {"capital": "number"}),
    ({"capital": "1_000"}, {"capital": "number"}),
    ({"capital": "٫"}, {"capital": "number"}),
    ({"capital": [1]}, {"capital": "number"}),
    ({"capital": "50.000"}, {"capital": "ambiguous"}),
    ({"capital": "1.123.000"}, {"capital": "ambiguous"}),
    ({"capital": 10**16}, {"capital": "large"}),
    ({"annual_sales": "1e300"}, {"annual_sales": "large"}),
    ({"bank_months": 11.5}, {"bank_months": "whole"}),
    ({"bank_months": -1}, {"bank_months": "negative"}),
    ({"bank_months": 1201}, {"bank_months": "large"}),
    ({"resident": 1}, {"resident": "truth"}),
    ({"resident": "yes"}, {"resident": "truth"}),
    ({"has_official_papers": None}, {"has_official_papers": "truth"}),
    ({"legal_form": "llc"}, {"legal_form": "form"}),
    ({"legal_form": "CHARITY"}, {"legal_form": "form"}),
    ({"legal_form": ["LLC"]}, {"legal_form": "form"}),
    ({"captial": 5}, {"captial": "unknown"}),
    ({"capital": "x", "resident": None}, {"capital": "number", "resident": "truth"}),
]


@pytest.mark.parametrize(("changed", "faults"), BAD)
def test_bad_facts_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], faults: dict[str, str]
) -> None:
    with pytest.raises(FactsRefused) as refusal:
        facts_of(told(**changed))
    assert refusal.value.faults == faults
    with pytest.raises(CommandError) as error:
        command(monkeypatch, told(**changed), "--json")
    assert error.value.returncode == 1
    assert all(name in str(error.value) for name in faults)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"5", b"null", b'{"capital": NaN}', b'{"capital": 1, "capital": 2}', b"\xff\xfe", b"[" * 100_000,
     b'{"capital": ' + b"9" * 5_000 + b"}"],
)  # fmt: skip
def test_what_is_no_object_of_facts_is_refused(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    with pytest.raises(CommandError):
        command(monkeypatch, raw, "--json")


@pytest.mark.parametrize(
    "name", ["capital", "legal_form", "resident", "average_bank_balance", "bank_months", "annual_sales"]
)
def test_a_fact_that_is_missing_is_never_taken_for_zero(name: str) -> None:
    sent = told()
    del sent[name]
    with pytest.raises(FactsRefused) as refusal:
        facts_of(sent)
    assert refusal.value.faults == {name: "missing"}


def test_a_number_of_any_exponent_is_read_without_a_fault_of_ours() -> None:
    assert facts_of(told(capital=Decimal("1e-999999"))).capital < 1
    for number in (Decimal("1e999999"), 10**4_000):
        with pytest.raises(FactsRefused, match="large"):
            facts_of(told(capital=number))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(sent=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(told(), JSON)))
def test_whatever_comes_is_read_or_refused(sent: Any) -> None:
    try:
        facts = facts_of(sent)
    except FactsRefused as refusal:
        assert refusal.faults
    else:
        assert facts.capital >= 0 and facts.bank_months >= 0


@given(amount=st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2))
def test_an_amount_is_read_as_it_was_written(amount: Decimal) -> None:
    for written in (amount, str(amount), f"{amount:,f}"):
        assert facts_of(told(annual_sales=written)).annual_sales == amount


@pytest.mark.django_db
class TestApi:
    @pytest.mark.requirement("CM-08")
    def test_it_answers_as_the_command_does_and_writes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        caller = Caller.of(make_client("AAA"), scopes=[Scope.CREDIT])
        before = AuditEvent.objects.count()
        answer = caller.post("credit/score", told(), key="")
        assert (answer.status_code, answer.json()) == (200, ANSWER)
        assert answer.content.decode().endswith('"limit":1123000}')
        assert AuditEvent.objects.count() == before
        assert facts_of(told()) == EXAMPLE

    def test_each_client_by_its_own_policy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mine, other = make_client("AAA"), make_client("BBB")
        now = clock.now()
        CreditPolicy.objects.create(
            client=mine, starts_on=clock.today(), minimum_points=20_000, prepared_at=now, approved_at=now
        )
        refused = Caller.of(mine).post("credit/score", told()).json()
        assert (refused["eligible"], refused["limit"], refused["points"]["total"]) == (False, 0, 11230)
        assert Caller.of(other).post("credit/score", told()).json() == ANSWER
        assert json.loads(command(monkeypatch, told(), "--json", "--client", "aaa"))["eligible"] is False
        with pytest.raises(CommandError, match="no client"):
            command(monkeypatch, told(), "--json", "--client", "ZZZ")

    def test_faults_are_named_in_both_languages(self) -> None:
        caller = Caller.of(make_client("AAA"))
        answer = caller.post("credit/score", {"capital": "-1", "resident": "nobody", "x": 1})
        assert answer.status_code == 422
        assert fields(answer) == {
            "capital": "negative", "resident": "truth", "x": "unknown", "legal_form": "missing",
            "average_bank_balance": "missing", "bank_months": "missing", "annual_sales": "missing",
        }  # fmt: skip
        assert fields(caller.post("credit/score", [])) == {"": "object"}
        assert caller.post("credit/score", {}, raw=b"{").status_code == 400
