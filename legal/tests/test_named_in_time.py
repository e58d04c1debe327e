"""A request is asked whether the debts that it names are in time, not the others of its case (PL-20, LIMITATION)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from collections_app.models import Debt, EscalationRequest
from common import clock
from common.exceptions import Refused
from legal.choices import InstrumentKind
from legal.rules.criteria import Criterion
from legal.rules.limitation import TERMS, years_after
from legal.selectors.criteria import criteria_of
from legal.selectors.requests import escalation_checks
from legal.services.escalations import escalation_decide, escalation_sign
from legal.services.proposals import proposal_amend, proposal_make, proposal_renew
from legal.tests.evidence_world import GROUNDS, World
from tests.doors import LANGUAGES, enter, words
from tests.world import debts_ticked, place, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PL-20", "LIMITATION", "JOINT-LIABILITY")]
FORM: dict[str, Any] = {"steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "90", "grounds": GROUNDS}
FIVE = TERMS[InstrumentKind.COMMERCIAL_ACCOUNT].years or 0


class Old(World):
    """The case of ``World`` with a second debt, OLD, whose five years end ``left`` days from today."""

    def __init__(self, *, left: int) -> None:
        super().__init__(debt_ref="NEW")
        last = clock.today() + dt.timedelta(days=left)
        due = last - dt.timedelta(days=FIVE * 365)
        while years_after(start=due, years=FIVE) > last:
            due -= dt.timedelta(days=1)
        place(self.client, [{
            "debtor_ref": "D-1", "debt_ref": "OLD", "receivable_ref": "O-1", "issued_on": due, "due_on": due,
            "amount": "600.00",
        }])  # fmt: skip
        self.opened()
        self.old, self.new = (Debt.objects.get(case=self.case, debt_ref=ref) for ref in ("OLD", "NEW"))

    def named(self, *debts: Debt) -> EscalationRequest:
        return proposal_make(
            user=self.collector, case=self.case, grounds=GROUNDS, steps=["FINAL_NOTICE"], because=self.because(),
            papers=[], debts={debt.pk: Decimal(100) for debt in debts},
        )  # fmt: skip

    def in_time(self, *debts: Debt) -> bool:
        told = criteria_of(case=self.case, today=clock.today(), debts=[debt.pk for debt in debts] or None)
        return next(line.ok for line in told if line.criterion == Criterion.LIMITATION)


@pytest.mark.parametrize(("left", "named", "refused"), [
    (-1, "OLD", True), (-1, "NEW", False), (-1, "BOTH", True), (0, "OLD", False), (0, "NEW", False), (0, "BOTH", False),
])  # fmt: skip
def test_only_what_is_named_has_to_be_in_time(left: int, named: str, refused: bool) -> None:
    world = Old(left=left)
    debts = {"OLD": [world.old], "NEW": [world.new], "BOTH": [world.old, world.new]}[named]
    assert world.in_time(*debts) is not refused
    if refused:
        with pytest.raises(Refused) as no:
            world.named(*debts)
        assert no.value.code == "criteria_hard"
        assert not EscalationRequest.objects.exists()
        return
    request = world.named(*debts)
    told = {line["criterion"]: line for line in escalation_checks(request=request, today=clock.today())}
    assert told[Criterion.LIMITATION]["ok"]
    assert request.checks.get(criterion=Criterion.LIMITATION).ok


def test_who_names_nothing_names_all_that_is_open() -> None:
    world = Old(left=-1)
    assert not world.in_time()
    with pytest.raises(Refused) as refused:
        proposal_make(
            user=world.collector, case=world.case, grounds=GROUNDS, steps=["MEDIATION"], because={}, papers=[]
        )
    assert refused.value.code == "criteria_hard"
    line = next(c for c in criteria_of(case=world.case, today=clock.today()) if c.criterion == Criterion.LIMITATION)
    assert line.evidence["passed"] == ["OLD"]
    assert "OLD" in line.evidence_words


def test_a_change_or_a_renewal_does_not_bring_in_what_could_not_be_proposed() -> None:
    world = Old(left=-1)
    request = world.named(world.new)
    asked: dict[str, Any] = {
        "grounds": GROUNDS, "steps": ["FINAL_NOTICE"], "cost_ceiling": Decimal(7), "valid_days": 20,
    }  # fmt: skip
    both = {world.old.pk: Decimal(100), world.new.pk: Decimal(100)}
    with pytest.raises(Refused) as refused:
        proposal_amend(user=world.collector, request=request, digest=request.digest, debts=both, **asked)
    assert refused.value.code == "criteria_hard"
    assert "OLD" in str(refused.value.message)
    new = {world.new.pk: Decimal(100)}
    changed = proposal_amend(user=world.collector, request=request, digest=request.digest, debts=new, **asked)
    approved = escalation_decide(user=world.manager, request=changed, decision="APPROVED", digest=changed.digest)
    escalation_sign(user=world.signatory, request=approved, digest=approved.digest)
    world.case.refresh_from_db()
    for debts in (both, None):
        with pytest.raises(Refused) as refused:
            proposal_renew(user=world.collector, case=world.case, debts=debts, **asked)
        assert refused.value.code == "criteria_hard"
    assert proposal_renew(user=world.collector, case=world.case, debts=new, **asked).ceiling == Decimal(1000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_leaves_what_is_past_unticked_says_so_and_takes_the_rest(language: str) -> None:
    world = Old(left=-1)
    browser, url = enter(world.collector, language), reverse("case_propose", args=[world.case.pk])
    page = browser.get(url)
    form = page.context["form"]
    assert [(one.debt, tick.value()) for one, tick, _share in form.debt_rows()] == [
        (world.new, True), (world.old, False),
    ]  # fmt: skip
    past = {"ar": "انقضت مدة المطالبة به", "en": "Its time to claim has passed"}[language]
    assert words(page).count(past) == 1
    assert page.context["blocked"] == []
    # Ticked all the same: refused, and the way back is still there.
    told = {**FORM, **debts_ticked(world.case), **reasons(world.case)}
    refused = browser.post(url, told)
    assert refused.status_code == 422
    assert refused.context["blocked"] == []
    assert "OLD" in words(refused)
    assert not EscalationRequest.objects.exists()
    told.pop(f"debt_{world.old.pk}")
    assert browser.post(url, told).status_code == 302
    assert [row["debt"] for row in EscalationRequest.objects.get().debts] == [world.new.pk]
    # The rows behind the condition: each debt with its last day; met, since what is named is in time.
    rows = browser.get(reverse("case_criterion", args=[world.case.pk, "LIMITATION"]))
    assert rows.context["told"].ok
    assert len(rows.context["rows"]) == 2


def test_where_every_debt_is_past_nothing_is_sent() -> None:
    world = World(days_late=(FIVE + 1) * 366)
    page = enter(world.collector).get(reverse("case_propose", args=[world.case.pk]))
    assert [line.criterion for line in page.context["blocked"]] == [Criterion.LIMITATION]
    assert page.context["form"].ticked() == []
