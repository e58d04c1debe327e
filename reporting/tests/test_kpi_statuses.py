"""Rolls of accounts beside the months of a real portfolio of credit cards: its statuses become instalments in the book,
and the matrix of each two months must be that of the statuses.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from clients.models import Client
from collections_app.models import LedgerEntry, Receivable
from common import clock
from common.audit import record
from common.db import analyze
from reporting.tests.test_kpis import kpis
from tests.world import ACTOR, make_client, place

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PL-34", "I-24")]

SAMPLE = Path(__file__).parent / "data" / "credit_uci" / "statuses.csv"
WHOLE = Path(settings.BASE_DIR).parent / "shared" / "data" / "credit-uci"
MONTHS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
BASE = dt.date(2005, 3, 31)
STATUS_OF = {
    "not_due": "0_or_less", "1-30": "1", "31-60": "2", "61-90": "3", "91-120": "4", "121-150": "5", "151+": "6+",
}  # fmt: skip


def end_of(month: int) -> dt.date:
    """The last day of a month of thirty days, the first being 1."""
    return BASE + dt.timedelta(days=30 * month)


@dataclass(frozen=True)
class Instalment:
    """What is due in the middle of a month, and the days on which it was paid and owed again in turn."""

    ref: str
    account: str
    due_on: dt.date
    turns: tuple[dt.date, ...]


def instalments(account: str, late: list[int]) -> Iterable[Instalment]:
    """Instalments by which an account is that many months late at the end of each month: the oldest that is open then
    fell due so long ago. An account may fall two months late at once; what it had paid is then owed again.
    """
    lates = dict(enumerate(late, start=1))
    oldest: dict[int, list[int]] = {}
    for month, n in lates.items():
        if n:
            oldest.setdefault(month - n + 1, []).append(month)
    for k, months in oldest.items():

        def hidden(month: int, k: int = k) -> bool:
            """It may be open then: not due yet, or beside an older one."""
            return month < k or month - k + 1 <= lates[month]

        turns, is_open = list[dt.date](), True
        if not all(hidden(month) for month in range(1, months[0])):
            turns, is_open = [end_of(k) - dt.timedelta(days=15)], False
        for month in range(months[0], 7):
            if is_open != (month in months) and not (is_open and hidden(month)):
                turns.append(end_of(month) - dt.timedelta(days=5))
                is_open = not is_open
        yield Instalment(f"{account}-{k}", account, end_of(k) - dt.timedelta(days=15), tuple(turns))


def booked(accounts: dict[str, list[int]]) -> Client:
    """The book in which each account has these statuses."""
    client = make_client("UCI")
    found = [one for account, late in accounts.items() for one in instalments(account, late)]
    month = dt.timedelta(days=30)
    rows = [
        # What is far from due keeps an account in the book while nothing is late.
        {"debtor_ref": account, "receivable_ref": f"{account}-far", "issued_on": BASE, "due_on": BASE + 50 * month}
        for account in accounts
    ] + [
        {
            "debtor_ref": one.account, "receivable_ref": one.ref, "issued_on": one.due_on - month, "due_on": one.due_on,
            "paid_on": one.turns[0] if one.turns else "",
        }
        for one in found
    ]  # fmt: skip
    place(client, [{"paid_on": "", **row, "amount": "100.00", "currency": "TWD"} for row in rows])
    # By the thousand, notes are written as their service would write them.
    ids = dict(Receivable.objects.filter(client=client).values_list("receivable_ref", "pk"))
    event = record(actor=ACTOR, action="ledger.notes", subject=client, client_id=client.pk, body={})
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            client=client, receivable_id=ids[one.ref], kind="CREDIT_NOTE" if number % 2 else "DEBIT_NOTE",
            amount=Decimal(-100 if number % 2 else 100), currency="TWD", effective_on=on, recorded_at=clock.now(),
            event_id=event.pk,
        )
        for one in found for number, on in enumerate(one.turns[1:])
    )  # fmt: skip
    analyze("collections_app_ledgerentry", "collections_app_receivable")
    return client


def statuses(path: Path) -> dict[str, list[int]]:
    with path.open(encoding="utf-8") as lines:
        return {f"U{row['ID']}": [max(int(row[month]), 0) for month in MONTHS] for row in csv.DictReader(lines)}


def label(late: int) -> str:
    return "0_or_less" if late == 0 else "6+" if late >= 6 else str(late)


def rolled(client: Client, month: int) -> Counter[tuple[str, str]]:
    """The matrix of accounts from the end of one month to that of the next, in words of status."""
    told = kpis(client, str(end_of(month)), str(end_of(month + 1)), "ROLL_ACCOUNTS")["ROLL_ACCOUNTS"]
    return Counter({(STATUS_OF[row["from_bucket"]], STATUS_OF[row["to_bucket"]]): row["count"] for row in told["rows"]})


def test_the_rolls_of_a_sample_of_accounts_are_those_of_their_statuses() -> None:
    accounts = statuses(SAMPLE)
    client = booked(accounts)
    for month in range(1, 6):
        expected = Counter((label(late[month - 1]), label(late[month])) for late in accounts.values())
        assert rolled(client, month) == expected, MONTHS[month]
        told = kpis(client, str(end_of(month)), str(end_of(month + 1)), "CURE_RATE", "ROLL_FORWARD", "ROLL_BACK")
        late = sum(count for (begun, _ended), count in expected.items() if begun != "0_or_less")
        cured = sum(count for (begun, ended), count in expected.items() if begun != "0_or_less" == ended)
        assert (told["CURE_RATE"]["numerator"], told["CURE_RATE"]["denominator"]) == (cured, late)
        depth = ["0_or_less", "1", "2", "3", "4", "5", "6+"].index
        forward = sum(count for (a, b), count in expected.items() if depth(b) > depth(a))
        back = sum(count for (a, b), count in expected.items() if depth(a) > depth(b) > 0)
        assert (told["ROLL_FORWARD"]["numerator"], told["ROLL_BACK"]["numerator"]) == (forward, back)


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole portfolio is not beside this checkout (../shared)")
def test_the_rolls_of_all_accounts_are_those_of_the_truth() -> None:
    accounts = statuses(WHOLE / "credit_card_clients_share.csv")
    client = booked(accounts)
    with (WHOLE / "truth_roll_months.csv").open(encoding="utf-8") as lines:
        truth: dict[str, Counter[tuple[str, str]]] = {}
        for row in csv.DictReader(lines):
            cells = truth.setdefault(row["from_month"], Counter())
            cells[row["from_status"], row["to_status"]] = int(row["clients"])
    assert list(truth) == list(MONTHS[:-1])
    for month in range(1, 6):
        assert rolled(client, month) == truth[MONTHS[month - 1]], MONTHS[month - 1]
