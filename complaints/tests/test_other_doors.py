"""Telling us something by the portal and by a client's own system."""

from __future__ import annotations

import pytest

from accounts.choices import Role
from clients.choices import Scope
from common.models import AuditEvent, Message
from common.outbox import message_opened
from complaints.models import Matter
from complaints.tests.worlds import WORDS, a_matter
from tests.callers import Caller
from tests.doors import enter, words
from tests.world import a_case, make_client, make_user

pytestmark = pytest.mark.django_db
TELL = {"kind": "ENQUIRY", "words": "متى يصل كشف نوفمبر؟", "complainant": "CLIENT", "debtor_ref": "",
        "category": "", "remedy_sought": ""}  # fmt: skip


class TestPortal:
    @pytest.mark.requirement("CR-04")
    def test_a_clients_own_people_tell_us_and_see_where_it_stands(self) -> None:
        client = make_client("AAA")
        user = make_user(Role.CLIENT_USER, client=client)
        browser = enter(user)
        page = words(browser.post("/portal/matters/new/", TELL, follow=True))
        matter = Matter.objects.get()
        assert matter.reference in page
        assert (matter.client, matter.department, matter.intake) == (client, "CLIENT_RELATIONS", "PORTAL")
        assert message_opened(message=Message.objects.get())["address"] == user.email

    def test_an_account_is_the_clients_own_or_is_not_there(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        case = a_case(client, ref="A-1")
        a_case(other, ref="B-1")
        browser = enter(make_user(Role.CLIENT_USER, client=client), "en")
        page = browser.post("/portal/matters/new/", {**TELL, "complainant": "DEBTOR", "debtor_ref": "B-1"})
        assert page.status_code == 422
        assert "There is no account holder of this reference." in words(page)
        browser.post("/portal/matters/new/", {**TELL, "complainant": "DEBTOR", "debtor_ref": "A-1"})
        assert Matter.objects.get().case == case

    def test_what_account_holders_and_other_clients_told_is_not_there(self) -> None:
        client = make_client("AAA")
        theirs = a_matter(client=client)
        others = a_matter(client=make_client("BBB"), complainant="CLIENT")
        own = a_matter(client=client, complainant="CLIENT")
        page = words(enter(make_user(Role.CLIENT_USER, client=client)).get("/portal/matters/"))
        assert own.reference in page
        assert theirs.reference not in page
        assert others.reference not in page


class TestApi:
    @pytest.mark.requirement("CR-01")
    def test_a_system_tells_us_once_for_each_key(self) -> None:
        client = make_client("AAA")
        case = a_case(client, ref="D-1")
        caller = Caller.of(client)
        body = {"kind": "COMPLAINT", "complainant": "DEBTOR", "debtor_ref": "D-1", "words": WORDS,
                "email": "sami@example.com"}  # fmt: skip
        first = caller.post("matters", body, key="k-1")
        assert first.status_code == 201
        assert caller.post("matters", body, key="k-1").json() == first.json()
        matter = Matter.objects.get()
        assert (matter.case, matter.intake, matter.complainant) == (case, "SYSTEM", "DEBTOR")
        assert first.json()["reference"] == matter.reference
        assert first.json()["answer_by"]
        assert AuditEvent.objects.get(action="matter.registered").actor_kind == "SERVICE"
        assert [row["reference"] for row in caller.get("matters").json()["results"]] == [matter.reference]
        assert caller.get(f"matters/{matter.reference}").json()["stage"] == "ACKNOWLEDGED"

    def test_what_others_told_is_not_there_and_bad_values_are_refused_at_their_field(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        a_case(other, ref="B-1")
        holder, theirs = a_matter(client=client), a_matter(client=other, complainant="CLIENT")
        caller = Caller.of(client)
        for reference in (holder.reference, theirs.reference, "C-2026-999999"):
            assert caller.get(f"matters/{reference}").status_code == 404
        for wrong, field in (
            ({"debtor_ref": "B-1"}, "debtor_ref"), ({"category": "NONE"}, "category"), ({"phone": "12"}, "phone"),
            ({"words": "…"}, "words"),
        ):  # fmt: skip
            answer = caller.post("matters", {"kind": "ENQUIRY", "words": WORDS, **wrong}, key=f"k-{field}")
            assert answer.status_code == 422
            assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert Matter.objects.count() == 2

    def test_it_needs_its_own_right(self) -> None:
        caller = Caller.of(make_client("AAA"), scopes=[Scope.READ])
        assert caller.get("matters").status_code == 403
        assert caller.post("matters", {"kind": "ENQUIRY", "words": WORDS}, key="k").status_code == 403
