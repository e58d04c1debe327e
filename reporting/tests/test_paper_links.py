"""Every figure with a link, on the page of each kind of paper: it opens, as the client's reader, the rows it counts."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from clients.models import Client
from clients.services.clients import agreement_portal_view_set
from collections_app.models import ContactAttempt
from common import clock
from reporting.kpis import KPIS
from reporting.kpis.base import value_of
from reporting.kpis.shown import value_text
from reporting.models import Report
from reporting.rules.periods import Assessment, Brief, Calendar, Month, Placed, Quarter
from reporting.services.reports import report_issue
from reporting.tests.weekly_world import WEEK, lived
from tests.doors import enter, words
from tests.world import ACTOR, make_user, place

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PL-35", "PL-36")]
D = dt.date
PLACED, TODAY = D(2026, 9, 19), D(2026, 10, 4)
# Each kind of paper, and figures that must have their link on its page.
PAPERS: tuple[tuple[Calendar | Placed, set[str]], ...] = (
    (WEEK, {"COLLECTED", "AGING", "RIGHT_PARTY_OF_ATTEMPTS", "PROMISE_KEPT_COUNT", "ROLL_RATES"}),
    (Month(year=2026, number=9), {"COLLECTED", "RECOVERY_RATE", "CURE_RATE", "PROMISE_RATE", "LATE_SHARE"}),
    (Quarter(year=2026, number=3), {"COLLECTED", "RECOVERY_RATE", "FIRST_CONTACT_DAYS"}),
    (Brief(on=PLACED), {"RIGHT_PARTY_OF_ATTEMPTS", "RECOVERY_RATE"}),
    (Assessment(on=TODAY), {"RIGHT_PARTY_OF_ATTEMPTS", "PROMISE_KEPT_COUNT", "CURE_RATE"}),
)


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    with clock.at(clock.at_riyadh(on=TODAY, time=dt.time(6, 15))):
        yield


def issued(client: Client, period: Calendar | Placed) -> Report:
    return report_issue(actor=ACTOR, client=client, period=period, language="en")


def links(browser: Any, report: Report) -> list[tuple[str, str]]:
    """The addresses of rows on a report's page, each with what is printed on it."""
    page = words(browser.get(reverse("portal_report", args=[report.pk])))
    found = re.findall(r'<a[^>]* href="([^"]*/portal/reports/figures/[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    plain = [(link, re.sub(r"<[^>]+>", "", printed.replace("<br>", " "))) for link, printed in found]
    return [(html.unescape(link), html.unescape(printed)) for link, printed in plain]


def code_of(link: str) -> str:
    return link.split("?")[0].rstrip("/").rsplit("/", 1)[1]


def told_by_rows(browser: Any, link: str) -> set[str]:
    """The figures that the rows behind a link make, altogether and in each currency."""
    kpi, told = KPIS[code_of(link)], set[str]()
    for currency in ("", "&currency=SAR", "&currency=USD"):
        shown = browser.get(link + currency)
        assert shown.status_code == 200, link
        proof = shown.context["proof"]
        told |= {
            value_text(Decimal(side), "MONEY") for side in (proof.numerator, proof.denominator) if side is not None
        }
        told |= {f"{proof.numerator:,}", f"{proof.denominator:,}"}
        value = value_of(kpi, proof.numerator, proof.denominator)
        told |= {value_text(value, kpi.unit), f"{value:.0f}" if value is not None else ""}
    return told


def test_every_link_on_every_kind_of_paper_opens_the_rows_of_what_is_printed() -> None:
    client = lived()
    place(
        client,
        [{"debtor_ref": f"AAA-N{n}", "receivable_ref": f"N{n}", "amount": "700.00", "issued_on": D(2026, 7, 1),
          "due_on": D(2026, 8, 1)} for n in range(3)],
        placed_on=TODAY,
    )  # fmt: skip
    browser = enter(make_user(Role.CLIENT_USER, client=client, name="reader"), "en")
    reports = [(issued(client, period), wanted) for period, wanted in PAPERS]
    with clock.at(clock.at_riyadh(on=D(2026, 10, 5), time=dt.time(9))):
        for report, wanted in reports:
            found = links(browser, report)
            assert wanted <= {code_of(link) for link, _printed in found}, report.kind
            for link, printed in found:
                numbers = re.findall(r"[−+]?\d[\d,]*(?:\.\d+)?%?", printed)
                # A button has no figure on it; a median is no sum of its rows.
                if not numbers or KPIS[code_of(link)].value_of is not None:
                    assert browser.get(link).context["proof"].count > 0, link
                    continue
                assert set(numbers) <= told_by_rows(browser, link), (report.kind, link, printed)


def test_a_brief_whose_accounts_were_here_before_opens_no_rows_that_are_others() -> None:
    client = lived()
    place(
        client,
        [{"debtor_ref": "AAA-1", "receivable_ref": "MORE", "amount": "700.00", "issued_on": D(2026, 7, 1),
          "due_on": D(2026, 8, 1)}],
        placed_on=D(2026, 9, 23),
    )  # fmt: skip
    browser = enter(make_user(Role.CLIENT_USER, client=client, name="reader"), "en")
    with clock.at(clock.at_riyadh(on=D(2026, 10, 5), time=dt.time(9))):
        for placed_on in (PLACED, D(2026, 9, 23)):
            report = issued(client, Brief(on=placed_on))
            assert Decimal(report.context["money"][0]["placed"]) > 0
            assert links(browser, report) == []


@pytest.mark.parametrize(("view", "kept"), [("CASES", "some"), ("FIGURES", "none")])
def test_a_paper_links_what_the_agreement_opens(view: str, kept: str) -> None:
    client = lived()
    assert ContactAttempt.objects.filter(client=client).exists()
    agreement_portal_view_set(actor=ACTOR, agreement=client.agreements.get(), portal_view=view)
    browser = enter(make_user(Role.CLIENT_USER, client=client, name="reader"), "en")
    for period, _wanted in PAPERS[:4]:
        found = links(browser, issued(client, period))
        assert bool(found) is (kept == "some"), (period, found)
        assert {browser.get(link).status_code for link, _printed in found} <= {200}
        # How often and when somebody was spoken to is not opened with the accounts.
        hidden = {"RIGHT_PARTY_OF_ATTEMPTS", "FIRST_CONTACT_DAYS", "ATTEMPTS_PER_ACCOUNT"}
        assert not hidden & {code_of(link) for link, _printed in found}
