"""The listeners that let stops follow the ledger at once, not at night (CM-10, CM-17)."""

from __future__ import annotations

from collections.abc import Sequence

from collections_app.events import (
    CasesEnded,
    CasesReopened,
    DefaultsMoved,
    HoldChanged,
    MoneyMoved,
    NotePosted,
    PaymentPosted,
    PaymentReversed,
    PortfolioImported,
)
from credit.choices import StopCause
from credit.models import Customer
from credit.selectors.stops import customers_of_cases, customers_of_file
from credit.services.stops import stops_follow, stops_look_again


def payment_stops(event: PaymentPosted) -> None:
    _of_cases(client_id=event.client_id, case_ids=[event.case_id], cause=StopCause.PAYMENT)


def reversal_stops(event: PaymentReversed) -> None:
    _of_cases(client_id=event.client_id, case_ids=[event.case_id], cause=StopCause.REVERSAL)


def note_stops(event: NotePosted) -> None:
    _of_cases(client_id=event.client_id, case_ids=[event.case_id], cause=StopCause.NOTE)


def move_stops(event: MoneyMoved) -> None:
    """A file, a match, or a receivable taken out."""
    _of_cases(client_id=event.client_id, case_ids=event.case_ids, cause=StopCause.MOVED)


def hold_stops(event: HoldChanged) -> None:
    """An accepted objection suspends its invoice from the day it was filed (I-05)."""
    _of_cases(client_id=event.client_id, case_ids=[event.case_id], cause=StopCause.HOLD)


def ends_stops(event: CasesEnded | CasesReopened) -> None:
    _of_cases(client_id=event.client_id, case_ids=event.case_ids, cause=StopCause.ENDED)


def defaults_stops(event: DefaultsMoved) -> None:
    """A default began, ended or was undone, as part of a payment, hold, note or end, whose own event follows, or of the
    night, whose step of stops comes after."""
    stops_look_again(client_id=event.client_id, customer_ids=customers_of_cases(case_ids=event.case_ids))


def import_stops(event: PortfolioImported) -> None:
    if Customer.objects.filter(client_id=event.client_id).exists():
        found = customers_of_file(client_id=event.client_id, file_id=event.file_id)
        stops_follow(client_id=event.client_id, customer_ids=found, cause=StopCause.IMPORT)


def _of_cases(*, client_id: int, case_ids: Sequence[int], cause: str) -> None:
    found = customers_of_cases(case_ids=case_ids)
    stops_follow(client_id=client_id, customer_ids=found, cause=cause)
