"""From a client's payment file to rows. Writes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from collections_app.rules import importing
from collections_app.rules.importing import Layout, Refusal
from collections_app.rules.payment_files import REQUIRED, PaymentRow
from collections_app.services.cells import Cells, Reading
from collections_app.services.file_reading import Progress, lines_read, quiet
from collections_app.services.ledger import OF_FILES
from common import money


@dataclass(kw_only=True)
class PaymentReading:
    """All that came of reading a payment file."""

    rows: list[PaymentRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    total: int = 0


def payments_read(
    *, content: bytes, name: str, layout: Layout, today: dt.date, progress: Progress = quiet
) -> PaymentReading:
    """Read a whole payment file. Every fault is a refusal with its line; only good rows stand in ``rows``.

    A line that repeats an earlier one of the same account holder is refused. Raises Refused when the file as a whole
    is not what the layout says.
    """
    reading = Reading()
    rows: list[PaymentRow] = []
    first: dict[tuple[str, str], PaymentRow] = {}
    for cells in lines_read(
        content=content, name=name, layout=layout, reading=reading, required=REQUIRED, progress=progress
    ):
        row = _row(cells=cells, today=today)
        if row is None:
            continue
        known = first.setdefault((row.debtor_ref, row.payment_ref), row)
        if known is row:
            rows.append(row)
        else:
            same = _values(known) == _values(row)
            cells.refuse("payment_ref", "repeats" if same else "payment_twice", row.payment_ref)
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return PaymentReading(rows=rows, refusals=reading.refusals, total=reading.total)


def _values(row: PaymentRow) -> tuple[object, ...]:
    return row.value_on, row.amount, row.currency, row.receivable_ref


def _row(*, cells: Cells, today: dt.date) -> PaymentRow | None:
    """The line as a row; None when any of its cells is refused."""
    before = len(cells.reading.refusals)
    cells.others_checked()
    payment_ref, debtor_ref = cells.text("payment_ref"), cells.text("debtor_ref")
    receivable_ref = cells.text("receivable_ref")
    value_on = cells.date("value_date")
    amount = cells.read("amount", importing.amount_of)
    currency = cells.read("currency", importing.currency_of) or cells.layout.currency
    if currency in money.NOT_TWO_DECIMALS:
        cells.refuse("currency", "currency_decimals", currency)
    if amount is not None and amount <= money.ZERO:
        cells.refuse("amount", "amount_positive", amount)
    if value_on is not None and value_on > today:
        cells.refuse("value_date", "value_in_future", value_on)
    if payment_ref.upper().startswith(OF_FILES):
        cells.refuse("payment_ref", "payment_reserved", payment_ref)
    if value_on is None or amount is None or len(cells.reading.refusals) > before:
        return None
    return PaymentRow(
        line=cells.line,
        payment_ref=payment_ref,
        value_on=value_on,
        debtor_ref=debtor_ref,
        amount=amount,
        receivable_ref=receivable_ref,
        currency=currency,
    )
