"""The only writer of closed statement periods. Which entry stands in which period is written once and for ever."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.models import StatementPeriod
from collections_app.rules.statement_periods import sums_from
from collections_app.selectors.statement_periods import SUMS, last_period
from common import clock
from common.audit import Actor, record
from common.db import execute, rows
from common.exceptions import Refused

# Everything valued by the last day that no period has yet. What is told, or committed, after this falls into the next
# period, its value date kept.
_TAKEN = """
CREATE TEMPORARY TABLE statement_taken ON COMMIT DROP AS
SELECT e.id, e.effective_on, e.currency, e.amount, e.kind, e.payment_id FROM collections_app_ledgerentry e
WHERE e.client_id = %(client_id)s AND e.effective_on <= %(to_on)s
  AND NOT EXISTS (SELECT 1 FROM collections_app_statementline l WHERE l.entry_id = e.id)
"""
_COUNTED = """
SELECT count(*) AS lines, min(effective_on) AS first_on, count(*) FILTER (WHERE effective_on < %(from_on)s) AS late
FROM statement_taken
"""
_LINES = """
INSERT INTO collections_app_statementline (client_id, period_id, entry_id)
SELECT %(client_id)s, %(period_id)s, id FROM statement_taken
"""


def period_close(*, actor: Actor, client: Client, to_on: dt.date, user: User | None = None) -> StatementPeriod:
    """Close a client's account up to the end of ``to_on``, from where the period before ended.

    Its opening is what that one closed with. Raises Refused for a day that the book has not closed yet, or that a
    closed period has already.
    """
    with transaction.atomic():
        locked = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if locked.book_date is None or to_on >= locked.book_date:
            raise Refused("period_ahead", _("The book has not closed this day yet."), field="to_on")
        before = last_period(client_id=client.pk)
        if before is not None and to_on <= before.to_on:
            raise Refused("period_closed", _("This day lies in a period that is closed."), field="to_on")
        execute(_TAKEN, {"client_id": client.pk, "to_on": to_on})
        from_on = before.to_on + dt.timedelta(days=1) if before is not None else None
        counted = rows(_COUNTED, {"from_on": from_on})[0]
        period = StatementPeriod(
            client=locked,
            number=before.number + 1 if before is not None else 1,
            from_on=from_on or counted["first_on"] or to_on,
            to_on=to_on,
            sums=sums_from(
                before=before.sums if before is not None else {}, moved=rows(SUMS.format(of="statement_taken"), {})
            ),
            lines=counted["lines"],
            corrections=counted["late"],
            closed_at=clock.now(),
            closed_by=user,
        )
        period.save(force_insert=True)
        execute(_LINES, {"client_id": client.pk, "period_id": period.pk})
        execute("DROP TABLE statement_taken")
        record(
            actor=actor,
            action="statement_period.closed",
            subject=period,
            body={"number": period.number, "from_on": period.from_on, "to_on": to_on, "sums": period.sums},
        )
    return period
