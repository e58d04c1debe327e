"""The facts this app publishes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from common.events import Event


@dataclass(frozen=True, kw_only=True)
class PaymentPosted(Event):
    payment_id: int
    case_id: int
    client_id: int
    amount: Decimal
    currency: str
    value_on: dt.date


@dataclass(frozen=True, kw_only=True)
class PaymentReversed(Event):
    payment_id: int
    case_id: int
    client_id: int


@dataclass(frozen=True, kw_only=True)
class NotePosted(Event):
    """A note, or the reversal of one; ``amount`` is signed, positive is owed."""

    entry_id: int
    case_id: int
    client_id: int
    receivable_id: int
    amount: Decimal
    currency: str
    value_on: dt.date


@dataclass(frozen=True, kw_only=True)
class MoneyMoved(Event):
    """What is owed on these cases may have changed otherwise: by a file, a match, or a receivable taken out."""

    client_id: int
    case_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class HoldChanged(Event):
    hold_id: int
    case_id: int
    client_id: int


@dataclass(frozen=True, kw_only=True)
class DefaultsMoved(Event):
    """An episode of default of these cases began, ended, goes on or was undone: by an act, or by night."""

    client_id: int
    case_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ContactRecorded(Event):
    attempt_id: int
    case_id: int
    client_id: int


@dataclass(frozen=True, kw_only=True)
class PortfolioImported(Event):
    file_id: int
    client_id: int


@dataclass(frozen=True, kw_only=True)
class CasesEnded(Event):
    """A person ended cases; an end that follows from the ledger is told by what was posted."""

    client_id: int
    case_ids: tuple[int, ...]
    end: str
    on: dt.date


@dataclass(frozen=True, kw_only=True)
class CasesReopened(Event):
    client_id: int
    case_ids: tuple[int, ...]
