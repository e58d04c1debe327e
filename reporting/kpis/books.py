"""The receivables of a book at both ends of a period, as they were known; what aging and rolls are read from."""

from __future__ import annotations

from clients.choices import AgeBasis
from collections_app.choices import RAISES, EntryKind
from collections_app.rules.aging import BUCKETS, bucket_sql

BUCKET_CODES = tuple(b.code for b in BUCKETS[AgeBasis.DUE])
# Where something came from or went that is in no bucket of age.
NEW, PAID, LEFT = "new", "paid", "left"
PLACES = (NEW, *BUCKET_CODES, PAID, LEFT)

# An entry's kind; of one that takes a note back, the note's own.
KIND = """CASE WHEN e.reverses_id IS NULL THEN e.kind
         ELSE (SELECT o.kind FROM collections_app_ledgerentry o WHERE o.id = e.reverses_id) END"""


def bucket(*, day: str, column: str = "r.due_on") -> str:
    """The bucket by due date at a date expression; our own literals."""
    return bucket_sql(basis=AgeBasis.DUE, day=day, column=column)


def depth(column: str) -> str:
    """How deep a bucket lies: 0 is not due."""
    whens = " ".join(f"WHEN '{code}' THEN {number}" for number, code in enumerate(BUCKET_CODES))
    return f"CASE {column} {whens} END"


# What lowers a balance though nobody paid.
GONE = f"'{EntryKind.WRITE_OFF.value}', '{EntryKind.WITHDRAWAL.value}'"
_RAISES = ", ".join(f"'{kind.value}'" for kind in sorted(RAISES))

# ``b0`` and ``b1``: open at the end of the first and of the last day. ``raised``: what came to be owed between them.
# ``gone``: what was written off or left collection between them, negative; what closed by it did not get paid.
RECEIVABLES = f"""
SELECT r.id, r.case_id, d.debtor_ref AS account, r.receivable_ref AS receivable, r.currency, r.issued_on, r.due_on,
       o.b0, o.b1, o.raised, o.gone,
       CASE WHEN o.b0 > 0 THEN {bucket(day="%(first)s::date")} ELSE '{NEW}' END AS from_bucket,
       CASE WHEN o.b1 > 0 THEN {bucket(day="%(last)s::date")}
            WHEN o.gone_ever <> 0 THEN '{LEFT}' ELSE '{PAID}' END AS to_bucket,
       CASE WHEN o.b1 > 0 THEN {bucket(day="%(last)s::date")} END AS bucket
FROM (
    SELECT e.receivable_id,
           coalesce(sum(e.amount) FILTER (WHERE e.effective_on <= %(first)s), 0.00) AS b0, sum(e.amount) AS b1,
           coalesce(sum(e.amount) FILTER (WHERE e.effective_on > %(first)s AND e.kind IN ({_RAISES})), 0.00)
           AS raised,
           coalesce(sum(e.amount) FILTER (WHERE e.effective_on > %(first)s AND e.kind IN ({GONE})), 0.00) AS gone,
           coalesce(sum(e.amount) FILTER (WHERE e.kind IN ({GONE})), 0.00) AS gone_ever
    FROM (
        SELECT e.receivable_id, e.effective_on, e.amount, {KIND} AS kind
        FROM collections_app_ledgerentry e
        WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s
          AND e.recorded_at <= %(known_at)s::timestamptz
    ) e
    GROUP BY e.receivable_id
) o
JOIN collections_app_receivable r ON r.id = o.receivable_id
JOIN collections_app_case c ON c.id = r.case_id
JOIN collections_app_debtor d ON d.id = c.debtor_id
WHERE o.b0 > 0 OR o.b1 > 0 OR o.raised <> 0
"""
