"""Nothing of one client reaches another: a view without any filter, every table by SQL, every address of the portal.

Rows are committed, as in life, once for the module: what a test does to them is taken back. Each proof shows the own
rows first, so that it could have failed.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import URLPattern, clear_url_caches, get_resolver, path, reverse
from django.utils import timezone
from weasyprint import HTML

from accounts.choices import Role
from accounts.models import User
from clients.models import Client, ServiceToken
from collections_app.choices import CaseStatus
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.life import case_end
from common import clock
from common.access import PORTAL_COLUMNS, PORTAL_READABLE, PORTAL_SHARED, portal_scope
from common.models import Message
from common.outbox import message_opened
from complaints.models import MatterPaper
from complaints.services.answer_packs import pack_make
from complaints.tests.dispute_worlds import a_dispute, notified
from complaints.tests.worlds import a_matter
from config import urls as house
from reporting.kpis import KPIS
from reporting.rules.weeks import Week
from reporting.services.readers import readers_told
from reporting.services.reports import report_issue
from reporting.views.portal import portal_page
from tests.canaries import CANARY, canaries_written, holds
from tests.world import ACTOR, Book, a_book, a_case, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08")]
PERSON = "1000000008"  # one person who owes both clients


def whole_book(code: str, officer: User) -> Book:
    """A client with a row in every table of the portal, and a debtor who owes the other client as well."""
    book = a_book(code)
    a_case(book.client, ref=f"{code}-P", national_id=PERSON, owner=book.collector)
    a_matter(client=book.client, words=f"words of {code}", name=f"name of {code}")
    told = {"actor": ACTOR, "case": book.case, "amount": Decimal("1.00"), "currency": "SAR"}
    back = payment_post(**told, value_on=clock.today(), reference=f"BACK-{code}")
    payment_reverse(actor=ACTOR, payment=back, on=clock.today(), reason="شيك مرتجع")
    dispute = a_dispute(book.case, by=officer, words=f"objection of {code}", item=f"item of {code}")
    gone = a_case(book.client, ref=f"{code}-G")
    case_end(actor=ACTOR, case=gone, end=CaseStatus.RECALLED, on=clock.today(), reason="طلب الجهة")
    pack_make(user=officer, dispute=notified(dispute), stand="CORRECT", words=f"answer of {code}", at=clock.now())
    return book


@pytest.fixture(scope="module")
def books(shared_book: None) -> tuple[Book, Book]:
    officer = make_user(Role.BUREAU_OFFICER)
    return whole_book("AAA", officer), whole_book(CANARY[:8], officer)


def tables() -> list[str]:
    with connections["owner"].cursor() as owner:
        owner.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm') AND relnamespace = 'public'::regnamespace"
        )
        return sorted(name for (name,) in owner.fetchall())


def seen(sql: str) -> list[dict[str, Any]] | None:
    """What the portal's role gets; None where it may not even ask."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            return [dict(zip([c.name for c in cursor.description], row, strict=True)) for row in cursor.fetchall()]
    except ProgrammingError as error:
        assert "permission denied" in str(error), error
        return None


