"""A client's mark: drawn again by us, shown to its own people and the house, printed on what is issued after it; and
how far the agreement lets the client look.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader

from accounts.choices import Role
from clients.models import ClientLogo
from clients.services.clients import agreement_portal_view_set
from clients.services.logos import logo_remove, logo_set
from common import clock
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from tests.world import ACTOR, Book, a_book, a_people_keeper, a_picture, make_client, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08")]


def upload(content: bytes, name: str = "logo.png") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def with_secrets() -> bytes:
    """A picture that says where it was taken and by whom."""
    said = PngInfo()
    said.add_text("Author", "SECRET-AUTHOR")
    return a_picture(pnginfo=said)


def test_the_keeper_uploads_it_and_only_pixels_are_kept() -> None:
    company = make_client("AAA")
    browser = signed_in(a_people_keeper(company))
    assert browser.post(reverse("portal_logo"), upload(with_secrets())).status_code == 302
    kept = ClientLogo.objects.get()
    assert b"SECRET" not in bytes(kept.content)
    shown = browser.get(reverse("portal_logo_png"))
    assert shown["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(shown.content)).size == (120, 60)
    assert "/portal/logo.png?v=" + kept.sha256[:16] in browser.get(reverse("portal")).content.decode()
    assert shown["Cache-Control"] == "private, no-cache"
    named = browser.get(reverse("portal_logo_png") + f"?v={kept.sha256[:16]}")
    assert named["Cache-Control"].startswith("private, max-age=")
    assert "default-src 'none'" in named["Content-Security-Policy"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"no picture" * 9,
        a_picture(kind="GIF"),
        a_picture(size=(20, 60)),
        a_picture(size=(5000, 4000)),
        a_picture() + b"0" * 1024 * 1024,
    ],
    ids=[
        "nothing",
        "a vector",
        "a paper",
        "its first bytes alone",
        "another format",
        "too small",
        "too many pixels",
        "too large",
    ],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes) -> None:
    browser = signed_in(a_people_keeper(make_client("AAA")))
    assert browser.post(reverse("portal_logo"), upload(content)).status_code == 422
    assert not ClientLogo.objects.exists()


def test_a_large_one_is_brought_within_bounds() -> None:
    company = make_client("AAA")
    logo = logo_set(user=a_people_keeper(company), client=company, content=a_picture(size=(2000, 400), kind="JPEG"))
    assert (logo.width, logo.height) == (640, 128)


def test_it_is_its_own_clients_and_the_houses() -> None:
    one, two = make_client("AAA"), make_client("BBB")
    manager = make_user(Role.COLLECTIONS_MANAGER)
    house = signed_in(manager)
    house.post(reverse("client_logo", args=[one.pk]), upload(a_picture()))
    assert house.get(reverse("client_logo_png", args=[one.pk])).status_code == 200
    theirs = signed_in(make_user(Role.CLIENT_USER, client=two, name="theirs"))
    assert theirs.get(reverse("portal_logo_png")).status_code == 404, "BBB has none, and never AAA's"
    assert theirs.get(reverse("client_logo_png", args=[one.pk])).status_code == 404
    assert signed_in().get(reverse("portal_logo_png")).status_code == 302
    assert signed_in(make_user(Role.COLLECTOR)).get(reverse("client_logo_png", args=[one.pk])).status_code == 404
    # Who keeps no users keeps no mark.
    assert theirs.get(reverse("portal_logo")).status_code == 404


def test_it_is_printed_on_reports_issued_from_then_on() -> None:
    company = make_client("AAA")
    manager = make_user(Role.COLLECTIONS_MANAGER)
    week = Week.of(on=clock.today()).before()

    def pictures(language: str) -> int:
        report = report_issue(actor=ACTOR, client=company, period=week, language=language)
        return len(PdfReader(io.BytesIO(bytes(report.pdf))).pages[0].images)

    assert pictures("ar") == 0
    logo_set(user=manager, client=company, content=a_picture())
    assert pictures("ar") == 0, "what was issued stands"
    assert pictures("en") == 1
    logo_remove(user=manager, client=company)
    page = signed_in(make_user(Role.CLIENT_USER, client=company, name="reader")).get(reverse("portal"))
    assert "/portal/logo.png" not in page.content.decode()


class TestAgreement:
    """What the agreement keeps from the client's people does not exist for them."""

    def asked(self, book: Book, view: str) -> dict[str, int]:
        agreement_portal_view_set(actor=ACTOR, agreement=book.client.agreements.get(), portal_view=view)
        browser = signed_in(book.reader)
        addresses = {
            "cases": reverse("portal_cases"),
            "case": reverse("portal_case", args=[book.case.pk]),
            "trail": reverse("portal_trail"),
            "rows": reverse("portal_figure_rows", args=["AGING"]),
            "file": reverse("portal_figure_csv", args=["AGING"]),
            "workbook": reverse("portal_figure_xlsx", args=["AGING"]),
            "contact rows": reverse("portal_figure_rows", args=["RIGHT_PARTY_OF_ATTEMPTS"]),
            "reports": reverse("portal_reports"),
            "report": reverse("portal_report", args=[book.reports[0].pk]),
            "to sign": reverse("portal_authorisation", args=[book.waiting.pk]),
        }
        return {name: browser.get(address).status_code for name, address in addresses.items()}

    def test_each_view_opens_what_it_says(self) -> None:
        book = a_book("AAA")
        everything = self.asked(book, "CONTACTS")
        assert set(everything.values()) == {200}
        without = {name for name, status in self.asked(book, "CASES").items() if status == 404}
        assert without == {"trail", "contact rows"}
        without = {name for name, status in self.asked(book, "FIGURES").items() if status == 404}
        assert without == {"cases", "case", "trail", "rows", "file", "workbook", "contact rows"}

    def test_no_page_leads_where_the_agreement_does_not(self) -> None:
        book = a_book("AAA")
        for view, hidden in (
            ("CASES", ("/portal/trail/", "RIGHT_PARTY_OF_ATTEMPTS")),
            ("FIGURES", ("/portal/cases/", "/portal/trail/", "/portal/reports/figures/")),
        ):
            agreement_portal_view_set(actor=ACTOR, agreement=book.client.agreements.get(), portal_view=view)
            browser = signed_in(book.reader)
            for address in (
                reverse("portal"),
                reverse("profile"),
                reverse("portal_report", args=[book.reports[0].pk]),
                reverse("portal_authorisation", args=[book.waiting.pk]),
            ):
                shown = browser.get(address).content.decode()
                assert not [one for one in hidden if one in shown], (view, address)

    def test_contacts_do_not_stand_on_the_case_either(self) -> None:
        book = a_book("AAA")
        agreement_portal_view_set(actor=ACTOR, agreement=book.client.agreements.get(), portal_view="CASES")
        shown = signed_in(book.reader).get(reverse("portal_case", args=[book.case.pk]))
        assert list(shown.context["attempts"]) == []

    def test_the_house_writes_it_down_from_the_clients_page(self) -> None:
        company = make_client("AAA")
        kept = company.agreements.get()
        browser = signed_in(make_user(Role.COLLECTIONS_MANAGER))
        address = reverse("client_agreement", args=[company.pk, kept.pk])
        assert browser.post(address, {"portal_view": "ALL"}).status_code == 422
        assert browser.post(address, {"portal_view": "FIGURES"}).status_code == 302
        assert [row.portal_view for row in kept.history.all()] == ["FIGURES", "CONTACTS"]
