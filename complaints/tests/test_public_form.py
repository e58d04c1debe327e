"""The form for everybody: no account, both languages, limited for each address, and nothing of anybody else's lost."""

from __future__ import annotations

import http.client
import re
import secrets
import subprocess
import sys
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client as Browser
from django.test import RequestFactory, override_settings

from common import clock, crypto
from common.limits import Limit, address_of, limit_passed
from common.models import Message
from common.tests.outbox_world import environment, free_port
from complaints.models import Category, Matter
from complaints.selectors.matters import words_of
from complaints.services.categories import categories_ship
from complaints.views.public import LIMITS
from tests.doors import in_language, words
from tests.world import a_pdf

FORM = {
    "kind": "COMPLAINT", "words": "اتصل بي المحصل ليلًا", "name": "سامي", "phone": "0551234567", "email": "",
    "complainant": "DEBTOR", "creditor": "شركة الأفق", "account_ref": "D-77", "category": "", "remedy_sought": "",
    "website": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Counts of other tests are not ours."""
    cache.clear()
    yield
    cache.clear()


@pytest.mark.django_db
class TestTheForm:
    @pytest.mark.requirement("CR-01")
    @pytest.mark.requirement("CX-12")
    def test_who_has_no_account_gets_a_reference_and_a_date_at_once(self) -> None:
        categories_ship()
        browser = Browser(enforce_csrf_checks=True)
        page = browser.get("/help/")
        assert in_language(page, "ar")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', words(page))
        assert token is not None
        files = [SimpleUploadedFile(f"{n}.pdf", a_pdf(), "application/pdf") for n in range(2)]
        answer = browser.post("/help/", {**FORM, "category": "CONTACT", "papers": files,
                                         "csrfmiddlewaretoken": token[1]}, follow=True)  # fmt: skip
        matter = Matter.objects.get()
        assert matter.reference in words(answer)
        assert words_of(matter=matter) == FORM["words"]
        assert (matter.intake, matter.stage, matter.client) == ("WEB", "ACKNOWLEDGED", None)
        assert (matter.account_ref, matter.category) == ("شركة الأفق · D-77", Category.objects.get(code="CONTACT"))
        assert matter.papers.count() == 2
        assert Message.objects.get().channel == "SMS"

    def test_it_speaks_english_too(self) -> None:
        browser = Browser()
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        assert in_language(browser.get("/help/"), "en")
        answer = browser.post("/help/", FORM, follow=True)
        assert "Your reference number" in words(answer)
        assert Matter.objects.get().language == "en"

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(self) -> None:
        browser = Browser()
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        for wrong, said in (
            ({"phone": ""}, "Give a mobile number or an e-mail"),
            ({"phone": "12"}, "This is no phone number."),
            ({"words": ""}, "This field is required."),
            ({"papers": SimpleUploadedFile("a.pdf", b"MZ", "application/pdf")}, "A paper is a PDF, PNG or JPEG file."),
        ):
            page = browser.post("/help/", {**FORM, **wrong})
            assert page.status_code == 422
            assert said in words(page)
        assert not Matter.objects.exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids ["
            + b"3 0 R " * 40_000
            + b"] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n",
            a_pdf().replace(b"trailer\n<<", b"trailer\n5<"),
        ],
        ids=["40,000 pages", "broken"],
    )
    def test_a_paper_made_to_hurt_costs_nobody_their_words(self, content: bytes) -> None:
        file = SimpleUploadedFile("a.pdf", content, "application/pdf")
        page = Browser().post("/help/", {**FORM, "papers": file})
        assert page.status_code == 422
        assert FORM["words"] in words(page)
        assert not Matter.objects.exists()

    def test_who_fills_in_what_nobody_sees_is_told_so(self) -> None:
        assert Browser().post("/help/", {**FORM, "website": "https://spam.example"}).status_code == 422
        assert not Matter.objects.exists()

    def test_sent_twice_it_is_taken_once(self) -> None:
        browser = Browser()
        first = browser.post("/help/", {**FORM, "form_key": "k"})
        second = browser.post("/help/", {**FORM, "form_key": "k"})
        assert first.url == second.url
        assert Matter.objects.count() == 1

    def test_the_page_of_the_reference_opens_to_who_holds_its_address(self) -> None:
        matter_page = Browser().post("/help/", FORM).url
        reference = Matter.objects.get().reference
        assert reference in words(Browser().get(matter_page))
        assert reference not in words(Browser().get(matter_page[:-1] + ("a" if matter_page[-1] != "a" else "b")))
        assert Browser().get("/help/told/").status_code == 200

    def test_one_address_too_often_is_asked_to_wait(self) -> None:
        browser = Browser()
        for _n in range(LIMITS[0].times):
            assert browser.post("/help/", {**FORM, "words": ""}).status_code == 422
        page = browser.post("/help/", FORM)
        assert page.status_code == 429
        assert 0 < int(page.headers["Retry-After"]) <= LIMITS[0].seconds
        assert browser.post("/help/", FORM, REMOTE_ADDR="10.0.0.9").status_code == 302
        assert browser.get("/help/").status_code == 200


class TestLimits:
    def test_both_sides_of_the_boundary_and_the_next_window(self) -> None:
        limits = (Limit(times=3, seconds=100),)
        start = clock.now().replace(microsecond=0)
        with clock.at(start):
            waits = [limit_passed(door="d", who="a", limits=limits) for _n in range(4)]
        assert waits[:3] == [0, 0, 0]
        assert waits[3] == 100 - int(start.timestamp()) % 100
        with clock.at(start.fromtimestamp(start.timestamp() + waits[3], tz=start.tzinfo)):
            assert limit_passed(door="d", who="a", limits=limits) == 0

    @pytest.mark.parametrize(
        ("proxies", "remote", "header", "address"),
        [
            (0, "9.9.9.9", "1.1.1.1", "9.9.9.9"),
            (1, "127.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            (2, "127.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
            (1, "9.9.9.9", "", "9.9.9.9"),
            (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
            (0, "::ffff:9.9.9.9", "", "9.9.9.9"),
            (0, "", "", "unknown"),
        ],
    )
    def test_whose_word_for_the_address_is_taken(self, proxies: int, remote: str, header: str, address: str) -> None:
        request = RequestFactory().get("/help/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=header)
        with override_settings(PROXIES=proxies):
            assert address_of(request) == address


@contextmanager
def a_web() -> Iterator[int]:
    """The web as it is run, a process of its own on this test's database; its port."""
    port = free_port()
    # A key of its own: its counts are nobody else's, and start at nothing. Nobody has collected the pages' files here.
    more = {"SECRET_KEY": secrets.token_urlsafe(64), "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2",
         "--threads", "4"],
        cwd=settings.BASE_DIR, env=environment(**more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _try in range(600):
            knock = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                knock.request("GET", "/help/")
                answer = knock.getresponse().status
                break
            except OSError:
                time.sleep(0.2)
            finally:
                knock.close()
        assert answer == 200
        yield port
    finally:
        web.terminate()
        web.wait()


class Visitor:
    """Somebody at an address of their own."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        page = self._ask("GET", "", {})
        self.cookie = (page[1].getheader("Set-Cookie") or "").partition(";")[0]
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page[0])
        assert found is not None
        self.token = found[1]

    def _ask(self, method: str, body: str, headers: dict[str, str]) -> tuple[str, http.client.HTTPResponse]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300, source_address=(self.address, 0))
        line.request(method, "/help/", body, headers)
        answer = line.getresponse()
        said = answer.read().decode()
        line.close()
        return said, answer

    def post(self, **fields: str) -> int:
        body = urllib.parse.urlencode({**FORM, **fields, "csrfmiddlewaretoken": self.token})
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", body, headers)[1].status


@pytest.mark.django_db(transaction=True)
def test_a_flood_from_one_address_is_held_back_and_nothing_of_others_is_lost() -> None:
    with a_web() as port:
        attacker = Visitor(port, "127.0.0.2")
        others = [Visitor(port, f"127.0.1.{n}") for n in range(1, 13)]
        with ThreadPoolExecutor(max_workers=40) as crowd:
            flood = [crowd.submit(attacker.post, phone="0500000000", words=f"رسالة {n}") for n in range(100)]
            told = [crowd.submit(v.post, phone=f"05512345{n:02d}") for n, v in enumerate(others)]
            flood += [crowd.submit(attacker.post, phone="0500000000", words=f"رسالة {n}") for n in range(100, 200)]
            answers = Counter(one.result() for one in flood)
            assert [one.result() for one in told] == [302] * len(others)

    def registered(phone: str) -> int:
        index = crypto.blind_index(value=phone, kind="MOBILE")
        return Matter.objects.filter(phone_index=index, stage="ACKNOWLEDGED").count()

    # Two windows at most, where one ended meanwhile.
    assert answers[302] in range(LIMITS[0].times, 2 * LIMITS[0].times + 1)
    assert answers[429] == 200 - answers[302]
    assert registered("+966500000000") == answers[302]
    assert [registered(f"+9665512345{n:02d}") for n in range(len(others))] == [1] * len(others)
    connections.close_all()
