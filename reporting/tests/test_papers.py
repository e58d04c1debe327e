"""Papers of a month, a quarter and a portfolio, through the doors of the house and of the client."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from clients.models import Client
from collections_app.models import ContactAttempt, LedgerEntry, Receivable
from common import clock
from common.models import Message
from config.celery import app
from credit.choices import CustomerKind, StopKind
from credit.models import CreditStop
from credit.tests.order_worlds import invoiced, stopped
from credit.tests.worlds import a_customer, an_account
from reporting.choices import ReportKind
from reporting.models import Report, ReportJob, ReportRun, Target
from reporting.rules.periods import Assessment, Brief, Calendar, Month, Placed, Quarter
from reporting.services.reports import report_issue
from reporting.tasks import due_task
from reporting.tests.weekly_world import WEEK, aged, counted, lived, paper
from tests.doors import LANGUAGES, enter, words
from tests.world import ACTOR, make_client, make_user, place

pytestmark = pytest.mark.django_db
D = dt.date
PLACED = D(2026, 9, 19)
MONTH, QUARTER = Month(year=2026, number=9), Quarter(year=2026, number=3)
PERIODS: tuple[Calendar | Placed, ...] = (WEEK, MONTH, QUARTER, Brief(on=PLACED), Assessment(on=PLACED))


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    """The day after the two weeks were lived, in the morning."""
    with clock.at(clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6, 15))):
        yield


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are handed out."""
    kept = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = kept


def issued(client: Client, period: Calendar | Placed, language: str, **given: str) -> Report:
    return report_issue(actor=ACTOR, client=client, period=period, language=language, **given)


def reader_of(client: Client) -> Any:
    return make_user(Role.CLIENT_USER, client=client, name="reader")


def squeezed(text: str) -> str:
    """Text as ``paper`` gives it: composed, without marks that only order it and without spaces."""
    plain = html.unescape(re.sub(r"<[^>]+>", "", text))
    composed = unicodedata.normalize("NFKC", plain)
    return "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Zs", "Cc"})


@pytest.mark.requirement("PL-35", "PL-06", "PL-09")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_on_a_reports_page_stands_on_its_paper(language: str) -> None:
    client = lived()
    browser = enter(reader_of(client), language)
    for period in PERIODS:
        report = issued(client, period, language)
        page = words(browser.get(reverse("portal_report", args=[report.pk])))
        text = paper(report)
        cells = [squeezed(cell) for cell in re.findall(r'<td class="fig">(.*?)</td>', page, re.DOTALL)]
        figures = {figure for cell in cells for figure in re.findall(r"[−+]?\d[\d,]*(?:\.\d+)?%?", cell)}
        assert len(figures) >= 5, period.kind
        missing = {figure for figure in figures if figure not in text}
        assert not missing, (period.kind, language, missing)
        assert report.number in text


def _drawn_outside(report: Report) -> tuple[int, list[tuple[float, ...]]]:
    """How many rectangles of the PDF are filled, and those of them that reach over the edge of their page."""
    count, outside = 0, []
    for page in PdfReader(io.BytesIO(bytes(report.pdf))).pages:
        wide, tall = float(page.mediabox.width), float(page.mediabox.height)
        seen: list[tuple[float, ...]] = []

        def visit(operator: Any, operands: Any, cm: Any, _tm: Any, seen: list[tuple[float, ...]] = seen) -> None:
            if operator != b"re":
                return
            x, y, w, h = (float(value) for value in operands)
            corners = [(x, y), (x + w, y + h)]
            placed = [(cm[0] * a + cm[2] * b + cm[4], cm[1] * a + cm[3] * b + cm[5]) for a, b in corners]
            seen.append((*placed[0], *placed[1]))

        page.extract_text(visitor_operand_before=visit)
        count += len(seen)
        for one in seen:
            if (
                min(one[0], one[2]) < -0.5
                or max(one[0], one[2]) > wide + 0.5
                or min(one[1], one[3]) < -0.5
                or max(one[1], one[3]) > tall + 0.5
            ):
                outside.append(one)
    return count, outside


@pytest.mark.requirement("DC-08")
@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_lie_inside_their_page_in_both_directions(language: str) -> None:
    client = lived()
    for period in PERIODS:
        count, outside = _drawn_outside(issued(client, period, language))
        assert count >= 5, (period.kind, count)
        assert outside == [], (period.kind, language, outside[:3])