class TestWithoutFilters:
    def test_every_table_by_sql_shows_the_own_rows_alone(self, books: tuple[Book, Book]) -> None:
        a, b = (book.client.pk for book in books)
        shared = {apps.get_model(label)._meta.db_table for label in PORTAL_SHARED}
        readable = {apps.get_model(label)._meta.db_table for label in PORTAL_READABLE}
        asked = {}
        for client in (a, b):
            with portal_scope(client_id=client):
                asked[client] = {table: seen(f'SELECT * FROM "{table}"') for table in tables()}
        for client, found in asked.items():
            assert {table for table, rows in found.items() if rows is not None} == readable | shared
            for table in readable:
                key = "id" if table == "clients_client" else "client_id"
                assert {row[key] for row in found[table] or []} == {client}, table

    def test_of_some_tables_a_few_columns_alone_and_of_the_own_rows(self, books: tuple[Book, Book]) -> None:
        for label, columns in PORTAL_COLUMNS.items():
            model = apps.get_model(label)
            table, told = model._meta.db_table, ", ".join(columns)
            for book in books:
                with portal_scope(client_id=book.client.pk):
                    found = seen(f'SELECT {told} FROM "{table}"')
                    assert found is not None
                    assert {row["client_id"] for row in found} == {book.client.pk}
                    for field in model._meta.concrete_fields:
                        if field.column not in columns:
                            assert seen(f'SELECT "{field.column}" FROM "{table}"') is None, field.column

    def test_every_model_by_a_view_that_forgot_to_filter(self, books: tuple[Book, Book]) -> None:
        a, _b = books

        @portal_page
        def careless(request: HttpRequest, client: Client) -> HttpResponse:
            """All rows of everything, through the managers that pages use."""
            told: dict[str, Any] = {}
            for model in apps.get_models():
                try:
                    with transaction.atomic():
                        told[model._meta.label] = [str(row.__dict__) for row in model._base_manager.all()]
                except ProgrammingError:
                    continue
            return HttpResponse(json.dumps(told))

        patterns = [*house.urlpatterns, path("portal/careless/", careless, name="careless")]
        urlconf = type("Urls", (), {"urlpatterns": patterns, "handler404": house.handler404,
                                    "handler500": house.handler500, "handler403": house.handler403})  # fmt: skip
        try:
            with override_settings(ROOT_URLCONF=urlconf):
                clear_url_caches()
                answers = {
                    person.pk: signed_in(person).get("/portal/careless/")
                    for person in (a.reader, a.signatory, a.keeper, books[1].reader)
                }
        finally:
            clear_url_caches()
        for person in (a.reader, a.signatory, a.keeper):
            told = json.loads(answers[person.pk].content)
            assert set(told) == {*PORTAL_READABLE, *PORTAL_SHARED}
            assert all(told[label] for label in PORTAL_READABLE), "each with rows of its own"
            assert "AAA" in answers[person.pk].content.decode()
            assert CANARY[:8] not in answers[person.pk].content.decode()
        assert CANARY[:8] in answers[books[1].reader.pk].content.decode(), "it could have been seen"

    def test_what_the_portal_may_call_answers_for_its_own_client(self, books: tuple[Book, Book]) -> None:
        a, b = (book.client.pk for book in books)
        with connections["owner"].cursor() as owner:
            owner.execute(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
                " AND prorettype <> 'trigger'::regtype AND has_function_privilege(%s, oid, 'EXECUTE')",
                [settings.DATABASE_ROLES["portal"]],
            )
            # What is free of a limit: answered for the own client alone in credit/tests/test_kinds.py.
            assert {name for (name,) in owner.fetchall()} == {"portal_people", "credit_bounds", "credit_not_due"}
        found = {}
        for client in (a, b):
            with portal_scope(client_id=client):
                found[client] = {row["user_id"] for row in seen("SELECT * FROM portal_people()") or []}
        assert books[0].reader.pk in found[a]
        assert books[1].reader.pk in found[b]
        assert not found[a] & found[b]


