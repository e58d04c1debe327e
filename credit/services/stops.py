"""The only writer of stops: those that follow from the facts, and those that people open and end (CM-10 to CM-17).

What follows from the facts is brought to what they say at every event that may change them, and in the night where a
customer's day has come; dated by its cause, not by when somebody looked. What was learnt late corrects the history by
events: a stop whose beginning the facts no longer know ends as undone, and stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.db import rows
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import COMPUTED_STOPS, StopCause, StopEnd, StopKind
from credit.models import CreditStop, Customer
from credit.policies import can_release_stop, can_stop_credit
from credit.selectors.stops import Found, Otherwise, customers_together, stops_found
from credit.services.follow_ups import follow_ups_close, follow_ups_open

RULES = Actor.system("credit rules")
CUSTOMERS_A_CHUNK = 5_000
# What is undone makes room before anything is opened again or anew: one stop of a kind stands at a time.
_UNDO, _CHANGE, _OPEN = range(3)


def book_day(*, client_id: int) -> dt.date:
    """The day at which a client's book stands; today where it was never opened. The book never goes back."""
    day: dt.date | None = Client.objects.values_list("book_date", flat=True).get(pk=client_id)
    return day or clock.today()


def stops_follow(*, client_id: int, customer_ids: Sequence[int], cause: str, day: dt.date | None = None) -> int:
    """Bring the stops of these customers, and of the other accounts of the same parties, to what the facts say by the
    end of ``day`` (the book's own unless told); how many stops moved.

    Inside the transaction of what changed the facts. The customers are held, by id, so that two accounts of one party
    see each other's defaults.
    """
    if not customer_ids:
        return 0
    day = day or book_day(client_id=client_id)
    together = customers_together(client_id=client_id, customer_ids=customer_ids)
    moved = 0
    for at in range(0, len(together), CUSTOMERS_A_CHUNK):
        ids = together[at : at + CUSTOMERS_A_CHUNK]
        rows(
            "SELECT id FROM credit_customer WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE",
            {"ids": ids},
            kept=len(ids) == 1,
        )
        moved += _written(found=list(stops_found(customer_ids=ids, day=day)), client_id=client_id, day=day, cause=cause)
    return moved


def stops_look_again(*, client_id: int, customer_ids: Sequence[int]) -> int:
    """Let the next look, an event that follows or the night, see these customers; part of what moved their defaults."""
    day = book_day(client_id=client_id)
    due = Customer.objects.filter(pk__in=customer_ids).exclude(next_change_on__lte=day)
    return due.update(next_change_on=day) if customer_ids else 0


def _written(*, found: Sequence[Found], client_id: int, day: dt.date, cause: str) -> int:
    _look_again(found=found)
    work = sorted(
        ((_order(change), one.customer_id, change) for one in found for change in one.otherwise),
        key=lambda item: (item[0], item[1], item[2].began_on, item[2].kind),
    )
    if not work:
        return 0
    stops = CreditStop.objects.in_bulk([change.stop_id for _o, _c, change in work if change.stop_id is not None])
    touched: list[CreditStop] = []
    for order, customer_id, change in work:
        if change.stop_id is None:
            touched.append(_opened(client_id=client_id, customer_id=customer_id, change=change, cause=cause))
        elif order == _UNDO:
            touched.append(_ended(stop=stops[change.stop_id], on=day, end=StopEnd.UNDONE, cause=cause))
        else:
            touched.append(_changed(stop=stops[change.stop_id], change=change, cause=cause))
    follow_ups_close(stops=[stop for stop in touched if stop.ended_on is not None])
    follow_ups_open(stops=[stop for stop in touched if stop.ended_on is None], found=found, day=day)
    return len(work)


def _order(change: Otherwise) -> int:
    if not change.true:
        return _UNDO
    return _OPEN if change.stop_id is None or change.ended_on is None else _CHANGE


def _look_again(*, found: Sequence[Found]) -> None:
    """Keep the first day on which the facts say something else of each customer."""
    rows(
        """WITH told AS (SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(days)s::date[]) AS next_on),
        moved AS (
            UPDATE credit_customer c SET next_change_on = t.next_on FROM told t
            WHERE c.id = t.id AND c.next_change_on IS DISTINCT FROM t.next_on RETURNING 1
        ) SELECT count(*) AS n FROM moved""",
        {"ids": [one.customer_id for one in found], "days": [one.next_on for one in found]},
    )


def _opened(*, client_id: int, customer_id: int, change: Otherwise, cause: str) -> CreditStop:
    """A stop that the facts know and nobody wrote yet; found late it may have ended already."""
    stop = CreditStop.objects.create(
        client_id=client_id, customer_id=customer_id, kind=change.kind, began_on=change.began_on,
        reason=change.fact[:500], opened_at=clock.now(),
    )  # fmt: skip
    _told("opened", stop=stop, cause=cause)
    if change.ended_on is None:
        return stop
    return _changed(stop=stop, change=change, cause=cause)


