"""The conditions of escalation: pure at both sides of each figure, then from the rows, then through the doors."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.choices import Role
from collections_app.models import EscalationRequest
from collections_app.services.holds import hold_place
from collections_app.services.ledger import payment_post
from common import clock
from common.exceptions import NotAllowed, Refused
from legal.models import EscalationPolicy, Paper, RequestCheck
from legal.rules.criteria import Criterion, Facts, Terms, checks
from legal.rules.instruments import NoteFault, note_faults, note_may_be_filed
from legal.selectors.criteria import criteria_of, escalation_policy_on
from legal.services.policies import escalation_policy_replace
from legal.tests.evidence_world import ACTOR, BECAUSE, GROUNDS, World, contact, pages, picture
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import a_case, a_paper, debts_ticked, make_client, make_user, signed_in

GOOD = Facts(
    days=90, in_default=True, balance=Decimal("100.00"), attempts=3, reached=1, offers=1, missed_promises=0,
    open_promises=0, open_holds=0, notices_served=0,
)  # fmt: skip
TERMS = {
    "starts_on": dt.date(2027, 1, 1), "least_days": 100, "least_balance": Decimal("500.00"), "least_attempts": 5,
    "least_reached": 2, "least_missed_promises": 1, "notice_needed": False, "offer_by_day": 60,
    "longest_validity": 90,
}  # fmt: skip


@pytest.mark.requirement("PL-20")
@pytest.mark.parametrize(
    ("criterion", "terms", "met", "failed"),
    [
        (Criterion.DAYS, {}, {"days": 90}, {"days": 89}),
        (Criterion.DEFAULT, {}, {"in_default": True}, {"in_default": False}),
        (Criterion.BALANCE, {}, {"balance": Decimal("0.01")}, {"balance": Decimal("0.00")}),
        (Criterion.BALANCE, {"least_balance": Decimal(500)}, {"balance": Decimal(500)}, {"balance": Decimal("499.99")}),
        (Criterion.ATTEMPTS, {}, {"attempts": 3}, {"attempts": 2}),
        (Criterion.REACHED, {"least_reached": 2}, {"reached": 2}, {"reached": 1}),
        (Criterion.OFFER, {}, {"offers": 1}, {"offers": 0}),
        (Criterion.PROMISES, {"least_missed_promises": 2}, {"missed_promises": 2}, {"missed_promises": 1}),
        (Criterion.NO_PROMISE, {}, {"open_promises": 0}, {"open_promises": 1}),
        (Criterion.NO_HOLD, {}, {"open_holds": 0}, {"open_holds": 1}),
        (Criterion.NOTICE, {"notice_needed": True}, {"notices_served": 1}, {"notices_served": 0}),
        (Criterion.LIMITATION, {}, {"limitation_passed": False}, {"limitation_passed": True}),
    ],
)
def test_each_condition_at_both_sides_of_its_figure(
    criterion: Criterion, terms: dict[str, Any], met: dict[str, Any], failed: dict[str, Any]
) -> None:
    for facts, ok in ((met, True), (failed, False)):
        found = checks(terms=replace(Terms(), **terms), facts=replace(GOOD, balance=Decimal(900), **facts)
                       if "balance" not in facts else replace(GOOD, **facts))  # fmt: skip
        assert {check.criterion: check.ok for check in found}[criterion] is ok
        assert all(check.ok for check in found if check.criterion != criterion)


def test_what_is_not_asked_is_no_line_and_three_conditions_are_hard() -> None:
    found = {check.criterion for check in checks(terms=Terms(), facts=GOOD)}
    assert found == set(Criterion) - {Criterion.NOTICE, Criterion.LIMITATION}
    every = checks(terms=Terms(notice_needed=True), facts=replace(GOOD, limitation_passed=False))
    assert {check.criterion for check in every if check.hard} == {"BALANCE", "NO_HOLD", "LIMITATION"}


FULL: dict[str, Any] = {
    "says_note": True, "unconditional": True, "due_on": dt.date(2027, 1, 1), "payment_place": "الرياض",
    "payee": "الشركة", "issued_on": dt.date(2026, 1, 1), "issue_place": "جدة", "signed": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"says_note": False}, [NoteFault.WORDS]),
        ({"unconditional": False}, [NoteFault.PROMISE]),
        ({"due_on": None}, [NoteFault.DUE]),
        ({"payment_place": " "}, [NoteFault.PAYMENT_PLACE]),
        ({"payee": ""}, [NoteFault.PAYEE]),
        ({"issued_on": None}, [NoteFault.ISSUE]),
        ({"issue_place": ""}, [NoteFault.ISSUE]),
        ({"signed": False}, [NoteFault.SIGNATURE]),
    ],
)
def test_a_note_shows_its_seven_items(change: dict[str, Any], faults: list[NoteFault]) -> None:
    assert note_faults(**FULL | change) == faults


@pytest.mark.parametrize(
    ("issued", "reference", "filed", "may"),
    [
        ("2026-10-27", "", "2026-10-27", True),
        ("2026-10-27", "", "2027-10-27", True),
        ("2026-10-27", "", "2027-10-28", False),
        ("2026-10-28", "", "2026-10-28", False),
        ("2026-10-28", "", "2027-10-27", False),
        ("2026-10-28", "NF-1", "2026-10-28", True),
        ("2020-01-01", "NF-1", "2030-01-01", True),
        ("2026-10-28", "  ", "2026-11-01", False),
    ],
)
def test_an_unregistered_note_is_filed_for_one_year_more(issued: str, reference: str, filed: str, may: bool) -> None:
    days = {"issued_on": dt.date.fromisoformat(issued), "filed_on": dt.date.fromisoformat(filed)}
    assert note_may_be_filed(platform_reference=reference, **days) is may
    assert note_may_be_filed(issued_on=None, platform_reference="", filed_on=dt.date(2026, 11, 1)) is False


@pytest.mark.django_db
class TestFromTheRows:
    @pytest.mark.requirement("PL-20")
    def test_the_checklist_is_computed_and_leads_to_its_rows(self) -> None:
        world = World()
        told = {line.criterion: line for line in criteria_of(case=world.case, today=clock.today())}
        assert {name for name, line in told.items() if not line.ok} == set()
        assert told[Criterion.DAYS].evidence["days"] == 180, "invoice date: the basis of trade credit"
        assert told[Criterion.ATTEMPTS].evidence["count"] == 3
        browser = signed_in(world.collector)
        page = browser.get(reverse("case_propose", args=[world.case.pk]))
        for criterion in told:
            door = reverse("case_criterion", args=[world.case.pk, criterion])
            assert door in words(page)
            rows = browser.get(door)
            assert rows.status_code == 200
            counted = told[criterion].evidence.get("count")
            if counted:
                assert len(rows.context["rows"]) == counted, criterion
        assert browser.get(reverse("case_criterion", args=[world.case.pk, "NOTICE"])).status_code == 404
        assert browser.get(reverse("case_criterion", args=[world.case.pk, "nothing"])).status_code == 404

    @pytest.mark.requirement("PL-20")
    def test_a_hold_and_a_paid_case_are_not_proposed_whatever_the_grounds(self) -> None:
        world = World()
        hold_place(actor=ACTOR, case=world.case, kind="OBJECTION", from_on=clock.today(), reason="يعترض")
        page = signed_in(world.collector).get(reverse("case_propose", args=[world.case.pk]))
        assert [line.criterion for line in page.context["blocked"]] == ["NO_HOLD"]
        with pytest.raises(Refused) as refused:
            world.proposed(steps=("MEDIATION",))
        assert refused.value.code == "criteria_hard"
        assert not EscalationRequest.objects.exists()

    def test_below_the_least_balance_of_the_client_it_is_not_proposed(self) -> None:
        world = World()
        escalation_policy_replace(user=world.manager, client=world.client, **TERMS | {"starts_on": clock.today()})
        payment_post(actor=ACTOR, case=world.case, amount=Decimal("500.01"), currency="SAR", value_on=clock.today())
        world.opened()
        told = {line.criterion: line.ok for line in criteria_of(case=world.case, today=clock.today())}
        assert told[Criterion.BALANCE] is False
        assert told[Criterion.ATTEMPTS] is False, "five contacts agreed, three made"

    @pytest.mark.requirement("PL-20")
    def test_an_unmet_condition_needs_its_reason_which_everybody_reads(self) -> None:
        world = World()
        contact(world.case, by=world.collector, outcome="PROMISE", promise_amount=Decimal(10),
                promise_on=clock.today() + dt.timedelta(days=3))  # fmt: skip
        data = {"grounds": GROUNDS, "steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "90",
                **debts_ticked(world.case)}  # fmt: skip
        browser, url = signed_in(world.collector), reverse("case_propose", args=[world.case.pk])
        page = browser.post(url, data)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["because_NO_PROMISE"]
        assert GROUNDS in words(page), "nothing typed is lost"
        assert browser.post(url, data | {"because_NO_PROMISE": BECAUSE}).status_code == 302
        request = EscalationRequest.objects.get()
        assert BECAUSE in request.grounds
        kept = RequestCheck.objects.get(request=request, criterion="NO_PROMISE")
        assert (kept.ok, kept.because) == (False, BECAUSE)
        assert RequestCheck.objects.filter(request=request, ok=True).count() == 9
        seen = signed_in(world.manager).get(reverse("escalation", args=[request.pk]))
        assert words(seen).count(BECAUSE) >= 2
        world.approve(request)
        read = signed_in(world.signatory).get(reverse("portal_authorisation", args=[request.pk]))
        assert words(read).count(BECAUSE) >= 2

    def test_longer_than_the_client_allows_is_refused(self) -> None:
        world = World()
        data = {"grounds": GROUNDS, "steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "91",
                **debts_ticked(world.case)}  # fmt: skip
        page = signed_in(world.collector).post(reverse("case_propose", args=[world.case.pk]), data)
        assert list(page.context["form"].errors) == ["valid_days"]


@pytest.mark.django_db
class TestPolicies:
    @pytest.mark.requirement("PL-20")
    def test_a_manager_writes_the_next_version_and_the_page_tells_who_changed_what(self) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        browser, url = signed_in(manager), reverse("escalation_policy_edit", args=[client.pk])
        today = clock.today()
        assert escalation_policy_on(client_id=client.pk, on=today).version == 0
        data = {**TERMS, "starts_on": today.isoformat(), "notice_needed": ""}
        assert browser.post(url, data | {"least_reached": "6"}).status_code == 422
        assert browser.post(url, data | {"offer_by_day": "101"}).status_code == 422
        assert browser.post(url, data | {"starts_on": "2020-01-01"}).status_code == 422
        assert not EscalationPolicy.objects.exists()
        assert browser.post(url, data).url == reverse("escalation_policy", args=[client.pk])
        later = today + dt.timedelta(days=30)
        assert browser.post(url, data | {"least_days": "120", "starts_on": later.isoformat()}).status_code == 302
        assert escalation_policy_on(client_id=client.pk, on=today).least_days == 100
        assert escalation_policy_on(client_id=client.pk, on=later).least_days == 120
        versions = browser.get(reverse("escalation_policy", args=[client.pk])).context["versions"]
        assert [v["policy"].version for v in versions] == [2, 1]
        assert [(before, after) for _label, before, after in versions[0]["changed"]] == [("100", "120")]
        assert versions[0]["by"] == manager.name_en or versions[0]["by"]
        assert reverse("escalation_policy", args=[client.pk]) in words(browser.get(reverse("client", args=[client.pk])))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_pages_in_both_languages(self, language: str) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        browser = enter(manager, language)
        doors = [reverse("escalation_policies"), reverse("escalation_policy", args=[client.pk]),
                 reverse("escalation_policy_edit", args=[client.pk]), reverse("timeliness")]  # fmt: skip
        for door in doors:
            page = browser.get(door)
            assert page.status_code == 200
            assert in_language(page, language)

    def test_only_a_manager_changes_them(self) -> None:
        client = make_client("AAA")
        with pytest.raises(NotAllowed):
            escalation_policy_replace(user=make_user(Role.TEAM_LEADER), client=client, **TERMS)


@pytest.mark.django_db
class TestPapers:
    """The propose page keeps what is brought, whatever else is wrong."""

    def _files(self, **files: Any) -> dict[str, Any]:
        return {name: [SimpleUploadedFile(n, c) for n, c in given] for name, given in files.items()}

    @pytest.mark.requirement("PL-20")
    def test_several_papers_are_kept_and_the_broken_one_is_named(self) -> None:
        world = World()
        browser, url = signed_in(world.collector), reverse("case_propose", args=[world.case.pk])
        page = browser.post(url, {"grounds": "قصير", "steps": ["CLAIM"], "cost_ceiling": "0", "valid_days": "90",
                                  **self._files(contracts=[("c1.pdf", pages("x")), ("c2.png", picture())],
                                                instruments=[("bad.exe", b"MZ")])})  # fmt: skip
        assert page.status_code == 422
        assert "bad.exe" in words(page)
        assert sorted(Paper.objects.values_list("kind", "title")) == [("CONTRACT", "c1"), ("CONTRACT", "c2")]
        assert [line.ok for line in page.context["pack"].lines] == [True, False, True, True]
        assert page.context["form"]["papers"].value() == [str(p.pk) for p in page.context["papers"]]

    @pytest.mark.requirement("PL-20")
    def test_a_court_step_needs_a_complete_pack(self) -> None:
        world = World()
        browser, url = signed_in(world.collector), reverse("case_propose", args=[world.case.pk])
        data = {"grounds": GROUNDS, "steps": ["CLAIM"], "cost_ceiling": "0", "valid_days": "90",
                **debts_ticked(world.case)}  # fmt: skip
        page = browser.post(url, {**data, **self._files(contracts=[("c.pdf", pages("x"))])})
        assert page.status_code == 422
        assert not EscalationRequest.objects.exists()
        kept = Paper.objects.get()
        page = browser.post(url, {**data, "papers": [kept.pk], **self._files(instruments=[("n.jpg", picture("JPEG"))])})
        assert page.status_code == 302, page.context and page.context["form"].errors
        request = EscalationRequest.objects.get()
        assert request.papers.get().kind == "PACK"

    def test_keeping_papers_first_says_nothing_of_what_is_not_written_yet(self) -> None:
        world = World()
        browser, url = signed_in(world.collector), reverse("case_propose", args=[world.case.pk])
        page = browser.post(url, {"keep": "yes", **self._files(contracts=[("c.pdf", pages("x"))])})
        assert page.status_code == 200
        assert Paper.objects.count() == 1

    def test_a_paper_of_another_case_is_not_bound(self) -> None:
        world = World()
        other = a_case(world.client, ref="D-2", owner=world.collector)
        strange = a_paper(other, by=world.collector)
        data = {"grounds": GROUNDS, "steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "90"}
        page = signed_in(world.collector).post(
            reverse("case_propose", args=[world.case.pk]), {**data, "papers": [strange.pk]}
        )
        assert page.status_code == 422
