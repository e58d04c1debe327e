"""The named points: real places in the product's work, each known by the row that is written there.

The product knows nothing of them. A trigger in the database of the case waits at the row for a lock that the campaign
holds, so that the process stands still inside its transaction, visibly, until it is killed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place in a job. ``when`` is asked of the row, with {today}, {yesterday} and {small} (the id of the small book).

    With ``committed`` the process stands behind the commit of that transaction: it is on disk, and nobody was told.
    """

    name: str
    job: str
    table: str
    when: str
    timing: str = "BEFORE INSERT"
    committed: bool = False

    def __str__(self) -> str:
        return self.name


NIGHT, IMPORT, PAYMENTS = "night", "import", "payments"
_RUN = "NEW.job = 'nightly' AND NEW.step = 'run' AND NEW.business_date = '{today}'"
_ENDS = "NEW.status = 'DONE'"

POINTS = (
    # The message is taken, the run is not written yet.
    Point(name="night.begin", job=NIGHT, table="common_jobrun", when=_RUN),
    Point(
        name="night.promises",
        job=NIGHT,
        table="collections_app_promise",
        timing="BEFORE UPDATE",
        when="NEW.status <> 'OPEN'",
    ),
    # Within a gap of days: one day is complete, the next is being closed.
    Point(
        name="night.close", job=NIGHT, table="reporting_countedday", when="NEW.\"on\" = '{yesterday}' AND NEW.closed"
    ),
    Point(
        name="night.open",
        job=NIGHT,
        table="clients_client",
        timing="AFTER UPDATE",
        when="NEW.book_date = '{today}' AND OLD.book_date < NEW.book_date",
    ),
    Point(
        name="night.age",
        job=NIGHT,
        table="collections_app_stagetransition",
        timing="AFTER INSERT",
        when="NEW.\"on\" = '{today}'",
    ),
    # One part of the aging is committed, the second is worked out and not yet.
    Point(
        name="night.part",
        job=NIGHT,
        table="common_auditevent",
        when="NEW.action = 'nightly.age' AND NEW.body->>'chunk' = '2' AND NEW.body->>'date' = '{today}'",
    ),
    Point(
        name="night.tasks", job=NIGHT, table="collections_app_task", timing="AFTER INSERT", when="NEW.kind = 'STAGE'"
    ),
    # The first book has had its night, the second is in the middle of it.
    Point(
        name="night.second_book",
        job=NIGHT,
        table="reporting_daystock",
        when="NEW.client_id = {small} AND NEW.\"on\" = '{today}'",
    ),
    Point(name="night.end", job=NIGHT, table="common_jobrun", timing="BEFORE UPDATE", when=f"{_RUN} AND {_ENDS}"),
    Point(
        name="night.ended",
        job=NIGHT,
        table="common_jobrun",
        timing="BEFORE UPDATE",
        when=f"{_RUN} AND {_ENDS}",
        committed=True,
    ),
    # The file is read and staged, and waits for its turn at the client.
    Point(name="import.read", job=IMPORT, table="", when=""),
    Point(name="import.parties", job=IMPORT, table="parties_party", timing="AFTER INSERT", when="true"),
    Point(name="import.entries", job=IMPORT, table="collections_app_ledgerentry", timing="AFTER INSERT", when="true"),
    Point(name="import.receivables", job=IMPORT, table="collections_app_receivable", when="true"),
    Point(
        name="import.open",
        job=IMPORT,
        table="clients_client",
        timing="AFTER UPDATE",
        when="OLD.book_date IS NULL AND NEW.book_date IS NOT NULL",
    ),
    Point(
        name="import.end", job=IMPORT, table="collections_app_importfile", timing="BEFORE UPDATE", when=_ENDS
    ),
    Point(
        name="import.ended",
        job=IMPORT,
        table="collections_app_importfile",
        timing="BEFORE UPDATE",
        when=_ENDS,
        committed=True,
    ),
    Point(name="payments.post", job=PAYMENTS, table="collections_app_payment", timing="AFTER INSERT", when="true"),
    Point(
        name="payments.ended",
        job=PAYMENTS,
        table="collections_app_incomingfile",
        timing="BEFORE UPDATE",
        when=_ENDS,
        committed=True,
    ),
)  # fmt: skip
BY_NAME = {point.name: point for point in POINTS}
