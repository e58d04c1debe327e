"""What leaves: over real SMTP and real HTTP, by processes that are killed, servers that refuse, and two at once."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from common import clock
from common.models import AuditEvent, Message, MessageAttempt
from common.outbox import PAUSES, Recipient, message_queue, message_resend
from common.sending import LOST_AFTER, outbox_run, outbox_sweep
from common.tasks import outbox_run_task, outbox_sweep_task
from common.tests.outbox_world import (
    PAID,
    SMTP,
    a_client,
    free_port,
    mail_server,
    queued,
    silent_server,
    sms_server,
    state,
    worker,
)
from legal.tests.evidence_world import World
from tests.world import ACTOR, a_paper, make_client

pytestmark = pytest.mark.django_db


def tries(message: Message) -> list[tuple[int, str, str]]:
    return list(MessageAttempt.objects.filter(message=message).values_list("number", "outcome", "code"))


class TestMail:
    @pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
    def test_it_arrives_as_text_and_html_in_its_own_direction(self, language: str, direction: str) -> None:
        with mail_server() as inbox:
            message = queued(a_client(), language=language)
            assert outbox_run_task() == {"SENT": 1}
        mail = inbox.mails[0]
        assert mail["To"] == "sami@example.com"
        assert "P-77" in mail["Subject"]
        assert mail["Content-Language"] == language
        assert mail["Message-ID"] == f"<{message.key}@localhost>"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert ("استُلمت دفعة" if language == "ar" else "a payment of") in plain
        assert f'<html lang="{language}" dir="{direction}">' in html
        assert state(message) == ("SENT", 1, "TAKEN")
        assert tries(message) == [(1, "SENT", "TAKEN")]
        assert AuditEvent.objects.filter(action="message.sent", subject_id=message.pk).count() == 1

    def test_its_papers_go_with_it_and_those_of_others_do_not(self) -> None:
        world = World()
        paper = a_paper(world.case, by=world.collector)
        stranger = make_client("BBB")
        with mail_server() as inbox:
            message = queued(world.case.client, subject=world.case, attachments=[paper])
            outbox_run()
        assert state(message) == ("SENT", 1, "TAKEN")
        enclosed = list(inbox.mails[0].iter_attachments())
        assert [(part.get_filename(), part.get_content()[:5]) for part in enclosed] == [(paper.name, b"%PDF-")]
        for given in ({"client_id": stranger.pk}, {"attachments": [world.case]}, {"channel": "SMS"}):
            with pytest.raises(Exception, match="message_paper"):
                queued(world.case.client, **{"attachments": [paper], **given})

    def test_not_before_its_time(self) -> None:
        later = clock.now() + dt.timedelta(hours=2)
        with mail_server() as inbox:
            queued(a_client(), not_before=later)
            outbox_run()
            assert inbox.mails == []
            with clock.at(later):
                outbox_run()
            assert len(inbox.mails) == 1

    def test_a_server_that_is_not_there_is_asked_again_with_growing_pauses_and_then_no_more(self) -> None:
        message, at = queued(a_client()), clock.now()
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()):
            for number, pause in enumerate([*PAUSES, None], start=1):
                with clock.at(at - dt.timedelta(seconds=1)):
                    assert number == 1 or outbox_run().count == 0
                with clock.at(at):
                    assert outbox_run().outcomes == {"LATER": 1}
                found = Message.objects.get()
                assert found.attempts_made == number
                if pause is not None:
                    assert (found.state, found.next_at) == ("QUEUED", at + pause)
                    at = found.next_at
        assert state(message) == ("FAILED", 6, "UNREACHABLE")
        assert tries(message) == [(n, "LATER", "UNREACHABLE") for n in range(1, 7)]

    def test_while_nobody_answers_one_message_a_run_finds_out(self) -> None:
        client = a_client()
        first, second = queued(client), queued(client)
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()):
            outbox_run()
        assert (state(first)[1], state(second)[1]) == (1, 0)

    @pytest.mark.parametrize(
        ("where", "answer", "after"),
        [
            ("rcpt", "450 later", ("QUEUED", 1, "BUSY")),
            ("rcpt", "550 no such user", ("FAILED", 1, "REFUSED")),
            ("data", "451 later", ("QUEUED", 1, "BUSY")),
            ("data", "421 closing", ("QUEUED", 1, "BUSY")),
            ("data", "554 no", ("FAILED", 1, "REFUSED")),
        ],
    )
    def test_a_refusal_is_for_now_or_for_good_as_the_server_says(
        self, where: str, answer: str, after: tuple[str, int, str]
    ) -> None:
        with mail_server() as inbox:
            setattr(inbox, where, answer)
            message = queued(a_client())
            outbox_run()
        assert state(message) == after
        assert inbox.mails == []

    def test_a_server_that_never_speaks_got_nothing(self) -> None:
        with silent_server():
            message = queued(a_client())
            outbox_run()
        assert state(message) == ("QUEUED", 1, "UNREACHABLE")

    def test_a_server_that_hangs_up_leaves_doubt_and_nobody_sends_again(self) -> None:
        with mail_server() as inbox:
            inbox.hangs_up = True
            message = queued(a_client())
            outbox_run()
            inbox.hangs_up = False
            with clock.at(clock.now() + dt.timedelta(days=3)):
                outbox_sweep_task()
        assert state(message) == ("IN_DOUBT", 1, "SILENT")
        assert len(inbox.mails) == 1

    def test_no_value_stands_in_a_log(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            with mail_server() as inbox:
                inbox.data = "554 sami@example.com is unknown"
                message = queued(a_client())
                outbox_run()
            with override_settings(EMAIL_BACKEND="common.tests.test_sending.Broken"):
                message_resend(actor=ACTOR, message=message, reason="مرة أخرى")
                outbox_run()
        assert state(message) == ("IN_DOUBT", 2, "FAULT")
        # The test's own mail server logs what it hears.
        ours = "\n".join(row.getMessage() for row in caplog.records if row.name != "mail.log")
        assert "sami" not in ours
        assert "سامي" not in ours
        assert f"message {message.pk} broke" in ours


class Broken:
    """A backend with a fault of its own."""

    def __init__(self, **given: Any) -> None: ...

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send_messages(self, mails: Any) -> int:
        raise KeyError(mails[0].to)


@pytest.mark.django_db(transaction=True)
class TestProcesses:
    """Workers of their own on the committed database, killed by the very server they speak to."""

    @pytest.mark.parametrize(
        ("killed_at", "arrived"),
        # Claimed and connected; the mail is given and not answered; it was answered, and that is not written down yet.
        [("MAIL", 0), ("DATA", 1), ("QUIT", 1)],
    )
    def test_a_worker_that_dies_leaves_doubt_and_never_a_second_mail(self, killed_at: str, arrived: int) -> None:
        message = queued(a_client())
        with mail_server() as inbox:
            process = worker()
            inbox.kills, inbox.kills_at = process.pid, killed_at
            assert process.wait(60) == -9, process.stderr and process.stderr.read()
            inbox.kills = None
            assert state(message)[:2] == ("CLAIMED", 1)
            assert len(inbox.mails) == arrived
            # At once nobody knows that it died; later the sweep does.
            outbox_sweep_task()
            assert state(message)[0] == "CLAIMED"
            with clock.at(clock.now() + LOST_AFTER + dt.timedelta(seconds=1)):
                outbox_sweep_task()
                outbox_sweep_task()
            assert state(message) == ("IN_DOUBT", 1, "WORKER_LOST")
            assert len(inbox.mails) == arrived
            message_resend(actor=ACTOR, message=message, reason="ليس في السجل")
            outbox_run()
        assert state(message)[:2] == ("SENT", 2)
        assert len(inbox.mails) == arrived + 1
        assert len(set(inbox.ids)) == 1

    def test_a_worker_that_dies_before_its_claim_stands_leaves_the_message_waiting(self) -> None:
        message = queued(a_client())
        with mail_server() as inbox:
            process = worker(
                "import os, signal; from common import sending;"
                "sending.message_opened = lambda **given: os.kill(os.getpid(), signal.SIGKILL); sending.outbox_run()"
            )
            assert process.wait(60) == -9
            assert state(message) == ("QUEUED", 0, "")
            outbox_sweep_task()
        assert state(message)[:2] == ("SENT", 1)
        assert len(inbox.mails) == 1

    def test_without_a_queue_the_act_stands_and_the_sweep_sends(self) -> None:
        client = a_client()
        with mail_server() as inbox:
            process = worker(
                "from clients.models import Client; from common.tests.outbox_world import queued;"
                "queued(Client.objects.get()); print('stands')",
                REDIS_URL=f"redis://127.0.0.1:{free_port()}/0",
            )
            said, errors = process.communicate(timeout=120)
            assert said.strip() == "stands", errors
            message = Message.objects.get(client_id=client.pk)
            assert state(message) == ("QUEUED", 0, "")
            outbox_sweep_task()
        assert state(message)[0] == "SENT"
        assert len(inbox.mails) == 1

    def test_a_late_answer_still_tells_that_it_was_sent(self) -> None:
        from common import sending

        message = queued(a_client())
        with mail_server() as inbox:
            claim = sending._claim(without=set())
            assert isinstance(claim, sending.Claim)
            with clock.at(clock.now() + LOST_AFTER + dt.timedelta(seconds=1)):
                assert outbox_sweep() == 1
            assert state(message)[0] == "IN_DOUBT"
            sending._answered(claim=claim, answer=sending._sent(claim))
        assert state(message)[:2] == ("SENT", 1)
        assert tries(message) == [(1, "DOUBT", "WORKER_LOST"), (1, "SENT", "TAKEN")]
        assert len(inbox.mails) == 1

    def test_two_workers_at_once_send_a_thousand_each_exactly_once(self) -> None:
        client = a_client()
        with transaction.atomic():
            for number in range(1000):
                message_queue(
                    actor=ACTOR, client_id=client.pk, subject=client, template="PAYMENT_RECEIVED", language="ar",
                    channel="EMAIL", to=Recipient(address=f"p{number}@example.com"), values=PAID,
                )  # fmt: skip
        code = "from common.sending import outbox_run; print(outbox_run(limit=5000).count)"
        with mail_server() as inbox:
            both = [worker(code), worker(code)]
            told = [process.communicate(timeout=300) for process in both]
        done = [int(out) for out, _err in told]
        assert sum(done) == 1000
        assert all(done), "one of them did everything"
        assert Counter(str(mail["To"]) for mail in inbox.mails) == Counter(f"p{n}@example.com" for n in range(1000))
        assert len(set(inbox.ids)) == 1000
        assert Message.objects.filter(state="SENT", attempts_made=1).count() == 1000
        assert MessageAttempt.objects.filter(outcome="SENT").count() == 1000


class TestSms:
    def test_the_provider_is_asked_as_the_house_set_it_up(self) -> None:
        with sms_server() as provider:
            message = queued(a_client(), channel="SMS", values={**PAID, "client": "جهة {to}"})
            outbox_run()
        headers, body = provider.asked[0]
        assert headers["Idempotency-Key"] == str(message.key)
        assert headers["Authorization"] == "Bearer t"
        assert body["to"] == "+966551234567"
        assert body["text"].startswith(
            "استُلمت دفعتكم بمبلغ \u20681,250.00\u2069 بتاريخ \u20682026-03-15\u2069 لصالح جهة {to}،"
        )
        assert body["meta"] == [str(message.key), 1]
        assert state(message) == ("SENT", 1, "TAKEN")
        assert Message.objects.get().reference == "S-1"

    @pytest.mark.parametrize(
        ("status", "repeats", "after"),
        [
            (202, False, ("SENT", 1, "TAKEN")),
            (400, False, ("FAILED", 1, "REFUSED")),
            (404, True, ("FAILED", 1, "REFUSED")),
            (401, False, ("QUEUED", 1, "NOT_OURS")),
            (429, False, ("QUEUED", 1, "BUSY")),
            (500, False, ("IN_DOUBT", 1, "SILENT")),
            (503, True, ("QUEUED", 1, "SILENT_REPEATED")),
            (302, False, ("IN_DOUBT", 1, "SILENT")),
            (0, False, ("IN_DOUBT", 1, "SILENT")),
            (0, True, ("QUEUED", 1, "SILENT_REPEATED")),
        ],
    )
    def test_an_answer_means_what_the_adapter_declares(
        self, status: int, repeats: bool, after: tuple[str, int, str]
    ) -> None:
        with sms_server(repeats=repeats) as provider:
            provider.status = status
            message = queued(a_client(), channel="SMS")
            outbox_run()
            assert state(message) == after
            assert len(provider.asked) == 1
            provider.status = 200
            with clock.at(clock.now() + dt.timedelta(hours=1)):
                outbox_run()
        # What is asked again is asked under the same key; what is in doubt, never by itself.
        keys = {headers["Idempotency-Key"] for headers, _body in provider.asked}
        assert keys == {str(message.key)}
        assert len(provider.asked) == (2 if after[0] == "QUEUED" else 1)

    def test_a_provider_that_is_down_got_nothing(self) -> None:
        with sms_server(url=f"http://127.0.0.1:{free_port()}/", repeats=False):
            message, other = queued(a_client(), channel="SMS"), queued(make_client("BBB"), channel="SMS")
            outbox_run()
        assert state(message) == ("QUEUED", 1, "UNREACHABLE")
        assert state(other) == ("QUEUED", 0, "")

    def test_without_a_provider_sms_wait_and_mail_leaves(self) -> None:
        client = a_client()
        with mail_server(), override_settings(SMS_PROVIDER=""):
            sms, mail = queued(client, channel="SMS"), queued(client)
            outbox_run()
        assert (state(sms), state(mail)[0]) == (("QUEUED", 0, ""), "SENT")

    def test_a_checkout_shows_what_would_be_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        with override_settings(SMS_PROVIDER="common.sms.ShownSms"):
            message = queued(a_client(), channel="SMS", language="en")
            outbox_run()
        shown = capsys.readouterr().out
        assert "+966551234567\nYour payment of 1,250.00" in shown
        assert state(message) == ("SENT", 1, "TAKEN")

    def test_whose_worker_died_is_asked_again_where_the_key_makes_it_safe(self) -> None:
        from common import sending

        for repeats, after in ((True, "QUEUED"), (False, "IN_DOUBT")):
            with sms_server(repeats=repeats):
                message = queued(a_client() if repeats else make_client("BBB"), channel="SMS")
                assert isinstance(sending._claim(without=set()), sending.Claim)
                with clock.at(clock.now() + LOST_AFTER + dt.timedelta(seconds=1)):
                    outbox_sweep()
            assert state(message)[0] == after
            Message.objects.filter(pk=message.pk, state="QUEUED").update(state="CANCELLED")
