"""How well people were answered, and how satisfied they were: figures counted by hand, through the page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.clock import RIYADH
from common.clocks.tick import clocks_tick
from complaints.choices import MatterKind, Stage
from complaints.models import Matter, MatterMove
from complaints.selectors.satisfaction import Satisfaction, satisfaction_by
from complaints.services.at_once import matter_duplicate
from complaints.services.categories import categories_ship
from complaints.services.matters import acknowledge
from complaints.services.ratings import rating_ask, rating_give
from complaints.tests.handling_worlds import Desk, a_desk, a_matter_at, objects_to_amount
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)  # a Sunday
MARCH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))


@pytest.fixture(autouse=True)
def _now() -> Any:
    categories_ship()
    with clock.at(AT):
        yield


@pytest.fixture
def desk() -> Desk:
    return a_desk()


@pytest.fixture
def quality() -> User:
    return make_user(Role.QUALITY_OFFICER)


def rated(matter: Matter, score: int | None, *, solved: bool = True) -> Matter:
    """Asked after closing, and answered where there is a score."""
    rating_ask(actor=ACTOR, matter=matter, at=AT)
    rating = type(matter).objects.get(pk=matter.pk).rating
    if score is not None:
        rating_give(rating=rating, score=score, is_solved=solved, words="", at=AT)
    return matter


def figures(**given: Any) -> Satisfaction:
    (row,) = satisfaction_by(matters=Matter.objects.all(), first=MARCH[0], last=MARCH[1], **given)
    return row


class TestFigures:
    def test_nothing_received_is_no_row_at_all_and_a_rate_over_nothing_is_none(self, desk: Desk) -> None:
        assert satisfaction_by(matters=Matter.objects.all(), first=MARCH[0], last=MARCH[1], by="handler") == []
        a_matter()
        row = figures()
        assert (row.received, row.response.value, row.resolution.value) == (1, Decimal(0), Decimal(0))
        assert (row.hours, row.enquiries.value, row.complaints.value, row.rated.value) == (None, None, None, None)
        assert (row.mean, row.good) == (None, None)

    def test_rates_count_what_was_told_closed_and_kept(self, desk: Desk) -> None:
        a_matter_at(Stage.ACKNOWLEDGED, desk=desk, at=AT)
        a_matter_at(Stage.COMMUNICATED, desk=desk, at=AT)
        a_matter_at(Stage.CLOSED, desk=desk, at=AT)
        row = figures()
        assert (row.response.part, row.response.whole) == (2, 3)
        assert (row.resolution.part, row.resolution.whole) == (1, 3)
        with clock.at(AT + dt.timedelta(days=40)):
            clocks_tick(at=clock.now())  # of the open ones eleven working days lapse
        row = figures()
        assert (row.complaints.part, row.complaints.whole) == (1, 3)

    def test_the_first_answer_is_the_middle_one(self, desk: Desk) -> None:
        for hours in (1, 2, 30):
            matter = a_matter(at=AT)
            MatterMove.objects.create(
                matter=matter, to_stage=Stage.COMMUNICATED, level=1, at=AT + dt.timedelta(hours=hours)
            )
        assert figures().hours == 2.0

    def test_an_enquiry_is_answered_within_24_hours_or_not(self, desk: Desk) -> None:
        a_matter_at(Stage.CLOSED, desk=desk, kind=MatterKind.ENQUIRY, at=AT)
        a_matter_at(Stage.ACKNOWLEDGED, desk=desk, kind=MatterKind.ENQUIRY, at=AT)
        assert (figures().enquiries.part, figures().enquiries.whole) == (1, 1)  # the other still has time
        with clock.at(AT + dt.timedelta(hours=25)):
            clocks_tick(at=clock.now())
        assert (figures().enquiries.part, figures().enquiries.whole) == (1, 2)

    @pytest.mark.parametrize(("given", "mean", "good"), [
        ([5, 5, 4, 1], None, None),  # four answers are too few
        ([5, 5, 4, 1, 3], Decimal("3.6"), 60),
        ([5, 5, 4, 1, 3, None], Decimal("3.6"), 60),
    ])  # fmt: skip
    def test_nobody_is_judged_by_four_answers(
        self, given: list[int | None], mean: Decimal | None, good: int | None, desk: Desk
    ) -> None:
        for score in given:
            rated(a_matter_at(Stage.CLOSED, desk=desk, at=AT), score)
        row = figures()
        assert row.mean == mean
        assert (row.good.percent if row.good else None) == good
        assert (row.rated.part, row.rated.whole) == (len([s for s in given if s is not None]), len(given))

    def test_what_the_person_calls_unsolved_is_not_resolved(self, desk: Desk) -> None:
        rated(a_matter_at(Stage.CLOSED, desk=desk, at=AT), 1, solved=False)
        assert figures().resolution.percent == 0

    def test_both_days_of_the_period_count_in_riyadh_and_no_other(self) -> None:
        for at in (
            dt.datetime(2026, 2, 28, 20, 59, tzinfo=dt.UTC),  # 23:59 in Riyadh, the day before
            dt.datetime(2026, 2, 28, 21, 0, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 31, 20, 59, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 31, 21, 0, tzinfo=dt.UTC),
        ):
            a_matter(at=at)
        assert figures().received == 2

    def test_told_twice_counts_once(self, desk: Desk) -> None:
        first, second = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, at=AT), a_matter(at=AT)
        matter_duplicate(
            user=desk.officer, matter=acknowledge(actor=ACTOR, matter=second, at=AT), of=first, at=AT
        )  # fmt: skip
        assert figures().received == 1

    def test_groups_add_up_to_the_whole(self, desk: Desk) -> None:
        a_matter(at=AT, category=objects_to_amount())
        a_matter(at=AT + dt.timedelta(days=31), kind=MatterKind.ENQUIRY)
        a_matter_at(Stage.CLOSED, desk=desk, at=AT)
        for by in ("handler", "category", "department", "kind", "month"):
            rows = satisfaction_by(
                matters=Matter.objects.all(), first=MARCH[0], last=dt.date(2026, 4, 30), by=by
            )  # fmt: skip
            assert sum(row.received for row in rows) == 3, by
            assert len({row.key for row in rows}) == len(rows) >= 2 or by == "department", by


class TestPage:
    @pytest.mark.requirement("CX-19")
    @pytest.mark.requirement("CX-20")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_quality_reads_the_figures_and_opens_the_matters_behind_them(
        self, language: str, desk: Desk, quality: User
    ) -> None:
        matters = [rated(a_matter_at(Stage.CLOSED, desk=desk, at=AT), score) for score in (5, 5, 4, 1, 3)]
        other = a_matter(at=AT)
        browser = enter(quality, language)
        told = {"by": "handler", "first": "2026-03-01", "last": "2026-03-01"}
        page = browser.get(reverse("satisfaction"), told)
        assert in_language(page, language)
        assert "3.6" in words(page)
        assert "60%" in words(page)
        handler = Matter.objects.get(pk=matters[0].pk).handler
        assert handler is not None
        rows = words(browser.get(reverse("satisfaction_matters"), {**told, "key": handler.pk}))
        assert all(matter.reference in rows for matter in matters)
        assert other.reference not in rows
        # The lowest score first.
        assert rows.index(matters[3].reference) < rows.index(matters[0].reference)
        without = words(browser.get(reverse("satisfaction_matters"), {**told, "key": "-"}))
        assert other.reference in without
        assert matters[0].reference not in without
        everything = words(browser.get(reverse("satisfaction_matters"), told))
        assert other.reference in everything

    def test_nobody_reads_what_is_said_of_themselves(self, desk: Desk, quality: User) -> None:
        a_matter(at=AT, concerned=quality)
        page = words(enter(quality).get(reverse("satisfaction"), {"by": "kind"}))
        assert MatterKind.COMPLAINT not in page
        assert "satisfaction/matters/?by=kind&amp;key" not in page

    @pytest.mark.parametrize("asked", [
        {"first": "2026-03-09", "last": "2026-03-01"}, {"first": "x"}, {"last": "9999-99-99"},
        {"first": "", "last": ""},
        {"by": "month", "key": "2026-13"}, {"by": "month", "key": "x"}, {"by": "handler", "key": "x"},
        {"by": "handler", "key": "9" * 40}, {"by": "category", "key": "-"}, {"by": "kind", "key": "\x00"},
    ])  # fmt: skip
    def test_strange_periods_and_keys_break_nothing(self, asked: dict[str, str], quality: User) -> None:
        browser = enter(quality)
        for name in ("satisfaction", "satisfaction_matters"):
            assert browser.get(reverse(name), asked).status_code in {200, 400, 422}
        assert browser.get(reverse("satisfaction"), {"by": "person"}).status_code == 404

    def test_it_costs_the_same_however_many_matters_there_are(self, desk: Desk, quality: User) -> None:
        browser = enter(quality)
        a_matter_at(Stage.CLOSED, desk=desk, at=AT)
        few = queries(lambda: browser.get(reverse("satisfaction")))
        for _more in range(3):
            a_matter_at(Stage.CLOSED, desk=desk, at=AT)
        assert queries(lambda: browser.get(reverse("satisfaction"))) == few <= 12
