"""Views that people keep: under a name, opened first, shared with a role, sent as a link once a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.models import AuditEvent, Message
from common.outbox import message_opened
from reporting.models import BoardView
from reporting.services.boards import MOST_VIEWS, board_links_send, board_view_save
from reporting.tasks import board_links_task
from reporting.tests.acts_boards import a_view, told_daily
from tests.doors import LANGUAGES, enter, words
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db

SUNDAY = dt.date(2026, 6, 28)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(clock.at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def manager() -> User:
    return make_user(Role.COLLECTIONS_MANAGER)


def keep(user: User, **fields: Any) -> Any:
    told = {"name": "شهري", "board": "money", "query": "period=month", **fields}
    return enter(user, "en").post(reverse("board_views"), told)


def changed(user: User, view: BoardView, **fields: Any) -> BoardView:
    answer = enter(user, "en").post(reverse("board_view_change", args=[view.pk]), fields)
    assert answer.status_code == 302
    view.refresh_from_db()
    return view


def sweep_on(day: dt.date) -> int:
    with clock.at(clock.at_riyadh(on=day, time=dt.time(6, 45))):
        return board_links_task()


@pytest.mark.requirement("PL-35")
def test_a_board_is_kept_under_a_name_and_opened_first(manager: User) -> None:
    client = make_client("AAA")
    answer = keep(manager, query=f"period=week&client={client.pk}&nonsense=1&band=none")
    view = BoardView.objects.get()
    # What was understood is kept, and nothing else.
    assert view.query == f"period=week&client={client.pk}"
    assert answer["Location"] == f"{reverse('board', args=['money'])}?{view.query}"
    browser = enter(manager, "en")
    assert browser.get(reverse("boards"))["Location"] == reverse("board", args=["money"])
    changed(manager, view, is_default="on")
    assert browser.get(reverse("boards"))["Location"] == answer["Location"]
    page = browser.get(answer["Location"])
    assert page.context["view"] == view
    assert "Keep this view" not in words(page)  # it is kept
    # Another default takes its place; the same name is the same view.
    other = changed(manager, a_view(manager, name="آخر", board="desk"), is_default="on")
    view.refresh_from_db()
    assert (view.is_default, other.is_default) == (False, True)
    keep(manager, query="period=last_month")
    assert BoardView.objects.get(pk=view.pk).query == "period=last_month"
    assert BoardView.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        BoardView.objects.filter(pk=view.pk).update(is_default=True)


def test_what_cannot_be_kept_is_said(manager: User) -> None:
    assert keep(manager, name="  ").status_code == 422
    assert keep(manager, name="x" * 61).status_code == 422
    assert keep(manager, board="nowhere").status_code == 404
    collector = make_user(Role.COLLECTOR)
    assert keep(collector, board="desk").status_code == 404  # a board that this role does not see
    for n in range(MOST_VIEWS):
        a_view(manager, name=f"v{n}")
    answer = keep(manager, name="one too many")
    assert answer.status_code == 422
    assert "let one go first" in words(answer)
    assert not BoardView.objects.filter(name="one too many").exists()


def test_a_view_is_its_persons_until_it_is_shared_with_their_role(manager: User) -> None:
    view = a_view(manager)
    colleague, general = make_user(Role.COLLECTIONS_MANAGER, name="colleague"), make_user(Role.GENERAL_MANAGER)
    address = reverse("board_view", args=[view.pk])
    for person in (colleague, general):
        assert enter(person).get(address).status_code == 404
    changed(manager, view, shared="on")
    assert enter(colleague).get(address).status_code == 302
    assert enter(general).get(address).status_code == 404
    page = enter(colleague, "en").get(reverse("board_views"))
    assert view.name in words(page)
    # Shared is read, and nothing more.
    for name in ("board_view_change", "board_view_drop"):
        assert enter(colleague).post(reverse(name, args=[view.pk])).status_code == 404
    changed(manager, view)
    assert enter(colleague).get(address).status_code == 404
    assert enter(manager).post(reverse("board_view_drop", args=[view.pk])).status_code == 302
    assert not BoardView.objects.exists()
    assert list(AuditEvent.objects.filter(action__startswith="board_view.").values_list("action", flat=True)) == [
        "board_view.saved", "board_view.changed", "board_view.changed", "board_view.dropped",
    ]  # fmt: skip


def test_an_auditor_keeps_nothing() -> None:
    auditor = make_user(Role.AUDITOR)
    assert enter(auditor).get(reverse("board", args=["money"])).status_code == 200
    assert keep(auditor).status_code == 404
    assert not BoardView.objects.exists()


@pytest.mark.requirement("PL-35")
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_link_is_sent_once_a_period_and_carries_nothing_else(manager: User, language: str) -> None:
    view = a_view(manager, name="عبدالله بن سالم", query="period=week")
    view = changed(manager, view, every="WEEK")
    User.objects.filter(pk=manager.pk).update(language=language)
    assert view.told_for == SUNDAY
    # Wanted today, it is first sent when the next week begins; then once, however often the sweep comes by.
    assert [sweep_on(SUNDAY + dt.timedelta(days=n)) for n in (0, 3, 6, 7, 7, 8, 13, 14, 21)] == [
        0, 0, 0, 1, 0, 0, 0, 1, 1,
    ]  # fmt: skip
    messages = list(Message.objects.order_by("pk"))
    assert len(messages) == 3
    letter = message_opened(message=messages[0])
    assert letter["address"] == manager.email
    assert f"{settings.PUBLIC_URL}{reverse('board_view', args=[view.pk])}" in letter["text"]
    assert view.name not in letter["text"] + letter["subject"] + letter["html"]
    assert ("لوحتكم" if language == "ar" else "Your board") in letter["subject"]
    # The link opens the board for its person, and is no door for anybody else.
    assert enter(manager).get(reverse("board_view", args=[view.pk])).status_code == 302
    assert enter(make_user(Role.GENERAL_MANAGER)).get(reverse("board_view", args=[view.pk])).status_code == 404


def test_the_outbox_takes_a_period_once_whatever_the_view_says(manager: User) -> None:
    view = told_daily(manager, since=SUNDAY - dt.timedelta(days=1))
    assert board_links_send() == 1
    event = AuditEvent.objects.get(action="message.queued")
    assert (event.client_id, event.body["about"]) == (None, f"reporting.BoardView {view.pk}")
    # As if the sweep that told it had lost its own row.
    BoardView.objects.filter(pk=view.pk).update(told_for=SUNDAY - dt.timedelta(days=1))
    board_links_send()
    assert Message.objects.count() == 1


def test_who_says_no_is_told_no_more(manager: User) -> None:
    view = told_daily(manager, since=SUNDAY - dt.timedelta(days=1))
    assert sweep_on(SUNDAY) == 1
    changed(manager, view, every="")
    assert [sweep_on(SUNDAY + dt.timedelta(days=n)) for n in (1, 2, 40)] == [0, 0, 0]
    changed(manager, view, every="MONTH")
    assert view.told_for == dt.date(2026, 6, 1)
    assert [sweep_on(day) for day in (dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2026, 7, 2))] == [0, 1, 0]


def test_nobody_is_told_of_a_board_they_no_longer_see(manager: User) -> None:
    told_daily(manager, since=SUNDAY - dt.timedelta(days=1), board="desk")
    gone = make_user(Role.GENERAL_MANAGER)
    told_daily(gone, since=SUNDAY - dt.timedelta(days=1))
    User.objects.filter(pk=manager.pk).update(role=Role.COLLECTOR)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert board_links_send() == 0
    assert not Message.objects.exists()


def test_a_view_of_a_role_one_no_longer_has_does_not_open(manager: User) -> None:
    view = a_view(manager, board="desk")
    User.objects.filter(pk=manager.pk).update(role=Role.COLLECTOR)
    assert enter(User.objects.get(pk=manager.pk)).get(reverse("board_view", args=[view.pk])).status_code == 404


def test_saving_the_same_name_twice_is_one_view(manager: User) -> None:
    first = board_view_save(user=manager, name=" a ", board="money", query="")
    second = board_view_save(user=manager, name="a", board="desk", query="period=week")
    assert first.pk == second.pk
    assert BoardView.objects.get().board == "desk"
