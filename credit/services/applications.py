"""The only writer of applications' states, and of their facts while they are filled in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Holiday
from credit.choices import APPLICATION_MOVES, ApplicationState, Purpose
from credit.models import Application, ApplicationMove, Customer
from credit.policies import can_edit_credit
from credit.rules.steps import STEPS, due_at


def editor(user: User) -> Actor:
    """The person as an actor. Raises NotAllowed for who does not prepare credit files."""
    if not can_edit_credit(user):
        raise NotAllowed("credit_edit", _("Only the credit officer keeps this."))
    return Actor.person(user)


def application_held(*, application: Application) -> Application:
    """The application, held until the transaction ends."""
    return Application.objects.select_for_update(of=("self",)).select_related("customer").get(pk=application.pk)


def application_open(
    *,
    user: User,
    customer: Customer,
    purpose: str,
    applied_on: dt.date,
    asked_limit: Decimal | None = None,
    grounds: str = "",
) -> Application:
    """Begin an application of a customer, as a draft (CM-20, CM-26). What is known of the customer is put in.

    Raises Refused for a day ahead, and while another one of this customer is open; NotAllowed for who does not prepare
    credit files.
    """
    actor = editor(user)
    if purpose not in Purpose.values:
        raise Refused("purpose", _("Choose what is asked for."), field="purpose")
    if applied_on > clock.today():
        raise Refused("applied_future", _("The day lies ahead."), field="applied_on")
    if asked_limit is not None and asked_limit <= 0:
        raise Refused("asked_limit", _("A limit is more than nothing."), field="asked_limit")
    try:
        with transaction.atomic():
            held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
            if held.closed_on is not None:
                raise Refused("customer_closed", _("This account is closed."))
            application = Application.objects.create(
                client_id=held.client_id, customer=held, purpose=purpose, applied_on=applied_on,
                number=f"CA-{applied_on.year}-{held.pk:06d}-{held.applications.count() + 1}", currency=held.currency,
                asked_limit=asked_limit, grounds=grounds.strip(), legal_form=held.legal_form, resident=held.resident,
                prepared_by=user, created_at=clock.now(),
            )  # fmt: skip
            _enter(user=user, application=application, was="", reason="", waits_for=None)
            record(
                actor=actor, action="application.opened", subject=application,
                body={"customer": held.pk, "purpose": purpose, "asked": asked_limit},
            )  # fmt: skip
    except IntegrityError as error:
        if "application_one_open" in str(error):
            raise Refused("application_open", _("An application of this customer is open.")) from error
        raise
    return application


def application_move(
    *,
    actor: Actor,
    user: User | None,
    application: Application,
    to: str,
    reason: str = "",
    waits_for: str | None = None,
) -> Application:
    """Move an application to a state, as part of another act and inside its transaction; the event of the move is its
    row in the trail.

    ``waits_for`` is the role that has it next, where that is not the state's own. ``application.state`` follows. Raises
    Conflict where this state does not lead to that one.
    """
    held = application_held(application=application)
    if to not in APPLICATION_MOVES[held.state]:
        raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
    was, held.state = held.state, to
    held.save(update_fields=["state"])
    _enter(user=user, application=held, was=was, reason=reason, waits_for=waits_for)
    record(
        actor=actor, action="application.moved", subject=held,
        body={"from": was, "to": to, "reason": reason.strip()},
    )  # fmt: skip
    application.state = to
    return held


def _enter(*, user: User | None, application: Application, was: str, reason: str, waits_for: str | None) -> None:
    """The row of a move: who has it now, and until when."""
    now = clock.now()
    step = STEPS.get(application.state)
    days = Holiday.objects.filter(calendar=Holiday.Calendar.PRIVATE, on__gte=now.date()).values_list("on", flat=True)
    ApplicationMove.objects.create(
        client_id=application.client_id, application=application, from_state=was, to_state=application.state, at=now,
        by=user, role=user.role if user is not None else "", reason=reason.strip()[:500],
        waits_for=waits_for or (step.role if step is not None else ""),
        due_at=due_at(state=application.state, entered_at=now, holidays=frozenset(days)),
    )  # fmt: skip


def application_withdraw(*, user: User, application: Application, reason: str) -> Application:
    """End an application that the customer, or the house, no longer follows, with the reason.

    Raises Refused without a reason, Conflict once it is signed, decided against or over.
    """
    actor = editor(user)
    if not reason.strip():
        raise Refused("withdraw_reason", _("Say why."), field="reason")
    with transaction.atomic():
        return application_move(
            actor=actor, user=user, application=application, to=ApplicationState.WITHDRAWN, reason=reason
        )
