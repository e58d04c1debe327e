"""Receivables at both ends of a period, read from their balances and what moved since: cost follows the movement.

A balance is the sum of a receivable's entries valued by its book's date (ADR 0020). So what was open at the end of an
earlier day is the balance less the entries valued after that day, and nobody reads the ledger from its beginning. The
figures are those of ``kpis.books``, for any number of clients, as known now.
"""

from __future__ import annotations

from collections_app.choices import EntryKind
from reporting.kpis.books import GONE, KIND, LEFT, NEW, PAID, bucket

# Entries that say what a receivable was when it came to us, whenever they are valued.
_PLACING = f"'{EntryKind.CHARGE.value}', '{EntryKind.PRIOR_PAYMENT.value}'"

# What was there on the day of its file counts as placed then; what is told of it later is movement.
_PLACED_ON = "coalesce(f.placed_on, c.placed_on)"

# In a book that was never opened every entry counts (the ledger's trigger).
_BOOK = "coalesce(k.book_date, 'infinity'::date)"
# What moved after the day before the period, or is valued after the book's date, of each receivable.
_MOVED = f"""
SELECT e.receivable_id, {{sums}}
FROM collections_app_ledgerentry e JOIN clients_client k ON k.id = e.client_id {{joins}}
WHERE e.effective_on > least(%(before)s::date, {_BOOK})
GROUP BY e.receivable_id
"""
_SINCE = f"""coalesce(sum(e.amount) FILTER (WHERE e.effective_on > {{day}} AND e.effective_on <= {_BOOK}), 0)
           - coalesce(sum(e.amount) FILTER (WHERE e.effective_on <= {{day}} AND e.effective_on > {_BOOK}), 0)"""


def _moved(*, joins: str = "", **more: str) -> str:
    sums = {
        "since_before": _SINCE.format(day="%(before)s::date"),
        "since_last": _SINCE.format(day="%(last)s::date"),
        **more,
    }
    return _MOVED.format(joins=joins, sums=", ".join(f"{sql} AS {name}" for name, sql in sums.items()))


_PAID = (
    "sum(e.amount) FILTER (WHERE e.payment_id IS NOT NULL AND e.effective_on > %(before)s"
    " AND e.effective_on <= %(last)s)"
)
# ``b0``: open at the end of the day before the period, ``b1`` at that of its last day, whoever held them then.
ENDS = f"""
SELECT r.id, r.case_id, r.receivable_ref AS receivable, r.currency, r.due_on, b.product,
       c.owner_id, o.b0, o.b1, -coalesce(m.paid, 0) AS paid,
       CASE WHEN o.b0 > 0 THEN {bucket(day="%(before)s::date")} ELSE '{NEW}' END AS from_bucket,
       CASE WHEN o.b1 > 0 THEN {bucket(day="%(last)s::date")}
            WHEN (SELECT coalesce(sum(e.amount), 0) FROM collections_app_ledgerentry e
                  WHERE e.receivable_id = r.id AND e.effective_on <= %(last)s AND {KIND} IN ({GONE})) <> 0
            THEN '{LEFT}' ELSE '{PAID}' END AS to_bucket
FROM collections_app_receivable r
JOIN collections_app_case c ON c.id = r.case_id
LEFT JOIN collections_app_debt b ON b.id = r.debt_id
LEFT JOIN ({_moved(paid=_PAID)}) m ON m.receivable_id = r.id
CROSS JOIN LATERAL (
    SELECT r.balance - coalesce(m.since_before, 0) AS b0, r.balance - coalesce(m.since_last, 0) AS b1
) o
WHERE (r.balance > 0 OR m.receivable_id IS NOT NULL) AND (o.b0 > 0 OR o.b1 > 0) AND {{holders}} AND {{lines}}
"""

# What is late, step by step, so that the steps of each receivable add up to what is open of it at the end. Into what is
# late a receivable enters once: it was late when the period began (``open``), it was late on the day it was placed
# (``placed``), or its day passed while it was with us (``rolled``). What moves it from then on is money that came, what
# was written off or left collection, or a note, fee or discount. What it entered with is what is left over.
_ENTERED = f"""CASE WHEN {_PLACED_ON} <= %(before)s THEN e.effective_on > greatest(%(before)s::date, r.due_on)
                 WHEN r.due_on < {_PLACED_ON} THEN e.effective_on >= {_PLACED_ON} AND e.kind NOT IN ({_PLACING})
                 ELSE e.effective_on > r.due_on END AND e.effective_on <= %(last)s"""


def _step(where: str) -> str:
    return f"coalesce(sum(e.amount) FILTER (WHERE {where} AND {_ENTERED}), 0)"


_GONE = f"{KIND} IN ({GONE})"
_FLOWS = _moved(
    joins=(
        "JOIN collections_app_receivable r ON r.id = e.receivable_id JOIN collections_app_case c ON c.id = r.case_id"
        " LEFT JOIN collections_app_importfile f ON f.id = r.file_id"
    ),
    collected=_step("e.payment_id IS NOT NULL"),
    gone=_step(f"e.payment_id IS NULL AND {_GONE}"),
    adjusted=_step(f"e.payment_id IS NULL AND NOT {_GONE}"),
)
STEPS = f"""
SELECT t.id, t.case_id, t.receivable, t.currency, t.due_on, t.placed_on, s.step, s.amount
FROM (
    SELECT r.id, r.case_id, r.receivable_ref AS receivable, r.currency, r.due_on, p.placed_on,
           p.entered, o.b0, coalesce(m.collected, 0) AS collected, coalesce(m.gone, 0) AS gone,
           coalesce(m.adjusted, 0) AS adjusted, o.b1
    FROM collections_app_receivable r
    JOIN collections_app_case c ON c.id = r.case_id
    LEFT JOIN collections_app_debt b ON b.id = r.debt_id
    LEFT JOIN collections_app_importfile f ON f.id = r.file_id
    LEFT JOIN ({_FLOWS}) m ON m.receivable_id = r.id
    CROSS JOIN LATERAL (
        SELECT {_PLACED_ON} AS placed_on,
               CASE WHEN {_PLACED_ON} > %(before)s AND r.due_on < {_PLACED_ON} THEN 'placed' ELSE 'rolled' END
               AS entered
    ) p
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p.placed_on <= %(before)s AND r.due_on < %(before)s
                    THEN r.balance - coalesce(m.since_before, 0) ELSE 0 END AS b0,
               r.balance - coalesce(m.since_last, 0) AS b1
    ) o
    WHERE (r.balance > 0 OR m.receivable_id IS NOT NULL) AND r.due_on < %(last)s AND p.placed_on <= %(last)s
      AND {{holders}} AND {{lines}}
) t
CROSS JOIN LATERAL (
    VALUES ('open', t.b0), (t.entered, t.b1 - t.b0 - t.collected - t.gone - t.adjusted), ('collected', t.collected),
           ('gone', t.gone), ('adjusted', t.adjusted), ('end', t.b1)
) s (step, amount)
WHERE s.amount <> 0
"""
