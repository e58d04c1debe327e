"""The portal: a client's own people see their own company, whole and alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from clients.services.clients import client_user_add
from collections_app.models import Case, EscalationRequest
from common import clock
from common.audit import Actor
from common.models import AuditEvent
from legal.models import Paper
from legal.services.escalations import escalation_decide
from legal.services.papers import paper_add
from tests.world import (
    Book,
    a_book,
    a_case,
    a_paper,
    a_pdf,
    an_escalation,
    code,
    enrol,
    make_user,
    prove,
    signed_in,
)

LISTS = ["portal", "portal_reports", "portal_statements", "portal_cases", "portal_trail", "portal_authorisations"]


def body(response: Any) -> str:
    return str(response.content.decode())


def objects(book: Book) -> list[tuple[str, str]]:
    """Every address of this client's things, with the method it takes."""
    return [
        *(("get", reverse("portal_report_pdf", args=[report.pk])) for report in book.reports),
        ("get", reverse("portal_statement", args=[book.client.statement_periods.get().pk])),
        ("get", reverse("portal_case", args=[book.case.pk])),
        ("get", reverse("portal_case", args=[book.signed_case.pk])),
        ("get", reverse("portal_authorisation", args=[book.waiting.pk])),
        ("get", reverse("portal_authorisation", args=[book.authorisation.request_id])),
        ("post", reverse("portal_sign", args=[book.waiting.pk])),
        ("post", reverse("portal_decline", args=[book.waiting.pk])),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-08")
class TestTwoClients:
    """Committed rows, as in life: what B has, A never meets, by whatever door."""

    def test_a_sees_all_of_its_own_and_nothing_of_b(self) -> None:
        # A hyphen: a page's token is letters and digits, and may hold any three of them.
        a, b = a_book("AAA"), a_book("BB-BB")
        for person in (a.reader, a.signatory):
            browser = signed_in(person, proven=True)
            for method, address in objects(a):
                if method == "get":
                    response = browser.get(address)
                    assert response.status_code == 200, address
                    assert "BB-BB" not in response.content.decode(errors="replace"), address
            for name in LISTS:
                page = body(browser.get(reverse(name)))
                assert "AAA" in page, name
                assert "BB-BB" not in page, name
            for method, address in objects(b):
                assert getattr(browser, method)(address, {"digest": b.waiting.digest, "reason": "x"}).status_code == 404
        assert EscalationRequest.objects.get(pk=b.waiting.pk).status == "APPROVED"
        # Stale or not, whoever has no business there is not even asked for a proof.
        assert signed_in(a.signatory).post(reverse("portal_sign", args=[b.waiting.pk])).status_code == 404

    def test_it_is_the_database_that_holds_and_not_the_views_alone(self) -> None:
        a, b = a_book("AAA"), a_book("BBB")
        browser = signed_in(a.reader)
        for tables, address in (
            (["reporting_report"], reverse("portal_report_pdf", args=[b.reports[0].pk])),
            (["collections_app_case", "collections_app_debtor"], reverse("portal_case", args=[b.case.pk])),
            (
                ["collections_app_escalationrequest", "collections_app_case", "collections_app_debtor"],
                reverse("portal_authorisation", args=[b.waiting.pk]),
            ),
        ):
            assert browser.get(address).status_code == 404
            with connections["owner"].cursor() as owner:
                for table in tables:
                    owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
                seen = browser.get(address).status_code
                for table in tables:
                    owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            assert seen == 200, f"{tables}: this test could not have failed"

    def test_the_signatory_signs_after_a_proof_and_the_case_becomes_legal(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.signatory)
        Authenticator.objects.filter(user=book.signatory).delete()
        secret = enrol(book.signatory)
        address = reverse("portal_sign", args=[book.waiting.pk])
        signature = {"digest": book.waiting.digest, "power": "المفوّض بالتوقيع بموجب عقد التأسيس"}
        page = browser.get(reverse("portal_authorisation", args=[book.waiting.pk]))
        assert book.waiting.digest in body(page)
        asked = browser.post(address, signature)
        assert asked.status_code == 302
        assert asked.url.startswith(reverse("mfa_reauthenticate"))
        assert EscalationRequest.objects.get(pk=book.waiting.pk).status == "APPROVED"
        refused = browser.post(asked.url, {"code": "000000"})
        assert refused.status_code == 200
        done = browser.post(asked.url, {"code": code(secret)}, follow=True)
        assert done.status_code == 200
        case = Case.objects.get(pk=book.case.pk)
        assert (case.track, case.authorisation.signatory) == ("LEGAL", book.signatory)
        event = AuditEvent.objects.filter(action="escalation.signed").latest("pk")
        assert (event.actor_id, event.client_id) == (book.signatory.pk, book.client.pk)
        assert case.authorisation.signatory_power == signature["power"]
        again = browser.post(address, signature)
        assert again.status_code == 422
        assert again.context["error"] in body(again)

    @pytest.mark.requirement("PL-21")
    def test_without_a_second_factor_the_signatory_is_led_to_set_it_up(self) -> None:
        book = a_book("AAA")
        Authenticator.objects.filter(user=book.signatory).delete()
        browser = signed_in(book.signatory, proven=True)
        address = reverse("portal_sign", args=[book.waiting.pk])
        page = browser.get(reverse("portal_authorisation", args=[book.waiting.pk]))
        assert address not in body(page)
        assert reverse("mfa_activate_totp") in body(page)
        response = browser.post(address, {"digest": book.waiting.digest, "power": "مفوّض"})
        assert response.url == reverse("mfa_activate_totp")
        assert Case.objects.get(pk=book.case.pk).track == "AMICABLE"

    @pytest.mark.requirement("PL-21")
    def test_a_signed_letter_is_handed_in_and_is_the_document(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.signatory, proven=True)
        address = reverse("portal_letter", args=[book.waiting.pk])
        content = a_pdf()
        told = {"digest": book.waiting.digest, "signed_by": "خالد الحربي", "power": "وكالة رقم 4512"}
        assert browser.post(address, told).status_code == 422, "without the letter"
        assert browser.post(address, {**told, "file": io.BytesIO(b"not a letter")}).status_code == 422
        assert not Paper.objects.filter(kind="LETTER").exists()
        later = clock.today() + dt.timedelta(days=2)
        letter = SimpleUploadedFile("letter.pdf", content, content_type="application/pdf")
        done = browser.post(address, {**told, "file": letter, "valid_from": later.isoformat()})
        assert done.url == reverse("portal_authorisation", args=[book.waiting.pk])
        authorisation = Case.objects.get(pk=book.case.pk).authorisation
        assert authorisation.document_hash == hashlib.sha256(content).hexdigest()
        assert authorisation.signatory_power == "خالد الحربي · وكالة رقم 4512"
        assert authorisation.valid_from == later
        paper = Paper.objects.get(kind="LETTER")
        shown = browser.get(reverse("portal_paper", args=[paper.pk]))
        assert shown.content == content
        other = a_book("BBB")
        assert signed_in(other.signatory).get(reverse("portal_paper", args=[paper.pk])).status_code == 404

    def test_the_papers_of_the_request_are_read_in_the_portal_and_no_others(self) -> None:
        book = a_book("AAA")
        inside = a_paper(book.case, by=book.collector)
        third = a_case(book.client, ref="AAA-3", owner=book.collector)
        request = an_escalation(third, by=book.collector)
        paper = paper_add(
            user=book.collector, case=third, kind="CONTRACT", title="عقد", name="c.pdf", content=a_pdf(),
            request=request,
        )  # fmt: skip
        browser = signed_in(book.reader)
        assert browser.get(reverse("portal_paper", args=[paper.pk])).status_code == 404, "not with the client yet"
        request.refresh_from_db()
        escalation_decide(user=book.manager, request=request, decision="APPROVED", digest=request.digest)
        page = body(browser.get(reverse("portal_authorisation", args=[request.pk])))
        assert reverse("portal_paper", args=[paper.pk]) in page
        assert browser.get(reverse("portal_paper", args=[paper.pk])).content == a_pdf()
        assert browser.get(reverse("portal_paper", args=[inside.pk])).status_code == 404

    def test_who_is_no_signatory_reads_and_cannot_sign(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.reader, proven=True)
        page = browser.get(reverse("portal_authorisation", args=[book.waiting.pk]))
        assert page.status_code == 200
        assert reverse("portal_sign", args=[book.waiting.pk]) not in body(page)
        for name in ("portal_sign", "portal_letter", "portal_decline"):
            address = reverse(name, args=[book.waiting.pk])
            assert browser.post(address, {"digest": book.waiting.digest, "reason": "x"}).status_code == 404
        assert EscalationRequest.objects.get(pk=book.waiting.pk).status == "APPROVED"

    def test_declining_needs_its_reason_and_ends_the_request(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.signatory, proven=True)
        address = reverse("portal_decline", args=[book.waiting.pk])
        assert browser.post(address, {"reason": " "}).status_code == 422
        assert browser.post(address, {"reason": "نتفاوض معه مباشرة"}).status_code == 302
        request = EscalationRequest.objects.get(pk=book.waiting.pk)
        assert (request.status, request.decision_reason) == ("DECLINED", "نتفاوض معه مباشرة")
        assert Case.objects.get(pk=book.case.pk).track == "AMICABLE"


@pytest.mark.django_db
class TestOwnPages:
    @pytest.mark.requirement("DC-08")
    def test_the_pdf_is_the_issue_as_it_left_the_building(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.reader)
        for report in book.reports:
            response = browser.get(reverse("portal_report_pdf", args=[report.pk]))
            assert response.content == bytes(report.pdf)
            assert response["Content-Type"] == "application/pdf"
            assert report.number in response["Content-Disposition"]
            assert len(PdfReader(io.BytesIO(response.content)).pages) == report.pages
        assert (
            "inline"
            in browser.get(reverse("portal_report_pdf", args=[book.reports[0].pk]) + "?show=1")["Content-Disposition"]
        )

    @pytest.mark.requirement("PL-36")
    def test_the_client_reads_every_contact_attempt(self) -> None:
        book = a_book("AAA")
        page = body(signed_in(book.reader).get(reverse("portal_trail")))
        assert book.case.debtor.name in page
        # What a collector wrote for the house stays in the house.
        assert "note of AAA" not in page

    def test_what_the_house_still_talks_about_does_not_exist_in_the_portal(self) -> None:
        book = a_book("AAA")
        third = a_case(book.client, ref="AAA-3", owner=book.collector)
        proposed = an_escalation(third, by=book.collector)
        browser = signed_in(book.signatory, proven=True)
        assert browser.get(reverse("portal_authorisation", args=[proposed.pk])).status_code == 404
        for name in ("portal_sign", "portal_letter", "portal_decline"):
            address = reverse(name, args=[proposed.pk])
            assert browser.post(address, {"digest": proposed.digest, "reason": "x"}).status_code == 404
        assert proposed.number not in body(browser.get(reverse("portal_authorisations")))

    def test_a_request_that_changed_is_not_signed(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.signatory, proven=True)
        signature = {"digest": "0" * 64, "power": "مفوّض"}
        response = browser.post(reverse("portal_sign", args=[book.waiting.pk]), signature)
        assert response.status_code == 422
        assert response.context["error"] in body(response)
        assert Case.objects.get(pk=book.case.pk).track == "AMICABLE"

    def test_a_portal_person_without_a_company_finds_nothing(self) -> None:
        browser = signed_in(make_user(Role.CLIENT_USER))
        assert [browser.get(reverse(name)).status_code for name in LISTS] == [404] * len(LISTS)

    def test_a_proof_grows_old(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.signatory)
        signature = {"digest": book.waiting.digest, "power": "مفوّض"}
        prove(browser, seconds_ago=601)
        response = browser.post(reverse("portal_sign", args=[book.waiting.pk]), signature)
        assert response.url.startswith(reverse("mfa_reauthenticate"))
        prove(browser, method="password")
        response = browser.post(reverse("portal_sign", args=[book.waiting.pk]), signature)
        assert response.url.startswith(reverse("mfa_reauthenticate")), "a password is no second factor"
        prove(browser, seconds_ago=540)
        response = browser.post(reverse("portal_sign", args=[book.waiting.pk]), signature)
        assert response.url == reverse("portal_authorisation", args=[book.waiting.pk])

    def test_lists_are_searched_and_filtered_within_the_own_rows(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.reader)

        def found(**query: str) -> set[int]:
            return {case.pk for case in browser.get(reverse("portal_cases"), query).context["page"]}

        assert found() == {book.case.pk, book.signed_case.pk}
        assert found(q="AAA-2") == {book.signed_case.pk}
        assert found(status="PAID") == set()
        assert found(status="' OR 1=1 --") == {book.case.pk, book.signed_case.pk}

    def test_staff_do_not_enter_the_portal_and_nobody_is_of_two_companies(self) -> None:
        book, other = a_book("AAA"), a_book("BBB")
        assert signed_in(book.manager).get(reverse("portal")).status_code == 404
        with pytest.raises(Exception, match="unique"):
            client_user_add(actor=Actor.person(other.manager), client=other.client, user=book.reader)
