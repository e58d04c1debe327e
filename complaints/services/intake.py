"""A matter comes in by whatever door: written down with its papers, acknowledged, compared with what was told before;
then found complete or not, sorted, and given to who handles it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Case, ContactPoint
from collections_app.selectors.contact_points import recipient_of
from common import crypto
from common.audit import Actor, record
from common.choices import ClockState
from common.clocks import clock_pause, clock_resume, clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import (
    Complainant,
    Department,
    MatterKind,
    Missing,
    PaperKind,
    PaperOrigin,
    Remedy,
    Severity,
    Stage,
)
from complaints.models import Category, Matter
from complaints.policies import can_handle_matter, can_handle_matters
from complaints.rules.messages import MISSING
from complaints.selectors.similar import repeated, told_twice
from complaints.services.matters import (
    Told,
    acknowledge,
    matter_event,
    matter_held,
    matter_register,
    matter_tell,
)
from complaints.services.objections import objection_hold
from complaints.services.papers import paper_keep

MOST_PAPERS = 5


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file somebody handed in, as it came."""

    name: str
    content: bytes


def matter_take(
    *, actor: Actor, told: Told, at: dt.datetime, user: User | None = None, papers: Sequence[Upload] = ()
) -> Matter:
    """Take in what somebody told us ``at``: registered, with its papers, acknowledged at once (COMPLAINT-REGISTER).

    An account holder who leaves no number or address is reached where the case says. Who told the same before, or told
    of the same before, is found. Raises Refused for what cannot be written down or kept; then nothing is.
    """
    if len(papers) > MOST_PAPERS:
        raise Refused("matter_papers", _("At most five files at once."), field="papers")
    with transaction.atomic():
        matter = matter_register(actor=actor, told=_reachable(told), at=at, user=user)
        for paper in papers:
            matter_paper_receive(actor=actor, matter=matter, paper=paper, at=at, user=user)
        _compared(matter)
        return acknowledge(actor=actor, matter=matter, at=at)


def matter_paper_receive(
    *, actor: Actor, matter: Matter, paper: Upload, at: dt.datetime, user: User | None = None
) -> None:
    """Keep a file that the complainant handed in. Raises Refused, at the field ``papers``, for what is no paper."""
    try:
        paper_keep(
            actor=actor, matter=matter, kind=PaperKind.FROM_COMPLAINANT, origin=PaperOrigin.RECEIVED,
            title=paper.name.strip() or str(PaperKind.FROM_COMPLAINANT.label), name=paper.name, content_type="",
            content=paper.content, at=at, user=user,
        )  # fmt: skip
    except Refused as refusal:
        raise Refused(refusal.code, refusal.message, field="papers") from refusal


def _reachable(told: Told) -> Told:
    """With the numbers of the case, where the account holder left none of their own."""
    if told.case is None or told.complainant != Complainant.DEBTOR:
        return told
    points = ContactPoint.objects.filter(debtor=told.case.debtor, replaced_at__isnull=True).select_related(
        "debtor__party"
    )
    found: dict[str, Any] = {"name": told.name or told.case.debtor.name}
    for kind, name in (("MOBILE", "phone"), ("EMAIL", "email")):
        point = points.filter(kind=kind).order_by("-pk").first()
        if point is not None and not getattr(told, name):
            try:
                found[name] = recipient_of(point=point).address
            except crypto.Unreadable:
                continue
    return replace(told, **found)


def _compared(matter: Matter) -> None:
    """Note the matter this one repeats, by its person and category, or by its words."""
    before = repeated(matter=matter) or told_twice(matter=matter)
    if before is not None and matter.repeats_id is None:
        matter.repeats = before
        matter.save(update_fields=["repeats"])


def _handled(matter: Matter, user: User) -> Matter:
    """The matter under lock, for who may work on it. Raises NotAllowed for everybody else, Conflict when closed."""
    held = matter_held(matter)
    if not can_handle_matter(user, held):
        raise NotAllowed("matter_handler", _("This matter is handled by others."))
    if held.stage == Stage.CLOSED:
        raise Conflict("matter_closed", _("This matter is closed."))
    return held


def matter_admit(*, user: User, matter: Matter, missing: Sequence[str], at: dt.datetime, reason: str = "") -> Matter:
    """Say whether a matter is complete, or what it lacks (CX-11).

    What it lacks is told to who told us, and the house's own clocks stand still until it came; legal clocks run on.
    Complete, they go on, and the time to close it begins. Raises Refused for an unknown need, and for a complete one
    that stands so already.
    """
    if unknown := set(missing) - set(Missing.values):
        raise Refused("matter_missing", _("Choose what is missing."), field="missing", details={"of": sorted(unknown)})
    with transaction.atomic():
        held, actor = _handled(matter, user), Actor.person(user)
        wanted = [code for code in Missing.values if code in missing]
        if not wanted and held.complete_at is not None and not held.missing:
            raise Conflict("matter_complete", _("This matter is complete already."))
        if wanted:
            return matter_lacks(actor=actor, matter=held, wanted=wanted, at=at, reason=reason)
        held.missing, held.complete_at = [], held.complete_at or at
        held.save(update_fields=["missing", "complete_at"])
        record(
            actor=actor, action="matter.complete", subject=held, body={"missing": [], "reason": reason[:500]}
        )  # fmt: skip
        for running in clocks_of(subject=held).filter(state=ClockState.PAUSED):
            clock_resume(clock=running, at=at, actor=actor)
        matter_event(actor=actor, matter=held, event="COMPLETE", at=at)
    return held


