"""Every figure of a report opens its records in the portal: as printed, whatever came since, and nobody else's."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse

from accounts.choices import Language, Role
from collections_app.models import Case, Payment
from collections_app.services.ledger import payment_post
from common import clock
from reporting.kpis import FAMILY_OF
from reporting.papers.shown import PORTAL_FAMILIES
from reporting.tests.weekly_world import WEEK, D, issue, lived
from tests.world import ACTOR, a_book, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08")]
SUNDAY = clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6))


def test_each_figure_of_a_report_opens_the_rows_that_make_it() -> None:
    with clock.at(SUNDAY):
        client = lived()
        reader = make_user(Role.CLIENT_USER, client=client, name="reader")
        reader.language = Language.EN
        reader.save(update_fields=["language"])
        browser = signed_in(reader)
        report = issue(client, "en")
    with clock.at(SUNDAY + dt.timedelta(days=1)):
        # What is recorded afterwards changes no row behind the paper.
        case = Case.objects.filter(client=client, currency="SAR")[0]
        payment_post(
            actor=ACTOR, case=case, amount=Decimal("7.77"), currency="SAR", value_on=WEEK.ends_on, reference="LATE"
        )
        page = browser.get(reverse("portal_report", args=[report.pk])).content.decode()
        doors = [html.unescape(link) for link in re.findall(r'href="([^"]*/portal/reports/figures/[^"]*)"', page)]
        matrix, links = next(link for link in doors if "ROLL_RATES" in link), {}
        for link in (link for link in doors if link != matrix):
            asked = urlsplit(link)
            code = asked.path.rstrip("/").rsplit("/", 1)[1]
            links[code, dict(parse_qsl(asked.query)).get("currency", "")] = link
        assert set(links) == {
            (code, currency) for code in ("COLLECTED", "AGING") for currency in ("SAR", "USD")
        } | {("RIGHT_PARTY_OF_ATTEMPTS", ""), ("PROMISE_KEPT_COUNT", "")}  # fmt: skip
        proofs = {key: browser.get(link).context["proof"] for key, link in links.items()}
        now = report.context["now"]
        for row in now["payments"]:
            proof = proofs["COLLECTED", row["currency"]]
            assert (proof.count, str(proof.numerator)) == (row["count"], row["amount"])
            assert "LATE" not in {line["reference"] for line in proof.page}
        for currency, buckets in report.context["aging"].items():
            assert proofs["AGING", currency].numerator == sum(Decimal(bucket["amount"]) for bucket in buckets)
        contacts, promises = proofs["RIGHT_PARTY_OF_ATTEMPTS", ""], proofs["PROMISE_KEPT_COUNT", ""]
        assert (contacts.numerator, contacts.count) == (now["contacts"]["right_party"], now["contacts"]["attempts"])
        assert (promises.numerator, promises.denominator) == (now["promises"]["kept"], now["promises"]["due"])
        # The file is what was hashed.
        csv_page = links["COLLECTED", "SAR"].replace("/COLLECTED/", "/COLLECTED.csv")
        content = b"".join(browser.get(csv_page))
        assert hashlib.sha256(content).hexdigest() == proofs["COLLECTED", "SAR"].sha256
        rolls = browser.get(matrix).context["proof"]
        lines = [line for told in report.context["movements"].values() for line in told["lines"]]
        assert rolls.count == sum(line["count"] for line in lines)


def test_a_client_reaches_no_row_of_another_by_any_of_these_doors() -> None:
    one, other = a_book("AAA"), a_book("BBB")
    browser = signed_in(one.reader)
    today = clock.today()
    asked = {"from": today - dt.timedelta(days=30), "to": today, "client": other.client.pk}
    shown = {code for code, family in FAMILY_OF.items() if family.code in PORTAL_FAMILIES}
    assert {"RECOVERY_RATE", "COLLECTED", "RIGHT_PARTY_OF_ATTEMPTS"} <= shown
    for code in sorted(shown):
        page = browser.get(reverse("portal_figure_rows", args=[code]), asked)
        told = b"".join(browser.get(reverse("portal_figure_csv", args=[code]), asked))
        assert page.status_code == 200
        assert b"BBB" not in page.content + told
    assert b"AAA-1" in b"".join(browser.get(reverse("portal_figure_csv", args=["COLLECTED"]), asked))
    # What names files or other people's questions has no door here, nor has the house's own page.
    assert browser.get(reverse("portal_figure_rows", args=["SATISFACTION"]), asked).status_code == 404
    assert browser.get(reverse("figure_rows", args=["COLLECTED"]), asked).status_code == 404
    assert browser.get(reverse("portal_report", args=[other.reports[0].pk])).status_code == 404
    assert Payment.objects.filter(client=other.client).exists()
