"""The only writer of holds."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from collections_app.choices import FREEZING, OPEN_CASE, HoldDecision, HoldKind
from collections_app.events import HoldChanged
from collections_app.models import Case, Debt, Hold, Receivable
from collections_app.selectors.holds import holds_kept
from collections_app.services import stages
from collections_app.services.cases import cases_refresh
from collections_app.services.default import defaults_judge
from common import clock
from common.audit import Actor, record
from common.events import publish
from common.exceptions import Refused


def _case_held(*, case_id: int, client_id: int) -> Case:
    """The case, held; its client first, as the night holds it while it ages the book."""
    Client.held(client_id=client_id)
    return Case.objects.select_related("client").select_for_update(of=("self",), no_key=True).get(pk=case_id)


def _changed(*, case: Case, hold: Hold) -> None:
    if case.client.book_date is not None:
        stages.case_age_again(client_id=case.client_id, case_id=case.pk, day=case.client.book_date)
        # Also where nothing stands otherwise today: a default of the past may not have been one, or have been longer.
        defaults_judge(client_id=case.client_id, case_ids=[case.pk], day=case.client.book_date)
    if case.status not in OPEN_CASE:
        # A closed case keeps the word of it and stands still already; opened again, it is held again.
        cases_refresh(case_ids=[case.pk])
    publish(HoldChanged(hold_id=hold.pk, case_id=case.pk, client_id=case.client_id))


def hold_place(
    *,
    actor: Actor,
    case: Case,
    kind: str,
    from_on: dt.date,
    reason: str,
    until_on: dt.date | None = None,
    debt: Debt | None = None,
    receivable: Receivable | None = None,
    frozen: bool | None = None,
) -> Hold:
    """Pause a case, one of its debts or one receivable from a day on; back-dated where that is the truth.

    ``until_on`` is the last held day. ``frozen`` says that the held days do not count towards stage and default, as
    they do not in hardship (regulations A27); the kind decides unless it is given. Holds may repeat and overlap.
    Raises Refused without a reason, with an end before the start, and for a debt or receivable of another case.
    """
    if kind not in HoldKind.values:
        raise Refused("hold_kind", _("There is no such kind of hold."))
    if not reason.strip():
        raise Refused("hold_reason", _("A hold needs its reason."), field="reason")
    if until_on is not None and until_on < from_on:
        raise Refused("hold_order", _("A hold does not end before it begins."))
    if receivable is not None and receivable.case_id != case.pk:
        raise Refused("hold_receivable", _("This receivable is not of this case."))
    if debt is not None and debt.case_id != case.pk:
        raise Refused("hold_debt", _("This debt is not of this case."))
    with transaction.atomic():
        locked = _case_held(case_id=case.pk, client_id=case.client_id)
        hold = Hold(
            client_id=locked.client_id,
            case=locked,
            debt=debt,
            receivable=receivable,
            kind=kind,
            from_on=from_on,
            until_on=until_on,
            reason=reason.strip(),
            recorded_at=clock.now(),
            frozen=kind in FREEZING if frozen is None else frozen,
        )
        hold.save(force_insert=True)
        event = record(
            actor=actor,
            action="hold.placed",
            subject=hold,
            body={
                "case": locked.pk,
                "kind": kind,
                "from_on": from_on,
                "until_on": until_on,
                "debt": debt.pk if debt is not None else None,
                "receivable": receivable.pk if receivable is not None else None,
                "frozen": hold.frozen,
            },
        )
        hold.event_id = event.pk
        hold.save(update_fields=["event_id"])
        _changed(case=locked, hold=hold)
    return hold


def _free(hold: Hold, *, by_keeper: bool) -> Hold:
    """The hold under lock. Raises Refused while a complaint or a dispute stands on it, unless that itself ends it."""
    locked = Hold.objects.select_for_update().get(pk=hold.pk)
    if not by_keeper and (why := holds_kept(hold_ids=[hold.pk]).get(hold.pk)):
        raise Refused("hold_kept", why)
    return locked


def hold_release(*, actor: Actor, hold: Hold, until_on: dt.date, reason: str, by_keeper: bool = False) -> Hold:
    """End an open hold after its last held day; what it held takes the stage of its true age, less the frozen days.

    ``by_keeper``: what stands on the hold ends it itself, with its own decision. Raises Refused without a reason, for a
    hold that has ended, for an end before the start, and for everybody else while something stands on it.
    """
    if not reason.strip():
        raise Refused("hold_reason", _("Say why the hold ends."), field="reason")
    with transaction.atomic():
        case = _case_held(case_id=hold.case_id, client_id=hold.client_id)
        locked = _free(hold, by_keeper=by_keeper)
        if locked.until_on is not None:
            raise Refused("hold_ended", _("This hold has ended already."))
        if until_on < locked.from_on:
            raise Refused("hold_order", _("A hold does not end before it begins."), field="until_on")
        event = record(
            actor=actor, action="hold.released", subject=locked, body={"until_on": until_on, "reason": reason}
        )
        locked.until_on, locked.ended_event_id = until_on, event.pk
        locked.save(update_fields=["until_on", "ended_event_id"])
        _changed(case=case, hold=locked)
    return locked


def objection_decide(*, actor: Actor, hold: Hold, decision: str, reason: str, by_keeper: bool = False) -> Hold:
    """Decide an objection (CM-41, I-05). Accepted: its days count neither towards stage nor default, from the day it
    was filed until it is released. Rejected: it is as if it had never held, and default stands on its true date.

    ``by_keeper`` as for ``hold_release``. Raises Refused without a reason, for a hold that is no objection, for one
    that is decided, and for everybody else while something stands on it.
    """
    if not reason.strip():
        raise Refused("hold_reason", _("A decision needs its reason."), field="reason")
    if decision not in HoldDecision.values:
        raise Refused("hold_decision", _("An objection is accepted or rejected."), field="decision")
    with transaction.atomic():
        case = _case_held(case_id=hold.case_id, client_id=hold.client_id)
        locked = _free(hold, by_keeper=by_keeper)
        if locked.kind != HoldKind.OBJECTION:
            raise Refused("hold_no_objection", _("Only objections are decided."))
        if locked.decision:
            raise Refused("hold_decided", _("This objection is decided already."))
        event = record(
            actor=actor, action="objection.decided", subject=locked, body={"decision": decision, "reason": reason}
        )
        locked.decision, locked.decided_event_id = decision, event.pk
        locked.frozen = decision == HoldDecision.ACCEPTED
        if decision == HoldDecision.REJECTED and (locked.until_on is None or locked.end_id is not None):
            locked.until_on, locked.ended_event_id = max(clock.today(), locked.from_on), event.pk
            locked.end = None
        locked.save(update_fields=["decision", "decided_event_id", "frozen", "until_on", "ended_event_id", "end"])
        _changed(case=case, hold=locked)
    return locked
