"""Reads of one case: receivables, age, contact points; and lists of cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case as Case_
from django.db.models import F, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from clients.choices import ActionKind
from clients.models import StagePolicy
from collections_app.choices import OPEN_CASE, ReceivableStatus, RequestStatus
from collections_app.models import Case, ContactPoint, Receivable, StageRequest
from collections_app.policies import cases_visible_to
from collections_app.rules.aging import BUCKETS, Rung, aged_since, bucket_for, next_stage_day
from common import crypto
from common.arabic import search_pattern
from parties.rules.identifiers import masked_identifier

# Why a contact was refused, in a word or two; a rule that is not here is shown by its id.
RULE_WORDS: Mapping[str, Any] = {
    "CONTACT-CHANNEL": gettext_lazy("channel not approved by the client"),
    "VISIT-PROHIBITED": gettext_lazy("individuals are never visited"),
    "CONTACT-DAY": gettext_lazy("no contact day"),
    "CONTACT-HOURS": gettext_lazy("outside contact hours"),
    "CONTACT-FREQUENCY": gettext_lazy("all attempts used"),
    "DISPUTE-HOLD": gettext_lazy("an objection is open"),
    "CONTACT-STOP": gettext_lazy("contact is stopped in this stage"),
    "CASE-CLOSED": gettext_lazy("the case was closed"),
    "LATE-RECORD": gettext_lazy("told too late"),
}


ASKED_ICONS: Mapping[str, str] = {ActionKind.MESSAGE: "send", ActionKind.STOP: "ban", ActionKind.PROPOSE: "scale"}
# How something that stands is called: nothing of a message has been sent yet.
_STANDING = {
    ActionKind.MESSAGE: gettext_lazy("queued"),
    ActionKind.STOP: gettext_lazy("in force"),
    ActionKind.PROPOSE: gettext_lazy("proposed"),
}


def asked_words(request: StageRequest) -> str:
    """Where something that a stage asked for stands, in a word; why, when it ended by itself."""
    if request.status == RequestStatus.PENDING:
        return str(_STANDING[ActionKind(request.kind)])
    if request.ended_for:
        return f"{request.get_status_display()}: {request.get_ended_for_display()}"
    return str(request.get_status_display())


def asked_of(*, case: Case, limit: int = 12) -> list[StageRequest]:
    """What stages asked for on a case: what stands first, then the newest."""
    return list(
        case.requests.select_related("stage", "decided_by").order_by(
            Case_(When(status=RequestStatus.PENDING, then=0), default=1), "-asked_on", "-pk"
        )[:limit]
    )


def proposals_waiting(*, user: User) -> QuerySet[StageRequest]:
    """Proposals of stages that this person may answer, the oldest first."""
    return (
        StageRequest.objects.filter(
            kind=ActionKind.PROPOSE, status=RequestStatus.PENDING, case__in=cases_visible_to(user)
        )
        .select_related("case__debtor", "client", "stage")
        .order_by("asked_on", "pk")
    )


def policy_of(*, case: Case) -> StagePolicy:
    """The version of the ladder a case's days are told by: that of its stage; where all is held, of the deepest stage
    that is held; else the client's own. A product may have a ladder, and a basis, of its own (ADR 0023).
    """
    if case.stage is None and not hasattr(case, "held_policy"):
        policies_ready(cases=[case])
    return case.stage.policy if case.stage is not None else case.held_policy  # type: ignore[attr-defined, no-any-return]


def policies_ready(*, cases: Sequence[Case]) -> None:
    """For a list of cases: the ladders of those that are held as a whole, in one query."""
    held = {case.pk: case for case in cases if case.stage is None}
    for case in held.values():
        case.held_policy = case.client.stage_policy  # type: ignore[attr-defined]
    for row in (
        Receivable.objects.filter(case__in=held, status=ReceivableStatus.OPEN, stage__isnull=False)
        .select_related("stage__policy")
        .order_by("stage__depth", "stage_position", "-pk")
        if held
        else ()
    ):
        held[row.case_id].held_policy = row.stage.policy  # type: ignore[attr-defined, union-attr]


def policies_of(*, case: Case, rows: Sequence[Mapping[str, Any]]) -> list[StagePolicy]:
    """The ladders that a case's open receivables stand on, each once."""
    found = {r.stage.policy_id: r.stage.policy for row in rows if (r := row["receivable"]).stage is not None}
    return list(found.values()) or [policy_of(case=case)]


def _days(*, case: Case, policy: StagePolicy, today: dt.date) -> int | None:
    basis = policy.basis
    since = aged_since(basis=basis, issued_on=case.oldest_issued_on, due_on=case.oldest_due_on)
    return None if since is None else (today - since).days


def late_days(*, case: Case, today: dt.date) -> int:
    """Age of the oldest open receivable in days, on the basis of the case's ladder; 0 when nothing is open."""
    return _days(case=case, policy=policy_of(case=case), today=today) or 0


