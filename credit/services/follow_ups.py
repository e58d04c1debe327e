"""The only writer of follow-ups: what the credit and collection department does about a stop (CM-47, CM-44).

Every stop opens one, due on the day its cause began: for an overdue invoice that is the first day after its terms, and
what is asked is payment now. No follow-up says how much longer somebody may take (I-04). It is open until the stop is
paid or released: an answer closes one and sets the day of the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import FollowUpState, StopKind
from credit.models import CreditStop, Customer, StopFollowUp
from credit.policies import can_follow_stops
from credit.rules.stops import claimed
from credit.selectors.stops import Found, stops_found

# A suspension of the house asks nothing of the customer.
FOLLOWED = frozenset(StopKind.values) - {StopKind.SUSPENDED}
FARTHEST_DAYS = 30


def follow_ups_open(*, stops: Sequence[CreditStop], found: Sequence[Found], day: dt.date) -> int:
    """A follow-up for each of these stops, which stand, with what is claimed on ``day``; part of their opening."""
    wanted = [stop for stop in stops if stop.kind in FOLLOWED]
    if not wanted:
        return 0
    sums = {one.customer_id: one for one in found}
    open_already = set(
        StopFollowUp.objects.filter(stop__in=wanted, state=FollowUpState.OPEN).values_list("stop_id", flat=True)
    )
    currencies = dict(Customer.objects.filter(pk__in=sums).values_list("pk", "currency"))
    rows = [
        StopFollowUp(
            client_id=stop.client_id, stop=stop, customer_id=stop.customer_id, due_on=max(stop.began_on, day),
            currency=currencies[stop.customer_id], created_at=clock.now(),
            claims=_claims(kind=stop.kind, sums=sums[stop.customer_id]),
        )
        for stop in wanted if stop.pk not in open_already
    ]  # fmt: skip
    return len(StopFollowUp.objects.bulk_create(rows))


def _claims(*, kind: str, sums: Found) -> Decimal:
    return claimed(kind=kind, overdue=sums.overdue, owed=sums.owed, limit=sums.limit)


def follow_ups_close(*, stops: Sequence[CreditStop]) -> int:
    """End the open follow-ups of stops that are over; part of their end."""
    if not stops:
        return 0
    open_ones = StopFollowUp.objects.filter(stop__in=stops, state=FollowUpState.OPEN)
    return open_ones.update(state=FollowUpState.ENDED, done_at=clock.now())


def follow_up_answer(*, user: User, follow_up: StopFollowUp, note: str, next_on: dt.date) -> StopFollowUp:
    """Say what was done, and when it is done next while the stop stands; the next follow-up.

    Raises NotAllowed for who does not follow stops, Refused without words and for a next day that is not within the
    thirty days ahead, Conflict where it is closed.
    """
    if not can_follow_stops(user):
        raise NotAllowed("follow_up", _("Only the credit and collection department does this."))
    if not note.strip():
        raise Refused("follow_up_note", _("Say what was done."), field="note")
    today = clock.today()
    if not today < next_on <= today + dt.timedelta(days=FARTHEST_DAYS):
        raise Refused("follow_up_next", _("Choose a day within the next thirty days."), field="next_on")
    with transaction.atomic():
        Client.held(client_id=follow_up.client_id)
        customer = Customer.objects.select_for_update(no_key=True).get(pk=follow_up.customer_id)
        held = StopFollowUp.objects.select_for_update(of=("self",)).select_related("stop").get(pk=follow_up.pk)
        if held.state != FollowUpState.OPEN:
            raise Conflict("follow_up_closed", _("This was answered already."))
        held.state, held.note = FollowUpState.DONE, note.strip()[:1000]
        held.done_at, held.done_by = clock.now(), user
        held.save(update_fields=["state", "note", "done_at", "done_by"])
        (sums,) = stops_found(customer_ids=[customer.pk], day=today)
        coming = StopFollowUp.objects.create(
            client_id=held.client_id, stop=held.stop, customer=customer, due_on=next_on, currency=held.currency,
            claims=_claims(kind=held.stop.kind, sums=sums), created_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.person(user), action="follow_up.done", subject=held,
            body={"customer": customer.pk, "stop": held.stop_id, "kind": held.stop.kind, "claims": held.claims,
                  "note": held.note, "next_on": next_on},
        )  # fmt: skip
    return coming
