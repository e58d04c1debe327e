"""The demo as a newcomer meets it: built whole, by the services, and something to see on every side of the product."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest

from accounts.models import User
from collections_app.choices import EscalationStatus, PromiseStatus
from collections_app.models import Authorisation, Case, ContactAttempt, EscalationRequest, Promise
from common import clock
from common.models import Clock, JobRun
from complaints.choices import (
    CommitteeState,
    DisputeOutcome,
    DisputeState,
    Level,
    MatterKind,
    Outcome,
    RedressState,
    ReportKind,
    ToldOf,
)
from complaints.choices.channels import ChannelFault, CommentSort, CommentState, DeedKind
from complaints.models import (
    CallBack,
    Channel,
    Dispute,
    DisputePack,
    Matter,
    PublicComment,
    Rating,
    Recommendation,
    Redress,
    ReportCourse,
)
from complaints.selectors.channels import channel_lines
from config.demo import complaints, credit, world
from config.demo.people import PEOPLE
from credit.choices import ApplicationState, CustomerKind, OrderState, StopKind
from credit.models import Application, CreditLimit, CreditStop, Customer, Order
from credit.rules.checklist import Gate
from credit.selectors.checklist import lacking
from credit.selectors.standing import exposure_of, limit_on, stops_standing
from legal.choices import PaperKind
from legal.models import LegalFile, Paper
from reporting.models import Report

# It stands beside the journeys, for it takes minutes.
pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 29)


@pytest.fixture(scope="module", autouse=True)
def demo(shared_book: None) -> Iterator[None]:
    """The whole small demo, as `make demo` builds it, on the evening of a working day."""
    with clock.at(clock.at_riyadh(on=TODAY, time=dt.time(20, 0))):
        world.build(size="small", seed=1448, today=TODAY, say=lambda _line: None)
        yield


def test_it_ends_and_everybody_signs_in() -> None:
    assert not world.is_empty() and not world.was_interrupted()
    assert JobRun.objects.get(job=world.JOB).status == JobRun.Status.DONE
    assert set(User.objects.filter(is_demo=True).values_list("email", flat=True)) >= {one.email for one in PEOPLE}


def test_collection_has_cases_in_every_stage_promises_and_contacts() -> None:
    by_client = Counter(Case.objects.filter(status="ACTIVE", balance__gt=0).values_list("client__code", flat=True))
    assert set(by_client) == {code for code, *_names in world.CLIENTS} and min(by_client.values()) > 20
    assert {1, 2, 3, 4, 5, 6} == set(Case.objects.filter(status="ACTIVE").values_list("stage_depth", flat=True))
    kept = Counter(Promise.objects.values_list("status", flat=True))
    assert kept[PromiseStatus.OPEN] and kept[PromiseStatus.KEPT] and kept[PromiseStatus.MISSED]
    assert ContactAttempt.objects.count() > 500
    assert Report.objects.exists()


def test_the_legal_side_has_requests_authorisations_files_and_a_bound_pack() -> None:
    states = Counter(EscalationRequest.objects.values_list("status", flat=True))
    assert states[EscalationStatus.PROPOSED] and states[EscalationStatus.APPROVED] and states[EscalationStatus.SIGNED]
    assert Authorisation.objects.count() > LegalFile.objects.count() > 0
    packs = set(Paper.objects.filter(kind=PaperKind.PACK).values_list("case_id", flat=True))
    assert set(Authorisation.objects.values_list("case_id", flat=True)) <= packs


def test_what_people_told_stands_at_every_level_and_the_board_has_what_is_late_and_what_waits() -> None:
    matters = Matter.objects.all()
    assert {matter.kind for matter in matters} == set(MatterKind.values)
    assert {matter.stage for matter in matters} == complaints.SHOWN
    assert {matter.level for matter in matters} == {Level.HANDLER, Level.HEAD, Level.OUTSIDE}
    assert {matter.outcome for matter in matters} >= {Outcome.JUSTIFIED, Outcome.UNJUSTIFIED, Outcome.ANSWERED}
    again = matters.get(repeats__isnull=False)
    assert again.repeats is not None
    assert again.repeats.case == again.case
    assert matters.filter(is_confidential=True).count() == 1
    # One lacks papers; of one that was written in public nobody knows how to reach the writer.
    assert sorted(matters.exclude(missing=[]).values_list("missing", flat=True)) == [["CONTACT"], ["DOCUMENTS"]]
    objection = matters.get(category__code="AMOUNT_PAID")
    assert objection.hold is not None
    assert objection.hold.until_on is None
    assert Rating.objects.filter(rated_at__isnull=False).count() == 1
    clocks = Counter(Clock.objects.filter(subject_type="complaints.Matter").values_list("state", flat=True))
    assert clocks["LATE"] and clocks["RUNNING"] and clocks["PAUSED"]
    assert CallBack.objects.filter(done_at__isnull=True).count() == 1


def test_what_complaints_teach_is_proposed_decided_and_seen_to() -> None:
    upheld = Matter.objects.get(category__code="CONTACT_HOURS", outcome=Outcome.JUSTIFIED)
    assert upheld.root_cause
    states = Counter(Recommendation.objects.filter(review=None).values_list("state", flat=True))
    assert states == dict.fromkeys(("PROPOSED", "APPROVED", "DONE", "NOT_DONE"), 1)
    assert {one.kind for one in ReportCourse.objects.all()} == set(ReportKind.values)
    assert set(Redress.objects.values_list("state", flat=True)) == {RedressState.OPEN, RedressState.SAME}


def test_channels_have_their_teams_and_a_comment_stands_in_every_state() -> None:
    lines = channel_lines(
        channels=Channel.objects.all(), matters=Matter.objects.all(), first=TODAY, last=TODAY, today=TODAY
    )
    assert {fault for line in lines for fault in line.faults} == set(ChannelFault) - {ChannelFault.LEFT}
    assert {line.channel.name for line in lines if line.channel and not line.faults} >= {"هاتف", "نموذج الموقع"}
    assert Recommendation.objects.filter(review__isnull=False).count() == 1
    comments = PublicComment.objects.all()
    assert {(one.sort, one.state) for one in comments} == {
        (CommentSort.IMPROPER, CommentState.CLOSED), (CommentSort.COMPLAINT, CommentState.CLOSED),
        (CommentSort.PRAISE, CommentState.CLOSED), (CommentSort.ASKS, CommentState.OPEN),
    }  # fmt: skip
    done = {deed.kind for one in comments for deed in one.deeds.all()}
    assert done == {DeedKind.HIDDEN, DeedKind.WARNED, DeedKind.REPLIED, DeedKind.MOVED}
    late = Clock.objects.filter(subject_type="complaints.PublicComment", lapsed_at__isnull=False)
    assert 0 < late.count() < comments.count()


def test_a_dispute_of_the_record_stands_in_every_state() -> None:
    found = Dispute.objects.all()
    assert {one.state for one in found} == set(DisputeState.values)
    assert found.exclude(public_record="").get().record_source
    assert found.get(silent=True).outcome == DisputeOutcome.UPHELD
    assert found.get(committee=CommitteeState.ASKED).statement_at is not None
    assert DisputePack.objects.filter(reviewed_at__isnull=True).count() == 1
    closed = found.get(state=DisputeState.CLOSED)
    assert closed.correction
    assert closed.recipients.get().told_of == ToldOf.CORRECTION


def of(position: int) -> Customer:
    """The customer who stands so far down the demo's list."""
    name = credit.BUYERS[position].name
    return Customer.objects.select_related("client", "debtor").get(debtor__name=name, client__code=credit.CLIENT)


