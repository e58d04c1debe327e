"""The only writer of applications: their facts while they are filled in, and the moves of all their life."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.approvals import approval_of, approval_void
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Holiday
from credit.choices import APPLICATION_MOVES, ApplicationState, CustomerKind, LegalForm, Purpose
from credit.models import Application, ApplicationMove, Customer
from credit.policies import can_admit_cash, can_edit_credit, can_return_application
from credit.rules.checklist import Gate
from credit.rules.steps import STEPS, due_at
from credit.selectors.applications import application_version
from credit.selectors.checklist import lacking


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
                prepared_by=user, created_at=clock.now(), **_known(held),
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


def _known(customer: Customer) -> dict[str, Any]:
    """What an earlier application said and seldom changes; sales and balances are asked for anew."""
    before = customer.applications.exclude(capital__isnull=True).order_by("-pk").first()
    if before is None:
        return {}
    return {"capital": before.capital, "has_official_papers": before.has_official_papers}


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
    if (waiting := approval_of(subject=held)) is not None:  # by another way than its decision
        approval_void(user=user, approval=waiting, reason=reason.strip()[:500])
    _enter(user=user, application=held, was=was, reason=reason, waits_for=waits_for)
    record(
        actor=actor, action="application.moved", subject=held,
        body={"from": was, "to": to, "reason": reason.strip()},
    )  # fmt: skip
    application.state = to
    return held


def application_pass_on(*, user: User, application: Application, waits_for: str, reason: str = "") -> None:
    """Hand a held application to the next role within its state, as part of another act: its time begins anew."""
    _enter(user=user, application=application, was=application.state, reason=reason, waits_for=waits_for)


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


# What is filled in of an application while it is a draft.
FACTS = (
    "asked_limit", "grounds", "capital", "legal_form", "resident", "has_official_papers", "annual_sales", "sales_year",
    "bureau_used",
)  # fmt: skip


def application_edit(*, user: User, application: Application, seen: int, **facts: Any) -> Application:
    """Write down the facts of a draft. ``seen`` is the version that the person's form was filled from.

    Raises Refused for figures that cannot be, Conflict once it is submitted, and when somebody saved another version
    meanwhile; TypeError for a name that is none of ``FACTS``.
    """
    actor = editor(user)
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"no facts of an application: {sorted(unknown)}")
    _facts_checked(facts)
    with transaction.atomic():
        held = application_held(application=application)
        if held.state != ApplicationState.DRAFT:
            raise Conflict("application_submitted", _("This application is no longer a draft."))
        if seen != application_version(application=held):
            raise Conflict("application_stale", _("Somebody saved this first. Nothing you wrote is lost."))
        changed = {name: [getattr(held, name), value] for name, value in facts.items() if getattr(held, name) != value}
        for name, (_was, value) in changed.items():
            setattr(held, name, value)
        if changed:
            held.save(update_fields=list(changed))
        record(actor=actor, action="application.edited", subject=held, body={"changed": changed})
    return held


def _facts_checked(facts: dict[str, Any]) -> None:
    wrong: dict[str, Any] = {}
    for name in ("capital", "annual_sales"):
        if facts.get(name) is not None and facts[name] < 0:
            wrong[name] = _("This is not negative.")
    if facts.get("asked_limit") is not None and facts["asked_limit"] <= 0:
        wrong["asked_limit"] = _("A limit is more than nothing.")
    if facts.get("legal_form") and facts["legal_form"] not in LegalForm.values:
        wrong["legal_form"] = _("Choose the legal form.")
    year = facts.get("sales_year")
    if year is not None and not 1990 <= year <= clock.today().year:
        wrong["sales_year"] = _("Which year?")
    if wrong:
        raise Refused("application_facts", _("These figures cannot be."), fields=wrong)


def application_submit(*, user: User, application: Application, on: dt.date) -> Application:
    """Hand a draft in, complete as its customer and purpose ask (CM-18, CM-20, CM-21).

    Raises Refused naming everything that is missing (``details["missing"]``: codes), Conflict when it is no draft.
    """
    actor = editor(user)
    with transaction.atomic():
        held = application_held(application=application)
        _complete(held, gate=Gate.SUBMIT, on=on)
        # A cash account is not analysed: a manager opens it.
        waits_for = Role.FINANCE_MANAGER if held.customer.kind == CustomerKind.CASH else None
        moved = application_move(
            actor=actor, user=user, application=held, to=ApplicationState.SUBMITTED, waits_for=waits_for
        )
        moved.submitted_at = clock.now()
        moved.save(update_fields=["submitted_at"])
    return moved


def application_analyse(*, user: User, application: Application, on: dt.date) -> Application:
    """Close the analysis: the criteria are judged, the references have answered, the movements are read (CM-01).

    What was found out no longer changes from then on. Raises Refused naming everything that is missing, also where a
    paper has run out since; Conflict when it is not submitted.
    """
    actor = editor(user)
    with transaction.atomic():
        held = application_held(application=application)
        if held.customer.kind == CustomerKind.CASH:
            raise Refused("cash_analysis", _("A cash account knows no credit criteria; it is admitted."))
        _complete(held, gate=Gate.ANALYSE, on=on)
        return application_move(actor=actor, user=user, application=held, to=ApplicationState.ANALYSED)


def _complete(application: Application, *, gate: Gate, on: dt.date) -> None:
    missing = lacking(application=application, gate=gate, on=on)
    if missing:
        raise Refused(
            "application_lacks",
            _("Still missing: %(names)s") % {"names": "، ".join(str(line.what) for line in missing)},
            details={"missing": [line.code for line in missing]},
        )


def application_return(*, user: User, application: Application, reason: str) -> Application:
    """Give an application back to be filled in again, with what it lacks: the credit officer what was submitted, the
    finance manager what was submitted or analysed.

    Raises Refused without a reason, NotAllowed for others, Conflict where it cannot go back.
    """
    if not can_return_application(user, application):
        raise NotAllowed("application_return", _("This is not yours to give back."))
    if not reason.strip():
        raise Refused("return_reason", _("Say what it lacks."), field="reason")
    with transaction.atomic():
        held = application_held(application=application)
        if not can_return_application(user, held):
            raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
        return application_move(
            actor=Actor.person(user), user=user, application=held, to=ApplicationState.DRAFT, reason=reason
        )


def cash_admit(*, user: User, application: Application, on: dt.date) -> Application:
    """Open a cash account: its form and official papers are here, and nothing is owed or in default (CM-18, CM-21).

    Raises Refused naming everything that is missing, NotAllowed for who prepared it or may not admit, Conflict when it
    is not submitted.
    """
    with transaction.atomic():
        held = application_held(application=application)
        if held.customer.kind != CustomerKind.CASH or held.state != ApplicationState.SUBMITTED:
            raise Conflict("application_moved", _("This application has moved on meanwhile. Look again."))
        if not can_admit_cash(user, held):
            raise NotAllowed("cash_admit", _("A cash account is admitted by a manager who did not prepare it."))
        _complete(held, gate=Gate.SUBMIT, on=on)
        moved = application_move(actor=Actor.person(user), user=user, application=held, to=ApplicationState.ACTIVE)
        moved.decided_at, moved.decided_by = clock.now(), user
        moved.save(update_fields=["decided_at", "decided_by"])
    return moved
