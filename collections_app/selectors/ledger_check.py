"""Does the book still say what its entries say? Every rule finds the rows that break it.

The database refuses most of this when it is written (migrations 0002, 0003, 0009); this proves it afterwards, from the
rows alone, for one book or for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clients.models import Client
from collections_app.models import Payment, Withdrawal
from collections_app.selectors.money import Facts
from collections_app.selectors.standing import misplaced
from collections_app.selectors.statement_periods import periods_changed
from common.db import rows

FIRST_NAMED = 5
PLACED = "an open receivable stands where its age, its holds and its policy put it"
ISSUED = "a closed period comes to what was issued"
REPLAYED = "who pays what follows from the facts of the case"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One rule that does not hold: how many rows break it, and the first of them."""

    rule: str
    count: int
    first: tuple[int, ...]


# The sum of a receivable's entries valued by the book date; a book that is not opened yet counts them all.
_OWED = """
    SELECT r.id, r.client_id, r.case_id, r.balance, r.status, r.closed_on, c.book_date,
           coalesce(sum(e.amount) FILTER (WHERE c.book_date IS NULL OR e.effective_on <= c.book_date), 0) AS owed,
           count(e.id) FILTER (WHERE c.book_date IS NULL OR e.effective_on <= c.book_date) AS entries
    FROM collections_app_receivable r
    JOIN clients_client c ON c.id = r.client_id
    LEFT JOIN collections_app_ledgerentry e ON e.receivable_id = r.id
    WHERE {client}
    GROUP BY r.id, c.book_date
"""

# What of its write-offs and discounts stands; a reversal counts with what it takes back.
_ENDED = """
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.kind = 'WITHDRAWAL'), 0) AS withdrawn,
           coalesce(sum(e.amount) FILTER (WHERE coalesce(t.kind, e.kind) = 'WRITE_OFF'), 0) AS written_off,
           coalesce(sum(e.amount) FILTER (WHERE coalesce(t.kind, e.kind) = 'SETTLEMENT_DISCOUNT'), 0) AS discounted
    FROM collections_app_ledgerentry e LEFT JOIN collections_app_ledgerentry t ON t.id = e.reverses_id
    WHERE e.receivable_id = o.id AND (o.book_date IS NULL OR e.effective_on <= o.book_date)
"""

