"""The outbox: what is written, under whose key, what the database refuses, and what people do with a message."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from accounts.choices import Role
from collections_app.models import ContactPoint
from collections_app.selectors.contact_points import recipient_of
from common import clock, crypto
from common.audit import Actor
from common.choices import MESSAGE_MOVES, MessageState
from common.exceptions import Conflict, Refused
from common.models import AuditEvent, Message, MessageAttempt, MessageTemplate
from common.outbox import (
    Recipient,
    message_cancel,
    message_confirm,
    message_opened,
    message_queue,
    message_resend,
    messages_cancel,
    outbox_lift,
    outbox_stop,
)
from common.sending import outbox_run
from common.tests.outbox_world import AHEAD, PAID, mail_server, queued, state
from legal.tests.evidence_world import World
from tests.world import ACTOR, a_case, make_client, make_user

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


def refused(code: str, **given: Any) -> Refused:
    client = make_client("ZZZ")
    with pytest.raises(Refused) as caught:
        queued(client, **given)
    assert caught.value.code == code
    assert not Message.objects.exists()
    return caught.value


class TestQueueing:
    def test_it_is_written_sealed_and_says_what_the_approved_text_says(self) -> None:
        message = queued(make_client("AAA"))
        opened = message_opened(message=message)
        assert opened["address"] == "sami@example.com"
        assert opened["subject"] == "استلام دفعة بالمرجع \u2068P-77\u2069"
        assert "السلام عليكم سامي العتيبي،" in opened["text"]
        assert "بمبلغ \u20681,250.00\u2069" in opened["text"]
        assert '<html lang="ar" dir="rtl">' in opened["html"]
        assert "<bdi>1,250.00</bdi>" in opened["html"]
        found = Message.objects.get()
        assert (found.state, found.attempts_made, found.attempts_left) == ("QUEUED", 0, 6)
        assert found.address_hint == "…@example.com"
        for sealed in (found.address_sealed, found.content_sealed):
            assert b"sami" not in bytes(sealed)
            assert "سامي".encode() not in bytes(sealed)
        event = AuditEvent.objects.get(action="message.queued")
        assert event.client_id == found.client_id
        assert "sami" not in str(event.body)

    def test_it_falls_with_the_transaction_that_wanted_it(self) -> None:
        client = make_client("AAA")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            queued(client)
            raise ZeroDivisionError
        assert not Message.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_outside_a_transaction_nothing_is_queued(self) -> None:
        client = make_client("AAA")
        with pytest.raises(RuntimeError, match="inside the transaction"):
            message_queue(
                actor=ACTOR, client_id=client.pk, subject=client, template="PAYMENT_RECEIVED", language="ar",
                channel="EMAIL", to=Recipient(address="a@example.com"), values=PAID,
            )  # fmt: skip

    def test_workers_are_woken_once_a_transaction(self, django_capture_on_commit_callbacks: Any) -> None:
        client = make_client("AAA")
        with django_capture_on_commit_callbacks() as woken:
            queued(client)
            queued(client)
            queued(client, not_before=clock.now() + dt.timedelta(hours=1))
        assert len(woken) == 1
        with django_capture_on_commit_callbacks() as woken:
            queued(client, not_before=clock.now() + dt.timedelta(hours=1))
        assert not woken

    def test_the_same_key_is_the_same_message(self) -> None:
        client = make_client("AAA")
        first = queued(client, once_key="ack-1")
        assert queued(client, once_key="ack-1").pk == first.pk
        assert queued(client, once_key="ack-2").pk != first.pk
        assert Message.objects.count() == 2

    @pytest.mark.parametrize("address", ["", "sami", "a@b", "a@example.com\nBcc: b@example.com", "a b@example.com"])
    def test_an_address_no_mail_reaches_is_refused(self, address: str) -> None:
        refused("message_address", address=address)

    @pytest.mark.parametrize("address", ["", "0551234567", "+0551234567", "+966", "+96655123456x", "+9665512345678901"])
    def test_a_number_that_is_not_e164_is_refused(self, address: str) -> None:
        refused("message_address", channel="SMS", address=address)

    def test_a_missing_value_is_named(self) -> None:
        error = refused("message_values", values={**PAID, "amount": " "})
        assert "amount" in str(error.message)

    def test_a_text_nobody_wrote_is_refused(self) -> None:
        refused("message_template", template="LEGAL_STEP_AHEAD", channel="SMS", values=AHEAD)
        with pytest.raises(LookupError):
            queued(make_client("AAA"), template="NOTHING")

    def test_without_a_party_each_message_has_a_key_of_its_own(self) -> None:
        client = make_client("AAA")
        one, two = queued(client), queued(client)
        assert bytes(one.wrapped_key) != bytes(two.wrapped_key)
        Message.objects.filter(pk=one.pk).update(wrapped_key=None)
        with pytest.raises(crypto.Unreadable):
            message_opened(message=Message.objects.get(pk=one.pk))
        assert message_opened(message=two)

    def test_a_contact_points_message_dies_with_the_partys_key(self) -> None:
        case = a_case(make_client("AAA"), email="sara@example.com")
        point = ContactPoint.objects.get(debtor=case.debtor, kind="EMAIL")
        message = queued(case.client, to=recipient_of(point=point), subject=case)
        assert (message.party_id, message.wrapped_key) == (case.debtor.party_id, None)
        assert message.contact_point_id == point.pk
        assert message_opened(message=message)["address"] == "sara@example.com"
        party = case.debtor.party
        party.wrapped_key = None
        party.save(update_fields=["wrapped_key"])
        with pytest.raises(crypto.Unreadable):
            message_opened(message=message)
        outbox_run()
        assert state(message) == ("FAILED", 1, "UNREADABLE")


class TestLegalThreat:
    def test_a_legal_step_is_told_of_under_a_live_authorisation_alone(self) -> None:
        case = a_case(make_client("AAA"))
        with pytest.raises(Refused, match="message_no_authority"):
            queued(case.client, subject=case, template="LEGAL_STEP_AHEAD", values=AHEAD)
        # What is no case, and hangs on none, has no authorisation either.
        with pytest.raises(Refused, match="message_no_authority"):
            queued(case.client, template="LEGAL_STEP_AHEAD", values=AHEAD)

    def test_an_authorisation_revoked_before_it_leaves_holds_it_back(self) -> None:
        from legal.services.authorisations import authorisation_revoke

        world = World(email="sami@example.com")
        authorisation = world.authorised()
        with mail_server() as inbox:
            sent = queued(world.case.client, subject=world.case, template="LEGAL_STEP_AHEAD", values=AHEAD)
            outbox_run()
            held = queued(world.case.client, subject=world.case, template="LEGAL_STEP_AHEAD", values=AHEAD)
            authorisation_revoke(user=world.manager, authorisation=authorisation, reason="طلب العميل")
            outbox_run()
        assert state(sent) == ("SENT", 1, "TAKEN")
        assert state(held) == ("FAILED", 1, "NO_AUTHORITY")
        assert len(inbox.mails) == 1
        assert "خطوة قانونية، هي طلب التنفيذ" in inbox.mails[0].get_body(("plain",)).get_content()


def acted(action: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(action=action).values_list("body", flat=True))


class TestPeople:
    def in_doubt(self) -> Message:
        with mail_server() as inbox:
            inbox.hangs_up = True
            message = queued(make_client("AAA"))
            outbox_run()
        assert state(message) == ("IN_DOUBT", 1, "SILENT")
        return message

    def test_what_is_in_doubt_is_sent_again_by_a_person_with_a_reason_and_under_its_name(self) -> None:
        message = self.in_doubt()
        with mail_server() as inbox:
            outbox_run()
            assert inbox.mails == []
            with pytest.raises(Refused, match="message_reason"):
                message_resend(actor=BY, message=message, reason="  ")
            message_resend(actor=BY, message=message, reason="ليس في سجل الخادم")
            outbox_run()
        assert state(message) == ("SENT", 2, "TAKEN")
        assert [str(message.key) in name for name in inbox.ids] == [True]
        assert acted("message.resent") == [{"reason": "ليس في سجل الخادم", "was": "IN_DOUBT"}]
        with pytest.raises(Conflict):
            message_resend(actor=BY, message=message, reason="مرة أخرى")
        assert list(message.attempts.values_list("number", "outcome")) == [(1, "DOUBT"), (2, "SENT")]

    def test_a_person_says_that_it_left(self) -> None:
        message = self.in_doubt()
        message_confirm(actor=BY, message=message, reason="في سجل الخادم")
        found = Message.objects.get()
        assert (found.state, found.sent_at) == ("SENT", found.claimed_at)
        assert acted("message.confirmed") == [{"reason": "في سجل الخادم"}]
        with pytest.raises(Conflict):
            message_confirm(actor=BY, message=message, reason="في سجل الخادم")

    def test_what_waits_is_cancelled_one_by_one_or_all_about_a_thing(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        one, two, theirs = queued(client), queued(client), queued(other)
        message_cancel(actor=BY, message=one, reason="دُفع")
        with pytest.raises(Conflict):
            message_cancel(actor=BY, message=one, reason="دُفع")
        assert messages_cancel(actor=BY, subject=client, reason="أُغلق الملف") == 1
        assert [state(m)[0] for m in (one, two, theirs)] == ["CANCELLED", "CANCELLED", "QUEUED"]
        with mail_server() as inbox:
            outbox_run()
        assert len(inbox.mails) == 1

    def test_a_stop_holds_a_channel_a_client_or_all_and_lifting_lets_them_leave(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        user = make_user(Role.COLLECTIONS_MANAGER)
        mine, theirs = queued(client), queued(other)
        with mail_server() as inbox:
            by_sms = outbox_stop(user=user, channel="SMS", reason="عطل عند المزوّد")
            all_of_one = outbox_stop(user=user, client_id=client.pk, reason="طلب العميل")
            with pytest.raises(Conflict):
                outbox_stop(user=user, client_id=client.pk, reason="طلب العميل")
            outbox_run()
            assert (state(mine)[0], state(theirs)[0]) == ("QUEUED", "SENT")
            everything = outbox_stop(user=user, reason="تحقيق")
            late = queued(other)
            outbox_run()
            assert state(late) == ("QUEUED", 0, "")
            outbox_lift(user=user, stop=everything)
            outbox_run()
            assert (state(mine)[0], state(late)[0]) == ("QUEUED", "SENT")
            outbox_lift(user=user, stop=all_of_one)
            with pytest.raises(Conflict):
                outbox_lift(user=user, stop=all_of_one)
            outbox_run()
        assert state(mine)[0] == "SENT"
        assert len(inbox.mails) == 3
        assert by_sms.lifted_at is None
        assert len(acted("outbox.stopped")) == 3
        assert len(acted("outbox.lifted")) == 2


class TestTheDatabaseHasTheLastWord:
    def run(self, sql: str, *values: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def refuses(self, sql: str, *values: Any) -> None:
        with pytest.raises(DatabaseError):
            self.run(sql, *values)

    def test_a_message_stands_as_written_and_moves_as_declared(self) -> None:
        message = queued(make_client("AAA"))
        for column, value in [
            ("content_sealed", b"x"), ("address_sealed", b"x"), ("client_id", None), ("template_id", 1),
            ("subject_id", 1), ("key", str(uuid.uuid4())), ("queued_at", clock.now()),
        ]:  # fmt: skip
            self.refuses(f"UPDATE common_message SET {column} = %s WHERE id = %s", value, message.pk)
        self.refuses("UPDATE common_message SET state = 'SENT', sent_at = now() WHERE id = %s", message.pk)
        self.refuses("UPDATE common_message SET state = 'IN_DOUBT' WHERE id = %s", message.pk)
        self.refuses("UPDATE common_message SET state = 'CLAIMED', claimed_at = now() WHERE id = %s", message.pk)
        self.refuses("DELETE FROM common_message WHERE id = %s", message.pk)
        self.run("UPDATE common_message SET state = 'CANCELLED' WHERE id = %s", message.pk)
        self.refuses("UPDATE common_message SET last_code = 'X' WHERE id = %s", message.pk)

    def test_the_moves_are_the_declared_ones(self) -> None:
        """Every pair of states, tried: the table and the trigger say the same."""
        reached = {
            "QUEUED": [], "CLAIMED": ["CLAIMED"], "FAILED": ["FAILED"], "CANCELLED": ["CANCELLED"],
            "SENT": ["CLAIMED", "SENT"], "IN_DOUBT": ["CLAIMED", "IN_DOUBT"],
        }  # fmt: skip
        client = make_client("AAA")

        def move(message: Message, to: str) -> None:
            self.run(
                "UPDATE common_message SET state = %s, claimed_at = now(),"
                " sent_at = CASE WHEN %s = 'SENT' THEN now() END,"
                " attempts_made = attempts_made + (%s = 'CLAIMED')::int WHERE id = %s",
                to, to, to, message.pk,
            )  # fmt: skip

        for before, way in reached.items():
            for after in set(MessageState.values) - {before}:
                message = queued(client)
                for step in way:
                    move(message, step)
                if after in MESSAGE_MOVES[before]:
                    move(message, after)
                else:
                    with pytest.raises(DatabaseError):
                        move(message, after)

    def test_attempts_and_stops_stand_and_of_another_client_none_hangs_on_a_message(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        message = queued(client)
        outbox_run_refused()
        attempt = MessageAttempt.objects.get()
        self.refuses("UPDATE common_messageattempt SET outcome = 'SENT' WHERE id = %s", attempt.pk)
        self.refuses("DELETE FROM common_messageattempt WHERE id = %s", attempt.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            MessageAttempt.objects.create(
                message=message, client_id=other.pk, number=9, began_at=clock.now(), ended_at=clock.now(),
                outcome="SENT", code="TAKEN",
            )  # fmt: skip
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        stop = outbox_stop(user=make_user(Role.ADMINISTRATOR), reason="تحقيق")
        self.refuses("UPDATE common_messagestop SET reason = 'x' WHERE id = %s", stop.pk)
        self.refuses("DELETE FROM common_messagestop WHERE id = %s", stop.pk)

    def test_a_text_is_used_once_it_was_approved(self) -> None:
        user = make_user(Role.COLLECTIONS_MANAGER)
        given = {"code": "PAYMENT_RECEIVED", "channel": "SMS", "language": "ar", "version": 7, "body": "نص",
                 "prepared_by": user, "prepared_at": clock.now()}  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            MessageTemplate.objects.create(**given, state="APPROVED")
        draft = MessageTemplate.objects.create(**given)
        self.refuses("UPDATE common_messagetemplate SET state = 'APPROVED' WHERE id = %s", draft.pk)
        self.run("UPDATE common_messagetemplate SET state = 'PROPOSED' WHERE id = %s", draft.pk)
        self.refuses("UPDATE common_messagetemplate SET state = 'APPROVED' WHERE id = %s", draft.pk)
        self.refuses("UPDATE common_messagetemplate SET body = 'x' WHERE id = %s", draft.pk)
        self.refuses("DELETE FROM common_messagetemplate WHERE id = %s", draft.pk)
        with pytest.raises(DatabaseError), transaction.atomic():
            Message.objects.create(
                key=uuid.uuid4(), subject_type="x", subject_id=1, template=draft, channel="SMS", language="ar",
                address_sealed=b"x", address_hint="x", content_sealed=b"x", queued_at=clock.now(),
                next_at=clock.now(), attempts_left=6,
            )  # fmt: skip


def outbox_run_refused() -> None:
    """One attempt that reaches nobody."""
    from common.tests.outbox_world import SMTP, free_port

    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()):
        outbox_run()
