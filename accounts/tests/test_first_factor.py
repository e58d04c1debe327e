"""Setting up the first second factor: right after signing in without the password again, and at no other time."""

from __future__ import annotations

import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.tests.test_signin import real_user, sign_in
from tests.world import PASSWORD, a_case, an_escalation, code, enrol, make_client, make_user, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-06")]
WINDOW = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    cache.clear()


def opened(browser: Browser) -> Any:
    return browser.get(reverse("mfa_activate_totp"))


def set_up(browser: Browser) -> Any:
    """Send the code that the app shows."""
    return browser.post(reverse("mfa_activate_totp"), {"code": code(browser.session["mfa.totp.secret"])})


@pytest.mark.parametrize(("seconds", "asked"), [(1, False), (WINDOW - 2, False), (WINDOW + 1, True)])
def test_the_password_is_asked_for_once_it_was_given_too_long_ago(seconds: int, asked: bool) -> None:
    user, browser, begun = real_user(), Browser(), time.time()
    with time_machine.travel(begun, tick=False):
        sign_in(browser, user.email)
    with time_machine.travel(begun + seconds, tick=False):
        answer = opened(browser)
        if asked:
            assert answer.url.startswith(reverse("account_reauthenticate"))
            browser.post(answer.url, {"password": "not this one"})
            assert opened(browser).status_code == 302
            browser.post(answer.url, {"password": PASSWORD})
        assert opened(browser).status_code == 200
        done = set_up(browser)
        # The codes for an emergency are shown in the same sitting.
        assert done.url == reverse("mfa_view_recovery_codes")
        assert browser.get(done.url).status_code == 200
    assert User.objects.get(pk=user.pk).has_second_factor


def test_a_page_left_open_too_long_sets_nothing_up() -> None:
    user, browser, begun = real_user(), Browser(), time.time()
    with time_machine.travel(begun, tick=False):
        sign_in(browser, user.email)
        assert opened(browser).status_code == 200
    with time_machine.travel(begun + WINDOW + 1, tick=False):
        asked = set_up(browser)
        assert asked.url.startswith(reverse("account_reauthenticate"))
        assert not User.objects.get(pk=user.pk).has_second_factor
        # With the password the code that was sent goes through.
        assert browser.post(asked.url, {"password": PASSWORD}).status_code == 302
    assert User.objects.get(pk=user.pk).has_second_factor


def test_a_session_that_no_password_began_is_asked() -> None:
    user = real_user()
    assert opened(signed_in(user)).url.startswith(reverse("account_reauthenticate"))


def test_who_has_a_factor_takes_it_off_by_that_factor_alone() -> None:
    user, browser, begun = real_user(), Browser(), time.time()
    with time_machine.travel(begun - 3600, tick=False):
        secret = enrol(user)
    with time_machine.travel(begun, tick=False):
        sign_in(browser, user.email)
        browser.post(reverse("mfa_authenticate"), {"code": code(secret)})
        assert browser.get(reverse("profile")).status_code == 200
        asked = browser.post(reverse("mfa_deactivate_totp"))
        assert asked.url.startswith((reverse("mfa_reauthenticate"), reverse("account_reauthenticate")))
        new = browser.get(reverse("mfa_generate_recovery_codes"))
        assert new.status_code == 302
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_signing_in_is_no_proof_for_an_act_that_binds() -> None:
    manager = make_user(Role.COLLECTIONS_MANAGER)
    collector = make_user(Role.COLLECTOR)
    request = an_escalation(a_case(make_client(), owner=collector), by=collector)
    browser = Browser()
    sign_in(browser, manager.email)
    told = {"decision": "APPROVED", "digest": request.digest, "reason": ""}
    asked = browser.post(reverse("escalation_decide", args=[request.pk]), told)
    assert asked.url.startswith(reverse("account_reauthenticate"))
