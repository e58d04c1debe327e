"""What is done about a public comment, until when, and when it may be closed, through its page."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import clocks_of
from common.clocks.tick import clocks_tick
from common.exceptions import Conflict, NotAllowed, Refused
from common.tests.holidays_sa import holidays_write
from complaints.choices.channels import CommentState
from complaints.models import Channel, PublicComment
from complaints.services.comment_deeds import comment_handle, comment_move, comment_reply, writer_measure
from complaints.services.public_comments import comment_close, comment_record, comment_sort
from complaints.tests.channel_worlds import a_comment, a_social_account, act
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, words
from tests.world import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)  # a Sunday


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        holidays_write()
        yield


@pytest.fixture
def officer() -> User:
    return make_user(Role.COMPLAINTS_OFFICER)


@pytest.fixture
def account() -> Channel:
    return a_social_account()


class TestSeenTo:
    @pytest.mark.requirement("CX-26")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_an_improper_comment_is_hidden_and_its_writer_warned(
        self, language: str, officer: User, account: Channel
    ) -> None:
        one, browser = a_comment(account, by=officer, sort="IMPROPER"), enter(officer, language)
        assert act(browser, one, "close").status_code == 422
        for name, kind in (("handle", "WARNED"), ("measure", "HIDDEN"), ("handle", "MOVED")):
            assert act(browser, one, name, kind=kind, reason="ألفاظ نابية").status_code == 422
        assert act(browser, one, "handle", kind="HIDDEN", reason="").status_code == 422
        assert act(browser, one, "handle", kind="HIDDEN", reason="ألفاظ نابية").status_code == 302
        assert act(browser, one, "measure", kind="WARNED", reason="أول مرة").status_code == 302
        assert act(browser, one, "close").status_code == 302
        one.refresh_from_db()
        assert (one.state, one.closed_by) == (CommentState.CLOSED, officer)
        assert list(one.deeds.values_list("kind", "reason")) == [("HIDDEN", "ألفاظ نابية"), ("WARNED", "أول مرة")]
        assert act(browser, one, "measure", kind="BLOCKED", reason="مرة أخرى").status_code == 422
        assert 'id="course"' not in words(browser.get(reverse("comment", args=[one.pk])))

    @pytest.mark.requirement("CX-25", "CX-26")
    @pytest.mark.parametrize(
        ("sort", "done", "closes"),
        [
            ("ASKS", "", False),
            ("ASKS", "HIDDEN", False),
            ("ASKS", "REPLIED", True),
            ("ASKS", "MOVED", True),
            ("COMPLAINT", "", False),
            ("COMPLAINT", "REPLIED", False),
            ("COMPLAINT", "MOVED", True),
            ("IMPROPER", "", False),
            ("IMPROPER", "REPORTED", True),
            ("IMPROPER", "BLOCKED", True),
            ("PRAISE", "", True),
        ],
    )
    def test_each_sort_is_closed_once_it_was_seen_to(
        self, sort: str, done: str, closes: bool, officer: User, account: Channel
    ) -> None:
        one = a_comment(account, by=officer, sort=sort)
        given: dict[str, Any] = {"user": officer, "comment": one, "at": AT}
        if done == "REPLIED":
            comment_reply(words="نسعد بخدمتكم", language="ar", **given)
        elif done == "MOVED":
            comment_move(kind="COMPLAINT", **given)
        elif done == "BLOCKED":
            writer_measure(kind=done, reason="تكرر", **given)
        elif done:
            comment_handle(kind=done, reason="مخالف", **given)
        answer = act(enter(officer), one, "close")
        one.refresh_from_db()
        assert (answer.status_code, one.state) == ((302, "CLOSED") if closes else (422, "OPEN"))
        if not closes:
            # Nor does the database let it.
            with pytest.raises(IntegrityError), transaction.atomic():
                PublicComment.objects.filter(pk=one.pk).update(state="CLOSED", closed_at=AT, closed_by=officer)

    def test_it_may_be_sorted_anew_while_it_is_open(self, officer: User, account: Channel) -> None:
        one, browser = a_comment(account, by=officer, sort="ASKS"), enter(officer)
        assert act(browser, one, "sort", sort="NOTHING").status_code == 422
        assert act(browser, one, "sort", sort="PRAISE").status_code == 302
        assert act(browser, one, "close").status_code == 302
        with pytest.raises(Conflict):
            comment_sort(user=officer, comment=one, sort="ASKS")
        for change in ({"state": "OPEN", "closed_at": None, "closed_by": None}, {"sort": "ASKS"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                PublicComment.objects.filter(pk=one.pk).update(**change)

    def test_it_stays_with_its_matter_and_is_never_deleted(self, officer: User, account: Channel) -> None:
        one = a_comment(account, by=officer)
        comment_move(user=officer, comment=one, kind="ENQUIRY", at=AT)
        for other in (None, a_matter().pk):
            with pytest.raises(IntegrityError), transaction.atomic():
                PublicComment.objects.filter(pk=one.pk).update(matter_id=other)
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM complaints_publiccomment WHERE id = %s", [one.pk])

    def test_only_the_team_and_the_officer_act(self, officer: User, account: Channel) -> None:
        one, outsider = a_comment(account, by=officer, sort="IMPROPER"), make_user(Role.COLLECTOR)
        for do in (
            lambda: comment_close(user=outsider, comment=one, at=AT),
            lambda: comment_sort(user=outsider, comment=one, sort="ASKS"),
            lambda: comment_handle(user=outsider, comment=one, kind="HIDDEN", reason="س", at=AT),
            lambda: comment_move(user=outsider, comment=one, kind="ENQUIRY", at=AT),
            lambda: comment_reply(user=outsider, comment=one, words="س", language="ar", at=AT),
            lambda: a_comment(account, by=outsider),
        ):
            with pytest.raises(NotAllowed):
                do()
        account.team.add(outsider)
        comment_handle(user=outsider, comment=one, kind="HIDDEN", reason="ألفاظ", at=AT)
        assert enter(outsider).get(reverse("comment_new")).status_code == 200


class TestDeadlines:
    @pytest.mark.requirement("CX-21", "CX-26")
    def test_open_longer_than_a_day_is_late(self, officer: User, account: Channel) -> None:
        late = a_comment(account, by=officer, published_at=AT - dt.timedelta(hours=5))
        kept = a_comment(account, by=officer, sort="PRAISE")
        comment_close(user=officer, comment=kept, at=AT)
        for hours, count in ((18.9, 0), (19.1, 1)):
            with clock.at(AT + dt.timedelta(hours=hours)):
                clocks_tick(at=clock.now())
                page = enter(officer).get(reverse("comments"), {"view": "late"})
                assert page.context["page"].paginator.count == count
        (clock_,) = clocks_of(subject=kept)
        assert clock_.state == ClockState.MET
        with clock.at(AT + dt.timedelta(days=1)):
            listed = words(enter(officer, "en").get(reverse("procedures")))
            assert reverse("comment", args=[late.pk]) in listed

    def test_what_was_published_long_before_it_was_found_is_late_at_once(self, officer: User, account: Channel) -> None:
        a_comment(account, by=officer, published_at=AT - dt.timedelta(days=5))
        clocks_tick(at=AT)
        page = enter(officer).get(reverse("comments"), {"view": "late"})
        assert page.context["page"].paginator.count == 1
        assert re.search(r"chip late", words(page))

    def test_the_future_is_refused(self, officer: User, account: Channel) -> None:
        with pytest.raises(Refused, match="comment_published"):
            comment_record(
                user=officer, channel=account, sort="ASKS", link="https://x.com/a/1", writer="a", words="b",
                published_at=AT + dt.timedelta(seconds=1), at=AT,
            )  # fmt: skip