def matter_lacks(*, actor: Actor, matter: Matter, wanted: Sequence[str], at: dt.datetime, reason: str = "") -> Matter:
    """A matter lacks these: written down, asked for, and waited for. Part of the act that found it, under its lock."""
    matter.missing = list(wanted)
    matter.save(update_fields=["missing"])
    record(
        actor=actor, action="matter.missing", subject=matter, body={"missing": matter.missing, "reason": reason[:500]}
    )
    _asked_for(actor=actor, matter=matter, wanted=wanted, at=at)
    return matter


def _asked_for(*, actor: Actor, matter: Matter, wanted: Sequence[str], at: dt.datetime) -> None:
    with translation.override(matter.language):
        listed = "، " if matter.language == "ar" else ", "
        words = listed.join(str(Missing(code).label) for code in wanted)
    for running in clocks_of(subject=matter).filter(state=ClockState.RUNNING, step__may_pause=True, due_at__gte=at):
        clock_pause(clock=running, at=at, actor=actor, reason=str(_("Waits for what is missing")))
    matter_tell(
        actor=actor, matter=matter, template=MISSING.code, values={"reference": matter.reference, "missing": words},
        once=f"missing {at.isoformat()}",
    )  # fmt: skip


SORTED = (
    "category", "product", "severity", "remedy_sought", "concerned", "is_confidential", "complainant", "case",
)  # fmt: skip


def matter_sort(*, user: User, matter: Matter, at: dt.datetime, **told: Any) -> Matter:
    """Write down what a matter is about: the fields of ``SORTED``, those that are told.

    With a case the client's own clocks begin, from the day it was received. Raises Refused where the person concerned
    handles it or decided it at its level (CX-14), and where the account is another client's.
    """
    category: Category | None = told.get("category")
    with transaction.atomic():
        held, actor = _handled(matter, user), Actor.person(user)
        before = {name: getattr(held, name) for name in SORTED}
        for name in SORTED:
            if name in told:
                setattr(held, name, told[name])
        if held.severity not in Severity.values or held.remedy_sought not in {"", *Remedy.values}:
            raise Refused("matter_severity", _("Choose one of the list."), field="severity")
        if held.concerned_id is not None and held.concerned_id == held.handler_id:
            raise Refused("matter_concerned", _("Who handles it cannot be who it is about. Give it to somebody else "
                                                "first."), field="concerned")  # fmt: skip
        if (
            held.concerned_id is not None
            and held.rounds.filter(level=held.level, decided_by_id=held.concerned_id).exists()
        ):
            raise Refused("matter_concerned", _("They decided it. Let it be looked into again and decided by somebody "
                                                "else first."), field="concerned")  # fmt: skip
        if held.case is not None and held.case_id != getattr(before["case"], "pk", None):
            _account_found(held, held.case)
        if category is not None and held.department == Department.FRONT_LINE:
            held.department = category.department
        held.repeats = held.repeats or repeated(matter=held)
        held.save(update_fields=[*SORTED, "department", "repeats", "client", "account_ref", "party"])
        changed = sorted(name for name in SORTED if before[name] != getattr(held, name))
        record(actor=actor, action="matter.sorted", subject=held, body={"changed": changed})
        if held.case_id is not None:
            matter_event(actor=actor, matter=held, event="RECEIVED", at=held.received_at)
            objection_hold(actor=actor, matter=held, at=at)
    return held


def _account_found(matter: Matter, case: Case) -> None:
    """The account it is about. Raises Refused where it was another client's before."""
    if matter.client_id is not None and matter.client_id != case.client_id:
        raise Refused("matter_client", _("This account is of another client."), field="account_ref")
    matter.client, matter.account_ref = case.client, case.debtor.debtor_ref[:200]
    if matter.complainant == Complainant.DEBTOR and matter.party_id is None:
        matter.party = case.debtor.party


def matter_route(*, user: User, matter: Matter, department: str, handler: User | None, at: dt.datetime) -> Matter:
    """Give a matter to the department that owns it, and to who handles it (CR-04, within a day).

    Raises Refused where the handler is who it is about (CX-14), or handles no matters.
    """
    if department not in Department.values:
        raise Refused("matter_department", _("Choose one of the list."), field="department")
    with transaction.atomic():
        held, actor = _handled(matter, user), Actor.person(user)
        if handler is not None:
            if handler.pk == held.concerned_id:
                raise Refused("matter_concerned", _("Nobody handles what is said of themselves. Choose somebody else."),
                              field="handler")  # fmt: skip
            if not handler.is_active or not can_handle_matters(handler):
                raise Refused("matter_handler", _("This person handles no complaints."), field="handler")
        held.department, held.handler = department, handler
        held.save(update_fields=["department", "handler"])
        record(
            actor=actor,
            action="matter.routed",
            subject=held,
            body={"department": department, "handler": handler.pk if handler else None},
        )
        if held.kind == MatterKind.COMPLAINT:
            matter_event(actor=actor, matter=held, event="ROUTED", at=at)
    return held
