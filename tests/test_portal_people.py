"""A company keeps its own people in the portal: it invites, changes rights and switches off; who signs, the house
approves; nobody raises their own right; one keeper always remains.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from clients.models import Client, ClientUser, SignatoryRequest
from clients.services.people import people_keeper_set, person_switch, signatory_ask, signatory_decide
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Approval, AuditEvent
from tests.world import ACTOR, PASSWORD, a_people_keeper, code, enrol, make_client, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-08")]


@pytest.fixture
def company() -> Client:
    return make_client("AAA")


@pytest.fixture
def keeper(company: Client) -> User:
    return a_people_keeper(company)


def colleague(company: Client, role: str = Role.CLIENT_USER, name: str = "mona") -> ClientUser:
    return make_user(role, client=company, name=name).client_membership


def page(response: Any) -> str:
    return str(response.content.decode())


def at(name: str, member: ClientUser) -> str:
    return reverse(name, args=[member.pk])


def fresh(member: ClientUser) -> ClientUser:
    return ClientUser.objects.select_related("user").get(pk=member.pk)


class TestInviting:
    def test_a_colleague_is_invited_chooses_a_password_and_comes_in(self, company: Client, keeper: User) -> None:
        browser = signed_in(keeper, proven=True)
        told = {"email": "Huda@aaa.example", "name_ar": "هدى", "name_en": "Huda", "title": "محاسبة"}
        done = browser.post(reverse("portal_person_new"), told, follow=True)
        assert done.status_code == 200
        person = User.objects.get(email="huda@aaa.example")
        assert (person.role, person.client_membership.client, person.is_active) == ("CLIENT_USER", company, True)
        assert person.email in page(done)
        link = re.search(r"/account/reset/key/[^\s]+", mail.outbox[-1].body)
        assert mail.outbox[-1].to == [person.email]
        assert link is not None
        theirs = signed_in()
        form = theirs.get(link[0], follow=True)
        theirs.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
        theirs.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
        # Not a demo's account: the second factor comes before any page.
        assert theirs.get(reverse("portal")).url == reverse("mfa_activate_totp")
        enrol(person)
        assert theirs.get(reverse("portal")).status_code == 200
        actions = set(AuditEvent.objects.filter(actor_id=keeper.pk).values_list("action", flat=True))
        assert {"user.created", "client_user.added"} <= actions

    def test_an_address_of_somebody_else_is_refused_without_saying_whose(self, keeper: User) -> None:
        make_user(Role.CLIENT_USER, client=make_client("BBB"), name="theirs")
        browser = signed_in(keeper, proven=True)
        told = {"email": "THEIRS@house.example", "name_ar": "هدى", "name_en": "Huda"}
        refused = browser.post(reverse("portal_person_new"), told)
        assert refused.status_code == 422
        assert "BBB" not in page(refused)
        assert "Salem theirs" not in page(refused)

    def test_it_asks_for_a_fresh_proof(self, keeper: User) -> None:
        told = {"email": "huda@aaa.example", "name_ar": "هدى", "name_en": "Huda"}
        assert signed_in(keeper).post(reverse("portal_person_new"), told).status_code == 302
        assert not User.objects.filter(email="huda@aaa.example").exists()

    def test_the_invitation_is_sent_again_to_who_is_on(self, company: Client, keeper: User) -> None:
        member = colleague(company)
        browser = signed_in(keeper)
        browser.post(at("portal_person_invite", member))
        assert mail.outbox[-1].to == [member.user.email]
        person_switch(user=keeper, membership=member, is_active=False)
        assert browser.post(at("portal_person_invite", member)).status_code == 404


class TestSigning:
    def test_a_new_signatory_waits_for_the_house(self, company: Client, keeper: User) -> None:
        member, manager = colleague(company), make_user(Role.COLLECTIONS_MANAGER)
        browser = signed_in(keeper, proven=True)
        assert browser.post(at("portal_person_sign", member), {"power": " "}).status_code == 422
        assert browser.post(at("portal_person_sign", member), {"power": "وكالة 1447/88"}).status_code == 302
        assert fresh(member).user.role == "CLIENT_USER", "nothing before the house agrees"
        again = browser.post(at("portal_person_sign", member), {"power": "وكالة 1447/88"})
        assert again.status_code == 422
        assert again.context["error"] in page(again)
        approval = Approval.objects.get(kind="SIGNATORY")
        inbox = signed_in(manager, proven=True)
        shown = page(inbox.get(reverse("inbox")))
        assert "وكالة 1447/88" in shown
        assert member.user.email in shown
        answer = {"digest": approval.digest, "decision": "APPROVED"}
        assert inbox.post(reverse("approval_decide", args=[approval.pk]), answer).status_code == 302
        assert fresh(member).user.role == "CLIENT_SIGNATORY"
        events = AuditEvent.objects.filter(client_id=company.pk, action__startswith="signatory.")
        assert list(events.order_by("pk").values_list("action", flat=True)) == ["signatory.asked", "signatory.approved"]

    def test_a_rejection_has_its_reason_and_the_keeper_reads_it(self, company: Client, keeper: User) -> None:
        member, manager = colleague(company), make_user(Role.COLLECTIONS_MANAGER)
        request = signatory_ask(user=keeper, membership=member, power="وكالة 9")
        inbox = signed_in(manager, proven=True)
        address = reverse("approval_decide", args=[Approval.objects.get().pk])
        assert inbox.post(address, {"digest": request.digest, "decision": "REJECTED"}).status_code == 422
        inbox.post(address, {"digest": request.digest, "decision": "REJECTED", "reason": "الوكالة منتهية"})
        assert fresh(member).user.role == "CLIENT_USER"
        assert "الوكالة منتهية" in page(signed_in(keeper).get(at("portal_person", member)))

    def test_an_invited_signatory_reads_until_then(self, company: Client, keeper: User) -> None:
        told = {"email": "huda@aaa.example", "name_ar": "هدى", "name_en": "Huda", "power": "قرار الشركاء 3"}
        signed_in(keeper, proven=True).post(reverse("portal_person_new"), told)
        person = User.objects.get(email="huda@aaa.example")
        assert person.role == "CLIENT_USER"
        assert SignatoryRequest.objects.get().membership == person.client_membership

    def test_who_changed_meanwhile_is_not_the_one_who_was_approved(self, company: Client, keeper: User) -> None:
        member, manager = colleague(company), make_user(Role.COLLECTIONS_MANAGER)
        request = signatory_ask(user=keeper, membership=member, power="وكالة 9")
        User.objects.filter(pk=member.user_id).update(email="other@aaa.example")
        with pytest.raises(Conflict):
            signatory_decide(user=manager, request=request, decision="APPROVED", digest=request.digest)
        assert fresh(member).user.role == "CLIENT_USER"

    def test_the_database_lets_nobody_sign_unapproved(self, company: Client, keeper: User) -> None:
        request = signatory_ask(user=keeper, membership=colleague(company), power="وكالة 9")
        for change in ({"status": "APPROVED"}, {"power": "وكالة 10"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                SignatoryRequest.objects.filter(pk=request.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            SignatoryRequest.objects.create(
                client=company, membership=colleague(company, name="two"), power="x", digest="0", status="APPROVED",
                prepared_by=keeper, prepared_at=request.prepared_at,
            )  # fmt: skip

    def test_a_signatory_reads_only_at_once_and_a_request_is_taken_back(self, company: Client, keeper: User) -> None:
        signatory, member = colleague(company, Role.CLIENT_SIGNATORY, "sign"), colleague(company)
        browser = signed_in(keeper, proven=True)
        theirs = signed_in(signatory.user)
        assert theirs.get(reverse("portal")).status_code == 200
        browser.post(at("portal_person_read", signatory))
        assert fresh(signatory).user.role == "CLIENT_USER"
        assert theirs.get(reverse("portal")).status_code == 302, "signed out with the right"
        browser.post(at("portal_person_sign", member), {"power": "وكالة 9"})
        browser.post(at("portal_person_read", member))
        assert SignatoryRequest.objects.get().status == "WITHDRAWN"
        assert Approval.objects.get().status == "WITHDRAWN"
        refused = browser.post(at("portal_person_read", member))
        assert refused.status_code == 422

    @override_settings(MITHAQ_DEMO=False)
    def test_a_signatory_signs_in_through_the_second_factor_and_not_before(self, company: Client) -> None:
        person = colleague(company, Role.CLIENT_SIGNATORY).user
        browser = signed_in()
        entry = {"login": person.email, "password": PASSWORD}
        browser.post(reverse("account_login"), entry)
        assert browser.get(reverse("portal")).url == reverse("mfa_activate_totp"), "set it up first"
        secret = enrol(person)
        browser = signed_in()
        asked = browser.post(reverse("account_login"), entry)
        assert asked.url.startswith(reverse("mfa_authenticate"))
        assert browser.get(reverse("portal")).status_code == 302, "the password alone opens nothing"
        assert browser.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
        browser.post(reverse("mfa_authenticate"), {"code": code(secret)})
        assert browser.get(reverse("portal")).status_code == 200


class TestSwitchingOff:
    def test_it_ends_every_session_at_once(self, company: Client, keeper: User) -> None:
        member = colleague(company)
        phone, desk = signed_in(member.user), signed_in(member.user)
        before = Session.objects.count()
        # No proof is asked: it must not wait for a telephone.
        signed_in(keeper).post(at("portal_person_access", member), {"on": "no"})
        assert [one.get(reverse("portal")).status_code for one in (phone, desk)] == [302, 302]
        assert Session.objects.count() == before - 2 + 1
        assert not fresh(member).user.is_active

    def test_who_comes_back_reads_and_keeps_nothing(self, company: Client, keeper: User) -> None:
        member = colleague(company, Role.CLIENT_SIGNATORY)
        people_keeper_set(actor=ACTOR, membership=member, keeps_people=True)
        browser = signed_in(keeper, proven=True)
        browser.post(at("portal_person_access", member), {"on": "no"})
        browser.post(at("portal_person_access", member), {"on": "yes"})
        back = fresh(member)
        assert (back.user.is_active, back.user.role, back.keeps_people) == (True, "CLIENT_USER", False)

    def test_the_open_request_goes_with_the_person(self, company: Client, keeper: User) -> None:
        member = colleague(company)
        signatory_ask(user=keeper, membership=member, power="وكالة 9")
        person_switch(user=keeper, membership=member, is_active=False)
        assert SignatoryRequest.objects.get().status == "WITHDRAWN"


class TestKeepers:
    def test_the_house_names_the_first_and_that_keeper_another(self, company: Client) -> None:
        first, second = colleague(company, name="first"), colleague(company, name="second")
        assert signed_in(first.user).get(reverse("portal_people")).status_code == 404
        manager = signed_in(make_user(Role.COLLECTIONS_MANAGER))
        manager.post(reverse("client_people_keeper", args=[company.pk, first.pk]), {"keeps": "yes"})
        browser = signed_in(User.objects.get(pk=first.user_id), proven=True)
        shown = page(browser.get(reverse("portal_people")))
        assert all(one.user.email in shown for one in (first, second))
        browser.post(at("portal_person_keeper", second), {"keeps": "yes"})
        assert fresh(second).keeps_people

    def test_nobody_changes_their_own_rights(self, company: Client, keeper: User) -> None:
        own, browser = keeper.client_membership, signed_in(keeper, proven=True)
        for name, told in (
            ("portal_person_sign", {"power": "وكالة 9"}),
            ("portal_person_read", {}),
            ("portal_person_keeper", {"keeps": "no"}),
            ("portal_person_access", {"on": "no"}),
        ):
            assert browser.post(at(name, own), told).status_code == 422, name
        assert not SignatoryRequest.objects.exists()
        assert fresh(own).keeps_people

    def test_one_always_remains_whoever_acts(self, company: Client, keeper: User) -> None:
        other = colleague(company)
        people_keeper_set(actor=ACTOR, membership=other, keeps_people=True)
        person_switch(user=User.objects.get(pk=other.user_id), membership=keeper.client_membership, is_active=False)
        with pytest.raises(NotAllowed):
            person_switch(user=keeper, membership=other, is_active=False)
        with pytest.raises(Refused, match="people_last"):
            people_keeper_set(actor=ACTOR, membership=other, keeps_people=False)
        admin = signed_in(make_user(Role.ADMINISTRATOR))
        told = {"name_ar": "م", "name_en": "M", "role": "CLIENT_USER"}
        refused = admin.post(reverse("user", args=[other.user_id]), told)
        assert refused.status_code == 422
        assert fresh(other).user.is_active

    def test_people_of_another_company_do_not_exist(self, keeper: User) -> None:
        stranger = colleague(make_client("BBB"), name="stranger")
        browser = signed_in(keeper, proven=True)
        assert browser.get(at("portal_person", stranger)).status_code == 404
        for name in ("sign", "read", "keeper", "access", "invite"):
            told = {"power": "وكالة", "on": "no", "keeps": "yes"}
            assert browser.post(at(f"portal_person_{name}", stranger), told).status_code == 404, name
        assert stranger.user.email not in page(browser.get(reverse("portal_people")))
        assert fresh(stranger).user.is_active

    def test_the_list_says_who_came_last_and_by_what(self, company: Client, keeper: User) -> None:
        member = colleague(company, Role.CLIENT_SIGNATORY)
        enrol(member.user)
        signed_in(member.user)
        people = {p.id: (p, waits) for p, waits in signed_in(keeper).get(reverse("portal_people")).context["people"]}
        shown, _waits = people[member.pk]
        assert shown.has_factor
        assert shown.last_login is not None
        assert shown.signs
        assert Authenticator.objects.filter(user=member.user).exists()

    def test_a_change_by_the_administrator_ends_sessions_and_makes_nobody_a_signatory(
        self, company: Client, keeper: User
    ) -> None:
        member, signatory = colleague(company), colleague(company, Role.CLIENT_SIGNATORY, "sign")
        theirs, admin = signed_in(signatory.user), signed_in(make_user(Role.ADMINISTRATOR))
        told = {"name_ar": "م", "name_en": "M", "is_active": "on"}
        raised = admin.post(reverse("user", args=[member.user_id]), {**told, "role": "CLIENT_SIGNATORY"})
        assert raised.status_code == 422
        assert fresh(member).user.role == "CLIENT_USER"
        admin.post(reverse("user", args=[signatory.user_id]), {**told, "role": "CLIENT_USER"})
        assert theirs.get(reverse("portal")).status_code == 302

    def test_the_house_invites_who_signs_by_another_person_too(self, company: Client) -> None:
        manager, general = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.GENERAL_MANAGER)
        told = {"email": "huda@aaa.example", "name_ar": "هدى", "name_en": "Huda", "power": "عقد التأسيس"}
        signed_in(manager).post(reverse("client_person", args=[company.pk]), told)
        person = User.objects.get(email="huda@aaa.example")
        assert person.role == "CLIENT_USER"
        approval = Approval.objects.get(kind="SIGNATORY")
        answer = {"digest": approval.digest, "decision": "APPROVED"}
        address = reverse("approval_decide", args=[approval.pk])
        assert signed_in(manager, proven=True).post(address, answer).status_code == 422, "not by who asked"
        assert signed_in(general, proven=True).post(address, answer).status_code == 302
        person.refresh_from_db()
        assert person.role == "CLIENT_SIGNATORY"
