"""What a dispute may come to. Pure."""

from __future__ import annotations

import datetime as dt

from complaints.choices import CORRECTS, Correction, DisputeOutcome, ReplyStand

UPHELD, PARTLY = DisputeOutcome.UPHELD, DisputeOutcome.PARTLY
UNVERIFIABLE, REJECTED = DisputeOutcome.UNVERIFIABLE, DisputeOutcome.REJECTED


def outcomes_open(*, silent: bool, stand: str, has_documents: bool, has_evidence: bool) -> frozenset[DisputeOutcome]:
    """What may be decided on what lies there.

    Silence counts for the objector (CB-32). What the member stands by and proves stays unless an official document
    speaks against it (CB-35, right 22; I-13). What it stands by without a paper is not verified by that (4.4). An item
    that the member gives up is not kept.
    """
    if silent:
        return frozenset({UPHELD})
    if stand in {ReplyStand.WRONG, ReplyStand.PARTLY_WRONG}:
        return frozenset({UPHELD, PARTLY})
    if stand == ReplyStand.CANNOT_TELL:
        return frozenset({UNVERIFIABLE, UPHELD, PARTLY} if has_documents else {UNVERIFIABLE})
    if has_documents:
        return frozenset({UPHELD, PARTLY, UNVERIFIABLE, REJECTED})
    return frozenset({REJECTED} if has_evidence else {UNVERIFIABLE, REJECTED})


def corrections_open(*, outcome: str, by_committee: bool) -> frozenset[Correction]:
    """What may be done with the item: what is right in part is amended, not deleted; a rejection changes nothing."""
    if outcome == PARTLY and not by_committee:
        return frozenset({Correction.AMENDED})
    return frozenset(Correction) if outcome in CORRECTS or by_committee else frozenset()


def a_year_before(day: dt.date) -> dt.date:
    """The first day of the year before a filing: recipients since then are told (CB-39, CB-40)."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
