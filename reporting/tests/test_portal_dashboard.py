"""The portal's dashboard: five figures of a period and portfolio, each equal to the rows it opens."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import openpyxl
import pytest
from django.urls import reverse

from accounts.choices import Language, Role
from clients.services.clients import agreement_portal_view_set
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post
from common import clock
from common.audit import Actor
from reporting.kpis import Ask, kpi_figures
from reporting.tests.weekly_world import D, lived
from tests.doors import queries
from tests.world import ACTOR, a_case, make_client, make_user, place, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08"), pytest.mark.requirement("PL-35")]
SUNDAY = clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6))


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "").rstrip("%"))


def asked(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_figure_equals_the_rows_it_opens(language: str) -> None:
    with clock.at(SUNDAY):
        client = lived()
        reader = make_user(Role.CLIENT_USER, client=client, name="reader")
        reader.language = Language(language)
        reader.save(update_fields=["language"])
        browser = signed_in(reader)
        shown = browser.get(reverse("portal_dashboard"))
        page, told, board = shown.content.decode(), shown.context["told"], shown.context["asked"].ask
        links = [html.unescape(link) for link in re.findall(r'href="([^"]*/portal/reports/figures/[^"]*)"', page)]
        codes = {urlsplit(link).path.rstrip("/").rsplit("/", 1)[1] for link in links}
        assert codes == {"COLLECTED", "RIGHT_PARTY_OF_ATTEMPTS", "PROMISE_KEPT_COUNT", "AGING", "ROLL_RATES"}
        opened = {link: browser.get(link).context["proof"] for link in dict.fromkeys(links)}
    for trend in told.trends:
        ours = [
            (link, proof)
            for link, proof in opened.items()
            if f"/{trend.kpi.code}/" in link and asked(link).get("currency", "") == trend.currency
        ]
        whole, *weeks = ours
        assert len(weeks) == len(trend.weeks)
        if trend.is_share:
            share = Decimal(whole[1].numerator) / Decimal(whole[1].denominator) * 100 if whole[1].denominator else None
            assert trend.value == ("–" if share is None else f"{share:.1f}%")
        else:
            assert amount(trend.value) == whole[1].numerator
        for week, (_link, proof) in zip(trend.weeks, weeks, strict=True):
            assert proof.numerator == week.over
            assert (proof.denominator or None) == (week.under or None)
        assert sum(week.over for week in trend.weeks) == whole[1].numerator, "no week is lost at the edges"
    for sheet in told.ages:
        for bar in sheet["bars"]:
            found = [
                proof
                for link, proof in opened.items()
                if "/AGING/" in link
                and (asked(link)["currency"], asked(link)["bucket"]) == (sheet["currency"], bar.label)
            ]
            rows = [(proof.count, proof.numerator) for proof in found]
            assert rows == ([(bar.count, bar.amount)] if bar.count else [])
        # The tick: the same question, asked of the first day.
        first = Ask(client_id=client.pk, first=board.first, last=board.first, now=board.now)
        (then,) = kpi_figures(ask=first, codes=["AGING"])
        was = {row["bucket"]: row["amount"] for row in then.rows if row["currency"] == sheet["currency"]}
        largest = max([bar.amount for bar in sheet["bars"]] + [*was.values(), Decimal(1)])
        for bar in sheet["bars"]:
            reach = float(was.get(bar.label, Decimal(0)) / largest) * 180
            assert bar.tick == round(180 - reach if language == "ar" else reach, 2)
    cells = [cell for m in told.rolls for _begun, _total, line in m.lines for cell in line if cell]
    rolls = [proof for link, proof in opened.items() if "/ROLL_RATES/" in link]
    assert sorted(cell["count"] for cell in cells) == sorted(proof.count for proof in rolls)
    assert cells


def test_a_portfolio_and_a_period_narrow_page_and_rows_alike() -> None:
    today = clock.today()
    client, collector = make_client("AAA"), make_user(Role.COLLECTOR)
    old, new = today - dt.timedelta(days=20), today
    rows = {"issued_on": today - dt.timedelta(days=90), "due_on": today - dt.timedelta(days=40)}
    place(client, [{"debtor_ref": "OLD", "receivable_ref": "O-1", "amount": "100.00", **rows}], placed_on=old)
    place(client, [{"debtor_ref": "NEW", "receivable_ref": "N-1", "amount": "70.00", **rows}], placed_on=new)
    for case in client.cases.select_related("debtor"):
        payment_post(
            actor=ACTOR, case=case, amount=Decimal(10 if case.debtor.debtor_ref == "OLD" else 7), currency="SAR",
            value_on=today, reference=f"P-{case.debtor.debtor_ref}",
        )  # fmt: skip
        contact_record(
            actor=Actor.person(collector), user=collector, case=case, channel="PHONE", reached="NO_ONE",
            outcome="NO_ANSWER", breach_reason="خارج الساعات",
        )  # fmt: skip
    browser = signed_in(make_user(Role.CLIENT_USER, client=client, name="reader"))

    def told(**query: str) -> tuple[list[str], list[Decimal]]:
        shown = browser.get(reverse("portal_dashboard"), query)
        assert shown.status_code == 200
        board = shown.context["told"]
        return [trend.value for trend in board.trends], [sheet["total"] for sheet in board.ages]

    assert told() == (["17.00", "0.0%", "–"], [Decimal("153.00")])
    assert told(portfolio=old.isoformat()) == (["10.00", "0.0%", "–"], [Decimal("90.00")])
    assert told(portfolio=new.isoformat())[0][0] == "7.00"
    assert told(portfolio="2001-01-01")[1] == []
    assert told(portfolio="nonsense") == told()
    earlier = (today - dt.timedelta(days=1)).isoformat()
    assert told(to=earlier)[1] == [Decimal("170.00")]
    proof = browser.get(reverse("portal_figure_rows", args=["COLLECTED"]), {"portfolio": new.isoformat()})
    assert [line["account"] for line in proof.context["proof"].page] == ["NEW"]
    csv = browser.get(reverse("portal_figure_csv", args=["COLLECTED"]), {"portfolio": new.isoformat()})
    assert b"P-OLD" not in b"".join(csv.streaming_content)
    book = browser.get(reverse("portal_figure_xlsx", args=["COLLECTED"]), {"portfolio": new.isoformat()})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    assert [row[2] for row in sheet.iter_rows(values_only=True)] == ["reference", "P-NEW"]
    assert browser.get(reverse("portal_dashboard")).context["portfolios"] == [new, old]


def test_contacts_are_shown_as_the_agreement_says_and_the_page_costs_the_same_for_any_book() -> None:
    client = make_client("AAA")
    reader = make_user(Role.CLIENT_USER, client=client, name="reader")
    browser = signed_in(reader)

    def codes() -> list[str]:
        board = browser.get(reverse("portal_dashboard")).context["told"]
        return [trend.kpi.code for trend in board.trends]

    empty = queries(lambda: browser.get(reverse("portal_dashboard")))
    a_case(client)
    a_case(client, ref="D-2")
    assert queries(lambda: browser.get(reverse("portal_dashboard"))) <= empty + 1
    assert empty < 30
    assert "RIGHT_PARTY_OF_ATTEMPTS" in codes()
    agreement_portal_view_set(actor=ACTOR, agreement=client.agreements.get(), portal_view="CASES")
    assert "RIGHT_PARTY_OF_ATTEMPTS" not in codes()
    agreement_portal_view_set(actor=ACTOR, agreement=client.agreements.get(), portal_view="FIGURES")
    shown = browser.get(reverse("portal_dashboard"))
    assert shown.status_code == 200
    assert "/portal/reports/figures/" not in shown.content.decode()
