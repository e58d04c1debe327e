"""The auditor's desk: every look written down first, read only in the database, exports that open nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import InternalError, connections
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import clear_url_caches, path, reverse

from accounts.access import allow
from accounts.choices import Role
from accounts.models import AccessRecord
from collections_app.models import Case, ContactAttempt
from collections_app.services.contacts import contact_record, contact_refused_record
from common import audit, clock
from common.audit import Actor, record
from common.audit_export import export_verify
from config import urls as house
from reporting.models import AuditVerification
from reporting.policies import can_audit
from tests.world import a_book, a_case, make_client, make_user, signed_in

DAY = dt.date(2026, 10, 5)  # a Monday, at eleven: within every policy


def text(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def table(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(response))))


def trail(*, note: str = "", code: str = "AAA", channel: str = "PHONE", on: dt.date = DAY) -> Case:
    """One contact of one client's debtor."""
    collector = make_user(Role.COLLECTOR, name=f"{code.lower()}{on:%m%d}")
    with clock.at(clock.at_riyadh(on=on, time=dt.time(11))):
        case = a_case(make_client(code), ref=f"{code}-1", owner=collector)
        contact_record(
            actor=Actor.person(collector), user=collector, case=case, channel=channel, reached="NO_ONE",
            outcome="NO_ANSWER", note=note,
        )  # fmt: skip
    return case


