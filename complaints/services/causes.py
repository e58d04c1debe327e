"""The only writer of root causes: the tree itself, and which of them a matter is traced back to (CR-05)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import MatterKind, Stage
from complaints.models import Matter, RootCause
from complaints.policies import can_find_cause, can_keep_causes
from complaints.rules.causes import SHIPPED
from complaints.services.matters import matter_held

FIELDS = ("parent", "name_ar", "name_en", "position", "is_active")
# From the decision on it is known what went wrong.
KNOWN = frozenset({Stage.RESPONDED, Stage.COMMUNICATED, Stage.CLOSED})


def causes_ship() -> int:
    """Write down the shipped tree where it is not there yet; how many were new. What people changed stays."""
    known = set(RootCause.objects.values_list("code", flat=True))
    for place, one in enumerate(SHIPPED):
        if one.code not in known:
            RootCause.objects.create(
                code=one.code, name_ar=one.ar, name_en=one.en, position=place * 10,
                parent=RootCause.objects.get(code=one.under) if one.under else None,
            )  # fmt: skip
    return len({one.code for one in SHIPPED} - known)


def matter_cause(*, user: User, matter: Matter, cause: RootCause) -> Matter:
    """Trace a complaint back to its root cause, once it is decided; a later finding stands in place of an earlier one.

    Raises NotAllowed for who is complained of or does not work on it, Conflict before it is decided, and Refused for a
    branch, a cause out of use, and what is no complaint.
    """
    with transaction.atomic():
        held = matter_held(matter)
        if not can_find_cause(user, held):
            raise NotAllowed("matter_handler", _("This matter is handled by others."))
        if held.kind != MatterKind.COMPLAINT:
            raise Refused("cause_kind", _("Only a complaint has a root cause."))
        if held.stage not in KNOWN:
            raise Conflict("cause_early", _("The root cause is named once it is decided."))
        if cause.parent_id is None or not cause.is_active:
            raise Refused("cause_leaf", _("Choose one of the list."), field="cause")
        before, held.root_cause = held.root_cause, cause.code
        held.save(update_fields=["root_cause"])
        record(actor=Actor.person(user), action="matter.cause_found", subject=held,
               body={"cause": cause.code, "before": before})  # fmt: skip
    return held


def cause_save(*, user: User, cause: RootCause | None, **told: Any) -> RootCause:
    """Add a root cause, or change one; a code never changes, and none is deleted: it is put out of use.

    ``told`` are the fields of ``FIELDS``. Raises Refused for bad values and where a branch would hang on a leaf,
    NotAllowed for who does not keep them.
    """
    if not can_keep_causes(user):
        raise NotAllowed("cause_keeper", _("Root causes are the quality officer's."))
    parent = told.get("parent")
    if parent is not None and (
        parent.parent_id is not None or parent == cause or (cause is not None and cause.children.exists())
    ):
        raise Refused("cause_parent", _("The tree has two levels: branches, and what hangs on them."), field="parent")
    with transaction.atomic():
        if cause is None:
            code = told.pop("code", "").strip().upper()
            if not code.replace("_", "").isalnum() or not code.isascii():
                raise Refused("cause_code", _("A code is made of Latin letters and digits."), field="code")
            if RootCause.objects.filter(code=code).exists():
                raise Refused("cause_code", _("There is a root cause of this code."), field="code")
            cause = RootCause(code=code)
        is_new, before = cause.pk is None, {name: getattr(cause, name) for name in FIELDS}
        for name in FIELDS:
            if name in told:
                setattr(cause, name, told[name])
        cause.save()
        changed = {name: [str(before[name]), str(getattr(cause, name))] for name in FIELDS
                   if before[name] != getattr(cause, name)}  # fmt: skip
        record(actor=Actor.person(user), action="cause.added" if is_new else "cause.changed", subject=cause,
               body={"code": cause.code, **({} if is_new else {"changed": changed})})  # fmt: skip
    return cause
