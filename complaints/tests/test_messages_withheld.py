"""What the outbox shows of messages to complainants: no code or link of theirs, and nothing to whom it is kept from."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.models import Message
from common.outbox import message_opened
from complaints.choices import Stage
from complaints.services.following import follow_code_send
from complaints.tests.handling_worlds import a_desk, a_matter_at
from tests.doors import enter, words
from tests.world import make_user

pytestmark = pytest.mark.django_db
READERS = (Role.COLLECTIONS_MANAGER, Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER, Role.AUDITOR)


def opened(user: User, message: Message) -> str:
    """The page of a message once this person asked to open it; empty where it is none for them."""
    browser = enter(user, "en")
    asked = browser.post(reverse("message_reveal", args=[message.pk]))
    assert asked.status_code in {302, 404}
    page = browser.get(reverse("message", args=[message.pk]))
    return words(page) if page.status_code == 200 else ""


@pytest.mark.requirement("CX-15", "CX-20")
@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("kind", ["FOLLOW_CODE", "MATTER_CLOSED"])
def test_a_code_or_a_link_to_rate_is_read_by_its_recipient_alone(role: str, kind: str) -> None:
    """Whoever read it could speak for the complainant, disagree for them, or rate their own work."""
    matter, user = a_matter_at(Stage.CLOSED, desk=a_desk()), make_user(role, name="reader")
    follow_code_send(reference=matter.reference, at=clock.now())
    messages = Message.objects.filter(template__code=kind)
    assert messages.count() == 2
    for message in messages:
        secret = message_opened(message=message)["text"].split()
        shown = opened(user, message)
        assert "for its recipient alone" in shown
        assert not {word for word in secret if word.isdigit() or "/rate/" in word} & set(shown.split())
        assert "sami@example.com" not in shown


@pytest.mark.requirement("CX-14", "CX-15")
@pytest.mark.parametrize("role", READERS[:3])
def test_who_is_complained_of_sees_no_message_about_it(role: str) -> None:
    user = make_user(role, name="said-of")
    matter = a_matter_at(Stage.ASSESSED, desk=a_desk(), concerned=user)
    message = Message.objects.filter(subject_id=matter.pk, subject_type="complaints.Matter").earliest("pk")
    assert opened(user, message) == ""
    listed = enter(user).get(reverse("messages"), {"view": "waiting"})
    assert not listed.context["lines"]
    assert sum(listed.context["counts"].values()) == 0


@pytest.mark.requirement("CX-15")
def test_what_a_confidential_matter_says_is_opened_by_those_who_handle_it() -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ASSESSED, desk=desk, is_confidential=True)
    told = Message.objects.filter(subject_id=matter.pk, template__code="MATTER_STUDIED", channel="EMAIL").get()
    says = message_opened(message=told)["text"].split("\n")[0]
    assert says in opened(desk.officer, told)
    for other in (
        make_user(Role.AUDITOR), make_user(Role.QUALITY_OFFICER), desk.head,
        make_user(Role.COMPLAINTS_OFFICER, name="another"),
    ):  # fmt: skip
        page = opened(other, told)
        assert says not in page
        assert "sami@example.com" not in page


def test_an_open_matter_is_read_as_before() -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.ASSESSED, desk=desk)
    told = Message.objects.filter(subject_id=matter.pk, template__code="MATTER_STUDIED", channel="EMAIL").get()
    for user in (desk.officer, desk.head, make_user(Role.AUDITOR)):
        assert "sami@example.com" in opened(user, told)
