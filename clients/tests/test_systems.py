"""Clients' systems: their tokens, who keeps them, and the pages on which they are kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from clients.choices import Scope, TokenState
from clients.models import Client, ServiceAccount, ServiceToken
from clients.rules.systems import ENDS_SOON, is_token, token_digest, token_state, token_text
from clients.services.systems import keeper_set, system_create, system_update, token_revoke, token_rotate
from common import clock
from common.exceptions import NotAllowed, Refused
from common.models import AuditEvent
from tests.callers import Caller
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_keeper, a_system, make_client, make_user, prove, signed_in

NOW = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "state"),
    [
        (NOW + ENDS_SOON + SECOND, None, TokenState.LIVE),
        (NOW + ENDS_SOON, None, TokenState.ENDING),
        (NOW + SECOND, None, TokenState.ENDING),
        (NOW, None, TokenState.ENDED),
        (NOW - SECOND, None, TokenState.ENDED),
        (NOW + ENDS_SOON + SECOND, NOW, TokenState.REVOKED),
        (NOW - SECOND, NOW - SECOND, TokenState.REVOKED),
    ],
)
def test_a_token_at_both_sides_of_its_end(
    expires_at: dt.datetime, revoked_at: dt.datetime | None, state: TokenState
) -> None:
    assert token_state(expires_at=expires_at, revoked_at=revoked_at, now=NOW) == state


def test_a_token_has_one_form_and_its_hash_is_of_all_of_it() -> None:
    text = token_text(prefix="abcd1234", secret=bytes(range(32)))
    assert is_token(text)
    assert token_digest(text=text) == hashlib.sha256(text.encode()).digest()
    for other in ("", "x", text + "x", text[:-1], text.upper(), " " + text, text.replace("mithaq", "other")):
        assert not is_token(other), other


@pytest.fixture
def client() -> Client:
    """A client since before ``NOW``: only an agreement that has begun lets its systems read."""
    with clock.at(NOW - dt.timedelta(days=1)):
        return make_client("AAA")


@pytest.fixture
def keeper(client: Client) -> User:
    return a_keeper(client)


@pytest.mark.django_db
class TestAccounts:
    @pytest.mark.parametrize(
        ("name", "scopes", "field"),
        [(" ", ["READ"], "name"), ("x" * 81, ["READ"], "name"), ("ERP", [], "scopes"), ("ERP", ["ALL"], "scopes")],
    )
    def test_a_system_has_a_name_and_rights_we_know(
        self, client: Client, name: str, scopes: list[str], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            system_create(actor=ACTOR, client=client, name=name, scopes=scopes)
        assert list(refused.value.fields) == [field]
        assert not ServiceAccount.objects.exists()

    def test_a_name_is_taken_once_in_a_client(self, client: Client) -> None:
        system_create(actor=ACTOR, client=client, name="ERP", scopes=["READ"])
        other = system_create(actor=ACTOR, client=client, name="CRM", scopes=["READ"])
        for act in (
            lambda: system_create(actor=ACTOR, client=client, name=" ERP ", scopes=["READ"]),
            lambda: system_update(actor=ACTOR, account=other, name="ERP", scopes=["READ"], is_active=True),
        ):
            with pytest.raises(Refused) as refused:
                act()
            assert refused.value.code == "system_name"
        assert system_create(actor=ACTOR, client=make_client("BBB"), name="ERP", scopes=["READ"]).pk

    def test_the_database_knows_the_rights_and_whose_a_token_is(self, client: Client, keeper: User) -> None:
        account, token, _text = a_system(client, keeper=keeper)
        for scopes in ([], ["ALL"]):
            with pytest.raises(IntegrityError, match="system_scopes_known"), transaction.atomic():
                ServiceAccount.objects.filter(pk=account.pk).update(scopes=scopes)
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceToken.objects.filter(pk=token.pk).update(client=make_client("BBB"))
            with connections["default"].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
class TestTokens:
    def test_only_the_hash_is_kept(self, client: Client, keeper: User) -> None:
        _account, token, text = a_system(client, keeper=keeper)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT t::text FROM clients_servicetoken t WHERE id = %s", [token.pk])
            row = cursor.fetchone()[0]
            cursor.execute("SELECT string_agg(e::text, ' ') FROM common_auditevent e")
            trail = cursor.fetchone()[0]
        secret = text.rsplit("_", 1)[0], text[len("mithaq_abcdefgh_") :]
        assert secret[1] not in row + trail
        assert token_digest(text=text).hex() in row
        assert token.prefix in row
        assert token.prefix in trail

    def test_no_two_tokens_are_alike(self, client: Client, keeper: User) -> None:
        texts = {a_system(client, keeper=keeper, name=f"S{n}")[2] for n in range(20)}
        assert len(texts) == 20

    def test_rotation_lets_both_in_until_the_overlap_is_over(self, client: Client) -> None:
        with clock.at(NOW):
            caller = Caller.of(client)
            _token, second = token_rotate(
                user=caller.keeper, account=caller.account, lifetime_days=30, overlap_hours=24
            )
        answers = {}
        for hours, seconds in ((0, 0), (24, -1), (24, 0)):
            with clock.at(NOW + dt.timedelta(hours=hours, seconds=seconds)):
                for name, text in (("old", caller.text), ("new", second)):
                    caller_now = Caller(**{**vars(caller), "text": text})
                    answers[hours, seconds, name] = caller_now.get("cases").status_code
        assert answers == {
            (0, 0, "old"): 200, (0, 0, "new"): 200,
            (24, -1, "old"): 200, (24, -1, "new"): 200,
            (24, 0, "old"): 401, (24, 0, "new"): 200,
        }  # fmt: skip

    def test_rotation_never_lengthens_the_life_of_the_old_one(self, client: Client, keeper: User) -> None:
        with clock.at(NOW):
            account, old, _text = a_system(client, keeper=keeper)
        late = old.expires_at - dt.timedelta(minutes=30)
        with clock.at(late):
            token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=72)
        kept = ServiceToken.objects.get(pk=old.pk).expires_at
        assert kept == old.expires_at

    def test_two_are_valid_at_most(self, client: Client, keeper: User) -> None:
        account, first, _text = a_system(client, keeper=keeper)
        token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=24)
        with pytest.raises(Refused) as refused:
            token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=24)
        assert refused.value.code == "token_most"
        token_revoke(user=keeper, token=first)
        assert token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=0)
        now = clock.now()
        assert sum(token.is_live(now=now) for token in account.tokens.all()) == 1, "at once: the old one has ended"

    @pytest.mark.parametrize(("days", "hours", "field"), [(31, 24, "lifetime_days"), (30, 25, "overlap_hours")])
    def test_a_life_is_one_of_ours(self, client: Client, keeper: User, days: int, hours: int, field: str) -> None:
        account, _token, _text = a_system(client, keeper=keeper)
        with pytest.raises(Refused) as refused:
            token_rotate(user=keeper, account=account, lifetime_days=days, overlap_hours=hours)
        assert list(refused.value.fields) == [field]

    def test_nobody_but_the_clients_administrator_makes_or_ends_one(self, client: Client, keeper: User) -> None:
        account, token, _text = a_system(client, keeper=keeper)
        other = make_client("BBB")
        people = [
            make_user(Role.CLIENT_SIGNATORY, client=client),
            a_keeper(other, name="other"),
            make_user(Role.ADMINISTRATOR),
        ]
        for person in people:
            with pytest.raises(NotAllowed):
                token_rotate(user=person, account=account, lifetime_days=30, overlap_hours=0)
            with pytest.raises(NotAllowed):
                token_revoke(user=person, token=token)
        keeper_set(actor=ACTOR, membership=keeper.client_membership, keeps_systems=False)
        with pytest.raises(NotAllowed):
            token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=0)
        assert account.tokens.count() == 1

    def test_a_system_that_is_switched_off_gets_none_and_none_lets_in(self, client: Client) -> None:
        caller = Caller.of(client)
        assert caller.get("cases").status_code == 200
        system_update(actor=ACTOR, account=caller.account, name="ERP", scopes=["READ"], is_active=False)
        answer = caller.get("cases")
        assert (answer.status_code, answer.json()["code"]) == (401, "system_off")
        with pytest.raises(Refused) as refused:
            token_rotate(user=caller.keeper, account=caller.account, lifetime_days=30, overlap_hours=0)
        assert refused.value.code == "system_off"

    def test_a_revoked_one_is_revoked_once(self, client: Client, keeper: User) -> None:
        _account, token, _text = a_system(client, keeper=keeper)
        token_revoke(user=keeper, token=token)
        with pytest.raises(Refused) as refused:
            token_revoke(user=keeper, token=token)
        assert refused.value.code == "token_ended"

    def test_it_is_noted_when_one_was_last_used(self, client: Client) -> None:
        with clock.at(NOW):
            caller = Caller.of(client)

        def used(minutes: int) -> dt.datetime | None:
            with clock.at(NOW + dt.timedelta(minutes=minutes)):
                assert caller.get("cases").status_code == 200
            return ServiceToken.objects.get(pk=caller.token.pk).last_used_at

        assert caller.token.last_used_at is None
        assert [used(minutes) for minutes in (1, 2, 6, 7)] == [
            NOW + dt.timedelta(minutes=1), NOW + dt.timedelta(minutes=1),
            NOW + dt.timedelta(minutes=1), NOW + dt.timedelta(minutes=7),
        ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_rotations_at_once_leave_two_valid_tokens() -> None:
    client = make_client("AAA")
    keeper = a_keeper(client)
    account, _token, _text = a_system(client, keeper=keeper)
    ready, codes = threading.Barrier(2), []

    def rotate() -> None:
        try:
            ready.wait(10)
            token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=24)
            codes.append("made")
        except Refused as refused:
            codes.append(refused.code)
        finally:
            connections.close_all()

    hands = [threading.Thread(target=rotate) for _n in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(30)
    assert Counter(codes) == {"made": 1, "token_most": 1}


@pytest.mark.django_db
class TestHousePages:
    def test_the_administrator_makes_a_system_and_says_who_keeps_its_tokens(self, client: Client) -> None:
        person = make_user(Role.CLIENT_USER, client=client)
        browser = enter(make_user(Role.ADMINISTRATOR))
        made = browser.post(
            reverse("client_system_new", args=[client.pk]), {"name": "ERP", "scopes": ["READ", "PAYMENTS"]}
        )
        assert made.status_code == 302
        account = ServiceAccount.objects.get(client=client)
        assert (account.name, account.scopes, account.is_active) == ("ERP", ["PAYMENTS", "READ"], True)
        door = reverse("client_keeper", args=[client.pk, person.client_membership.pk])
        for keeps in (True, False):
            browser.post(door, {"keeps": "yes" if keeps else "no"})
            person.client_membership.refresh_from_db()
            assert person.client_membership.keeps_systems is keeps
        page = words(browser.get(reverse("client", args=[client.pk])))
        assert "ERP" in page
        edited = browser.post(reverse("client_system", args=[client.pk, account.pk]), {"name": "ERP", "scopes": "READ"})
        account.refresh_from_db()
        assert (edited.status_code, account.scopes, account.is_active) == (302, ["READ"], False)
        event = AuditEvent.objects.filter(action="system.updated").latest("pk")
        assert event.body["before"]["scopes"] == ["PAYMENTS", "READ"]
        assert event.body["after"] == {"name": "ERP", "scopes": ["READ"], "is_active": False}

    def test_a_system_of_another_client_is_not_at_this_clients_address(self, client: Client) -> None:
        other = make_client("BBB")
        account, _token, _text = a_system(other, keeper=a_keeper(other))
        person = make_user(Role.CLIENT_USER, client=other)
        browser = enter(make_user(Role.ADMINISTRATOR))
        assert browser.get(reverse("client_system", args=[client.pk, account.pk])).status_code == 404
        door = reverse("client_keeper", args=[client.pk, person.client_membership.pk])
        assert browser.post(door, {"keeps": "yes"}).status_code == 404

    def test_who_else_sees_the_client_sees_the_systems_and_no_door_to_them(self, client: Client) -> None:
        account, token, _text = a_system(client, keeper=a_keeper(client))
        page = words(enter(make_user(Role.COLLECTIONS_MANAGER)).get(reverse("client", args=[client.pk])))
        assert account.name in page
        assert token.prefix not in page
        assert reverse("client_system", args=[client.pk, account.pk]) not in page


TOKEN = re.compile(r"mithaq_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


@pytest.mark.django_db
@pytest.mark.requirement("DC-08")
class TestPortalPages:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_token_is_shown_once_and_lets_in(self, client: Client, keeper: User, language: str) -> None:
        account = system_create(actor=ACTOR, client=client, name="ERP", scopes=Scope.values)
        keeper.language = language
        keeper.save()
        browser = signed_in(keeper, proven=True)
        pages = [reverse("portal_systems"), reverse("portal_system", args=[account.pk])]
        assert all(in_language(browser.get(page), language) for page in pages)
        made = browser.post(
            reverse("portal_token_new", args=[account.pk]), {"lifetime_days": "90", "overlap_hours": "24"}
        )
        assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
        assert in_language(made, language)
        (text,) = set(TOKEN.findall(words(made)))
        token = ServiceToken.objects.get(account=account)
        assert bytes(token.digest) == token_digest(text=text)
        for page in pages:
            shown = words(browser.get(page))
            assert token.prefix in shown
            assert text not in shown
        caller = Caller(client=client, keeper=keeper, account=account, token=token, text=text)
        assert caller.get("cases").status_code == 200

    def test_a_proof_is_asked_for_before_a_token_is_made(self, client: Client, keeper: User) -> None:
        account = system_create(actor=ACTOR, client=client, name="ERP", scopes=["READ"])
        browser = signed_in(keeper)
        form = {"lifetime_days": "90", "overlap_hours": "24"}
        asked = browser.post(reverse("portal_token_new", args=[account.pk]), form)
        assert asked.url.startswith(reverse("account_reauthenticate"))
        assert not ServiceToken.objects.exists()
        done = browser.post(asked.url, {"password": "a long enough password"}, follow=True)
        assert len(set(TOKEN.findall(words(done)))) == 1
        prove(browser, seconds_ago=601)
        assert browser.post(reverse("portal_token_new", args=[account.pk]), form).status_code == 302
        assert ServiceToken.objects.count() == 1

    def test_a_revoked_token_lets_nobody_in(self, client: Client) -> None:
        caller = Caller.of(client)
        browser = signed_in(caller.keeper)
        browser.post(reverse("portal_token_revoke", args=[caller.account.pk, caller.token.pk]))
        answer = caller.get("cases")
        assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")

    def test_what_is_refused_is_said_on_the_page(self, client: Client, keeper: User) -> None:
        account, _token, _text = a_system(client, keeper=keeper)
        token_rotate(user=keeper, account=account, lifetime_days=30, overlap_hours=24)
        page = signed_in(keeper, proven=True).post(
            reverse("portal_token_new", args=[account.pk]), {"lifetime_days": "90", "overlap_hours": "24"}
        )
        assert page.status_code == 422
        assert page.context["error"] in words(page)

    def test_another_clients_systems_are_not_there(self, client: Client, keeper: User) -> None:
        other = make_client("BBB")
        account, token, _text = a_system(other, keeper=a_keeper(other, name="other"), name="THEIRS")
        browser = signed_in(keeper, proven=True)
        assert "THEIRS" not in words(browser.get(reverse("portal_systems")))
        assert browser.get(reverse("portal_system", args=[account.pk])).status_code == 404
        form: dict[str, Any] = {"lifetime_days": "90", "overlap_hours": "24"}
        assert browser.post(reverse("portal_token_new", args=[account.pk]), form).status_code == 404
        assert browser.post(reverse("portal_token_revoke", args=[account.pk, token.pk])).status_code == 404
        assert ServiceToken.objects.get(pk=token.pk).revoked_at is None

    def test_only_who_keeps_the_tokens_finds_the_way_to_them(self, client: Client, keeper: User) -> None:
        reader = make_user(Role.CLIENT_USER, client=client, name="reader")
        for person, there in ((keeper, True), (reader, False)):
            browser = signed_in(person)
            assert (reverse("portal_systems") in words(browser.get(reverse("portal")))) is there
            assert browser.get(reverse("portal_systems")).status_code == (200 if there else 404)
