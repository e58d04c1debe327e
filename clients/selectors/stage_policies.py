"""Reads of stage policies: which version rules where, and what differs between versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from clients.choices import ChangeStatus
from clients.models import Client, StageAssignment, StageChange, StagePolicy
from clients.policies import can_see_stage_policies
from clients.rules.stages import Stage, StageDifference, ladder_differences


def stage_policies_visible_to(user: User) -> QuerySet[StagePolicy]:
    """Every version, drafts too, for who prepares, approves or audits them; nothing for anybody else."""
    return StagePolicy.objects.all() if can_see_stage_policies(user) else StagePolicy.objects.none()


def stage_changes_visible_to(user: User) -> QuerySet[StageChange]:
    """Requests, with what they are about."""
    changes = StageChange.objects.select_related("policy__prepared_by", "prepared_by", "decided_by")
    return changes if can_see_stage_policies(user) else changes.none()


def stage_changes_waiting(*, user: User) -> QuerySet[StageChange]:
    """Requests this person may decide, the nearest first day first; what they prepared is left out."""
    return (
        stage_changes_visible_to(user)
        .filter(status=ChangeStatus.PROPOSED)
        .exclude(prepared_by=user)
        .exclude(policy__prepared_by=user)
        .prefetch_related("places__client")
        .order_by("starts_on", "pk")
    )


def stage_policy_on(*, client_id: int, product: str, on: dt.date) -> StagePolicy:
    """The version in force for a product on a day: its own row's, else the general one's.

    Raises StageAssignment.DoesNotExist for a client without any.
    """
    begun = (
        StageAssignment.objects.filter(client_id=client_id, starts_on__lte=on)
        .select_related("policy")
        .order_by("-starts_on", "-event_id")
    )
    own = begun.filter(product=product).first() if product else None
    found = own or begun.filter(product="").first()
    if found is None:
        raise StageAssignment.DoesNotExist
    return found.policy


def products_ruled(*, client_id: int, on: dt.date) -> list[str]:
    """The products of a client that have a version of their own on a day."""
    begun = StageAssignment.objects.filter(client_id=client_id, starts_on__lte=on).exclude(product="")
    return sorted(begun.values_list("product", flat=True).distinct())


def policies_ruling(*, client_id: int, on: dt.date) -> list[tuple[str, StagePolicy]]:
    """Each product with a version of its own on a day, after the general one, whose product is ''; in two statements
    for a client without such products, one more for each.
    """
    return [
        (product, stage_policy_on(client_id=client_id, product=product, on=on))
        for product in ["", *products_ruled(client_id=client_id, on=on)]
    ]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Where a version rules (or will): a client, a product ('' for all others), since when."""

    client: Client
    product: str
    policy: StagePolicy
    starts_on: dt.date
    ahead: bool


def rules_of_house(*, today: dt.date) -> list[Rule]:
    """What rules every client and product on its book's date (today where no book is open), and what is agreed for
    later. Two statements, whatever the number of clients.
    """
    rows = StageAssignment.objects.select_related("client", "policy").order_by(
        "client__code", "product", "starts_on", "event_id"
    )
    by_place: dict[tuple[int, str], list[StageAssignment]] = {}
    for row in rows:
        by_place.setdefault((row.client_id, row.product), []).append(row)
    found = []
    for assigned in by_place.values():
        on = assigned[0].client.book_date or today
        begun = [row for row in assigned if row.starts_on <= on]
        # Of two for the same first day the one agreed last rules.
        ahead = list({row.starts_on: row for row in assigned if row.starts_on > on}.values())
        found += [
            Rule(client=row.client, product=row.product, policy=row.policy, starts_on=row.starts_on, ahead=row in ahead)
            for row in begun[-1:] + ahead
        ]
    return found


def ladder_of(policy: StagePolicy) -> tuple[Stage, ...]:
    """A version's ladder as values, from its first stage."""
    return tuple(
        Stage(
            code=row.code,
            from_day=row.from_day,
            depth=row.depth,
            name_ar=row.name_ar,
            name_en=row.name_en,
            actions=tuple(row.actions),
        )
        for row in sorted(policy.rows.all(), key=lambda row: row.position)
    )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What one version changes against another."""

    before: StagePolicy
    after: StagePolicy
    stages: Sequence[StageDifference]

    @property
    def basis(self) -> bool:
        return self.before.basis != self.after.basis

    @property
    def default_day(self) -> bool:
        return self.before.default_after_days != self.after.default_after_days

    @property
    def rules_added(self) -> list[str]:
        return [rule for rule in self.after.default_rules if rule not in self.before.default_rules]

    @property
    def rules_removed(self) -> list[str]:
        return [rule for rule in self.before.default_rules if rule not in self.after.default_rules]

    @property
    def same(self) -> bool:
        return not (self.stages or self.basis or self.default_day or self.rules_added or self.rules_removed)


def stage_policies_compared(*, before: StagePolicy, after: StagePolicy) -> Comparison:
    """The differences between two versions, stage by stage."""
    return Comparison(
        before=before,
        after=after,
        stages=ladder_differences(before=ladder_of(before), after=ladder_of(after)),
    )


def versions_of(*, policies: Iterable[StagePolicy]) -> dict[str, list[StagePolicy]]:
    """Versions by policy, the newest first."""
    found: dict[str, list[StagePolicy]] = {}
    for policy in sorted(policies, key=lambda p: (p.code, -p.version)):
        found.setdefault(policy.code, []).append(policy)
    return found