def _changed(*, stop: CreditStop, change: Otherwise, cause: str) -> CreditStop:
    """A stop that ended, ended on another day, or goes on after all."""
    if change.ended_on is not None:
        end = StopEnd.EXCEPTION if stop.kind == StopKind.CANCELLED else StopEnd.CAUSE_GONE
        return _ended(stop=stop, on=change.ended_on, end=end, cause=cause)
    stop.ended_on, stop.end, stop.end_reason, stop.closed_at, stop.closed_by = None, "", "", None, None
    stop.save(update_fields=["ended_on", "end", "end_reason", "closed_at", "closed_by"])
    _told("goes_on", stop=stop, cause=cause)
    return stop


def _ended(*, stop: CreditStop, on: dt.date, end: str, cause: str) -> CreditStop:
    stop.ended_on, stop.end, stop.end_reason, stop.closed_at = on, end, cause, clock.now()
    stop.save(update_fields=["ended_on", "end", "end_reason", "closed_at"])
    _told("undone" if end == StopEnd.UNDONE else "ended", stop=stop, cause=cause)
    return stop


def _told(what: str, *, stop: CreditStop, cause: str) -> None:
    record(
        actor=RULES,
        action=f"credit_stop.{what}",
        subject=stop,
        body={"customer": stop.customer_id, "kind": stop.kind, "began_on": stop.began_on, "ended_on": stop.ended_on,
              "stands_on": stop.reason, "cause": cause},
    )  # fmt: skip


def stop_open(*, user: User, customer: Customer, kind: str, began_on: dt.date, reason: str) -> CreditStop:
    """Stop a customer's credit for a breach, for refused procedures (both claim everything owed), or as the house's
    own suspension (CM-17), with the reason.

    Raises NotAllowed for who is not of the credit desk, Refused for a kind that only facts open, a day ahead, without a
    reason, and while one of this kind stands.
    """
    if not can_stop_credit(user):
        raise NotAllowed("stop_open", _("Only the credit desk does this."))
    if kind not in StopKind.values or kind in COMPUTED_STOPS:
        raise Refused("stop_kind", _("Choose why credit is stopped."), field="kind")
    if began_on > clock.today():
        raise Refused("stop_future", _("The day lies ahead."), field="began_on")
    if not reason.strip():
        raise Refused("stop_reason", _("Say why."), field="reason")
    with transaction.atomic():
        Client.held(client_id=customer.client_id)
        held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if held.stops.filter(kind=kind, ended_on__isnull=True).exists():
            raise Refused("stop_stands", _("Credit is stopped for this already."), field="kind")
        stop = CreditStop.objects.create(
            client_id=held.client_id, customer=held, kind=kind, began_on=began_on, reason=reason.strip()[:500],
            opened_by=user, opened_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.person(user), action="credit_stop.opened", subject=stop,
            body={"customer": held.pk, "kind": kind, "began_on": began_on, "reason": stop.reason},
        )  # fmt: skip
        day = book_day(client_id=held.client_id)
        found = list(stops_found(customer_ids=[held.pk], day=day))
        follow_ups_open(stops=[stop], found=found, day=max(day, began_on))
    return stop


def stop_release(*, user: User, stop: CreditStop, reason: str) -> CreditStop:
    """Give credit free again that a person stopped, from today on, with the reason.

    Raises NotAllowed for who does not decide limits and for who stopped it; Refused for a stop that follows from facts
    (paying ends it, an exception ends a cancellation), without a reason; Conflict when it ended meanwhile.
    """
    if not can_release_stop(user):
        raise NotAllowed("stop_release", _("Only the finance manager and the general manager do this."))
    if stop.kind in COMPUTED_STOPS:
        raise Refused("stop_computed", _("This stop follows from the ledger: it ends when its cause does."))
    if not reason.strip():
        raise Refused("stop_reason", _("Say why."), field="reason")
    with transaction.atomic():
        locked = CreditStop.objects.select_for_update().get(pk=stop.pk)
        if locked.ended_on is not None:
            raise Conflict("stop_ended", _("This stop is over already."))
        if locked.opened_by_id == user.pk:
            raise NotAllowed("stop_own", _("Another person releases what you stopped."))
        locked.ended_on, locked.end = max(clock.today(), locked.began_on), StopEnd.RELEASED
        locked.end_reason, locked.closed_by, locked.closed_at = reason.strip()[:500], user, clock.now()
        locked.save(update_fields=["ended_on", "end", "end_reason", "closed_by", "closed_at"])
        record(
            actor=Actor.person(user), action="credit_stop.ended", subject=locked,
            body={"customer": locked.customer_id, "kind": locked.kind, "began_on": locked.began_on,
                  "ended_on": locked.ended_on, "reason": locked.end_reason},
        )  # fmt: skip
        follow_ups_close(stops=[locked])
    return locked


def step_stops(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Nightly: the customers of whom the day says something else than the day before."""
    due = Customer.objects.filter(client_id=client_id, next_change_on__lte=day).values_list("pk", flat=True)
    return stops_follow(client_id=client_id, customer_ids=sorted(due), cause=StopCause.NIGHT, day=day)
