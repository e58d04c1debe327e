"""Coming in: password, lockout, second factor, proofs, language; as a browser does it."""

from __future__ import annotations

import base64
import io
import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services.users import user_update
from common.models import AuditEvent
from config.settings import base
from tests.world import ACTOR, PASSWORD, a_case, an_escalation, code, make_client, make_user, prove, signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


def test_the_code_is_that_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [code(secret, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def sign_in(browser: Browser, email: str, password: str = PASSWORD) -> Any:
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def real_user(role: str = Role.COLLECTIONS_MANAGER) -> User:
    """Somebody who is no demo account."""
    user = make_user(role)
    user.is_demo = False
    user.save()
    return user


def with_factor(user: User) -> tuple[Browser, str]:
    """Sign in for the first time and set the second factor up; the browser and the secret on the phone."""
    browser = Browser()
    sign_in(browser, user.email)
    page = browser.get(reverse("mfa_activate_totp"))
    secret = browser.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    browser.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    return browser, secret


class TestPassword:
    def test_argon2_is_the_hash_outside_tests(self) -> None:
        with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
            assert identify_hasher(make_password(PASSWORD)).algorithm == "argon2"
        assert make_password(PASSWORD).startswith("md5$"), "tests hash cheaply"

    def test_who_knows_it_comes_in_and_lands_on_the_own_page_and_it_is_written_down(self) -> None:
        user, browser = make_user(Role.COLLECTOR), Browser()
        response = sign_in(browser, user.email.upper())
        assert (response.status_code, response.url) == (302, "/")
        assert browser.get("/").url == reverse("day")
        event = AuditEvent.objects.get(action="user.signed_in")
        assert (event.subject_id, event.actor_id) == (user.pk, user.pk)

    @pytest.mark.parametrize(("email", "password"), [("collector@house.example", "wrong"), ("no@house.example", "x")])
    def test_wrong_and_unknown_are_told_the_same(self, email: str, password: str) -> None:
        make_user(Role.COLLECTOR)
        response = sign_in(Browser(), email, password)
        assert response.status_code == 200
        assert len(response.context["form"].non_field_errors()) == 1
        assert not AuditEvent.objects.filter(action="user.signed_in").exists()

    def test_nobody_signs_up(self) -> None:
        for address in ("/account/signup/", "/accounts/signup/", "/signup/"):
            assert Browser().get(address).status_code == 404

    def test_the_session_ends_with_the_browser_and_after_eight_hours(self) -> None:
        user, browser = make_user(Role.COLLECTOR), Browser()
        with time_machine.travel("2026-11-24 05:00:00Z", tick=False) as now:
            sign_in(browser, user.email)
            assert browser.session.get_expire_at_browser_close()
            assert not browser.cookies["sessionid"]["max-age"]
            now.shift(7 * 3600)
            assert browser.get(reverse("day")).status_code == 200
            now.shift(9 * 3600)
            assert browser.get(reverse("day")).status_code == 302

    def test_who_is_switched_off_is_out_at_once_and_stays_out(self) -> None:
        user, browser = make_user(Role.COLLECTOR), Browser()
        sign_in(browser, user.email)
        assert browser.get(reverse("day")).status_code == 200
        user_update(actor=ACTOR, user=user, name_ar="س", name_en="S", role=Role.COLLECTOR, team=None, is_active=False)
        assert browser.get(reverse("day")).url.startswith(reverse("account_login"))
        sign_in(browser, user.email)
        assert browser.get(reverse("day")).status_code == 302

    def test_a_new_password_is_written_down_and_the_weak_are_refused(self) -> None:
        user = make_user(Role.COLLECTOR)
        browser = signed_in(user, proven=True)
        address = reverse("account_change_password")
        weak = browser.post(address, {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
        assert weak.status_code == 200
        assert not AuditEvent.objects.filter(action="user.password_set").exists()
        fresh = "another long enough one"
        browser.post(address, {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
        user.refresh_from_db()
        assert user.check_password(fresh)
        event = AuditEvent.objects.get(action="user.password_set")
        assert event.subject_id == user.pk
        assert fresh not in str(event.body)


class TestLockout:
    def test_five_wrong_tries_lock_this_account_here_for_a_quarter_of_an_hour(self) -> None:
        user, other, browser = make_user(Role.COLLECTOR), make_user(Role.AUDITOR), Browser()
        with time_machine.travel("2026-11-24 06:00:00Z", tick=False) as now:
            for _try in range(4):
                assert sign_in(browser, user.email, "wrong").status_code == 200
            locked = sign_in(browser, user.email, "wrong")
            assert locked.status_code == 429
            assert "account/locked.html" in [template.name for template in locked.templates]
            assert sign_in(browser, user.email).status_code == 429, "the right password does not open it"
            assert sign_in(browser, other.email).status_code == 302, "nobody else is affected"
            now.shift(15 * 60 + 1)
            assert sign_in(Browser(), user.email).status_code == 302

    def test_an_administrator_may_reset_it_and_success_forgets_the_slips(self) -> None:
        user, browser = make_user(Role.COLLECTOR), Browser()
        for _try in range(5):
            sign_in(browser, user.email, "wrong")
        assert sign_in(browser, user.email).status_code == 429
        reset(username=user.email)
        cache.clear()
        assert sign_in(browser, user.email).status_code == 302
        browser = Browser()
        for _round in range(3):
            for _try in range(3):
                assert sign_in(browser, user.email, "wrong").status_code == 200
            cache.clear()
            assert sign_in(browser, user.email).status_code == 302
            browser = Browser()


@pytest.mark.requirement("PL-50")
class TestSecondFactor:
    def test_without_one_every_page_leads_to_setting_it_up(self) -> None:
        user, browser = real_user(), Browser()
        sign_in(browser, user.email)
        for address in ("/", reverse("inbox"), reverse("profile"), reverse("cases")):
            assert browser.get(address).url == reverse("mfa_activate_totp")
        posted = browser.post(reverse("cases_assign"), {})
        assert posted.url == reverse("mfa_activate_totp")

    def test_set_up_then_asked_for_at_every_sign_in(self, django_capture_on_commit_callbacks: Any) -> None:
        user = real_user()
        with django_capture_on_commit_callbacks(execute=True):
            browser, secret = with_factor(user)
        assert browser.get(reverse("inbox")).status_code == 200
        stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
        assert secret not in str(stored), "the secret lies sealed"
        assert AuditEvent.objects.get(action="user.totp_activated").actor_id == user.pk

        later = Browser()
        with time_machine.travel(time.time() + 60):
            first = sign_in(later, user.email)
            assert first.url.startswith(reverse("mfa_authenticate"))
            assert later.get(reverse("inbox")).status_code == 302, "a password alone is not enough"
            assert not AuditEvent.objects.filter(action="user.signed_in").exclude(
                pk=AuditEvent.objects.filter(action="user.signed_in").earliest("pk").pk
            )
            assert later.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
            done = later.post(reverse("mfa_authenticate"), {"code": code(secret)})
            assert done.status_code == 302
            assert later.get(reverse("inbox")).status_code == 200
            again = Browser()
            sign_in(again, user.email)
            assert again.post(reverse("mfa_authenticate"), {"code": code(secret)}).status_code == 200, "used once"

    def test_codes_are_not_guessed(self) -> None:
        user = real_user()
        _first, secret = with_factor(user)
        browser = Browser()
        sign_in(browser, user.email)
        for _try in range(10):
            browser.post(reverse("mfa_authenticate"), {"code": "123456"})
        with time_machine.travel(time.time() + 45):
            refused = browser.post(reverse("mfa_authenticate"), {"code": code(secret)})
        assert refused.status_code == 200, "too many tries: the right one waits as well"

    def test_a_recovery_code_opens_once(self) -> None:
        user = real_user()
        with_factor(user)
        one = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
        answers = []
        for _time in range(2):
            browser = Browser()
            sign_in(browser, user.email)
            answers.append(browser.post(reverse("mfa_authenticate"), {"code": one}).status_code)
        assert answers == [302, 200]

    def test_a_lost_phone_is_taken_off_with_a_reason_and_ends_what_is_open(self) -> None:
        user = real_user()
        browser, _secret = with_factor(user)
        with pytest.raises(CommandError):
            call_command("factor_reset", user.email, "--reason", " ")
        with pytest.raises(CommandError, match="Nobody"):
            call_command("factor_reset", "no@house.example", "--reason", "x")
        call_command("factor_reset", user.email, "--reason", "لم يجد هاتفه؛ عرفه مديره", stdout=io.StringIO())
        assert browser.get(reverse("inbox")).url.startswith(reverse("account_login"))
        sign_in(browser, user.email)
        assert browser.get(reverse("inbox")).url == reverse("mfa_activate_totp")
        event = AuditEvent.objects.get(action="user.factor_reset")
        assert (event.subject_id, event.actor_name) == (user.pk, "factor_reset")
        with pytest.raises(CommandError):
            call_command("factor_reset", user.email, "--reason", "again")

    def test_demo_accounts_go_without_where_the_setting_allows_it_and_only_there(self) -> None:
        browser = signed_in(make_user(Role.COLLECTOR))
        assert browser.get(reverse("day")).status_code == 200
        with override_settings(MITHAQ_DEMO=False):
            assert browser.get(reverse("day")).url == reverse("mfa_activate_totp")

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({}, ""),
            ({"MITHAQ_DEMO": "yes"}, "MITHAQ_DEMO"),
            ({"MITHAQ_DEBUG": "yes"}, "MITHAQ_DEBUG"),
            ({"SECRET_KEY": "change-me"}, "SECRET_KEY"),
            ({"AUDIT_SIGNING_KEY": "c2hvcnQ="}, "AUDIT_SIGNING_KEY"),
            ({"MITHAQ_ALLOWED_HOSTS": "*"}, "MITHAQ_ALLOWED_HOSTS"),
            ({"MITHAQ_PUBLIC_URL": "http://collections.example"}, "MITHAQ_PUBLIC_URL"),
        ],
    )
    def test_production_refuses_to_start_unsafe(self, change: dict[str, str], word: str) -> None:
        safe = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "AUDIT_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "MITHAQ_ALLOWED_HOSTS": "collections.example",
            "MITHAQ_PUBLIC_URL": "https://collections.example",
            "DATABASE_URL": "postgresql://mithaq_app@db.example/mithaq",
            "DATABASE_OWNER_URL": "postgresql://mithaq_owner@db.example/mithaq",
            "REDIS_URL": "redis://redis.example/0",
        }
        started = subprocess.run(
            [sys.executable, "-c", "import config.settings.prod as s; assert not s.MITHAQ_DEMO; print('started')"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **safe, **change},
            capture_output=True,
            text=True,
            check=False,
        )
        if not change:
            assert started.stdout == "started\n", started.stderr
            return
        assert "ImproperlyConfigured" in started.stderr
        assert word in started.stderr


@pytest.mark.requirement("DC-06")
class TestProof:
    """A binding act asks again who is there, and then goes through as it was asked for."""

    def _request(self, manager: User) -> Any:
        collector = make_user(Role.COLLECTOR)
        return an_escalation(a_case(make_client(), owner=collector), by=collector)

    def test_deciding_asks_for_the_password_of_who_has_no_factor(self) -> None:
        manager = make_user(Role.COLLECTIONS_MANAGER)
        request, browser = self._request(manager), Browser()
        sign_in(browser, manager.email)
        address = reverse("escalation_decide", args=[request.pk])
        asked = browser.post(address, {"decision": "APPROVED", "digest": request.digest, "reason": ""})
        assert asked.url.startswith(reverse("account_reauthenticate"))
        request.refresh_from_db()
        assert request.status == "PROPOSED"
        done = browser.post(asked.url, {"password": PASSWORD})
        assert (done.status_code, done.url) == (302, reverse("inbox"))
        request.refresh_from_db()
        assert (request.status, request.decided_by) == ("APPROVED", manager)

    def test_who_has_a_factor_proves_with_it_and_not_with_the_password(self) -> None:
        manager = real_user()
        request = self._request(manager)
        browser, secret = with_factor(manager)
        prove(browser, method="password")
        address = reverse("escalation_decide", args=[request.pk])
        with time_machine.travel(time.time() + 60):
            asked = browser.post(address, {"decision": "REJECTED", "digest": request.digest, "reason": "لم تكتمل"})
            assert asked.url.startswith(reverse("mfa_reauthenticate"))
            by_password = browser.get(reverse("account_reauthenticate"))
            assert by_password.url.startswith(reverse("mfa_reauthenticate"))
            done = browser.post(asked.url, {"code": code(secret)})
        assert done.url == reverse("inbox")
        request.refresh_from_db()
        assert (request.status, request.decision_reason) == ("REJECTED", "لم تكتمل")

    def test_a_resumed_act_is_refused_like_any_other(self) -> None:
        manager = make_user(Role.COLLECTIONS_MANAGER)
        request, browser = self._request(manager), Browser()
        sign_in(browser, manager.email)
        address = reverse("escalation_decide", args=[request.pk])
        asked = browser.post(address, {"decision": "REJECTED", "digest": request.digest, "reason": ""})
        assert browser.post(asked.url, {"password": PASSWORD}).status_code == 422
        request.refresh_from_db()
        assert request.status == "PROPOSED"


class TestLanguage:
    def page(self, browser: Browser, **headers: Any) -> tuple[str, str]:
        response = browser.get(reverse("account_login"), headers=headers or None)
        found = re.search(r'<html lang="(\w+)" dir="(\w+)"', response.content.decode())
        assert found
        assert response.headers["Content-Language"] == found[1]
        return found[1], found[2]

    def test_arabic_whatever_the_browser_says(self) -> None:
        assert self.page(Browser()) == ("ar", "rtl")
        assert self.page(Browser(), accept_language="en-GB,en;q=0.9") == ("ar", "rtl")

    def test_by_cookie_before_the_sign_in(self) -> None:
        browser = Browser()
        response = browser.post(reverse("language"), {"language": "en", "next": reverse("account_login")})
        assert response.url == reverse("account_login")
        assert self.page(browser) == ("en", "ltr")
        browser.post(reverse("language"), {"language": "fr"})
        assert self.page(browser) == ("en", "ltr")
        browser.cookies["language"] = "../../etc"
        assert self.page(browser) == ("ar", "rtl")

    def test_for_good_by_the_person_and_the_persons_own_wins(self) -> None:
        user = make_user(Role.COLLECTOR)
        browser = signed_in(user)
        browser.cookies["language"] = "en"
        assert browser.get(reverse("day")).headers["Content-Language"] == "ar"
        browser.post(reverse("language"), {"language": "en"})
        user.refresh_from_db()
        assert user.language == "en"
        assert signed_in(user).get(reverse("day")).headers["Content-Language"] == "en"

    def test_the_way_back_leads_nowhere_else(self) -> None:
        for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            assert Browser().post(reverse("language"), {"language": "en", "next": target}).url == "/"

    def test_density_and_language_on_the_profile(self) -> None:
        user = make_user(Role.COLLECTOR)
        browser = signed_in(user)
        assert browser.post(reverse("profile"), {"language": "xx", "density": "compact"}).status_code == 422
        assert browser.post(reverse("profile"), {"language": "en", "density": "compact"}).status_code == 302
        user.refresh_from_db()
        assert (user.language, user.density) == ("en", "compact")
        assert 'data-density="compact"' in browser.get(reverse("day")).content.decode()
        event = AuditEvent.objects.get(action="profile.updated")
        assert (event.actor_id, event.body["density"]) == (user.pk, "compact")