@pytest.mark.django_db
@pytest.mark.requirement("DC-07")
class TestContactTrail:
    def test_it_lists_what_was_made_refused_and_broken(self) -> None:
        case = trail()
        collector = case.owner
        assert collector is not None
        with clock.at(clock.at_riyadh(on=DAY, time=dt.time(23))):
            contact_refused_record(actor=Actor.person(collector), user=collector, case=case, channel="PHONE")
            contact_record(
                actor=Actor.person(collector), user=collector, case=case, channel="PHONE", reached="HOLDER",
                outcome="INFORMED", breach_reason="اتصل بنا فعاودنا",
            )  # fmt: skip
        browser = signed_in(make_user(Role.AUDITOR))
        page = browser.get(reverse("audit"))
        assert [attempt.verdict for attempt in page.context["page"]] == ["BREACH", "REFUSED", "ALLOWED"]
        rows = table(browser.get(reverse("audit_export")))
        assert [row["verdict"] for row in rows] == ["BREACH", "REFUSED", "ALLOWED"]
        assert rows[0]["breach_reason"] == "اتصل بنا فعاودنا"
        assert rows[1]["rules"]
        assert rows[2]["at"] == "2026-10-05T11:00:00+03:00"

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, {"AAA-1", "BBB-1"}),
            ({"client": "BBB"}, {"BBB-1"}),
            ({"client": "no number"}, {"AAA-1", "BBB-1"}),
            ({"channel": "SMS"}, {"BBB-1"}),
            ({"verdict": "ALLOWED"}, {"AAA-1", "BBB-1"}),
            ({"verdict": "BREACH"}, set()),
            ({"q": "aaa"}, {"AAA-1"}),
            ({"q": "%"}, set()),
            ({"from": "2026-10-06"}, {"BBB-1"}),
            ({"to": "2026-10-05"}, {"AAA-1"}),
            ({"from": "2026-10-05", "to": "2026-10-05"}, {"AAA-1"}),
            ({"from": "yesterday"}, {"AAA-1", "BBB-1"}),
        ],
    )
    def test_page_and_export_filter_alike(self, query: dict[str, str], found: set[str]) -> None:
        trail(code="AAA", on=DAY)
        case = trail(code="BBB", channel="SMS", on=DAY + dt.timedelta(days=1))
        if query.get("client") == "BBB":
            query = {"client": str(case.client_id)}
        browser = signed_in(make_user(Role.AUDITOR))
        page = browser.get(reverse("audit"), query)
        assert {attempt.case.debtor.debtor_ref for attempt in page.context["page"]} == found
        assert {row["account"] for row in table(browser.get(reverse("audit_export"), query))} == found

    @pytest.mark.parametrize("note", ['=HYPERLINK("http://evil")', "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
    def test_formulas_leave_as_text(self, note: str) -> None:
        case = trail()
        ContactAttempt.objects.create(
            client_id=case.client_id, case=case, at=clock.now(), channel="PHONE", reached="NO_ONE",
            outcome="NO_ANSWER", verdict="ALLOWED", recorded_at=clock.now(), note=note,
        )  # fmt: skip
        rows = table(signed_in(make_user(Role.AUDITOR)).get(reverse("audit_export")))
        assert rows[0]["note"].startswith("'")
        assert rows[1]["note"] == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-50")
class TestEveryLook:
    def test_is_written_down_with_who_what_and_why(self) -> None:
        book, auditor = a_book("AAA"), make_user(Role.AUDITOR)
        browser = signed_in(auditor)
        asked = [
            ("audit.audit", reverse("audit") + "?q=AAA"),
            ("audit.audit_export", reverse("audit_export")),
            ("audit.audit_events", reverse("audit_events")),
            ("audit.cases", reverse("cases")),
            ("audit.case", reverse("case", args=[book.case.pk])),
            ("audit.audit_proof", reverse("audit_proof", args=[book.client.pk])),
        ]
        for what, address in asked:
            assert browser.get(address).status_code == 200, what
        browser.post(reverse("audit_verify"))
        looks = list(AccessRecord.objects.order_by("pk").values_list("user", "what", "subject_id", "why"))
        assert [look[1] for look in looks] == [what for what, _address in asked] + ["audit.audit_verify"]
        assert looks[0] == (auditor.pk, "audit.audit", None, "q=AAA")
        assert looks[4][2] == book.case.pk

    def test_that_cannot_be_written_down_shows_nothing(self) -> None:
        trail(note="سر")
        browser = signed_in(make_user(Role.AUDITOR), raise_request_exception=False)
        with connections["owner"].cursor() as owner:
            owner.execute("REVOKE INSERT ON accounts_accessrecord FROM mithaq_app")
            try:
                response = browser.get(reverse("audit"))
            finally:
                owner.execute("GRANT INSERT ON accounts_accessrecord TO mithaq_app")
        assert response.status_code == 500
        assert "AAA-1" not in response.content.decode()

    def test_stands_even_when_the_page_fails_and_a_page_that_writes_fails(self) -> None:
        @allow(can_audit)
        def careless(request: HttpRequest) -> HttpResponse:
            make_client("ZZZ")
            return HttpResponse("written")

        auditor = make_user(Role.AUDITOR)
        patterns = [*house.urlpatterns, path("careless/", careless, name="careless")]
        urlconf = type("Urls", (), {"urlpatterns": patterns, "handler404": house.handler404,
                                    "handler500": house.handler500, "handler403": house.handler403})  # fmt: skip
        with override_settings(ROOT_URLCONF=urlconf):
            clear_url_caches()
            with pytest.raises(InternalError, match="read-only"):
                signed_in(auditor).get("/careless/")
        clear_url_caches()
        assert [look.what for look in AccessRecord.objects.all()] == ["audit.careless"]

    def test_of_a_collector_at_masked_values_is_written_down_as_well(self) -> None:
        case = trail()
        assert case.owner is not None
        signed_in(case.owner).post(reverse("case_reveal", args=[case.pk]))
        look = AccessRecord.objects.get()
        assert (look.user, look.what, look.subject_id) == (case.owner, "case.reveal", case.pk)


@pytest.mark.django_db
@pytest.mark.requirement("DC-07")
class TestChain:
    def test_events_are_listed_and_filtered(self) -> None:
        one, two = make_client("AAA"), make_client("BBB")
        browser = signed_in(make_user(Role.AUDITOR))

        def found(**query: str) -> list[tuple[str, int | None]]:
            page = browser.get(reverse("audit_events"), query).context["page"]
            return [(event.action, event.client_id) for event in page]

        assert found(action="client.") == [("client.created", two.pk), ("client.created", one.pk)]
        assert found(client=str(one.pk)) == [("client.created", one.pk)]
        assert found(**{"from": "2999-01-01"}) == []
        assert found(to="2001-01-01") == []

    def test_the_chain_is_verified_at_a_click(self) -> None:
        make_client("AAA")
        browser = signed_in(make_user(Role.AUDITOR))
        response = browser.post(reverse("audit_verify"), follow=True)
        found = response.context["latest"]
        assert (found.state, found.asked_by.role) == ("HOLDS", Role.AUDITOR)
        # The result is an event itself: it stands in the chain of the next one.
        assert audit.seal() == 1
        browser.post(reverse("audit_verify"))
        assert AuditVerification.objects.count() == 2
        assert AuditVerification.objects.latest("pk").checked == found.checked + 2

    def test_a_clients_part_leaves_as_a_file_that_proves_itself(self) -> None:
        one, _two = make_client("AAA"), make_client("BBB")
        response = signed_in(make_user(Role.AUDITOR)).get(reverse("audit_proof", args=[one.pk]))
        lines = text(response).splitlines()
        assert export_verify(lines).ok
        assert "BBB" not in "".join(lines)

    def test_an_event_of_a_house_without_clients_is_shown_too(self) -> None:
        record(actor=Actor.system("tests"), action="test.done", subject_type="test")
        page = signed_in(make_user(Role.AUDITOR)).get(reverse("audit_events"))
        assert page.status_code == 200
        assert "test.done" in page.content.decode()
