"""Messages and their texts in a real browser, both languages: read, opened, settled, written anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.choices import Role
from common.message_templates import template_draft, template_edit, template_propose
from common.outbox import message_cancel, outbox_stop
from common.sending import outbox_run
from common.tests.outbox_world import AHEAD, SMTP, free_port, mail_server, queued
from legal.tests.evidence_world import World
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.world import ACTOR, make_user

pytestmark = pytest.mark.django_db
TEXT = {"code": "PAYMENT_RECEIVED", "channel": "SMS", "language": "ar"}


@pytest.fixture(scope="module")
def desk(shared_book: None) -> dict[str, Any]:
    """Messages in every state, a stop, and a text that waits for a decision."""
    world = World(email="sami@example.com")
    world.authorised()
    case, client = world.case, world.case.client
    general = make_user(Role.GENERAL_MANAGER, name="general-of-texts")
    with mail_server() as inbox:
        queued(client, subject=case)
        outbox_run()
        inbox.data = "554 no"
        queued(client, subject=case, template="LEGAL_STEP_AHEAD", values=AHEAD)
        outbox_run()
        inbox.data, inbox.hangs_up = "250 OK", True
        doubt = [queued(client, subject=case, language=language) for language in LANGUAGES]
        outbox_run()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()):
        queued(client, subject=case)
        outbox_run()
    message_cancel(actor=ACTOR, message=queued(client, channel="SMS", subject=case), reason="سُدّد المبلغ")
    queued(client, channel="SMS", subject=case)
    outbox_stop(user=world.manager, channel="SMS", client_id=client.pk, reason="بطلب من الجهة حتى نهاية الأسبوع")
    draft = template_draft(user=world.manager, **TEXT)
    template_edit(
        user=world.manager, template=draft, subject="", body="وصلتنا دفعتكم {amount}. شكرًا لكم.", threatens=False
    )
    template_propose(user=world.manager, template=draft, reason="أقصر وأوضح")
    mine = template_draft(user=world.manager, code="PAYMENT_RECEIVED", channel="EMAIL", language="ar")
    return {"manager": world.manager, "general": general, "doubt": doubt, "draft": mine}


@pytest.mark.requirement("CX-15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_in_doubt_is_opened_and_settled(desk: dict[str, Any], surfer: Surfer, language: str) -> None:
    page = surfer.window(desk["manager"], language)
    page.goto(reverse("messages"))
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    assert overflow(page) == 0
    message = desk["doubt"][LANGUAGES.index(language)]
    page.goto(reverse("message", args=[message.pk]))
    assert page.get_by_text("sami@example.com").count() == 0
    page.locator(f"form[action='{reverse('message_reveal', args=[message.pk])}'] button").click()
    assert page.get_by_text("sami@example.com", exact=True).count() == 1
    assert page.locator(".letter").get_attribute("dir") == ("rtl" if message.language == "ar" else "ltr")
    assert overflow(page) == 0
    page.fill("textarea[name=reason]", "لا أثر لها في سجل الخادم")
    page.locator(f"button[formaction='{reverse('message_resend', args=[message.pk])}']").click()
    assert page.locator(".timeline").get_by_text("لا أثر لها في سجل الخادم").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_written_with_its_preview_beside_it(desk: dict[str, Any], surfer: Surfer, language: str) -> None:
    page = surfer.window(desk["manager"], language)
    page.goto(reverse("message_templates"))
    assert overflow(page) == 0
    page.goto(reverse("message_template_edit", args=[desk["draft"].pk]))
    page.fill("textarea[name=body]", "سنبلغ الشرطة عن {holder}")
    page.locator("button[name=preview]").click()
    assert page.locator(".field.bad .error").get_by_text("«الشرطة»").count() == 1
    page.fill("textarea[name=body]", "أهلًا {holder}")
    page.locator("button[name=preview]").click()
    assert page.locator(".letter").first.inner_text().startswith("أهلًا سامي")
    assert overflow(page) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decider_reads_the_text_in_the_inbox_and_all_fits_a_phone(
    desk: dict[str, Any], surfer: Surfer, language: str
) -> None:
    page = surfer.window(desk["general"], language)
    page.goto(reverse("inbox"))
    assert page.get_by_text("أقصر وأوضح").count() >= 1
    assert overflow(page) == 0
    page = surfer.window(desk["manager"], language, size=PHONE)
    for address in (
        reverse("messages"), reverse("message", args=[desk["doubt"][0].pk]), reverse("message_templates"),
        reverse("message_template", args=list(TEXT.values())),
    ):  # fmt: skip
        page.goto(address)
        assert overflow(page) == 0, address
