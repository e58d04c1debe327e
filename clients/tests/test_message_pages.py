"""Messages and their texts at the doors: who sees what, what opening leaves behind, and two people for a text."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AccessRecord, User
from common.approvals import approval_of
from common.models import AuditEvent, Message, MessageStop, MessageTemplate
from common.outbox import message_opened
from common.sending import outbox_run
from common.tests.outbox_world import mail_server, queued, sms_server, state
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import make_client, make_user, signed_in

pytestmark = pytest.mark.django_db
TEXT = ("PAYMENT_RECEIVED", "SMS", "ar")


def in_doubt(client: Any) -> Message:
    with mail_server() as inbox:
        inbox.hangs_up = True
        message = queued(client)
        outbox_run()
    return message


class TestTheList:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_what_must_be_decided_stands_first_in_both_languages(self, language: str) -> None:
        client = make_client("AAA")
        in_doubt(client)
        queued(client)
        page = enter(make_user(Role.COMPLAINTS_OFFICER), language).get(reverse("messages"))
        assert in_language(page, language)
        assert page.context["view"] == "open"
        assert page.context["counts"] == {"open": 1, "waiting": 1, "sent": 0, "cancelled": 0}
        assert ("انقطع رد الخادم" if language == "ar" else "stopped answering") in words(page)
        assert "…@example.com" in words(page)

    def test_by_channel_client_and_state(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        mine = queued(client)
        queued(client, channel="SMS")
        queued(other)
        browser = enter(make_user(Role.QUALITY_OFFICER))

        def listed(**asked: Any) -> list[int]:
            page = browser.get(reverse("messages"), asked)
            return sorted(line.message.pk for line in page.context["lines"])

        assert len(listed()) == 3
        assert listed(channel="EMAIL", client=client.pk) == [mine.pk]
        assert len(listed(channel="EMAIL")) == 2
        assert listed(view="sent") == []
        # What nobody could ask for is not asked for.
        assert len(listed(channel="FAX", client="x", view="y", page="z")) == 3

    def test_the_administrator_sees_that_there_are_messages_and_not_to_whom(self) -> None:
        message = in_doubt(make_client("AAA"))
        browser = enter(make_user(Role.ADMINISTRATOR))
        for page in (browser.get(reverse("messages")), browser.get(reverse("message", args=[message.pk]))):
            assert page.status_code == 200
            assert "example.com" not in words(page)
        assert browser.post(reverse("message_reveal", args=[message.pk])).status_code == 404
        assert not AccessRecord.objects.filter(what="message.reveal").exists()

    def test_the_list_costs_the_same_however_long_it_is(self) -> None:
        client = make_client("AAA")
        browser = enter(make_user(Role.QUALITY_OFFICER))
        queued(client)
        few = queries(lambda: browser.get(reverse("messages")))
        for _n in range(20):
            queued(client)
        assert queries(lambda: browser.get(reverse("messages"))) == few


class TestOne:
    @pytest.mark.requirement("CX-15")
    @pytest.mark.parametrize("role", [Role.COLLECTIONS_MANAGER, Role.COMPLAINTS_OFFICER, Role.AUDITOR])
    def test_it_is_opened_after_the_look_was_written_down(self, role: str) -> None:
        message = queued(make_client("AAA"))
        user = make_user(role)
        browser, address = enter(user), reverse("message", args=[message.pk])
        before = words(browser.get(address))
        assert "sami@example.com" not in before
        assert "سامي العتيبي" not in before
        assert browser.post(reverse("message_reveal", args=[message.pk])).status_code == 302
        look = AccessRecord.objects.get(what="message.reveal")
        assert (look.user_id, look.subject_id) == (user.pk, message.pk)
        after = words(browser.get(address))
        assert "sami@example.com" in after
        assert "سامي العتيبي" in after
        # Somebody else's look opens nothing for me.
        assert "sami@example.com" not in words(enter(make_user(role, name="other")).get(address))

    def test_what_a_key_no_longer_opens_says_so(self) -> None:
        message = queued(make_client("AAA"))
        Message.objects.update(wrapped_key=None)
        browser = enter(make_user(Role.QUALITY_OFFICER), "en")
        browser.post(reverse("message_reveal", args=[message.pk]))
        assert "the key was destroyed" in words(browser.get(reverse("message", args=[message.pk])))

    def test_what_is_in_doubt_waits_for_a_person_who_says_why(self) -> None:
        client = make_client("AAA")
        user = make_user(Role.COMPLAINTS_OFFICER)
        browser = enter(user, "en")
        for door, after in (("message_resend", "QUEUED"), ("message_confirm", "SENT"), ("message_cancel", "CANCELLED")):
            message = in_doubt(client)
            address = reverse(door, args=[message.pk])
            assert browser.post(address, {"reason": " "}).status_code == 422
            assert state(message)[0] == "IN_DOUBT"
            assert browser.post(address, {"reason": "by the server's log"}).status_code == 302
            assert state(message)[0] == after
            page = words(browser.get(reverse("message", args=[message.pk])))
            assert "by the server&#x27;s log" in page
            event = AuditEvent.objects.filter(subject_type="common.Message", subject_id=message.pk).latest("pk")
            assert (event.actor_id, event.body["reason"]) == (user.pk, "by the server's log")
            # Said again it is refused, on the page.
            if after != "QUEUED":
                again = browser.post(address, {"reason": "again"})
                assert again.status_code == 422
                assert "moved on since you opened it" in words(again)
        assert browser.post(reverse("message_resend", args=[10**9]), {"reason": "x"}).status_code == 404

    def test_a_stop_is_made_and_lifted_at_the_door(self) -> None:
        client = make_client("AAA")
        message = queued(client)
        browser = enter(make_user(Role.ADMINISTRATOR), "en")
        door = reverse("message_stop")
        given = {"channel": "EMAIL", "client_id": client.pk, "reason": "a wrong text went out"}
        assert browser.post(door, given).status_code == 302
        again = browser.post(door, given)
        assert again.status_code == 422
        assert "stopped already" in words(again)
        for wrong in ({"reason": ""}, {"reason": "x", "channel": "FAX"}, {"reason": "x", "client_id": "99999"}):
            assert browser.post(door, {**given, **wrong}).status_code == 422
        with mail_server() as inbox:
            outbox_run()
            assert inbox.mails == []
            assert "a wrong text went out" in words(browser.get(reverse("messages")))
            lift = reverse("message_stop_lift", args=[MessageStop.objects.get().pk])
            assert browser.post(lift).status_code == 302
            assert "lifted already" in words(browser.post(lift, follow=True))
            outbox_run()
        assert state(message)[0] == "SENT"


class Desk:
    """Who prepares a text, and who else may decide it."""

    def __init__(self) -> None:
        self.manager = make_user(Role.COLLECTIONS_MANAGER)
        self.other = make_user(Role.COLLECTIONS_MANAGER, name="other")
        self.general = make_user(Role.GENERAL_MANAGER)
        self.browser = signed_in(self.manager, proven=True)

    def drafted(self) -> MessageTemplate:
        assert self.browser.post(reverse("message_template_draft", args=TEXT)).status_code == 302
        return MessageTemplate.objects.get(state="DRAFT")

    def edited(self, draft: MessageTemplate, **given: Any) -> Any:
        return self.browser.post(reverse("message_template_edit", args=[draft.pk]), given)

    def proposed(self, body: str = "وصلتنا دفعتكم {amount}. شكرًا.") -> MessageTemplate:
        draft = self.drafted()
        assert self.edited(draft, body=body).status_code == 302
        door = reverse("message_template_propose", args=[draft.pk])
        assert self.browser.post(door, {"reason": "أقصر"}).status_code == 302
        draft.refresh_from_db()
        assert draft.state == "PROPOSED"
        return draft

    def decides(self, user: User, draft: MessageTemplate, decision: str = "APPROVED", reason: str = "") -> int:
        approval = approval_of(subject=draft)
        assert approval is not None
        return int(
            signed_in(user, proven=True)
            .post(
                reverse("approval_decide", args=[approval.pk]),
                {"decision": decision, "digest": approval.digest, "reason": reason},
            )
            .status_code
        )


class TestTexts:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_text_shows_what_a_person_gets(self, language: str) -> None:
        for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.GENERAL_MANAGER, Role.QUALITY_OFFICER):
            browser = enter(make_user(role), language)
            page = browser.get(reverse("message_templates"))
            assert in_language(page, language)
            for line in page.context["lines"]:
                one = browser.get(
                    reverse("message_template", args=[line.kind.code, line.channel, line.language])
                )  # fmt: skip
                assert one.status_code == 200
                shown, told = words(one), [getattr(p, f"example_{line.language}") for p in line.kind.places]
                assert line.channel == "SMS" or any(example in shown for example in told), line.kind.code
            for nothing in (
                ("NOTHING", "SMS", "ar"),
                ("PAYMENT_RECEIVED", "FAX", "ar"),
                ("LEGAL_STEP_AHEAD", "SMS", "en"),
            ):
                assert browser.get(reverse("message_template", args=nothing)).status_code == 404
            assert queries(lambda browser=browser: browser.get(reverse("message_templates"))) < 14
        # Looking writes nothing.
        assert not MessageTemplate.objects.exists()

    @pytest.mark.requirement("PL-19")
    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ("إن لم تسددوا أبلغنا الشُّرطة", "الشُّرطة"),
            ("سيُدرج اسمكم في سمة", "سمة"),
            ("We will tell SAMA about {amount}", "SAMA"),
            ("شكرًا أيها المماطل", "المماطل"),
        ],
    )
    def test_forbidden_wording_is_refused_where_it_is_saved_with_the_word_named(self, body: str, named: str) -> None:
        desk = Desk()
        draft = desk.drafted()
        for given in ({"body": body}, {"body": body, "preview": "yes"}, {"body": body, "threatens": "on"}):
            page = desk.edited(draft, **given)
            assert page.status_code == 422
            assert f"«{named}»" in words(page)
        draft.refresh_from_db()
        assert named not in draft.body

    def test_a_legal_step_must_be_marked(self) -> None:
        desk = Desk()
        draft = desk.drafted()
        page = desk.edited(draft, body="سترفع دعوى")
        assert page.status_code == 422
        assert "«دعوى»" in words(page)
        assert desk.edited(draft, body="سترفع دعوى", threatens="on").status_code == 302
        draft.refresh_from_db()
        assert draft.threatens

    def test_a_preview_shows_and_saves_nothing(self) -> None:
        desk = Desk()
        draft = desk.drafted()
        before = draft.body
        page = desk.edited(draft, body="مرحبًا {holder}", preview="yes")
        assert page.status_code == 200
        assert "مرحبًا سامي بن ناصر العتيبي" in words(page)
        draft.refresh_from_db()
        assert draft.body == before
        assert desk.edited(draft, body="{nothing}", preview="yes").status_code == 422

    @pytest.mark.requirement("CX-01")
    def test_a_text_is_sent_once_another_person_approved_it(self) -> None:
        desk, client = Desk(), make_client("AAA")
        before = queued(client, channel="SMS")
        draft = desk.proposed()
        # Neither who prepared it, nor who has no inbox.
        assert desk.decides(desk.manager, draft) == 422
        assert desk.decides(make_user(Role.QUALITY_OFFICER), draft) == 404
        assert queued(client, channel="SMS").template_id == before.template_id
        assert desk.decides(desk.other, draft) == 302
        after = queued(client, channel="SMS")
        assert after.template_id == draft.pk
        with sms_server() as provider:
            outbox_run()
        assert [body["text"] for _h, body in provider.asked][-1] == "وصلتنا دفعتكم \u20681,250.00\u2069. شكرًا."
        assert "1,250.00\u2069 بتاريخ" in provider.asked[0][1]["text"]
        assert message_opened(message=before)["text"] == provider.asked[0][1]["text"]
        actions = AuditEvent.objects.filter(subject_type="common.MessageTemplate", subject_id=draft.pk)
        assert list(actions.order_by("pk").values_list("action", flat=True)) == [
            f"message_template.{act}" for act in ("drafted", "edited", "proposed", "approved")
        ]
        assert approval_of(subject=draft) is None
        # A second version begins where the first stands.
        assert desk.drafted().body == draft.body

    def test_what_was_rejected_or_taken_back_is_not_sent(self) -> None:
        desk, client = Desk(), make_client("AAA")
        draft = desk.proposed()
        assert desk.edited(draft, body="غيره").status_code == 422
        assert desk.browser.post(reverse("message_template_withdraw", args=[draft.pk])).status_code == 302
        assert desk.edited(draft, body="نص آخر").status_code == 302
        assert (
            desk.browser.post(reverse("message_template_propose", args=[draft.pk]), {"reason": "أوضح"}).status_code
            == 302
        )
        assert desk.decides(desk.general, draft, "REJECTED") == 422
        assert desk.decides(desk.general, draft, "REJECTED", "طويل") == 302
        draft.refresh_from_db()
        assert draft.state == "REJECTED"
        assert queued(client, channel="SMS").template.version == 1
        again = desk.drafted()
        assert again.version == 3
        assert desk.browser.post(reverse("message_template_discard", args=[again.pk])).status_code == 302
        assert not MessageTemplate.objects.filter(state="DRAFT").exists()

    def test_one_change_at_a_time_and_by_whoever_began_it(self) -> None:
        desk = Desk()
        draft = desk.drafted()
        assert desk.browser.post(reverse("message_template_draft", args=TEXT)).status_code == 302
        assert MessageTemplate.objects.filter(state="DRAFT").count() == 1
        other = signed_in(desk.other)
        assert other.post(reverse("message_template_edit", args=[draft.pk]), {"body": "نص"}).status_code == 422
        other.post(reverse("message_template_propose", args=[draft.pk]), {"reason": "أوضح"})
        draft.refresh_from_db()
        assert (draft.state, draft.body == "نص") == ("DRAFT", False)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_inbox_shows_the_text_beside_its_decision(self, language: str) -> None:
        desk = Desk()
        desk.proposed()
        page = enter(desk.general, language).get(reverse("inbox"))
        assert in_language(page, language)
        assert "وصلتنا دفعتكم 1,250.00 ر.س" in words(page)

    def test_what_the_code_ships_newly_is_sent_until_people_changed_it(self) -> None:
        from common import slots
        from common.messages import MessageKind, Text

        client, desk = make_client("AAA"), Desk()
        one = queued(client, channel="SMS").template
        kinds = slots.filled("message_kinds")
        kind = next(kind for kind in kinds if kind.code == "PAYMENT_RECEIVED")

        def shipped(body: str) -> None:
            texts = tuple(
                Text(channel="SMS", language="ar", body=body) if (t.channel, t.language) == ("SMS", "ar") else t
                for t in kind.texts
            )
            newer = MessageKind(code=kind.code, words=kind.words, places=kind.places, texts=texts)
            slots.fill({**slots._slots, "message_kinds": (newer, *(k for k in kinds if k is not kind))})

        try:
            shipped("دفعة جديدة {amount}")
            two = queued(client, channel="SMS").template
            assert (one.version, two.version, two.body) == (1, 2, "دفعة جديدة {amount}")
            assert queued(client, channel="SMS").template_id == two.pk
            theirs = desk.proposed()
            # While theirs waits, the code ships another, which is sent and takes the next number.
            shipped("دفعة بينهما {amount}")
            assert queued(client, channel="SMS").template.version == theirs.version + 1
            assert desk.decides(desk.other, theirs) == 302
            assert queued(client, channel="SMS").template_id == theirs.pk
            shipped("دفعة أحدث {amount}")
            assert queued(client, channel="SMS").template_id == theirs.pk
        finally:
            slots.fill({**slots._slots, "message_kinds": kinds})


@override_settings(SMS_PROVIDER="")
def test_a_house_without_a_provider_says_that_sms_wait() -> None:
    page = enter(make_user(Role.ADMINISTRATOR), "en").get(reverse("messages"))
    assert "SMS wait until there is one" in words(page)
