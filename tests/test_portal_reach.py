"""How far an agreement lets a client look, at every door there is: the portal's and those of the client's systems.

A door without its row fails the first test. What the agreement does not open is a 404, and no page leads there; what is
asked of the client, and what it tells us itself, is there under any agreement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client as Browser
from django.urls import get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.choices import PORTAL_ROLES, Role
from clients.api.authentication import AccountThrottle
from clients.choices import PortalView, Scope
from clients.rules.portal import view_opens
from clients.services.clients import agreement_portal_view_set
from collections_app.models import Payment
from collections_app.services.ledger import payment_post
from common import clock
from complaints.choices import PaperKind
from complaints.models import Dispute, Matter
from complaints.services.categories import categories_ship
from complaints.services.dispute_decisions import dispute_close, dispute_decide, result_told
from complaints.tests.dispute_worlds import a_dispute, a_letter, an_officer, notified, replied
from complaints.tests.worlds import a_matter
from config.navigation import PORTAL
from credit.models import Order
from reporting.kpis import FAMILIES
from tests.callers import Caller
from tests.test_access_matrix import ROWS, Visitor, World, doors, expected
from tests.world import ACTOR, a_book, a_case, make_client, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PL-36", "DC-08")]

FIGURES, CASES, CONTACTS = PortalView.FIGURES, PortalView.CASES, PortalView.CONTACTS
# Every door of the portal: how far the agreement must look at least.
DOORS: dict[str, PortalView] = {
    # Reports and figures, and the papers they come on.
    "portal": FIGURES,
    "portal_reports": FIGURES,
    "portal_reports_told": FIGURES,
    "portal_report": FIGURES,
    "portal_report_pdf": FIGURES,
    "portal_dashboard": FIGURES,
    # What is asked of the client names its account: nobody signs, and nobody answers, what they may not read.
    "portal_authorisations": FIGURES,
    "portal_authorisation": FIGURES,
    "portal_paper": FIGURES,
    "portal_sign": FIGURES,
    "portal_letter": FIGURES,
    "portal_revoke": FIGURES,
    "portal_decline": FIGURES,
    "portal_disputes": FIGURES,
    "portal_dispute": FIGURES,
    "portal_dispute_reply": FIGURES,
    "portal_dispute_paper": FIGURES,
    # What it tells us itself.
    "portal_matters": FIGURES,
    "portal_matter_new": FIGURES,
    # Its own people, mark and systems.
    **dict.fromkeys((name for name in doors() if re.match("portal_(person|people|logo|system|token)", name)), FIGURES),
    # What names single accounts.
    "portal_statements": CASES,
    "portal_statement": CASES,
    "portal_statement_csv": CASES,
    "portal_cases": CASES,
    "portal_case": CASES,
    "portal_figure_rows": CASES,
    "portal_figure_csv": CASES,
    "portal_figure_xlsx": CASES,
    "portal_credit": CASES,
    "portal_credit_orders": CASES,
    "portal_credit_order": CASES,
    "portal_credit_order_cancel": CASES,
    "portal_credit_order_invoice": CASES,
    "portal_credit_customer": CASES,
    # What names single contacts.
    "portal_trail": CONTACTS,
}
# Every address of a client's systems by method; the schema is of nobody's rows.
CALLS: dict[tuple[str, str], PortalView] = {
    ("api_placements", "post"): FIGURES,
    ("api_cases", "get"): CASES,
    ("api_case", "get"): CASES,
    ("api_receivables", "get"): CASES,
    ("api_payments", "get"): CASES,
    ("api_payments", "post"): FIGURES,
    ("api_reversal", "post"): FIGURES,
    ("api_notes", "post"): FIGURES,
    # Computed from what is sent alone.
    ("api_credit_score", "post"): FIGURES,
    ("api_credit_orders", "get"): CASES,
    ("api_credit_orders", "post"): CASES,
    ("api_credit_order_check", "post"): CASES,
    ("api_credit_order", "get"): CASES,
    ("api_credit_order_invoice", "post"): CASES,
    ("api_credit_order_cancel", "post"): CASES,
    ("api_credit_customer", "get"): CASES,
    ("api_disputes", "get"): FIGURES,
    ("api_dispute", "get"): FIGURES,
    ("api_dispute_reply", "post"): FIGURES,
    ("api_matters", "get"): FIGURES,
    ("api_matters", "post"): FIGURES,
    ("api_matter", "get"): FIGURES,
}
NARROW = [FIGURES, CASES]


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(AccountThrottle, "THROTTLE_RATES", {"account": "100000/min"})


def agreed(client: Any, view: str) -> None:
    agreement_portal_view_set(actor=ACTOR, agreement=client.agreements.get(), portal_view=view)


def test_every_door_says_how_far_one_must_look() -> None:
    assert {name for name in doors() if name.startswith("portal")} == set(DOORS)
    roots = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/"]
    calls = {
        (door.name, method)
        for root in roots
        for door in root.url_patterns
        if door.name != "api_schema"
        for method in ("get", "post")
        if hasattr(door.callback.view_class, method)
    }
    assert calls == set(CALLS)


@pytest.mark.parametrize("view", [*PortalView, ""])
@pytest.mark.parametrize("least", list(PortalView))
def test_a_view_opens_what_asks_for_it_or_for_less(view: str, least: str) -> None:
    wider = {"FIGURES": 1, "CASES": 2, "CONTACTS": 3, "": 0}
    assert view_opens(view=view, least=least) is (wider[view] >= wider[least])


@pytest.fixture(scope="class")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One of everything, made once: what each test writes is taken back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        order = Order.objects.select_related("customer__debtor").get(pk=world.ids["order"])
        world.ids |= {"order_ref": order.order_ref, "buyer": order.customer.debtor.debtor_ref}
        yield world
        transaction.set_rollback(True)


class TestEveryDoor:
    @pytest.mark.parametrize("role", sorted(PORTAL_ROLES))
    @pytest.mark.parametrize("view", list(PortalView))
    def test_of_the_portal(self, world: World, view: PortalView, role: str) -> None:
        agreed(world.client, view)
        visitor, wrong = Visitor(world, role), []
        for name, least in DOORS.items():
            for method in ("get", "post"):
                usual = expected(ROWS[name], method, role)
                due = usual if usual == 405 or view_opens(view=view, least=least) else 404
                got = visitor.ask(name, method)
                if got != due:
                    wrong.append(f"{method} {name}: {got}, not {due}")
        assert not wrong, "\n".join(wrong)

    @pytest.mark.parametrize("view", list(PortalView))
    def test_of_the_clients_systems(self, world: World, view: PortalView) -> None:
        agreed(world.client, view)
        caller, wrong = Caller.of(world.client), []
        named = {
            "api_case": "A-1",
            "api_credit_order": world.ids["order_ref"],
            "api_credit_order_invoice": world.ids["order_ref"],
            "api_credit_order_cancel": world.ids["order_ref"],
            "api_credit_customer": world.ids["buyer"],
            "api_dispute": Dispute.objects.get(pk=world.ids["dispute"]).reference,
            "api_dispute_reply": Dispute.objects.get(pk=world.ids["dispute"]).reference,
            "api_matter": a_matter(client=world.client, intake="PORTAL").reference,
            "api_reversal": Payment.objects.filter(received_by="CLIENT").latest("pk").reference,
        }
        for (name, method), least in CALLS.items():
            address = reverse(name, args=[named[name]] if name in named else []).removeprefix("/api/v1/")
            # An act that is sent empty has its faults: 422 where its door is open.
            usual = 200 if method == "get" else 422
            due = usual if view_opens(view=view, least=least) else 404
            with transaction.atomic():
                got = caller.get(address) if method == "get" else caller.post(address, {})
                transaction.set_rollback(True)
            if got.status_code != due:
                wrong.append(f"{method} {address}: {got.status_code}, not {due}: {got.content[:200]!r}")
        assert not wrong, "\n".join(wrong)

    @pytest.mark.parametrize("view", list(PortalView))
    def test_the_navigation_leads_where_one_may_and_nowhere_else(self, world: World, view: PortalView) -> None:
        agreed(world.client, view)
        browser = signed_in(world.people[Role.CLIENT_USER])
        shown = browser.get(reverse("profile")).content.decode()
        for _label, _icon, name, _least in PORTAL:
            there = f'href="{reverse(name)}"' in shown
            assert there is (browser.get(reverse(name)).status_code == 200), name


class TestTheRows:
    """Doors that are open to all show each what its agreement opens."""

    def test_a_dispute_that_runs_is_read_under_any_agreement_and_a_closed_one_where_cases_are(self) -> None:
        client, by = make_client("AAA"), an_officer()
        running = notified(a_dispute(a_case(client, ref="A-1")))
        closed = replied(notified(a_dispute(a_case(client, ref="A-2"))), stand="CORRECT", papers=1)
        closed = dispute_decide(user=by, dispute=closed, outcome="REJECTED", reason="العقد يثبته", at=clock.now())
        result = a_letter(closed, kind=PaperKind.RESULT)
        closed = result_told(user=by, dispute=closed, paper=result, at=clock.now())
        closed = dispute_close(user=by, dispute=closed, at=clock.now())
        paper = closed.papers.filter(kind="FROM_COMPLAINANT").get()
        browser, caller = signed_in(make_user(Role.CLIENT_USER, client=client)), Caller.of(client)
        for view, answer, told in ((CASES, 200, [running, closed]), (FIGURES, 404, [running])):
            agreed(client, view)
            assert browser.get(reverse("portal_dispute", args=[running.pk])).status_code == 200
            assert browser.get(reverse("portal_dispute", args=[closed.pk])).status_code == answer
            assert browser.get(reverse("portal_dispute_paper", args=[paper.pk])).status_code == answer
            assert caller.get(f"disputes/{closed.reference}").status_code == answer
            listed = [row["reference"] for row in caller.get("disputes").json()["results"]]
            assert listed == [one.reference for one in told]
            assert {one.pk for one, _due in browser.get(reverse("portal_disputes")).context["rows"]} == {
                one.pk for one in told
            }

    def test_what_was_told_of_an_account_is_listed_where_cases_are(self) -> None:
        client = make_client("AAA")
        case = a_case(client, ref="A-1")
        of_us = a_matter(client=client, intake="PORTAL")
        of_an_account = a_matter(client=client, case=case, intake="PORTAL")
        assert of_an_account.account_ref == "A-1"
        browser, caller = signed_in(make_user(Role.CLIENT_USER, client=client)), Caller.of(client)
        for view, answer, told in ((CASES, 200, [of_us, of_an_account]), (FIGURES, 404, [of_us])):
            agreed(client, view)
            assert {row.pk for row in browser.get(reverse("portal_matters")).context["rows"]} == {m.pk for m in told}
            assert caller.get(f"matters/{of_us.reference}").status_code == 200
            assert caller.get(f"matters/{of_an_account.reference}").status_code == answer
            assert [row["reference"] for row in caller.get("matters").json()["results"]] == [m.reference for m in told]

    def test_a_company_may_complain_of_an_account_under_any_agreement(self) -> None:
        client = make_client("AAA")
        a_case(client, ref="A-1")
        categories_ship()
        agreed(client, FIGURES)
        sent = {"kind": "COMPLAINT", "words": "لم يصلنا رد", "complainant": "CLIENT", "debtor_ref": "A-1"}
        browser = signed_in(make_user(Role.CLIENT_USER, client=client))
        assert browser.post(reverse("portal_matter_new"), sent).status_code == 302
        told = Caller.of(client).post("matters", {"kind": "ENQUIRY", "words": "متى؟", "debtor_ref": "A-1"})
        assert told.status_code == 201, told.content
        assert Matter.objects.filter(client=client, account_ref="A-1").count() == 2
        assert list(browser.get(reverse("portal_matters")).context["rows"]) == []

    def test_a_system_tells_payments_and_notes_and_is_told_no_account_for_it(self) -> None:
        client = make_client("AAA")
        case = a_case(client, ref="A-1", owed="100.00")
        item, day = case.receivables.get().receivable_ref, f"{clock.today()}"
        payment_post(
            actor=ACTOR, case=case, amount=Decimal(5), currency="SAR", value_on=clock.today(), reference="HOUSE",
            received_by="AGENCY",
        )  # fmt: skip
        caller, told = Caller.of(client), {}
        for view in (CASES, FIGURES):
            agreed(client, view)
            body = {
                "debtor_ref": "A-1",
                "amount": "10.00",
                "currency": "SAR",
                "value_on": day,
                "reference": f"P-{view}",
            }
            note = {"debtor_ref": "A-1", "receivable_ref": item, "kind": "CREDIT_NOTE", "amount": "1.00",
                    "value_on": day, "reference": f"N-{view}", "reason": "خطأ"}  # fmt: skip
            answers = [
                caller.post("payments", body),
                caller.post("notes", note),
                caller.post(f"payments/P-{view}/reversal", {"reason": "ارتد"}),
            ]
            assert [answer.status_code for answer in answers] == [201, 201, 201], answers[1].content
            told[view] = [set(answer.json()) for answer in answers]
            # Money that came to the agency: there for who sees accounts, though not to take back.
            again = caller.post("payments/HOUSE/reversal", {"reason": "ارتد"})
            assert again.status_code == (422 if view == CASES else 404)
        for wide, narrow in zip(told[CASES], told[FIGURES], strict=True):
            assert wide - narrow in ({"allocations", "unallocated"}, {"receivable"})
            assert {"reference", "amount"} <= narrow

    def test_a_question_for_the_head_alone_asks_for_the_same_right(self) -> None:
        client = make_client("AAA")
        caller = Caller.of(client, scopes=[Scope.PAYMENTS])
        browser = Browser(headers={"Authorization": f"Bearer {caller.text}"})
        assert browser.head("/api/v1/cases").status_code == 403
        caller = Caller.of(client)
        browser = Browser(headers={"Authorization": f"Bearer {caller.text}"})
        assert browser.head("/api/v1/cases").status_code == 200
        agreed(client, FIGURES)
        assert browser.head("/api/v1/cases").status_code == 404

    def test_rows_of_contacts_are_behind_no_figure_of_who_sees_cases_alone(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.reader)
        codes = {kpi.code for family in FAMILIES if family.code == "contacts" for kpi in family.kpis}
        for view, answer in ((CONTACTS, 200), (CASES, 404), (FIGURES, 404)):
            agreed(book.client, view)
            for door in ("portal_figure_rows", "portal_figure_csv", "portal_figure_xlsx"):
                assert {browser.get(reverse(door, args=[code])).status_code for code in codes} == {answer}


def test_no_page_of_the_portal_leads_to_what_the_agreement_does_not_open() -> None:
    """Every page that a narrowed agreement leaves, and every link on it; of those that differ in what they ask alone,
    the first.
    """
    book = a_book("AAA")
    reader = signed_in(book.reader)
    for view in NARROW:
        agreed(book.client, view)
        seen, waiting = set(), [reverse("portal"), reverse("profile")]
        while waiting:
            address = waiting.pop()
            if (path := address.partition("?")[0]) in seen:
                continue
            seen.add(path)
            answer = reader.get(address)
            assert answer.status_code == 200, (view, address)
            if not answer.streaming and answer["Content-Type"].startswith("text/html"):
                found = re.findall(r'(?:href|data-href|hx-get)="(/portal/[^"#]*)"', answer.content.decode())
                waiting += [unescape(one) for one in found]
        assert reverse("portal_report", args=[book.reports[0].pk]) in seen
        assert reverse("portal_authorisation", args=[book.waiting.pk]) in seen
        assert (reverse("portal_case", args=[book.case.pk]) in seen) is (view == CASES)
