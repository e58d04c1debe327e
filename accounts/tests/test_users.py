"""Users, teams and roles: kept by the administrator alone; invitations by real mail."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.core.cache import cache
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse

from accounts.choices import PORTAL_ROLES, STAFF_ROLES, Role
from accounts.models import Team, User
from accounts.roles import DESCRIPTIONS
from accounts.services.users import team_save, user_create, user_update
from common.audit import Actor
from common.exceptions import Refused
from common.models import AuditEvent
from tests.world import ACTOR, PASSWORD, make_client, make_team, make_user, signed_in

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


class Inbox(Sink):
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(cast(EmailMessage, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        yield kept
    controller.stop()


def new_user(**change: Any) -> dict[str, Any]:
    return {"email": "new@house.example", "name_ar": "جديد", "name_en": "New", "role": "COLLECTOR", **change}


def test_an_invitation_arrives_by_mail_and_its_link_opens_once(inbox: Inbox) -> None:
    browser = signed_in(make_user(Role.ADMINISTRATOR))
    assert browser.post(reverse("user_new"), new_user()).status_code == 302
    user = User.objects.get(email="new@house.example")
    assert not user.has_usable_password()
    mail = inbox.mails[0]
    assert (len(inbox.mails), mail["To"]) == (1, "new@house.example")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "جديد" in text
    assert "Dear New" in text
    assert "testserver!" not in text
    link = re.search(r"https?://testserver(/account/reset/key/\S+)", text)
    assert link, text
    assert browser.post(reverse("user_invite", args=[user.pk])).status_code == 302
    assert [later["To"] for later in inbox.mails] == ["new@house.example"] * 2
    person = Browser()
    page = person.get(link[1], follow=True)
    fresh = "a password of my own"
    done = person.post(page.request["PATH_INFO"], {"password1": fresh, "password2": fresh})
    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password(fresh)
    assert AuditEvent.objects.filter(action="user.password_set", subject_id=user.pk).count() == 1
    assert Browser().get(link[1], follow=True).context["token_fail"]


def test_a_mail_server_that_is_down_loses_the_mail_and_not_the_person() -> None:
    browser = signed_in(make_user(Role.ADMINISTRATOR))
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=9):
        response = browser.post(reverse("user_new"), new_user(), follow=True)
    assert response.status_code == 200
    assert User.objects.filter(email="new@house.example").exists()
    assert [message.level_tag for message in response.context["messages"]] == ["error"]


def test_a_forgotten_password_sends_to_who_is_known_and_to_nobody_else(inbox: Inbox) -> None:
    user = make_user(Role.COLLECTOR)
    gone = make_user(Role.AUDITOR)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for address in (user.email, gone.email, "stranger@elsewhere.example"):
        response = Browser().post(reverse("account_reset_password"), {"email": address})
        assert response.url == reverse("account_reset_password_done")
    assert [mail["To"] for mail in inbox.mails] == [user.email]


class TestUsers:
    def test_one_is_made_changed_and_each_leaves_its_row(self) -> None:
        user = user_create(actor=ACTOR, email=" New@House.example ", name_ar="جديد", name_en="New", role="COLLECTOR")
        assert user.email == "new@house.example"
        assert AuditEvent.objects.get(action="user.created").subject_id == user.pk
        team = make_team()
        user_update(
            actor=ACTOR, user=user, name_ar="آخر", name_en="Other", role="TEAM_LEADER", team=team, is_active=True
        )
        user.refresh_from_db()
        assert (user.role, user.team, user.name_en) == ("TEAM_LEADER", team, "Other")
        body = AuditEvent.objects.get(action="user.updated").body
        assert (body["before"]["role"], body["after"]["role"]) == ("COLLECTOR", "TEAM_LEADER")
        assert user.history.count() == 2  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"email": "COLLECTOR@house.example"}, "user_email"), ({"role": "SUPERUSER"}, "user_role")],
    )
    def test_what_cannot_be_is_refused_and_leaves_nothing(self, change: dict[str, str], code: str) -> None:
        make_user(Role.COLLECTOR)
        before = (User.objects.count(), AuditEvent.objects.count())
        with pytest.raises(Refused) as refused:
            user_create(actor=ACTOR, **new_user(**change))
        assert refused.value.code == code
        assert (User.objects.count(), AuditEvent.objects.count()) == before

    @pytest.mark.parametrize("change", [{"role": "COLLECTIONS_MANAGER"}, {"is_active": False}])
    def test_nobody_changes_the_own_role_or_switches_themselves_off(self, change: dict[str, Any]) -> None:
        admin = make_user(Role.ADMINISTRATOR)
        asked = {"name_ar": "س", "name_en": "S", "role": admin.role, "team": None, "is_active": True, **change}
        with pytest.raises(Refused) as refused:
            user_update(actor=Actor.person(admin), user=admin, **asked)
        assert refused.value.code == "user_self"
        data = {"name_ar": "س", "name_en": "S", "role": asked["role"]} | (
            {"is_active": "on"} if asked["is_active"] else {}
        )
        response = signed_in(admin).post(reverse("user", args=[admin.pk]), data)
        assert response.status_code == 422
        admin.refresh_from_db()
        assert (admin.role, admin.is_active) == ("ADMINISTRATOR", True)

    @pytest.mark.parametrize(
        ("role", "to"), [(Role.CLIENT_SIGNATORY, Role.COLLECTIONS_MANAGER), (Role.COLLECTOR, Role.CLIENT_USER)]
    )
    def test_nobody_crosses_the_wall_between_house_and_portal(self, role: str, to: str) -> None:
        user = make_user(role, client=make_client() if role in PORTAL_ROLES else None)
        with pytest.raises(Refused) as refused:
            user_update(actor=ACTOR, user=user, name_ar="س", name_en="S", role=to, team=None, is_active=True)
        assert refused.value.code == "user_wall"
        page = signed_in(make_user(Role.ADMINISTRATOR)).get(reverse("user", args=[user.pk]))
        offered = {value for value, _label in page.context["form"].fields["role"].choices}
        assert offered == (PORTAL_ROLES if role in PORTAL_ROLES else STAFF_ROLES)

    def test_the_list_is_searched_and_filtered(self) -> None:
        admin, collector = make_user(Role.ADMINISTRATOR), make_user(Role.COLLECTOR)
        browser = signed_in(admin)

        def found(**query: str) -> set[User]:
            return set(browser.get(reverse("users"), query).context["page"])

        assert found() == {admin, collector}
        assert found(q="collector@") == {collector}
        assert found(role="ADMINISTRATOR") == {admin}
        assert found(q="سالم", role="COLLECTOR") == {collector}
        assert found(q="nobody") == set()

    def test_a_person_of_somebody_elses_making_is_unreachable(self) -> None:
        assert signed_in(make_user(Role.ADMINISTRATOR)).get(reverse("user", args=[10**9])).status_code == 404

    def test_the_database_knows_the_roles_too(self) -> None:
        user = make_user(Role.COLLECTOR)
        with pytest.raises(Exception, match="user_role_known"):
            User.objects.filter(pk=user.pk).update(role="ROOT")


class TestTeams:
    def test_one_is_made_and_renamed(self) -> None:
        browser = signed_in(make_user(Role.ADMINISTRATOR))
        browser.post(reverse("team_new"), {"name_ar": "فريق الرياض", "name_en": "Riyadh"})
        team = Team.objects.get()
        browser.post(reverse("team", args=[team.pk]), {"name_ar": "فريق جدة", "name_en": "Jeddah"})
        team.refresh_from_db()
        assert team.name_en == "Jeddah"
        assert AuditEvent.objects.filter(action="team.saved", subject_id=team.pk).count() == 2
        assert browser.post(reverse("team_new"), {"name_ar": "", "name_en": "x"}).status_code == 422
        assert Team.objects.count() == 1

    def test_the_list_counts_its_people(self) -> None:
        team = team_save(actor=ACTOR, team=None, name_ar="فريق", name_en="Team")
        make_user(Role.COLLECTOR, team=team)
        page = signed_in(make_user(Role.ADMINISTRATOR)).get(reverse("teams"))
        assert [found.people for found in page.context["teams"]] == [1]


def test_every_role_is_described() -> None:
    assert set(DESCRIPTIONS) == set(Role)
    page = signed_in(make_user(Role.ADMINISTRATOR)).get(reverse("roles"))
    assert len(page.context["rows"]) == len(Role)


def test_a_superuser_by_flag_alone_may_nothing() -> None:
    user = make_user(Role.COLLECTOR)
    User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    browser = signed_in(user)
    for name in ("users", "inbox", "audit", "jobs"):
        assert browser.get(reverse(name)).status_code == 404
    assert user.check_password(PASSWORD)
