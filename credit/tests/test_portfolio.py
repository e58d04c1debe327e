"""The portfolio: figures counted by hand, each of which opens exactly the rows it counts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest

from accounts.choices import Role
from clients.models import Client
from common import clock
from credit.selectors.portfolio import portfolio_rows, portfolio_segments, portfolio_sums
from credit.tests.order_worlds import a_buyer, ordered
from credit.tests.scores_world import a_policy
from credit.tests.worlds import a_customer
from tests.world import make_client, make_user, place, signed_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def invoice(client: Client, ref: str, amount: str, *, age: int, debtor: str) -> None:
    issued = clock.today() - age * DAY
    row = {
        "debtor_ref": debtor, "debtor_name": "مؤسسة", "receivable_ref": ref, "issued_on": issued,
        "due_on": issued + 60 * DAY, "amount": amount,
    }  # fmt: skip
    place(client, [row])


@pytest.fixture
def book(db: None) -> Client:
    """Three accounts: food in Riyadh and in Jeddah, building in Riyadh; two overdue, one above its limit."""
    client, officer = make_client("AAA"), make_user(Role.CREDIT_OFFICER)
    first = a_buyer(client, by=officer, ref="C-1", sector="أغذية", region="الرياض", limit=Decimal(10_000))
    a_buyer(client, by=officer, ref="C-2", sector="أغذية", region="جدة", limit=Decimal(1_000), name="=شركة جدة")
    a_buyer(client, by=officer, ref="C-3", sector="مواد بناء", region="الرياض", limit=Decimal(5_000))
    ordered(first, amount="1500.00")
    invoice(client, "I-1", "2000.00", age=10, debtor="C-1")
    invoice(client, "I-2", "1200.00", age=61, debtor="C-2")
    invoice(client, "I-3", "800.00", age=60, debtor="C-3")
    invoice(client, "I-4", "50.00", age=366, debtor="C-3")
    return client


@pytest.mark.requirement("CM-24")
def test_figures_are_the_sums_of_their_rows(book: Client) -> None:
    told: dict[str, Any] = {"on": clock.today(), "currency": "SAR"}
    sums = portfolio_sums(**told)
    assert (sums.customers, sums.limits, sums.invoices, sums.reserved) == (3, 16_000, 4_050, 1_500)
    assert (sums.overdue, sums.late, sums.over) == (1_250, 2, 1)
    assert (sums.exposure, sums.utilisation, sums.overdue_share) == (5_550, Decimal("34.7"), Decimal("30.9"))
    # 4,050 owed over 4,000 sold in 365 days; what was issued 366 days ago is of the year before.
    assert (sums.sales, sums.collection_days) == (4_000, 369)
    for by in ("sector", "region", "client"):
        parts = portfolio_segments(**told, by=by)
        for name in ("customers", "limits", "invoices", "reserved", "overdue", "sales", "late", "over"):
            assert sum(getattr(part, name) for part in parts) == getattr(sums, name), (by, name)
    assert [(part.value, part.overdue) for part in portfolio_segments(**told, by="sector")] == [
        ("أغذية", 1_200), ("مواد بناء", 50),
    ]  # fmt: skip
    assert sum(row["overdue"] for row in portfolio_rows(**told, only="overdue")) == sums.overdue
    assert len(portfolio_rows(**told, only="over")) == sums.over
    food = portfolio_rows(**told, only="used", by="sector", segment="أغذية")
    assert [row["debtor_ref"] for row in food] == ["C-1", "C-2"]
    assert portfolio_sums(**told, client=book.pk) == sums
    assert portfolio_sums(**told, client=make_client("BBB").pk).customers == 0
    assert portfolio_sums(on=clock.today(), currency="USD").customers == 0


@pytest.mark.requirement("CM-24")
def test_every_figure_of_the_page_opens_its_rows_and_the_table_holds_no_formula(book: Client) -> None:
    browser = signed_in(make_user(Role.FINANCE_MANAGER))
    page = browser.get("/credit/portfolio/", {"by": "region"}).content.decode()
    assert "369" in page and "34.7%" in page and "/credit/portfolio/customers/?by=region" in page
    late = browser.get("/credit/portfolio/customers/", {"only": "overdue", "by": "region", "segment": "جدة"})
    assert [row["debtor_ref"] for row in late.context["rows"]] == ["C-2"]
    answer = browser.get("/credit/portfolio/customers.csv", {"only": "overdue"})
    told = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[1] for row in told[1:]] == ["C-2", "C-3"] and told[1][0] == "'=شركة جدة"
    assert browser.get("/credit/portfolio/", {"by": "x", "client": "x", "currency": "12"}).status_code == 200


@pytest.mark.requirement("CM-24")
def test_each_industry_is_read_against_its_own_benchmark(book: Client) -> None:
    """«ويتم مقارنتها بالمؤشرات المتعارف عليها في الصناعة أو السوق» (source 001 §4.3(4))."""
    a_policy(book, benchmarks={"مقاولات": 90}, benchmark_days=45)
    officer = make_user(Role.FINANCE_MANAGER, name="finance")
    a_customer(book, by=officer, ref="C-8", industry="مقاولات")
    invoice(book, "I-8", "10.00", age=5, debtor="C-8")
    browser = signed_in(officer)
    page = browser.get("/credit/portfolio/", {"client": book.pk, "by": "industry"})
    assert page.context["usual"] == {"مقاولات": 90, "": 45} and page.context["benchmark"] == 45
    assert "90" in page.content.decode()
    assert browser.get("/credit/portfolio/", {"client": book.pk, "by": "region"}).context["usual"] == {}
