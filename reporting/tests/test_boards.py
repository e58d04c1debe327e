"""Boards through the door: who sees which charts, filters in the address, rows behind each cell, files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.choices import PORTAL_ROLES, STAFF_ROLES, Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case
from common import clock
from reporting.boards import CHARTS, Asked, chart_cells
from reporting.rules.boards import BOARDS, SEES, boards_of, charts_of, period_named
from reporting.tests.board_world import TODAY, House
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import make_client, make_user, place

pytestmark = pytest.mark.django_db

PERIOD = {"from": "2026-06-01", "to": "2026-06-30"}
# Session, person, navigation and its counts, filters, kept views, and one for each chart with what it looks up.
PAGE_MOST = 24


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    """The day, and the language of names that are not on a page."""
    with clock.at(clock.at_riyadh(on=TODAY)), translation.override("en"):
        yield


@pytest.fixture
def house() -> House:
    return House()


def page_of(user: User, board: str, language: str = "en", **fields: Any) -> Any:
    return enter(user, language).get(reverse("board", args=[board]), {**PERIOD, **fields})


def links(text: str) -> set[str]:
    """Every address of rows that a page leads to."""
    found = re.findall(r'href="([^"]*/boards/charts/[a-z_]+/rows/[^"]*)"', text)
    return {link.replace("&amp;", "&") for link in found}


@pytest.mark.requirement("PL-35")
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_role_sees_the_charts_of_the_table_and_no_others(house: House, language: str) -> None:
    assert set(SEES) == STAFF_ROLES
    for role in STAFF_ROLES:
        sees(house, role, language)


def sees(house: House, role: str, language: str) -> None:
    user = house.leader if role == Role.TEAM_LEADER else make_user(role, team=house.teams[0], name=f"one.{role}")
    shown = set()
    for board in BOARDS:
        page = page_of(user, board, language)
        if board not in boards_of(role=role):
            assert page.status_code == 404
            continue
        assert page.status_code == 200
        assert in_language(page, language)
        here = [item["chart"].code for item in page.context["charts"]]
        assert here == list(charts_of(role=role, board=board))
        with translation.override(language):
            assert all(str(CHARTS[code].name) in words(page) for code in here)
        shown |= set(here)
    assert shown == SEES[role]
    browser = enter(user, language)
    for code in CHARTS:
        for name, args in (("board_rows", [code]), ("board_file", [code, "csv"]), ("board_rows_file", [code, "xlsx"])):
            answer = browser.get(reverse(name, args=args), PERIOD)
            assert answer.status_code == (200 if code in SEES[role] else 404), (code, name)


def test_who_is_not_of_the_house_has_no_board() -> None:
    client = make_client("AAA")
    for role in (*PORTAL_ROLES, Role.LAWYER):
        browser = enter(make_user(role, client=client if role in PORTAL_ROLES else None, name=f"guest.{role}"))
        for address in (reverse("boards"), reverse("board", args=["money"]), reverse("board_views")):
            assert browser.get(address).status_code == 404


@pytest.mark.requirement("PL-35", "CM-43")
def test_every_cell_opens_as_many_rows_as_it_counts(house: House) -> None:
    browser = enter(house.manager, "en")
    followed = 0
    for board in BOARDS:
        page = page_of(house.manager, board)
        for item in page.context["charts"]:
            for line in item["table"].lines:
                for value in line:
                    if value.url:
                        rows = browser.get(value.url)
                        assert rows.context["count"] == value.value == len(rows.context["lines"]), value.url
                        followed += 1
        # And what the pictures lead to is there, and is not empty.
        for link in links(words(page)):
            assert browser.get(link).context["count"] > 0, link
    assert followed > 60


@pytest.mark.requirement("PL-39")
def test_a_cell_of_one_client_leads_to_the_figure_that_proves_it(house: House) -> None:
    """The rows of a roll and of collections are those of the KPI, which has their hash."""
    browser, client = enter(house.manager, "en"), house.clients[0]
    page = words(page_of(house.manager, "money", client=client.pk))
    proven = 0
    for link in links(page):
        rows = browser.get(link)
        if rows.context["chart"].code in {"rolls", "collected"}:
            proof = browser.get(rows.context["proof_url"])
            assert proof.context["proof"].count == rows.context["count"], link
            proven += 1
        else:
            assert rows.context["proof_url"] == ""
    assert proven > 5
    # Of all clients together, and narrowed by what no figure knows, there is none.
    for narrowed in ({}, {"client": client.pk, "product": "card"}):
        rows = browser.get(reverse("board_rows", args=["rolls"]), {**PERIOD, **narrowed})
        assert rows.context["proof_url"] == ""


def cells(user: User, code: str, **narrowed: Any) -> list[dict[str, Any]]:
    asked = Asked(user=user, first=dt.date(2026, 6, 1), last=dt.date(2026, 6, 30), now=clock.now(), narrowed=narrowed)
    return chart_cells(chart=CHARTS[code], asked=asked)


def total(found: list[dict[str, Any]], name: str = "count") -> Any:
    return sum(row[name] for row in found)


def test_filters_part_the_facts_and_lose_none(house: House) -> None:
    """For every filter, what its values narrow to adds up to the whole; where one fact has several, it is more."""
    values: dict[str, list[Any]] = {
        "client": [client.pk for client in house.clients],
        "collector": [person.pk for person in house.collectors],
        "currency": ["SAR", "USD"],
        "product": ["card", "loan"],
        "band": ["small", "large"],
        "portfolio": [dt.date(2026, 5, 20), dt.date(2026, 6, 8)],
    }
    for code in ("rolls", "waterfall", "paid_late", "collected", "promises", "contacts", "reach"):
        name = "attempts" if code == "contacts" else "count"
        whole = total(cells(house.manager, code), name)
        assert whole > 0, code
        narrows = False
        for narrowed, options in values.items():
            parts = [total(cells(house.manager, code, **{narrowed: option}), name) for option in options]
            # Every account here has a debt of both products, and so a receivable of either size.
            twice = narrowed in {"product", "band"} and code in {"collected", "promises", "contacts", "reach"}
            assert sum(parts) == (2 * whole if twice else whole), (code, narrowed)
            narrows |= any(0 < part < whole for part in parts)
        assert narrows, code
    stages = {case.stage.code for case in Case.objects.select_related("stage") if case.stage}
    assert len(stages) > 1
    for code in ("contacts", "reach"):
        name = "attempts" if code == "contacts" else "count"
        parts = [total(cells(house.manager, code, stage=stage), name) for stage in stages]
        assert sum(parts) == total(cells(house.manager, code), name)


def test_a_filter_is_of_the_address_and_of_every_link(house: House) -> None:
    client = house.clients[1]
    page = page_of(house.manager, "money", client=client.pk, currency="USD", band="large")
    assert page.context["asked"].narrowed == {"client": client.pk, "currency": "USD", "band": "large"}
    found = links(words(page))
    assert found
    assert all(f"client={client.pk}" in link and "band=large" in link for link in found)
    rows = enter(house.manager, "en").get(found.pop())
    assert {line[1][0].value for line in rows.context["lines"]} == {"BBB-5"}
    assert client.name in words(rows)
    for wrong in ({"client": "999999"}, {"client": "x"}, {"collector": "999999"}):
        assert page_of(house.manager, "money", **wrong).status_code == 404
    for odd in ({"band": "none"}, {"from": "x", "to": "2026-13-01"}, {"portfolio": "x"}, {"period": "x"}):
        assert page_of(house.manager, "money", **odd).status_code == 200


def test_a_leader_sees_the_team_and_a_collector_what_is_their_own(house: House) -> None:
    mine = {case.debtor.debtor_ref for case in house.cases if case.owner in house.collectors[:5]}
    own = {case.debtor.debtor_ref for case in house.cases if case.owner == house.collectors[0]}
    for user, refs in ((house.leader, mine), (house.collectors[0], own)):
        browser = enter(user, "en")
        for code in SEES[user.role] - {"collectors"}:
            rows = browser.get(reverse("board_rows", args=[code]), PERIOD)
            column = CHARTS[code].columns.index("account")
            seen = {line[1][column].value for line in rows.context["lines"]}
            assert seen <= refs, (user, code)
            assert seen, (user, code)
    # A collector of another team is no filter of this leader, nor a colleague one of a collector.
    assert page_of(house.collectors[0], "contact", collector=house.collectors[1].pk).status_code == 404
    assert page_of(house.leader, "money", collector=house.collectors[5].pk).status_code == 404


@pytest.mark.requirement("PL-39")
def test_collectors_are_compared_by_contact_and_effect_never_by_attempts(house: House) -> None:
    page = page_of(house.manager, "contact", currency="SAR")
    (item,) = [item for item in page.context["charts"] if item["chart"].code == "collectors"]
    # The sixth holds accounts in dollars alone.
    assert [line["name"] for line in item["drawn"]["lines"]] == sorted(p.name for p in house.collectors[:5])
    told = {
        (house.collectors[n].name, measure["words"]): measure
        for n in range(5)
        for line in item["drawn"]["lines"]
        if line["name"] == house.collectors[n].name
        for measure in line["measures"]
    }
    assert told
    for n in range(5):
        held = [case for case in house.cases if case.owner == house.collectors[n]]
        # Of each client's accounts the n-th was tried once; every third of all tries reached nobody.
        numbers = [house.cases.index(case) for case in held]
        reached = sum(number % 3 != 1 for number in numbers)
        rate = told[house.collectors[n].name, "Right-party rate"]
        assert rate["value"] == (Decimal(reached) / len(numbers)).quantize(Decimal("0.0001"))
        assert rate["count"] == len(numbers)
    # What somebody collected, of what everybody collected of balances of its age.
    by_age: dict[str, list[tuple[str, Decimal, Decimal]]] = {}
    for row in cells(house.manager, "collectors", currency="SAR"):
        if row["what"] == "balance":
            person = next(p.name for p in house.collectors if p.pk == row["person"])
            by_age.setdefault(row["bucket"], []).append((person, row["part"], row["whole"]))
    for person in {name for name, _words in told}:
        part = sum(p for rows in by_age.values() for name, p, _w in rows if name == person)
        expected = sum(
            w * sum(p for _n, p, _w in rows) / sum(w2 for _n, _p, w2 in rows)
            for rows in by_age.values()
            for name, _p, w in rows
            if name == person
        )
        value = told[person, "Collected, of what its age brings"]["value"]
        assert value == ((part / expected).quantize(Decimal("0.0001")) if expected else None)


def test_a_collector_sees_the_median_of_the_team_and_nobodys_name(house: House) -> None:
    collector = house.collectors[0]
    page = page_of(collector, "contact")
    text = words(page)
    (item,) = [item for item in page.context["charts"] if item["chart"].code == "collectors"]
    assert [line["name"] for line in item["drawn"]["lines"]] == ["You"]
    rates = sorted(
        Decimal(sum(house.cases.index(case) % 3 != 1 for case in held)) / len(held)
        for person in house.collectors[:5]
        if (held := [case for case in house.cases if case.owner == person])
    )
    assert item["drawn"]["lines"][0]["measures"][0]["middle"] == rates[2].quantize(Decimal("0.0001"))
    files = [b"".join(enter(collector, "en").get(reverse("board_file", args=["collectors", "csv"]), PERIOD)).decode()]
    for person in house.collectors[1:]:
        assert person.name not in text
        assert all(person.name not in content for content in files)
        # Not by asking for it either.
        rows = enter(collector, "en").get(reverse("board_rows", args=["collectors"]), {**PERIOD, "person": person.pk})
        assert rows.context["count"] == 0
    rows = enter(collector, "en").get(reverse("board_rows", args=["collectors"]), PERIOD)
    assert rows.context["count"] > 0


def test_of_a_small_team_no_median_is_told(house: House) -> None:
    """The other team has one collector, whose figures a median would be."""
    page = page_of(house.collectors[5], "contact")
    (item,) = [item for item in page.context["charts"] if item["chart"].code == "collectors"]
    assert all(m["middle"] is None for line in item["drawn"]["lines"] for m in line["measures"])
    assert "too small for a median" in words(page)


def test_hours_outside_the_policy_are_marked(house: House) -> None:
    page = page_of(house.manager, "contact", client=house.clients[0].pk)
    (item,) = [item for item in page.context["charts"] if item["chart"].code == "contacts"]
    policy = house.clients[0].contact_policies.get()
    drawn = item["drawn"]
    for line in drawn["lines"]:
        for hour, cell in zip(drawn["hours"], line["cells"], strict=True):
            allowed = line["weekday"] in policy.weekdays and policy.opens_at.hour <= hour < policy.closes_at.hour
            assert cell["allowed"] == allowed, (line["weekday"], hour)


@pytest.mark.requirement("CM-43")
def test_the_table_of_a_chart_leaves_as_a_file_and_computes_nothing(house: House) -> None:
    client = make_client("CCC")
    row = {"receivable_ref": "=1+1", "issued_on": "2026-03-01", "due_on": "2026-04-01", "amount": "50.00"}
    place(client, [{"debtor_ref": "=cmd()", "product": "@card", **row}])
    browser = enter(house.manager, "en")
    for code in CHARTS:
        asked = {**PERIOD, "period": ""}
        table = next(
            item["table"]
            for board in BOARDS
            for item in page_of(house.manager, board).context["charts"]
            if item["chart"].code == code
        )
        content = b"".join(browser.get(reverse("board_file", args=[code, "csv"]), asked).streaming_content)
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        with translation.override("en"):
            assert lines[0] == [str(heading) for heading, _look in table.head], code
        assert len(lines) == 1 + len(table.lines), code
        book = b"".join(browser.get(reverse("board_file", args=[code, "xlsx"]), asked).streaming_content)
        sheet = load_workbook(io.BytesIO(book)).active
        assert sheet.max_row == len(lines), code
    asked = {**PERIOD, "client": client.pk}
    content = b"".join(browser.get(reverse("board_rows_file", args=["aging", "csv"]), asked).streaming_content)
    (line,) = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (line["Account"], line["Receivable"]) == ("'=cmd()", "'=1+1")
    book = b"".join(browser.get(reverse("board_rows_file", args=["aging", "xlsx"]), asked).streaming_content)
    sheet = load_workbook(io.BytesIO(book)).active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert enter(house.manager).get(reverse("board_file", args=["aging", "pdf"])).status_code == 404


def test_a_board_costs_few_statements(house: House) -> None:
    browser = enter(house.manager, "en")
    for board in BOARDS:
        assert queries(lambda: browser.get(reverse("board", args=[board]), PERIOD)) <= PAGE_MOST, board  # noqa: B023


@pytest.mark.requirement("PL-35")
def test_periods_have_names_and_move_with_the_calendar(house: House) -> None:
    page = enter(house.manager, "en").get(reverse("board", args=["money"]), {"period": "last_week"})
    asked = page.context["asked"]
    assert (asked.first, asked.last) == (dt.date(2026, 6, 21), dt.date(2026, 6, 27))
    assert "period=last_week" in asked.query
    # What it leads to stays where it is.
    assert all("from=2026-06-21" in link for link in links(words(page)))
    assert period_named(name="week", today=TODAY) == (dt.date(2026, 6, 28), TODAY)
    assert period_named(name="month", today=TODAY) == (dt.date(2026, 6, 1), TODAY)
    assert period_named(name="last_month", today=dt.date(2026, 3, 31)) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    plain = enter(house.manager, "en").get(reverse("board", args=["money"]))
    assert plain.context["asked"].period == "month"


def test_a_house_without_a_book_has_boards_that_say_so() -> None:
    manager = make_user(Role.COLLECTIONS_MANAGER)
    for board in BOARDS:
        for language in LANGUAGES:
            assert page_of(manager, board, language).status_code == 200
    assert not Client.objects.exists()