@pytest.mark.requirement("PL-35")
def test_a_months_figures_equal_a_count_of_ones_own() -> None:
    client = lived()
    for period in (MONTH, QUARTER):
        report = issued(client, period, "en")
        figures, truth = report.context["now"], counted(client, period)
        assert {name: figures["contacts"][name] for name in ("attempts", "reached", "right_party", "breaches")} == {
            name: truth[name] for name in ("attempts", "reached", "right_party", "breaches")
        }
        assert figures["promises"] == {name: truth[name] for name in ("made", "due", "kept")}
        assert {p["currency"]: (p["count"], p["amount"]) for p in figures["payments"]} == truth["payments"]
        parts = report.context["detail"]["parts"]
        assert (parts[0]["first"], parts[-1]["last"]) == (str(period.starts_on), str(period.ends_on))
        assert sum(part["attempts"] for part in parts) == truth["attempts"]
        assert sum(part["payments"] for part in parts) == sum(count for count, _sum in truth["payments"].values())
        open_ = aged(client, period.ends_on)
        for currency, buckets in report.context["aging"].items():
            for row in buckets:
                assert Decimal(row["amount"]) == open_.get((currency, row["bucket"]), (0, Decimal(0)))[1]
        rate = next(line for line in report.context["kpis"] if line["code"] == "RIGHT_PARTY_OF_ATTEMPTS")["now"]
        assert (rate["numerator"], rate["denominator"]) == (truth["right_party"], truth["attempts"])
    assert len(parts) == 3, "a quarter is told month by month"
    assert truth["attempts"] > 5


@pytest.mark.requirement("PL-35", "PL-09")
def test_what_is_due_is_made_in_the_morning_once_and_its_readers_are_told(at_once: None) -> None:
    client = lived()
    make_client("NEW")  # its book was never opened, and nothing was placed
    reader = reader_of(client)
    # The portfolio's day 13 was three days ago; the month and the quarter ended on Wednesday.
    assert due_task() == 6
    assert due_task() == 0
    made = set(Report.objects.values_list("kind", "period", "language"))
    expected = {("MONTHLY", "2026-09"), ("QUARTERLY", "2026-Q3"), ("BRIEF", "2026-09-19")}
    assert made == {(kind, period, language) for kind, period in expected for language in LANGUAGES}
    assert set(ReportJob.objects.values_list("state", flat=True)) == {"ISSUED"}
    assert ReportRun.objects.filter(finished_at__isnull=False).count() == 3
    assert Message.objects.filter(client_id=client.pk).count() == 3
    # The archive: by kind, the latest first; nobody else's.
    browser = enter(reader)
    page = browser.get(reverse("portal_reports"))
    ends = [report.ends_on for report in page.context["page"]]
    assert len(ends) == 6
    assert ends == sorted(ends, reverse=True)
    monthly = browser.get(reverse("portal_reports"), {"kind": "MONTHLY"}).context["page"]
    assert {report.kind for report in monthly} == {ReportKind.MONTHLY}
    other = enter(make_user(Role.CLIENT_USER, client=make_client("BBB"), name="foreign"))
    assert list(other.get(reverse("portal_reports")).context["page"]) == []
    assert other.get(reverse("portal_report", args=[monthly[0].pk])).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.requirement("PL-35")
def test_figures_of_a_month_open_the_rows_that_make_them(language: str) -> None:
    client = lived()
    browser = enter(reader_of(client), language)
    report = issued(client, MONTH, language)
    page = words(browser.get(reverse("portal_report", args=[report.pk])))
    told = {line["code"]: line["now"] for line in report.context["kpis"]}
    doors = {html.unescape(link) for link in re.findall(r'href="([^"]*/portal/reports/figures/[^"]*)"', page)}
    checked = 0
    for link in doors:
        code = link.split("?")[0].rstrip("/").rsplit("/", 1)[1]
        shown = browser.get(link)
        assert shown.status_code == 200, link
        kept = told.get(code)
        if kept and isinstance(kept.get("denominator"), int):
            proof = shown.context["proof"]
            assert (proof.numerator, proof.denominator) == (kept["numerator"], kept["denominator"]), code
            checked += 1
    assert checked >= 4


