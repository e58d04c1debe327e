"""The only writer of holds."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from collections_app.choices import HoldKind
from collections_app.events import HoldChanged
from collections_app.models import Case, Hold, Receivable
from collections_app.services import stages
from common import clock
from common.audit import Actor, record
from common.events import publish
from common.exceptions import Refused


def _age_again(*, case: Case) -> None:
    book_date = case.client.book_date
    if book_date is not None:
        stages.receivables_look_again(case_id=case.pk, day=book_date)
        stages.receivables_age(client_id=case.client_id, day=book_date, case_ids=[case.pk])
        # A stage that stands since today asks for its action, whether the night or a release brought it.
        stages.stage_tasks_fire(client_id=case.client_id, since=book_date - dt.timedelta(days=1), day=book_date)


def hold_place(
    *,
    actor: Actor,
    case: Case,
    kind: str,
    from_on: dt.date,
    reason: str,
    until_on: dt.date | None = None,
    receivable: Receivable | None = None,
) -> Hold:
    """Pause a case or one of its receivables from a day on; back-dated where that is the truth.

    ``until_on`` is the last held day. Raises Refused without a reason or with an end before the start.
    """
    if kind not in HoldKind.values:
        raise Refused("hold_kind", _("There is no such kind of hold."))
    if not reason.strip():
        raise Refused("hold_reason", _("A hold needs its reason."), field="reason")
    if until_on is not None and until_on < from_on:
        raise Refused("hold_order", _("A hold does not end before it begins."))
    if receivable is not None and receivable.case_id != case.pk:
        raise Refused("hold_receivable", _("This receivable is not of this case."))
    with transaction.atomic():
        locked = Case.objects.select_related("client").select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        hold = Hold.objects.create(
            client_id=locked.client_id,
            case=locked,
            receivable=receivable,
            kind=kind,
            from_on=from_on,
            until_on=until_on,
            reason=reason.strip(),
            recorded_at=clock.now(),
        )
        record(
            actor=actor,
            action="hold.placed",
            subject=hold,
            body={"case": locked.pk, "kind": kind, "from_on": from_on, "until_on": until_on},
        )
        _age_again(case=locked)
        publish(HoldChanged(hold_id=hold.pk, case_id=locked.pk, client_id=locked.client_id))
    return hold


def hold_release(*, actor: Actor, hold: Hold, until_on: dt.date, reason: str) -> Hold:
    """End an open hold after its last held day; what it held takes the stage of its true age.

    Raises Refused without a reason, for a hold that has ended, and for an end before the start.
    """
    if not reason.strip():
        raise Refused("hold_reason", _("Say why the hold ends."), field="reason")
    with transaction.atomic():
        case = Case.objects.select_related("client").select_for_update(of=("self",), no_key=True).get(pk=hold.case_id)
        locked = Hold.objects.select_for_update().get(pk=hold.pk)
        if locked.until_on is not None:
            raise Refused("hold_ended", _("This hold has ended already."))
        if until_on < locked.from_on:
            raise Refused("hold_order", _("A hold does not end before it begins."), field="until_on")
        locked.until_on = until_on
        locked.save(update_fields=["until_on"])
        record(actor=actor, action="hold.released", subject=locked, body={"until_on": until_on, "reason": reason})
        _age_again(case=case)
        publish(HoldChanged(hold_id=locked.pk, case_id=case.pk, client_id=case.client_id))
    return locked