RULES: Mapping[str, str] = {
    "a receivable's balance is the sum of its entries by the book date": (
        f"SELECT id FROM ({_OWED}) o WHERE balance <> owed"
    ),
    "a receivable is open while something is owed or nothing is charged yet": (
        f"SELECT id FROM ({_OWED}) o WHERE (status = 'OPEN' AND owed = 0 AND entries > 0) "
        "OR (status <> 'OPEN' AND (owed <> 0 OR entries = 0))"
    ),
    "a closed receivable says how it ended: withdrawn, written off, settled, else paid": (
        f"SELECT o.id FROM ({_OWED}) o JOIN LATERAL ({_ENDED}) k ON true "
        "WHERE o.status <> 'OPEN' AND o.status <> CASE WHEN k.withdrawn <> 0 THEN 'WITHDRAWN' "
        "WHEN k.written_off <> 0 THEN 'WRITTEN_OFF' WHEN k.discounted <> 0 THEN 'SETTLED' ELSE 'PAID' END"
    ),
    "a closed receivable has its day, an open one has none": (
        "SELECT r.id FROM collections_app_receivable r WHERE {client} AND (r.status = 'OPEN') <> (r.closed_on IS NULL)"
    ),
    "an entry is in its receivable's currency and client": (
        "SELECT e.id FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id "
        "WHERE {client} AND (e.currency <> r.currency OR e.client_id <> r.client_id)"
    ),
    "a payment is its allocations, its suspense and what was taken back": (
        "SELECT p.id FROM collections_app_payment p LEFT JOIN LATERAL (SELECT coalesce(-sum(e.amount), 0) AS spread "
        "FROM collections_app_ledgerentry e WHERE e.payment_id = p.id) s ON true JOIN clients_client c "
        "ON c.id = p.client_id JOIN LATERAL (SELECT p.client_id) r ON true WHERE {client} "
        "AND p.amount - p.reversed_amount <> s.spread + p.suspense"
    ),
    "a reversal takes back one note, whole and once": (
        "SELECT e.id FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id "
        "LEFT JOIN collections_app_ledgerentry o ON o.id = e.reverses_id WHERE {client} AND e.kind = 'REVERSAL' "
        "AND e.payment_id IS NULL AND (o.id IS NULL OR o.amount <> -e.amount OR o.receivable_id <> e.receivable_id "
        "OR o.effective_on <> e.effective_on OR EXISTS (SELECT 1 FROM collections_app_ledgerentry t "
        "WHERE t.reverses_id = e.reverses_id AND t.id <> e.id))"
    ),
    "an open receivable of an opened book waits for a day to come": (
        "SELECT r.id FROM collections_app_receivable r JOIN clients_client c ON c.id = r.client_id WHERE {client} "
        "AND r.status = 'OPEN' AND r.next_change_on <= c.book_date"
    ),
    "a case's balance is that of its open receivables in its currency": (
        "SELECT k.id FROM collections_app_case k JOIN LATERAL (SELECT k.client_id) r ON true WHERE {client} "
        "AND k.balance <> coalesce((SELECT sum(x.balance) FROM collections_app_receivable x WHERE x.case_id = k.id "
        "AND x.status = 'OPEN' AND x.currency = k.currency), 0)"
    ),
    "a case is closed when nothing of it is open, and only then, save where a person decided": (
        "SELECT k.id FROM collections_app_case k JOIN LATERAL (SELECT k.client_id) r ON true WHERE {client} "
        "AND NOT EXISTS (SELECT 1 FROM collections_app_caseend e WHERE e.case_id = k.id AND e.reopened_at IS NULL "
        "AND e.decided AND e.status = k.status) AND (k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD')) = EXISTS ("
        "SELECT 1 FROM collections_app_receivable x WHERE x.case_id = k.id AND x.status = 'OPEN')"
    ),
    "a closed case has one end that stands and says the same; an open one has none": (
        "SELECT k.id FROM collections_app_case k JOIN LATERAL (SELECT k.client_id) r ON true "
        "LEFT JOIN collections_app_caseend e ON e.case_id = k.id AND e.reopened_at IS NULL WHERE {client} "
        "AND e.status IS DISTINCT FROM CASE WHEN k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD') THEN k.status END"
    ),
    "a closed case has no open promise, hold or task": (
        "SELECT k.id FROM collections_app_case k JOIN LATERAL (SELECT k.client_id) r ON true WHERE {client} "
        "AND k.status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD') AND ("
        "EXISTS (SELECT 1 FROM collections_app_promise x WHERE x.case_id = k.id AND x.status = 'OPEN') "
        "OR EXISTS (SELECT 1 FROM collections_app_task x WHERE x.case_id = k.id AND x.status = 'OPEN') "
        "OR EXISTS (SELECT 1 FROM collections_app_hold x WHERE x.case_id = k.id AND x.until_on IS NULL))"
    ),
}


def rules_count() -> int:
    """How many rules are looked at."""
    return len(RULES) + len((PLACED, ISSUED, REPLAYED))


def ledger_faults(*, client_id: int | None = None) -> list[Fault]:
    """The rules that do not hold, in one book or in all; empty when the ledger is sound."""
    found = []
    scope = "r.client_id = %(client_id)s" if client_id is not None else "true"
    for rule, sql in RULES.items():
        broken = [row["id"] for row in rows(sql.format(client=scope) + " ORDER BY 1", {"client_id": client_id})]
        if broken:
            found.append(Fault(rule=rule, count=len(broken), first=tuple(broken[:FIRST_NAMED])))
    books = Client.objects.filter(book_date__isnull=False)
    for book in books if client_id is None else books.filter(pk=client_id):
        if book.book_date and (broken := misplaced(client_id=book.pk, day=book.book_date)):
            found.append(Fault(rule=PLACED, count=len(broken), first=tuple(broken[:FIRST_NAMED])))
    if broken := periods_changed(client_id=client_id):
        found.append(Fault(rule=ISSUED, count=len(broken), first=tuple(broken[:FIRST_NAMED])))
    if broken := _not_replayed(client_id=client_id):
        found.append(Fault(rule=REPLAYED, count=len(broken), first=tuple(broken[:FIRST_NAMED])))
    return found


def _not_replayed(*, client_id: int | None) -> list[int]:
    """Cases whose shares are not those that follow from their facts."""
    paid = Payment.objects.values_list("client_id", "case_id", "currency")
    out = Withdrawal.objects.values_list("client_id", "receivable__case_id", "receivable__currency")
    if client_id is not None:
        paid, out = paid.filter(client_id=client_id), out.filter(client_id=client_id)
    broken = []
    for owner, case_id, currency in sorted(set(paid.union(out))):
        facts = Facts.of(client_id=owner, case_id=case_id, currency=currency)
        if not facts.says(spread=facts.replayed()):
            broken.append(case_id)
    return broken
