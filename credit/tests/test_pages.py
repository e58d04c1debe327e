"""What the pages of the credit desk lead to."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.choices import Role
from common.choices import Decision
from credit.choices import NEEDED_PAPERS, ApplicationState, CustomerKind, StopKind
from credit.tests.order_worlds import a_buyer, invoiced, stopped
from credit.tests.scores_world import LOW, decided, recommended, the
from credit.tests.worlds import a_customer, an_application
from parties.models import Identifier
from tests.doors import enter, words
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db


def test_a_refused_submission_leads_to_each_missing_paper() -> None:
    officer = make_user(Role.CREDIT_OFFICER)
    customer = a_customer(make_client(), by=officer, kind=CustomerKind.CASH)
    browser, application = enter(officer), an_application(customer, by=officer)
    response = browser.post(reverse("credit_submit", args=[application.pk]))
    assert response.status_code == 422
    links = re.findall(r'href="([^"#]*\?paper=[A-Z_]+)#paper"', words(response))
    assert len(links) == len(NEEDED_PAPERS[CustomerKind.CASH])
    for link in links:
        # As a browser reads it: from the address that refused, which itself only takes what is sent.
        assert browser.get(link, follow=False).status_code == 200


@pytest.mark.parametrize(
    ("told", "status", "kind"),
    [
        # A register of Riyadh: of a company without a word, of a single owner only as what it is given as.
        ({"legal_form": "LLC", "identifier": "١٠١٠١٢٣٤٥٦"}, 302, "COMMERCIAL_REGISTER"),
        ({"legal_form": "SOLE_PROPRIETOR", "identifier": "1010123456"}, 422, ""),
        (
            {"legal_form": "SOLE_PROPRIETOR", "identifier": "1010123456", "identifier_kind": "COMMERCIAL_REGISTER"},
            302, "COMMERCIAL_REGISTER",
        ),
        ({"legal_form": "SOLE_PROPRIETOR", "identifier": "1010123456", "identifier_kind": "NATIONAL_ID"}, 422, ""),
        (
            {"legal_form": "SOLE_PROPRIETOR", "identifier": "1000000008", "identifier_kind": "NATIONAL_ID"},
            302, "NATIONAL_ID",
        ),
        ({"legal_form": "LLC", "identifier": "7001234567"}, 302, "UNIFIED_NUMBER"),
    ],
)  # fmt: skip
def test_a_commercial_register_is_no_identity_number(told: dict[str, str], status: int, kind: str) -> None:
    browser = enter(make_user(Role.CREDIT_OFFICER))
    asked = {
        "client": make_client().pk,
        "debtor_ref": "C-1",
        "name": "مؤسسة السنابل",
        "kind": "CREDIT",
        "city": "الرياض",
    }
    response = browser.post(reverse("credit_customer_new"), asked | told)
    assert response.status_code == status
    assert list(Identifier.objects.values_list("kind", flat=True)) == ([kind] if kind else [])
    found = browser.get(reverse("credit_customers"), {"q": told["identifier"]})
    assert len(found.context["rows"]) == bool(kind)


@pytest.mark.parametrize("role", [Role.GENERAL_MANAGER, Role.FINANCE_MANAGER])
def test_a_manager_lands_on_what_waits_and_what_is_at_risk(role: str) -> None:
    officer, boss, client = make_user(Role.CREDIT_OFFICER), make_user(role), make_client()
    account = a_buyer(client, by=officer, limit=Decimal(10_000))
    invoiced(account, "I-1", "2500.00")
    stopped(account, StopKind.SUSPENDED, by=officer)
    recommended(client, ref="C-2", by=the(Role.CREDIT_OFFICER))
    browser = enter(boss)
    response = browser.get("/", follow=True)
    assert response.redirect_chain == [(reverse("credit_desk"), 302)]
    figures = response.context["figures"]
    # The general manager decides on credit; what is no exception does not pass the finance manager again.
    assert figures["decisions"] == (role == Role.GENERAL_MANAGER)
    assert (figures["book"].exposure, figures["book"].utilisation) == (Decimal(2500), Decimal("25.0"))
    assert response.context["stopped"] == 1
    for door in ("inbox", "credit_portfolio", "credit_customers", "credit_follow_ups", "credit_reviews"):
        assert f'<a href="{reverse(door)}' in words(response)
        assert browser.get(reverse(door)).status_code == 200
    assert figures["incoming"] == (0 if role == Role.FINANCE_MANAGER else None)
    # Who prepares has a first page without them.
    assert enter(officer).get(reverse("credit_desk")).context["figures"] is None


def test_the_list_says_what_became_of_the_last_application() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER)
    waiting = recommended(client, ref="C-1")
    refused = decided(
        client, decision=Decision.REJECTED, reason="لا يبلغ الحد الأدنى", recommendation="REJECT", limit=None,
        ground="", ref="C-2", **LOW,
    )  # fmt: skip
    a_buyer(client, by=officer, ref="C-3")
    a_customer(client, by=officer, ref="C-4")
    page = enter(officer).get(reverse("credit_customers"))
    shown = {row.customer.debtor.debtor_ref: row.application for row in page.context["rows"]}
    assert shown == {"C-1": waiting, "C-2": refused, "C-3": None, "C-4": None}
    assert words(page).count(str(ApplicationState.REJECTED.label)) == 1
