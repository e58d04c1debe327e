"""Reasons against an order, at both sides of each boundary: facts in, codes out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from credit.choices import CustomerKind, OrderChannel, PaperKind, StopKind
from credit.rules.order_words import REASONS, sentence_html, sentence_of
from credit.rules.orders import (
    NEVER_SET_ASIDE,
    OF_THE_GENERAL_MANAGER,
    ORDER_PAPERS,
    Ask,
    Facts,
    Overdue,
    Paper,
    Reason,
    Signatory,
    order_reasons,
)

D = dt.date(2026, 11, 30)
DAY = dt.timedelta(days=1)
PAPERS = tuple(
    Paper(kind=kind) for kind in dict.fromkeys([*ORDER_PAPERS[CustomerKind.CREDIT], *ORDER_PAPERS[CustomerKind.CASH]])
)
SIGNED = Signatory(scopes=frozenset({"ORDERS"}), valid_from=D - 9 * DAY, valid_until=D)
ASK = Ask(kind=CustomerKind.CREDIT, amount=Decimal(1_000), ordered_on=D, channel=OrderChannel.IN_PERSON)
CASH = replace(ASK, kind=CustomerKind.CASH)
FAX = replace(ASK, channel=OrderChannel.FAX, from_registered=True, has_original=True)
GOOD = Facts(
    on=D, account_kind=CustomerKind.CREDIT, agreed_on=D, limit=Decimal(10_000), limit_ends_on=D, signatory=SIGNED,
    invoices=Decimal(6_000), reserved=Decimal(3_000), papers=PAPERS, remote_since=D,
)  # fmt: skip

LATE = Overdue(receivable_ref="I-1", payable_on=D - DAY, amount=Decimal(50), count=2)


def codes(ask: Ask, **facts: Any) -> list[str]:
    return [reason.code for reason in order_reasons(ask=ask, facts=replace(GOOD, **facts))]


@pytest.mark.parametrize(
    ("ask", "facts", "expected"),
    [
        # The limit to the halala: 9,000 of 10,000 is used.
        (ASK, {}, []),
        (replace(ASK, amount=Decimal("1000.01")), {}, ["LIMIT_PASSED"]),
        (ASK, {"reserved": Decimal("3000.01")}, ["LIMIT_PASSED"]),
        (ASK, {"invoices": Decimal("6000.01")}, ["LIMIT_PASSED"]),
        (ASK, {"limit": Decimal("9999.99")}, ["LIMIT_PASSED"]),
        # What may be open and not due, with what is ordered, where the policy bounds it: 3,000 are reserved beside it.
        (ASK, {"not_due": Decimal(5_000), "not_due_most": Decimal(9_000)}, []),
        (ASK, {"not_due": Decimal("5000.01"), "not_due_most": Decimal(9_000)}, ["NOT_DUE_PASSED"]),
        (ASK, {"not_due": Decimal(0), "not_due_most": Decimal("3999.99")}, ["NOT_DUE_PASSED"]),
        (replace(ASK, amount=Decimal("1000.01")), {"not_due": Decimal(5_000), "not_due_most": Decimal(9_000)},
         ["LIMIT_PASSED", "NOT_DUE_PASSED"]),
        (CASH, {"not_due": Decimal(5_000), "not_due_most": Decimal(1)}, []),
        # Its year: the last day still counts (CM-09).
        (ASK, {"limit_ends_on": D - DAY}, ["LIMIT_ENDED"]),
        (ASK, {"limit": None, "limit_ends_on": None}, ["LIMIT_NONE"]),
        # The agreement.
        (ASK, {"agreed_on": D + DAY}, ["AGREEMENT_NONE"]),
        (ASK, {"agreed_on": None}, ["AGREEMENT_NONE"]),
        (ASK, {"agreement_ends_on": D}, []),
        (ASK, {"agreement_ends_on": D - DAY}, ["AGREEMENT_ENDED"]),
        (ASK, {"account_kind": CustomerKind.CASH}, ["ACCOUNT_CASH"]),
        (ASK, {"closed_on": D}, ["ACCOUNT_CLOSED"]),
        (ASK, {"closed_on": D + DAY}, []),
        # Stops, each of them; that of overdue invoices once.
        *((ASK, {"stops": ((kind, D),)}, [f"STOP_{kind}"]) for kind in StopKind.values),
        (
            ASK,
            {
                "stops": ((StopKind.OVERDUE, D), (StopKind.OVER_LIMIT, D)),
                "overdue": Overdue(receivable_ref="I-1", payable_on=D - DAY, amount=Decimal(5), count=1),
            },
            ["OVERDUE", "STOP_OVER_LIMIT"],
        ),
        # What is unpaid past its terms, of which the policy tolerates nothing, an amount, or whatever it is.
        (ASK, {"overdue": LATE}, ["OVERDUE"]),
        (ASK, {"overdue": LATE, "overdue_tolerated": Decimal("49.99")}, ["OVERDUE"]),
        (ASK, {"overdue": LATE, "overdue_tolerated": Decimal(50)}, []),
        (ASK, {"overdue": LATE, "overdue_tolerated": None}, []),
        # Tolerated today, and stopped as far as the book has come.
        (ASK, {"overdue": LATE, "overdue_tolerated": None, "stops": ((StopKind.OVERDUE, D),)}, ["STOP_OVERDUE"]),
        # Who signed (CM-22): the first and the last day of the power, what for, and up to which amount.
        (ASK, {"signatory": None}, ["SIGNATORY_NONE"]),
        (ASK, {"signatory": replace(SIGNED, valid_from=D)}, []),
        (ASK, {"signatory": replace(SIGNED, valid_from=D + DAY)}, ["SIGNATORY_NOT_BEGUN"]),
        (ASK, {"signatory": replace(SIGNED, valid_until=D - DAY)}, ["SIGNATORY_ENDED"]),
        (ASK, {"signatory": replace(SIGNED, revoked_on=D + DAY)}, []),
        (ASK, {"signatory": replace(SIGNED, revoked_on=D)}, ["SIGNATORY_REVOKED"]),
        (ASK, {"signatory": replace(SIGNED, scopes=frozenset({"RECEIPT"}))}, ["SIGNATORY_SCOPE"]),
        (ASK, {"signatory": replace(SIGNED, up_to=Decimal(1_000))}, []),
        (ASK, {"signatory": replace(SIGNED, up_to=Decimal("999.99"))}, ["SIGNATORY_AMOUNT"]),
        # An order dated back into a power that has ended meanwhile.
        (replace(ASK, ordered_on=D - 3 * DAY), {"signatory": replace(SIGNED, valid_until=D - DAY)},
         ["SIGNATORY_ENDED"]),
        # By fax (CM-19, CM-27).
        (FAX, {}, []),
        (FAX, {"remote_since": None}, ["REMOTE_TERMS"]),
        (FAX, {"remote_since": D + DAY}, ["REMOTE_TERMS"]),
        (FAX, {"remote_until": D + DAY}, []),
        (FAX, {"remote_until": D}, ["REMOTE_TERMS"]),
        (replace(FAX, from_registered=False), {}, ["REMOTE_ADDRESS"]),
        (replace(FAX, has_original=False), {}, ["REMOTE_ORIGINAL"]),
        (ASK, {"remote_since": None}, []),
        # Papers, until their last day; under a contract of before none is asked for.
        (ASK, {"papers": PAPERS[1:]}, ["PAPER_MISSING"]),
        (ASK, {"papers": tuple(replace(p, valid_until=D) for p in PAPERS)}, []),
        (ASK, {"papers": tuple(replace(p, valid_until=D - DAY) for p in PAPERS)}, ["PAPER_ENDED"] * 3),
        (ASK, {"papers": tuple(replace(p, valid_from=D + DAY) for p in PAPERS)}, ["PAPER_ENDED"] * 3),
        (ASK, {"papers": (), "is_earlier": True}, []),
        # For cash neither limit nor agreement nor stop is asked, but earlier debt (CM-18).
        (CASH, {"limit": None, "agreed_on": None, "stops": ((StopKind.DEFAULT, D),), "signatory": None}, []),
        (CASH, {"owes": True, "debt": Decimal(1)}, ["EARLIER_DEBT"]),
        (CASH, {"default_since": D}, ["EARLIER_DEFAULT"]),
        (CASH, {"papers": ()}, ["PAPER_MISSING"] * 3),
        (CASH, {"signatory": replace(SIGNED, revoked_on=D)}, ["SIGNATORY_REVOKED"]),
    ],
)  # fmt: skip
def test_reasons_at_both_sides_of_each_boundary(ask: Ask, facts: dict[str, Any], expected: list[str]) -> None:
    assert codes(ask, **facts) == expected


def test_every_reason_is_told_at_once() -> None:
    found = codes(
        replace(FAX, amount=Decimal(20_000), has_original=False),
        limit_ends_on=D - DAY,
        stops=((StopKind.BREACH, D), (StopKind.DEFAULT, D)),
        signatory=None,
        remote_since=None,
        papers=(),
    )
    assert found == [
        "LIMIT_ENDED", "LIMIT_PASSED", "STOP_BREACH", "STOP_DEFAULT", "SIGNATORY_NONE", "REMOTE_TERMS",
        "REMOTE_ORIGINAL", "PAPER_MISSING", "PAPER_MISSING", "PAPER_MISSING",
    ]  # fmt: skip


def test_the_days_overdue_count_from_the_last_day_of_the_terms() -> None:
    late = Overdue(receivable_ref="I-9", payable_on=D - 15 * DAY, amount=Decimal(750), count=2)
    (reason,) = order_reasons(ask=ASK, facts=replace(GOOD, overdue=late))
    assert reason.values == {"receivable": "I-9", "days": "15", "amount": "750.00"}


def test_every_code_has_words_with_all_its_values_in_both_languages() -> None:
    values = dict.fromkeys(
        ("on", "since", "amount", "limit", "invoices", "reserved", "room", "receivable", "days", "up_to", "most"),
        "7<b>",
    ) | {"paper": PaperKind.OFFICIAL_ID}
    stops = {f"STOP_{kind}" for kind in StopKind.values}
    assert stops <= set(REASONS) and set(REASONS) >= OF_THE_GENERAL_MANAGER | NEVER_SET_ASIDE
    assert not OF_THE_GENERAL_MANAGER & NEVER_SET_ASIDE
    for code in REASONS:
        reason = {"code": code, "values": values}
        with translation.override("ar"):
            arabic = sentence_of(reason)
        with translation.override("en"):
            english = sentence_of(reason)
        assert "%(" not in arabic + english and "<b>" not in sentence_html(reason)
        assert any("\u0600" <= letter <= "\u06ff" for letter in arabic), code


def test_a_reason_says_what_it_stands_on() -> None:
    (reason,) = order_reasons(ask=replace(ASK, amount=Decimal(1_500)), facts=GOOD)
    assert reason == Reason(
        code="LIMIT_PASSED",
        values={
            "amount": "1,500.00", "limit": "10,000.00", "invoices": "6,000.00", "reserved": "3,000.00",
            "room": "1,000.00",
        },
    )  # fmt: skip