class TestPortfolios:
    def _placed(self) -> Client:
        """Accounts of each segment: by age, by amount, and one that nothing reaches."""
        client = make_client("PFO", kind="BANK")
        rows = [
            ("OLD-L", 9000, 200, "0501234567"), ("MID-L", 8000, 60, "0501234568"), ("YNG-S", 300, 10, "0501234569"),
            ("MID-S", 400, 31, "0501234570"), ("OLD-S", 500, 91, "0501234571"), ("NONE", 600, 40, ""),
        ]  # fmt: skip
        place(
            client,
            [
                {"debtor_ref": ref, "receivable_ref": f"R-{ref}", "amount": f"{amount}.00",
                 "issued_on": clock.today() - dt.timedelta(days=late + 30),
                 "due_on": clock.today() - dt.timedelta(days=late), "mobile": mobile}
                for ref, amount, late, mobile in rows
            ],
        )  # fmt: skip
        return client

    @pytest.mark.requirement("PL-06", "PL-07")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_portfolio_is_assessed_by_segments_on_the_page_and_on_the_paper(self, language: str) -> None:
        client, today = self._placed(), clock.today()
        manager = enter(make_user(Role.COLLECTIONS_MANAGER), language)
        listed = manager.get(reverse("portfolios"))
        (portfolio,) = listed.context["portfolios"]
        assert (portfolio.client, portfolio.placed_on, portfolio.cases, portfolio.is_new) == (client, today, 6, True)
        address = reverse("portfolio", args=[client.pk, today.isoformat()])
        assert address in words(listed)
        page = manager.get(address)
        (sheet,) = page.context["sheets"]
        told = {line["segment"]: (line["accounts"], line["amount"], line["priority"]) for line in sheet["lines"]}
        # 18,800 were placed: the 9,000 and the 8,000 are the fewest that hold half of it.
        assert told == {
            "MIDDLE_LARGE": (1, Decimal("8000.00"), 1),
            "OLD_LARGE": (1, Decimal("9000.00"), 3),
            "MIDDLE_SMALL": (1, Decimal("400.00"), 4),
            "YOUNG_SMALL": (1, Decimal("300.00"), 5),
            "OLD_SMALL": (1, Decimal("500.00"), 6),
            "UNREACHABLE": (1, Decimal("600.00"), 7),
        }
        assert [line["priority"] for line in sheet["lines"]] == [1, 3, 4, 5, 6, 7]
        assert page.context["figures"]["missing"]["no_point"] == 1
        assert page.context["figures"]["missing"]["no_paper"] == 2
        assert manager.post(reverse("portfolio_issue", args=[client.pk, today.isoformat()])).status_code == 302
        assert set(Report.objects.values_list("kind", "language")) == {("ASSESSMENT", "ar"), ("ASSESSMENT", "en")}
        text = paper(Report.objects.get(language=language))
        for amount in ("18,800.00", "8,000.00", "9,000.00", "600.00"):
            assert amount in text
        # The first portfolio of a client has nothing behind it: no baseline, and so no target.
        assert all(line["target"] is None for line in page.context["kpis"] if line["of"] != "house")
        # Issued once; again only with its reason, as the next issue.
        manager.post(reverse("portfolio_issue", args=[client.pk, today.isoformat()]))
        assert Report.objects.count() == 2
        manager.post(reverse("portfolio_issue", args=[client.pk, today.isoformat()]), {"reason": "تصحيح"})
        assert sorted(Report.objects.values_list("issue", flat=True)) == [1, 1, 2, 2]
        assert manager.get(reverse("portfolio", args=[client.pk, "2026-01-01"])).status_code == 404
        assert manager.get(reverse("portfolio", args=[client.pk, "yesterday"])).status_code == 404

    @pytest.mark.requirement("PL-07")
    def test_a_target_is_proposed_from_what_was_found_and_may_become_an_agreed_one(self) -> None:
        client = lived()
        place(
            client,
            [{"debtor_ref": f"AAA-N{n}", "receivable_ref": f"N{n}", "amount": "700.00", "issued_on": D(2026, 7, 1),
              "due_on": D(2026, 8, 1)} for n in range(3)],
        )  # fmt: skip
        manager = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
        page = manager.get(reverse("portfolio", args=[client.pk, clock.today().isoformat()]))
        line = next(line for line in page.context["kpis"] if line["code"] == "RIGHT_PARTY_OF_ATTEMPTS")
        made = [
            a for a in ContactAttempt.objects.filter(client=client, direction="OUT").exclude(verdict="REFUSED")
            if a.at.astimezone(clock.RIYADH).date() < clock.today()
        ]  # fmt: skip
        share = Decimal(sum(a.reached == "HOLDER" for a in made)) * 100 / len(made)
        assert (line["of"], line["found"]) == ("client", share.quantize(Decimal("0.1")))
        assert line["target"] % 5 == 0
        assert line["found"] <= line["target"] < line["found"] + 5
        link = html.unescape(re.search(r'href="([^"]*code=RIGHT_PARTY[^"]*)"', words(page))[1])  # type: ignore[index]
        form = manager.get(link).context["form"]
        assert (form["code"].value(), Decimal(form["value"].value())) == ("RIGHT_PARTY_OF_ATTEMPTS", line["target"])
        agreed = {
            "code": form["code"].value(), "value": form["value"].value(), "starts_on": "2026-10-05",
            "agreed_in": "Letter of 4 October", "currency": "SAR",
        }  # fmt: skip
        assert manager.post(link, agreed).status_code == 302
        assert Target.objects.get(client=client).value == line["target"]

    @pytest.mark.requirement("PL-09")
    def test_the_brief_tells_of_the_first_ten_days_and_of_what_is_adjusted(self) -> None:
        client = lived()
        manager = enter(make_user(Role.COLLECTIONS_MANAGER), "en")
        address = reverse("portfolio", args=[client.pk, PLACED.isoformat()])
        assert manager.post(address, {"text": " "}).status_code == 422
        assert manager.post(address, {"text": "Messages go out before calls"}).status_code == 302
        issue = reverse("portfolio_issue", args=[client.pk, PLACED.isoformat()])
        assert manager.post(issue, {"kind": "BRIEF"}).status_code == 302
        report = Report.objects.get(kind="BRIEF", language="en")
        assert (report.starts_on, report.ends_on) == (PLACED, D(2026, 9, 28))
        assert "Messagesgooutbeforecalls" in paper(report)
        # Counted again, row by row.
        made = [
            a for a in ContactAttempt.objects.filter(client=client, direction="OUT").exclude(verdict="REFUSED")
            if PLACED <= a.at.astimezone(clock.RIYADH).date() <= report.ends_on
        ]  # fmt: skip
        whom = report.context["whom"]
        assert (whom["accounts"], whom["items"]) == (7, 21)
        assert whom["attempts"] == len(made) > 0
        assert whom["tried"] == len({a.case_id for a in made})
        assert whom["reached"] == len({a.case_id for a in made if a.reached == "HOLDER"}) > 0
        money = {row["currency"]: row for row in report.context["money"]}
        for currency, row in money.items():
            entries = LedgerEntry.objects.filter(receivable__client=client, currency=currency)
            paid = -sum(
                (e.amount for e in entries if e.payment_id and PLACED <= e.effective_on <= report.ends_on), Decimal(0)
            )
            placed = sum((r.amount for r in Receivable.objects.filter(client=client, currency=currency)), Decimal(0))
            assert (Decimal(row["collected"]), Decimal(row["placed"])) == (paid, placed), currency
        assert len(report.context["days"]) == 10
        assert sum(day["attempts"] for day in report.context["days"]) == len(made)

    @pytest.mark.requirement("PL-09")
    def test_a_brief_cannot_be_had_before_its_days_are_over(self) -> None:
        client = self._placed()
        manager = enter(make_user(Role.GENERAL_MANAGER))
        manager.post(reverse("portfolio_issue", args=[client.pk, clock.today().isoformat()]), {"kind": "BRIEF"})
        assert not Report.objects.exists()
        with clock.at(clock.now() + dt.timedelta(days=10)):
            manager.post(reverse("portfolio_issue", args=[client.pk, PLACED.isoformat()]), {"kind": "BRIEF"})
            assert not Report.objects.exists(), "nothing was placed on that day"
            placed = D(2026, 10, 4).isoformat()
            manager.post(reverse("portfolio_issue", args=[client.pk, placed]), {"kind": "BRIEF"})
        assert Report.objects.filter(kind="BRIEF").count() == 2


