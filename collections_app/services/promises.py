"""The only writer of promises: made, judged, cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from clients.selectors.clients import contact_policy_on
from collections_app.choices import OPEN_CASE, PromiseStatus
from collections_app.models import Case, ContactAttempt, Promise
from common import clock, money
from common.audit import Actor, record
from common.db import execute
from common.exceptions import Refused

LONGEST_DAYS = 60

# A promise is judged when its day is over: what was paid on the case in its currency, and not taken back, from the day
# it was made to its due day counts once; full is kept, some is partly, nothing is missed (PL-17, I-24). What was
# recorded before the promise was told is no answer to it; what is told later counts by its value date.
PAID_ON_PROMISE = """
    SELECT q.id, coalesce((
        SELECT sum(y.amount - y.reversed_amount) FROM collections_app_payment y
        WHERE y.case_id = q.case_id AND y.currency = q.currency AND y.reversed_on IS NULL
          AND y.value_on BETWEEN q.made_on AND q.due_on
          AND y.recorded_at >= coalesce(
              (SELECT a.recorded_at FROM collections_app_contactattempt a WHERE a.id = q.attempt_id),
              q.recorded_at,
              q.made_on::timestamp AT TIME ZONE 'Asia/Riyadh'
          )
    ), 0) AS paid
    FROM collections_app_promise q
"""
_STANDS = "CASE WHEN s.paid >= p.amount THEN 'KEPT' WHEN s.paid > 0 THEN 'PARTLY' ELSE 'MISSED' END"

_JUDGE = f"""
UPDATE collections_app_promise p
SET paid_amount = least(s.paid, p.amount), status = {_STANDS}, judged_on = %(day)s
FROM ({PAID_ON_PROMISE} WHERE q.client_id = %(client_id)s AND q.status = 'OPEN' AND q.due_on < %(day)s) s
WHERE p.id = s.id
"""

# Money that is told of late, or taken back, changes what a judged promise came to; the day of the judgement stays.
_JUDGE_AGAIN = f"""
UPDATE collections_app_promise p
SET paid_amount = least(s.paid, p.amount), status = {_STANDS}
FROM ({PAID_ON_PROMISE} WHERE q.case_id = ANY(%(case_ids)s) AND q.status IN ('KEPT', 'PARTLY', 'MISSED')) s
WHERE p.id = s.id AND (p.status, p.paid_amount) IS DISTINCT FROM ({_STANDS}, least(s.paid, p.amount))
"""


def promise_record(
    *,
    actor: Actor,
    case: Case,
    amount: Decimal,
    currency: str,
    due_on: dt.date,
    made_on: dt.date,
    attempt: ContactAttempt | None = None,
    user: User | None = None,
) -> Promise:
    """Record what the account holder commits to. One open promise a case: a new one takes the place of the old.

    Raises Refused for an amount under the client's least promise or above the balance, a date before ``made_on`` or
    too far away, and for a case that is closed.
    """
    fields: dict[str, object] = {}
    least = contact_policy_on(client_id=case.client_id, on=made_on).least_promise
    if amount <= 0 or amount != money.rounded(amount):
        fields["amount"] = _("A promise is more than zero, with two decimals.")
    elif amount < least:
        fields["amount"] = _("The least promise here is %(amount)s.") % {"amount": f"{least:,.2f}"}
    elif currency == case.currency and amount > case.balance:
        fields["amount"] = _("The promise is above what is due.")
    if due_on < made_on:
        fields["due_on"] = _("The date is in the past.")
    elif (due_on - made_on).days > LONGEST_DAYS:
        fields["due_on"] = ngettext_lazy(
            "A promise reaches %(days)d day ahead at most; beyond that make a plan.",
            "A promise reaches %(days)d days ahead at most; beyond that make a plan.",
            LONGEST_DAYS,
        ) % {"days": LONGEST_DAYS}
    if fields:
        raise Refused("promise", _("The promise needs a correction."), fields=fields)  # type: ignore[arg-type]
    with transaction.atomic():
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        if locked.status not in OPEN_CASE:
            raise Refused("case_closed", _("This case is closed."))
        Promise.objects.filter(case=locked, status=PromiseStatus.OPEN).update(
            status=PromiseStatus.CANCELLED, judged_on=made_on
        )
        promise = Promise.objects.create(
            client_id=locked.client_id,
            case=locked,
            attempt=attempt,
            amount=amount,
            currency=currency,
            made_on=made_on,
            due_on=due_on,
            recorded_at=clock.now(),
            made_by=user,
        )
        record(
            actor=actor,
            action="promise.recorded",
            subject=promise,
            body={"case": locked.pk, "amount": amount, "currency": currency, "due_on": due_on},
        )
    return promise


def promises_judge(*, client_id: int, day: dt.date) -> int:
    """Judge every open promise whose due day is over on ``day``; how many."""
    return execute(_JUDGE, {"client_id": client_id, "day": day})


def promises_judge_again(*, case_ids: Sequence[int]) -> int:
    """After a payment was posted late or reversed: what the judged promises of these cases came to; how many moved."""
    return execute(_JUDGE_AGAIN, {"case_ids": list(case_ids)}, kept=len(case_ids) == 1) if case_ids else 0


def promise_cancel(*, actor: Actor, promise: Promise, reason: str) -> Promise:
    """Take an open promise off. Raises Refused when it was judged already."""
    with transaction.atomic():
        locked = Promise.objects.select_for_update().get(pk=promise.pk)
        if locked.status != PromiseStatus.OPEN:
            raise Refused("promise_judged", _("This promise was judged already."))
        locked.status, locked.judged_on = PromiseStatus.CANCELLED, clock.today()
        locked.save(update_fields=["status", "judged_on"])
        record(actor=actor, action="promise.cancelled", subject=locked, body={"reason": reason})
    return locked
