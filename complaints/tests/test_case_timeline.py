"""The line of time of a case tells of complaints and disputes what each person may know, and no more."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Case, Hold
from collections_app.services.cases import cases_assign
from common import clock
from common.clock import RIYADH
from complaints.choices import DisputeStep, Stage
from complaints.services.levels import matter_disagree
from complaints.tests.dispute_worlds import a_dispute, an_officer, notified
from complaints.tests.handling_worlds import a_desk, a_matter_at, an_objection
from tests.doors import LANGUAGES, enter, words
from tests.world import ACTOR, a_case, make_client, make_team, make_user

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(AT):
        yield


@pytest.fixture
def case() -> Case:
    return a_case(make_client("BNK", kind="BANK"), ref="D-9")


@pytest.fixture
def collector(case: Case) -> User:
    user = make_user(Role.COLLECTOR, team=make_team())
    cases_assign(actor=ACTOR, case_ids=[case.pk], owner=user, on=AT.date())
    return user


def line(user: User, case: Case, language: str = "en") -> str:
    """The line of time as this person reads it."""
    page = words(enter(user, language).get(reverse("case", args=[case.pk])))
    start = page.index('class="timeline"')
    return page[start : page.index("</ol>", start)]


@pytest.mark.requirement("CX-15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collector_reads_the_steps_of_a_complaint_but_not_by_whom(case: Case, collector: User, language: str) -> None:
    desk = a_desk()
    matter = a_matter_at(Stage.CLOSED, desk=desk, case=case)
    read = line(collector, case, language)
    assert read.count(matter.reference) == 6
    assert desk.officer.name not in read
    assert desk.officer.email.split("@")[0] in line(desk.head, case, "en")


def test_an_objection_is_called_by_what_is_objected_to(case: Case, collector: User) -> None:
    an_objection(desk=a_desk(), case=case)
    assert "Objection to the amount · Received" in line(collector, case)


@pytest.mark.requirement("CX-14", "CX-15")
def test_nothing_is_told_of_confidential_complaints_nor_to_who_is_complained_of(case: Case, collector: User) -> None:
    desk = a_desk()
    about_them = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, case=case, concerned=collector)
    sealed = a_matter_at(Stage.ACKNOWLEDGED, desk=desk, case=case, is_confidential=True)
    assert about_them.reference not in line(collector, case)
    assert about_them.reference in line(desk.officer, case)
    for user in (collector, desk.officer):
        assert sealed.reference not in line(user, case)


def test_disputes_stand_there_for_who_reads_them(case: Case, collector: User) -> None:
    dispute = notified(a_dispute(case))
    read = line(an_officer(), case)
    assert read.count(dispute.reference) == 2
    with translation.override("en"):
        assert str(DisputeStep.NOTIFIED.label) in read
    assert dispute.reference not in line(collector, case)


class TestHoldsOfComplaints:
    """Whoever leads at the case may not end the hold of what is still open."""

    def leader(self, case: Case) -> User:
        return make_user(Role.COLLECTIONS_MANAGER, name="leader")

    def tried(self, case: Case) -> None:
        """The leader tries both doors: what they say, and that the hold stands."""
        hold = Hold.objects.filter(case=case).latest("pk")
        browser = enter(self.leader(case), "en")
        page = words(browser.get(reverse("case", args=[case.pk]), {"show": "holds"}))
        assert "stands on this hold" in page
        for name in ("case_objection", "case_release"):
            assert reverse(name, args=[case.pk, hold.pk]) not in page
        decided = browser.post(
            reverse("case_objection", args=[case.pk, hold.pk]), {"decision": "REJECTED", "reason": "لا صحة له"}
        )
        released = browser.post(
            reverse("case_release", args=[case.pk, hold.pk]), {"until_on": hold.from_on, "reason": "لا صحة له"}
        )
        assert "stands on this hold" in words(decided)
        assert "stands on this hold" in words(released)
        hold.refresh_from_db()
        assert (hold.decision, hold.until_on) == ("", None)

    @pytest.mark.requirement("CX-12")
    def test_of_a_complaint_until_its_result_is_told(self, case: Case) -> None:
        an_objection(desk=a_desk(), case=case, stage=Stage.RESPONDED)
        self.tried(case)

    @pytest.mark.requirement("CX-12")
    def test_of_a_complaint_that_is_reopened(self, case: Case) -> None:
        desk = a_desk()
        matter = an_objection(desk=desk, case=case, stage=Stage.COMMUNICATED)
        assert Hold.objects.get(case=case).until_on == AT.date()
        with clock.at(AT + dt.timedelta(days=1)):
            matter_disagree(actor=ACTOR, matter=matter, words="المبلغ غير صحيح", at=clock.now())
            self.tried(case)

    @pytest.mark.requirement("CB-38")
    def test_of_a_dispute_until_it_is_closed(self, case: Case) -> None:
        notified(a_dispute(case))
        self.tried(case)
