"""The only writers of delegations and of the authority matrix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF_ROLES
from accounts.models import User
from accounts.policies import DELEGATES, can_delegate, can_keep_authority
from common import clock
from common.approvals import kinds, matrix_ship
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuthorityLimit, Delegation

LONGEST_DAYS = 180
LONGEST_REASON = 300
NO_AUTHORITY = frozenset({"ADMINISTRATOR", "AUDITOR"})


def _limit_fault(*, up_to: Decimal | None, currency: str) -> str | Promise:
    if up_to is not None and up_to <= 0:
        return _("A limit is above zero; leave it empty for none.")
    if (up_to is None) != (currency == ""):
        return _("A limit has an amount and a currency.")
    return ""


def delegation_give(
    *,
    user: User,
    to: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str,
    kinds_given: Sequence[str] = (),
    up_to: Decimal | None = None,
    currency: str = "",
) -> Delegation:
    """Let somebody decide in the place of ``user``, from a day until a day, both included; no kind is every kind.

    Raises NotAllowed for who has nothing to delegate, Refused for oneself, for a role that never decides, for days in
    the past or more than 180 of them, and without a reason.
    """
    if not can_delegate(user):
        raise NotAllowed("delegation_give", _("Only who decides by their role lets others decide."))
    reason = reason.strip()
    fields: dict[str, str | Promise] = {}
    if to.pk == user.pk:
        fields["to"] = _("Choose somebody else.")
    elif to.role not in DELEGATES or not to.is_active:
        fields["to"] = _("This person cannot stand in: their role never decides.")
    if starts_on < clock.today():
        fields["starts_on"] = _("A delegation begins today or later.")
    if not starts_on <= ends_on <= starts_on + dt.timedelta(days=LONGEST_DAYS):
        fields["ends_on"] = _("It ends after it begins, within 180 days.")
    if not reason or len(reason) > LONGEST_REASON:
        fields["reason"] = _("Say why, in at most 300 characters.")
    if set(kinds_given) - {kind.code for kind in kinds()}:
        fields["kinds_given"] = _("There is no such kind of request.")
    if fault := _limit_fault(up_to=up_to, currency=currency):
        fields["up_to"] = fault
    if fields:
        raise Refused("delegation", _("The delegation needs a correction."), fields=fields)
    with transaction.atomic():
        given = Delegation.objects.create(
            from_person=user,
            to_person=to,
            kinds=sorted(set(kinds_given)),
            up_to=up_to,
            currency=currency,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            given_at=clock.now(),
        )
        record(
            actor=Actor.person(user),
            action="delegation.given",
            subject=given,
            body={"to": to.pk, "kinds": given.kinds, "up_to": up_to, "from": starts_on, "until": ends_on},
        )
    return given


def delegation_end(*, user: User, delegation: Delegation) -> Delegation:
    """Take a delegation back from now on: who gave it, or the general manager. Raises NotAllowed for others, Conflict
    when it ended already.
    """
    if user.pk != delegation.from_person_id and not can_keep_authority(user):
        raise NotAllowed("delegation_end", _("Only who gave it takes it back."))
    with transaction.atomic():
        locked = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if locked.ended_at is not None:
            raise Conflict("delegation_ended", _("This delegation has ended already."))
        locked.ended_at, locked.ended_by = clock.now(), user
        locked.save(update_fields=["ended_at", "ended_by"])
        record(actor=Actor.person(user), action="delegation.ended", subject=locked, body={"to": locked.to_person_id})
    return locked


def _reaches(rows: Sequence[AuthorityLimit], position: int) -> bool:
    return any(row.position == position and row.is_active for row in rows)


def authority_change(*, user: User, row: AuthorityLimit, up_to: Decimal | None, is_active: bool) -> AuthorityLimit:
    """Change how far a role may go; what was asked before keeps the steps it had.

    Raises NotAllowed for anybody but the general manager, Refused when nobody would be left for a step, and for a limit
    without its row's currency.
    """
    if not can_keep_authority(user):
        raise NotAllowed("authority_change", _("Only the general manager changes the authority matrix."))
    if row.portal:
        raise Refused("authority_portal", _("The client's own step stands."))
    if up_to is not None and (up_to <= 0 or not row.currency):
        raise Refused("authority_limit", _("A limit is above zero, in the currency of its row."), field="up_to")
    with transaction.atomic():
        rows = list(AuthorityLimit.objects.select_for_update().filter(kind=row.kind).order_by("pk"))
        locked = next(found for found in rows if found.pk == row.pk)
        before = {"up_to": locked.up_to, "is_active": locked.is_active}
        locked.up_to, locked.is_active = up_to, is_active
        if not _reaches(rows, locked.position):
            raise Refused("authority_nobody", _("Somebody must be left to take this step."), field="is_active")
        locked.save()
        record(
            actor=Actor.person(user),
            action="authority.changed",
            subject=locked,
            body={"kind": locked.kind, "position": locked.position, "role": locked.role, "currency": locked.currency,
                  "up_to": up_to, "is_active": is_active, "before": before},
        )  # fmt: skip
    return locked


def authority_add(
    *, user: User, kind: str, position: int, role: str, currency: str = "", up_to: Decimal | None = None
) -> AuthorityLimit:
    """Let another role take a step of a kind, up to an amount or without a limit.

    Raises NotAllowed for anybody but the general manager, Refused for a role that never decides, a step that the
    client takes, and a row that is there already.
    """
    if not can_keep_authority(user):
        raise NotAllowed("authority_change", _("Only the general manager changes the authority matrix."))
    with transaction.atomic():
        rows = matrix_ship(kind) if kind in {found.code for found in kinds()} else []
        step = next((row for row in rows if row.position == position), None)
        fields: dict[str, str | Promise] = {}
        if step is None or step.portal:
            fields["step"] = _("Choose a step that the house takes.")
        if role not in STAFF_ROLES - NO_AUTHORITY:
            fields["role"] = _("This role never decides.")
        elif any((row.position, row.role, row.currency) == (position, role, currency) for row in rows):
            fields["role"] = _("There is a row for this role and currency already: change its limit.")
        if fault := _limit_fault(up_to=up_to, currency=currency):
            fields["up_to"] = fault
        if fields:
            raise Refused("authority", _("The row needs a correction."), fields=fields)
        row = AuthorityLimit.objects.create(
            kind=kind, position=position, role=role, currency=currency, up_to=up_to, portal=False
        )
        record(
            actor=Actor.person(user),
            action="authority.added",
            subject=row,
            body={"kind": kind, "position": position, "role": role, "currency": currency, "up_to": up_to},
        )
    return row