def doors() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every address of the portal as the URL conf has it: name, pattern, converters by name."""
    for pattern in get_resolver().url_patterns:
        for found in getattr(pattern, "url_patterns", [pattern]):
            route = f"{pattern.pattern}{found.pattern}" if found is not pattern else str(found.pattern)
            if isinstance(found, URLPattern) and route.startswith("portal/"):
                yield str(found.name), route, dict(found.pattern.converters)


def keys(*books: Book) -> list[int]:
    """The keys of every row of these clients in what the portal reads, and of their people."""
    found: set[int] = set()
    for book in books:
        for label in PORTAL_READABLE:
            model = apps.get_model(label)
            found |= set(model.objects.filter(**{"pk" if model is Client else "client": book.client.pk})
                         .values_list("pk", flat=True))  # fmt: skip
        found |= set(book.client.people.values_list("pk", flat=True))
        found |= set(MatterPaper.objects.filter(dispute__client=book.client).values_list("pk", flat=True))
    return sorted(found)


def addresses(name: str, converters: dict[str, Any], numbers: list[int]) -> list[str]:
    """An address with everything its parts may name."""
    given: list[dict[str, Any]] = [{}]
    for part in converters:
        values: list[Any] = list(KPIS) if part == "code" else numbers
        if part == "token_pk":  # tokens that there are, under every system
            values = list(ServiceToken.objects.values_list("pk", flat=True))
        given = [{**one, part: value} for one in given for value in values]
    return [reverse(name, kwargs=one) for one in given]


@pytest.fixture(scope="module")
def mails(books: tuple[Book, Book]) -> list[str]:
    """Fill B; the mails that left while things were made for A."""
    a, b = books
    for person in (a.reader, a.keeper):
        User.objects.filter(pk=person.pk).update(language="en" if person == a.keeper else "ar")
    before = len(getattr(mail, "outbox", []))
    taken = canaries_written(client_id=b.client.pk)
    assert len(taken) > 60, "hardly anything was filled"
    for wanted in (
        ("clients_client", "name_ar"),
        ("accounts_user", "name_ar"),
        ("collections_app_debtor", "name"),
        ("collections_app_contactattempt", "note"),
        ("collections_app_payment", "reference"),
        ("legal_paper", "title"),
    ):
        assert wanted in taken, wanted
    # What is made for A while B stands there full of them.
    week = Week.of(on=clock.today()).before()
    for language in ("ar", "en"):
        issued = report_issue(actor=ACTOR, client=a.client, period=week, language=language, reissue="تصحيح")
        with transaction.atomic():
            readers_told(actor=ACTOR, report=issued)
    return [one.message().as_string() for one in getattr(mail, "outbox", [])[before:]]


class TestCanaries:
    """Client B is written full of canaries. No byte that A can fetch holds one."""

    def _asked(self, browser: Browser, numbers: list[int], extra: str) -> tuple[list[str], dict[str, set[int]]]:
        """Addresses that gave a canary away, and the statuses that each door answered. A method that a door does not
        know is asked for once: no key in its address makes it known.
        """
        leaks, statuses = [], dict[str, set[int]]()
        for name, _route, converters in doors():
            found = addresses(name, converters, numbers)
            for ask in (lambda address: browser.get(address + extra), browser.post):
                for address in found:
                    answer = ask(address)
                    statuses.setdefault(name, set()).add(answer.status_code)
                    if holds(CANARY[:8], answer):
                        leaks.append(f"{address} {answer.status_code}")
                    if answer.status_code == 405:
                        break
        return leaks, statuses

    def test_every_address_of_the_portal_holds_none(self, books: tuple[Book, Book], mails: list[str]) -> None:
        a, b = books
        own, foreign = keys(a), keys(b)
        # The other's own browser sees them: they are there to be seen.
        shown = signed_in(b.reader).get(reverse("portal_cases"))
        assert holds(CANARY[:8], shown)
        signatory = signed_in(a.signatory, proven=True)
        leaks, statuses = self._asked(signed_in(a.reader), sorted({*own, *foreign}), "")
        assert leaks == []
        closed = {"portal_people", "portal_systems", "portal_system", "portal_logo"}
        for name, _route, _converters in doors():
            if not re.search("person|token|sign|letter|decline|revoke|cancel|invoice|reply|told", name):
                assert 200 in statuses[name] or name in closed, f"{name}: nothing of the own was opened"
        for browser in (signatory, signed_in(a.keeper, proven=True)):
            query = f"?client={b.client.pk}&q=&status=all&known={timezone.now().isoformat()}"
            leaks, _statuses = self._asked(browser, foreign[:40], query)
            assert leaks == []

    def test_no_mail_and_no_file_made_for_the_other_holds_one(self, books: tuple[Book, Book], mails: list[str]) -> None:
        a, _b = books
        told = [message_opened(message=message) for message in Message.objects.filter(client_id=a.client.pk)]
        assert len(told) >= 2
        assert CANARY[:8] not in json.dumps(told, default=str)
        assert not [one for one in mails if CANARY[:8] in one]
        browser = signed_in(a.reader)
        for report in a.client.reports.all():
            answer = browser.get(reverse("portal_report_pdf", args=[report.pk]))
            assert answer.status_code == 200
            assert not holds(CANARY[:8], answer)

    def test_the_finder_finds(self) -> None:
        """In a PDF's text, in a packed file, in a header: where a canary stands it is heard."""
        packed = io.BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            archive.writestr("a.xml", "x" * 500 + CANARY)
        pdf = HTML(string=f"<p>{CANARY}</p>").write_pdf()
        for content in (packed.getvalue(), pdf):
            assert CANARY.encode() not in content
            assert holds(CANARY, HttpResponse(content))
        assert holds(CANARY, HttpResponse("", headers={"X-Name": CANARY}))
        assert not holds(CANARY, HttpResponse("canary"))
