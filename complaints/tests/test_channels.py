"""Channels with their teams, their figures and reviews, through their pages (CX-20, CX-27)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.clock import RIYADH
from common.clocks.tick import clocks_tick
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from common.tests.holidays_sa import holidays_write
from complaints.choices import Stage
from complaints.models import Channel, ChannelReview, Matter, MatterMove, Recommendation
from complaints.rules.channels import Watched, months_moved, review_due_on, watched
from complaints.selectors.satisfaction import COUNTED, matters_received
from complaints.services.channels import channel_review, channel_save, review_propose
from complaints.services.comment_deeds import comment_move
from complaints.services.ratings import rating_ask, rating_give
from complaints.tests.channel_worlds import REVIEW, a_channel, a_channel_review, a_comment, a_social_account, keeper
from complaints.tests.handling_worlds import Desk, a_desk, a_matter_at
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)  # a Sunday
MARCH = {"first": "2026-03-01", "last": "2026-03-31"}


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        holidays_write()
        yield


@pytest.fixture
def quality() -> User:
    return keeper()


@pytest.fixture
def head() -> User:
    return make_user(Role.COLLECTIONS_MANAGER)


class TestRules:
    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [("2026-01-15", 3, "2026-04-15"), ("2026-11-30", 3, "2027-02-28"), ("2027-11-30", 3, "2028-02-29"),
         ("2026-05-31", -3, "2026-02-28"), ("2026-01-31", -3, "2025-10-31"), ("2026-12-31", 12, "2027-12-31")],
    )  # fmt: skip
    def test_months_keep_the_day_where_there_is_one(self, day: str, months: int, then: str) -> None:
        assert months_moved(dt.date.fromisoformat(day), months=months) == dt.date.fromisoformat(then)

    def test_a_review_is_due_a_quarter_after_the_last_or_after_it_came_into_use(self) -> None:
        first, second = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
        assert review_due_on(last=second, since=first) == dt.date(2026, 5, 1)
        assert review_due_on(last=None, since=first) == dt.date(2026, 4, 1)
        assert review_due_on(last=None, since=None) is None

    @pytest.mark.parametrize(
        ("last", "today", "missed", "due"),
        [
            ("2026-03-01", "2026-03-01", 0, False),
            ("2026-03-01", "2026-03-02", 0, True),
            ("2026-03-01", "2026-03-03", 1, True),
            # Thursday the 5th, then the weekend: it is no working day, and nothing is missed on it.
            ("2026-03-05", "2026-03-06", 0, False),
            ("2026-03-05", "2026-03-07", 0, False),
            ("2026-03-05", "2026-03-08", 0, True),
            ("2026-03-05", "2026-03-09", 1, True),
            (None, "2026-03-01", 0, True),
            (None, "2026-03-03", 2, True),
            # A look before it came into use again counts for nothing.
            ("2026-02-01", "2026-03-02", 1, True),
        ],
    )
    def test_every_working_day_is_looked_through(self, last: str | None, today: str, missed: int, due: bool) -> None:
        since = dt.date(2026, 3, 1)
        found = watched(
            last=dt.date.fromisoformat(last) if last else None, since=since, today=dt.date.fromisoformat(today),
            days_off=frozenset(),
        )  # fmt: skip
        began = dt.date.fromisoformat(last) if last and last >= "2026-03-01" else dt.date(2026, 2, 28)
        assert found == Watched(since=began, missed=missed, due_today=due)

    def test_a_holiday_is_no_day_to_look(self) -> None:
        day = dt.date(2026, 3, 2)
        assert not watched(last=dt.date(2026, 3, 1), since=day, today=day, days_off=frozenset({day})).due_today


class TestTeams:
    @pytest.mark.requirement("CX-27")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_quality_officer_gives_a_channel_its_team(self, language: str, quality: User, head: User) -> None:
        browser, member = enter(quality, language), make_user(Role.COLLECTOR)
        channel = Channel.objects.get(intake="PHONE")
        listed = browser.get(reverse("channels"))
        assert in_language(listed, language)
        assert words(listed).count(reverse("channel", args=[channel.pk])) == 2  # once in what is to be mended
        told = {"is_active": "on", "supervisor": head.pk, "team": [member.pk, head.pk]}
        assert browser.post(reverse("channel_edit", args=[channel.pk]), told).status_code == 302
        channel.refresh_from_db()
        assert (channel.supervisor, list(channel.team.all())) == (head, [member])
        event = AuditEvent.objects.filter(action="channel.changed").latest("pk")
        assert event.body["changed"] == {"supervisor": [None, head.pk], "team": [[], [member.pk]]}
        page = words(browser.get(reverse("channel", args=[channel.pk])))
        for person in (head, member):
            assert getattr(person, f"name_{language}") in page

    @pytest.mark.requirement("CX-27")
    def test_a_channel_whose_supervisor_left_is_named(self, quality: User, head: User) -> None:
        channel = a_channel(supervisor=head)
        a_channel_review(channel, by=head)

        def said() -> str:
            page = words(enter(quality, "en").get(reverse("channels")))
            mend = page[page.index('id="mend"') : page.index("</section>", page.index('id="mend"'))]
            return re.sub(r"<[^>]+>|\s+", " ", mend)

        assert "Phone" not in said()
        User.objects.filter(pk=head.pk).update(is_active=False)
        assert re.search(r"Phone\s+Its supervisor has left", said())
        assert re.search(r"E-mail\s+Nobody supervises it", said())

    def test_only_people_of_the_house_and_only_by_the_keeper(self, quality: User, head: User) -> None:
        channel = Channel.objects.get(intake="PHONE")
        outsider = make_user(Role.LAWYER)
        given: dict[str, Any] = {"channel": channel, "at": AT, "is_active": True}
        with pytest.raises(Refused, match="channel_supervisor"):
            channel_save(user=quality, supervisor=outsider, **given)
        with pytest.raises(Refused, match="channel_team"):
            channel_save(user=quality, supervisor=None, team=[outsider], **given)
        with pytest.raises(NotAllowed):
            channel_save(user=head, supervisor=head, **given)
        assert Channel.objects.filter(supervisor__isnull=False).count() == 0

    def test_an_account_is_here_once_and_counts_anew_when_it_comes_back(self, quality: User) -> None:
        browser = enter(quality)
        told = {"platform": "X", "account": "@mithaq", "is_active": "on"}
        assert browser.post(reverse("channel_new"), told).status_code == 302
        again = browser.post(reverse("channel_new"), told)
        assert (again.status_code, Channel.objects.filter(intake="SOCIAL").count()) == (422, 1)
        account = Channel.objects.get(intake="SOCIAL")
        assert account.since == AT.date()
        off = {name: value for name, value in told.items() if name != "is_active"}
        assert browser.post(reverse("channel_edit", args=[account.pk]), off).status_code == 302
        with clock.at(AT + dt.timedelta(days=9)):
            assert enter(quality).post(reverse("channel_edit", args=[account.pk]), told).status_code == 302
        account.refresh_from_db()
        assert account.since == dt.date(2026, 3, 10)

    def test_a_team_sees_its_channels_alone_and_how_many_but_not_which(self, head: User) -> None:
        member = make_user(Role.COLLECTOR)
        mine, other = a_channel(team=(member,)), Channel.objects.get(intake="EMAIL")
        a_matter(intake="PHONE")
        browser = enter(member, "en")
        page = words(browser.get(reverse("channels")))
        assert reverse("channel", args=[mine.pk]) in page
        assert reverse("channel", args=[other.pk]) not in page
        assert 'class="fig"' in page
        assert reverse("matters") not in page
        assert browser.get(reverse("channel", args=[mine.pk])).status_code == 200
        assert browser.get(reverse("channel", args=[other.pk])).status_code == 404
        assert enter(make_user(Role.COLLECTOR, name="another")).get(reverse("channels")).status_code == 404


def told_at(matter: Matter, at: dt.datetime) -> None:
    MatterMove.objects.create(
        matter=matter, from_stage=Stage.RESPONDED, to_stage=Stage.COMMUNICATED, level=matter.level, at=at
    )


@pytest.fixture
def desk() -> Desk:
    return a_desk()


class TestFigures:
    @pytest.mark.requirement("CX-20", "CX-27")
    def test_the_figures_of_each_channel_counted_by_hand_open_as_many(self, desk: Desk, quality: User) -> None:
        officer = make_user(Role.COMPLAINTS_OFFICER)
        calls = [a_matter(intake="PHONE", kind="ENQUIRY", words=f"سؤال {n}", at=AT) for n in range(4)]
        told_at(calls[0], AT + dt.timedelta(hours=2))
        told_at(calls[1], AT + dt.timedelta(hours=4))
        closed = a_matter_at(desk=desk, stage="CLOSED")  # by phone too
        rating_ask(actor=ACTOR, matter=closed, at=AT)
        rating_give(rating=Matter.objects.get(pk=closed.pk).rating, score=5, is_solved=True, words="", at=AT)
        account, second = a_social_account(), a_social_account("@second")
        for one in (account, account, second):
            comment = a_comment(one, by=officer)
            comment_move(user=officer, comment=comment, kind="ENQUIRY", at=AT)
        a_matter(intake="SOCIAL", words="كتب إلينا في إنستغرام", kind="ENQUIRY", at=AT)  # nobody said where
        a_matter(intake="EMAIL", at=AT - dt.timedelta(days=1))  # in February
        with clock.at(AT + dt.timedelta(days=3)):
            clocks_tick(at=clock.now())
        with clock.at(dt.datetime(2026, 3, 31, 10, tzinfo=RIYADH)):
            browser = enter(quality, "en")
            page = words(browser.get(reverse("channels"), MARCH))
            links = set(re.findall(r'href="([^"]*/matters/\?[^"]*counted=\w+)"', page))
            counts = {}
            for link in links:
                address = link.replace("&amp;", "&")
                opened = browser.get(address)
                channel, counted = re.findall(r"channel=([^&]+)&counted=(\w+)", address)[0]
                counts[channel.replace("%3A", ":"), counted] = opened.context["page"].paginator.count
                shown = re.search(rf'href="{re.escape(link)}">(?:<[^>]+>)*([\d,]+)', page)
                assert shown is not None
                assert int(shown[1]) == opened.context["page"].paginator.count, link
        assert counts == {
            ("PHONE:", "received"): 5, ("PHONE:", "answered"): 3, ("PHONE:", "in_time"): 1,
            ("PHONE:", "solved"): 1, ("PHONE:", "rated"): 1, ("PHONE:", "open"): 4, ("PHONE:", "late"): 4,
            (f"SOCIAL:{account.pk}", "received"): 2, (f"SOCIAL:{account.pk}", "answered"): 0,
            (f"SOCIAL:{account.pk}", "solved"): 0, (f"SOCIAL:{account.pk}", "open"): 2,
            (f"SOCIAL:{second.pk}", "received"): 1, (f"SOCIAL:{second.pk}", "answered"): 0,
            (f"SOCIAL:{second.pk}", "solved"): 0, (f"SOCIAL:{second.pk}", "open"): 1,
            ("SOCIAL:", "received"): 1, ("SOCIAL:", "answered"): 0, ("SOCIAL:", "solved"): 0, ("SOCIAL:", "open"): 1,
            ("SOCIAL:", "late"): 1, ("SOCIAL:", "in_time"): 0,
        }  # fmt: skip

    def test_the_register_leaves_out_what_an_address_only_half_names(self, quality: User) -> None:
        a_matter(at=AT)
        browser = enter(quality)
        day = {"first": "2026-03-01", "last": "2026-03-01"}
        halves = ({"first": "2026-03-01"}, day | {"first": "x"}, day | {"first": "2026-03-02"},
                  day | {"last": "9999-12-31"}, day | {"counted": "all"})  # fmt: skip
        for wrong in halves:
            page = browser.get(reverse("matters"), {"view": "all", **wrong})
            assert (page.status_code, page.context["behind"], page.context["page"].paginator.count) == (200, None, 1)
        none = browser.get(
            reverse("matters"), {"view": "all", "first": "2026-03-01", "last": "2026-03-01", "channel": "X"}
        )
        assert none.context["page"].paginator.count == 0

    def test_every_figure_counts_with_the_same_words(self, desk: Desk) -> None:
        a_matter_at(desk=desk, stage="CLOSED")
        found = matters_received(matters=Matter.objects.all(), first=AT.date(), last=AT.date())
        assert {name: found.filter(condition).count() for name, condition in COUNTED.items()} == {
            "received": 1, "answered": 1, "ended": 1, "in_time": 1, "solved": 1, "rated": 0, "good": 0, "open": 0,
            "late": 0,
        }  # fmt: skip

    def test_more_channels_cost_no_more_statements(self, quality: User) -> None:
        few = queries(lambda: enter(quality).get(reverse("channels"), MARCH))
        for number in range(5):
            a_social_account(f"@{number}", supervisor=make_user(Role.COMPLAINTS_OFFICER, name=f"o{number}"))
            a_matter(intake="WEB", words=f"{number}", at=AT)
        assert queries(lambda: enter(quality).get(reverse("channels"), MARCH)) == few


class TestReviews:
    @pytest.mark.requirement("CX-27")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_review_keeps_its_figures_and_becomes_a_recommendation(
        self, language: str, quality: User, head: User
    ) -> None:
        channel = a_channel(supervisor=head)
        a_matter(intake="PHONE", at=AT - dt.timedelta(days=5))
        browser = enter(head, language)
        due = words(browser.get(reverse("inbox")))
        assert reverse("channel", args=[channel.pk]) in due
        assert browser.post(reverse("channel_review_new", args=[channel.pk]), REVIEW).status_code == 302
        review = ChannelReview.objects.get()
        assert (review.first, review.last, review.figures["received"]) == (
            dt.date(2025, 12, 1), dt.date(2026, 2, 28), 1,
        )  # fmt: skip
        assert reverse("channel", args=[channel.pk]) not in words(browser.get(reverse("inbox")))
        a_matter(intake="PHONE", words="ثانية", at=AT - dt.timedelta(days=4))
        page = browser.get(reverse("channel_review", args=[review.pk]))
        assert in_language(page, language)
        assert page.context["figures"].received == 1
        propose = reverse("channel_review_propose", args=[review.pk])
        made = browser.post(propose, {"department": "OPERATIONS"})
        one = Recommendation.objects.get()
        assert made.headers["Location"] == reverse("recommendation", args=[one.pk])
        assert (one.review, one.problem, one.proposal) == (review, REVIEW["needs"], REVIEW["proposal"])
        assert reverse("channel_review", args=[review.pk]) in words(browser.get(made.headers["Location"]))
        assert one.number in words(enter(quality).get(reverse("channel_review", args=[review.pk])))
        assert browser.post(propose, {"department": "OPERATIONS"}).status_code == 422
        assert Recommendation.objects.count() == 1

    @pytest.mark.requirement("CX-27")
    def test_a_quarter_later_it_is_due_again(self, quality: User, head: User) -> None:
        channel = a_channel(supervisor=head)
        a_channel_review(channel, by=head)
        for day, due in ((dt.date(2026, 6, 1), False), (dt.date(2026, 6, 2), True)):
            with clock.at(clock.at_riyadh(on=day)):
                shown = reverse("channel", args=[channel.pk]) in words(enter(head).get(reverse("inbox")))
                assert shown is due
                page = words(enter(quality).get(reverse("channels")))
                assert (page.count(reverse("channel", args=[channel.pk])) == 2) is due

    def test_who_supervises_it_reviews_it_once_a_day_and_says_something(self, quality: User, head: User) -> None:
        channel = a_channel(supervisor=head)
        with pytest.raises(NotAllowed):
            channel_review(user=quality, channel=channel, at=AT, **REVIEW)
        for name in ("says", "needs", "skills"):
            with pytest.raises(Refused):
                channel_review(user=head, channel=channel, at=AT, **{**REVIEW, name: " "})
        review = a_channel_review(channel, by=head, proposal="")
        with pytest.raises(Conflict):
            a_channel_review(channel, by=head)
        with pytest.raises(Refused, match="review_proposal"):
            review_propose(user=quality, review=review, department="OPERATIONS", at=AT)
        assert "OPERATIONS" not in words(enter(head).get(reverse("channel_review", args=[review.pk])))

    @pytest.mark.requirement("CX-26", "CX-27")
    def test_a_team_finds_its_channels_and_is_told_what_is_to_be_looked_through(self, head: User) -> None:
        member, outsider = make_user(Role.COLLECTOR), make_user(Role.COLLECTOR, name="outsider")
        phone, account = a_channel(supervisor=head, team=(member,)), a_social_account(team=(head,))

        def first_page(user: User, page: str) -> str:
            return words(enter(user, "en").get(reverse(page)))

        # Of a channel that another supervises a member is told nothing but where it stands.
        seen = first_page(member, "day")
        assert f'href="{reverse("channels")}"' in seen
        assert reverse("comments") not in seen
        assert "Its quarterly review is due" not in seen
        assert reverse("channels") not in first_page(outsider, "day")
        a_channel_review(phone, by=head)
        seen = first_page(head, "inbox")
        assert "to be looked through today" in seen
        assert f'href="{reverse("comments")}"' in seen
        browser = enter(head, "en")
        assert browser.post(reverse("account_watch", args=[account.pk])).status_code == 302
        assert "to be looked through today" not in first_page(head, "inbox")
        with clock.at(AT + dt.timedelta(days=2)):
            assert "It was not looked through" in first_page(head, "inbox")

    def test_a_supervisor_of_two_is_reminded_once(self, head: User) -> None:
        a_channel(supervisor=head)
        a_channel("EMAIL", supervisor=head)
        page = words(enter(head, "en").get(reverse("inbox")))
        assert "Something is due of 2 channels of yours." in page
        assert page.count("Its quarterly review is due") == 0
