"""What commands that look back are asked: of which client, as of which day, as known at which moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser

from clients.models import Client
from common import audit, clock


def arguments(parser: CommandParser) -> None:
    """--client, --as-of, --known-at and --json."""
    parser.add_argument("--client", required=True)
    parser.add_argument("--as-of", required=True, help="YYYY-MM-DD")
    parser.add_argument("--known-at", help="as it was known at this moment, ISO (Riyadh unless it says otherwise)")
    parser.add_argument("--json", action="store_true")


def answers(options: dict[str, Any]) -> tuple[Client, dt.date, dt.datetime | None]:
    """The client, the day and the moment; what was sealed by that moment is final from here on.

    Raises CommandError for a client or a day that there is not, and for a moment that has not been.
    """
    return client_of(options["client"]), day_of(options["as_of"]), moment_of(options["known_at"])


def client_of(code: str) -> Client:
    """The client of a code. Raises CommandError for one that there is not."""
    client = Client.objects.filter(code=code.upper()).first()
    if client is None:
        raise CommandError(f"There is no client {code}.")
    return client


def day_of(told: str) -> dt.date:
    """A day as it was typed. Raises CommandError for anything else."""
    try:
        return clock.date_of(told)
    except ValueError as error:
        raise CommandError(f"{told!r} is not a date (YYYY-MM-DD).") from error


def moment_of(told: str | None) -> dt.datetime | None:
    """A moment that has been; None when none was given. Raises CommandError for one that lies ahead."""
    if told is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(told)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.RIYADH)
        audit.sealed_by(moment=moment)
    except ValueError as error:
        raise CommandError(f"{told!r} is not a moment that has been (2026-01-31T18:00).") from error
    return moment
