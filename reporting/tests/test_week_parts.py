"""The parts of the weekly paper beside its figures: movements, law, complaints, proposals, and what changed since."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case, LedgerEntry, Receivable
from collections_app.rules.aging import bucket_for
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from common import clock
from common.audit import Actor
from complaints.tests.worlds import a_matter
from reporting.models import Target
from reporting.rules.weeks import Week
from reporting.tests.weekly_world import WEEK, D, issue, lived, paper
from tests.world import ACTOR, a_book, make_client, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08")]
SUNDAY = clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6))
NEXT = Week(year=2026, number=41)
NEXT_SUNDAY = clock.at_riyadh(on=D(2026, 10, 11), time=dt.time(6))


def moved(client: Client, currency: str, *, week: Week) -> Counter[tuple[str, str]]:
    """Where each receivable lay at the end of the week before and of this one, entry by entry."""
    found: Counter[tuple[str, str]] = Counter()
    for receivable in Receivable.objects.filter(client=client, currency=currency):
        ends = []
        for on in (week.before().ends_on, week.ends_on):
            entries = LedgerEntry.objects.filter(receivable=receivable, effective_on__lte=on)
            balance = sum((entry.amount for entry in entries), Decimal(0))
            ends.append(bucket_for(basis="DUE", days=(on - receivable.due_on).days).code if balance > 0 else "")
        if any(ends):
            found[ends[0] or "new", ends[1] or "paid"] += 1
    return found


@pytest.mark.requirement("PL-34")
def test_movements_are_those_of_each_receivable_and_stand_on_the_paper() -> None:
    with clock.at(SUNDAY):
        client = lived()
        case = Case.objects.filter(client=client, currency="SAR").order_by("balance").first()
        assert case is not None
        # One account is paid whole within the week.
        payment_post(
            actor=ACTOR, case=case, amount=case.balance, currency="SAR", value_on=WEEK.ends_on, reference="whole"
        )
        report = issue(client, "en")
        text = paper(report)
        for currency in ("SAR", "USD"):
            expected = moved(client, currency, week=WEEK)
            matrix = report.context["movements"][currency]
            told = Counter(
                {
                    (line["bucket"], place): cell["count"]
                    for line in matrix["lines"]
                    for place, cell in zip(matrix["places"], line["cells"], strict=True)
                    if cell["count"]
                }
            )
            assert told == expected, currency
            for line in matrix["lines"]:
                assert line["count"] == sum(
                    count for (start, _to), count in expected.items() if start == line["bucket"]
                )
                for cell in line["cells"]:
                    if cell["count"]:
                        share = (Decimal(cell["count"]) * 100 / line["count"]).quantize(Decimal("0.1"))
                        assert cell["share"] == str(share)
                        assert f"{share}%" in text
        assert sum(count for (_from, to), count in moved(client, "SAR", week=WEEK).items() if to == "paid") >= 3


def _a_week_later(client: Client) -> None:
    for n in range(7):
        with clock.at(clock.at_riyadh(on=D(2026, 10, 5) + dt.timedelta(days=n), time=dt.time(0, 15))):
            nightly_run(date=clock.today(), client_ids=[client.pk])


def _late(client: Client) -> tuple[Any, Any]:
    """What came after the report, with days before its end: a payment, one taken back, and a contact."""
    cases = list(Case.objects.filter(client=client, currency="SAR").order_by("-balance")[:2])
    collector = User.objects.get(email="aaa.c@house.example")
    with clock.at(clock.at_riyadh(on=D(2026, 10, 6), time=dt.time(11))):
        late = payment_post(
            actor=ACTOR, case=cases[0], amount=Decimal("61.50"), currency="SAR", value_on=D(2026, 10, 1),
            reference="LATE",
        )  # fmt: skip
        back = payment_post(
            actor=ACTOR, case=cases[1], amount=Decimal("20.00"), currency="SAR", value_on=D(2026, 9, 30),
            reference="BACK",
        )  # fmt: skip
        payment_reverse(actor=ACTOR, payment=back, on=clock.today(), reason="شيك مرتجع")
        contact_record(
            actor=Actor.person(collector), user=collector, case=cases[0], channel="PHONE", reached="NO_ONE",
            outcome="NO_ANSWER", at=clock.at_riyadh(on=D(2026, 10, 1), time=dt.time(12)), breach_reason="سُجّل متأخرًا",
        )  # fmt: skip
    return late, cases[0]


@pytest.mark.requirement("PL-35")
def test_what_changed_since_the_last_report_is_told_with_its_events() -> None:
    with clock.at(SUNDAY):
        client = lived()
        first = issue(client, "en")
        kept = bytes(first.pdf)
    _late_payment, case = _late(client)
    _a_week_later(client)
    with clock.at(NEXT_SUNDAY):
        second = issue(client, "en", week=NEXT)
    told = second.context["restated"]
    changes = {(c["name"], c["currency"]): c for c in told["changes"]}
    assert changes["collected", "SAR"]["by"] == "61.50"
    assert changes["contacts", ""]["by"] == 1
    # A reversal bears the day of what it takes back: that was never paid.
    assert changes["open", "SAR"]["by"] == "-61.50"
    assert ("collected", "USD") not in changes
    assert (told["number"], told["issue"], told["contacts"]) == (first.number, 1, 1)
    events = LedgerEntry.objects.filter(
        receivable__client=client, recorded_at__gt=first.issued_at, effective_on__lte=WEEK.ends_on
    )
    assert Counter(e["amount"] for e in told["events"]) == Counter(str(e.amount) for e in events)
    assert told["more"] == 0
    text = paper(second)
    for words in ("Changedsincethelastreport", "+61.50", "−61.50", case.debtor.debtor_ref, "1contactofthatperiod"):
        assert words in text, words
    first.refresh_from_db()
    assert bytes(first.pdf) == kept


def test_a_week_that_stands_as_printed_has_no_such_page() -> None:
    with clock.at(SUNDAY):
        client = lived()
        issue(client, "en")
    _a_week_later(client)
    with clock.at(NEXT_SUNDAY):
        second = issue(client, "en", week=NEXT)
    assert second.context["restated"] is None
    assert "Changedsince" not in paper(second)
    with clock.at(NEXT_SUNDAY):
        assert issue(make_client("NEW"), "ar", week=NEXT).context["restated"] is None


@pytest.mark.requirement("PL-37", "PL-38")
def test_law_complaints_and_proposals_are_those_of_the_week() -> None:
    monday = clock.at_riyadh(on=D(2026, 9, 28), time=dt.time(10))
    with clock.at(monday):
        book = a_book("AAA")
        other = a_book("BBB")
        a_matter(client=book.client)
        a_matter(client=other.client)
        a_matter()
    with clock.at(SUNDAY):
        reports = {language: issue(book.client, language) for language in ("ar", "en")}
    context = reports["en"].context
    assert {name: context["legal"][name] for name in ("asked", "signed", "standing")} == {
        "asked": 2, "signed": 1, "standing": 1,
    }  # fmt: skip
    assert {act["kind"]: act["count"] for act in context["legal"]["acts"]}["FILING"] == 1
    assert [cost["currency"] for cost in context["legal"]["costs"]] == ["SAR"]
    assert {name: context["matters"][name] for name in ("complaints", "others", "closed", "open")} == {
        "complaints": 1, "others": 0, "closed": 0, "open": 1,
    }  # fmt: skip
    (sign,) = context["proposals"]["sign"]
    assert (sign["count"], Decimal(sign["amount"])) == (1, book.waiting.ceiling)
    text = paper(reports["en"])
    assert f"Signordecline1legalauthorisationover{book.waiting.ceiling:,.2f}" in text
    assert "Claimfiled" in text
    # Nothing of another client's: its figures are equal, its names are not here.
    for report in reports.values():
        assert "BBB" not in paper(report)
    # A week in which nothing happened says so, and nothing is a forecast.
    with clock.at(SUNDAY):
        empty = issue(make_client("NEW"), "en")
    assert "Nothingwaitsforyou" in paper(empty)


@pytest.mark.requirement("PL-38")
def test_what_was_agreed_stands_beside_the_figure_and_changes_no_issued_paper() -> None:
    with clock.at(SUNDAY):
        client = lived()
        manager = make_user(Role.GENERAL_MANAGER)
        browser = signed_in(manager)
        page = f"{reverse('targets')}?client={client.pk}"
        before = issue(client, "en")
        assert "agreedtarget" not in paper(before)
        for code, value, currency in (
            ("PROMISE_KEPT_COUNT", "99.5", ""),
            ("RIGHT_PARTY_OF_ATTEMPTS", "20.5", ""),
            ("COLLECTED", "1000000", "SAR"),
        ):  # fmt: skip
            asked = {
                "code": code,
                "value": value,
                "currency": currency,
                "starts_on": "2026-10-01",
                "agreed_in": "Minutes",
            }
            assert browser.post(page, asked).status_code == 302
        # Not one more than a hundred percent, nor without saying where it was agreed.
        for wrong in ({"value": "100.01"}, {"agreed_in": " "}, {"starts_on": "2030-01-01"}, {"value": "-1"}):
            asked = {
                "code": "PROMISE_KEPT_COUNT", "value": "50", "starts_on": "2026-10-01", "agreed_in": "Minutes", **wrong,
            }  # fmt: skip
            assert browser.post(page, asked).status_code == 422
        assert Target.objects.count() == 3
        after = issue(client, "en", reissue="Targets were agreed")
        text = paper(after)
        for words in ("agreedtarget99.5%·reached", "agreedtarget20.5%·not", "agreedtarget1,000,000.00SAR·not"):
            assert words in text, text[:900]
        before.refresh_from_db()
        assert "agreedtarget" not in paper(before)
        # Agreed from a later day on, it rules from that day.
        asked = {"code": "PROMISE_KEPT_COUNT", "value": "70", "starts_on": "2026-10-05", "agreed_in": "Minutes"}
        assert browser.post(page, asked).status_code == 302
        assert issue(client, "en", reissue="again").context["targets"]["PROMISE_KEPT_COUNT"] == "99.50"
