"""Anything may be told in any order: after every act the product says what an independent model says (CM-10 to CM-23).

Whether an order is taken or every reason against it, what uses the limit, and the stops. ``make test`` walks a few
lives, ``make credit`` many (CREDIT_EXAMPLES).
"""

from __future__ import annotations

import os
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from credit.models import CreditStop, Order
from credit.tests.lives import ACCOUNTS, TALLY, Base
from credit.tests.order_lives import OrderLife
from tests.measured import keep

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("CM-10", "CM-13", "CM-17", "CM-18", "CM-19", "CM-22", "CM-23"),
]

EXAMPLES = int(os.environ.get("CREDIT_EXAMPLES", "30"))
ACCOUNT = st.sampled_from(sorted(ACCOUNTS))
AMOUNT = st.sampled_from([Decimal(50), Decimal(100), Decimal(150)])
LIMIT = st.sampled_from([Decimal(0), Decimal(99), Decimal(150), Decimal(400)])
AGO = st.one_of(st.integers(0, 12), st.integers(0, 150))
AHEAD = st.sampled_from([0, 0, 1, 15])
INDEX = st.integers(0, 40)
NIGHT = st.tuples(st.just("night"), st.one_of(st.integers(1, 5), st.integers(10, 70)))
SELL = st.tuples(st.just("sell"), ACCOUNT, AGO, st.integers(5, 90), AMOUNT)
PAY = st.tuples(st.just("pay"), INDEX, AGO, st.booleans())
SIGNER = st.sampled_from(["owner", "owner", "owner", "buyer", "buyer", "keeper", ""])
WAY = st.sampled_from(["IN_PERSON", "IN_PERSON", "IN_PERSON", "FAX", "BARE_FAX"])
ORDER = st.tuples(
    st.just("order"), ACCOUNT, st.sampled_from(["CREDIT", "CREDIT", "CREDIT", "CASH"]),
    st.sampled_from(["small", "small", "room", "above", "large"]),
    st.one_of(st.just(0), st.just(0), st.integers(0, 8), st.integers(85, 95)), SIGNER, WAY,
)  # fmt: skip
TELL = st.tuples(
    st.just("tell"), INDEX, st.sampled_from(["whole", "half", "half", "more"]),
    st.sampled_from([False, False, True]), st.one_of(st.none(), st.none(), INDEX),
    st.booleans(),
)  # fmt: skip
# What is tolerated past its terms, and how much may be open and not past them; the source's rule among them.
POLICY = st.tuples(
    st.just("policy"), st.sampled_from([Decimal(0), Decimal(50), Decimal(50), Decimal("149.99"), None]),
    st.sampled_from([None, None, Decimal(60), Decimal(200)]), AHEAD,
)  # fmt: skip
ACTS = st.one_of(
    NIGHT, NIGHT, NIGHT, SELL, SELL, PAY, PAY, ORDER, ORDER, ORDER, ORDER, TELL, TELL,
    st.tuples(st.just("wait"), st.one_of(st.integers(1, 4), st.integers(5, 40))),
    st.tuples(st.just("note"), INDEX, AGO),
    st.tuples(st.just("reverse"), INDEX),
    st.tuples(st.just("object"), INDEX, AGO),
    st.tuples(st.just("decide"), INDEX, st.sampled_from(["ACCEPTED", "ACCEPTED", "REJECTED"])),
    st.tuples(st.just("release"), INDEX, st.integers(0, 20)),
    st.tuples(st.just("grant"), ACCOUNT, LIMIT, AHEAD),
    st.tuples(st.just("decrease"), ACCOUNT, LIMIT, AHEAD),
    st.tuples(st.just("sign"), ACCOUNT, st.sampled_from([20, 60]), st.booleans(),
              st.sampled_from(["NEW", "RENEWAL", "EXCEPTION", "EARLIER"])),
    POLICY, POLICY,
    st.tuples(st.just("end"), ACCOUNT, st.integers(0, 20)),
    st.tuples(st.just("again"), INDEX, st.booleans()),
    st.tuples(st.just("override"), INDEX),
    st.tuples(st.just("cancel"), INDEX),
    st.tuples(st.just("deliver"), INDEX, st.sampled_from([True, True, False])),
    st.tuples(st.just("suspend"), ACCOUNT, st.sampled_from(["SUSPENDED", "BREACH", "REFUSED_PROCEDURES"]),
              st.integers(0, 9)),
    st.tuples(st.just("free"), INDEX),
    st.tuples(st.just("close"), ACCOUNT),
    st.one_of(
        st.tuples(st.just("revoke"), ACCOUNT, st.sampled_from(["owner", "buyer"])),
        st.tuples(st.just("renew"), ACCOUNT, st.sampled_from(["SPECIMEN_SIGNATURE", "OFFICIAL_ID"])),
        st.tuples(st.just("by_hand"), ACCOUNT),
    ),
)  # fmt: skip
# What most lives need to come to anything: something owed, something sold on an order, something ordered.
FIRST_ACTS: list[tuple[Any, ...]] = [
    ("sell", "C-1", 50, 60, Decimal(100)),
    ("order", "C-2", "CREDIT", "small", 0, "owner", "IN_PERSON"),
    ("tell", 1, "whole", False, None, True),
    ("order", "C-3", "CREDIT", "small", 8, "owner", "IN_PERSON"),
    ("sell", "C-4", 10, 60, Decimal(50)),
]


def live(base: Base, acts: list[tuple[Any, ...]]) -> None:
    """One life, told on the base and rolled back."""
    with transaction.atomic():
        life = OrderLife(base)
        for act in FIRST_ACTS:
            life.do(act)
        life.check("at first")
        for at, act in enumerate(acts):
            try:
                life.do(act)
            except AssertionError as error:
                raise AssertionError(f"at the last of {acts[: at + 1]}: {error}") from error
            life.check(f"after {acts[: at + 1]}")
        TALLY.update(f"stop {kind} {end or 'stands'}" for kind, end in CreditStop.objects.values_list("kind", "end"))
        TALLY.update(f"at last {state}" for state in Order.objects.values_list("state", flat=True))
        TALLY.update({"lives": 1, "acts": len(acts)})
        transaction.set_rollback(True)


def test_whatever_is_told_in_whatever_order_the_answer_is_that_of_the_model() -> None:
    started, base = time.perf_counter(), Base()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize="CREDIT_EXAMPLES" not in os.environ,
    )  # fmt: skip
    @given(acts=st.lists(ACTS, min_size=12, max_size=36))
    def lives(acts: list[tuple[Any, ...]]) -> None:
        live(base, acts)

    lives()
    if "CREDIT_EXAMPLES" in os.environ:
        keep(
            "credit.jsonl", what="orders, stops and exposure beside their model", lives=TALLY["lives"],
            acts=TALLY["acts"], seconds=round(time.perf_counter() - started), tally=dict(sorted(TALLY.items())),
        )  # fmt: skip
    # The walk meets what it is for: orders taken and refused, invoiced, run out, and every kind of stop.
    for met in (
        "order ACCEPTED", "order REFUSED", "at last INVOICED", "at last EXPIRED", "at last CANCELLED",
        "because LIMIT_PASSED", "because NOT_DUE_PASSED", "asked OVERDUE", "asked EARLIER_DEBT", "stop DEFAULT stands",
        "tolerated",
    ):  # fmt: skip
        assert TALLY[met], f"no life met {met}"
