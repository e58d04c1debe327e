"""What no form and no link of ours asks for: answered with words, never with a fault of the house."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Case, ContactAttempt
from legal.services.escalations import escalation_decide
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import a_case, an_escalation, make_client, make_user, signed_in

pytestmark = pytest.mark.django_db
HUGE = 2**63


@pytest.fixture
def manager() -> User:
    return make_user(Role.COLLECTIONS_MANAGER)


@pytest.fixture
def case(manager: User) -> Case:
    return a_case(make_client(), owner=make_user(Role.COLLECTOR))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/cases/?q=a%00b", "/cases/?status=%00", "/cases/?a%00=1"])
def test_a_nul_in_an_address_is_answered_with_the_houses_page(manager: User, language: str, address: str) -> None:
    page = enter(manager, language).get(address)
    assert page.status_code == 400
    assert in_language(page, language)
    assert ("لم نفهم هذا الطلب" if language == "ar" else "We could not read this") in words(page)


def test_a_nul_in_a_form_is_answered_with_the_houses_page(manager: User, case: Case) -> None:
    form = {"channel": "PHONE", "reached": "HOLDER", "outcome": "INFORMED", "note": "a\0b"}
    page = enter(manager).post(reverse("case_contact", args=[case.pk]), form)
    assert page.status_code == 400
    assert not ContactAttempt.objects.exists()


def test_a_nul_at_the_doors_of_nobody_in_particular(client: Any) -> None:
    sent = client.post(reverse("account_login"), {"login": "a\0@house.example", "password": "x"})
    assert sent.status_code == 400
    client.cookies["sessionid"] = "\0" * 32
    assert client.get(reverse("account_login")).status_code == 200
    client.cookies["language"] = "\0"
    assert client.get(reverse("account_login") + "?next=%00").status_code == 400


@pytest.mark.parametrize("edge", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("door", ["audit", "audit_export", "audit_events"])
def test_the_audit_desk_takes_no_day_outside_the_calendar(door: str, edge: str) -> None:
    page = enter(make_user(Role.AUDITOR)).get(reverse(door), {"from": edge, "to": edge})
    if page.streaming:
        b"".join(page.streaming_content)
    assert page.status_code == 200


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1989-12-31T12:00", "9999-12-31T23:59"])
def test_a_contact_was_made_in_our_time(manager: User, case: Case, at: str) -> None:
    form = {"channel": "PHONE", "reached": "HOLDER", "outcome": "INFORMED", "at": at, "breach_reason": "x"}
    page = enter(manager).post(reverse("case_contact", args=[case.pk]), form)
    assert page.status_code == 422
    assert page.context["form"].errors["at"]
    assert not ContactAttempt.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_that_is_too_long_is_said_to_be(manager: User, case: Case, language: str) -> None:
    request = an_escalation(case, by=case.owner)
    long, said = "و" * 501, "500"
    manager.language = language
    manager.save()
    page = signed_in(manager, proven=True).post(
        reverse("escalation_decide", args=[request.pk]),
        {"decision": "REJECTED", "digest": request.digest, "reason": long},
    )
    assert page.status_code == 422
    assert said in page.context["error"]
    page = enter(manager, language).post(reverse("case_withdraw", args=[case.pk]), {"reason": long})
    assert page.status_code == 422
    assert said in page.context["withdraw_error"]
    assert page.context["withdraw_error"] in words(page)
    request = escalation_decide(user=manager, request=request, decision="APPROVED", digest=request.digest)
    signatory = make_user(Role.CLIENT_SIGNATORY, client=case.client)
    page = signed_in(signatory, proven=True).post(reverse("portal_decline", args=[request.pk]), {"reason": long})
    assert page.status_code == 422
    assert said in page.context["error"]
    request.refresh_from_db()
    assert request.status == "APPROVED"


def test_a_number_no_key_can_have_is_no_address(case: Case) -> None:
    client = case.client
    people = {
        role: signed_in(make_user(role, client=client if role == Role.CLIENT_USER else None, name=f"p{role}".lower()))
        for role in (Role.AUDITOR, Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR, Role.CLIENT_USER)
    }
    asked = {
        Role.AUDITOR: (f"/cases/{HUGE}/", f"/audit/events/{HUGE}.jsonl", "/cases/" + "9" * 5000 + "/"),
        Role.COLLECTIONS_MANAGER: (
            f"/cases/{HUGE}/", f"/approvals/{HUGE}/", f"/imports/{HUGE}/", f"/clients/{HUGE}/", f"/reports/{HUGE}.pdf",
        ),
        Role.ADMINISTRATOR: (f"/users/{HUGE}/", f"/teams/{HUGE}/", f"/clients/{HUGE}/edit/"),
        Role.CLIENT_USER: (f"/portal/cases/{HUGE}/", f"/portal/reports/{HUGE}.pdf", f"/portal/authorisations/{HUGE}/"),
    }  # fmt: skip
    for role, addresses in asked.items():
        for address in (*addresses, *(a.replace(str(HUGE), str(HUGE - 1)) for a in addresses)):
            assert people[role].get(address).status_code == 404, address
    case_release = reverse("case_release", args=[case.pk, 1]).replace("/1/end/", f"/{HUGE}/end/")
    assert people[Role.COLLECTIONS_MANAGER].post(case_release).status_code == 404