def days_to_next_stage(*, case: Case, today: dt.date) -> int | None:
    """Days until the oldest receivable enters the next stage; None on the last stage, or when nothing is open."""
    policy = policy_of(case=case)
    days = _days(case=case, policy=policy, today=today)
    if days is None:
        return None
    ladder = [Rung(position=row.position, from_day=row.from_day) for row in policy.rows.all()]
    ahead = next_stage_day(ladder=ladder, days=days)
    return None if ahead is None else ahead - days


def cases_found(
    *,
    user: User,
    search: str = "",
    status: str = "open",
    client_id: int | None = None,
    owner_id: int | None = None,
) -> QuerySet[Case]:
    """The cases of a list page: visible ones, by words in the name or reference."""
    cases = cases_visible_to(user).select_related("client__stage_policy", "debtor", "stage__policy", "owner")
    if status == "open":
        cases = cases.filter(status__in=OPEN_CASE)
    elif status:
        cases = cases.filter(status=status)
    if client_id:
        cases = cases.filter(client_id=client_id)
    if owner_id:
        cases = cases.filter(owner_id=owner_id)
    if search:
        cases = cases.filter(Q(debtor__name__iregex=search_pattern(search)) | Q(debtor__debtor_ref__istartswith=search))
    return cases.order_by(F("stage_depth").desc(nulls_last=True), "-balance", "pk")


def receivables_of(*, case: Case, today: dt.date) -> list[dict[str, Any]]:
    """Open receivables, oldest first: what was charged, what was paid, what is open, how late; the days of each on the
    basis of its own ladder.
    """
    general = policy_of(case=case)
    receivables = list(
        Receivable.objects.filter(case=case, status=ReceivableStatus.OPEN, balance__gt=0)
        .select_related("debt", "stage__policy")
        .order_by("due_on", "pk")
    )
    rows = []
    for r in receivables:
        basis = (r.stage.policy if r.stage is not None else general).basis
        since = aged_since(basis=basis, issued_on=r.issued_on, due_on=r.due_on)
        days = (today - since).days if since else 0
        depth = bucket_for(basis=basis, days=days).depth
        rows.append({"receivable": r, "days": days, "depth": depth, "paid": r.amount - r.balance})
    return rows


def age_rows(
    *, rows: list[dict[str, Any]], basis: str, currency: str, today: dt.date
) -> list[tuple[str, int, Decimal]]:
    """The open balance by age bucket of one basis, for the stacked bar (I-02: one figure never mixes two)."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row["receivable"].currency == currency:
            since = aged_since(basis=basis, issued_on=row["receivable"].issued_on, due_on=row["receivable"].due_on)
            bucket = bucket_for(basis=basis, days=(today - since).days if since else 0).code
            sums[bucket] = sums.get(bucket, Decimal(0)) + row["receivable"].balance
    return [(bucket_label(b.code), b.depth, sums.get(b.code, Decimal(0))) for b in BUCKETS[basis]]


def bucket_label(code: str) -> str:
    """A bucket in words: ranges keep their figures."""
    if code == "not_due":
        return _("Current")
    if code == "151+":
        return _("Over 150")
    return code.replace("-", "–")


def contact_points_of(*, case: Case, reveal: bool = False) -> list[dict[str, Any]]:
    """The numbers and addresses in force, masked unless revealed (the caller has written the look down)."""
    points = ContactPoint.objects.filter(debtor=case.debtor, replaced_at__isnull=True).order_by("kind", "pk")
    key = (
        crypto.unwrap(wrapped=bytes(case.debtor.party.wrapped_key))
        if reveal and case.debtor.party.wrapped_key
        else None
    )
    return [
        {
            "point": point,
            "shown": crypto.decrypt(key=key, sealed=bytes(point.value_sealed), column="contact_point")
            if key
            else (point.hint if point.kind == "EMAIL" else f"05• ••• •{point.hint}"),
        }
        for point in points
    ]


def identifiers_of(*, case: Case, reveal: bool = False) -> list[tuple[str, str]]:
    """Official numbers, masked unless revealed."""
    party = case.debtor.party
    if not party.wrapped_key:
        return []
    key = crypto.unwrap(wrapped=bytes(party.wrapped_key))
    found = []
    for identifier in party.identifiers.all():
        value = crypto.decrypt(key=key, sealed=bytes(identifier.value_sealed), column="identifier")
        found.append((identifier.get_kind_display(), value if reveal else masked_identifier(value)))
    return found


def open_balance_by_currency(*, case: Case) -> list[dict[str, Any]]:
    """What is owed in each currency."""
    found = Receivable.objects.filter(case=case, balance__gt=0).values("currency").annotate(balance=Sum("balance"))
    return [dict(row) for row in found.order_by("currency")]