@pytest.mark.requirement("CM-43")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_creditors_month_tells_of_its_customers_and_of_their_limits(language: str) -> None:
    """The standing reports of a creditor: debts by age, customers, collections, late payment, keeping to the policy."""
    client, officer = make_client("CRD", kind="TRADE"), make_user(Role.CREDIT_OFFICER)
    with clock.at(clock.at_riyadh(on=D(2026, 9, 10))):
        within, over = (an_account(client, by=officer, ref=ref, limit=Decimal(10_000)) for ref in ("C-IN", "C-OVER"))
        invoiced(within, "I-1", "9000.00", age=30)
        invoiced(over, "I-2", "12000.00", age=30)
        a_customer(client, ref="C-CASH", by=officer, kind=CustomerKind.CASH)
        stopped(over, StopKind.SUSPENDED, by=officer)
        assert set(CreditStop.objects.values_list("customer", flat=True)) == {over.customer.pk}
    report = issued(client, MONTH, language)
    told = report.context["customers"]
    assert (told["credit"], told["cash"], told["opened"]) == (2, 1, 3)
    assert (told["stopped"], told["within"], told["limited"]) == (1, 1, 2)
    text = paper(report)
    assert "21,000.00" in text
    browser = enter(reader_of(client), language)
    page = words(browser.get(reverse("portal_reports")))
    assert reverse("portal_report", args=[report.pk]) in page
    assert {"ar": "عملاؤكم", "en": "Yourcustomers"}[language] in text
    # Who has no customers of its own is told nothing of them.
    assert issued(lived(), MONTH, language).context["customers"] is None
