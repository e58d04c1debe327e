"""The schema against the house, and the house against the schema: what the one says, the other does."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client as Browser
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks

from clients.api.authentication import AccountThrottle
from clients.api.views import ServiceView
from clients.choices import Scope
from collections_app.services.ledger import payment_post
from common import clock
from config.wsgi import application
from tests.callers import ROOT, Caller
from tests.world import ACTOR, a_case, make_client

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parent.parent / "docs" / "api.md"


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(AccountThrottle, "THROTTLE_RATES", {"account": "100000/min"})


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests that come by WSGI leave the connection, which holds the test's transaction, as it is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(generated))


def test_the_schema_is_valid_and_leaves_no_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    assert "openapi: 3" in capsys.readouterr().out


def test_it_is_served_to_who_asks_and_says_nothing_of_anybody() -> None:
    make_client("AAA")
    answer = Browser().get(ROOT + "schema/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.oai.openapi")
    assert "AAA" not in answer.content.decode()


def test_every_address_and_method_stands_in_it(schema: dict[str, Any]) -> None:
    told = {(path, method) for path, methods in schema["paths"].items() for method in methods}
    roots = [p for p in get_resolver().url_patterns if str(p.pattern) == "api/v1/"]
    there = set()
    for door in (door for root in roots for door in root.url_patterns):
        assert isinstance(door, URLPattern)
        view = getattr(door.callback, "view_class", None)
        if view is None or not issubclass(view, ServiceView) or view.schema is None:
            continue
        path = ROOT + re.sub(r"<\w+:(\w+)>", r"{\1}", str(door.pattern))
        there |= {(path, method) for method in ("get", "post") if hasattr(view, method)}
    assert told == there
    assert len(there) == len(OPERATIONS)


def test_every_operation_asks_for_the_token_and_every_act_for_its_key(schema: dict[str, Any]) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["security"] == [{"token": []}], path
            assert "Needs the right" in operation["description"], path
            keys = [p for p in operation.get("parameters", []) if p["name"] == "Idempotency-Key"]
            assert bool(keys) is (method == "post" and path not in KEYLESS), path
            assert all(p["required"] for p in keys)
            assert {"401", "403", "429"} <= set(operation["responses"]), path


OPERATIONS = [
    ("GET", "cases"), ("GET", "cases/{debtor_ref}"), ("GET", "receivables"), ("GET", "payments"),
    ("POST", "placements"), ("POST", "payments"), ("POST", "payments/{reference}/reversal"), ("POST", "notes"),
    ("POST", "credit/score"), ("GET", "credit/orders"), ("POST", "credit/orders"), ("POST", "credit/orders/check"),
    ("GET", "credit/orders/{order_ref}"), ("POST", "credit/orders/{order_ref}/invoice"),
    ("POST", "credit/orders/{order_ref}/cancel"), ("GET", "credit/customers/{debtor_ref}"),
    ("GET", "disputes"), ("GET", "disputes/{reference}"), ("POST", "disputes/{reference}/reply"),
    ("GET", "matters"), ("POST", "matters"), ("GET", "matters/{reference}"),
]  # fmt: skip
# What writes nothing may be asked twice.
KEYLESS = {ROOT + "credit/score", ROOT + "credit/orders/check"}


# Whatever the schema allows, and what it does not, is sent at every address; a few hundred requests in all.
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_breaks_it_and_no_answer_is_unsaid(
    schema: dict[str, Any], method: str, path: str, mode: GenerationMode
) -> None:
    client = make_client("AAA")
    case = a_case(client, ref="D-1")
    payment_post(actor=ACTOR, case=case, amount=Decimal(10), currency="SAR", value_on=clock.today(), reference="P-1")
    caller = Caller.of(client)
    loaded = schemathesis.openapi.from_dict(schema)
    loaded.app = application
    answers: Counter[int] = Counter()

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(sent=loaded[ROOT + path][method].as_strategy(generation_mode=mode))
    def send(sent: Any) -> None:
        with transaction.atomic():
            answer = sent.call_and_validate(headers={"Authorization": f"Bearer {caller.text}"}, checks=CHECKS)
            answers[answer.status_code] += 1
            transaction.set_rollback(True)

    send()
    assert sum(answers.values()) >= 10
    # What does not follow the schema may come without a proper token, too.
    assert not set(answers) & ({403, 429} if mode == GenerationMode.NEGATIVE else {401, 403, 429}), answers


def _examples() -> list[tuple[list[str], int]]:
    """The curl calls of the page, each with the status that stands under it."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S):
        for call, status in re.findall(r"(curl .*?)\n# (\d{3})\n", block, re.S):
            found.append((shlex.split(call.replace("\\\n", " ")), int(status)))
    return found


def test_the_examples_of_the_page_run() -> None:
    with clock.at(clock.at_riyadh(on=dt.date(2026, 11, 1))):
        caller = Caller.of(make_client("AAA"))
        examples = _examples()
        for words, status in examples:
            assert words[0] == "curl"
            address = next(word for word in words if word.startswith("$MITHAQ")).removeprefix("$MITHAQ")
            headers = dict(
                word.replace("$TOKEN", caller.text).split(": ", 1) for flag, word in pairwise(words) if flag == "-H"
            )
            body = next((word for flag, word in pairwise(words) if flag == "-d"), None)
            assert ("POST" in words) is (body is not None)
            browser = Browser(headers=headers)
            if body is None:
                answer = browser.get(address)
                rows = answer.json().get("results", [answer.json()])
                assert rows or "/cases" in address, "an example that finds nothing shows nothing"
            else:
                answer = browser.post(address, body, content_type=headers["Content-Type"])
            assert answer.status_code == status, (address, answer.content.decode())
    assert len(examples) == 11
    balances = caller.get("cases/00417").json()["balances"]
    assert balances == [{"currency": "SAR", "amount": "1700.00"}], "1250 + 800 - (500 - 200) - 50"


def test_the_page_names_every_address_and_right() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for _method, path in OPERATIONS:
        assert path.removesuffix("/{debtor_ref}") in page
    for scope in Scope:
        assert f"`{scope}`" in page
