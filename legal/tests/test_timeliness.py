"""Neither too early nor too late: the two lists, case by case against the rule they are drawn from."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.choices import Role
from collections_app.models import Case
from collections_app.services.cases import cases_assign
from collections_app.services.holds import hold_place
from collections_app.services.stages import book_open
from common import clock
from legal.selectors.criteria import criteria_of, escalation_policy_on, offers_made
from legal.selectors.timeliness import cases_untimely
from legal.services.policies import escalation_policy_replace
from legal.tests.evidence_world import ACTOR, World, contact
from tests.doors import queries
from tests.world import a_case, an_escalation, make_client, make_team, make_user, signed_in

pytestmark = pytest.mark.django_db
TERMS = {
    "least_days": 100, "least_balance": Decimal("0.00"), "least_attempts": 1, "least_reached": 0,
    "least_missed_promises": 0, "notice_needed": False, "offer_by_day": 90, "longest_validity": 90,
}  # fmt: skip


def refs(found: object) -> list[str]:
    return sorted(case.debtor.debtor_ref for case in found)  # type: ignore[attr-defined]


class Many(World):
    """Cases of every kind beside the one that is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.team = make_team()
        lead = {"owner": self.collector}
        for ref, late, outcomes, amount in (
            ("NEW", 10, [], "100.00"),
            ("NO-OFFER", 70, ["INFORMED"], "100.00"),
            ("ON-THE-DAY", 0, [], "100.00"),
            ("PROMISED", 120, ["PROMISE", "INFORMED", "INFORMED"], "100.00"),
            ("PLAN", 120, ["PLAN_ASKED", "INFORMED", "INFORMED"], "100.00"),
            ("HELD", 120, ["OFFERED"] * 3, "100.00"),
            ("HELD-SILENT", 120, [], "100.00"),
            ("ASKED", 120, ["OFFERED"] * 3, "100.00"),
            ("FEW", 120, ["OFFERED"] * 2, "100.00"),
        ):
            case = a_case(self.client, ref=ref, days_late=late, amount=amount, **lead)
            for outcome in outcomes:
                promise = {"promise_amount": Decimal(10), "promise_on": clock.today()} if outcome == "PROMISE" else {}
                contact(case, by=self.collector, outcome=outcome, **promise)
        self.opened()
        for ref in ("HELD", "HELD-SILENT"):
            hold_place(actor=ACTOR, case=self.of(ref), kind="CLIENT", from_on=clock.today(), reason="بطلب الجهة")
        an_escalation(self.of("ASKED"), by=self.collector)

    def of(self, ref: str) -> Case:
        return Case.objects.get(debtor__debtor_ref=ref)


@pytest.mark.requirement("PL-24")
def test_the_lists_hold_what_the_rules_say_of_each_case() -> None:
    world, today = Many(), clock.today()
    lists = {kind: refs(cases_untimely(user=world.manager, kind=kind, today=today)) for kind in ("offer", "due")}
    assert lists == {"offer": ["NEW", "NO-OFFER", "ON-THE-DAY"], "due": ["D-1", "PLAN"]}
    policy = escalation_policy_on(client_id=world.client.pk, on=today)
    for case in Case.objects.select_related("client__stage_policy", "debtor", "stage__policy"):
        told = criteria_of(case=case, today=today)
        ready = all(line.ok for line in told) and not case.escalations.exists()
        assert (case.debtor.debtor_ref in lists["due"]) is ready, case.debtor.debtor_ref
        days = next(line.evidence["days"] for line in told if line.criterion == "DAYS")
        held = not next(line.ok for line in told if line.criterion == "NO_HOLD")
        late = days >= policy.offer_by_day and not offers_made(case=case).exists() and not held
        assert (case.debtor.debtor_ref in lists["offer"]) is late, case.debtor.debtor_ref


@pytest.mark.requirement("PL-24")
def test_the_day_of_the_policy_is_the_first_that_counts() -> None:
    world, today = World(), clock.today()
    case = a_case(world.client, ref="EDGE", days_late=29, owner=world.collector)  # day 89 since its invoice
    world.opened()
    for offer_by, expected in ((90, False), (89, True), (88, True)):
        terms = TERMS | {"offer_by_day": offer_by}
        escalation_policy_replace(user=world.manager, client=world.client, starts_on=today, **terms)
        found = refs(cases_untimely(user=world.manager, kind="offer", today=today))
        assert (case.debtor.debtor_ref in found) is expected, offer_by
    for least, expected in ((181, False), (180, True)):
        terms = TERMS | {"least_days": least, "offer_by_day": 10}
        escalation_policy_replace(user=world.manager, client=world.client, starts_on=today, **terms)
        assert ("D-1" in refs(cases_untimely(user=world.manager, kind="due", today=today))) is expected
    later = today + dt.timedelta(days=1)
    escalation_policy_replace(user=world.manager, client=world.client, starts_on=later, **TERMS | {"least_days": 999})
    assert "D-1" in refs(cases_untimely(user=world.manager, kind="due", today=today)), "not in force yet"


@pytest.mark.requirement("PL-24")
def test_a_leader_sees_the_team_a_manager_all_and_counts_stand_on_the_page() -> None:
    world = Many()
    other = make_client("BBB")
    theirs = make_user(Role.COLLECTOR, team=world.team, name="theirs")
    case = a_case(other, ref="THEIRS", days_late=70, owner=theirs)
    cases_assign(actor=ACTOR, case_ids=[case.pk], owner=theirs, on=clock.today())
    leader = make_user(Role.TEAM_LEADER, team=world.team, name="leader")
    with transaction.atomic():
        book_open(client_id=other.pk, day=clock.today())
    page = signed_in(leader).get(reverse("timeliness"))
    assert refs(page.context["page"]) == ["THEIRS"]
    assert page.context["totals"] == {"offer": 1, "due": 0}
    page = signed_in(world.manager).get(reverse("timeliness"))
    assert page.context["totals"] == {"offer": 4, "due": 2}
    assert [(row["client__code"], row["count"]) for row in page.context["counts"]] == [("AAA", 3), ("BBB", 1)]
    narrowed = signed_in(world.manager).get(reverse("timeliness"), {"client": other.pk, "team": world.team.pk})
    assert refs(narrowed.context["page"]) == ["THEIRS"]
    for role in (Role.COLLECTOR, Role.LEGAL_OFFICER, Role.AUDITOR):
        assert signed_in(make_user(role, name=f"no.{role.lower()}")).get(reverse("timeliness")).status_code == 404


@pytest.mark.requirement("PL-24")
def test_the_page_costs_as_many_statements_for_many_cases_as_for_one() -> None:
    world = World()
    browser = signed_in(world.manager)

    def costs() -> dict[str, int]:
        doors = {view: f"{reverse('timeliness')}?view={view}" for view in ("offer", "due")}
        return {view: queries(lambda door=door: browser.get(door)) for view, door in doors.items()}  # type: ignore[misc]

    before = costs()
    for n in range(8):
        case = a_case(world.client, ref=f"MORE-{n}", days_late=120, owner=world.collector)
        for _n in range(3 if n % 2 else 0):
            contact(case, by=world.collector)
    world.opened()
    assert len(cases_untimely(user=world.manager, kind="offer", today=clock.today())) == 4
    after = costs()
    assert all(after[view] <= before[view] + 1 for view in before), (before, after)
