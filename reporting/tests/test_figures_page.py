"""The figures of a client with their proof, through the manager's door."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import html
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.choices import Role
from clients.models import Client
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post
from common import clock
from reporting.kpis import FAMILIES, KPIS
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_user, place

pytestmark = pytest.mark.django_db
# Session, person, who is waiting for approvals, clients.
OWN = 9
TODAY = dt.date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.at(clock.at_riyadh(on=TODAY)):
        yield


@pytest.fixture
def book() -> Client:
    """One account paid by half, one whose reference a spreadsheet would compute."""
    client = make_client("AAA")
    owner = make_user(Role.COLLECTOR)
    with clock.at(clock.at_riyadh(on=dt.date(2026, 5, 20))):
        case = a_case(client, owner=owner, days_late=10)
        row = {"receivable_ref": "=1+1", "issued_on": "2026-03-01", "due_on": "2026-04-01", "amount": "50.00"}
        place(client, [{"debtor_ref": "=cmd()", **row}])
    with clock.at(clock.at_riyadh(on=dt.date(2026, 6, 10))):
        contact_record(
            actor=ACTOR, case=case, user=owner, channel="PHONE", reached="HOLDER", outcome="INFORMED", at=clock.now(),
        )  # fmt: skip
        payment_post(
            actor=ACTOR, case=case, amount=Decimal("500.00"), currency="SAR", value_on=clock.today(), reference="P"
        )
    return client


PERIOD = {"from": "2026-05-31", "to": "2026-06-30"}
WHOLE = {**PERIOD, "whole": "yes"}


def test_each_kpi_stands_with_its_formula_its_value_and_its_rows(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    page = browser.get(reverse("figures"), {"client": book.pk, **WHOLE})
    text = words(page)
    with translation.override("en"):
        words_of = {code: (str(kpi.name), str(kpi.formula)) for code, kpi in KPIS.items()}
    for kpi in KPIS.values():
        assert all(said in text for said in words_of[kpi.code])
        assert reverse("figure_rows", args=[kpi.code]) in page.content.decode()
    assert "47.6%" in text  # 500 of 1,050 placed


def test_a_figure_opens_exactly_the_rows_it_counts(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    for family in FAMILIES:
        for kpi in family.kpis:
            page = browser.get(reverse("figure_rows", args=[kpi.code]), {"client": book.pk, **PERIOD})
            assert page.status_code == 200, kpi.code
            assert page.context["page"].paginator.count == page.context["proof"].count == len(page.context["lines"])


@pytest.mark.requirement("PL-30", "PL-31", "PL-33", "PL-39")
def test_the_numbers_of_the_page_are_those_of_its_rows(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    page = browser.get(reverse("figures"), {"client": book.pk, **WHOLE})
    shown = {line["kpi"].code: line for told in page.context["families"] for line in told["lines"]}
    assert (shown["RIGHT_PARTY_OF_ATTEMPTS"]["value"], shown["RIGHT_PARTY_OF_ATTEMPTS"]["under"]) == ("100.0%", "1")
    assert shown["PROMISE_KEPT_COUNT"]["value"] == "–"
    assert (shown["RECOVERY_RATE"]["over"], shown["RECOVERY_RATE"]["under"]) == ("500.00", "1,050.00")
    assert shown["CURE_DAYS_MEDIAN"]["value"] == "–"
    rows = re.search(r'href="([^"]*/RECOVERY_RATE/[^"]*)"', page.content.decode())
    assert rows is not None
    proof = browser.get(rows[1].replace("&amp;", "&")).context["proof"]
    assert (proof.numerator, proof.denominator) == (Decimal("500.00"), Decimal("1050.00"))


def test_a_cell_of_the_roll_matrix_opens_its_own_rows(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    page = browser.get(reverse("figures"), {"client": book.pk, **WHOLE}).content.decode()
    cells = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*ROLL_RATES[^"]*to_bucket=[^"]*)"', page)}
    found = {browser.get(cell).context["lines"][0][1].value for cell in cells}
    assert len(cells) == 2
    assert found == {"=1+1", "D-1-1"}


def test_the_file_of_a_figure_has_the_number_and_the_hash_that_the_page_prints(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    asked = {"client": book.pk, **PERIOD, "known": clock.now().isoformat()}
    page = browser.get(reverse("figure_rows", args=["AGING"]), asked)
    proof = page.context["proof"]
    answer = browser.get(reverse("figure_csv", args=["AGING"]), asked)
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == proof.sha256 == answer["X-SHA256"]
    assert proof.sha256 in words(page)
    assert answer["X-Rows"] == str(proof.count) == "2"
    assert f"AAA-AGING-2026-05-31-2026-06-30-2-{proof.sha256[:12]}.csv" in answer["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [(line["account"], line["receivable"]) for line in lines] == [("'=cmd()", "'=1+1"), ("D-1", "D-1-1")]
    assert sum(Decimal(line["numerator"]) for line in lines) == Decimal("550.00")


def test_the_workbook_holds_the_same_rows_and_no_formula(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    answer = browser.get(reverse("figure_xlsx", args=["AGING"]), {"client": book.pk, **PERIOD})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [line[0] for line in sheet.iter_rows(values_only=True)] == ["account", "'=cmd()", "D-1"]
    assert answer["X-Rows"] == "2"


@pytest.mark.requirement("PL-39")
def test_rows_are_those_that_were_known_when_the_figure_was_answered(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    case = book.cases.get(debtor__debtor_ref="D-1")
    before = clock.now()
    with clock.at(before + dt.timedelta(hours=1)):
        payment_post(
            actor=ACTOR,
            case=case,
            amount=Decimal("100.00"),
            currency="SAR",
            value_on=dt.date(2026, 6, 1),
            reference="L",
        )
        told = {"client": book.pk, **PERIOD}
        now = browser.get(reverse("figure_rows", args=["RECOVERY_RATE"]), told).context["proof"]
        then = browser.get(reverse("figure_rows", args=["RECOVERY_RATE"]), {**told, "known": before.isoformat()})
    assert now.numerator == Decimal("600.00")
    assert then.context["proof"].numerator == Decimal("500.00")


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.TEAM_LEADER, Role.ADMINISTRATOR, Role.COMPLAINTS_OFFICER])
def test_who_answers_for_no_figures_does_not_see_them(book: Client, role: str) -> None:
    browser = enter(make_user(role, name="other"))
    for door, args in (
        ("figures", []),
        ("figure_rows", ["AGING"]),
        ("figure_csv", ["AGING"]),
        ("figure_xlsx", ["AGING"]),
    ):
        assert browser.get(reverse(door, args=args), {"client": book.pk}).status_code == 404


def test_what_no_address_of_ours_asks_for(book: Client) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER))
    assert browser.get(reverse("figure_rows", args=["NOTHING"])).status_code == 404
    assert browser.get(reverse("figures"), {"client": 2**62}).status_code == 404
    assert browser.get(reverse("figures"), {"client": "x"}).status_code == 404
    for told in (
        {"from": "9999-12-31", "to": "0001-01-01"},
        {"from": "2026-06-30", "to": "2026-05-31"},
        {"known": "9999-12-31T23:59:59+00:00"},
        {"known": "yesterday", "page": "99999999999999999999", "currency": "x" * 500},
    ):
        for door, args in (("figures", []), ("figure_rows", ["STAIR_STEP"]), ("figure_csv", ["ROLL_ACCOUNTS"])):
            assert browser.get(reverse(door, args=args), {"client": book.pk, **told}).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_in_the_readers_language(book: Client, language: str) -> None:
    browser = enter(make_user(Role.GENERAL_MANAGER), language)
    assert in_language(browser.get(reverse("figures"), {"client": book.pk, **WHOLE}), language)
    for code in ("ROLL_ACCOUNTS", "RECOVERY_RATE", "RIGHT_PARTY_OF_ATTEMPTS"):
        page = browser.get(reverse("figure_rows", args=[code]), {"client": book.pk, **PERIOD})
        assert in_language(page, language)


def test_how_many_statements_the_pages_ask(book: Client, django_assert_max_num_queries: Any) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER))
    browser.get(reverse("figures"))
    with django_assert_max_num_queries(len(FAMILIES) + OWN):
        browser.get(reverse("figures"), {"client": book.pk, **WHOLE})
    with django_assert_max_num_queries(1 + OWN):
        browser.get(reverse("figure_rows", args=["AGING"]), {"client": book.pk, **PERIOD})


def test_each_currency_has_its_own_value(book: Client) -> None:
    row = {"debtor_ref": "U", "receivable_ref": "U-1", "issued_on": "2026-05-01", "due_on": "2026-06-01"}
    with clock.at(clock.at_riyadh(on=dt.date(2026, 6, 5))):
        place(book, [{**row, "amount": "70.00", "currency": "USD"}])
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    page = browser.get(reverse("figures"), {"client": book.pk, **WHOLE})
    shown = {line["kpi"].code: line for told in page.context["families"] for line in told["lines"]}
    assert shown["RECOVERY_RATE"]["currencies"] == [("SAR", "47.6%"), ("USD", "0.0%")]
    assert shown["AGING"]["currencies"] == [("SAR", "550.00"), ("USD", "70.00")]
    assert (shown["AGING"]["value"], shown["AGING"]["over"]) == ("–", "")


@pytest.mark.requirement("PL-36")
def test_the_page_answers_before_anything_is_counted_and_each_family_comes_by_itself(
    book: Client, django_assert_max_num_queries: Any
) -> None:
    browser = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
    asked = {"client": book.pk, **PERIOD}
    whole = words(browser.get(reverse("figures"), {**asked, "whole": "yes"}))
    with django_assert_max_num_queries(OWN):
        page = browser.get(reverse("figures"), asked).content.decode()
    parts = [html.unescape(link) for link in re.findall(r'hx-get="([^"]*family=[^"]*)"', page)]
    assert len(parts) == len(FAMILIES)
    told = ""
    for link in parts:
        with django_assert_max_num_queries(1 + OWN):
            told += browser.get(link, headers={"HX-Request": "true"}).content.decode()
    for kpi in KPIS.values():
        assert reverse("figure_rows", args=[kpi.code]) in told
    assert "47.6%" in told and "47.6%" in whole
    # The head comes with its families; and without scripts the browser asks for all of it.
    assert len(re.findall(r'id="head-[A-Z_]+" hx-swap-oob="true"', told)) == 5
    refresh = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]*)"', page)
    assert refresh is not None
    assert "47.6%" in words(browser.get(html.unescape(refresh[1])))
    assert (
        browser.get(reverse("figures"), {**asked, "family": "none"}, headers={"HX-Request": "true"}).status_code == 404
    )
