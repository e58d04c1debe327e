"""What is written of us in public: found, answered without giving anything away, seen to, through the pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AccessRecord, User
from common import clock, crypto
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from common.tests.holidays_sa import holidays_write
from complaints.choices import Missing, Stage
from complaints.choices.channels import DeedKind
from complaints.models import Channel, CommentDeed, Matter, PublicComment, PublicWatch
from complaints.selectors.matters import person_of, words_of
from complaints.selectors.public_comments import comment_shown
from complaints.services.comment_deeds import comment_move, comment_reply, writer_measure
from complaints.services.intake import matter_sort
from complaints.services.public_comments import watch_record
from complaints.tests.channel_worlds import a_comment, a_social_account, act
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import a_case, make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)  # a Sunday
FORM = {
    "sort": "IMPROPER", "link": "https://x.com/sami/status/9", "writer": "سامي العتيبي", "words": "أنتم لصوص",
    "published_at": "2026-03-01T09:30",
}  # fmt: skip


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


class TestWatches:
    @pytest.mark.requirement("CX-26")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_an_account_is_looked_through_each_working_day(
        self, language: str, officer: User, account: Channel
    ) -> None:
        browser, address = enter(officer, language), reverse("account_watch", args=[account.pk])
        assert in_language(browser.get(reverse("comments")), language)
        assert browser.post(address).status_code == 302
        assert PublicWatch.objects.get().found == 0
        # Two found on Monday, counted by the look that follows; then nothing until Thursday.
        with clock.at(AT + dt.timedelta(days=1)):
            for _n in range(2):
                a_comment(account, by=officer)
            browser = enter(officer, language)
            browser.post(address)
            assert PublicWatch.objects.latest("pk").found == 2
        for days, missed, due in ((1, 0, False), (2, 0, True), (3, 1, True), (4, 2, True), (6, 3, False), (7, 3, True)):
            with clock.at(AT + dt.timedelta(days=days)):
                line = enter(officer, language).get(reverse("comments")).context["lines"][0]
                assert (line.watched.missed, line.watched.due_today) == (missed, due), days
                assert line.watched.since == dt.date(2026, 3, 2)
                assert ("WATCH" in line.faults) is (missed > 0)

    def test_only_the_team_and_the_officer_look_and_only_while_it_is_in_use(
        self, officer: User, account: Channel
    ) -> None:
        member, other = make_user(Role.COLLECTOR), make_user(Role.QUALITY_OFFICER, name="reader")
        account.team.add(member)
        watch_record(user=member, channel=account, at=AT)
        with pytest.raises(NotAllowed):
            watch_record(user=other, channel=account, at=AT)
        phone = Channel.objects.get(intake="PHONE")
        with pytest.raises(NotAllowed):
            watch_record(user=officer, channel=phone, at=AT)
        Channel.objects.filter(pk=account.pk).update(is_active=False)
        with pytest.raises(Conflict):
            watch_record(user=officer, channel=account, at=AT)
        assert enter(officer).post(reverse("account_watch", args=[account.pk])).status_code == 302
        assert PublicWatch.objects.count() == 1


class TestFound:
    @pytest.mark.requirement("CX-26", "CX-15")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_is_written_down_sealed_and_each_look_is_logged(
        self, language: str, officer: User, account: Channel
    ) -> None:
        browser = enter(officer, language)
        made = browser.post(reverse("comment_new"), {"channel": account.pk, **FORM})
        one = PublicComment.objects.get()
        assert made.headers["Location"] == reverse("comment", args=[one.pk])
        for kept in (one.link_sealed, one.writer_sealed, one.words_sealed):
            assert b"x.com" not in bytes(kept)
            assert "سامي".encode() not in bytes(kept)
        page = words(browser.get(reverse("comment", args=[one.pk])))
        assert "لصوص" not in page
        assert "سامي" not in page
        assert not AccessRecord.objects.filter(what="comment.reveal").exists()
        browser.post(reverse("comment_reveal", args=[one.pk]))
        page = words(browser.get(reverse("comment", args=[one.pk])))
        for said in ("أنتم لصوص", "سامي العتيبي", "https://x.com/sami/status/9"):
            assert said in page
        look = AccessRecord.objects.get(what="comment.reveal")
        assert (look.user, look.subject_id) == (officer, one.pk)
        with clock.at(AT + dt.timedelta(minutes=6)):
            assert "لصوص" not in words(browser.get(reverse("comment", args=[one.pk])))
        # Nothing of it stands in the trail or in the list.
        trail = str(list(AuditEvent.objects.filter(action="comment.found").values_list("body", flat=True)))
        assert "x.com" not in trail
        assert "سامي" not in words(browser.get(reverse("comments")))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("link", "http://x.com/a"),
            ("link", "javascript:alert(1)"),
            ("link", "https://"),
            ("link", "https://localhost"),
            ("link", "https://a:b@x.com/"),
            ("link", "https://x.com/a b"),
            ("link", "https://[x"),
            ("writer", "!!"),
            ("words", "  "),
            ("sort", "OTHER"),
            ("published_at", "2026-03-01T10:01"),
        ],
    )
    def test_what_is_no_comment_is_refused(self, name: str, value: str, officer: User, account: Channel) -> None:
        answer = enter(officer).post(reverse("comment_new"), {"channel": account.pk, **FORM, name: value})
        assert answer.status_code == 422
        assert answer.context["form"].errors[name]
        assert not PublicComment.objects.exists()

    def test_one_comment_is_written_down_once(self, officer: User, account: Channel) -> None:
        browser = enter(officer)
        assert browser.post(reverse("comment_new"), {"channel": account.pk, **FORM}).status_code == 302
        again = browser.post(reverse("comment_new"), {"channel": account.pk, **FORM, "words": "غير ذلك"})
        assert (again.status_code, PublicComment.objects.count()) == (422, 1)

    def test_nobody_else_opens_it(self, account: Channel, officer: User) -> None:
        one = a_comment(account, by=officer)
        for role in (Role.COLLECTOR, Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR):
            browser = enter(make_user(role))
            assert browser.get(reverse("comments")).status_code == 404
            assert browser.get(reverse("comment", args=[one.pk])).status_code == 404
            assert browser.post(reverse("comment_reveal", args=[one.pk])).status_code == 404
        member = make_user(Role.COLLECTOR, name="member")
        a_social_account("@other", team=(member,))
        browser = enter(member)
        assert browser.get(reverse("comments")).status_code == 200
        assert browser.get(reverse("comment", args=[one.pk])).status_code == 404
        assert act(browser, one, "close").status_code == 404
        for role in (Role.QUALITY_OFFICER, Role.GENERAL_MANAGER, Role.AUDITOR):
            reader = User.objects.filter(role=role).first() or make_user(role)
            browser = enter(reader)
            page = words(browser.get(reverse("comment", args=[one.pk])))
            assert 'id="course"' not in page
            assert act(browser, one, "close").status_code == 404
            assert browser.post(reverse("comment_reveal", args=[one.pk])).status_code == 302
            assert "كيف أسدد القسط" in words(browser.get(reverse("comment", args=[one.pk])))
            assert AccessRecord.objects.filter(user=reader, what="comment.reveal").count() == 1

    def test_a_writer_is_known_again_and_what_was_done_against_them(self, officer: User, account: Channel) -> None:
        first = a_comment(account, by=officer, writer="@Sami_1", sort="IMPROPER")
        writer_measure(user=officer, comment=first, kind="WARNED", reason="ألفاظ نابية", at=AT)
        second = a_comment(account, by=officer, writer=" @sami_1 ", sort="IMPROPER")
        other = a_comment(account, by=officer, writer="@sami_2")
        page = enter(officer).get(reverse("comment", args=[second.pk]))
        assert (page.context["others"], [deed.kind for deed in page.context["measures"]]) == (1, ["WARNED"])
        assert enter(officer).get(reverse("comment", args=[other.pk])).context["others"] == 0

    def test_more_comments_cost_no_more_statements(self, officer: User, account: Channel) -> None:
        writer_measure(user=officer, comment=a_comment(account, by=officer), kind="WARNED", reason="س", at=AT)
        few = queries(lambda: enter(officer).get(reverse("comments")))
        for _n in range(5):
            writer_measure(user=officer, comment=a_comment(account, by=officer), kind="WARNED", reason="س", at=AT)
        assert queries(lambda: enter(officer).get(reverse("comments"))) == few


class TestReplies:
    @pytest.mark.requirement("CX-25")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_reply_leads_into_private_and_gives_nothing_away(
        self, language: str, officer: User, account: Channel, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "https://mithaq.example"
        one, browser = a_comment(account, by=officer), enter(officer, language)
        for telling in ("جوالكم ٠٥٥١٢٣٤٥٦٧؟", "هويتكم 1023456789", "عليكم 500 ريال", "شكواكم C-2026-000001"):
            answer = act(browser, one, "reply", language=language, words=telling)
            assert answer.status_code == 422
            assert 'class="error"' in words(answer)
        assert not CommentDeed.objects.exists()
        assert act(browser, one, "reply", language=language, words="نعتذر، ونسعد بخدمتكم").status_code == 302
        deed = CommentDeed.objects.get()
        assert deed.kind == DeedKind.REPLIED
        assert deed.words.startswith("نعتذر، ونسعد بخدمتكم\n")
        assert deed.words.endswith("\nhttps://mithaq.example/help/")
        assert "https://mithaq.example/help/" in words(browser.get(reverse("comment", args=[one.pk])))

    @pytest.mark.requirement("CX-25")
    def test_once_there_is_a_matter_its_names_and_references_stay_private(
        self, officer: User, account: Channel
    ) -> None:
        one = a_comment(account, by=officer, sort="COMPLAINT", writer="@traveller")
        comment_move(user=officer, comment=one, kind="COMPLAINT", at=AT)
        matter = Matter.objects.get()
        browser = enter(officer)
        assert act(browser, one, "reply", language="ar", words="وصلت ملاحظتكم يا هند").status_code == 302
        case = a_case(make_client("AAA"), ref="ح77", debtor_name="هند بنت سعد الشهري")
        matter_sort(user=officer, matter=matter, case=case, at=AT)
        for telling in ("يا هند", "للشهري", "ملف ح77"):
            assert act(browser, one, "reply", language="ar", words=telling).status_code == 422, telling
        debt = case.debts.first()
        assert debt is not None
        assert act(browser, one, "reply", language="ar", words=f"العقد {debt.debt_ref}").status_code == 422
        assert act(browser, one, "reply", language="ar", words="نتابع معكم في الخاص").status_code == 302

    @pytest.mark.parametrize("said", [{"words": " "}, {"words": "س" * 1001}, {"language": "fr"}])
    def test_a_reply_has_words_and_a_language(self, said: dict[str, str], officer: User, account: Channel) -> None:
        one = a_comment(account, by=officer)
        with pytest.raises(Refused):
            comment_reply(user=officer, comment=one, at=AT, **{"words": "نسعد بكم", "language": "ar", **said})
        assert not CommentDeed.objects.exists()


class TestPrivate:
    @pytest.mark.requirement("CX-25", "CX-11")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_goes_on_in_private_and_waits_for_a_way_to_reach_the_writer(
        self, language: str, officer: User, account: Channel
    ) -> None:
        one, browser = a_comment(account, by=officer), enter(officer, language)
        assert act(browser, one, "move", kind="ENQUIRY").status_code == 302
        matter = Matter.objects.get()
        assert (matter.kind, matter.intake, matter.stage, matter.missing) == (
            "ENQUIRY", "SOCIAL", Stage.ACKNOWLEDGED, [Missing.CONTACT],
        )  # fmt: skip
        assert (words_of(matter=matter), person_of(matter=matter).name) == ("كيف أسدد القسط؟", "سامي العتيبي")
        assert {clock.state for clock in clocks_of(subject=matter)} == {ClockState.PAUSED}
        one.refresh_from_db()
        assert one.matter == matter
        # Linked both ways.
        assert reverse("matter", args=[matter.pk]) in words(browser.get(reverse("comment", args=[one.pk])))
        assert reverse("comment", args=[one.pk]) in words(browser.get(reverse("matter", args=[matter.pk])))
        assert act(browser, one, "move", kind="ENQUIRY").status_code == 422
        assert Matter.objects.count() == 1

    @pytest.mark.requirement("CX-25")
    def test_who_left_a_number_in_private_is_acknowledged(self, officer: User, account: Channel) -> None:
        one = a_comment(account, by=officer, sort="COMPLAINT")
        answer = act(enter(officer), one, "move", kind="COMPLAINT", phone="0551234567")
        assert answer.status_code == 302
        matter = Matter.objects.get()
        assert (matter.kind, matter.missing, person_of(matter=matter).phone) == ("COMPLAINT", [], "+966551234567")

    def test_where_no_matter_can_be_made_nothing_is(self, officer: User, account: Channel) -> None:
        one, browser = a_comment(account, by=officer), enter(officer)
        assert act(browser, one, "move", kind="ENQUIRY", phone="123").status_code == 422
        PublicComment.objects.update(wrapped_key=None)
        assert act(browser, one, "move", kind="ENQUIRY").status_code == 422
        with pytest.raises(crypto.Unreadable):
            comment_shown(PublicComment.objects.get())
        browser.post(reverse("comment_reveal", args=[one.pk]))
        assert browser.get(reverse("comment", args=[one.pk])).context["erased"]
        assert not Matter.objects.exists()
        assert not CommentDeed.objects.exists()