def test_the_credit_desk_has_a_customer_in_every_state() -> None:
    assert Customer.objects.count() == len(credit.BUYERS) == 12
    states = Counter(Application.objects.values_list("state", flat=True))
    assert set(states) == set(ApplicationState.values) - {ApplicationState.SIGNED, ApplicationState.WITHDRAWN}
    draft = Application.objects.get(state=ApplicationState.DRAFT)
    missing = {line.code for line in lacking(application=draft, gate=Gate.SUBMIT, on=TODAY)}
    assert any("FINANCIAL_STATEMENTS" in code for code in missing), missing
    assert Customer.objects.get(kind=CustomerKind.CASH).applications.get().state == ApplicationState.ACTIVE


def test_limits_are_used_little_nearly_whole_stopped_and_about_to_end() -> None:
    shares, stops = [], []
    for position in range(5):
        customer = of(position)
        limit = limit_on(customer=customer, on=TODAY)
        assert limit is not None and limit.ends_on >= TODAY
        shares.append(exposure_of(customer_id=customer.pk, on=TODAY).total / limit.amount)
        stops.append({stop.kind for stop in stops_standing(customer=customer)})
    assert 0 < shares[0] < 0.7 and 0.9 < shares[1] <= 1
    assert stops[0] == stops[1] == stops[4] == set()
    assert stops[2] == {StopKind.OVERDUE} and stops[3] == {StopKind.OVERDUE, StopKind.DEFAULT}
    ending = CreditLimit.objects.get(customer=of(4))
    assert 0 < (ending.ends_on - TODAY).days <= 30
    assert CreditStop.objects.filter(follow_ups__state="OPEN").count() == 3


def test_orders_were_taken_invoiced_taken_back_and_refused_with_their_reasons() -> None:
    orders = {order.order_ref: order for order in Order.objects.all()}
    assert Counter(order.state for order in orders.values()) == {
        OrderState.ACCEPTED: 3, OrderState.REFUSED: 3, OrderState.CANCELLED: 1, OrderState.INVOICED: 1,
    }  # fmt: skip
    said = {ref: {reason["code"] for reason in order.reasons} for ref, order in orders.items()}
    assert said["SO-3103"] == {"LIMIT_PASSED"} and said["SO-3104"] == {"OVERDUE"}
    assert said["SO-3105"] >= {"OVERDUE", "STOP_DEFAULT", "REMOTE_TERMS"}
