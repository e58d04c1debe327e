"""How many SMS one number gets in a day: what is more is held back and leaves the next, over real HTTP."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import ProgrammingError, connections, transaction
from django.test import override_settings
from django.urls import reverse

from accounts.choices import Role
from common import clock
from common.clock import RIYADH
from common.exceptions import Refused
from common.message_limits import SHIPPED, limit_of, limit_set, limit_standing
from common.models import Message, MessageAttempt, MessageLimit
from common.sending import outbox_run
from common.tests.outbox_world import SMTP, a_client, mail_server, queued, sms_server, state
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 23, 0, tzinfo=RIYADH)
OTHER = "+966557654321"


@pytest.fixture
def two_a_day() -> Any:
    with clock.at(AT):
        limit_set(user=make_user(Role.COLLECTIONS_MANAGER), sms_a_day=2, reason="شكوى من كثرة الرسائل")
        yield


class TestHeldBack:
    def test_what_is_more_waits_for_the_next_morning_and_is_not_lost(self, two_a_day: None) -> None:
        client = a_client()
        with sms_server() as provider:
            texts = [queued(client, channel="SMS") for _each in range(3)]
            other = queued(client, channel="SMS", address=OTHER)
            outbox_run()
            assert [state(one)[0] for one in texts] == ["SENT", "SENT", "QUEUED"]
            assert state(other)[0] == "SENT"
            held = Message.objects.get(pk=texts[2].pk)
            assert (held.attempts_made, held.last_code) == (0, "DAY_FULL")
            assert held.next_at == dt.datetime(2026, 3, 2, 8, 0, tzinfo=RIYADH)
            assert not MessageAttempt.objects.filter(message=held).exists()
            assert outbox_run().count == 0
            with clock.at(held.next_at):
                outbox_run()
            assert state(held) == ("SENT", 1, "TAKEN")
        assert len(provider.asked) == 4

    def test_the_day_is_that_of_riyadh(self, two_a_day: None) -> None:
        client = a_client()
        with sms_server():
            for _each in range(2):
                queued(client, channel="SMS")
            outbox_run()
            with clock.at(dt.datetime(2026, 3, 1, 21, 0, tzinfo=dt.UTC)):  # midnight in Riyadh
                fresh = queued(client, channel="SMS")
                outbox_run()
                assert state(fresh)[0] == "SENT"

    def test_mail_is_never_held_back(self, two_a_day: None) -> None:
        client = a_client()
        with mail_server() as inbox, override_settings(EMAIL_BACKEND=SMTP):
            for _each in range(4):
                queued(client)
            outbox_run()
        assert len(inbox.mails) == 4

    def test_what_the_provider_refused_counts_as_nothing(self, two_a_day: None) -> None:
        client = a_client()
        with sms_server() as provider:
            provider.status = 400
            for _each in range(3):
                queued(client, channel="SMS")
            outbox_run()
            assert set(Message.objects.values_list("state", flat=True)) == {"FAILED"}
            provider.status = 202
            last = queued(client, channel="SMS")
            outbox_run()
            assert state(last)[0] == "SENT"

    def test_a_code_that_waited_until_it_is_over_is_not_sent(self, two_a_day: None) -> None:
        client = a_client()
        with sms_server() as provider:
            for _each in range(2):
                queued(client, channel="SMS")
            late = queued(client, channel="SMS", template="FOLLOW_CODE", values={"code": "123456"})
            outbox_run()
            with clock.at(AT + dt.timedelta(hours=9)):
                outbox_run()
            assert state(late)[::2] == ("FAILED", "OVER")
        assert len(provider.asked) == 2


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_workers_never_send_one_number_more_than_its_day(self) -> None:
        client = a_client()
        limit_set(user=make_user(Role.COLLECTIONS_MANAGER), sms_a_day=5, reason="حد")
        for _each in range(20):
            queued(client, channel="SMS")

        def work(_worker: int) -> None:
            try:
                outbox_run(limit=100)
            finally:
                connections.close_all()

        with sms_server() as provider, ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))
        assert len(provider.asked) == 5
        assert Message.objects.filter(state="SENT").count() == 5
        assert Message.objects.filter(state="QUEUED", last_code="DAY_FULL").count() == 15


class TestTheValue:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_is_set_through_the_page_with_its_reason(self, language: str) -> None:
        manager = make_user(Role.COLLECTIONS_MANAGER)
        browser = enter(manager, language)
        assert limit_of(limit_standing()) == SHIPPED
        address = reverse("message_limit")
        for wrong in ({"sms_a_day": 0, "limit_reason": "x"}, {"sms_a_day": 5}, {"sms_a_day": 101, "limit_reason": "x"}):
            assert browser.post(address, wrong).status_code == 422
        assert browser.post(address, {"sms_a_day": 5, "limit_reason": "حملة"}).status_code == 302
        assert limit_of(limit_standing()) == 5
        page = browser.get(reverse("messages"))
        assert in_language(page, language)
        assert "حملة" in words(page)

    def test_every_value_stands(self, two_a_day: None) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            MessageLimit.objects.update(sms_a_day=99)
        for wrong in (0, 101):
            with pytest.raises(Refused):
                limit_set(user=make_user(Role.ADMINISTRATOR, name=f"n{wrong}"), sms_a_day=wrong, reason="x")
