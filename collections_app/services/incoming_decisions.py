"""What a person decides of money that waits: posted as suggested, posted by hand, or set aside."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import INCOMING_MOVES, IncomingKind, IncomingState, PaymentMethod, ReceivedBy
from collections_app.models import Case, IncomingPayment, Receivable
from collections_app.rules.allocation import Share
from collections_app.selectors import incoming as selectors
from collections_app.services.incoming_desk import cases_lock, incoming_post
from common import clock, money
from common.audit import Actor, record
from common.exceptions import Refused


def incoming_accept(*, user: User, row: IncomingPayment, choice: str) -> IncomingPayment:
    """Post a payment as one of its suggestions says; ``choice`` names the shares as they were shown.

    Raises Refused when it is decided already, the suggestion is gone, or its receivables owe less by now.
    """
    found = next((one for one in selectors.suggestions_of(row) if selectors.shares_key(one.shares) == choice), None)
    if found is None:
        raise Refused("incoming_choice", _("This suggestion is gone. Look at it again."))
    return incoming_match(user=user, row=row, shares=found.shares, how="accepted")


def incoming_match(
    *, user: User, row: IncomingPayment, shares: Sequence[Share], how: str = "matched"
) -> IncomingPayment:
    """Post a payment on receivables that a person chose, all of one case; what they do not take stays unallocated.

    Raises Refused when it is decided already, when nothing or more than the payment is shared out, when a receivable
    is another client's, another currency's, owes less, or was issued after the value date.
    """
    with transaction.atomic():
        receivables = {r.pk: r for r in Receivable.objects.filter(pk__in=[share.receivable_id for share in shares])}
        case_ids = {r.case_id for r in receivables.values()}
        if not shares or len(receivables) != len(shares):
            raise Refused("incoming_nothing", _("Choose at least one receivable."))
        if len(case_ids) != 1:
            raise Refused("incoming_cases", _("The receivables of one payment are all of one account holder."))
        cases_lock(case_ids=case_ids)
        case = Case.objects.select_related("client").get(pk__in=case_ids)
        locked = _held(row=row, to=IncomingState.MATCHED)
        if locked.client_id is not None and locked.client_id != case.client_id:
            raise Refused("incoming_client", _("This receivable is of another client than the payment."))
        _shares_checked(row=locked, case=case, shares=shares)
        kind = locked.file.kind
        locked.client_id, locked.case = case.client_id, case
        locked.payment = incoming_post(
            actor=Actor.person(user),
            user=user,
            case=case,
            row=locked,
            shares=shares,
            method=PaymentMethod.FILE if kind == IncomingKind.PAYMENTS else PaymentMethod.TRANSFER,
            received_by=ReceivedBy.CLIENT if kind == IncomingKind.PAYMENTS else ReceivedBy.AGENCY,
            payer_name=locked.payer_name,
        )
        body = {"payment": locked.payment.pk, "reason": locked.reason,
                "shares": [[share.receivable_id, share.amount] for share in shares]}  # fmt: skip
        _decided(user=user, row=locked, state=IncomingState.MATCHED)
        record(actor=Actor.person(user), action=f"incoming.{how}", subject=locked, body=body)
    return locked


def _shares_checked(*, row: IncomingPayment, case: Case, shares: Sequence[Share]) -> None:
    """Raise Refused for shares that the payment or the receivables cannot bear."""
    items = {item.receivable_id: item for item in selectors.items_of(case_ids=[case.pk])[case.pk]}
    for share in shares:
        item = items[share.receivable_id]
        if item.currency != row.currency:
            raise Refused("incoming_currency", _("A receivable takes money of its own currency only."))
        if item.issued_on > row.value_on:
            raise Refused("incoming_early", _("The receivable was issued after the payment's value date."))
        left = sum((amount for _day, amount in item.movements), money.ZERO)
        if not money.ZERO < share.amount <= left:
            raise Refused("incoming_left", _("What is open there has changed, or is less. Look at it again."))
    if sum((share.amount for share in shares), money.ZERO) > row.amount:
        raise Refused("incoming_more", _("This is more than the payment."))


def incoming_set_aside(*, user: User, row: IncomingPayment, reason: str) -> IncomingPayment:
    """Take a payment off the list without posting it: not ours, told twice, sent back.

    Raises Refused without a reason, or when it is decided already.
    """
    if not reason.strip():
        raise Refused("incoming_reason", _("Setting money aside needs its reason."), field="reason")
    with transaction.atomic():
        locked = _held(row=row, to=IncomingState.SET_ASIDE)
        locked.note = reason.strip()[:300]
        _decided(user=user, row=locked, state=IncomingState.SET_ASIDE)
        record(
            actor=Actor.person(user),
            action="incoming.set_aside",
            subject=locked,
            body={"reason": locked.note, "amount": locked.amount, "currency": locked.currency},
        )
    return locked


def _held(*, row: IncomingPayment, to: str) -> IncomingPayment:
    """The payment under lock. Raises Refused when it does not move there any more."""
    locked = IncomingPayment.objects.select_for_update(of=("self",)).select_related("file").get(pk=row.pk)
    if to not in INCOMING_MOVES[locked.state]:
        raise Refused("incoming_decided", _("This payment is decided already."))
    return locked


def _decided(*, user: User, row: IncomingPayment, state: str) -> None:
    """Keep the decision. What the bank wrote of the payer is needed no longer, and goes."""
    row.state, row.decided_by, row.decided_at = state, user, clock.now()
    row.payer_name = row.text = ""
    row.suggestions = []
    row.save()
