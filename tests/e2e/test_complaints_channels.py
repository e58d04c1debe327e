"""Channels and what is written in public, at real browsers: what is improper, what goes on in private, a review."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.tests.holidays_sa import holidays_write
from complaints.models import Channel, ChannelReview, Matter, PublicComment, PublicWatch, Recommendation
from complaints.services.categories import categories_ship
from complaints.services.channels import channels_ship
from complaints.tests.channel_worlds import REVIEW, a_comment, a_social_account
from complaints.tests.worlds import a_matter
from tests.browsing import PHONE, Surfer
from tests.doors import LANGUAGES
from tests.e2e.hands import follow, form_at, send, the_day
from tests.e2e.test_complaints_register import clean
from tests.world import make_user

pytestmark = pytest.mark.parametrize("language", LANGUAGES)
MARCH = dt.date(2026, 3, 8)  # a Sunday


@pytest.fixture
def account(transactional_db: None, house: str, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """An account of the house, looked through last on no day yet."""
    cache.clear()
    the_day(monkeypatch, MARCH)
    holidays_write()
    categories_ship()
    channels_ship()
    return a_social_account(at=clock.now())


def opened(page: Page, one: PublicComment) -> str:
    """The page of a comment with its words shown; its address."""
    address = f"/channels/comments/{one.pk}/"
    page.goto(address)
    page.locator(f"form[action$='{address}reveal/'] button").click()
    expect(page.locator("#words blockquote")).to_be_visible()
    return address


@pytest.mark.requirement("CX-26")
def test_an_improper_comment_is_hidden_its_writer_warned_and_the_account_looked_through(
    account: Channel, surfer: Surfer, language: str
) -> None:
    page = surfer.window(make_user(Role.COMPLAINTS_OFFICER), language)
    page.goto("/channels/comments/")
    clean(page)
    follow(page, "a[href$='/channels/comments/new/']")
    clean(page)
    send(page, page.locator("main form.entry"), sort="IMPROPER", link="https://x.com/sami/status/1", writer="@sami",
         words="أنتم لصوص", published_at="2026-03-08T08:00")  # fmt: skip
    one = PublicComment.objects.get()
    expect(page.locator("main")).not_to_contain_text("لصوص")
    address = opened(page, one)
    expect(page.locator("#words")).to_contain_text("أنتم لصوص")
    clean(page)
    send(page, f"{address}close/", status=422)
    send(page, f"{address}handle/", kind="HIDDEN", reason="ألفاظ نابية")
    send(page, f"{address}measure/", kind="WARNED", reason="أول مرة")
    send(page, f"{address}close/")
    clean(page)
    one.refresh_from_db()
    assert (one.state, list(one.deeds.values_list("kind", flat=True))) == ("CLOSED", ["HIDDEN", "WARNED"])
    page.goto("/channels/comments/")
    send(page, f"/channels/{account.pk}/watch/")
    assert PublicWatch.objects.get().found == 1
    page.goto("/channels/comments/?view=closed")
    clean(page)


@pytest.mark.requirement("CX-25")
def test_who_asks_for_help_is_answered_without_a_number_and_led_into_private(
    account: Channel, surfer: Surfer, language: str
) -> None:
    officer = make_user(Role.COMPLAINTS_OFFICER)
    one = a_comment(account, by=officer)
    page = surfer.window(officer, language)
    address = opened(page, one)
    send(page, f"{address}reply/", status=422, language=language, words="اتصل بنا من رقمك ٠٥٥١٢٣٤٥٦٧")
    expect(form_at(page, f"{address}reply/").locator(".field.bad")).to_contain_text("0551234567")
    clean(page)
    send(page, f"{address}reply/", language=language, words="نعتذر ونسعد بخدمتكم")
    expect(page.locator(".timeline")).to_contain_text("/help/")
    send(page, f"{address}move/", kind="ENQUIRY")
    matter = Matter.objects.get()
    assert (matter.intake, matter.missing, matter.comment) == ("SOCIAL", ["CONTACT"], one)
    follow(page, f".timeline a[href$='/matters/{matter.pk}/']")
    clean(page)
    follow(page, f"main a[href$='{address}']")
    send(page, f"{address}close/")
    one.refresh_from_db()
    assert one.state == "CLOSED"
    phone = surfer.window(officer, language, size=PHONE)
    phone.goto(address)
    clean(phone)


@pytest.mark.requirement("CX-27", "CX-20")
def test_a_channel_gets_its_team_is_reviewed_and_its_proposal_becomes_a_recommendation(
    account: Channel, surfer: Surfer, language: str
) -> None:
    quality, head = User.objects.get(role=Role.QUALITY_OFFICER), make_user(Role.COLLECTIONS_MANAGER)
    channel = Channel.objects.get(intake="PHONE")
    a_matter(intake="PHONE", at=clock.now() - dt.timedelta(days=3))
    keeper = surfer.window(quality, language)
    keeper.goto("/channels/")
    clean(keeper)
    follow(keeper, f"#mend a[href$='/channels/{channel.pk}/']")
    follow(keeper, f"a[href$='/channels/{channel.pk}/edit/']")
    clean(keeper)
    send(keeper, keeper.locator("main form.entry"), supervisor=str(head.pk))
    clean(keeper)
    page = surfer.window(head, language)
    page.goto("/approvals/")
    follow(page, f"a[href$='/channels/{channel.pk}/']")
    send(page, f"/channels/{channel.pk}/review/", **REVIEW)
    clean(page)
    review = ChannelReview.objects.get()
    assert review.figures["received"] == 1
    follow(page, f"a[href$='/channels/reviews/{review.pk}/']")
    clean(page)
    send(page, f"/channels/reviews/{review.pk}/propose/", department="FRONT_LINE")
    made = Recommendation.objects.get()
    page.wait_for_url(f"**/recommendations/{made.pk}/")
    follow(page, f"a[href$='/channels/reviews/{review.pk}/']")
    # The figures of the page open what they count.
    keeper.goto("/channels/?first=2026-03-01&last=2026-03-08")
    follow(keeper, "a[href*='channel=PHONE'][href$='counted=received']")
    expect(keeper.locator("table.list tbody tr")).to_have_count(1)
    clean(keeper)
