"""The only writer of rollups: figures of a day, per client."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from clients.models import Client
from collections_app.selectors.aging import aging_of_day
from common.clock import at_riyadh
from common.db import execute, rows
from reporting.models import DayStock as AgingRollup

# One row a figure; money figures one a currency.
_KPIS = """
INSERT INTO reporting_kpirollup (client_id, "on", name, currency, count, amount)
SELECT %(client_id)s, %(day)s, name, currency, count, amount FROM (
    SELECT 'attempts' AS name, '' AS currency, count(*) AS count, 0::numeric AS amount
    FROM collections_app_contactattempt
    WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND verdict <> 'REFUSED'
      AND direction = 'OUT'
    UNION ALL
    SELECT 'reached_anyone', '', count(*), 0 FROM collections_app_contactattempt
    WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND verdict <> 'REFUSED'
      AND direction = 'OUT' AND reached <> 'NO_ONE'
    UNION ALL
    SELECT 'right_party', '', count(*), 0 FROM collections_app_contactattempt
    WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND verdict <> 'REFUSED'
      AND direction = 'OUT' AND reached = 'HOLDER'
    UNION ALL
    SELECT 'refused_attempts', '', count(*), 0 FROM collections_app_contactattempt
    WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND verdict = 'REFUSED'
    UNION ALL
    SELECT 'promises_made', currency, count(*), coalesce(sum(amount), 0) FROM collections_app_promise
    WHERE client_id = %(client_id)s AND made_on = %(day)s GROUP BY currency
    UNION ALL
    SELECT 'promises_due', currency, count(*), coalesce(sum(amount), 0) FROM collections_app_promise
    WHERE client_id = %(client_id)s AND due_on = %(day)s AND status <> 'CANCELLED' GROUP BY currency
    UNION ALL
    SELECT 'promises_kept', currency, count(*), coalesce(sum(amount), 0) FROM collections_app_promise
    WHERE client_id = %(client_id)s AND due_on = %(day)s AND status = 'KEPT' GROUP BY currency
    UNION ALL
    SELECT 'payments', currency, count(*), coalesce(sum(amount - reversed_amount), 0) FROM collections_app_payment
    WHERE client_id = %(client_id)s AND value_on = %(day)s AND reversed_on IS NULL GROUP BY currency
) figures WHERE count > 0
"""


def aging_rollup_write(*, client_id: int, day: dt.date, closed: bool) -> int:
    """Write how much was open at the end of ``day``, by both bases; the number of rows.

    From the balances when the book stands on that day, else from the ledger; both say the same.
    """
    client = Client.objects.get(pk=client_id)
    with transaction.atomic():
        AgingRollup.objects.filter(client_id=client_id, on=day).delete()
        # Read and then written: a statement that writes what it reads is never planned in parallel.
        found = aging_of_day(client_id=client_id, day=day, stands=client.book_date == day)
        AgingRollup.objects.bulk_create(AgingRollup(client_id=client_id, on=day, closed=closed, **row) for row in found)
        return len(found)


def kpi_rollup_write(*, client_id: int, day: dt.date) -> int:
    """Write the day's counts of contacts, promises and payments; the number of rows."""
    with transaction.atomic():
        execute(
            'DELETE FROM reporting_kpirollup WHERE client_id = %(client_id)s AND "on" = %(day)s',
            {"client_id": client_id, "day": day},
        )
        return execute(
            _KPIS,
            {
                "client_id": client_id,
                "day": day,
                "starts": at_riyadh(on=day, time=dt.time(0)),
                "ends": at_riyadh(on=day + dt.timedelta(days=1), time=dt.time(0)),
            },
        )


def step_close(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Before the book moves on: the day before is over, its figures stand."""
    before = day - dt.timedelta(days=1)
    book_date = Client.objects.values_list("book_date", flat=True).get(pk=client_id)
    if book_date is None or book_date < before:
        return 0
    return aging_rollup_write(client_id=client_id, day=before, closed=True) + kpi_rollup_write(
        client_id=client_id, day=before
    )


def step_rollup(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """The day's figures as they stand in the morning; closed by the next night."""
    return aging_rollup_write(client_id=client_id, day=day, closed=False) + kpi_rollup_write(
        client_id=client_id, day=day
    )


def day_recompute(*, client_id: int, day: dt.date) -> int:
    """Figures of a past day again, from the ledger; nothing but figures changes."""
    closed = bool(
        rows(
            "SELECT 1 FROM clients_client WHERE id = %(client_id)s AND book_date > %(day)s",
            {"client_id": client_id, "day": day},
        )
    )
    return aging_rollup_write(client_id=client_id, day=day, closed=closed) + kpi_rollup_write(
        client_id=client_id, day=day
    )
